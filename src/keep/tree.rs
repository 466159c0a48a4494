//! Files and directories: measured, and copied with everything that they are.
//!
//! A copy has the bytes, holes, mode, owner, times, extended attributes (access lists among them) and links
//! of the original. It shares the blocks where the file system can (`FICLONE`). Where a command only unlinks
//! a file, a hard link keeps it: that is the file itself. A hard link does not protect against overwriting in
//! place, so a copy is made for that.

use std::collections::HashMap;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::{AtFlags, CWD, SeekFrom, Timespec, Timestamps, XattrFlags};

/// The largest value of an extended attribute (`XATTR_SIZE_MAX`), and of their list.
const LARGEST_ATTRIBUTE: usize = 64 * 1024;

/// How much is copied between two looks at the clock, in bytes.
const AT_ONCE: u64 = 16 << 20;

/// How a file is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// By a hard link where one can be made.
    Link,
    /// By a copy.
    Copy,
}

/// The budget that is left.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// How many files and directories.
    pub entries: u64,
    /// How many bytes on disk.
    pub bytes: u64,
    /// The deadline.
    pub until: Instant,
}

/// What was found or copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Files, links and special files, without directories.
    pub files: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Sockets and devices, which hold no data.
    pub special: Vec<PathBuf>,
    /// Directories that were left out.
    pub left_out: Vec<PathBuf>,
}

/// Walks trees, measuring or copying them.
pub struct Walk<'a> {
    /// The budget that is left.
    pub room: Room,
    /// Which directories are left out.
    pub skips: &'a dyn Fn(&Path) -> bool,
    /// Whether a copy must be on the disk before it counts.
    pub lasting: bool,
    /// What was found.
    pub found: Measure,
    /// Directories whose mode differs from that of their copy, which must stay open to its owner.
    pub modes: Vec<(PathBuf, u32)>,
    /// Files with several names, and where the first was put.
    seen: HashMap<(u64, u64), PathBuf>,
}

/// A step of a walk; directories are left after everything in them.
enum Step {
    Enter(PathBuf, PathBuf),
    Leave(PathBuf, PathBuf, Box<Metadata>),
}

impl<'a> Walk<'a> {
    /// Returns a walk that has found nothing.
    pub fn new(room: Room, skips: &'a dyn Fn(&Path) -> bool) -> Self {
        let (found, modes, seen) = (Measure::default(), Vec::new(), HashMap::new());
        Self { room, skips, lasting: true, found, modes, seen }
    }

    /// Measures what is at `root`.
    pub fn measure(&mut self, root: &Path) -> io::Result<()> {
        let mut waiting = vec![root.to_owned()];
        while let Some(path) = waiting.pop() {
            let metadata = fs::symlink_metadata(&path)?;
            if metadata.is_dir() && path != root && (self.skips)(&path) {
                self.found.left_out.push(path);
                continue;
            }
            self.count(&path, &metadata)?;
            if metadata.is_dir() {
                for entry in fs::read_dir(&path)? {
                    waiting.push(entry?.path());
                }
            } else {
                self.seen.insert((metadata.dev(), metadata.ino()), PathBuf::new());
            }
        }
        Ok(())
    }

    /// Copies what is at `root` to `copy`, where nothing is yet.
    pub fn copy(&mut self, root: &Path, copy: &Path, how: How) -> io::Result<()> {
        let mut waiting = vec![Step::Enter(root.to_owned(), copy.to_owned())];
        while let Some(step) = waiting.pop() {
            match step {
                Step::Enter(from, to) => {
                    let metadata = fs::symlink_metadata(&from)?;
                    if !metadata.is_dir() {
                        self.count(&from, &metadata)?;
                        self.file(&from, &to, &metadata, how)?;
                        continue;
                    }
                    if from != root && (self.skips)(&from) {
                        self.found.left_out.push(from);
                        continue;
                    }
                    self.count(&from, &metadata)?;
                    fs::create_dir(&to)?;
                    fs::set_permissions(&to, fs::Permissions::from_mode(0o700))?;
                    let entries = fs::read_dir(&from)?.collect::<io::Result<Vec<_>>>()?;
                    let inside = |entry: &fs::DirEntry| Step::Enter(entry.path(), to.join(entry.file_name()));
                    let children: Vec<_> = entries.iter().map(inside).collect();
                    waiting.push(Step::Leave(from, to, Box::new(metadata)));
                    waiting.extend(children);
                }
                Step::Leave(from, to, metadata) => {
                    let mode = metadata.mode() & 0o7777;
                    if mode & 0o700 != 0o700 {
                        self.modes.push((to.clone(), mode));
                    }
                    dress(&from, &to, &metadata, mode | 0o700)?;
                }
            }
        }
        Ok(())
    }

