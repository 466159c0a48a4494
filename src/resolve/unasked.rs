//! What a shell runs without being asked to: commands in the brackets of names and sums, in its prompts, and
//! those that builtins are told to run later.

use super::state::Shell;
use super::walk::Walker;
use crate::unknown::is_known;

/// Builtins that take words for names and sums, and expand once more what stands in brackets there.
const EVALUATING: [&str; 9] = ["test", "[", "let", "printf", "read", "unset", "wait", "mapfile", "readarray"];

impl Walker<'_> {
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

    /// Follows what the shell runs by itself once a variable is set.
    pub(super) fn prompt(&mut self, name: &str, value: &str, shell: &Shell) {
        let text = match name {
            "PROMPT_COMMAND" => value.to_owned(),
            // What is substituted in these is run whenever they are shown.
            "PS0" | "PS1" | "PS2" | "PS4" if value.contains(['$', '`']) => expanded(value),
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

/// Returns a script in which a text is expanded and nothing else is done, whatever quotes are in it.
fn expanded(text: &str) -> String {
    format!(": <<E\n{text}\nE\n")
}
