//! What an agent's event is about.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::Value;

use super::tools;
use crate::agents::file::Event;
use crate::entry::exec::shell;
use crate::proposal::Form;

/// What an event asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// A tool that runs no command.
    Nothing,
    /// A tool that runs what cannot be judged.
    Refused {
        /// Its name.
        tool: String,
        /// Why, as a lower-case fragment.
        why: String,
    },
    /// Commands, all of which would run.
    Commands(Commands),
}

/// The commands of an event; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commands {
    /// The commands.
    pub forms: Vec<Form>,
    /// Where they would run, if the event says so.
    pub cwd: Option<PathBuf>,
    /// The tool that would run them, where it is not the agent's own.
    pub tool: Option<String>,
    /// Whether the agent can type into them later, unseen.
    pub types: bool,
}

/// Reads an event by what is known of the agent's.
///
/// # Errors
///
/// Returns why it is not understood, as a lower-case fragment.
pub(super) fn read(bytes: &[u8], kinds: &[Event]) -> Result<Asks, String> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err("there is none".to_owned());
    }
    let event: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let rules = kind(&event, kinds)?;
    let (forms, tool) = match &rules.tool {
        None => (commands(&event, rules)?, None),
        Some(pointer) => {
            let tool = text(&event, pointer)?.ok_or_else(|| format!("{pointer} is missing"))?;
            if rules.passes.contains(&tool) {
                return Ok(Asks::Nothing);
            }
            if let Some(why) = rules.refuses.get(&tool) {
                return Ok(Asks::Refused { why: why.clone(), tool });
            }
            if rules.tools.contains(&tool) {
                (commands(&event, rules)?, None)
            } else if let Some(why) = tools::refused(&tool) {
                return Ok(Asks::Refused { why: why.to_owned(), tool });
            } else {
                let arguments = rules.arguments.as_ref().and_then(|pointer| at(&event, pointer));
                let forms = arguments.map_or_else(Vec::new, |arguments| tools::commands(&arguments));
                (forms, Some(tool))
            }
        }
    };
    if forms.is_empty() {
        return Ok(Asks::Nothing);
    }
    Ok(Asks::Commands(Commands { forms, cwd: directory(&event, rules)?, tool, types: rules.types }))
}

/// Returns the commands of a call that an agent has written down, and where they ran; `None` if it is none that
/// runs commands.
pub(super) fn call(value: &Value, kinds: &[Event]) -> Option<(Vec<Form>, Option<PathBuf>)> {
    let rules = kind(value, kinds).ok()?;
    let forms = commands(value, rules).ok()?;
    Some((forms, directory(value, rules).ok()?))
}

/// Returns the text at a place, if one is there.
pub(super) fn text_at(value: &Value, pointer: &str) -> Option<String> {
    text(value, pointer).ok()?
}

/// Returns what is known of this kind of event.
fn kind<'k>(event: &Value, kinds: &'k [Event]) -> Result<&'k Event, String> {
    let mut why = None;
    for kind in kinds {
        let unlike =
            kind.applies.iter().find_map(|(pointer, expected)| match at(event, pointer).as_deref() {
                Some(Value::String(found)) if found == expected => None,
                Some(Value::String(found)) => Some(format!("{pointer} is `{found}`, and not `{expected}`")),
                _ => Some(format!("{pointer} is missing")),
            });
        match unlike {
            None => return Ok(kind),
            Some(unlike) => _ = why.get_or_insert(unlike),
        }
    }
    Err(why.unwrap_or_else(|| "no kind of event is known".to_owned()))
}

/// Returns the commands of a tool that runs commands.
fn commands(event: &Value, rules: &Event) -> Result<Vec<Form>, String> {
    let as_shell = |text: &str| shell(OsString::from(text), Some(rules.shell.name()));
    for pointer in &rules.command {
        match at(event, pointer).as_deref() {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => return Ok(vec![as_shell(text)]),
            Some(Value::Array(list)) if !list.is_empty() => {
                let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
                let texts = texts.ok_or_else(|| format!("{pointer} is no list of texts"))?;
                return Ok(texts.into_iter().map(as_shell).collect());
            }
            Some(_) => return Err(format!("{pointer} is no text")),
        }
    }
    if let Some(pointer) = &rules.argv
        && let Some(list) = at(event, pointer)
    {
        return tools::words(&list)
            .map(|words| vec![Form::Argv(words)])
            .ok_or_else(|| format!("{pointer} is no list of a program and its arguments"));
    }
    let pointers: Vec<&str> = rules.command.iter().chain(&rules.argv).map(String::as_str).collect();
    Err(format!("there is no command at {}", pointers.join(" or ")))
}

/// Returns the working directory that the event names.
fn directory(event: &Value, rules: &Event) -> Result<Option<PathBuf>, String> {
    for pointer in &rules.cwd {
        if let Some(cwd) = text(event, pointer)?.filter(|cwd| !cwd.is_empty()) {
            return Ok(Some(PathBuf::from(cwd)));
        }
    }
    Ok(None)
}

/// Returns the text at a place; nothing if nothing is there.
fn text(event: &Value, pointer: &str) -> Result<Option<String>, String> {
    match at(event, pointer).as_deref() {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{pointer} is no text")),
    }
}

/// Returns what a JSON pointer leads to. A text on the way that holds JSON is read: some agents send a
/// tool's arguments so.
fn at<'v>(value: &'v Value, pointer: &str) -> Option<Cow<'v, Value>> {
    let mut here = Cow::Borrowed(value);
    for token in pointer.split('/').skip(1) {
        if let Value::String(text) = here.as_ref() {
            here = Cow::Owned(serde_json::from_str(text).ok()?);
        }
        let token = token.replace("~1", "/").replace("~0", "~");
        here = match here {
            Cow::Borrowed(value) => Cow::Borrowed(step(value, &token)?),
            Cow::Owned(value) => Cow::Owned(step(&value, &token)?.clone()),
        };
    }
    Some(here)
}

fn step<'v>(value: &'v Value, token: &str) -> Option<&'v Value> {
    match value {
        Value::Object(map) => map.get(token),
        Value::Array(list) => list.get(token.parse::<usize>().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
