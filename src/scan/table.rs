//! The table of `shims/scan.yaml`: which files hold commands, and where in them.
//!
//! `build.rs` includes this file: the table is read and checked when guard is built, and kept in a
//! compact form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::load::{self, PackError};
use super::places::Places;

/// Stands for the text in a reader's words.
pub const TEXT: &str = "{text}";

/// What is known of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What reads a text, by the name that files call it: the words that hand the text over.
    pub readers: BTreeMap<String, Vec<String>>,
    /// The words before a command that runs in a container.
    pub container: Vec<String>,
    /// Rules (globs) about what goes with a machine that is thrown away after the command.
    pub goes_with_the_machine: Vec<String>,
    /// Rules (globs) about what must be there now: what only a run makes is judged when it runs.
    pub only_what_is_there: Vec<String>,
    /// The kinds of files; the first that fits a file is its kind.
    pub kinds: Vec<Kind>,
}

/// A kind of file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// What people call it.
    pub kind: String,
    /// Globs over the path below the project's root; without a slash over the name.
    #[serde(default)]
    pub files: Vec<String>,
    /// Interpreters by whose `#!` line a file is of this kind, whatever its name.
    #[serde(default)]
    pub interpreters: Vec<String>,
    /// How it is written.
    pub format: Format,
    /// What reads a command where nothing says otherwise: one of `readers`.
    #[serde(default = "shell")]
    pub reader: String,
    /// Where commands run where nothing says otherwise.
    #[serde(default)]
    pub directory: Directory,
    /// On what they run.
    #[serde(default)]
    pub machine: Machine,
    /// What is replaced before a shell reads a command, as `open close`: `${{ }}`.
    #[serde(default)]
    pub holes: Vec<String>,
    /// Where the commands are.
    #[serde(default)]
    pub commands: Vec<Commands>,
    /// In files of lines: the regular expression of a line with a `command`.
    #[serde(default)]
    pub line: Option<String>,
    /// In files of lines: whether a backslash at the end of one joins the next.
    #[serde(default)]
    pub continued: bool,
}

/// Where in a file commands are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// The path of keys to them (`jobs.*.steps.*.run`), or a Dockerfile's instruction.
    pub at: String,
    /// What is written there.
    #[serde(default)]
    pub form: Form,
    /// Keys beside the command, or beside what it stands in, that name its reader.
    #[serde(default)]
    pub reader: Vec<String>,
    /// Such keys that name its directory.
    #[serde(default)]
    pub directory: Vec<String>,
    /// Such keys and the values (globs) by which the machine is thrown away afterwards.
    #[serde(default)]
    pub thrown_away_if: BTreeMap<String, Vec<String>>,
    /// Such keys and the values (globs) by which it is no command that runs.
    #[serde(default)]
    pub only_if: BTreeMap<String, Vec<String>>,
    /// On what it runs, where not as the rest of the file.
    #[serde(default)]
    pub machine: Option<Machine>,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// All of it is for the reader.
    Text,
    /// YAML or JSON.
    Yaml,
    /// TOML.
    Toml,
    /// A Makefile.
    Make,
    /// A justfile.
    Just,
    /// A Dockerfile.
    Dockerfile,
    /// A command a line.
    Lines,
}

/// What is written where a command is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Text for a shell; the texts of a list are lines of one.
    #[default]
    Text,
    /// A program and its arguments: a list of words, or a text of them.
    Words,
    /// A cell of a notebook: lines behind `!`, or all of it under `%%bash`.
    Cell,
}

/// Where commands run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Directory {
    /// In the project's root.
    #[default]
    Project,
    /// Where the file is.
    File,
}

/// On what commands run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Machine {
    /// On the machine where the file is.
    #[default]
    Own,
    /// In a container, which may have volumes.
    Container,
    /// On one that is thrown away afterwards: what is lost with it is no loss.
    ThrownAway,
}

fn shell() -> String {
    "sh".to_owned()
}

impl Table {
    /// Reads and checks the table.
    ///
    /// # Errors
    ///
    /// Returns the first fault with its place.
    pub fn read(text: &str, path: &str) -> Result<Self, PackError> {
        let table: Self = load::read(text, path)?;
        match table.fault() {
            Some((place, message)) => Err(PackError::new(path, text, Places::of(text).find(&place), message)),
            None => Ok(table),
        }
    }

    /// Returns the first fault: the path of keys to it, and what it is.
    fn fault(&self) -> Option<(String, String)> {
        let readers = self.readers.iter().find_map(|(name, words)| {
            let texts = words.iter().filter(|word| *word == TEXT).count();
            (texts != 1).then(|| (format!("readers/{name}"), format!("`{TEXT}` must be one of the words")))
        });
        readers.or_else(|| {
            self.kinds.iter().enumerate().find_map(|(at, kind)| {
                let (key, message) = kind.fault(&self.readers)?;
                Some((format!("kinds/{at}/{key}"), message))
            })
        })
    }
}

impl Kind {
    fn fault(&self, readers: &BTreeMap<String, Vec<String>>) -> Option<(&'static str, String)> {
        let fault = |key, message: &str| Some((key, message.to_owned()));
        if self.files.is_empty() && self.interpreters.is_empty() {
            return fault("kind", "`files` or `interpreters` must say which files it is");
        }
        if !readers.contains_key(&self.reader) {
            return fault("reader", "there is no such reader");
        }
        if self.holes.iter().any(|hole| hole.split_once(' ').is_none()) {
            return fault("holes", "a hole is written as `open close`");
        }
        let by_keys = matches!(self.format, Format::Yaml | Format::Toml | Format::Dockerfile);
        if by_keys == self.commands.is_empty() {
            return fault("format", "`commands` belongs to files with keys, and to no others");
        }
        match (&self.line, self.format) {
            (Some(line), Format::Lines) => match regex::Regex::new(line) {
                Ok(regex) if regex.capture_names().flatten().any(|name| name == "command") => None,
                Ok(_) => fault("line", "the group `command` is missing"),
                Err(error) => Some(("line", error.to_string())),
            },
            (None, Format::Lines) => fault("format", "`line` is missing"),
            (Some(_), _) => fault("line", "only files of lines have it"),
            (None, _) => None,
        }
    }
}
