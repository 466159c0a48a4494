//! SQL that a statement builds and runs: `EXECUTE 'DROP …'`, `EXEC(@sql)`, `DO $$ … $$`,
//! `PREPARE … FROM`, `SELECT 'DROP TABLE '||name … \gexec`.

use super::token::{Kind, Reading, Tokens};
use super::words;
use crate::unknown::{UNKNOWN, is_mark};

/// A text that a statement runs as SQL.
pub(super) enum Built {
    /// The text, in which a mark stands for what is not written out.
    Text(String),
    /// The value of a variable.
    Variable(String),
}

const CONCATENATE: &[&str] = &["CONCAT", "CONCAT_WS"];

/// Returns the texts that the statement runs; `in_block` says whether a bare name is a variable.
pub(super) fn built(tokens: Tokens, reading: Reading, in_block: bool) -> Vec<Built> {
    let verb = tokens.word(0).to_ascii_uppercase();
    let mut found = match verb.as_str() {
        "DO" => block(tokens, reading).into_iter().collect(),
        "EXEC" | "EXECUTE" => executed(tokens, reading, in_block).into_iter().collect(),
        "PREPARE" if tokens.is(2, "FROM") => expression(tokens.from(3), reading).into_iter().collect(),
        _ => Vec::new(),
    };
    let mut at = 0;
    while at < tokens.len() {
        if tokens.is_any(at, words::RUN_TEXT) {
            let end = if tokens.is_sign(at + 1, "(") { tokens.closing(at + 1) } else { tokens.len() };
            found.extend(literals(tokens.sub(at + 1..end), reading).into_iter().map(Built::Text));
            at = end;
        }
        at += 1;
    }
    found
}

/// The body of `DO`, which may be in a language that is not SQL.
fn block(tokens: Tokens, reading: Reading) -> Option<Built> {
    let body = (1..tokens.len()).find(|&at| tokens.kind(at) == Some(Kind::Text))?;
    let language =
        (1..tokens.len()).find(|&at| tokens.is(at, "LANGUAGE")).map_or("sql", |at| tokens.word(at + 1));
    let sql = language.eq_ignore_ascii_case("plpgsql") || language.eq_ignore_ascii_case("sql");
    Some(Built::Text(if sql { tokens.unquoted(body, reading) } else { UNKNOWN.to_string() }))
}

fn executed(tokens: Tokens, reading: Reading, in_block: bool) -> Option<Built> {
    let mut at = 1;
    if tokens.is(at, "IMMEDIATE") {
        let staged = tokens.is(at + 1, "FROM");
        let file = staged.then(|| Built::Text(UNKNOWN.to_string()));
        return file.or_else(|| expression(tokens.from(at + 1), reading));
    }
    // `EXEC @status = procedure` keeps the status.
    if tokens.word(at).starts_with('@') && tokens.is_sign(at + 1, "=") {
        at += 2;
    }
    let parts = (at..tokens.len()).step_by(2).take_while(|&at| at == 1 || tokens.is_sign(at - 1, "."));
    let procedure = parts.last().unwrap_or(at);
    if tokens.is_any(procedure, words::RUN_TEXT) {
        let variable = tokens.word(procedure + 1);
        let is_variable = variable.starts_with('@') && !tokens.is_sign(procedure + 2, "=");
        return is_variable.then(|| Built::Variable(variable.to_owned()));
    }
    let known_call = tokens.is_any(at, &["FORMAT", "CONCAT", "CONCAT_WS", "REPLACE"]);
    let is_text = match tokens.kind(at)? {
        Kind::Text => true,
        Kind::Quoted => tokens.raw(at).starts_with('"'),
        Kind::Sign => tokens.is_sign(at, "("),
        Kind::Word => in_block || known_call || tokens.word(at).starts_with('@') || tokens.is_marked(at),
        _ => false,
    };
    if is_text { expression(tokens.from(at), reading) } else { None }
}

