#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::agents;

fn asks(agent: &str, event: &str) -> Result<Asks, String> {
    read(event.as_bytes(), &agents::named(agent).unwrap().events)
}

/// Returns the texts that an event would run.
fn texts(agent: &str, event: &str) -> Vec<String> {
    match asks(agent, event) {
        Ok(Asks::Commands(commands)) => commands.forms.iter().map(crate::decide::command_text).collect(),
        other => vec![format!("{other:?}")],
    }
}

#[test]
fn what_is_no_event_is_not_understood() {
    let wrong = |event: &str| asks("claude-code", event).unwrap_err();
    assert_eq!(wrong(""), "there is none");
    assert_eq!(wrong(" \n"), "there is none");
    assert!(wrong("{").contains("EOF"));
    assert!(wrong("{} {}").contains("trailing characters"));
    assert_eq!(wrong("[]"), "/hook_event_name is missing");
    assert_eq!(wrong("null"), "/hook_event_name is missing");
    assert_eq!(wrong(r#"{"hook_event_name":5}"#), "/hook_event_name is missing");
    assert_eq!(wrong(r#"{"hook_event_name":"Stop"}"#), "/hook_event_name is `Stop`, and not `PreToolUse`");
    assert_eq!(wrong(r#"{"hook_event_name":"PreToolUse"}"#), "/tool_name is missing");
    assert_eq!(wrong(r#"{"hook_event_name":"PreToolUse","tool_name":[]}"#), "/tool_name is no text");
    let bash = |rest: &str| wrong(&format!(r#"{{"hook_event_name":"PreToolUse","tool_name":"Bash"{rest}}}"#));
    assert_eq!(bash(""), "there is no command at /tool_input/command");
    assert_eq!(bash(r#","tool_input":"ls""#), "there is no command at /tool_input/command");
    assert_eq!(bash(r#","tool_input":{"command":{}}"#), "/tool_input/command is no text");
    assert_eq!(bash(r#","tool_input":{"command":[]}"#), "/tool_input/command is no text");
    assert_eq!(bash(r#","tool_input":{"command":["ls",1]}"#), "/tool_input/command is no list of texts");
    assert_eq!(bash(r#","cwd":1,"tool_input":{"command":"ls"}"#), "/cwd is no text");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(wrong(&deep).contains("recursion limit"));
    assert!(read(b"{\"a\":\"\xff\"}", &agents::named("claude-code").unwrap().events).is_err());
}

#[test]
fn arguments_may_be_text_that_holds_them() {
    let event = r#"{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":"{\"command\":\"ls\"}"}"#;
    assert_eq!(texts("claude-code", event), ["ls"]);
}

#[test]
fn the_first_place_that_is_there_counts() {
    let cwd = |event: &str| match asks("gemini", event) {
        Ok(Asks::Commands(commands)) => commands.cwd,
        other => panic!("{other:?}"),
    };
    let event = |input: &str| {
        format!(
            r#"{{"hook_event_name":"BeforeTool","tool_name":"run_shell_command","cwd":"/p","tool_input":{{"command":"ls"{input}}}}}"#
        )
    };
    assert_eq!(cwd(&event("")), Some("/p".into()));
    assert_eq!(cwd(&event(r#","dir_path":"src""#)), Some("src".into()));
    assert_eq!(cwd(&event(r#","dir_path":"","directory":null"#)), Some("/p".into()));
}

#[test]
fn commands_are_found_in_the_arguments_of_any_tool() {
    let event = |tool: &str, input: &str| {
        format!(r#"{{"hook_event_name":"PreToolUse","tool_name":"{tool}","cwd":"/p","tool_input":{input}}}"#)
    };
    let check = |input: &str, expect: &[&str]| {
        assert_eq!(texts("claude-code", &event("mcp__s__t", input)), expect, "{input}");
    };
    check(r#"{"command":"ls -l"}"#, &["ls -l"]);
    check(r#"{"command":["rm","-rf","a b"]}"#, &["rm -rf 'a b'"]);
    check(r#"{"command":"rm","args":["-rf","x"]}"#, &["rm -rf x"]);
    check(r#"{"commands":["ls","pwd"]}"#, &["ls", "pwd"]);
    check(r#"{"task":{"options":[{"Command_Line":"ls"}]}}"#, &["ls"]);
    let nothing = ["Ok(Nothing)"];
    check(r#"{"query":"rm -rf /"}"#, &nothing);
    check(r#"{"command":5}"#, &nothing);
    check("null", &nothing);
}
