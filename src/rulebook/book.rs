//! The rulebook: the built-in packs and those of the machine, the user and the project.
//!
//! A rulebook is a stack of compiled tables. What is asked for is decoded, once; nothing else is.
//! Packs that are added may name new dangers and new programs, but never change how a program that
//! is already known is read, for that could take a danger away.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde::Deserialize;

use super::format::Pack;
use super::index::{self, BookProgram, BookRule, Entry, Grammar, Key, PackHead};
use super::table::Table;
use super::targets::Target;
use crate::unknown;

/// The packs that `build.rs` compiled from `rules/*.yaml`.
static BUILT_IN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rulebook.bin"));

/// Where a pack comes from, which decides what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The program itself.
    BuiltIn,
    /// A directory that belongs to the machine or to the user.
    Installed(PathBuf),
    /// The project that the command runs in: anybody who could write to it could have put it there.
    Project(PathBuf),
}

/// Grammar and rules of all packs.
#[derive(Debug, Default)]
pub struct Rulebook {
    layers: Vec<Layer>,
    programs: Mutex<BTreeMap<String, Option<Grammar>>>,
    targets: Mutex<BTreeMap<String, Option<Arc<Target>>>>,
    rules: Mutex<BTreeMap<String, Arc<BookRule>>>,
    /// The rules under the keys of the tables that were asked for.
    found: Mutex<BTreeMap<String, Arc<[Filed]>>>,
    /// The same by what was asked, of which a script asks again and again.
    asked: Mutex<BTreeMap<&'static str, BTreeMap<String, Arc<[Filed]>>>>,
}

/// A rule that could match, which is decoded when it is looked at.
#[derive(Debug)]
pub struct Filed {
    id: String,
    /// The commands of the program asked for that it names (`git push`); none where it was asked for otherwise.
    pub runs: Vec<String>,
    rule: OnceLock<Option<Arc<BookRule>>>,
}

/// One compiled table.
#[derive(Clone, Debug)]
struct Layer {
    table: Table,
    origin: Origin,
    /// Packs of this layer that another one replaces.
    hidden: BTreeSet<String>,
}

/// Why a pack cannot stand beside those that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// There is a pack of this name.
    Pack(String),
    /// There is a grammar for this program, in this pack.
    Program(String, String),
    /// A rule of another pack names this program, and this pack comes from a project.
    Guarded(String, String),
    /// The pack comes from a project and says what this program runs.
    Steered(String),
    /// The pack is too large to be compiled.
    Size(String),
}

impl std::error::Error for Conflict {}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pack(name) => write!(f, "there is already a pack named `{name}`"),
            Self::Program(name, pack) => {
                write!(f, "`{name}` already has a grammar in the pack `{pack}`, which cannot be changed")
            }
            Self::Guarded(name, rule) => {
                write!(f, "the rule `{rule}` reads `{name}`; a project cannot change how it is read")
            }
            Self::Steered(name) => {
                write!(
                    f,
                    "a project cannot say what `{name}` runs, or where: guard would not look for itself"
                )
            }
            Self::Size(name) => write!(f, "the pack `{name}` is too large"),
        }
    }
}

impl Rulebook {
    /// Returns the packs that come with the program. Nothing is read or decoded for it.
    pub fn builtin() -> Self {
        Self::in_place(BUILT_IN)
    }

    /// Returns the rulebook that a compiled table is ([`super::index::compile`]), without decoding it.
    pub fn in_place(table: &'static [u8]) -> Self {
        Self { layers: vec![Layer::new(Table::in_place(table), Origin::BuiltIn)], ..Self::default() }
    }

    /// Returns a rulebook of these packs alone, for tests and for the checks of packs.
    pub fn of(packs: &[Pack]) -> Result<Self, Conflict> {
        let mut book = Self::default();
        packs.iter().try_for_each(|pack| book.add(pack, Origin::BuiltIn))?;
        Ok(book)
    }

    /// Returns a rulebook of the same packs, with nothing decoded yet.
    pub fn fresh(&self) -> Self {
        Self { layers: self.layers.clone(), ..Self::default() }
    }

    /// Adds a pack, which may not change what is there.
    pub fn add(&mut self, pack: &Pack, origin: Origin) -> Result<(), Conflict> {
        self.check(pack, &origin)?;
        let bytes = index::compile([pack]).map_err(|_| Conflict::Size(pack.pack.clone()))?;
        self.layers.push(Layer::new(Table::owned(bytes), origin));
        self.forget();
        Ok(())
    }

    /// Adds a pack in the place of the one that has its name, if there is one.
    ///
    /// This is for trying out a changed pack (`guard rules test`), never for judging: it could take
    /// rules away.
    pub fn replace(&mut self, pack: &Pack) -> Result<(), Conflict> {
        for layer in &mut self.layers {
            layer.hidden.insert(pack.pack.clone());
        }
        self.forget();
        self.add(pack, Origin::BuiltIn)
    }

