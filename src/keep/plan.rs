//! What is to be kept for a command, worked out before a person is asked so that the question can say it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::git::{self, Answers, Wish};
use super::manifest::{RawPath, Repository};
use super::tree::{How, Measure, Room, Walk};
use super::wishes::Wishes;
use super::{contents, paths};
use crate::decide::policy::before::Kept;
use crate::matcher::Finding;
use crate::place::{Place, kinds};
use crate::resolve::action::{Action, Effect, Site};
use crate::resolve::command_line::CommandLine;
use crate::rulebook::format::{Keeper, PathKind};
use crate::truth::Truth;

/// The most files that are kept for one command: a person waits while they are counted.
pub(super) const ENTRIES: u64 = 50_000;

/// How long counting may take, and how long keeping may.
const TIME: Duration = Duration::from_secs(10);

/// How long counting may take where no person waits: an agent gives its hook a few seconds for everything.
const BRIEF: Duration = Duration::from_millis(300);

/// How long keeping may take then.
const BRIEF_KEEPING: Duration = Duration::from_secs(1);

/// The most that is copied then, in bytes: what a slow disk takes in that time. A hard link costs nothing.
pub(super) const BRIEF_SIZE: u64 = 64 << 20;

/// Programs that remove names and change no file's content. Where a command runs no others, a hard link keeps
/// a file as well as a copy does.
const UNLINK_ONLY: [&str; 20] = [
    "rm", "rmdir", "unlink", "find", "xargs", "git", "cd", "echo", "printf", "ls", "true", "test", "mkdir",
    "sudo", "env", "sh", "bash", "dash", "zsh", "timeout",
];

/// What is to be kept for a command.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Files and directories, and how.
    pub(super) trees: BTreeMap<PathBuf, How>,
    /// Paths that do not exist yet, which an undo clears.
    pub(super) absent: BTreeSet<PathBuf>,
    /// SQLite databases.
    pub(super) databases: BTreeSet<PathBuf>,
    /// What is kept of repositories.
    pub(super) repositories: Vec<Repository>,
    /// The rules that ask for it, and what they say about recovery.
    pub(super) rules: BTreeMap<String, String>,
    /// What was counted.
    pub(super) found: Measure,
    /// The most that is kept of everything, in bytes, and for how long.
    pub(super) size: u64,
    pub(super) age: Duration,
    /// Whether it is kept without a question.
    pub(super) unasked: bool,
    /// Whether there is little time.
    pub(super) briefly: bool,
    /// What is not kept although a rule says so, and why.
    pub(super) unkept: BTreeSet<String>,
}

/// The actions of a command, as they are gone through for its findings.
///
/// Many findings may be about one program, and each of them asks for the files of all its calls: these are looked for
/// once, so that a script with thousands of removals does not take a minute.
struct Sweep<'s, 'w> {
    actions: &'s [Action],
    place: &'s Place<'w>,
    /// How a file that a program removes is kept.
    how: How,
    /// What git is to be asked.
    wishes: Wishes,
    /// What came of looking for all that a program removes, or that a client has open.
    done: BTreeMap<(Keeper, String), Result<(), String>>,
}

impl<'s, 'w> Sweep<'s, 'w> {
    fn of(actions: &'s [Action], place: &'s Place<'w>) -> Self {
        Self { actions, place, how: how(actions), wishes: Wishes::default(), done: BTreeMap::new() }
    }

    /// Does `look` unless it was done already, and returns what came of it.
    fn once(
        &mut self,
        keeper: Keeper,
        program: &str,
        look: impl FnOnce(&Self) -> Result<(), String>,
    ) -> Result<(), String> {
        let key = (keeper, program.to_owned());
        if let Some(done) = self.done.get(&key) {
            return done.clone();
        }
        let done = look(self);
        self.done.insert(key, done.clone());
        done
    }
}

