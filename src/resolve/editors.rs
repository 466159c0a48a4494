//! What an editor is told to do on its command line: `vim -c '!program' file`, `ed file <<< '1,$d'`.
//!
//! The commands are those of `ex`, which `ed` and `vim` share as far as it matters here: shell commands,
//! functions that run or delete something, code in other languages, and files that lose their lines.
//! Documented at <https://vimhelp.org/>.

use std::collections::BTreeSet;

use super::action::{Effect, FileWrite};
use super::code::Language;
use super::files::Content;
use super::invocation::Invocation;
use super::state::Shell;
use super::walk::Walker;
use crate::parse::gap::GapKind;

/// How many commands are read.
const MOST: usize = 256;

/// Commands that run code of another language, by their beginnings.
const LANGUAGES: &[(&str, Language)] = &[
    ("lua ", Language::Lua),
    ("py3 ", Language::Python),
    ("python3 ", Language::Python),
    ("python ", Language::Python),
    ("perl ", Language::Perl),
    ("ruby ", Language::Ruby),
];

/// Follows what an editor is told by options, by `+command` and, for those that read it, on standard
/// input.
pub(super) fn edit(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &mut Shell) -> Option<String> {
    let Invocation { line, reading, .. } = call;
    let operands = || reading.operands.iter().map(|operand| operand.text.as_str());
    let reads = line.program == "ed" || reading.has("silent");
    let told = reading.values("command").chain(operands().filter_map(|word| word.strip_prefix('+')));
    let told: Vec<String> = told.chain(call.stdin().filter(|_| reads)).map(str::to_owned).collect();
    let scripts: Vec<String> = reading.values("script").map(str::to_owned).collect();
    let texts = walker.with_sourced(told, scripts, shell);
    let mut empties = false;
    for text in &texts {
        for command in commands(text) {
            empties |= is_all_deleted(command);
            follow(walker, command, shell);
        }
    }
    if empties {
        for path in operands().filter(|word| !word.starts_with('+')).map(str::to_owned) {
            let write = FileWrite { path, replaces: true, empties: true, ..FileWrite::default() };
            walker.act(Effect::Write(write), shell);
        }
    }
    None
}

impl Walker<'_> {
    /// Returns texts of commands with those in files: in `scripts`, and in what any of them sources.
    fn with_sourced(
        &mut self,
        mut texts: Vec<String>,
        mut scripts: Vec<String>,
        shell: &Shell,
    ) -> Vec<String> {
        let mut known = BTreeSet::new();
        let mut looked = 0;
        loop {
            let sourced = texts[looked..].iter().flat_map(|text| commands(text)).filter_map(sourced);
            scripts.extend(sourced.map(str::to_owned));
            looked = texts.len();
            for path in std::mem::take(&mut scripts) {
                if known.insert(path.clone()) {
                    texts.extend(self.script_of_editor(&path, shell));
                }
            }
            if looked == texts.len() {
                return texts;
            }
        }
    }

    /// Returns the commands in a file that an editor is told to read, where there is one.
    fn script_of_editor(&mut self, path: &str, shell: &Shell) -> Option<String> {
        match self.files.read(path, &shell.site, self.place) {
            Content::Text(text) => Some(text),
            Content::Missing | Content::Directory => None,
            Content::Unknown(reason) => {
                self.gap(GapKind::File, format!("{path}: the file {reason}"));
                None
            }
        }
    }
}

/// Returns the file whose commands a command runs: `source x.vim`.
fn sourced(command: &str) -> Option<&str> {
    let (name, path) = bare(command).split_once(' ')?;
    let name = name.trim_end_matches('!');
    let is_source = name.len() >= 2 && ["source", "runtime"].iter().any(|whole| whole.starts_with(name));
    is_source.then(|| path.trim())
}

