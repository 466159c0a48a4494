//! The doors: each makes a proposal of what reached it, and phrases the outcome.

mod above;
pub mod agent;
pub mod args;
mod behind;
pub mod exec;
pub mod git_hook;
pub mod mcp;
pub mod outcome;
pub mod shell;
pub mod shim;

use std::ffi::OsString;

use crate::called::Called;
use crate::exit::Status;

/// The door that a call came by, with what it asks for.
pub(crate) enum Door {
    /// A command to judge and run.
    Call(Box<exec::Call>),
    /// A shell that is told its commands one by one.
    Session(shell::session::Session),
    /// The hook of an agent.
    Agent(OsString),
    /// Anything else that guard does.
    CommandLine,
    /// Guard under the name of a tool, where no shim belongs.
    Stray(OsString),
}

impl Door {
    /// Returns the door that a process came by which was called as this, with these words.
    pub fn of(called: Called, words: &[OsString]) -> Self {
        let rest = words.get(1..).unwrap_or_default();
        match called {
            Called::Shim(program) => Self::Call(Box::new(shim::call(program, rest))),
            Called::Shell(name) => shell::door(&name, words),
            // The way of nearly every call: its few arguments are read by hand, because that is faster
            // than building the whole command line of every subcommand.
            Called::Guard => match (exec::quick(words), rest) {
                (Some(call), _) => Self::Call(Box::new(call)),
                (None, [verb, agent, ..]) if verb == "hook" && agent::is_name(agent) => {
                    Self::Agent(agent.clone())
                }
                (None, _) => Self::CommandLine,
            },
            Called::Stray(name) => Self::Stray(name),
        }
    }

    /// Goes through it; `None` where the command line is for `cli` to read.
    pub fn enter(self) -> Option<Status> {
        match self {
            Self::Call(call) => Some(exec::exec(*call)),
            Self::Session(session) => Some(shell::session::run(session)),
            Self::Agent(name) => Some(agent::answer(&name)),
            Self::CommandLine => None,
            Self::Stray(name) => Some(shim::stray(&name)),
        }
    }

    /// Returns the one command that was asked for, if it is one.
    fn command(self, words: &[OsString]) -> Option<exec::Call> {
        match self {
            Self::Call(call) => Some(*call),
            Self::CommandLine => args::exec_call(words),
            Self::Session(_) | Self::Agent(_) | Self::Stray(_) => None,
        }
    }
}
