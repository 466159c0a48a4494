//! The commits that a git command would drop, as git itself counts them.
//!
//! This asks the system's own git ([`crate::run::git`]), with none of the caller's variables. Git only walks
//! from commit to commit: it runs no hook, filter, pager or file monitor, and fetches nothing.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::env_vars::HOME;
use crate::matcher::Finding;
use crate::place::Place;
use crate::resolve::action::{Action, Effect, Site};
use crate::resolve::command_line::CommandLine;
use crate::run::git::{self, Question};
use crate::text::{first_few, so_many};
use crate::unknown::is_known;

/// More commits are not counted.
const MOST: usize = 1000;

/// The most output that is read from git, in bytes: a thousand lines, some of them long.
const MOST_SAID: usize = 1024 * 1024;

/// How many commits are named.
const NAMED: usize = 3;

/// How many branches of one command are looked at.
const BRANCHES: usize = 4;

/// Variables that lead git to another repository than the one where it runs.
const ELSEWHERE: [&str; 2] = ["GIT_DIR", "GIT_WORK_TREE"];

/// Commits that are reached from one side and not from another.
#[derive(Debug, PartialEq, Eq)]
struct Range {
    /// Where they are.
    on: String,
    /// What leaves out of them what stays, as words of `git rev-list`.
    without: Vec<String>,
    /// The same for a person.
    told: String,
}

/// Returns which commits a git command would drop, a line each; nothing where there are none.
pub(super) fn lost(finding: &Finding, action: &Action, place: &Place<'_>, until: Instant) -> Vec<String> {
    let id = finding.rule.id();
    let (Some(rule), Effect::Run(line)) = (id.strip_prefix("git/"), &action.effect) else {
        return Vec::new();
    };
    let Some(directory) = repository_at(line, &action.site, place) else { return Vec::new() };
    let operands = line.readings.iter().take(1).flat_map(|reading| reading.operands.iter().skip(1));
    let operands: Vec<&str> = operands.map(|operand| operand.text.as_str()).collect();
    if !operands.iter().all(|word| is_known(word)) {
        return Vec::new();
    }
    let repository = Repository { directory, home: place.home.as_deref() };
    ranges(rule, &operands).iter().filter_map(|range| repository.summary(range, until)).collect()
}

/// Returns where git runs, if it takes the repository that is there.
fn repository_at(line: &CommandLine, site: &Site, place: &Place<'_>) -> Option<PathBuf> {
    let reading = line.readings.first()?;
    let is_set = |name: &str| line.variable(name).is_some() || place.environment.get(name).is_some();
    let is_led =
        ELSEWHERE.iter().any(|name| is_set(name)) || reading.has("git-dir") || reading.has("work-tree");
    if is_led { None } else { super::directory(line, site) }
}

/// Returns what a command with these operands drops, according to the rule that fired on it.
///
/// What the command names stands behind `^`, `refs/` or `--exclude=`, so git reads no option in it.
fn ranges(rule: &str, operands: &[&str]) -> Vec<Range> {
    let (first, rest) = operands.split_first().map_or((None, &[][..]), |(first, rest)| (Some(*first), rest));
    let rest = || rest.iter().take(BRANCHES);
    match (rule, first) {
        ("push-force", Some(remote)) if operands.len() > 1 => {
            rest().filter_map(|refspec| overwritten(remote, refspec)).collect()
        }
        ("push-force", _) => vec![Range {
            on: "@{push}".to_owned(),
            without: vec!["^HEAD".to_owned()],
            told: "on the remote branch, as last fetched, that this branch does not have".to_owned(),
        }],
        ("push-delete", Some(remote)) => rest().map(|refspec| deleted(remote, refspec)).collect(),
        ("reset-hard", Some(target)) => {
            vec![Range {
                on: "HEAD".to_owned(),
                without: vec![format!("^{target}")],
                told: format!("after {target}"),
            }]
        }
        ("branch-delete", Some(_)) => operands.iter().take(BRANCHES).map(|name| unnamed(name)).collect(),
        _ => Vec::new(),
    }
}

/// What a forced push overwrites, as far as this clone has seen it.
fn overwritten(remote: &str, refspec: &str) -> Option<Range> {
    let refspec = refspec.trim_start_matches('+');
    let (source, target) = refspec.split_once(':').unwrap_or((refspec, refspec));
    let target = target.trim_start_matches("refs/heads/");
    (!source.is_empty()).then(|| Range {
        on: format!("refs/remotes/{remote}/{target}"),
        without: vec![format!("^{source}")],
        told: format!("on {remote}/{target}, as last fetched, that {source} does not have"),
    })
}

/// What is lost with a branch of a remote: what no other branch of a remote has.
fn deleted(remote: &str, refspec: &str) -> Range {
    let target = refspec.trim_start_matches([':', '+']).trim_start_matches("refs/heads/");
    let but = |name: &str| format!("--exclude={remote}/{name}");
    Range {
        on: format!("refs/remotes/{remote}/{target}"),
        without: vec!["--not".to_owned(), but(target), but("HEAD"), "--remotes".to_owned()],
        told: format!("on {remote}/{target}, as last fetched, and on no other remote branch"),
    }
}

/// What is lost with a branch: what no other branch or tag has.
fn unnamed(name: &str) -> Range {
    let name = name.trim_start_matches("refs/heads/");
    let others = ["--not", &format!("--exclude={name}"), "--branches", "--tags", "--remotes"];
    Range {
        on: format!("refs/heads/{name}"),
        without: others.map(str::to_owned).to_vec(),
        told: format!("on {name} and on no other branch or tag"),
    }
}

/// A repository, asked without anything of the caller's.
struct Repository<'h> {
    directory: PathBuf,
    home: Option<&'h Path>,
}

impl Repository<'_> {
    /// Returns how many commits are in a range and the subjects of the newest; `None` where it is empty.
    fn summary(&self, range: &Range, until: Instant) -> Option<String> {
        let most = format!("--max-count={}", MOST + 1);
        let words = ["rev-list", &most, "--format=- %s", &range.on];
        let without = range.without.iter().map(String::as_str);
        let words: Vec<&str> = words.into_iter().chain(without).chain(["--"]).collect();
        let said = self.say(&words, until)?;
        // Between them stand the commits' names.
        let subjects = said.lines().filter_map(|line| line.strip_prefix("- "));
        let subjects: Vec<String> = subjects.map(|subject| format!("“{subject}”")).collect();
        let count = match subjects.len() {
            0 => return None,
            count if count > MOST => format!("more than {MOST} commits"),
            count => so_many(count as u64, "commit"),
        };
        Some(format!("{count} ({}) {}", first_few(&subjects, NAMED), range.told))
    }

    /// Returns git's output, if it succeeds in time.
    fn say(&self, words: &[&str], until: Instant) -> Option<String> {
        // For `safe.directory`, without which git reads no repository of somebody else's.
        let home = self.home.map(|home| (HOME, home.as_os_str()));
        let said = git::ask(&Question {
            cwd: &self.directory,
            options: &[],
            words,
            set: home.as_slice(),
            input: &[],
            time: until.saturating_duration_since(Instant::now()),
            most: MOST_SAID,
        });
        said.ok().map(|said| String::from_utf8_lossy(&said).into_owned())
    }
}

#[cfg(test)]
pub(super) mod tests;
