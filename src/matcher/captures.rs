//! What a rule saw of a command, by slot name.

use std::borrow::Cow;

/// Values by slot name (`volume`, `path`, `operand.1`), in the order in which they were seen. Few are asked for ever.
#[derive(Clone, Debug, Default)]
pub struct Captures(Vec<(Cow<'static, str>, String)>);

impl Captures {
    /// Returns what was seen last under a name.
    pub fn get(&self, name: &str) -> Option<&String> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Notes what was seen under a name.
    pub(super) fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: String) {
        self.0.push((name.into(), value));
    }
}

impl FromIterator<(String, String)> for Captures {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(all: T) -> Self {
        Self(all.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}
