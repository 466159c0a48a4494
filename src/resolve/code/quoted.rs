//! Strings of every language: which one begins here, where it ends, what it interpolates.

use super::escapes::Escapes;
use super::heredoc::{MAX_SEARCHES, VAIN};
use super::language::Language;
use super::lexer::{Gap, Kind, Lexer, Piece};

/// How far a subscript in a string (`"$x->{name}"`) is looked for.
const MAX_SUBSCRIPT: usize = 80;

/// How the inside of a string is read.
#[derive(Clone, Copy)]
pub(super) struct Form<'a> {
    /// What ends it; nothing where it reaches to the lexer's end.
    pub(super) close: &'a str,
    /// What opens a nested pair (`q{ { } }`).
    pub(super) nests: Option<u8>,
    pub(super) escapes: Escapes,
    inserts: Inserts,
    /// Whether it may reach over a line's end.
    lines: bool,
}

/// What a string interpolates.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inserts {
    None,
    /// `{code}`.
    Braces,
    /// `${code}`.
    Dollar,
    /// `#{code}`.
    Hash,
    /// `$name`, `@name`, `${name}`, `@{code}`.
    Perl,
    /// `$name`, `{$code}`, `${name}`.
    Php,
}

impl<'a> Form<'a> {
    /// A string without escapes and insertions that ends with `close`.
    const fn raw(close: &'a str) -> Self {
        Self { close, nests: None, escapes: Escapes::None, inserts: Inserts::None, lines: true }
    }

    /// A string on one line.
    const fn short(close: &'a str, escapes: Escapes) -> Self {
        Self { close, nests: None, escapes, inserts: Inserts::None, lines: false }
    }

    /// A here-document, which the lexer's end ends.
    pub(super) fn document(language: Language, raw: bool) -> Self {
        let inserts = match language {
            _ if raw => Inserts::None,
            Language::Ruby => Inserts::Hash,
            Language::Php => Inserts::Php,
            _ => Inserts::Perl,
        };
        Self::long("", if raw { Escapes::None } else { Escapes::All }, inserts)
    }

    /// A string that may have many lines.
    const fn long(close: &'a str, escapes: Escapes, inserts: Inserts) -> Self {
        Self { close, nests: None, escapes, inserts, lines: true }
    }
}

impl<'a> Lexer<'a> {
    /// Reads a string or a regular expression, if one begins here.
    pub(super) fn quoted(&mut self) -> bool {
        let Some(byte) = self.byte(0) else { return false };
        match self.syntax.language {
            Language::Python => self.python(byte),
            Language::JavaScript => match byte {
                b'\'' => self.text(1, Form::short("'", Escapes::All)),
                b'"' => self.text(1, Form::short("\"", Escapes::All)),
                b'`' => {
                    self.string(1, Form::long("`", Escapes::All, Inserts::Dollar), Kind::Template);
                    true
                }
                b'/' => self.regex(),
                _ => false,
            },
            Language::Ruby => self.ruby(byte),
            Language::Perl => self.perl(byte),
            Language::Php => match byte {
                b'\'' => self.text(1, Form::long("'", Escapes::Quotes, Inserts::None)),
                b'"' => self.text(1, Form::long("\"", Escapes::Kept, Inserts::Php)),
                b'`' => self.shell(1, Form::long("`", Escapes::Kept, Inserts::Php)),
                b'<' if self.rest().starts_with("<<<") => self.heredoc(3),
                _ => false,
            },
            Language::Go => match byte {
                b'\'' => self.text(1, Form::short("'", Escapes::All)),
                b'"' => self.text(1, Form::short("\"", Escapes::All)),
                b'`' => self.text(1, Form::raw("`")),
                _ => false,
            },
            Language::Awk => match byte {
                b'"' => self.text(1, Form::short("\"", Escapes::Kept)),
                b'/' => self.regex(),
                _ => false,
            },
            Language::Lua => match byte {
                b'\'' => self.text(1, Form::short("'", Escapes::Decimal)),
                b'"' => self.text(1, Form::short("\"", Escapes::Decimal)),
                b'[' => match long_bracket(self.rest()) {
                    Some((open, close)) => self.text(open, Form::raw(&close)),
                    None => false,
                },
                _ => false,
            },
            Language::R => self.r(byte),
            Language::PowerShell | Language::Sed => false,
        }
    }

