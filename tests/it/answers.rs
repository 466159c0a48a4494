//! A person answers, and only a person: both sides are real process trees in a PID namespace of their
//! own, so that nothing the tests run under decides.
//!
//! Every way to forge an answer is a test here, by the name that `docs/threat-model.md` gives it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::Guard;
use crate::stage::Stage;

#[test]
fn a_person_at_a_terminal_of_their_own_lets_it_run_once() {
    let Some(stage) = Stage::new(&[]) else { return };
    // The agent waits; the terminal is opened meanwhile, from a desktop that was there before.
    let seen = stage.play(
        r#"
        desktop 'read -r code < "$HOME/asked"; sit "$GUARD" approve "$code"' &
        agent '"$GUARD" exec --wait 30 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"'
        wait
        "$GUARD" pending
        "$GUARD" log
        "#,
    );
    assert_eq!(stage.runs(), 1, "{seen}");
    for told in
        ["To run it, type", "asked by", "allowed; it runs", "agent: 0", "nothing waits", "allowed, exit 0"]
    {
        assert!(seen.contains(told), "{told:?} is not in:\n{seen}");
    }
    let log = String::from_utf8(stage.guard.run(&["log", "--json"]).stdout).unwrap();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let what: Vec<_> = lines.iter().map(|line| line["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["asked", "shown", "answered", "cleared", "ended"], "{log}");
    for line in &lines[1..4] {
        assert_eq!(line["of"], lines[0]["n"], "{log}");
        let (tty, proof) =
            (line["person"]["tty"].as_str().unwrap(), line["person"]["proof"].as_str().unwrap());
        assert!(tty.starts_with("/dev/pts/") && proof.contains("python3"), "{log}");
    }
}

#[test]
fn a_terminal_that_was_open_before_the_agent_may_answer() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        sit bash -c 'read -r code < "$HOME/asked"; "$GUARD" approve "$code"' &
        agent '"$GUARD" exec --wait 30 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"'
        wait
        "#,
    );
    assert!(seen.contains("allowed; it runs") && seen.contains("agent: 0"), "{seen}");
    assert_eq!(stage.runs(), 1, "{seen}");
}

#[test]
fn a_person_in_tmux_may_answer() {
    let Some(stage) = Stage::new(&["tmux"]) else { return };
    let seen = stage.play(
        r#"
        export TMUX_TMPDIR=$HOME
        tmux -f /dev/null new-session -d -x 80 -y 50 bash --norc
        agent '"$GUARD" exec --wait 30 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"' &
        read -r code < "$HOME/asked"
        # Here the keys are the person's: nothing of the agent's sends them.
        tmux pipe-pane 'bash -c "read -r -d \> _; echo > $HOME/done"'
        tmux send-keys "$GUARD approve $code" Enter
        read -r _ < "$HOME/done"
        tmux send-keys "$phrase" Enter
        wait
        "#,
    );
    assert!(seen.contains("agent: 0"), "{seen}");
    assert_eq!(stage.runs(), 1, "{seen}");
}

#[test]
fn an_answer_is_kept_for_the_next_run() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        desktop 'read -r code < "$HOME/asked"
                 sit "$GUARD" approve "$code" | tee -p "$HOME/screen" | grep --line-buffered "takes it back" > "$HOME/done"' &
        agent 'ask > "$HOME/asked"; read -r _ < "$HOME/done"; "$GUARD" exec --wait 30 -- $command; echo "agent: $?"'
        wait
        cat "$HOME/screen"
        "#,
    );
    assert!(seen.contains("nobody waits for the answer just now"), "{seen}");
    assert!(seen.contains("agent: 0") && seen.contains("allowed; it runs"), "{seen}");
    assert_eq!(stage.runs(), 1, "{seen}");
}

#[test]
fn killing_the_run_that_waits_loses_nothing() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        desktop 'read -r code < "$HOME/asked"; sit "$GUARD" approve "$code"' &
        agent 'mkfifo "$HOME/first"; "$GUARD" exec --wait 30 -- $command 2> >(first_code > "$HOME/first") & read -r code < "$HOME/first"
               kill -KILL %1; wait %1; "$GUARD" pending
               "$GUARD" exec --wait 30 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $? for $code"'
        wait
        "#,
    );
    assert!(seen.contains("agent: 0") && seen.contains("allowed; it runs"), "{seen}");
    let code = seen.split("agent: 0 for ").nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(seen.contains(&format!("{code} allowed")), "another question was put:\n{seen}");
    assert_eq!(stage.runs(), 1, "{seen}");
}

