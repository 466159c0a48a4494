//! Words: quotes, escapes, and the places where expansions begin.
//!
//! Everything that is made of parts (a word, the inside of double quotes, the operand of `${…}`,
//! an arithmetic expression, the body of a here-document) is read by one loop. A [`Mode`] says
//! which characters mean something there and which of them end it.

use super::Dialect;
use super::ansi;
use super::gap::GapKind;
use super::reader::Reader;
use super::script::{Part, Script, Word};

/// What characters mean where parts are read.
#[derive(Clone, Copy)]
pub(super) struct Mode {
    /// The classes of characters that end the parts.
    stop: u16,
    /// The classes of characters that mean something without ending the parts.
    special: u16,
    /// The class of brackets that nest: a closing one ends the parts only when it was not opened.
    nests: u16,
    /// Which characters a backslash takes their meaning from.
    escapes: Escapes,
    /// Whether text counts as quoted.
    pub(super) quotes_text: bool,
    /// Whether expansions count as quoted.
    pub(super) quotes_expansions: bool,
}

#[derive(Clone, Copy)]
enum Escapes {
    All,
    Only(&'static str),
}

const BLANK: u16 = 1;
const NEWLINE: u16 = 1 << 1;
const OPERATOR: u16 = 1 << 2;
const ANGLE: u16 = 1 << 3;
const PAREN: u16 = 1 << 4;
const BRACKET: u16 = 1 << 5;
const BRACE: u16 = 1 << 6;
const SINGLE: u16 = 1 << 7;
const DOUBLE: u16 = 1 << 8;
const EXPANSION: u16 = 1 << 9;
const ESCAPE: u16 = 1 << 10;
const SLASH: u16 = 1 << 11;
const COLON: u16 = 1 << 12;

/// The class of each byte; those that never mean anything have none.
const CLASSES: [u16; 256] = {
    let mut classes = [0; 256];
    let table = [
        (b' ', BLANK),
        (b'\t', BLANK),
        (b'\n', NEWLINE),
        (b';', OPERATOR),
        (b'&', OPERATOR),
        (b'|', OPERATOR),
        (b'<', ANGLE),
        (b'>', ANGLE),
        (b'(', PAREN),
        (b')', PAREN),
        (b'[', BRACKET),
        (b']', BRACKET),
        (b'{', BRACE),
        (b'}', BRACE),
        (b'\'', SINGLE),
        (b'"', DOUBLE),
        (b'$', EXPANSION),
        (b'`', EXPANSION),
        (b'\\', ESCAPE),
        (b'/', SLASH),
        (b':', COLON),
    ];
    let mut row = 0;
    while row < table.len() {
        classes[table[row].0 as usize] = table[row].1;
        row += 1;
    }
    classes
};

impl Mode {
    /// An ordinary word.
    pub(super) const WORD: Self = Self {
        stop: BLANK | NEWLINE | OPERATOR | ANGLE | PAREN,
        special: SINGLE | DOUBLE | EXPANSION | ESCAPE,
        nests: 0,
        escapes: Escapes::All,
        quotes_text: false,
        quotes_expansions: false,
    };
    /// An ordinary word in zsh, where a last `}` that was not opened is not part of it.
    const ZSH_WORD: Self = Self { stop: Self::WORD.stop | BRACE, nests: BRACE, ..Self::WORD };
    /// Between double quotes.
    const DOUBLE: Self = Self {
        stop: DOUBLE,
        special: EXPANSION | ESCAPE,
        escapes: Escapes::Only("$`\"\\"),
        quotes_text: true,
        quotes_expansions: true,
        ..Self::WORD
    };
    /// The body of a here-document whose delimiter was not quoted.
    pub(super) const HERE: Self = Self {
        stop: 0,
        special: EXPANSION | ESCAPE,
        escapes: Escapes::Only("$`\\"),
        quotes_expansions: true,
        ..Self::WORD
    };
    /// The same behind `<<-`, where tabs at the start of a line go.
    pub(super) const HERE_INDENTED: Self = Self { special: Self::HERE.special | NEWLINE, ..Self::HERE };
    /// Between the apostrophes in `"${name-'…'}"`, which are text but pair up in bash.
    const APOSTROPHES: Self = Self { stop: 0, escapes: Escapes::Only("$`\"\\}"), ..Self::DOUBLE };
    /// Between `((` and `))`.
    pub(super) const ARITHMETIC: Self = Self { stop: PAREN, nests: PAREN, ..Self::WORD };
    /// Between `[` and `]`.
    pub(super) const SUBSCRIPT: Self = Self { stop: BRACKET, nests: BRACKET, ..Self::WORD };
    /// Between the parentheses of a glob: `@(a|b)`.
    const GLOB: Self = Self { stop: PAREN, nests: PAREN, ..Self::WORD };
    /// What stands behind `=~` in `[[ … ]]`.
    pub(super) const REGEX: Self =
        Self { stop: BLANK | NEWLINE | OPERATOR | PAREN, nests: PAREN, ..Self::WORD };
    /// The pattern in `${name#pattern}`, quoted or not.
    pub(super) const PATTERN: Self = Self { stop: BRACE, ..Self::WORD };
    /// The pattern in `${name/pattern/…}`.
    pub(super) const REPLACED: Self = Self { stop: BRACE | SLASH, ..Self::WORD };
    /// The offset in `${name:offset:…}`.
    pub(super) const OFFSET: Self = Self { stop: BRACE | COLON, nests: PAREN, ..Self::WORD };

