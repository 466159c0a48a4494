//! Clauses about a file that is written.

use std::path::Path;

use super::{Captures, Subject};
use crate::glob::{self, Glob, Text};
use crate::place::path::{Rest, look};
use crate::resolve::action::FileWrite;
use crate::rulebook::format::{Clause, How, PathKind, WriteClause};
use crate::truth::Truth;
use crate::unknown::{is_known, is_mark};

/// A path that is written.
pub(super) struct Written {
    path: Text<'static>,
    /// Where it leads, if all of that is known and it is not written so.
    leads_to: Option<Text<'static>>,
}

impl Written {
    fn new(path: String, subject: &Subject<'_>) -> Self {
        let found = look(&path, &subject.action.site, subject.place);
        let known = found.target.base.as_deref().filter(|_| found.target.rest == Rest::Known);
        let known = known.map(Path::to_string_lossy).filter(|known| *known != path);
        Self { leads_to: known.map(|known| Text::new(known.into_owned())), path: Text::new(path) }
    }

    /// Returns whether one of some path patterns matches the path as it was given or as it is.
    fn is_any(&self, patterns: &[Glob], subject: &Subject<'_>) -> Truth {
        let is = |pattern: &Glob| {
            let is_it = |path: &Text<'_>| matches(pattern, path, subject.place.home.as_deref());
            is_it(&self.path).or(self.leads_to.as_ref().map_or(Truth::No, is_it))
        };
        match patterns.iter().map(is).fold(Truth::No, Truth::or) {
            // A file whose name is not known at all is written all day (`> "$out"`).
            Truth::Possible if self.path.as_str().starts_with(is_mark) => Truth::No,
            found => found,
        }
    }
}

/// Returns the paths that are written: what lands below it where it is a directory (`cp policy.yaml ~/.config/guard`)
/// and itself. What is written to a sink goes nowhere.
pub(super) fn written(write: &FileWrite, subject: &Subject<'_>) -> Vec<Written> {
    if subject.is_any(&write.path, &[PathKind::Sink]) == Truth::Certain {
        return Vec::new();
    }
    let is_directory =
        !write.names.is_empty() && subject.is_any(&write.path, &[PathKind::Directory]) == Truth::Certain;
    let named = || write.names.iter().zip(write.below()).filter(|(name, _)| is_known(name));
    let below = is_directory.then(named).into_iter().flatten().map(|(_, path)| path);
    below.chain([write.path.clone()]).map(|path| Written::new(path, subject)).collect()
}

/// Returns whether a clause is about what is written.
pub(super) fn holds(
    clause: &Clause,
    write: &FileWrite,
    subject: &Subject<'_>,
    captures: &mut Captures,
) -> Truth {
    let Some(wanted) = &clause.writes else { return Truth::No };
    let how = match wanted.how {
        How::Any => true,
        How::Replace => write.replaces,
        How::Empty => write.empties,
    };
    if !how {
        return Truth::No;
    }
    let paths = subject.written.get_or_init(|| written(write, subject)).iter();
    let found = paths.map(|path| (written_as(wanted, path, subject), path)).max_by_key(|(found, _)| *found);
    let Some((found, path)) = found.filter(|(found, _)| found.is_possible()) else { return Truth::No };
    captures.insert("path", path.path.as_str().to_owned());
    found
}

/// Returns whether a path that is written is one of those that a clause means.
fn written_as(wanted: &WriteClause, path: &Written, subject: &Subject<'_>) -> Truth {
    let mut found = Truth::Certain;
    if !wanted.path.is_empty() {
        found = found.and(path.is_any(&wanted.path, subject));
    }
    if found != Truth::No && !wanted.kind.is_empty() {
        // As above: where nothing is certain, a name that is not known says nothing.
        let certain = subject.is_any(path.path.as_str(), &wanted.kind) == Truth::Certain;
        found = found.and(Truth::certain_if(certain));
    }
    found
}

/// Matches a path pattern, in which `~/` is the home directory, against a path.
fn matches(pattern: &Glob, path: &Text<'_>, home: Option<&Path>) -> Truth {
    if !pattern.may_match(path) {
        return Truth::No;
    }
    match (pattern.strip_prefix("~/"), home.map(Path::to_string_lossy)) {
        (Some(below), Some(home)) => matches_below(home.trim_end_matches('/'), below, path.as_str()),
        _ => pattern.matches_path(path),
    }
}

/// Matches a pattern of what is below a directory against a path.
fn matches_below(directory: &str, pattern: &str, path: &str) -> Truth {
    if !is_known(path) {
        return glob::matches_path(&format!("{directory}/{pattern}"), path);
    }
    let below = path.strip_prefix(directory).and_then(|below| below.strip_prefix('/'));
    below.map_or(Truth::No, |below| glob::matches_path(pattern, below))
}
