//! First save, then run: what a command is going to drop is kept, and `guard undo` puts it back.
//!
//! A rule names keepers (`before: trash`), and the policy bounds them. Before a person is asked, [`Plan`]
//! works out what would be kept, so that the question can say so; after the answer, and before anything runs,
//! the plan is made again and carried out. None of this happens unless a rule has matched.
//!
//! The question promises only what can be kept. Where keeping it then fails, the person is asked again and
//! told so: they said yes to something that could be undone.

mod git;
mod manifest;
mod paths;
mod plan;
mod save;
mod sqlite;
mod store;
mod tree;
mod unasked;
mod undo;
mod wishes;

use std::time::Duration;

use crate::decide::command_text;
use crate::place::Place;
use crate::proposal::Proposal;
use crate::record::redact::redact;
use crate::resolve::action::Action;
use crate::text::so_many;

pub use manifest::{Manifest, RawPath};
pub use plan::{Plan, at_stake};
pub use save::{Subject, save};
pub use store::Store;
pub use unasked::may_drop;
pub use undo::{Undone, undo};

/// Keeps what was planned for a command, in the store of its environment. Returns a description of what was
/// kept and of what was deleted to make room.
///
/// # Errors
///
/// Returns why it could not be kept, as a lower-case fragment.
pub fn first(plan: Plan, proposal: &Proposal, place: &Place<'_>) -> Result<String, String> {
    let store = store_at(place)?;
    let command = redact(&command_text(&proposal.form));
    let subject = Subject { command: &command, cwd: &proposal.cwd };
    let (kept, gone) = save(plan, subject, &store, place)?;
    let number = kept.number;
    let mut told = format!("kept {}; to put them back: guard undo {number}", kept.contents());
    if let (Some(first), Some(last)) = (gone.first(), gone.last()) {
        let numbers = if gone.len() == 1 {
            first.number.to_string()
        } else {
            format!("{} to {}", last.number, first.number)
        };
        told += &format!("; thrown away, too old or to make room: {numbers}");
    }
    Ok(told)
}

/// Works out which files would be kept without a question: those that a command removes or overwrites and
/// that git could not restore. `briefly` is for an agent that waits for its hook.
pub fn unasked(actions: &[Action], bounds: (u64, Duration), place: &Place<'_>, briefly: bool) -> Plan {
    Plan::unasked(actions, bounds, store_at(place).ok().as_ref(), place, briefly)
}

fn store_at(place: &Place<'_>) -> Result<Store, String> {
    Store::open(|name| place.environment.get(name).map(ToOwned::to_owned))
}

/// Returns how much is kept, as a fragment: `214 files, 3.1 MB and 2 references`.
fn contents(files: u64, size: u64, references: usize) -> String {
    let files = (files > 0).then(|| format!("{}, {}", so_many(files, "file"), bytes(size)));
    let references = (references > 0).then(|| so_many(references as u64, "reference"));
    match (files, references) {
        (Some(files), Some(references)) => format!("{files} and {references}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "empty directories or an index".to_owned(),
    }
}

/// Returns a size as people write it: `3.1 MB`.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if size < 1000 {
        return format!("{size} bytes");
    }
    let (mut shown, mut unit) = (size as f64 / 1000.0, 0);
    while shown >= 999.95 && unit + 1 < UNITS.len() {
        shown /= 1000.0;
        unit += 1;
    }
    format!("{shown:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_told_in_words() {
        let check = |files, size, references, expect: &str| {
            assert_eq!(contents(files, size, references), expect);
        };
        check(214, 3_100_000, 0, "214 files, 3.1 MB");
        check(1, 12, 2, "1 file, 12 bytes and 2 references");
        check(0, 0, 1, "1 reference");
        assert_eq!(bytes(999_960), "1.0 MB");
        assert_eq!(bytes(1 << 40), "1.1 TB");
    }
}
