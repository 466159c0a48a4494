//! `guard install AGENT`: hooks put into settings that are somebody else's, and taken out again.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use guard::agents;
use serde_json::Value;

use crate::harness::{Guard, can_play_a_person};
use crate::needs::needs;
use crate::scratch::tree;

const MINE: &str = "{\n    \"model\": \"opus\",\n    \"hooks\": {\"PreToolUse\": [{\"matcher\": \"Edit\", \"hooks\": []}]}\n}\n";

/// Has a person answer `word` to `guard WORDS`.
fn agreed(guard: &Guard, words: &[&str], word: &str) {
    let mut person = guard.at_terminal(words);
    person.types(word);
    assert_eq!(person.leaves(), 0);
}

#[test]
fn hooks_come_and_go_byte_for_byte() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    guard.file(".claude/settings.json", MINE);
    let before = tree(&guard.path(""));
    agreed(&guard, &["install", "claude-code", "cline", "goose"], "install");
    let settings = fs::read_to_string(guard.path(".claude/settings.json")).unwrap();
    assert!(settings.starts_with("{\n    \"model\": \"opus\","), "{settings}");
    let settings: Value = serde_json::from_str(&settings).unwrap();
    let hooks = &settings["hooks"]["PreToolUse"];
    assert_eq!(hooks[0]["matcher"], "Edit");
    let command = hooks[1]["hooks"][0]["command"].as_str().unwrap();
    assert!(command.ends_with("/guard hook claude-code || exit 2"), "{command}");
    assert_eq!(hooks[1]["hooks"][0]["onFailure"], "block");
    assert!(guard.path(".cline/hooks/PreToolUse").exists());
    let status = guard.run(&["status"]);
    assert_eq!(status.status.code(), Some(0), "{}", String::from_utf8_lossy(&status.stdout));
    agreed(&guard, &["remove"], "take guard away");
    assert_eq!(tree(&guard.path("")), before);
}

#[test]
fn what_a_person_changed_since_stays() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    let path = guard.file(".claude/settings.json", MINE);
    agreed(&guard, &["install", "claude-code"], "install");
    let settings = fs::read_to_string(&path).unwrap().replace("opus", "sonnet");
    fs::write(&path, settings).unwrap();
    agreed(&guard, &["remove", "claude-code"], "take guard away");
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let left = fs::read_to_string(&path).unwrap();
    assert_eq!(read(&left), read(&MINE.replace("opus", "sonnet")), "{left}");
}

#[test]
fn a_hook_that_is_gone_is_told_of() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    let path = guard.file(".claude/settings.json", MINE);
    agreed(&guard, &["install", "claude-code"], "install");
    fs::write(&path, MINE).unwrap();
    let status = guard.run(&["status"]);
    let said = String::from_utf8_lossy(&status.stdout);
    assert_eq!(status.status.code(), Some(1), "{said}");
    assert!(said.contains("the hooks of Claude Code are not in ~/.claude/settings.json"), "{said}");
}

#[test]
fn settings_that_are_broken_are_left_alone() {
    let guard = Guard::new();
    let path = guard.file(".claude/settings.json", "{\"model\": \n");
    let output = guard.run(&["install", "claude-code"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(".claude/settings.json: line 2, column 1"), "{said}");
    assert_eq!(fs::read_to_string(path).unwrap(), "{\"model\": \n");
}

#[test]
fn every_agent_says_what_it_would_change() {
    let guard = Guard::new();
    for agent in agents::all().filter(|agent| !agent.install.found_by.is_empty()) {
        let changes = agent.install.edits.iter().any(|edit| edit.user.is_some());
        let output = guard.run(&["install", &agent.agent, "--dry-run"]);
        assert_eq!(output.status.success(), changes, "{}: {output:?}", agent.agent);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(!said.contains("{guard}"), "{said}");
    }
}

/// The plugin of OpenCode, under node: what guard refuses does not run, nor what it cannot be asked about.
#[test]
fn the_plugin_throws_unless_guard_says_yes() {
    if !needs("node") {
        return;
    }
    let guard = Guard::new();
    for name in ["opencode", "kilo"] {
        let agent = agents::named(name).unwrap();
        let text = agent.install.edits[0].write.clone().unwrap();
        let tried = |program: &str, command: &str| {
            guard.file("plugin.mjs", &text.replace("{guard}", program));
            let call = format!(
                "import {{ Guard }} from './plugin.mjs'\n\
                 const hooks = await Guard({{ directory: '/tmp' }})\n\
                 await hooks['tool.execute.before']({{ tool: 'bash' }}, {{ args: {{ command: {command:?} }} }})\n"
            );
            let call = guard.file("call.mjs", &call);
            let output = Command::new("node").arg(call).env("HOME", guard.path("")).output().unwrap();
            (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        let own = env!("CARGO_BIN_EXE_guard");
        let (ran, said) = tried(own, "git status");
        assert!(ran, "{said}");
        let (ran, said) = tried(own, "railway volume delete --volume x");
        assert!(!ran && said.contains("railway/volume-delete"), "{said}");
        let (ran, said) = tried("/nowhere/guard", "git status");
        assert!(!ran && said.contains("guard could not be asked"), "{said}");
        let (ran, said) = tried("false", "git status");
        assert!(!ran && said.contains("nothing was run"), "{said}");
    }
}

/// Cline takes any status for a yes: its hook says no in words when guard is gone.
#[test]
fn clines_hook_says_no_without_guard() {
    let guard = Guard::new();
    let agent = agents::named("cline").unwrap();
    let text = agent.install.edits[0].write.clone().unwrap();
    let tried = |program: &str| {
        let hook = guard.file("hook", &text.replace("{guard}", program));
        let mut child = Command::new("sh")
            .arg(hook)
            .env("HOME", guard.path(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It may be gone before it reads.
        let _ = child.stdin.take().unwrap().write_all(agent.examples[1].event.as_bytes());
        let output = child.wait_with_output().unwrap();
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        value["cancel"].as_bool()
    };
    assert_eq!(tried(env!("CARGO_BIN_EXE_guard")), Some(false));
    assert_eq!(tried("/nowhere/guard"), Some(true));
}
