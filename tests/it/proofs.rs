//! Proof of the person: secrets that are enrolled at real terminals, asked for, shown and checked, and agents that
//! would enroll, guess, replay or take them away.

use std::fs;

use crate::harness::{Guard, can_play_a_person};
use crate::stage::Stage;

/// The agent asks and waits; at a desktop somebody answers as `answer` says.
fn scene(answer: &str) -> String {
    format!(
        r#"
        desktop 'read -r code < "$HOME/asked"; {answer}' &
        agent '"$GUARD" exec --wait 40 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"; cat "$HOME/told"'
        wait
        "#
    )
}

#[test]
fn an_enrolled_passphrase_is_asked_for_after_the_phrase() {
    let Some(stage) = Stage::new(&[]) else { return };
    let answer = r#"sit_with "$passphrase" "$GUARD" approve "$code""#;
    let seen = stage.play(&("desktop enroll\n".to_owned() + &scene(answer) + "cat $requests/* 2>/dev/null"));
    assert!(seen.contains("agent: 0") && seen.contains("your passphrase is asked for"), "{seen}");
    assert_eq!(stage.runs(), 1, "{seen}");
    let log = String::from_utf8(stage.guard.run(&["log", "--json"]).stdout).unwrap();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["what"], "enrolled", "{log}");
    for what in ["answered", "cleared"] {
        let line = lines.iter().find(|line| line["what"] == what).unwrap();
        assert!(line["person"]["secret"].as_str().unwrap().starts_with("passphrase of "), "{log}");
    }
    assert!(!seen.contains("four plain"), "the terminal has shown the passphrase:\n{seen}");
    let kept =
        std::process::Command::new("grep").args(["-r", "four plain"]).arg(stage.guard.path("")).output();
    assert_eq!(String::from_utf8(kept.unwrap().stdout).unwrap(), "", "a file has the passphrase");
}

#[test]
fn the_phrase_alone_is_not_enough_once_somebody_is_enrolled() {
    let Some(stage) = Stage::new(&[]) else { return };
    let answer = r#"sit_with "" "$GUARD" approve "$code"; "$GUARD" deny "$code""#;
    stage.refuses(
        &("desktop enroll\n".to_owned() + &scene(answer)),
        "no secret was typed; the question stays open",
    );
}

#[test]
fn wrong_secrets_bring_a_pause_that_outlives_the_process() {
    let Some(stage) = Stage::new(&[]) else { return };
    let answer = r#"python3 "$PLAY" $'\n> ' "$phrase" "assphrase: " a "assphrase: " b "assphrase: " c -- "$GUARD" approve "$code"
                    sit "$GUARD" approve "$code"; "$GUARD" deny "$code""#;
    let answer = answer.replace('\'', r"'\''");
    let seen = stage.play(&("desktop enroll\n".to_owned() + &scene(&answer)));
    assert_eq!(seen.matches("too many wrong secrets were typed").count(), 2, "{seen}");
    assert_eq!(stage.runs(), 0, "{seen}");
}

#[test]
fn the_run_checks_the_secret_itself() {
    let Some(stage) = Stage::new(&[]) else { return };
    // Who answers has an enrolment of their own making, and shows what fits it.
    let answer = r#"export XDG_CONFIG_HOME="$HOME/mine" XDG_STATE_HOME="$HOME/mine"; enroll
                    mkdir -p "$HOME/mine/guard"; ln -s "$requests" "$HOME/mine/guard/requests"
                    unset XDG_STATE_HOME; cp "$HOME/mine/guard/tries.json" "$HOME/.local/state/guard/"
                    sit_with "$passphrase" "$GUARD" approve "$code"; "$GUARD" deny "$code""#;
    let enroll = r#"desktop 'passphrase="another long sentence"; enroll'"#;
    let seen = stage.play(&format!("{enroll}\n{}", scene(answer)));
    assert!(seen.contains("the secret that this needs was not shown"), "{seen}");
    assert_eq!(stage.runs(), 0, "{seen}");
}

