//! The ledger file: how a line gets into it.
//!
//! An append takes the lock (on the head, see [`super`]), learns the last line's number and hash
//! from the head, writes one line, and moves the head on. It reads nothing of the ledger unless the
//! two disagree. It either happens whole or leaves both files as they were.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fmt, process, thread};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::resource::{Resource, getrlimit};
use nix::unistd::getuid;

use super::entry::Entry;
use super::files;
use super::head::Head;
use super::line::{Hash, LONGEST_LINE, Line, Link};
use super::time::Stamp;
use crate::env_vars;

/// How long a writer waits for the others.
const PATIENCE: Duration = Duration::from_secs(2);

/// A file that has grown to this many bytes is full, and the next line begins a new one.
const FULL: u64 = 32 * 1024 * 1024;

/// A ledger, by the path of its file. Nothing is opened before the first entry.
#[derive(Clone, Debug)]
pub struct Ledger {
    path: PathBuf,
    patience: Duration,
    full: u64,
}

/// The proof that an entry is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The number of its line.
    pub n: u64,
}

/// Why an entry is not on record, or not known to be.
#[derive(Debug)]
pub enum LedgerError {
    /// No variable says where the ledger is.
    Nowhere,
    /// A file or its directory cannot be made or opened.
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else than a file stands in the ledger's place, where lines would be lost.
    NotAFile {
        /// What stands there.
        path: PathBuf,
    },
    /// Other writers held the lock all the time.
    Busy {
        /// The file that is locked.
        path: PathBuf,
        /// For how long it was tried.
        waited: Duration,
    },
    /// The line cannot be written: a full disk, a limit, a fault of the device.
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => {
                write!(f, "there is no ledger: neither XDG_STATE_HOME nor HOME names a directory")
            }
            Self::Open { path, source } => write!(f, "cannot open the ledger {}: {source}", path.display()),
            Self::NotAFile { path } => write!(f, "the ledger {} is not a file", path.display()),
            Self::Busy { path, waited } => write!(
                f,
                "the ledger {} has been locked by another process for {} s",
                path.display(),
                waited.as_secs()
            ),
            Self::Write { path, source } => {
                write!(f, "cannot write to the ledger {}: {source}", path.display())
            }
        }
    }
}

impl std::error::Error for LedgerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open { source, .. } | Self::Write { source, .. } => Some(source),
            Self::Nowhere | Self::NotAFile { .. } | Self::Busy { .. } => None,
        }
    }
}

/// Returns where the ledger is: `$XDG_STATE_HOME/guard/ledger.jsonl`, or below `$HOME/.local/state`.
/// `None` if neither variable holds an absolute path.
pub fn default_path(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute(env_vars::XDG_STATE_HOME)
        .or_else(|| Some(absolute(env_vars::HOME)?.join(".local/state")))?;
    Some(state.join("guard/ledger.jsonl"))
}

impl Ledger {
    /// Returns the ledger whose lines are in the file at `path`; the head is beside it.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), patience: PATIENCE, full: FULL }
    }

    /// Returns the ledger with files that are full at so many bytes.
    #[cfg(test)]
    pub(super) fn full_at(self, full: u64) -> Self {
        Self { full, ..self }
    }

    /// Puts an entry on record. When this returns, the line is written; what a person is asked,
    /// allows or refuses is on the disk as well.
    pub fn append(&self, entry: &Entry<'_>) -> Result<Receipt, LedgerError> {
        let mut line = entry.line();
        let head_path = head_path(&self.path);
        let (head, _) = open(&head_path, false)?;
        let head = lock(head, &head_path, FlockArg::LockExclusiveNonblock, self.patience)?;
        let failed = |source| LedgerError::Write { path: self.path.clone(), source };
        // Whoever holds the lock is the only one who makes it longer.
        let (mut file, mut length) = open(&self.path, true)?;
        if length >= self.full && self.begin_anew(&file, &head) {
            (file, length) = open(&self.path, true)?;
        }
        write(&mut line, &file, length, &head).map_err(failed)?;
        // Others need not wait for the disk.
        drop(head);
        if entry.must_last() {
            file.sync_data().map_err(failed)?;
        }
        Ok(Receipt { n: line.n })
    }
}

impl Ledger {
    /// Puts the full file aside. Where that cannot be done the ledger goes on in it: a line in a file
    /// that is too long is better than none.
    fn begin_anew(&self, file: &File, head: &File) -> bool {
        let last = Head::read(head).ok().flatten();
        last.is_some_and(|last| file.sync_all().and_then(|()| files::put_aside(&self.path, last.n)).is_ok())
    }
}

/// Returns the path of the head of the ledger at `path`.
pub(super) fn head_path(path: &Path) -> PathBuf {
    path.with_extension("head")
}

