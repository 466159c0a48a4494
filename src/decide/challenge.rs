//! What comes out of a decision: proof that a command may run, a question, or a refusal.

mod already;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use super::answer::{Answered, Answerer};
use super::policy::backup::Demanded;
use super::policy::demand::Demand;
use super::policy::keys::Grant;
use super::question::{Handed, Matched, Prompt, Refused};
use super::{Found, distinct};
use crate::matcher::Finding;
use crate::parse::gap::{Gap, GapKind};
use crate::proposal::{Form, Proposal};
use crate::resolve::action::{Action, Effect};
use crate::resolve::files::FileRead;
use crate::rulebook::format::Maturity;
use crate::secret::Opened;
use crate::text::minutes;

/// Proof that a command may run. Only this module makes one, and only `run` consumes it.
#[derive(Debug)]
#[must_use]
pub struct Clearance {
    found: Box<Found>,
    answered: Option<Box<Answered>>,
    observed: bool,
    /// The credentials that the question promised it, and that were opened for it.
    handed: Vec<Handed>,
    opened: Opened,
}

impl Clearance {
    pub(super) fn harmless(found: Box<Found>) -> Self {
        Self { found, answered: None, observed: false, handed: Vec::new(), opened: Opened::default() }
    }

    /// What would have been asked about, under a policy that only observes.
    pub(super) fn observed(found: Box<Found>) -> Self {
        Self { observed: true, ..Self::harmless(found) }
    }

    /// Returns whether a person would have been asked if the policy did not only observe.
    pub fn is_observed(&self) -> bool {
        self.observed
    }

    /// Returns the command.
    pub fn proposal(&self) -> &Proposal {
        &self.found.proposal
    }

    /// Returns the files that the judgement rests on.
    pub fn files(&self) -> &[FileRead] {
        &self.found.resolution.files
    }

    /// Returns the person's answer, where one was needed.
    pub fn answered(&self) -> Option<&Answered> {
        self.answered.as_deref()
    }

    /// Returns the names of the credentials that it gets.
    pub fn keys(&self) -> Vec<&str> {
        self.handed.iter().map(|handed| handed.key.as_str()).collect()
    }

    /// Returns the variables in which it gets them.
    pub fn variables(&self) -> Vec<(&OsStr, &OsStr)> {
        let variable = |handed: &'_ Handed| self.opened.get(&handed.key).map(OsStr::from_bytes);
        let pairs = self.handed.iter();
        pairs.filter_map(|handed| Some((OsStr::new(&handed.variable), variable(handed)?))).collect()
    }

    /// Returns the names of the rules that fired, including those that are only recorded.
    pub fn rules(&self) -> Vec<String> {
        self.found.rule_ids()
    }

    /// Returns what could not be read.
    pub fn gaps(&self) -> &[Gap] {
        &self.found.resolution.gaps
    }

    /// Returns what the command would do.
    pub fn actions(&self) -> &[Action] {
        &self.found.resolution.actions
    }

    /// Returns the findings whose rules say what is to be saved first.
    pub fn keeping(&self) -> Vec<&Finding> {
        self.found.keeping()
    }

    /// Returns the backups that policy demands for it.
    pub fn backups(&self) -> &[Demanded] {
        &self.found.backups
    }

    /// Takes the clearance back and asks: the person, or the policy that lets a rule run, said yes to a
    /// command whose losses are saved first.
    pub fn again(mut self) -> Challenge {
        let keeping = |finding: &Finding| !finding.rule.rule.before.is_empty();
        let (asking, recorded) = std::mem::take(&mut self.found.recorded).into_iter().partition(keeping);
        self.found.recorded = recorded;
        self.found.in_force.extend::<Vec<Finding>>(asking);
        Challenge::new(self.found)
    }

    /// Takes the clearance back and refuses.
    pub fn refuse(self, because: Because) -> Refusal {
        Refusal::new(self.found, because)
    }
}

/// A question to a person.
#[derive(Debug)]
pub struct Challenge {
    found: Box<Found>,
    phrase: String,
    told: Box<Told>,
}