#[test]
fn an_agent_cannot_enroll_or_replace() {
    let Some(stage) = Stage::new(&["setsid"]) else { return };
    let none = |seen: String| {
        assert!(!seen.contains("is enrolled; it is asked for"), "{seen}");
        assert_eq!(seen.matches("nothing was enrolled").count(), 4, "{seen}");
    };
    // Plain, at a pty of its own, with a cleared environment, and as an orphan.
    let tries = r#"agent '"$GUARD" approve --enroll < /dev/null
        enroll REPLACE; enroll --codes
        env -i HOME="$HOME" PATH="$PATH" PLAY="$PLAY" GUARD="$GUARD" setsid -f bash -c ". $STAGE_ROLES; enroll REPLACE > $HOME/out; echo > $HOME/done"
        read -r _ < "$HOME/done"; cat "$HOME/out"'
        test -e "$HOME/.config/guard/enrolled.json" && echo "a file: $(sha256sum < "$HOME/.config/guard/enrolled.json")""#;
    let seen = stage.play(&tries.replace("REPLACE", ""));
    assert!(!seen.contains("a file:"), "{seen}");
    none(seen);
    let stage = stage.again();
    let before =
        r#"desktop enroll > /dev/null; echo "a file: $(sha256sum < "$HOME/.config/guard/enrolled.json")""#;
    let seen = stage.play(&format!("{before}\n{}", tries.replace("REPLACE", "--replace")));
    let files: Vec<_> = seen.lines().filter(|line| line.contains("a file:")).collect();
    assert!(files.len() == 2 && files[0] == files[1], "{seen}");
    none(seen);
}

#[test]
fn an_enrolment_that_was_taken_away_stops_answers() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        desktop enroll
        agent 'rm "$HOME/.config/guard/enrolled.json"; "$GUARD" exec --wait 5 -- $command; echo "agent: $?"'
        sit "$GUARD" exec -- $command
        "#,
    );
    assert_eq!(seen.matches("enrolled.json is gone").count(), 2, "{seen}");
    assert!(seen.contains("agent: 75") && seen.contains("[status 75]"), "{seen}");
    assert_eq!(stage.runs(), 0, "{seen}");
}

#[test]
fn a_one_time_code_lets_one_command_run() {
    let Some(stage) = Stage::new(&[]) else { return };
    // The code that was used is tried once more, for another question.
    let answer =
        r#"python3 "$PLAY" > "$HOME/first" $'\n> ' "$phrase" "time code: " NEXT -- "$GUARD" approve "$code""#;
    let again =
        answer.replace("first", "second").replace("\"$GUARD\" approve", "timeout 5 \"$GUARD\" approve");
    let (answer, again) = (answer.replace('\'', r"'\''"), again.replace('\'', r"'\''"));
    let enroll = r#"desktop 'python3 "$PLAY" "it shows: " CODE -- "$GUARD" approve --enroll --codes'"#;
    let seen =
        stage.play(&format!("{enroll}\n{}\n{}\ncat $HOME/first $HOME/second", scene(&answer), scene(&again)));
    assert!(seen.contains("the one-time codes of") && seen.contains("agent: 0"), "{seen}");
    // Unless a step went by between the two, there is no newer code.
    assert!(stage.runs() == 1 && seen.contains("this code was used already") || stage.runs() == 2, "{seen}");
}

#[test]
fn at_the_commands_own_terminal_the_secret_is_asked_for_too() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    let mut person = guard.at_terminal(&["approve", "--enroll"]);
    person.types_at("New passphrase: ", "four plain words here");
    person.types_at("once more: ", "four plain words here");
    person.sees("is enrolled");
    assert_eq!(person.leaves(), 0);

    let program = guard.tool("railway", "#!/bin/sh\necho ran >> \"$HOME/ran\"\n");
    let command = [program.to_str().unwrap(), "volume", "delete", "--volume", "data", "--yes"];
    let words = [&["exec", "--"], &command[..]].concat();
    let mut person = guard.at_terminal(&words);
    person.types("delete volume data");
    person.types_at("Passphrase: ", "four plain words");
    person.types_at("That is not it.", "");
    person.sees("no secret was typed");
    assert_eq!(person.leaves(), 77);
    assert!(!guard.path("ran").exists());

    let mut person = guard.at_terminal(&words);
    person.types("delete volume data");
    person.types_at("Passphrase: ", "four plain words here");
    assert_eq!(person.leaves(), 0);
    assert_eq!(fs::read_to_string(guard.path("ran")).unwrap(), "ran\n");
}

