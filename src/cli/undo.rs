//! `guard undo`: puts back what a command dropped, as far as it was kept first.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::check::here;
use super::install::agreed;
use crate::exit::{Exit, Status};
use crate::keep::{self, Manifest, Store};
use crate::text::{safe, safe_lines};
use crate::world::Machine;

/// The most paths that are listed.
const NAMED: usize = 8;

/// Options of `guard undo`.
#[derive(Args, Debug)]
pub struct UndoArgs {
    /// What to put back, by its number in --list [default: the latest]
    #[arg(value_name = "N")]
    number: Option<u32>,
    /// List what is kept
    #[arg(short, long, conflicts_with_all = ["number", "drop"])]
    list: bool,
    /// Delete it instead
    #[arg(long, requires = "number")]
    drop: bool,
    /// With --list: print a line of JSON for each
    #[arg(long, requires = "list")]
    json: bool,
}

/// Runs `guard undo`.
pub(super) fn run(args: UndoArgs) -> Result<Status> {
    let store = Store::open(crate::env_vars::get).map_err(|why| anyhow!(why))?;
    if args.list {
        list(&store.all(), args.json)?;
        return Ok(Exit::Done.into());
    }
    let manifest = match args.number {
        Some(number) => store
            .read(number)
            .ok_or_else(|| anyhow!("nothing is kept under {number}\n\nhint: guard undo --list"))?,
        // What an undo itself kept is restored only if it is named, so two undos in a row go back two steps.
        None => store
            .all()
            .into_iter()
            .find(|manifest| manifest.whole && (manifest.unasked || !manifest.rules.is_empty()))
            .ok_or_else(|| anyhow!("nothing is kept"))?,
    };
    if args.drop {
        return Ok(drop(&manifest, &store)?.into());
    }
    put_back(&manifest, &store)
}

fn put_back(manifest: &Manifest, store: &Store) -> Result<Status> {
    let machine = Machine;
    let place = here(&machine)?;
    let undone = match keep::undo(manifest, store, &place) {
        Ok(undone) => undone,
        Err(why) => bail!("{why}; nothing was put back{}", recover(manifest)),
    };
    println!("{}: {}", manifest.number, safe_lines(&manifest.command));
    let (shown, more) = undone.said.split_at(undone.said.len().min(NAMED * 4));
    for said in shown {
        println!("  {}", safe(said));
    }
    if !more.is_empty() {
        println!("  and {} more", more.len());
    }
    for path in manifest.left_out.iter().take(NAMED) {
        println!(
            "  {} was not kept: a build makes it again, or it is no file",
            safe(&path.path().display().to_string())
        );
    }
    if let Some(instead) = undone.instead {
        println!("what was there before is kept: guard undo {instead}");
    }
    if undone.whole {
        return Ok(Exit::Done.into());
    }
    println!("it is kept until it expires{}", recover(manifest));
    Ok(Exit::Failed.into())
}

/// What the rules say about recovering the rest.
fn recover(manifest: &Manifest) -> String {
    manifest.recover.iter().map(|text| format!("\n\nhint: {text}")).collect()
}

fn drop(manifest: &Manifest, store: &Store) -> Result<Exit> {
    let word = format!("drop {}", manifest.number);
    let text = format!("this throws away {} of: {}\n", manifest.contents(), safe_lines(&manifest.command));
    let question = |_: usize| format!("{text}\nTo do this, type   {word}\n\n");
    let command = format!("guard undo --drop {}", manifest.number);
    if let Some(exit) = agreed(&question, &word, &text, &command) {
        return Ok(exit);
    }
    store.drop(manifest)?;
    println!("threw {} away", manifest.number);
    Ok(Exit::Done)
}

fn list(all: &[Manifest], json: bool) -> Result<()> {
    if json {
        for manifest in all {
            println!("{}", serde_json::to_string(manifest)?);
        }
        return Ok(());
    }
    if all.is_empty() {
        println!("nothing is kept");
    }
    for manifest in all {
        let left = if manifest.whole {
            left(manifest.expires)
        } else {
            "half made: its command did not run".to_owned()
        };
        let unasked = if manifest.unasked { ", kept unasked" } else { "" };
        let time = manifest.time.get(..16).unwrap_or(&manifest.time).replacen('T', " ", 1);
        println!("{:>4}  {time} UTC  {}  ({left}{unasked})", manifest.number, manifest.contents());
        println!("      {}", safe(manifest.command.lines().next().unwrap_or_default()));
        let paths: Vec<_> =
            manifest.trees.iter().map(|tree| tree.path.path().display().to_string()).collect();
        for path in paths.iter().take(NAMED) {
            println!("        {}", safe(path));
        }
        if paths.len() > NAMED {
            println!("        and {} more", paths.len() - NAMED);
        }
    }
    if !all.is_empty() {
        println!("\nhint: guard undo N puts one back; what stands there now is kept first");
    }
    Ok(())
}

/// Returns how much longer something is kept.
fn left(expires: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    match Duration::from_secs(expires).checked_sub(now) {
        None => "will be deleted at the next save".to_owned(),
        Some(left) if left.as_secs() >= 2 * 86_400 => format!("{} days left", left.as_secs() / 86_400),
        Some(left) => format!("{} hours left", left.as_secs() / 3600),
    }
}
