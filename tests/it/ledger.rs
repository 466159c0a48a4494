//! The ledger as a person and other programs read it: followed, filtered, exported, through several files.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::harness::Guard;

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_happens_is_shown_as_it_happens() {
    let guard = Guard::new();
    guard.exec("true");
    for (format, expect) in [
        ("json", "\"what\":\"refused\""),
        ("cef", "|A command was not run|"),
        ("csv", ",refused,"),
        ("table", "refused"),
    ] {
        let mut command = guard.command(&["log", "--follow", "--refused", "--format", format]);
        let mut follower = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
        if format == "csv" {
            // It is printed once the reader is ready.
            assert!(lines.next().unwrap().unwrap().starts_with("n,time,what,"));
        }
        assert_eq!(guard.exec("railway volume delete --volume data"), 75);
        let line = lines.next().unwrap().unwrap();
        assert!(line.contains(expect) && line.contains("railway"), "{format}: {line}");
        follower.kill().unwrap();
        follower.wait().unwrap();
    }
}

#[test]
fn filters_choose_by_time_rule_place_and_decision() {
    let guard = Guard::new();
    guard.exec("true");
    guard.exec("railway volume delete --volume data");
    guard.file("elsewhere/.git/HEAD", "");
    let elsewhere = guard.path("elsewhere");
    let words = ["exec", "-C", elsewhere.to_str().unwrap(), "--", "git", "push", "--force"];
    assert_eq!(guard.run(&words).status.code(), Some(75));
    let count = |words: &[&str]| {
        let output = guard.run(&[&["log", "--format", "json"], words].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        text(output.stdout).lines().count()
    };
    assert_eq!(count(&[]), 5);
    assert_eq!(count(&["--decision", "refused"]), 2);
    assert_eq!(count(&["--decision", "ran"]), 1);
    assert_eq!(count(&["--project", elsewhere.to_str().unwrap()]), 2);
    assert_eq!(count(&["--rule", "railway", "--decision", "refused"]), 1);
    assert_eq!(count(&["--agent", "codex"]), 0);
    assert_eq!(count(&["--since", "1h", "--until", "0s"]), 5);
    assert_eq!(count(&["--since", "2020-01-01", "--until", "2020-12-31T23:59"]), 0);
    assert_eq!(count(&["--since", "2020-01-01"]), 5);
}
