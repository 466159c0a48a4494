//! Clauses about SQL statements.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{Captures, Subject, pattern};
use crate::resolve::sql::{Filter, Fit, SqlPattern, Statement};
use crate::rulebook::format::SqlClause;
use crate::truth::Truth;

/// Patterns of statements, each read once: a script may have thousands of statements.
#[derive(Default)]
pub(super) struct Patterns(RefCell<HashMap<String, Option<SqlPattern>>>);

impl Patterns {
    /// Returns how a statement fits a pattern.
    fn fit(&self, wanted: &str, statement: &Statement) -> Option<Fit> {
        let mut known = self.0.borrow_mut();
        if !known.contains_key(wanted) {
            known.insert(wanted.to_owned(), SqlPattern::parse(wanted).ok());
        }
        statement.fits(known.get(wanted)?.as_ref()?)
    }
}

/// Returns whether a clause holds for a statement.
pub(super) fn holds(
    clause: &SqlClause,
    statement: &Statement,
    subject: &Subject<'_>,
    captures: &mut Captures,
) -> Truth {
    if statement.rolled_back {
        return Truth::No;
    }
    let fits = |wanted: &String| subject.patterns.fit(wanted, statement);
    let mut found = match clause.statement.iter().filter_map(fits).max() {
        Some(Fit::Certain) => Truth::Certain,
        Some(Fit::Possible) => Truth::Possible,
        None => return Truth::No,
    };
    if statement.temporary || clause.unfiltered && statement.filter == Filter::Some {
        return Truth::No;
    }
    if !clause.object.is_empty() {
        found = found.and(pattern::any(&clause.object, statement.object().unwrap_or_default()));
    }
    if !clause.text.is_empty() {
        found = found.and(pattern::any(&clause.text, statement.text()));
    }
    if let Some(object) = statement.object() {
        captures.insert("sql.object", object.to_owned());
    }
    found
}
