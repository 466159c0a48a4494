//! What a shell does itself: directories, variables, `eval`, `source`, `trap`, aliases.

use super::files::Content;
use super::state::{Shell, Value};
use super::walk::Walker;
use crate::parse::gap::GapKind;
use crate::parse::script::{Part, Word};
use crate::place::path::{Rest, target};
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_known};

impl Walker<'_> {
    /// Handles `export NAME=value` and its kin, whose values are not split.
    pub(super) fn declaration(&mut self, words: &[Word], shell: &mut Shell) -> Option<String> {
        let [first, rest @ ..] = words else { return None };
        let [Part::Text { text: name, .. }] = first.parts.as_slice() else { return None };
        if !matches!(name.as_str(), "export" | "declare" | "typeset" | "local" | "readonly") {
            return None;
        }
        let mut exports = name == "export";
        for word in rest {
            let text = self.text(word, shell);
            if text.starts_with('-') {
                exports |= name != "export" && text.contains('x');
                continue;
            }
            let variable = match text.split_once('=') {
                Some((variable, value)) => {
                    shell.set(variable, value);
                    variable
                }
                None => text.as_str(),
            };
            if exports {
                shell.export(variable);
            }
        }
        Some(String::new())
    }

    /// Runs a builtin; `None` where `name` is none.
    pub(super) fn builtin(
        &mut self,
        name: &str,
        words: &[String],
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> Option<String> {
        let rest = &words[1..];
        match name {
            ":" | "true" | "false" | "test" | "[" | "wait" | "jobs" | "fg" | "bg" | "shopt" | "ulimit"
            | "umask" | "let" | "getopts" | "hash" | "disown" | "times" | "break" | "continue" | "return"
            | "exit" | "logout" | "complete" | "compgen" | "bind" | "enable" | "setopt" | "unsetopt"
            | "autoload" | "zmodload" | "rehash" => {}
            "cd" | "chdir" => change_directory(rest, shell, self),
            "pushd" => {
                let here = shell.site.clone();
                shell.directories.push(here);
                change_directory(rest, shell, self);
            }
            "popd" => match shell.directories.pop() {
                Some(site) => shell.site = site,
                None => shell.site.cwd = None,
            },
            "set" => set(rest, shell),
            "shift" => {
                let by = rest.first().and_then(|n| n.parse().ok()).unwrap_or(1);
                shell.arguments.drain(..shell.arguments.len().min(by));
            }
            "unset" => {
                for variable in rest.iter().filter(|word| !word.starts_with('-')) {
                    shell.variables.insert(variable.clone(), Value::Unset);
                    shell.functions.remove(variable);
                }
            }
            "read" => {
                let names: Vec<String> = rest.iter().filter(|word| !word.starts_with('-')).cloned().collect();
                match stdin {
                    Some(text) => read_into(&names, text.lines().next().unwrap_or_default(), shell),
                    None => names.iter().for_each(|name| shell.set_unknown(name)),
                }
            }
            "mapfile" | "readarray" => {
                let lines = stdin.map(|text| text.lines().map(str::to_owned).collect());
                let lines = lines.unwrap_or_else(|| vec![UNKNOWN.to_string()]);
                if let Some(variable) = rest.iter().rfind(|word| !word.starts_with('-')) {
                    shell.variables.insert(variable.clone(), Value::Array(lines));
                }
            }
            "alias" => {
                for definition in rest {
                    if let Some((alias, text)) = definition.split_once('=') {
                        shell.aliases.insert(alias.to_owned(), text.to_owned());
                    }
                }
            }
            "unalias" => rest.iter().for_each(|alias| drop(shell.aliases.remove(alias))),
            "eval" => {
                let text = rest.join(" ");
                if !text.trim().is_empty() {
                    return Some(self.deeper("eval", |walker| walker.shell_text(&text, shell, stdin)));
                }
            }
            "source" | "." => return Some(self.source(rest, shell, stdin)),
            "exec" => {
                let inner = after_options(rest, &["-a"]);
                if !inner.is_empty() {
                    return Some(self.run(inner.to_vec(), Vec::new(), shell, stdin));
                }
            }
            "builtin" => return Some(self.run(rest.to_vec(), Vec::new(), shell, stdin)),
            "noglob" | "nocorrect" | "-" => return Some(self.run(rest.to_vec(), Vec::new(), shell, stdin)),
            "command" => {
                // `command -v rm` only looks a name up.
                if rest.first().is_some_and(|word| word.starts_with('-') && word.contains(['v', 'V'])) {
                    return Some(rest.get(1).cloned().unwrap_or_default() + "\n");
                }
                let inner = after_options(rest, &[]);
                let mut plain = shell.clone();
                plain.functions.clear();
                plain.aliases.clear();
                return Some(self.run(inner.to_vec(), Vec::new(), &mut plain, stdin));
            }
            "trap" => {
                if let Some(text) =
                    after_options(rest, &[]).first().filter(|text| !text.is_empty() && *text != "-")
                {
                    let text = text.clone();
                    self.deeper("trap", |walker| walker.shell_text(&text, &mut shell.clone(), None));
                }
            }
            "printf" if rest.first().is_some_and(|word| word == "-v") => {
                let text = super::outputs::printf(rest.get(2..).unwrap_or_default());
                if let Some(variable) = rest.get(1) {
                    shell.set(variable, text);
                }
            }
            _ => return None,
        }
        Some(String::new())
    }

    fn source(&mut self, words: &[String], shell: &mut Shell, stdin: Option<&str>) -> String {
        let Some(path) = words.first() else { return String::new() };
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
            Content::Missing => String::new(),
            Content::Unknown(reason) => {
                self.gap(GapKind::File, format!("source {path}: the file {reason}"));
                UNKNOWN_WORDS.to_string()
            }
        }
    }
}

/// Skips options, and the values of those in `with_value`.
fn after_options<'a>(words: &'a [String], with_value: &[&str]) -> &'a [String] {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') || word.len() < 2 {
            break;
        }
        at += if with_value.contains(&word.as_str()) { 2 } else { 1 };
    }
    words.get(at..).unwrap_or_default()
}

fn change_directory(words: &[String], shell: &mut Shell, walker: &Walker<'_>) {
    if shell.site.elsewhere {
        return;
    }
    let to = match after_options(words, &[]).first().map(String::as_str) {
        None => "~",
        Some("-") => {
            shell.site.cwd = None;
            return;
        }
        Some(to) => to,
    };
    let found = target(to, &shell.site, walker.place);
    shell.site.cwd = if found.rest == Rest::Known { found.base } else { None };
}

fn set(words: &[String], shell: &mut Shell) {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "--" => {
                shell.arguments = words[at + 1..].to_vec();
                return;
            }
            "-o" | "+o" => at += 2,
            option if option.starts_with(['-', '+']) && option.len() > 1 => at += 1,
            _ => {
                shell.arguments = words[at..].to_vec();
                return;
            }
        }
    }
}

/// Spreads a line over variables as `read` does: the last takes the rest.
pub(super) fn read_into(names: &[String], line: &str, shell: &mut Shell) {
    if names.is_empty() {
        shell.set("REPLY", line);
    }
    if !is_known(line) {
        names.iter().for_each(|name| shell.set_unknown(name));
        return;
    }
    let mut rest = line.trim();
    for (at, name) in names.iter().enumerate() {
        let (word, more) = match rest.split_once(char::is_whitespace) {
            Some((word, more)) if at + 1 < names.len() => (word, more.trim_start()),
            _ => (rest, ""),
        };
        shell.set(name, word);
        rest = more;
    }
}
