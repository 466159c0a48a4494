//! `guard watch`: what a person sees and does there, and that an agent gets nothing out of it.

use std::fs;

use crate::needs::needs;
use crate::stage::Stage;

/// The sequence that gives the terminal back.
const LEFT: &str = "\x1b[?1049l";

#[track_caller]
fn shows(seen: &str, all: &[&str]) {
    for text in all {
        assert!(seen.contains(text), "{text:?} is not in:\n{seen}");
    }
}

/// What an agent does to ask once, while somebody watches.
const AGENT: &str = r#"agent '"$GUARD" exec --wait 30 -- $command; echo "agent: $?"'"#;

/// Returns the play of an agent that asks, and of a person who opens its question with these keys and lets it run.
fn let_through(keys: &str) -> String {
    format!(
        r#"
        desktop 'watch "Nothing waits" "run:echo > $HOME/asked" "catastrophic" "keys:{keys}" \
                       "To run it, type   $phrase" "run:sleep 0.4" "" "$phrase" \
                       "it runs where it was asked" "keys:q"' &
        read -r _ < "$HOME/asked"
        {AGENT}
        wait
        "#
    )
}

#[test]
fn a_person_who_watches_sees_a_question_come_and_lets_it_run() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(&format!("{}\n\"$GUARD\" log --json", let_through("\\r")));
    shows(&seen, &["1 question waits", "agent: 0", "\x07", LEFT, "[status 0]"]);
    assert_eq!(stage.runs(), 1, "{seen}");
    let what: Vec<_> = seen
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .map(|line| line["what"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(what, ["asked", "shown", "answered", "cleared", "ended"], "{seen}");
}

/// A screen that stands open for days takes a phrase however much was typed at it before.
#[test]
fn what_was_typed_before_takes_no_room_of_the_phrase() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(&let_through(&format!("{}\\r", "j".repeat(300))));
    shows(&seen, &["agent: 0", "[status 0]"]);
    assert_eq!(stage.runs(), 1, "{seen}");
}

#[test]
fn anything_but_the_phrase_leaves_the_question_open() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        desktop 'read -r _ < "$HOME/asked"
                 watch "catastrophic" "keys:\r" "To run it" "run:sleep 0.4" "" "yes" \
                       "That is not the phrase" "keys:\e" "catastrophic" "keys:q"' &
        agent 'ask > "$HOME/asked"'
        wait
        "$GUARD" pending"#,
    );
    shows(&seen, &["[status 0]", "railway/volume-delete catastrophic"]);
    assert_eq!(stage.runs(), 0, "{seen}");
}

#[test]
fn a_person_who_watches_refuses_with_a_reason() {
    let Some(stage) = Stage::new(&[]) else { return };
    // From the list, and from the opened question.
    for keys in [
        r#""keys:r" "Whoever asked""#,
        r#""keys:\r" "To run it" "run:sleep 0.4" "" "keys:\t" "Whoever asked""#,
    ] {
        let seen = stage.again().play(&format!(
            r#"
            desktop 'watch "Nothing waits" "run:echo > $HOME/asked" "catastrophic" {keys} "run:sleep 0.4" "" \
                           "that is production" "refused; it does not run" "keys:q"' &
            read -r _ < "$HOME/asked"
            {AGENT}
            wait"#
        ));
        shows(&seen, &["a person declined: that is production", "agent: 77", "[status 0]"]);
    }
}

#[test]
fn an_answer_is_kept_on_the_screen_for_the_next_run() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        desktop 'read -r code < "$HOME/asked"
                 watch "catastrophic" "keys:\r" "To run it" "run:sleep 0.4" "" "$phrase" \
                       "kept here" "run:echo > $HOME/done" "it runs where it was asked" "keys:q"' &
        agent 'ask > "$HOME/asked"; read -r _ < "$HOME/done"; "$GUARD" exec --wait 30 -- $command; echo "agent: $?"'
        wait
        "#,
    );
    shows(&seen, &["agent: 0", "answered", "[status 0]"]);
    assert_eq!(stage.runs(), 1, "{seen}");
}

#[test]
fn a_question_that_is_answered_elsewhere_goes() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        desktop 'read -r code < "$HOME/asked"
                 watch "catastrophic" "keys:\r" "To run it" "run:$GUARD deny $code" "answered elsewhere" "$phrase" \
                       "" "keys:\e" "Nothing waits" "keys:q"' &
        agent 'ask > "$HOME/asked"'
        wait"#,
    );
    shows(&seen, &["Esc goes back", "[status 0]"]);
}

