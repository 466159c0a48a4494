//! What git is to be asked before a command drops something of a repository.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::git::{self, Wish};
use crate::resolve::action::Site;
use crate::resolve::command_line::{CommandLine, along, commands_along};
use crate::rulebook::format::Keeper;
use crate::unknown::is_known;

/// What tells a call of git from another: where it runs, its own options, variables, and the words behind the subcommand.
type Call = (PathBuf, Vec<String>, Vec<(String, String)>, Option<Vec<String>>);

/// What is to be kept for git commands, each call once.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    all: Vec<Wish>,
    known: HashMap<Call, usize>,
}

impl Wishes {
    /// Returns all of them, in the order in which they were first wished.
    pub fn all(&self) -> &[Wish] {
        &self.all
    }

    /// Returns whether a keeper keeps something for one of them.
    pub fn have(&self, keeper: Keeper) -> bool {
        self.all.iter().any(|wish| wish.keepers.contains(&keeper))
    }

    /// Adds what a keeper keeps for a git command.
    pub fn add(&mut self, keeper: Keeper, line: &CommandLine, site: &Site) -> Result<(), String> {
        if site.elsewhere {
            return Err("it happens on another machine or in a container".to_owned());
        }
        let cwd = site.cwd.clone().ok_or("where it happens is not known")?;
        let reading = line.readings.first().ok_or("it cannot be read")?;
        let skip = line.grammar.as_ref().map_or(1, |grammar| {
            let commands = commands_along(grammar, &reading.operands);
            let paths = commands.filter_map(|(path, _)| along(grammar, path, &reading.operands));
            paths.filter(|(_, whole)| *whole).map(|(used, _)| used).max().unwrap_or(1)
        });
        // Git's own options stand before the subcommand.
        let subcommand = reading.operands.first().map_or(line.words.len(), |operand| operand.position);
        let behind =
            reading.operands.get(skip.saturating_sub(1)).map_or(line.words.len(), |last| last.position + 1);
        let globals: Vec<String> = line.words[..subcommand].to_vec();
        if !globals.iter().all(|word| is_known(word)) {
            return Err("where it happens is not known".to_owned());
        }
        let variables: Vec<(String, String)> =
            line.environment.iter().filter(|(name, _)| git::is_passed(name)).cloned().collect();
        if !variables.iter().all(|(_, value)| is_known(value)) {
            return Err("where it happens is not known".to_owned());
        }
        let words = line.words[behind.min(line.words.len())..].to_vec();
        let mut names: Vec<String> = reading
            .operands
            .iter()
            .skip(skip)
            .map(|operand| operand.text.trim_start_matches('+').to_owned())
            .collect();
        names.extend(reading.options.iter().filter_map(|option| option.value.clone()));
        names.retain(|name| is_known(name));
        let words = words.iter().all(|word| is_known(word)).then_some(words);
        let call = (cwd.clone(), globals.clone(), variables.clone(), words.clone());
        let at = *self.known.entry(call).or_insert(self.all.len());
        if let Some(known) = self.all.get_mut(at) {
            known.keepers.insert(keeper);
        } else {
            let keepers = BTreeSet::from([keeper]);
            self.all.push(Wish { cwd, globals, variables, keepers, words, names, exact: false });
        }
        Ok(())
    }
}
