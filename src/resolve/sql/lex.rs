//! SQL text into tokens.
//!
//! No two databases agree on what a quote, a `#` or a `--` is, and the text does not say which of
//! them will read it. So there are two readings, and a text on which they could differ is marked
//! [`ambiguous`](Lexed::ambiguous) and gets both. Lexing never fails: a quote that is never closed
//! is read as a lone sign, so that what stands behind it is still seen.

use super::client::{self, Slash};
use super::token::{Kind, Lexed, Reading, Token};
use super::words;

/// Reads a text into tokens; `typed` says whether it goes through a client, which has own commands.
pub(super) fn lex(text: &str, reading: Reading, typed: bool) -> Lexed {
    let mut lexer = Lexer {
        text,
        reading,
        typed,
        pos: 0,
        fresh: true,
        at_start: true,
        begin: 0,
        executable: 0,
        delimiter: None,
        dead: String::new(),
        failed_searches: 0,
        out: Lexed::new(text),
    };
    while let Some(c) = lexer.rest().chars().next() {
        lexer.step(c);
    }
    lexer.out
}

/// How many searches for a closing tag may fail before no more are made; it bounds the time.
const FAILED_SEARCHES: u8 = 32;

struct Lexer<'a> {
    text: &'a str,
    reading: Reading,
    typed: bool,
    pos: usize,
    /// Nothing stands before `pos` on its line.
    fresh: bool,
    /// Nothing of a statement stands before `pos`.
    at_start: bool,
    /// The first token of the statement.
    begin: usize,
    /// How many `/*!` are open.
    executable: u32,
    /// What `DELIMITER` set.
    delimiter: Option<&'a str>,
    /// Quotes that never close in what is left.
    dead: String,
    failed_searches: u8,
    out: Lexed,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.pos..]
    }

    fn step(&mut self, c: char) {
        if c.is_whitespace() {
            self.fresh |= c == '\n';
            self.pos += c.len_utf8();
        } else if !(self.comment() || self.client_command() || self.custom_end()) {
            match c {
                '\'' => self.quoted(0, Kind::Text, self.reading == Reading::MySql),
                '"' => self.quoted(0, Kind::Quoted, self.reading == Reading::MySql),
                '`' => self.quoted(0, Kind::Quoted, false),
                '[' => self.bracketed(),
                '$' => self.dollar(),
                ';' => self.push(Kind::End, 1),
                '\\' if self.typed => self.backslash(),
                '@' | '#' => self.word(),
                _ if c.is_ascii_digit() => self.number(),
                _ if is_word(c) => self.word(),
                '/' if self.is_alone_on_line(1) => self.push(Kind::End, 1),
                _ => self.push(Kind::Sign, c.len_utf8()),
            }
        }
    }

    fn push(&mut self, kind: Kind, len: usize) {
        self.out.push(Token::new(kind, self.pos..self.pos + len, self.fresh));
        self.pos += len;
        self.fresh = false;
        self.at_start = kind == Kind::End;
        if self.at_start {
            let statement = self.out.tokens(self.begin..self.out.len());
            let takes_data = statement.is(0, "COPY")
                && (1..statement.len()).any(|at| statement.is(at, "STDIN") && statement.is(at - 1, "FROM"));
            self.begin = self.out.len();
            if takes_data {
                self.copy_data();
            }
        }
    }

    /// Skips the rows that follow `COPY … FROM STDIN` up to a line with nothing but `\.`.
    fn copy_data(&mut self) {
        if let Some(len) = self.search(self.rest(), "\n\\.") {
            self.pos += len + "\n\\.".len();
        }
    }

    /// Skips a comment, and says whether there was one.
    fn comment(&mut self) -> bool {
        let rest = self.rest();
        match rest.as_bytes() {
            [b'-', b'-', ..] if self.is_dash_comment(rest) => self.skip_line(),
            [b'#', ..] if self.is_hash_comment(rest) => self.skip_line(),
            [b'/', b'*', ..] => self.block_comment(rest),
            [b'*', b'/', ..] if self.executable > 0 => {
                self.executable -= 1;
                self.pos += 2;
            }
            _ => return false,
        }
        true
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.pos += memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    }

    /// To MySQL `--x` within an expression is twice a minus.
    fn is_dash_comment(&mut self, rest: &str) -> bool {
        let spaced = rest[2..].chars().next().is_none_or(|c| c.is_whitespace() || c.is_control());
        if spaced || self.fresh || self.at_start {
            return true;
        }
        self.out.ambiguous = true;
        self.reading == Reading::Standard
    }

    /// `#` begins a comment in MySQL; elsewhere it is an operator, or begins a T-SQL name.
    fn is_hash_comment(&mut self, rest: &str) -> bool {
        let mut after = rest[1..].chars();
        let next = after.next().unwrap_or('\n');
        if self.at_start || (self.fresh && !is_word(next)) {
            return true;
        }
        let json_operator = next == '>' || (next == '-' && after.next() != Some('-'));
        if json_operator || (is_word(next) && self.is_name_due()) {
            return false;
        }
        self.out.ambiguous = true;
        self.reading == Reading::MySql
    }

    /// Returns whether the last word is one that a table's name follows.
    fn is_name_due(&self) -> bool {
        let done = self.out.tokens(0..self.out.len());
        let last = done.len().wrapping_sub(1);
        let listed = done.is_sign(last, ",") && done.word(last.wrapping_sub(1)).starts_with('#');
        done.is_any(last, words::BEFORE_NAMES) || done.is_sign(last, ".") || listed
    }

    fn block_comment(&mut self, rest: &str) {
        let code = rest.starts_with("/*!") || rest.starts_with("/*M!");
        self.out.ambiguous |= code;
        if code && self.reading == Reading::MySql {
            // What only some versions of the server run is run, for all that is known here.
            let version = rest.bytes().skip(3).take_while(|b| b.is_ascii_digit() || *b == b'!').count();
            self.executable += 1;
            self.pos += 3 + version;
            return;
        }
        let bytes = rest.as_bytes();
        let (mut depth, mut at) = (1_u32, 2);
        while let Some(found) = memchr::memchr2(b'*', b'/', &bytes[at..]) {
            at += found;
            match &bytes[at..] {
                [b'*', b'/', ..] => {
                    depth -= 1;
                    at += 2;
                }
                [b'/', b'*', ..] => {
                    self.out.ambiguous = true;
                    depth += u32::from(self.reading == Reading::Standard);
                    at += 2;
                }
                _ => at += 1,
            }
            if depth == 0 {
                self.pos += at;
                return;
            }
        }
        self.pos = self.text.len();
    }

    /// Takes a line that the client keeps for itself, and says whether there was one.
    fn client_command(&mut self) -> bool {
        if !self.at_start || !self.typed {
            return false;
        }
        let Some(line) = client::at_start(self.rest()) else { return false };
        let (name, rest) = (&self.rest()[..line.name], &self.rest()[line.rest.clone()]);
        if name.eq_ignore_ascii_case("delimiter") {
            let mark = rest.split_whitespace().next().unwrap_or(";");
            self.delimiter = (mark != ";").then_some(mark);
        } else {
            self.out.commands.push((name.to_owned(), rest.to_owned()));
        }
        self.pos += line.end;
        self.fresh = false;
        true
    }

    fn custom_end(&mut self) -> bool {
        let Some(delimiter) = self.delimiter else { return false };
        let found = self.rest().starts_with(delimiter);
        if found {
            self.push(Kind::End, delimiter.len());
        }
        found
    }

    /// Takes a string or a quoted name whose quote comes after `prefix` bytes.
    fn quoted(&mut self, prefix: usize, kind: Kind, escapes: bool) {
        let quote = self.text.as_bytes()[self.pos + prefix];
        if !self.dead.contains(char::from(quote)) {
            if let Some(end) = self.closing_quote(self.pos + prefix, escapes) {
                return self.push(kind, end - self.pos);
            }
            self.dead.push(char::from(quote));
        }
        if prefix > 0 {
            return self.push(Kind::Word, prefix);
        }
        self.out.torn = self.out.torn.or(Some(self.out.len()));
        self.push(Kind::Sign, 1);
    }

    /// Returns the position behind the quote that closes the one at `open`.
    fn closing_quote(&mut self, open: usize, escapes: bool) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let quote = bytes[open];
        let mut at = open + 1;
        loop {
            at += memchr::memchr2(quote, b'\\', bytes.get(at..)?)?;
            let next = bytes.get(at + 1).copied();
            if bytes[at] == b'\\' {
                self.out.ambiguous |= next == Some(quote) && quote != b'`';
                at += if escapes { 2 } else { 1 };
            } else if next == Some(quote) {
                at += 2;
            } else {
                return Some(at + 1);
            }
        }
    }

    /// `[name]` in T-SQL and SQLite; after a word or with anything but a name in it, an array.
    fn bracketed(&mut self) {
        let glued = self.out.ends_at(self.pos);
        let name = self.rest()[1..].chars().take(129).position(|c| "[]'\";\n".contains(c));
        let len = self.rest().char_indices().nth(name.map_or(0, |at| at + 1)).map_or(0, |(at, _)| at);
        if !glued && len > 1 && self.rest()[len..].starts_with(']') {
            self.push(Kind::Quoted, len + 1);
        } else {
            self.push(Kind::Sign, 1);
        }
    }

    fn dollar(&mut self) {
        let rest = self.rest();
        let tag_len = rest[1..].find(|c: char| !is_word(c) || c == '$').map_or(rest.len(), |at| at + 1);
        let tagged = rest[tag_len..].starts_with('$') && !rest[1..].starts_with(|c: char| c.is_ascii_digit());
        if !tagged {
            return self.word();
        }
        let (tag, body) = rest.split_at(tag_len + 1);
        match self.search(body, tag) {
            Some(len) => self.push(Kind::Text, len + 2 * tag.len()),
            None => self.push(Kind::Sign, 1),
        }
    }

    fn search(&mut self, text: &str, end: &str) -> Option<usize> {
        if self.failed_searches >= FAILED_SEARCHES {
            return None;
        }
        let found = memchr::memmem::find(text.as_bytes(), end.as_bytes());
        self.failed_searches += u8::from(found.is_none());
        found
    }

    fn backslash(&mut self) {
        // `\\i x` at the beginning of a line, twice escaped: what stands on the next is read all the same.
        if self.fresh && client::is_doubled(self.rest()) {
            self.pos += 1;
        }
        let rest = self.rest();
        match client::slash(rest) {
            Slash::Blank(len) => self.pos += len,
            Slash::Word(len) => self.push(Kind::Word, len),
            Slash::Sign => self.push(Kind::Sign, 1),
            Slash::End { len, pipe } => {
                if let Some(pipe) = pipe {
                    self.out.commands.push((rest[..len].to_owned(), rest[pipe.clone()].to_owned()));
                    self.push(Kind::End, len);
                    self.pos += pipe.end - len;
                } else {
                    self.push(Kind::End, len);
                }
            }
            Slash::Line(line) => {
                let (name, arguments) = (&rest[..line.name], &rest[line.rest]);
                self.out.commands.push((name.to_owned(), arguments.to_owned()));
                self.pos += line.end;
                self.fresh = false;
                if name == "\\copy" && arguments.to_ascii_lowercase().contains(" from stdin") {
                    self.copy_data();
                }
            }
        }
    }

    fn number(&mut self) {
        let rest = self.rest();
        let digit_at = |at: usize| rest.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let goes_on = |(at, c): &(usize, char)| is_word(*c) || (*c == '.' && digit_at(at + 1));
        let len = rest.char_indices().find(|found| !goes_on(found)).map_or(rest.len(), |(at, _)| at);
        self.push(Kind::Number, len);
    }

    fn word(&mut self) {
        let rest = self.rest();
        // A variable may begin with two `@`; within a word there is none.
        let head = rest.bytes().take_while(|b| *b == b'@').count();
        let mut len = rest[head..].find(|c| !is_word(c)).map_or(rest.len(), |at| head + at);
        if let Some(cut) = self.delimiter.and_then(|delimiter| rest[..len].find(delimiter)) {
            len = cut;
        }
        let word = &rest[..len];
        if rest[len..].starts_with('\'') && self.prefixed(word) {
            return;
        }
        if word.eq_ignore_ascii_case("GO") && self.is_alone_on_line(len) {
            self.push(Kind::End, len);
            // A count says how often the batch is run.
            self.pos += rest[len..].bytes().take_while(|b| matches!(b, b' ' | b'\t' | b'0'..=b'9')).count();
            return;
        }
        let sign = len == head || matches!(word, "#" | "$");
        self.push(if sign { Kind::Sign } else { Kind::Word }, len);
    }

    /// Takes a string with a prefix, such as `E'…'`, `N'…'` and Oracle's `q'[…]'`.
    fn prefixed(&mut self, prefix: &str) -> bool {
        const PREFIXES: &[&str] = &["E", "N", "B", "X", "R", "RB", "BR", "Q", "NQ"];
        if !PREFIXES.iter().any(|known| known.eq_ignore_ascii_case(prefix)) {
            return false;
        }
        if prefix.ends_with(['q', 'Q'])
            && let Some(len) = self.own_quotes(&self.rest()[prefix.len() + 1..])
        {
            self.push(Kind::Text, prefix.len() + 1 + len);
            return true;
        }
        let escapes = self.reading == Reading::MySql || prefix.eq_ignore_ascii_case("E");
        self.quoted(prefix.len(), Kind::Text, escapes);
        true
    }

    /// Returns the length of `[…]'` and its like, which follow Oracle's `q'`.
    fn own_quotes(&mut self, text: &str) -> Option<usize> {
        let open = text.chars().next()?;
        let end = format!("{}'", partner(open));
        let len = self.search(&text[open.len_utf8()..], &end)?;
        Some(open.len_utf8() + len + end.len())
    }

    /// Returns whether nothing but a count and a comment follows on a line that begins here.
    fn is_alone_on_line(&self, len: usize) -> bool {
        if !self.fresh {
            return false;
        }
        let line = self.rest()[len..].lines().next().unwrap_or("").trim_start();
        let line = line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
        line.is_empty() || line == ";" || line.starts_with("--")
    }
}

/// Returns whether a word may contain `c`; marks belong to words.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '#') || (!c.is_ascii() && !c.is_whitespace())
}

fn partner(open: char) -> char {
    match open {
        '[' => ']',
        '(' => ')',
        '{' => '}',
        '<' => '>',
        other => other,
    }
}
