//! What is kept without a question: single files that are removed or overwritten and that git could not
//! restore.
//!
//! `rm notes.md` destroys little and runs; a person who misses the notes tomorrow gets them back anyway. The
//! machine is not looked at unless a command removes or replaces something that it names. This kind of
//! keeping has a budget of its own, says nothing, and delays nothing: what does not fit is put on record and
//! not kept. It never takes room from what a question promised.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::manifest::Manifest;
use super::paths;
use super::plan::{BRIEF_SIZE, Plan, how, too_slow};
use super::store::Store;
use super::tree::{How, Room, Walk};
use crate::place::git_index::Seen;
use crate::place::{Place, kinds};
use crate::resolve::action::{Action, Effect, FileWrite, Site};
use crate::rulebook::format::PathKind;
use crate::truth::Truth;
use crate::unknown::is_known;

/// Programs whose operands are files that they remove or cut.
const REMOVING: [&str; 6] = ["rm", "unlink", "truncate", "rimraf", "del-cli", "shx"];

/// The most files that are kept for one command.
const ENTRIES: u64 = 1000;

/// How many of the latest entries are searched for what another door has kept.
const LATEST: usize = 16;

/// How long looking may take.
const TIME: Duration = Duration::from_millis(500);

/// The fraction of all the room that one command may take.
const SHARE: u64 = 4;

/// The fraction of a disk's free space that one command may take: whoever removes something from a full disk
/// wants the space.
const FREE: u64 = 10;

/// Files with these endings are nobody's work.
const NO_LOSS: [PathKind; 4] = [PathKind::Temporary, PathKind::Artefact, PathKind::Sink, PathKind::Device];

/// Returns whether a command may remove or replace a file. Looks at nothing but its words.
pub fn may_drop(actions: &[Action]) -> bool {
    actions.iter().any(|action| match &action.effect {
        Effect::Run(line) => REMOVING.contains(&line.program.as_str()),
        Effect::Write(write) => write.replaces && is_known(&write.path),
        _ => false,
    })
}

impl Plan {
    /// Works out what to keep without a question. Files that are already kept as they are now are left out.
    pub fn unasked(
        actions: &[Action],
        (size, age): (u64, Duration),
        store: Option<&Store>,
        place: &Place<'_>,
        briefly: bool,
    ) -> Self {
        let mut plan = Self { size, age, unasked: true, briefly, ..Self::default() };
        let how = how(actions);
        for action in actions.iter().filter(|action| !action.site.elsewhere) {
            for (path, how) in dropped(action, how, place) {
                let kept = plan.trees.entry(path).or_insert(how);
                *kept = (*kept).max(how);
            }
        }
        let state = store.and_then(|store| store.directory().parent());
        plan.trees.retain(|path, _| !state.is_some_and(|state| path.starts_with(state)));
        plan.trees.retain(|path, _| is_a_loss(path, place));
        leave_out_what_git_has(&mut plan, place);
        if !plan.trees.is_empty() {
            let manifests = store.map(|store| store.latest(LATEST)).unwrap_or_default();
            let known = Known::of(&manifests);
            plan.trees.retain(|path, how| !known.holds(path, *how));
        }
        plan.fit();
        plan
    }

    /// Leaves out what does not fit.
    fn fit(&mut self) {
        let room = Room { entries: ENTRIES, bytes: self.size / SHARE, until: Instant::now() + TIME };
        let mut walk = Walk::new(room, &|_| false);
        let mut unkept = Vec::new();
        let mut copied = 0;
        let briefly = self.briefly;
        self.trees.retain(|path, how| {
            let before = walk.found.clone();
            let fits = walk.measure(path).map_err(|error| error.to_string());
            let size = walk.found.bytes - before.bytes;
            let in_time = *how == How::Link || !briefly || copied + size <= BRIEF_SIZE;
            let why = match fits {
                Err(why) => why,
                Ok(()) if !is_room_for(size, path) => "the disk is nearly full".to_owned(),
                Ok(()) if !in_time => too_slow(),
                Ok(()) => {
                    copied += if *how == How::Copy { size } else { 0 };
                    return true;
                }
            };
            walk.found = before;
            unkept.push(format!("{}: {why}", path.display()));
            false
        });
        self.found = walk.found;
        self.unkept.extend(unkept);
    }
}

