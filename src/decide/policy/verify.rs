//! `verify:` in a policy: the read-only commands that show a person what a tool really acts on.
//!
//! ```yaml
//! verify:
//!   railway: {command: [/usr/bin/railway, status, --json], key: environment.name}
//!   aws: {command: [/usr/bin/aws, sts, get-caller-identity], within: 10}
//! ```
//!
//! Guard runs them by itself, so only the system's and the user's files may name them. Their output is shown
//! and decides nothing: the caller sets the variables that they see.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Layer, Policy};

/// The key `verify:` of a policy file, by tool.
pub type Verifiers = BTreeMap<String, Verifier>;

/// How long it may take by default, in seconds.
const USUAL: u64 = 5;

/// How long it may take at most, in seconds.
const LONGEST: u64 = 30;

/// A read-only command that says what a tool acts on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verifier {
    /// The program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// The path of the answer in the JSON or YAML that it prints; the whole output where none is given.
    #[serde(default)]
    pub key: Option<String>,
    /// How long it may take, in seconds.
    #[serde(default)]
    within: Option<u64>,
}

impl Verifier {
    /// Returns how long it may take, in seconds.
    pub fn within(&self) -> u64 {
        self.within.unwrap_or(USUAL).clamp(1, LONGEST)
    }
}

impl Policy {
    /// Returns the command that says what a tool acts on. The user's takes precedence over the system's; a
    /// project has none.
    pub fn verifier(&self, tool: &str) -> Option<&Verifier> {
        let of = |wanted: Layer| {
            self.files()
                .filter(move |(layer, _)| *layer == wanted)
                .find_map(|(_, file)| file.verify.get(tool))
        };
        of(Layer::User).or_else(|| of(Layer::System))
    }
}
