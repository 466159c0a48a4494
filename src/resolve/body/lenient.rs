//! JSON as people and shells write it.

use serde_json::{Map, Number, Value};

use crate::unknown::is_known;

/// How deep values may be nested; what is deeper is left out.
const DEPTH: usize = 64;

/// Reads the first value of a text, or nothing if none begins there.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut reader = Reader { text, pos: 0 };
    reader.skip_blanks();
    reader.rest().starts_with(['{', '[', '"']).then(|| reader.value(DEPTH))
}

struct Reader<'a> {
    text: &'a str,
    pos: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.pos..]
    }

    fn next_is(&self, c: char) -> bool {
        self.rest().starts_with(c)
    }

    /// Skips blanks, comments and commas.
    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',').len();
            let comment = match &rest.as_bytes()[blank..] {
                [b'/', b'/', ..] => rest[blank..].find('\n').unwrap_or(rest.len() - blank),
                [b'/', b'*', ..] => rest[blank..].find("*/").map_or(rest.len() - blank, |len| len + 2),
                _ => 0,
            };
            self.pos += blank + comment;
            if comment == 0 {
                return;
            }
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        let rest = self.rest();
        match rest.chars().next() {
            Some('{') if depth > 0 => self.object(depth - 1),
            Some('[') if depth > 0 => self.array(depth - 1),
            Some(quote @ ('"' | '\'')) => Value::String(self.string(quote)),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut found = Map::new();
        self.pos += 1;
        while self.goes_on('}') {
            let name = match self.value(0) {
                Value::String(name) => name,
                other => other.to_string(),
            };
            self.skip_blanks();
            if self.next_is(':') {
                self.pos += 1;
                self.skip_blanks();
                let value = self.value(depth);
                found.insert(name, value);
            } else if !is_known(&name) {
                // The unknown stretch may hold whole fields.
                found.insert(name, Value::Null);
            }
        }
        Value::Object(found)
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut found = Vec::new();
        self.pos += 1;
        while self.goes_on(']') {
            found.push(self.value(depth));
        }
        Value::Array(found)
    }

    /// Returns whether there is more before `end`; takes `end` if there is not.
    fn goes_on(&mut self, end: char) -> bool {
        self.skip_blanks();
        if self.next_is(end) {
            self.pos += 1;
            return false;
        }
        !self.rest().is_empty()
    }

    /// Reads a string to its quote or the end of the text.
    fn string(&mut self, quote: char) -> String {
        let mut out = String::new();
        let mut chars = self.rest().char_indices();
        chars.next();
        let mut end = self.text.len() - self.pos;
        while let Some((at, c)) = chars.next() {
            match c {
                _ if c == quote => {
                    end = at + 1;
                    break;
                }
                '\\' => match chars.next() {
                    Some((at, 'u')) => {
                        let (decoded, len) = unicode(&self.rest()[at + 1..]);
                        out.extend(decoded);
                        chars.by_ref().take(len).for_each(drop);
                    }
                    Some((_, escaped)) => out.push(unescaped(escaped)),
                    None => {}
                },
                _ => out.push(c),
            }
        }
        self.pos += end;
        out
    }

    /// Reads what stands bare: a number, a keyword, or text with marks, which becomes a string.
    fn word(&mut self) -> Value {
        let rest = self.rest();
        let len = rest.find(|c: char| c.is_whitespace() || ",:{}[]\"".contains(c)).unwrap_or(rest.len());
        // A bracket too deep or too many is passed over.
        let len = if len == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { len };
        self.pos += len;
        match &rest[..len] {
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            "null" | "None" => Value::Null,
            word => word.parse::<Number>().map_or_else(|_| Value::String(word.to_owned()), Value::Number),
        }
    }
}

fn unescaped(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    }
}

/// Decodes what follows `\u`, with the second half of a pair, and returns how many characters it took.
fn unicode(text: &str) -> (Option<char>, usize) {
    let unit = |text: &str| text.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let Some(first) = unit(text) else { return (Some('u'), 0) };
    if let Some(second) = text[4..].strip_prefix("\\u").and_then(unit)
        && (0xD800..0xDC00).contains(&first)
        && (0xDC00..0xE000).contains(&second)
    {
        return (char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)), 10);
    }
    (Some(char::from_u32(first).unwrap_or('\u{FFFD}')), 4)
}
