//! What a pack must not be, as far as that can be seen without judging a command.
//!
//! A pack that is not [`sound`] does not mean what it says: a condition that can never hold, an
//! option that no grammar declares, a regular expression that is none. It is refused wherever it
//! comes from. A pack that is not [`tidy`] is badly kept: no examples, a title with a period. That is
//! refused of the packs that come with guard, and by `guard rules lint`.

mod grammar;
mod rules;
mod targets;
pub mod text;
mod wording;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::format::Pack;
use super::index::Grammar;
use super::load::{PackError, read_pack};
use super::places::Places;

/// What is wrong, and where: the path of keys, such as `rules/0/when/1/with`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The path of keys.
    pub at: String,
    /// What is wrong there.
    pub message: String,
}

/// Finds grammars that other packs declare.
pub type Known<'a> = dyn Fn(&str) -> Option<Grammar> + 'a;

/// Returns what keeps `pack` from meaning what it says.
pub fn sound(pack: &Pack, known: &Known<'_>) -> Vec<Fault> {
    let mut faults = Faults::default();
    faults.check("pack", text::kebab(&pack.pack), || "a pack's name is kebab-case: `fly-io`".to_owned());
    let own = own_grammars(pack);
    let known = |name: &str| own.get(name).cloned().or_else(|| known(name));
    grammar::check(pack, &mut faults);
    targets::check(pack, &mut faults);
    rules::check(pack, &known, &mut faults);
    faults.found
}

/// Returns what is badly kept in `pack`.
pub fn tidy(pack: &Pack) -> Vec<Fault> {
    let mut faults = Faults::default();
    wording::check(pack, &mut faults);
    faults.found
}

/// A pack as it was read, with the text that it was read from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's path, for messages.
    pub path: String,
    /// The file's text.
    pub text: String,
    /// The pack.
    pub pack: Pack,
}

impl Source {
    /// Reads the pack in `text`.
    pub fn read(path: &str, text: &str) -> Result<Self, PackError> {
        Ok(Self { path: path.to_owned(), text: text.to_owned(), pack: read_pack(text, path)? })
    }

    /// Returns a built-in pack, of which there is no file.
    pub fn built_in(pack: Pack) -> Self {
        Self { path: format!("rules/{}.yaml", pack.pack), text: String::new(), pack }
    }

    /// Returns an error about what the path of keys `at` leads to.
    pub fn error(&self, at: &str, message: impl Into<String>) -> PackError {
        PackError::new(&self.path, &self.text, Places::of(&self.text).find(at), message)
    }

    /// Returns `faults` with their places in the file.
    pub fn locate(&self, faults: Vec<Fault>) -> Vec<PackError> {
        if faults.is_empty() {
            return Vec::new();
        }
        let places = Places::of(&self.text);
        let error =
            |fault: Fault| PackError::new(&self.path, &self.text, places.find(&fault.at), fault.message);
        faults.into_iter().map(error).collect()
    }
}

/// Reads and checks packs that are to stand side by side; `known` finds grammars beyond theirs.
pub fn read_all(files: &[(String, String)], known: &Known<'_>) -> Result<Vec<Source>, Vec<PackError>> {
    let (mut sources, mut errors) = (Vec::new(), Vec::new());
    for (path, text) in files {
        match Source::read(path, text) {
            Ok(source) => sources.push(source),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let grammars = grammars(&sources);
    let known = |name: &str| grammars.get(name).cloned().or_else(|| known(name));
    for source in &sources {
        let mut faults = misnamed(source);
        faults.extend(sound(&source.pack, &known));
        faults.extend(tidy(&source.pack));
        errors.extend(source.locate(faults));
    }
    errors.extend(collisions(&sources));
    if errors.is_empty() { Ok(sources) } else { Err(errors) }
}

/// Returns the grammars that packs declare, by the names of their programs.
pub fn grammars(sources: &[Source]) -> BTreeMap<String, Grammar> {
    sources.iter().flat_map(|source| own_grammars(&source.pack)).collect()
}

/// Returns a fault if the file is not named after its pack.
fn misnamed(source: &Source) -> Vec<Fault> {
    let mut faults = Faults::default();
    let stem = Path::new(&source.path).file_stem().and_then(|stem| stem.to_str());
    faults.check("pack", stem == Some(&source.pack.pack), || {
        format!("the file of this pack is named `{}.yaml`", source.pack.pack)
    });
    faults.found
}

/// Returns the names that are given in two of the packs.
fn collisions(sources: &[Source]) -> Vec<PackError> {
    let mut first: BTreeMap<String, &Source> = BTreeMap::new();
    let mut errors = Vec::new();
    for source in sources {
        let mut faults = Faults::default();
        let pack = &source.pack;
        let mut names = vec![(format!("pack `{}`", pack.pack), "pack".to_owned())];
        for (name, program) in &pack.programs {
            let at = format!("programs/{name}");
            names.extend(
                [name].into_iter().chain(&program.also).map(|name| (format!("program `{name}`"), at.clone())),
            );
        }
        for (index, rule) in pack.rules.iter().enumerate() {
            for former in &rule.was {
                let id =
                    if former.contains('/') { former.clone() } else { format!("{}/{former}", pack.pack) };
                names.push((format!("rule `{id}`"), format!("rules/{index}/was")));
            }
            names.push((format!("rule `{}/{}`", pack.pack, rule.id), format!("rules/{index}/id")));
        }
        for (name, at) in names {
            if let Some(other) = first.insert(name.clone(), source) {
                faults.add(at, format!("the {name} is already in {}", other.path));
            }
        }
        errors.extend(source.locate(faults.found));
    }
    errors
}

/// Returns the grammars of a pack by each name of their programs.
fn own_grammars(pack: &Pack) -> BTreeMap<String, Grammar> {
    let mut grammars = BTreeMap::new();
    for (name, program) in &pack.programs {
        let grammar = Grammar { name: name.clone(), program: Arc::new(program.clone()) };
        for name in [name].into_iter().chain(&program.also) {
            grammars.insert(name.clone(), grammar.clone());
        }
    }
    grammars
}

/// Collects faults.
#[derive(Default)]
struct Faults {
    found: Vec<Fault>,
}

impl Faults {
    fn add(&mut self, at: impl Into<String>, message: impl Into<String>) {
        self.found.push(Fault { at: at.into(), message: message.into() });
    }

    /// Adds a fault unless `right`.
    fn check(&mut self, at: impl Into<String>, right: bool, message: impl FnOnce() -> String) {
        if !right {
            self.add(at, message());
        }
    }
}

#[cfg(test)]
mod tests;