impl Plan {
    /// Works out what is to be kept for the findings in a command.
    pub fn of(
        findings: &[&Finding],
        actions: &[Action],
        bounds: &Kept,
        place: &Place<'_>,
        briefly: bool,
    ) -> Self {
        let mut plan = Self { briefly, ..Self::default() };
        let mut sweep = Sweep::of(actions, place);
        for finding in findings {
            for keeper in &finding.rule.rule.before {
                let Some((size, age)) = bounds.bounds(*keeper) else { continue };
                let before = plan.count();
                let wanted = plan.want(*keeper, finding, &mut sweep);
                if let Err(why) = wanted {
                    plan.unkept.insert(format!("{}: {why}", finding.rule.id()));
                }
                if plan.count() > before || sweep.wishes.have(*keeper) {
                    (plan.size, plan.age) = (plan.size.max(size), plan.age.max(age));
                    plan.rules.insert(finding.rule.id(), finding.rule.rule.recover.join(" "));
                }
            }
        }
        let (until, said) = (Instant::now() + TIME, Answers::default());
        for wish in sweep.wishes.all() {
            if Instant::now() > until {
                plan.unkept.insert("it takes too long to ask git what all of it would drop".to_owned());
                break;
            }
            plan.ask_git(wish, &said);
        }
        plan.drop_nested();
        plan.measure(place);
        plan
    }

    /// Returns a plan that keeps what would be overwritten by putting something back.
    pub(super) fn before_undo(
        trees: impl Iterator<Item = PathBuf>,
        wishes: impl Iterator<Item = Wish>,
        place: &Place<'_>,
    ) -> Self {
        let mut plan = Self {
            size: crate::decide::policy::before::SIZE,
            age: crate::decide::policy::before::AGE,
            ..Self::default()
        };
        plan.trees.extend(trees.map(|path| (path, How::Link)));
        let said = Answers::default();
        wishes.for_each(|wish| plan.ask_git(&wish, &said));
        plan.drop_nested();
        plan.measure(place);
        plan
    }

    /// Returns whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Leaves out what another plan keeps.
    pub fn without(mut self, other: &Self) -> Self {
        self.trees.retain(|path, _| !path.ancestors().any(|above| other.trees.contains_key(above)));
        self
    }

    /// Returns what is not kept although a rule says so, a sentence each.
    pub fn unkept(&self) -> Vec<String> {
        self.unkept.iter().cloned().collect()
    }

    /// Returns what is kept, for the question.
    pub fn description(&self) -> Vec<String> {
        if self.is_empty() {
            return Vec::new();
        }
        let references = self.repositories.iter().map(|repository| repository.references.len()).sum();
        let mut told = vec![format!(
            "{}; guard undo puts them back",
            contents(self.found.files, self.found.bytes, references)
        )];
        let name = |path: &PathBuf| path.display().to_string();
        let some = |paths: &[PathBuf]| paths.iter().take(3).map(name).collect::<Vec<_>>().join(", ");
        if !self.found.left_out.is_empty() {
            told.push(format!("without what a build makes again: {}", some(&self.found.left_out)));
        }
        if !self.found.special.is_empty() {
            told.push(format!("without sockets and devices: {}", some(&self.found.special)));
        }
        told
    }

    fn count(&self) -> usize {
        self.trees.len() + self.databases.len() + self.repositories.len()
    }

    /// Adds what one keeper keeps for one finding.
    fn want(&mut self, keeper: Keeper, finding: &Finding, sweep: &mut Sweep<'_, '_>) -> Result<(), String> {
        let Some(action) = sweep.actions.get(finding.action) else { return Ok(()) };
        match keeper {
            Keeper::Trash => self.trash(finding, action, sweep),
            Keeper::CopyFile => self.database(action, sweep),
            _ => {
                // The same rule may have fired on the same words elsewhere in the command.
                let others = finding.also.iter().filter_map(|at| sweep.actions.get(*at));
                for action in std::iter::once(action).chain(others) {
                    let Effect::Run(line) = &action.effect else { continue };
                    sweep.wishes.add(keeper, line, &action.site)?;
                }
                Ok(())
            }
        }
    }

