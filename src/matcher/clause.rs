//! One clause of a rule against one action.

use std::borrow::Cow;
use std::path::Path;

use super::{Candidate, Captures, Subject, code, http, run, sql};
use crate::glob;
use crate::place::path::{Rest, target};
use crate::resolve::action::{Action, Effect, FileWrite};
use crate::rulebook::format::{Clause, How, PathKind, WriteClause};
use crate::truth::Truth;
use crate::unknown::{is_known, is_mark};

/// Returns whether every key that a clause gives holds for what is no start of a program.
pub(super) fn holds(clause: &Clause, subject: &Subject<'_>, captures: &mut Captures) -> Truth {
    match &subject.action.effect {
        Effect::Sql { statement, client } => {
            let Some(wanted) = &clause.sql else { return Truth::No };
            let of_program =
                clause.run.is_empty() || clause.run.iter().any(|run| run.split(' ').next() == Some(client));
            if !of_program {
                return Truth::No;
            }
            sql::holds(wanted, statement, captures)
        }
        Effect::Http(request) => {
            let holds = clause
                .http
                .as_ref()
                .map_or(Truth::No, |wanted| http::holds(wanted, request, subject, captures));
            if clause.known && holds != Truth::Certain { Truth::No } else { holds }
        }
        Effect::Write(write) => writes(clause, write, subject, captures),
        Effect::Call { call, language } => match &clause.call {
            Some(wanted) => code::call(wanted, call, language, subject, captures),
            None => Truth::No,
        },
        Effect::Code(text) => code::mentions(&clause.mentions, text),
        Effect::Run(_) => Truth::No,
    }
}

/// Returns whether an exception certainly covers an action, all of it.
pub(super) fn excuses(exception: &Clause, subject: &Subject<'_>) -> bool {
    match &subject.action.effect {
        Effect::Run(line) => is_about_runs(exception) && run::excuses(exception, line, subject),
        Effect::Write(write) if exception.writes.is_none() => {
            // `operand_path` in an exception speaks of the path that is written, too.
            asks_paths_alone(exception)
                && subject.is_any(&write.path, &exception.operand_path) == Truth::Certain
        }
        Effect::Call { call, .. } if exception.call.is_none() => {
            asks_paths_alone(exception) && code::paths_are(call, &exception.operand_path, subject)
        }
        _ => holds(exception, subject, &mut Captures::new()) == Truth::Certain,
    }
}

/// Returns an action without the operands that a rule's exceptions cover one by one; `None` where there are none.
pub(super) fn beyond(candidate: &Candidate, subject: &Subject<'_>) -> Option<Action> {
    let Effect::Run(line) = &subject.action.effect else { return None };
    let line = run::beyond(candidate, line, subject)?;
    Some(Action { effect: Effect::Run(line), ..subject.action.clone() })
}

/// A clause without SQL, HTTP, calls and the like is about the program itself.
pub(super) fn is_about_runs(clause: &Clause) -> bool {
    clause.sql.is_none()
        && clause.http.is_none()
        && clause.writes.is_none()
        && clause.call.is_none()
        && clause.mentions.is_empty()
}

/// Whether a clause asks for nothing but kinds of place.
fn asks_paths_alone(clause: &Clause) -> bool {
    clause.operand.is_empty() && run::asks_operands_alone(clause)
}

fn writes(clause: &Clause, write: &FileWrite, subject: &Subject<'_>, captures: &mut Captures) -> Truth {
    let Some(wanted) = &clause.writes else { return Truth::No };
    let how = match wanted.how {
        How::Any => true,
        How::Replace => write.replaces,
        How::Empty => write.empties,
    };
    if !how || subject.is_any(&write.path, &[PathKind::Sink]) == Truth::Certain {
        return Truth::No;
    }
    let (found, path) = written(write, subject)
        .map(|path| (written_as(wanted, &path, subject), path))
        .max_by_key(|(found, _)| *found)
        .unwrap_or((Truth::No, Cow::Borrowed(write.path.as_str())));
    captures.insert("path".to_owned(), path.into_owned());
    found
}

/// Returns the path that is written, or what lands below it where it is a directory: `cp policy.yaml ~/.config/guard`.
fn written<'w>(write: &'w FileWrite, subject: &Subject<'_>) -> impl Iterator<Item = Cow<'w, str>> {
    let is_directory =
        !write.names.is_empty() && subject.is_any(&write.path, &[PathKind::Directory]) == Truth::Certain;
    let named = write.names.iter().zip(write.below());
    let below =
        named.filter(move |(name, _)| is_directory && is_known(name)).map(|(_, path)| Cow::Owned(path));
    below.chain(std::iter::once(Cow::Borrowed(write.path.as_str())))
}

/// Returns whether a path that is written is one of those that a clause means.
fn written_as(wanted: &WriteClause, path: &str, subject: &Subject<'_>) -> Truth {
    let mut found = Truth::Certain;
    if !wanted.path.is_empty() {
        found = found.and(path_matches(&wanted.path, path, subject));
    }
    if !wanted.kind.is_empty() {
        let certain = subject.is_any(path, &wanted.kind);
        // A file whose name is not known at all is written all day (`> "$out"`).
        found = found.and(if certain == Truth::Certain { Truth::Certain } else { Truth::No });
    }
    found
}

/// Matches path patterns against a path as it was given and as it is.
fn path_matches(patterns: &[String], path: &str, subject: &Subject<'_>) -> Truth {
    let found = target(path, &subject.action.site, subject.place);
    let known = found.base.filter(|_| found.rest == Rest::Known);
    let as_it_is = known.as_deref().map(Path::to_string_lossy);
    let home = subject.place.home.as_deref().map(Path::to_string_lossy);
    let matches = |pattern: &String| {
        let is_it = |path: &str| match (pattern.strip_prefix("~/"), &home) {
            (Some(below), Some(home)) => matches_below(home.trim_end_matches('/'), below, path),
            _ => glob::matches_path(pattern, path),
        };
        is_it(path).or(as_it_is.as_deref().map_or(Truth::No, is_it))
    };
    match patterns.iter().map(matches).fold(Truth::No, Truth::or) {
        // As above: an unknown name alone says nothing.
        Truth::Possible if path.starts_with(is_mark) => Truth::No,
        found => found,
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
