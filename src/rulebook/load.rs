//! Reads a pack from YAML, and says exactly what is wrong with one that cannot be read.
//!
//! Reading is strict, because a rule that is silently half read protects nothing: unknown and
//! repeated keys, words that YAML takes for truth values or numbers, tabs, and files that are large,
//! deep or full of aliases are refused.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_saphyr::options::MergeKeyPolicy;
use serde_saphyr::{Error, Location};

use super::format::Pack;
use super::places::{Place, Places};

/// The size in bytes past which a pack is refused.
const MAX_BYTES: usize = 1 << 20;
/// The number of lists and maps within each other past which a pack is refused.
const MAX_DEPTH: usize = 16;

/// Why a pack cannot be used, with the place in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError {
    path: String,
    place: Place,
    message: String,
    line: String,
}

impl std::error::Error for PackError {}

impl PackError {
    /// Returns the file in which the fault is.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Makes an error at `place` of the file at `path` with this `text`.
    pub fn new(path: &str, text: &str, place: Place, message: impl Into<String>) -> Self {
        let line = text.lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
        Self { path: path.to_owned(), place, message: message.into(), line: line.to_owned() }
    }

    /// Makes an error about the whole file.
    pub fn whole(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), place: Place::default(), message: message.into(), line: String::new() }
    }
}

/// Writes `path:line:column: message`, and below it the line with a caret.
impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column, width } = self.place;
        if line == 0 {
            return write!(f, "{}: {}", printable(&self.path), printable(&self.message));
        }
        let (shown, before) = window(&self.line, column.saturating_sub(1));
        let room = shown.chars().count().saturating_sub(before).max(1);
        let margin = " ".repeat(line.to_string().len());
        writeln!(f, "{}:{line}:{column}: {}", printable(&self.path), printable(&self.message))?;
        writeln!(f, "  {line} | {shown}")?;
        write!(f, "  {margin} | {}{}", " ".repeat(before), "^".repeat(width.clamp(1, room)))
    }
}

/// Returns at most 100 characters of `line` around `at`, and where `at` is in them.
fn window(line: &str, at: usize) -> (String, usize) {
    let start = at.saturating_sub(60);
    let shown: String = line.chars().skip(start).take(100).collect();
    (printable(&shown), at - start)
}

/// Returns `text` without characters that could do something to a terminal.
fn printable(text: &str) -> String {
    let harmless =
        |c: char| !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if harmless(c) { c } else { '\u{FFFD}' }).collect()
}

/// Reads a pack; `path` is only for messages.
pub fn read_pack(text: &str, path: &str) -> Result<Pack, PackError> {
    read(text, path)
}

/// Reads a file of data that guard is built from, as strictly as a pack.
pub fn read<T: DeserializeOwned>(text: &str, path: &str) -> Result<T, PackError> {
    if text.len() > MAX_BYTES {
        return Err(PackError::whole(path, "the file is larger than one megabyte"));
    }
    if let Some(place) = tab_in_indentation(text) {
        return Err(PackError::new(path, text, place, "a tab cannot indent YAML; use blanks"));
    }
    let data =
        serde_saphyr::from_str_with_options(text, options()).map_err(|error| explain(&error, path, text))?;
    match Places::of(text).truth_word {
        Some((word, place)) => {
            let message =
                format!("`{word}` is a truth value to some readers of YAML: write true, false or \"{word}\"");
            Err(PackError::new(path, text, place, message))
        }
        None => Ok(data),
    }
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        // Text that looks like a number or a truth value must be quoted.
        no_schema: true,
        reject_unsupported_tags: true,
        with_snippet: false,
        merge_keys: MergeKeyPolicy::Error,
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_documents: 2,
            max_aliases: 100,
            max_anchors: 100,
            max_nodes: 100_000,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 10_000,
            max_replay_stack_depth: 8,
        },
    }
}

fn tab_in_indentation(text: &str) -> Option<Place> {
    text.lines().enumerate().find_map(|(index, line)| {
        let indentation = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let column = indentation.find('\t')? + 1;
        (indentation.len() < line.len()).then_some(Place { line: index + 1, column, width: 1 })
    })
}

