#![allow(clippy::unwrap_used)]

use insta::assert_snapshot;

use super::file::{Agent, Decision};
use super::*;

const SOUND: &str = r#"
agent: x
title: X
checked: documentation
covers: all
misses: nothing
fails: it refuses
events:
  - applies: {/event: PreToolUse}
    command: [/command]
answers:
  run: {exit: 0}
  confirm: &deny {exit: 2, stderr: "{message}"}
  refuse: *deny
  broken: {exit: 2, stdout: {why: "{message}"}}
examples:
  - {event: {event: PreToolUse, command: ls}, decision: run}
  - {event: {event: PreToolUse, command: railway volume delete --volume x}, decision: confirm}
  - {event: {event: PreToolUse}, decision: broken}
"#;

fn read(text: &str) -> Result<Agent, String> {
    Agent::read(text.trim_start(), "shims/agents/x.yaml").map_err(|error| error.to_string())
}

/// Returns what is said about the sound file with `from` replaced by `to`.
fn refusal(from: &str, to: &str) -> String {
    assert!(SOUND.contains(from));
    read(&SOUND.replacen(from, to, 1)).unwrap_err()
}

#[test]
fn a_sound_file_is_read() {
    let agent = read(SOUND).unwrap();
    assert_eq!(agent.events[0].command, ["/command"]);
    let answers = agent.answers.unwrap();
    assert_eq!(answers.to(Decision::Broken).stdout.as_deref(), Some(r#"{"why":"{message}"}"#));
    assert_eq!(answers.to(Decision::Confirm), answers.to(Decision::Refuse));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    assert_snapshot!(refusal("title:", "titel:"), @r#"
    shims/agents/x.yaml:2:1: unknown key `titel`; did you mean `title`?
      2 | titel: X
        | ^^^^^
    "#);
    assert_snapshot!(refusal("agent: x", "agent: z"), @r#"
    shims/agents/x.yaml:1:1: the agent is called as its file, in lower case: `claude-code`
      1 | agent: z
        | ^^^^^
    "#);
    assert_snapshot!(refusal("command: [/command]", "command: [command]"), @r#"
    shims/agents/x.yaml:9:5: `command` is no place: it begins with `/`
      9 |     command: [command]
        |     ^^^^^^^
    "#);
    assert_snapshot!(refusal("command: [/command]", "tool: /tool"), @r#"
    shims/agents/x.yaml:8:5: `arguments` is missing, for tools not named here
      8 |   - applies: {/event: PreToolUse}
        |     ^
    "#);
    assert_snapshot!(refusal("command: [/command]", "cwd: [/cwd]"), @r#"
    shims/agents/x.yaml:8:5: `command` is missing
      8 |   - applies: {/event: PreToolUse}
        |     ^
    "#);
    assert_snapshot!(refusal(r#"stdout: {why: "{message}"}"#, "stdout: {}"), @r#"
    shims/agents/x.yaml:14:3: it does not tell the {message}
      14 |   broken: {exit: 2, stdout: {}}
         |   ^^^^^^
    "#);
    assert_snapshot!(refusal("run: {exit: 0}", r#"run: {exit: 2, stderr: "{message}"}"#), @r#"
    shims/agents/x.yaml:12:3: it is the answer by which a command runs
      12 |   confirm: &deny {exit: 2, stderr: "{message}"}
         |   ^^^^^^^
    "#);
    assert_snapshot!(refusal("decision: broken", "decision: maybe"), @r#"
    shims/agents/x.yaml:18:44: unknown word `maybe`; known are run, confirm, refuse, broken
      18 |   - {event: {event: PreToolUse}, decision: maybe}
         |                                            ^^^^^
    "#);
    assert_snapshot!(refusal("decision: broken", "decision: run"), @r#"
    shims/agents/x.yaml:15:1: there is no example for `broken`
      15 | examples:
         | ^^^^^^^^
    "#);
    assert_snapshot!(refusal("examples:", "install: {edits: [{user: /etc/x, merge: {}}]}\nexamples:"), @r#"
    shims/agents/x.yaml:15:19: a user's file begins with `~/`
      15 | install: {edits: [{user: /etc/x, merge: {}}]}
         |                   ^
    "#);
    assert_snapshot!(refusal("exit: 0", "exit: 256"), @r#"
    shims/agents/x.yaml:11:15: expected a number from 0 to 255
      11 |   run: {exit: 256}
         |               ^^^
    "#);
}

#[test]
fn every_agent_is_found_by_its_name() {
    assert!(names().is_sorted());
    assert_eq!(all().count(), names().count());
    assert_eq!(named("claude-code").unwrap().title, "Claude Code");
    assert_eq!(named("nosuch"), None);
}

#[test]
fn what_is_built_in_is_what_stands_in_the_files() {
    for agent in all() {
        let path = format!("shims/agents/{}.yaml", agent.agent);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(Agent::read(&text, &path).unwrap(), agent);
    }
}
