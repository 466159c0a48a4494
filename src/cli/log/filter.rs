//! Which lines of the ledger are wanted.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::record::{Line, What};

/// Which lines are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    pub rule: Option<String>,
    pub what: Vec<What>,
    /// The earliest and the latest time, as lines write it or the beginning of it.
    pub since: Option<String>,
    pub until: Option<String>,
    pub agent: Option<String>,
    /// The directory in which it ran, or one above.
    pub project: Option<PathBuf>,
}

impl Filter {
    pub(super) fn takes(&self, line: &Line) -> bool {
        (self.what.is_empty() || self.what.contains(&line.what)) && self.takes_any_of(line)
    }

    /// Returns whether the line is wanted, whatever kind it is.
    pub(super) fn takes_any_of(&self, line: &Line) -> bool {
        let matches = |rule: &String, wanted: &str| {
            rule.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_of = |agent: &String| {
            let door = line.origin.as_deref().and_then(|origin| origin.strip_prefix("agent "));
            line.agent.as_deref().or(door) == Some(agent)
        };
        let is_below =
            |project: &PathBuf| line.cwd.as_ref().is_some_and(|cwd| Path::new(cwd).starts_with(project));
        let time = |until: &String| line.time.get(..until.len()).unwrap_or(&line.time) <= until.as_str();
        self.since.as_ref().is_none_or(|since| line.time >= *since)
            && self.until.as_ref().is_none_or(time)
            && self.rule.as_ref().is_none_or(|wanted| line.rules.iter().any(|rule| matches(rule, wanted)))
            && self.agent.as_ref().is_none_or(is_of)
            && self.project.as_ref().is_none_or(is_below)
    }

    /// Returns whether the filter asks for more of a command than its lines repeat.
    fn is_about_commands(&self) -> bool {
        self.what.is_empty()
    }
}

/// Lines that are wanted, and those that continue them.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    filter: Filter,
    numbers: BTreeSet<u64>,
}

impl Chosen {
    pub(super) fn by(filter: Filter) -> Self {
        Self { filter, numbers: BTreeSet::new() }
    }

    /// Returns whether a line is wanted. The end of a command names its rules and its agent by its beginning.
    pub(super) fn takes(&mut self, line: &Line) -> bool {
        let goes_on = self.filter.is_about_commands() && line.of.is_some_and(|of| self.numbers.contains(&of));
        let takes = self.filter.takes(line) || goes_on;
        if takes && matches!(line.what, What::Asked | What::Cleared) {
            self.numbers.insert(line.n);
        }
        takes
    }
}
