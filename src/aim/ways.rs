//! The ways to a fact, followed: options, variables, files.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::settings::{self, Leaf};
use super::{Fact, How, Set, Spot, shown};
use crate::expression::Expression;
use crate::glob;
use crate::place::{Place, kinds};
use crate::resolve::action::Site;
use crate::resolve::command_line::{CommandLine, along, commands_along};
use crate::rulebook::format::PathKind;
use crate::rulebook::targets::{Aspect, FileFormat, Part, Target, Way};
use crate::truth::Truth;
use crate::unknown::is_known;
use crate::world::Kind;

/// The largest file that is looked into, in bytes.
const LARGEST_FILE: usize = 256 * 1024;

/// How many files are looked into for one command.
const MOST_FILES: usize = 48;

/// How far up a file is looked for.
const LEVELS: usize = 24;

/// Files from which variables are commonly set, by the directory they lie in.
const DOTENV: [&str; 4] = [".env.local", ".env", ".envrc", ".env.production"];

/// The lookups for one command.
pub(super) struct Looking<'p, 'w> {
    pub(super) place: &'p Place<'w>,
    files: BTreeMap<PathBuf, Option<Rc<Vec<Leaf>>>>,
    /// Where files lie, by their names and the bytes of the directory that they are looked for from.
    above: RefCell<BTreeMap<String, HashMap<OsString, Rc<[PathBuf]>>>>,
    /// What is known of command lines, by where they are in memory: thousands of statements may be on one.
    lines: BTreeMap<*const CommandLine, OfLine>,
    /// The expressions that take the wanted part out of a value.
    groups: BTreeMap<String, Option<Expression>>,
}

/// What is known of a command line of the command, as far as it was looked for.
#[derive(Default)]
struct OfLine {
    /// What could lead its tool elsewhere.
    diverted: Option<Option<String>>,
    /// The secret that it shows.
    shown: Option<Option<String>>,
    /// What it acts on, at the site that was asked for last.
    facts: Option<(Site, Vec<Fact>)>,
}

/// A value with how it is known.
struct Found {
    value: Option<String>,
    how: How,
    firm: bool,
}

impl<'p, 'w> Looking<'p, 'w> {
    pub(super) fn new(place: &'p Place<'w>) -> Self {
        Self {
            place,
            files: BTreeMap::new(),
            above: RefCell::default(),
            lines: BTreeMap::new(),
            groups: BTreeMap::new(),
        }
    }

    /// Returns what is known of the target of one of the command's own lines, which is found out once.
    pub(super) fn facts_of(&mut self, target: &Target, line: &CommandLine, site: &Site) -> Vec<Fact> {
        let known = self.lines.get(&std::ptr::from_ref(line)).and_then(|line| line.facts.as_ref());
        if let Some((_, facts)) = known.filter(|(at, _)| at == site) {
            return facts.clone();
        }
        let facts = self.facts(target, line, site);
        self.of(line).facts = Some((site.clone(), facts.clone()));
        facts
    }

    fn of(&mut self, line: &CommandLine) -> &mut OfLine {
        self.lines.entry(line).or_default()
    }

    /// Returns what is known of the target of a command line.
    pub(super) fn facts(&mut self, target: &Target, line: &CommandLine, site: &Site) -> Vec<Fact> {
        let mut facts: Vec<Fact> = Vec::new();
        for (aspect, ways) in &target.facts {
            let found = ways.iter().find_map(|way| self.follow(way, line, site, &facts));
            facts.extend(found.map(|Found { value, how, firm }| {
                // Of several hosts one is taken, and which is not known.
                let is_one = |value: &String| *aspect != Aspect::Host || !value.contains(',');
                Fact { aspect: *aspect, value: value.filter(is_one), how, firm }
            }));
        }
        facts
    }

    /// Returns the secret that a command line shows, which is looked for once.
    pub(super) fn secret_of(
        &mut self,
        line: &CommandLine,
        look: impl FnOnce(&CommandLine) -> Option<String>,
    ) -> Option<String> {
        self.of(line).shown.get_or_insert_with(|| look(line)).clone()
    }

