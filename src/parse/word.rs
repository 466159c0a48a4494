//! Words: quotes, escapes, and the places where expansions begin.
//!
//! Everything that is made of parts (a word, the inside of double quotes, the operand of `${…}`,
//! an arithmetic expression, the body of a here-document) is read by one loop. A [`Mode`] says
//! which characters mean something there and which of them end it.

use super::Dialect;
use super::ansi;
use super::gap::GapKind;
use super::mode::Mode;
use super::reader::Reader;
use super::script::{Part, Script, Word};

impl Reader<'_> {
    /// Returns how an ordinary word is read here.
    pub(super) fn word_mode(&self) -> Mode {
        if self.dialect == Dialect::Zsh { Mode::ZSH_WORD } else { Mode::WORD }
    }

    /// Reads the word that stands here, if one does.
    pub(super) fn word(&mut self, mode: Mode) -> Option<Word> {
        self.peek();
        let start = self.at;
        let word = self.word_from(start, Vec::new(), mode);
        (self.at > start).then_some(word)
    }

    /// Reads on in a word that began at `start` and has `parts` so far.
    pub(super) fn word_from(&mut self, start: usize, mut parts: Vec<Part>, mode: Mode) -> Word {
        self.parts(mode, &mut parts);
        Word { parts, span: self.span(start, self.at) }
    }

    /// Reads everything up to what ends it in `mode`, which may be nothing at all.
    pub(super) fn operand(&mut self, mode: Mode) -> Word {
        let start = self.at;
        self.nested(|reader| reader.word_from(start, Vec::new(), mode))
    }

    /// Reads parts until one of the characters that end them in `mode`.
    pub(super) fn parts(&mut self, mode: Mode, parts: &mut Vec<Part>) {
        let mut open = 0_usize;
        loop {
            self.plain_run(mode, parts);
            let Some(byte) = self.peek() else { return };
            if !mode.cares_for(byte) {
                continue;
            }
            match byte {
                b'\\' => self.escape(mode, parts),
                b'\'' if mode.quotes_text => self.apostrophes(mode, parts),
                b'\'' => self.single_quoted(parts),
                b'"' if !mode.ends_at(byte, 0) => self.double_quoted(parts),
                b'$' => self.dollar(mode, parts),
                b'`' => self.backticks(mode, parts),
                b'<' | b'>' if mode.is_word() && self.peek_second() == Some(b'(') => {
                    self.process(byte == b'<', parts);
                }
                b'<' if mode.is_word() && self.numeric_glob(self.at) > 0 => {
                    self.text_of(self.numeric_glob(self.at), mode, parts);
                }
                b'(' if mode.is_word() && self.continues_with_parenthesis(parts) => {
                    self.parenthesis(mode, parts);
                }
                b'\n' if mode.strips_tabs() => {
                    self.literal(mode, parts);
                    self.skip_tabs();
                }
                b'}' if mode.is_word() && open == 0 && !self.ends_word(self.at + 1) => {
                    self.literal(mode, parts);
                }
                b'(' | b'[' | b'{' if mode.nests(byte) => {
                    open += 1;
                    self.literal(mode, parts);
                }
                b')' | b']' | b'}' if mode.nests(byte) && open > 0 => {
                    open -= 1;
                    self.literal(mode, parts);
                }
                _ if mode.ends_at(byte, open) => return,
                _ => self.literal(mode, parts),
            }
        }
    }

    /// Returns whether what stands at `at` ends a word.
    fn ends_word(&self, at: usize) -> bool {
        let next = self.byte(self.past_continuations(at));
        next.is_none_or(|byte| Mode::WORD.ends_at(byte, 0))
    }

    /// Reads the characters up to the next that means something in `mode`.
    fn plain_run(&mut self, mode: Mode, parts: &mut Vec<Part>) {
        let rest = self.rest();
        let length = rest.bytes().position(|byte| mode.cares_for(byte)).unwrap_or(rest.len());
        if length > 0 {
            self.text_of(length, mode, parts);
        }
    }

    pub(super) fn skip_tabs(&mut self) {
        while self.byte(self.at) == Some(b'\t') {
            self.at += 1;
        }
    }

    /// Reads one character that stands for itself after all.
    fn literal(&mut self, mode: Mode, parts: &mut Vec<Part>) {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        self.text_of(length, mode, parts);
    }

    /// Reads `length` bytes that stand for themselves.
    fn text_of(&mut self, length: usize, mode: Mode, parts: &mut Vec<Part>) {
        push_text(parts, &self.rest()[..length], mode.quotes_text);
        self.at += length;
    }

    fn escape(&mut self, mode: Mode, parts: &mut Vec<Part>) {
        let Some(escaped) = self.rest()[1..].chars().next() else {
            // The very last character; zsh drops it.
            return if self.dialect == Dialect::Zsh { self.at += 1 } else { self.literal(mode, parts) };
        };
        if !mode.escapes(escaped) {
            return self.literal(mode, parts);
        }
        push_text(parts, &self.rest()[1..=escaped.len_utf8()], mode.quotes_escaped());
        self.at += 1 + escaped.len_utf8();
    }

    fn single_quoted(&mut self, parts: &mut Vec<Part>) {
        self.at += 1;
        let rest = self.rest();
        let close = rest.find('\'');
        push_text(parts, &rest[..close.unwrap_or(rest.len())], true);
        self.close_quote(close, b'\'');
    }

    /// Steps behind the quote that closes after `close` bytes, or to the end where none does.
    fn close_quote(&mut self, close: Option<usize>, quote: u8) {
        if let Some(length) = close {
            self.at += length + 1;
        } else {
            self.at = self.end;
            self.fail(GapKind::Syntax, format!("a {} is not closed", char::from(quote)));
        }
    }

    /// Reads an apostrophe between double quotes: text, and in bash the text up to its pair.
    fn apostrophes(&mut self, mode: Mode, parts: &mut Vec<Part>) {
        self.literal(mode, parts);
        if self.dialect != Dialect::Bash {
            return;
        }
        let Some(length) = self.rest().find('\'') else {
            self.at = self.end;
            return self.close_quote(None, b'\'');
        };
        let close = self.at + length;
        let outer = std::mem::replace(&mut self.end, close);
        self.parts(Mode::APOSTROPHES, parts);
        self.forgive(outer);
        self.at = close;
        self.literal(mode, parts);
    }

    fn double_quoted(&mut self, parts: &mut Vec<Part>) {
        self.at += 1;
        let before = parts.len();
        self.parts(Mode::DOUBLE, parts);
        if parts.len() == before {
            // An empty text keeps `""` apart from nothing at all.
            push_text(parts, "", true);
        }
        if !self.eat(b'"') {
            self.close_quote(None, b'"');
        }
    }

    /// Reads `$'…'` from its apostrophe on.
    pub(super) fn ansi_quoted(&mut self, parts: &mut Vec<Part>) {
        self.at += 1;
        let rest = self.rest();
        let close = unescaped(rest, b'\'');
        if self.dialect == Dialect::Posix && close != rest.find('\'') {
            // dash knows no `$'…'`: for it the quotes end at the first apostrophe.
            self.gap(GapKind::Syntax, self.at..self.at, "shells disagree on where these quotes end");
        }
        push_text(parts, &ansi::decode(&rest[..close.unwrap_or(rest.len())], self.dialect), true);
        self.close_quote(close, b'\'');
    }

    /// Reads `` `…` ``. A backslash inside quotes the next `` ` ``, `\` or `$` for this level, so a
    /// body with backslashes is a text of its own.
    pub(super) fn backticks(&mut self, mode: Mode, parts: &mut Vec<Part>) {
        let quoted = mode.quotes_expansions;
        let start = self.at;
        self.at += 1;
        let rest = self.rest();
        let close = unescaped(rest, b'`');
        let body = &rest[..close.unwrap_or(rest.len())];
        let body_end = self.at + body.len();
        let script = if body.contains('\\') {
            let origin = self.span(start, body_end);
            let body = without_escapes(body, if mode.quotes_text { "$`\\\"" } else { "$`\\" });
            self.nested(|reader| reader.read_derived(&body, origin, |inner| inner.script()))
        } else {
            self.nested(|reader| reader.script_until(body_end))
        };
        parts.push(Part::Command { script, quoted });
        if !self.failed {
            self.at = body_end;
            self.close_quote(close.map(|_| 0), b'`');
        }
    }

    /// Reads what stands before `end` as a script of its own.
    fn script_until(&mut self, end: usize) -> Script {
        let outer = std::mem::replace(&mut self.end, end);
        let awaited = std::mem::take(&mut self.awaited);
        let script = self.script();
        self.awaited = awaited;
        self.end = outer;
        script
    }

    /// Reads `<( … )`, `>( … )` or zsh's `=( … )`.
    fn process(&mut self, input: bool, parts: &mut Vec<Part>) {
        self.at = self.past_continuations(self.at + 1) + 1;
        let script = self.substituted();
        parts.push(Part::Process { script, input });
    }

    /// Returns whether the `(` here belongs to the word that has `parts` so far.
    fn continues_with_parenthesis(&self, parts: &[Part]) -> bool {
        if parts.is_empty() {
            return false;
        }
        match self.bytes()[self.at - 1] {
            b'?' | b'*' | b'+' | b'@' | b'!' | b'=' => true,
            // In zsh every other `(` in a word is a glob's, but for that of `name()`.
            _ => self.dialect == Dialect::Zsh && self.peek_second() != Some(b')'),
        }
    }

    /// Reads what stands between parentheses inside a word: the elements of an array, zsh's
    /// `=( … )`, or the branches of a glob.
    fn parenthesis(&mut self, mode: Mode, parts: &mut Vec<Part>) {
        if self.bytes()[self.at - 1] != b'=' {
            return self.glob_group(mode, parts);
        }
        if self.dialect == Dialect::Zsh && matches!(&**parts, [Part::Text { text, .. }] if text == "=") {
            parts.clear();
            self.at -= 1;
            return self.process(true, parts);
        }
        let elements = self.array();
        parts.push(Part::Array(elements));
    }

    /// Returns the length of zsh's `<1-9>`, which is a glob, if it stands at `at`.
    pub(super) fn numeric_glob(&self, at: usize) -> usize {
        let is_digit = |byte: &u8| byte.is_ascii_digit();
        let rest = self.bytes()[at..self.end].strip_prefix(b"<").unwrap_or_default();
        let low = rest.iter().take_while(|byte| is_digit(byte)).count();
        let Some(behind) = rest[low..].strip_prefix(b"-") else { return 0 };
        let high = behind.iter().take_while(|byte| is_digit(byte)).count();
        let is_glob = self.dialect == Dialect::Zsh && behind.get(high) == Some(&b'>');
        if is_glob { low + high + 3 } else { 0 }
    }

    /// Reads `( … )` as the branches of a glob.
    pub(super) fn glob_group(&mut self, mode: Mode, parts: &mut Vec<Part>) {
        self.literal(mode, parts);
        self.nested(|reader| reader.parts(Mode::GLOB, parts));
        if self.peek() == Some(b')') {
            self.literal(mode, parts);
        } else {
            self.missing(")");
        }
    }
}

