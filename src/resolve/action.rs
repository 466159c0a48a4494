//! What a command would do, one thing at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::code::Call;
use super::command_line::CommandLine;
use super::sql::Statement;
use crate::parse::script::Span;
use crate::rulebook::Key;
use crate::rulebook::index::is_read;

/// One thing that a command would do.
#[derive(Clone, Debug)]
pub struct Action {
    /// What it is.
    pub effect: Effect,
    /// How it was reached.
    pub trail: Trail,
    /// Where it happens.
    pub site: Site,
    /// The command that does it, in the outermost text that was read.
    pub at: Span,
    /// Whether a file of the project lies in between, in which it stands.
    pub apart: bool,
}

/// The kinds of things that a command does.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Runs a program.
    Run(CommandLine),
    /// Has a database execute a statement.
    Sql {
        /// The statement.
        statement: Statement,
        /// The client that carries it (the program's or the language's name).
        client: String,
    },
    /// Sends an HTTP request.
    Http(Request),
    /// Writes a file.
    Write(FileWrite),
    /// Calls a function in inline code.
    Call {
        /// The call.
        call: Call,
        /// The language's name.
        language: &'static str,
    },
    /// Runs code in another language; rules may look for words in it.
    Code(Arc<super::code::Code>),
}

impl Effect {
    /// Returns by what the rules that could fire on it are found.
    pub fn keys(&self) -> Vec<Key<'_>> {
        match self {
            Self::Run(line) => {
                let variables = line.environment.iter().map(|(name, _)| Key::Environment(name));
                std::iter::once(Key::Program(&line.program)).chain(variables).collect()
            }
            Self::Sql { statement, .. } => statement.words().next().map(Key::Sql).into_iter().collect(),
            Self::Http(request) => {
                let changes = (!is_read(&request.method)).then_some(Key::HttpChange(&request.host));
                std::iter::once(Key::Http(&request.host)).chain(changes).collect()
            }
            Self::Write(_) => vec![Key::Writes],
            Self::Call { call, .. } => {
                vec![Key::Call(call.callee.rsplit('.').next().unwrap_or(&call.callee))]
            }
            Self::Code(_) => vec![Key::Mentions],
        }
    }
}

/// Where an action happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The working directory, where it is known.
    pub cwd: Option<PathBuf>,
    /// Whether it is another machine or a container, whose paths are not ours.
    pub elsewhere: bool,
    /// Paths, as they were written, at which there is nothing where it happens: a test has told so.
    pub absent: Vec<String>,
}

impl Site {
    /// Returns a directory of this machine.
    pub fn here(cwd: &Path) -> Self {
        Self { cwd: Some(cwd.to_owned()), elsewhere: false, absent: Vec::new() }
    }

    /// Returns another machine or a container, of which nothing is known.
    pub const fn elsewhere() -> Self {
        Self { cwd: None, elsewhere: true, absent: Vec::new() }
    }
}

/// The way from the command as it was proposed to an action, outermost first: `bash -c`,
/// `npm run clean (package.json:14)`.
pub type Trail = Vec<String>;

/// An HTTP request, as far as it is known. Unknown stretches are marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method, upper-case.
    pub method: String,
    /// The host without port, lower-case.
    pub host: String,
    /// The path without query.
    pub path: String,
    /// What follows `?`.
    pub query: String,
    /// Header lines.
    pub headers: Vec<String>,
    /// The body.
    pub body: Option<String>,
    /// GraphQL documents that it carries as such.
    pub graphql: Vec<String>,
}

/// A file that is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileWrite {
    /// Its path as it was given.
    pub path: String,
    /// The names that are written below it, if it is a directory (`cp a b directory`).
    pub names: Vec<String>,
    /// Whether what was there goes (`>`), or stays (`>>`).
    pub replaces: bool,
    /// Whether nothing is put in its place (`: > file`, `> file`).
    pub empties: bool,
}

impl FileWrite {
    /// Returns the paths that are written below it, if it is a directory.
    pub fn below(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(|name| format!("{}/{name}", self.path.trim_end_matches('/')))
    }
}
