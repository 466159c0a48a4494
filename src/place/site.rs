//! Where an action happens, as far as that is known.

use std::path::{Path, PathBuf};

/// Where an action happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The working directory, where it is known.
    pub cwd: Option<PathBuf>,
    /// The directory of the project that the working directory is in, where its own name is not known
    /// (`cd packages/$name`).
    pub within: Option<PathBuf>,
    /// Whether it is another machine or a container, whose paths are not ours.
    pub elsewhere: bool,
    /// Whether a command there has gone to another directory than the one it began in, which is taken for a copy of
    /// the directory here.
    pub moved: bool,
    /// Paths, as they were written, that are known from a test not to exist when it happens.
    pub absent: Vec<String>,
}

impl Site {
    /// Returns a directory of this machine.
    pub fn here(cwd: &Path) -> Self {
        Self { cwd: Some(cwd.to_owned()), within: None, elsewhere: false, moved: false, absent: Vec::new() }
    }

    /// Returns another machine or a container, of which nothing is known.
    pub const fn elsewhere() -> Self {
        Self { cwd: None, within: None, elsewhere: true, moved: false, absent: Vec::new() }
    }

    /// Notes that the working directory is not known from here on.
    pub fn lose(&mut self) {
        self.cwd = None;
        self.within = None;
    }

    /// Returns whether relative paths are those of a container or another machine that is likely to have what is here.
    pub const fn is_copy(&self) -> bool {
        self.elsewhere && !self.moved
    }
}
