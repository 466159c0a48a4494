//! What it costs to put a command on record.

#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;
use std::{env, fs, process};

use divan::{Bencher, black_box};
use guard::record::redact::redact;
use guard::record::{Command, Entry, Ledger, Subject, verify};

fn main() {
    divan::main();
}

const HARMLESS: &str = "git -C packages/shop log --oneline -n 20 -- src/checkout.rs";
const SECRET: &str = "PGPASSWORD=hunter2 psql -h db.internal -U ada shop -c 'select 1'";

fn ran(command: &str) -> Entry<'_> {
    Entry::Ran(Subject {
        command: Command::Text(command.as_ref()),
        origin: "agent claude-code",
        cwd: Path::new("/home/ada/src/shop"),
        rules: &[],
        gaps: &[],
    })
}

/// A ledger in a directory of its own.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> (Self, Ledger) {
        let directory = env::temp_dir().join(format!("guard-bench-{name}-{}", process::id()));
        let ledger = Ledger::at(directory.join("ledger.jsonl"));
        (Self(directory), ledger)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[divan::bench]
fn append(bencher: Bencher<'_, '_>) {
    let (_scratch, ledger) = Scratch::new("append");
    bencher.bench(|| ledger.append(&ran(HARMLESS)).unwrap());
}

#[divan::bench]
fn append_what_must_last(bencher: Bencher<'_, '_>) {
    let (_scratch, ledger) = Scratch::new("sync");
    let Entry::Ran(subject) = ran(HARMLESS) else { unreachable!() };
    let asked = Entry::Asked { subject, agent: None, phrase: "delete volume data" };
    bencher.bench(|| ledger.append(&asked).unwrap());
}

#[divan::bench(args = [HARMLESS, SECRET])]
fn redact_command(command: &str) -> String {
    redact(black_box(command))
}

#[divan::bench(args = ["token = 'x'; ", "://a:b/", "echo hello "])]
fn redact_64_kb(bencher: Bencher<'_, '_>, part: &str) {
    let text = part.repeat(64 * 1024 / part.len());
    bencher.bench(|| redact(black_box(&text)));
}

#[divan::bench]
fn verify_10_000_lines(bencher: Bencher<'_, '_>) {
    let (scratch, ledger) = Scratch::new("verify");
    for _ in 0..10_000 {
        ledger.append(&ran(HARMLESS)).unwrap();
    }
    let path = scratch.0.join("ledger.jsonl");
    bencher.bench(|| verify(&path).unwrap());
}
