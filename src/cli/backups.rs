//! `guard backups`: the latest evidence of each backup that a policy demands, and the last restore test.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::check::{here, in_force};
use crate::backup::{self, Evidence};
use crate::exit::{Exit, Status};
use crate::text::safe;
use crate::world::Machine;

/// A restore test that is older than this proves little.
const STALE: Duration = Duration::from_secs(90 * 86_400);

/// Options of `guard backups`.
#[derive(Args, Debug)]
pub struct BackupsArgs {
    /// Print a line of JSON for each
    #[arg(long)]
    json: bool,
}

/// What is known of a backup.
#[derive(Debug, Serialize)]
struct Known<'e> {
    name: &'e str,
    /// The environment in which it is demanded; `None` for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'e str>,
    newest: String,
    /// Why it does not satisfy the demand.
    lacks: Option<String>,
    elsewhere: bool,
    at: String,
    restore_tested: String,
    make: String,
}

/// Runs `guard backups`. A demanded backup that is missing is a failure.
pub(super) fn run(args: BackupsArgs) -> Result<Status> {
    let machine = Machine;
    let place = here(&machine)?;
    let policy = in_force(&place)?.policy;
    let mut all_there = true;
    let demanded = policy.backups();
    for entry in &demanded {
        let evidence = backup::look(entry, &place);
        let known = known(&evidence);
        all_there &= known.lacks.is_none();
        if args.json {
            println!("{}", serde_json::to_string(&known)?);
        } else {
            print!("{}", shown(&known));
        }
    }
    if demanded.is_empty() && !args.json {
        println!("no policy demands a backup\n\nhint: docs/policy.md, `backup`");
    }
    Ok(if all_there { Exit::Done } else { Exit::Failed }.into())
}

fn known<'e>(evidence: &'e Evidence<'_>) -> Known<'e> {
    let entry = &evidence.demanded.backup;
    Known {
        name: &evidence.demanded.name,
        environment: evidence.demanded.environment.as_deref(),
        newest: evidence.description(),
        lacks: evidence.lacks(),
        elsewhere: entry.elsewhere,
        at: format!("{:?}", entry.at).to_lowercase(),
        restore_tested: tested(entry.restore_tested.as_deref()),
        make: shell_words::join(&entry.make),
    }
}

fn tested(day: Option<&str>) -> String {
    let Some(day) = day else {
        return "never, as far as the policy says: a backup that was not restored is a hope".to_owned();
    };
    let ago = backup::time(day).and_then(|day| SystemTime::now().duration_since(day).ok());
    match ago {
        Some(ago) if ago > STALE => format!("{day}, {} ago: try it again", backup::span(ago)),
        _ => day.to_owned(),
    }
}

fn shown(known: &Known<'_>) -> String {
    let state = match &known.lacks {
        None => "there".to_owned(),
        Some(why) => format!("LACKING: {why}"),
    };
    let place = known.environment.unwrap_or("everywhere");
    let mut text =
        format!("{}  ({})\n  newest          {}\n", safe(known.name), safe(place), safe(&known.newest));
    text += &format!("  demanded from   {}{}\n", known.at, if known.elsewhere { ", elsewhere" } else { "" });
    text += &format!("  state           {}\n", safe(&state));
    text += &format!("  restore tested  {}\n", safe(&known.restore_tested));
    if known.lacks.is_some() && !known.make.is_empty() {
        text += &format!("  make one with   {}\n", safe(&known.make));
    }
    text
}