/// What a question says in addition to what its rules say.
#[derive(Debug, Default)]
struct Told {
    /// How much would be lost.
    counts: Vec<String>,
    /// What is saved first.
    kept: Vec<String>,
    /// The demanded backups that were found.
    backups: Vec<String>,
    /// What is not saved.
    unkept: Vec<String>,
    /// The credentials that it promises.
    handed: Vec<Handed>,
    /// Why it promises no others.
    withheld: Vec<String>,
}

impl Challenge {
    pub(super) fn new(found: Box<Found>) -> Self {
        let phrase = match found.in_force.first() {
            Some(worst) => worst.phrase.clone(),
            None => gap_phrase(&found.asking).to_owned(),
        };
        Self { found, phrase, told: Box::default() }
    }

    /// Adds to the question what is saved before the command runs, and what cannot be.
    pub fn tell(&mut self, kept: Vec<String>, unkept: &[String]) {
        self.told.kept = kept;
        self.told.unkept = unkept.iter().map(|why| format!("not kept first: {why}")).collect();
    }

    /// Adds to the question how much would be lost.
    pub fn tell_counts(&mut self, counts: Vec<String>) {
        self.told.counts = counts;
    }

    /// Adds to the question which of the demanded backups were found.
    pub fn tell_backups(&mut self, there: Vec<String>) {
        self.told.backups = there;
    }

    /// Returns the credentials that policy grants to the tools of this command.
    pub fn grants(&self) -> &[Grant] {
        &self.found.grants
    }

    /// Promises credentials in the question, and says why others are not handed over.
    pub fn hand(&mut self, handed: Vec<Handed>, withheld: Vec<String>) {
        (self.told.handed, self.told.withheld) = (handed, withheld);
    }

    /// Returns the names of the credentials that the question promises.
    pub fn keys(&self) -> Vec<&str> {
        self.told.handed.iter().map(|handed| handed.key.as_str()).collect()
    }

    /// Returns the backups that policy demands for it.
    pub fn backups(&self) -> &[Demanded] {
        &self.found.backups
    }

    /// Returns whether the question says what is saved first, or what is not.
    pub fn is_told(&self) -> bool {
        self.promises() || !self.told.unkept.is_empty()
    }

    /// Returns whether the question promises that something is saved first.
    pub fn promises(&self) -> bool {
        !self.told.kept.is_empty()
    }

    /// Returns the findings whose rules say what is to be saved first.
    pub fn keeping(&self) -> Vec<&Finding> {
        self.found.keeping()
    }

    /// Returns the phrase that must be typed.
    pub fn phrase(&self) -> &str {
        &self.phrase
    }

    /// Returns what whoever answers must show in addition to the phrase.
    pub fn demand(&self) -> Demand {
        self.found.demand
    }

    /// Returns the ids of the rules that ask.
    pub fn rules(&self) -> Vec<String> {
        self.found.rule_ids()
    }

    /// Returns the findings that ask, the worst first.
    pub fn findings(&self) -> &[Finding] {
        &self.found.in_force
    }

    /// Returns what could not be read.
    pub fn gaps(&self) -> &[Gap] {
        &self.found.resolution.gaps
    }

    /// Returns what the command would do.
    pub fn actions(&self) -> &[Action] {
        &self.found.resolution.actions
    }

    /// Returns the command.
    pub fn proposal(&self) -> &Proposal {
        &self.found.proposal
    }

    /// Returns the files that the judgement rests on.
    pub fn files(&self) -> &[FileRead] {
        &self.found.resolution.files
    }

    /// Returns the lines that tell a person where this acts.
    pub fn here(&self) -> &[String] {
        &self.found.here
    }

    /// Adds lines on where this acts.
    pub fn add_here(&mut self, lines: Vec<String>) {
        self.found.here.extend(lines);
    }

    /// Returns the tools that this acts through.
    pub fn tools(&self) -> &BTreeSet<String> {
        &self.found.tools
    }