    /// The files that a command removes or overwrites.
    fn trash(&mut self, finding: &Finding, action: &Action, sweep: &mut Sweep<'_, '_>) -> Result<(), String> {
        let place = sweep.place;
        match &action.effect {
            // A rule fires once for the same words; what else the program takes is kept with it.
            Effect::Run(line) => {
                sweep.once(Keeper::Trash, &line.program, |sweep| self.removed_by(&line.program, sweep))
            }
            Effect::Write(write) => {
                let paths = paths::existing(&write.path, false, &action.site, place)?;
                self.add(paths.into_iter().flat_map(paths::behind).collect(), How::Copy);
                Ok(())
            }
            Effect::Call { .. } => {
                let path = finding.captures.get("path").ok_or("which files it is about is not known")?;
                let paths = paths::existing(path, false, &action.site, place)?;
                self.add(paths, How::Copy);
                Ok(())
            }
            Effect::Sql { .. } | Effect::Http(_) | Effect::Code(_) => Ok(()),
        }
    }

    /// Adds what all calls of a program remove or overwrite, and what is moved over.
    fn removed_by(&mut self, program: &str, sweep: &Sweep<'_, '_>) -> Result<(), String> {
        for action in sweep.actions {
            let Effect::Run(line) = &action.effect else { continue };
            let moves = line.program == "mv";
            if line.program == program || moves {
                self.operands(line, action, if moves { How::Copy } else { sweep.how }, sweep.place)?;
            }
        }
        Ok(())
    }

    fn operands(
        &mut self,
        line: &CommandLine,
        action: &Action,
        how: How,
        place: &Place<'_>,
    ) -> Result<(), String> {
        let deep = action.trail.last().is_some_and(|step| step.starts_with("find "));
        let Some(reading) = line.readings.first() else { return Ok(()) };
        for operand in &reading.operands {
            let harmless = [PathKind::Temporary, PathKind::Artefact, PathKind::Sink, PathKind::Device];
            if kinds::is_any(&operand.text, &harmless, &action.site, place) == Truth::Certain {
                continue;
            }
            let mut paths = paths::existing(&operand.text, deep, &action.site, place)?;
            if line.program == "truncate" {
                paths = paths.into_iter().flat_map(paths::behind).collect();
            }
            self.add(paths, how);
        }
        Ok(())
    }

    fn add(&mut self, paths: Vec<PathBuf>, how: How) {
        for path in paths {
            let kept = self.trees.entry(path).or_insert(how);
            *kept = (*kept).max(how);
        }
    }

    /// The database of a client that says in its grammar which file it opens.
    fn database(&mut self, action: &Action, sweep: &mut Sweep<'_, '_>) -> Result<(), String> {
        let Effect::Sql { client, .. } = &action.effect else { return Ok(()) };
        sweep.once(Keeper::CopyFile, client, |sweep| self.opened_by(client, sweep))
    }

    fn opened_by(&mut self, client: &str, sweep: &Sweep<'_, '_>) -> Result<(), String> {
        for action in sweep.actions {
            let Effect::Run(line) = &action.effect else { continue };
            let source =
                line.grammar.as_ref().and_then(|grammar| grammar.speaks.as_ref()?.sql.as_ref()?.file.clone());
            let (Some(source), true) = (source, line.program == client) else { continue };
            for name in line.readings.iter().flat_map(|reading| reading.at(&source, 0)) {
                self.databases.extend(paths::existing(name, false, &action.site, sweep.place)?);
            }
        }
        Ok(())
    }

    fn ask_git(&mut self, wish: &Wish, said: &Answers) {
        match git::look(wish, said) {
            Ok(drops) => {
                self.add(drops.changed, How::Copy);
                self.add(drops.deleted, How::Link);
                self.absent.extend(drops.absent);
                self.repositories.extend(drops.repository);
            }
            Err(why) => _ = self.unkept.insert(why),
        }
    }

    /// What lies in a tree that is kept is kept with it.
    fn drop_nested(&mut self) {
        let mut last: Option<PathBuf> = None;
        let mut copied = BTreeSet::new();
        self.trees.retain(|path, how| {
            if let Some(root) = last.as_ref().filter(|root| path.starts_with(root)) {
                if *how == How::Copy {
                    copied.insert(root.clone());
                }
                return false;
            }
            last = Some(path.clone());
            true
        });
        for root in copied {
            self.trees.insert(root, How::Copy);
        }
    }

