//! `guard policy`: a policy begun, shown, checked, explained and tried.

mod begin;
mod lines;

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand};

use self::lines::Line;
use super::check::{here, in_force, judge};
use crate::clock;
use crate::config::Config;
use crate::decide::Decision;
use crate::decide::policy::environments::is_production;
use crate::decide::policy::schema::schema;
use crate::decide::policy::{Do, File, Layer, Policy, applies};
use crate::entry::args::CommandArgs;
use crate::entry::exec::shell;
use crate::exit::Exit;
use crate::rulebook::Rulebook;
use crate::rulebook::load::nearest;
use crate::text::safe;
use crate::world::Machine;

/// Options of `guard policy`.
#[derive(Args, Debug)]
pub struct PolicyArgs {
    /// What to do.
    #[command(subcommand)]
    what: What,
}

/// What is done with a policy.
#[derive(Debug, Subcommand)]
enum What {
    /// Print a commented policy to start from, based on what is found here
    Init {
        /// Write it to .guard/policy.yaml, if there is none
        #[arg(long)]
        write: bool,
    },
    /// Show every line in force, with the file and line it comes from
    Show,
    /// Show what is wrong with the policies in force here, and which lines have no effect
    Check,
    /// Show which lines apply to a command, and with what result
    Explain(CommandArgs),
    /// Test the examples in the policies
    Test,
    /// Print the JSON schema, for editors
    Schema,
}

/// Runs `guard policy`.
pub(super) fn run(args: PolicyArgs) -> Result<Exit> {
    match args.what {
        What::Init { write } => init(write),
        What::Show => show(),
        What::Check => check(),
        What::Explain(command) => explain(command),
        What::Test => test(),
        What::Schema => {
            println!("{}", serde_json::to_string_pretty(&schema())?);
            Ok(Exit::Done)
        }
    }
}

fn init(write: bool) -> Result<Exit> {
    let machine = Machine;
    let place = here(&machine)?;
    let config = in_force(&place)?;
    let text = begin::policy(&place, &config.rulebook);
    if !write {
        print!("{text}");
        return Ok(Exit::Done);
    }
    let root = place
        .project_or_cwd()
        .context("there is no project here\n\nhint: guard policy init > policy.yaml")?;
    let path = root.join(".guard/policy.yaml");
    std::fs::create_dir_all(root.join(".guard"))?;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .map_err(|error| anyhow!("{}: {error}\n\nhint: guard policy init", path.display()))?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    println!("written: {}", safe(&path.display().to_string()));
    Ok(Exit::Done)
}

fn show() -> Result<Exit> {
    let machine = Machine;
    let place = here(&machine)?;
    let config = in_force(&place)?;
    let lines = lines::of(&config, &place)?;
    for line in &lines {
        println!("{}", safe(&line.shown()));
    }
    if lines.is_empty() {
        println!(
            "there is no policy file, so the defaults apply: everything destructive is asked about\n\nhint: guard policy init"
        );
    }
    Ok(Exit::Done)
}

fn check() -> Result<Exit> {
    let machine = Machine;
    let place = here(&machine)?;
    // A file that cannot be read or understood is reported with its place, and ends this.
    let config = in_force(&place)?;
    let lines = lines::of(&config, &place)?;
    let mut remarks: Vec<String> = Vec::new();
    for line in lines.iter().filter(|line| line.awaits_trust()) {
        remarks.push(format!("{}: it loosens and is ignored until a person runs: guard trust", line.at()));
    }
    for (layer, name, environment) in config.policy.environments() {
        if layer.may_loosen() && environment.loosens() && !environment.when.can_settle() {
            remarks.push(format!(
                "environment {name}: its `when` never loosens: name hosts, accounts, contexts, projects or databases, and \
                 neither variables, branches nor urls"
            ));
        }
    }
    for zone in config.policy.zones() {
        if clock::offset(zone, clock::now(), place.world).is_none() {
            remarks.push(format!("the time zone {zone} cannot be read, so its freeze always holds"));
        }
    }
    for (layer, file) in config.policy.files() {
        for (key, _) in file.not_for_a_project().filter(|_| layer == Layer::Named) {
            remarks.push(format!(
                "`{key}` does not count: its file is not the account's own, but one that the environment names"
            ));
        }
        for name in file.told_backups().filter(|_| !layer.is_own()) {
            remarks.push(format!(
                "the backup `{name}` does not count: its `command` is run from your own policy or the machine's alone"
            ));
        }
        remarks.extend(unmatched_rules(file, &config.rulebook));
    }
    remarks.extend(unmet_keys(&config.policy)?);
    for remark in &remarks {
        println!("{}", safe(remark));
    }
    let policies = policies(&config);
    println!("{policies} {} in order", if policies == 1 { "policy is" } else { "policies are" });
    Ok(Exit::Done)
}

