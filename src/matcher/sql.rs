//! Clauses about SQL statements.

use super::{Captures, pattern};
use crate::resolve::sql::{Filter, Fit, SqlPattern, Statement};
use crate::rulebook::format::SqlClause;
use crate::truth::Truth;

/// Returns whether a clause holds for a statement.
pub(super) fn holds(clause: &SqlClause, statement: &Statement, captures: &mut Captures) -> Truth {
    if statement.rolled_back {
        return Truth::No;
    }
    let fits = |wanted: &String| SqlPattern::parse(wanted).ok().and_then(|wanted| statement.fits(&wanted));
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
        captures.insert("sql.object".to_owned(), object.to_owned());
    }
    found
}
