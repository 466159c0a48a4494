//! What a statement is about: the names of what it drops, empties or changes.

use std::ops::Range;

use super::token::{Kind, Reading, Tokens};
use super::words;
use crate::unknown::UNKNOWN;

/// The objects of a statement, and where the list of their names ends.
#[derive(Default)]
pub(super) struct Named {
    pub(super) objects: Vec<String>,
    pub(super) end: usize,
    /// The verb or a name says that the object lives no longer than the session.
    pub(super) temporary: bool,
}

/// Reads the names that follow the verb which `tokens` begins with.
pub(super) fn named(tokens: Tokens, reading: Reading) -> Named {
    let Some(start) = names_start(tokens) else { return Named::default() };
    let mut at = skip_noise(tokens, start);
    let mut found = Named { end: at, ..Named::default() };
    while let Some((name, next)) = name(tokens, at, reading) {
        found.objects.push(name);
        found.end = next;
        // The arguments of a function, the alias of a table.
        let next = if tokens.is_sign(next, "(") { tokens.closing(next) + 1 } else { next };
        if !tokens.is_sign(next, ",") {
            break;
        }
        at = skip_noise(tokens, next + 1);
    }
    let modifiers = 1..noun(tokens);
    let declared = tokens.is_any(0, &["DROP", "CREATE", "ALTER"])
        && modifiers.clone().any(|at| tokens.is_any(at, &["TEMPORARY", "TEMP"]));
    let of_session = |name: &String| {
        name.starts_with('#')
            || name.starts_with("pg_temp.")
            || name.contains(".#")
            || name.starts_with("temp.")
    };
    found.temporary = declared || (!found.objects.is_empty() && found.objects.iter().all(of_session));
    found
}

/// Returns the position of the word that says what kind of thing is created, altered or dropped.
pub(super) fn noun(tokens: Tokens) -> usize {
    let mut at = 1;
    for _ in 0..MODIFIERS_AT_MOST {
        if tokens.is(at, "DEFINER") && tokens.is_sign(at + 1, "=") {
            // DEFINER = user@host: the host is a name of its own or begins with `@`.
            at += 3;
            at += (at..at + 3).take_while(|&at| tokens.is_glued(at)).count();
        } else if tokens.is_any(at, words::MODIFIERS) || (tokens.is(at, "ALTER") && tokens.is(at - 1, "OR")) {
            at += 1;
        } else {
            break;
        }
    }
    at
}

/// More words than this before the kind of thing are no modifiers; it bounds the time.
const MODIFIERS_AT_MOST: usize = 8;

/// Returns whether the noun at `at` and the next word are one kind: `DATABASE LINK`, `EVENT TRIGGER`.
pub(super) fn is_compound(tokens: Tokens, at: usize) -> bool {
    let pairs =
        words::COMPOUNDS.iter().any(|(noun, next)| tokens.is(at, noun) && tokens.is_any(at + 1, next));
    // `DROP EVENT trigger` drops an event of that name.
    pairs && (tokens.kind(at + 2) == Some(Kind::Quoted) || !tokens.word(at + 2).is_empty())
}

/// Returns where the names begin, by the verb.
fn names_start(tokens: Tokens) -> Option<usize> {
    let after_noun = |at: usize| at + 1 + usize::from(is_compound(tokens, at));
    let optional = |at: usize, words: &[&str]| at + usize::from(tokens.is_any(at, words));
    Some(match tokens.word(0).to_ascii_uppercase().as_str() {
        "ALTER" if tokens.is_any(1, &["SYSTEM", "SESSION"]) => return None,
        "DROP" | "CREATE" | "ALTER" | "UNDROP" => after_noun(noun(tokens)),
        "TRUNCATE" => optional(1, words::OPTIONAL_NOUNS),
        "PURGE" if !tokens.is_any(1, &["TABLE", "INDEX"]) => return None,
        "DETACH" | "ATTACH" | "RESTORE" | "BACKUP" | "PURGE" | "RENAME" | "REINDEX" | "OPTIMIZE" | "LOCK"
        | "UNDELETE" | "REPAIR" | "CLUSTER" | "VACUUM" | "EXCHANGE" => optional(1, words::OPTIONAL_NOUNS),
        "DELETE" => match tokens.outside().find(|&at| tokens.is(at, "FROM")) {
            Some(from) => from + 1,
            None => after_limit(tokens, 1),
        },
        "UPDATE" => after_limit(tokens, 1),
        "INSERT" | "REPLACE" | "MERGE" | "LOAD" => {
            let into = (1..8).find(|&at| tokens.is_any(at, &["INTO", "OVERWRITE"])).unwrap_or(0);
            optional(into + 1, &["TABLE"])
        }
        "COPY" | "USE" => 1,
        "REVOKE" | "GRANT" => {
            optional(tokens.outside().find(|&at| tokens.is(at, "ON"))? + 1, words::OPTIONAL_NOUNS)
        }
        _ => return None,
    })
}

