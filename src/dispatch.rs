//! The beginning: finds the door that this process came by, and goes through it.

use std::ffi::{OsStr, OsString};
use std::panic;

use crate::called::Called;
use crate::cli;
use crate::entry::Door;
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
    Door::of(Called::now(argv0), words).enter().unwrap_or_else(|| cli::main(words))
}
