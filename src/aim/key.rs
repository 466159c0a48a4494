//! Whose key a command uses: where the credential that it, or its tool, would present comes from.
//!
//! A credential's value is read only to find where else it occurs, and then dropped. Nothing of it leaves
//! this module; what is reported are names of variables, paths and line numbers.

use std::fmt;
use std::path::{Path, PathBuf};

use super::lines::Lines;
use super::settings::{self, Leaf};
use super::ways::Looking;
use super::{Set, Spot, shown};
use crate::place::Place;
use crate::place::path::{Rest, target};
use crate::resolve::Resolution;
use crate::resolve::action::{Action, Effect, Request, Site};
use crate::resolve::command_line::CommandLine;
use crate::resolve::secrets::{has_password, is_secret_name, keeps_keys, named_keys};
use crate::rulebook::targets::{FileFormat, Keys};
use crate::unknown::{UNKNOWN_SECRET, is_known};
use crate::world::Kind;

/// A shorter value may stand anywhere by chance.
const SHORTEST: usize = 8;

/// The largest file that is searched for a credential, in bytes.
const LARGEST: usize = 256 * 1024;

/// How many directories, and how many files, are looked at for one.
const MOST_DIRECTORIES: usize = 64;
const MOST_FILES: usize = 96;

/// Where a credential comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// How the command has it.
    pub origin: Origin,
    /// Where the same value stands as well, where that tells more: the file of another project.
    pub found: Option<Held>,
}

/// How a command has a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is written out in the command.
    Literal,
    /// A variable holds it.
    Variable(String, Set),
    /// The command reads it out of a file.
    Read(Held),
    /// The tool's own login.
    Login(Spot),
    /// It is not known before the command runs; what it is called in the command, where it has a name.
    Unknown(Option<String>),
}

/// A place where a credential stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The line.
    pub spot: Spot,
    /// Whether that place is outside the project.
    pub outside: bool,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.spot, if self.outside { ", outside this project" } else { "" })
    }
}

impl Key {
    /// Returns whether it raises the severity by one step: nobody gave this key to the command for this
    /// purpose.
    pub fn raises(&self) -> bool {
        let of_another = self.found.as_ref().is_some_and(|held| held.outside);
        match &self.origin {
            Origin::Literal => true,
            Origin::Read(held) => held.outside || of_another,
            Origin::Variable(..) => of_another,
            Origin::Login(_) | Origin::Unknown(_) => false,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Literal => f.write_str("a key written out in the command")?,
            Origin::Variable(name, Set::Command) => write!(f, "{name}, set in this command")?,
            Origin::Variable(name, Set::Environment(None)) => write!(f, "{name} in the environment")?,
            Origin::Variable(name, Set::Environment(Some(spot))) => write!(f, "{name} in {spot}")?,
            Origin::Read(held) => write!(f, "a key read from {held}")?,
            Origin::Login(spot) => write!(f, "the tool's own login ({})", spot.path)?,
            Origin::Unknown(None) => f.write_str("a key that is not known before it runs")?,
            Origin::Unknown(Some(name)) => write!(f, "{name}, which is not known before it runs")?,
        }
        match &self.found {
            Some(held) => write!(f, "; the same key stands in {held}"),
            None => Ok(()),
        }
    }
}

/// What is looked at for the origin of keys.
pub(super) struct Search<'a> {
    pub actions: &'a [Action],
    pub lines: &'a Lines<'a>,
    pub resolution: &'a Resolution,
    /// The command as it was proposed.
    pub text: &'a str,
    /// Whether a shell would still expand that text; else whoever called did.
    pub is_shell: bool,
    pub place: &'a Place<'a>,
}

