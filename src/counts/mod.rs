//! How much would be lost: files and their size, commits, tables, resources of a plan. It is shown to a
//! person who is about to answer.
//!
//! Counting starts only once a rule has matched and somebody will read the result, and is bounded in time and
//! size. The network is not asked, no program is started but the system's own git, and what cannot be counted
//! is left out: a count only ever adds to a question.

mod commits;
mod plan;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::decide::Challenge;
use crate::keep;
use crate::matcher::Finding;
use crate::place::Place;
use crate::resolve::action::Site;
use crate::resolve::command_line::CommandLine;
use crate::text::{first_few, so_many};
use crate::unknown::is_known;

/// How long files are counted.
const FILES: Duration = Duration::from_millis(200);

/// How long git may take over commits in total.
const COMMITS: Duration = Duration::from_millis(500);

/// How many tables are named.
const NAMED: usize = 6;

/// Returns how much would be lost by what a question is about, one line per count.
pub fn of(challenge: &Challenge, place: &Place<'_>) -> Vec<String> {
    let mut told = Vec::new();
    // What is kept first is counted already: the question promises it.
    if !challenge.promises() {
        let until = Instant::now() + FILES;
        told.extend(keep::at_stake(&challenge.keeping(), challenge.actions(), place, until));
    }
    let until = Instant::now() + COMMITS;
    for finding in challenge.findings() {
        let Some(action) = challenge.actions().get(finding.action) else { continue };
        let plan = plan::resources(finding, action, place);
        for line in commits::lost(finding, action, place, until).into_iter().chain(plan) {
            if !told.contains(&line) {
                told.push(line);
            }
        }
    }
    told.extend(tables(challenge.findings()));
    told
}

/// Returns where a program runs, by its options that change its directory; `None` where that is not known.
fn directory(line: &CommandLine, site: &Site) -> Option<PathBuf> {
    let (reading, grammar) = (line.readings.first()?, line.grammar.as_ref()?);
    let further = grammar.chdir.iter().flat_map(|name| reading.values(name));
    let directory = further.fold(site.cwd.clone()?, |at, further| at.join(further));
    (!site.elsewhere && directory.to_str().is_some_and(is_known)).then_some(directory)
}

/// Returns the tables and databases that SQL drops or empties, where there are several.
fn tables(findings: &[Finding]) -> Option<String> {
    let objects = findings.iter().filter_map(|finding| finding.captures.get("sql.object"));
    let names: BTreeSet<&str> = objects.map(String::as_str).filter(|name| is_known(name)).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let count = so_many(names.len() as u64, "object");
    (names.len() > 1).then(|| format!("{count} in the SQL: {}", first_few(&names, NAMED)))
}

#[cfg(test)]
mod tests;
