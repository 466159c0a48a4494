//! Where things are kept: `$XDG_STATE_HOME/guard/kept`, a directory for each command, named by a number.
//!
//! A manifest is written before anything is kept, and again when all of it is; one that says it is incomplete
//! is what a crash left, and is shown as such. Files on another file system than this directory are kept on
//! that file system, in a directory of guard's, so that nothing needs to be copied; where none can be made
//! there, they are copied to this one.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use nix::unistd::geteuid;

use super::git;
use super::manifest::{FORMAT, Manifest};
use super::tree;
use crate::record;

/// The file in each directory that says what is in it.
const MANIFEST: &str = "manifest.json";

/// The file with the last number that was given, so that none is given twice.
const LAST: &str = "last";

/// The most numbers that are looked through.
const MOST: usize = 10_000;

/// The most entries that are kept without a question.
const UNASKED: usize = 256;

/// The largest manifest, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What a user's guard keeps.
#[derive(Clone, Debug)]
pub struct Store {
    directory: PathBuf,
}

/// One directory of the store.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// Its number.
    pub number: u32,
    /// The directory.
    pub directory: PathBuf,
}

impl Store {
    /// Returns the store that these variables name; it may not exist yet.
    ///
    /// # Errors
    ///
    /// Returns a lower-case fragment where no variable says where it is.
    pub fn open(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, String> {
        let ledger = record::default_path(variable);
        let directory = ledger.as_deref().and_then(Path::parent).map(|state| state.join("kept"));
        Ok(Self { directory: directory.ok_or("neither XDG_STATE_HOME nor HOME says where to keep things")? })
    }

    /// Returns where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns what is kept, the latest first. A manifest that cannot be read is left out.
    pub fn all(&self) -> Vec<Manifest> {
        self.numbers().into_iter().filter_map(|number| self.read(number)).collect()
    }

    /// Returns the latest of what is kept, at most so many.
    pub(super) fn latest(&self, most: usize) -> Vec<Manifest> {
        self.numbers().into_iter().take(most).filter_map(|number| self.read(number)).collect()
    }

    /// Returns the numbers under which something may be kept, the latest first.
    fn numbers(&self) -> Vec<u32> {
        let Ok(entries) = fs::read_dir(&self.directory) else { return Vec::new() };
        let number = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
        let mut numbers: Vec<u32> = entries.take(MOST).filter_map(number).collect();
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        numbers
    }

    /// Returns what is kept under a number.
    pub fn read(&self, number: u32) -> Option<Manifest> {
        let path = self.directory.join(number.to_string()).join(MANIFEST);
        let file = OpenOptions::new().read(true).open(path).ok()?;
        let found = file.metadata().ok()?;
        let is_own = found.uid() == geteuid().as_raw() && found.is_file() && found.len() <= LARGEST;
        let manifest: Manifest = serde_json::from_reader(io::BufReader::new(file)).ok()?;
        (is_own && manifest.format == FORMAT && manifest.number == number).then_some(manifest)
    }

    /// Takes the next number and makes a directory for it.
    pub(super) fn shelf(&self) -> io::Result<Shelf> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        let last = self.directory.join(LAST);
        let written = fs::read_to_string(&last).ok().and_then(|text| text.trim().parse().ok());
        let newest = self.numbers().first().copied();
        let mut number: u32 = written.into_iter().chain(newest).max().unwrap_or(0).saturating_add(1);
        loop {
            let directory = self.directory.join(number.to_string());
            match DirBuilder::new().mode(0o700).create(&directory) {
                Ok(()) => {
                    fs::write(&last, format!("{number}\n"))?;
                    return Ok(Shelf { number, directory });
                }
                // Another guard took it, or a crash left it.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    number = number.checked_add(1).ok_or(error)?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes a manifest, whole or not at all, and sees to it that it lasts if somebody was promised that.
    pub(super) fn write(&self, manifest: &Manifest) -> io::Result<()> {
        let directory = self.directory.join(manifest.number.to_string());
        let (path, new) = (directory.join(MANIFEST), directory.join("manifest.new"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(&serde_json::to_vec(manifest)?)?;
        if manifest.unasked {
            return fs::rename(new, path);
        }
        file.sync_all()?;
        fs::rename(new, path)?;
        File::open(directory)?.sync_all()
    }

    /// Deletes what is kept under a number: files wherever they are, and references.
    ///
    /// # Errors
    ///
    /// Returns the system's error where some of it could not be removed.
    pub fn drop(&self, manifest: &Manifest) -> io::Result<()> {
        for repository in &manifest.repositories {
            git::forget(repository);
        }
        let own = self.directory.join(manifest.number.to_string());
        for tree in &manifest.trees {
            if let Some(kept) = tree.kept.as_ref().map(|kept| kept.path())
                && !kept.starts_with(&own)
                && let Some(beside) = kept.parent()
                && is_beside(beside)
                && beside.exists()
            {
                tree::remove(beside)?;
                // Its own directory goes with the last.
                let _ = beside.parent().map(fs::remove_dir);
            }
        }
        if own.exists() { tree::remove(&own) } else { Ok(()) }
    }

    /// Deletes what has expired, then the oldest until `room` bytes fit into `size`. What was kept without a
    /// question has its own room, so that it cannot push out what was promised. Returns what was deleted.
    pub(super) fn prune(&self, size: u64, room: u64, unasked: bool) -> Vec<Manifest> {
        let (mut gone, mut used, mut count) = (Vec::new(), 0, 0);
        let now = seconds(SystemTime::now());
        for manifest in self.all() {
            let is_kind = manifest.unasked == unasked;
            count += usize::from(is_kind);
            let fits = used + manifest.bytes + room <= size || manifest.bytes == 0;
            let fits = fits && (!unasked || count < UNASKED);
            if manifest.expires > now && (fits || !is_kind) {
                used += if is_kind { manifest.bytes } else { 0 };
            } else if self.drop(&manifest).is_ok() {
                gone.push(manifest);
            }
        }
        gone
    }
}

/// The name of guard's directory on another file system.
fn beside_name() -> String {
    format!(".guard-kept-{}", geteuid())
}

/// Returns whether a directory is one that was made by [`beside`].
fn is_beside(directory: &Path) -> bool {
    directory.parent().and_then(Path::file_name).is_some_and(|name| name == beside_name().as_str())
}

impl Shelf {
    /// Returns a directory for things that lie at `path`: on the same file system, where one can be made.
    pub(super) fn directory_for(&self, path: &Path) -> io::Result<PathBuf> {
        let parent = path.parent().unwrap_or(path);
        let device = fs::symlink_metadata(parent)?.dev();
        if device == fs::symlink_metadata(&self.directory)?.dev() {
            return Ok(self.directory.clone());
        }
        // The topmost directory of that file system that is the user's own.
        let own = geteuid().as_raw();
        let same = |directory: &&Path| fs::symlink_metadata(directory).is_ok_and(|d| d.dev() == device);
        let writable = |directory: &&Path| {
            fs::symlink_metadata(directory).is_ok_and(|found| found.uid() == own && found.mode() & 0o022 == 0)
        };
        let mut tops: Vec<&Path> = parent.ancestors().take_while(same).filter(writable).collect();
        tops.reverse();
        for top in tops {
            let beside = top.join(beside_name()).join(format!("{}-{}", self.number, std::process::id()));
            if DirBuilder::new().recursive(true).mode(0o700).create(&beside).is_ok() {
                return Ok(beside);
            }
        }
        Ok(self.directory.clone())
    }
}

/// Returns seconds since 1970.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