/// Opens a file of ours to read and write, and makes it and its directory if need be. Returns its length as well.
fn open(path: &Path, append: bool) -> Result<(File, u64), LedgerError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).append(append).create(true).mode(0o600);
    let opened = options.open(path).or_else(|error| match path.parent() {
        Some(directory) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
            options.open(path)
        }
        _ => Err(error),
    });
    let checked = opened.and_then(|file| file.metadata().map(|metadata| (file, metadata)));
    let (file, metadata) = checked.map_err(|source| LedgerError::Open { path: path.into(), source })?;
    if !metadata.is_file() {
        return Err(LedgerError::NotAFile { path: path.into() });
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        // Some file systems have no modes to set; there the directory has to do.
        let _ = file.set_permissions(Permissions::from_mode(0o600));
    }
    Ok((file, metadata.len()))
}

/// Takes the lock on the head. The kernel lets it go when the writer ends, however it ends.
pub(super) fn lock(
    mut file: File,
    path: &Path,
    kind: FlockArg,
    patience: Duration,
) -> Result<Flock<File>, LedgerError> {
    let mut start = None;
    let mut pause = Duration::from_micros(20);
    loop {
        match Flock::lock(file, kind) {
            Ok(locked) => return Ok(locked),
            Err((_, Errno::EWOULDBLOCK)) if start.get_or_insert_with(Instant::now).elapsed() >= patience => {
                return Err(LedgerError::Busy { path: path.into(), waited: patience });
            }
            Err((unlocked, Errno::EWOULDBLOCK | Errno::EINTR)) => file = unlocked,
            Err((_, errno)) => return Err(LedgerError::Open { path: path.into(), source: errno.into() }),
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(5));
    }
}

/// Completes `line` by what only the writer knows, adds it to the ledger of so many bytes and moves the head
/// on: both or neither.
fn write(line: &mut Line, file: &File, length: u64, head: &File) -> io::Result<()> {
    let last = Last::find(Head::read(head)?, file, length)?;
    line.n = last.n + 1;
    line.time = Stamp::now().to_string();
    (line.pid, line.uid) = (process::id(), getuid().as_raw());
    (line.headless, line.prev) = (last.headless, last.hash);
    let (mut bytes, hash) = line.seal()?;
    if last.torn {
        bytes.insert(0, b'\n');
    }
    let longer = length + bytes.len() as u64;
    // To write past the limit would not fail but end guard by SIGXFSZ.
    if longer > getrlimit(Resource::RLIMIT_FSIZE)?.0 {
        return Err(Errno::EFBIG.into());
    }
    let head_follows = || Head { n: line.n, hash, length: longer }.write(head);
    add(file, &bytes, length, head_follows)
}

/// Adds `bytes` to a file of `length` bytes and does what has to follow; takes them away again if any
/// of that fails.
fn add(mut file: &File, bytes: &[u8], length: u64, then: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let done = file.write_all(bytes).and_then(|()| then());
    if done.is_err() {
        // Should this fail too, the next writer takes up what stands there.
        let _ = file.set_len(length);
    }
    done
}

/// The last line, from which the next one goes on.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    n: u64,
    hash: Hash,
    /// Whether the file ends within a line.
    torn: bool,
    /// Whether the head was lost.
    headless: bool,
}

impl Last {
    fn find(head: Option<Head>, file: &File, length: u64) -> io::Result<Self> {
        let Some(head) = head else {
            return Self::without_head(file, length);
        };
        let mut last = Self { n: head.n, hash: head.hash, ..Self::default() };
        if length == head.length {
            return Ok(last);
        }
        // Longer than the head knows: a writer ended between the line and the head, or lines were
        // added by another hand. What follows on in number and hash is ours.
        if length > head.length {
            for link in links(&read(file, head.length, length.min(head.length + LONGEST_LINE))?) {
                if link.n == last.n + 1 && link.prev == last.hash {
                    (last.n, last.hash) = (link.n, link.hash);
                }
            }
        }
        // Shorter: the end was cut. Going on from the head leaves the numbers missing.
        last.torn = ends_torn(file, length)?;
        Ok(last)
    }

    /// Goes on from the last whole line that can be found.
    fn without_head(file: &File, length: u64) -> io::Result<Self> {
        if length == 0 {
            return Ok(Self::default());
        }
        let tail = read(file, length.saturating_sub(2 * LONGEST_LINE), length)?;
        let (n, hash) = links(&tail).last().map_or_else(Default::default, |link| (link.n, link.hash));
        Ok(Self { n, hash, torn: ends_torn(file, length)?, headless: true })
    }
}

fn links(bytes: &[u8]) -> impl Iterator<Item = Link> {
    bytes.split(|&byte| byte == b'\n').filter_map(Link::of)
}

fn ends_torn(file: &File, length: u64) -> io::Result<bool> {
    Ok(length > 0 && read(file, length - 1, length)? != b"\n")
}

fn read(file: &File, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(to - from).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, from)?;
    Ok(bytes)
}

/// Opens a file for reading; `None` if there is none.
pub(super) fn read_only(path: &Path) -> Result<Option<File>, LedgerError> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LedgerError::Open { path: path.into(), source }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
