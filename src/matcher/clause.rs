//! One clause of a rule against one action.

use super::{Candidate, Captures, Subject, code, http, run, sql, writes};
use crate::resolve::action::{Action, Effect};
use crate::rulebook::format::Clause;
use crate::truth::Truth;

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
            sql::holds(wanted, statement, subject, captures)
        }
        Effect::Http(request) => {
            let holds = clause
                .http
                .as_ref()
                .map_or(Truth::No, |wanted| http::holds(wanted, request, subject, captures));
            if clause.known && holds != Truth::Certain { Truth::No } else { holds }
        }
        Effect::Write(write) => writes::holds(clause, write, subject, captures),
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
        _ => holds(exception, subject, &mut Captures::default()) == Truth::Certain,
    }
}

/// Returns an action without the operands that a rule's exceptions cover one by one; `None` where there are none.
pub(super) fn beyond(candidate: &Candidate, subject: &Subject<'_>) -> Option<Action> {
    let Effect::Run(line) = &subject.action.effect else { return None };
    let line = run::beyond(candidate, line, subject)?;
    Some(Action { effect: Effect::Run(line.into()), ..subject.action.clone() })
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
