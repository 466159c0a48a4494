use std::fs;
use std::path::PathBuf;

use super::super::{Command, Entry, Ledger, Subject};
use super::*;
use crate::test_process::Scratch;

/// A ledger of ten lines in a directory of its own.
struct Ten {
    _directory: Scratch,
    path: PathBuf,
}

impl Ten {
    fn new() -> Self {
        let directory = Scratch::new();
        let ten = Self { path: directory.path("ledger.jsonl"), _directory: directory };
        for n in 1..=10 {
            ten.append(&format!("echo {n}"));
        }
        ten
    }

    fn append(&self, command: &str) {
        let command = Command::Text(command.as_ref());
        let subject = Subject { command, origin: "exec", cwd: Path::new("/"), rules: &[], gaps: &[] };
        Ledger::at(&self.path).append(&Entry::Ran(subject)).unwrap();
    }

    fn lines(&self) -> Vec<String> {
        fs::read_to_string(&self.path).unwrap().lines().map(|line| format!("{line}\n")).collect()
    }

    fn put(&self, lines: &[String]) {
        fs::write(&self.path, lines.concat()).unwrap();
    }

    /// Changes the lines as `change` does, and checks what is then found.
    #[track_caller]
    fn check(&self, change: impl FnOnce(&mut Vec<String>), expect: &[&str]) {
        let mut lines = self.lines();
        change(&mut lines);
        self.put(&lines);
        self.found(expect);
    }

    #[track_caller]
    fn found(&self, expect: &[&str]) {
        let faults: Vec<_> = verify(&self.path).unwrap().faults.iter().map(Fault::to_string).collect();
        assert_eq!(faults, expect);
    }
}

/// Returns `line` with `from` replaced by `to` and a seal that fits.
fn reseal(line: &str, from: &str, to: &str) -> String {
    assert!(line.contains(from));
    let mut line = super::super::Line::read(line.replace(from, to).as_bytes()).unwrap();
    line.headless = false;
    String::from_utf8(line.seal().unwrap().0).unwrap()
}

#[test]
fn what_was_written_is_sound() {
    let ten = Ten::new();
    let found = verify(&ten.path).unwrap();
    assert_eq!(found, Verified { lines: 10, last: 10, faults: vec![] });
    assert!(found.is_sound());
}

#[test]
fn no_ledger_is_sound() {
    let directory = Scratch::new();
    assert_eq!(verify(&directory.path("guard/ledger.jsonl")).unwrap(), Verified::default());
}

#[test]
fn a_changed_line() {
    Ten::new().check(
        |lines| lines[3] = lines[3].replace("echo 4", "echo 5"),
        &["line 4: changed after it was written"],
    );
    Ten::new().check(
        |lines| lines[9] = lines[9].replace("echo 10", "echo 99"),
        &["line 10: changed after it was written"],
    );
    Ten::new().check(
        |lines| lines[0] = lines[0].replace("\"n\":1", "\"n\":7"),
        &["line 1: changed after it was written"],
    );
    Ten::new().check(|lines| lines[3] = "\n".into(), &["line 4: changed after it was written"]);
    Ten::new().check(|lines| lines[3] = "{\"n\":4,\n".into(), &["line 4: changed after it was written"]);
    Ten::new().check(
        |lines| {
            lines[3] = "x\n".into();
            lines[4] = "y\n".into();
        },
        &["line 4: changed after it was written", "line 5: changed after it was written"],
    );
}

#[test]
fn any_changed_byte() {
    let ten = Ten::new();
    let whole = fs::read(&ten.path).unwrap();
    let head = fs::read(head_path(&ten.path)).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        fs::write(&ten.path, bytes).unwrap();
        assert!(!verify(&ten.path).unwrap().is_sound(), "byte {at}");
    }
    fs::write(&ten.path, whole).unwrap();
    for at in 0..50 {
        let mut bytes = head.clone();
        bytes[at] ^= 1;
        fs::write(head_path(&ten.path), bytes).unwrap();
        assert!(!verify(&ten.path).unwrap().is_sound(), "byte {at} of the head");
    }
}

#[test]
fn a_line_written_anew_with_a_seal_that_fits() {
    Ten::new().check(
        |lines| lines[3] = reseal(&lines[3], "echo 4", "echo 5"),
        &["line 4: changed after it was written"],
    );
    Ten::new().check(
        |lines| lines[9] = reseal(&lines[9], "echo 10", "echo 99"),
        &["line 10: changed after it was written"],
    );
}

