//! Actions against rules: what would a person want to be asked about?
//!
//! Every answer is three-valued. A condition of a rule counts when it may hold; an exception only
//! when it does hold.

mod candidates;
mod captures;
mod clause;
mod code;
mod http;
mod pattern;
pub mod phrase;
mod run;
mod secrets;
mod sql;
mod subject;
mod writes;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::place::Place;
use crate::resolve::Resolution;
use crate::resolve::action::{Effect, Reached};
use crate::resolve::command_line::Reading;
use crate::rulebook::{BookRule, Rulebook};
use crate::truth::Truth;

pub use self::captures::Captures;

use self::candidates::{Candidate, Candidates};
use self::sql::Patterns;
use self::subject::Subject;

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

/// Returns every rule that fires, the worst first.
pub fn find(resolution: &Resolution, rulebook: &Rulebook, place: &Place<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut known: HashMap<_, usize> = HashMap::new();
    let mut candidates = Candidates::new(rulebook);
    let patterns = Patterns::default();
    let mut reached = Reached::new(&resolution.actions);
    for (at, action) in resolution.actions.iter().enumerate() {
        let subject = Subject::new(action, place, &patterns);
        for candidate in candidates.of(action).iter() {
            let Some(finding) = judge(candidate, at, &subject) else { continue };
            // The same thing twice is one finding; the same words for another place are not.
            // A rulebook holds a rule once.
            match known.entry((Arc::as_ptr(&finding.rule), finding.phrase.clone(), reached.by(at))) {
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

/// Judges one action by one rule.
fn judge(candidate: &Candidate, at: usize, subject: &Subject<'_>) -> Option<Finding> {
    let rule = &candidate.rule.rule;
    let Fired { mut certainty, mut captures, by } = fires(candidate, subject)?;
    if rule.unless.iter().any(|exception| clause::excuses(exception, subject)) {
        return None;
    }
    if let Some((reading, skip)) = by {
        run::note(reading, skip, &mut captures);
    }
    // `rm -rf ~/.cache/pip node_modules`: what no exception covers must be dangerous by itself.
    if let Some(rest) = clause::beyond(candidate, subject) {
        let left = Subject::new(&rest, subject.place, subject.patterns);
        let left = fires(candidate, &left)?;
        certainty = left.certainty;
        if let Some(path) = left.captures.get("path") {
            captures.insert("path", path.clone());
        }
    }
    let phrase = phrase::fill(&rule.confirm, &captures);
    let rule = Arc::clone(&candidate.rule);
    Some(Finding { rule, action: at, certainty, phrase, captures, also: Vec::new() })
}

/// A rule of which a clause holds; its exceptions were not asked yet.
struct Fired<'a> {
    certainty: Truth,
    /// What the clause saw.
    captures: Captures,
    /// The reading of a program's words by which it holds, and how many operands belong to the subcommand.
    by: Option<(&'a Reading, usize)>,
}

/// Returns how certainly some clause of a rule holds.
fn fires<'a>(candidate: &Candidate, subject: &Subject<'a>) -> Option<Fired<'a>> {
    let mut best: Option<Fired<'a>> = None;
    for (clause, runs) in candidate.clauses() {
        let mut captures = Captures::default();
        let (certainty, by) = match &subject.action.effect {
            Effect::Run(line) => run::holds(clause, runs, line, subject, &mut captures),
            _ => (clause::holds(clause, subject, &mut captures), None),
        };
        let is_better = best.as_ref().is_none_or(|best| certainty > best.certainty);
        if certainty.is_possible() && is_better {
            best = Some(Fired { certainty, captures, by });
        }
    }
    best
}
