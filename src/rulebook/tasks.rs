//! Where runners of tasks keep them: the `tasks:` of a program that runs what a project's files say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::format::Source;
use super::forms;

/// Where a project's tasks are written down: tables in which a name leads to shell text, to a list of
/// texts, or to a table that says more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tasks {
    /// The files, each looked for in the working directory: TOML, unless they end in `.json`, `.jsonc`,
    /// `.yml` or `.yaml`.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub files: Vec<String>,
    /// The ways to the tables in them: `tool.poe.tasks`; `*` is any key or place in a list.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub at: Vec<String>,
    /// Keys of a task with shell text, or with a list of texts and of further tasks.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub text: Vec<String>,
    /// Keys of a task whose texts are the words of one command.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub words: Vec<String>,
    /// Keys of a task that name others, which run as well.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub needs: Vec<String>,
    /// Directories in which a script by the task's name is the task.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub folders: Vec<String>,
    /// Where the names of tasks stand, else the first operand is one; commas may part several.
    pub named_by: Option<Source>,
    /// Whether all tasks run where none is named.
    pub every: bool,
    /// Whether the ways lead to the tasks themselves: they have no names, and all of them run.
    pub listed: bool,
    /// Keys of a task and the values by which it starts nothing.
    pub unless: BTreeMap<String, Vec<String>>,
}