    /// Returns how the command lines of the program called `name` are read, if that is known.
    ///
    /// The name may be any of the program's.
    pub fn program(&self, name: &str) -> Option<Grammar> {
        if let Some(known) = lock(&self.programs).get(name) {
            return known.clone();
        }
        let found = self
            .book_program(name)
            .map(|entry| Grammar { name: entry.name, program: Arc::new(entry.program) });
        lock(&self.programs).insert(name.to_owned(), found.clone());
        found
    }

    /// Returns how it is found out what a program acts on, by the program's canonical name.
    pub fn target(&self, name: &str) -> Option<Arc<Target>> {
        let mut targets = lock(&self.targets);
        if let Some(known) = targets.get(name) {
            return known.clone();
        }
        let key = format!("target {name}");
        let found = self.layers.iter().find_map(|layer| layer.read(&key)).map(Arc::new);
        targets.insert(name.to_owned(), found.clone());
        found
    }

    /// Returns all rules that could match an action of this key, by name: more may be returned, never less.
    ///
    /// A key that is not known to the last letter finds all rules of its kind.
    pub fn rules(&self, key: Key<'_>) -> Arc<[Filed]> {
        let known = |asked: &BTreeMap<_, BTreeMap<String, Arc<[Filed]>>>| {
            asked.get(key.kind())?.get(key.text()).cloned()
        };
        if let Some(known) = known(&lock(&self.asked)) {
            return known;
        }
        let found = self.look_up(key);
        lock(&self.asked).entry(key.kind()).or_default().insert(key.text().to_owned(), Arc::clone(&found));
        found
    }

    fn look_up(&self, key: Key<'_>) -> Arc<[Filed]> {
        if !unknown::is_known(key.text()) {
            return self.found(key.kind(), || {
                let of_kind = |layer: &Layer| {
                    let values = layer.table.with_prefix(key.kind());
                    values.flat_map(|(_, value)| layer.entries(value)).collect::<Vec<_>>()
                };
                self.layers.iter().flat_map(of_kind).collect()
            });
        }
        let (own, any) = (key.lookup(), key.any());
        // What is filed under no name of its own is found as all the others of its kind are.
        let is_filed = self.layers.iter().any(|layer| layer.table.get(&own).is_some());
        let name = if is_filed { &own } else { &any };
        self.found(name, || self.entries(&own).into_iter().chain(self.entries(&any)).collect())
    }

    /// Returns a rule that was found, decoded once.
    pub fn decoded(&self, filed: &Filed) -> Option<Arc<BookRule>> {
        filed.rule.get_or_init(|| self.rule(&filed.id)).clone()
    }

    /// Returns the rules that go by `name`, which are looked for once.
    fn found(&self, name: &str, entries: impl FnOnce() -> Vec<Entry>) -> Arc<[Filed]> {
        if let Some(known) = lock(&self.found).get(name) {
            return known.clone();
        }
        let mut by_id: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (id, runs) in entries() {
            by_id.entry(id).or_default().extend(runs);
        }
        let filed = |(id, runs)| Filed { id, runs, rule: OnceLock::new() };
        let rules: Arc<[_]> = by_id.into_iter().map(filed).collect();
        lock(&self.found).insert(name.to_owned(), rules.clone());
        rules
    }

    /// Returns the rule `railway/volume-delete`.
    pub fn rule(&self, id: &str) -> Option<Arc<BookRule>> {
        if let Some(known) = lock(&self.rules).get(id) {
            return Some(known.clone());
        }
        let key = format!("rule {id}");
        let rule: BookRule =
            self.layers.iter().filter(|layer| layer.shows(id)).find_map(|layer| layer.read(&key))?;
        let rule = Arc::new(rule);
        lock(&self.rules).insert(id.to_owned(), rule.clone());
        Some(rule)
    }

    /// Returns all rules, by pack and in the order of the packs.
    pub fn all_rules(&self) -> Vec<Arc<BookRule>> {
        let ids = |head: PackHead| head.rules.into_iter().map(move |rule| format!("{}/{rule}", head.pack));
        self.packs().into_iter().flat_map(ids).filter_map(|id| self.rule(&id)).collect()
    }

    /// Returns all packs, sorted by name, without their programs and rules.
    pub fn packs(&self) -> Vec<PackHead> {
        let mut packs = Vec::new();
        for layer in &self.layers {
            let shown = layer.table.with_prefix("pack ").filter(|(name, _)| !layer.hidden.contains(*name));
            packs.extend(shown.filter_map(|(_, value)| decode::<PackHead>(value)));
        }
        packs.sort_by(|a, b| a.pack.cmp(&b.pack));
        packs
    }

