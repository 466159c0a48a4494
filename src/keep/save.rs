//! Keeping what was planned.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::manifest::{FORMAT, Manifest, RawPath, Tree};
use super::plan::{self, Plan};
use super::store::{Shelf, Store, seconds};
use super::tree::{How, Room, Walk};
use super::{git, sqlite};
use crate::place::Place;
use crate::record::Stamp;

/// What it is kept for.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The command, without its secrets.
    pub command: &'a str,
    /// Where it runs.
    pub cwd: &'a Path,
}

/// Keeps what was planned. Returns what was kept, and what was deleted because it was too old or took up too
/// much room.
///
/// # Errors
///
/// Returns why it could not be kept, as a lower-case fragment. Then nothing of it is left behind.
pub fn save(
    plan: Plan,
    subject: Subject<'_>,
    store: &Store,
    place: &Place<'_>,
) -> Result<(Manifest, Vec<Manifest>), String> {
    let inside = plan.trees.keys().find(|root| store.directory().starts_with(root));
    if let Some(root) = inside {
        return Err(format!("what guard keeps would go itself with {}", root.display()));
    }
    let gone = store.prune(plan.size, plan.found.bytes, plan.unasked);
    let shelf = store.shelf().map_err(|error| error.to_string())?;
    let now = SystemTime::now();
    let mut manifest = Manifest {
        format: FORMAT,
        number: shelf.number,
        time: Stamp::from(now).to_string(),
        made: seconds(now),
        expires: seconds(now).saturating_add(plan.age.as_secs()),
        command: subject.command.to_owned(),
        cwd: RawPath::from(subject.cwd),
        rules: plan.rules.keys().cloned().collect(),
        unasked: plan.unasked,
        whole: false,
        files: plan.found.files,
        bytes: plan.found.bytes,
        trees: Vec::new(),
        repositories: Vec::new(),
        left_out: Vec::new(),
        recover: plan.rules.values().cloned().collect(),
    };
    let kept = fill(&mut manifest, plan, &shelf, store, place);
    match kept {
        Ok(()) => Ok((manifest, gone)),
        Err(why) => {
            let _ = store.drop(&manifest);
            Err(why)
        }
    }
}

fn fill(
    manifest: &mut Manifest,
    plan: Plan,
    shelf: &Shelf,
    store: &Store,
    place: &Place<'_>,
) -> Result<(), String> {
    let (size, until) = (plan.size, plan.until());
    let told = |error: io::Error| plan::too_much(&error, size);
    // From now on a crash leaves a directory that says what it is.
    store.write(manifest).map_err(told)?;
    let skips = |path: &Path| plan::is_made_again(path, place);
    let room = Room { entries: plan::ENTRIES, bytes: size, until };
    let mut walk = Walk::new(room, &skips);
    walk.lasting = !plan.unasked;
    for (path, how) in &plan.trees {
        tree(manifest, path, *how, shelf, &mut walk).map_err(told)?;
    }
    for database in &plan.databases {
        self::database(manifest, database, shelf, &mut walk).map_err(told)?;
    }
    manifest.trees.extend(plan.absent.iter().map(|path| gap(path)));
    manifest.left_out.extend(plan::raw(&walk.found.left_out));
    manifest.left_out.extend(plan::raw(&walk.found.special));
    (manifest.files, manifest.bytes) = (walk.found.files, walk.found.bytes);
    for (at, mut repository) in plan.repositories.into_iter().enumerate() {
        if let Some((index, kept)) = &mut repository.index {
            *kept = RawPath(shelf.directory.join(format!("index-{at}")));
            walk.copy(index.path(), kept.path(), How::Copy).map_err(told)?;
        }
        git::hold(&mut repository, manifest.number, &shelf.directory)?;
        manifest.repositories.push(repository);
    }
    manifest.whole = true;
    store.write(manifest).map_err(told)
}

fn gap(path: &Path) -> Tree {
    Tree { path: RawPath::from(path), kept: None, modes: Vec::new() }
}

/// Keeps a file or directory.
fn tree(
    manifest: &mut Manifest,
    path: &Path,
    how: How,
    shelf: &Shelf,
    walk: &mut Walk<'_>,
) -> io::Result<()> {
    let kept = next(manifest, path, shelf)?;
    walk.copy(path, &kept, how)?;
    noted(manifest, walk);
    Ok(())
}

/// Keeps a database with what belongs to it.
fn database(manifest: &mut Manifest, path: &Path, shelf: &Shelf, walk: &mut Walk<'_>) -> io::Result<()> {
    let kept = next(manifest, path, shelf)?;
    let by_sqlite = sqlite::copy(path, &kept, walk)?;
    for beside in sqlite::beside(path) {
        if !by_sqlite && fs::symlink_metadata(&beside).is_ok() {
            tree(manifest, &beside, How::Copy, shelf, walk)?;
        } else {
            manifest.trees.push(gap(&beside));
        }
    }
    noted(manifest, walk);
    Ok(())
}

/// Reserves the place for the next file or directory and records it, so that a half-made copy can be found
/// and removed.
fn next(manifest: &mut Manifest, path: &Path, shelf: &Shelf) -> io::Result<PathBuf> {
    let kept = shelf.directory_for(path)?.join(manifest.trees.len().to_string());
    let tree = Tree { path: RawPath::from(path), kept: Some(RawPath(kept.clone())), modes: Vec::new() };
    manifest.trees.push(tree);
    Ok(kept)
}

/// Writes the modes down that copies of directories could not have.
fn noted(manifest: &mut Manifest, walk: &mut Walk<'_>) {
    for (path, mode) in walk.modes.drain(..) {
        let holds = |tree: &&mut Tree| tree.kept.as_ref().is_some_and(|kept| path.starts_with(kept.path()));
        if let Some(tree) = manifest.trees.iter_mut().find(holds)
            && let Some(kept) = tree.kept.as_ref()
            && let Ok(below) = path.strip_prefix(kept.path())
        {
            tree.modes.push((RawPath::from(below), mode));
        }
    }
}
