//! The tools: what they take, what they start, and what they give back.

use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

use super::process::{Ended, Process};

/// How long a command may run where the caller does not say, and at most, in seconds.
const USUAL: u64 = 120;
const LONGEST: u64 = 3600;

/// How long a person is waited for. Many clients give a call up after a minute; the question lives on, and
/// the same call gets the answer.
const PATIENCE: &str = "45s";

/// What a model is told of the server.
pub(super) const INSTRUCTIONS: &str = "`exec` runs a command with bash. Where it would destroy something it does not \
run before a person has typed a phrase at another terminal; the outcome is then `waiting`. Tell the person, and call \
`exec` again with the same command; do not look for another way. `check` says what `exec` would do, and runs nothing.";

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    /// `guard exec`.
    Exec,
    /// `guard check`.
    Check,
}

#[derive(Debug, Deserialize)]
struct Call {
    name: String,
    #[serde(default)]
    arguments: Arguments,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Arguments {
    command: String,
    directory: Option<String>,
    timeout_seconds: Option<u64>,
}

/// Starts what a call asks for.
///
/// # Errors
///
/// Returns why it cannot be started.
pub(super) fn start(parameters: Value) -> Result<(Tool, Process), String> {
    let call: Call = serde_json::from_value(parameters).map_err(|error| error.to_string())?;
    let arguments = call.arguments;
    if arguments.command.trim().is_empty() {
        return Err("`command` is missing".to_owned());
    }
    let (tool, mut words) = match call.name.as_str() {
        "exec" => (Tool::Exec, vec!["exec", "--elsewhere", "--wait", PATIENCE]),
        "check" => (Tool::Check, vec!["check", "--json"]),
        other => return Err(format!("there is no tool {other}")),
    };
    if let Some(directory) = &arguments.directory {
        words.extend(["-C", directory]);
    }
    words.extend(["-c", &arguments.command]);
    let limit = arguments.timeout_seconds.unwrap_or(USUAL).clamp(1, LONGEST);
    let process = Process::start(&words, Duration::from_secs(limit)).map_err(|error| error.to_string())?;
    Ok((tool, process))
}

impl Tool {
    /// Returns what a call gives back.
    pub(super) fn result(self, ended: &Ended) -> Value {
        let report = serde_json::from_str::<Value>(&ended.stdout).ok().filter(Value::is_object);
        if let (Self::Check, Some(report)) = (self, report) {
            let text = report.to_string();
            return json!({"content": [{"type": "text", "text": text}], "structuredContent": report, "isError": false});
        }
        let outcome = ended.outcome();
        json!({
            "content": [{"type": "text", "text": text(ended, outcome)}],
            "structuredContent": {
                "outcome": outcome,
                "status": ended.status,
                "stdout": ended.stdout,
                "stderr": ended.stderr,
            },
            "isError": outcome != "ran" || ended.status != 0,
        })
    }
}

/// Returns what a command printed and how it ended, as a model reads it.
fn text(ended: &Ended, outcome: &str) -> String {
    let how = match (&ended.killed, outcome) {
        (Some(why), _) => format!("[killed: {why}]"),
        (None, "waiting") => {
            "[not run: a person must answer at another terminal; call this again with the same \
                              command to get the answer]"
                .to_owned()
        }
        (None, "refused" | "broken") => "[not run]".to_owned(),
        _ if ended.status == 0 => String::new(),
        _ => format!("[exit status {}]", ended.status),
    };
    let parts = [ended.stdout.trim_end(), ended.stderr.trim_end(), how.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Returns the tools as clients list them.
pub(super) fn list() -> Value {
    let command = json!({"type": "string", "description": "Text for bash"});
    let directory =
        json!({"type": "string", "description": "Where it runs; the server's directory where none is given"});
    let seconds = json!({
        "type": "integer", "minimum": 1, "maximum": LONGEST, "default": USUAL,
        "description": "After how long it is killed, with everything that it started",
    });
    let schema = |properties: Value| json!({"type": "object", "properties": properties, "required": ["command"], "additionalProperties": false});
    json!([
        {
            "name": "exec",
            "description": "Run a command with bash; returns its output and exit status. Where it would destroy something, \
                            a person must answer at another terminal first: then the outcome is `waiting`. Tell the person, \
                            and call this again with the same command.",
            "inputSchema": schema(json!({"command": command, "directory": directory, "timeout_seconds": seconds})),
            "annotations": {"destructiveHint": true, "openWorldHint": true},
        },
        {
            "name": "check",
            "description": "Say whether a command would run, need a person or be refused, and by which rules. Nothing is run.",
            "inputSchema": schema(json!({"command": command, "directory": directory, "timeout_seconds": seconds})),
            "annotations": {"readOnlyHint": true},
        },
    ])
}