/// Puts what the YAML reader says into the words of the manual.
fn explain(error: &Error, path: &str, text: &str) -> PackError {
    let error = error.without_snippet();
    let message = match error {
        Error::SerdeUnknownField { field, expected, .. } => unknown("key", field, expected),
        Error::SerdeUnknownVariant { variant, expected, .. } => unknown("word", variant, expected),
        Error::SerdeMissingField { field, .. } => format!("`{field}` is missing"),
        Error::DuplicateMappingKey { key, .. } => match key {
            Some(key) => format!("`{key}` is given twice"),
            None => "a key is given twice".to_owned(),
        },
        Error::QuotingRequired { value, .. } => {
            format!("`{value}` is not text to YAML: put quotes around it")
        }
        Error::NullIntoString { .. } => "text is missing here".to_owned(),
        Error::SerdeInvalidType { unexpected, expected, .. } => match unexpected.as_str() {
            "unit value" => format!("expected {expected}, found nothing"),
            _ => format!("expected {expected}, found {unexpected}"),
        },
        Error::SerdeInvalidValue { unexpected, expected, .. } => {
            format!("expected {expected}, found {unexpected}")
        }
        Error::Unexpected { expected, .. } => format!("expected {}", plain_kind(expected)),
        Error::ExternallyTaggedEnumExpectedScalarOrMapping { .. } => "expected one word".to_owned(),
        Error::InvalidScalar { ty: "boolean", .. } => "expected true or false".to_owned(),
        Error::InvalidScalar { ty: "u8", .. } => "expected a number from 0 to 255".to_owned(),
        Error::InvalidCharNotSingleScalar { .. } | Error::InvalidCharNull { .. } => {
            "expected one character".to_owned()
        }
        Error::MergeKeyNotAllowed { .. } => "`<<` is not read here: write the keys out".to_owned(),
        Error::UnknownAnchor { .. } => {
            "there is no such anchor; put quotes around text that begins with `*`".to_owned()
        }
        Error::MultipleDocuments { .. } => "a file holds one document: there is a second `---`".to_owned(),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => "aliases stand for too much text".to_owned(),
        Error::Budget { .. } => "the file is too large, too deep or too full of aliases".to_owned(),
        Error::AliasError { error, .. } => return explain(error, path, text),
        other => without_place(&other.to_string()),
    };
    let place = place_of(error);
    let hint = hint(&message, place, text);
    PackError::new(path, text, place, format!("{message}{hint}"))
}

/// Returns the rest of a message for mistakes that YAML explains badly.
fn hint(message: &str, place: Place, text: &str) -> &'static str {
    let line = text.lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
    let first = line.chars().nth(place.column.saturating_sub(1));
    if message.contains("mapping values are not allowed") {
        "; put quotes around text with `: ` in it"
    } else if message.contains("unexpected character") && matches!(first, Some('@' | '`' | '%')) {
        "; put quotes around text that begins with it"
    } else {
        ""
    }
}

fn place_of(error: &Error) -> Place {
    let location = error.location().unwrap_or(Location::UNKNOWN);
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let width = usize::try_from(location.span().len()).unwrap_or(1).max(1);
    Place { line: number(location.line()).max(1), column: number(location.column()).max(1), width }
}

/// Returns `message` without the place that the reader puts at its end.
fn without_place(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(before, _)| before).to_owned()
}

fn plain_kind(expected: &str) -> &str {
    match expected {
        "mapping start" => "a map (`key: value`)",
        "sequence start" => "a list (`- item`)",
        "string scalar" => "text",
        other => other,
    }
}

/// Returns what is said of a key or a word that nobody knows: the one that is most likely meant, or all that are known.
pub fn unknown(what: &str, found: &str, expected: &[&str]) -> String {
    let near = nearest(found, expected).map(|near| format!("; did you mean `{near}`?"));
    let all = || format!("; known are {}", expected.join(", "));
    format!("unknown {what} `{found}`{}", near.unwrap_or_else(all))
}

/// Returns the word of `known` that `found` is most likely a slip of.
pub fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = |word: &&str| distance(found, word);
    let best = known.iter().copied().min_by_key(near)?;
    let contained = |word: &&&str| word.contains(found) || found.contains(**word);
    if near(&best) <= found.chars().count().max(best.chars().count()) / 3 {
        Some(best)
    } else {
        known.iter().filter(|_| found.len() > 3).find(contained).copied()
    }
}

/// Returns how many letters must be put in, taken out, exchanged or swapped to get from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let letters = |text: &str| text.chars().take(64).collect::<Vec<char>>();
    let (a, b) = (letters(a), letters(b));
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
#[path = "load/tests.rs"]
mod tests;
