//! Which files git has recorded, read from its index without starting git.
//!
//! Format: <https://git-scm.com/docs/index-format>, versions 2 to 4.

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
        let (bytes, whole) = world.read(&git_directory(project, world)?.join("index"), LARGEST).ok()?;
        let mut index = Self::default();
        let complete = whole.then(|| {
            names(&bytes, |name| {
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

/// Returns the repository's own directory, following the file that a worktree has in its place.
pub(super) fn git_directory(project: &Path, world: &dyn World) -> Option<PathBuf> {
    let git = project.join(".git");
    match world.read(&git, 4096) {
        Ok((bytes, _)) => {
            let text = String::from_utf8(bytes).ok()?;
            Some(project.join(text.strip_prefix("gitdir:")?.trim()))
        }
        Err(_) => Some(git),
    }
}

/// Calls `each` with every recorded name.
fn names(index: &[u8], mut each: impl FnMut(&[u8])) -> Option<()> {
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
        let flags = index.get(at + 60..at + 62)?;
        let extended = version >= 3 && flags[0] & 0x40 != 0;
        let start = at + if extended { 64 } else { 62 };
        if version == 4 {
            let (strip, used) = offset(index.get(start..)?)?;
            name.truncate(name.len().checked_sub(strip)?);
            let rest = index.get(start + used..)?;
            let end = memchr::memchr(0, rest)?;
            name.extend_from_slice(&rest[..end]);
            at = start + used + end + 1;
        } else {
            let rest = index.get(start..)?;
            let end = memchr::memchr(0, rest)?;
            name.clear();
            name.extend_from_slice(&rest[..end]);
            // Entries are padded with one to eight zero bytes to a multiple of eight.
            at += (start - at + end + 8) / 8 * 8;
        }
        each(&name);
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
