//! All reading of the machine that judging a command needs, behind one trait.
//!
//! Judging must be repeatable and must not touch what it judges: nothing here writes, starts a
//! program, follows a named pipe or reads a device.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The machine as the judging stages see it.
pub trait World {
    /// Returns what is at `path`, without following a last symbolic link.
    fn kind(&self, path: &Path) -> Option<Kind>;

    /// Returns the first `limit` bytes of a regular file, and whether that was all of it.
    fn read(&self, path: &Path, limit: usize) -> Result<(Vec<u8>, bool), Unreadable>;

    /// Returns `path` without symbolic links, where all of it exists.
    fn canonical(&self, path: &Path) -> Option<PathBuf>;

    /// Returns at most `limit` names in a directory, sorted.
    fn list(&self, directory: &Path, limit: usize) -> Option<Vec<String>>;

    /// Returns whether another file system begins at `path`.
    fn is_mount_point(&self, path: &Path) -> bool;

    /// Returns whether somebody else than the person or root could have written the file.
    fn others_may_write(&self, path: &Path) -> bool;
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A device, a pipe, a socket.
    Special,
}

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing is there.
    Missing,
    /// It is a directory, a device, a pipe or a socket, or below `/proc`.
    NotAFile,
    /// The system refused.
    Refused,
}

impl fmt::Display for Unreadable {
    /// Says it behind the file's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is not there",
            Self::NotAFile => "is not a regular file",
            Self::Refused => "cannot be read",
        })
    }
}

/// This machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine;

impl World for Machine {
    fn kind(&self, path: &Path) -> Option<Kind> {
        let kind = fs::symlink_metadata(path).ok()?.file_type();
        Some(if kind.is_file() {
            Kind::File
        } else if kind.is_dir() {
            Kind::Directory
        } else if kind.is_symlink() {
            Kind::Link
        } else {
            Kind::Special
        })
    }

    fn read(&self, path: &Path, limit: usize) -> Result<(Vec<u8>, bool), Unreadable> {
        use std::os::unix::fs::OpenOptionsExt;
        // The type is asked first and again after opening: a pipe swapped in between must not
        // block, which O_NONBLOCK sees to.
        let wanted = |path: &Path| match fs::metadata(path) {
            Ok(found) if found.is_file() => Ok(()),
            Ok(_) => Err(Unreadable::NotAFile),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Unreadable::Missing),
            Err(_) => Err(Unreadable::Refused),
        };
        wanted(path)?;
        if path.starts_with("/proc") || path.starts_with("/sys") {
            return Err(Unreadable::NotAFile);
        }
        let flags = nix::fcntl::OFlag::O_NONBLOCK.bits();
        let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path);
        let file = file.map_err(|_| Unreadable::Refused)?;
        if !file.metadata().is_ok_and(|found| found.is_file()) {
            return Err(Unreadable::NotAFile);
        }
        let mut bytes = Vec::new();
        file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|_| Unreadable::Refused)?;
        let whole = bytes.len() <= limit;
        bytes.truncate(limit);
        Ok((bytes, whole))
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        fs::canonicalize(path).ok()
    }

    fn list(&self, directory: &Path, limit: usize) -> Option<Vec<String>> {
        let entries = fs::read_dir(directory).ok()?;
        let mut names: Vec<String> = entries
            .take(limit)
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .collect();
        names.sort_unstable();
        Some(names)
    }

    fn is_mount_point(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        let Some(parent) = path.parent() else { return true };
        match (fs::symlink_metadata(path), fs::symlink_metadata(parent)) {
            (Ok(here), Ok(above)) => here.is_dir() && here.dev() != above.dev(),
            _ => false,
        }
    }

    fn others_may_write(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        let Ok(found) = fs::metadata(path) else { return false };
        let own = nix::unistd::geteuid().as_raw();
        found.mode() & 0o022 != 0 || found.uid() != own && found.uid() != 0
    }
}

/// A made-up machine: examples in rule packs are judged in one, so that a pack proves itself
/// without regard to the machine it is tested on.
#[derive(Clone, Debug, Default)]
pub struct MadeUp {
    files: BTreeMap<PathBuf, Vec<u8>>,
    directories: std::collections::BTreeSet<PathBuf>,
}

impl MadeUp {
    /// Adds a file and the directories above it.
    pub fn file(&mut self, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> &mut Self {
        let path = path.into();
        if let Some(parent) = path.parent() {
            self.directory(parent);
        }
        self.files.insert(path, content.into());
        self
    }

    /// Adds a directory and those above it.
    pub fn directory(&mut self, path: impl AsRef<Path>) -> &mut Self {
        for path in path.as_ref().ancestors() {
            self.directories.insert(path.to_owned());
        }
        self
    }
}

impl World for MadeUp {
    fn kind(&self, path: &Path) -> Option<Kind> {
        if self.files.contains_key(path) {
            Some(Kind::File)
        } else {
            self.directories.contains(path).then_some(Kind::Directory)
        }
    }

    fn read(&self, path: &Path, limit: usize) -> Result<(Vec<u8>, bool), Unreadable> {
        match self.files.get(path) {
            Some(content) => Ok((content.iter().copied().take(limit).collect(), content.len() <= limit)),
            None if self.directories.contains(path) => Err(Unreadable::NotAFile),
            None => Err(Unreadable::Missing),
        }
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.kind(path).map(|_| path.to_owned())
    }

    fn list(&self, directory: &Path, limit: usize) -> Option<Vec<String>> {
        self.directories.contains(directory).then(|| {
            let below = |path: &Path| {
                let name = path.strip_prefix(directory).ok()?;
                (name.components().count() == 1).then(|| name.to_string_lossy().into_owned())
            };
            let all = self.files.keys().map(PathBuf::as_path);
            all.chain(self.directories.iter().map(PathBuf::as_path)).filter_map(below).take(limit).collect()
        })
    }

    fn is_mount_point(&self, path: &Path) -> bool {
        path.parent().is_none()
    }

    fn others_may_write(&self, _path: &Path) -> bool {
        false
    }
}