#[test]
fn a_machines_enrolment_counts_alone_and_only_root_makes_it() {
    let Some(stage) = Stage::new(&["mount"]) else { return };
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    let answer = r#"sit_with "$passphrase" "$GUARD" approve "$code""#;
    let seen = stage.play(
        &(r#"
        # An /etc of its own, in this mount namespace alone.
        mkdir -p "$HOME/etc/guard"; cp /etc/passwd /etc/group "$HOME/etc"; mount --bind "$HOME/etc" /etc
        desktop 'passphrase="another long sentence"; enroll'
        desktop 'enroll --system --codes --as ada; enroll --system --as ada'
        stat -c '%U %a' /etc/guard/enrolled.json
        desktop 'enroll --replace'
        "#
        .to_owned()
            + &scene(answer)),
    );
    for told in
        ["codes are not kept for a whole machine", "root 644", "which root changes with --system", "agent: 0"]
    {
        assert!(seen.contains(told), "{told}: {seen}");
    }
    assert_eq!(stage.runs(), 1, "{seen}");
    let log = String::from_utf8(stage.guard.run(&["log", "--json"]).stdout).unwrap();
    assert!(log.contains("\"secret\":\"passphrase of ada\""), "{log}");
}

/// Two people are enrolled, and policy wants both.
const TWO: &str = r#"
    mkdir -p "$HOME/.config/guard"
    printf 'approvals: {catastrophic: 2}' > "$HOME/.config/guard/policy.yaml"
    eves="another long sentence"
    export eves
    desktop 'enroll --as ada'
    desktop 'python3 "$PLAY" "assphrase: " "$passphrase" "New passphrase: " "$eves" "once more: " "$eves" -- "$GUARD" approve --enroll --as eve'
"#;

#[test]
fn two_people_let_it_run_and_both_are_on_record() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(&format!(
        r#"{TWO}
        mkfifo "$HOME/second"
        desktop 'read -r code < "$HOME/asked"
                 sit_with "$passphrase" "$GUARD" approve "$code" | tee -p >(grep --line-buffered -m 1 "the answer stands" | sed "s/.*/$code/" > "$HOME/second")' &
        desktop 'read -r code < "$HOME/second"; sit_with "$eves" "$GUARD" approve "$code"' &
        agent '"$GUARD" exec --wait 40 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"'
        wait; "$GUARD" log
        "#
    ));
    assert!(seen.contains("agent: 0") && seen.contains("ada and eve"), "{seen}");
    assert_eq!(seen.matches("allowed; it runs").count(), 2, "{seen}");
    assert_eq!(stage.runs(), 1, "{seen}");
    let log = String::from_utf8(stage.guard.run(&["log", "--json"]).stdout).unwrap();
    let cleared = log.lines().find(|line| line.contains("\"what\":\"cleared\"")).unwrap();
    let cleared: serde_json::Value = serde_json::from_str(cleared).unwrap();
    let secrets = [&cleared["person"]["secret"], &cleared["second"]["secret"]];
    assert_eq!(secrets, ["passphrase of ada", "passphrase of eve"], "{log}");
}

#[test]
fn one_person_who_answers_twice_is_one() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(&format!(
        r#"{TWO}
        mkfifo "$HOME/second"
        desktop 'read -r code < "$HOME/asked"
                 sit_with "$passphrase" "$GUARD" approve "$code" | tee -p >(grep --line-buffered -m 1 "the answer stands" | sed "s/.*/$code/" > "$HOME/second")' &
        desktop 'read -r code < "$HOME/second"; sit_with "$passphrase" "$GUARD" approve "$code"; "$GUARD" deny "$code"' &
        agent '"$GUARD" exec --wait 40 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"'
        wait
        "#
    ));
    assert!(seen.contains("it stands already; a second person has to answer too"), "{seen}");
    assert!(seen.contains("agent: 77"), "{seen}");
    assert_eq!(stage.runs(), 0, "{seen}");
}

#[test]
fn the_answers_of_two_are_kept_for_the_next_run() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(&format!(
        r#"{TWO}
        mkfifo "$HOME/second"
        desktop 'read -r code < "$HOME/asked"
                 sit_with "$passphrase" "$GUARD" approve "$code" | tee -p >(grep --line-buffered -m 1 "takes it back" | sed "s/.*/$code/" > "$HOME/second")' &
        desktop 'read -r code < "$HOME/second"
                 sit_with "$eves" "$GUARD" approve "$code" | tee -p >(grep --line-buffered -m 1 "the answer stands" > "$HOME/done")' &
        agent 'ask > "$HOME/asked"; read -r _ < "$HOME/done"; "$GUARD" exec --wait 40 -- $command; echo "agent: $?"'
        wait
        "#
    ));
    assert!(seen.contains("agent: 0"), "{seen}");
    assert_eq!(seen.matches("allowed; it runs").count(), 2, "{seen}");
    assert_eq!(stage.runs(), 1, "{seen}");
}

