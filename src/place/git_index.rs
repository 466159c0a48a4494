//! Which files git has recorded, read from its index without starting git.
//!
//! Format: <https://git-scm.com/docs/index-format>, versions 2 to 4.

use std::path::{Path, PathBuf};

use crate::world::World;

/// The largest index that is read, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// Returns whether git has recorded a file at `path` or below it; `None` where that is not known.
pub fn tracks(project: &Path, path: &Path, world: &dyn World) -> Option<bool> {
    let below = path.strip_prefix(project).ok()?.to_str()?.as_bytes().to_vec();
    let (bytes, whole) = world.read(&git_directory(project, world)?.join("index"), LARGEST).ok()?;
    if !whole {
        return None;
    }
    let mut found = false;
    names(&bytes, |name| {
        let inside = name.starts_with(&below)
            && (below.is_empty() || name.len() == below.len() || name.get(below.len()) == Some(&b'/'));
        found |= inside;
        !inside
    })?;
    Some(found)
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

/// Calls `each` with every recorded name until it returns false.
fn names(index: &[u8], mut each: impl FnMut(&[u8]) -> bool) -> Option<()> {
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
        if !each(&name) {
            break;
        }
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
