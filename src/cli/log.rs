//! `guard log`: what ran, was asked and was refused, and whether the ledger is whole.

mod export;
mod filter;
mod table;

use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand, ValueEnum};

use crate::entry::args::duration;
use crate::env_vars;
use crate::exit::{Exit, Status};
use crate::record::{self, Stamp, What};
use crate::text::{Paint, When, safe, safe_os};
use export::{COLUMNS, Format, Whole};
use filter::{Chosen, Filter};
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
    /// Show commands by their outcome
    #[arg(long, value_name = "DECISION")]
    decision: Vec<Decided>,
    /// Show what this agent asked for, or asked guard's hook about
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    /// Show what ran in this directory or below it
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Show what is at most this old, such as 90s, 10m, 2h or 3d, or newer than a time such as
    /// 2026-11-22T09:30
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Moment>,
    /// Show what is at least this old, or older than a time
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<Moment>,
    /// Keep printing new lines as they come
    #[arg(short, long)]
    follow: bool,
    /// How lines are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Print the ledger's own lines: --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Read this ledger
    #[arg(long, value_name = "PATH", global = true)]
    file: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Check that every line is there as it was written
    Verify,
}

/// What can happen to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Happened {
    Ran,
    Observed,
    Asked,
    Shown,
    Answered,
    Cleared,
    Kept,
    Frozen,
    Ended,
    Refused,
    Enrolled,
    Warned,
}

/// The outcome of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Decided {
    /// It ran without a question.
    Ran,
    /// It ran; a person would have been asked if the policy did not only observe.
    Observed,
    /// A person let it run.
    Allowed,
    /// It did not run.
    Refused,
}

impl From<Decided> for What {
    fn from(decided: Decided) -> Self {
        match decided {
            Decided::Ran => Self::Ran,
            Decided::Observed => Self::Observed,
            Decided::Allowed => Self::Cleared,
            Decided::Refused => Self::Refused,
        }
    }
}

/// A time that somebody names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Moment {
    /// This long ago.
    Ago(Duration),
    /// In UTC as lines write it, or the beginning of it.
    At(String),
}

impl Moment {
    fn text(&self) -> String {
        match self {
            Self::Ago(span) => Stamp::now().before(*span).to_string(),
            Self::At(text) => text.clone(),
        }
    }
}

/// Reads a duration, or a date and perhaps a time.
fn moment(text: &str) -> Result<Moment, String> {
    let pattern = "0000-00-00T00:00:00";
    let fits = |(c, like): (char, char)| if like == '0' { c.is_ascii_digit() } else { c == like };
    let at = text.trim_end_matches('Z').replacen(' ', "T", 1);
    if at.len() >= "0000-00-00".len()
        && at.len() <= pattern.len()
        && at.chars().zip(pattern.chars()).all(fits)
    {
        return Ok(Moment::At(at));
    }
    let wrong = |why| format!("{why}, or a time such as 2026-11-22T09:30");
    duration(text).map(Moment::Ago).map_err(wrong)
}