    /// Returns all programs under their canonical names, sorted.
    pub fn programs(&self) -> Vec<BookProgram> {
        let names: BTreeSet<String> = self.packs().into_iter().flat_map(|head| head.programs).collect();
        names.iter().filter_map(|name| self.book_program(name)).collect()
    }

    /// Returns the pack called `name`, whole.
    pub fn pack(&self, name: &str) -> Option<Pack> {
        let head = self.packs().into_iter().find(|head| head.pack == name)?;
        let programs = head.programs.iter().filter_map(|name| self.book_program(name));
        let rules = head.rules.iter().filter_map(|rule| self.rule(&format!("{name}/{rule}")));
        let target = |name: &String| Some((name.clone(), self.target(name)?.as_ref().clone()));
        Some(Pack {
            targets: head.programs.iter().filter_map(target).collect(),
            programs: programs.map(|entry| (entry.name, entry.program)).collect(),
            rules: rules.map(|entry| entry.rule.clone()).collect(),
            pack: head.pack,
            title: head.title,
            docs: head.docs,
            checked: head.checked,
        })
    }

    /// Returns where the packs come from, one entry a layer.
    pub fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.layers.iter().map(|layer| &layer.origin)
    }

    /// Returns the entry of the program called `name`, with the pack that it comes from.
    fn book_program(&self, name: &str) -> Option<BookProgram> {
        let key = format!("program {name}");
        let shown = |layer: &Layer, entry: &BookProgram| !layer.hidden.contains(&entry.pack);
        self.layers.iter().find_map(|layer| layer.read(&key).filter(|entry| shown(layer, entry)))
    }

    /// Refuses what `pack` must not change.
    fn check(&self, pack: &Pack, origin: &Origin) -> Result<(), Conflict> {
        if self.packs().iter().any(|head| head.pack == pack.pack) {
            return Err(Conflict::Pack(pack.pack.clone()));
        }
        let from_project = matches!(origin, Origin::Project(_));
        for (canonical, program) in &pack.programs {
            // Whoever says that a script runs something else keeps it from being read.
            let runs = program.runs.is_some() || program.commands.values().any(|own| own.runs.is_some());
            if from_project && (runs || !program.chdir.is_empty()) {
                return Err(Conflict::Steered(canonical.clone()));
            }
            for name in [canonical].into_iter().chain(&program.also) {
                if let Some(entry) = self.book_program(name) {
                    return Err(Conflict::Program(name.clone(), entry.pack));
                }
                if from_project
                    && let Some((rule, _)) =
                        self.entries(&format!("{}{name}", Key::Program("").kind())).into_iter().min()
                {
                    return Err(Conflict::Guarded(name.clone(), rule));
                }
            }
        }
        Ok(())
    }

    /// Returns the rules that are filed under one key of the tables.
    fn entries(&self, key: &str) -> Vec<Entry> {
        let found =
            |layer: &Layer| layer.table.get(key).map(|value| layer.entries(value)).unwrap_or_default();
        self.layers.iter().flat_map(found).collect()
    }

    /// Drops what was decoded, after a change.
    fn forget(&mut self) {
        lock(&self.programs).clear();
        lock(&self.targets).clear();
        lock(&self.rules).clear();
        lock(&self.found).clear();
        lock(&self.asked).clear();
    }
}

impl Layer {
    const fn new(table: Table, origin: Origin) -> Self {
        Self { table, origin, hidden: BTreeSet::new() }
    }

    fn read<'a, T: Deserialize<'a>>(&'a self, key: &str) -> Option<T> {
        decode(self.table.get(key)?)
    }

    /// Returns the rules in a table's value, without those of hidden packs.
    fn entries(&self, value: &[u8]) -> Vec<Entry> {
        let mut entries: Vec<Entry> = decode(value).unwrap_or_default();
        entries.retain(|(id, _)| self.shows(id));
        entries
    }

    /// Returns whether the rule called `id` is of a pack that is not hidden.
    fn shows(&self, id: &str) -> bool {
        id.split_once('/').is_none_or(|(pack, _)| !self.hidden.contains(pack))
    }
}

/// Reads a value that [`index::compile`] wrote in this same version of the program; it cannot fail,
/// and a test decodes every built-in value.
fn decode<'a, T: Deserialize<'a>>(value: &'a [u8]) -> Option<T> {
    let decoded = postcard::from_bytes(value);
    debug_assert!(decoded.is_ok(), "a compiled value does not decode");
    decoded.ok()
}

/// Locks a cache; what a panicking thread left in it is still right.
fn lock<T>(cache: &Mutex<T>) -> MutexGuard<'_, T> {
    cache.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