#[test]
fn a_person_refuses_with_a_reason() {
    let Some(stage) = Stage::new(&[]) else { return };
    let deny = r#""$GUARD" deny "$code" --because "that is production""#;
    // While a run waits, and before the next one.
    for agent in [
        r#"'waits 30; echo "agent: $?"; cat "$HOME/told"'"#,
        r#"'ask > "$HOME/asked"; read -r _ < "$HOME/done"; "$GUARD" exec --wait 30 -- $command 2>&1; echo "agent: $?"'"#,
    ] {
        let done = if agent.contains("done") { r#"; echo > "$HOME/done""# } else { "" };
        let seen = stage.play(&format!(
            "desktop 'read -r code < \"$HOME/asked\"; {deny}{done}' &\nagent {agent}\nwait\n"
        ));
        assert!(seen.contains("a person declined: that is production"), "{seen}");
        assert!(seen.contains("agent: 77"), "{seen}");
        fs::remove_file(stage.guard.path("asked")).unwrap();
        fs::remove_file(stage.guard.path("done")).unwrap();
    }
    assert_eq!(stage.runs(), 0);
}

#[test]
fn what_a_hook_refused_and_a_person_allowed_passes_the_hook_once() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        cat > "$HOME/event" <<END
{"hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"$PWD","tool_input":{"command":"$command"}}
END
        desktop 'read -r code < "$HOME/asked"
                 sit "$GUARD" approve "$code" | grep --line-buffered "takes it back" > "$HOME/done"' &
        agent 'hook() { "$GUARD" hook claude-code < "$HOME/event" 2>&1 | tr -d "\n"; }
               hook | code > "$HOME/asked"; read -r _ < "$HOME/done"
               echo "second: $(hook)"; echo "third: $(hook)"'
        wait"#,
    );
    let said = |which: &str| {
        let line = seen.lines().find_map(|line| line.strip_prefix(which));
        line.unwrap_or_else(|| panic!("{which} is missing:\n{seen}"))
    };
    assert!(!said("second:").contains("deny"), "{seen}");
    assert!(said("third:").contains("deny") && said("third:").contains("nobody has answered yet"), "{seen}");
}