    /// Gives a copy that something else made the original's metadata.
    pub fn dress(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let metadata = fs::symlink_metadata(from)?;
        self.count(from, &metadata)?;
        dress(from, to, &metadata, metadata.mode() & 0o7777)
    }

    /// Counts one entry against the budget.
    fn count(&mut self, path: &Path, metadata: &Metadata) -> io::Result<()> {
        let known = self.seen.contains_key(&(metadata.dev(), metadata.ino()));
        let bytes = if known || metadata.is_dir() { 0 } else { metadata.blocks() * 512 };
        let full = |what| Err(io::Error::new(io::ErrorKind::QuotaExceeded, what));
        if self.room.entries == 0 {
            return full("there are too many files");
        }
        if bytes > self.room.bytes {
            return full("it is too large");
        }
        if self.room.entries.is_multiple_of(256) && Instant::now() > self.room.until {
            return full("it takes too long");
        }
        self.room.entries -= 1;
        self.room.bytes -= bytes;
        self.found.bytes += bytes;
        self.found.files += u64::from(!metadata.is_dir());
        let kind = metadata.file_type();
        if kind.is_socket() || kind.is_block_device() || kind.is_char_device() {
            self.found.special.push(path.to_owned());
        }
        Ok(())
    }

    fn file(&mut self, from: &Path, to: &Path, metadata: &Metadata, how: How) -> io::Result<()> {
        let kind = metadata.file_type();
        if kind.is_socket() || kind.is_block_device() || kind.is_char_device() {
            return Ok(());
        }
        if how == How::Link && fs::hard_link(from, to).is_ok() {
            self.seen.insert((metadata.dev(), metadata.ino()), to.to_owned());
            return Ok(());
        }
        if let Some(first) = self.seen.get(&(metadata.dev(), metadata.ino()))
            && metadata.nlink() > 1
            && fs::hard_link(first, to).is_ok()
        {
            return Ok(());
        }
        if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(from)?, to)?;
        } else if kind.is_fifo() {
            rustix::fs::mkfifoat(CWD, to, rustix::fs::Mode::from_raw_mode(0o600))?;
        } else {
            bytes(from, to, metadata, self.lasting, self.room.until)?;
        }
        self.seen.insert((metadata.dev(), metadata.ino()), to.to_owned());
        dress(from, to, metadata, metadata.mode() & 0o7777)
    }
}

/// Copies the content of a file, with its holes, as far as there is time.
fn bytes(from: &Path, to: &Path, metadata: &Metadata, lasting: bool, until: Instant) -> io::Result<()> {
    let nofollow = nix::fcntl::OFlag::O_NOFOLLOW.bits();
    let source = OpenOptions::new().read(true).custom_flags(nofollow).open(from)?;
    let mut copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    #[cfg(target_os = "linux")]
    if rustix::fs::ioctl_ficlone(&copy, &source).is_ok() {
        return Ok(());
    }
    let length = metadata.len();
    let mut at = 0;
    while at < length {
        if Instant::now() > until {
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, "it takes too long"));
        }
        let Some((start, end)) = stretch(&source, at, length) else { break };
        let end = end.min(start + AT_ONCE);
        rustix::fs::seek(&source, SeekFrom::Start(start))?;
        rustix::fs::seek(&copy, SeekFrom::Start(start))?;
        let copied = io::copy(&mut io::Read::take(&source, end - start), &mut copy)?;
        if copied == 0 {
            break;
        }
        at = start + copied;
    }
    // A hole at the end; a file that grows meanwhile is not cut.
    if copy.metadata()?.len() < length {
        copy.set_len(length)?;
    }
    if lasting { copy.sync_all() } else { Ok(()) }
}

