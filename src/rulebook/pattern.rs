//! A pattern of a rule, and what it compiles to.

use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::needs::Needs;
use crate::expression::Expression;

/// Text to match: a glob (`*`, `?`, `[…]`, `{a,b}`) over the whole text, or `~` and a regular expression found
/// anywhere in it.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    text: String,
    needs: Needs,
    /// Compiled when it is first looked for, and kept: compiling costs a thousand times as much as looking.
    compiled: OnceLock<Option<Expression>>,
}

impl Pattern {
    fn new(text: String, needs: Needs) -> Self {
        Self { text, needs, compiled: OnceLock::new() }
    }

    /// Returns whether it is a regular expression.
    pub fn is_expression(&self) -> bool {
        self.text.starts_with('~')
    }

    /// Returns whether the regular expression that it is is found in a text; `None` where it is none that compiles.
    /// (What does not compile is refused with its pack.)
    pub fn is_in(&self, text: &str) -> Option<bool> {
        if !self.needs.are_met_by(text) {
            return Some(false);
        }
        let compile = || Expression::new(self.text.strip_prefix('~')?).ok();
        let expression = self.compiled.get_or_init(compile).as_ref()?;
        Some(expression.is_in(text))
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        let needs = text.strip_prefix('~').map(Needs::of).unwrap_or_default();
        Self::new(text, needs)
    }
}

/// The pattern as it is written.
impl AsRef<str> for Pattern {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// In the compact form, what it needs stands behind its text.
impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return self.text.serialize(serializer);
        }
        (&self.text, self.needs.bytes()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            return String::deserialize(from).map(Self::from);
        }
        let (text, needs) = <(String, &[u8])>::deserialize(from)?;
        Ok(Self::new(text, Needs::from_bytes(needs)))
    }
}