impl From<Happened> for What {
    fn from(happened: Happened) -> Self {
        match happened {
            Happened::Ran => Self::Ran,
            Happened::Observed => Self::Observed,
            Happened::Asked => Self::Asked,
            Happened::Shown => Self::Shown,
            Happened::Answered => Self::Answered,
            Happened::Cleared => Self::Cleared,
            Happened::Kept => Self::Kept,
            Happened::Frozen => Self::Frozen,
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
        // What is not there by its usual name was not begun yet; what somebody names should be there.
        Some(path) => {
            path.metadata().with_context(|| format!("{} cannot be read", safe_os(path.as_os_str())))?;
            path.clone()
        }
        None => record::default_path(env_vars::get)
            .ok_or_else(|| anyhow!("neither {} nor {} is set", env_vars::XDG_STATE_HOME, env_vars::HOME))?,
    };
    let out = io::stdout();
    let terminal = out.is_terminal();
    let view = View { paint: Paint::choose(When::Auto, terminal), columns: columns(terminal) };
    let done = match args.action {
        Some(Action::Verify) => verify(&path, &mut out.lock()),
        None if args.follow => follow(&args, &path, terminal, &mut out.lock()),
        None if args.format() == Format::Table => show(&args, &path, view, &mut out.lock()),
        None => print(&args, &path, terminal, &mut out.lock()),
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

/// Prints lines one by one, in any format but the table of commands.
fn print(args: &LogArgs, path: &Path, terminal: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    let mut printer = Printer::new(args, terminal);
    let mut last = VecDeque::new();
    for line in record::lines(path)? {
        let Some(text) = printer.line(line.context("cannot read the ledger")?) else { continue };
        last.push_back(text);
        if last.len() > args.last.unwrap_or(usize::MAX) {
            last.pop_front();
        }
    }
    printer.begin(out)?;
    last.iter().try_for_each(|text| writeln!(out, "{text}"))?;
    Ok(Exit::Done)
}

/// Prints the last lines and then what comes, until nobody reads any longer.
fn follow(args: &LogArgs, path: &Path, terminal: bool, out: &mut impl Write) -> anyhow::Result<Exit> {
    let mut printer = Printer::new(args, terminal);
    printer.begin(out)?;
    let most = args.last.unwrap_or(if args.format() == Format::Table { SHOWN } else { usize::MAX });
    let mut last = VecDeque::new();
    let mut caught_up = false;
    record::follow(path, |read| {
        let Some(read) = read else {
            caught_up = true;
            last.drain(..).try_for_each(|text: String| writeln!(out, "{text}"))?;
            return out.flush().map(|()| true);
        };
        if let Some(text) = printer.line(read) {
            last.push_back(text);
            // There may be many old lines; new ones are shown in any case.
            if !caught_up && last.len() > most {
                last.pop_front();
            }
        }
        Ok(true)
    })?;
    Ok(Exit::Done)
}

/// Formats the lines that are wanted.
struct Printer {
    format: Format,
    chosen: Chosen,
    whole: Whole,
    terminal: bool,
}

impl Printer {
    fn new(args: &LogArgs, terminal: bool) -> Self {
        Self { format: args.format(), chosen: Chosen::by(args.filter()), whole: Whole::default(), terminal }
    }

    fn begin(&self, out: &mut impl Write) -> io::Result<()> {
        if self.format == Format::Csv { writeln!(out, "{COLUMNS}") } else { Ok(()) }
    }

    fn line(&mut self, (bytes, line): record::Read) -> Option<String> {
        let line = line?;
        let takes = self.chosen.takes(&line);
        // Every line may be continued by one that is wanted.
        let line = self.whole.line(line);
        if !takes {
            return None;
        }
        Some(match self.format {
            // Guard escapes what a terminal would not show, but another hand may have been here.
            Format::Json if self.terminal => safe(&String::from_utf8(bytes).ok()?).into_owned(),
            Format::Json => String::from_utf8(bytes).ok()?,
            Format::Csv => export::csv(&line),
            Format::Cef => export::cef(&line),
            Format::Table => table::row(&line),
        })
    }
}

fn verify(path: &Path, out: &mut impl Write) -> anyhow::Result<Exit> {
    let found = record::verify(path)?;
    let name = safe_os(path.as_os_str());
    for fault in found.faults.iter().take(FAULTS) {
        let file = found.files.get(fault.file).map_or_else(|| name.clone(), |file| safe_os(file.as_os_str()));
        writeln!(out, "{file}:{}: {}", fault.line, fault.kind)?;
    }
    if let Some(more) = found.faults.len().checked_sub(FAULTS).filter(|more| *more > 0) {
        writeln!(out, "and {more} more")?;
    }
    let lines = match found.files.len() {
        0 | 1 => format!("{} lines", found.lines),
        files => format!("{} lines in {files} files", found.lines),
    };
    if found.is_sound() {
        writeln!(out, "{name}: {lines}, all as they were written")?;
        return Ok(Exit::Done);
    }
    writeln!(out, "{name}: {lines}, {} faults", found.faults.len())?;
    Ok(Exit::Failed)
}

impl LogArgs {
    fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    fn filter(&self) -> Filter {
        let refused = self.refused.then_some(What::Refused);
        let decided = self.decision.iter().map(|decided| What::from(*decided));
        // As the ledger names directories: without links on the way.
        let project = self.project.as_ref().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone()));
        Filter {
            rule: self.rule.clone(),
            what: self.what.iter().map(|what| What::from(*what)).chain(refused).chain(decided).collect(),
            since: self.since.as_ref().map(Moment::text),
            until: self.until.as_ref().map(Moment::text),
            agent: self.agent.clone(),
            project,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