/// Returns the next stretch of a file that holds data, at or after `at`.
fn stretch(file: &File, at: u64, length: u64) -> Option<(u64, u64)> {
    #[cfg(target_os = "linux")]
    match rustix::fs::seek(file, SeekFrom::Data(at)) {
        Ok(start) => {
            let end = rustix::fs::seek(file, SeekFrom::Hole(start)).unwrap_or(length);
            return Some((start, end.max(start + 1)));
        }
        Err(rustix::io::Errno::NXIO) => return None,
        Err(_) => {}
    }
    let _ = file;
    Some((at, length))
}

/// Gives a copy the original's metadata. An owner or attribute that only root may set is left out.
fn dress(from: &Path, to: &Path, metadata: &Metadata, mode: u32) -> io::Result<()> {
    let _ = std::os::unix::fs::lchown(to, Some(metadata.uid()), Some(metadata.gid()));
    if !metadata.is_symlink() {
        fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    }
    attributes(from, to);
    let time = |seconds: i64, nanos: i64| Timespec { tv_sec: seconds, tv_nsec: nanos as _ };
    let times = Timestamps {
        last_access: time(metadata.atime(), metadata.atime_nsec()),
        last_modification: time(metadata.mtime(), metadata.mtime_nsec()),
    };
    Ok(rustix::fs::utimensat(CWD, to, &times, AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Copies the extended attributes, as far as this user may.
fn attributes(from: &Path, to: &Path) {
    let mut names = vec![0; LARGEST_ATTRIBUTE];
    let Ok(length) = rustix::fs::llistxattr(from, &mut names) else { return };
    let mut value = vec![0; LARGEST_ATTRIBUTE];
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = std::ffi::OsStr::from_bytes(name);
        if let Ok(length) = rustix::fs::lgetxattr(from, name, &mut value) {
            let _ = rustix::fs::lsetxattr(to, name, &value[..length], XattrFlags::empty());
        }
    }
}

/// Moves what is at `kept` to `target`, over what is there. Directories are merged: what else is in them
/// stays.
pub fn put_back(kept: &Path, target: &Path) -> io::Result<()> {
    let mut waiting = vec![Step::Enter(kept.to_owned(), target.to_owned())];
    while let Some(step) = waiting.pop() {
        match step {
            Step::Enter(kept, target) => {
                let metadata = fs::symlink_metadata(&kept)?;
                let there = fs::symlink_metadata(&target).ok();
                if metadata.is_dir() && there.as_ref().is_some_and(Metadata::is_dir) {
                    let entries = fs::read_dir(&kept)?.collect::<io::Result<Vec<_>>>()?;
                    let inside =
                        |entry: &fs::DirEntry| Step::Enter(entry.path(), target.join(entry.file_name()));
                    let children: Vec<_> = entries.iter().map(inside).collect();
                    waiting.push(Step::Leave(kept, target, Box::new(metadata)));
                    waiting.extend(children);
                    continue;
                }
                if there.is_some() {
                    remove(&target)?;
                } else if let Some(parent) = target.parent() {
                    fs::create_dir_all(parent)?;
                }
                move_to(&kept, &target)?;
            }
            Step::Leave(kept, target, metadata) => {
                dress(&kept, &target, &metadata, metadata.mode() & 0o7777)?;
                fs::remove_dir(&kept)?;
            }
        }
    }
    Ok(())
}

/// Renames, or copies and removes where that is another file system.
fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let room = Room { entries: u64::MAX, bytes: u64::MAX, until: far() };
            Walk::new(room, &|_| false).copy(from, to, How::Copy)?;
            remove(from)
        }
        renamed => renamed,
    }
}

fn far() -> Instant {
    Instant::now() + std::time::Duration::from_secs(86_400)
}

/// Removes a file or a whole tree, even one whose directories their owner cannot write.
pub fn remove(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.is_dir() {
        return fs::remove_file(path);
    }
    let mut waiting = vec![path.to_owned()];
    while let Some(directory) = waiting.pop() {
        let _ = fs::set_permissions(&directory, fs::Permissions::from_mode(0o700));
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    fs::remove_dir_all(path)
}
