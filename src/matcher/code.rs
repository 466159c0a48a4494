//! Clauses about inline code.

use super::{Captures, Subject, pattern};
use crate::glob::Text;
use crate::resolve::code::{Argument, Call, Code};
use crate::rulebook::format::{CallClause, PathKind};
use crate::truth::Truth;

/// Returns whether a clause holds for a call.
pub(super) fn call(
    clause: &CallClause,
    call: &Call,
    language: &str,
    subject: &Subject<'_>,
    captures: &mut Captures,
) -> Truth {
    let named = names(clause, &call.callee);
    let spoken = clause.language.is_empty() || clause.language.iter().any(|wanted| wanted == language);
    if !named || !spoken || clause.in_loop && !call.in_loop {
        return Truth::No;
    }
    if clause.no_argument && !call.arguments.iter().all(is_nothing) {
        return Truth::No;
    }
    let mut found = Truth::Certain;
    if !clause.argument.is_empty() {
        let told = |argument: &Argument| {
            let source = pattern::any(&clause.argument, &written(argument));
            source
                .or(argument.value.as_ref().map_or(Truth::No, |value| pattern::any(&clause.argument, value)))
        };
        found = found.and(call.arguments.iter().map(told).fold(Truth::No, Truth::or));
    }
    if !clause.argument_path.is_empty() {
        let mut best = Truth::No;
        for path in paths(call) {
            let of_kind = subject.is_any(&path, &clause.argument_path);
            if of_kind > best {
                best = of_kind;
                captures.insert("path", path);
            }
        }
        found = found.and(best);
    }
    let first = call.arguments.first().or(call.receiver.first());
    if let Some(value) = first.and_then(|argument| argument.value.clone()) {
        captures.insert("call.argument", value);
    }
    captures.insert("call", call.callee.clone());
    found
}

/// Returns whether a clause is about what goes by the name `callee`.
pub(super) fn names(clause: &CallClause, callee: &str) -> bool {
    let callee = Text::new(callee);
    clause.name.iter().any(|wanted| wanted.matches(&callee) == Truth::Certain)
}

/// Returns whether every path that a call gets is certainly of one of `kinds`.
pub(super) fn paths_are(call: &Call, kinds: &[PathKind], subject: &Subject<'_>) -> bool {
    let all = paths(call);
    !all.is_empty() && all.iter().all(|path| subject.is_any(path, kinds) == Truth::Certain)
}

/// The paths of a call: the receiver's, else the first argument that is not named.
fn paths(call: &Call) -> Vec<String> {
    let plain = |argument: &&Argument| argument.name.is_none();
    let receiver = call.receiver.iter().find(plain);
    let argument = receiver.or_else(|| call.arguments.iter().find(plain));
    let Some(argument) = argument else { return Vec::new() };
    if argument.items.is_empty() {
        vec![argument.value.clone().unwrap_or_else(|| crate::unknown::UNKNOWN.to_string())]
    } else {
        let unknown = || crate::unknown::UNKNOWN.to_string();
        argument.items.iter().map(|item| item.clone().unwrap_or_else(unknown)).collect()
    }
}

/// `{}`, `[]`, `None`, `null`: nothing that narrows a call down.
fn is_nothing(argument: &Argument) -> bool {
    let text: String = argument.text.chars().filter(|c| !c.is_whitespace()).collect();
    argument.name.is_none()
        && matches!(text.as_str(), "" | "{}" | "[]" | "None" | "null" | "nil" | "undefined")
}

/// An argument as it was written, its name included.
fn written(argument: &Argument) -> String {
    match &argument.name {
        Some(name) => format!("{name}: {}", argument.text),
        None => argument.text.clone(),
    }
}

/// Returns whether all words stand in the code, outside comments.
pub(super) fn mentions(words: &[String], code: &Code) -> Truth {
    Truth::certain_if(!words.is_empty() && words.iter().all(|word| code.mentions(word)))
}