    /// Accepts the typed phrase: only the exact one lets the command run, with the credentials that were
    /// opened for it.
    ///
    /// # Errors
    ///
    /// Returns a refusal for any other text, and where a credential that the question promised is missing.
    pub fn accept(self, answered: Answered, opened: Opened) -> Result<Clearance, Refusal> {
        if self.phrase.is_empty() || answered.phrase.trim() != self.phrase {
            return Err(self.decline(Because::OtherPhrase));
        }
        if let Some(lacking) = opened.lacks(&self.keys()).map(str::to_owned) {
            return Err(self.decline(Because::NoKey(lacking)));
        }
        let Self { found, told, .. } = self;
        Ok(Clearance {
            answered: Some(Box::new(answered)),
            handed: told.handed,
            opened,
            ..Clearance::harmless(found)
        })
    }

    /// Refuses.
    pub fn decline(self, because: Because) -> Refusal {
        Refusal::new(self.found, because)
    }

    /// Returns the question as a person reads it.
    pub fn prompt(&self, asked_by: String, here: Vec<String>, time: Duration) -> Prompt {
        let rules = &self.found.in_force;
        let worst = rules.first().map(|finding| &finding.rule.rule);
        let action = rules.first().and_then(|finding| self.found.resolution.actions.get(finding.action));
        let command = command_text(&self.found.proposal.form);
        let part = action.map(describe).filter(|part| !part.is_empty() && *part != command);
        let (mut asked_by, mut here) = (asked_by, here);
        here.extend(self.found.here.iter().cloned());
        if let Some(trail) = action.map(|action| action.trail.join(" → ")).filter(|trail| !trail.is_empty())
        {
            asked_by.push_str(", through  ");
            asked_by.push_str(&trail);
        }
        let lines =
            |text: Option<&str>| text.unwrap_or_default().lines().map(str::to_owned).collect::<Vec<_>>();
        Prompt {
            command,
            part,
            certain: rules.first().is_some_and(|finding| finding.certainty == crate::truth::Truth::Certain),
            rules: matched(rules),
            asked_by,
            here,
            loses: worst.map(|rule| rule.blast_radius.data.clone()).into_iter().collect(),
            counts: self.told.counts.clone(),
            backups: worst
                .map(|rule| rule.blast_radius.backups.clone())
                .into_iter()
                .chain(self.told.backups.clone())
                .collect(),
            kept: self.told.kept.clone(),
            handed: self.told.handed.clone(),
            instead: lines(worst.and_then(|rule| rule.instead.as_deref())),
            recover: worst
                .and_then(|rule| rule.recover.first())
                .map(|text| text.trim().to_owned())
                .into_iter()
                .collect(),
            unread: self.found.asking.iter().map(|gap| gap.reason.clone()).collect(),
            notes: self.told.unkept.iter().chain(&self.told.withheld).cloned().collect(),
            phrase: self.phrase.clone(),
            time,
        }
    }
}

/// A command that does not run.
#[derive(Debug)]
#[must_use]
pub struct Refusal {
    found: Box<Found>,
    because: Because,
}

/// Why a command does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// Policy says so, perhaps with a reason.
    Policy(Option<String>),
    /// A person declined.
    Declined,
    /// Something other than the phrase was typed.
    OtherPhrase,
    /// The phrase was typed but the secret that proves who typed it was not; why.
    NotProven(String),
    /// A credential that the question promised was not opened by whoever answered.
    NoKey(String),
    /// Nobody answered in time.
    TimedOut,
    /// There is nobody to ask; why.
    NobodyToAsk(String),
    /// Nobody has answered yet, and the question can still be answered.
    Unanswered {
        /// Its code.
        code: String,
        /// How much longer.
        left: Duration,
    },
    /// A person declined at another terminal.
    Denied {
        /// The person.
        by: Box<Answerer>,
        /// The reason given; empty without one.
        because: String,
    },
    /// Everything is frozen; since when, by whom and why.
    Frozen(String),
    /// A file or directory is not what it was when the question was asked.
    Changed(PathBuf),
}

impl Refusal {
    pub(super) fn new(found: Box<Found>, because: Because) -> Self {
        Self { found, because }
    }

    /// Returns why it does not run.
    pub fn because(&self) -> &Because {
        &self.because
    }

    /// Returns the command.
    pub fn proposal(&self) -> &Proposal {
        &self.found.proposal
    }

    /// Returns the names of the rules that fired.
    pub fn rules(&self) -> Vec<String> {
        self.found.rule_ids()
    }

