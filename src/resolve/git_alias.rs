//! Git's aliases: what the configuration in force makes of `git NAME`.
//!
//! The repository's own file counts before the person's. Files that a configuration includes are not read.

use super::command_line::Reading;
use super::files::Content;
use super::invocation::Invocation;
use super::scripts::Script;
use super::state::Shell;
use super::walk::Walker;
use crate::place::git_config;
use crate::unknown::is_known;

/// Commands that have been git's own for long, which no alias can replace: for these no file is read.
/// A grammar knows others; what both lack is looked up, and found to be no alias.
#[rustfmt::skip]
const OWN: &[&str] = &[
    "add", "am", "apply", "archive", "bisect", "blame", "branch", "cat-file", "check-ignore", "checkout",
    "cherry-pick", "clone", "commit", "describe", "diff", "diff-tree", "fetch", "for-each-ref", "format-patch", "fsck",
    "grep", "hash-object", "help", "init", "log", "ls-files", "ls-remote", "ls-tree", "merge", "merge-base", "mv",
    "name-rev", "notes", "pull", "push", "rebase", "reflog", "remote", "rev-list", "rev-parse", "revert", "rm",
    "shortlog", "show", "show-ref", "stash", "status", "submodule", "symbolic-ref", "tag", "var", "verify-commit",
    "version", "whatchanged", "worktree", "write-tree",
];

/// Settings that are commands, in lower case.
const COMMANDS: &[&str] = &[
    "core.alternaterefscommand",
    "core.askpass",
    "core.editor",
    "core.fsmonitor",
    "core.gitproxy",
    "core.pager",
    "core.sshcommand",
    "diff.external",
    "gpg.program",
    "imap.tunnel",
    "interactive.difffilter",
    "sendemail.sendmailcmd",
    "sequence.editor",
    "uploadpack.packobjectshook",
];

/// Settings of something that has a name of its own: the section, and what is a command in it.
const NAMED: &[(&str, &[&str])] = &[
    ("browser", &["cmd"]),
    ("diff", &["command", "textconv"]),
    ("difftool", &["cmd"]),
    ("filter", &["clean", "smudge", "process"]),
    ("gpg", &["program"]),
    ("guitool", &["cmd"]),
    ("man", &["cmd"]),
    ("merge", &["driver"]),
    ("mergetool", &["cmd"]),
    ("remote", &["receivepack", "uploadpack"]),
    ("tar", &["command"]),
    ("trailer", &["cmd", "command"]),
];

/// The hooks that commands run; any command may run that of the references which it moves.
const HOOKS: &[(&str, &[&str])] = &[
    ("commit", &["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"]),
    ("merge", &["pre-merge-commit", "commit-msg", "post-merge"]),
    ("pull", &["pre-merge-commit", "post-merge"]),
    ("rebase", &["pre-rebase", "post-rewrite"]),
    ("push", &["pre-push"]),
    ("checkout", &["post-checkout"]),
    ("switch", &["post-checkout"]),
    ("am", &["applypatch-msg", "pre-applypatch", "post-applypatch"]),
];

/// Returns whether a setting is a command that git runs.
pub(super) fn is_command(key: &str) -> bool {
    let name = key.to_lowercase();
    let named = || {
        let (section, rest) = name.split_once('.')?;
        let (_, own) = rest.rsplit_once('.')?;
        NAMED.iter().find(|(known, _)| *known == section).map(|(_, commands)| commands.contains(&own))
    };
    COMMANDS.contains(&name.as_str()) || named().unwrap_or(false)
}

/// Follows the hooks that a command runs from a directory.
pub(super) fn hooks(walker: &mut Walker<'_>, reading: &Reading, directory: &str, shell: &Shell) {
    let Some(command) = reading.operands.first() else { return };
    let own = HOOKS.iter().find(|(name, _)| *name == command.text).map_or(&[][..], |(_, hooks)| hooks);
    for hook in own.iter().chain(&["reference-transaction"]) {
        let path = &format!("{directory}/{hook}");
        walker.own_script(Script::started(path, &[], None), &mut shell.clone());
    }
}

/// Runs the alias that a command line names, if it names one.
pub(super) fn run(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &Shell) {
    let Invocation { line, reading, .. } = call;
    let Some(name) = reading.operands.first().filter(|name| is_known(&name.text)) else { return };
    if name.text == "config" {
        return set(walker, reading, shell);
    }
    let in_grammar = |name| line.grammar.as_ref().is_some_and(|git| git.commands.contains_key(name));
    if OWN.binary_search(&name.text.as_str()).is_ok() || in_grammar(&name.text) {
        return;
    }
    let Some(value) = files(reading).iter().find_map(|file| look_up(walker, file, &name.text, shell)) else {
        return;
    };
    let rest: Vec<String> =
        call.words_behind(name).iter().map(|word| shell_words::quote(word).into_owned()).collect();
    let text = match value.strip_prefix('!') {
        Some(command) => format!("{command} {}", rest.join(" ")),
        None => format!("git {value} {}", rest.join(" ")),
    };
    let mut inner = shell.child(crate::parse::Dialect::Posix, Vec::new());
    walker.deeper(format!("git alias {}", name.text), |walker| walker.shell_text(&text, &mut inner, None));
}

/// `git config [--global] alias.NAME VALUE`: remembers it for what follows in the same command.
fn set(walker: &mut Walker<'_>, reading: &Reading, shell: &Shell) {
    let words: Vec<&str> = reading.operands.iter().skip(1).map(|operand| operand.text.as_str()).collect();
    let words = words.strip_prefix(&["set"]).unwrap_or(&words);
    let [key, value] = words else { return };
    if is_command(key) && is_known(value) {
        let label = format!("git config {key}");
        walker.deeper(label, |walker| walker.shell_text(value, &mut shell.clone(), None));
    }
    let Some(name) = key.strip_prefix("alias.") else { return };
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    let text = format!("\n[alias]\n{name} = \"{value}\"\n");
    for file in files(reading) {
        walker.files.append(&file, &text, &shell.site, walker.place);
    }
}

/// The files in which aliases may stand.
fn files(reading: &Reading) -> Vec<String> {
    let directory =
        reading.values("directory").last().map_or("", |directory| directory).trim_end_matches('/');
    let own =
        if directory.is_empty() { ".git/config".to_owned() } else { format!("{directory}/.git/config") };
    vec![own, "~/.gitconfig".to_owned(), "~/.config/git/config".to_owned()]
}

/// Returns what an alias stands for in one file.
fn look_up(walker: &mut Walker<'_>, file: &str, name: &str, shell: &Shell) -> Option<String> {
    let Content::Text(text) = walker.files.read(file, &shell.site, walker.place) else { return None };
    git_config::value(&text, "alias", name)
}

#[cfg(test)]
mod tests {
    use super::OWN;

    #[test]
    fn the_commands_are_sorted_as_they_are_searched() {
        assert!(OWN.is_sorted());
    }
}
