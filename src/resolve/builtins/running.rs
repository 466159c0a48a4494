//! The builtins that run what their words say: `eval`, `source`, `exec`, `command`, `trap`.

use super::{after_options, is_start_up, names_what_is_unset};
use crate::parse::Dialect;
use crate::parse::gap::GapKind;
use crate::resolve::files::Content;
use crate::resolve::state::Shell;
use crate::resolve::walk::Walker;
use crate::unknown::UNKNOWN_WORDS;

impl Walker<'_> {
    /// Runs a builtin that runs its words; `None` where `name` is none.
    pub(super) fn runs_its_words(
        &mut self,
        name: &str,
        words: &[String],
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        let printed = match name {
            "eval" => {
                let text = words.join(" ");
                if text.trim().is_empty() {
                    return Some(String::new());
                }
                self.deeper("eval", |walker| walker.shell_text(&text, shell, stdin))
            }
            "source" | "." => self.source(words, shell, stdin),
            "exec" => {
                let inner = after_options(words, &["-a"]);
                if inner.is_empty() {
                    return Some(String::new());
                }
                let run = if shell.dialect == Dialect::Zsh { Self::run } else { Self::plain };
                run(self, inner.to_vec(), Vec::new(), shell, stdin)
            }
            "builtin" => self.plain(words.to_vec(), Vec::new(), shell, stdin),
            "noglob" | "nocorrect" | "-" => self.run(words.to_vec(), Vec::new(), shell, stdin),
            "command" => self.named_command(words, shell, stdin),
            // `emulate sh -c text`
            "emulate" => {
                let text = words.iter().position(|word| word == "-c").and_then(|at| words.get(at + 1));
                let Some(text) = text else { return Some(String::new()) };
                self.deeper(name, |walker| walker.shell_text(text, shell, stdin))
            }
            _ => return None,
        };
        Some(printed)
    }

    fn named_command(&mut self, words: &[String], shell: &mut Shell, stdin: Option<&str>) -> String {
        // `command -v rm` only looks a name up.
        if words.first().is_some_and(|word| word.starts_with('-') && word.contains(['v', 'V'])) {
            return words[1..].iter().map(|name| self.place.program(name) + "\n").collect();
        }
        let inner = after_options(words, &[]).to_vec();
        if shell.dialect == Dialect::Zsh {
            // There it runs programs only, if there is one of that name.
            return self.plain(inner, Vec::new(), &mut shell.for_programs(), stdin);
        }
        self.plain(inner, Vec::new(), shell, stdin)
    }

    /// Reads what a signal, or the end, makes the shell run.
    pub(super) fn trap(&mut self, words: &[String], shell: &Shell) {
        let Some(text) = after_options(words, &[]).first() else { return };
        if text.is_empty() || text == "-" {
            return;
        }
        // `trap 'rm -r "$directory"' EXIT; directory=$(mktemp -d)`
        let at_exit = words.iter().any(|signal| signal == "EXIT" || signal == "0");
        if at_exit && names_what_is_unset(text, shell, self.place) {
            self.at_exit.push(text.clone());
        } else {
            self.deeper("trap", |walker| walker.shell_text(text, &mut shell.clone(), None));
        }
    }

    fn source(&mut self, words: &[String], shell: &mut Shell, stdin: Option<&str>) -> String {
        let Some(path) = words.first() else { return String::new() };
        if let Some(text) = stdin.filter(|_| crate::resolve::runs::is_stdin(path)) {
            return self.deeper("source", |walker| walker.shell_text(text, shell, None));
        }
        match self.files.read(path, &shell.site, self.place) {
            Content::Text(text) => {
                let saved =
                    (words.len() > 1).then(|| std::mem::replace(&mut shell.arguments, words[1..].to_vec()));
                let output =
                    self.deeper(format!("source {path}"), |walker| walker.shell_text(&text, shell, stdin));
                if let Some(saved) = saved {
                    shell.arguments = saved;
                }
                output
            }
            Content::Missing | Content::Directory => String::new(),
            Content::Unknown(_) if is_start_up(path) => String::new(),
            Content::Unknown(reason) => {
                self.gap(GapKind::File, format!("source {path}: the file {reason}"));
                UNKNOWN_WORDS.to_string()
            }
        }
    }
}
