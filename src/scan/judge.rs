//! Judges a file's commands where they are.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::allow::Allowances;
use super::kinds::Kinds;
use super::pieces::{self, Body, File, MOST, Piece};
use super::table::Machine;
use super::{Finding, Note, Position, Scanned, baseline};
use crate::config::{self, Config, ConfigError};
use crate::decide::Decision;
use crate::document::mapped::Mapped;
use crate::matcher;
use crate::parse::gap::{Gap, GapKind};
use crate::parse::script::Span;
use crate::pipeline::{self, Session};
use crate::place::{self, Place, kinds};
use crate::proposal::{Environment, Form, Proposal};
use crate::resolve::action::{Action, Effect};
use crate::rulebook::format::PathKind;
use crate::text::safe;
use crate::truth::Truth;
use crate::unknown::UNKNOWN_WORDS;
use crate::world::World;

/// The largest file that is read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// How many arguments a script is assumed to have, all of them unknown.
const ARGUMENTS: usize = 9;

/// The note on a file that was named and is of no known kind.
pub const NO_KIND: &str = "it is of no kind that is known to hold commands";

/// How many lines of a finding are shown.
const LINES: usize = 3;

/// What judging files needs.
pub struct Judge<'j> {
    kinds: &'j Kinds,
    world: &'j dyn World,
    /// Whether findings that depend on unknown values are kept.
    possible: bool,
    environment: Environment,
    /// What is in force, by project.
    configs: BTreeMap<PathBuf, Config>,
}

impl<'j> Judge<'j> {
    /// Returns a judge of what `world` has.
    pub fn new(kinds: &'j Kinds, world: &'j dyn World, possible: bool) -> Self {
        // Of this process's variables only the home directory means anything there.
        let home = std::env::var_os("HOME").map(|home| (OsString::from("HOME"), home));
        Self { kinds, world, possible, environment: home.into_iter().collect(), configs: BTreeMap::new() }
    }

    /// Judges a file. `root` is its project where no repository is around it.
    ///
    /// # Errors
    ///
    /// Returns the policy or pack that is broken.
    pub fn file(&mut self, path: &Path, root: &Path, named: bool) -> Result<Scanned, ConfigError> {
        let mut scanned = Scanned::default();
        let note = |text: &str| Note { path: path.to_owned(), line: None, text: text.to_owned() };
        let directory = path.parent().unwrap_or(path);
        let home = self.environment.text("HOME").map(Path::new);
        let root = place::project_root(directory, home, self.world).unwrap_or_else(|| root.to_owned());
        let below = path.strip_prefix(&root).unwrap_or(path);
        let by_path = self.kinds.by_path(below);
        // A program without an ending is recognised only by its first line.
        let could_be = named || path.extension().is_none();
        if by_path.is_none() && !could_be {
            return Ok(scanned);
        }
        let (bytes, whole) = match self.world.read(path, LARGEST) {
            Ok(read) => read,
            Err(_) => {
                scanned.notes.push(note("it cannot be read"));
                return Ok(scanned);
            }
        };
        let text = String::from_utf8_lossy(&bytes);
        let Some(kind) = by_path.or_else(|| self.kinds.by_first_line(&text)) else {
            if named {
                scanned.notes.push(note(NO_KIND));
            }
            return Ok(scanned);
        };
        scanned.files = 1;
        if !whole {
            scanned.unread.push(note("it is larger than 1 MiB; the rest was not read"));
        }
        self.read(path, File { path: below, text: &text, root: &root, kind }, &mut scanned)?;
        Ok(scanned)
    }

