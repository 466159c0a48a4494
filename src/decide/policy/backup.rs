//! `backup:` in a policy: what evidence of a backup must be there before something is destroyed.
//!
//! ```yaml
//! backup:
//!   orders:
//!     command: [restic, --repo, "sftp:vault:/orders", snapshots, --json]
//!     newer_than: 24h
//!     elsewhere: true
//!     make: [restic, --repo, "sftp:vault:/orders", backup, /srv/orders]
//!     restore_tested: 2026-10-01
//! ```
//!
//! Every entry of every layer is demanded; those of an environment only where that environment may be meant.
//! A command is run only if it is in the user's or the system's file: a project's file may name a file as
//! evidence, and nothing that is executed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

use super::SeverityName;
use crate::rulebook::format::Severity;
use crate::text::duration;

/// How new a backup must be by default.
const NEWER_THAN: Duration = Duration::from_secs(86_400);

/// The entries of a policy file, by name.
pub type Backups = BTreeMap<String, Backup>;

/// An entry that is demanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demanded {
    /// The environment that it is for; `None` for all.
    pub environment: Option<String>,
    /// What it is called there.
    pub name: String,
    /// What is demanded.
    pub backup: Backup,
}

impl Demanded {
    /// Returns a name that tells it from others: `orders`, `orders of production`.
    pub fn title(&self) -> String {
        match &self.environment {
            Some(environment) => format!("{} of {environment}", self.name),
            None => self.name.clone(),
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// A read-only command that reports on backups, as words.
    #[serde(default)]
    pub command: Vec<String>,
    /// Variables that it needs; it gets none of the caller's.
    #[serde(default)]
    #[serde(deserialize_with = "super::unique::map")]
    pub env: BTreeMap<String, String>,
    /// A file that is as new as the backup: the backup itself, or one that is written beside it.
    #[serde(default)]
    pub file: Option<String>,
    /// How new the newest must be.
    #[serde(default = "usual_age", deserialize_with = "an_age")]
    pub newer_than: Duration,
    /// Whether it must be stored elsewhere than what it is a backup of.
    #[serde(default)]
    pub elsewhere: bool,
    /// The lowest severity for which it is demanded.
    #[serde(default = "catastrophic")]
    pub at: SeverityName,
    /// The rules for which it is demanded; all where none is named. Globs.
    #[serde(default)]
    pub rules: Vec<String>,
    /// The command that makes a backup; shown, never run.
    #[serde(default)]
    pub make: Vec<String>,
    /// When restoring one was last tested: `2026-10-01`. Shown by `guard backups`.
    #[serde(default)]
    pub restore_tested: Option<String>,
}

impl Backup {
    /// Returns whether it is demanded for a finding of this rule.
    pub fn is_for(&self, rule: &str, severity: Severity) -> bool {
        let named = |name: &String| {
            name == rule || globset::Glob::new(name).is_ok_and(|glob| glob.compile_matcher().is_match(rule))
        };
        SeverityName::of(severity) >= self.at && (self.rules.is_empty() || self.rules.iter().any(named))
    }

    /// Returns what is wrong with an entry.
    pub fn fault(&self) -> Option<String> {
        if self.command.is_empty() == self.file.is_none() {
            return Some("give it either a `command` or a `file`".to_owned());
        }
        let tested = self.restore_tested.as_deref();
        let is_day = |text: &str| {
            let bytes = text.as_bytes();
            bytes.len() == 10
                && bytes.iter().enumerate().all(|(at, byte)| match at {
                    4 | 7 => *byte == b'-',
                    _ => byte.is_ascii_digit(),
                })
        };
        tested.filter(|text| !is_day(text)).map(|_| "`restore_tested` is a day such as 2026-10-01".to_owned())
    }
}

fn usual_age() -> Duration {
    NEWER_THAN
}

fn catastrophic() -> SeverityName {
    SeverityName::Catastrophic
}

fn an_age<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    duration(&text).ok_or_else(|| de::Error::custom("expected an age such as `24h` or `7d`"))
}
