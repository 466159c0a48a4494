//! `guard log`: what ran, was asked and was refused, and whether the ledger is whole.

mod table;

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand, ValueEnum};

use super::args::duration;
use crate::env_vars;
use crate::exit::{Exit, Status};
use crate::record::{self, Line, Stamp, What};
use crate::text::{Paint, When, safe, safe_os};
pub(super) use table::columns;
use table::{Table, View};

/// How many commands are shown where nobody says how many.
const SHOWN: usize = 20;
/// How many faults of a ledger are shown.
const FAULTS: usize = 20;

/// Shows what was run, asked and refused.
#[derive(Args, Debug, Default)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LogArgs {
    #[command(subcommand)]
    action: Option<Action>,
    /// Show the last N commands [default: 20; with --json all]
    #[arg(short = 'n', long, value_name = "N")]
    last: Option<usize>,
    /// Show commands that this rule matched, or any rule of this pack
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// Show commands to which this happened
    #[arg(long, value_name = "WHAT")]
    what: Vec<Happened>,
    /// Show commands that were refused
    #[arg(long)]
    refused: bool,
    /// Show what is at most this old, such as 90s, 10m, 2h or 3d
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    since: Option<Duration>,
    /// Print the ledger's own lines, which are JSON
    #[arg(long)]
    json: bool,
    /// Read this ledger
    #[arg(long, value_name = "PATH", global = true)]
    file: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Say whether every line is there as it was written
    Verify,
}

/// What can happen to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Happened {
    Ran,
    Asked,
    Shown,
    Answered,
    Cleared,
    Ended,
    Refused,
    Enrolled,
    Warned,
}

impl From<Happened> for What {
    fn from(happened: Happened) -> Self {
        match happened {
            Happened::Ran => Self::Ran,
            Happened::Asked => Self::Asked,
            Happened::Shown => Self::Shown,
            Happened::Answered => Self::Answered,
            Happened::Cleared => Self::Cleared,
            Happened::Ended => Self::Ended,
            Happened::Refused => Self::Refused,
            Happened::Enrolled => Self::Enrolled,
            Happened::Warned => Self::Warned,
        }
    }
}

/// Runs `guard log` on the user's ledger.
pub fn run(args: LogArgs) -> anyhow::Result<Status> {
    let path = match &args.file {
        Some(path) => path.clone(),
        None => record::default_path(env_vars::get)
            .ok_or_else(|| anyhow!("neither {} nor {} is set", env_vars::XDG_STATE_HOME, env_vars::HOME))?,
    };
    let out = io::stdout();
    let terminal = out.is_terminal();
    let view = View { paint: Paint::choose(When::Auto, terminal), columns: columns(terminal) };
    let done = match args.action {
        Some(Action::Verify) => verify(&path, &mut out.lock()),
        None if args.json => json(&args, &path, terminal, &mut out.lock()),
        None => show(&args, &path, view, &mut out.lock()),
    };
    match done {
        // Whoever reads has seen enough.
        Err(error) if is_broken_pipe(&error) => Ok(Exit::Done.into()),
        done => done.map(Status::from),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn show(args: &LogArgs, path: &Path, view: View, out: &mut impl Write) -> anyhow::Result<Exit> {
    let mut table = Table::new(args.last.unwrap_or(SHOWN), args.filter());
    let mut unreadable = 0_usize;
    for line in record::lines(path)? {
        match line.context("cannot read the ledger")? {
            (_, Some(line)) => table.add(line),
            (_, None) => unreadable += 1,
        }
    }
    table.print(view, out)?;
    if unreadable > 0 {
        eprintln!("guard: {unreadable} lines of the ledger cannot be read\n\nhint: guard log verify");
    }
    Ok(Exit::Done)
}

fn json(args: &LogArgs, path: &Path, terminal: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    let filter = args.filter();
    let mut last = VecDeque::new();
    let mut chosen = BTreeSet::new();
    for line in record::lines(path)? {
        let (bytes, Some(line)) = line.context("cannot read the ledger")? else { continue };
        // The end of a command names its rules by its beginning.
        if !(filter.takes(&line)
            || (filter.what.is_empty() && line.of.is_some_and(|of| chosen.contains(&of))))
        {
            continue;
        }
        chosen.insert(line.n);
        last.push_back(bytes);
        if last.len() > args.last.unwrap_or(usize::MAX) {
            last.pop_front();
        }
    }
    for bytes in last {
        // Guard escapes what a terminal would not show, but another hand may have been here.
        match String::from_utf8(bytes) {
            Ok(text) if terminal => writeln!(out, "{}", safe(&text))?,
            Ok(text) => writeln!(out, "{text}")?,
            Err(_) => {}
        }
    }
    Ok(Exit::Done)
}

fn verify(path: &Path, out: &mut impl Write) -> anyhow::Result<Exit> {
    let found = record::verify(path)?;
    let name = safe_os(path.as_os_str());
    for fault in found.faults.iter().take(FAULTS) {
        writeln!(out, "{name}:{}: {}", fault.line, fault.kind)?;
    }
    if let Some(more) = found.faults.len().checked_sub(FAULTS).filter(|more| *more > 0) {
        writeln!(out, "and {more} more")?;
    }
    let lines = found.lines;
    if found.is_sound() {
        writeln!(out, "{name}: {lines} lines, all as they were written")?;
        return Ok(Exit::Done);
    }
    writeln!(out, "{name}: {lines} lines, {} faults", found.faults.len())?;
    Ok(Exit::Failed)
}

/// Which lines are wanted.
#[derive(Clone, Debug, Default)]
struct Filter {
    rule: Option<String>,
    what: Vec<What>,
    /// The earliest time, as lines write it.
    since: Option<String>,
}

impl LogArgs {
    fn filter(&self) -> Filter {
        let refused = self.refused.then_some(What::Refused);
        Filter {
            rule: self.rule.clone(),
            what: self.what.iter().map(|what| What::from(*what)).chain(refused).collect(),
            since: self.since.map(|span| Stamp::now().before(span).to_string()),
        }
    }
}

impl Filter {
    fn takes(&self, line: &Line) -> bool {
        (self.what.is_empty() || self.what.contains(&line.what)) && self.takes_any_of(line)
    }

    /// Returns whether the line is wanted, whatever it tells.
    fn takes_any_of(&self, line: &Line) -> bool {
        let matches = |rule: &String, wanted: &str| {
            rule.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.since.as_ref().is_none_or(|since| line.time >= *since)
            && self.rule.as_ref().is_none_or(|wanted| line.rules.iter().any(|rule| matches(rule, wanted)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
