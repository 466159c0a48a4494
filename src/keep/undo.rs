//! Puts back what was kept; what is there now is kept first.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::manifest::{Manifest, Repository};
use super::save::{Subject, save};
use super::{Plan, Store, git, tree};
use crate::place::Place;

/// The outcome of an undo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// What was put back, and what could not be, a sentence each.
    pub said: Vec<String>,
    /// The number under which the previous content is kept.
    pub instead: Option<u32>,
    /// Whether all of it is back, so that it need not be kept any longer.
    pub whole: bool,
}

/// Puts back what is kept under a number.
///
/// # Errors
///
/// Returns why nothing was put back, as a lower-case fragment.
pub fn undo(manifest: &Manifest, store: &Store, place: &Place<'_>) -> Result<Undone, String> {
    if !manifest.whole {
        return Err(format!(
            "{} was not finished when guard was stopped, and its command did not run",
            manifest.number
        ));
    }
    let targets = manifest.trees.iter().map(|tree| tree.path.path());
    if let Some(led) = targets.filter_map(|target| led_elsewhere(target)).next() {
        return Err(format!("{} leads elsewhere now than it did", led.display()));
    }
    let mut undone = Undone { instead: keep_what_is_there(manifest, store, place)?, ..Undone::default() };
    for repository in &manifest.repositories {
        undone.said.extend(git::put_back(repository));
    }
    let mut failed = false;
    for one in &manifest.trees {
        let target = one.path.path();
        let done = match &one.kept {
            Some(kept) => tree::put_back(kept.path(), target).map(|()| true),
            None if fs::symlink_metadata(target).is_ok() => tree::remove(target).map(|()| false),
            None => continue,
        };
        for (below, mode) in one.modes.iter().rev() {
            let _ = fs::set_permissions(target.join(below.path()), fs::Permissions::from_mode(*mode));
        }
        let name = target.display();
        undone.said.push(match done {
            Ok(true) => format!("{name} is back"),
            Ok(false) => format!("{name} is gone again, as it was"),
            Err(error) => {
                failed = true;
                format!("{name} could not be put back: {error}")
            }
        });
    }
    for repository in &manifest.repositories {
        undone.said.extend(index_back(repository));
    }
    let stays = manifest.repositories.iter().any(git::stays);
    undone.whole =
        !failed && !stays && !undone.said.iter().any(|said| said.contains("could not be put back"));
    if undone.whole {
        let left = store.drop(manifest);
        undone.said.extend(left.err().map(|error| format!("what was kept could not be removed: {error}")));
    }
    Ok(undone)
}

/// Returns the directory above a path that is, or lies behind, a link now: it was written down without any. Whoever puts
/// one there would choose where an undo writes.
fn led_elsewhere(path: &Path) -> Option<&Path> {
    let there = path.ancestors().skip(1).find(|above| fs::symlink_metadata(above).is_ok())?;
    let is_itself = fs::canonicalize(there).is_ok_and(|real| real == there);
    (!is_itself).then_some(there)
}

/// Keeps what would be overwritten, if anything would.
fn keep_what_is_there(manifest: &Manifest, store: &Store, place: &Place<'_>) -> Result<Option<u32>, String> {
    let targets = manifest.trees.iter().map(|tree| tree.path.path().to_owned());
    let there = targets.filter(|path: &PathBuf| fs::symlink_metadata(path).is_ok());
    let wishes = manifest.repositories.iter().map(git::before_undo).filter(|wish| !wish.keepers.is_empty());
    let plan = Plan::before_undo(there, wishes, place);
    if let Some(why) = plan.unkept().first() {
        return Err(format!("what is there now cannot be kept ({why}), and nothing is overwritten without"));
    }
    if plan.is_empty() {
        return Ok(None);
    }
    let command = format!("guard undo {}", manifest.number);
    let subject = Subject { command: &command, cwd: &place.cwd };
    let (kept, _) = save(plan, subject, store, place)?;
    Ok(Some(kept.number))
}

/// Puts the index back where it belongs to the commit that is there.
fn index_back(repository: &Repository) -> Option<String> {
    let (index, kept) = repository.index.as_ref()?;
    if !git::is_where_it_was(repository) {
        return Some("what was staged is not staged again, since HEAD is elsewhere now".to_owned());
    }
    let lock = index.path().with_extension("lock");
    let copied = |from: &Path| {
        // As git does: whoever holds the lock writes.
        let taken = fs::OpenOptions::new().write(true).create_new(true).open(&lock);
        taken?;
        fs::copy(from, &lock)?;
        fs::rename(&lock, index.path())
    };
    copied(kept.path()).err().map(|error| format!("the index could not be put back: {error}"))
}
