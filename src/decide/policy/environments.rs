//! `environments:` in a policy: what is done where.
//!
//! ```yaml
//! environments:
//!   production:
//!     when: {hosts: ["*.prod.internal"], contexts: [prod-eu], variables: {APP_ENV: production}}
//!     at: {severe: refuse}
//!     proof: {severe: passphrase}
//!     freeze: [{days: [fri], from: "16:00", to: "08:00", zone: Europe/Berlin}]
//!   scratch:
//!     when: {hosts: ["*.scratch.internal"]}
//!     at: {moderate: run}
//! ```
//!
//! An environment tightens wherever it may be meant. It loosens only where it is *settled*: established by a
//! file that may loosen, and by facts that the caller cannot change in passing. `RAILWAY_ENVIRONMENT=staging`
//! before a command can be changed in passing; so can a project's files, the branch that is checked out, and
//! whatever makes a tool ignore its own settings. What is not settled to be something else is taken for
//! production.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::backup::{Backups, Demanded};
use super::demand::{ApprovalsAt, Demand, ProofAt};
use super::freeze::{Freeze, Now};
use super::{Do, File, Layer, Policy, RuleLine, SeverityName, by_severity, line_for};
use crate::aim::{Aim, Fact};
use crate::glob;
use crate::rulebook::format::Severity;
use crate::rulebook::targets::Aspect;
use crate::truth::Truth;

/// The key `environments:` of a policy file.
pub type Environments = BTreeMap<String, Environment>;

/// What is done in one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Environment {
    /// What it is recognised by: every condition that is given must hold.
    pub when: When,
    /// What is done by severity.
    #[serde(deserialize_with = "super::unique::map")]
    pub at: BTreeMap<SeverityName, Do>,
    /// What is done by rule.
    #[serde(deserialize_with = "super::unique::map")]
    pub rules: BTreeMap<String, RuleLine>,
    /// What a person must show to answer, by severity.
    #[serde(deserialize_with = "super::unique::map")]
    pub proof: ProofAt,
    /// How many different people must answer, by severity.
    #[serde(deserialize_with = "super::unique::map")]
    pub approvals: ApprovalsAt,
    /// When nothing destructive runs.
    pub freeze: Vec<Freeze>,
    /// What evidence of backups must be there before something is destroyed in it.
    #[serde(deserialize_with = "super::unique::map")]
    pub backup: Backups,
}

/// What an environment is recognised by: lists of globs, of each of which one must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// Hosts that are connected to.
    pub hosts: Vec<String>,
    /// Addresses of requests, without the scheme: `api.example.com/v1/**`.
    pub urls: Vec<String>,
    /// Accounts, organisations, subscriptions.
    pub accounts: Vec<String>,
    /// Contexts and clusters of kubectl, contexts of docker, aliases of ssh.
    pub contexts: Vec<String>,
    /// Projects and apps.
    pub projects: Vec<String>,
    /// Names that the system itself has for environments, workspaces and profiles.
    pub names: Vec<String>,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// Databases.
    pub databases: Vec<String>,
    /// Branches.
    pub branches: Vec<String>,
    /// Variables that the command would see.
    #[serde(deserialize_with = "super::unique::map")]
    pub variables: BTreeMap<String, Vec<String>>,
}

/// What an aim is according to the policy.
#[derive(Clone, Debug, Default)]
pub struct Standing<'p> {
    /// The environments that may be meant: in which layer's file, under which name, whether it is settled.
    meant: Vec<Meant<'p>>,
    /// Whether it is production, or is treated as production.
    pub production: bool,
    /// The environment as the question names it, with how it is known; `None` where no policy says.
    pub told: Option<String>,
}

#[derive(Clone, Copy, Debug)]
struct Meant<'p> {
    file: usize,
    name: &'p str,
    environment: &'p Environment,
    /// Whether facts settle it and its file may loosen.
    settled: bool,
    /// Whether facts settle it and its file is the user's or root's own.
    firm: bool,
}