/// Returns whether `word` does more than stand for its text.
pub(super) fn expands(word: &Word) -> bool {
    word.parts.iter().any(|part| !matches!(part, Part::Text { .. }))
}

/// Adds `text` to `parts`, to the last one if that is text of the same kind.
pub(super) fn push_text(parts: &mut Vec<Part>, text: &str, quoted: bool) {
    // A shell drops zero bytes; they were reported once for the whole text.
    if text.contains('\0') {
        return push_text(parts, &text.replace('\0', ""), quoted);
    }
    match parts.last_mut() {
        Some(Part::Text { text: last, quoted: like }) if *like == quoted => last.push_str(text),
        _ => {
            // Most words are one text, and room for more parts than that takes time to set up.
            parts.reserve_exact(usize::from(parts.is_empty()));
            parts.push(Part::Text { text: text.to_owned(), quoted });
        }
    }
}

/// Returns the place of the first `close` in `text` without a backslash before it.
fn unescaped(text: &str, close: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text.as_bytes().get(at..)?.iter().position(|byte| [close, b'\\'].contains(byte))?;
        if text.as_bytes()[at] == close {
            return Some(at);
        }
        at += 2;
    }
}

/// Returns `text` without the backslashes that stand before one of `characters`.
fn without_escapes(text: &str, characters: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            result.push(c);
            continue;
        }
        let escaped = rest.next();
        if !escaped.is_some_and(|escaped| characters.contains(escaped)) {
            result.push(c);
        }
        result.extend(escaped);
    }
    result
}
