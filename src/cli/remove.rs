//! `guard remove`: puts everything back as it was before `guard install`.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::check::{here, in_force};
use super::install::{ScopeArgs, agreed, command, unknown};
use crate::exit::Exit;
use crate::install::receipt::{self, Receipt, Step};
use crate::install::undo::{clean_up, undo};
use crate::install::{Here, doors};
use crate::world::Machine;

/// What is typed to agree: the phrase of the rule that guards guard.
const AGREED: &str = "take guard away";

/// Options of `guard remove`.
#[derive(Args, Debug)]
pub struct RemoveArgs {
    /// What to take away: path, shell, git, git-references, or all [default: all]
    #[arg(value_name = "DOOR")]
    pub doors: Vec<String>,
    /// Only show what would be undone
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// For whom.
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// Runs `guard remove`.
pub(super) fn run(args: RemoveArgs) -> Result<Exit> {
    let machine = Machine;
    let place = here(&machine)?;
    // To take guard away must work with a broken policy, too.
    let rulebook =
        in_force(&place).map_or_else(|_| crate::rulebook::Rulebook::builtin(), |config| config.rulebook);
    let here = Here::new(&place, args.scope.scope()).map_err(|error| anyhow!(error))?;
    let names = named(&args.doors, &here, &rulebook)?;
    let mut receipts = Vec::new();
    for name in &names {
        receipts.extend(Receipt::read(&here.receipts, name)?);
    }
    if receipts.is_empty() {
        println!("nothing is set up\n\nhint: guard status");
        return Ok(Exit::Done);
    }
    let text: String = receipts.iter().map(|receipt| shown(receipt, &here)).collect();
    let text = crate::text::safe_lines(&text);
    if args.dry_run {
        print!("{text}");
        return Ok(Exit::Done);
    }
    let question = |_: usize| format!("{text}\nTo do this, type   {AGREED}\n\n");
    if let Some(exit) = agreed(&question, AGREED, &text, &command("remove", &args.doors, args.scope)) {
        return Ok(exit);
    }
    for name in names {
        // Read again: what one door leaves may have gone to the next.
        if let Some(receipt) = Receipt::read(&here.receipts, &name)? {
            for line in undo(receipt, &here).map_err(|error| anyhow!("{error}\n\nhint: guard remove"))? {
                println!("{}", crate::text::safe(&line));
            }
        }
    }
    clean_up(&here);
    Ok(Exit::Done)
}

/// Returns the receipts of the doors that were named, or all.
fn named(doors: &[String], here: &Here, rulebook: &crate::rulebook::Rulebook) -> Result<Vec<String>> {
    let mut all = receipt::all(&here.receipts);
    // What was set up last goes first, where the names cannot tell: hooks before the rest.
    all.sort_by_key(|name| !name.contains('@'));
    if doors.is_empty() || doors.iter().any(|name| name == "all") {
        return Ok(all);
    }
    let known = doors::all(here, rulebook);
    doors
        .iter()
        .map(|name| match known.iter().find(|door| door.name() == *name) {
            Some(door) => Ok(door.receipt()),
            None if all.contains(name) => Ok(name.clone()),
            None => bail!(unknown(name, &known)),
        })
        .collect()
}

/// Returns the name under which a person knows the door of a receipt.
fn heading(door: &str, here: &Here) -> String {
    let door = door.strip_prefix("hook-").unwrap_or(door);
    match door.split_once('@') {
        Some((door, project)) => format!("{door} in {}", here.shown(Path::new(project))),
        None => door.to_owned(),
    }
}

fn shown(receipt: &Receipt, here: &Here) -> String {
    let mut text = format!("{}\n", heading(&receipt.door, here));
    for step in receipt.steps.iter().rev() {
        text += &match step {
            Step::Made { .. } => continue,
            Step::Wrote { path, before: Some(_), block: true, .. } => {
                format!("  take guard's lines out of {}\n", here.shown(path))
            }
            Step::Wrote { path, before: Some(_), .. } => format!("  restore {}\n", here.shown(path)),
            Step::Merged { path, before: Some(_), .. } => {
                format!("  take guard's hooks out of {}\n", here.shown(path))
            }
            Step::Wrote { path, before: None, .. } | Step::Merged { path, before: None, .. } => {
                format!("  remove {}\n", here.shown(path))
            }
            Step::Linked { path, names } => {
                format!("  remove {} links in {}\n", names.len(), here.shown(path))
            }
            Step::Moved { from, .. } => format!("  move {} back\n", here.shown(from)),
        };
    }
    text
}
