//! How a shell reads its own command line: bash, zsh and the shells that go by `sh`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use crate::parse::Dialect;
use crate::resolve::files::is_stdin;
use crate::resolve::shell_options::Word;

/// Long options that name a file with commands.
const FILE_FIRST: [&[u8]; 2] = [b"--rcfile", b"--init-file"];

/// Long options after which the shell runs nothing.
const NOTHING: [&[u8]; 3] = [b"--version", b"--help", b"--dump-strings"];

/// A shell's command line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Invocation<'w> {
    /// The words before the first operand.
    pub options: &'w [OsString],
    /// Where its commands come from.
    pub source: Source<'w>,
    /// Whether it is told of a file that it reads first.
    pub reads_first: bool,
}

/// Where a shell's commands come from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source<'w> {
    /// The command line: `-c TEXT [NAME [ARGUMENT…]]`.
    Text { text: &'w OsStr, arguments: &'w [OsString] },
    /// A file.
    File { script: &'w OsStr, arguments: &'w [OsString] },
    /// Standard input.
    Stdin { arguments: &'w [OsString] },
    /// It has none, or only says something about itself.
    Nothing,
}

impl<'w> Invocation<'w> {
    /// Reads the words after a shell's name.
    pub(super) fn read(words: &'w [OsString], dialect: Dialect) -> Self {
        let mut options = Options { dialect, ..Options::default() };
        let mut at = 0;
        while let Some(word) = words.get(at).map(|word| word.as_bytes()) {
            let values = match Word::read(word, dialect) {
                Word::Operand => break,
                Word::End => {
                    at += 1;
                    break;
                }
                Word::Long { values } => {
                    options.runs_nothing |= NOTHING.contains(&word);
                    options.reads_first |= FILE_FIRST.contains(&word);
                    values
                }
                Word::Letters { sets, letters, values, .. } => {
                    letters.iter().filter(|_| sets).for_each(|letter| options.set(*letter));
                    values
                }
            };
            at = (at + 1 + values).min(words.len());
        }
        let (before, operands) = words.split_at(at);
        let source = match operands.split_first() {
            _ if options.runs_nothing => Source::Nothing,
            Some((text, arguments)) if options.text => Source::Text { text, arguments },
            None if options.text => Source::Nothing,
            _ if options.stdin => Source::Stdin { arguments: operands },
            Some((script, arguments)) if script.to_str().is_some_and(is_stdin) => Source::Stdin { arguments },
            Some((script, arguments)) => Source::File { script, arguments },
            None => Source::Stdin { arguments: &[] },
        };
        Self { options: before, source, reads_first: options.reads_first }
    }
}

/// The options that were met.
#[derive(Default)]
struct Options {
    dialect: Dialect,
    text: bool,
    stdin: bool,
    runs_nothing: bool,
    reads_first: bool,
}

impl Options {
    fn set(&mut self, letter: u8) {
        match letter {
            b'c' => self.text = true,
            b's' => self.stdin = true,
            b'n' | b'D' if self.dialect != Dialect::Zsh => self.runs_nothing = true,
            _ => {}
        }
    }
}
