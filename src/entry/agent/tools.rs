//! Tools that no agent's file names, such as those of MCP servers, and programs that wait to be told
//! what to do. What is known of them is data, in `shims/agents/tools.txt`.

use std::ffi::OsString;

use serde_json::{Map, Value};

use super::{carried, json};
use crate::entry::exec::shell;
use crate::proposal::Form;
use crate::resolve::command_line::CommandLine;

const TABLE: &str = include_str!("../../../shims/agents/tools.txt");

/// How deep in a tool's arguments commands are looked for.
pub(super) const DEPTH: usize = 8;

/// How many commands one call of a tool may have; what has more is judged by these.
pub(super) const MOST: usize = 256;

/// Returns the lines of the table that begin with `kind`, without it.
pub(super) fn lines(kind: &str) -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter_map(move |line| line.strip_prefix(kind)?.strip_prefix(' ')).map(str::trim)
}

/// Returns a name as names are compared.
pub(super) fn plain(name: &str) -> String {
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

/// Returns the commands among a tool's arguments, and what else they carry.
///
/// # Errors
///
/// Returns why they mean several things, as a lower-case fragment.
pub(super) fn commands(tool: &str, arguments: &Value) -> Result<Vec<Form>, String> {
    let mut found = Vec::new();
    let sent_as_text = match arguments {
        Value::String(text) => json::within(text)?,
        _ => None,
    };
    let arguments = sent_as_text.as_ref().unwrap_or(arguments);
    collect(arguments, DEPTH, &mut found);
    carried::collect(tool, arguments, &mut found);
    Ok(found)
}

fn collect(value: &Value, depth: usize, found: &mut Vec<Form>) {
    if depth == 0 || found.len() >= MOST {
        return;
    }
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match is("argument", name).then(|| forms(name, value, map)).flatten() {
                    Some(forms) => found.extend(forms),
                    None => collect(value, depth - 1, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, depth - 1, found)),
        _ => {}
    }
}

/// Returns whether an argument is of a kind by its name.
pub(super) fn is(kind: &str, name: &str) -> bool {
    let name = plain(name);
    lines(kind).any(|known| match known.strip_prefix('*') {
        Some(end) => name.ends_with(end),
        None => known == name,
    })
}

/// Returns the commands that an argument holds, where it holds any, each with what it is given beside.
fn forms(name: &str, value: &Value, beside: &Map<String, Value>) -> Option<Vec<Form>> {
    let commands = match value {
        Value::String(command) => vec![with_words(command, beside)],
        Value::Array(list) if plain(name).ends_with("commands") => {
            list.iter().map(|item| Some(text(item.as_str()?))).collect::<Option<_>>()?
        }
        Value::Array(_) => vec![Form::Argv(words(value)?)],
        _ => return None,
    };
    let fed = beside.iter().filter(|(name, _)| is("fed", name)).filter_map(|(_, value)| value.as_str());
    let fed: Vec<_> = fed.filter(|fed| !fed.is_empty()).map(shell_words::quote).collect();
    let feed = |command: &Form| text(&format!("printf %s {} | {}", fed.join(" "), command.text()));
    let commands = if fed.is_empty() { commands } else { commands.iter().map(feed).collect() };
    let first = prepared(beside);
    let prepare = |command: &Form| text(&format!("{first}{}", command.text()));
    Some(if first.is_empty() { commands } else { commands.iter().map(prepare).collect() })
}

/// Returns what a shell would be told before a command, so that it runs with the directory and the variables that stand
/// beside it.
fn prepared(beside: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (_, value) in beside.iter().filter(|(name, _)| is("directory", name)) {
        if let Some(directory) = value.as_str().filter(|directory| !directory.is_empty()) {
            text += &format!("cd -- {} && ", shell_words::quote(directory));
        }
    }
    for (_, value) in beside.iter().filter(|(name, _)| is("variables", name)) {
        let Value::Object(variables) = value else { continue };
        let all: Vec<String> =
            variables.iter().map(|(name, value)| format!("{name}={}", json::text(value))).collect();
        if !all.is_empty() {
            text += &format!("export {}; ", shell_words::join(&all));
        }
    }
    text
}

fn text(text: &str) -> Form {
    shell(OsString::from(text), None)
}

/// Returns a command with the words that stand beside it, in a list or as they would be typed.
fn with_words(command: &str, beside: &Map<String, Value>) -> Form {
    let (mut typed, mut listed) = (command.to_owned(), vec![OsString::from(command)]);
    for (_, value) in beside.iter().filter(|(name, _)| is("words", name)) {
        match (words(value), value) {
            (Some(words), _) => listed.extend(words),
            (None, Value::String(words)) => typed += &format!(" {words}"),
            _ => {}
        }
    }
    if listed.len() > 1 { Form::Argv(listed) } else { text(&typed) }
}

/// Returns a list of texts and numbers as a program's words; nothing for an empty list.
pub(super) fn words(list: &Value) -> Option<Vec<OsString>> {
    let word = |word: &Value| match word {
        Value::String(text) => Some(OsString::from(text)),
        Value::Number(number) => Some(OsString::from(number.to_string())),
        _ => None,
    };
    let words: Option<Vec<OsString>> = list.as_array()?.iter().map(word).collect();
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
