//! `keys:` in a policy: which of the credentials that guard keeps go to which tools, once a person has let
//! them run.
//!
//! ```yaml
//! keys:
//!   railway-prod:
//!     tool: railway
//!     variable: RAILWAY_TOKEN
//!     environments: [production]
//!     at: severe
//! ```
//!
//! Only the system's and the user's files may name one. A command that nobody is asked about gets none,
//! whatever a policy says.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::environments::Standing;
use super::{Policy, SeverityName};
use crate::rulebook::format::Severity;

/// The key `keys:` of a policy file, by the names under which guard keeps them.
pub type Keys = BTreeMap<String, Key>;

/// What gets one credential.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The program: its name, or its whole path.
    pub tool: String,
    /// The variable in which it gets it.
    pub variable: String,
    /// The environments in which it gets it; all where none is named.
    #[serde(default)]
    pub environments: Vec<String>,
    /// The lowest severity for which it gets it.
    #[serde(default = "moderate")]
    pub at: SeverityName,
}

fn moderate() -> SeverityName {
    SeverityName::Moderate
}

impl Key {
    /// Returns what is wrong with an entry.
    pub fn fault(&self) -> Option<String> {
        let is_name = self.variable.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && self.variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_tool = !self.tool.is_empty() && (self.tool.starts_with('/') || !self.tool.contains('/'));
        match (is_tool, is_name) {
            (false, _) => Some("`tool` is a program's name or its whole path".to_owned()),
            (_, false) => Some("`variable` is the name of a variable".to_owned()),
            _ => None,
        }
    }

    fn is_for(&self, program: &str, severity: Severity, standing: &Standing<'_>) -> bool {
        self.tool.rsplit('/').next() == Some(program)
            && SeverityName::from(severity) >= self.at
            && (self.environments.is_empty() || self.environments.iter().any(|name| standing.is(name)))
    }
}

/// A credential that goes to a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The name under which guard keeps it.
    pub key: String,
    /// The tool, as the policy names it.
    pub tool: String,
    /// The variable in which it gets it.
    pub variable: String,
}

impl Policy {
    /// Returns what a program gets for a finding of a severity whose aim has this standing: for each variable
    /// one credential, and one for an environment in preference to one for all.
    pub fn grants(&self, program: &str, severity: Severity, standing: &Standing<'_>) -> Vec<Grant> {
        let mut keys: Vec<(&String, &Key)> = self
            .own_files()
            .flat_map(|file| &file.keys)
            .filter(|(_, key)| key.is_for(program, severity, standing))
            .collect();
        keys.sort_by_key(|(name, key)| (key.environments.is_empty(), *name));
        let mut grants: Vec<Grant> = Vec::new();
        for (name, key) in keys {
            if grants.iter().all(|grant| grant.variable != key.variable) {
                let Key { tool, variable, .. } = key.clone();
                grants.push(Grant { key: name.clone(), tool, variable });
            }
        }
        grants
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Layer;
    use super::*;
    use crate::aim::Aim;

    const KEYS: &str = "
environments: {production: {when: {hosts: [db.prod]}}}
keys:
  prod: {tool: psql, variable: PGPASSWORD, environments: [production]}
  any: {tool: psql, variable: PGPASSWORD}
  worst: {tool: /usr/bin/psql, variable: PGSSLKEY, at: catastrophic}
";

    fn check(layer: Layer, program: &str, severity: Severity, away: bool, expect: &[&str]) {
        let policy = Policy::of(&[(layer, KEYS)]);
        // A target that is not on this machine and not settled is taken for production.
        let aim = Aim { away, ..Aim::default() };
        let grants = policy.grants(program, severity, &policy.standing(&aim));
        let names: Vec<&str> = grants.iter().map(|grant| grant.key.as_str()).collect();
        assert_eq!(names, expect, "{layer:?} {program} {severity:?} {away}");
    }

    #[test]
    fn a_tool_gets_what_its_environment_and_severity_call_for() {
        use Severity::{Catastrophic, Moderate};
        check(Layer::User, "psql", Moderate, false, &["any"]);
        check(Layer::User, "psql", Moderate, true, &["prod"]);
        check(Layer::System, "psql", Catastrophic, true, &["prod", "worst"]);
        check(Layer::User, "mysql", Catastrophic, true, &[]);
    }

    #[test]
    fn only_the_users_own_file_and_roots_name_keys() {
        for layer in [Layer::Project, Layer::Trusted, Layer::Named] {
            check(layer, "psql", Severity::Catastrophic, true, &[]);
        }
    }

    #[test]
    fn what_names_no_tool_or_variable_is_wrong() {
        let check = |tool: &str, variable: &str, fits: bool| {
            let key = Key {
                tool: tool.to_owned(),
                variable: variable.to_owned(),
                environments: Vec::new(),
                at: moderate(),
            };
            assert_eq!(key.fault().is_none(), fits, "{tool} {variable}");
        };
        check("psql", "PGPASSWORD", true);
        check("/usr/bin/psql", "_x1", true);
        check("bin/psql", "PGPASSWORD", false);
        check("", "PGPASSWORD", false);
        check("psql", "PG=PASSWORD", false);
        check("psql", "1X", false);
        check("psql", "", false);
    }
}
