//! The options of shells, which other programs' rules do not fit: `-c` takes no value, the text is the first word that
//! is no option (`bash -ce -o pipefail 'text'`), and all behind it are arguments of the text.

use crate::parse::Dialect;

/// Long options that take the next word.
const WITH_VALUE: [&[u8]; 3] = [b"--rcfile", b"--init-file", b"--emulate"];

/// What a word of a shell's command line is, where no operand stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word<'w> {
    /// `-` or `--`, which end the options.
    End,
    /// `--login`, `--rcfile FILE`.
    Long {
        /// How many further words are its value.
        values: usize,
    },
    /// `-ec`, `+x`, `-o pipefail`.
    Letters {
        /// Whether they set options, and do not switch them off.
        sets: bool,
        /// One for each option.
        letters: &'w [u8],
        /// How many further words are their values.
        values: usize,
        /// `oautocd` of zsh's `-coautocd`: what follows the `o` is the option's name.
        named: &'w [u8],
    },
    /// The first operand.
    Operand,
}

impl<'w> Word<'w> {
    /// Reads one word as a shell of this dialect does.
    pub fn read(word: &'w [u8], dialect: Dialect) -> Self {
        match word {
            b"-" | b"--" => Self::End,
            [b'-', b'-', ..] => Self::Long { values: usize::from(WITH_VALUE.contains(&word)) },
            [sign @ (b'-' | b'+'), all @ ..] if !all.is_empty() => {
                let is_zsh = dialect == Dialect::Zsh;
                // zsh takes `-opipefail`, where the others take a value for each `o` among the letters.
                let name =
                    all.iter().position(|letter| *letter == b'o').filter(|at| is_zsh && at + 1 < all.len());
                let (letters, named) = all.split_at(name.unwrap_or(all.len()));
                let takes_value =
                    |letter: &&u8| **letter == b'o' || **letter == b'O' && dialect == Dialect::Bash;
                let values = letters.iter().filter(takes_value).count();
                Self::Letters { sets: *sign == b'-', letters, values, named }
            }
            _ => Self::Operand,
        }
    }
}

/// Returns a shell's words so that they can be read as other programs' are: the options first, `-c` the last of them, and
/// none of those that are switched off (`+e`, `+o history`), for nothing that they do matters here.
pub(super) fn in_order(words: Vec<String>, dialect: Dialect) -> Vec<String> {
    let mut ordered = Vec::with_capacity(words.len() + 1);
    // The letters that stand with `-c`.
    let mut beside: Option<String> = None;
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next_if(|word| Word::read(word.as_bytes(), dialect) != Word::Operand) {
        let values = match Word::read(word.as_bytes(), dialect) {
            Word::End => {
                ordered.extend(beside.is_none().then_some(word));
                break;
            }
            Word::Letters { sets: false, values, .. } => {
                words.by_ref().take(values).for_each(drop);
                continue;
            }
            Word::Letters { letters, values, named, .. } if letters.contains(&b'c') => {
                let text = |letters: &[u8]| String::from_utf8_lossy(letters).into_owned();
                ordered.extend((!named.is_empty()).then(|| format!("-{}", text(named))));
                let letters = text(letters).replace('c', "");
                let (valued, plain): (String, String) = letters.chars().partition(|c| matches!(c, 'o' | 'O'));
                beside.get_or_insert_default().push_str(&plain);
                ordered.extend((!valued.is_empty()).then(|| format!("-{valued}")));
                values
            }
            Word::Long { values } | Word::Letters { values, .. } => {
                ordered.push(word);
                values
            }
            Word::Operand => 0,
        };
        ordered.extend(words.by_ref().take(values));
    }
    if let Some(beside) = beside {
        ordered.push(format!("-{beside}c"));
        ordered.extend(words.next());
        if words.peek().is_some_and(|word| word.starts_with('-')) {
            ordered.push("--".to_owned());
        }
    }
    ordered.extend(words);
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: &str) {
        check_in(Dialect::Bash, words, expected);
    }

    fn check_in(dialect: Dialect, words: &str, expected: &str) {
        let split = words.split(' ').map(str::to_owned).collect();
        assert_eq!(in_order(split, dialect).join(" "), expected, "{words}");
    }

    #[test]
    fn the_text_is_the_first_word_that_is_no_option() {
        check("-c text", "-c text");
        check("-lc text name one", "-lc text name one");
        check("-ce text", "-ec text");
        check("-c -l text", "-l -c text");
        check("-co pipefail text", "-o pipefail -c text");
        check("-c -o pipefail -e text", "-o pipefail -e -c text");
        check("-c +x text", "-c text");
        check("+o history -ec text", "-ec text");
        check("-c -- -text", "-c -text");
        check("--rcfile file -c text", "--rcfile file -c text");
        check("-c text -n", "-c text -- -n");
        check("-c", "-c");
        check("-oc pipefail text", "-o pipefail -c text");
        check_in(Dialect::Zsh, "-oautocd -c text", "-oautocd -c text");
        check_in(Dialect::Zsh, "-coautocd text", "-oautocd -c text");
        check_in(Dialect::Zsh, "-o autocd -c text", "-o autocd -c text");
        check_in(Dialect::Zsh, "-O -c text", "-O -c text");
        check("-O extglob -c text", "-O extglob -c text");
        check("-oOc pipefail extglob text", "-oO pipefail extglob -c text");
    }

    #[test]
    fn other_words_stay() {
        check("-e script -c x", "-e script -c x");
        check("-s argument", "-s argument");
        check("- script", "- script");
        check("-x -- -script", "-x -- -script");
        check("-o errexit script", "-o errexit script");
    }
}
