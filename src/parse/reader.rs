//! The place in a text up to which it has been read, and what happens when it cannot be read on.
//!
//! A failure ends the visible text: every loop of the parser then stops as it would at the end of
//! a file, and what it has read so far stays in the tree. Only [`Reader::script`] goes on after
//! a failure.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::Dialect;
use super::gap::{Gap, GapKind};
use super::here::Awaited;
use super::script::{Script, Span};

/// How deeply commands, substitutions and expansions may nest in each other.
const DEPTH: usize = 40;

/// How many bytes may be read twice, where only the end of a construct tells what it is.
const FUEL: usize = 256 * 1024;

/// After this many gaps the rest is not read: the text is not shell text.
const MAX_GAPS: usize = 32;

/// A text with the place up to which it has been read.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) dialect: Dialect,
    /// The next byte to read.
    pub(super) at: usize,
    /// One past the last byte that may be read.
    pub(super) end: usize,
    /// Whether reading failed, so that `end` hides the rest.
    pub(super) failed: bool,
    /// How many zsh brace groups are open: in them a `}` ends any word.
    pub(super) braces: usize,
    /// How many of zsh's `foreach` are open: in them `end` ends a list.
    pub(super) foreachs: usize,
    /// How many `$( … )` are open.
    pub(super) substitutions: usize,
    /// Here-documents whose bodies begin after the next newline.
    pub(super) awaited: Vec<Awaited>,
    /// Where the bodies of here-documents stand, by the place of their operator.
    pub(super) bodies: BTreeMap<usize, Range<usize>>,
    /// Whether a here-document was met whose body had not been found yet.
    pub(super) body_missing: bool,
    gaps: Vec<Gap>,
    depth: usize,
    fuel: usize,
    /// Where the text came from when it is not the text itself (unescaped backticks).
    origin: Option<Span>,
}

