//! Destructive commands in files: found, judged by [`pipeline::assess`](crate::pipeline::assess) as
//! `guard exec` would, and shown where they stand.
//!
//! A file is taken apart into its commands (`pieces`, by the table of `shims/scan.yaml`), each is judged in
//! the file's own project (`judge`), and what was found is compared with the allowances in the file (`allow`)
//! and a list of known findings (`baseline`).
//!
//! What a script, a Makefile or a file of SQL does is reported there and not again where it is called. What
//! depends on a value that only a run provides (`rm -rf "$1"`) is counted, and shown only on request: files
//! are full of such values, and guard will see them when the file is run.

pub mod allow;
pub mod baseline;
pub mod files;
pub mod judge;
pub mod kinds;
pub mod pieces;
pub mod table;

// Where the table's reader finds the strict reader of packs; in `build.rs` they are neighbours.
use crate::rulebook::{load, places};

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::rulebook::BookRule;

/// A destructive command in a file.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The file.
    pub path: PathBuf,
    /// Where in it, in bytes.
    pub range: Range<usize>,
    /// Where it begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// The rule; the worst where several fired.
    pub rule: Arc<BookRule>,
    /// The other rules that fired on the same command.
    pub also: Vec<Arc<BookRule>>,
    /// What would be lost: the phrase that a person would have to type.
    pub phrase: String,
    /// Whether it is certain, whatever the unknown values are.
    pub certain: bool,
    /// In which command of the file it stands: `jobs.build.steps.2.run`.
    pub label: String,
    /// The lines that it covers.
    pub lines: Vec<String>,
    /// A fingerprint that stays the same when other lines of the file change.
    pub fingerprint: String,
}

/// A place in a file, counted from 1; columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// The result of a scan.
#[derive(Debug, Default)]
pub struct Scanned {
    /// What was found, in the order of the files.
    pub findings: Vec<Finding>,
    /// How many findings depend on unknown values, and were left out.
    pub possible: usize,
    /// How many findings the list of known ones has.
    pub known: usize,
    /// How many findings are allowed in their files.
    pub allowed: usize,
    /// How many files were read.
    pub files: usize,
    /// How many commands were judged.
    pub commands: usize,
    /// Notes: allowances that are invalid or not needed, and files that cannot be read.
    pub notes: Vec<Note>,
    /// Commands that could not be read to their end.
    pub unread: Vec<Note>,
}

/// A note on a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The file.
    pub path: PathBuf,
    /// The line, where it is about one.
    pub line: Option<usize>,
    /// What it is.
    pub text: String,
}

impl Scanned {
    /// Adds the result for other files.
    pub fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.notes.extend(other.notes);
        self.unread.extend(other.unread);
        self.possible += other.possible;
        self.known += other.known;
        self.allowed += other.allowed;
        self.files += other.files;
        self.commands += other.commands;
    }
}

#[cfg(test)]
mod tests;
