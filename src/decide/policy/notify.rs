//! `notify:` in a policy: the command that tells people that a question is waiting.
//!
//! ```yaml
//! notify: {command: [/usr/local/bin/ntfy, publish, guard]}
//! ```
//!
//! Guard runs it by itself, so only the system's and the user's files may name it.

use serde::{Deserialize, Deserializer, de};

use super::Policy;

/// The key `notify:` of a policy file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// A program and its arguments; no shell reads them. It gets the question on standard input, as JSON.
    #[serde(deserialize_with = "words")]
    pub command: Vec<String>,
}

impl Policy {
    /// Returns the commands that tell people of a question: the user's and the system's.
    pub fn notify(&self) -> Vec<&Notify> {
        self.own_files().filter_map(|file| file.notify.as_ref()).collect()
    }
}

/// Reads the words of a command, of which there is at least one.
fn words<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let words = Vec::<String>::deserialize(from)?;
    if words.first().is_none_or(String::is_empty) {
        return Err(de::Error::custom("expected a program and its arguments"));
    }
    Ok(words)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::decide::policy::{File, Layer};

    fn check(layers: &[(Layer, &str)], expect: &[&str]) {
        let policy = Policy::of(layers);
        let programs: Vec<&str> = policy.notify().iter().map(|notify| notify.command[0].as_str()).collect();
        assert_eq!(programs, expect, "{layers:?}");
    }

    #[test]
    fn only_the_users_and_the_systems_commands_run() {
        const NTFY: &str = "notify: {command: [ntfy, publish, guard]}";
        check(&[(Layer::User, NTFY)], &["ntfy"]);
        check(&[(Layer::User, NTFY), (Layer::System, "notify: {command: [page]}")], &["ntfy", "page"]);
        check(&[(Layer::Project, NTFY), (Layer::Trusted, NTFY), (Layer::Named, NTFY)], &[]);
        check(&[(Layer::User, "at: {}")], &[]);
    }

    #[test]
    fn what_is_no_command_is_an_error() {
        for text in ["ntfy", "{command: ntfy}", "{command: []}", "{command: ['']}", "{run: [ntfy]}", "{}"] {
            let file: Result<File, _> = serde_yaml::from_str(&format!("notify: {text}"));
            assert!(file.is_err(), "{text}");
        }
    }
}
