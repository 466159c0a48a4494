//! `guard freeze`: nothing that a person would be asked about runs, at any door, until a person lifts it.
//!
//! A freeze is a file beside the ledger, looked at only once a rule has matched. Anybody may freeze, even an
//! agent: it is the safe answer. Waiting questions are refused, and answers that were given but not yet used
//! become void. Only a person lifts it, recognised as for `guard approve`, and with the enrolled secret if
//! there is one.
//!
//! An agent chooses its own variables, so the home directory from the user database counts beside the one
//! that they name. A file that cannot be read freezes just as well as one that can.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::elsewhere::{Store, alone, deny};
use crate::account;
use crate::decide::Answerer;
use crate::decide::policy::demand::Demand;
use crate::decide::surroundings::who_asks;
use crate::human::{Human, PATIENCE};
use crate::proof;
use crate::record::{self, Book, Stamp, redact::redact};

/// The machine's own freeze, which only root can set and lift.
const SYSTEM: &str = "/etc/guard/frozen";

/// The longest reason, in bytes.
const LONGEST: usize = 500;

/// A freeze.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Freeze {
    /// Since when: RFC 3339, UTC.
    pub since: String,
    /// Why.
    pub because: String,
    /// Who froze: an agent or a user.
    pub by: String,
}

impl Freeze {
    /// Returns it as a lower-case fragment: `frozen since 2026-11-22 08:12 UTC by dev: restoring`.
    pub fn description(&self) -> String {
        let since = self.since.get(..16).unwrap_or(&self.since).replacen('T', " ", 1);
        let mut told =
            if since.is_empty() { "frozen".to_owned() } else { format!("frozen since {since} UTC") };
        for (word, text) in [(" by ", &self.by), (": ", &self.because)] {
            if !text.is_empty() {
                told.push_str(word);
                told.push_str(text);
            }
        }
        told
    }
}

/// Returns the freeze that is in force, if one is.
pub fn in_force(variable: impl Fn(&str) -> Option<OsString>) -> Option<Freeze> {
    places(variable).iter().find_map(|path| read(path))
}

/// Freezes, and refuses every question that waits. Returns what is in force then and how many were refused.
///
/// # Errors
///
/// Returns why it could not be done, as a lower-case fragment.
pub fn freeze(because: &str, variable: impl Fn(&str) -> Option<OsString>) -> Result<(Freeze, usize), String> {
    let because: String = redact(because).chars().take(LONGEST).collect();
    let path = own(&variable).ok_or("neither XDG_STATE_HOME nor HOME says where to write it down")?;
    let frozen = match in_force(&variable) {
        Some(frozen) => frozen,
        None => {
            let by = who_asks().agent.or(Answerer::here().user).unwrap_or_default();
            let frozen = Freeze { since: Stamp::now().to_string(), because, by };
            write(&path, &frozen).map_err(|error| format!("{}: {error}", path.display()))?;
            frozen
        }
    };
    Ok((frozen, refuse_all(&variable)?))
}

/// Checks that a freeze can be lifted from this terminal, and returns by whom: no agent that runs is above
/// it, holds it or started what does.
///
/// # Errors
///
/// Returns why not, as a lower-case fragment.
pub fn may_lift() -> Result<Answerer, String> {
    alone()
}

/// Has whoever lifts a freeze show the secret that is enrolled, if one is. Returns who they are.
///
/// # Errors
///
/// Returns why it was not shown, as a lower-case fragment.
pub fn prove(
    by: Answerer,
    human: &mut dyn Human,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Answerer, String> {
    let secrets = proof::meet(Demand::ENROLLED, variable)?;
    let shown = secrets.map(|secrets| secrets.show("lift", &[], human, PATIENCE)).transpose()?;
    Ok(by.with(shown.map(|(shown, _)| shown).as_ref()))
}

/// Lifts the user's freeze.
///
/// # Errors
///
/// Returns why it is still in force, as a lower-case fragment.
pub fn lift(variable: impl Fn(&str) -> Option<OsString>) -> Result<(), String> {
    for path in places(&variable) {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(format!("{}: {error}", path.display()));
            }
            _ => {}
        }
    }
    match in_force(variable) {
        Some(frozen) => Err(frozen.description()),
        None => Ok(()),
    }
}

/// Refuses the questions that wait. An answer that is kept for one of them becomes void.
fn refuse_all(variable: &impl Fn(&str) -> Option<OsString>) -> Result<usize, String> {
    let store = Store::open(variable)?;
    let book = Book::at(record::default_path(variable));
    let waiting = store.all();
    for request in &waiting {
        // That nobody takes the refusal changes nothing: without its file the question is gone.
        let _ = deny(&store, request, "everything is frozen", &book);
        store.remove(&request.code);
    }
    Ok(waiting.len())
}

fn own(variable: &impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    Some(record::default_path(variable)?.parent()?.join("frozen"))
}

/// Everywhere a freeze of this user may be recorded.
fn places(variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let mut places = vec![PathBuf::from(SYSTEM)];
    places.extend(own(&variable));
    places.extend(account::home().map(|home| home.join(".local/state/guard/frozen")));
    places.dedup();
    places
}

fn read(path: &Path) -> Option<Freeze> {
    match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
        // Where it cannot be looked there is none of this user's: the ledger could not be written either.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => None,
        _ => Some(
            fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default(),
        ),
    }
}

fn write(path: &Path, frozen: &Freeze) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(&serde_json::to_vec(frozen)?)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freeze_is_told_in_one_line() {
        let check = |freeze: Freeze, expect: &str| assert_eq!(freeze.description(), expect);
        check(Freeze::default(), "frozen");
        let since = "2026-11-22T08:12:00.123Z".to_owned();
        let by = "dev".to_owned();
        check(Freeze { since: since.clone(), ..Freeze::default() }, "frozen since 2026-11-22 08:12 UTC");
        let because = "restoring".to_owned();
        check(Freeze { since, by, because }, "frozen since 2026-11-22 08:12 UTC by dev: restoring");
    }
}
