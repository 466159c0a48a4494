//! What the pipeline puts on record, and what happens where recording fails.
//!
//! A harmless command runs without a ledger, after one warning; a confirmed one does not run.

use std::path::PathBuf;
use std::time::Instant;

use super::{Command, End, Entry, Ledger, LedgerError, Person, Receipt, RefusedBy, Subject, default_path};
use crate::decide::Answerer;
use crate::decide::{Because, Challenge, Clearance, Refusal};
use crate::parse::gap::Gap;
use crate::proposal::{Environment, Form, Proposal};
use crate::run::Ended;

/// The ledger as the pipeline uses it.
#[derive(Debug)]
pub struct Book {
    ledger: Option<Ledger>,
}

/// A confirmed command's opening line, and when it was written.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Opened(Option<(Receipt, Instant)>);

impl Book {
    /// Returns the ledger that the environment names.
    pub fn of_environment(environment: &Environment) -> Self {
        Self::at(default_path(|name| environment.get(name).map(std::ffi::OsStr::to_owned)))
    }

    /// Returns the ledger at a path; without one nothing can be put on record.
    pub fn at(path: Option<PathBuf>) -> Self {
        Self { ledger: path.map(Ledger::at) }
    }

    /// Puts on record that everything is frozen, or no longer.
    pub fn frozen(&self, how: &str) {
        if let Err(error) = self.append(&Entry::Frozen { how, by: Person::from(&Answerer::here()) }) {
            warn(&error);
        }
    }

    /// Puts on record that a person is needed for a command. However the question ends, even with
    /// guard being killed, there is this line.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be put on record; then nobody must be asked.
    pub fn asked(&self, challenge: &Challenge, agent: Option<&str>) -> Result<Receipt, LedgerError> {
        let rules = challenge.rules();
        let ids: Vec<&str> = rules.iter().map(String::as_str).collect();
        let origin = challenge.proposal().origin.name();
        let subject = subject(challenge.proposal(), &origin, &ids, challenge.gaps());
        self.append(&Entry::Asked { subject, agent, phrase: challenge.phrase() })
    }

    /// Puts a command on record that is about to run; `asked` is the question that it needed.
    ///
    /// # Errors
    ///
    /// Returns why a confirmed command cannot be put on record; it must not run.
    pub fn open(&self, clearance: &Clearance, asked: Option<Receipt>) -> Result<Opened, LedgerError> {
        let rules = clearance.rules();
        let ids: Vec<&str> = rules.iter().map(String::as_str).collect();
        let origin = clearance.proposal().origin.name();
        let subject = subject(clearance.proposal(), &origin, &ids, clearance.gaps());
        let Some(answered) = clearance.answered() else {
            let entry = if clearance.is_observed() { Entry::Observed(subject) } else { Entry::Ran(subject) };
            if let Err(error) = self.append(&entry) {
                warn(&error);
            }
            return Ok(Opened(None));
        };
        let by = &answered.by;
        let by = Person::from(by);
        let second = answered.second.as_ref().map(Person::from);
        let keys = clearance.keys();
        let entry = Entry::Cleared { subject, phrase: &answered.phrase, by, second, asked, keys: &keys };
        let receipt = self.append(&entry)?;
        Ok(Opened(Some((receipt, Instant::now()))))
    }

    /// Puts on record what was saved before a command runs, or that it could not be.
    pub fn kept(&self, asked: Option<Receipt>, what: &str) {
        if let Err(error) = self.append(&Entry::Kept { asked, what }) {
            warn(&error);
        }
    }

    /// Puts the end of a confirmed command on record.
    pub fn close(&self, opened: Opened, ended: Ended) {
        let Some((opened, at)) = opened.0 else { return };
        let end = match ended {
            Ended::Exited(status) => End::Exited(status),
            Ended::Killed(signal) => End::Signalled(signal),
        };
        if let Err(error) = self.append(&Entry::Ended { opened, end, took: at.elapsed() }) {
            warn(&error);
        }
    }

    /// Puts a refusal on record; `asked` is the question that it answers.
    pub fn refused(&self, refusal: &Refusal, asked: Option<Receipt>) {
        let rules = refusal.rules();
        let ids: Vec<&str> = rules.iter().map(String::as_str).collect();
        let origin = refusal.proposal().origin.name();
        let subject = subject(refusal.proposal(), &origin, &ids, refusal.gaps());
        let here = Answerer::here();
        let by = match refusal.because() {
            Because::Policy(reason) => RefusedBy::Policy(reason.as_deref().unwrap_or("refused")),
            Because::Declined | Because::OtherPhrase | Because::NotProven(_) | Because::NoKey(_) => {
                RefusedBy::Person(Person::from(&here))
            }
            Because::Denied { by, .. } => RefusedBy::Person(Person::from(&**by)),
            Because::TimedOut | Because::Unanswered { .. } => RefusedBy::Timeout,
            Because::Frozen(how) => RefusedBy::Policy(how),
            Because::NobodyToAsk(_) => RefusedBy::NobodyToAsk,
            Because::Changed(_) => RefusedBy::Broken("what was asked about changed"),
        };
        if let Err(error) = self.append(&Entry::Refused { subject, by, asked }) {
            warn(&error);
        }
    }

    /// Puts on record that a question is put to a person at another terminal.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be put on record; then it must not be put.
    pub fn shown(&self, asked: Receipt, to: &Answerer) -> Result<Receipt, LedgerError> {
        self.append(&Entry::Shown { asked, to: to.into() })
    }

    /// Puts on record what a person answered at another terminal; `declined` says with which words, if
    /// it was not the phrase.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be put on record; then it does not count.
    pub fn answered(
        &self,
        asked: Receipt,
        by: &Answerer,
        declined: Option<&str>,
    ) -> Result<Receipt, LedgerError> {
        self.append(&Entry::Answered { asked, by: by.into(), declined })
    }

    /// Puts on record that a secret was enrolled.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be put on record; then it must not be.
    pub fn enrolled(&self, what: &str, by: &Answerer) -> Result<Receipt, LedgerError> {
        self.append(&Entry::Enrolled { what, by: by.into() })
    }

    fn append(&self, entry: &Entry<'_>) -> Result<Receipt, LedgerError> {
        match &self.ledger {
            Some(ledger) => ledger.append(entry),
            None => Err(LedgerError::Nowhere),
        }
    }
}

impl<'a> From<&'a Answerer> for Person<'a> {
    fn from(by: &'a Answerer) -> Self {
        Self {
            uid: by.uid,
            user: by.user.as_deref(),
            tty: by.tty.as_deref(),
            proof: by.proof.as_deref(),
            secret: by.secret.as_deref(),
        }
    }
}

fn subject<'a>(
    proposal: &'a Proposal,
    origin: &'a str,
    rules: &'a [&'a str],
    gaps: &'a [Gap],
) -> Subject<'a> {
    let command = match &proposal.form {
        Form::Argv(words) => Command::Argv(words),
        Form::Shell { text, .. } => Command::Text(text),
    };
    Subject { command, origin, cwd: &proposal.cwd, rules, gaps }
}

fn warn(error: &LedgerError) {
    eprintln!("guard: warning: {}", crate::text::safe(&error.to_string()));
}
