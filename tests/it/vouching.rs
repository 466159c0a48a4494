//! One answer where a command meets two doors: a hook that lets it pass and runs nothing, and behind it a
//! shim or a shell. Both sides are real process trees, as in `answers.rs`.

use crate::stage::Stage;

/// What both sides can do here.
const ROLES: &str = r#"
    # Sets a door up, as a person does.
    set_up() { python3 "$PLAY" $'\n> ' install -- "$GUARD" install "$@" > "$HOME/set-up" || cat "$HOME/set-up"; }

    # Asks the hook about a command, again where the machine is too busy; what it is told is printed.
    hook() {
        local told status
        while told=$(printf '{"command": "%s"}' "$1" | "$GUARD" hook generic 2>&1 > /dev/null); status=$?
            [[ $told == *"judging took longer"* ]]
        do :; done
        echo "$told"; return $status
    }

    # Has the hook ask, waits until a person has said yes, and has the hook asked once more.
    passes() { hook "$1" | code > "$HOME/asked"; read -r _ < "$HOME/done"; hook "$1"; echo "hook: $?"; }

    # Runs a command as an agent does that has shims first on its PATH. Nobody is asked here.
    run() { PATH="$HOME/.local/share/guard/shims:$PATH" GUARD_NO_INPUT=1 bash -c "$1" 2>> "$HOME/told"; echo "run: $?"; }
    export -f hook passes run

    # A person says yes to what is asked; the answer is kept for the next run.
    says_yes() {
        desktop 'read -r code < "$HOME/asked"
                 sit "$GUARD" approve "$code" | tee -p "$HOME/screen" | grep --line-buffered "takes it back" > "$HOME/done"'
    }
"#;

/// Plays a scene in which a door stands behind the hook, and returns what was printed.
fn play(stage: &Stage, door: &str, scene: &str) -> String {
    stage.play(&format!("{ROLES}\nset_up {door}\nsays_yes &\n{scene}\nkill -INT $(guards) 2> /dev/null\nwait\ncat \"$HOME/told\""))
}

/// Checks how often the command ran, and what was seen, in this order.
#[track_caller]
fn check(door: &str, scene: &str, runs: usize, seen: &[&str]) {
    let Some(stage) = Stage::new(&[]) else { return };
    let said = play(&stage, door, scene);
    assert_eq!(stage.runs(), runs, "{said}");
    let mut rest = said.as_str();
    for text in seen {
        let at = rest.find(text).unwrap_or_else(|| panic!("{text:?} is not in:\n{said}"));
        rest = &rest[at + text.len()..];
    }
}

#[test]
fn a_shim_behind_a_hook_asks_nothing_again() {
    let scene = r#"agent 'passes "$command"; run "$command"; run "$command"; hook "$command"; echo "hook: $?"
                          "$GUARD" log'"#;
    let seen = ["hook: 0", "run: 0", "run: 75", "it needs a person", "hook: 1", "cleared", "cleared"];
    check("path", scene, 1, &seen[..3]);
    check("path", scene, 1, &["hook: 0", "nobody has answered yet"]);
}

#[test]
fn every_part_of_what_was_answered_runs_once() {
    let scene = r#"agent 'both="$command; railway volume delete --volume other --yes"; passes "$both"; run "$both"; run "$both"'"#;
    check("path", scene, 2, &["hook: 0", "run: 0", "run: 75"]);
}

#[test]
fn what_agents_write_round_a_command_does_no_harm() {
    let scene =
        r#"agent 'passes "$command"; run "shopt -u extglob; { eval ${command@Q}; }; echo \"ended: \$?\""'"#;
    check("path", scene, 1, &["hook: 0", "ended: 0"]);
}

#[test]
fn an_answer_is_for_no_other_command() {
    for other in [
        "railway volume delete --volume other --yes",
        "railway volume delete --volume data --yes --json",
        // The same thing, and not by the command that was let through.
        "make -s",
    ] {
        let scene = format!(
            "echo \"all: ; @$command\" > \"$HOME/project/Makefile\"\nagent 'passes \"$command\"; run \"{other}\"'"
        );
        check("path", &scene, 0, &["hook: 0", "run: "]);
    }
}

#[test]
fn an_answer_is_for_no_other_agent() {
    let scene = r#"
        mkfifo "$HOME/passed" "$HOME/over"
        agent 'passes "$command"; echo > "$HOME/passed"; read -r _ < "$HOME/over"; run "$command"' &
        read -r _ < "$HOME/passed"
        agent 'run "$command"'
        echo over; echo > "$HOME/over"
        wait $!"#;
    check("path", scene, 1, &["hook: 0", "run: 75", "over", "run: 0"]);
}

#[test]
fn of_many_that_race_one_runs() {
    let scene = r#"agent 'passes "$command"; for at in 1 2 3 4; do run "$command; exit \$?" & done; wait'"#;
    let Some(stage) = Stage::new(&[]) else { return };
    let said = play(&stage, "path", scene);
    assert_eq!(stage.runs(), 1, "{said}");
    assert_eq!((said.matches("run: 0").count(), said.matches("run: 75").count()), (1, 3), "{said}");
}

#[test]
fn a_script_that_was_changed_is_asked_about_again() {
    for (between, runs, status) in [("true", 1, "run: 0"), ("echo \"# more\" >> drop.sh", 0, "run: 75")] {
        let scene = format!(
            r#"echo "$command" > "$HOME/project/drop.sh"
            agent 'passes "bash drop.sh"; {between}; run "bash drop.sh"'"#
        );
        check("path", &scene, runs, &["hook: 0", status]);
    }
}

#[test]
fn once_the_person_has_left_it_is_asked_again() {
    let scene = r#"agent 'passes "$command"; for pid in $(guards); do kill -INT $pid; done; run "$command"'"#;
    check("path", scene, 0, &["hook: 0", "run: 75"]);
}

#[test]
fn a_shell_behind_a_hook_asks_nothing_again() {
    let scene = r#"agent 'passes "$command"; shell=$HOME/.local/share/guard/shell/bash
        for at in 1 2; do GUARD_NO_INPUT=1 "$shell" -c "$command"; echo "run: $?"; done'"#;
    check("shell", scene, 1, &["hook: 0", "run: 0", "run: 75"]);
}

#[test]
fn a_shim_below_a_shell_that_is_fed_asks_nothing_again() {
    let Some(stage) = Stage::new(&[]) else { return };
    // Here the shell asks and waits, and the shim behind it does not ask.
    let said = stage.play(&format!(
        r#"{ROLES}
        set_up path shell
        desktop 'read -r code < "$HOME/asked"; sit "$GUARD" approve "$code"' &
        agent 'export PATH="$HOME/.local/share/guard/shims:$PATH"
               printf "%s\necho run: \$?\n" "$command" |
                   "$HOME/.local/share/guard/shell/bash" 2> >(first_code > "$HOME/asked")'
        wait
        cat "$HOME/told""#
    ));
    assert_eq!(stage.runs(), 1, "{said}");
    assert!(said.contains("run: 0") && said.contains("no shim asks again"), "{said}");
}

#[test]
fn without_another_door_nobody_need_stay() {
    let Some(stage) = Stage::new(&[]) else { return };
    let said = stage.play(&format!(
        "{ROLES}\nset_up claude-code\nsays_yes &\nagent 'passes \"$command\"'\nwait\ncat \"$HOME/screen\""
    ));
    assert!(said.contains("hook: 0") && said.contains("it runs where it was asked"), "{said}");
    assert!(!said.contains("no shim asks again"), "{said}");
}
