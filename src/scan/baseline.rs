//! The list of known findings, so that only new ones are reported.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Finding, Scanned};

/// The version of the file.
const VERSION: u8 = 1;

/// A list of findings.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u8,
    findings: Vec<Known>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    path: String,
    rule: String,
    fingerprint: String,
}

impl Baseline {
    /// Returns the list of what was found.
    pub fn of(findings: &[Finding], base: &Path) -> Self {
        let known = |finding: &Finding| Known {
            path: finding.path.strip_prefix(base).unwrap_or(&finding.path).display().to_string(),
            rule: finding.rule.id(),
            fingerprint: finding.fingerprint.clone(),
        };
        let mut findings: Vec<Known> = findings.iter().map(known).collect();
        findings.sort();
        Self { version: VERSION, findings }
    }

    /// Reads a list.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with it, as a lower-case fragment.
    pub fn read(text: &str) -> Result<Self, String> {
        let list: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match list.version {
            VERSION => Ok(list),
            other => Err(format!("it is of version {other}; this guard writes version {VERSION}")),
        }
    }

    /// Returns the list as it is written.
    pub fn text(&self) -> String {
        // Writing JSON to memory does not fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Removes the findings that are on the list.
    pub fn apply(&self, scanned: &mut Scanned) {
        let all = scanned.findings.len();
        scanned.findings.retain(|finding| {
            self.findings
                .iter()
                .all(|known| known.fingerprint != finding.fingerprint || known.rule != finding.rule.id())
        });
        scanned.known += all - scanned.findings.len();
    }
}

/// Gives the findings of a file their fingerprints: rule, file and command, and how many of the same come
/// before. Lines added elsewhere, and changed whitespace, do not change them.
pub fn mark(findings: &mut [Finding], file: &Path) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let command: Vec<&str> = finding.lines.iter().flat_map(|line| line.split_whitespace()).collect();
        let what =
            format!("{}\0{}\0{}\0{}", finding.rule.id(), file.display(), finding.phrase, command.join(" "));
        let count = seen.entry(what.clone()).or_default();
        let digest = Sha256::digest(format!("{what}\0{count}"));
        *count += 1;
        finding.fingerprint = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    }
}