/// Returns the files that an action takes away or replaces, and how each could be kept.
fn dropped(action: &Action, how: How, place: &Place<'_>) -> Vec<(PathBuf, How)> {
    let existing = |word: &str, deep| paths::existing(word, deep, &action.site, place).unwrap_or_default();
    match &action.effect {
        Effect::Run(line) if REMOVING.contains(&line.program.as_str()) => {
            let deep = action.trail.last().is_some_and(|step| step.starts_with("find "));
            let operands = line.readings.iter().take(1).flat_map(|reading| &reading.operands);
            let paths = operands.flat_map(|operand| existing(&operand.text, deep));
            // A file is truncated through a link, too.
            paths
                .flat_map(|path| if how == How::Copy { paths::behind(path) } else { vec![path] })
                .map(|path| (path, how))
                .collect()
        }
        Effect::Write(write) if write.replaces => {
            let paths =
                written(write).into_iter().flat_map(|word| existing(&word, false)).flat_map(paths::behind);
            paths.map(|path| (path, How::Copy)).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the words for what a write replaces: the file, and what lies below it if it is a directory.
fn written(write: &FileWrite) -> Vec<String> {
    std::iter::once(write.path.clone()).chain(write.below()).collect()
}

/// Returns whether something would be missed: a file with content, or a link, outside the places whose files
/// come and go.
fn is_a_loss(path: &Path, place: &Place<'_>) -> bool {
    let Ok(found) = fs::symlink_metadata(path) else { return false };
    let holds = found.is_symlink() || found.is_file() && found.len() > 0;
    let site = Site::here(&place.cwd);
    let none = |text: &str| kinds::is_any(text, &NO_LOSS, &site, place) == Truth::Certain;
    holds && !path.to_str().is_some_and(none)
}

/// Leaves out the files that git has as they are.
fn leave_out_what_git_has(plan: &mut Plan, place: &Place<'_>) {
    let Some(project) = place.project.as_deref().and_then(|project| place.canonical(project)) else { return };
    let name = |path: &Path| path.strip_prefix(&project).ok()?.to_str().map(str::to_owned);
    let names: Vec<String> = plan.trees.keys().filter_map(|path| name(path)).collect();
    let Some(index) = place.index_file().filter(|_| !names.is_empty()) else { return };
    let Ok(written) = fs::metadata(&index) else { return };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let seen = place.seen_by_git(&index, &names);
    plan.trees.retain(|path, _| {
        let seen = name(path).and_then(|name| seen.get(&name).copied());
        !seen
            .zip(fs::symlink_metadata(path).ok())
            .is_some_and(|(seen, found)| is_as_seen(seen, &found, &written))
    });
}

/// Returns whether a file is as git saw it. One that changed when the index was written, or since, may have changed
/// once more at the same time.
fn is_as_seen(seen: Seen, found: &Metadata, index: &Metadata) -> bool {
    // The index has the lower 32 bits of each.
    let low = |number: i64| number as u32;
    let changed = (low(found.ctime()), low(found.ctime_nsec()));
    let modified = (low(found.mtime()), low(found.mtime_nsec()));
    let before = (found.mtime(), found.mtime_nsec()) < (index.mtime(), index.mtime_nsec());
    before && seen == Seen { changed, modified, size: found.len() as u32 }
}

/// What is kept already, by its original path: another door that the same command went through may have kept
/// it.
struct Known<'m>(BTreeMap<&'m Path, Vec<&'m Path>>);

impl<'m> Known<'m> {
    fn of(manifests: &'m [Manifest]) -> Self {
        let mut known: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
        for tree in manifests.iter().filter(|manifest| manifest.whole).flat_map(|manifest| &manifest.trees) {
            let kept = tree.kept.as_ref().map(|kept| kept.path());
            known.entry(tree.path.path()).or_default().extend(kept);
        }
        Self(known)
    }

    /// Returns whether a file is kept as it is now, alone or with the directory that it lies in. A second name of it
    /// keeps nothing from being overwritten.
    fn holds(&self, path: &Path, how: How) -> bool {
        let Ok(now) = fs::symlink_metadata(path) else { return false };
        let facts = |of: &Metadata| (of.mode(), of.len(), of.mtime(), of.mtime_nsec());
        let is_it = |kept: &Metadata| {
            let is_same = (kept.dev(), kept.ino()) == (now.dev(), now.ino());
            facts(kept) == facts(&now) && (how == How::Link || !is_same)
        };
        path.ancestors().any(|above| {
            let below = path.strip_prefix(above).ok().filter(|below| !below.as_os_str().is_empty());
            let kept = self.0.get(above).into_iter().flatten();
            let kept = kept.map(|kept| below.map_or_else(|| (*kept).to_owned(), |below| kept.join(below)));
            kept.into_iter().any(|kept| fs::symlink_metadata(kept).is_ok_and(|kept| is_it(&kept)))
        })
    }
}

/// Returns whether this much may be kept on the disk that holds `path`.
fn is_room_for(size: u64, path: &Path) -> bool {
    let disk = path.parent().and_then(|parent| rustix::fs::statvfs(parent).ok());
    disk.is_none_or(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) / FREE >= size)
}