#[test]
fn an_agent_cannot_approve() {
    let Some(stage) = Stage::new(&[]) else { return };
    stage.refuses(r#"agent '"$GUARD" approve $(ask)'"#, "claude-code is at this terminal");
    // Its own question at its own terminal is none either.
    let scene = r#"agent 'sit "$GUARD" exec --wait 0 -- $command'"#;
    stage.again().refuses(scene, "nobody has answered yet");
}

#[test]
fn an_agent_cannot_approve_through_script() {
    let Some(stage) = Stage::new(&["script"]) else { return };
    let scene = r#"agent 'script -qc "$GUARD approve $(ask)" /dev/null <<< "$phrase"'"#;
    stage.refuses(scene, "claude-code is at this terminal");
}

#[test]
fn an_agent_cannot_approve_through_a_pty() {
    let Some(stage) = Stage::new(&[]) else { return };
    stage.refuses(r#"agent 'sit "$GUARD" approve $(ask)'"#, "claude-code is at this terminal");
}

#[test]
fn an_agent_cannot_approve_with_a_cleared_environment() {
    let Some(stage) = Stage::new(&[]) else { return };
    let scene = r#"agent 'code=$(ask); env -i HOME="$HOME" "$GUARD" approve $code
                          env -i HOME="$HOME" PATH="$PATH" python3 "$PLAY" "> " "$phrase" "$GUARD" approve $code'"#;
    stage.refuses(scene, "(pid");
}

#[test]
fn an_orphan_of_an_agent_cannot_approve() {
    let Some(stage) = Stage::new(&["setsid"]) else { return };
    // Once with what the agent left in the environment, once without.
    let orphan = r#"setsid -f bash -c "python3 $PLAY '> ' '$phrase' $GUARD approve $code > $HOME/out; echo > $HOME/done"
                    read -r _ < "$HOME/done"; cat "$HOME/out""#;
    stage.refuses(
        &format!("agent 'code=$(ask); {orphan}'").replace("'> ' '$phrase'", r#"\> \"$phrase\""#),
        "claude-code is at this terminal",
    );
    let orphan = orphan.replace("setsid", r#"env -i HOME="$HOME" PATH="$PATH" setsid"#);
    stage.again().refuses(
        &format!("agent 'code=$(ask); {orphan}'").replace("'> ' '$phrase'", r#"\> \"$phrase\""#),
        "who started python3",
    );
}

#[test]
fn an_agent_cannot_approve_through_a_tmux_it_started() {
    let Some(stage) = Stage::new(&["tmux"]) else { return };
    let tmux = r#"tmux -f /dev/null new-session -d -x 80 -y 50 bash --norc
                  tmux send-keys "$GUARD approve $code > $HOME/out 2>&1; echo > $HOME/done" Enter
                  read -r _ < "$HOME/done"; cat "$HOME/out"; tmux kill-server"#;
    stage.refuses(
        &format!("export TMUX_TMPDIR=$HOME; agent 'code=$(ask); {tmux}'"),
        "claude-code is at this terminal",
    );
    let tmux = tmux.replacen(
        "tmux -f",
        r#"env -i HOME="$HOME" PATH="$PATH" TMUX_TMPDIR="$HOME" TERM=xterm tmux -f"#,
        1,
    );
    stage
        .again()
        .refuses(&format!("export TMUX_TMPDIR=$HOME; agent 'code=$(ask); {tmux}'"), "who started tmux");
}

#[test]
fn a_file_among_the_requests_answers_nothing() {
    let Some(stage) = Stage::new(&[]) else { return };
    let scene = r#"agent 'code=$(ask); cd "$requests"
        for name in $code.answer $code.approved $code.sock; do
            printf "{\"say\":\"answer\",\"phrase\":\"$phrase\"}" > $name; chmod 600 $name
        done
        echo "again: $(ask)"
        ln -s "$HOME" elsewhere; sed "s/catastrophic/moderate/" $code.json > x; cat x > $code.json
        echo "changed: $(ask)"; "$GUARD" pending'"#;
    stage.refuses(scene, "changed: ");
}

#[test]
fn a_forged_answer_at_the_socket_is_not_taken() {
    let Some(stage) = Stage::new(&[]) else { return };
    let send = r#"'"$GUARD" exec --wait 3 -- $command 2> >(first_code > "$HOME/asked") & read -r code < "$HOME/asked"
        FORGED; wait; cat "$HOME/told"'"#;
    let forge = r#"python3 "$FORGE" send "$requests" $code "$phrase""#;
    stage.refuses(&format!("agent {}", send.replace("FORGED", forge)), "what answered is not guard");
    // Nor from where a person could sit.
    let scene = r#"
        desktop 'read -r code < "$HOME/asked"; sit python3 "$FORGE" send "$requests" $code "$phrase"' &
        agent '"$GUARD" exec --wait 3 -- $command 2> >(first_code > "$HOME/asked")'; wait"#;
    stage.again().refuses(scene, "what answered is not guard");
}

#[test]
fn an_agent_that_keeps_an_answer_itself_is_not_believed() {
    let Some(stage) = Stage::new(&[]) else { return };
    let scene = r#"agent 'code=$(ask)
        python3 "$FORGE" serve "$requests" $code "$phrase" > >(tee -p "$HOME/out" > "$HOME/done") & read -r _ < "$HOME/done"
        "$GUARD" exec --wait 0 -- $command; echo "agent: $?"; cat "$HOME/out"'"#;
    stage.refuses(scene, "agent: 75");
}

#[test]
fn an_answer_lets_only_its_own_command_through() {
    let Some(stage) = Stage::new(&[]) else { return };
    // Other words, another directory, another environment, another program, another file.
    for other in [
        r#""$GUARD" exec --wait 0 -- railway volume delete --volume other --yes"#,
        r#"mkdir -p sub; cd sub; "$GUARD" exec --wait 0 -- $command"#,
        r#"RAILWAY_TOKEN=x "$GUARD" exec --wait 0 -- $command"#,
        r#"echo "echo more" >> "$HOME/bin/railway"; "$GUARD" exec --wait 0 -- $command"#,
        r#"cp "$HOME/bin/railway" x; cat x > y; chmod +x y; mv y "$HOME/bin/railway"; "$GUARD" exec --wait 0 -- $command"#,
    ] {
        let stage = stage.again();
        stage.refuses(&kept_answer("ask", other), "agent: 75");
    }
    let stage = stage.again();
    stage.guard.file("project/drop.sh", "railway volume delete --volume data --yes\n");
    let ask = r#""$GUARD" exec --wait 0 -- bash drop.sh 2>&1 | code"#;
    let other =
        r#"echo "railway volume delete --volume other" >> drop.sh; "$GUARD" exec --wait 0 -- bash drop.sh"#;
    stage.refuses(&kept_answer(ask, other), "agent: 75");
    // The same as it was has the answer.
    let stage = stage.again();
    let seen = stage.play(&kept_answer("ask", r#""$GUARD" exec --wait 0 -- $command"#));
    assert!(seen.contains("agent: 0"), "{seen}");
    assert_eq!(stage.runs(), 1, "{seen}");
}

/// A person has answered what `ask` asked and the answer is kept; then the agent runs something.
fn kept_answer(ask: &str, then: &str) -> String {
    format!(
        r#"
        desktop 'read -r code < "$HOME/asked"
                 sit "$GUARD" approve "$code" | grep --line-buffered "takes it back" > "$HOME/done"' &
        agent '{ask} > "$HOME/asked"; read -r _ < "$HOME/done"
               {then}; echo "agent: $?"'
        "#
    )
}

#[test]
fn a_program_that_changes_while_a_person_reads_does_not_run() {
    let Some(stage) = Stage::new(&[]) else { return };
    let scene = r#"
        desktop 'read -r code < "$HOME/asked"; echo "echo more" >> "$HOME/bin/railway"; sit "$GUARD" approve "$code"' &
        agent '"$GUARD" exec --wait 30 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"'
        wait"#;
    stage.refuses(scene, "changed since the question was asked");
}

#[test]
fn a_question_that_was_changed_is_answered_for_nothing() {
    let Some(stage) = Stage::new(&[]) else { return };
    let scene = r#"
        desktop 'read -r code < "$HOME/asked"; cd "$requests"
                 sed "s/--volume data --yes/--volume scratch/" $code.json > x; cat x > $code.json; rm x
                 sit "$GUARD" approve "$code"' &
        agent '"$GUARD" exec --wait 5 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"'
        wait"#;
    stage.refuses(scene, "the answer is for another question");
}

#[test]
fn an_old_answer_lets_nothing_through_again() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        desktop 'read -r code < "$HOME/asked"; sit "$GUARD" approve "$code"' &
        agent '"$GUARD" exec --wait 30 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"
               digest=$(sha256sum < "$requests"/*.json 2>/dev/null | cut -d" " -f1)
               "$GUARD" exec --wait 3 -- $command 2> >(first_code > "$HOME/done") & read -r code < "$HOME/done"
               python3 "$FORGE" send "$requests" $code "$phrase" "$digest"; wait %1; echo "again: $?"'
        wait
        "#,
    );
    assert!(seen.contains("agent: 0") && seen.contains("again: 75"), "{seen}");
    assert!(seen.contains("the answer is for another question"), "{seen}");
    assert_eq!(stage.runs(), 1, "{seen}");
}

#[test]
fn two_runs_at_once_get_one_answer() {
    let Some(stage) = Stage::new(&[]) else { return };
    let runs = r#"for run in 1 2 3 4; do "$GUARD" exec --wait 0 -- $command & done; wait"#;
    let seen = stage.play(&kept_answer("ask", runs));
    assert_eq!(stage.runs(), 1, "{seen}");
    assert_eq!(seen.matches("nobody has answered yet").count(), 3, "{seen}");
}

#[test]
fn an_agent_cannot_edit_what_guard_goes_by() {
    let guard = Guard::new();
    for text in [
        "echo 'observe: true' > ~/.config/guard/policy.yaml",
        "sed -i s/refuse/run/ ~/.config/guard/policy.yaml",
        "rm ~/.config/guard/enrolled.json",
        "tee -a ~/.local/state/guard/ledger.jsonl < x",
        "truncate -s 0 ~/.local/state/guard/ledger.jsonl",
        "cp x ~/.local/state/guard/requests/KTM4RX.json",
        "rm -rf ~/.local/share/guard/shims",
        "ln -sf /usr/bin/git ~/.local/share/guard/shims/git",
        "cp /bin/true ~/.local/bin/guard",
        "chmod -x ~/.local/bin/guard",
        "python3 -c 'import os; os.remove(os.path.expanduser(\"~/.local/state/guard/ledger.jsonl\"))'",
    ] {
        assert_eq!(guard.exec(text), 75, "{text}");
    }
}

#[test]
fn a_wrong_phrase_leaves_the_question() {
    let Some(stage) = Stage::new(&[]) else { return };
    let scene = r#"
        desktop 'read -r code < "$HOME/asked"; phrase=yes; sit "$GUARD" approve "$code"; "$GUARD" pending' &
        agent '"$GUARD" exec --wait 2 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"'
        wait"#;
    stage.refuses(scene, "what was typed is not the phrase; the question stays open");
}

#[test]
fn secrets_do_not_reach_the_request() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(r#"agent '"$GUARD" exec --wait 0 -- env RAILWAY_TOKEN=hunter2 $command'; cat "$requests"/*; echo; "$GUARD" pending --json"#);
    assert!(seen.contains("RAILWAY_TOKEN=[redacted]") && !seen.contains("hunter2"), "{seen}");
    let listed = seen.lines().find(|line| line.starts_with("{\"answer\"")).unwrap();
    assert!(
        serde_json::from_str::<serde_json::Value>(listed).is_ok() && !listed.contains("delete volume data")
    );
}

#[test]
fn a_directory_of_requests_that_others_may_enter_is_refused() {
    let Some(stage) = Stage::new(&[]) else { return };
    let directory = stage.guard.path(".local/state/guard/requests");
    fs::create_dir_all(&directory).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o777)).unwrap();
    stage.refuses(r#"agent '"$GUARD" exec -- $command'; "$GUARD" pending"#, "is open to others");
}