    /// Reads a string whose opening is `open` bytes long and adds it as `kind`.
    fn string(&mut self, open: usize, form: Form<'_>, kind: fn(Vec<Piece<'a>>) -> Kind<'a>) {
        let start = self.at;
        self.at += open;
        let pieces = self.pieces(form);
        self.push(start, kind(pieces));
    }

    fn text(&mut self, open: usize, form: Form<'_>) -> bool {
        self.string(open, form, Kind::Text);
        true
    }

    fn shell(&mut self, open: usize, form: Form<'_>) -> bool {
        self.string(open, form, Kind::Shell);
        true
    }

    fn python(&mut self, byte: u8) -> bool {
        let prefix = if byte.is_ascii_alphabetic() {
            self.rest().bytes().take_while(u8::is_ascii_alphabetic).take(3).count()
        } else {
            0
        };
        let letters = &self.rest()[..prefix];
        if prefix > 2 || !letters.bytes().all(|c| b"rRbBfFuUtT".contains(&c)) {
            return false;
        }
        let tail = &self.rest()[prefix..];
        let Some(quote) = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quote| tail.starts_with(quote))
        else {
            return false;
        };
        let has = |letter: u8| letters.bytes().any(|c| c.eq_ignore_ascii_case(&letter));
        let form = Form {
            close: quote,
            nests: None,
            escapes: if has(b'r') { Escapes::Quotes } else { Escapes::Kept },
            inserts: if has(b'f') || has(b't') { Inserts::Braces } else { Inserts::None },
            lines: quote.len() == 3,
        };
        self.text(prefix + quote.len(), form)
    }

    fn ruby(&mut self, byte: u8) -> bool {
        match byte {
            b'\'' => self.text(1, Form::long("'", Escapes::Quotes, Inserts::None)),
            b'"' => self.text(1, Form::long("\"", Escapes::All, Inserts::Hash)),
            b'`' => self.shell(1, Form::long("`", Escapes::All, Inserts::Hash)),
            b'/' => self.regex(),
            b'<' if self.rest().starts_with("<<") => self.heredoc(2),
            b':' if self.gap != Gap::None || !self.value_before() => self.symbol(),
            b'%' if !self.value_before() || self.gap != Gap::None => self.percent(),
            _ => false,
        }
    }

    /// Reads `:name` or `:"name"`.
    fn symbol(&mut self) -> bool {
        if self.byte(1) == Some(b'"') {
            return self.text(2, Form::long("\"", Escapes::All, Inserts::Hash));
        }
        if !self.name_at(1) {
            return false;
        }
        let start = self.at;
        self.at += 1;
        self.skip_name();
        let name = self.text[start + 1..self.at].to_owned();
        self.push(start, Kind::Text(vec![Piece::Text(name)]));
        true
    }

    /// Reads Ruby's `%q( )`, `%w[ ]`, `%x( )` and their like.
    fn percent(&mut self) -> bool {
        let letter = self.byte(1).filter(u8::is_ascii_alphabetic);
        let open = 1 + usize::from(letter.is_some());
        let Some(delimiter) = self.byte(open) else { return false };
        let fits = if letter.is_some() {
            delimiter.is_ascii_punctuation() && !matches!(delimiter, b';' | b',' | b')' | b'=')
        } else {
            matches!(delimiter, b'(' | b'[' | b'{' | b'|' | b'!')
        };
        if !fits {
            return false;
        }
        let inserts = Inserts::Hash;
        match letter {
            None | Some(b'Q') => self.delimited(open, Escapes::All, inserts, Kind::Text),
            Some(b'q' | b's') => self.delimited(open, Escapes::Quotes, Inserts::None, Kind::Text),
            Some(b'x') => self.delimited(open, Escapes::All, inserts, Kind::Shell),
            Some(b'r') => self.delimited(open, Escapes::Quotes, inserts, Kind::Regex),
            Some(b'w' | b'W' | b'i' | b'I') => self.word_list(open),
            _ => false,
        }
    }

    /// Reads a string between delimiters of the writer's choice, the first `open` bytes from here.
    fn delimited(
        &mut self,
        open: usize,
        escapes: Escapes,
        inserts: Inserts,
        kind: fn(Vec<Piece<'a>>) -> Kind<'a>,
    ) -> bool {
        let Some((close, nests, length)) = self.delimiter(open) else { return false };
        // A single quote as the delimiter turns interpolation off (Perl).
        let inserts = if close == "'" { Inserts::None } else { inserts };
        self.string(open + length, Form { close, nests, escapes, inserts, lines: true }, kind);
        true
    }

    /// Returns what closes the delimiter `offset` bytes from here, what nests, and its length.
    fn delimiter(&self, offset: usize) -> Option<(&'a str, Option<u8>, usize)> {
        let tail = self.text.get(self.at + offset..self.end)?;
        let first = tail.chars().next()?;
        Some(match first {
            '(' => (")", Some(b'('), 1),
            '[' => ("]", Some(b'['), 1),
            '{' => ("}", Some(b'{'), 1),
            '<' => (">", Some(b'<'), 1),
            other => (&tail[..other.len_utf8()], None, other.len_utf8()),
        })
    }

    /// Reads a list of words between delimiters.
    fn word_list(&mut self, open: usize) -> bool {
        let Some((close, _, length)) = self.delimiter(open) else { return false };
        let start = self.at;
        let body = start + open + length;
        let text = &self.text[body..self.end];
        let inner = text.find(close).map_or(text, |offset| &text[..offset]);
        self.at = (body + inner.len() + close.len()).min(self.end);
        self.push(start, Kind::Words(inner.split_whitespace().collect()));
        true
    }

    fn perl(&mut self, byte: u8) -> bool {
        match byte {
            b'\'' => self.text(1, Form::long("'", Escapes::Quotes, Inserts::None)),
            b'"' => self.text(1, Form::long("\"", Escapes::All, Inserts::Perl)),
            b'`' => self.shell(1, Form::long("`", Escapes::All, Inserts::Perl)),
            b'/' => self.regex(),
            b'<' if self.rest().starts_with("<<") => self.heredoc(2),
            b'<' => self.read_line(),
            b'a'..=b'z' => self.perl_operator(),
            _ => false,
        }
    }

    /// Reads Perl's `<FH>`, `<$fh>`, `<*.txt>`: lines or names that are not known.
    fn read_line(&mut self) -> bool {
        let tail = &self.rest()[1..];
        let length = tail.bytes().take(MAX_SUBSCRIPT).position(|c| {
            !(c.is_ascii_alphanumeric() || matches!(c, b'$' | b'*' | b'.' | b'/' | b'_' | b'~'))
        });
        let Some(length) = length.filter(|length| tail.as_bytes()[*length] == b'>') else { return false };
        if self.value_before() {
            return false;
        }
        let start = self.at;
        self.at += length + 2;
        self.push(start, Kind::Text(vec![Piece::Unknown]));
        true
    }

    /// Reads `q( )`, `qq{ }`, `qw[ ]`, `qx( )`, `m{ }`, `s/ / /`, `tr/ / /` and their like.
    fn perl_operator(&mut self) -> bool {
        let names = ["qq", "qw", "qx", "qr", "tr", "q", "m", "s", "y"];
        let Some(name) = names.into_iter().find(|name| self.rest().starts_with(name)) else { return false };
        let after = &self.rest()[name.len()..];
        let blank = after.len() - after.trim_start_matches([' ', '\t']).len();
        let Some(delimiter) = after[blank..].chars().next() else { return false };
        let word = delimiter.is_alphanumeric() || delimiter == '_';
        // `s => 1`, `{s}`, `->y(…)`, `y, …` are names.
        let brackets = matches!(delimiter, '(' | '[' | '{' | '<');
        let fits = brackets
            || !delimiter.is_whitespace() && !matches!(delimiter, ',' | ';' | ')' | '}' | '=' | '-' | '.');
        let spaced_fits = brackets || matches!(delimiter, '/' | '|' | '!' | '\'');
        // So is the `s` of the file test `-s $file`.
        let tests =
            self.gap == Gap::None && self.tokens.last().is_some_and(|last| last.is("-") || last.is("->"));
        if word || tests || !fits || (blank > 0 && !spaced_fits) {
            return false;
        }
        let open = name.len() + blank;
        match name {
            "q" => self.delimited(open, Escapes::Quotes, Inserts::None, Kind::Text),
            "qq" => self.delimited(open, Escapes::All, Inserts::Perl, Kind::Text),
            "qx" => self.delimited(open, Escapes::All, Inserts::Perl, Kind::Shell),
            "qw" => self.word_list(open),
            "m" | "qr" => {
                self.delimited(open, Escapes::Quotes, Inserts::None, Kind::Regex);
                self.skip_flags();
                true
            }
            _ => self.substitution(open, name == "s"),
        }
    }

    /// Reads `s/ / /` and `tr/ / /`; with the flag `e` the replacement is code.
    fn substitution(&mut self, open: usize, may_run: bool) -> bool {
        let form = |close, nests| Form { nests, ..Form::long(close, Escapes::Quotes, Inserts::None) };
        let Some((mut close, mut nests, length)) = self.delimiter(open) else { return false };
        let start = self.at;
        self.at += open + length;
        self.pieces(form(close, nests));
        if nests.is_some() {
            let blank = self.rest().len() - self.rest().trim_start().len();
            let Some(second) = self.delimiter(blank) else { return false };
            (close, nests) = (second.0, second.1);
            self.at += blank + second.2;
        }
        let body = self.at;
        self.pieces(form(close, nests));
        let body_end = self.at.saturating_sub(close.len()).max(body);
        let flags = self.skip_flags();
        let after = self.at;
        let mut pieces = Vec::new();
        if may_run && flags.contains('e') {
            self.at = body;
            pieces.push(self.nested(body_end, false));
            self.at = after;
        }
        self.push(start, Kind::Regex(pieces));
        true
    }

    /// Steps over the letters behind a regular expression.
    fn skip_flags(&mut self) -> &'a str {
        let start = self.at;
        while self.byte(0).is_some_and(|c| c.is_ascii_alphabetic()) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// Reads `/…/`, if it can be a regular expression here.
    fn regex(&mut self) -> bool {
        let language = self.syntax.language;
        let spaced = self.gap == Gap::Space && !matches!(self.byte(1), Some(b' ' | b'='));
        if self.value_before() && !(language == Language::Ruby && spaced) {
            return false;
        }
        if self.searches > MAX_SEARCHES {
            return false;
        }
        let Some(length) = regex_length(self.rest(), language) else {
            self.searches += VAIN;
            return false;
        };
        let start = self.at;
        let end = start + length;
        let mut pieces = Vec::new();
        if language == Language::Ruby {
            self.at += 1;
            pieces = self.pieces(Form::long("/", Escapes::Quotes, Inserts::Hash));
        }
        self.at = self.at.max(end);
        self.skip_flags();
        self.push(start, Kind::Regex(pieces));
        true
    }

    fn r(&mut self, byte: u8) -> bool {
        match byte {
            b'\'' => self.text(1, Form::long("'", Escapes::All, Inserts::None)),
            b'"' => self.text(1, Form::long("\"", Escapes::All, Inserts::None)),
            b'`' => {
                let start = self.at;
                let rest = &self.rest()[1..];
                let length = memchr::memchr(b'`', rest.as_bytes()).unwrap_or(rest.len());
                self.at = (start + length + 2).min(self.end);
                self.push(start, Kind::Word(&self.text[start + 1..start + 1 + length]));
                true
            }
            b'r' | b'R' if matches!(self.byte(1), Some(b'"' | b'\'')) => {
                let quote = &self.rest()[1..2];
                let dashes = self.rest()[2..].bytes().take_while(|c| *c == b'-').count();
                let closing = match self.byte(2 + dashes) {
                    Some(b'(') => ')',
                    Some(b'[') => ']',
                    Some(b'{') => '}',
                    _ => return false,
                };
                let close = format!("{closing}{}{quote}", "-".repeat(dashes));
                self.text(3 + dashes, Form::raw(&close))
            }
            _ => false,
        }
    }

    /// Reads a string's inside, up to and with what closes it.
    pub(super) fn pieces(&mut self, form: Form<'_>) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut nesting = 0_usize;
        while let Some(byte) = self.byte(0) {
            let closes = !form.close.is_empty() && self.rest().starts_with(form.close);
            if closes && nesting == 0 {
                self.at += form.close.len();
                break;
            }
            if byte == b'\n' && !form.lines {
                break;
            }
            if closes {
                nesting -= 1;
            } else if form.nests == Some(byte) {
                nesting += 1;
            }
            if byte == b'\\' && form.escapes != Escapes::None {
                self.escape(form, &mut text);
            } else if let Some(piece) = self.insertion(byte, form.inserts) {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(piece);
            } else if let Some(c) = self.skip_char() {
                text.push(c);
                // `{{` in a format string is one brace.
                if form.inserts == Inserts::Braces && matches!(c, '{' | '}') && self.byte(0) == Some(byte) {
                    self.at += 1;
                }
            }
        }
        if !text.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(text));
        }
        pieces
    }

    /// Reads what is interpolated here, if anything.
    fn insertion(&mut self, byte: u8, inserts: Inserts) -> Option<Piece<'a>> {
        let next = self.byte(1);
        let (skip, braced) = match (inserts, byte, next) {
            (Inserts::Braces, b'{', Some(next)) if next != b'{' => (1, true),
            (Inserts::Dollar, b'$', Some(b'{')) => (2, true),
            (Inserts::Hash, b'#', Some(b'{')) => (2, true),
            (Inserts::Hash, b'#', Some(b'@' | b'$')) => (1, false),
            (Inserts::Php, b'{', Some(b'$')) => (1, true),
            (Inserts::Perl, b'@', Some(b'{')) => (2, true),
            (Inserts::Perl | Inserts::Php, b'$', Some(b'{')) => return Some(self.braced_variable()),
            (Inserts::Perl, b'$' | b'@', _) if self.name_at(1) => (0, false),
            (Inserts::Perl, b'$', Some(b'0'..=b'9' | b'&')) => (0, false),
            (Inserts::Php, b'$', _) if self.name_at(1) => (0, false),
            _ => return None,
        };
        self.at += skip;
        let end = if braced { self.end } else { self.variable_end() };
        Some(self.nested(end, braced))
    }

    /// Reads `${name}` or `${ code }`.
    fn braced_variable(&mut self) -> Piece<'a> {
        let start = self.at + 2;
        let tail = &self.text[start..self.end];
        let name =
            tail.find(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(tail, |offset| &tail[..offset]);
        if !name.is_empty() && tail[name.len()..].starts_with('}') {
            self.at = start + name.len() + 1;
            return Piece::Variable(name);
        }
        self.at = start;
        self.nested(self.end, true)
    }

    /// Returns where the variable that begins here ends, with the subscripts that a string takes.
    fn variable_end(&mut self) -> usize {
        let start = self.at;
        self.at += 1;
        if self.byte(0).is_some_and(|c| matches!(c, b'&' | b'@' | b'$')) {
            self.at += 1;
        }
        self.skip_name();
        let php = self.syntax.language == Language::Php;
        loop {
            let arrow = if self.rest().starts_with("->") { 2 } else { 0 };
            let close = match self.byte(arrow) {
                Some(b'[') => b']',
                Some(b'{') if !php => b'}',
                _ if php && arrow > 0 && self.name_at(arrow) => {
                    self.at += arrow;
                    self.skip_name();
                    continue;
                }
                _ => break,
            };
            let window = self.rest().as_bytes();
            let window = &window[arrow..window.len().min(MAX_SUBSCRIPT)];
            match window.iter().position(|c| *c == close || *c == b'\n') {
                Some(length) if window[length] == close => self.at += arrow + length + 1,
                _ => break,
            }
        }
        std::mem::replace(&mut self.at, start)
    }
}

/// Returns how long the regular expression at the start of `text` is, up to its closing slash.
fn regex_length(text: &str, language: Language) -> Option<usize> {
    let many_lines = matches!(language, Language::Ruby | Language::Perl);
    let mut class = false;
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'\n' if !many_lines => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            // Only here may a slash stand in a character class.
            b'[' if language == Language::JavaScript => class = true,
            b']' => class = false,
            b'/' if !class => return Some(index + 1),
            _ => {}
        }
    }
    None
}

/// Returns how long Lua's `[[` or `[==[` at the start of `text` is, and what closes it.
pub(super) fn long_bracket(text: &str) -> Option<(usize, String)> {
    let level = text.strip_prefix('[')?.bytes().take_while(|c| *c == b'=').count();
    (text.as_bytes().get(level + 1) == Some(&b'[')).then(|| (level + 2, format!("]{}]", "=".repeat(level))))
}
