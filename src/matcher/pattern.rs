//! The text patterns of rules: globs over the whole text, or `~` and a regular expression.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::expression::Expression;
use crate::glob;
use crate::truth::Truth;
use crate::unknown::is_nothing_known;

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
    // Every expression compiles, or its pack would have been refused. One that does not compile all
    // the same must not let anything pass.
    match found_in(expression, text) {
        Some(true) => Truth::Certain,
        Some(false) => Truth::No,
        None => Truth::Possible,
    }
}

/// Returns whether `expression` is found in `text`, if it is an expression.
///
/// A compiled expression is kept: a command has many words, and compiling costs a thousand times as
/// much as looking.
fn found_in(expression: &str, text: &str) -> Option<bool> {
    thread_local!(static COMPILED: RefCell<HashMap<String, Expression>> = RefCell::default());
    COMPILED.with_borrow_mut(|compiled| {
        if let Some(known) = compiled.get(expression) {
            return Some(known.is_in(text));
        }
        let new = Expression::new(expression).ok()?;
        let found = new.is_in(text);
        compiled.insert(expression.to_owned(), new);
        Some(found)
    })
}
