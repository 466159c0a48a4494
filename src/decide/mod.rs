//! Findings and gaps against policy: run, ask a person, or refuse. The strictest answer wins.
//!
//! Pure, and the only module that can make a [`Clearance`]: whatever runs was let through here.

mod answer;
mod challenge;
pub mod policy;
pub mod question;
pub mod surroundings;

pub use self::answer::{Answered, Answerer};
pub use self::challenge::{Because, Challenge, Clearance, Refusal, command_text, describe};

use std::collections::BTreeSet;
use std::rc::Rc;

use self::policy::backup::Demanded;
use self::policy::demand::Demand;
use self::policy::freeze::Now;
use self::policy::keys::Grant;
use self::policy::observe::OWN_PACK;
use self::policy::{Do, Policy};
use crate::aim::Aim;
use crate::aim::key::Key;
use crate::matcher::Finding;
use crate::parse::gap::Gap;
use crate::proposal::Proposal;
use crate::resolve::Resolution;
use crate::resolve::action::Action;
use crate::rulebook::format::{Maturity, Severity};

/// The most lines in a question on where a command acts.
const MOST_PLACES: usize = 6;

/// What to do with a proposed command.
#[derive(Debug)]
#[must_use]
pub enum Decision {
    /// It runs.
    Run(Clearance),
    /// A person is asked.
    Confirm(Challenge),
    /// It does not run.
    Refuse(Refusal),
}

impl Decision {
    /// Returns what the command would do.
    pub fn actions(&self) -> &[Action] {
        match self {
            Self::Run(clearance) => clearance.actions(),
            Self::Confirm(challenge) => challenge.actions(),
            Self::Refuse(refusal) => refusal.actions(),
        }
    }
}

/// Decides on a command by everything that was found in it and what each finding is aimed at.
pub fn decide(
    proposal: Proposal,
    resolution: Resolution,
    findings: Vec<(Finding, Rc<Aim>)>,
    policy: &Policy,
    now: &Now,
) -> Decision {
    let judged: Vec<Judged> =
        findings.into_iter().map(|(finding, aim)| judge(finding, &aim, policy, now)).collect();
    let backups = distinct(judged.iter().flat_map(|judged| judged.backups.clone()));
    let (strict, loose): (Vec<Judged>, Vec<Judged>) =
        judged.into_iter().partition(|judged| judged.act > Do::Run);
    let gaps = resolution.gaps.iter().map(|gap| policy.for_gap(gap.kind)).max().unwrap_or(Do::Run);
    let worst = strict.iter().map(|judged| judged.act).max().unwrap_or(Do::Run).max(gaps);
    let asking: Vec<Gap> =
        resolution.gaps.iter().filter(|gap| policy.for_gap(gap.kind) > Do::Run).cloned().collect();
    // What could not be read may be severe.
    let unread = (!asking.is_empty()).then(|| policy.demand(Severity::Severe));
    let demands = strict.iter().map(|judged| judged.demand).chain(unread);
    let demand = demands.fold(Demand::default(), Demand::and);
    let reason = strict.iter().find_map(|judged| judged.because.clone());
    let here = places(&strict);
    let grants = distinct(strict.iter().flat_map(|judged| judged.grants.clone()));
    let tools = strict.iter().filter_map(|judged| judged.tool.clone()).collect();
    let found = Box::new(Found {
        proposal,
        demand,
        in_force: strict.into_iter().map(|judged| judged.finding).collect(),
        here,
        tools,
        grants,
        backups,
        recorded: loose.into_iter().map(|judged| judged.finding).collect(),
        asking,
        resolution,
    });
    match worst {
        Do::Run => Decision::Run(Clearance::harmless(found)),
        Do::Confirm if policy.observes() && !found.is_about_guard() => {
            Decision::Run(Clearance::observed(found))
        }
        Do::Confirm => Decision::Confirm(Challenge::new(found)),
        Do::Refuse => Decision::Refuse(Refusal::new(found, Because::Policy(reason))),
    }
}

/// Returns the lines that tell a person where findings act.
fn places(strict: &[Judged]) -> Vec<String> {
    let mut here = distinct(strict.iter().flat_map(|judged| judged.here.clone()));
    here.truncate(MOST_PLACES);
    if let Some(worst) = strict.first().filter(|judged| judged.severity > judged.finding.rule.rule.severity) {
        here.push(format!("with such a key it counts as {}", worst.severity.name()));
    }
    here
}

/// Returns each of these once, in the order in which they come. There are few.
fn distinct<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut known: Vec<T> = Vec::new();
    for one in all {
        if !known.contains(&one) {
            known.push(one);
        }
    }
    known
}

impl Found {
    /// Returns whether it would take guard itself away or change it.
    fn is_about_guard(&self) -> bool {
        self.in_force.iter().any(|finding| finding.rule.id().starts_with(OWN_PACK))
    }
}

/// A finding with what policy says about it.
struct Judged {
    finding: Finding,
    /// What it counts as.
    severity: Severity,
    act: Do,
    demand: Demand,
    /// Why it is refused, where policy says so.
    because: Option<String>,
    /// The lines that tell a person where it acts.
    here: Vec<String>,
    /// The tool that it acts through.
    tool: Option<String>,
    /// The credentials that go to it.
    grants: Vec<Grant>,
    /// The backups that are demanded for it.
    backups: Vec<Demanded>,
}

fn judge(finding: Finding, aim: &Aim, policy: &Policy, now: &Now) -> Judged {
    let (id, severity) = (finding.rule.id(), finding.rule.rule.severity);
    // A key that was not given for this purpose may well reach something that it was not meant for.
    let raised = aim.key.as_ref().is_some_and(Key::raises);
    let severity = if raised { severity.raised() } else { severity };
    let standing = policy.standing(aim);
    let mut act = policy.for_rule_in(&id, severity, &standing);
    if finding.rule.rule.maturity == Maturity::Trial {
        act = Do::Run;
    }
    let mut because = policy.because_in(&id, &standing);
    if act > Do::Run
        && let Some(frozen) = policy.frozen(&standing, now)
    {
        (act, because) = (Do::Refuse, Some(frozen));
    }
    let here = aim.told(standing.told.as_deref());
    let grants = match (&aim.by, act) {
        (Some(program), Do::Confirm) => policy.grants(program, severity, &standing),
        _ => Vec::new(),
    };
    let backups = match finding.rule.rule.maturity {
        Maturity::Trial => Vec::new(),
        Maturity::Stable => policy.demanded(&id, severity, &standing),
    };
    // Nothing but the passphrase opens them.
    let opening = Demand { passphrase: !grants.is_empty(), ..Demand::default() };
    let demand = policy.demand_in(severity, &standing).and(opening);
    Judged { act, demand, because, here, severity, tool: aim.tool.clone(), grants, backups, finding }
}

/// Everything that a decision rests on.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) proposal: Proposal,
    pub(crate) resolution: Resolution,
    /// What whoever answers must show.
    pub(crate) demand: Demand,
    /// Findings that ask or refuse, the worst first.
    pub(crate) in_force: Vec<Finding>,
    /// The lines that tell a person where these act.
    pub(crate) here: Vec<String>,
    /// The tools that these act through.
    pub(crate) tools: BTreeSet<String>,
    /// The credentials that policy grants to them.
    pub(crate) grants: Vec<Grant>,
    /// The backups that policy demands for what was found.
    pub(crate) backups: Vec<Demanded>,
    /// Findings that are only recorded.
    pub(crate) recorded: Vec<Finding>,
    /// Gaps that ask or refuse.
    pub(crate) asking: Vec<Gap>,
}
