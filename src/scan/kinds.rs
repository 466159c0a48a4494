//! The kinds of files that hold commands, as `shims/scan.yaml` has them.

use std::ffi::OsString;
use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::table::{Kind, TEXT, Table};

/// The table in its compact form.
static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/scan.bin"));

/// The kinds, ready to be asked.
pub struct Kinds {
    table: Table,
    names: Vec<GlobSet>,
    local: GlobSet,
    present: GlobSet,
}

impl Kinds {
    /// Returns the kinds that guard was built with.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the table; then guard was built wrongly.
    pub fn builtin() -> Result<Self, String> {
        let table: Table = postcard::from_bytes(TABLE).map_err(|error| error.to_string())?;
        let below = |glob: &String| format!("**/{glob}");
        let names =
            table.kinds.iter().map(|kind| globs(kind.files.iter().map(below))).collect::<Result<_, _>>()?;
        let local = globs(table.goes_with_the_machine.iter().cloned())?;
        let present = globs(table.only_what_is_there.iter().cloned())?;
        Ok(Self { table, names, local, present })
    }

    /// Returns the kind of a file by its path.
    pub fn by_path(&self, path: &Path) -> Option<&Kind> {
        let at = self.names.iter().position(|globs| globs.is_match(path))?;
        self.table.kinds.get(at)
    }

    /// Returns the kind of a file by its first line.
    pub fn by_first_line(&self, text: &str) -> Option<&Kind> {
        let interpreter = interpreter(text)?;
        self.table.kinds.iter().find(|kind| kind.interpreters.iter().any(|known| known == interpreter))
    }

    /// Returns the reader that a file names: `bash` for `/usr/bin/bash -e {0}`.
    pub fn reader(&self, named: &str) -> Option<&str> {
        let program = named.split_whitespace().next()?;
        let name = program.rsplit('/').next()?.trim_end_matches(".exe");
        self.table.readers.get_key_value(name).map(|(name, _)| name.as_str())
    }

    /// Returns the words by which a reader gets a text; none where it is not known.
    pub fn hand_over(&self, reader: &str, text: &str) -> Option<Vec<OsString>> {
        let words = self.table.readers.get(reader)?;
        Some(words.iter().map(|word| if word == TEXT { text.into() } else { word.into() }).collect())
    }

    /// Returns the words before a command in a container.
    pub fn container(&self) -> impl Iterator<Item = OsString> {
        self.table.container.iter().map(OsString::from)
    }

    /// Returns whether what a rule protects disappears with the machine anyway.
    pub fn goes_with_the_machine(&self, rule: &str) -> bool {
        self.local.is_match(rule)
    }

    /// Returns whether a rule only concerns what exists now.
    pub fn only_what_is_there(&self, rule: &str) -> bool {
        self.present.is_match(rule)
    }

    #[cfg(test)]
    pub(super) fn table(&self) -> &Table {
        &self.table
    }
}

/// Returns the name of the interpreter in a `#!` line.
pub fn interpreter(text: &str) -> Option<&str> {
    let line = text.strip_prefix("#!")?.lines().next()?;
    let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    words.find(|word| *word != "env" && !word.starts_with('-') && !word.contains('='))
}

fn globs(patterns: impl Iterator<Item = String>) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(
            GlobBuilder::new(&pattern).literal_separator(true).build().map_err(|error| error.to_string())?,
        );
    }
    set.build().map_err(|error| error.to_string())
}
