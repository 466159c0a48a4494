//! What an agent's event is about.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::Value;

use super::{json, tools};
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
    /// Where they would run, each in every one of them; none if the event does not say so.
    pub cwds: Vec<PathBuf>,
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
    let event = json::read(bytes).map_err(|error| error.to_string())?;
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
                let arguments = match &rules.arguments {
                    Some(pointer) => at(&event, pointer)?,
                    None => None,
                };
                let arguments = arguments.unwrap_or(Cow::Owned(Value::Null));
                let forms = tools::commands(&tool, &arguments)?;
                (forms, Some(tool))
            }
        }
    };
    if forms.is_empty() {
        return Ok(Asks::Nothing);
    }
    Ok(Asks::Commands(Commands { forms, cwds: directories(&event, rules)?, tool, types: rules.types }))
}

/// Returns the commands of a call that an agent has written down, and where they ran; `None` if it is none that
/// runs commands.
pub(super) fn call(value: &Value, kinds: &[Event]) -> Option<(Vec<Form>, Option<PathBuf>)> {
    let rules = kind(value, kinds).ok()?;
    let forms = commands(value, rules).ok()?;
    Some((forms, directories(value, rules).ok()?.into_iter().next()))
}

/// Returns the text at a place, if one is there.
pub(super) fn text_at(value: &Value, pointer: &str) -> Option<String> {
    text(value, pointer).ok()?
}

/// Returns what is known of this kind of event.
fn kind<'k>(event: &Value, kinds: &'k [Event]) -> Result<&'k Event, String> {
    let mut why = None;
    for kind in kinds {
        let unlike = kind.applies.iter().find_map(|(pointer, expected)| match text(event, pointer) {
            Ok(Some(found)) if found == *expected => None,
            Ok(Some(found)) => Some(format!("{pointer} is `{found}`, and not `{expected}`")),
            Ok(None) => Some(format!("{pointer} is missing")),
            Err(why) => Some(why),
        });
        match unlike {
            None => return Ok(kind),
            Some(unlike) => _ = why.get_or_insert(unlike),
        }
    }
    Err(why.unwrap_or_else(|| "no kind of event is known".to_owned()))
}

/// Returns the commands of a tool that runs commands. Where an event has several, it is not known which of
/// them the agent runs, so all count.
fn commands(event: &Value, rules: &Event) -> Result<Vec<Form>, String> {
    let as_shell = |text: &str| shell(OsString::from(text), Some(rules.shell.name()));
    let mut forms = Vec::new();
    for pointer in &rules.command {
        match at(event, pointer)?.as_deref() {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => forms.push(as_shell(text)),
            Some(Value::Array(list)) if !list.is_empty() => {
                let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
                let texts = texts.ok_or_else(|| format!("{pointer} is no list of texts"))?;
                forms.extend(texts.into_iter().map(as_shell));
            }
            Some(_) => return Err(format!("{pointer} is no text")),
        }
    }
    if let Some(pointer) = &rules.argv
        && let Some(list) = at(event, pointer)?
    {
        let words = tools::words(&list)
            .ok_or_else(|| format!("{pointer} is no list of a program and its arguments"))?;
        forms.push(Form::Argv(words));
    }
    if forms.is_empty() {
        let pointers: Vec<&str> = rules.command.iter().chain(&rules.argv).map(String::as_str).collect();
        return Err(format!("there is no command at {}", pointers.join(" or ")));
    }
    Ok(forms)
}

/// Returns the working directory that the event names. One that a model wrote where older versions of the
/// agent looked may count or not: then the next one, too.
fn directories(event: &Value, rules: &Event) -> Result<Vec<PathBuf>, String> {
    let is_models =
        |pointer: &str| rules.arguments.as_ref().is_some_and(|at| pointer.starts_with(at.as_str()));
    let mut found = Vec::new();
    for (place, pointer) in rules.cwd.iter().enumerate() {
        if let Some(cwd) = text(event, pointer)?.filter(|cwd| !cwd.is_empty()) {
            found.push(PathBuf::from(cwd));
            if place == 0 || !is_models(pointer) {
                break;
            }
        }
    }
    Ok(found)
}

/// Returns the text at a place; nothing if nothing is there.
fn text(event: &Value, pointer: &str) -> Result<Option<String>, String> {
    match at(event, pointer)?.as_deref() {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{pointer} is no text")),
    }
}

/// Returns what a JSON pointer leads to. A text on the way that holds JSON is read: some agents send a
/// tool's arguments so.
fn at<'v>(value: &'v Value, pointer: &str) -> Result<Option<Cow<'v, Value>>, String> {
    let mut here = Cow::Borrowed(value);
    for token in pointer.split('/').skip(1) {
        if let Value::String(text) = here.as_ref() {
            let Some(value) = json::within(text)? else { return Ok(None) };
            here = Cow::Owned(value);
        }
        let token = token.replace("~1", "/").replace("~0", "~");
        let next = match here {
            Cow::Borrowed(value) => step(value, &token)?.map(Cow::Borrowed),
            Cow::Owned(value) => step(&value, &token)?.cloned().map(Cow::Owned),
        };
        match next {
            Some(next) => here = next,
            None => return Ok(None),
        }
    }
    Ok(Some(here))
}

fn step<'v>(value: &'v Value, token: &str) -> Result<Option<&'v Value>, String> {
    match value {
        Value::Object(map) => json::get(map, token),
        Value::Array(list) => Ok(token.parse::<usize>().ok().and_then(|index| list.get(index))),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
