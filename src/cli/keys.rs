//! `guard keys`: the credentials that an agent in this directory could reach, and those that guard keeps from
//! it. None of them is printed.

mod keeping;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use self::keeping::{Keeping, Kept};
use super::check::{here, in_force};
use crate::aim::{self, key};
use crate::exit::Exit;
use crate::place::Place;
use crate::resolve::secrets::keeps_settings;
use crate::rulebook::Rulebook;
use crate::rulebook::targets::{FileFormat, Keys};
use crate::text::safe;
use crate::world::{Kind, Machine};

/// The largest file that is looked into, in bytes.
const LARGEST: usize = 256 * 1024;

/// How many entries of a directory are looked at.
const MOST: usize = 512;

/// Options of `guard keys`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct KeysArgs {
    #[command(subcommand)]
    keeping: Option<Keeping>,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

/// Everything that is known about credentials here.
#[derive(Debug, Serialize)]
struct Known {
    reachable: BTreeSet<Reachable>,
    kept: Vec<Kept>,
}

/// A credential within reach.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Reachable {
    /// The tool that it is for, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
    /// Where it is: a variable, or a file with the line.
    place: String,
    /// What it is called there.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What its holder can do, as far as that is known without using it.
    #[serde(skip_serializing_if = "Option::is_none")]
    can: Option<String>,
    /// How to get one that can do less.
    #[serde(skip_serializing_if = "Option::is_none")]
    narrow: Option<String>,
}

/// Runs `guard keys`.
pub(super) fn run(args: &KeysArgs) -> Result<Exit> {
    if let Some(order) = &args.keeping {
        return keeping::run(order);
    }
    let machine = Machine;
    let place = here(&machine)?;
    let config = in_force(&place)?;
    let known = Known { reachable: found(&place, &config.rulebook), kept: keeping::kept(&config.policy)? };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&known)?);
    } else {
        tell(&known);
    }
    Ok(Exit::Done)
}

fn tell(Known { reachable: found, kept }: &Known) {
    for key in found {
        let tool = key.tool.as_deref().unwrap_or("unknown");
        let name = key.name.as_ref().map(|name| format!("  {}", safe(name))).unwrap_or_default();
        println!("{tool:12} {}{name}", safe(&key.place));
        for (label, text) in [("can", &key.can), ("narrow", &key.narrow)] {
            if let Some(text) = text {
                println!("             {label:7} {}", safe(text));
            }
        }
    }
    if found.is_empty() {
        println!("no credential that guard knows of is within reach here");
    } else {
        println!(
            "\n{} within reach of whatever runs here; none was read out, and none was tried",
            found.len()
        );
    }
    if !kept.is_empty() {
        println!("\nkept by guard, for what a person lets run:");
    }
    for key in kept {
        println!("  {} of {}", safe(&key.name), safe(&key.of));
        for line in &key.gets {
            println!("    {}", safe(line));
        }
        if key.gets.is_empty() {
            println!("    no policy gives it to anything");
        }
    }
}

fn found(place: &Place<'_>, rulebook: &Rulebook) -> BTreeSet<Reachable> {
    let mut found = BTreeSet::new();
    let mut by_variable: BTreeMap<String, (String, Keys)> = BTreeMap::new();
    for program in rulebook.programs() {
        let Some(target) = rulebook.target(&program.name) else { continue };
        let keys = &target.keys;
        for file in keys.files.iter().filter_map(|file| aim::existing(file, place)) {
            found.insert(reachable(
                Some(&(program.name.clone(), keys.clone())),
                aim::shown(&file, place),
                None,
            ));
        }
        for variable in &keys.variables {
            by_variable.entry(variable.clone()).or_insert_with(|| (program.name.clone(), keys.clone()));
        }
    }
    for (name, value) in place.environment.iter() {
        let Some(name) = name.to_str().filter(|_| !value.is_empty()) else { continue };
        if key::is_secret_variable(name) || by_variable.contains_key(name) {
            found.insert(reachable(by_variable.get(name), "the environment".to_owned(), Some(name)));
        }
    }
    for path in files(place) {
        let Ok((bytes, _)) = place.world.read(&path, LARGEST) else { continue };
        for (name, line) in key::secrets_in(&String::from_utf8_lossy(&bytes), FileFormat::Settings) {
            let at = format!("{}:{line}", aim::shown(&path, place));
            found.insert(reachable(by_variable.get(&name), at, Some(&name)));
        }
    }
    found
}

fn reachable(tool: Option<&(String, Keys)>, place: String, name: Option<&str>) -> Reachable {
    Reachable {
        tool: tool.map(|(tool, _)| tool.clone()),
        place,
        name: name.map(str::to_owned),
        can: tool.and_then(|(_, keys)| keys.can.clone()),
        narrow: tool.and_then(|(_, keys)| keys.narrow.clone()),
    }
}

/// Returns the settings files, in the project and beside it, in which people keep keys.
fn files(place: &Place<'_>) -> Vec<std::path::PathBuf> {
    let project = place.project_or_cwd().unwrap_or(&place.cwd);
    let below = |directory: &Path| {
        let names = place.world.list(directory, MOST).unwrap_or_default();
        let paths = names.into_iter().map(|name| directory.join(name));
        paths.filter(|path| place.world.kind(path) == Some(Kind::Directory)).collect::<Vec<_>>()
    };
    let mut directories = vec![project.to_owned()];
    directories.extend(below(project));
    directories.extend(project.parent().map(below).unwrap_or_default());
    let mut files = BTreeSet::new();
    for directory in directories.iter().take(MOST) {
        let names = place.world.list(directory, MOST).unwrap_or_default();
        files.extend(names.iter().filter(|name| keeps_settings(name)).map(|name| directory.join(name)));
    }
    files.into_iter().collect()
}