#[test]
fn two_are_wanted_and_one_is_enrolled() {
    let Some(stage) = Stage::new(&[]) else { return };
    let scene = r#"
        mkdir -p "$HOME/.config/guard"; printf 'approvals: {moderate: 2}' > "$HOME/.config/guard/policy.yaml"
        desktop enroll
        agent '"$GUARD" exec --wait 0 -- $command'"#;
    stage.refuses(scene, "policy demands two people, and 1 can show who they are");
}

#[test]
fn two_people_at_the_commands_own_terminal() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    guard.file(".config/guard/policy.yaml", "approvals: {severe: 2}\n");
    for (name, words) in [
        ("ada", &["four plain words here"; 2][..]),
        ("eve", &["four plain words here", "another long sentence", "another long sentence"]),
    ] {
        let mut person = guard.at_terminal(&["approve", "--enroll", "--as", name]);
        for word in words {
            person.types_at(": ", word);
        }
        person.sees("is enrolled");
        assert_eq!(person.leaves(), 0);
    }
    let program = guard.tool("railway", "#!/bin/sh\necho ran >> \"$HOME/ran\"\n");
    let words = ["exec", "--", program.to_str().unwrap(), "volume", "delete", "--volume", "data", "--yes"];
    for (second, status) in [("four plain words here", 77), ("another long sentence", 0)] {
        let mut person = guard.at_terminal(&words);
        person.types("delete volume data");
        person.types_at("Passphrase: ", "four plain words here");
        person.sees("Now a second one has to");
        person.types("delete volume data");
        person.types_at("Passphrase: ", second);
        assert_eq!(person.leaves(), status);
    }
    assert_eq!(fs::read_to_string(guard.path("ran")).unwrap(), "ran\n");
}

#[test]
fn an_agents_user_cannot_change_a_machines_enrolment() {
    let Some(stage) = Stage::new(&["mount", "setpriv"]) else { return };
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    // Root enrolls ada; then all that happens is another user's, the agent's and the person's at its account.
    let seen = stage.play(
        r#"
        mkdir -p "$HOME/etc/guard"; cp /etc/passwd /etc/group "$HOME/etc"; mount --bind "$HOME/etc" /etc
        desktop 'enroll --system --as ada' > /dev/null
        cp "$GUARD" "$PLAY" "$STAGE_ROLES" "$HOME/bin"
        export GUARD=$HOME/bin/guard PLAY=$HOME/bin/play.py STAGE_ROLES=$HOME/bin/roles.sh
        find "$HOME" -mindepth 1 -maxdepth 1 ! -name etc -exec chown -R 65534:65534 {} +
        chown 65534:65534 "$HOME"
        export -f agent desktop
        setpriv --reuid 65534 --regid 65534 --clear-groups bash -c '
            desktop "enroll --system --as eve; enroll"
            desktop "read -r code < \$HOME/asked; sit_with \"\" \$GUARD approve \$code; sit_with \"\$passphrase\" \$GUARD approve \$code" &
            agent "rm -f /etc/guard/enrolled.json; echo x > /etc/guard/enrolled.json
                   \$GUARD exec --wait 40 -- \$command 2> >(first_code > \$HOME/asked); echo \"agent \$UID: \$?\""
            wait'
        "#,
    );
    for told in [
        "only root enrolls for a whole machine",
        "which root changes with --system",
        "Permission denied",
        "no secret was typed; the question stays open",
        "agent 65534: 0",
    ] {
        assert!(seen.contains(told), "{told}: {seen}");
    }
    assert_eq!(stage.runs(), 1, "{seen}");
    let log = std::fs::read_to_string(stage.guard.path(".local/state/guard/ledger.jsonl")).unwrap();
    assert!(log.contains("\"uid\":65534") && log.contains("\"secret\":\"passphrase of ada\""), "{log}");
}