impl Search<'_> {
    /// Returns the key that an action would present.
    pub(super) fn of(&self, at: usize, keys: Option<&Keys>, looking: &mut Looking<'_, '_>) -> Option<Key> {
        let action = self.actions.get(at)?;
        let line = self.lines.at(at);
        if let Effect::Http(request) = &action.effect {
            if let Some(file) = request.headers.iter().find_map(|header| header.strip_prefix('@')) {
                return Some(self.read_whole(file, &action.site));
            }
            if line
                .is_some_and(|line| line.words.iter().any(|word| matches!(word.as_str(), "-n" | "--netrc")))
            {
                return Some(Key {
                    origin: Origin::Login(Spot { path: "~/.netrc".to_owned(), line: 1 }),
                    found: None,
                });
            }
            let given = from_request(request).or_else(|| line.and_then(from_words));
            return Some(self.key(&given?));
        }
        let line = line?;
        if let Some(given) = looking.secret_of(line, from_words) {
            return Some(self.key(&given));
        }
        let keys = keys?;
        for name in &keys.variables {
            if let Some(value) = line.variable(name) {
                let key = self.key(value);
                let own = matches!(key.origin, Origin::Unknown(_));
                let origin = if own { Origin::Variable(name.clone(), Set::Command) } else { key.origin };
                return Some(Key { origin, ..key });
            }
            if let Some(value) = self.place.environment.text(name).filter(|value| !value.is_empty()) {
                let spot = looking.dotenv(name, value, &action.site);
                let found = self.elsewhere(value).filter(|held| held.outside);
                let origin = Origin::Variable(name.clone(), Set::Environment(spot));
                return Some(Key { origin, found });
            }
        }
        let login = keys.files.iter().find_map(|file| looking.existing(file))?;
        Some(Key { origin: Origin::Login(Spot { path: shown(&login, self.place), line: 1 }), found: None })
    }

    /// Returns where a value comes from.
    fn key(&self, value: &str) -> Key {
        if !is_known(value) {
            let origin = self.taken_from(value).map(Origin::Read);
            return Key { origin: origin.unwrap_or_else(|| Origin::Unknown(self.named())), found: None };
        }
        let in_environment = || {
            let holds = |held: &str| held == value && value.len() >= SHORTEST;
            self.place
                .environment
                .iter()
                .find_map(|(name, held)| Some(name.to_str()?).filter(|_| held.to_str().is_some_and(holds)))
        };
        if self.is_shell && self.text.contains(value) {
            return Key { origin: Origin::Literal, found: self.elsewhere(value) };
        }
        if let Some(held) = self.read(value) {
            return Key { origin: Origin::Read(held), found: None };
        }
        let found = self.elsewhere(value);
        if let Some(name) = in_environment() {
            let outside = found.filter(|held| held.outside);
            return Key { origin: Origin::Variable(name.to_owned(), Set::Environment(None)), found: outside };
        }
        // Whoever started this expanded it already; the words are all there is.
        Key { origin: Origin::Literal, found }
    }

    /// Returns the file of keys out of which something that is not known was read: `$(grep TOKEN ../other/.env)`.
    fn taken_from(&self, value: &str) -> Option<Held> {
        let reads = |action: &Action| {
            let word = action.line()?.words.iter().find_map(|word| named_keys(word))?;
            let found = target(word, &action.site, self.place);
            found.base.filter(|_| found.rest == Rest::Known)
        };
        let path = value.contains(UNKNOWN_SECRET).then(|| self.actions.iter().find_map(reads)).flatten()?;
        Some(self.held(&path, 1))
    }

    /// Returns where a value stands in the files that the command itself reads.
    fn read(&self, value: &str) -> Option<Held> {
        let files = self.resolution.files.iter().filter(|_| value.len() >= SHORTEST);
        files.into_iter().find_map(|file| self.stands_in(&file.path, value))
    }

    /// Returns the key in a file of headers.
    fn read_whole(&self, file: &str, site: &Site) -> Key {
        let found = target(file, site, self.place);
        let origin = match (found.base, found.rest) {
            (Some(path), Rest::Known) => Origin::Read(self.held(&path, 1)),
            _ => Origin::Unknown(None),
        };
        Key { origin, found: None }
    }

    /// Returns where a value stands in the files in which people keep such things: of this project, of those beside
    /// it, and in the home.
    fn elsewhere(&self, value: &str) -> Option<Held> {
        if value.len() < SHORTEST || !is_known(value) {
            return None;
        }
        let files = self.kept_in();
        files.iter().take(MOST_FILES).find_map(|path| self.stands_in(path, value))
    }

    fn kept_in(&self) -> Vec<PathBuf> {
        let project = self.place.project_or_cwd().unwrap_or(&self.place.cwd);
        let mut directories = vec![project.to_owned()];
        directories.extend(self.below(project));
        let beside: Vec<PathBuf> =
            project.parent().into_iter().flat_map(|parent| self.below(parent)).collect();
        directories.extend(beside);
        if let Some(home) = &self.place.home {
            directories.extend([
                home.clone(),
                home.join(".railway"),
                home.join(".config/gh"),
                home.join(".aws"),
            ]);
        }
        directories.dedup();
        let mut files = Vec::new();
        for directory in directories.iter().take(MOST_DIRECTORIES) {
            let names = self.place.world.list(directory, 512).unwrap_or_default();
            files.extend(names.iter().filter(|name| keeps_keys(name)).map(|name| directory.join(name)));
        }
        files
    }

    fn below(&self, directory: &Path) -> Vec<PathBuf> {
        let names = self.place.world.list(directory, 256).unwrap_or_default();
        let kept =
            |name: &&String| !name.starts_with('.') && !matches!(name.as_str(), "node_modules" | "target");
        let paths = names.iter().filter(kept).map(|name| directory.join(name));
        paths.filter(|path| self.place.world.kind(path) == Some(Kind::Directory)).take(24).collect()
    }

    fn stands_in(&self, path: &Path, value: &str) -> Option<Held> {
        let (bytes, _) = self.place.world.read(path, LARGEST).ok()?;
        let at = memchr::memmem::find(&bytes, value.as_bytes())?;
        Some(self.held(path, bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1))
    }

    fn held(&self, path: &Path, line: usize) -> Held {
        let outside = self.place.project_or_cwd().is_some_and(|project| !path.starts_with(project));
        Held { spot: Spot { path: shown(path, self.place), line }, outside }
    }

    /// Returns what a key that is not known is called in the command: `$TOKEN`, `$(…)`.
    fn named(&self) -> Option<String> {
        let lower = self.text.to_ascii_lowercase();
        let near = ["bearer ", "token ", "basic ", "token: ", "token=", "key: ", "authorization: "];
        let start = near.iter().find_map(|word| Some(lower.find(word)? + word.len()))?;
        let rest = self.text.get(start..)?;
        if rest.starts_with("$(") || rest.starts_with('`') {
            return Some("what a command in it prints".to_owned());
        }
        let name = rest.strip_prefix('$')?.trim_start_matches('{');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        (end > 0).then(|| format!("${}", &name[..end]))
    }
}