    /// Returns what could lead the tool elsewhere than the facts say.
    pub(super) fn diverted(&mut self, target: &Target, line: &CommandLine) -> Option<String> {
        if let Some(known) = &self.of(line).diverted {
            return known.clone();
        }
        let diverted = self.diverting(target, line);
        self.of(line).diverted = Some(diverted.clone());
        diverted
    }

    fn diverting(&self, target: &Target, line: &CommandLine) -> Option<String> {
        let always = ["HOME", "PATH", "LD_PRELOAD", "LD_LIBRARY_PATH"];
        let own = || line.environment.iter().map(|(name, _)| name.as_str());
        if let Some(name) = own().find(|name| always.contains(name)) {
            return Some(format!("{name}, set in this command,"));
        }
        for by in &target.diverted_by {
            if let Some(pattern) = by.strip_prefix('~') {
                let Ok(pattern) = Expression::new(pattern) else { return Some(by.clone()) };
                if let Some(word) = line.words.iter().find(|word| pattern.is_in(word)) {
                    return Some(word.clone());
                }
            } else if by.starts_with('-') {
                // `-oHostName=x`: what a short option is given may stand behind it.
                let is_short = by.len() == 2;
                let given = |word: &&String| {
                    let rest = word.strip_prefix(by.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || is_short || rest.starts_with('='))
                };
                if line.words.iter().any(|word| given(&word)) {
                    return Some(by.clone());
                }
            } else {
                let around = self.place.environment.iter().filter_map(|(name, _)| name.to_str());
                let leads = |name: &&str| glob::matches(by, name) == Truth::Certain;
                if let Some(name) = own().chain(around).find(leads) {
                    return Some(name.to_owned());
                }
            }
        }
        None
    }

    fn follow(&mut self, way: &Way, line: &CommandLine, site: &Site, before: &[Fact]) -> Option<Found> {
        if way.command.as_ref().is_some_and(|command| !is_called(command, line)) {
            return None;
        }
        if let Some(option) = &way.option {
            return self.refined(way, option_value(option, way, line)?);
        }
        if let Some(name) = &way.variable {
            let (value, set) = self.variable(name, line, site)?;
            let how = How::Variable { name: name.clone(), set };
            return self.refined(way, Found { value: Some(value), how, firm: false });
        }
        if !way.file.is_empty() {
            return way.file.iter().find_map(|file| self.in_file(file, way, line, site, before));
        }
        let value = way.value.clone()?;
        Some(Found { value: Some(value), how: How::Usual, firm: true })
    }

    /// Takes out of a value the part that a way is about; nothing where it has no such part.
    fn refined(&mut self, way: &Way, mut found: Found) -> Option<Found> {
        let Some(mut value) = found.value else { return Some(found) };
        if let Some(pattern) = &way.pattern {
            let compile = || Expression::with_group(pattern).ok();
            let group = self.groups.entry(pattern.clone()).or_insert_with(compile);
            value = group.as_ref()?.group(&value)?.to_owned();
        }
        if let Some(part) = way.part {
            value = part_of(&value, part)?.to_owned();
        }
        found.value = Some(value).filter(|value| !value.is_empty());
        found.value.is_some().then_some(found)
    }

    /// Returns the value of a variable as the tool would see it, and who set it.
    fn variable(&mut self, name: &str, line: &CommandLine, site: &Site) -> Option<(String, Set)> {
        if let Some(value) = line.variable(name) {
            return Some((value.to_owned(), Set::Command));
        }
        let value = self.place.environment.text(name).filter(|value| !value.is_empty())?.to_owned();
        let spot = self.dotenv(name, &value, site);
        Some((value, Set::Environment(spot)))
    }

