//! What a decision says to people, as data: the question to a person, and the refusal to the caller.
//!
//! How they look on a terminal is for [`crate::confirm::prompt`] to say.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::rulebook::format::Severity;

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// The whole command, as it would be run; it may have several lines.
    pub command: String,
    /// The part of it that would destroy something, where that is not the whole.
    pub part: Option<String>,
    /// Whether it is certain that something would be destroyed.
    pub certain: bool,
    /// The rules that matched, the worst first.
    pub rules: Vec<Matched>,
    /// Who is asking, and through what.
    pub asked_by: String,
    /// Where it would run and what it is aimed at, a line each.
    pub here: Vec<String>,
    /// What is lost.
    pub loses: Vec<String>,
    /// How much that is.
    pub counts: Vec<String>,
    /// What happens to the backups.
    pub backups: Vec<String>,
    /// What is saved before it runs.
    pub kept: Vec<String>,
    /// The credentials that it gets from guard.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handed: Vec<Handed>,
    /// What to do instead, a command each.
    pub instead: Vec<String>,
    /// How to get things back if it was run all the same.
    pub recover: Vec<String>,
    /// What could not be read.
    pub unread: Vec<String>,
    /// Other remarks.
    pub notes: Vec<String>,
    /// What must be typed to run it.
    pub phrase: String,
    /// How long the question stands.
    pub time: Duration,
}

/// A rule that matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// Its full name: `railway/volume-delete`.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// What is lost.
    pub severity: Severity,
}

/// A credential that guard keeps, and what gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// What it is called.
    pub key: String,
    /// The variable in which it is handed over.
    pub variable: String,
    /// The path of the program that gets it.
    pub program: String,
}

/// A refusal as it is reported to the caller, who may well be an agent.
///
/// It never carries the phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The rules that matched, the worst first.
    pub rules: Vec<Matched>,
    /// Why it was refused, as a lower-case fragment: `a person declined`.
    pub because: String,
    /// What could not be read.
    pub unread: Vec<String>,
    /// What to do instead, a command each.
    pub instead: Vec<String>,
}

impl Prompt {
    /// Returns whether this question says everything that `other` would say about what is done, to what, and
    /// what is lost.
    pub fn says(&self, other: &Self) -> bool {
        let within = |own: &[String], other: &[String]| other.iter().all(|line| own.contains(line));
        let of = |prompt: &Self| {
            let Self { command, part, certain, rules, loses, unread, phrase, .. } = prompt.clone();
            (command, part, certain, rules, loses, unread, phrase)
        };
        of(self) == of(other) && within(&self.here, &other.here) && within(&self.backups, &other.backups)
    }
}
