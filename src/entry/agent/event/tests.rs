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
    assert_eq!(wrong(r#"{"hook_event_name":5}"#), "/hook_event_name is no text");
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
fn what_can_be_read_in_two_ways_is_not_understood() {
    let wrong = |agent: &str, event: &str| asks(agent, event).unwrap_err();
    let bash = |input: &str| {
        format!(r#"{{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{input}}}"#)
    };
    let twice = r#"{"command":"ls","command":"rm -rf ~"}"#;
    assert!(wrong("claude-code", &bash(twice)).contains("`command` stands there twice"));
    let held = serde_json::to_string(twice).unwrap();
    assert!(wrong("claude-code", &bash(&held)).contains("`command` stands there twice"));
    let copilot = format!(r#"{{"toolName":"db_shell","toolArgs":{held}}}"#);
    assert!(wrong("copilot", &copilot).contains("`command` stands there twice"));
    let crush =
        r#"{"event":"PreToolUse","tool_name":"bash","tool_input":{"command":"ls","COMMAND":"rm -rf ~"}}"#;
    assert!(wrong("crush", crush).contains("`command` stands there as `COMMAND` too"));
}

#[test]
fn every_command_of_an_event_counts() {
    let cline = r#"{"hookName":"tool_call","tool_call":{"name":"run_commands","input":{"commands":["ls"],"command":"rm -rf ~"}}}"#;
    assert_eq!(texts("cline", cline), ["ls", "rm -rf ~"]);
    let generic = r#"{"command":"ls","argv":["rm","-rf","a b"]}"#;
    assert_eq!(texts("generic", generic), ["ls", "rm -rf 'a b'"]);
}

#[test]
fn the_first_place_of_a_directory_counts_and_what_only_older_versions_knew_beside_the_next() {
    let check = |input: &str, expect: &[&str]| {
        let event = format!(
            r#"{{"hook_event_name":"BeforeTool","tool_name":"run_shell_command","cwd":"/p","tool_input":{{"command":"ls"{input}}}}}"#
        );
        match asks("gemini", &event) {
            Ok(Asks::Commands(commands)) => {
                assert_eq!(commands.cwds, expect.iter().map(PathBuf::from).collect::<Vec<_>>(), "{input}");
            }
            other => panic!("{other:?}"),
        }
    };
    check("", &["/p"]);
    check(r#","dir_path":"src""#, &["src"]);
    check(r#","dir_path":"","directory":null"#, &["/p"]);
    check(r#","directory":"/tmp/x""#, &["/tmp/x", "/p"]);
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
    check(r#"{"command":"rm","args":"-rf x"}"#, &["rm -rf x"]);
    check(r#"{"command":"rm","args":["-f",5],"params":["y"]}"#, &["rm -f 5 y"]);
    check(r#"{"command":["bash"],"stdin":"rm -rf x"}"#, &["printf %s 'rm -rf x' | bash"]);
    check(r#"{"command":"bash","stdin":""}"#, &["bash"]);
    check(r#"{"bash_command":"ls","restoreCmd":"pwd"}"#, &["ls", "pwd"]);
    check(r#"{"commands":["ls","pwd"]}"#, &["ls", "pwd"]);
    check(r#"{"task":{"options":[{"Command_Line":"ls"}]}}"#, &["ls"]);
    check(r#"{"command":"ls","cwd":"/srv/a b"}"#, &["cd -- '/srv/a b' && ls"]);
    check(r#"{"command":["rm","x"],"working_directory":"/srv"}"#, &["cd -- /srv && rm x"]);
    check(r#"{"command":"ls","env":{"A":"b c","N":5}}"#, &["export 'A=b c' 'N=5'; ls"]);
    check(r#"{"command":"ls","workdir":"","env":{},"timeout":5}"#, &["ls"]);
    let nothing = ["Ok(Nothing)"];
    check(r#"{"query":"rm -rf /"}"#, &nothing);
    check(r#"{"command":5}"#, &nothing);
    check("null", &nothing);
}
