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

/// Every file of every agent, for a user and for a project: made where it is missing, merged into where it
/// is there, and taken out again.
#[test]
fn the_files_of_every_agent_come_and_go_byte_for_byte() {
    if !can_play_a_person() {
        return;
    }
    // Without a last line end, with tabs and a comment.
    let theirs = "{\n\t// theirs\n\t\"version\": 1,\n\t\"theirs\": {\"kept\": [1, 2]}\n}";
    for project in [false, true] {
        let path = |edit: &agents::file::Edit| match project {
            true => edit.project.as_ref().map(|file| format!("project/{file}")),
            false => edit.user.as_ref().map(|file| file.trim_start_matches("~/").to_owned()),
        };
        let all: Vec<_> = agents::all()
            .filter(|agent| agent.install.edits.iter().any(|edit| path(edit).is_some()))
            .collect();
        assert!(all.len() >= 14, "{}", all.len());
        let files =
            || all.iter().flat_map(|agent| &agent.install.edits).filter_map(|edit| Some((edit, path(edit)?)));
        let mut words = vec!["install"];
        words.extend(all.iter().map(|agent| agent.agent.as_str()));
        words.extend(project.then_some("--project"));
        for there in [false, true] {
            let guard = Guard::new();
            let merged = files().filter(|(edit, _)| there && edit.merge.is_some());
            for (edit, file) in merged {
                let has_version = edit.merge.as_deref().is_some_and(|merge| merge.contains("\"version\""));
                let theirs =
                    if has_version { theirs.replace("\t\"version\": 1,\n", "") } else { theirs.to_owned() };
                guard.file(&file, &theirs);
            }
            let before = tree(&guard.path(""));
            agreed(&guard, &words, "install");
            for (edit, file) in files() {
                let text = fs::read_to_string(guard.path(&file)).unwrap();
                assert!(text.contains("guard") && !text.contains("{hook}"), "{file}: {text}");
                assert_eq!(text.contains("// theirs"), there && edit.merge.is_some(), "{file}: {text}");
            }
            if there {
                let status = guard.run(if project { &["status", "--project"] } else { &["status"] });
                assert_eq!(status.status.code(), Some(0), "{}", String::from_utf8_lossy(&status.stdout));
            }
            agreed(&guard, if project { &["remove", "--project"] } else { &["remove"] }, "take guard away");
            assert_eq!(tree(&guard.path("")), before, "project: {project}, there before: {there}");
        }
    }
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
        assert!(!said.contains("{guard}") && !said.contains("{hook}"), "{said}");
    }
}

/// Most agents take a hook that is late for a yes. What is written into their settings waits for guard by
/// itself, and says no to whatever is in its place.
#[test]
fn what_agents_run_says_no_when_guard_hangs_or_crashes() {
    if !needs("timeout") || !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    agreed(&guard, &["install", "claude-code"], "install");
    let settings = fs::read_to_string(guard.path(".claude/settings.json")).unwrap();
    let settings: Value = serde_json::from_str(&settings).unwrap();
    let command = settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"].as_str().unwrap();
    assert!(command.contains("timeout -s KILL 5 "), "{command}");
    let tried = |program: &str| {
        let program = guard.tool("guard", program).display().to_string();
        let words = shell_words::split(command.strip_suffix(" || exit 2").unwrap()).unwrap();
        // A shorter wait than 5 seconds, for the test's sake.
        let line = command.replace(&words[4], &program).replace("KILL 5", "KILL 0.2");
        guard.program("sh").args(["-c", &line]).output().unwrap().status.code()
    };
    assert_eq!(tried("#!/bin/sh\nexit 0\n"), Some(0));
    assert_eq!(tried("#!/bin/sh\ntrap '' TERM INT HUP\nexec sleep 600\n"), Some(2));
    assert_eq!(tried("#!/bin/sh\nkill -STOP $$\n"), Some(2));
    assert_eq!(tried("#!/bin/sh\nkill -SEGV $$\n"), Some(2));
    assert_eq!(tried("#!/bin/sh\nexit 1\n"), Some(2));
}