    /// Returns where a variable of the environment stands in a file, with this very value.
    pub(super) fn dotenv(&mut self, name: &str, value: &str, site: &Site) -> Option<Spot> {
        let paths: Vec<_> = DOTENV.iter().map(|file| self.upwards(file, site)).collect();
        paths.iter().flat_map(|paths| paths.iter()).find_map(|path| {
            let leaves = self.leaves(path, FileFormat::Settings)?;
            let leaf = leaves.iter().find(|leaf| leaf.keys == [name] && leaf.value == value)?;
            Some(Spot { path: shown(path, self.place), line: leaf.line })
        })
    }

    /// Returns a file that a tool keeps, where it is there.
    pub(super) fn existing(&self, file: &str) -> Option<PathBuf> {
        let line = CommandLine::read("", Vec::new(), None);
        let site = Site::here(&self.place.cwd);
        let (paths, _) = self.candidates(file, &line, &site);
        paths.iter().find(|path| self.place.world.kind(path) == Some(Kind::File)).cloned()
    }

    fn in_file(
        &mut self,
        file: &str,
        way: &Way,
        line: &CommandLine,
        site: &Site,
        before: &[Fact],
    ) -> Option<Found> {
        let mut firm = true;
        let file = filled(file, before, &mut firm)?;
        let key = match &way.key {
            Some(key) => Some(filled(key, before, &mut firm)?),
            None => None,
        };
        let (paths, named) = self.candidates(&file, line, site);
        for path in paths.iter() {
            let format = way.format_of(&file);
            let Some(leaves) = self.leaves(path, format) else { continue };
            let leaf = match &key {
                None => leaves.iter().find(|leaf| !leaf.value.is_empty()),
                Some(key) if format == FileFormat::Ssh => settings::of_host(&leaves, key),
                Some(key) => self.at(key, &leaves, site),
            };
            let Some(leaf) = leaf else { continue };
            let firm = firm && !named && self.is_firm(path, site);
            let how = How::File(Spot { path: shown(path, self.place), line: leaf.line });
            // In OpenSSH's file this stands for the name that was given.
            let alias =
                key.as_deref().and_then(|key| key.rsplit_once('.')).filter(|_| format == FileFormat::Ssh);
            let value =
                alias.map_or_else(|| leaf.value.clone(), |(alias, _)| leaf.value.replace("%h", alias));
            let found = self.refined(way, Found { value: Some(value), how, firm });
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// Returns the value that a key leads to; `{directory}` is the next directory upwards that is one of the keys.
    fn at<'l>(&self, key: &str, leaves: &'l [Leaf], site: &Site) -> Option<&'l Leaf> {
        if !key.contains("{directory}") {
            return settings::find(leaves, key, &str::to_owned);
        }
        let above = site.cwd.as_deref().into_iter().flat_map(Path::ancestors).take(LEVELS);
        above.into_iter().find_map(|directory| {
            let directory = directory.to_str()?;
            settings::find(leaves, key, &|text| text.replace("{directory}", directory))
        })
    }

    /// Returns the paths that a file may be at, and whether a variable names them.
    fn candidates(&self, file: &str, line: &CommandLine, site: &Site) -> (Rc<[PathBuf]>, bool) {
        if let Some(name) = file.strip_prefix('$') {
            let value = line.variable(name).or_else(|| self.place.environment.text(name)).unwrap_or_default();
            let paths = value.split(':').filter(|path| path.starts_with('/')).map(PathBuf::from);
            return (paths.take(8).collect(), true);
        }
        if let Some(below) = file.strip_prefix("~/") {
            return (self.place.home.iter().map(|home| home.join(below)).collect(), false);
        }
        if file.starts_with('/') {
            return ([PathBuf::from(file)].into(), false);
        }
        (self.upwards(file, site), false)
    }

    /// Returns where a file lies from the working directory upwards, never at or above the home directory. It is
    /// looked for once a directory.
    fn upwards(&self, file: &str, site: &Site) -> Rc<[PathBuf]> {
        let Some(cwd) = site.cwd.as_deref() else { return [].into() };
        let mut above = self.above.borrow_mut();
        if let Some(known) = above.get(file).and_then(|known| known.get(cwd.as_os_str())) {
            return Rc::clone(known);
        }
        let home = self.place.home.as_deref();
        let below_home = |directory: &&Path| home.is_none_or(|home| !home.starts_with(directory));
        let paths = cwd.ancestors().take(LEVELS).take_while(below_home).map(|directory| directory.join(file));
        let found: Rc<[PathBuf]> =
            paths.filter(|path| self.place.world.kind(path) == Some(Kind::File)).collect();
        above.entry(file.to_owned()).or_default().insert(cwd.into(), Rc::clone(&found));
        found
    }