#[test]
fn a_question_that_gets_too_old_goes() {
    let Some(stage) = Stage::new(&[]) else { return };
    // A few seconds before its end; what is typed then answers nothing.
    let seen = stage.play(
        r#"
        cat > "$HOME/older.py" <<END
import re, sys
text = open(sys.argv[1]).read()
older = lambda found: found[1] + str(int(found[2]) - 895000)
open(sys.argv[1], "r+").write(re.sub(r"(\"wall\":)(\d+)", older, text))
END
        desktop 'read -r code < "$HOME/asked"; python3 "$HOME/older.py" "$requests/$code.json"
                 watch "catastrophic" "keys:\r" "To run it" "run:" "too old" "$phrase" "" "keys:\e" "Nothing waits" "keys:q"' &
        agent 'ask > "$HOME/asked"'
        wait"#,
    );
    shows(&seen, &["too old to be answered", "[status 0]"]);
}

#[test]
fn the_directory_may_vanish_and_come_back() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        agent 'ask > "$HOME/code"'
        moved=$(dirname "$requests"); export moved
        watch "1 question" "run:mv $moved $moved.old" "Nothing waits" "run:rm -r $moved; mv $moved.old $moved" \
              "1 question" "run:chmod 755 $requests" "open to others" "run:chmod 700 $requests" \
              "1 question" "run:rm -r $requests; touch $requests" "No questions can come" \
              "run:rm $requests" "Nothing waits" "run:$GUARD exec --wait 0 -- $command" "1 question" "keys:q""#,
    );
    shows(&seen, &["[status 0]"]);
}

#[test]
fn a_thousand_questions_are_listed() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        agent 'ask > "$HOME/code"'
        watch "1 question" "run:. $STAGE_ROLES; many 999" "1000 questions" "keys:\e[F" "1000 of 1000" "keys:\e[H" \
              "1–9 of 1000" "run:rm $requests/Z*" "1 question" "keys:q""#,
    );
    shows(&seen, &["[status 0]"]);
}

#[test]
fn the_screen_follows_the_terminals_size_and_has_no_colour_without_wish() {
    let Some(stage) = Stage::new(&[]) else { return };
    let scene = r#"
        desktop 'read -r _ < "$HOME/asked"
                 watch "catastrophic" "size:60x12" "catastrophic" "keys:\r" "more rows below" "size:30x5" "too small" \
                       "size:100x40" "To run it" "run:sleep 0.4" "" "keys:\e" "catastrophic" "keys:q"' &
        agent 'ask > "$HOME/asked"'
        wait"#;
    let seen = stage.play(scene);
    shows(&seen, &["\x1b[1;31mcatastrophic", "[status 0]"]);
    let seen = stage.again().play(&format!("export NO_COLOR=1\n{scene}"));
    shows(&seen, &["[status 0]"]);
    assert!(!seen.contains("\x1b[1;31m") && !seen.contains("\x1b[1m"), "{seen}");
}

