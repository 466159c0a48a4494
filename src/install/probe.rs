//! Tries a door as its callers would.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use super::Health;
use crate::env_vars;
use crate::exit::Exit;

/// What the trial that must be stopped is about. There is nothing there, so nothing is lost where a
/// door does not hold.
pub(super) const NOWHERE: &str = "/guard-status-tries-this/nothing";

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It ran, to this status.
    Ran(i32),
    /// Guard refused it.
    Refused,
    /// Guard failed, or the door could not be tried at all: why.
    Broken(String),
}

/// Calls something with nobody to ask, and off the record.
pub(super) fn run(command: &mut Command) -> Verdict {
    run_with(command, b"")
}

/// Calls something that reads `input`, with nobody to ask and off the record.
pub(super) fn run_with(command: &mut Command, input: &[u8]) -> Verdict {
    let elsewhere = std::env::temp_dir().join(format!("guard-status-{}", std::process::id()));
    let output = command
        .env(env_vars::NO_INPUT, "1")
        .env(env_vars::XDG_STATE_HOME, &elsewhere)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            // What reads nothing may be gone by now.
            let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input));
            child.wait_with_output()
        });
    let _ = fs::remove_dir_all(elsewhere);
    let output = match output {
        Ok(output) => output,
        Err(error) => return Verdict::Broken(error.to_string()),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let refused = said.contains("guard: refused");
    match output.status.code() {
        Some(code) if code == i32::from(Exit::Broken.code()) => {
            Verdict::Broken(said.lines().next().unwrap_or("guard failed").to_owned())
        }
        Some(code) if refused && code != 0 => Verdict::Refused,
        code => Verdict::Ran(code.unwrap_or(-1)),
    }
}

/// Returns what a harmless call and one that must be stopped say about a door.
pub(super) fn health(door: &str, harmless: Verdict, stopped: Verdict) -> Health {
    match (harmless, stopped) {
        (Verdict::Ran(0), Verdict::Refused) => {
            Health::good(format!("{door}: a harmless call ran, one that destroys was refused"))
        }
        (_, Verdict::Ran(_)) => Health::bad(format!("{door}: a call that destroys was NOT refused")),
        (Verdict::Broken(why), _) | (_, Verdict::Broken(why)) => {
            Health::bad(format!("{door}: nothing runs: {}", crate::text::safe(&why)))
        }
        (Verdict::Ran(status), _) => Health::bad(format!("{door}: a harmless call ended with {status}")),
        (Verdict::Refused, _) => Health::bad(format!("{door}: a harmless call was refused")),
    }
}
