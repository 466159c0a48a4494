//! Asks the system's own git what it knows about a repository.
//!
//! The git on `PATH` is not used: whoever chooses that would choose what guard believes. It gets no variables
//! but those that are named for it, starts no pager, hook or file monitor, asks nobody and fetches nothing.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use super::bounded::{Said, say};

/// Where systems keep their git.
const GITS: [&str; 5] = [
    "/usr/bin/git",
    "/usr/local/bin/git",
    "/opt/homebrew/bin/git",
    "/home/linuxbrew/.linuxbrew/bin/git",
    "/run/current-system/sw/bin/git",
];

/// Settings so that nothing named by a repository's configuration is started, nothing is fetched, and names
/// are quoted.
const QUIET: [&str; 10] = [
    "--no-pager",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "protocol.allow=never",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=true",
];

/// A question to git.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Where it runs.
    pub cwd: &'a Path,
    /// Its options before the subcommand.
    pub options: &'a [OsString],
    /// The subcommand with its words.
    pub words: &'a [&'a str],
    /// The variables that it gets.
    pub set: &'a [(&'a str, &'a OsStr)],
    /// Its standard input.
    pub input: &'a [u8],
    /// How long it may take.
    pub time: Duration,
    /// The most output in bytes.
    pub most: usize,
}

/// Asks git and returns its output.
///
/// # Errors
///
/// Returns why there is no usable output, as a lower-case fragment.
pub fn ask(question: &Question<'_>) -> Result<Vec<u8>, String> {
    let git =
        GITS.iter().find(|path| Path::new(path).exists()).ok_or("git is nowhere that systems keep it")?;
    let mut words: Vec<OsString> = vec![git.into()];
    words.extend(question.options.iter().cloned());
    words.extend(QUIET.iter().chain(question.words).map(OsString::from));
    let mut set: Vec<(&str, &OsStr)> = vec![
        (crate::env_vars::PATH, super::DEFAULT_PATH.as_ref()),
        ("GIT_NO_LAZY_FETCH", "1".as_ref()),
        ("GIT_TERMINAL_PROMPT", "0".as_ref()),
        ("LC_ALL", "C".as_ref()),
    ];
    set.extend(question.set);
    let Question { cwd, input, time, most, .. } = *question;
    say(&Said { words: &words, cwd: Some(cwd), set: &set, clean: true, input, time, most })
}
