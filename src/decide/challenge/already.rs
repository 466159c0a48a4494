//! Questions that a person has answered already: as those of a command above, or as part of another.

use std::collections::BTreeSet;

use super::{Answered, Challenge, Clearance};
use crate::matcher::Finding;
use crate::resolve::action::{Action, Effect};
use crate::unknown::is_known;

impl Challenge {
    /// Lets the command through if a person was asked about all of it already, in one of these questions.
    ///
    /// They are the questions of commands that were let through and are still running, with this one
    /// below them. It must be the same thing in the same place, and nothing may be unread.
    ///
    /// # Errors
    ///
    /// Returns the question itself where a person has yet to answer it.
    pub fn under(self, above: &[Challenge]) -> Result<Clearance, Self> {
        let was_asked = |finding| above.iter().any(|above| above.asks_about(finding, &self));
        let all = self.found.asking.is_empty() && !self.found.in_force.is_empty();
        if all && self.found.in_force.iter().all(was_asked) {
            return Ok(Clearance::harmless(self.found));
        }
        Err(self)
    }

    /// Returns which findings of another question this one is about, where that one asks for all of it, and
    /// for no less to be shown: the places of its findings in the other's.
    pub fn parts_of(&self, asked: &Challenge) -> Option<BTreeSet<usize>> {
        let told = self.found.here.iter().all(|line| asked.found.here.contains(line));
        let shown = asked.demand().and(self.demand()) == asked.demand();
        let all = self.found.asking.is_empty() && !self.found.in_force.is_empty();
        let parts = || self.found.in_force.iter().map(|finding| asked.asked_as(finding, self)).collect();
        if all && told && shown { parts() } else { None }
    }

    /// Lets the command through on the answer to another question, of which this one is a part.
    ///
    /// # Errors
    ///
    /// Returns the question itself where it is not, or where the answer is none.
    pub fn vouched(self, asked: &Challenge, answered: Answered) -> Result<Clearance, Self> {
        let is_answer = !asked.phrase.is_empty() && answered.phrase.trim() == asked.phrase;
        if is_answer && self.parts_of(asked).is_some() {
            return Ok(Clearance { answered: Some(Box::new(answered)), ..Clearance::harmless(self.found) });
        }
        Err(self)
    }

    /// Returns whether this question was about what `finding` found in another command.
    fn asks_about(&self, finding: &Finding, other: &Challenge) -> bool {
        self.asked_as(finding, other).is_some()
    }

    /// Returns as which of this question's findings it was asked about what `finding` found in another
    /// command.
    fn asked_as(&self, finding: &Finding, other: &Challenge) -> Option<usize> {
        let action =
            |of: &Challenge, finding: &Finding| of.found.resolution.actions.get(finding.action).cloned();
        let sought = action(other, finding)?;
        self.found.in_force.iter().position(|own| {
            let same_rule = own.rule.id() == finding.rule.id() && own.phrase == finding.phrase;
            let same_action = |own: Action| own.site == sought.site && is_same(&own.effect, &sought.effect);
            same_rule && action(self, own).is_some_and(same_action)
        })
    }
}

/// Returns whether two effects are the same, all of it known.
fn is_same(one: &Effect, other: &Effect) -> bool {
    let known = |text: String| is_known(&text).then_some(text);
    match (one, other) {
        (Effect::Run(one), Effect::Run(other)) => {
            known(one.text()).is_some_and(|text| text == other.text()) && one.stdin == other.stdin
        }
        // Of these only a client's own command line comes by a door.
        _ => false,
    }
}
