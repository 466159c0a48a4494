//! Redacts the secrets in a command.
//!
//! The text is read once, byte by byte, without expanding or nesting anything: a secret is found by the name
//! before it (`PGPASSWORD=x`, `--token x`, `"apiKey": "x"`, `Authorization: Bearer x`), by the program whose
//! option it is (`mysql -px`), by its place in a URL, or by its own shape. So it is also found in a script
//! within a script, in JSON, and in a here-document.
//!
//! What it promises: time linear in the text; redacting twice is the same as redacting once; a reference to a
//! secret (`$TOKEN`) is not a secret and stays; and a value ends where a command could begin (`$(`, a
//! backtick, an unquoted separator), so that nothing that would run can be hidden by being put beside a name.
//! Names, paths and identifiers of things stay.

mod habits;
mod names;
mod shapes;
mod value;

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;

use habits::{Carries, Habit};
use names::Holds;
use value::Quote;

/// Stands where a secret was.
pub const REDACTED: &str = "[redacted]";

/// Names are looked at over this many bytes before the sign that follows them.
const LONGEST_NAME: usize = 128;

/// Returns `command` with its secrets replaced by [`REDACTED`].
pub fn redact(command: &str) -> String {
    let mut scan = Scan::over(command);
    while scan.at < scan.bytes.len() {
        scan.step();
    }
    scan.out.push_str(&command[scan.kept..]);
    scan.out
}

/// Returns the words of a command as a shell would read them back, with its secrets replaced by
/// [`REDACTED`]. Bytes that are no text, and control characters, are written as `$'\xff'`.
pub fn redact_argv(words: &[OsString]) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        quote(word, &mut text);
    }
    redact(&text)
}

fn quote(word: &OsStr, text: &mut String) {
    match word.to_str() {
        Some(plain) if !plain.contains(|c: char| c.is_control() && c != '\n') => {
            text.push_str(&shell_words::quote(plain));
        }
        _ => {
            text.push_str("$'");
            for chunk in word.as_bytes().utf8_chunks() {
                for c in chunk.valid().chars() {
                    match c {
                        '\'' | '\\' => text.extend(['\\', c]),
                        '\n' => text.push_str("\\n"),
                        '\t' => text.push_str("\\t"),
                        c if c.is_ascii_control() => _ = write!(text, "\\x{:02x}", u32::from(c)),
                        c => text.push(c),
                    }
                }
                for byte in chunk.invalid() {
                    let _ = write!(text, "\\x{byte:02x}");
                }
            }
            text.push('\'');
        }
    }
}

/// A reading of the text, from left to right.
struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// What is read next.
    at: usize,
    /// What of the text is in `out` already, or left out.
    kept: usize,
    out: String,
    /// The quotes we are in, as far as can be told without nesting.
    quote: Quote,
    /// The habits of the programs named in this command.
    habits: Vec<Habit>,
    /// What the next word is, after an option that takes it.
    awaited: Option<Awaited>,
}

#[derive(Clone, Copy)]
enum Awaited {
    Secret(Holds),
    Login,
}

