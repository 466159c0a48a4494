//! The result of judging the past.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Past;
use super::judge::{Act, Judged};
use crate::decide::command_text;
use crate::record::redact::redact;
use crate::rulebook::format::Severity;

/// How many different commands that would be asked about are kept: the worst ones.
const MOST: usize = 1000;

/// The result of judging the past.
#[derive(Debug, Default)]
pub struct Summary {
    /// The files that were read: what each is, and how many commands are in it.
    pub files: Vec<(PathBuf, &'static str, usize)>,
    /// The files that could not be read, and why.
    pub failed: Vec<(PathBuf, String)>,
    /// How many commands were judged.
    pub commands: usize,
    /// How many would have been asked about.
    pub asked: usize,
    /// How many would have been refused.
    pub refused: usize,
    /// How many were judged in a made-up project.
    pub made_up: usize,
    /// How many parts of files are not understood.
    pub unread: usize,
    /// By rule: its title, its severity, how many commands.
    pub rules: BTreeMap<String, (String, Severity, usize)>,
    hits: BTreeMap<(Reverse<Severity>, String, String), Hit>,
}

/// A command that would have been asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The command, without secrets.
    pub command: String,
    /// The worst rule.
    pub rule: String,
    /// Its severity.
    pub severity: Severity,
    /// The file in which it occurs first.
    pub file: PathBuf,
    /// The line.
    pub line: u64,
    /// Where it ran, if that is recorded.
    pub cwd: Option<PathBuf>,
    /// How often it occurs.
    pub count: usize,
    /// Whether it would have been refused.
    pub refused: bool,
}

impl Summary {
    pub(super) fn add(&mut self, file: &Path, past: &Past, judged: &Judged) {
        self.commands += 1;
        self.made_up += usize::from(!judged.in_place);
        match judged.act {
            Act::Run => return,
            Act::Ask => self.asked += 1,
            Act::Refuse => self.refused += 1,
        }
        let mut seen = BTreeSet::new();
        for (id, title, severity) in judged.rules.iter().filter(|(id, ..)| seen.insert(id.clone())) {
            let entry = self.rules.entry(id.clone()).or_insert_with(|| (title.clone(), *severity, 0));
            entry.2 += 1;
        }
        let Some((rule, _, severity)) = judged.rules.first() else { return };
        let command = redact(&command_text(&past.form));
        let key = (Reverse(*severity), rule.clone(), command.clone());
        self.hits.entry(key).and_modify(|hit| hit.count += 1).or_insert_with(|| Hit {
            command,
            rule: rule.clone(),
            severity: *severity,
            file: file.to_owned(),
            line: past.line,
            cwd: past.cwd.clone(),
            count: 1,
            refused: judged.act == Act::Refuse,
        });
        if self.hits.len() > MOST {
            self.hits.pop_last();
        }
    }

    /// Returns the commands that would have been asked about, the worst first.
    pub fn worst(&self) -> impl Iterator<Item = &Hit> {
        self.hits.values()
    }
}
