//! A pattern of a rule, and what it compiles to.

use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::needs::Needs;
use crate::expression::Expression;
use crate::glob::{Glob, Text};

/// Text to match: a glob (`*`, `?`, `[…]`, `{a,b}`) over the whole text, or `~` and a regular expression found
/// anywhere in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// A glob.
    Glob(Glob),
    /// A regular expression.
    Expression(Sought),
}

/// A regular expression, to be found anywhere in a text.
#[derive(Clone, Debug)]
pub struct Sought {
    /// As it is written, with its `~`.
    text: String,
    needs: Needs,
    /// Compiled when it is first looked for, and kept: compiling costs a thousand times as much as looking.
    compiled: OnceLock<Option<Expression>>,
}

impl Sought {
    fn new(text: String, needs: Needs) -> Self {
        Self { text, needs, compiled: OnceLock::new() }
    }

    /// Returns whether it is found in a text; `None` where it does not compile. (Such a one is refused with its pack.)
    pub fn is_in(&self, text: &Text<'_>) -> Option<bool> {
        if !self.needs.are_met_by(text) {
            return Some(false);
        }
        let compile = || Expression::new(self.text.strip_prefix('~')?).ok();
        let expression = self.compiled.get_or_init(compile).as_ref()?;
        Some(expression.is_in(text.as_str()))
    }
}

impl PartialEq for Sought {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        match text.strip_prefix('~').map(Needs::of) {
            Some(needs) => Self::Expression(Sought::new(text, needs)),
            None => Self::Glob(text.into()),
        }
    }
}

/// The pattern as it is written.
impl AsRef<str> for Pattern {
    fn as_ref(&self) -> &str {
        match self {
            Self::Glob(glob) => glob,
            Self::Expression(sought) => &sought.text,
        }
    }
}

/// In the compact form, what tells most texts apart from those that match comes along.
#[derive(Serialize, Deserialize)]
enum Compact {
    Glob(Glob),
    Expression(String, Needs),
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return self.as_ref().serialize(serializer);
        }
        match self.clone() {
            Self::Glob(glob) => Compact::Glob(glob),
            Self::Expression(sought) => Compact::Expression(sought.text, sought.needs),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            return String::deserialize(from).map(Self::from);
        }
        Ok(match Compact::deserialize(from)? {
            Compact::Glob(glob) => Self::Glob(glob),
            Compact::Expression(text, needs) => Self::Expression(Sought::new(text, needs)),
        })
    }
}