impl<'a> Scan<'a> {
    fn over(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            kept: 0,
            out: String::with_capacity(text.len()),
            quote: Quote::None,
            habits: Vec::new(),
            awaited: None,
        }
    }

    fn step(&mut self) {
        let byte = self.bytes[self.at];
        if byte == b'[' && self.skip_redacted() {
            self.awaited = None;
            return;
        }
        if self.awaited.is_some() && self.awaited_value(byte) {
            return;
        }
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'/' || byte == b'.' {
            return self.word_or_part();
        }
        match byte {
            b'=' | b':' if self.named_value() => {}
            b'\'' | b'"' if self.sql_password() => {}
            b'\'' | b'"' | b'\\' => self.turn(byte),
            b'#' => self.hash(),
            b'\n' | b';' | b'|' | b'&' => self.separator(byte),
            _ => self.at += 1,
        }
    }

    /// Leaves `range` out, and returns whether it did: nothing, references and what is left out
    /// already stay.
    fn hide(&mut self, range: Range<usize>) -> bool {
        let secret = &self.text[range.clone()];
        if secret.is_empty() || secret.starts_with(REDACTED) || value::is_reference(secret) {
            return false;
        }
        self.out.push_str(&self.text[self.kept..range.start]);
        self.out.push_str(REDACTED);
        self.kept = range.end;
        true
    }

    /// Returns the byte before `at` as it stands in the result: nothing looks into what is left out,
    /// so that a second reading sees the same.
    fn before(&self, at: usize) -> Option<u8> {
        let left_out = at == self.kept && at > 0;
        if left_out { Some(b']') } else { at.checked_sub(1).map(|at| self.bytes[at]) }
    }

    fn skip_redacted(&mut self) -> bool {
        let redacted = self.bytes[self.at..].starts_with(REDACTED.as_bytes());
        if redacted {
            self.at += REDACTED.len();
        }
        redacted
    }

    /// Reads a quote or a backslash, and keeps count of where we are.
    fn turn(&mut self, byte: u8) {
        let dollar = self.before(self.at) == Some(b'$');
        self.quote = match (self.quote, byte) {
            (Quote::Comment, _) | (Quote::Single, b'\\') => self.quote,
            (quote, b'\\') => {
                self.at += usize::from(self.escapes(self.at));
                quote
            }
            (Quote::None, b'\'') if dollar => Quote::Dollar,
            (Quote::None, b'\'') => Quote::Single,
            (Quote::None, _) => Quote::Double,
            (Quote::Single | Quote::Dollar, b'\'') | (Quote::Double, b'"') => Quote::None,
            (quote, _) => quote,
        };
        self.at += 1;
    }

    /// A comment begins at a hash before which there is nothing or space.
    fn hash(&mut self) {
        let apart = self.before(self.at).is_none_or(|byte| byte.is_ascii_whitespace());
        if self.quote == Quote::None && apart {
            self.quote = Quote::Comment;
        }
        self.at += 1;
    }

    /// Returns whether the backslash at `at` takes the next byte with it.
    fn escapes(&self, at: usize) -> bool {
        let next = &self.bytes[at + 1..];
        next.first().is_some_and(u8::is_ascii) && !next.starts_with(REDACTED.as_bytes())
    }

    /// Another command may begin here; within quotes only if a space follows, since there such a sign
    /// is more often part of a URL.
    fn separator(&mut self, byte: u8) {
        let next = self.bytes.get(self.at + 1).copied().unwrap_or(b' ');
        if byte == b'\n' || self.quote == Quote::None || next.is_ascii_whitespace() {
            self.habits.clear();
        }
        if self.quote == Quote::Comment && byte == b'\n' {
            self.quote = Quote::None;
        }
        self.at += 1;
    }

    /// Reads a word from its start, or goes on within one.
    fn word_or_part(&mut self) {
        let before = self.before(self.at);
        let part = before.is_some_and(|byte| match byte {
            b']' => self.at == self.kept || self.bytes[..self.at].ends_with(REDACTED.as_bytes()),
            byte => byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-',
        });
        if !part {
            if self.private_key() || self.token() || self.bearer() {
                return;
            }
            let apart = |byte: u8| byte.is_ascii_whitespace() || b"'\"`(){};|&=,".contains(&byte);
            if before.is_none_or(apart) {
                return self.word();
            }
        }
        self.at += 1;
    }

    fn word(&mut self) {
        let word = self.run(self.at, |byte| byte.is_ascii_alphanumeric() || b"-_./+#".contains(&byte));
        let end = self.at + word.len();
        if !word.starts_with('-') {
            let name = word.rsplit('/').next().unwrap_or(word);
            if self.habits.len() < 4
                && let Some(habit) = habits::of(name, &self.habits)
            {
                self.habits.push(habit);
            }
            // What stands in the word may still be a token, or the name of a value.
            self.at += 1;
        } else if !self.habitual_option(word, end) {
            match names::option_holds(word) {
                Some(holds) if self.bytes.get(end) != Some(&b'=') => self.expect(Awaited::Secret(holds), end),
                _ => self.at += 1,
            }
        }
    }

    /// Reads an option that only the program at hand explains.
    fn habitual_option(&mut self, word: &str, end: usize) -> bool {
        let explains = |&&(option, _): &&(&str, Carries)| {
            if option.starts_with("--") { word == option } else { word.starts_with(option) }
        };
        let known = self.habits.iter().rev().find_map(|habit| habit.iter().find(explains));
        let Some(&(option, carries)) = known else { return self.clustered_login(word, end) };
        let value = self.at + option.len();
        let same_word = word.len() > option.len() || self.goes_on(end);
        match carries {
            Carries::Name => self.at = value + usize::from(self.bytes.get(value) == Some(&b'=')),
            Carries::Login if same_word => self.login(value),
            Carries::Attached | Carries::Secret if same_word => self.attached(value),
            Carries::Attached => self.at = end,
            Carries::Secret => self.expect(Awaited::Secret(Holds::Password), end),
            Carries::Login => self.expect(Awaited::Login, end),
        }
        true
    }

    /// Returns whether the word that began here goes on at `end`, where its plain part ends.
    fn goes_on(&self, end: usize) -> bool {
        let Some(&next) = self.bytes.get(end) else { return false };
        let closing = self.quote.is_closed_by(next) || self.before(self.at) == Some(next);
        !value::ends_word(next) && next != b',' && !(closing && matches!(next, b'\'' | b'"'))
    }

    /// `curl -su user:password`: the last of a cluster takes the next word.
    fn clustered_login(&mut self, word: &str, end: usize) -> bool {
        let logs_in = self.habits.iter().any(|habit| habit.contains(&("-u", Carries::Login)));
        let cluster = word[1..].bytes().all(|byte| byte.is_ascii_alphabetic()) && word.ends_with('u');
        if logs_in && cluster {
            self.expect(Awaited::Login, end);
        }
        logs_in && cluster
    }

    /// Goes past an option to the word that it takes.
    fn expect(&mut self, awaited: Awaited, end: usize) {
        self.awaited = Some(awaited);
        self.at = end;
    }

    /// `-pSECRET`, but not `-p3306:3306`, which maps a port. In quotes of its own the secret goes to
    /// their end.
    fn attached(&mut self, from: usize) {
        let word = self.run(from, |byte| byte.is_ascii_digit() || byte == b':' || byte == b'.');
        let after = self.bytes.get(from + word.len());
        if word.contains(':') && after.is_none_or(|byte| byte.is_ascii_whitespace() || b"'\"".contains(byte))
        {
            self.at = from + word.len();
        } else if self.is_opened_before(self.at) {
            self.quoted_rest(from, Holds::Password);
        } else {
            self.value(from, Holds::Password);
        }
    }

    /// Reads the value of the option before, if this is where it begins.
    fn awaited_value(&mut self, byte: u8) -> bool {
        match byte {
            b' ' | b'\t' | b',' | b'\\' => return false,
            b'\'' | b'"' if self.closes(byte) => return false,
            _ => {}
        }
        let Some(awaited) = self.awaited.take() else { return false };
        let option = byte == b'-'
            && self.bytes.get(self.at + 1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
        if option || value::ends_word(byte) {
            return false;
        }
        match awaited {
            Awaited::Secret(holds) => self.value(self.at, holds),
            Awaited::Login => self.login(self.at),
        }
        true
    }

    /// Returns whether a quote at this place ends the quotes we are in, or those around the option
    /// before it (`["--token", "x"]`).
    fn closes(&self, byte: u8) -> bool {
        let before = self.before(self.at);
        self.quote.is_closed_by(byte)
            || before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'\\')
    }

    /// Returns the run of bytes from `from` on that `takes` accepts, which must be ASCII.
    fn run(&self, from: usize, takes: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.bytes.get(from..).unwrap_or_default();
        let length = rest.iter().take_while(|&&byte| byte.is_ascii() && takes(byte)).count();
        self.text.get(from..from + length).unwrap_or_default()
    }

    fn private_key(&mut self) -> bool {
        const BEGIN: &[u8] = b"-----BEGIN ";
        const END: &[u8] = b"PRIVATE KEY-----";
        if self.bytes[self.at] != b'-' || !self.bytes[self.at..].starts_with(BEGIN) {
            return false;
        }
        let title = &self.bytes[self.at + BEGIN.len()..];
        let title = title.windows(END.len()).take(32).position(|window| window == END);
        let Some(title) = title else { return false };
        let from = self.at + BEGIN.len() + title + END.len();
        self.at = from + self.key_length(from);
        self.hide(from..self.at);
        true
    }

    /// Returns how far a key goes: over lines of base64 that are long or its last.
    fn key_length(&self, from: usize) -> usize {
        let mut end = from;
        loop {
            let start = end + self.space(end);
            let line =
                start + self.run(start, |byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)).len();
            let next = &self.bytes[line + self.space(line)..];
            let is_last =
                next.starts_with(b"-----END ") || matches!(self.bytes.get(line), None | Some(b'\'' | b'"'));
            if line == start || (line - start < 40 && !is_last) {
                return end - from;
            }
            end = line;
        }
    }

    /// Returns how much space there is, also if it is written as `\n`.
    fn space(&self, from: usize) -> usize {
        let mut at = from;
        while let Some(&byte) = self.bytes.get(at) {
            at += match (byte, self.bytes.get(at + 1)) {
                (b'\\', Some(b'n' | b'r')) => 2,
                (byte, _) if byte.is_ascii_whitespace() => 1,
                _ => break,
            };
        }
        at - from
    }

    fn token(&mut self) -> bool {
        let Some((start, end)) = shapes::token(&self.bytes[self.at..]) else { return false };
        self.hide(self.at + start..self.at + end);
        self.at += end;
        true
    }

    /// `Bearer`, a space, and what looks like a token, wherever it stands.
    fn bearer(&mut self) -> bool {
        let Some(mark) = self.bytes.get(self.at..self.at + 7) else { return false };
        if !mark.eq_ignore_ascii_case(b"bearer ") {
            return false;
        }
        let from = self.at + 7;
        let token = self.run(from, |byte| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte));
        if token.len() < 16 {
            return false;
        }
        self.hide(from..from + token.len());
        self.at = from + token.len();
        true
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
