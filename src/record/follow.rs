//! Follows a ledger as it grows. The kernel reports when there is more; nothing is polled.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::files;
use super::ledger::{LedgerError, read_only};
use super::line::Line;
use super::read::read;

/// What is read.
pub type Read = (Vec<u8>, Option<Line>);

/// Hands over every line of the ledger at `path`, those that stand there and then those that come, and `None`
/// whenever there is no more for now; until `take` says by returning `false` that it has seen enough.
///
/// # Errors
///
/// Returns why the ledger cannot be read on.
pub fn follow(
    path: &Path,
    mut take: impl FnMut(Option<Read>) -> io::Result<bool>,
) -> Result<(), LedgerError> {
    let failed = |source| LedgerError::Open { path: path.into(), source };
    // Before anything is read: what comes from now on wakes the reader.
    let changes = Changes::of(path).map_err(failed)?;
    let opened = files::open_all(path)?;
    let mut tail = Tail::default();
    for (_, file) in opened.files {
        tail = Tail::of(file).map_err(failed)?;
        if !tail.read_on(&mut take).map_err(failed)? {
            return Ok(());
        }
    }
    while take(None).map_err(failed)? {
        changes.wait().map_err(failed)?;
        // What is full is read to its end before the new file is begun.
        if !tail.read_on(&mut take).map_err(failed)? {
            return Ok(());
        }
        while let Some(next) = tail.next(path)? {
            tail = Tail::of(next).map_err(failed)?;
            if !tail.read_on(&mut take).map_err(failed)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The end of a file.
#[derive(Default)]
struct Tail {
    file: Option<BufReader<File>>,
    inode: Option<u64>,
    /// A line of which only the beginning stands there.
    half: Vec<u8>,
}

impl Tail {
    fn of(file: File) -> io::Result<Self> {
        let inode = file.metadata()?.ino();
        Ok(Self { file: Some(BufReader::with_capacity(1 << 16, file)), inode: Some(inode), half: Vec::new() })
    }

    fn read_on(&mut self, take: &mut impl FnMut(Option<Read>) -> io::Result<bool>) -> io::Result<bool> {
        let Some(file) = &mut self.file else { return Ok(true) };
        // A file that was cut is read from where it ends now.
        let (at, length) = (file.stream_position()?, file.get_ref().metadata()?.len());
        if length < at {
            file.seek(SeekFrom::Start(length))?;
        }
        while file.read_until(b'\n', &mut self.half)? > 0 {
            if self.half.pop_if(|byte| *byte == b'\n').is_none() {
                break;
            }
            if !take(Some(read(std::mem::take(&mut self.half))))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the file that follows this one: the next that was put aside, or the one that is written.
    fn next(&self, path: &Path) -> Result<Option<File>, LedgerError> {
        let failed = |source| LedgerError::Open { path: path.into(), source };
        let files = files::open_all(path)?.files;
        let inode = |file: &File| file.metadata().map(|found| found.ino());
        let mut own = None;
        for (at, (_, file)) in files.iter().enumerate() {
            if Some(inode(file).map_err(failed)?) == self.inode {
                own = Some(at);
            }
        }
        match (self.inode, own) {
            (None, _) => Ok(files.into_iter().next().map(|(_, file)| file)),
            (Some(_), Some(own)) => Ok(files.into_iter().nth(own + 1).map(|(_, file)| file)),
            // The file was taken away; whatever is written now is not what followed it.
            (Some(_), None) => read_only(path),
        }
    }
}

/// Changes in the directory of a ledger.
#[cfg(target_os = "linux")]
struct Changes(nix::sys::inotify::Inotify);

#[cfg(target_os = "linux")]
impl Changes {
    fn of(path: &Path) -> io::Result<Self> {
        use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
        let directory =
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let changes = Inotify::init(InitFlags::IN_CLOEXEC)?;
        let flags = AddWatchFlags::IN_MODIFY | AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO;
        changes.add_watch(directory, flags)?;
        Ok(Self(changes))
    }

    fn wait(&self) -> io::Result<()> {
        self.0.read_events().map(|_| ()).map_err(io::Error::from)
    }
}

/// Elsewhere nothing tells.
#[cfg(not(target_os = "linux"))]
struct Changes;

#[cfg(not(target_os = "linux"))]
impl Changes {
    fn of(_: &Path) -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "to follow a ledger takes Linux"))
    }

    fn wait(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
