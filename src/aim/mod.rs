//! What a dangerous command is aimed at (which environment, project, cluster, host), and how that is known.
//!
//! This is looked up only once a rule has matched, from the command's own words, the variables it would see
//! and the files that its tool would read; nothing is run and the network is not asked. What cannot be
//! established stays unknown: a name such as `staging` is shown to the person but proves nothing.

mod before;
pub mod key;
mod lines;
pub(crate) mod settings;
mod ways;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use self::before::Before;
use self::lines::Lines;
use crate::matcher::Finding;
use crate::place::Place;
use crate::proposal::{Form, Proposal};
use crate::resolve::Resolution;
use crate::resolve::action::{Action, Effect, Site, leading};
use crate::resolve::command_line::CommandLine;
use crate::rulebook::Rulebook;
use crate::rulebook::targets::{Aspect, Target};
use crate::unknown::is_known;

/// What one finding is aimed at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aim {
    /// The program that reaches it, where one is known.
    pub tool: Option<String>,
    /// The program that does it.
    pub by: Option<String>,
    /// Whether it is away from this machine, or may be, so that an environment has to be established.
    pub away: bool,
    /// What is known of it.
    pub facts: Vec<Fact>,
    /// What the surroundings suggest although the command does not say it: that a directory is linked to
    /// something, for example.
    pub hints: Vec<Fact>,
    /// What may point the tool somewhere else than the facts say.
    pub diverted: Option<String>,
    /// The address of a request, without its scheme.
    pub url: Option<String>,
    /// The key that it would present.
    pub key: Option<key::Key>,
    /// The variables that the command would see, limited to those that a policy asks about.
    pub variables: BTreeMap<String, String>,
}

/// Something known of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub aspect: Aspect,
    /// Its value; `None` where it is given and not known before the command runs.
    pub value: Option<String>,
    /// How it is known.
    pub how: How,
    /// Whether it rests on nothing that the caller can change in passing, such as variables and the project's
    /// files.
    pub firm: bool,
}

/// How something is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// The command says it.
    Given,
    /// A variable says it.
    Variable {
        /// The variable.
        name: String,
        /// Who set it.
        set: Set,
    },
    /// A file says it.
    File(Spot),
    /// It is the tool's default.
    Usual,
}

/// Who set a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Set {
    /// This command itself.
    Command,
    /// The environment that it gets; the value is that of a file which it may have come from.
    Environment(Option<Spot>),
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The path, shortened as a person would write it.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => f.write_str("given in the command"),
            Self::Variable { name, set: Set::Command } => write!(f, "from {name}, set in this command"),
            Self::Variable { name, set: Set::Environment(None) } => {
                write!(f, "from {name} in the environment")
            }
            Self::Variable { name, set: Set::Environment(Some(spot)) } => write!(f, "from {name} in {spot}"),
            Self::File(spot) => write!(f, "from {spot}"),
            Self::Usual => f.write_str("by default"),
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.as_deref().unwrap_or("not known before it runs");
        write!(f, "{} {value}, {}", self.aspect.name(), self.how)
    }
}

impl Fact {
    /// Returns whether the name itself says that it is production.
    pub fn says_production(&self) -> bool {
        let named =
            !matches!(self.aspect, Aspect::Region | Aspect::Namespace | Aspect::Remote | Aspect::State);
        let mut parts = self.value.iter().flat_map(|value| value.split(|c: char| !c.is_alphanumeric()));
        named && parts.any(|part| PRODUCTION.iter().any(|name| part.eq_ignore_ascii_case(name)))
    }

    /// Returns whether it points a local tool at another machine: `DOCKER_HOST=ssh://prod`.
    fn leads_away(&self) -> bool {
        let here = |value: &String| HERE.contains(&value.as_str()) || value.starts_with("unix://");
        let placed = matches!(self.aspect, Aspect::Host | Aspect::Context) && self.how != How::Usual;
        placed && !self.value.as_ref().is_some_and(here)
    }

