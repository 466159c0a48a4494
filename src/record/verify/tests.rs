use std::fs;
use std::time::Duration;

use super::super::ledger::head_path;
use super::super::{Command, Entry, Ledger, Subject};
use super::*;
use crate::test_process::Scratch;
use crate::test_process::processor_time;

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
    assert_eq!((found.lines, found.last), (10, 10));
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
    let time = processor_time(|| assert_eq!(verify(&ten.path).unwrap().faults.len(), 19_999));
    assert!(time < Duration::from_secs(5), "{time:?}");
}

/// A ledger of ten lines in several files.
struct Files {
    _directory: Scratch,
    path: PathBuf,
}

impl Files {
    fn new() -> Self {
        let directory = Scratch::new();
        let path = directory.path("ledger.jsonl");
        let ledger = Ledger::at(&path).full_at(500);
        for n in 1..=10 {
            let text = format!("echo {n}");
            let command = Command::Text(text.as_ref());
            let subject = Subject { command, origin: "exec", cwd: Path::new("/"), rules: &[], gaps: &[] };
            ledger.append(&Entry::Ran(subject)).unwrap();
        }
        Self { _directory: directory, path }
    }

    fn all(&self) -> Vec<PathBuf> {
        let mut all = files::full(&self.path).unwrap();
        all.push(self.path.clone());
        all
    }

    /// Returns the first fault: its file, its line, and what it is.
    fn first(&self) -> Option<(PathBuf, u64, FaultKind)> {
        let found = verify(&self.path).unwrap();
        let fault = found.faults.into_iter().next()?;
        Some((found.files[fault.file].clone(), fault.line, fault.kind))
    }
}

#[test]
fn the_chain_runs_through_all_files() {
    let files = Files::new();
    let all = files.all();
    assert!(all.len() > 3, "{all:?}");
    let found = verify(&files.path).unwrap();
    assert_eq!((found.lines, found.last, found.faults, found.files), (10, 10, vec![], all.clone()));
    let read: Vec<u64> =
        super::super::lines(&files.path).unwrap().map(|line| line.unwrap().1.unwrap().n).collect();
    assert_eq!(read, (1..=10).collect::<Vec<_>>());
    // The first line of a file names the hash of the last one before it.
    let link = |line: &str| Link::of(line.as_bytes()).unwrap();
    for pair in all.windows(2) {
        let [before, after] = [fs::read_to_string(&pair[0]).unwrap(), fs::read_to_string(&pair[1]).unwrap()];
        let last = link(before.lines().last().unwrap());
        assert_eq!(link(after.lines().next().unwrap()).prev, last.hash);
        assert!(pair[0].to_str().unwrap().ends_with(&format!("-{:012}.jsonl", last.n)));
    }
}

#[test]
fn a_changed_line_shows_in_whichever_file_it_stands() {
    let files = Files::new();
    for path in files.all() {
        let text = fs::read_to_string(&path).unwrap();
        for (at, line) in text.lines().enumerate() {
            fs::write(&path, text.replace(line, &line.replace("echo", "ECHO"))).unwrap();
            assert_eq!(files.first(), Some((path.clone(), at as u64 + 1, FaultKind::Changed)));
        }
        fs::write(&path, &text).unwrap();
        assert_eq!(files.first(), None);
    }
}

#[test]
fn a_file_that_is_missing_or_cut_or_moved_shows() {
    let files = Files::new();
    let all = files.all();
    let text: Vec<String> = all.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    for at in 0..all.len() - 1 {
        fs::remove_file(&all[at]).unwrap();
        let (path, line, kind) = files.first().unwrap();
        assert!((&path, line) == (&all[at + 1], 1) && matches!(kind, FaultKind::Missing(_)), "{kind:?}");
        fs::write(&all[at], &text[at]).unwrap();
    }
    // The last line of a file in the middle.
    let cut = text[1].trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n";
    fs::write(&all[1], cut).unwrap();
    let (path, line, kind) = files.first().unwrap();
    assert!((&path, line) == (&all[2], 1) && matches!(kind, FaultKind::Missing(_)), "{kind:?}");
    fs::write(&all[1], &text[2]).unwrap();
    fs::write(&all[2], &text[1]).unwrap();
    assert!(files.first().is_some());
    // All that is written now.
    fs::write(&all[1], &text[1]).unwrap();
    fs::write(&all[2], &text[2]).unwrap();
    fs::remove_file(&files.path).unwrap();
    assert!(matches!(files.first().unwrap().2, FaultKind::Cut(_)));
}

#[test]
fn a_file_that_was_half_put_aside_is_put_aside_again() {
    let files = Files::new();
    let head = fs::read_to_string(files.path.with_extension("head")).unwrap();
    let last: u64 = head.split(' ').next().unwrap().parse().unwrap();
    fs::hard_link(&files.path, files.path.with_file_name(format!("ledger-{last:012}.jsonl"))).unwrap();
    let subject = Subject {
        command: Command::Text("ls".as_ref()),
        origin: "exec",
        cwd: Path::new("/"),
        rules: &[],
        gaps: &[],
    };
    Ledger::at(&files.path).full_at(1).append(&Entry::Ran(subject)).unwrap();
    let found = verify(&files.path).unwrap();
    assert_eq!((found.lines, found.faults), (11, vec![]));
}
