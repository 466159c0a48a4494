//! Tools that no agent's file names, such as those of MCP servers, and programs that wait to be told
//! what to do. What is known of them is data, in `shims/agents/tools.txt`.

use std::ffi::OsString;

use serde_json::Value;

use crate::entry::exec::shell;
use crate::proposal::Form;
use crate::resolve::command_line::CommandLine;

const TABLE: &str = include_str!("../../../shims/agents/tools.txt");

/// How deep in a tool's arguments commands are looked for.
const DEPTH: usize = 8;

/// How many commands one call of a tool may have; what has more is judged by these.
const MOST: usize = 256;

/// Returns the lines of the table that begin with `kind`, without it.
fn lines(kind: &str) -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter_map(move |line| line.strip_prefix(kind)?.strip_prefix(' ')).map(str::trim)
}

/// Returns a name as names are compared.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Returns why a tool is refused by its name.
pub(super) fn refused(tool: &str) -> Option<&'static str> {
    let tool = plain(tool);
    lines("refuse").find_map(|line| {
        let (part, why) = line.split_once(' ')?;
        tool.contains(part).then_some(why)
    })
}

/// Returns the commands among a tool's arguments.
pub(super) fn commands(arguments: &Value) -> Vec<Form> {
    let mut found = Vec::new();
    match arguments {
        // Arguments that were sent as text.
        Value::String(text) => {
            if let Ok(value) = serde_json::from_str(text) {
                collect(&value, DEPTH, &mut found);
            }
        }
        value => collect(value, DEPTH, &mut found),
    }
    found
}

fn collect(value: &Value, depth: usize, found: &mut Vec<Form>) {
    if depth == 0 || found.len() >= MOST {
        return;
    }
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match is_command(name).then(|| form(name, value, map)).flatten() {
                    Some(forms) => found.extend(forms),
                    None => collect(value, depth - 1, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, depth - 1, found)),
        _ => {}
    }
}

fn is_command(name: &str) -> bool {
    let name = plain(name);
    lines("argument").any(|known| known == name)
}

/// Returns the commands that an argument holds, where it holds any.
fn form(name: &str, value: &Value, beside: &serde_json::Map<String, Value>) -> Option<Vec<Form>> {
    let text = |text: &str| shell(OsString::from(text), None);
    match value {
        Value::String(command) => {
            // A program beside its arguments.
            let arguments = ["args", "arguments"].iter().find_map(|name| words(beside.get(*name)?));
            Some(vec![match arguments {
                Some(arguments) => {
                    Form::Argv([OsString::from(command)].into_iter().chain(arguments).collect())
                }
                None => text(command),
            }])
        }
        Value::Array(list) if plain(name) == "commands" => {
            list.iter().map(|item| Some(text(item.as_str()?))).collect()
        }
        Value::Array(_) => words(value).map(|words| vec![Form::Argv(words)]),
        _ => None,
    }
}

/// Returns a list of texts as a program's words; nothing for an empty list.
pub(super) fn words(list: &Value) -> Option<Vec<OsString>> {
    let words: Option<Vec<OsString>> =
        list.as_array()?.iter().map(|word| word.as_str().map(OsString::from)).collect();
    words.filter(|words| !words.is_empty())
}

/// Returns whether a program that is called so reads commands from its terminal.
pub(super) fn waits(line: &CommandLine) -> bool {
    // `python3.12` is `python`.
    let unnumbered = line.program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let known =
        |program: &str| lines("waits").find_map(|known| known.strip_prefix(program)?.strip_prefix(' '));
    let Some(known) = known(&line.program).or_else(|| known(unnumbered)) else { return false };
    let mut known = known.split_ascii_whitespace();
    let most: usize = known.next().and_then(|number| number.parse().ok()).unwrap_or(0);
    let (forced, ends): (Vec<_>, Vec<_>) = known.partition(|option| option.starts_with('+'));
    let has = |option: &str| line.words.iter().any(|word| is_option(word, option));
    let operands = line.readings.first().map_or(0, |reading| reading.operands.len());
    line.stdin.is_none()
        && (forced.iter().any(|option| has(&option[1..]))
            || operands <= most && !ends.iter().any(|option| has(option)))
}

/// Returns whether a word is an option, or a cluster with it, or has its value attached.
fn is_option(word: &str, option: &str) -> bool {
    match option.strip_prefix('-').filter(|letter| letter.len() == 1) {
        Some(letter) => word.starts_with('-') && !word.starts_with("--") && word.contains(letter),
        None => word.split('=').next() == Some(option),
    }
}

#[cfg(test)]
mod tests;
