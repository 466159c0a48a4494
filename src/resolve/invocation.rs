//! A program that is started, as one reading of its words has it.
//!
//! Whatever follows a program further (into the command that it wraps, the script that it reads, the request
//! that it sends) looks at the same: this.

use super::command_line::{CommandLine, Operand, Reading};
use crate::rulebook::format::Source;

/// A program with its words, and the way of reading them that is followed.
#[derive(Clone, Copy)]
pub(super) struct Invocation<'c> {
    /// The program and its words.
    pub line: &'c CommandLine,
    /// One of the ways to read them.
    pub reading: &'c Reading,
    /// How many operands are the words of the subcommand.
    pub skip: usize,
}

impl<'c> Invocation<'c> {
    /// Returns what arrives on its standard input, where the command itself says so.
    pub fn stdin(&self) -> Option<&'c str> {
        self.line.stdin.as_deref()
    }

    /// Returns the operands behind the subcommand.
    pub fn operands(&self) -> &'c [Operand] {
        self.reading.operands.get(self.skip..).unwrap_or_default()
    }

    /// Returns the texts of the operands behind the subcommand.
    pub fn arguments(&self) -> Vec<String> {
        self.operands().iter().map(|operand| operand.text.clone()).collect()
    }

    /// Returns the last word of the subcommand.
    pub fn subcommand(&self) -> Option<&'c str> {
        Some(self.reading.operands.get(self.skip.checked_sub(1)?)?.text.as_str())
    }

    /// Returns the texts that stand at `source`.
    pub fn texts(&self, source: &'c Source) -> Vec<String> {
        self.reading.at(source, self.skip).into_iter().map(str::to_owned).collect()
    }

    /// Returns the words from an operand on.
    pub fn words_from(&self, operand: &Operand) -> &'c [String] {
        &self.line.words[operand.position..]
    }

    /// Returns the words behind an operand.
    pub fn words_behind(&self, operand: &Operand) -> &'c [String] {
        &self.line.words[operand.position + 1..]
    }
}
