//! The files of a ledger: the current one, and those that are full.
//!
//! A full file is renamed after the number of its last line, `ledger-000000012345.jsonl`, under the lock that
//! every writer holds. The first line of the next file names the hash of that line, as any line names the
//! hash of the line before it, so the chain runs through all files and a missing file shows as missing
//! numbers.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::FlockArg;

use super::head::Head;
use super::ledger::{LedgerError, head_path, lock, read_only};

/// How many digits the number in a name has, so that names sort as numbers do.
const DIGITS: usize = 12;

/// How long a reader waits for writers.
const PATIENCE: Duration = Duration::from_secs(2);

/// A ledger as it was at one moment: every file that there was, opened, the oldest first.
#[derive(Debug)]
pub(super) struct Opened {
    pub files: Vec<(PathBuf, File)>,
    pub head: Option<Head>,
    /// How long the last file was.
    pub length: u64,
}

/// Opens every file of the ledger at `path`. Writers wait only while the names are looked up.
pub(super) fn open_all(path: &Path) -> Result<Opened, LedgerError> {
    let unreadable = |source| LedgerError::Open { path: path.into(), source };
    let head_path = head_path(path);
    let lock = match read_only(&head_path)? {
        Some(file) => Some(lock(file, &head_path, FlockArg::LockSharedNonblock, PATIENCE)?),
        None => None,
    };
    let head = lock.as_deref().map(Head::read).transpose().map_err(unreadable)?.flatten();
    let mut files = Vec::new();
    for full in full(path).map_err(unreadable)? {
        if let Some(file) = read_only(&full)? {
            files.push((full, file));
        }
    }
    let mut length = 0;
    if let Some(file) = read_only(path)? {
        length = file.metadata().map_err(unreadable)?.len();
        files.push((path.to_owned(), file));
    }
    Ok(Opened { files, head, length })
}

/// Returns the full files of a ledger, the oldest first.
pub(super) fn full(path: &Path) -> io::Result<Vec<PathBuf>> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        if is_full(path, &name) {
            names.push(directory.join(name));
        }
    }
    names.sort();
    Ok(names)
}

fn is_full(path: &Path, name: &OsStr) -> bool {
    let stem = path.file_stem().and_then(OsStr::to_str);
    let number = (|| {
        let rest = name.to_str()?.strip_prefix(stem?)?.strip_prefix('-')?;
        let ending = path.extension().and_then(OsStr::to_str).map_or(String::new(), |end| format!(".{end}"));
        rest.strip_suffix(ending.as_str())
    })();
    number.is_some_and(|number| number.len() == DIGITS && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Puts a file that is full aside, under the number of its last line. The caller holds the lock.
///
/// It is linked before it is removed, so that at no moment it has no name, and so that nothing that
/// already stands there is lost.
pub(super) fn put_aside(path: &Path, last: u64) -> io::Result<()> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or(String::new(), |end| format!(".{}", end.to_string_lossy()));
    let full = path.with_file_name(format!("{stem}-{last:0DIGITS$}{ending}"));
    match fs::hard_link(path, &full) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            // Whoever linked it was stopped before it was removed.
            let (one, other) = (fs::metadata(path)?, fs::metadata(&full)?);
            if (one.dev(), one.ino()) != (other.dev(), other.ino()) {
                return Err(error);
            }
        }
        linked => linked?,
    }
    fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_files_are_known_by_their_names() {
        let check = |name: &str, expect| {
            assert_eq!(is_full(Path::new("/x/ledger.jsonl"), OsStr::new(name)), expect, "{name}");
        };
        check("ledger-000000000012.jsonl", true);
        check("ledger.jsonl", false);
        check("ledger-12.jsonl", false);
        check("ledger-00000000001x.jsonl", false);
        check("ledger-000000000012.jsonl.gz", false);
        check("other-000000000012.jsonl", false);
    }
}