#[test]
fn missing_lines() {
    Ten::new().check(|lines| drop(lines.remove(3)), &["line 4: entry 4 is missing before it"]);
    Ten::new().check(|lines| drop(lines.drain(0..2)), &["line 1: entries 1 to 2 are missing before it"]);
    Ten::new().check(
        |lines| {
            lines.drain(6..8);
            lines.remove(2);
        },
        &["line 3: entry 3 is missing before it", "line 6: entries 7 to 8 are missing before it"],
    );
}

#[test]
fn a_cut_end() {
    Ten::new().check(|lines| lines.truncate(9), &["line 9: entry 10 was cut off after it"]);
    Ten::new().check(|lines| lines.truncate(7), &["line 7: entries 8 to 10 were cut off after it"]);
    Ten::new().check(Vec::clear, &["line 0: entries 1 to 10 were cut off after it"]);
    Ten::new().check(
        |lines| {
            lines.truncate(8);
            lines[7].truncate(30);
        },
        &["line 7: entries 8 to 10 were cut off after it"],
    );
    let ten = Ten::new();
    fs::remove_file(&ten.path).unwrap();
    ten.found(&["line 0: entries 1 to 10 were cut off after it"]);
}

#[test]
fn a_cut_end_stays_visible_when_more_is_written() {
    let ten = Ten::new();
    ten.check(|lines| lines.truncate(7), &["line 7: entries 8 to 10 were cut off after it"]);
    ten.append("echo 11");
    ten.append("echo 12");
    ten.found(&["line 8: entries 8 to 10 are missing before it"]);

    let ten = Ten::new();
    ten.put(&[ten.lines()[..7].concat(), ten.lines()[7][..30].to_owned()]);
    ten.append("echo 11");
    ten.found(&["line 8: changed after it was written", "line 9: entries 9 to 10 are missing before it"]);

    let ten = Ten::new();
    fs::remove_file(&ten.path).unwrap();
    ten.append("echo 11");
    ten.found(&["line 1: entries 1 to 10 are missing before it"]);
}

#[test]
fn moved_lines() {
    Ten::new().check(|lines| lines.swap(2, 3), &["line 4: entry 3 is out of its place"]);
    // Taken from its place and put at the end.
    Ten::new().check(|lines| lines[2..].rotate_left(1), &["line 10: entry 3 is out of its place"]);
    Ten::new().check(|lines| lines.insert(5, lines[1].clone()), &["line 6: entry 2 is out of its place"]);
}

#[test]
fn half_a_line() {
    let half = r#"{"n":11,"time":"2026-11-22T"#;
    let ten = Ten::new();
    ten.check(|lines| lines.push(half.into()), &["line 11: not written to its end"]);
    ten.append("echo 11");
    ten.append("echo 12");
    ten.found(&["line 11: not written to its end"]);
}

#[test]
fn lines_of_another_hand() {
    Ten::new().check(
        |lines| lines.insert(4, "{\"n\":5,\"what\":\"ran\"}\n".into()),
        &["line 5: not written by guard"],
    );
    Ten::new().check(|lines| lines.push("\u{0}\u{0}\n".into()), &["line 11: not written by guard"]);
}

#[test]
fn a_line_longer_than_any_is_read_in_pieces() {
    let ten = Ten::new();
    let mut lines = ten.lines();
    lines.insert(4, "x".repeat(3 * usize::try_from(LONGEST_LINE).unwrap()) + "\n");
    ten.put(&lines);
    let found = verify(&ten.path).unwrap();
    assert_eq!((found.lines, found.last), (14, 10));
    assert_eq!(found.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [5, 6, 7, 8]);
}

#[test]
fn a_lost_head() {
    let ten = Ten::new();
    fs::remove_file(head_path(&ten.path)).unwrap();
    ten.found(&["line 10: the head was lost here; what was cut off before cannot be told"]);
    ten.append("echo 11");
    ten.append("echo 12");
    ten.found(&["line 11: the head was lost here; what was cut off before cannot be told"]);
}

#[test]
fn a_head_that_was_not_moved_on_is_no_fault() {
    let ten = Ten::new();
    let head = fs::read(head_path(&ten.path)).unwrap();
    ten.append("echo 11");
    fs::write(head_path(&ten.path), head).unwrap();
    ten.found(&[]);
}

#[test]
fn a_ledger_turned_upside_down_takes_no_time() {
    let ten = Ten::new();
    let last = super::super::Line::read(ten.lines()[9].as_bytes()).unwrap();
    let numbered = |n| String::from_utf8(super::super::Line { n, ..last.clone() }.seal().unwrap().0).unwrap();
    let lines: Vec<_> = (1..=20_000).rev().map(numbered).collect();
    ten.put(&lines);
    let start = std::time::Instant::now();
    assert_eq!(verify(&ten.path).unwrap().faults.len(), 19_999);
    assert!(start.elapsed() < Duration::from_secs(5));
}
