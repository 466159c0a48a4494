//! Whether a statement spares any row: the condition behind `WHERE`, as far as it is constant.

use super::Filter;
use super::token::{Kind, Reading, Tokens};
use super::words;

/// How deep conditions may be nested in parentheses; what is deeper counts as a condition.
const DEPTH: u8 = 24;

/// Reads the filter of the statement that `tokens` holds.
pub(super) fn filter(tokens: Tokens, reading: Reading) -> Filter {
    let Some(at) = tokens.outside().find(|&at| tokens.is(at, "WHERE")) else { return Filter::None };
    let condition = tokens.from(at + 1);
    let mut cases = 0_usize;
    let end = condition.outside().find(|&at| {
        if condition.is(at, "CASE") {
            cases += 1;
        } else if condition.is(at, "END") && cases > 0 {
            cases -= 1;
        } else {
            return cases == 0 && ends_condition(condition, at);
        }
        false
    });
    let condition = condition.sub(0..end.unwrap_or(condition.len()));
    if condition.len() == 0 {
        return Filter::None;
    }
    match (Truth { reading }).of(condition, DEPTH) {
        Some(true) => Filter::Always,
        _ => Filter::Some,
    }
}

fn ends_condition(tokens: Tokens, at: usize) -> bool {
    tokens.is_any(at, words::AFTER_CONDITION) && !tokens.is_sign(at + 1, "(")
}

/// A value that is written out.
#[derive(PartialEq)]
enum Constant {
    Number(f64),
    Text(String),
    Bool(bool),
    Null,
}

struct Truth {
    reading: Reading,
}

impl Truth {
    /// Returns what a condition comes to for every row, if it can be told.
    fn of(&self, tokens: Tokens, depth: u8) -> Option<bool> {
        let tokens = inside(tokens);
        let depth = depth.checked_sub(1)?;
        if let Some(parts) = split(tokens, "OR") {
            return fold(parts.iter().map(|part| self.of(*part, depth)), true);
        }
        if let Some(parts) = split(tokens, "AND") {
            return fold(parts.iter().map(|part| self.of(*part, depth)), false);
        }
        if tokens.is(0, "NOT") {
            return self.of(tokens.from(1), depth).map(|truth| !truth);
        }
        self.constant(tokens).map_or_else(|| self.comparison(tokens), |constant| Some(is_true(&constant)))
    }

    fn constant(&self, tokens: Tokens) -> Option<Constant> {
        let negative = tokens.is_sign(0, "-");
        let at = usize::from(negative);
        if tokens.len() != at + 1 {
            return None;
        }
        match tokens.kind(at)? {
            Kind::Number => {
                let number: f64 = tokens.raw(at).parse().ok()?;
                Some(Constant::Number(if negative { -number } else { number }))
            }
            Kind::Text => Some(Constant::Text(tokens.unquoted(at, self.reading))),
            Kind::Word if tokens.is(at, "TRUE") => Some(Constant::Bool(true)),
            Kind::Word if tokens.is(at, "FALSE") => Some(Constant::Bool(false)),
            Kind::Word if tokens.is(at, "NULL") => Some(Constant::Null),
            _ => None,
        }
    }

    fn comparison(&self, tokens: Tokens) -> Option<bool> {
        let (at, len, operator) = operator(tokens)?;
        let (left, right) = (inside(tokens.sub(0..at)), inside(tokens.from(at + len)));
        if left.len() == 0 || right.len() == 0 {
            return None;
        }
        let (a, b) = (self.constant(left), self.constant(right));
        match operator.as_str() {
            "IS" => self.is_null(left, right),
            "LIKE" | "ILIKE" => (b.is_some_and(
                |b| matches!(b, Constant::Text(t) if !t.is_empty() && t.bytes().all(|c| c == b'%')),
            ))
            .then_some(true),
            "=" | "==" | "<=>" if is_same(left, right) => Some(true),
            ">=" | "<=" if is_same(left, right) => Some(true),
            "<>" | "!=" | "<" | ">" if is_same(left, right) => Some(false),
            _ => match (a, b) {
                (Some(a), Some(b)) => compare(&a, &operator, &b),
                // `WHERE id > 0` is what one writes to get past a client's safe mode.
                (None, Some(b)) if is_key(left) => (matches!(operator.as_str(), ">" | ">=" | "<>" | "!=")
                    && is_below_keys(&b))
                .then_some(true),
                _ => None,
            },
        }
    }

