//! Where a secret begins and ends, once it is known that there is one.

use std::ops::Range;

use super::names::{self, Holds};
use super::{LONGEST_NAME, REDACTED, Scan, shapes};

/// The quotes around the place that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    None,
    Single,
    Double,
    /// `$'…'`
    Dollar,
    /// None at all: in a comment quotes mean nothing.
    Comment,
}

impl Quote {
    pub(super) fn is_closed_by(self, byte: u8) -> bool {
        match self {
            Self::None => false,
            Self::Single | Self::Dollar => byte == b'\'',
            Self::Double => byte == b'"',
            Self::Comment => byte == b'\n',
        }
    }

    /// Returns the quotes that `byte` opens.
    fn by(byte: u8) -> Self {
        if byte == b'"' { Self::Double } else { Self::Single }
    }
}

/// A value, or a part of one that is put together from several (`a'b'"c"`).
struct Piece {
    /// What is between the quotes, if there are any.
    inner: Range<usize>,
    /// The shell's own quotes around it.
    quotes: Quote,
}

/// Returns whether `byte` ends an unquoted word.
pub(super) fn ends_word(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b";|&<>()`".contains(&byte)
}

/// Returns whether `text` only says where the secret is: `$TOKEN`, `${A}${B}`, `%TOKEN%`,
/// `{{ token }}`, or a row of asterisks.
pub(super) fn is_reference(text: &str) -> bool {
    let row =
        text.len() >= 3 && text.bytes().all(|byte| byte == text.as_bytes()[0] && b"*.xX".contains(&byte));
    if row || text.starts_with("${{") || text.starts_with("{{") {
        return true;
    }
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if let Some(variable) = text.strip_prefix('%').and_then(|text| text.strip_suffix('%')) {
        return !variable.is_empty() && variable.chars().all(name);
    }
    let mut rest = text;
    while let Some(after) = rest.strip_prefix('$') {
        rest = match after.strip_prefix('{') {
            Some(braced) => {
                let Some((inside, after)) = braced.split_once('}') else { return false };
                let variable = inside.split_once(":?").map_or(inside, |(variable, _)| variable);
                if !variable.chars().all(name) {
                    return false; // it may hold a default, which is a secret
                }
                after
            }
            None if after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
                after.trim_start_matches(name)
            }
            None => after.strip_prefix(|c: char| c.is_ascii_digit() || "@*#?".contains(c)).unwrap_or("$"),
        };
        if rest == "$" {
            return false;
        }
    }
    rest.is_empty()
}

/// Returns whether this may be a host with or without a port, or an address.
fn is_host(authority: &[u8]) -> bool {
    let port = authority.iter().rposition(|byte| *byte == b':').map(|colon| &authority[colon + 1..]);
    authority.starts_with(b"[") || port.is_none_or(|port| port.iter().all(u8::is_ascii_digit))
}

