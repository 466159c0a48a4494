//! `guard recover`: the steps of the rule, with the ledger's facts.

use std::path::Path;

use crate::harness::{Guard, can_play_a_person};
use crate::scratch::Scratch;

fn recover(guard: &Guard, words: &[&str]) -> String {
    let output = guard.run(&[&["recover"], words].concat());
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_confirmed_catastrophe_is_told_with_its_facts_and_steps() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new().shims(&[]);
    guard.tool("railway", "#!/bin/sh\nexit 3\n");
    assert!(recover(&guard, &[]).contains("no command that a person let through is on record"));
    let mut person =
        guard.at_terminal(&["exec", "--", "railway", "volume", "delete", "--volume", "data", "--yes"]);
    person.types("delete volume data");
    assert_eq!(person.leaves(), 3);

    let page = recover(&guard, &[]);
    for told in [
        "railway/volume-delete",
        "railway volume delete --volume data --yes",
        "with status 3",
        "volume   data",
        "its link restores volume data",
        "48 hours",
        "station.railway.com",
        "see https://docs.railway.com",
    ] {
        assert!(page.contains(told), "{told:?} is not in:\n{page}");
    }
    // By the line of the ledger, and by the rule, it is the same.
    assert_eq!(recover(&guard, &["1"]), page);
    assert_eq!(recover(&guard, &["railway/volume-delete"]), page);
}

#[test]
fn what_is_kept_is_the_first_thing_to_know() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::at(Scratch::below(Path::new(env!("CARGO_TARGET_TMPDIR"))));
    guard.file("project/src/file", "x");
    let mut person = guard.at_terminal(&["exec", "-c", "rm -rf src"]);
    person.types("remove src");
    assert_eq!(person.leaves(), 0);
    let page = recover(&guard, &[]);
    assert!(page.contains("kept     1 file") && page.contains("guard undo 1"), "{page}");
}

#[test]
fn a_catastrophe_that_guard_did_not_see_has_its_steps_too() {
    let guard = Guard::new();
    let page = recover(&guard, &["aws-databases/rds-delete-all"]);
    assert!(
        page.contains("not on record") && page.contains("describe-db-instance-automated-backups"),
        "{page}"
    );
    assert!(!page.contains('{'), "{page}");
    assert!(recover(&guard, &["no/rule"]).contains("there is no rule `no/rule`"));
    assert!(recover(&guard, &["7"]).contains("the ledger has no line 7"));
}