    /// Judges the commands of a file at `path` and adds what comes of them.
    fn read(&mut self, path: &Path, file: File<'_>, scanned: &mut Scanned) -> Result<(), ConfigError> {
        let note = |text| Note { path: path.to_owned(), line: None, text };
        let pieces = match pieces::of(file, self.kinds) {
            Ok(pieces) => pieces,
            Err(why) => {
                scanned.unread.push(note(format!("it is not a valid {}: {why}", file.kind.kind)));
                return Ok(());
            }
        };
        if pieces.len() > MOST {
            scanned.unread.push(note(format!("it holds more than {MOST} commands; the rest was not read")));
        }
        self.prepare(file.root)?;
        let text = Text { path, text: file.text, starts: line_starts(file.text) };
        let found =
            pieces.iter().take(MOST).flat_map(|piece| self.judged(piece, file, &text, scanned)).collect();
        let mut allowances = Allowances::of(file.text);
        let mut kept = worst_of_each(found);
        let all = kept.len();
        kept.retain_mut(|finding| !allowances.allow(finding));
        scanned.allowed = all - kept.len();
        let all = kept.len();
        kept.retain(|finding| finding.certain || self.possible);
        scanned.possible = all - kept.len();
        baseline::mark(&mut kept, file.path);
        scanned.findings = kept;
        scanned.notes.extend(allowances.notes(path));
        Ok(())
    }

    /// Judges one command of a file, and returns what was found in it.
    fn judged(&self, piece: &Piece, file: File<'_>, text: &Text<'_>, scanned: &mut Scanned) -> Vec<Finding> {
        scanned.commands += 1;
        let Some(argv) = self.argv(piece, file.path) else { return Vec::new() };
        let mut place = Place::new(piece.directory.clone(), self.environment.clone(), self.world);
        place.project.get_or_insert_with(|| file.root.to_owned());
        let decision = assess(argv, &place, &self.configs[file.root]);
        let (findings, actions, gaps) = parts(&decision);
        let line = text.position(piece.stands(Span::default()).start).line;
        scanned.unread.extend(gaps.iter().filter(|gap| hides(gap)).map(|gap| Note {
            path: text.path.to_owned(),
            line: Some(line),
            text: safe(&gap.reason).into_owned(),
        }));
        let mut found = Vec::new();
        for finding in findings.iter().filter(|finding| self.counts(&finding.rule.id(), piece)) {
            let only_there = self.kinds.only_what_is_there(&finding.rule.id());
            let is_there = |action: &&Action| !only_there || is_there(action, &place);
            found.extend(text.findings(finding, actions, piece, &is_there));
        }
        found
    }

    /// Reads what is in force in a project, once.
    fn prepare(&mut self, root: &Path) -> Result<(), ConfigError> {
        if !self.configs.contains_key(root) {
            let place = Place::new(root.to_owned(), self.environment.clone(), self.world);
            self.configs.insert(root.to_owned(), config::load(&place)?);
        }
        Ok(())
    }

    /// Returns whether what a rule is about outlives the piece.
    fn counts(&self, rule: &str, piece: &Piece) -> bool {
        piece.machine != Machine::ThrownAway || !self.kinds.goes_with_the_machine(rule)
    }

    /// Returns the words that run a piece.
    fn argv(&self, piece: &Piece, file: &Path) -> Option<Vec<OsString>> {
        let is_inside = piece.machine == Machine::Container;
        let mut words: Vec<OsString> = if is_inside { self.kinds.container().collect() } else { Vec::new() };
        match &piece.body {
            Body::Text { reader, text } => {
                words.extend(self.kinds.hand_over(reader, text.text())?);
                if !is_inside {
                    // `$0`, and arguments that are not known: a script may be called with any.
                    words.push(file.into());
                    words.extend(std::iter::repeat_n(OsString::from(UNKNOWN_WORDS.to_string()), ARGUMENTS));
                }
            }
            Body::Words(all) => words.extend(all.iter().map(|word| OsString::from(word.text()))),
        }
        Some(words)
    }
}

fn assess(argv: Vec<OsString>, place: &Place<'_>, config: &Config) -> Decision {
    pipeline::assess(Proposal::at(place, Form::Argv(argv)), Session::of(place, config))
}

fn parts(decision: &Decision) -> (&[matcher::Finding], &[Action], &[Gap]) {
    match decision {
        Decision::Run(clearance) => (&[], clearance.actions(), clearance.gaps()),
        Decision::Confirm(challenge) => (challenge.findings(), challenge.actions(), challenge.gaps()),
        Decision::Refuse(refusal) => (refusal.findings(), refusal.actions(), refusal.gaps()),
    }
}

/// Returns whether something unread may be behind a gap, in this file or when it is run.
fn hides(gap: &Gap) -> bool {
    !matches!(gap.kind, GapKind::Value | GapKind::Syntax)
}