/// Skips T-SQL's `TOP (10) PERCENT`.
fn after_limit(tokens: Tokens, at: usize) -> usize {
    if !tokens.is(at, "TOP") {
        return at;
    }
    let end = if tokens.is_sign(at + 1, "(") { tokens.closing(at + 1) + 1 } else { at + 2 };
    end + usize::from(tokens.is(end, "PERCENT"))
}

/// Skips what may stand between a verb and a name without changing what is meant.
pub(super) fn skip_noise(tokens: Tokens, mut at: usize) -> usize {
    loop {
        let len = conditions(tokens, at);
        if len > 0 {
            at += len;
        } else if tokens.is_any(at, words::NOISE) && is_name_start(tokens, at + 1) {
            at += 1;
        } else {
            return at;
        }
    }
}

/// Returns the length of `IF EXISTS` or `IF NOT EXISTS` at `at`.
pub(super) fn conditions(tokens: Tokens, at: usize) -> usize {
    if !tokens.is(at, "IF") {
        0
    } else if tokens.is(at + 1, "EXISTS") {
        2
    } else if tokens.is(at + 1, "NOT") && tokens.is(at + 2, "EXISTS") {
        3
    } else {
        0
    }
}

fn is_name_start(tokens: Tokens, at: usize) -> bool {
    matches!(tokens.kind(at), Some(Kind::Word | Kind::Quoted | Kind::Text | Kind::Number))
        || is_hole(tokens, at)
}

/// A parameter or a template's hole: a name that is not known.
fn is_hole(tokens: Tokens, at: usize) -> bool {
    tokens.kind(at) == Some(Kind::Sign) && matches!(tokens.raw(at), ":" | "?" | "%" | "{" | "&" | "<" | "$")
}

/// Reads one name with its qualifiers, and returns the position behind it.
fn name(tokens: Tokens, start: usize, reading: Reading) -> Option<(String, usize)> {
    if !is_name_start(tokens, start) {
        return None;
    }
    let mut out = String::new();
    let mut at = start;
    loop {
        match tokens.kind(at) {
            Some(Kind::Word) if !tokens.word(at).starts_with('@') && !tokens.word(at).starts_with('$') => {
                out.push_str(tokens.raw(at));
            }
            Some(Kind::Number) => out.push_str(tokens.raw(at)),
            Some(Kind::Quoted | Kind::Text) => out.push_str(&tokens.unquoted(at, reading)),
            _ => {
                out.push(UNKNOWN);
                return Some((out, hole(tokens, at).end));
            }
        }
        at += 1;
        // A user has a host: 'name'@'host'.
        if tokens.is_glued(at) && tokens.raw(at).starts_with('@') {
            at += if tokens.is_sign(at, "@") { 2 } else { 1 };
        }
        let mut joined = false;
        while tokens.is_sign(at, ".") || (tokens.is_sign(at, "-") && is_dash_in_name(tokens, at)) {
            out.push_str(tokens.raw(at));
            joined = true;
            at += 1;
        }
        if !joined || !is_name_start(tokens, at) {
            return Some((out, at));
        }
    }
}

/// `my-project.dataset.table` needs no quotes in BigQuery.
fn is_dash_in_name(tokens: Tokens, at: usize) -> bool {
    tokens.is_glued(at) && tokens.is_glued(at + 1)
}

fn hole(tokens: Tokens, start: usize) -> Range<usize> {
    let end = (start + 1..tokens.len()).find(|&at| !tokens.is_glued(at)).unwrap_or(tokens.len());
    start..end
}