    /// The operand in `${name:-operand}`, which takes on the quotes around the expansion.
    pub(super) const fn operand(self) -> Self {
        if self.quotes_expansions {
            Self {
                stop: BRACE,
                special: EXPANSION | ESCAPE | DOUBLE | SINGLE,
                escapes: Escapes::Only("$`\"\\}"),
                ..Self::DOUBLE
            }
        } else {
            Self::PATTERN
        }
    }

    /// This mode, where expansions are quoted as they are in `outer`.
    pub(super) const fn quoted_like(self, outer: Self) -> Self {
        Self { quotes_expansions: outer.quotes_expansions, ..self }
    }

    /// Whether `$'…'` and `$"…"` mean something.
    pub(super) const fn has_dollar_quotes(self) -> bool {
        self.special & SINGLE != 0 && !self.quotes_text
    }

    pub(super) fn cares_for(&self, byte: u8) -> bool {
        CLASSES[usize::from(byte)] & (self.stop | self.special | self.nests) != 0
    }

    /// Whether `byte` ends the parts while `open` brackets are open.
    fn ends_at(&self, byte: u8, open: usize) -> bool {
        let stops = CLASSES[usize::from(byte)] & self.stop != 0 && !matches!(byte, b'{' | b'[');
        stops && (open == 0 || byte == b'}' || self.is_word())
    }