    /// Returns whether a file is neither the project's nor anybody's who may write in a temporary directory.
    fn is_firm(&self, path: &Path, site: &Site) -> bool {
        let text = path.to_string_lossy();
        let is_outside = kinds::is(&text, PathKind::OutsideProject, site, self.place) == Truth::Certain;
        is_outside && !self.place.world.others_may_write(path)
    }

    fn leaves(&mut self, path: &Path, format: FileFormat) -> Option<Rc<Vec<Leaf>>> {
        if let Some(known) = self.files.get(path) {
            return known.clone();
        }
        if self.files.len() >= MOST_FILES {
            return None;
        }
        let read = self.place.world.read(path, LARGEST_FILE).ok().filter(|(_, whole)| *whole);
        let leaves = read.map(|(bytes, _)| Rc::new(settings::read(&String::from_utf8_lossy(&bytes), format)));
        self.files.insert(path.to_owned(), leaves.clone());
        leaves
    }
}

/// Returns what an option or operand says; readings that differ say nothing that is known.
fn option_value(option: &String, way: &Way, line: &CommandLine) -> Option<Found> {
    let given = way.value.as_deref();
    let mut values: Vec<String> = Vec::new();
    for reading in &line.readings {
        if given.is_some() {
            values.extend(given.filter(|_| reading.has(option)).map(str::to_owned));
            continue;
        }
        let length = |path: &String| {
            along(line.grammar.as_ref()?, path, &reading.operands)
                .filter(|(_, whole)| *whole)
                .map(|(used, _)| used)
        };
        let commands = line.grammar.iter().flat_map(|grammar| commands_along(grammar, &reading.operands));
        let skip = commands.map(|(path, _)| path).chain(&way.command).filter_map(length).max();
        values.extend(reading.at(option, skip.unwrap_or(0)).last().map(|value| (*value).to_owned()));
    }
    values.dedup();
    let first = values.first()?.clone();
    let value = Some(first).filter(|value| values.len() == 1 && is_known(value));
    Some(Found { value, how: How::Given, firm: true })
}

/// Returns whether a command line calls a subcommand.
fn is_called(command: &str, line: &CommandLine) -> bool {
    let Some(grammar) = &line.grammar else { return false };
    let calls = |operands| along(grammar, command, operands).is_some_and(|(_, whole)| whole);
    line.readings.iter().any(|reading| calls(&reading.operands))
}

fn part_of(address: &str, part: Part) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit('@').next()?;
    match part {
        Part::Host if host.starts_with('[') => host[1..].split(']').next(),
        Part::Host if host.contains(',') => Some(host),
        Part::Host => host.split(':').next(),
        Part::Path => path.trim_start_matches('/').split(['/', '?', '#']).next(),
    }
}

/// Puts facts in the place of their names in braces; nothing where one of them is not known.
fn filled(text: &str, before: &[Fact], firm: &mut bool) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((plain, (name, behind))) =
        rest.split_once('{').and_then(|(plain, rest)| Some((plain, rest.split_once('}')?)))
    {
        let aspect = Aspect::ALL.into_iter().find(|aspect| aspect.name() == name);
        let Some(aspect) = aspect else {
            let (others, behind) = rest.split_at(plain.len() + 1);
            filled.push_str(others);
            rest = behind;
            continue;
        };
        let fact = before.iter().find(|fact| fact.aspect == aspect)?;
        *firm &= fact.firm;
        filled.push_str(plain);
        filled.push_str(fact.value.as_deref()?);
        rest = behind;
    }
    Some(filled + rest)
}
