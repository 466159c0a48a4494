//! The question at a person's own terminal: what it teaches, and how all of it is shown.

use std::path::Path;

use crate::harness::{Guard, can_play_a_person};
use crate::needs::needs;
use crate::scratch::Scratch;

/// Returns the phrase that a screen asks for.
fn phrase(seen: &str) -> String {
    let (_, rest) = seen.rsplit_once("To run it, type   ").unwrap();
    rest.lines().next().unwrap().trim().replace("\u{1b}[1m", "").replace("\u{1b}[0m", "")
}

#[test]
fn a_question_mark_shows_all_of_a_long_question() {
    if !can_play_a_person() {
        return;
    }
    // Outside the temporary directory, whose files are nobody's loss.
    let guard = Guard::at(Scratch::below(Path::new(&std::env::var("HOME").unwrap())));
    for name in ["one", "two", "three"] {
        guard.file(&format!("data/{name}"), "12345");
    }
    let command = format!("rm -rf ../data && echo {}", "all of it is gone ".repeat(60));
    let mut person = guard.at_terminal(&["exec", "-c", &command]);
    let seen = person.sees("\n> ");
    assert!(seen.contains("characters are not shown") && seen.contains("? shows the rest"), "{seen}");
    assert!(seen.contains("3 files, "), "{seen}");
    let phrase = phrase(&seen);
    person.types("?");
    let seen = person.sees("\n> ");
    assert!(!seen.contains("not shown") && seen.matches("all of it").count() > 40, "{seen}");
    // Anything else refuses, also after that.
    person.types("yes");
    person.sees("nothing was run");
    assert_eq!(person.leaves(), 77);
    assert!(guard.path("data/one").exists());

    let mut person = guard.at_terminal(&["exec", "-c", &command]);
    person.types("?");
    person.types(&phrase);
    person.sees("all of it is gone");
    assert_eq!(person.leaves(), 0);
    assert!(!guard.path("data").exists());
}

#[test]
fn a_question_says_how_many_tables_a_script_drops() {
    if !can_play_a_person() || !needs("sqlite3") {
        return;
    }
    let guard = Guard::new();
    guard.file("project/tidy.sql", "DROP TABLE orders;\nDROP TABLE users;\n");
    assert_eq!(guard.exec("sqlite3 shop.db 'create table orders(id); create table users(id)'"), 0);
    let mut person = guard.at_terminal(&["exec", "-c", "sqlite3 shop.db < tidy.sql"]);
    let seen = person.sees("\n> ");
    assert!(seen.contains("that is    2 objects in the SQL: orders, users"), "{seen}");
    person.types("no");
    assert_eq!(person.leaves(), 77);
}
