//! What a shell was told before, as far as it changes what a later command means.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::parse::script::{Command, CommandKind, Part};
use crate::parse::{Dialect, parse};

/// The builtins after which a later command may mean something else. To change the directory is not
/// among them: where the shell is can be seen.
const CHANGING: [&str; 30] = [
    ".",
    "add-zsh-hook",
    "alias",
    "autoload",
    "builtin",
    "command",
    "declare",
    "disable",
    "emulate",
    "enable",
    "eval",
    "export",
    "functions",
    "hash",
    "let",
    "local",
    "mapfile",
    "printf",
    "read",
    "readarray",
    "readonly",
    "set",
    "setopt",
    "shopt",
    "source",
    "trap",
    "typeset",
    "unalias",
    "unfunction",
    "unset",
];

/// The builtins that change the directory.
const MOVING: [&str; 3] = ["cd", "pushd", "popd"];

/// Whether the directory of another process can be seen here.
const SEES_DIRECTORY: bool = cfg!(target_os = "linux");

/// More than a session sets; beyond it nothing more is let through.
const MOST: usize = 48 * 1024;

/// The commands that a shell was told and that changed something.
pub(super) struct Said {
    dialect: Dialect,
    text: Vec<u8>,
}

impl Said {
    pub(super) const fn new(dialect: Dialect) -> Self {
        Self { dialect, text: Vec::new() }
    }

    /// Returns a command with what was said before it, to be judged in its place; `None` if too much was.
    pub(super) fn before(&self, command: &[u8], directory: Option<&Path>) -> Option<Vec<u8>> {
        if self.text.len() > MOST {
            return None;
        }
        let mut text = self.text.clone();
        if let Some(directory) = directory.filter(|_| !text.is_empty()) {
            text.extend([b"cd -- ", quoted(directory.as_os_str().as_bytes()).as_slice(), b"\n"].concat());
        }
        text.extend_from_slice(command);
        Some(text)
    }

    /// Remembers a command that was let through.
    pub(super) fn remember(&mut self, command: &[u8]) {
        let script = parse(&String::from_utf8_lossy(command), self.dialect).script;
        if script.commands.iter().any(changes) {
            self.text.extend_from_slice(command);
            if !command.ends_with(b"\n") {
                self.text.push(b'\n');
            }
        }
    }
}

/// Returns whether a command may change what a later one means. Anything that is more than a program
/// with arguments counts.
fn changes(command: &Command) -> bool {
    match &command.kind {
        CommandKind::Simple { assignments: _, words } => match words.first() {
            Some(word) => match word.parts.as_slice() {
                [Part::Text { text, .. }] => {
                    CHANGING.contains(&text.as_str()) || !SEES_DIRECTORY && MOVING.contains(&text.as_str())
                }
                _ => true,
            },
            None => true,
        },
        CommandKind::Pipeline(parts) | CommandKind::AndOr { parts, .. } => parts.iter().any(changes),
        CommandKind::Test(_) => false,
        _ => true,
    }
}

/// Returns a text in single quotes, as every shell reads it back.
pub(super) fn quoted(text: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for byte in text {
        match byte {
            b'\'' => word.extend_from_slice(b"'\\''"),
            byte => word.push(*byte),
        }
    }
    word.push(b'\'');
    word
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_changes_a_later_command_is_remembered() {
        let check = |command: &str, remembered: bool| {
            let mut said = Said::new(Dialect::Bash);
            said.remember(command.as_bytes());
            assert_eq!(!said.text.is_empty(), remembered, "{command}");
        };
        check("x=/srv/data", true);
        check("export X=1", true);
        check("alias ll='rm -rf'", true);
        check("f() { rm -rf \"$1\"; }", true);
        check(". ./env.sh", true);
        check("ls && x=1", true);
        check("for i in 1 2; do x=$i; done", true);
        check("$prefix x=1", true);
        check("ls -la", false);
        check("git status | head", false);
        check("cd /srv", !SEES_DIRECTORY);
    }

    #[test]
    fn a_command_is_judged_after_what_was_said_and_where_the_shell_is() {
        let mut said = Said::new(Dialect::Bash);
        let before = |said: &Said, command: &str| {
            String::from_utf8(said.before(command.as_bytes(), Some(Path::new("/srv/it's"))).unwrap()).unwrap()
        };
        assert_eq!(before(&said, "ls"), "ls");
        said.remember(b"x=1");
        assert_eq!(before(&said, "rm $x"), "x=1\ncd -- '/srv/it'\\''s'\nrm $x");
        said.remember(format!("y={}", "y".repeat(MOST)).as_bytes());
        assert_eq!(said.before(b"ls", None), None);
    }
}