    /// Marks it as something that may have changed by the time the command runs, if it comes from the tool's
    /// settings.
    fn doubt_settings(&mut self) {
        let named = matches!(self.aspect, Aspect::Profile | Aspect::Context);
        self.firm &= !(named || matches!(self.how, How::File(_)));
    }

    /// Returns whether it is a name by which people tell environments apart.
    fn names_environment(&self) -> bool {
        matches!(self.aspect, Aspect::Environment | Aspect::Context | Aspect::Workspace | Aspect::Profile)
    }
}

/// Contexts of docker that are this machine.
const HERE: [&str; 3] = ["default", "desktop-linux", "rootless"];

/// What people call production.
const PRODUCTION: [&str; 4] = ["production", "prod", "prd", "live"];

impl Aim {
    /// Returns the first fact whose name says that it is production.
    pub fn production(&self) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.says_production())
    }

    /// Returns the facts of one aspect.
    pub fn of(&self, aspect: Aspect) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| fact.aspect == aspect)
    }

    /// Returns the lines that describe it to a person. `environment` is the one that policy recognised, and
    /// how.
    pub fn told(&self, environment: Option<&str>) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(match (environment, self.production()) {
            (Some(environment), _) => Some(format!("environment {environment}")),
            (None, Some(fact)) => Some(format!("environment production, by its name: {fact}")),
            (None, None) if self.away => {
                Some(format!("environment not established: taken for production{}", self.hearsay()))
            }
            (None, None) => None,
        });
        if !self.facts.is_empty() {
            lines.push(self.facts.iter().map(Fact::to_string).collect::<Vec<_>>().join(" · "));
        }
        if let Some(key) = &self.key {
            lines.push(format!("key: {key}"));
        }
        if let (Some(by), true) = (&self.diverted, self.away) {
            lines.push(format!("{by} may lead it elsewhere"));
        }
        lines
    }

    /// Returns the names that suggest an environment, with a remark on what they are worth.
    fn hearsay(&self) -> String {
        if let Some(fact) = self.facts.iter().find(|fact| fact.names_environment() && fact.value.is_some()) {
            return format!("; a name is no proof ({fact})");
        }
        match self.hints.iter().find(|fact| fact.names_environment()) {
            Some(fact) => format!("; {fact}, says nothing about this call"),
            None => String::new(),
        }
    }
}

/// Returns what each finding is aimed at, in the order of the findings, with the values that the command
/// would see of `variables`.
pub fn look<'f>(
    findings: &'f [Finding],
    resolution: &Resolution,
    proposal: &Proposal,
    place: &Place<'_>,
    rulebook: &Rulebook,
    variables: &[&String],
) -> Vec<Rc<Aim>> {
    let mut known: HashMap<(usize, &str), Rc<Aim>> = HashMap::new();
    let text = if findings.is_empty() { String::new() } else { proposal.form.text() };
    let is_shell = matches!(proposal.form, Form::Shell { .. });
    let lines = Lines::of(&resolution.actions);
    let search =
        key::Search { actions: &resolution.actions, lines: &lines, resolution, text: &text, is_shell, place };
    let mut looking = ways::Looking::new(place);
    let mut before = Before::new(&resolution.actions, &lines, place);
    let aim = |finding: &'f Finding| {
        if let Some(aim) = known.get(&(finding.action, finding.rule.pack.as_str())) {
            return Rc::clone(aim);
        }
        let mut aim = aim_of(finding, (&resolution.actions, &lines), rulebook, &mut looking, &mut before);
        let line = lines.at(finding.action);
        aim.by = line.map(|line| line.program.clone());
        // An API call shows what its own words say; a tool, what its pack knows of.
        let target = aim.tool.as_ref().and_then(|tool| rulebook.target(tool));
        aim.key = search.of(finding.action, target.as_ref().map(|target| &target.keys), &mut looking);
        let value =
            |name: &str| line.and_then(|line| line.variable(name)).or_else(|| place.environment.text(name));
        let seen = |name: &&String| Some(((*name).clone(), value(name)?.to_owned()));
        aim.variables = variables.iter().filter_map(seen).collect();
        let aim = Rc::new(aim);
        known.insert((finding.action, finding.rule.pack.as_str()), Rc::clone(&aim));
        aim
    };
    findings.iter().map(aim).collect()
}

