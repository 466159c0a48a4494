//! Allowances written in a file: `guard: allow RULE because REASON`, in a comment on a finding's line or on
//! the line above.
//!
//! They count for `guard scan` alone. What runs a command never looks for them: an agent can write files.

use std::path::Path;
use std::sync::LazyLock;

use globset::Glob;
use regex::Regex;

use super::{Finding, Note};

/// A comment's sign, the words, the rules, and the reason.
static ALLOWANCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:#|//|--|;|%|/\*|<!--|\b(?:REM|rem)\b)[^\n]*?\bguard:\s*allow\s+(?<rules>[^\s,]+(?:\s*,\s*[^\s,]+)*)(?:\s+because\s+(?<reason>[^\n]*))?").ok()
});

/// What ends a comment, and so is not part of the reason.
const ENDS: &[char] = &['*', '/', '-', '>', '#', '}', '"', '\'', ',', ' ', '\t', '\r'];

/// The allowances of a file.
#[derive(Debug, Default)]
pub struct Allowances {
    all: Vec<Allowance>,
}

#[derive(Debug)]
struct Allowance {
    line: usize,
    rules: Vec<String>,
    reasoned: bool,
    needed: bool,
}

impl Allowances {
    /// Finds the allowances in a text.
    pub fn of(text: &str) -> Self {
        let Some(regex) = ALLOWANCE.as_ref().filter(|_| text.contains("allow")) else {
            return Self::default();
        };
        let read = |(at, line): (usize, &str)| {
            let found = regex.captures(line)?;
            let rules = found["rules"].split(',').map(|rule| rule.trim().to_owned()).collect();
            let reason = found.name("reason").map_or("", |reason| reason.as_str());
            let reasoned = !reason.trim_matches(ENDS).is_empty();
            Some(Allowance { line: at + 1, rules, reasoned, needed: false })
        };
        Self { all: text.lines().enumerate().filter_map(read).collect() }
    }

    /// Removes the allowed rules from a finding; returns whether that was all of them.
    pub fn allow(&mut self, finding: &mut Finding) -> bool {
        let lines = finding.start.line.saturating_sub(1)..=finding.end.line;
        let mut rules: Vec<_> = std::iter::once(&finding.rule).chain(&finding.also).cloned().collect();
        for allowance in self.all.iter_mut().filter(|allowance| lines.contains(&allowance.line)) {
            let before = rules.len();
            if allowance.reasoned {
                rules.retain(|rule| !allowance.names(&rule.id()));
            }
            allowance.needed |= rules.len() < before || !allowance.reasoned;
        }
        let mut rules = rules.into_iter();
        match rules.next() {
            Some(rule) => {
                finding.rule = rule;
                finding.also = rules.collect();
                false
            }
            None => true,
        }
    }

    /// Returns the notes on them.
    pub fn notes(&self, path: &Path) -> Vec<Note> {
        let note = |allowance: &Allowance| {
            let text = if !allowance.reasoned {
                "this allowance has no reason and does not hold: guard: allow RULE because REASON".to_owned()
            } else if !allowance.needed {
                format!("nothing here needs the allowance of {}; take it out", allowance.rules.join(", "))
            } else {
                return None;
            };
            Some(Note { path: path.to_owned(), line: Some(allowance.line), text })
        };
        self.all.iter().filter_map(note).collect()
    }
}

impl Allowance {
    fn names(&self, rule: &str) -> bool {
        let fits = |name: &String| {
            name == rule || Glob::new(name).is_ok_and(|glob| glob.compile_matcher().is_match(rule))
        };
        self.rules.iter().any(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: Option<(&[&str], bool)>) {
        let found = Allowances::of(line);
        let found =
            found.all.first().map(|one| (one.rules.iter().map(String::as_str).collect(), one.reasoned));
        assert_eq!(found, expect.map(|(rules, reasoned)| (rules.to_vec(), reasoned)), "{line}");
    }

    #[test]
    fn a_comment_of_any_kind_may_allow_with_a_reason() {
        let one: &[&str] = &["files/remove-work"];
        check("rm -rf x # guard: allow files/remove-work because it is made again", Some((one, true)));
        check(
            "-- guard: allow sql/drop-table,sql/* because a test",
            Some((&["sql/drop-table", "sql/*"], true)),
        );
        check("// guard: allow files/remove-work because x", Some((one, true)));
        check("/* guard: allow files/remove-work because x */", Some((one, true)));
        check("; guard: allow files/remove-work because x", Some((one, true)));
    }

    #[test]
    fn without_a_reason_or_a_comment_nothing_is_allowed() {
        let one: &[&str] = &["files/remove-work"];
        check("# guard: allow files/remove-work", Some((one, false)));
        check("# guard: allow files/remove-work because", Some((one, false)));
        check("/* guard: allow files/remove-work because */", Some((one, false)));
        check("guard: allow files/remove-work because x", None);
        check("# guard allows nothing", None);
        check("", None);
    }
}
