//! The doors: each makes a proposal of what reached it, and phrases the outcome.

mod above;
pub mod agent;
mod behind;
pub mod exec;
pub mod git_hook;
pub mod mcp;
pub mod outcome;
pub mod shell;
pub mod shim;

use std::ffi::{OsStr, OsString};
use std::panic;

use crate::called::Called;
use crate::cli;
use crate::exit::{Exit, Status};
use crate::process::start;

/// Runs guard by the name and arguments it was called with. A panic is a refusal: nothing runs.
pub fn main() -> Status {
    let words = start::words();
    panic::set_hook(Box::new(|what| {
        eprintln!("guard: internal error, nothing was run: {}", crate::text::safe(&what.to_string()));
        eprintln!("\nhint: report it with the output of: guard explain -- COMMAND");
    }));
    panic::catch_unwind(|| dispatch(words)).unwrap_or_else(|_| Exit::Broken.into())
}

fn dispatch(words: &[OsString]) -> Status {
    let argv0 = words.first().map_or(OsStr::new(""), OsString::as_os_str);
    match Door::of(Called::now(argv0), words) {
        Door::Call(call) => exec::exec(*call),
        Door::Session(session) => shell::session::run(session),
        Door::Agent(name) => agent::answer(&name),
        Door::CommandLine => cli::main(words),
        Door::Stray(name) => shim::stray(&name),
    }
}

/// The door that a call came by, with what it asks for.
enum Door {
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
    fn of(called: Called, words: &[OsString]) -> Self {
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

    /// Returns the one command that was asked for, if it is one.
    fn command(self, words: &[OsString]) -> Option<exec::Call> {
        match self {
            Self::Call(call) => Some(*call),
            Self::CommandLine => cli::exec_call(words),
            Self::Session(_) | Self::Agent(_) | Self::Stray(_) => None,
        }
    }
}
