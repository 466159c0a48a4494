//! What a backslash makes of the characters behind it.

use super::lexer::Lexer;
use super::quoted::Form;

/// Which escapes a string has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    None,
    /// The backslash stands for itself but before a quote or a backslash.
    Quotes,
    /// As in C, with `\u` and `\x`.
    All,
    /// The same, with decimal codes (Lua).
    Decimal,
    /// The same, but an escape that is not known keeps its backslash (Python, PHP).
    Kept,
}

impl Lexer<'_> {
    /// Decodes the escape that begins here.
    pub(super) fn escape(&mut self, form: Form<'_>, text: &mut String) {
        self.at += 1;
        let Some(c) = self.skip_char() else {
            text.push('\\');
            return;
        };
        let delimits = form.close.starts_with(c) || form.nests.is_some_and(|open| c == char::from(open));
        if c == '\\' || (delimits && !c.is_alphanumeric()) {
            text.push(c);
            return;
        }
        if form.escapes == Escapes::Quotes {
            text.push('\\');
            text.push(c);
            return;
        }
        match c {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'a' => text.push('\u{7}'),
            'e' => text.push('\u{1b}'),
            'f' => text.push('\u{c}'),
            'v' => text.push('\u{b}'),
            'z' if form.escapes == Escapes::Decimal => {
                let rest = self.rest();
                self.at += rest.len() - rest.trim_start().len();
            }
            '\n' => {}
            'x' => self.code(16, 2, text),
            'u' => self.code(16, 4, text),
            'U' => self.code(16, 8, text),
            '0'..='9' if form.escapes == Escapes::Decimal => {
                self.at -= 1;
                self.code(10, 3, text);
            }
            '0'..='7' => {
                self.at -= 1;
                self.code(8, 3, text);
            }
            '\'' | '"' => text.push(c),
            _ if form.escapes == Escapes::Kept => {
                text.push('\\');
                text.push(c);
            }
            other => text.push(other),
        }
    }

    /// Decodes a character's number: up to `digits` digits, or as many as stand in braces.
    fn code(&mut self, radix: u32, digits: usize, text: &mut String) {
        let rest = self.rest();
        let (skip, inner) =
            match rest.strip_prefix('{').and_then(|tail| tail.find('}').filter(|end| *end < 16)) {
                Some(end) => (end + 2, &rest[1..=end]),
                None => {
                    let length =
                        rest.bytes().take(digits).take_while(|c| char::from(*c).is_digit(radix)).count();
                    (length, &rest[..length])
                }
            };
        match u32::from_str_radix(inner, radix).ok().and_then(char::from_u32) {
            Some(c) => text.push(c),
            None => text.push('\u{fffd}'),
        }
        self.at += skip;
    }
}
