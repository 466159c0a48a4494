//! Which files git has recorded, read from its index without starting git.
//!
//! Format: <https://git-scm.com/docs/index-format>, versions 2 to 4.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::world::World;

/// The largest index that is read, in bytes.
const LARGEST: usize = 32 * 1024 * 1024;

/// The names that git has recorded, in the order of their bytes.
#[derive(Debug, Default)]
pub struct Index {
    names: Vec<u8>,
    /// Where each name ends.
    ends: Vec<usize>,
}

impl Index {
    /// Reads the index of the repository at `project`: `None` where there is none that can be read.
    pub fn read(project: &Path, world: &dyn World) -> Option<Self> {
        let (bytes, whole) = world.read(&path(project, world)?, LARGEST).ok()?;
        let mut index = Self::default();
        let complete = whole.then(|| {
            names(&bytes, |name, _| {
                index.names.extend_from_slice(name);
                index.ends.push(index.names.len());
            })
        });
        complete.flatten().map(|()| index)
    }

    /// Returns whether there is a file at `path`, which is relative to the project, or below it.
    pub fn has(&self, path: &str) -> bool {
        let below = format!("{path}/");
        path.is_empty() && !self.ends.is_empty()
            || self.first_from(path.as_bytes()) == Some(path.as_bytes())
            || self.first_from(below.as_bytes()).is_some_and(|name| name.starts_with(below.as_bytes()))
    }

    /// Returns the first name that is not less than `wanted`.
    fn first_from(&self, wanted: &[u8]) -> Option<&[u8]> {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.name(middle)? < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        self.name(low)
    }

    fn name(&self, at: usize) -> Option<&[u8]> {
        let start = at.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before))?;
        self.names.get(*start..*self.ends.get(at)?)
    }
}

/// What git knew of a file when it last looked at it: by these it tells without reading it that it is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When its attributes or its content last changed, in seconds and nanoseconds; nobody can set it.
    pub changed: (u32, u32),
    /// When its content last changed, in seconds and nanoseconds.
    pub modified: (u32, u32),
    /// The lower 32 bits of its size.
    pub size: u32,
}

/// Returns what the index at `index` says of those files of which it knows, by their names relative to the project.
pub(super) fn seen(index: &Path, wanted: &[&str], world: &dyn World) -> BTreeMap<String, Seen> {
    let mut found = BTreeMap::new();
    let Ok((bytes, true)) = world.read(index, LARGEST) else { return found };
    let complete = names(&bytes, |name, entry| {
        let Some(name) = wanted.iter().find(|wanted| wanted.as_bytes() == name) else { return };
        let word = |at: usize| Some(u32::from_be_bytes(entry.get(at * 4..at * 4 + 4)?.try_into().ok()?));
        let pair = |at: usize| Some((word(at)?, word(at + 1)?));
        if let (Some(changed), Some(modified), Some(size)) = (pair(0), pair(2), word(9)) {
            found.insert((*name).to_owned(), Seen { changed, modified, size });
        }
    });
    // An index of another kind may have been misread up to where that shows.
    if complete.is_some() { found } else { BTreeMap::new() }
}

/// Returns where the index of the repository at `project` is.
pub(super) fn path(project: &Path, world: &dyn World) -> Option<PathBuf> {
    Some(git_directory(project, world)?.join("index"))
}

/// Returns the repository's own directory, following the file that a worktree has in its place.
pub(super) fn git_directory(project: &Path, world: &dyn World) -> Option<PathBuf> {
    follow(project.join(".git"), world)
}

/// Returns where `git` leads if it is a file, else `git` itself; nothing for a file that leads nowhere.
pub(super) fn follow(git: PathBuf, world: &dyn World) -> Option<PathBuf> {
    match world.read(&git, 4096) {
        Ok((bytes, _)) => {
            let text = String::from_utf8(bytes).ok()?;
            Some(git.parent()?.join(text.strip_prefix("gitdir:")?.trim()))
        }
        Err(_) => Some(git),
    }
}

/// Calls `each` with every recorded name, and with the entry that it stands in.
fn names(index: &[u8], mut each: impl FnMut(&[u8], &[u8])) -> Option<()> {
    let word =
        |at: usize| -> Option<u32> { Some(u32::from_be_bytes(index.get(at..at + 4)?.try_into().ok()?)) };
    if index.get(..4)? != b"DIRC" {
        return None;
    }
    let (version, count) = (word(4)?, word(8)?);
    let mut at = 12;
    let mut name: Vec<u8> = Vec::new();
    for _ in 0..count {
        // Ten words of file data, a 20-byte object name (32 with SHA-256, which is not read), flags.
        let entry = index.get(at..at + 62)?;
        let flags = &entry[60..];
        let extended = version >= 3 && flags[0] & 0x40 != 0;
        let start = at + if extended { 64 } else { 62 };
        if version == 4 {
            let (strip, used) = offset(index.get(start..)?)?;
            name.truncate(name.len().checked_sub(strip)?);
            let rest = index.get(start + used..)?;
            let end = rest.iter().position(|byte| *byte == 0)?;
            name.extend_from_slice(&rest[..end]);
            at = start + used + end + 1;
        } else {
            let rest = index.get(start..)?;
            let end = rest.iter().position(|byte| *byte == 0)?;
            name.clear();
            name.extend_from_slice(&rest[..end]);
            // Entries are padded with one to eight zero bytes to a multiple of eight.
            at += (start - at + end + 8) / 8 * 8;
        }
        each(&name, entry);
    }
    Some(())
}

/// Reads the variable-length number of version 4.
fn offset(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0usize;
    for (used, byte) in bytes.iter().enumerate().take(8) {
        if used > 0 {
            value = value.checked_add(1)?;
        }
        value = value.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some((value, used + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::world::MadeUp;

    /// An index of version 2 with these names.
    fn index_of(names: &[&str]) -> Index {
        let mut bytes = b"DIRC\0\0\0\x02".to_vec();
        bytes.extend(u32::try_from(names.len()).unwrap().to_be_bytes());
        for name in names {
            let mut entry = [0; 62].to_vec();
            entry.extend(name.bytes());
            entry.resize(entry.len() + 8 - entry.len() % 8, 0);
            bytes.extend(entry);
        }
        let mut world = MadeUp::default();
        world.file("/p/.git/index", bytes);
        Index::read(Path::new("/p"), &world).unwrap()
    }

    #[test]
    fn files_and_the_directories_above_them_are_recorded() {
        let index = index_of(&["README.md", "a", "b-c/x", "b/deep/y", "b/z", "src/main.rs"]);
        for path in ["README.md", "a", "b", "b/deep", "b/deep/y", "b/z", "b-c", "src/main.rs", ""] {
            assert!(index.has(path), "{path}");
        }
        for path in ["READ", "A", "aa", "b/deep/", "b/d", "b-", "c", "src/main", "zz", "\u{10ffff}"] {
            assert!(!index.has(path), "{path}");
        }
        assert!(!index_of(&[]).has(""));
    }

    #[test]
    fn what_is_no_index_tells_nothing() {
        let mut world = MadeUp::default();
        world.file("/p/.git/index", b"DIRC\0\0\0\x02\xff\xff\xff\xff".as_slice());
        assert!(Index::read(Path::new("/p"), &world).is_none());
        assert!(Index::read(Path::new("/q"), &world).is_none());
    }
}
