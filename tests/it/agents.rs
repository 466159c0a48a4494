//! The hooks of agents: every example of every file, and what no agent would send, at the real program.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Output, Stdio};

use guard::agents;
use guard::agents::file::{Agent, Answer, Decision};
use serde_json::Value;

use crate::harness::Guard;

/// Sends an event to `guard hook AGENT`. A machine that is busy enough to let the time of an answer pass is
/// asked again.
pub(crate) fn hook(guard: &Guard, agent: &str, event: &[u8]) -> Output {
    const TRIES: usize = 100;
    let late = |output: &Output| said(output).contains("judging took longer than");
    let mut answers = std::iter::repeat_with(|| asked(guard, agent, event)).take(TRIES);
    answers.find(|output| !late(output)).expect("no answer in time, however often it was asked")
}

fn asked(guard: &Guard, agent: &str, event: &[u8]) -> Output {
    let mut command = guard.command(&["hook", agent]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // All of it must be taken: an agent that cannot finish writing may go on without an answer.
    child.stdin.take().unwrap().write_all(event).unwrap();
    child.wait_with_output().unwrap()
}

/// Returns what was said: the message, from wherever the template puts it.
fn said(output: &Output) -> String {
    fn texts(value: &Value, into: &mut String) {
        match value {
            Value::String(text) => *into += &format!("{text}\n"),
            Value::Array(list) => list.iter().for_each(|value| texts(value, into)),
            Value::Object(map) => map.values().for_each(|value| texts(value, into)),
            _ => {}
        }
    }
    let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
    if let Ok(value) = serde_json::from_slice(&output.stdout) {
        texts(&value, &mut said);
    }
    said
}

/// Whether a value is what a template makes of any message.
fn fits(value: &Value, template: &Value) -> bool {
    match (value, template) {
        (Value::Object(map), Value::Object(wanted)) => {
            map.len() == wanted.len()
                && wanted.iter().all(|(key, wanted)| map.get(key).is_some_and(|value| fits(value, wanted)))
        }
        (Value::String(_), Value::String(wanted)) if wanted.contains("{message}") => true,
        (value, wanted) => value == wanted,
    }
}

#[track_caller]
fn is_answer(output: &Output, answer: &Answer, what: &str) {
    assert_eq!(output.status.code(), Some(answer.exit.into()), "{what}: {output:?}");
    match &answer.stdout {
        None => assert!(output.stdout.is_empty(), "{what}: {output:?}"),
        Some(template) => {
            let value: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert!(fits(&value, &serde_json::from_str(template).unwrap()), "{what}: {value}");
        }
    }
    // Where the answer is on standard output, nobody reads what else is said.
    assert!(answer.stderr.is_none() || !output.stderr.is_empty(), "{what}: {output:?}");
}

fn hooked() -> impl Iterator<Item = Agent> {
    agents::all().filter(|agent| !agent.events.is_empty())
}

#[test]
fn every_example_gets_its_answer() {
    let guard = Guard::new();
    let mut seen = 0;
    for agent in hooked() {
        let answers = agent.answers.as_ref().unwrap();
        for example in &agent.examples {
            let what = format!("{}: {}", agent.agent, example.event);
            let output = hook(&guard, &agent.agent, example.event.as_bytes());
            is_answer(&output, answers.to(example.decision), &what);
            let said = said(&output);
            if example.decision == Decision::Confirm {
                assert!(said.contains("do not look for another way"), "{what}: {said}");
                assert!(said.contains("For the person"), "{what}: {said}");
            }
            let wanted = example.says.as_deref().unwrap_or_default();
            assert!(said.contains(wanted), "{what}: {said}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} examples");
}

#[test]
fn what_cannot_be_read_is_refused_in_every_dialect() {
    let guard = Guard::new();
    let long = [b"{\"a\":\"", vec![b'x'; 10_000_000].as_slice(), b"\"}"].concat();
    let events: [&[u8]; 9] = [
        b"",
        b"  \n",
        b"null",
        b"[1, 2]",
        b"{\"hook_event_name\": \"PreToolUse\", \"tool_na",
        b"{\"command\": \"ls \xff\xfe\"}",
        b"{\"hook_event_name\": \"Unheard\", \"tool_name\": \"Bash\"}",
        &b"[".repeat(200_000),
        &long,
    ];
    for agent in hooked() {
        let broken = &agent.answers.as_ref().unwrap().broken;
        for event in events {
            let shown = String::from_utf8_lossy(&event[..event.len().min(60)]);
            let output = hook(&guard, &agent.agent, event);
            is_answer(&output, broken, &format!("{}: {shown}", agent.agent));
            assert!(said(&output).contains("nothing was run"), "{output:?}");
        }
    }
}

#[test]
fn an_agent_that_is_not_known_is_refused() {
    let guard = Guard::new();
    for name in ["nosuch", "Claude-Code", ""] {
        let output = hook(&guard, name, b"{\"command\": \"ls\"}");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(said(&output).contains("there is no agent"), "{output:?}");
    }
    let output = guard.run(&["hook", "claude-code", "more", "words"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn an_event_that_never_ends_is_refused_in_time() {
    let guard = Guard::new();
    let mut command = guard.command(&["hook", "claude-code"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let held = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("longer than 2 seconds"), "{output:?}");
    drop(held);
}

#[test]
fn a_policy_that_cannot_be_read_refuses() {
    let guard = Guard::new();
    guard.file("project/.guard/policy.yaml", "at: [");
    let project = guard.project();
    let event = format!(
        r#"{{"hook_event_name":"PreToolUse","tool_name":"Bash","cwd":{:?},"tool_input":{{"command":"ls"}}}}"#,
        project.display().to_string()
    );
    let output = hook(&guard, "claude-code", event.as_bytes());
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(said(&output).contains("policy.yaml"), "{output:?}");
}

#[test]
fn policy_refuses_through_a_hook_as_well() {
    let guard = Guard::new();
    guard.file("project/.guard/policy.yaml", "rules: {railway/volume-delete: {do: refuse, because: never}}");
    let project = guard.project();
    let event = format!(
        r#"{{"command":"railway volume delete --volume x","cwd":{:?}}}"#,
        project.display().to_string()
    );
    let output = hook(&guard, "generic", event.as_bytes());
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["decision"], "refuse");
    assert!(said(&output).contains("never"), "{output:?}");
    assert!(!said(&output).contains("guard exec"), "{output:?}");
}

/// What a hook lets through is what `guard check` would: no more.
#[test]
fn a_hook_grants_no_more_than_exec() {
    let guard = Guard::new();
    for command in ["git status", "rm -rf ~/precious", "curl x | sh", "echo hi", "psql -c 'drop table a'"] {
        let checked = guard.run(&["check", "-c", command]).status.code() == Some(0);
        let event = format!(r#"{{"command":{command:?}}}"#);
        let output = hook(&guard, "generic", event.as_bytes());
        assert_eq!(output.status.code() == Some(0), checked, "{command}: {output:?}");
    }
}

#[test]
fn what_is_decided_is_on_record() {
    let guard = Guard::new();
    let _ = hook(&guard, "generic", br#"{"command":"git status"}"#);
    let _ = hook(&guard, "generic", br#"{"command":"railway volume delete --volume x"}"#);
    let log = guard.run(&["log", "--json"]);
    let log = String::from_utf8(log.stdout).unwrap();
    assert!(log.contains("git status") && log.contains("railway volume delete"), "{log}");
    assert!(log.contains("hook generic"), "{log}");
}

/// What the agents were seen to take for a no, by agent: the dialect itself, and not what the file says.
#[test]
fn dialects_are_as_the_agents_were_seen_to_read_them() {
    let guard = Guard::new();
    let answer = |agent: &str| {
        let known = agents::named(agent).unwrap();
        let example = known.examples.iter().find(|example| example.decision == Decision::Confirm).unwrap();
        let output = hook(&guard, agent, example.event.as_bytes());
        assert_eq!(output.status.signal(), None);
        let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code().unwrap(), json)
    };
    let deny = "/hookSpecificOutput/permissionDecision";
    let check = |agent: &str, exit: i32, pointer: &str, value: &str| {
        let (status, json) = answer(agent);
        assert_eq!(status, exit, "{agent}");
        if !pointer.is_empty() {
            assert_eq!(json.pointer(pointer).and_then(Value::as_str), Some(value), "{agent}: {json}");
        }
    };
    check("claude-code", 0, deny, "deny");
    check("codex", 0, deny, "deny");
    check("gemini", 0, "/decision", "deny");
    check("qwen", 0, deny, "deny");
    check("droid", 0, deny, "deny");
    check("vscode", 0, deny, "deny");
    check("copilot", 2, "/permissionDecision", "deny");
    check("cursor", 0, "/permission", "deny");
    check("antigravity", 0, "/decision", "deny");
    for agent in ["windsurf", "kiro", "goose", "crush", "opencode", "kilo"] {
        check(agent, 2, "", "");
    }
    let (status, json) = answer("cline");
    assert_eq!((status, &json["cancel"]), (0, &Value::Bool(true)));
}

#[test]
fn the_document_tells_what_the_files_tell() {
    let document = include_str!("../../docs/agents.md");
    let faults: Vec<String> = agents::all()
        .map(|agent| {
            let Agent { agent, title, covers, misses, fails, checked, .. } = agent;
            format!("| `{agent}` | {title} | {covers} | {misses} | {fails} | {checked} |")
        })
        .filter(|row| !document.lines().any(|line| line == row))
        .collect();
    assert!(faults.is_empty(), "docs/agents.md lacks\n{}", faults.join("\n"));
    let rows = document.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, agents::names().count());
}
