//! Commands that a policy is written for, with the answer that each must get: `guard policy test` tries them.

use serde::Deserialize;

use super::Do;

/// The key `examples:` of a policy file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Examples {
    /// Commands that run.
    pub run: Vec<String>,
    /// Commands that a person is asked about.
    pub confirm: Vec<String>,
    /// Commands that are refused.
    pub refuse: Vec<String>,
}

impl Examples {
    /// Returns each command with the answer that it must get.
    pub fn all(&self) -> impl Iterator<Item = (Do, &str)> {
        let lists = [(Do::Run, &self.run), (Do::Confirm, &self.confirm), (Do::Refuse, &self.refuse)];
        lists
            .into_iter()
            .flat_map(|(act, commands)| commands.iter().map(move |command| (act, command.as_str())))
    }
}