impl Scan<'_> {
    /// Leaves out the value that begins at `from`, unless it cannot be a secret.
    pub(super) fn value(&mut self, from: usize, holds: Holds) {
        self.at = from;
        if self.skip_redacted() {
            return;
        }
        let mut piece = self.piece(from);
        if self.is_spared(&piece.inner, holds) {
            self.pass(&piece);
            return;
        }
        self.hide(piece.inner.clone());
        while self.pass(&piece) {
            piece = self.piece(self.at);
            if !self.hide(piece.inner.clone()) {
                return; // what stays is read as any other text
            }
        }
    }

    /// Leaves out what goes from `from` to the end of the quotes we are in.
    pub(super) fn quoted_rest(&mut self, from: usize, holds: Holds) {
        let inner = from..self.quoted_end(from, self.quote, 0);
        self.at = inner.end;
        if !self.is_spared(&inner, holds) {
            self.hide(inner);
        }
    }

    /// Leaves out what follows the first colon of the word at `from`.
    pub(super) fn login(&mut self, from: usize) {
        self.at = from;
        loop {
            let piece = self.piece(self.at);
            let inner = &self.text[piece.inner.clone()];
            let colon = inner.find(':').filter(|_| !inner.starts_with(REDACTED));
            if let Some(colon) = colon {
                self.hide(piece.inner.start + colon + 1..piece.inner.end);
            }
            match (self.pass(&piece), colon) {
                (false, _) => return,
                (true, Some(_)) => return self.value(self.at, Holds::Password),
                (true, None) => {}
            }
        }
    }

    /// Reads `=` or `:` with a name before it and a value after it; returns whether it was that.
    pub(super) fn named_value(&mut self) -> bool {
        let sign = self.at;
        if self.bytes[sign..].starts_with(b"://") {
            self.url();
            return true;
        }
        let name = self.name_before(sign);
        let Some(holds) = names::holds(name.text).filter(|_| !name.in_path) else { return false };
        let colon = self.bytes[sign] == b':';
        let double = self.bytes.get(sign + 1).is_some_and(|byte| b"=>".contains(byte));
        let from = sign + 1 + usize::from(double);
        let value = from + self.run(from, |byte| byte == b' ' || byte == b'\t').len();
        let apart = value > from;
        let assigns = match (colon, double) {
            (true, false) => name.quoted || (!name.apart && (apart || names::is_header(name.text))),
            // After `PASSWORD= ` comes a command, not a value.
            _ => name.quoted || name.apart || double || !apart,
        };
        if !assigns {
            return false;
        }
        match holds {
            Holds::Header => self.header(value, name.start),
            _ if name.text.starts_with('-') && self.is_opened_before(name.start) => {
                self.quoted_rest(value, holds)
            }
            _ => self.value(value, holds),
        }
        true
    }

    /// Leaves out the value of a header but for the scheme: what its own quotes hold, or what is left
    /// of the quotes around the header, or a word.
    fn header(&mut self, from: usize, name: usize) {
        if self.bytes.get(from).is_some_and(|byte| b"'\"\\".contains(byte)) {
            let piece = self.piece(from);
            self.hide(self.after_scheme(piece.inner.start)..piece.inner.end);
            self.pass(&piece);
        } else if self.is_opened_before(name) {
            let before = &self.bytes[self.kept..name - 1];
            let slashes = before.iter().rev().take(3).take_while(|byte| **byte == b'\\').count();
            let end = self.quoted_end(from, Quote::by(self.bytes[name - 1]), slashes);
            let line = self.bytes[from..end].iter().position(|byte| *byte == b'\n');
            let end = line.map_or(end, |line| from + line);
            self.hide(self.after_scheme(from)..end);
            self.at = end;
        } else {
            self.value(self.after_scheme(from), Holds::Password);
        }
    }

    /// Returns where the secret begins in the value of an `Authorization` header.
    fn after_scheme(&self, from: usize) -> usize {
        const SCHEMES: &[&str] = &["bearer", "basic", "token", "digest", "apikey", "key", "aws4-hmac-sha256"];
        let word = self.run(from, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let known = SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
        let end = from + word.len();
        if known && self.bytes.get(end) == Some(&b' ') { end + 1 } else { from }
    }

    /// `PASSWORD 'x'` and `IDENTIFIED BY 'x'`, in SQL; returns whether it was that.
    pub(super) fn sql_password(&mut self) -> bool {
        if self.quote.is_closed_by(self.bytes[self.at]) {
            return false;
        }
        let before = self.text[self.kept..self.at].trim_end_matches(' ');
        let ends = |word: &str| {
            let at = before.len().wrapping_sub(word.len());
            before.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(word))
        };
        if before.len() == self.at - self.kept || !(ends("password") || ends("identified by")) {
            return false;
        }
        self.value(self.at, Holds::Password);
        true
    }

    /// Leaves out the password before the `@` of a URL, and a token that is there alone.
    fn url(&mut self) {
        let from = self.at + "://".len();
        self.at = from;
        let ends = |byte: u8| ends_word(byte) || b"'\"\\?#,".contains(&byte);
        let authority = self.until(from, 1024, |byte| byte == b'/' || ends(byte));
        // What is neither a host nor an address is a password with a slash in it.
        let is_whole = authority.contains(&b'@') || is_host(authority);
        let searched = if is_whole { authority } else { self.until(from, 128, ends) };
        let Some(length) = searched.iter().rposition(|byte| *byte == b'@') else { return };
        let login = &searched[..length];
        let colon = login.iter().position(|byte| *byte == b':');
        let is_token = length >= 20 && shapes::is_dense(login);
        let mark = shapes::token(login).map_or(0, |(mark, _)| mark);
        match colon {
            Some(colon) => _ = self.hide(from + colon + 1..from + length),
            None if is_token => _ = self.hide(from + mark..from + length),
            None => {}
        }
        self.at = from + length;
    }

    /// Returns what stands from `from` on to the first byte that `ends` it, but not more than `most`.
    fn until(&self, from: usize, most: usize, ends: impl Fn(u8) -> bool) -> &[u8] {
        let rest = &self.bytes[from..self.bytes.len().min(from + most)];
        let end = rest.iter().position(|byte| ends(*byte));
        &rest[..end.unwrap_or(rest.len())]
    }

    /// Returns the part of a value that begins at `from`; it may be empty.
    fn piece(&self, from: usize) -> Piece {
        let rest = self.bytes.get(from..).unwrap_or_default();
        let unquoted = || Piece { inner: from..self.unquoted_end(from), quotes: Quote::None };
        if self.quote == Quote::None {
            let (quotes, opener) = match rest {
                [b'$', b'\'', ..] => (Quote::Dollar, 2),
                [b'\'', ..] => (Quote::Single, 1),
                [b'"', ..] => (Quote::Double, 1),
                _ => return unquoted(),
            };
            let start = from + opener;
            return Piece { inner: start..self.quoted_end(start, quotes, 0), quotes };
        }
        let slashes = rest.iter().take_while(|byte| **byte == b'\\').count();
        match rest.get(slashes) {
            Some(&byte) if self.quote.is_closed_by(byte) && (slashes == 0 || self.quote == Quote::Single) => {
                Piece { inner: from..from, quotes: Quote::None }
            }
            Some(&byte @ (b'\'' | b'"')) if slashes <= 3 => {
                let start = from + slashes + 1;
                Piece { inner: start..self.quoted_end(start, Quote::by(byte), slashes), quotes: Quote::None }
            }
            _ => unquoted(),
        }
    }

    /// Goes past a piece; returns whether another follows in the same word.
    fn pass(&mut self, piece: &Piece) -> bool {
        if self.text[piece.inner.clone()].starts_with(REDACTED) {
            self.at = piece.inner.start + REDACTED.len();
            self.quote = if piece.quotes == Quote::None { self.quote } else { piece.quotes };
            return false;
        }
        self.at = piece.inner.end;
        let next = |at: usize| self.bytes.get(at).copied().unwrap_or(b' ');
        let here = next(self.at);
        if self.quote != Quote::None {
            return false;
        }
        match piece.quotes {
            Quote::None => matches!(here, b'\'' | b'"') || (here == b'$' && next(self.at + 1) == b'\''),
            quotes if quotes.is_closed_by(here) => {
                self.at += 1;
                let here = next(self.at);
                !ends_word(here) && here != b',' && !(here == b'$' && next(self.at + 1) == b'(')
            }
            quotes => {
                self.quote = quotes;
                false
            }
        }
    }

    /// Returns where quotes end that were opened behind `slashes` backslashes: at their like, at the
    /// end of the quotes around them, or where a command begins. Quotes without an end end with the
    /// line.
    fn quoted_end(&self, from: usize, quote: Quote, slashes: usize) -> usize {
        let (mut line_end, mut escapes) = (None, 0);
        for (at, &byte) in self.bytes.iter().enumerate().skip(from) {
            let escaped = |quote| escapes % 2 == 1 && quote != Quote::Single;
            let closes =
                quote.is_closed_by(byte) && if slashes == 0 { !escaped(quote) } else { escapes <= slashes };
            if closes || (self.quote.is_closed_by(byte) && !escaped(self.quote)) {
                return if slashes == 0 { at } else { at - escapes };
            }
            if byte == b'`' || (byte == b'$' && self.bytes.get(at + 1) == Some(&b'(')) {
                return at;
            }
            if byte == b'\n' && line_end.is_none() {
                line_end = Some(at);
            }
            escapes = if byte == b'\\' { escapes + 1 } else { 0 };
        }
        line_end.unwrap_or(self.bytes.len())
    }

    /// Returns where an unquoted value ends.
    fn unquoted_end(&self, from: usize) -> usize {
        let (mut at, mut braces) = (from, 0_usize);
        while let Some(&byte) = self.bytes.get(at) {
            let next = self.bytes.get(at + 1).copied().unwrap_or(b' ');
            let ends = match byte {
                b'\'' | b'"' => true,
                b'$' => next == b'(' || (next == b'\'' && self.quote == Quote::None),
                b',' => self.names_follow(at + 1),
                b'{' => {
                    braces += 1;
                    false
                }
                // The end of `{token: x}`, unless it is that of `${X}`.
                b'}' => {
                    let last = ends_word(next) || b"'\",}]".contains(&next);
                    let ours = braces > 0;
                    braces = braces.saturating_sub(1);
                    last && !ours
                }
                b'\\' if self.quote == Quote::None && next != b'\n' => {
                    at += usize::from(self.escapes(at));
                    false
                }
                b'\\' => b"'\"\\nr".contains(&next),
                _ => ends_word(byte),
            };
            if ends {
                return at;
            }
            at += 1;
        }
        self.bytes.len().min(at)
    }

    /// Returns whether another name with a value begins at `from`, or nothing does.
    fn names_follow(&self, from: usize) -> bool {
        let name = self.run(from, |byte| byte.is_ascii_alphanumeric() || b"_.-[]".contains(&byte));
        match self.bytes.get(from + name.len()) {
            _ if name.contains(REDACTED) => true, // there was one the first time
            None => name.is_empty(),
            Some(b'=' | b':') => true,
            Some(&byte) => name.is_empty() && (ends_word(byte) || byte == b'\'' || byte == b'"'),
        }
    }

    /// Returns whether a value cannot be a secret, or is more useful to a reader than to a thief.
    fn is_spared(&self, value: &Range<usize>, holds: Holds) -> bool {
        const WORDS: &[&str] = &[
            "true",
            "false",
            "yes",
            "no",
            "null",
            "none",
            "nil",
            "undefined",
            "include",
            "omit",
            "same-origin",
        ];
        const ELSEWHERE: &[&str] =
            &["file:", "env:", "op://", "arn:", "vault:", "id=", "src=", "type=", "env="];
        const ROOTS: &[&str] = &[
            "~/",
            "./",
            "../",
            "/dev/",
            "/etc/",
            "/home/",
            "/mnt/",
            "/opt/",
            "/private/",
            "/proc/",
            "/root/",
            "/run/",
            "/srv/",
            "/tmp/",
            "/usr/",
            "/Users/",
            "/var/",
        ];
        const FILES: &[&str] = &[".json", ".pem", ".key", ".p12", ".pfx", ".crt", ".yaml", ".yml", ".txt"];
        let text = &self.text[value.clone()];
        let is_code = match self.bytes.get(value.end) {
            Some(b'(') => true,
            _ => text.ends_with('['),
        };
        let file = holds == Holds::Key
            && (text.starts_with(['/', '~']) || FILES.iter().any(|ending| text.ends_with(ending)));
        let count =
            holds == Holds::Token && text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
        let field = || {
            let parts = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
            parts && text.rsplit_once('.').is_some_and(|(_, last)| names::holds(last).is_some())
        };
        is_code
            || file
            || count
            || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
            || ELSEWHERE.iter().chain(ROOTS).any(|start| text.starts_with(start))
            || field()
    }

    /// Returns whether the quotes we are in were opened right before `at`.
    pub(super) fn is_opened_before(&self, at: usize) -> bool {
        self.quote != Quote::None && matches!(self.before(at), Some(b'\'' | b'"'))
    }

    /// Reads back from a sign to the name before it.
    fn name_before(&self, sign: usize) -> Name<'_> {
        let back = |from: usize, most: usize, takes: &dyn Fn(u8) -> bool| {
            from - self.bytes[self.kept..from]
                .iter()
                .rev()
                .take(most)
                .take_while(|&&byte| takes(byte))
                .count()
        };
        let after_space = back(sign, usize::MAX, &|byte| byte == b' ' || byte == b'\t');
        let after_bracket = back(after_space, 1, &|byte| byte == b']');
        let after_quote = back(after_bracket, 1, &|byte| b"'\"`".contains(&byte));
        let end = back(after_quote, usize::MAX, &|byte| byte == b'\\');
        let start = back(end, LONGEST_NAME, &|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        Name {
            text: &self.text[start..end],
            start,
            quoted: after_quote < after_bracket,
            apart: after_space < sign,
            in_path: self.before(start) == Some(b'/'),
        }
    }
}

/// A name before a sign.
struct Name<'a> {
    text: &'a str,
    start: usize,
    /// Whether quotes end between the name and the sign.
    quoted: bool,
    /// Whether there is space between the name and the sign.
    apart: bool,
    /// Whether it is a part of a path.
    in_path: bool,
}
