//! The terminal tool: guard under a shell's name, as the shell that an agent is given.
//!
//! What reaches it is judged, and then the real shell gets the identical words by `execve`: the same
//! text, options and name. An agent wraps the command it was told to run in a text of its own; where
//! that is exactly one that is known (`unwrap.rs`), what is judged and shown is the command inside,
//! otherwise all of it. A shell that is told its commands on standard input is a `session`.

mod invocation;
pub(super) mod session;
mod unwrap;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use self::invocation::{Invocation, Source};
use self::session::Session;
use super::Door;
use super::exec::Call;
use crate::called::GUARD_SH;
use crate::parse::Dialect;
use crate::proposal::{Form, Origin};
use crate::resolve::zsh::is_told_to_split;

/// The shell that stands behind `guard-sh`.
const USUAL: &str = "bash";

/// Returns the door for guard called as the shell `name`, with these words.
pub(super) fn door(name: &OsStr, words: &[OsString]) -> Door {
    let shell = if name == GUARD_SH { OsStr::new(USUAL) } else { name };
    let rest = words.get(1..).unwrap_or_default();
    let mut carrier = vec![name_for(shell, words.first())];
    carrier.extend(rest.iter().cloned());
    let origin = Origin::Shell { program: shell.to_string_lossy().into_owned() };
    let dialect = dialect(shell);
    let invocation = Invocation::read(rest, dialect);
    // What changes how the text is read is judged with it.
    let reads_otherwise = invocation.reads_first || dialect == Dialect::Zsh && splits(invocation.options);
    let form = match &invocation.source {
        Source::Text { text, arguments: [] } if !reads_otherwise => inside(text, dialect),
        Source::Text { .. } => as_words(shell, rest),
        // An agent may put the shell in front of its text as a program in front of one argument.
        Source::File { script, arguments } if name == GUARD_SH && is_text(script, arguments) => {
            carrier = vec![shell.to_owned(), "-c".into(), (*script).to_owned()];
            inside(script, dialect)
        }
        Source::File { .. } | Source::Nothing => as_words(shell, rest),
        Source::Stdin { arguments } => {
            let first = [shell.to_owned()].into_iter().chain(invocation.options.iter().cloned());
            return Door::Session(Session {
                first: invocation.reads_first.then(|| Form::Argv(first.collect())),
                argv0: carrier[0].clone(),
                options: invocation.options.to_vec(),
                arguments: arguments.to_vec(),
                dialect,
                origin,
            });
        }
    };
    Door::Call(Box::new(Call { origin, carrier: Some(carrier), ..Call::of(form) }))
}

/// Returns what is judged of a text: the command that an agent put into it, or all of it.
fn inside(text: &OsStr, dialect: Dialect) -> Form {
    Form::Shell { text: unwrap::unwrap(text).unwrap_or_else(|| text.to_owned()), dialect }
}

/// Returns whether these options of zsh have it split values into words, as other shells do.
fn splits(options: &[OsString]) -> bool {
    let options: Vec<String> = options.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    is_told_to_split(&options)
}

fn as_words(shell: &OsStr, rest: &[OsString]) -> Form {
    Form::Argv([shell.to_owned()].into_iter().chain(rest.iter().cloned()).collect())
}

/// Returns the name that the real shell is called by: its own, with the `-` of a login shell.
fn name_for(shell: &OsStr, argv0: Option<&OsString>) -> OsString {
    let login = argv0.is_some_and(|name| name.as_bytes().starts_with(b"-"));
    let mut name = OsString::from(if login { "-" } else { "" });
    name.push(shell);
    name
}

/// Returns whether the one word that `guard-sh` was called with is a text and no script's path.
fn is_text(word: &OsStr, arguments: &[OsString]) -> bool {
    arguments.is_empty() && !Path::new(word).exists()
}

