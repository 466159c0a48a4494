//! The doors: each makes a proposal of what reached it, and phrases the outcome.

pub mod exec;
pub mod outcome;

use std::ffi::OsString;
use std::panic;

use crate::cli;
use crate::exit::{Exit, Status};

/// Runs guard by the name and arguments it was called with. A panic is a refusal: nothing runs.
pub fn main() -> Status {
    let words: Vec<OsString> = std::env::args_os().collect();
    panic::set_hook(Box::new(|what| {
        eprintln!("guard: internal error, nothing was run: {}", crate::text::safe(&what.to_string()));
        eprintln!("\nhint: report it with the output of: guard explain -- COMMAND");
    }));
    panic::catch_unwind(|| dispatch(&words)).unwrap_or_else(|_| Exit::Broken.into())
}

fn dispatch(words: &[OsString]) -> Status {
    // The way of nearly every call: its few arguments are read by hand, because that is faster
    // than building the whole command line of every subcommand.
    if let Some(call) = exec::quick(words) {
        return exec::exec(call);
    }
    cli::main(words)
}