fn aim_of(
    finding: &Finding,
    (actions, lines): (&[Action], &Lines<'_>),
    rulebook: &Rulebook,
    looking: &mut ways::Looking<'_, '_>,
    before: &mut Before<'_>,
) -> Aim {
    let Some(action) = actions.get(finding.action) else { return Aim::default() };
    let mut aim = Aim { away: action.site.elsewhere, ..Aim::default() };
    if let Some((line, target)) = reaching(finding.action, actions, lines, rulebook) {
        aim.tool = Some(line.program.clone());
        aim.facts = looking.facts_of(&target, line, &action.site);
        aim.away |= !target.local || aim.facts.iter().any(Fact::leads_away);
        aim.diverted = looking
            .diverted(&target, line)
            .or_else(|| before.connected(finding.action))
            .or_else(|| before.led_on(finding.action));
        if before.may_change_settings(finding.action) {
            aim.facts.iter_mut().for_each(Fact::doubt_settings);
        }
    } else if matches!(action.effect, Effect::Sql { .. }) {
        aim.away = true;
    }
    if let Effect::Http(request) = &action.effect {
        aim.away = true;
        aim.url = Some(format!("{}{}", request.host, request.path));
        let value = Some(request.host.clone()).filter(|host| is_known(host));
        // A proxy or a made-up address of the host may stand between: nothing here is firm.
        aim.facts.push(Fact { aspect: Aspect::Host, value, how: How::Given, firm: false });
        aim.hints = hints(finding, &action.site, rulebook, looking);
    }
    aim
}

/// Returns what the tool of a rule's own pack is linked to here: for an API call it is hearsay.
fn hints(
    finding: &Finding,
    site: &Site,
    rulebook: &Rulebook,
    looking: &mut ways::Looking<'_, '_>,
) -> Vec<Fact> {
    let Some(target) = rulebook.target(&finding.rule.pack) else { return Vec::new() };
    let bare = CommandLine::read(&finding.rule.pack, Vec::new(), None);
    looking.facts(&target, &bare, site)
}

/// Returns the command line that reaches what an action changes, with how it is found out what that is: its own, that
/// of the client which carries it, or that of the program which leads to another machine.
fn reaching<'a>(
    at: usize,
    actions: &'a [Action],
    lines: &Lines<'a>,
    rulebook: &Rulebook,
) -> Option<(&'a CommandLine, Arc<Target>)> {
    let action = &actions[at];
    let known = |line: &'a CommandLine| Some((line, rulebook.target(&line.program)?));
    if action.site.elsewhere {
        return leading(at, actions).and_then(known);
    }
    match &action.effect {
        Effect::Run(line) => known(line),
        Effect::Sql { client, .. } => lines.up_from(at).find(|line| line.program == *client).and_then(known),
        // What a client of HTTP is linked to says nothing of what a request is about.
        _ => None,
    }
}

/// Returns what a tool would act on here if it were told nothing.
pub(crate) fn settings_of(tool: &str, place: &Place<'_>, rulebook: &Rulebook) -> Vec<Fact> {
    let Some(target) = rulebook.target(tool) else { return Vec::new() };
    let bare = CommandLine::read(tool, Vec::new(), None);
    let site = Site::here(&place.cwd);
    ways::Looking::new(place).facts(&target, &bare, &site)
}

/// Returns a file that a tool keeps (`~/.netrc`), where it is there.
pub(crate) fn existing(file: &str, place: &Place<'_>) -> Option<std::path::PathBuf> {
    ways::Looking::new(place).existing(file)
}

/// Returns a path as a person would write it: relative to the working directory, the project or the home.
pub(crate) fn shown(path: &Path, place: &Place<'_>) -> String {
    let below = |root: &Path| path.strip_prefix(root).ok().map(|rest| rest.display().to_string());
    if let Some(short) = below(&place.cwd).or_else(|| below(place.project.as_deref()?)) {
        return short;
    }
    match place.home.as_deref().and_then(below) {
        Some(short) => format!("~/{short}"),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests;
