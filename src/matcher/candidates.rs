//! The rules that could fire on an action, found once for what a script does again and again.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::{clause, code, run};
use crate::resolve::action::{Action, Effect};
use crate::rulebook::format::Clause;
use crate::rulebook::{BookRule, Filed, Key, Rulebook};

/// A rule that could fire.
pub(super) struct Candidate {
    pub rule: Arc<BookRule>,
    /// Those of its clauses that could hold, by their number, and the subcommands (`push`) each names of the program that
    /// could be meant, by theirs and where they begin in `git push`.
    open: Vec<(usize, Vec<(usize, usize)>)>,
    /// The exceptions that cover operands one by one, by their number.
    covering: Vec<usize>,
}

impl Candidate {
    /// Returns the clauses that could hold, with the subcommands that they could mean; empty is the program itself.
    pub fn clauses(&self) -> impl Iterator<Item = (&Clause, impl Iterator<Item = &str> + Clone)> {
        self.open.iter().map(|(at, runs)| {
            let clause = &self.rule.rule.when[*at];
            (clause, runs.iter().map(|(run, begin)| &clause.run[*run][*begin..]))
        })
    }

    /// Returns the exceptions that cover operands one by one.
    pub fn covering(&self) -> Vec<&Clause> {
        self.covering.iter().map(|at| &self.rule.rule.unless[*at]).collect()
    }

    /// Returns a rule, unless it speaks of other programs and calls alone.
    fn new(rule: Arc<BookRule>, effect: &Effect) -> Option<Self> {
        let could_hold = |clause: &Clause| match effect {
            Effect::Run(line) => {
                let runs = clause.run.iter().enumerate().filter(|(_, run)| run::is_of(run, &line.program));
                let runs: Vec<_> =
                    runs.map(|(at, run)| (at, run.len() - run::subcommand_of(run).len())).collect();
                let by_environment = clause.run.is_empty() && !clause.environment.is_empty();
                (clause::is_about_runs(clause) && (by_environment || !runs.is_empty())).then_some(runs)
            }
            Effect::Call { call, .. } => {
                let names = clause.call.as_ref().is_some_and(|wanted| code::names(wanted, &call.callee));
                names.then(Vec::new)
            }
            Effect::Write(_) => clause.writes.is_some().then(Vec::new),
            Effect::Sql { .. } => clause.sql.is_some().then(Vec::new),
            Effect::Http(_) => clause.http.is_some().then(Vec::new),
            Effect::Code(_) => (!clause.mentions.is_empty()).then(Vec::new),
        };
        let when = rule.rule.when.iter().enumerate();
        let open: Vec<_> = when.filter_map(|(at, clause)| Some((at, could_hold(clause)?))).collect();
        let unless = rule.rule.unless.iter().enumerate();
        let covering =
            unless.filter(|(_, exception)| run::asks_operands_alone(exception)).map(|(at, _)| at).collect();
        (!open.is_empty()).then_some(Self { rule, open, covering })
    }
}

/// The candidates that were found already.
pub(super) struct Candidates<'a> {
    rulebook: &'a Rulebook,
    /// By the keys under which they are filed, and the word that narrows them down, where there is one.
    known: BTreeMap<(Vec<Key<'a>>, Option<&'a str>), Filing>,
}

/// What is filed under some keys.
struct Filing {
    found: Rc<[Found]>,
    /// The rules that could fire, where they do not depend on more words than the first.
    all: Option<Rc<[Rc<Candidate>]>>,
}

/// What is filed under the keys of an action.
struct Found {
    filed: Arc<[Filed]>,
    at: usize,
    candidate: OnceCell<Option<Rc<Candidate>>>,
}

impl Found {
    /// Returns whether its rule speaks of a program whatever its subcommand is.
    fn is_of_any(&self) -> bool {
        self.filed[self.at].runs.iter().all(|run| run::subcommand_of(run).is_empty())
    }

    /// Returns whether its rule may speak of a program with the same first word as this one.
    fn may_name(&self, effect: &Effect) -> bool {
        let Effect::Run(line) = effect else { return true };
        let runs = &self.filed[self.at].runs;
        runs.is_empty() || runs.iter().any(|named| run::may_name(named, line))
    }

    /// Returns its rule, unless that speaks of other commands than this one.
    fn candidate(&self, effect: &Effect, rulebook: &Rulebook) -> Option<Rc<Candidate>> {
        if let Some(known) = self.candidate.get() {
            return known.clone();
        }
        let filed = &self.filed[self.at];
        // A rule that names other commands of the program need not be decoded.
        if let Effect::Run(line) = effect
            && !(filed.runs.is_empty() || filed.runs.iter().any(|named| run::names(named, line)))
        {
            return None;
        }
        let new = || Some(Rc::new(Candidate::new(rulebook.decoded(filed)?, effect)?));
        self.candidate.get_or_init(new).clone()
    }
}

impl<'a> Candidates<'a> {
    pub fn new(rulebook: &'a Rulebook) -> Self {
        Self { rulebook, known: BTreeMap::new() }
    }

    /// Returns the rules that could fire on an action.
    pub fn of(&mut self, action: &'a Action) -> Rc<[Rc<Candidate>]> {
        let rulebook = self.rulebook;
        let keys = action.effect.keys();
        let word = match &action.effect {
            Effect::Call { call, .. } => Some(call.callee.as_str()),
            Effect::Run(line) => run::first_word(line),
            _ => None,
        };
        let filing = self.known.entry((keys, word)).or_insert_with_key(|(keys, _)| {
            let filed = keys.iter().map(|key| rulebook.rules(*key));
            let found = filed.flat_map(found).filter(|found| found.may_name(&action.effect)).collect();
            Filing { found, all: None }
        });
        if let Some(all) = &filing.all {
            return Rc::clone(all);
        }
        let candidates = filing.found.iter().filter_map(|found| found.candidate(&action.effect, rulebook));
        let candidates: Rc<[Rc<Candidate>]> = candidates.collect();
        if filing.found.iter().all(Found::is_of_any) {
            filing.all = Some(Rc::clone(&candidates));
        }
        candidates
    }
}

fn found(filed: Arc<[Filed]>) -> impl Iterator<Item = Found> {
    (0..filed.len()).map(move |at| Found { filed: Arc::clone(&filed), at, candidate: OnceCell::new() })
}
