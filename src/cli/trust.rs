//! `guard trust`: a person lets this project's policy loosen.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Args;

use super::check::{here, in_force};
use super::install::agreed;
use crate::config::Config;
use crate::decide::policy::Layer;
use crate::exit::Exit;
use crate::place::Place;
use crate::text::safe;
use crate::trust::{Trust, loosening};
use crate::world::Machine;

/// Options of `guard trust`.
#[derive(Args, Debug)]
pub struct TrustArgs {
    /// Only show what would be trusted
    #[arg(long, conflicts_with = "revoke")]
    show: bool,
    /// Revoke trust
    #[arg(long)]
    revoke: bool,
}

/// A project's policy with lines that loosen.
struct Loose {
    path: PathBuf,
    text: String,
    trusted: bool,
}

/// Runs `guard trust`.
pub(super) fn run(args: TrustArgs) -> Result<Exit> {
    let machine = Machine;
    let place = here(&machine)?;
    let config = in_force(&place)?;
    let trust = Trust::own().ok_or_else(|| anyhow!("there is no home directory to keep trust in"))?;
    if args.revoke {
        return revoke(&config, &trust, &place);
    }
    let files = files(&config, &trust, &place)?;
    let text = shown(&files, &trust, &place);
    if args.show || files.iter().all(|file| file.trusted) {
        print!("{text}");
        return Ok(Exit::Done);
    }
    let root = place.project_or_cwd().unwrap_or(&place.cwd);
    let name = root
        .file_name()
        .map_or_else(|| root.display().to_string(), |name| name.to_string_lossy().into_owned());
    let word = format!("trust {name}");
    let question = |_: usize| format!("{text}\nTo let these lines loosen, type   {}\n\n", safe(&word));
    if let Some(exit) = agreed(&question, &word, &text, "guard trust") {
        return Ok(exit);
    }
    for file in &files {
        // What was shown is what is trusted, whatever the file has become meanwhile.
        trust.give(&file.path, &file.text).with_context(|| file.path.display().to_string())?;
        println!("trusted as it is now: {}", safe(&file.path.display().to_string()));
    }
    println!("to revoke it: guard trust --revoke");
    Ok(Exit::Done)
}

fn project_files<'c>(config: &'c Config, place: &'c Place<'_>) -> impl Iterator<Item = &'c Path> {
    let root = place.project.as_deref().unwrap_or(&place.cwd);
    let is_policy = move |path: &Path| path.ends_with(".guard/policy.yaml") && path.starts_with(root);
    let own = |layer: Layer| matches!(layer, Layer::Project | Layer::Trusted);
    config
        .files
        .iter()
        .filter(move |(layer, path)| own(*layer) && is_policy(path))
        .map(|(_, path)| path.as_path())
}

fn files(config: &Config, trust: &Trust, place: &Place<'_>) -> Result<Vec<Loose>> {
    let mut files = Vec::new();
    for path in project_files(config, place) {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        if !loosening(&text).is_empty() {
            let trusted = trust.holds(path, &text, place);
            files.push(Loose { path: path.to_owned(), text, trusted });
        }
    }
    Ok(files)
}

fn shown(files: &[Loose], trust: &Trust, place: &Place<'_>) -> String {
    if files.is_empty() {
        return "no line of this project's policy loosens anything\n".to_owned();
    }
    let mut text = String::new();
    for file in files {
        let state = match file.trusted {
            true => "trusted",
            false if trust.was_given(&file.path) => "changed since it was trusted; these lines are ignored",
            false => "not trusted; these lines are ignored",
        };
        let path = crate::aim::shown(&file.path, place);
        text += &format!("{} ({state})\n", safe(&path));
        for line in loosening(&file.text) {
            text += &format!("  {}:{}  {}\n", safe(&path), line.line, safe(&line.says));
        }
    }
    text
}

/// Revokes trust. This tightens, so anybody may.
fn revoke(config: &Config, trust: &Trust, place: &Place<'_>) -> Result<Exit> {
    let mut any = false;
    for path in project_files(config, place) {
        if trust.take_back(path).with_context(|| path.display().to_string())? {
            println!("no longer trusted: {}", safe(&path.display().to_string()));
            any = true;
        }
    }
    if !any {
        println!("nothing here was trusted");
    }
    Ok(Exit::Done)
}
