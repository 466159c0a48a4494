//! Actions against rules: what would a person want to be asked about?
//!
//! Every answer is three-valued. A condition of a rule counts when it may hold; an exception only
//! when it does hold.

mod clause;
mod code;
mod http;
mod pattern;
mod phrase;
mod run;
mod sql;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::place::Place;
use crate::resolve::Resolution;
use crate::resolve::action::{Action, Effect};
use crate::rulebook::index::is_read;
use crate::rulebook::{BookRule, Key, Rulebook};
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
}

/// What a rule saw, by slot name.
pub type Captures = BTreeMap<String, String>;

/// Returns every rule that fires, the worst first.
pub fn find(resolution: &Resolution, rulebook: &Rulebook, place: &Place<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (at, action) in resolution.actions.iter().enumerate() {
        for rule in candidates(action, rulebook) {
            let Some(finding) = judge(rule, at, action, place) else { continue };
            let known =
                findings.iter().any(|f| f.rule.id() == finding.rule.id() && f.phrase == finding.phrase);
            if !known {
                findings.push(finding);
            }
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.rule.rule.severity, finding.certainty)));
    findings
}

/// Returns the rules that could fire on an action.
fn candidates(action: &Action, rulebook: &Rulebook) -> Vec<Arc<BookRule>> {
    match &action.effect {
        Effect::Run(line) => {
            let mut rules = rulebook.rules(Key::Program(&line.program));
            for (name, _) in &line.environment {
                rules.extend(rulebook.rules(Key::Environment(name)));
            }
            rules
        }
        Effect::Sql { statement, .. } => {
            statement.words().next().map(|verb| rulebook.rules(Key::Sql(verb))).unwrap_or_default()
        }
        Effect::Http(request) => {
            let mut rules = rulebook.rules(Key::Http(&request.host));
            if !is_read(&request.method) {
                rules.extend(rulebook.rules(Key::HttpChange(&request.host)));
            }
            rules
        }
        Effect::Write(_) => rulebook.rules(Key::Writes),
        Effect::Call { call, .. } => {
            rulebook.rules(Key::Call(call.callee.rsplit('.').next().unwrap_or(&call.callee)))
        }
        Effect::Code(_) => rulebook.rules(Key::Mentions),
    }
}

/// Judges one action by one rule.
fn judge(rule: Arc<BookRule>, at: usize, action: &Action, place: &Place<'_>) -> Option<Finding> {
    let mut best: Option<(Truth, Captures)> = None;
    for clause in &rule.rule.when {
        let mut captures = Captures::new();
        let holds = clause::holds(clause, action, place, &mut captures);
        let better = best.as_ref().is_none_or(|(truth, _)| holds > *truth);
        if holds.is_possible() && better {
            best = Some((holds, captures));
        }
    }
    let (certainty, captures) = best?;
    if rule.rule.unless.iter().any(|exception| clause::excuses(exception, action, place)) {
        return None;
    }
    let phrase = phrase::fill(&rule.rule.confirm, &captures);
    Some(Finding { rule, action: at, certainty, phrase, captures })
}
