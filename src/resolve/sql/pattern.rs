//! Patterns of statements, such as `DROP DATABASE` and `ALTER TABLE … DROP COLUMN`.

use std::fmt;

use super::token::Tokens;
use super::{name, words};
use crate::unknown::is_mark;

/// A sequence of words that a statement begins with; `…` stands for any tokens between, `A|B` for
/// either word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlPattern {
    /// The runs of words between the gaps.
    runs: Vec<Vec<Choice>>,
}

/// One place in a pattern, and the words that may stand there, in upper case.
type Choice = Vec<String>;

/// How surely a statement is what a pattern describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// An unknown stretch stands where words of the pattern would.
    Possible,
    /// All words of the pattern are there.
    Certain,
}

impl SqlPattern {
    /// Parses a pattern; a gap is written `…` or `...`.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with a pattern that is empty, or that begins or ends with a gap.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let spaced = text.replace("...", "…").replace('…', " … ");
        let mut runs = vec![Vec::new()];
        for word in spaced.split_whitespace() {
            match runs.last_mut() {
                Some(run) if word != "…" => run.push(choice(word)),
                _ => runs.push(Vec::new()),
            }
        }
        if runs.iter().any(Vec::is_empty) || runs.iter().flatten().flatten().any(String::is_empty) {
            return Err("a SQL pattern is words, with gaps only between words");
        }
        Ok(Self { runs })
    }

    /// Fits the pattern to a statement; `objects_end` is where the names of its objects end.
    pub(super) fn fit(&self, tokens: Tokens, objects_end: usize) -> Option<Fit> {
        let (mut at, mut fit) = run(tokens, 0, &self.runs[0])?;
        if self.runs.len() == 1 && at > 1 && name::is_compound(tokens, at - 1) {
            // `DROP DATABASE LINK x` drops no database.
            return None;
        }
        for words in &self.runs[1..] {
            let (end, found) = (at..tokens.len()).find_map(|start| {
                if tokens.is(start - 1, "ON") {
                    // `ON DELETE CASCADE` is a part of a foreign key, not what is done.
                    return None;
                }
                // Beyond a gap a mark could stand for anything; right after the names it is the action.
                let (end, found) = run(tokens, start, words)?;
                (found == Fit::Certain || start == objects_end).then_some((end, found))
            })?;
            (at, fit) = (end, fit.min(found));
        }
        Some(fit)
    }
}

impl fmt::Display for SqlPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let run = |run: &Vec<Choice>| run.iter().map(|words| words.join("|")).collect::<Vec<_>>().join(" ");
        let runs: Vec<String> = self.runs.iter().map(run).collect();
        out.write_str(&runs.join(" … "))
    }
}

fn choice(words: &str) -> Choice {
    words.split('|').map(str::to_ascii_uppercase).collect()
}

/// Fits words to the tokens from `start` on, and returns where they end.
fn run(tokens: Tokens, start: usize, words: &[Choice]) -> Option<(usize, Fit)> {
    let mut at = start;
    let mut fit = Fit::Certain;
    for (index, choice) in words.iter().enumerate() {
        let stands = |at: usize| choice.iter().any(|word| is_same(tokens, at, word));
        if index > 0 && !stands(at) {
            at = name::skip_noise(tokens, at);
        }
        if stands(at) {
            at += 1;
        } else if index > 0 && choice.iter().any(|word| is_implied(tokens, at, word)) {
            // The word may be left out, and was.
        } else if tokens.is_marked(at) && choice.iter().any(|word| could_be(tokens.word(at), word)) {
            fit = Fit::Possible;
            at += 1;
            if tokens.word(at - 1).chars().all(is_mark) {
                // The mark may stand for all the words that are left.
                return Some((at, fit));
            }
        } else {
            return None;
        }
    }
    Some((at, fit))
}

fn is_same(tokens: Tokens, at: usize, word: &str) -> bool {
    let short = word == "EXEC" || word == "EXECUTE";
    tokens.is(at, word) || (short && tokens.is_any(at, &["EXEC", "EXECUTE"]))
}

/// Returns whether a word of which a stretch is unknown could be `word`.
fn could_be(marked: &str, word: &str) -> bool {
    let head = marked.split(is_mark).next().unwrap_or("").to_ascii_uppercase();
    let tail = marked.rsplit(is_mark).next().unwrap_or("").to_ascii_uppercase();
    word.starts_with(&head) && word.ends_with(&tail)
}

/// Returns whether SQL lets one leave out `word` before the token at `at`.
fn is_implied(tokens: Tokens, at: usize, word: &str) -> bool {
    let before = at.wrapping_sub(1);
    match word {
        "FROM" => tokens.is(before, "DELETE"),
        "TABLE" => {
            let verb = if tokens.is(before, "ONLY") { before.wrapping_sub(1) } else { before };
            tokens.is(verb, "TRUNCATE") && !tokens.is_any(at, &["DATABASE", "SCHEMA", "PARTITION", "CLUSTER"])
        }
        "INTO" => tokens.is_any(before, &["INSERT", "REPLACE", "MERGE"]),
        // `ALTER TABLE t DROP c` drops a column.
        "COLUMN" => {
            let dropped =
                tokens.is(before, "DROP") || (conditional(tokens, at) && tokens.is(before - 2, "DROP"));
            tokens.is(0, "ALTER")
                && dropped
                && !tokens.is_any(at, words::TABLE_PARTS)
                && !tokens.raw(at).is_empty()
        }
        _ => false,
    }
}

/// Returns whether `IF EXISTS` stands right before `at`.
fn conditional(tokens: Tokens, at: usize) -> bool {
    at > 2 && tokens.is(at - 2, "IF") && tokens.is(at - 1, "EXISTS")
}