impl Piece {
    /// Returns where in the file a stretch of the piece stands; all of it where none is given.
    fn stands(&self, span: Span) -> Range<usize> {
        let all = |words: &[Mapped]| match (words.first(), words.last()) {
            (Some(first), Some(last)) => first.whole().start..last.whole().end,
            _ => 0..0,
        };
        match &self.body {
            Body::Text { text, .. } if span == Span::default() => {
                let trimmed = text.trimmed();
                let first = trimmed.text().find('\n').unwrap_or(trimmed.text().len());
                trimmed.source(0..first)
            }
            Body::Text { text, .. } => text.source(span.start as usize..span.end as usize),
            Body::Words(words) => all(words),
        }
    }
}

/// Returns whether a program acts on something that exists now and that no build recreates.
fn is_there(action: &Action, place: &Place<'_>) -> bool {
    let Effect::Run(line) = &action.effect else { return true };
    let is = |text: &str, kind| kinds::is(text, kind, &action.site, place) == Truth::Certain;
    let mut operands = line.readings.iter().flat_map(|reading| &reading.operands);
    operands.any(|operand| !is(&operand.text, PathKind::Missing) && !is(&operand.text, PathKind::Artefact))
}

/// A file's text, by lines.
struct Text<'f> {
    path: &'f Path,
    text: &'f str,
    starts: Vec<usize>,
}

impl Text<'_> {
    /// Returns what a rule found in a piece, once for each place in the file.
    fn findings(
        &self,
        finding: &matcher::Finding,
        actions: &[Action],
        piece: &Piece,
        is_there: &dyn Fn(&&Action) -> bool,
    ) -> Vec<Finding> {
        let mut spans: Vec<Span> = std::iter::once(&finding.action)
            .chain(&finding.also)
            .filter_map(|at| actions.get(*at))
            .filter(|action| !action.apart)
            .filter(|action| is_there(action))
            .map(|action| action.at)
            .collect();
        spans.dedup();
        let one = |span: Span| {
            let range = self.without_blanks(piece.stands(span));
            Finding {
                path: self.path.to_owned(),
                start: self.position(range.start),
                end: self.position(range.end),
                lines: self.lines(&range),
                range,
                rule: Arc::clone(&finding.rule),
                also: Vec::new(),
                phrase: finding.phrase.clone(),
                certain: finding.certainty == Truth::Certain,
                label: piece.label.clone(),
                fingerprint: String::new(),
            }
        };
        spans.into_iter().map(one).collect()
    }

    fn without_blanks(&self, range: Range<usize>) -> Range<usize> {
        let text = self.text.get(range.clone()).unwrap_or_default();
        let start = range.start + (text.len() - text.trim_start().len());
        start..start + text.trim().len()
    }

    fn position(&self, at: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let before = self.text.get(self.starts[line - 1]..at).unwrap_or_default();
        Position { line, column: before.chars().count() + 1 }
    }

    fn lines(&self, range: &Range<usize>) -> Vec<String> {
        let first = self.position(range.start).line;
        let last = self.position(range.end.max(range.start + 1) - 1).line;
        let from = self.text.get(self.starts[first - 1]..).unwrap_or_default();
        from.lines().take((last + 1 - first).min(LINES)).map(str::to_owned).collect()
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect()
}

/// Merges the findings at the same place: the worst rule is reported, the others are named.
fn worst_of_each(mut found: Vec<Finding>) -> Vec<Finding> {
    let rank = |finding: &Finding| {
        (
            finding.range.start,
            finding.range.end,
            !finding.certain,
            std::cmp::Reverse(finding.rule.rule.severity),
        )
    };
    found.sort_by_key(rank);
    let mut all: Vec<Finding> = Vec::new();
    for finding in found {
        match all.last_mut() {
            Some(worst) if worst.range == finding.range => {
                let known = std::iter::once(&worst.rule)
                    .chain(&worst.also)
                    .any(|rule| rule.id() == finding.rule.id());
                // A possible finding adds nothing to a certain one.
                if !known && finding.certain == worst.certain {
                    worst.also.push(finding.rule);
                }
            }
            _ => all.push(finding),
        }
    }
    all
}