/// A place to come back to.
pub(super) struct Mark {
    at: usize,
    end: usize,
    gaps: usize,
    awaited: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, dialect: Dialect) -> Self {
        Self {
            text,
            dialect,
            at: 0,
            end: text.len(),
            failed: false,
            braces: 0,
            foreachs: 0,
            substitutions: 0,
            awaited: Vec::new(),
            bodies: BTreeMap::new(),
            body_missing: false,
            gaps: Vec::new(),
            depth: 0,
            fuel: FUEL,
            origin: None,
        }
    }

    pub(super) fn into_gaps(self) -> Vec<Gap> {
        self.gaps
    }

    /// Reads everything up to `end`, whatever it takes.
    pub(super) fn script(&mut self) -> Script {
        self.until_bodies_are_known(Self::script_with_recovery)
    }

    /// Reads a script, going on after each failure: the rest of the failing line by itself, which
    /// an interactive shell would drop, and then the next line as if nothing had happened.
    fn script_with_recovery(&mut self) -> Script {
        let end = self.end;
        let mut stop = end;
        let mut commands = Vec::new();
        loop {
            self.end = stop;
            self.list(&mut commands);
            if self.at < self.end {
                self.unexpected();
            }
            if !self.failed {
                if stop == end {
                    break;
                }
                stop = end;
                continue;
            }
            self.forgive(end);
            self.awaited.clear();
            if self.gave_up() {
                self.at = end;
                break;
            }
            let line_end = memchr::memchr(b'\n', &self.bytes()[self.at..end]);
            stop = line_end.map_or(end, |length| self.at + length);
            self.skip_token(stop);
        }
        self.end = end;
        Script { commands }
    }

    /// Runs `read` on the text of another reader, derived from what stands at `origin` here.
    pub(super) fn read_derived<T>(
        &mut self,
        text: &str,
        origin: Span,
        read: impl FnOnce(&mut Reader<'_>) -> T,
    ) -> T {
        let mut inner = Reader::new(text, self.dialect);
        inner.origin = Some(self.origin.unwrap_or(origin));
        inner.gaps = std::mem::take(&mut self.gaps);
        inner.depth = self.depth;
        inner.fuel = self.fuel;
        let read = read(&mut inner);
        self.fuel = inner.fuel;
        self.gaps = inner.gaps;
        read
    }

    /// Runs `read`, and once more from the same place when it met here-documents: their bodies
    /// stand behind the line in which they are announced, so they are known only after it.
    pub(super) fn until_bodies_are_known<T>(&mut self, read: impl Fn(&mut Self) -> T) -> T {
        let (at, gaps) = (self.at, self.gaps.len());
        let outer = std::mem::replace(&mut self.body_missing, false);
        let mut done = read(self);
        if std::mem::replace(&mut self.body_missing, outer) {
            self.at = at;
            self.gaps.truncate(gaps);
            self.awaited.clear();
            done = read(self);
            self.body_missing = outer;
        }
        done
    }

    /// Runs `read` one level deeper, unless that is too deep.
    pub(super) fn nested<T: Default>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth == DEPTH {
            self.fail(GapKind::Bound, "nested too deeply to be read");
            return T::default();
        }
        self.depth += 1;
        let done = read(self);
        self.depth -= 1;
        done
    }

    /// Records a gap here and hides the rest of the text.
    pub(super) fn fail(&mut self, kind: GapKind, reason: impl Into<String>) {
        if self.failed {
            return;
        }
        let next = self.rest().chars().next().map_or(0, char::len_utf8);
        self.gap(kind, self.at..self.at + next, reason);
        self.failed = true;
        self.end = self.at;
    }

    /// Fails because of what stands here.
    pub(super) fn unexpected(&mut self) {
        let reason = match self.rest().chars().next() {
            Some('\n') => "a line ends too early".to_owned(),
            Some(_) => format!("unexpected `{}`", self.token(self.end)),
            None => "the text ends too early".to_owned(),
        };
        self.fail(GapKind::Syntax, reason);
    }

    /// Fails because `what` does not stand here.
    pub(super) fn missing(&mut self, what: &str) {
        self.fail(GapKind::Syntax, format!("`{what}` is missing"));
    }

    pub(super) fn gap(&mut self, kind: GapKind, range: Range<usize>, reason: impl Into<String>) {
        let span = self.span(range.start, range.end);
        self.gaps.push(Gap { kind, span, reason: reason.into() });
    }

    /// Makes the text up to `end` visible again after a failure.
    pub(super) fn forgive(&mut self, end: usize) {
        self.failed = false;
        self.end = end;
    }

    /// Returns whether there are too many gaps to go on, and says so once.
    pub(super) fn gave_up(&mut self) -> bool {
        if self.gaps.len() == MAX_GAPS {
            self.gap(GapKind::Bound, self.at..self.end, "too many syntax errors to read on");
        }
        self.gaps.len() > MAX_GAPS
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { at: self.at, end: self.end, gaps: self.gaps.len(), awaited: self.awaited.len() }
    }

    /// Goes back to `mark` in order to read it differently, as long as the fuel lasts.
    pub(super) fn rewind(&mut self, mark: &Mark) {
        let read = self.at - mark.at;
        self.gaps.truncate(mark.gaps);
        self.awaited.truncate(mark.awaited);
        self.at = mark.at;
        self.forgive(mark.end);
        match self.fuel.checked_sub(read) {
            Some(fuel) => self.fuel = fuel,
            None => self.fail(GapKind::Bound, "too tangled to be read"),
        }
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        self.origin.unwrap_or_else(|| super::span(start, end))
    }

    pub(super) fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// Returns the text that has not been read.
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..self.end]
    }

    /// Returns the next byte, past any line continuation.
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.at = self.past_continuations(self.at);
        self.byte(self.at)
    }

    /// Returns the byte behind the next one.
    pub(super) fn peek_second(&self) -> Option<u8> {
        self.byte(self.past_continuations(self.at + 1))
    }

    /// Returns the byte at `at` as long as it may be read.
    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        if at < self.end { Some(self.bytes()[at]) } else { None }
    }

    /// Returns the place of the first byte from `at` on that does not belong to a `\` newline.
    pub(super) fn past_continuations(&self, mut at: usize) -> usize {
        while self.byte(at) == Some(b'\\') && self.byte(at + 1) == Some(b'\n') {
            at += 2;
        }
        at
    }

    /// Steps over `byte` if it stands here.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let stands = self.peek() == Some(byte);
        self.at += usize::from(stands);
        stands
    }

    /// Steps over the two bytes of an operator if they stand here.
    pub(super) fn eat_pair(&mut self, pair: &[u8; 2]) -> bool {
        let stands = self.peek() == Some(pair[0]) && self.peek_second() == Some(pair[1]);
        if stands {
            self.at = self.past_continuations(self.at + 1) + 1;
        }
        stands
    }

    /// Steps over `word` if it stands here, unquoted and by itself.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let end = self.bare_word().and_then(|(bare, end)| (bare == word).then_some(end));
        self.at = end.unwrap_or(self.at);
        end.is_some()
    }

    /// Steps over `word`, which has to stand here.
    pub(super) fn expect_word(&mut self, word: &str) {
        if !self.eat_word(word) {
            self.missing(word);
        }
    }

    /// Returns the word that stands here and its end, if nothing in it is quoted or expanded and it
    /// is short enough to be reserved.
    pub(super) fn bare_word(&mut self) -> Option<(Cow<'t, str>, usize)> {
        const LONGEST: usize = "function".len();
        self.peek();
        let mut end = self.at;
        let mut next = end;
        let mut length = 0;
        while let Some(byte) = self.byte(next) {
            match byte {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                b'$' | b'`' | b'\'' | b'"' | b'\\' => return None,
                _ if length == LONGEST => return None,
                _ => length += 1,
            }
            end = next + 1;
            next = self.past_continuations(end);
        }
        let written = &self.text[self.at..end];
        let word = if end - self.at == length {
            Cow::Borrowed(written)
        } else {
            Cow::Owned(written.replace("\\\n", ""))
        };
        Some((word, end))
    }

    /// Steps over a name (letters, digits and `_`, no digit first) and returns it.
    pub(super) fn eat_name(&mut self) -> Option<String> {
        let end = self.name_end(self.at)?;
        let written = &self.text[self.at..end];
        self.at = end;
        Some(written.replace("\\\n", ""))
    }

    /// Returns where the name that begins at `at` ends.
    pub(super) fn name_end(&self, at: usize) -> Option<usize> {
        let mut end = None;
        let mut next = self.past_continuations(at);
        while let Some(byte) = self.byte(next)
            && (byte == b'_' || byte.is_ascii_alphabetic() || end.is_some() && byte.is_ascii_digit())
        {
            end = Some(next + 1);
            next = self.past_continuations(next + 1);
        }
        end
    }

    pub(super) fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t') = self.peek() {
            self.at += 1;
        }
        if self.byte(self.at) == Some(b'#') {
            let comment = self.rest().as_bytes();
            self.at += memchr::memchr(b'\n', comment).unwrap_or(comment.len());
        }
    }

    /// Skips blanks, comments and newlines.
    pub(super) fn skip_newlines(&mut self) {
        self.skip_blanks();
        while self.peek() == Some(b'\n') {
            self.at += 1;
            self.find_bodies();
            self.skip_blanks();
        }
    }

    fn skip_token(&mut self, stop: usize) {
        self.at += self.token(stop).len();
    }

    /// Returns the word, or the run of one operator's bytes, that stands here before `stop`.
    fn token(&self, stop: usize) -> &'t str {
        let rest = &self.text[self.at..stop];
        let first = rest.chars().next();
        let is_same = |c: char| match first {
            Some(first) if first.is_ascii_alphanumeric() => c.is_ascii_alphanumeric(),
            first => Some(c) == first,
        };
        &rest[..rest.find(|c| !is_same(c)).unwrap_or(rest.len())]
    }
}