    /// Counts what is to be kept; anything over the bounds is not kept at all.
    fn measure(&mut self, place: &Place<'_>) {
        let until = Instant::now() + if self.briefly { BRIEF } else { TIME };
        let skips = |path: &Path| is_made_again(path, place);
        let mut walk = Walk::new(Room { entries: ENTRIES, bytes: self.size, until }, &skips);
        let (copied, linked): (Vec<_>, Vec<_>) = self.trees.iter().partition(|(_, how)| **how == How::Copy);
        let told = |error: std::io::Error| too_much(&error, self.size);
        let mut copied = copied.into_iter().map(|(path, _)| path).chain(&self.databases);
        let counted = copied.try_for_each(|path| walk.measure(path)).map_err(told);
        // A copy alone takes time.
        let is_slow = self.briefly && walk.found.bytes > BRIEF_SIZE;
        let counted = if is_slow { counted.and_then(|()| Err(too_slow())) } else { counted };
        let mut linked = linked.into_iter();
        let counted =
            counted.and_then(|()| linked.try_for_each(|(path, _)| walk.measure(path)).map_err(told));
        self.found = walk.found;
        if let Err(why) = counted {
            self.unkept.insert(format!("the files: {why}"));
            self.trees.clear();
            self.databases.clear();
            self.absent.clear();
            self.found = Measure::default();
        }
    }

    /// Returns the deadline for keeping it, starting now.
    pub(super) fn until(&self) -> Instant {
        Instant::now() + if self.briefly { BRIEF_KEEPING } else { TIME }
    }
}

/// Says why this much is not copied where there is little time.
pub(super) fn too_slow() -> String {
    format!("a copy of more than {} takes longer than an agent's hook may", super::bytes(BRIEF_SIZE))
}

/// Returns how much the findings would remove or overwrite, as far as that can be counted by the deadline:
/// `at least 2134 files, 1.2 GB`. Only the files of rules that name a keeper are known.
pub fn at_stake(
    findings: &[&Finding],
    actions: &[Action],
    place: &Place<'_>,
    until: Instant,
) -> Option<String> {
    let mut plan = Plan::default();
    let mut sweep = Sweep::of(actions, place);
    let mut is_all = true;
    for finding in findings.iter().filter(|finding| finding.rule.rule.before.contains(&Keeper::Trash)) {
        if let Some(action) = actions.get(finding.action) {
            is_all &= plan.trash(finding, action, &mut sweep).is_ok();
        }
    }
    plan.drop_nested();
    let mut walk = Walk::new(Room { entries: u64::MAX, bytes: u64::MAX, until }, &|_| false);
    is_all &= plan.trees.keys().try_for_each(|path| walk.measure(path)).is_ok();
    let Measure { files, bytes, .. } = walk.found;
    (files > 0).then(|| format!("{}{}", if is_all { "" } else { "at least " }, contents(files, bytes, 0)))
}

/// Says why files are not kept.
pub(super) fn too_much(error: &std::io::Error, size: u64) -> String {
    match error.to_string().as_str() {
        "there are too many files" => format!("there are more than {ENTRIES}"),
        "it is too large" => format!("they take more than {}", super::bytes(size)),
        other => other.to_owned(),
    }
}

/// Returns whether a directory holds what a build makes again.
pub(super) fn is_made_again(path: &Path, place: &Place<'_>) -> bool {
    let site = Site::here(&place.cwd);
    path.to_str().is_some_and(|text| kinds::is(text, PathKind::Artefact, &site, place) == Truth::Certain)
}

/// Whether a hard link keeps what a command takes away.
pub(super) fn how(actions: &[Action]) -> How {
    let unlinks = |action: &Action| match &action.effect {
        Effect::Run(line) => UNLINK_ONLY.contains(&line.program.as_str()),
        _ => false,
    };
    if actions.iter().all(unlinks) { How::Link } else { How::Copy }
}

/// Returns paths as the manifest has them.
pub(super) fn raw(paths: &[PathBuf]) -> Vec<RawPath> {
    paths.iter().map(|path| RawPath::from(path.as_path())).collect()
}
