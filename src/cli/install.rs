//! `guard install`: shows what it would change, asks, does it, and says how to undo it.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::check::{here, in_force};
use crate::confirm::tty::Terminal;
use crate::exit::Exit;
use crate::human::Answer;
use crate::install::apply::apply;
use crate::install::{Door, Here, Plan, Scope, doors};
use crate::rulebook::load::nearest;
use crate::text::{Paint, When, safe, safe_lines};
use crate::world::Machine;

/// How long such a question stays open; there is more to read than in others.
pub(super) const PATIENCE: Duration = Duration::from_secs(600);

/// What is typed to agree.
const AGREED: &str = "install";

/// Options of `guard install`.
#[derive(Args, Debug)]
pub struct InstallArgs {
    /// What to set up: path, shell, git, git-references, an agent, or all [default: what belongs here]
    #[arg(value_name = "DOOR")]
    pub doors: Vec<String>,
    /// Only show what would be changed
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// For whom.
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// For whom.
#[derive(Args, Clone, Copy, Debug)]
#[group(multiple = false)]
pub struct ScopeArgs {
    /// For this user; the default
    #[arg(long)]
    pub user: bool,
    /// For this project
    #[arg(long)]
    pub project: bool,
    /// For everybody on this machine
    #[arg(long)]
    pub system: bool,
}

impl ScopeArgs {
    /// Returns the scope that was chosen.
    pub(super) fn scope(self) -> Scope {
        match (self.system, self.project) {
            (true, _) => Scope::System,
            (_, true) => Scope::Project,
            _ => Scope::User,
        }
    }
}

/// A door with what is left to do for it.
type Planned = (Box<dyn Door>, Plan);

/// Runs `guard install`.
pub(super) fn run(args: InstallArgs) -> Result<Exit> {
    let machine = Machine;
    let place = here(&machine)?;
    let config = in_force(&place)?;
    let here = Here::new(&place, args.scope.scope()).map_err(|error| anyhow!(error))?;
    let planned = plan(&args.doors, doors::all(&here, &config.rulebook), &here)?;
    if planned.iter().all(|(_, plan)| plan.changes.is_empty()) {
        println!("everything is set up already\n\nhint: guard status");
        return Ok(Exit::Done);
    }
    let text = shown(&planned, &here);
    if args.dry_run {
        print!("{text}");
        return Ok(Exit::Done);
    }
    let question = |_: usize| {
        format!(
            "This is what guard would set up here. Nothing is changed yet, and guard remove takes all of it back.\n\n\
             {text}\nTo do this, type   {AGREED}\n\n"
        )
    };
    if let Some(exit) = agreed(&question, AGREED, &text, &command("install", &args.doors, args.scope)) {
        return Ok(exit);
    }
    for (door, plan) in &planned {
        apply(&door.receipt(), plan, &here)
            .map_err(|error| anyhow!("{error}\n\nhint: guard remove {}", door.name()))?;
        println!("set up {}: {}", door.name(), door.title());
    }
    println!("to undo it: guard remove{}", scope_option(args.scope));
    println!("to try it:  guard status{}", scope_option(args.scope));
    Ok(Exit::Done)
}

/// Asks a person to type a word. Returns the status to exit with if nobody did; then what would have been
/// done is printed, so that somebody can do it.
pub(super) fn agreed(
    question: &dyn Fn(usize) -> String,
    word: &str,
    text: &str,
    command: &str,
) -> Option<Exit> {
    let terminal = Terminal::new(Paint::choose(When::Auto, std::io::stderr().is_terminal()));
    match terminal.put(&|columns, _| question(columns), PATIENCE) {
        Answer::Typed(typed) if typed == word => None,
        Answer::Absent(why) => {
            print!("{text}");
            eprintln!("guard: this needs a person, and {why}; nothing was changed");
            eprintln!("\nhint: a person types at their own terminal: {command}");
            Some(Exit::NeedsPerson)
        }
        answer => {
            eprintln!(
                "guard: {}; nothing was changed",
                answer.because(PATIENCE).replace("the phrase", "the word")
            );
            Some(Exit::Refused)
        }
    }
}

/// Returns the command line that a person would type for the same.
pub(super) fn command(verb: &str, doors: &[String], scope: ScopeArgs) -> String {
    let words = ["guard", verb].into_iter().chain(doors.iter().map(String::as_str));
    format!("{}{}", shell_words::join(words), scope_option(scope))
}

pub(super) fn scope_option(scope: ScopeArgs) -> &'static str {
    match scope.scope() {
        Scope::User => "",
        Scope::Project => " --project",
        Scope::System => " --system",
    }
}

/// Returns what a person is told who names a door that does not exist.
pub(super) fn unknown(name: &str, all: &[Box<dyn Door>]) -> String {
    let names: Vec<String> = all.iter().map(|door| door.name()).collect();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    match nearest(name, &known) {
        Some(near) => format!("there is no door `{}`; did you mean `{near}`?", safe(name)),
        None => format!("there is no door `{}`; there are {}", safe(name), names.join(", ")),
    }
}

/// Returns the doors that were named, or those that belong here, with what is left to do for each.
fn plan(named: &[String], all: Vec<Box<dyn Door>>, here: &Here) -> Result<Vec<Planned>> {
    let is_known = |name: &String| name == "all" || all.iter().any(|door| door.name() == *name);
    if let Some(name) = named.iter().find(|name| !is_known(name)) {
        bail!(unknown(name, &all));
    }
    let by_itself = named.is_empty() || named.iter().any(|name| name == "all");
    let mut planned = Vec::new();
    for door in all {
        if !named.contains(&door.name()) && !(by_itself && door.belongs(here)) {
            let instead = door.instead(here);
            if by_itself && door.is_here(here) && !instead.is_empty() {
                eprintln!("guard: {} cannot be set up here: {}", door.title(), instead.join(" "));
            }
            continue;
        }
        match door.plan(here) {
            Ok(plan) => planned.push((door, plan.left(here))),
            Err(why) if by_itself => eprintln!("guard: {} is left out: {why}", door.name()),
            Err(why) => bail!("{}: {why}", door.name()),
        }
    }
    if planned.is_empty() {
        bail!("nothing can be set up here\n\nhint: guard install --help");
    }
    Ok(planned)
}

fn shown(planned: &[Planned], here: &Here) -> String {
    let mut text = String::new();
    for (door, plan) in planned.iter().filter(|(_, plan)| !plan.changes.is_empty()) {
        text += &format!("{}: {}\n{}", door.name(), door.title(), plan.shown(here));
    }
    safe_lines(&text).into_owned()
}
