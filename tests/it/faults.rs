//! Faults around a question: what is missing, full, foreign or too late, and guard killed on the way.

use std::fs;

use crate::stage::Stage;

/// A stage on which file systems can be mounted; `None` where that is not allowed.
fn stage() -> Option<Stage> {
    let stage = Stage::new(&["mount"])?;
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: needs root, who may mount and give files away");
        return None;
    }
    Some(stage)
}

#[test]
fn where_requests_cannot_be_kept_nothing_runs_and_why_is_told() {
    let Some(stage) = stage() else { return };
    for (fault, why) in [
        // Full, in bytes and in files.
        (
            r#"mkdir -p "$requests"; mount -t tmpfs -o mode=700,size=4k none "$requests"
               head -c 9000 /dev/zero > "$requests/x" 2>/dev/null"#,
            "No space left on device",
        ),
        (
            r#"mkdir -p "$requests"; mount -t tmpfs -o mode=700,nr_inodes=1 none "$requests""#,
            "No space left on device",
        ),
        (
            r#"mkdir -p -m 700 "$requests"; mount --bind "$requests" "$requests"
               mount -o remount,bind,ro "$requests""#,
            "Read-only file system",
        ),
        (r#"mkdir -p "$(dirname "$requests")"; touch "$requests""#, "cannot be used"),
        (r#"mkdir -p -m 700 "$requests"; chown 12345 "$requests""#, "belongs to somebody else"),
    ] {
        let scene = format!("{fault}\nagent '\"$GUARD\" exec --wait 5 -- $command; echo \"agent: $?\"'");
        stage.again().in_refuses(&["--mount"], &scene, why);
    }
}

#[test]
fn a_missing_directory_is_made_and_foreign_files_are_left_alone() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        agent 'ask > "$HOME/code"; code=$(cat "$HOME/code")
               cd "$requests"; cp $code.json BCDFGH.json; chmod 644 BCDFGH.json; mkdir BCDFGJ.json; echo x > notes
               cp $code.json BCDFGK.json; chmod 600 BCDFGK.json; mkfifo BCDFGM.json
               cd "$HOME/project"; echo "again: $(ask)"'
        "$GUARD" pending; ls "$requests""#,
    );
    let code = fs::read_to_string(stage.guard.path("code")).unwrap();
    assert!(seen.contains(&format!("again: {code}")), "{seen}");
    assert_eq!(seen.matches(" left ").count(), 1, "{seen}");
    for name in ["BCDFGH.json", "BCDFGJ.json", "BCDFGK.json", "BCDFGM.json", "notes"] {
        assert!(seen.contains(name), "{seen}");
    }
}

#[test]
fn a_request_of_another_user_is_none() {
    let Some(stage) = stage() else { return };
    let scene = r#"
        desktop 'read -r code < "$HOME/asked"; chown 12345 "$requests/$code.json"
                 sit "$GUARD" approve "$code"; "$GUARD" pending; echo > "$HOME/done"' &
        agent 'ask > "$HOME/asked"; read -r _ < "$HOME/done"; "$GUARD" exec --wait 0 -- $command'
        wait"#;
    stage.refuses(scene, "guard did not write it");
}

#[test]
fn an_answer_after_the_time_ran_out_is_none() {
    let Some(stage) = Stage::new(&[]) else { return };
    // The wall clock stands a quarter of an hour and more ahead of the time that is written down; and the
    // other way round: the request is of a time that has yet to come on the clock that cannot be set.
    for clock in [r#"s/("wall":)[0-9]+/\11000/"#, r#"s/("up":)[0-9]+/\19999999999999/"#] {
        let stage = stage.again();
        let scene = format!(
            r#"
            desktop 'read -r code < "$HOME/asked"; sed -E -i '\''{clock}'\'' "$requests/$code.json"
                     sit "$GUARD" approve "$code"; "$GUARD" pending; echo > "$HOME/done"' &
            agent 'ask > "$HOME/asked"; read -r _ < "$HOME/done"; "$GUARD" exec --wait 0 -- $command'
            wait"#
        );
        stage.refuses(&scene, "is too old to be answered");
    }
}

#[test]
fn many_questions_at_once_are_all_asked() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(
        r#"
        agent 'for n in $(seq 40); do "$GUARD" exec --wait 0 -- railway volume delete --volume v$n --yes & done 2>&1 |
               grep -c "nobody has answered yet"; wait'
        "$GUARD" pending --json | wc -l; "$GUARD" log verify; echo "verified: $?""#,
    );
    assert_eq!(seen.lines().filter(|line| *line == "40").count(), 2, "{seen}");
    assert!(seen.contains("verified: 0"), "{seen}");
}

/// At how many boundaries guard is killed: before the answer, and after it.
const BEFORE: usize = 12;
const AFTER: usize = 60;

#[test]
fn killed_anywhere_the_command_ran_once_with_an_answer_or_not_at_all() {
    let Some(stage) = Stage::new(&[]) else { return };
    let seen = stage.play(&format!(
        r#"
        desktop 'while read -r code volume; do
                     [ "$code" = stop ] && break
                     python3 "$PLAY" $'\''\n> '\'' "delete volume $volume" "takes it back" $'\''keys:\x03'\'' -- \
                         "$GUARD" approve "$code" > /dev/null &
                 done < "$HOME/asked"; wait' &
        agent 'python3 "$KILL" "$HOME/asked" "$requests" {BEFORE} {AFTER} || echo stop > "$HOME/asked"'
        wait; "$GUARD" log verify; echo "verified: $?"; ls -A "$requests""#
    ));
    if seen.contains("OSError: [Errno 1] ptrace") {
        assert!(std::env::var_os("CI").is_none(), "no tracing here, and CI needs it: {seen}");
        return eprintln!("skipped: needs ptrace");
    }
    assert!(seen.contains("verified: 0"), "{seen}");
    let ran = fs::read_to_string(stage.guard.path("ran")).unwrap_or_default();
    let ledger = fs::read_to_string(stage.guard.path(".local/state/guard/ledger.jsonl")).unwrap();
    let ledger: Vec<serde_json::Value> =
        ledger.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of = |volume: &str, what: &str| {
        let asked: Vec<_> = ledger
            .iter()
            .filter(|line| line["what"] == "asked" && line.to_string().contains(volume))
            .collect();
        ledger
            .iter()
            .filter(|line| line["what"] == what && asked.iter().any(|asked| asked["n"] == line["of"]))
            .count()
    };
    let killed: Vec<&str> =
        seen.lines().filter_map(|line| line.split_once(" killed ")).map(|(at, _)| at).collect();
    assert!(killed.len() > AFTER / 2, "{seen}");
    let mut count = [0, 0];
    for volume in killed {
        let named = format!("--volume {volume} --yes");
        let runs = ran.lines().filter(|line| line.contains(&named)).count();
        assert!(runs <= 1, "{volume} ran {runs} times:\n{seen}");
        // The answer may be on record though guard was killed before the command could run.
        assert!(
            runs == 0 || of(&named, "cleared") == 1,
            "{volume} ran without an answer on record:\n{ledger:#?}"
        );
        count[runs] += 1;
    }
    assert!(count[0] > 0 && count[1] > 0, "not killed on both sides of the run: {count:?}\n{seen}");
}
