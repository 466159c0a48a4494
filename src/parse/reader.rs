//! The place in a text up to which it has been read, and what happens when it cannot be read on.
//!
//! A failure ends the visible text: every loop of the parser then stops as it would at the end of
//! a file, and what it has read so far stays in the tree. Only [`Reader::script`] goes on after
//! a failure.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Dialect;
use super::gap::{Gap, GapKind};
use super::here::Awaited;
use super::script::{Script, Span};

/// How deeply commands, substitutions and expansions may nest in each other.
const DEPTH: usize = 40;

/// How many bytes may be read twice, where only the end of a construct tells what it is.
const FUEL: usize = 128 * 1024;

/// What it costs to go back, in bytes, however little was read.
const REWIND: usize = 32;

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
    /// How many of zsh's `foreach` are open: in them `end` ends a list.
    pub(super) foreach_depth: usize,
    /// How many `$( … )` are open.
    pub(super) substitution_depth: usize,
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
            foreach_depth: 0,
            substitution_depth: 0,
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
        let mut failed_at = usize::MAX;
        let mut commands = Vec::new();
        loop {
            self.list(&mut commands);
            if self.at < self.end {
                self.unexpected();
            }
            if self.failed {
                self.forgive(end);
                if self.gave_up() {
                    break;
                }
                let line = &self.bytes()[self.at..end];
                self.end = self.at + line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
                let is_stuck = std::mem::replace(&mut failed_at, self.at) == self.at;
                if is_stuck || self.ends_list() || self.at_operator() {
                    self.at += self.token().len();
                }
            } else if self.end < end {
                self.end = end;
            } else {
                break;
            }
            self.awaited.clear();
        }
        self.at = end;
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
            Some(_) => format!("unexpected `{}`", self.token()),
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
        if self.gaps.len() < MAX_GAPS {
            self.gaps.push(Gap { kind, span, reason: reason.into() });
        } else if !self.gave_up() {
            let reason = "too many gaps to read on".to_owned();
            self.gaps.push(Gap { kind: GapKind::Bound, span, reason });
        }
    }

    /// Makes the text up to `end` visible again after a failure.
    pub(super) fn forgive(&mut self, end: usize) {
        self.failed = false;
        self.end = end;
    }

    /// Returns whether there are too many gaps to read on after a failure.
    pub(super) fn gave_up(&self) -> bool {
        self.gaps.len() > MAX_GAPS
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { at: self.at, end: self.end, gaps: self.gaps.len(), awaited: self.awaited.len() }
    }

    /// Goes back to `mark` in order to read it differently, as long as the fuel lasts and no bound
    /// was hit.
    pub(super) fn rewind(&mut self, mark: &Mark) {
        if self.failed && self.gaps.last().is_some_and(|gap| gap.kind == GapKind::Bound) {
            return;
        }
        let cost = REWIND + self.at - mark.at;
        self.gaps.truncate(mark.gaps);
        self.awaited.truncate(mark.awaited);
        self.at = mark.at;
        self.forgive(mark.end);
        self.fuel = self.fuel.saturating_sub(cost);
        self.has_fuel();
    }

    /// Returns whether something may be read that may have to be read again, else fails.
    pub(super) fn has_fuel(&mut self) -> bool {
        if self.fuel == 0 {
            self.fail(GapKind::Bound, "too tangled to be read");
        }
        self.fuel > 0
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        self.origin.unwrap_or_else(|| super::span(start, end))
    }

    fn at_operator(&mut self) -> bool {
        self.peek().is_some_and(|byte| b";&|<>()".contains(&byte))
    }

    /// Returns the word, or the run of one operator's bytes, that stands here.
    fn token(&self) -> &'t str {
        let rest = self.rest();
        let first = rest.chars().next();
        let is_same = |c: char| match first {
            Some(first) if first.is_ascii_alphanumeric() => c.is_ascii_alphanumeric(),
            first => Some(c) == first,
        };
        &rest[..rest.find(|c| !is_same(c)).unwrap_or(rest.len())]
    }
}