    fn is_null(&self, left: Tokens, right: Tokens) -> Option<bool> {
        let (negated, what) = (right.is(0, "NOT"), right.len() - 1);
        if right.len() != 1 + usize::from(negated) {
            return None;
        }
        let truth = match (right.word(what).to_ascii_uppercase().as_str(), self.constant(left)) {
            ("NULL", Some(constant)) => constant == Constant::Null,
            ("NULL", None) if is_key(left) => false,
            ("TRUE", Some(constant)) => is_true(&constant),
            ("FALSE", Some(constant)) => !is_true(&constant),
            _ => return None,
        };
        Some(truth != negated)
    }
}

/// Takes away parentheses around the whole.
fn inside(mut tokens: Tokens) -> Tokens {
    for _ in 0..DEPTH {
        if !tokens.is_sign(0, "(") || tokens.closing(0) + 1 != tokens.len() {
            break;
        }
        tokens = tokens.sub(1..tokens.len() - 1);
    }
    tokens
}

fn split<'a>(tokens: Tokens<'a>, word: &str) -> Option<Vec<Tokens<'a>>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for at in tokens.outside().filter(|&at| tokens.is(at, word)) {
        parts.push(tokens.sub(start..at));
        start = at + 1;
    }
    parts.push(tokens.from(start));
    (parts.len() > 1).then_some(parts)
}

/// Joins truths: with `decisive` true as `OR` does, with false as `AND` does.
fn fold(mut parts: impl Iterator<Item = Option<bool>>, decisive: bool) -> Option<bool> {
    parts
        .try_fold(Some(!decisive), |sum, part| match part {
            Some(truth) if truth == decisive => Err(decisive),
            Some(_) => Ok(sum),
            None => Ok(None),
        })
        .unwrap_or_else(Some)
}

/// Finds the comparison outside parentheses: where it is, its length and its text.
fn operator(tokens: Tokens) -> Option<(usize, usize, String)> {
    let is_part = |at: usize| {
        tokens.is_sign(at, "<")
            || tokens.is_sign(at, ">")
            || tokens.is_sign(at, "=")
            || tokens.is_sign(at, "!")
    };
    let at = tokens.outside().find(|&at| is_part(at) || tokens.is_any(at, &["IS", "LIKE", "ILIKE"]))?;
    if !is_part(at) {
        return Some((at, 1, tokens.word(at).to_ascii_uppercase()));
    }
    let len = (at..tokens.len()).take_while(|&at| is_part(at)).count();
    Some((at, len, (at..at + len).map(|at| tokens.raw(at)).collect()))
}

fn is_same(left: Tokens, right: Tokens) -> bool {
    left.len() == right.len() && (0..left.len()).all(|at| left.raw(at).eq_ignore_ascii_case(right.raw(at)))
}

fn is_true(constant: &Constant) -> bool {
    match constant {
        Constant::Bool(truth) => *truth,
        Constant::Number(number) => *number != 0.0,
        Constant::Text(text) => {
            text.trim_start().starts_with(|c| matches!(c, '1'..='9' | 't' | 'T' | 'y' | 'Y'))
        }
        Constant::Null => false,
    }
}

fn compare(a: &Constant, operator: &str, b: &Constant) -> Option<bool> {
    let order = match (a, b) {
        (Constant::Number(a), Constant::Number(b)) => a.partial_cmp(b)?,
        (Constant::Text(a), Constant::Text(b)) => a.cmp(b),
        (Constant::Bool(a), Constant::Bool(b)) => a.cmp(b),
        _ => return None,
    };
    Some(match operator {
        "=" | "==" | "<=>" => order.is_eq(),
        "<>" | "!=" => order.is_ne(),
        "<" => order.is_lt(),
        ">" => order.is_gt(),
        "<=" => order.is_le(),
        ">=" => order.is_ge(),
        _ => return None,
    })
}

/// Returns whether a column looks like a key, which every row has.
fn is_key(column: Tokens) -> bool {
    let name = column.raw(column.len() - 1).trim_matches(['"', '`', '[', ']']);
    let plain = (0..column.len()).all(|at| at % 2 == 0 || column.is_sign(at, "."));
    plain && words::KEYS.iter().any(|key| key.eq_ignore_ascii_case(name))
}

/// Zero, less than it, an empty text, or a UUID of zeros: no key is as low.
fn is_below_keys(constant: &Constant) -> bool {
    match constant {
        Constant::Number(number) => *number <= 0.0,
        Constant::Text(text) => text.bytes().all(|b| matches!(b, b'0' | b'-')),
        _ => false,
    }
}
