//! People are told that a question waits, by the command that their policy names and on their desktop.

use std::fs;

use crate::harness::Guard;
use crate::stage::Stage;

/// Plays a scene where the machine's policy is such, in an /etc of its own.
fn play(stage: &Stage, policy: &str, scene: &str) -> String {
    stage.guard.file("etc/guard/policy.yaml", policy);
    let etc = r#"cp /etc/passwd /etc/group "$HOME/etc"; mount --bind "$HOME/etc" /etc"#;
    stage.play_in(&["--mount"], &format!("{etc}\n{scene}"))
}

/// A stage on which there can be a machine's policy.
fn stage() -> Option<Stage> {
    let stage = Stage::new(&["mount"])?;
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: needs root");
        return None;
    }
    Some(stage)
}

#[test]
fn the_command_gets_the_question_without_secrets() {
    let Some(stage) = stage() else { return };
    // Also where guard does not wait for it.
    let seen = play(
        &stage,
        "notify: {command: [bash, -c, 'cat > \"$HOME/done\"']}",
        r#"agent '"$GUARD" exec --wait 0 -- env RAILWAY_TOKEN=hunter2 $command & cat "$HOME/done" > "$HOME/told"; wait'
           "$GUARD" pending"#,
    );
    let told = fs::read_to_string(stage.guard.path("told")).unwrap();
    let json: serde_json::Value =
        serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}\n{seen}"));
    assert_eq!(told.matches('\n').count(), 1, "{told}");
    assert!(json["command"].as_str().unwrap().contains("railway volume delete --volume data"), "{told}");
    assert_eq!(json["rules"][0]["severity"], "catastrophic", "{told}");
    let answer = json["answer"].as_str().unwrap();
    assert!(answer == format!("guard approve {}", json["code"].as_str().unwrap()), "{told}");
    assert!(seen.contains(json["code"].as_str().unwrap()), "{seen}");
    assert!(!told.contains("hunter2") && !told.contains("delete volume data"), "{told}");
}

#[test]
fn a_command_that_fails_is_told_of_and_one_that_hangs_or_floods_is_not_waited_for() {
    let Some(stage) = stage() else { return };
    for (command, why) in [
        ("[bash, -c, 'echo no; exit 3']", "bash could not tell anybody of the question: exit status: 3"),
        ("[no-such-program]", "no-such-program could not tell anybody of the question"),
        ("[bash, -c, 'kill -KILL $$']", "bash could not tell anybody of the question: signal: 9"),
        ("[sleep, '1000']", ""),
        ("[bash, -c, 'trap \"\" PIPE TERM; yes; yes >&2']", ""),
    ] {
        let stage = stage.again();
        // Who waits is told of the failure, and is asked about once all the same.
        let seen = play(
            &stage,
            &format!("notify: {{command: {command}}}"),
            &r#"
            desktop 'read -r code < "$HOME/asked"; WAIT sit "$GUARD" approve "$code"' &
            agent '"$GUARD" exec --wait 40 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"'
            wait
            "#
            .replace("WAIT", if why.is_empty() { "" } else { r#"until grep -q "could not tell" "$HOME/told"; do read -r -t 0.05 _ <> "$HOME/done"; done;"# }),
        );
        let told = fs::read_to_string(stage.guard.path("told")).unwrap_or_default();
        assert!(told.contains(why), "{why:?} is not in:\n{told}\n{seen}");
        assert_eq!(stage.runs(), 1, "{seen}");
    }
}

#[test]
fn a_command_that_does_not_end_is_ended_when_guard_has_gone() {
    let Some(stage) = stage() else { return };
    let seen = play(
        &stage,
        "notify: {command: [sleep, '1000']}",
        r#"agent '"$GUARD" exec --wait 0 -- $command'
           pid=$(sed -n 's/ (sleep) .*//p' /proc/[0-9]*/stat 2>/dev/null); echo "started: $pid"
           timeout 50 tail --pid="$pid" -f /dev/null; echo "ended: $?""#,
    );
    assert!(!seen.contains("started: \n") && seen.contains("ended: 0"), "{seen}");
}

#[test]
fn a_desktop_is_told_with_its_markup_escaped() {
    let Some(stage) = Stage::new(&[]) else { return };
    stage.guard.tool("notify-send", "#!/bin/bash\nprintf '%s\\n' \"$@\" > \"$HOME/done\"\n");
    let seen = stage.play(
        r#"agent 'export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere
                  "$GUARD" exec --wait 0 -- railway volume delete --volume "<b>x</b>" --yes & cat "$HOME/done"; wait'"#,
    );
    for told in ["--app-name=guard", "&lt;b&gt;x&lt;/b&gt;", "guard approve "] {
        assert!(seen.contains(told), "{told}: {seen}");
    }
}

#[test]
fn no_project_and_no_file_that_the_environment_names_has_a_command_run() {
    let guard = Guard::new();
    let named = "notify: {command: [touch, x]}\n";
    let path = guard.file("project/.guard/policy.yaml", named);
    let refused = |output: std::process::Output| {
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(125), "{said}");
        assert!(
            said.contains("`notify` names programs to be run, which a project's policy may not"),
            "{said}"
        );
    };
    refused(guard.run(&["exec", "--", "true"]));
    fs::remove_file(&path).unwrap();
    let extra = guard.file("extra.yaml", named);
    refused(guard.command(&["exec", "--", "true"]).env("GUARD_EXTRA_POLICY", extra).output().unwrap());
    // A home that is not the account's: said, and not run.
    let Some(stage) = Stage::new(&[]) else { return };
    stage.guard.file(".config/guard/policy.yaml", "notify: {command: [sh, -c, 'echo > $HOME/notified']}\n");
    let seen = stage.play(r#"agent '"$GUARD" exec --wait 1 -- $command'; "$GUARD" policy check"#);
    assert!(seen.contains("`notify` does not count") && seen.contains("guard approve"), "{seen}");
    assert!(!stage.guard.path("notified").exists(), "{seen}");
}
