//! `guard status`: what is set up here, tested, and what is missing.

use anyhow::{Result, anyhow};
use clap::Args;
use serde::Serialize;

use super::check::{here, in_force};
use super::install::ScopeArgs;
use crate::config::Config;
use crate::decide::policy::Layer;
use crate::decide::surroundings::who_asks;
use crate::env_vars;
use crate::exit::Exit;
use crate::install::{Door, Here, Scope, State, doors};
use crate::record::{self, What};
use crate::world::Machine;

/// Options of `guard status`.
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
    /// For whom.
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// What is in force.
#[derive(Debug, Serialize)]
struct Report {
    version: &'static str,
    program: String,
    doors: Vec<Tried>,
    policies: Vec<String>,
    observes: bool,
    packs: usize,
    own_packs: usize,
    rules: usize,
    /// Where a question would go.
    questions: String,
    /// Whether everything that would be asked about is refused.
    frozen: Option<String>,
    /// The last command that was refused, and when.
    last_refused: Option<String>,
}

/// A door.
#[derive(Debug, Serialize)]
struct Tried {
    name: String,
    title: String,
    on: bool,
    holds: bool,
    said: Vec<(&'static str, String)>,
    /// What a person can do where there is nothing to set up.
    instead: Vec<String>,
}

/// Runs `guard status`. A door that is set up and does not hold is a failure.
pub(super) fn run(args: StatusArgs) -> Result<Exit> {
    let machine = Machine;
    let place = here(&machine)?;
    let config = in_force(&place)?;
    let here = Here::new(&place, args.scope.scope()).map_err(|error| anyhow!(error))?;
    let mut doors = doors::all(&here, &config.rulebook);
    doors.retain(|door| door.is_here(&here) || doors::is_set_up(door.as_ref(), &here));
    // They apply to a user in this project, whoever set them up.
    doors.extend(doors::of_project(&here).filter(|_| here.scope == Scope::User));
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        program: here.shown(&here.program),
        doors: doors.iter().map(|door| tried(door.as_ref(), &here)).collect(),
        policies: policies(&config, &here),
        observes: config.policy.observes(),
        packs: config.rulebook.packs().len(),
        own_packs: config.files.len() - policies(&config, &here).len(),
        rules: config.rulebook.all_rules().len(),
        questions: questions(),
        frozen: crate::confirm::freeze::in_force(env_vars::get).map(|frozen| frozen.description()),
        last_refused: last_refused(),
    };
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print!("{}", crate::text::safe_lines(&report.shown()));
    }
    Ok(if report.doors.iter().all(|door| door.holds) { Exit::Done } else { Exit::Failed })
}

fn tried(door: &dyn Door, here: &Here) -> Tried {
    let on = doors::is_set_up(door, here);
    let health = if on { door.tried(here) } else { Vec::new() };
    let sign = |state: State| match state {
        State::Good => "ok",
        State::Note => "note",
        State::Bad => "bad",
    };
    Tried {
        name: door.name(),
        title: door.title(),
        on,
        holds: health.iter().all(|health| health.state != State::Bad),
        said: health.into_iter().map(|health| (sign(health.state), health.said)).collect(),
        instead: if on { Vec::new() } else { door.instead(here) },
    }
}

/// Returns the policies that are in force, each with whose it is.
fn policies(config: &Config, here: &Here) -> Vec<String> {
    let whose = |layer: &Layer| match layer {
        Layer::System => "the machine's",
        Layer::User => "yours",
        Layer::Named => "named by the environment, so it can only tighten",
        Layer::Trusted => "the project's, trusted as it is now",
        Layer::Project => "the project's, which can only tighten",
    };
    let is_policy = |path: &std::path::Path| !path.parent().is_some_and(|parent| parent.ends_with("rules"));
    let policies = config.files.iter().filter(|(_, path)| is_policy(path));
    policies.map(|(layer, path)| format!("{} ({})", here.shown(path), whose(layer))).collect()
}

/// Returns where a question that came up now would go.
fn questions() -> String {
    let asker = who_asks();
    match (asker.agent, asker.hidden) {
        (Some(agent), _) => format!("nowhere: this is below {agent} ({})", asker.how),
        (None, true) => "nowhere: /proc cannot be read, so who is asking cannot be determined".to_owned(),
        (None, false) if std::fs::File::open("/dev/tty").is_err() => {
            "nowhere: there is no terminal".to_owned()
        }
        (None, false) => "to this terminal".to_owned(),
    }
}

/// Returns the last command that the ledger says was refused, and when.
fn last_refused() -> Option<String> {
    let path = record::default_path(env_vars::get)?;
    let lines = record::lines(&path).ok()?;
    let lines = lines.filter_map(|line| line.ok()?.1).filter(|line| line.what == What::Refused);
    let last = lines.last()?;
    Some(format!("{} at {}", last.command?.lines().next().unwrap_or_default(), last.time))
}

impl Report {
    fn shown(&self) -> String {
        let mut text = format!("guard {} at {}\n\n", self.version, self.program);
        for door in &self.doors {
            let state = if !door.on && !door.instead.is_empty() {
                "none"
            } else if !door.on {
                "off"
            } else if door.holds {
                "on"
            } else {
                "BROKEN"
            };
            text += &format!("{:15} {state:7} {}\n", door.name, door.title);
            for (sign, said) in &door.said {
                text += &format!("  {sign:5} {said}\n");
            }
            for instead in &door.instead {
                text += &format!("        {instead}\n");
            }
            if !door.on && door.instead.is_empty() {
                text += &format!("        to set it up: guard install {}\n", door.name);
            }
        }
        text += "\n";
        for policy in &self.policies {
            text += &format!("policy          {policy}\n");
        }
        if self.observes {
            text += "OBSERVING       nothing is asked; what would be is in: guard log --decision observed\n";
        }
        text += &format!(
            "rules           {} in {} packs, {} of them added here\n",
            self.rules, self.packs, self.own_packs
        );
        text += &format!("questions go    {}\n", self.questions);
        if let Some(frozen) = &self.frozen {
            text += &format!("FROZEN          {frozen}\n");
        }
        if let Some(refused) = &self.last_refused {
            text += &format!("last refused    {refused}\n");
        }
        text
    }
}
