//! Findings and gaps against policy: run, ask a person, or refuse. The strictest answer wins.
//!
//! Pure, and the only module that can make a [`Clearance`]: whatever runs was let through here.

mod challenge;
pub mod policy;
pub mod surroundings;

pub use self::challenge::{Answered, Because, Challenge, Clearance, Refusal, command_text, describe};

use self::policy::demand::Demand;
use self::policy::{Do, Policy};
use crate::aim::Aim;
use crate::matcher::Finding;
use crate::parse::gap::Gap;
use crate::proposal::Proposal;
use crate::resolve::Resolution;
use crate::rulebook::format::{Maturity, Severity};

/// What is to be done with a proposed command.
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

/// Decides about a command by everything that was found in it.
pub fn decide(
    proposal: Proposal,
    resolution: Resolution,
    findings: Vec<(Finding, Aim)>,
    policy: &Policy,
) -> Decision {
    let judged: Vec<(Do, (Finding, Aim))> =
        findings.into_iter().map(|(finding, aim)| (by_rule(&finding, policy), (finding, aim))).collect();
    let (strict, loose): (Vec<_>, Vec<_>) = judged.into_iter().partition(|(act, _)| *act > Do::Run);
    let gaps = resolution.gaps.iter().map(|gap| policy.for_gap(gap.kind)).max().unwrap_or(Do::Run);
    let worst = strict.iter().map(|(act, _)| *act).max().unwrap_or(Do::Run).max(gaps);
    let asking: Vec<Gap> =
        resolution.gaps.iter().filter(|gap| policy.for_gap(gap.kind) > Do::Run).cloned().collect();
    let (in_force, aims): (Vec<Finding>, Vec<Aim>) = strict.into_iter().map(|(_, found)| found).unzip();
    let found = Box::new(Found {
        proposal,
        demand: demand(&in_force, &asking, policy),
        in_force,
        aims,
        recorded: loose.into_iter().map(|(_, (finding, _))| finding).collect(),
        asking,
        resolution,
    });
    match worst {
        Do::Run => Decision::Run(Clearance::harmless(found)),
        Do::Confirm => Decision::Confirm(Challenge::new(found)),
        Do::Refuse => {
            let reason = found.in_force.iter().find_map(|finding| policy.because(&finding.rule.id()));
            Decision::Refuse(Refusal::new(found, Because::Policy(reason)))
        }
    }
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
    /// What each of these is aimed at.
    pub(crate) aims: Vec<Aim>,
    /// Findings that are only recorded.
    pub(crate) recorded: Vec<Finding>,
    /// Gaps that ask or refuse.
    pub(crate) asking: Vec<Gap>,
}

/// Returns what whoever answers must show: all that any of the findings demands. What could not be read
/// may be severe.
fn demand(findings: &[Finding], gaps: &[Gap], policy: &Policy) -> Demand {
    let severities = findings.iter().map(|finding| finding.rule.rule.severity);
    let unread = (!gaps.is_empty()).then_some(Severity::Severe);
    severities.chain(unread).map(|severity| policy.demand(severity)).fold(Demand::default(), Demand::and)
}

fn by_rule(finding: &Finding, policy: &Policy) -> Do {
    if finding.rule.rule.maturity == Maturity::Trial {
        return Do::Run;
    }
    policy.for_rule(&finding.rule.id(), finding.rule.rule.severity)
}
