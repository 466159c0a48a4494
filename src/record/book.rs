//! What the pipeline puts on record, and what happens where that cannot be done.
//!
//! A harmless command runs without a ledger, after one warning; a confirmed one does not run.

use std::time::Instant;

use super::{Command, End, Entry, Ledger, LedgerError, Person, Receipt, RefusedBy, Subject, default_path};
use crate::confirm::Answerer;
use crate::decide::{Because, Clearance, Refusal};
use crate::parse::gap::Gap;
use crate::proposal::{Environment, Form, Proposal};
use crate::run::Ended;

/// The ledger as the pipeline uses it.
#[derive(Debug)]
pub struct Book {
    ledger: Option<Ledger>,
}

/// A confirmed command's opening line.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Opened {
    receipt: Option<Receipt>,
    at: Instant,
}

impl Book {
    /// Returns the ledger that the environment names.
    pub fn of_environment(environment: &Environment) -> Self {
        let path = default_path(|name| environment.get(name).map(std::ffi::OsStr::to_owned));
        Self { ledger: path.map(Ledger::at) }
    }

    /// Puts a command on record that is about to run.
    ///
    /// # Errors
    ///
    /// Returns why a confirmed command cannot be put on record; it must not run.
    pub fn open(&self, clearance: &Clearance) -> Result<Opened, LedgerError> {
        let rules = clearance.rules();
        let ids: Vec<&str> = rules.iter().map(String::as_str).collect();
        let origin = clearance.proposal().origin.name();
        let subject = subject(clearance.proposal(), &origin, &ids, clearance.gaps());
        let Some(answered) = clearance.answered() else {
            if let Err(error) = self.append(&Entry::Ran(subject)) {
                warn(&error);
            }
            return Ok(Opened { receipt: None, at: Instant::now() });
        };
        let by = &answered.by;
        let by = Person { uid: by.uid, user: by.user.as_deref(), tty: by.tty.as_deref() };
        let entry = Entry::Cleared { subject, phrase: &answered.phrase, by, asked: None };
        let receipt = self.append(&entry)?;
        Ok(Opened { receipt: Some(receipt), at: Instant::now() })
    }

    /// Puts the end of a confirmed command on record.
    pub fn close(&self, opened: Opened, ended: Ended) {
        let Some(receipt) = opened.receipt else { return };
        let end = match ended {
            Ended::Exited(status) => End::Exited(status),
            Ended::Killed(signal) => End::Signalled(signal),
        };
        if let Err(error) = self.append(&Entry::Ended { opened: receipt, end, took: opened.at.elapsed() }) {
            warn(&error);
        }
    }

    /// Puts a refusal on record.
    pub fn refused(&self, refusal: &Refusal) {
        let rules = refusal.rules();
        let ids: Vec<&str> = rules.iter().map(String::as_str).collect();
        let origin = refusal.proposal().origin.name();
        let subject = subject(refusal.proposal(), &origin, &ids, refusal.gaps());
        let person = Answerer::here();
        let by = match refusal.because() {
            Because::Policy(reason) => RefusedBy::Policy(reason.as_deref().unwrap_or("refused")),
            Because::Declined | Because::OtherPhrase => RefusedBy::Person(Person {
                uid: person.uid,
                user: person.user.as_deref(),
                tty: person.tty.as_deref(),
            }),
            Because::TimedOut => RefusedBy::Timeout,
            Because::NobodyToAsk(_) => RefusedBy::NobodyToAsk,
        };
        if let Err(error) = self.append(&Entry::Refused { subject, by, asked: None }) {
            warn(&error);
        }
    }

    fn append(&self, entry: &Entry<'_>) -> Result<Receipt, LedgerError> {
        match &self.ledger {
            Some(ledger) => ledger.append(entry),
            None => Err(LedgerError::Nowhere),
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
