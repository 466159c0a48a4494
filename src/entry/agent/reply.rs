//! An answer in an agent's dialect.

use std::io::{self, Write};

use serde_json::Value;

use super::Verdict;
use crate::agents::file::{Agent, MESSAGE};
use crate::exit::{Exit, Status};

/// Gives the answer and returns the status that is part of it. What cannot be said is told by the
/// status alone: 2 refuses with most agents.
pub(super) fn give(agent: &Agent, verdict: &Verdict) -> Status {
    let Some(answer) = agent.answers.as_ref().map(|answers| answers.to(verdict.decision)) else {
        return Exit::Usage.into();
    };
    let said = answer.stdout.as_deref().map_or(Ok(()), |template| {
        let text = filled(template, &verdict.message);
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{text}").and_then(|()| stdout.flush())
    });
    if let Some(template) = &answer.stderr {
        let text = template.replace(MESSAGE, &verdict.message);
        let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
    }
    match said {
        Ok(()) => answer.exit.into(),
        Err(_) => Exit::Usage.into(),
    }
}

/// Returns a template with the message in its place.
fn filled(template: &str, message: &str) -> String {
    match serde_json::from_str(template) {
        Ok(value) => fill(value, message.trim_end()).to_string(),
        // It was JSON when guard was built.
        Err(_) => String::new(),
    }
}

fn fill(value: Value, message: &str) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace(MESSAGE, message)),
        Value::Array(list) => list.into_iter().map(|value| fill(value, message)).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, fill(value, message))).collect(),
        other => other,
    }
}
