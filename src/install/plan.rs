//! What a door would change.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Here, block, files, merge};

/// What setting up a door would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes, in the order in which they are made.
    pub changes: Vec<Change>,
    /// What a person has to do or know besides, a sentence each.
    pub notes: Vec<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Lines of guard's at the end of a file that is somebody else's.
    Block {
        /// The file, which may be missing.
        file: PathBuf,
        /// The lines.
        lines: String,
    },
    /// A file of guard's own.
    File {
        /// The file.
        file: PathBuf,
        /// What it holds.
        content: String,
        /// Whether it is a program.
        program: bool,
    },
    /// Guard's part of a file of JSON that is somebody else's.
    Merge {
        /// The file, which may be missing.
        file: PathBuf,
        /// What is put into it.
        ours: Value,
        /// The words by which an older part of guard's is known.
        mark: String,
    },
    /// Guard's program under further names.
    Links {
        /// The directory, which is guard's own.
        directory: PathBuf,
        /// The names.
        names: Vec<String>,
    },
    /// A file that makes room for one of guard's, and is called by it.
    Move {
        /// Where it is.
        from: PathBuf,
        /// Where it goes.
        to: PathBuf,
    },
}

impl Change {
    /// Returns the file or directory that is changed.
    pub fn path(&self) -> &Path {
        match self {
            Self::Block { file, .. } | Self::File { file, .. } | Self::Merge { file, .. } => file,
            Self::Links { directory, .. } => directory,
            Self::Move { from, .. } => from,
        }
    }

    /// Returns whether everything is as this change would make it.
    pub fn is_done(&self, program: &Path) -> bool {
        let holds = |file: &Path, wanted: &dyn Fn(&str) -> String| {
            let now = files::read(file).ok().flatten().and_then(|bytes| String::from_utf8(bytes).ok());
            now.is_some_and(|now| wanted(&now) == now)
        };
        match self {
            Self::Block { file, lines } => holds(file, &|text| block::put(text, lines)),
            Self::File { file, content, .. } => holds(file, &|_| content.clone()),
            Self::Merge { file, ours, mark } => {
                holds(file, &|text| merge::put(text, ours, mark).unwrap_or_default())
            }
            Self::Links { directory, names } => {
                names.iter().all(|name| is_current(&directory.join(name), program))
            }
            Self::Move { from, to } => !from.exists() && to.exists(),
        }
    }

    /// Returns why a change cannot be made, where that can be told before.
    pub(super) fn check(&self) -> Result<(), String> {
        let Self::Merge { file, ours, mark } = self else { return Ok(()) };
        let told = |why: String| format!("{}: {why}", file.display());
        let now = files::read(file).map_err(|error| told(error.to_string()))?.unwrap_or_default();
        let text = String::from_utf8(now).map_err(|_| told("it is not UTF-8".to_owned()))?;
        merge::put(&text, ours, mark).map(drop).map_err(told)
    }

    /// Returns the change as lines that a person reads before agreeing to it.
    fn shown(&self, here: &Here) -> String {
        let indented = |text: &str| text.lines().map(|line| format!("      {line}\n")).collect::<String>();
        match self {
            Self::Block { lines, .. } => indented(&block::of(lines)),
            Self::File { file, content, .. } => {
                format!("  write {}\n{}", here.shown(file), indented(content))
            }
            Self::Merge { file, ours, .. } => {
                format!("  merge into {}\n{}", here.shown(file), indented(&merge::pretty(ours, "  ", "")))
            }
            Self::Links { directory, names } => {
                let names = crate::text::wrap(&names.join(" "), 94, 0);
                format!("  link guard in {} as\n{}", here.shown(directory), indented(&names))
            }
            Self::Move { from, to } => format!("  move {} to {}\n", here.shown(from), here.shown(to)),
        }
    }
}

impl Plan {
    /// Returns the plan without what is done already.
    #[must_use]
    pub fn left(mut self, here: &Here) -> Self {
        self.changes.retain(|change| !change.is_done(&here.program));
        self
    }

    /// Returns the plan as a person reads it; nothing if there is nothing to do.
    pub fn shown(&self, here: &Here) -> String {
        let mut changes = String::new();
        let mut left = self.changes.iter().peekable();
        while let Some(change) = left.next() {
            if let Change::Block { file, lines } = change {
                changes += &format!("  add to {}\n", here.shown(file));
                let next = left.peek();
                // The same lines are shown once for all the files that get them.
                if matches!(next, Some(Change::Block { lines: others, .. }) if others == lines) {
                    continue;
                }
            }
            changes += &change.shown(here);
        }
        let notes: String = self.notes.iter().map(|note| format!("  note: {note}\n")).collect();
        changes + &notes
    }
}

/// Returns whether a link is the program as it is now, and not as it was before an upgrade.
pub(super) fn is_current(link: &Path, program: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(link_file), Ok(program_file)) = (link.symlink_metadata(), program.metadata()) else {
        return false;
    };
    if (link_file.dev(), link_file.ino()) == (program_file.dev(), program_file.ino()) {
        return true;
    }
    // A copy.
    link_file.is_file()
        && link_file.len() == program_file.len()
        && matches!((std::fs::read(link), std::fs::read(program)), (Ok(one), Ok(other)) if one == other)
}
