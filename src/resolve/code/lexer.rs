//! Code into tokens: names, numbers, strings with what they interpolate, signs with their partner.
//!
//! One lexer reads every language. It never fails: a string that does not end is taken to end with
//! its line (or with the text, where strings may have many lines), and a bracket without a partner
//! reaches to the end. Its time is linear in the text.

use super::language::Language;
use super::syntax::{Role, SIGNS, Syntax};
use crate::unknown::is_mark;

/// How deep code may nest in strings in code before the rest is taken for unknown.
const MAX_NESTING: usize = 24;

/// What stands between a token and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing.
    None,
    /// Blanks or a comment.
    Space,
    /// A line's end.
    Line,
}

/// A token.
#[derive(Debug)]
pub(super) struct Token<'a> {
    /// What it is.
    pub(super) kind: Kind<'a>,
    /// What stands before it.
    pub(super) gap: Gap,
    /// How far it is from its line's start.
    pub(super) column: usize,
    /// Its first byte.
    pub(super) start: usize,
    /// One past its last byte.
    pub(super) end: usize,
    /// The index of the closing partner of an opening bracket and the other way round; past the
    /// last token where it has none.
    pub(super) mate: usize,
}

/// The kinds of tokens.
#[derive(Debug)]
pub(super) enum Kind<'a> {
    /// A name or keyword, with its sigil.
    Word(&'a str),
    /// A number.
    Number(&'a str),
    /// A string.
    Text(Vec<Piece<'a>>),
    /// A string between backticks that a function before it may read (JavaScript).
    Template(Vec<Piece<'a>>),
    /// A string that a shell runs (backticks, `qx`, `%x`).
    Shell(Vec<Piece<'a>>),
    /// A list of words (`qw`, `%w`).
    Words(Vec<&'a str>),
    /// A regular expression, and the code in it.
    Regex(Vec<Piece<'a>>),
    /// Anything else.
    Sign(&'a str),
}

/// A part of a string.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// Text, its escapes decoded.
    Text(String),
    /// The variable of this name (without sigil), in languages with sigils.
    Variable(&'a str),
    /// Code whose value is put here.
    Code(Vec<Token<'a>>),
    /// Something that is not known.
    Unknown,
    /// Code that is nested too deep to be read.
    Unread,
}

impl<'a> Token<'a> {
    /// Returns the name, if it is one.
    pub(super) fn word(&self) -> Option<&'a str> {
        match self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Returns whether it is the sign `sign`.
    pub(super) fn is(&self, sign: &str) -> bool {
        matches!(self.kind, Kind::Sign(text) if text == sign)
    }
}

/// Reads `text` as tokens.
pub(super) fn tokens<'a>(text: &'a str, syntax: &'static Syntax) -> Vec<Token<'a>> {
    let mut lexer = Lexer {
        syntax,
        text,
        at: 0,
        end: text.len(),
        line: 0,
        gap: Gap::Line,
        tokens: Vec::new(),
        open: Brackets::default(),
        inside: false,
        depth: 0,
        searches: 0,
        heredocs: Vec::new(),
    };
    lexer.skip_prologue();
    lexer.run();
    lexer.tokens
}

/// The state of reading a text.
pub(super) struct Lexer<'a> {
    pub(super) syntax: &'static Syntax,
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) end: usize,
    line: usize,
    pub(super) gap: Gap,
    pub(super) tokens: Vec<Token<'a>>,
    open: Brackets,
    /// Whether an unmatched `}` ends it: it reads code within a string.
    inside: bool,
    pub(super) depth: usize,
    /// How often an end was searched for.
    pub(super) searches: usize,
    pub(super) heredocs: Vec<super::heredoc::Heredoc<'a>>,
}

/// The brackets that are open.
#[derive(Default)]
struct Brackets {
    stack: Vec<(u8, usize)>,
    /// How many of each kind are on the stack, so that a stray closing one costs nothing.
    counts: [usize; 3],
}

impl Brackets {
    fn kind(byte: u8) -> Option<usize> {
        Some(match byte {
            b'(' | b')' => 0,
            b'[' | b']' => 1,
            b'{' | b'}' => 2,
            _ => return None,
        })
    }

    /// Returns the token that the closing bracket `byte` closes. What was left open within is closed too.
    fn close(&mut self, byte: u8) -> Option<usize> {
        let kind = Self::kind(byte)?;
        if self.counts[kind] == 0 {
            return None;
        }
        while let Some((open, index)) = self.stack.pop() {
            let opened = Self::kind(open)?;
            self.counts[opened] -= 1;
            if opened == kind {
                return Some(index);
            }
        }
        None
    }

    fn open(&mut self, byte: u8, index: usize) {
        if let Some(kind) = Self::kind(byte) {
            self.counts[kind] += 1;
            self.stack.push((byte, index));
        }
    }
}

impl<'a> Lexer<'a> {
    /// Reads on to the end.
    fn run(&mut self) {
        loop {
            self.skip_blank();
            let before = self.at;
            let Some(byte) = self.byte(0) else { break };
            if self.inside && byte == b'}' && self.open.counts[2] == 0 {
                break;
            }
            if !(self.quoted() || self.word() || self.number()) {
                self.sign();
            }
            if self.at <= before {
                self.at = before;
                self.skip_char();
            }
        }
        let past = self.tokens.len();
        for (_, index) in std::mem::take(&mut self.open).stack {
            self.tokens[index].mate = past;
        }
    }

    /// Reads code within a string: from here to `end`, or to an unmatched `}` where `braced`.
    pub(super) fn nested(&mut self, end: usize, braced: bool) -> Piece<'a> {
        if self.depth >= MAX_NESTING {
            let rest = &self.text.as_bytes()[self.at..end];
            self.at =
                memchr::memchr(b'}', rest).filter(|_| braced).map_or(end, |offset| self.at + offset + 1);
            return Piece::Unread;
        }
        let outer_tokens = std::mem::take(&mut self.tokens);
        let outer_open = std::mem::take(&mut self.open);
        let outer_heredocs = std::mem::take(&mut self.heredocs);
        let outer = (std::mem::replace(&mut self.end, end), std::mem::replace(&mut self.inside, braced));
        let gap = self.gap;
        self.depth += 1;
        self.run();
        self.depth -= 1;
        (self.end, self.inside) = outer;
        self.gap = gap;
        self.open = outer_open;
        self.heredocs = outer_heredocs;
        if braced && self.byte(0) == Some(b'}') {
            self.at += 1;
        }
        Piece::Code(std::mem::replace(&mut self.tokens, outer_tokens))
    }

    /// Returns the byte `offset` after the current one.
    pub(super) fn byte(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes()[..self.end].get(self.at + offset).copied()
    }

    /// Returns what has not been read yet.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    /// Returns the next character and steps over it.
    pub(super) fn skip_char(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Adds a token that began at `start` and ends here.
    pub(super) fn push(&mut self, start: usize, kind: Kind<'a>) {
        let token = Token {
            kind,
            gap: self.gap,
            column: start - self.line.min(start),
            start,
            end: self.at,
            mate: usize::MAX,
        };
        self.tokens.push(token);
        self.gap = Gap::None;
    }

    /// Steps over what may stand before the code: a `#!` line, and PHP's surrounding text.
    fn skip_prologue(&mut self) {
        if self.text.starts_with("#!") {
            self.at = memchr::memchr(b'\n', self.text.as_bytes()).unwrap_or(self.end);
        }
        self.skip_line_blocks();
        if self.syntax.language == Language::Php && self.text.contains("<?") {
            self.skip_inert();
        }
    }

    /// Steps over text that PHP only prints, to the next `<?php`.
    fn skip_inert(&mut self) {
        let Some(offset) = self.rest().find("<?") else {
            self.at = self.end;
            return;
        };
        self.at += offset + 2;
        for word in ["php", "="] {
            if self.rest().starts_with(word) {
                self.at += word.len();
            }
        }
        self.gap = Gap::Line;
    }

    /// Steps over blanks and comments, and notes what they were.
    fn skip_blank(&mut self) {
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\n' => self.end_line(),
                b' ' | b'\t' | b'\r' | 0x0b | 0x0c => {
                    self.at += 1;
                    self.gap = self.gap.max(Gap::Space);
                }
                b'\\' if matches!(self.byte(1), Some(b'\n' | b'\r')) => {
                    self.at += 2;
                    self.gap = self.gap.max(Gap::Space);
                }
                b'?' if self.syntax.language == Language::Php && self.byte(1) == Some(b'>') => {
                    self.at += 2;
                    self.push(self.at, Kind::Sign(";"));
                    self.skip_inert();
                }
                _ if self.skip_comment() => self.gap = self.gap.max(Gap::Space),
                _ => break,
            }
        }
    }

    /// Steps over a line's end, what may only stand at a line's start, and here-documents.
    fn end_line(&mut self) {
        self.at += 1;
        self.gap = Gap::Line;
        if !self.heredocs.is_empty() {
            self.read_heredocs();
        }
        self.line = self.at;
        self.skip_line_blocks();
    }

    /// Steps over documentation blocks and what follows the end of the code (Perl, Ruby).
    fn skip_line_blocks(&mut self) {
        let language = self.syntax.language;
        if !matches!(language, Language::Perl | Language::Ruby) {
            return;
        }
        let rest = self.rest();
        let (begins, ends) = match language {
            Language::Perl => {
                let named = rest.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic);
                (rest.starts_with('=') && named, "\n=cut")
            }
            _ => (rest.starts_with("=begin"), "\n=end"),
        };
        if begins {
            let Some(offset) = rest.find(ends) else {
                self.at = self.end;
                return;
            };
            let tail = &rest[offset + ends.len()..];
            let line = memchr::memchr(b'\n', tail.as_bytes()).unwrap_or(tail.len());
            self.at += offset + ends.len() + line;
        } else if rest.starts_with("__END__") || rest.starts_with("__DATA__") {
            self.at = self.end;
        }
    }

    /// Steps over a comment, if one begins here.
    fn skip_comment(&mut self) -> bool {
        // A format specification (`{n:#x}`) is the only place for a `#` in Python's short strings.
        if self.inside && self.syntax.language == Language::Python {
            return false;
        }
        let rest = self.rest();
        for (open, close) in self.syntax.block_comments {
            if let Some(body) = rest.strip_prefix(open) {
                let length = body.find(close).map_or(body.len(), |offset| offset + close.len());
                if body[..length].contains('\n') {
                    self.gap = Gap::Line;
                }
                self.at += open.len() + length;
                return true;
            }
        }
        let Some(opener) = self.syntax.line_comments.iter().find(|opener| rest.starts_with(**opener)) else {
            return false;
        };
        if *opener == "#" && self.syntax.language == Language::Php && rest.starts_with("#[") {
            return false;
        }
        if *opener == "--" && self.skip_long_comment() {
            return true;
        }
        self.at += memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        true
    }

    /// Steps over Lua's `--[[ … ]]`.
    fn skip_long_comment(&mut self) -> bool {
        let Some((open, close)) = super::quoted::long_bracket(&self.rest()[2..]) else { return false };
        let body = self.at + 2 + open;
        self.at =
            self.text[body..self.end].find(&close).map_or(self.end, |offset| body + offset + close.len());
        true
    }

    /// Reads a name, if one begins here.
    fn word(&mut self) -> bool {
        let language = self.syntax.language;
        let start = self.at;
        let Some(first) = self.rest().chars().next() else { return false };
        let begins = match first {
            '$' | '@' | '%' | '&' if language == Language::Perl => return self.perl_variable(),
            '$' => match language {
                Language::JavaScript => true,
                Language::Php | Language::Ruby => self.name_at(1),
                _ => false,
            },
            '@' if language == Language::Ruby => self.name_at(if self.byte(1) == Some(b'@') { 2 } else { 1 }),
            '\\' if language == Language::Php => self.name_at(1),
            '.' if language == Language::R => self.name_at(1),
            _ => is_name_start(first),
        };
        if !begins {
            return false;
        }
        self.at += first.len_utf8();
        self.skip_name();
        if language == Language::Ruby && matches!(self.byte(0), Some(b'?' | b'!')) {
            self.skip_ruby_suffix();
        }
        self.push(start, Kind::Word(&self.text[start..self.at]));
        true
    }

    /// Returns whether a name begins `offset` bytes from here.
    pub(super) fn name_at(&self, offset: usize) -> bool {
        self.text
            .get(self.at + offset..self.end)
            .and_then(|rest| rest.chars().next())
            .is_some_and(is_name_start)
    }

    /// Steps over what continues a name.
    pub(super) fn skip_name(&mut self) {
        let language = self.syntax.language;
        let continues = |c: char| {
            is_name_start(c)
                || c.is_alphanumeric()
                || match c {
                    '$' => language == Language::JavaScript,
                    '.' => language == Language::R,
                    '\\' => language == Language::Php,
                    '@' => language == Language::Ruby,
                    _ => false,
                }
        };
        let rest = self.rest();
        self.at += rest.find(|c| !continues(c)).unwrap_or(rest.len());
    }

    /// Steps over the `?` or `!` that ends a Ruby method's name.
    fn skip_ruby_suffix(&mut self) {
        let next = self.byte(1);
        let compares = next == Some(b'=') && self.byte(2) != Some(b'=') && self.byte(2) != Some(b'~');
        let chooses =
            self.byte(0) == Some(b'?') && next.is_some_and(|c| c.is_ascii_alphanumeric() || c == b':');
        if !compares && !chooses {
            self.at += 1;
        }
    }

    /// Reads a Perl variable or a sigil that dereferences.
    fn perl_variable(&mut self) -> bool {
        let start = self.at;
        let Some(sigil) = self.byte(0) else { return false };
        if sigil != b'$' && sigil != b'@' && self.value_before() {
            return false;
        }
        self.at += 1;
        if sigil == b'$' && self.byte(0) == Some(b'#') {
            self.at += 1;
        }
        if self.name_at(0) || self.byte(0).is_some_and(|c| c.is_ascii_digit()) {
            self.skip_name();
        } else if sigil == b'$' && self.byte(0).is_some_and(|c| b"!@/\\,;.&0+^|\"'$".contains(&c)) {
            // `$$` alone is a variable, `$$name` and `$${…}` follow a reference.
            let dereferences =
                self.byte(0) == Some(b'$') && (self.byte(1) == Some(b'{') || self.byte(1) == Some(b'$'));
            let dereferences = dereferences || (self.byte(0) == Some(b'$') && self.name_at(1));
            if !dereferences {
                self.at += 1;
            }
        } else if sigil == b'%' || sigil == b'&' {
            self.at = start;
            return self.byte(1).is_some_and(|c| matches!(c, b'$' | b'{')) && self.one_sign();
        }
        let text = &self.text[start..self.at];
        let kind = if self.at == start + 1 { Kind::Sign(text) } else { Kind::Word(text) };
        self.push(start, kind);
        true
    }

    /// Reads a number, if one begins here.
    fn number(&mut self) -> bool {
        let start = self.at;
        if !self.byte(0).is_some_and(|c| c.is_ascii_digit()) {
            return false;
        }
        while let Some(byte) = self.byte(0) {
            let fraction = byte == b'.' && self.byte(1).is_some_and(|c| c.is_ascii_digit());
            if !(byte.is_ascii_alphanumeric() || byte == b'_' || fraction) {
                break;
            }
            self.at += 1;
        }
        self.push(start, Kind::Number(&self.text[start..self.at]));
        true
    }

    /// Reads a sign of one character.
    fn one_sign(&mut self) -> bool {
        let start = self.at;
        if self.skip_char().is_none() {
            return false;
        }
        self.push(start, Kind::Sign(&self.text[start..self.at]));
        true
    }

    /// Reads the longest sign that begins here, and finds the partner of a bracket.
    fn sign(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let byte = self.byte(0).unwrap_or_default();
        let known = byte.is_ascii_punctuation()
            && !matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b';');
        let long = known
            .then(|| SIGNS.iter().find(|sign| rest.starts_with(**sign) && self.syntax.has_sign(sign)))
            .flatten();
        if let Some(sign) = long {
            self.at += sign.len();
            self.push(start, Kind::Sign(sign));
            return;
        }
        let index = self.tokens.len();
        if !self.one_sign() {
            return;
        }
        match byte {
            b'(' | b'[' | b'{' => self.open.open(byte, index),
            _ => {
                if let Some(mate) = self.open.close(byte) {
                    self.tokens[mate].mate = index;
                    self.tokens[index].mate = mate;
                }
            }
        }
    }

    /// Returns whether the token before this place ends an operand, so that what follows is an operator.
    pub(super) fn value_before(&self) -> bool {
        let Some(last) = self.tokens.last() else { return false };
        match last.kind {
            Kind::Word(word) => self.is_operand(word),
            Kind::Sign(")") => !self.closes_condition(last),
            Kind::Sign("}") => self.syntax.language != Language::JavaScript,
            Kind::Sign(sign) => matches!(sign, "]" | "++" | "--"),
            _ => true,
        }
    }

    /// Returns whether the name `word` is an operand rather than something that wants one.
    fn is_operand(&self, word: &str) -> bool {
        if self.tokens.len() > 1 && self.tokens[self.tokens.len() - 2].is(".") {
            return true;
        }
        if self.syntax.operators.iter().any(|(name, _, _)| *name == word) {
            return false;
        }
        match self.syntax.role(word) {
            Some(Role::End | Role::Modifier) => true,
            Some(_) => false,
            // A Perl name without a sigil is a function, which an operand follows.
            None => self.syntax.language != Language::Perl || word.starts_with(['$', '@', '%']),
        }
    }

    /// Returns whether the closing parenthesis `last` ends a condition (`if (…)`), not an operand.
    fn closes_condition(&self, last: &Token<'a>) -> bool {
        let before = last.mate.checked_sub(1).and_then(|index| self.tokens.get(index));
        before.and_then(Token::word).is_some_and(|word| matches!(word, "if" | "while" | "for" | "with"))
    }
}

/// Returns whether `c` may begin a name; a mark may, as it may stand for one.
fn is_name_start(c: char) -> bool {
    c == '_' || c.is_alphabetic() || is_mark(c)
}
