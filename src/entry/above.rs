//! The questions that a person has answered already, for commands that run above this one.
//!
//! A command that a person let through runs with guard as its parent, for as long as it lasts; a
//! harmless one takes guard's place. So a process above this one that runs guard's program, with a
//! command for its arguments, holds a clearance: a person typed the phrase for exactly that command.
//! Ancestry tells this and nothing that could be written or set: neither a variable nor a file.
//!
//! The command is read once more, as it was read then: in its directory, with its variables. A file
//! that it rests on and that was changed since it began makes its answer void.

use std::ffi::OsString;
use std::time::Duration;

use super::Door;
use super::exec::Call;
use crate::ancestry::{self, Process};
use crate::called::Called;
use crate::config;
use crate::decide::{Challenge, Decision};
use crate::pipeline::{self, Session};
use crate::place::Place;
use crate::proposal::{Environment, Proposal};
use crate::run;
use crate::world::Machine;

/// What a file may be younger than the process that was judged by it: the system tells a process's
/// age to a hundredth of a second, and nobody answers a question faster.
const BLUR: Duration = Duration::from_millis(50);

/// Returns the questions of the commands above this one that a person let through.
pub(super) fn questions() -> Vec<Challenge> {
    ancestry::of_this_process().processes.iter().skip(1).filter_map(question).collect()
}

fn question(process: &Process) -> Option<Challenge> {
    let kin = ancestry::kin(process.pid)?;
    let words: Vec<OsString> = process.argv.iter().map(OsString::from).collect();
    // Arguments that are not UTF-8 are not those that were judged.
    if process.argv.iter().any(|word| word.contains(char::REPLACEMENT_CHARACTER)) {
        return None;
    }
    let called = Called::of_process(process.pid, words.first()?)?;
    let call = Door::of(called, &words).command(&words)?;
    let latest = kin.started.checked_add(BLUR)?;
    asked(process, call).filter(|challenge| run::unchanged_since(challenge.files(), latest))
}

/// Returns whether a person was asked about what a process above would do by this call, and said yes.
pub(super) fn is_answered(process: &Process, call: Call) -> bool {
    let answered = |challenge: Challenge, session: Session<'_>| match challenge.under(&questions()) {
        Ok(_) => true,
        Err(challenge) => pipeline::vouched(challenge, session).is_ok(),
    };
    judged(process, call, answered).unwrap_or(false)
}

/// Returns what would be asked about a call that is made where a process is.
fn asked(process: &Process, call: Call) -> Option<Challenge> {
    judged(process, call, |challenge, _| challenge)
}

/// Judges a call that is made where a process is, and does something with the question, if there is one.
fn judged<T>(process: &Process, call: Call, then: impl FnOnce(Challenge, Session<'_>) -> T) -> Option<T> {
    let machine = Machine;
    let environment: Environment = process.variables.clone()?.into_iter().collect();
    let place = Place::new(ancestry::directory(process.pid)?, environment, &machine);
    let config = config::load(&place).ok()?;
    let Call { form, origin, carrier, .. } = call;
    let session = Session::of(&place, &config);
    let proposal = Proposal { origin, carrier, ..Proposal::at(&place, form) };
    match pipeline::assess(proposal, session) {
        Decision::Confirm(challenge) => Some(then(challenge, session)),
        Decision::Run(_) | Decision::Refuse(_) => None,
    }
}
