//! Judges the past: the commands in agents' transcripts, shell histories and guard's own ledger, as they
//! would be judged today.
//!
//! Nothing is run and nothing is written. A file is read once from front to back, and only one entry at a
//! time is held in memory, so its size does not matter. What an entry contains is outside text and is escaped
//! wherever it is shown.

mod find;
mod history;
mod judge;
mod ledger;
mod lines;
mod summary;
mod transcript;

pub use find::{Found, found_here};
pub use summary::{Hit, Summary};

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use crate::config::ConfigError;
use crate::proposal::Form;
use judge::Judge;

/// A command of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Past {
    form: Form,
    /// Where it ran, if that is recorded.
    cwd: Option<PathBuf>,
    /// The line of the file on which it stands, counted from 1.
    line: u64,
}

/// What comes out of a file: a command, or a part that could not be read.
type Take<'t> = dyn FnMut(Result<Past, lines::Unread>) + 't;

/// Judges every command in these files, one file after the other.
///
/// # Errors
///
/// Returns why nothing can be judged: a broken policy of the machine's or the user's.
pub fn replay(files: &[PathBuf]) -> Result<Summary, ConfigError> {
    let mut judge = Judge::new()?;
    let mut summary = Summary::default();
    for path in files {
        let commands = summary.commands;
        let read = read(path, &mut |past| match past {
            Ok(past) => {
                let judged = judge.judge(&past);
                summary.add(path, &past, &judged);
            }
            Err(_) => summary.unread += 1,
        });
        match read {
            Ok(kind) => summary.files.push((path.clone(), kind, summary.commands - commands)),
            Err(error) => summary.failed.push((path.clone(), error.to_string())),
        }
    }
    Ok(summary)
}

/// Reads the commands of a file, and returns what kind of file it is.
fn read(path: &Path, take: &mut Take<'_>) -> std::io::Result<&'static str> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    let mut file = BufReader::with_capacity(1 << 16, file);
    match find::kind(path, &mut file)? {
        find::Kind::Document => transcript::document(file, take).map(|()| "transcript"),
        find::Kind::Entries => transcript::entries(file, take).map(|()| "transcript"),
        find::Kind::Ledger => ledger::read(file, take).map(|()| "ledger"),
        find::Kind::History(dialect) => history::read(file, dialect, take).map(|()| "shell history"),
    }
}

#[cfg(test)]
mod tests;
