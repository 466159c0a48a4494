//! `guard check`: says what exec would do, and runs nothing.

use std::ffi::OsString;
use std::io::{BufRead, Write};
use std::os::unix::ffi::OsStringExt;

use anyhow::{Context, Result, anyhow};

use super::args::CheckArgs;
use super::report::Report;
use crate::config::{self, Config};
use crate::decide::Decision;
use crate::entry::exec::shell;
use crate::exit::{Exit, Status};
use crate::pipeline::{self, Session};
use crate::place::Place;
use crate::proposal::{Environment, Form, Proposal};
use crate::text::safe;
use crate::world::Machine;

/// Runs `guard check`.
pub(super) fn run(args: CheckArgs) -> Result<Status> {
    if let Some(directory) = &args.command.directory {
        std::env::set_current_dir(directory)
            .with_context(|| format!("cannot go to {}", directory.display()))?;
    }
    if args.batch {
        return batch(&args.command.shell);
    }
    let form = args.command.form().map_err(|message| anyhow!("{message}\n\nhint: guard check --help"))?;
    let (decision, report) = foresee(form)?;
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        tell(&decision, &report);
    }
    let exit = match &decision {
        Decision::Run(_) => Exit::Done,
        Decision::Confirm(_) => Exit::WouldAsk,
        Decision::Refuse(_) => Exit::WouldRefuse,
    };
    // The process ends here, and taking a long script's actions apart would be work for nothing.
    std::mem::forget((decision, report));
    Ok(exit.into())
}

/// Judges a command here and now, with everything that is in force.
pub(super) fn judge(form: Form) -> Result<Decision> {
    let machine = Machine;
    let place = here(&machine)?;
    let config = in_force(&place)?;
    Ok(pipeline::assess(Proposal::at(&place, form), Session::of(&place, &config)))
}

/// The same, with what would be done before it runs.
pub(super) fn foresee(form: Form) -> Result<(Decision, Report)> {
    let machine = Machine;
    let place = here(&machine)?;
    let config = in_force(&place)?;
    let session = Session::of(&place, &config);
    let decision = pipeline::assess(Proposal::at(&place, form), session);
    let report = Report { first: pipeline::first(&decision, session).into(), ..Report::of(&decision) };
    Ok((decision, report))
}

pub(super) fn here(machine: &Machine) -> Result<Place<'_>> {
    let cwd = std::env::current_dir().context("the working directory cannot be read")?;
    Ok(Place::new(cwd, Environment::inherited(), machine))
}

pub(super) fn in_force(place: &Place<'_>) -> Result<Config> {
    config::load(place).map_err(|error| anyhow!("{}\n\nhint: {}", error.message, error.hint))
}

/// Says what would be done, in one piece: there may be thousands of lines.
fn tell(decision: &Decision, report: &Report) {
    let answer = match decision {
        Decision::Run(clearance) if clearance.is_observed() => {
            "would run without the question, because policy only watches".to_owned()
        }
        Decision::Run(_) => "would run".to_owned(),
        Decision::Confirm(_) => {
            format!("would ask a person to type: {}", safe(report.phrase.as_deref().unwrap_or_default()))
        }
        Decision::Refuse(_) => "would refuse".to_owned(),
    };
    let rules = report.rules.iter().map(|rule| format!("  {}: {}", rule.id, rule.title));
    let gaps = report.gaps.iter().map(|gap| format!("  not read: {}", safe(&gap.reason)));
    let first = report.first.lines().map(|(label, line)| format!("  {label}: {}", safe(line)));
    let lines: Vec<String> = std::iter::once(answer).chain(rules).chain(gaps).chain(first).collect();
    println!("{}", lines.join("\n"));
}

/// Judges NUL-separated commands, one line of JSON each, in their order.
fn batch(shell_name: &str) -> Result<Status> {
    let machine = Machine;
    let place = here(&machine)?;
    let config = in_force(&place)?;
    let mut output = std::io::stdout().lock();
    for command in std::io::stdin().lock().split(0) {
        let text = OsString::from_vec(command.context("standard input cannot be read")?);
        let form = shell(text, Some(shell_name));
        let decision = pipeline::assess(Proposal::at(&place, form), Session::of(&place, &config));
        serde_json::to_writer(&mut output, &Report::of(&decision))?;
        output.write_all(b"\n")?;
    }
    Ok(Exit::Done.into())
}