fn dialect(shell: &OsStr) -> Dialect {
    match shell.as_bytes() {
        b"sh" | b"dash" | b"ash" => Dialect::Posix,
        b"zsh" | b"rzsh" => Dialect::Zsh,
        _ => Dialect::Bash,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::*;

    /// Returns what is judged and what is executed, a word after the other.
    fn of(name: &str, words: &[&str]) -> (String, Vec<String>) {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        match door(OsStr::new(name), &words) {
            Door::Call(call) => {
                let text = |word: &OsString| word.to_string_lossy().into_owned();
                let judged = match &call.form {
                    Form::Shell { text: command, .. } => format!("text {}", text(command)),
                    Form::Argv(words) => {
                        format!("words {}", words.iter().map(text).collect::<Vec<_>>().join(" "))
                    }
                };
                (judged, call.carrier.iter().flatten().map(text).collect())
            }
            Door::Session(session) => {
                ("session".to_owned(), vec![session.argv0.to_string_lossy().into_owned()])
            }
            _ => panic!("no door of a shell"),
        }
    }

    #[test]
    fn the_text_is_judged_and_the_words_are_executed() {
        let check = |words: &[&str], judged: &str| {
            let mut all = vec!["/home/u/.local/share/guard/shell/bash"];
            all.extend(words);
            let (found, carried) = of("bash", &all);
            assert_eq!(found, judged, "{words:?}");
            assert_eq!(carried, [&["bash"], words].concat(), "{words:?}");
        };
        check(&["-c", "ls -la"], "text ls -la");
        check(&["-lc", "ls"], "text ls");
        check(&["-l", "-c", "ls"], "text ls");
        check(&["-c", "-l", "ls"], "text ls");
        check(&["-ic", "ls"], "text ls");
        check(&["--norc", "--noprofile", "-c", "ls"], "text ls");
        check(&["--rcfile", "/tmp/rc", "-ic", "ls"], "words bash --rcfile /tmp/rc -ic ls");
        check(&["-o", "pipefail", "-c", "ls"], "text ls");
        check(&["-euo", "pipefail", "-c", "ls"], "text ls");
        check(&["+x", "-c", "ls"], "text ls");
        check(&["-c", "--", "ls"], "text ls");
        check(&["-c", "$1", "bash", "ls"], "words bash -c $1 bash ls");
        check(&["clean.sh", "-c", "x"], "words bash clean.sh -c x");
        check(&["--version"], "words bash --version");
        check(&["-c"], "words bash -c");
    }

    #[test]
    fn what_changes_how_a_text_is_read_is_judged_with_it() {
        for options in [&["-y"][..], &["-o", "shwordsplit"], &["-oshwordsplit"], &["--emulate", "sh"]] {
            let words = [&["zsh"], options, &["-c", "ls"]].concat();
            assert_eq!(of("zsh", &words).0, format!("words {}", words.join(" ")));
        }
        assert_eq!(of("zsh", &["zsh", "-o", "nomatch", "-c", "ls"]).0, "text ls");
    }

    #[test]
    fn without_a_command_it_is_a_session() {
        for words in [
            &["bash"][..],
            &["bash", "-i"],
            &["bash", "-s"],
            &["bash", "-s", "a"],
            &["bash", "-l", "-"],
            &["bash", "/dev/stdin"],
        ] {
            assert_eq!(of("bash", words).0, "session", "{words:?}");
        }
        assert_eq!(of("zsh", &["-zsh"]).1, ["-zsh"]);
    }

    #[test]
    fn guard_sh_takes_one_bare_text() {
        let text = "cd /srv && ls";
        assert_eq!(
            of("guard-sh", &["guard-sh", text]),
            (format!("text {text}"), vec!["bash".into(), "-c".into(), text.into()])
        );
        assert_eq!(of("guard-sh", &["guard-sh", "/etc/passwd"]).0, "words bash /etc/passwd");
        assert_eq!(of("guard-sh", &["guard-sh", "-c", "ls"]).0, "text ls");
        // A shell by its own name takes it for a script, as the real one does.
        assert_eq!(of("bash", &["bash", text]).0, format!("words bash {text}"));
    }
}
