//! A consistent copy of a SQLite database.
//!
//! Where nothing is in flight, the file is copied as it is. Beside a write-ahead log or a journal, SQLite
//! itself makes the copy (`.backup`), which holds what is committed; without its program all the files
//! are copied together, from which SQLite recovers as after a power failure.
//! <https://www.sqlite.org/howtocorrupt.html>

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::tree::{How, Walk};
use crate::run::bounded::{Said, say};

/// The files beside a database that is open or was left open.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// How long SQLite may take to copy.
const TIME: Duration = Duration::from_secs(30);

/// Returns what belongs to a database beside its file, whether it is there or not.
pub(super) fn beside(database: &Path) -> Vec<PathBuf> {
    let with = |ending: &&str| {
        let mut name = database.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    BESIDE.iter().map(with).collect()
}

/// Copies a database to `copy`. Returns whether SQLite made the copy, which then stands for the files beside
/// the database too.
pub(super) fn copy(database: &Path, copy: &Path, walk: &mut Walk<'_>) -> io::Result<bool> {
    let busy = || beside(database).iter().any(|path| path.metadata().is_ok_and(|found| found.len() > 0));
    let looks = || {
        let found = database.metadata()?;
        io::Result::Ok((found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
    };
    if !busy() {
        let before = looks()?;
        walk.copy(database, copy, How::Copy)?;
        if !busy() && looks()? == before {
            return Ok(false);
        }
        fs::remove_file(copy)?;
    }
    if backed_up(database, copy) {
        walk.dress(database, copy)?;
        return Ok(true);
    }
    let _ = fs::remove_file(copy);
    walk.copy(database, copy, How::Copy)?;
    Ok(false)
}

fn backed_up(database: &Path, copy: &Path) -> bool {
    let (Some(from), Some(to)) = (database.to_str(), copy.to_str()) else { return false };
    // The dot command takes a quoted word; a name with a quote in it is not worth the risk.
    if to.contains(['\'', '"', '\\', '\n']) {
        return false;
    }
    let words = ["sqlite3", "-batch", "-readonly", from, &format!(".backup '{to}'")].map(OsString::from);
    let said = say(&Said {
        words: &words,
        cwd: None,
        set: &[],
        clean: false,
        input: b"",
        time: TIME,
        most: 1 << 16,
    });
    said.is_ok() && copy.metadata().is_ok_and(|found| found.len() > 0)
}