    /// Returns what could not be read.
    pub fn gaps(&self) -> &[Gap] {
        &self.found.resolution.gaps
    }

    /// Returns the findings that asked or refused, the worst first.
    pub fn findings(&self) -> &[Finding] {
        &self.found.in_force
    }

    /// Returns what the command would do.
    pub fn actions(&self) -> &[Action] {
        &self.found.resolution.actions
    }

    /// Returns the lines that would tell a person where this acts.
    pub fn here(&self) -> &[String] {
        &self.found.here
    }

    /// Returns the refusal as it is reported to the caller.
    pub fn report(&self) -> Refused {
        let worst = self.found.in_force.first().map(|finding| &finding.rule.rule);
        let because = match &self.because {
            Because::Policy(Some(reason)) => format!("policy refuses it: {reason}"),
            Because::Policy(None) => "policy refuses it".to_owned(),
            Because::Declined => "a person declined".to_owned(),
            Because::OtherPhrase => "a person typed something other than the phrase".to_owned(),
            Because::NotProven(why) => {
                format!("a person typed the phrase but did not prove who they are: {why}")
            }
            Because::NoKey(name) => {
                format!("whoever answered did not hand over the promised key {name}")
            }
            Because::TimedOut => "nobody answered in time".to_owned(),
            Because::NobodyToAsk(why) => format!("it needs a person, and {why}"),
            Because::Unanswered { code, left } => format!(
                "nobody has answered yet; run the same command again within {} to pick up the answer given with: guard approve {code}",
                minutes(*left)
            ),
            Because::Denied { because, .. } if because.is_empty() => "a person declined".to_owned(),
            Because::Denied { because, .. } => format!("a person declined: {because}"),
            Because::Frozen(how) => format!("guard is {how}; a person lifts it with: guard freeze --lift"),
            Because::Changed(path) => {
                format!(
                    "{} changed after the question was asked, so the answer no longer holds",
                    path.display()
                )
            }
        };
        Refused {
            rules: matched(&self.found.in_force),
            because,
            unread: self.found.asking.iter().map(|gap| gap.reason.clone()).collect(),
            instead: worst
                .and_then(|rule| rule.instead.as_deref())
                .unwrap_or_default()
                .lines()
                .map(str::to_owned)
                .collect(),
        }
    }
}

impl Found {
    fn keeping(&self) -> Vec<&Finding> {
        let keeps = |finding: &&Finding| {
            let rule = &finding.rule.rule;
            !rule.before.is_empty() && rule.maturity == Maturity::Stable
        };
        self.in_force.iter().chain(&self.recorded).filter(keeps).collect()
    }

    fn rule_ids(&self) -> Vec<String> {
        distinct(self.in_force.iter().chain(&self.recorded).map(|finding| finding.rule.id()))
    }
}

fn matched(findings: &[Finding]) -> Vec<Matched> {
    distinct(findings.iter().map(|finding| Matched {
        id: finding.rule.id(),
        title: finding.rule.rule.title.clone(),
        severity: finding.rule.rule.severity,
    }))
}

/// The phrase where no rule fired but something could not be read.
fn gap_phrase(gaps: &[Gap]) -> &'static str {
    match gaps.iter().map(|gap| gap.kind).max() {
        Some(GapKind::Remote) => "run code from the network",
        Some(GapKind::Program) => "run an unknown program",
        Some(GapKind::File) => "run a file that was not read",
        Some(GapKind::Bound) => "run what was not read to its end",
        _ => "run code that is not known",
    }
}

/// Returns a command as a person would type it.
pub fn command_text(form: &Form) -> String {
    form.text()
}

/// Returns an action as a line of text.
pub fn describe(action: &Action) -> String {
    match &action.effect {
        Effect::Run(line) => line.text(),
        Effect::Sql { statement, .. } => statement.text().to_owned(),
        Effect::Http(request) => format!("{} {}{}", request.method, request.host, request.path),
        Effect::Write(write) => format!("{} {}", if write.replaces { ">" } else { ">>" }, write.path),
        Effect::Call { call, .. } => call.callee.clone(),
        Effect::Code(_) => String::new(),
    }
}