    /// Whether this is an ordinary word, in which `<(`, `*(` and `=(` mean something.
    fn is_word(&self) -> bool {
        self.stop & ANGLE != 0
    }
}

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
        let start = self.at;
        let mut open = 0_usize;
        loop {
            self.plain_run(mode, parts);
            let Some(byte) = self.peek() else { return };
            if !mode.cares_for(byte) {
                continue;
            }
            let nests = CLASSES[usize::from(byte)] & mode.nests != 0;
            match byte {
                b'\\' => self.escape(mode, parts),
                b'\'' if mode.quotes_text => self.apostrophes(mode, parts),
                b'\'' => self.single_quoted(parts),
                b'"' if mode.stop & DOUBLE == 0 => self.double_quoted(parts),
                b'$' => self.dollar(mode, parts),
                b'`' => self.backticks(mode, parts),
                b'<' | b'>' if mode.is_word() && self.peek_second() == Some(b'(') => {
                    self.process(byte == b'<', parts);
                }
                b'(' if mode.is_word() && self.continues_with_parenthesis(start) => {
                    self.parenthesis(start, mode, parts);
                }
                b'\n' if mode.special & NEWLINE != 0 => {
                    self.literal(mode, parts);
                    self.skip_tabs();
                }
                b'}' if mode.is_word() && open == 0 && !self.ends_word(self.at + 1) => {
                    self.literal(mode, parts);
                }
                b'(' | b'[' | b'{' if nests => {
                    open += 1;
                    self.literal(mode, parts);
                }
                b')' | b']' | b'}' if nests && open > 0 => {
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
        next.is_none_or(|byte| CLASSES[usize::from(byte)] & Mode::WORD.stop != 0)
    }

    /// Reads the characters up to the next that means something in `mode`.
    fn plain_run(&mut self, mode: Mode, parts: &mut Vec<Part>) {
        let rest = self.rest();
        let length = rest.bytes().position(|byte| mode.cares_for(byte)).unwrap_or(rest.len());
        if length > 0 {
            push_text(parts, &rest[..length], mode.quotes_text);
            self.at += length;
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
        push_text(parts, &self.rest()[..length], mode.quotes_text);
        self.at += length;
    }

    fn escape(&mut self, mode: Mode, parts: &mut Vec<Part>) {
        let Some(escaped) = self.rest()[1..].chars().next() else {
            // The very last character; zsh drops it.
            return if self.dialect == Dialect::Zsh { self.at += 1 } else { self.literal(mode, parts) };
        };
        let is_escape = match mode.escapes {
            Escapes::All => true,
            Escapes::Only(characters) => characters.contains(escaped),
        };
        if !is_escape {
            return self.literal(mode, parts);
        }
        let quotes = mode.quotes_text || matches!(mode.escapes, Escapes::All);
        push_text(parts, &self.rest()[1..=escaped.len_utf8()], quotes);
        self.at += 1 + escaped.len_utf8();
    }

    fn single_quoted(&mut self, parts: &mut Vec<Part>) {
        self.at += 1;
        let rest = self.rest();
        let close = memchr::memchr(b'\'', rest.as_bytes());
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
        let Some(length) = memchr::memchr(b'\'', self.rest().as_bytes()) else {
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
        if self.dialect == Dialect::Posix && close != memchr::memchr(b'\'', rest.as_bytes()) {
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

    /// Returns whether the `(` here belongs to the word that began at `start`.
    fn continues_with_parenthesis(&self, start: usize) -> bool {
        if self.at == start {
            return false;
        }
        match self.bytes()[self.at - 1] {
            b'?' | b'*' | b'+' | b'@' | b'!' | b'=' => true,
            // In zsh every other `(` in a word is a glob's, but for that of `name()`.
            _ => self.dialect == Dialect::Zsh && self.peek_second() != Some(b')'),
        }
    }

    /// Reads what stands between parentheses inside a word that began at `start`: the elements of
    /// an array, zsh's `=( … )`, or the branches of a glob.
    fn parenthesis(&mut self, start: usize, mode: Mode, parts: &mut Vec<Part>) {
        if self.bytes()[self.at - 1] != b'=' {
            return self.glob_group(mode, parts);
        }
        if self.dialect == Dialect::Zsh && self.at == start + 1 {
            parts.clear();
            self.at -= 1;
            return self.process(true, parts);
        }
        let open = self.at;
        let words = self.array();
        parts.push(Part::Other { raw: self.text[open..self.at].to_owned(), words });
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
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return push_text(parts, &text.replace('\0', ""), quoted);
    }
    match parts.last_mut() {
        Some(Part::Text { text: last, quoted: like }) if *like == quoted => last.push_str(text),
        _ => parts.push(Part::Text { text: text.to_owned(), quoted }),
    }
}

/// Returns the place of the first `close` in `text` without a backslash before it.
fn unescaped(text: &str, close: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(close, b'\\', text.as_bytes().get(at..)?)?;
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
