//! The files that change what guard does: policies and rule packs, by layer.
//!
//! | layer | where | what it can do |
//! |---|---|---|
//! | system | `/etc/guard/` | tighten and loosen; nothing below may loosen it |
//! | user | `~/.config/guard/` of the account, whatever the environment says | tighten and loosen |
//! | named | `$XDG_CONFIG_HOME/guard/`, or below another `$HOME` | tighten only: an agent may have named it |
//! | project | `.guard/`, from the working directory up to the repository's root | tighten; loosen what a person trusts |
//!
//! In each, `policy.yaml` and `rules/*.yaml`. A file that cannot be read or understood, or that
//! somebody else could have written, stops guard: it never judges by half of its rules.

mod wording;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::account;
use crate::decide::policy::{File, Layer, Policy};
use crate::env_vars;
use crate::place::Place;
use crate::rulebook::{Origin, Rulebook};
use crate::trust::Trust;
use crate::world::Kind;

/// The system's directory.
const SYSTEM: &str = "/etc/guard";

/// How many packs a directory may hold.
const MOST: usize = 500;

/// The largest policy or pack, in bytes.
const LARGEST: usize = 1024 * 1024;

/// Whether a file has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    /// Where there is none, nothing is said.
    Optional,
    /// It was named, or found in a directory: that it is gone is an error.
    Demanded,
}

/// Why guard cannot judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// What is wrong, with the file and the place in it.
    pub message: String,
    /// A command that helps.
    pub hint: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}

/// What is in force.
pub struct Config {
    /// The built-in rules and those of every layer.
    pub rulebook: Rulebook,
    /// The policies of every layer.
    pub policy: Policy,
    /// The files that were read, with their layer.
    pub files: Vec<(Layer, PathBuf)>,
}

/// Reads the policies and packs that are in force at a place.
///
/// # Errors
///
/// Returns the first file that is broken.
pub fn load(place: &Place<'_>) -> Result<Config, ConfigError> {
    let mut config = Config { rulebook: Rulebook::builtin(), policy: Policy::default(), files: Vec::new() };
    config.layer(Layer::System, Path::new(SYSTEM), place)?;
    let own = place
        .environment
        .text(env_vars::XDG_CONFIG_HOME)
        .filter(|path| path.starts_with('/'))
        .map(PathBuf::from);
    let named = own.or_else(|| Some(place.home.as_ref()?.join(".config")));
    // Whoever starts a command chooses its variables: the account's own files count whatever these say.
    let accounts = account::home().map(|home| home.join(".config"));
    if let Some(accounts) = &accounts {
        config.layer(Layer::User, &accounts.join("guard"), place)?;
    }
    let is_another = |named: &PathBuf| {
        let real = |path: &Path| place.canonical(&path.join("guard"));
        let differs = |own: &PathBuf| own != named && (real(named).is_none() || real(own) != real(named));
        // Mostly there is none, and nothing to follow links for.
        place.world.kind(&named.join("guard")).is_some() && accounts.as_ref().is_none_or(differs)
    };
    if let Some(named) = named.filter(is_another) {
        config.layer(Layer::Named, &named.join("guard"), place)?;
    }
    for directory in project_directories(place) {
        config.layer(Layer::Project, &directory.join(".guard"), place)?;
    }
    if let Some(extra) = place.environment.text(env_vars::EXTRA_POLICY) {
        // It comes from the environment, which an agent controls: it can only tighten.
        config.policy(Layer::Project, Path::new(extra), place, Presence::Demanded)?;
    }
    Ok(config)
}

/// From the working directory up to the project's root, or only the working directory.
fn project_directories<'p>(place: &'p Place<'_>) -> Vec<&'p Path> {
    let root = place.project.as_deref().unwrap_or(&place.cwd);
    place.cwd.ancestors().take_while(|directory| directory.starts_with(root)).collect()
}

impl Config {
    /// Reads what stands in a directory.
    fn layer(&mut self, layer: Layer, directory: &Path, place: &Place<'_>) -> Result<(), ConfigError> {
        if place.world.kind(directory).is_none() {
            return Ok(());
        }
        self.policy(layer, &directory.join("policy.yaml"), place, Presence::Optional)?;
        self.packs(layer, &directory.join("rules"), place)
    }

