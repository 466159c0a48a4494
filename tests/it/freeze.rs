//! `guard freeze` stops everything that would be asked about, at every door, until a person lifts it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::harness::{Guard, can_play_a_person};
use crate::scratch::Scratch;
use crate::stage::Stage;

const REFUSED: i32 = 77;
const NOBODY: i32 = 75;

fn guard() -> Guard {
    let guard = Guard::at(Scratch::below(Path::new(env!("CARGO_TARGET_TMPDIR"))));
    guard.file("project/src/file", "precious");
    guard
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn what_would_be_asked_is_refused_at_every_door_and_the_rest_runs() {
    let guard = guard().shims(&["railway"]);
    assert_eq!(guard.exec("rm -rf src"), NOBODY);
    let frozen = guard.run(&["freeze", "restoring the database"]);
    assert!(frozen.status.success() && said(&frozen).contains("restoring the database"), "{frozen:?}");

    let output = guard.run(&["exec", "-c", "rm -rf src"]);
    assert_eq!(output.status.code(), Some(REFUSED));
    assert!(
        said(&output).contains("restoring the database") && said(&output).contains("guard freeze --lift")
    );
    assert_eq!(guard.sh("railway volume delete --volume data --yes").status.code(), Some(REFUSED));
    let shell = guard.shell("bash");
    assert_eq!(
        guard.program(shell).args(["-c", "rm -rf src"]).output().unwrap().status.code(),
        Some(REFUSED)
    );
    let mut hook = guard.command(&["hook", "claude-code"]);
    let mut hook = hook.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let event =
        r#"{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"rm -rf src"}}"#;
    hook.stdin.take().unwrap().write_all(event.as_bytes()).unwrap();
    let answer = said(&hook.wait_with_output().unwrap());
    assert!(answer.contains("deny") && answer.contains("frozen since"), "{answer}");

    assert_eq!(guard.exec("echo harmless"), 0);
    assert!(said(&guard.run(&["status"])).contains("FROZEN"));
    // Nor can the freeze itself be taken away.
    let file = guard.path(".local/state/guard/frozen");
    assert_eq!(guard.exec(&format!("rm {}", file.display())), REFUSED);
    assert_eq!(guard.exec("guard freeze --lift"), REFUSED);
    assert_eq!(guard.run(&["freeze", "--lift"]).status.code(), Some(NOBODY));
    assert!(guard.project().join("src/file").exists());
    // Whatever stands in its place freezes.
    fs::write(&file, "{").unwrap();
    assert_eq!(guard.exec("rm -rf src"), REFUSED);
}

#[test]
fn a_person_at_a_terminal_is_refused_too_while_it_is_frozen() {
    if !can_play_a_person() {
        return;
    }
    let guard = guard();
    // The question stands already when somebody freezes.
    let mut person = guard.at_terminal(&["exec", "-c", "rm -rf src"]);
    person.sees("To run it, type");
    guard.run(&["freeze"]);
    person.types("remove src");
    assert_eq!(person.leaves(), REFUSED);
    assert_eq!(guard.at_terminal(&["exec", "-c", "rm -rf src"]).leaves(), REFUSED);
    assert!(guard.project().join("src/file").exists());
}

#[test]
fn a_freeze_is_lifted_with_the_secret_that_is_enrolled() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        desktop enroll
        "$GUARD" freeze "something is wrong"
        export phrase='lift the freeze'
        desktop 'sit_with "" "$GUARD" freeze --lift'; test -e "$HOME/.local/state/guard/frozen" && echo "frozen on"
        desktop 'sit_with "$passphrase" "$GUARD" freeze --lift'
        "$GUARD" log"#,
    );
    for told in ["no secret was typed; it is still frozen", "frozen on", "commands are asked about again"] {
        assert!(seen.contains(told), "{told:?} is not in:\n{seen}");
    }
    assert!(seen.contains("lifted by passphrase of "), "{seen}");
}

#[test]
fn an_agent_may_freeze_and_only_a_person_lifts() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        agent 'code=$(ask); "$GUARD" freeze "something is wrong"; "$GUARD" pending
               "$GUARD" freeze --lift; echo "agent: $?"
               python3 "$PLAY" "lift the freeze" "lift the freeze" "$GUARD" freeze --lift
               ask; "$GUARD" exec --wait 0 -- $command; echo "frozen: $?"'
        phrase='lift the freeze' desktop 'sit "$GUARD" freeze --lift'
        agent '"$GUARD" exec --wait 0 -- $command; echo "lifted: $?"'
        "#,
    );
    for told in [
        "1 waiting question was refused",
        "nothing waits for a person",
        "agent: 75",
        "this terminal cannot lift the freeze: claude-code is at this terminal",
        "frozen: 77",
        "commands are asked about again",
        "lifted: 75",
    ] {
        assert!(seen.contains(told), "{told:?} is not in:\n{seen}");
    }
    assert_eq!(stage.runs(), 0);
}
