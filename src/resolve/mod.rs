//! Follows a script down to the actions it would take: through wrappers, nested shells, pipes,
//! files and the code of other languages.

pub mod action;
pub mod body;
mod builtins;
mod carriers;
pub mod code;
mod collections;
pub mod command_line;
mod compose;
mod conditions;
mod decode;
mod dos;
mod editors;
mod expand;
pub mod files;
mod find;
mod foreign;
mod git_alias;
mod gradle;
pub mod graphql;
mod http;
mod invocation;
mod later;
mod launch;
mod manifest;
mod outputs;
mod packages;
mod playbook;
pub(crate) mod project;
mod rake;
mod redirects;
mod runs;
mod scripts;
pub mod secrets;
pub mod shell_options;
mod speaks;
pub mod sql;
mod state;
mod strangers;
mod task_functions;
mod tasks;
mod tcl;
mod unasked;
mod variables;
mod walk;
pub mod wrappers;
mod writes;
pub mod zsh;

use std::os::unix::ffi::OsStrExt;

use self::action::{Action, Site};
use self::files::FileRead;
use self::state::Shell;
use self::walk::Walker;
use crate::parse::Dialect;
use crate::parse::gap::Gap;
use crate::place::Place;
use crate::proposal::{Form, Proposal};
use crate::rulebook::Rulebook;
use crate::unknown::UNKNOWN;

/// What a command would do, as far as it could be read.
#[derive(Debug, Default)]
pub struct Resolution {
    /// What it would do.
    pub actions: Vec<Action>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// The files that the judgement rests on.
    pub files: Vec<FileRead>,
}

/// Follows a command down to the actions it would take.
pub fn resolve(proposal: &Proposal, place: &Place<'_>, rulebook: &Rulebook) -> Resolution {
    let mut walker = Walker::new(place, rulebook);
    let site = Site::here(&proposal.cwd).into();
    match &proposal.form {
        Form::Shell { text, dialect } => {
            let mut shell = Shell::new(*dialect, site);
            walker.shell_text(&readable(text.as_bytes()), &mut shell, None);
        }
        Form::Argv(words) => {
            let words = words.iter().map(|word| readable(word.as_bytes())).collect();
            walker.start(words, &mut Shell::new(Dialect::Bash, site));
        }
    }
    Resolution { actions: walker.actions, gaps: walker.gaps, files: walker.files.reads }
}

/// Text from bytes; what is not UTF-8 counts as unknown.
fn readable(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).replace('\u{FFFD}', UNKNOWN.encode_utf8(&mut [0; 4])),
    }
}
