//! Runs what was cleared: the same bytes, judged by the same files.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fmt, io};

use sha2::{Digest, Sha256};

use super::{Ended, Launch, find, replace, spawn_and_wait};
use crate::decide::Clearance;
use crate::place::Place;
use crate::proposal::{Form, Proposal};
use crate::resolve::files::FileRead;
use crate::world::World;

/// Files larger than this are not among those that a judgement rests on.
const LARGEST: usize = 1024 * 1024;

/// Why a cleared command was not started.
#[derive(Debug)]
pub enum NotStarted {
    /// A file that the judgement rests on is not what it was.
    Changed(PathBuf),
    /// The program could not be started.
    Failed {
        /// What was to be started.
        program: OsString,
        /// Why it was not.
        error: io::Error,
    },
}

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(path) => write!(f, "{} changed after it was judged", path.display()),
            Self::Failed { program, error } => write!(f, "{}: {error}", program.to_string_lossy()),
        }
    }
}

impl std::error::Error for NotStarted {}

/// Runs a cleared command. A harmless one replaces guard, and this returns only if it could not be
/// started; a confirmed one is waited for.
///
/// # Errors
///
/// Returns why nothing was run.
pub fn run(clearance: Clearance, place: &Place<'_>) -> Result<Ended, NotStarted> {
    unchanged(clearance.files(), place.world)?;
    let argv = argv(clearance.proposal());
    let path = place.environment.get("PATH");
    let start = |error| NotStarted::Failed { program: argv[0].clone(), error };
    let program = find(program(clearance.proposal(), &argv), path).map_err(start)?;
    let also = clearance.variables();
    let launch = Launch { program: &program, argv: &argv, env: None, also: &also, cwd: None };
    if clearance.answered().is_some() {
        spawn_and_wait(&launch).map_err(start)
    } else {
        Err(start(replace(&launch)))
    }
}

/// Consumes the clearance of a command that somebody else runs.
///
/// # Errors
///
/// Returns why it must not run.
pub fn leave(clearance: Clearance, place: &Place<'_>) -> Result<(), NotStarted> {
    unchanged(clearance.files(), place.world)
}

/// Returns the name of the program that `argv` is for.
fn program<'a>(proposal: &Proposal, argv: &'a [OsString]) -> &'a OsStr {
    let name = argv[0].as_bytes();
    match name.strip_prefix(b"-") {
        // This is how a shell is told to be a login shell.
        Some(shell) if proposal.carrier.is_some() => OsStr::from_bytes(shell),
        _ => &argv[0],
    }
}

fn argv(proposal: &Proposal) -> Vec<OsString> {
    if let Some(words) = &proposal.carrier {
        return words.clone();
    }
    match &proposal.form {
        Form::Argv(words) => words.clone(),
        Form::Shell { text, dialect } => vec![dialect.program().into(), "-c".into(), text.clone()],
    }
}

/// Returns whether no file that a judgement rests on was changed after `latest`.
pub fn unchanged_since(files: &[FileRead], latest: SystemTime) -> bool {
    files.iter().all(|file| match file.digest {
        Some(_) => changed(&file.path).is_some_and(|changed| changed <= latest),
        None => !file.path.exists(),
    })
}

/// Returns when a file was last changed in any way (`ctime`), which no program can set back.
fn changed(path: &Path) -> Option<SystemTime> {
    let found = path.metadata().ok()?;
    let since = Duration::new(found.ctime().try_into().ok()?, found.ctime_nsec().try_into().ok()?);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// Checks that every file a judgement rests on is what it was, or still missing.
fn unchanged(files: &[FileRead], world: &dyn World) -> Result<(), NotStarted> {
    for file in files {
        let now = world.read(&file.path, LARGEST).ok().map(|(bytes, _)| Sha256::digest(&bytes).into());
        if now != file.digest {
            return Err(NotStarted::Changed(Path::new(&file.path).to_owned()));
        }
    }
    Ok(())
}