#[test]
fn hooks_of_a_project_are_its_own() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    agreed(&guard, &["install", "claude-code", "--project"], "install");
    let status = |directory: &str| {
        fs::create_dir_all(guard.path(directory).join(".git")).unwrap();
        let output = guard.command(&["status"]).current_dir(guard.path(directory)).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) = status("project");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("claude-code     on      the hooks of Claude Code in this project"), "{said}");
    let (code, said) = status("another");
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("the hooks of Claude Code in this project"), "{said}");
    // Where there is no project, a user's hooks are not taken for a project's.
    agreed(&guard, &["install", "claude-code"], "install");
    fs::create_dir(guard.path("none")).unwrap();
    let output = guard.command(&["status"]).current_dir(guard.path("none")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && !said.contains("in this project"), "{said}");
    guard.file("project/.claude/settings.json", "{}");
    let (code, said) = status("project");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("are not in ~/project/.claude/settings.json"), "{said}");
}

#[test]
fn an_agent_that_switches_its_hooks_off_is_told_of() {
    if !can_play_a_person() {
        return;
    }
    let check = |agent: &str, file: &str, text: &str, by: &str| {
        let guard = Guard::new();
        agreed(&guard, &["install", agent], "install");
        let status = |told: bool| {
            let output = guard.run(&["status"]);
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(output.status.code(), Some(i32::from(told)), "{said}");
            let expected = format!("are switched off: {by} in ");
            assert_eq!(said.contains(&expected), told, "{expected}: {said}");
        };
        status(false);
        match fs::read_to_string(guard.path(file)) {
            // Into what guard wrote there.
            Ok(settings) => guard.file(file, &settings.replacen('{', &format!("{{{text},"), 1)),
            Err(_) if text.starts_with('"') => guard.file(file, &format!("{{{text}}}")),
            Err(_) => guard.file(file, text),
        };
        status(true);
    };
    check("claude-code", ".claude/settings.json", "\"disableAllHooks\": true", "disableAllHooks");
    check("claude-code", "project/.claude/settings.json", "\"disableAllHooks\": true", "disableAllHooks");
    check(
        "claude-code",
        "project/.claude/settings.local.json",
        "\"disableAllHooks\": true",
        "disableAllHooks",
    );
    check("codex", ".codex/config.toml", "[features]\nhooks = false\n", "features.hooks");
    check("codex", ".codex/config.toml", "features.codex_hooks = false\n", "features.codex_hooks");
    check("copilot", ".copilot/settings.json", "\"disableAllHooks\": true", "disableAllHooks");
    check("copilot", ".copilot/hooks/guard.json", "\"disableAllHooks\": true", "disableAllHooks");
    check("gemini", ".gemini/settings.json", "\"hooksConfig\": {\"enabled\": false}", "hooksConfig.enabled");
    check(
        "gemini",
        "project/.gemini/settings.json",
        "\"hooksConfig\": {\"disabled\": [\"guard\"]}",
        "hooksConfig.disabled",
    );
    check("qwen", ".qwen/settings.json", "\"disableAllHooks\": true", "disableAllHooks");
    check("droid", ".factory/settings.json", "\"hooksDisabled\": true", "hooksDisabled");
}

#[test]
fn an_agent_that_waits_for_an_agreement_is_told_of() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    agreed(&guard, &["install", "codex"], "install");
    let told = || String::from_utf8(guard.run(&["status"]).stdout).unwrap().contains("agree under /hooks");
    assert!(told());
    guard.file(".codex/config.toml", "[hooks.state.\"a\"]\ntrusted_hash = \"sha256:1\"\n");
    assert!(!told());
}

#[test]
fn a_variable_that_switches_hooks_off_is_told_of() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    for (agent, variable) in [("opencode", "OPENCODE_PURE"), ("claude-code", "CLAUDE_CODE_SAFE_MODE")] {
        agreed(&guard, &["install", agent], "install");
        let status = |value: &str| guard.command(&["status"]).env(variable, value).output().unwrap();
        assert_eq!(status("0").status.code(), Some(0));
        let output = status("1");
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(&format!("are switched off: {variable} is set")), "{said}");
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
        // The hook does not wait for the person, so nobody is told that it does.
        assert!(said.contains("guard approve") && !said.contains("answers within"), "{said}");
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
        let hook = guard.file("hook", &text.replace("{hook}", &format!("{program} hook cline")));
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
