#![allow(clippy::unwrap_used)]

use super::*;
use crate::test_process::{again, part, this_test};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

fn process(pid: u32, command: &str, variables: &str) -> Process {
    let argv: Vec<String> = command.split('|').map(str::to_owned).collect();
    let variables = variables.split_whitespace().map(|pair| pair.split_once('=').unwrap());
    Process {
        pid,
        start: u64::from(pid),
        name: base(&argv[0]).to_owned(),
        argv,
        variables: Some(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()),
    }
}

fn asked(processes: Vec<Process>) -> Asker {
    recognise(&Ancestry { processes, hidden: false }, |_| false)
}

/// Asks for a command whose parent is `command` with an environment of `variables`.
fn above(command: &str, variables: &str) -> Asker {
    asked(vec![
        process(9, "guard|exec", "TERM=xterm"),
        process(8, command, variables),
        process(1, "init", ""),
    ])
}

fn check(command: &str, variables: &str, expect: Option<&str>) {
    assert_eq!(above(command, variables).agent.as_deref(), expect, "{command} {variables}");
}

#[test]
fn agents_are_known_by_their_variables() {
    check("bash|-c|x", "CLAUDECODE=1", Some("claude-code"));
    check("bash|-c|x", "CODEX_SANDBOX_NETWORK_DISABLED=1", Some("codex"));
    check("bash|-c|x", "GEMINI_CLI=1", Some("gemini"));
    check("bash|-c|x", "OPENCODE=1 AGENT=1 KILO=1", Some("kilo"));
    check("bash|-c|x", "AGENT=1 OPENCODE=1", Some("opencode"));
    check("bash|-c|x", "AI_AGENT=claude-code_2-1-330_agent", Some("claude-code"));
    check("bash|-c|x", "AGENT=amp", Some("amp"));
    check("bash|-c|x", "AGENT=1", Some("an agent"));
    check("bash|-c|x", "AGENT=\x1b[2J", Some("an agent"));
}

#[test]
fn a_variable_counts_whatever_its_value() {
    check("bash", "CLAUDECODE=", Some("claude-code"));
    check("bash", "CLAUDECODE=0", Some("claude-code"));
}

#[test]
fn agents_are_known_by_their_programs() {
    check("/home/me/.local/bin/claude|-p|go", "", Some("claude-code"));
    check("node|/usr/local/bin/gemini|--yolo", "", Some("gemini"));
    check("/usr/bin/node|--no-warnings|/usr/lib/node_modules/@openai/codex/bin/codex.js", "", Some("codex"));
    check("node|/usr/lib/node_modules/@continuedev/cli/dist/cn.js|-p", "", Some("continue"));
    check("python3.12|/home/me/.local/bin/aider", "", Some("aider"));
    check("python|-m|aider", "", Some("aider"));
    check("bash|/usr/bin/cursor-agent", "", Some("cursor"));
}

#[test]
fn people_are_not_taken_for_agents() {
    check("-zsh", "TERM=xterm EDITOR=vim", None);
    check("bash|-lc|claude --help", "", None);
    check("vim|claude", "", None);
    check("tmux: server", "", None);
    check("node|server.js|--agent|claude", "", None);
    check("/usr/bin/claudette", "", None);
    check("bash", "CLAUDE=1 MY_AGENT=1 CODEX_HOME=/x AGENTS=2", None);
    check("python3|manage.py|cline", "", None);
}

#[test]
fn what_guard_runs_does_not_name_who_asks() {
    assert_eq!(asked(vec![process(9, "guard|exec|--|claude", ""), process(1, "bash", "")]).agent, None);
}

#[test]
fn a_cleared_environment_does_not_hide_an_agent_further_up() {
    let asker = asked(vec![
        process(9, "guard|exec", ""),
        process(8, "env|-i|guard", ""),
        process(7, "bash|-c|x", "CLAUDECODE=1"),
        process(6, "node|/usr/bin/claude", ""),
    ]);
    assert_eq!(asker.agent.as_deref(), Some("claude-code"));
    assert_eq!(asker.how, "CLAUDECODE in the environment of bash (pid 7)");
    assert_eq!(asker.chain, ["env", "bash -c", "node claude"]);
}

#[test]
fn the_answer_says_by_what() {
    assert_eq!(asked(vec![process(9, "guard", "GEMINI_CLI=1")]).how, "GEMINI_CLI in the environment");
    assert_eq!(above("node|/usr/bin/cn", "").how, "node cn (pid 8) is above it");
    assert_eq!(above("-bash", "").how, "no agent among 2 processes above");
    assert_eq!(asked(vec![process(9, "guard", "")]).how, "unknown: no process above can be seen");
    let devin = recognise(&Ancestry { processes: vec![], hidden: true }, |path| path == "/opt/.devin");
    assert_eq!((devin.agent.as_deref(), devin.how.as_str()), (Some("devin"), "/opt/.devin exists"));
    assert!(devin.hidden);
}

#[test]
fn the_chain_shows_no_arguments() {
    let token = "--token=s3cret";
    let chain = above(&format!("deploy|{token}|{token}"), "").chain;
    assert_eq!(chain, ["deploy", "init"]);
    assert_eq!(above("npm run clean", "").chain, ["npm run clean", "init"]);
}

#[test]
fn every_line_of_the_table_can_be_read_and_reached() {
    for line in MARKERS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        assert_eq!(line.split_ascii_whitespace().count(), 3, "{line}");
    }
    for marker in markers() {
        let (text, agent) = (marker.text.trim_end_matches('*'), marker.agent);
        let expect = if agent == "=" { "x" } else { agent };
        match marker.kind {
            "variable" => check("bash", &format!("{text}=x"), Some(expect)),
            "program" => check(&format!("/usr/bin/{text}"), "", Some(expect)),
            "script" => check(&format!("node|/x/node_modules/{text}/index.js"), "", Some(expect)),
            kind => assert_eq!(kind, "file"),
        }
    }
}

#[test]
fn an_agent_above_is_seen_through_a_cleared_environment() {
    if part().is_some() {
        let asker = who_asks();
        println!(">{} {}", asker.agent.unwrap(), asker.how);
        return;
    }
    if !cfg!(target_os = "linux") {
        return;
    }
    // The shell in between has the variable and is not replaced by its last command.
    let clear = again(this_test!(), "look");
    let words = clear.get_args().map(|word| word.to_str().unwrap());
    let words = shell_words::join(words);
    let script =
        format!("echo \">$$\"; env -i GUARD_TEST_CHILD=look {} {words}; :", clear.get_program().display());
    let output =
        Command::new("/bin/sh").arg0("sh").args(["-c", &script]).env("CLAUDECODE", "1").output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let mut lines = output.lines().filter_map(|line| line.strip_prefix('>'));
    let shell = lines.next().unwrap();
    let expect = format!("claude-code CLAUDECODE in the environment of sh (pid {shell})");
    assert_eq!(lines.next(), Some(expect.as_str()));
}

#[test]
fn hostile_neighbours_are_looked_through() {
    let long = "a/-c .".repeat(10_000);
    let many = (2..60).map(|pid| process(pid, &format!("node|{long}|{long}"), "X=1")).collect();
    assert_eq!(asked(many).agent, None);
}
