//! Directories that live as long as a test.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

/// A directory of its own for one test, removed with everything in it at the end.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Makes an empty directory.
    pub(crate) fn new() -> Self {
        Self::below(&env::temp_dir())
    }

    /// Makes an empty directory below `parent`.
    pub(crate) fn below(parent: &Path) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("guard-test-{}-{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = parent.join(name);
        fs::create_dir_all(parent).unwrap();
        fs::create_dir(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    /// Returns the path of something in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, with the directories above it, and returns its path.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Writes a program that anybody may run, and returns its path.
    pub(crate) fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.file(name, script);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What a test ended may be about to write there yet.
        let mut tries = 0..100;
        while fs::remove_dir_all(&self.0).is_err() && self.0.exists() && tries.next().is_some() {
            std::thread::yield_now();
        }
    }
}

/// Everything below a directory, by path: the permissions, and the bytes of a file or the target of
/// a link. Two trees that compare equal are the same byte for byte.
pub(crate) type Tree = BTreeMap<PathBuf, (u32, Vec<u8>)>;

/// Returns what is below `root`, without `root` itself.
pub(crate) fn tree(root: &Path) -> Tree {
    let mut found = Tree::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let metadata = path.symlink_metadata().unwrap();
            let content = if metadata.is_symlink() {
                path.read_link().unwrap().as_os_str().as_bytes().to_owned()
            } else if metadata.is_dir() {
                waiting.push(path.clone());
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            found.insert(
                path.strip_prefix(root).unwrap().to_owned(),
                (metadata.permissions().mode(), content),
            );
        }
    }
    found
}
