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
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Door;
use super::exec::Call;
use crate::ancestry::{self, Process};
use crate::called::Called;
use crate::config;
use crate::decide::{Challenge, Decision};
use crate::pipeline::{self, Session};
use crate::place::Place;
use crate::proposal::{Environment, Proposal};
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
    asked(process, call).filter(|challenge| is_as_judged(challenge, kin.started))
}

/// Returns whether a person was asked about what a process above would do by this call, and said yes.
pub(super) fn is_answered(process: &Process, call: Call) -> bool {
    asked(process, call).is_some_and(|challenge| challenge.under(&questions()).is_ok())
}

/// Returns what would be asked about a call that is made where a process is.
fn asked(process: &Process, call: Call) -> Option<Challenge> {
    let machine = Machine;
    let environment: Environment = process.variables.clone()?.into_iter().collect();
    let place = Place::new(ancestry::directory(process.pid)?, environment, &machine);
    let config = config::load(&place).ok()?;
    let Call { form, origin, carrier, .. } = call;
    let proposal = Proposal { origin, carrier, ..Proposal::at(&place, form) };
    match pipeline::assess(proposal, Session::of(&place, &config)) {
        Decision::Confirm(challenge) => Some(challenge),
        _ => None,
    }
}

/// Returns whether every file that a judgement rests on is as old as the judgement.
fn is_as_judged(challenge: &Challenge, judged: SystemTime) -> bool {
    let latest = judged.checked_add(BLUR).unwrap_or(judged);
    challenge.files().iter().all(|file| match file.digest {
        Some(_) => changed(&file.path).is_some_and(|changed| changed <= latest),
        None => !file.path.exists(),
    })
}

/// Returns when a file was last changed in any way; a program cannot set this back.
fn changed(path: &Path) -> Option<SystemTime> {
    let found = path.metadata().ok()?;
    let since = Duration::new(found.ctime().try_into().ok()?, found.ctime_nsec().try_into().ok()?);
    SystemTime::UNIX_EPOCH.checked_add(since)
}