    fn policy(
        &mut self,
        layer: Layer,
        path: &Path,
        place: &Place<'_>,
        presence: Presence,
    ) -> Result<(), ConfigError> {
        let Some(text) = text(layer, path, place, presence)? else { return Ok(()) };
        let file: File = if text.trim().is_empty() {
            File::default()
        } else {
            serde_yaml::from_str(&text).map_err(|error| {
                let at =
                    error.location().map_or_else(String::new, |at| format!(":{}:{}", at.line(), at.column()));
                let what = error.to_string();
                let what = what.split(" at line ").next().unwrap_or_default();
                broken(format!("{}{at}: {}", path.display(), wording::plain(what)), path)
            })?
        };
        if let Some((name, why)) = file.broken_name().or_else(|| file.broken_entry()) {
            return Err(broken(format!("{}: `{name}`: {why}", path.display()), path));
        }
        if let (Layer::Project, Some((key, what))) = (layer, file.not_for_a_project().next()) {
            let what = format!("`{key}` {what}, which a project's policy may not");
            return Err(broken(format!("{}: {what}", path.display()), path));
        }
        // What a variable names can be anybody's, so trust does not reach it.
        let may_be_trusted = layer == Layer::Project && presence == Presence::Optional;
        let trusted = || Trust::own().is_some_and(|trust| trust.holds(path, &text, place));
        let layer = if may_be_trusted && trusted() { Layer::Trusted } else { layer };
        self.policy.add(layer, file);
        self.files.push((layer, path.to_owned()));
        Ok(())
    }

    fn packs(&mut self, layer: Layer, rules: &Path, place: &Place<'_>) -> Result<(), ConfigError> {
        let mut packs = Vec::new();
        for name in place.world.list(rules, MOST).unwrap_or_default() {
            if name.ends_with(".yaml") || name.ends_with(".yml") {
                let path = rules.join(name);
                let Some(text) = text(layer, &path, place, Presence::Demanded)? else { continue };
                packs.push((path.display().to_string(), text));
                self.files.push((layer, path));
            }
        }
        let origin = |path: &str| match layer {
            // Trust is in a policy; a project's packs may name dangers and nothing else, whoever trusts it.
            Layer::Project | Layer::Trusted | Layer::Named => Origin::Project(path.into()),
            Layer::User | Layer::System => Origin::Installed(path.into()),
        };
        self.rulebook
            .add_texts(&packs, origin)
            .map_err(|error| broken(error.to_string(), Path::new(error.path())))
    }
}

fn broken(message: String, path: &Path) -> ConfigError {
    let check = if path.ends_with("policy.yaml") {
        "guard policy check".to_owned()
    } else {
        format!("guard rules lint {}", shell_words::quote(&path.display().to_string()))
    };
    ConfigError { message, hint: format!("mend the file, then check it with: {check}") }
}

/// Returns a file's text: `None` where there is no file and none is needed.
fn text(
    layer: Layer,
    path: &Path,
    place: &Place<'_>,
    presence: Presence,
) -> Result<Option<String>, ConfigError> {
    let shown = path.display();
    let kind = place.world.kind(path);
    if kind.is_none() && presence == Presence::Optional {
        return Ok(None);
    }
    if kind == Some(Kind::Directory) {
        return Err(broken(format!("{shown}: expected a file, found a directory"), path));
    }
    if layer != Layer::Project && place.world.others_may_write(path) {
        let hint = format!("chmod go-w {}", shell_words::quote(&shown.to_string()));
        return Err(ConfigError { message: format!("{shown}: others than you may write this file"), hint });
    }
    let read = place.world.read(path, LARGEST);
    let (bytes, whole) = read.map_err(|why| broken(format!("{shown}: the file {why}"), path))?;
    if !whole {
        return Err(broken(format!("{shown}: it is larger than 1 MiB"), path));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| broken(format!("{shown}: it is not UTF-8"), path))
}