/// Returns a command without what may stand before any.
fn bare(command: &str) -> &str {
    let command = command.trim_start_matches([':', ' ', '\t']);
    let end = command.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(command.len());
    let (word, rest) = command.split_at(end);
    let is_silent = word.len() >= 3 && "silent".starts_with(word);
    if is_silent {
        rest.strip_prefix('!').unwrap_or(rest).trim_start_matches([':', ' ', '\t'])
    } else {
        command
    }
}

/// Splits text into commands. A shell command takes the rest of its line.
fn commands(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    for line in text.lines().take(MOST) {
        let shell = line.find('!').unwrap_or(line.len());
        let (before, rest) = line.split_at(shell);
        match before.rfind('|') {
            Some(bar) => all.extend(before[..bar].split('|').chain([&line[bar + 1..]])),
            None if rest.is_empty() => all.extend(before.split('|')),
            None => all.push(line),
        }
    }
    all
}

/// Returns whether a command deletes every line.
fn is_all_deleted(command: &str) -> bool {
    let bare: String = command.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    matches!(bare.as_str(), "%d" | "1,$d" | ",d" | "%delete" | "1,$delete" | "%d_" | "ggdG")
}

/// Follows one command.
fn follow(walker: &mut Walker<'_>, command: &str, shell: &Shell) {
    let command = bare(command);
    let mut inner = shell.clone();
    if let Some((_, code)) = command.split_once('!').filter(|(range, _)| runs_behind(range)) {
        walker.deeper("editor", |walker| walker.shell_text(code, &mut inner, None));
    } else if let Some((word, language)) = LANGUAGES.iter().find(|(word, _)| command.starts_with(word)) {
        walker.deeper("editor", |walker| walker.code(&command[word.len()..], *language, &[], &mut inner));
    } else if let Some(text) = argument(command, "system(").or_else(|| argument(command, "systemlist(")) {
        walker.deeper("editor", |walker| walker.shell_text(text, &mut inner, None));
    } else if let Some(path) = argument(command, "delete(") {
        let words = ["rm", "-r", "--", path].map(str::to_owned).to_vec();
        walker.deeper("editor", |walker| walker.run(words, Vec::new(), &mut inner, None));
    }
}

/// Returns whether a `!` behind this is a shell command, and no emphasis (`wq!`).
fn runs_behind(range: &str) -> bool {
    let range = range.trim_end();
    matches!(range, "" | "r" | "read" | "w" | "write" | "term" | "terminal")
        || range.chars().all(|c| c.is_ascii_digit() || matches!(c, '%' | ',' | '$' | '.' | '\'' | '<' | '>'))
}

/// Returns the first argument, a string, of the function that `call` begins a call of.
fn argument<'c>(command: &'c str, call: &str) -> Option<&'c str> {
    let (_, rest) = command.split_once(call)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_parted() {
        assert_eq!(commands("%d|wq"), ["%d", "wq"]);
        assert_eq!(commands("!a | b"), ["!a | b"]);
        assert_eq!(commands("%d | !a | b"), ["%d ", " !a | b"]);
        assert_eq!(commands("1,$d\nw"), ["1,$d", "w"]);
    }

    #[test]
    fn files_of_commands() {
        assert_eq!(sourced(":so x.vim"), Some("x.vim"));
        assert_eq!(sourced("source! x.vim "), Some("x.vim"));
        assert_eq!(sourced("silent! sou x.vim"), Some("x.vim"));
        assert_eq!(sourced("some x.vim"), None);
        assert_eq!(sourced("s x.vim"), None);
    }

    #[test]
    fn emphasis_runs_nothing() {
        assert!(!runs_behind("wq") && !runs_behind("q") && !runs_behind("e"));
        assert!(runs_behind("%") && runs_behind("r ") && runs_behind("") && runs_behind("1,$"));
    }

    #[test]
    fn arguments_of_functions() {
        assert_eq!(argument("call system(\"rm x\")", "system("), Some("rm x"));
        assert_eq!(argument("call delete('/x', 'rf')", "delete("), Some("/x"));
        assert_eq!(argument("call system(x)", "system("), None);
    }
}
