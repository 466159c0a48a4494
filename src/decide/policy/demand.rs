//! What is demanded of whoever answers a question: proof of the person, and how many people.
//!
//! Pure: what is enrolled on the machine is looked up by the code that asks the question. So the default
//! demand is *a secret where one is enrolled*, and only a policy can demand one that may be missing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Policy, SeverityName};
use crate::rulebook::format::Severity;

/// What a person must show, as policy files write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// Nothing but the phrase.
    Phrase,
    /// An enrolled passphrase as well.
    Passphrase,
    /// A one-time code as well.
    Code,
}

/// How many different people must answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum People {
    /// Anybody.
    #[default]
    One,
    /// Two different people.
    Two,
}

impl TryFrom<u8> for People {
    type Error = &'static str;

    fn try_from(count: u8) -> Result<Self, Self::Error> {
        match count {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            _ => Err("approvals are 1 or 2"),
        }
    }
}

impl From<People> for u8 {
    fn from(people: People) -> Self {
        match people {
            People::One => 1,
            People::Two => 2,
        }
    }
}

/// The key `proof:` of a policy file, and of an environment in one.
pub type ProofAt = BTreeMap<SeverityName, Proof>;

/// The key `approvals:` of a policy file, and of an environment in one.
pub type ApprovalsAt = BTreeMap<SeverityName, People>;

/// What is demanded of whoever answers a question. The default demands nothing but the phrase.
///
/// Two demands are joined by [`Demand::and`], which never drops a part of either. A passphrase and a
/// code are not ranked: where one file wants the one and another the other, both are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Demand {
    /// The enrolled passphrase. Where none is enrolled, nobody can answer.
    pub passphrase: bool,
    /// A one-time code. Where none are enrolled, nobody can answer.
    pub code: bool,
    /// One of the two, whichever is enrolled; nothing where none is.
    pub enrolled: bool,
    /// How many different people.
    pub people: People,
}

impl Demand {
    /// Demands a secret where one is enrolled: the default for the highest severity, and for production.
    pub const ENROLLED: Self = Self { passphrase: false, code: false, enrolled: true, people: People::One };

    /// Returns what two maps of the same file, or of an environment in it, demand at a severity.
    ///
    /// What is demanded at one severity is demanded above it too.
    pub fn at(severity: Severity, proof: &ProofAt, approvals: &ApprovalsAt) -> Self {
        let name = SeverityName::from(severity);
        let said = proof.range(..=name).map(|(_, proof)| Self::from(*proof));
        let people = approvals.range(..=name).map(|(_, people)| *people).max().unwrap_or_default();
        said.fold(Self { people, ..Self::default() }, Self::and)
    }

    /// Returns the demand that holds where both do.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            passphrase: self.passphrase || other.passphrase,
            code: self.code || other.code,
            enrolled: self.enrolled || other.enrolled,
            people: self.people.max(other.people),
        }
    }

    /// Returns what is demanded where no policy says anything.
    fn usual(severity: Severity) -> Self {
        match severity {
            Severity::Moderate | Severity::Severe => Self::default(),
            Severity::Catastrophic => Self::ENROLLED,
        }
    }
}

impl From<Proof> for Demand {
    fn from(proof: Proof) -> Self {
        let (passphrase, code) = (proof == Proof::Passphrase, proof == Proof::Code);
        Self { passphrase, code, ..Self::default() }
    }
}

impl Policy {
    /// Returns what is demanded of whoever answers a question of a severity.
    ///
    /// The user's files replace the default; the project's and the system's can only tighten it.
    pub fn demand(&self, severity: Severity) -> Demand {
        let name = SeverityName::from(severity);
        let own = self.layers.iter().filter(|(layer, _)| layer.may_loosen());
        let usual = if own.clone().any(|(_, file)| file.proof.contains_key(&name)) {
            Demand::default()
        } else {
            Demand::usual(severity)
        };
        let said = self.layers.iter().map(|(_, file)| Demand::at(severity, &file.proof, &file.approvals));
        said.fold(usual, Demand::and)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Layer;
    use super::*;

    /// Checks what is demanded for the worst: `passphrase`, `code`, `enrolled`, `two`, in this order.
    fn check(layers: &[(Layer, &str)], expect: &str) {
        let demand = Policy::of(layers).demand(Severity::Catastrophic);
        let words = [
            (demand.passphrase, "passphrase"),
            (demand.code, "code"),
            (demand.enrolled, "enrolled"),
            (demand.people == People::Two, "two"),
        ];
        let words: Vec<_> = words.into_iter().filter_map(|(holds, word)| holds.then_some(word)).collect();
        assert_eq!(words.join(" "), expect, "{layers:?}");
    }

    #[test]
    fn the_persons_own_word_replaces_the_usual() {
        use Layer::{Project, System, User};
        check(&[], "enrolled");
        check(&[(User, "proof: {catastrophic: phrase}")], "");
        check(&[(User, "proof: {catastrophic: passphrase}")], "passphrase");
        check(&[(User, "proof: {moderate: phrase}")], "enrolled");
        check(&[(Project, "proof: {catastrophic: phrase}")], "enrolled");
        check(&[(System, "proof: {catastrophic: phrase}")], "enrolled");
    }

    #[test]
    fn the_strictest_wins_and_both_kinds_may_be_wanted() {
        use Layer::{Project, System, User};
        check(&[(User, "proof: {catastrophic: phrase}"), (Project, "proof: {catastrophic: code}")], "code");
        check(
            &[(User, "proof: {catastrophic: code}"), (System, "proof: {catastrophic: passphrase}")],
            "passphrase code",
        );
        check(
            &[(User, "approvals: {catastrophic: 2}"), (Project, "approvals: {catastrophic: 1}")],
            "enrolled two",
        );
        check(&[(Project, "approvals: {catastrophic: 2}")], "enrolled two");
    }

    #[test]
    fn what_is_demanded_at_one_severity_is_demanded_above_it() {
        use Layer::User;
        check(&[(User, "proof: {severe: passphrase}")], "passphrase enrolled");
        check(&[(User, "proof: {severe: passphrase, catastrophic: phrase}")], "passphrase");
        check(&[(User, "approvals: {moderate: 2}")], "enrolled two");
        let below = Policy::of(&[(User, "proof: {severe: code}\napprovals: {severe: 2}")]);
        assert_eq!(below.demand(Severity::Moderate), Demand::default());
    }

    #[test]
    fn other_words_are_no_policy() {
        for text in ["proof: {severe: pin}", "proof: {worst: code}", "approvals: {severe: 3}", "proof: code"]
        {
            assert!(serde_yaml::from_str::<super::super::File>(text).is_err(), "{text}");
        }
    }
}
