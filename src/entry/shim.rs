//! The shims: guard under a tool's name, first on `PATH`.
//!
//! A shim sees the arguments as the tool would, so what scripts, Makefiles and other languages run is
//! judged too. What runs is the tool that would have been found without it: `run::find` passes over
//! guard's own links, so no shim ever finds a shim.

use std::ffi::{OsStr, OsString};

use super::exec::Call;
use super::outcome;
use crate::exit::Status;
use crate::proposal::{Form, Origin};
use crate::text::safe;

/// Returns the call that a shim was made for.
pub(super) fn call(program: OsString, arguments: &[OsString]) -> Call {
    let name = program.to_string_lossy().into_owned();
    let words = [program].into_iter().chain(arguments.iter().cloned()).collect();
    Call { origin: Origin::Shim { program: name }, ..Call::of(Form::Argv(words)) }
}

/// Refuses to be a tool outside the directory of shims: a link that nobody installed may be meant to
/// be taken for the tool, or for guard.
pub(super) fn stray(name: &OsStr) -> Status {
    let message = format!("this is guard, under the name {}, and no shim", safe(&name.to_string_lossy()));
    outcome::broken(&message, Some("guard install path")).into()
}
