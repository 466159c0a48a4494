//! `guard hook AGENT`: an agent asks whether it may run a command.
//!
//! Most agents take silence, a crash, a late or an odd answer for a yes. So whatever happens here ends
//! in an answer in the agent's own dialect, and any answer but "it may run" is one by which it does
//! not: an event that cannot be read, a panic and the end of the time refuse. Nothing is asked here:
//! an agent's yes or no is no typed phrase, so a question is a refusal that says how a person answers.
//! What may run here is what `guard exec` would run without asking.

mod carried;
mod deadline;
mod event;
mod json;
pub(super) mod judge;
mod message;
mod reply;
mod tools;

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use crate::agents;
use crate::agents::file::{Agent, Decision, Event};
use crate::exit::{Exit, Status};
use crate::proposal::Form;

/// How long it takes at most until there is an answer. Agents wait longer, at least 5 seconds; what
/// comes after that counts for nothing with them.
const DEADLINE: Duration = Duration::from_secs(2);

/// The largest event that is read, in bytes: files are written through tools, and pass through here.
const LARGEST: u64 = 16 << 20;

/// The agent whose answers are given where there is no such agent.
const GENERIC: &str = "generic";

/// What is said to an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Verdict {
    /// What is decided.
    decision: Decision,
    /// What it is told; nothing if it may run.
    message: String,
}

impl Verdict {
    fn run() -> Self {
        Self { decision: Decision::Run, message: String::new() }
    }

    fn broken(why: &str) -> Self {
        Self { decision: Decision::Broken, message: message::broken(why) }
    }
}

/// Returns the commands of a call that an agent has written down, and where they ran; `None` if it is none that
/// runs commands.
pub fn call(value: &serde_json::Value, kinds: &[Event]) -> Option<(Vec<Form>, Option<PathBuf>)> {
    event::call(value, kinds)
}

/// Returns the text at a place of what an agent has written down, if one is there.
pub fn text_at(value: &serde_json::Value, place: &str) -> Option<String> {
    event::text_at(value, place)
}

/// Returns whether a word after `guard hook` is meant to be an agent's name.
pub fn is_name(word: &OsStr) -> bool {
    word != "git" && !word.as_encoded_bytes().starts_with(b"-")
}

/// Answers the agent called `name`, whose event is on standard input.
pub fn answer(name: &OsStr) -> Status {
    let known = name.to_str().and_then(agents::named);
    if let Some(agent) = known.as_ref().filter(|agent| !agent.events.is_empty()) {
        let judged = agent.clone();
        let verdict = deadline::within(DEADLINE, move || judge(&judged));
        return reply::give(agent, &verdict.unwrap_or_else(|why| Verdict::broken(&why)));
    }
    // The event is of no use, but whoever sends it may take a closed pipe for a hook that failed.
    let _ = deadline::within(DEADLINE, || read(io::stdin().lock()));
    match agents::named(GENERIC) {
        Some(generic) => reply::give(&generic, &Verdict::broken(&unknown(name, known))),
        None => Exit::Usage.into(),
    }
}

/// Judges the event on standard input.
fn judge(agent: &Agent) -> Verdict {
    match read(io::stdin().lock()).and_then(|bytes| event::read(&bytes, &agent.events)) {
        Ok(event::Asks::Nothing) => Verdict::run(),
        Ok(event::Asks::Refused { tool, why }) => {
            Verdict { decision: Decision::Refuse, message: message::tool(&tool, &why) }
        }
        Ok(event::Asks::Commands(commands)) => judge::all(agent, &commands),
        Err(why) => Verdict::broken(&format!("the event cannot be read: {why}")),
    }
}

/// Reads all there is, and keeps as much of it as an event can be long. The rest is read as well: an
/// agent that cannot finish writing may take that for a hook that failed.
fn read(mut from: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let told = |error: io::Error| error.to_string();
    from.by_ref().take(LARGEST + 1).read_to_end(&mut bytes).map_err(told)?;
    if bytes.len() as u64 > LARGEST {
        io::copy(&mut from, &mut io::sink()).map_err(told)?;
        return Err(format!("it is larger than {} MiB", LARGEST >> 20));
    }
    Ok(bytes)
}

fn unknown(name: &OsStr, agent: Option<Agent>) -> String {
    match agent {
        Some(agent) => {
            format!("{} has no hook that could refuse a command: {}", agent.title, agent.covers)
        }
        None => {
            let known: Vec<_> = agents::names().collect();
            let name = name.to_string_lossy();
            format!("there is no agent `{name}`; there are {}", known.join(", "))
        }
    }
}

#[cfg(test)]
mod tests;