#[test]
fn the_terminal_is_given_back_however_it_ends() {
    let Some(stage) = Stage::new(&[]) else { return };
    // The shell's own word on the modes, after each way out.
    let modes = r#"'echo modes=$(stty -a | tr " " "\n" | grep -c -x -e icanon -e echo)' "modes=2""#;
    let shell = r#"python3 "$PLAY" "bash-" "$GUARD watch" "Nothing waits""#;
    for way in
        [r#""keys:q""#, r#""keys:\x03""#, r#"'run:kill -TERM $(guards)'"#, r#"'run:kill -INT $(guards)'"#]
    {
        let way = way.replace("\\x03", "\x03");
        let seen = stage.again().play(&format!(r#"{shell} {way} "bash-" {modes} "exit" -- bash --norc -i"#));
        shows(&seen, &["modes=2", "[status"]);
    }
    // Stopped and gone on with, by key and by signal.
    for way in ["\"keys:\x1a\"", r#"'run:kill -TSTP $(guards)'"#] {
        let seen = stage.again().play(&format!(
            r#"{shell} {way} "Stopped" {modes} "fg" "Nothing waits" "keys:q" "bash-" {modes} "exit" -- bash --norc -i"#
        ));
        assert_eq!(seen.matches("modes=2").count(), 2, "{seen}");
    }
}

#[test]
fn a_person_over_ssh_may_answer_and_not_from_this_machine() {
    let programs = ["sshd", "ssh", "ssh-keygen", "ip", "nsenter"];
    let Some(stage) = Stage::new(&programs) else { return };
    if !nix::unistd::geteuid().is_root() || !needs("setsid") {
        return eprintln!("skipped: needs root, who may start sshd and a network");
    }
    // A network of its own, with one other machine in it: a namespace.
    let network = r#"
        ip link set lo up
        unshare --net sleep 60 & other=$!
        until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
        ip link add name here type veth peer name there netns $other
        ip addr add 10.9.0.1/24 dev here; ip link set here up
        nsenter -t $other -n ip addr add 10.9.0.2/24 dev there; nsenter -t $other -n ip link set there up
        mkdir -p /run/sshd "$HOME/.ssh"; chmod 700 "$HOME/.ssh"; cd "$HOME/.ssh"
        ssh-keygen -q -t ed25519 -N "" -f host; ssh-keygen -q -t ed25519 -N "" -f key
        "$(command -v sshd)" -D -e -f /dev/null -h "$PWD/host" -p 2222 -o PidFile=none -o UsePAM=no -o StrictModes=no \
            -o AuthorizedKeysFile="$PWD/key.pub" -o PermitRootLogin=yes 2>"$HOME/sshd" &
        until grep -q listening "$HOME/sshd"; do :; done
        cd "$HOME/project"
        log_in() { # ADDRESS COMMAND
            python3 "$PLAY" $'\n> ' "$phrase" ssh -F /dev/null -tt -p 2222 -i "$HOME/.ssh/key" \
                -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@$1 "$2"
        }
        export -f log_in
        "#;
    let seen = stage.play_in(
        &["--net"],
        &format!(
            r#"{network}
        desktop 'read -r code < "$HOME/asked"
                 nsenter -t '$other' -n bash -c "log_in 10.9.0.1 \"HOME=$HOME $GUARD approve $code\""' &
        agent '"$GUARD" exec --wait 30 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"'
        kill $other"#
        ),
    );
    shows(&seen, &["allowed; it runs", "agent: 0"]);
    assert_eq!(stage.runs(), 1, "{seen}");
    let log = fs::read_to_string(stage.guard.path(".local/state/guard/ledger.jsonl")).unwrap();
    assert!(log.contains("sshd"), "{log}");

    // The agent logs in to the machine it runs on.
    stage.again().in_refuses(
        &["--net"],
        &format!(
            r#"{network}
        agent 'code=$(ask); log_in 10.9.0.1 "HOME=$HOME $GUARD approve $code"; log_in 127.0.0.1 "HOME=$HOME $GUARD approve $code"'
        kill $other"#
        ),
        "somebody logged in from this machine",
    );
}

#[test]
fn an_agent_that_watches_gets_nothing() {
    let Some(stage) = Stage::new(&[]) else { return };
    let own = r#"agent 'ask > "$HOME/code"; watch "1 question" "keys:\r" "To run it" "$phrase"'"#;
    stage.refuses(own, "claude-code is at this terminal");
    // With nothing left of the agent in the environment, below it.
    let bare = r#"agent 'ask > "$HOME/code"
        env -i HOME="$HOME" PATH="$PATH" TERM=xterm python3 "$PLAY" "1 question" "keys:\r" "cannot answer" "keys:q" -- "$GUARD" watch'"#;
    stage.again().refuses(bare, "the process that asked (pid");
}

#[test]
fn an_orphan_of_an_agent_that_watches_gets_nothing() {
    let Some(stage) = Stage::new(&["setsid"]) else { return };
    let orphan = r#"agent 'ask > "$HOME/code"; cat > "$HOME/orphan" <<< "python3 $PLAY \"1 question\" \"keys:\\r\" \"cannot answer\" \"keys:q\" -- $GUARD watch > $HOME/out; echo > $HOME/done"
        env -i HOME="$HOME" PATH="$PATH" TERM=xterm setsid -f bash "$HOME/orphan"
        read -r _ < "$HOME/done"; cat "$HOME/out"'"#;
    stage.refuses(orphan, "who started python3");
}

#[test]
fn a_tmux_that_an_agent_started_watches_for_nothing() {
    let Some(stage) = Stage::new(&["tmux"]) else { return };
    // The pane's screen goes to a file and to what types: Enter at the list, `q` once it has an answer.
    let tmux = r#"
        mkfifo "$HOME/go"
        cat > "$HOME/pane" <<END
tee $HOME/out | (read -r -d \\> _; tmux send-keys Enter; read -r -d : _; read -r -d \\( _; tmux send-keys q; echo > $HOME/done)
END
        cat > "$HOME/drive" <<END
tmux -f /dev/null new-session -d -x 80 -y 24 "read -r _ < $HOME/go; $GUARD watch"
tmux pipe-pane "bash $HOME/pane"
echo > $HOME/go
read -r _ < $HOME/done
cat $HOME/out
tmux kill-server
END
        agent 'ask > "$HOME/code"
               env -i HOME="$HOME" PATH="$PATH" TMUX_TMPDIR="$HOME" TERM=xterm bash "$HOME/drive"'"#;
    stage.refuses(tmux, "who started tmux");
}
