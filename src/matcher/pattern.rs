//! The text patterns of rules: globs over the whole text, or `~` and a regular expression.

use regex::RegexBuilder;

use crate::glob;
use crate::truth::Truth;
use crate::unknown::{is_known, is_nothing_known};

/// How large a compiled expression may get, in bytes.
const LARGEST: usize = 1 << 20;

/// Returns whether `text` matches one of `patterns`.
pub(super) fn any(patterns: &[String], text: &str) -> Truth {
    patterns.iter().fold(Truth::No, |found, pattern| found.or(one(pattern, text)))
}

/// Returns whether `text` matches a pattern.
pub(super) fn one(pattern: &str, text: &str) -> Truth {
    let Some(expression) = pattern.strip_prefix('~') else { return glob::matches(pattern, text) };
    if is_nothing_known(text) {
        return Truth::Possible;
    }
    // Every built-in expression compiles, which a test holds; a pack's own is checked when it is
    // read. One that does not compile all the same must not let anything pass.
    let Ok(compiled) = RegexBuilder::new(expression).size_limit(LARGEST).build() else {
        return Truth::Possible;
    };
    if compiled.is_match(text) {
        return Truth::Certain;
    }
    let _ = is_known(text);
    Truth::No
}
