//! Actions against rules: what would a person want to be asked about?
//!
//! Every answer is three-valued. A condition of a rule counts when it may hold; an exception only
//! when it does hold.

mod clause;
mod code;
mod http;
mod pattern;
pub mod phrase;
mod run;
mod secrets;
mod sql;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use crate::place::Place;
use crate::resolve::Resolution;
use crate::resolve::action::{Action, Effect, reached};
use crate::rulebook::format::{Clause, Rule};
use crate::rulebook::{BookRule, Filed, Rulebook};
use crate::truth::Truth;

/// A rule that fired on an action.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: Arc<BookRule>,
    /// Which of the resolution's actions it fired on.
    pub action: usize,
    /// Whether what is not known could still acquit the command.
    pub certainty: Truth,
    /// The phrase that a person must type.
    pub phrase: String,
    /// What the rule saw, by slot name (`volume`, `path`, `operand.1`).
    pub captures: Captures,
    /// The further actions on which it fired alike.
    pub also: Vec<usize>,
}

/// What a rule saw, by slot name.
pub type Captures = BTreeMap<String, String>;

/// Returns every rule that fires, the worst first.
pub fn find(resolution: &Resolution, rulebook: &Rulebook, place: &Place<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    let mut candidates = Candidates { rulebook, called: BTreeMap::new() };
    for (at, action) in resolution.actions.iter().enumerate() {
        for rule in candidates.of(action).iter() {
            let Some(finding) = judge(rule, at, action, place) else { continue };
            // The same thing twice is one finding; the same words for another place are not.
            let reached = reached(at, &resolution.actions);
            match known.entry((rule.id(), finding.phrase.clone(), reached)) {
                Entry::Occupied(place) => findings[*place.get()].also.push(at),
                Entry::Vacant(place) => {
                    place.insert(findings.len());
                    findings.push(finding);
                }
            }
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.rule.rule.severity, finding.certainty)));
    findings
}

/// Some rules.
type Rules = Arc<[Arc<BookRule>]>;

/// The rules that could fire, found once for what a script does again and again.
struct Candidates<'a> {
    rulebook: &'a Rulebook,
    /// The rules that name a function.
    called: BTreeMap<&'a str, Rules>,
}

impl<'a> Candidates<'a> {
    /// Returns the rules that could fire on an action.
    fn of(&mut self, action: &'a Action) -> Rules {
        let rulebook = self.rulebook;
        let found: Vec<_> = action.effect.keys().into_iter().map(|key| rulebook.rules(key)).collect();
        let filed = found.iter().flat_map(|filed| filed.iter());
        let decoded = |filed: &Filed| rulebook.decoded(filed);
        match &action.effect {
            // A rule that names other commands of the program need not be decoded; one that is says so itself.
            Effect::Run(line) => {
                let names = |filed: &&Filed| {
                    filed.is_decoded()
                        || filed.runs.is_empty()
                        || filed.runs.iter().any(|named| run::names(named, line))
                };
                filed.filter(names).filter_map(decoded).collect()
            }
            Effect::Call { call, .. } => {
                let names = |clause: &Clause| {
                    clause.call.as_ref().is_some_and(|wanted| code::names(wanted, &call.callee))
                };
                let is_named = |rule: &Arc<BookRule>| rule.rule.when.iter().any(names);
                let rules = || filed.filter_map(decoded).filter(is_named).collect();
                Arc::clone(self.called.entry(&call.callee).or_insert_with(rules))
            }
            _ => filed.filter_map(decoded).collect(),
        }
    }
}

/// Judges one action by one rule.
fn judge(rule: &Arc<BookRule>, at: usize, action: &Action, place: &Place<'_>) -> Option<Finding> {
    let Rule { when, unless, .. } = &rule.rule;
    let (mut certainty, mut captures) = fires(when, action, place)?;
    if unless.iter().any(|exception| clause::excuses(exception, action, place)) {
        return None;
    }
    // `rm -rf ~/.cache/pip node_modules`: what no exception covers must be dangerous by itself.
    if let Some(rest) = clause::beyond(&rule.rule, action, place) {
        let (left, mut seen) = fires(when, &rest, place)?;
        certainty = left;
        captures.extend(seen.remove_entry("path"));
    }
    let phrase = phrase::fill(&rule.rule.confirm, &captures);
    Some(Finding { rule: rule.clone(), action: at, certainty, phrase, captures, also: Vec::new() })
}

/// Returns how certainly some clause holds for an action, and what it saw.
fn fires(when: &[Clause], action: &Action, place: &Place<'_>) -> Option<(Truth, Captures)> {
    let mut best: Option<(Truth, Captures)> = None;
    for clause in when {
        let mut captures = Captures::new();
        let holds = clause::holds(clause, action, place, &mut captures);
        let better = best.as_ref().is_none_or(|(truth, _)| holds > *truth);
        if holds.is_possible() && better {
            best = Some((holds, captures));
        }
    }
    best
}