impl When {
    /// Returns whether an aim is meant, and whether that is settled.
    fn holds(&self, aim: &Aim) -> (Truth, bool) {
        let by_fact: [(&[String], &[Aspect]); 8] = [
            (&self.hosts, &[Aspect::Host]),
            (&self.accounts, &[Aspect::Account]),
            (&self.contexts, &[Aspect::Context, Aspect::Cluster]),
            (&self.projects, &[Aspect::Project, Aspect::Service]),
            (&self.names, &[Aspect::Environment, Aspect::Workspace, Aspect::Profile]),
            (&self.namespaces, &[Aspect::Namespace]),
            (&self.databases, &[Aspect::Database]),
            (&self.branches, &[Aspect::Branch]),
        ];
        let given = by_fact.iter().filter(|(patterns, _)| !patterns.is_empty());
        let (mut holds, mut settled, mut any) = (Truth::Certain, aim.diverted.is_none(), false);
        for (patterns, aspects) in given {
            any = true;
            let facts = aim.facts.iter().filter(|fact| aspects.contains(&fact.aspect));
            let (found, firm) = facts
                .map(|fact| (fact_matches(fact, patterns), fact.firm))
                .max()
                .unwrap_or((Truth::No, false));
            holds = holds.and(found);
            settled &= firm && found == Truth::Certain;
        }
        if !self.urls.is_empty() {
            any = true;
            settled = false;
            let matches = |url: &String| {
                self.urls.iter().any(|pattern| glob::matches(bare(pattern), url) == Truth::Certain)
            };
            holds = holds.and(Truth::certain_if(aim.url.as_ref().is_some_and(matches)));
        }
        for (name, patterns) in &self.variables {
            any = true;
            settled = false;
            let matches =
                |value: &String| patterns.iter().any(|pattern| glob::matches(pattern, value).is_possible());
            holds = holds.and(Truth::certain_if(aim.variables.get(name).is_some_and(matches)));
        }
        if any { (holds, settled && holds == Truth::Certain) } else { (Truth::No, false) }
    }

    /// Returns whether it can be settled, which takes facts that the caller cannot change in passing.
    pub fn can_settle(&self) -> bool {
        let by_fact = [
            &self.hosts,
            &self.accounts,
            &self.contexts,
            &self.projects,
            &self.names,
            &self.namespaces,
            &self.databases,
        ];
        let passing = !self.variables.is_empty() || !self.branches.is_empty() || !self.urls.is_empty();
        !passing && by_fact.iter().any(|patterns| !patterns.is_empty())
    }

    /// Returns the variables that it looks at.
    pub fn variables(&self) -> impl Iterator<Item = &String> {
        self.variables.keys()
    }
}

fn fact_matches(fact: &Fact, patterns: &[String]) -> Truth {
    match &fact.value {
        None => Truth::Possible,
        Some(value) => {
            Truth::certain_if(patterns.iter().any(|pattern| glob::matches(pattern, value) == Truth::Certain))
        }
    }
}

/// Returns a pattern without its scheme.
fn bare(pattern: &str) -> &str {
    pattern.split_once("://").map_or(pattern, |(_, rest)| rest)
}

/// Returns whether an environment of this name is production.
pub fn is_production(name: &str) -> bool {
    let fact = Fact {
        aspect: Aspect::Environment,
        value: Some(name.to_owned()),
        how: crate::aim::How::Given,
        firm: true,
    };
    fact.says_production()
}

impl Standing<'_> {
    /// Returns whether the environment of this name is meant for certain, or is production and treated as
    /// such.
    pub fn is(&self, name: &str) -> bool {
        let taken = self.production && is_production(name);
        taken || self.meant.iter().any(|meant| meant.firm && meant.name == name)
    }

    /// Returns the reason given for a rule by an environment that may be meant.
    pub fn because(&self, id: &str) -> Option<String> {
        self.meant.iter().find_map(|meant| line_for(&meant.environment.rules, id)?.because.clone())
    }
}

impl Environment {
    /// Returns whether it lets something run that is asked about by default.
    pub fn loosens(&self) -> bool {
        let rules = self.rules.values().map(|line| &line.act);
        self.at.values().chain(rules).any(|act| *act == Do::Run)
    }

    /// Returns what it says about a rule.
    fn says(&self, id: &str, severity: SeverityName) -> Option<Do> {
        line_for(&self.rules, id).map(|line| line.act).or_else(|| by_severity(&self.at, severity))
    }
}

impl Policy {
    /// Returns what an aim is.
    pub fn standing(&self, aim: &Aim) -> Standing<'_> {
        let mut standing = Standing::default();
        for (file, (layer, policy)) in self.layers.iter().enumerate() {
            for (name, environment) in &policy.environments {
                let (holds, settled) = environment.when.holds(aim);
                if holds.is_possible() {
                    let (settled, firm) = (settled && layer.may_loosen(), settled && layer.is_own());
                    standing.meant.push(Meant { file, name, environment, settled, firm });
                }
            }
        }
        let meant =
            |wanted: &dyn Fn(&Meant<'_>) -> bool| standing.meant.iter().find(|meant| wanted(meant)).copied();
        let by_policy = meant(&|meant| is_production(meant.name));
        let settled = meant(&|meant| meant.settled && !is_production(meant.name));
        standing.production = by_policy.is_some()
            || aim.production().is_some() && settled.is_none()
            || aim.away && settled.is_none();
        standing.told = match (by_policy, settled) {
            (Some(production), _) => Some(format!("{}, by policy", production.name)),
            (None, Some(settled)) => Some(format!("{}, by policy", settled.name)),
            (None, None) => None,
        };
        if standing.production {
            let known: Vec<(usize, &str)> =
                standing.meant.iter().map(|meant| (meant.file, meant.name)).collect();
            let all = self.layers.iter().enumerate().flat_map(|(file, (_, policy))| {
                policy.environments.iter().map(move |(name, environment)| (file, name.as_str(), environment))
            });
            let taken = all.filter(|(file, name, _)| is_production(name) && !known.contains(&(*file, *name)));
            let taken: Vec<Meant<'_>> = taken
                .map(|(file, name, environment)| Meant {
                    file,
                    name,
                    environment,
                    settled: false,
                    firm: false,
                })
                .collect();
            standing.meant.extend(taken);
        }
        standing
    }

