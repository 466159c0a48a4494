//! The past judged again: found on the machine, read in its own formats, summed up, and nothing of it run.

use crate::harness::Guard;
use crate::stage::Stage;

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// A home with a transcript, a history and a project that is there.
fn home() -> Guard {
    let guard = Guard::new();
    let project = guard.project();
    let call = |cwd: &str, command: &str| {
        let input = serde_json::json!({"command": command});
        let content = serde_json::json!([{"type": "tool_use", "name": "Bash", "input": input}]);
        serde_json::json!({"type": "assistant", "cwd": cwd, "message": {"content": content}}).to_string()
    };
    let here = project.to_str().unwrap();
    let lines = [
        call(here, "git status"),
        call(here, "railway volume delete --volume data --yes"),
        call(here, "git push --force origin main"),
        call("/nonexistent/place", "TOKEN=hunter2 railway volume delete --volume data --yes"),
        call(here, "git push --force origin main"),
    ];
    guard.file(".claude/projects/-home-app/session.jsonl", &(lines.join("\n") + "\n"));
    guard.file(".bash_history", "ls\nrm -rf ~/\u{1b}[2Jphotos\n");
    guard
}

#[test]
fn what_is_on_this_machine_is_judged_and_summed_up() {
    let guard = home();
    let output = guard.run(&["replay"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let (seen, told) = (text(output.stdout), text(output.stderr));
    assert!(
        told.contains("reading transcripts of Claude Code: ") && told.contains(".bash_history"),
        "{told}"
    );
    for line in
        ["7 commands in 2 files: 5 asked about (71.43 %), 0 refused", "3 of them judged in a made-up project"]
    {
        assert!(seen.contains(line), "{line}: {seen}");
    }
    assert!(seen.contains("    2  28.57 %  railway/volume-delete"), "{seen}");
    assert!(seen.contains("    2  28.57 %  git/push-force"), "{seen}");
    let worst = seen.split("the worst").nth(1).unwrap();
    assert!(worst.trim_start().starts_with("catastrophic"), "{seen}");
    assert!(worst.contains("session.jsonl:2") && worst.contains("TOKEN=[redacted]"), "{seen}");
    assert!(!seen.contains("hunter2") && !seen.contains('\u{1b}'), "{seen}");
    assert!(!guard.path(".local/state/guard").exists(), "something was put on record");
}

#[test]
fn files_that_are_named_are_read_and_others_are_not() {
    let guard = home();
    let history = guard.path(".bash_history");
    let output = guard.run(&["replay", "--json", history.to_str().unwrap(), "/nonexistent"]);
    let seen: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((seen["commands"].as_u64(), seen["asked"].as_u64()), (Some(2), Some(1)), "{seen}");
    assert_eq!(seen["worst"][0]["line"], 2);
    assert_eq!(seen["failed"][0]["path"], "/nonexistent");
    assert!(text(output.stderr).contains("/nonexistent: "));
    assert_eq!(guard.run(&["replay", "/nonexistent"]).status.code(), Some(1));
}

#[test]
fn policy_of_the_place_counts() {
    let guard = home();
    guard.file("project/.guard/policy.yaml", "rules: {git/push-force: {do: refuse}}");
    let seen: serde_json::Value = serde_json::from_slice(&guard.run(&["replay", "--json"]).stdout).unwrap();
    assert_eq!(seen["refused"], 2, "{seen}");
}

#[test]
fn a_large_file_takes_no_more_memory_than_a_small_one() {
    let guard = Guard::new();
    let padding = "x".repeat(200_000);
    let line =
        serde_json::json!({"type": "user", "cwd": "/srv", "toolUseResult": padding}).to_string() + "\n";
    let path = guard.file("large.jsonl", &line.repeat(300));
    let script =
        format!("ulimit -v 200000; exec '{}' replay '{}'", env!("CARGO_BIN_EXE_guard"), path.display());
    let output = guard.sh(&script);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(output.stdout).starts_with("0 commands in 1 file"));
}

#[test]
fn policy_may_only_watch_and_no_flag_variable_or_project_can() {
    let guard = Guard::new();
    guard.tool("railway", "#!/bin/sh\necho ran\n");
    // Neither a flag, nor a project's policy, nor one that a variable names.
    let words = ["exec", "--", "railway", "volume", "delete", "--volume", "data", "--yes"];
    assert_eq!(guard.run(&[&["exec", "--observe"], &words[1..]].concat()).status.code(), Some(125));
    guard.file("project/.guard/policy.yaml", "observe: true");
    assert_eq!(guard.run(&words).status.code(), Some(75));
    guard.file(".config/guard/policy.yaml", "observe: true");
    assert_eq!(guard.run(&words).status.code(), Some(75), "HOME is the caller's choice");
    let policy = guard.path(".config/guard/policy.yaml");
    let output = guard.command(&words).env("GUARD_EXTRA_POLICY", policy).output().unwrap();
    assert_eq!(output.status.code(), Some(75));
}

#[test]
fn the_machines_policy_may_only_watch() {
    let Some(stage) = Stage::new(&["mount"]) else { return };
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    let seen = stage.play(
        r#"
        mkdir -p "$HOME/etc/guard"; cp /etc/passwd /etc/group "$HOME/etc"; mount --bind "$HOME/etc" /etc
        echo "observe: true" > /etc/guard/policy.yaml; cd "$HOME/project"
        "$GUARD" exec -- $command < /dev/null; echo "observed: $?"
        "$GUARD" check -- $command
        "$GUARD" exec -n -c "rm ~/.config/guard/policy.yaml"; echo "own files: $?"
        "$GUARD" log; "$GUARD" status | grep OBSERVING
        "$GUARD" replay "$HOME/.local/state/guard/ledger.jsonl"
        mkdir .guard; echo "observe: false" > .guard/policy.yaml
        "$GUARD" exec -n -- $command; echo "taken back: $?"
        "#,
    );
    for told in [
        "observed: 0",
        "would run without the question",
        "own files: 75",
        "ran, observed",
        "OBSERVING",
        "2 asked about",
        "taken back: 75",
    ] {
        assert!(seen.contains(told), "{told}: {seen}");
    }
    assert_eq!(stage.runs(), 1, "{seen}");
}
