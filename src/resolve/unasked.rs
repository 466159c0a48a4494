//! What a shell runs without being asked to: commands in the brackets of names and sums, in its prompts,
//! functions of certain names, and what builtins are told to run later.

use std::rc::Rc;

use super::state::Shell;
use super::walk::Walker;
use crate::parse::Dialect;
use crate::parse::script::Command;
use crate::unknown::is_known;

/// Builtins that take words for names and sums, and expand once more what stands in brackets there.
const EVALUATING: [&str; 9] = ["test", "[", "let", "printf", "read", "unset", "wait", "mapfile", "readarray"];

/// Functions that a shell calls itself.
const CALLED: [&str; 7] = [
    "zshexit",
    "precmd",
    "preexec",
    "chpwd",
    "periodic",
    "command_not_found_handler",
    "command_not_found_handle",
];

impl Walker<'_> {
    /// Defines a function, and runs it if the shell will.
    pub(super) fn define(&mut self, name: &str, body: Command, shell: &mut Shell) {
        shell.define(name, Rc::new(body));
        let is_trap = shell.dialect == Dialect::Zsh && name.starts_with("TRAP");
        let is_hook = || shell.zsh.called.iter().any(|called| called == name);
        if is_trap || CALLED.contains(&name) || is_hook() {
            self.run(vec![name.to_owned()], Vec::new(), &mut shell.clone(), None);
        }
    }

    /// Follows what a builtin expands once more.
    pub(super) fn evaluates(&mut self, name: &str, words: &[String], shell: &Shell) {
        if EVALUATING.contains(&name) {
            words.iter().for_each(|word| self.evaluated(word, shell));
        }
    }

    /// Runs the commands in the brackets of a text that is taken for a name or a sum: `'a[$(rm -rf x)]'`. Quotes
    /// do not keep a shell from it.
    pub(super) fn evaluated(&mut self, text: &str, shell: &Shell) {
        let inside = text.split_once('[').map_or("", |(_, inside)| inside);
        if inside.contains("$(") || inside.contains('`') {
            self.deeper("brackets", |walker| walker.shell_text(&expanded(inside), &mut shell.clone(), None));
        }
    }

    /// Runs what a text substitutes, where it is expanded though it came out of an expansion.
    pub(super) fn expands_again(&mut self, text: &str, shell: &mut Shell) {
        if text.contains("$(") || text.contains('`') {
            self.deeper("expansion", |walker| walker.shell_text(&expanded(text), &mut shell.clone(), None));
        }
    }

    /// Follows what the shell runs by itself once a variable is set.
    pub(super) fn prompt(&mut self, name: &str, value: &str, shell: &Shell) {
        let text = match name {
            "PROMPT_COMMAND" => value.to_owned(),
            // What is substituted in these is run whenever they are shown.
            name if is_prompt(name, shell.dialect) && value.contains(['$', '`']) => expanded(value),
            // A sum that names the variable evaluates its value.
            _ => return self.evaluated(value, shell),
        };
        if is_known(value) {
            self.deeper(name, |walker| walker.shell_text(&text, &mut shell.clone(), None));
        }
    }

    /// Follows the command that a builtin runs later: `complete -C command name` and `bind -x '"key": command'` by a
    /// key, `mapfile -C command` every so many lines.
    pub(super) fn run_later(&mut self, name: &str, words: &[String], shell: &Shell) {
        let option = if name == "bind" { "-x" } else { "-C" };
        let value = words.iter().position(|word| word == option).and_then(|at| words.get(at + 1));
        let Some(value) = value else { return };
        let text = if name == "bind" { value.split_once(':').map_or("", |(_, text)| text) } else { value };
        self.deeper(name, |walker| walker.shell_text(text.trim(), &mut shell.clone(), None));
    }
}

/// Returns whether a shell expands a variable whenever it asks for a command, or tells of one.
fn is_prompt(name: &str, dialect: Dialect) -> bool {
    const OF_ZSH: [&str; 9] =
        ["PROMPT", "PROMPT2", "PROMPT3", "PROMPT4", "RPROMPT", "RPROMPT2", "RPS1", "RPS2", "SPROMPT"];
    matches!(name, "PS0" | "PS1" | "PS2" | "PS3" | "PS4") || dialect == Dialect::Zsh && OF_ZSH.contains(&name)
}

/// Returns a script in which a text is expanded and nothing else is done, whatever quotes are in it.
fn expanded(text: &str) -> String {
    // Longer than any line of the text, so that none of them ends it.
    let longest = text.split('\n').map(str::len).max().unwrap_or_default();
    let end = "E".repeat(longest + 1);
    format!(": <<{end}\n{text}\n{end}\n")
}
