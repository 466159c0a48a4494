use std::fs;

use super::super::{Command, Entry, Ledger, Subject};
use super::*;
use crate::test_process::Scratch;

fn append(ledger: &Ledger, count: u64) {
    for _ in 0..count {
        let command = Command::Text("echo".as_ref());
        let subject = Subject { command, origin: "exec", cwd: Path::new("/"), rules: &[], gaps: &[] };
        ledger.append(&Entry::Ran(subject)).unwrap();
    }
}

/// Follows a ledger that is full at so many bytes; whenever the reader has caught up, lines are added, until
/// there are 20. Returns the numbers that were read.
fn followed(full: u64, before: u64, at_a_time: u64) -> Vec<u64> {
    let scratch = Scratch::new();
    let path = scratch.path("ledger.jsonl");
    let ledger = Ledger::at(&path).full_at(full);
    append(&ledger, before);
    let mut numbers = Vec::new();
    follow(&path, |read| {
        match read {
            Some((_, line)) => numbers.push(line.unwrap().n),
            None => append(&ledger, at_a_time),
        }
        Ok(numbers.len() < 20)
    })
    .unwrap();
    numbers
}

#[test]
fn every_line_is_read_once_through_any_number_of_files() {
    let all: Vec<u64> = (1..=20).collect();
    for (full, before, at_a_time) in
        [(u64::MAX, 0, 1), (u64::MAX, 5, 15), (500, 0, 1), (500, 7, 1), (1, 3, 1), (1, 3, 6), (500, 0, 20)]
    {
        assert_eq!(followed(full, before, at_a_time), all, "{full} {before} {at_a_time}");
    }
}

#[test]
fn half_a_line_is_read_when_it_is_whole() {
    let scratch = Scratch::new();
    let path = scratch.path("ledger.jsonl");
    append(&Ledger::at(&path), 2);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 10]).unwrap();
    let mut numbers = Vec::new();
    follow(&path, |read| {
        match read {
            Some((_, line)) => numbers.push(line.unwrap().n),
            None => {
                assert_eq!(numbers, [1]);
                let mut file = fs::OpenOptions::new().append(true).open(&path)?;
                io::Write::write_all(&mut file, &whole[whole.len() - 10..])?;
            }
        }
        Ok(numbers.len() < 2)
    })
    .unwrap();
    assert_eq!(numbers, [1, 2]);
}