/// Reads an expression whose value is run.
fn expression(tokens: Tokens, reading: Reading) -> Option<Built> {
    let inner = if tokens.is_sign(0, "(") { tokens.sub(1..tokens.closing(0)) } else { tokens };
    let end = inner.outside().find(|&at| inner.is_any(at, &["USING", "INTO", "AT"])).unwrap_or(inner.len());
    let inner = inner.sub(0..end);
    let plain = inner.len() == 1 || (inner.is_sign(1, ".") && inner.len() == 3);
    if plain && inner.kind(0) == Some(Kind::Word) && !inner.is_marked(0) {
        return Some(Built::Variable(inner.word(0).to_owned()));
    }
    let (text, _) = joined(inner, 0, reading);
    (inner.len() > 0).then_some(Built::Text(text))
}

/// Joins what an expression puts together from `start` on: strings as they are, all else as marks.
fn joined(tokens: Tokens, start: usize, reading: Reading) -> (String, usize) {
    let mut text = String::new();
    let mut depth = 0_usize;
    let mut concatenates =
        start > 1 && tokens.is_sign(start - 1, "(") && tokens.is_any(start - 2, CONCATENATE);
    let mut at = start;
    while at < tokens.len() {
        let is_string = tokens.kind(at) == Some(Kind::Text)
            || (tokens.kind(at) == Some(Kind::Quoted) && tokens.raw(at).starts_with('"'));
        if is_string {
            text.push_str(&tokens.unquoted(at, reading));
        } else if tokens.kind(at) == Some(Kind::Sign) {
            match tokens.raw(at) {
                "(" => depth += 1,
                ")" if depth == 0 => break,
                ")" => depth -= 1,
                // The arguments of FORMAT fill holes; those of CONCAT follow one another.
                "," if concatenates => {}
                "," if depth == 0 => break,
                "," => text.push(' '),
                _ => {}
            }
        } else if tokens.is_any(at, &["FROM", "WHERE", "UNION", "ORDER", "GROUP", "LIMIT", "LOOP"]) {
            break;
        } else if tokens.is_any(at, CONCATENATE) {
            concatenates = true;
        } else if !tokens.is_any(at, &["FORMAT", "AS"]) && !text.ends_with(UNKNOWN) {
            text.push(UNKNOWN);
        }
        at += 1;
    }
    (text, at)
}

/// Returns the texts that begin with a string in `tokens`, each with what is joined to it.
pub(super) fn literals(tokens: Tokens, reading: Reading) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens.kind(at) == Some(Kind::Text) || tokens.raw(at).starts_with('"') {
            let (text, end) = joined(tokens, at, reading);
            found.push(text);
            at = end.max(at + 1);
        } else {
            at += 1;
        }
    }
    found
}

/// Returns whether `tokens` speak of a variable; `r` is spoken of by `r.command` too.
pub(super) fn mentions(tokens: Tokens, variable: &str) -> bool {
    (0..tokens.len()).any(|at| tokens.is(at, variable))
}

/// Returns the shell commands that the statement hands to a program: `COPY … TO PROGRAM 'x'`.
pub(super) fn shell_commands(tokens: Tokens, reading: Reading) -> Vec<String> {
    let copies = tokens.is(0, "COPY");
    let is_carrier = |at: usize| tokens.is_any(at, words::RUN_SHELL) || (copies && tokens.is(at, "PROGRAM"));
    let mut found = Vec::new();
    for at in (0..tokens.len()).filter(|&at| is_carrier(at)) {
        let argument = at + 1 + usize::from(tokens.is_sign(at + 1, "("));
        match tokens.kind(argument) {
            Some(Kind::Text) => found.push(tokens.unquoted(argument, reading)),
            Some(Kind::Word)
                if tokens.word(argument).contains(is_mark) || tokens.word(argument).starts_with('@') =>
            {
                found.push(UNKNOWN.to_string());
            }
            _ => {}
        }
    }
    found
}
