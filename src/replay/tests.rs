#![allow(clippy::unwrap_used)]

use super::*;
use crate::decide::command_text;
use crate::test_process::Scratch;

/// Returns the commands of a file: the line, the directory, the text; and how much was not understood.
fn past(name: &str, text: &str) -> (Vec<String>, usize) {
    let scratch = Scratch::new();
    let path = scratch.file(name, text, 0o600);
    let (mut found, mut unread) = (Vec::new(), 0);
    read(&path, &mut |past| match past {
        Ok(past) => {
            let cwd = past.cwd.map_or("?".to_owned(), |cwd| cwd.display().to_string());
            found.push(format!("{} {cwd} {}", past.line, command_text(&past.form)));
        }
        Err(_) => unread += 1,
    })
    .unwrap();
    (found, unread)
}

#[track_caller]
fn check(name: &str, text: &str, expect: &[&str]) {
    assert_eq!(past(name, text), (expect.iter().map(|line| (*line).to_owned()).collect(), 0));
}

#[test]
fn claude_code() {
    let text = r#"{"type":"summary","summary":"x"}
{"type":"user","cwd":"/srv/app","message":{"role":"user","content":"run Bash"}}
{"type":"assistant","cwd":"/srv/app","message":{"content":[{"type":"text","text":"rm -rf /"},{"type":"tool_use","name":"Bash","input":{"command":"git status"}},{"type":"tool_use","name":"Edit","input":{"command":"no"}}]}}

{"type":"assistant","cwd":"/srv/app/sub","message":{"content":[{"type":"tool_use","name":"Bash","input":{"command":"rm -rf build"}}]}}
{"type":"user","cwd":"/srv/app","message":{"content":[{"type":"tool_result","content":"{\"type\":\"tool_use\"}"}]}}
"#;
    check("a.jsonl", text, &["3 /srv/app git status", "5 /srv/app/sub rm -rf build"]);
}

#[test]
fn codex() {
    let text = r#"{"type":"session_meta","payload":{"id":"x","cwd":"/srv/app"}}
{"type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{\"command\":[\"bash\",\"-lc\",\"rm -rf x\"],\"workdir\":\"/srv/app/sub\"}"}}
{"type":"response_item","payload":{"type":"function_call","name":"exec_command","arguments":"{\"cmd\":\"ls\"}"}}
{"type":"turn_context","payload":{"cwd":"/srv/other"}}
{"type":"response_item","payload":{"type":"function_call","name":"shell_command","arguments":"{\"command\":\"pwd\",\"workdir\":\"sub\"}"}}
{"type":"response_item","payload":{"type":"function_call","name":"update_plan","arguments":"{}"}}
{"type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"not JSON"}}
{"type":"response_item","payload":{"type":"local_shell_call","action":{"type":"exec","command":["ls","-l"]}}}
"#;
    check(
        "rollout-x.jsonl",
        text,
        &[
            "2 /srv/app/sub bash -lc 'rm -rf x'",
            "3 /srv/app ls",
            "5 /srv/other/sub pwd",
            "8 /srv/other ls -l",
        ],
    );
}

#[test]
fn gemini() {
    let text = r#"{
  "sessionId": "x",
  "other": {"messages": [{"toolCalls": [{"name": "run_shell_command", "args": {"command": "no"}}]}]},
  "messages": [
    {"type": "user", "content": "hello"},
    {"type": "gemini", "toolCalls": [
      {"name": "read_file", "args": {"path": "a"}},
      {"name": "run_shell_command", "args": {"command": "rm -rf x", "directory": "/srv/app"}}
    ]},
    {"type": "gemini", "toolCalls": [{"name": "run_shell_command", "args": {"command": "ls", "directory": "sub"}}]}
  ]
}"#;
    check("session-1.json", text, &["9 /srv/app rm -rf x", "10 ? ls"]);
    let line = r#"{"type":"gemini","toolCalls":[{"name":"run_shell_command","args":{"command":"ls"}}]}"#;
    check("session-1.jsonl", line, &["1 ? ls"]);
}

#[test]
fn a_ledger_names_every_command_once() {
    let text = r#"{"n":1,"time":"x","what":"ran","command":"ls","cwd":"/srv","pid":1,"uid":0,"prev":"00000000000000000000000000000000","hash":"x"}
{"n":2,"what":"asked","command":"rm -rf /srv","cwd":"/srv","prev":"00000000000000000000000000000000"}
{"n":3,"what":"cleared","of":2,"command":"rm -rf /srv","cwd":"/srv","prev":"00000000000000000000000000000000"}
{"n":4,"what":"ended","of":3,"prev":"00000000000000000000000000000000"}
"#;
    check("ledger.jsonl", text, &["1 /srv ls", "2 /srv rm -rf /srv"]);
}

#[test]
fn histories_are_known_by_name_or_by_how_they_begin() {
    check(".bash_history", "ls\npwd\n", &["1 ? ls", "2 ? pwd"]);
    check("some file", "#1700000000\nls\n", &["2 ? ls"]);
    check("some file", ": 1700000000:0;ls\n", &["1 ? ls"]);
    check("some file", "- cmd: ls\n  when: 1\n", &["1 ? ls"]);
    check(".zsh_history", "ls\n", &["1 ? ls"]);
    check("empty", "", &[]);
}

#[test]
fn what_is_not_understood_is_counted() {
    let text = "{\"type\":\"x\"}\nnot JSON\n{\"half\":\n\u{0}\u{1}\n";
    assert_eq!(past("a.jsonl", text), (Vec::new(), 3));
    let scratch = Scratch::new();
    let path = scratch.file("a.json", "{\"messages\": [{}, ", 0o600);
    assert!(read(&path, &mut |_| {}).is_err());
}

#[test]
fn deep_and_odd_documents_end() {
    for text in ["[".repeat(100_000), "{\"messages\":".repeat(10_000), "{\"messages\":[".repeat(10_000)] {
        let scratch = Scratch::new();
        let path = scratch.file("a.json", &text, 0o600);
        assert!(read(&path, &mut |_| {}).is_err());
    }
}