    /// Returns what is done about a rule for an aim with this standing.
    pub fn for_rule_in(&self, id: &str, severity: Severity, standing: &Standing<'_>) -> Do {
        let name = SeverityName::from(severity);
        let general =
            |file: &File| file.line(id).map(|line| line.act).or_else(|| by_severity(&file.at, name));
        self.merged_by(Do::Confirm, |at, layer, file| {
            let own = |settled: bool| {
                let meant =
                    standing.meant.iter().filter(|meant| meant.file == at && meant.settled == settled);
                meant.filter_map(|meant| meant.environment.says(id, name)).max()
            };
            // Where it is settled what the environment is, its line replaces the file's general one.
            let base = own(true).filter(|_| layer.may_loosen()).or_else(|| general(file));
            match (base, own(false)) {
                (base, None) => base,
                (base, Some(tight)) => Some(base.unwrap_or(Do::Confirm).max(tight)),
            }
        })
    }

    /// Returns what the environments demand of whoever answers.
    pub fn demand_in(&self, severity: Severity, standing: &Standing<'_>) -> Demand {
        let own =
            |meant: &Meant<'_>| Demand::at(severity, &meant.environment.proof, &meant.environment.approvals);
        let demand = standing.meant.iter().map(own).fold(self.demand(severity), Demand::and);
        let name = SeverityName::from(severity);
        let taken_back = standing.meant.iter().any(|meant| {
            self.layers[meant.file].0.may_loosen() && meant.environment.proof.contains_key(&name)
        });
        // Production takes a separate authorisation as soon as one is enrolled.
        if standing.production && !taken_back { demand.and(Demand::ENROLLED) } else { demand }
    }

    /// Returns the backups that are demanded for a rule's finding whose aim has this standing: those that are
    /// demanded everywhere, and those of every environment that may be meant.
    pub fn demanded(&self, rule: &str, severity: Severity, standing: &Standing<'_>) -> Vec<Demanded> {
        let is_meant = |demanded: &Demanded| match &demanded.environment {
            None => true,
            Some(name) => standing.meant.iter().any(|meant| meant.name == name),
        };
        let all = self.backups().into_iter();
        all.filter(|demanded| is_meant(demanded) && demanded.backup.is_for(rule, severity)).collect()
    }

    /// Returns why nothing destructive runs now for an aim with this standing.
    pub fn frozen(&self, standing: &Standing<'_>, now: &Now) -> Option<String> {
        standing.meant.iter().find_map(|meant| {
            let window = meant.environment.freeze.iter().find_map(|freeze| freeze.holds(now))?;
            Some(format!("{} is frozen {window}", meant.name))
        })
    }

    /// Returns the environments of all files, each with its layer and name.
    pub fn environments(&self) -> impl Iterator<Item = (Layer, &str, &Environment)> {
        self.files().flat_map(|(layer, file)| {
            file.environments.iter().map(move |(name, environment)| (layer, name.as_str(), environment))
        })
    }

    /// Returns the time zones of all freezes.
    pub fn zones(&self) -> impl Iterator<Item = &str> {
        let environments = self.layers.iter().flat_map(|(_, file)| file.environments.values());
        environments.flat_map(|environment| &environment.freeze).map(|freeze| freeze.zone.as_str())
    }

    /// Returns the variables that environments are recognised by.
    pub fn variables(&self) -> impl Iterator<Item = &String> {
        let environments = self.layers.iter().flat_map(|(_, file)| file.environments.values());
        environments.flat_map(|environment| environment.when.variables())
    }
}

impl Layer {
    /// Returns whether it is the user's own file or root's, and not one that was found in a project or named
    /// by a variable: only these name programs that guard runs and switch off what it does.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::User | Self::System)
    }

    /// Returns whether a file of this layer may loosen the defaults.
    pub const fn may_loosen(self) -> bool {
        matches!(self, Self::User | Self::Trusted)
    }
}

#[cfg(test)]
mod tests;
