//! Checks of the reader as a whole, by concern.

mod bounds;
mod harmless;
mod javascript;
mod others;
mod perl_php;
mod python;
mod ruby;
mod uses;

use super::{Argument, Call, Code, Language, MAX_CODE, Shape, Spawned, read, read_script};
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS};

/// Returns `text` with marks shown: `¿` for one word, `…` for any number.
fn shown(text: &str) -> String {
    text.replace(UNKNOWN, "¿").replace(UNKNOWN_WORDS, "…")
}

/// Returns an argument as `value`, `name=value`, `[items]`; `?` where nothing is known.
fn argument(argument: &Argument) -> String {
    let value = match (argument.shape, &argument.value) {
        (Shape::List, _) => format!("[{}]", argument.words().collect::<Vec<_>>().join(" ")),
        (_, Some(value)) => value.clone(),
        (_, None) => "?".to_owned(),
    };
    match &argument.name {
        Some(name) => format!("{name}={value}"),
        None => value,
    }
}

/// Returns a call as `receiver|callee(arguments)`.
fn call(call: &Call) -> String {
    let list = |arguments: &[Argument]| arguments.iter().map(argument).collect::<Vec<_>>().join(", ");
    let receiver =
        if call.receiver.is_empty() { String::new() } else { format!("{}|", list(&call.receiver)) };
    shown(&format!("{receiver}{}({})", call.callee, list(&call.arguments)))
}

/// Returns the calls of `code`.
fn calls(code: &Code) -> Vec<String> {
    code.calls.iter().map(call).collect()
}

/// Checks that `text` makes every call in `expect`.
#[track_caller]
fn check(language: Language, text: &str, expect: &[&str]) {
    let found = calls(&read(text, language, &[]));
    for call in expect {
        assert!(found.iter().any(|found| found == call), "{text}\n  makes no {call}, but {found:#?}");
    }
}

/// Checks that `text` makes no call of any of `callees`.
#[track_caller]
fn check_none(language: Language, text: &str, callees: &[&str]) {
    let code = read(text, language, &[]);
    for callee in callees {
        assert!(
            !code.calls.iter().any(|call| call.is(callee)),
            "{text}\n  calls {callee}: {:#?}",
            calls(&code)
        );
    }
}

/// Checks which commands `text` runs: a shell's text as it is, words between brackets.
#[track_caller]
fn check_commands(language: Language, text: &str, expect: &[&str]) {
    let commands = read(text, language, &[]).commands();
    let found: Vec<String> = commands
        .iter()
        .map(|command| match command {
            Spawned::Shell(text) => shown(text),
            Spawned::Argv(words) => shown(&format!("[{}]", words.join("|"))),
        })
        .collect();
    assert_eq!(found, expect, "{text}");
}
