//! How a shell reads its own command line: bash, zsh and the shells that go by `sh`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use crate::parse::Dialect;
use crate::resolve::files::is_stdin;

/// Long options that take the next word.
const WITH_VALUE: [&[u8]; 3] = [b"--rcfile", b"--init-file", b"--emulate"];

/// Those of them that name a file with commands.
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
        while let Some(word) = words.get(at) {
            match options.take(word.as_bytes()) {
                Taken::Option { values } => at = (at + 1 + values).min(words.len()),
                Taken::End => {
                    at += 1;
                    break;
                }
                Taken::Operand => break,
            }
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

/// What a word of the command line is.
enum Taken {
    /// An option, with so many further words for its values.
    Option { values: usize },
    /// The end of the options.
    End,
    /// The first operand.
    Operand,
}

impl Options {
    fn take(&mut self, word: &[u8]) -> Taken {
        match word {
            b"-" | b"--" => Taken::End,
            [b'-', b'-', ..] => {
                self.runs_nothing |= NOTHING.contains(&word);
                self.reads_first |= FILE_FIRST.contains(&word);
                Taken::Option { values: usize::from(WITH_VALUE.contains(&word)) }
            }
            [b'-' | b'+', letters @ ..] if !letters.is_empty() => self.cluster(word[0] == b'-', letters),
            _ => Taken::Operand,
        }
    }

    fn cluster(&mut self, sets: bool, letters: &[u8]) -> Taken {
        let mut values = 0;
        for (at, letter) in letters.iter().enumerate() {
            match letter {
                b'c' => self.text |= sets,
                b's' => self.stdin |= sets,
                b'n' | b'D' if self.dialect != Dialect::Zsh => self.runs_nothing |= sets,
                // Zsh takes the rest of the word for the name of the option.
                b'o' if self.dialect == Dialect::Zsh && at + 1 < letters.len() => break,
                b'o' => values += 1,
                b'O' if self.dialect == Dialect::Bash => values += 1,
                _ => {}
            }
        }
        Taken::Option { values }
    }
}
