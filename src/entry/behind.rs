//! The doors that a command meets behind one that lets it pass and does not run it.
//!
//! Whoever answers at such a door is asked to stay and vouch for the command at the others. Where none is
//! set up, nobody need stay.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::called::SHIMS;
use crate::confirm::Wait;
use crate::confirm::elsewhere::Store;

/// Where doors are set up for everybody, and put on receipts.
const SYSTEM: [&str; 2] = ["/usr/local/lib", "/var/lib/guard/receipts"];

/// What the names of the receipts of agents' hooks begin with.
const AGENTS_HOOK: &str = "hook-";

/// Returns the wait for an answer to what somebody else runs, with these variables.
pub(super) fn wait(time: Duration, variable: impl Fn(&str) -> Option<OsString>) -> Wait {
    Wait { time, vouch: are_there(variable) }
}

/// Returns whether a door is set up that sees what is run, and does not only hear of it from an agent.
fn are_there(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let [data, everybodys] = SYSTEM.map(Path::new);
    let own = Store::place(variable).map(|requests| requests.with_file_name("receipts"));
    data.join(SHIMS).is_dir() || has_doors(everybodys) || own.is_some_and(|own| has_doors(&own))
}

fn has_doors(receipts: &Path) -> bool {
    let entries = std::fs::read_dir(receipts).into_iter().flatten().filter_map(Result::ok);
    let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.any(|name| name.ends_with(".json") && !name.starts_with(AGENTS_HOOK))
}
