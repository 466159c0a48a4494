//! Commands by the list: what is stopped stays stopped, and a known gap that closes is told.

use std::io::Write;
use std::process::Stdio;

use crate::harness::Guard;

/// Reads a list: one command a line, `#` for remarks; an indented line, and one after a line that
/// ends in a backslash, continues the one above.
pub(crate) fn commands(list: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        match (line.strip_prefix("  "), all.last_mut()) {
            (Some(rest), Some(before)) => *before += &format!("\n{rest}"),
            (None, Some(before)) if before.ends_with('\\') => *before += &format!("\n{line}"),
            _ => all.push(line.to_owned()),
        }
    }
    all
}

/// Returns guard's answer to each command.
pub(crate) fn answers(commands: &[String]) -> Vec<serde_json::Value> {
    let guard = Guard::new();
    let mut child =
        guard.command(&["check", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let input = commands.join("\0") + "\0";
    // Beside the reading: neither end of a pipe holds all of a long list.
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!(output.lines().count(), commands.len());
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the commands of a list that are not answered with one of `expected`.
fn otherwise(list: &str, expected: &[&str]) -> Vec<String> {
    let commands = commands(list);
    assert!(!commands.is_empty());
    let answers = answers(&commands);
    let wrong = commands
        .iter()
        .zip(answers)
        .filter(|(_, answer)| !expected.contains(&answer["decision"].as_str().unwrap()));
    wrong.map(|(command, answer)| format!("{command}\n  {answer}")).collect()
}

#[test]
fn what_was_stopped_stays_stopped() {
    let missed = otherwise(include_str!("../corpus/stopped.txt"), &["ask", "refuse"]);
    assert!(missed.is_empty(), "no longer stopped:\n{}", missed.join("\n"));
}

#[test]
fn everyday_commands_pass() {
    let alarms = otherwise(include_str!("../corpus/benign.txt"), &["run"]);
    assert!(alarms.is_empty(), "false alarms:\n{}", alarms.join("\n"));
}

#[test]
fn known_gaps_are_still_gaps() {
    let closed = otherwise(include_str!("../corpus/known-gaps.txt"), &["run"]);
    assert!(closed.is_empty(), "now stopped, so move to stopped.txt:\n{}", closed.join("\n"));
}

#[test]
fn packs_prove_themselves() {
    let output = Guard::new().run(&["rules", "test", "--all"]);
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}
