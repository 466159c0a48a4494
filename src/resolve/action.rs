//! What a command would do, one thing at a time.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use super::code::Call;
use super::command_line::CommandLine;
use super::sql::Statement;
use crate::parse::script::Span;
pub use crate::place::Site;
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
    pub site: Rc<Site>,
    /// The command that does it, in the outermost text that was read.
    pub at: Span,
    /// Whether a file of the project lies in between, in which it stands.
    pub apart: bool,
}

impl Action {
    /// Returns the command line, where a program is run.
    pub fn line(&self) -> Option<&CommandLine> {
        match &self.effect {
            Effect::Run(line) => Some(line),
            _ => None,
        }
    }
}

/// By which words actions are reached: two actions with the same are aimed at the same.
#[derive(Debug)]
pub struct Reached<'a> {
    actions: &'a [Action],
    /// How many actions were looked at, and the digest of the last command line among them: there may be thousands of
    /// statements on one.
    seen: usize,
    line: u64,
}

impl<'a> Reached<'a> {
    /// Returns what tells it of these actions.
    pub fn new(actions: &'a [Action]) -> Self {
        Self { actions, seen: 0, line: words(None) }
    }

    /// Returns a digest for an action; they are asked for in their order.
    pub fn by(&mut self, at: usize) -> u64 {
        let Some(action) = self.actions.get(at) else { return 0 };
        let new = self.actions.get(self.seen..=at).unwrap_or_default();
        if let Some(line) = new.iter().rev().find_map(Action::line) {
            self.line = words(Some(line));
        }
        self.seen = self.seen.max(at + 1);
        let leading = if action.site.elsewhere { leading(at, self.actions) } else { None };
        let mut digest = DefaultHasher::new();
        (self.line, words(leading), &action.site.cwd, action.site.elsewhere).hash(&mut digest);
        digest.finish()
    }
}

/// Returns a digest of a command line's words.
fn words(line: Option<&CommandLine>) -> u64 {
    let mut digest = DefaultHasher::new();
    line.map(|line| (&line.program, &line.words, &line.environment)).hash(&mut digest);
    digest.finish()
}

/// Returns the command line that leads to another machine, on which an action happens.
pub fn leading(at: usize, actions: &[Action]) -> Option<&CommandLine> {
    let depth = actions.get(at)?.trail.len();
    let above = |other: &&Action| !other.site.elsewhere && other.trail.len() < depth;
    actions[..at].iter().rev().filter(above).find_map(Action::line)
}

/// The kinds of things that a command does.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Runs a program.
    Run(Rc<CommandLine>),
    /// Has a database execute a statement.
    Sql {
        /// The statement.
        statement: Box<Statement>,
        /// The client that carries it (the program's or the language's name).
        client: String,
    },
    /// Sends an HTTP request.
    Http(Box<Request>),
    /// Writes a file.
    Write(FileWrite),
    /// Calls a function in inline code.
    Call {
        /// The call.
        call: Box<Call>,
        /// The language's name.
        language: &'static str,
    },
    /// Runs code in another language; rules may look for words in it.
    Code(Rc<super::code::Code>),
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

/// The way from the command as it was proposed to an action, outermost first: `bash -c`,
/// `npm run clean (package.json:14)`.
pub type Trail = Vec<Rc<str>>;

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