/// Returns the secret that a request shows in a header, its address or its query.
fn from_request(request: &Request) -> Option<String> {
    let of_header = |header: &String| {
        let (name, value) = header.split_once(':')?;
        let name = name.trim().to_ascii_lowercase();
        let secret = name == "authorization" || name == "cookie" || is_secret_name(&name);
        let value = value.trim();
        let value = value
            .split_once(' ')
            .filter(|_| name == "authorization")
            .map_or(value, |(_, value)| value.trim());
        (secret && !value.is_empty()).then(|| value.to_owned())
    };
    let of_query = || {
        let pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(name, _)| is_secret_name(&name.to_ascii_lowercase()))
            .map(|(_, value)| value.to_owned())
            .next()
    };
    request.headers.iter().find_map(of_header).or_else(of_query)
}

/// Returns the secret that a command line shows among its words.
fn from_words(line: &CommandLine) -> Option<String> {
    let mut words = line.words.iter().peekable();
    while let Some(word) = words.next() {
        if let Some((_, rest)) = word.split_once("://")
            && let Some((login, _)) = rest.split_once('@')
            && let Some((_, secret)) = login.split_once(':')
            && !login.contains('/')
            && !secret.is_empty()
        {
            return Some(secret.to_owned());
        }
        if line.program == "curl" && matches!(word.as_str(), "-u" | "--user") {
            let login = words.peek()?;
            return Some(login.split_once(':').map_or(login.as_str(), |(_, secret)| secret).to_owned());
        }
        if matches!(line.program.as_str(), "mysql" | "mysqladmin") && word.starts_with("-p") && word.len() > 2
        {
            return Some(word[2..].to_owned());
        }
        let Some(name) = word.strip_prefix("--") else { continue };
        let (name, attached) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
        if is_secret_name(name) && !name.ends_with("file") {
            let value = attached.map(str::to_owned).or_else(|| words.peek().map(|word| (*word).clone()));
            return value.filter(|value| !value.starts_with('-') && !value.is_empty());
        }
    }
    None
}

/// Returns a file's leaves whose names are of secrets, without their values.
pub(crate) fn secrets_in(text: &str, format: FileFormat) -> Vec<(String, usize)> {
    let secret = |leaf: &Leaf| {
        let name = leaf.keys.last()?.to_ascii_lowercase();
        let has = !leaf.value.is_empty() && (is_secret_name(&name) || has_password(&leaf.value));
        has.then(|| (leaf.keys.last().cloned().unwrap_or_default(), leaf.line))
    };
    settings::read(text, format).iter().filter_map(secret).collect()
}

/// Returns whether a variable of this name holds a secret.
pub(crate) fn is_secret_variable(name: &str) -> bool {
    is_secret_name(&name.to_ascii_lowercase())
}
