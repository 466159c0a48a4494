//! A command that somebody wants to run, exactly as it reached us.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::parse::Dialect;

/// A command that somebody wants to run.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The command itself.
    pub form: Form,
    /// Where it would run.
    pub cwd: PathBuf,
    /// The environment it would get, as far as it is known for certain.
    pub environment: Environment,
    /// By which door it came.
    pub origin: Origin,
    /// The words that are actually executed, where they contain more than the command: a shell call in which
    /// an agent wrapped the command in text of its own.
    pub carrier: Option<Vec<OsString>>,
}

/// How a command is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Form {
    /// Text for a shell.
    Shell {
        /// The text, byte for byte.
        text: OsString,
        /// Which shell would read it.
        dialect: Dialect,
    },
    /// A program and its arguments, byte for byte.
    Argv(Vec<OsString>),
}

impl Form {
    /// Returns the command as a person would type it.
    pub fn text(&self) -> String {
        match self {
            Self::Shell { text, .. } => text.to_string_lossy().into_owned(),
            Self::Argv(words) => {
                let words: Vec<String> =
                    words.iter().map(|word: &OsString| word.to_string_lossy().into_owned()).collect();
                shell_words::join(&words)
            }
        }
    }
}

/// The door a command came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `guard exec`, `check` or `explain`.
    Exec,
    /// A PATH shim.
    Shim {
        /// The name it was called by.
        program: String,
    },
    /// An agent's terminal tool.
    Shell {
        /// The name of the shell that guard stands for.
        program: String,
    },
    /// An agent's hook.
    Agent {
        /// The agent's id.
        id: String,
    },
    /// A git hook.
    GitHook {
        /// The hook's name.
        name: String,
    },
}

impl Origin {
    /// Returns the door's name as the ledger and the question write it.
    pub fn name(&self) -> String {
        match self {
            Self::Exec => "exec".to_owned(),
            Self::Shim { program } => format!("shim {program}"),
            Self::Shell { program } => format!("shell {program}"),
            Self::Agent { id } => format!("hook {id}"),
            Self::GitHook { name } => format!("git hook {name}"),
        }
    }
}

/// The variables a command would see.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// Returns this process's own environment, which a command run by guard inherits.
    pub fn inherited() -> Self {
        Self { variables: std::env::vars_os().collect() }
    }

    /// Returns a variable's value.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// Returns every variable with its value, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// Returns a variable's value as text, where it is valid UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(OsStr::to_str)
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self { variables: pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect() }
    }
}