/// Returns the lines that are about no rule, which a slip of the pen does: nothing would come of them.
fn unmatched_rules(file: &File, book: &Rulebook) -> Vec<String> {
    let names: BTreeSet<&String> = file.rule_names().collect();
    if names.is_empty() {
        return Vec::new();
    }
    let ids: Vec<String> = book.all_rules().iter().map(|rule| rule.id()).collect();
    let known: Vec<&str> = ids.iter().map(String::as_str).collect();
    let unmatched = names.into_iter().filter(|name| known.iter().all(|id| !applies(name, id)));
    let remark = |name: &String| {
        let near = nearest(name, &known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("no rule is called `{name}`, so nothing comes of that line{near}")
    };
    unmatched.map(remark).collect()
}

/// Returns what prevents credentials from being handed over to the tools that policy gives them to.
fn unmet_keys(policy: &Policy) -> Result<Vec<String>> {
    let own: Vec<_> = policy.own_files().flat_map(|file| &file.keys).collect();
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let kept = crate::proof::kept(crate::env_vars::get).map_err(|why| anyhow!(why))?;
    let known: Vec<&str> = policy.environments().map(|(_, name, _)| name).collect();
    let mut remarks = Vec::new();
    for (name, key) in own {
        if kept.iter().all(|(known, _)| known != name) {
            remarks.push(format!("guard keeps no key {name}; a person adds it with: guard keys add {name}"));
        }
        for place in
            key.environments.iter().filter(|place| !known.contains(&place.as_str()) && !is_production(place))
        {
            remarks.push(format!(
                "the key {name} is for {place}, which no `environments` describes, so nothing gets it there"
            ));
        }
    }
    Ok(remarks)
}

fn policies(config: &Config) -> usize {
    config.policy.files().count()
}

fn explain(command: CommandArgs) -> Result<Exit> {
    let form = command.form().map_err(|message| anyhow!("{message}\n\nhint: guard policy explain --help"))?;
    let machine = Machine;
    let place = here(&machine)?;
    let config = in_force(&place)?;
    let lines = lines::of(&config, &place)?;
    let decision = judge(form)?;
    let (findings, told) = match &decision {
        Decision::Run(_) => (&[][..], &[][..]),
        Decision::Confirm(challenge) => (challenge.findings(), challenge.here()),
        Decision::Refuse(refusal) => (refusal.findings(), refusal.here()),
    };
    for line in told {
        println!("{}", safe(line));
    }
    for finding in findings {
        let rule = &finding.rule.rule;
        println!("{} ({}): {}", finding.rule.id(), rule.severity.name(), rule.title);
        let speaking: Vec<&Line> =
            lines.iter().filter(|line| line.speaks_of(&finding.rule.id(), rule.severity)).collect();
        for line in &speaking {
            println!("  {}", safe(&line.shown()));
        }
        if speaking.is_empty() {
            println!("  no line applies to it; the default holds");
        }
    }
    match &decision {
        Decision::Run(_) => println!("It would run."),
        Decision::Confirm(_) => println!("A person would be asked."),
        Decision::Refuse(refusal) => println!("It would be refused: {}.", safe(&refusal.report().because)),
    }
    Ok(Exit::Done)
}

fn test() -> Result<Exit> {
    let machine = Machine;
    let place = here(&machine)?;
    let config = in_force(&place)?;
    let (mut tried, mut wrong) = (0, 0);
    for (expect, command) in config.policy.files().flat_map(|(_, file)| file.examples.all()) {
        tried += 1;
        let got = match judge(shell(command.into(), None))? {
            Decision::Run(_) => Do::Run,
            Decision::Confirm(_) => Do::Confirm,
            Decision::Refuse(_) => Do::Refuse,
        };
        if got != expect {
            wrong += 1;
            println!("{}: expected {}, got {}", safe(command), word(expect), word(got));
        }
    }
    println!("{tried} examples, {wrong} wrong");
    Ok(if wrong == 0 { Exit::Done } else { Exit::Failed })
}

const fn word(act: Do) -> &'static str {
    match act {
        Do::Run => "run",
        Do::Confirm => "confirm",
        Do::Refuse => "refuse",
    }
}

/// Returns whose layer it is.
const fn whose(layer: Layer) -> &'static str {
    match layer {
        Layer::System => "system",
        Layer::User => "user",
        Layer::Trusted => "project, trusted",
        Layer::Project => "project",
        Layer::Named => "named by the environment",
    }
}
