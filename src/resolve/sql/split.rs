//! Where statements begin and end.
//!
//! A text is cut twice: into *pieces*, at what ends a statement for the client (`;`, `GO`, `\g`),
//! and each piece into *statements*, because T-SQL needs no `;` between them and because blocks
//! (`BEGIN`, `IF … THEN`, `LOOP`) carry statements of their own. The body of a stored routine stays
//! one piece with its `CREATE`: it is kept and not run.

use std::ops::Range;

use super::token::{Kind, Lexed, Tokens};
use super::{name, words};

/// What a client sends at once.
pub(super) struct Piece {
    pub(super) range: Range<usize>,
    /// Whether psql runs each value of the result as a statement (`\gexec`).
    pub(super) feeds: bool,
}

/// Cuts a text into pieces; empty ones are left out.
pub(super) fn pieces(lexed: &Lexed) -> Vec<Piece> {
    let all = lexed.tokens(0..lexed.len());
    let mut found = Vec::new();
    let mut start = 0;
    let mut trusts_blocks = true;
    while start < all.len() {
        let end = match Routine::at(all.from(start)).filter(|_| trusts_blocks) {
            None => next_end(all, start),
            Some(routine) => match routine.end(all, start) {
                Some(end) => end,
                None => {
                    // A block that is never closed was misread; rather see too much than too little.
                    trusts_blocks = false;
                    next_end(all, start)
                }
            },
        };
        if start < end {
            // What `\gexec` feeds on is told by itself, so it stays a part of its query.
            let feeds = all.raw(end) == "\\gexec";
            found.push(Piece { range: start..end + usize::from(feeds), feeds });
        }
        start = end + 1;
    }
    found
}

fn next_end(all: Tokens, start: usize) -> usize {
    (start..all.len()).find(|&at| all.kind(at) == Some(Kind::End)).unwrap_or(all.len())
}

/// A statement that stores code: the statements in it are not run by it.
struct Routine {
    /// Packages hold many blocks and end with the batch only.
    whole_batch: bool,
}

impl Routine {
    fn at(tokens: Tokens) -> Option<Self> {
        if !tokens.is_any(0, &["CREATE", "ALTER"]) {
            return None;
        }
        let noun = name::noun(tokens);
        let stored =
            tokens.is_any(noun, &["PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "PACKAGE", "TYPE", "MACRO"]);
        let body = tokens.is(noun + 1, "BODY");
        let whole_batch = tokens.is(noun, "PACKAGE") || body;
        (stored && (body || !tokens.is(noun, "TYPE"))).then_some(Self { whole_batch })
    }

    /// Returns where the routine that begins at `start` ends, or nothing if a block stays open.
    fn end(&self, all: Tokens, start: usize) -> Option<usize> {
        let (mut blocks, mut parens) = (0_usize, 0_usize);
        // After `AS` a T-SQL or Oracle body goes on until its block closes or the batch ends.
        let (mut in_body, mut in_head) = (self.whole_batch, true);
        for at in start..all.len() {
            match all.kind(at) {
                Some(Kind::End) => {
                    let soft = matches!(all.raw(at), ";" | "\\g" | "\\G");
                    if !soft || (blocks == 0 && !in_body) {
                        return Some(at);
                    }
                }
                Some(Kind::Sign) => match all.raw(at) {
                    "(" => parens += 1,
                    ")" => parens = parens.saturating_sub(1),
                    _ => {}
                },
                Some(Kind::Word) if all.is(at, "CASE") => {
                    blocks += usize::from(!all.is(at.wrapping_sub(1), "END"));
                }
                Some(Kind::Word) if all.is(at, "BEGIN") => {
                    blocks += usize::from(!all.is_any(at + 1, &["TRAN", "TRANSACTION", "DISTRIBUTED"]));
                }
                Some(Kind::Word) if blocks > 0 && closes_block(all, at) => {
                    blocks -= 1;
                    in_body &= blocks > 0 || self.whole_batch;
                }
                Some(Kind::Word) if parens == 0 && all.is_any(at, &["AS", "IS"]) => {
                    in_body |= in_head && opens_body(all, at);
                }
                // A body that is one statement has aliases of its own: `SELECT a AS b`.
                Some(Kind::Word) if parens == 0 && is_first_verb(all, at) => in_head = false,
                _ => {}
            }
        }
        (blocks == 0).then_some(all.len())
    }
}

fn closes_block(all: Tokens, at: usize) -> bool {
    all.is(at, "END") && !all.is_any(at + 1, &["IF", "LOOP", "WHILE", "REPEAT", "FOR"])
}

/// Returns whether the `AS` or `IS` at `at` is followed by the routine's own statements.
fn opens_body(all: Tokens, at: usize) -> bool {
    const NOT_OF_ROUTINE: &[&str] = &["TABLE", "ROW", "OLD", "NEW", "PARENT", "EXECUTE", "EXEC"];
    const NOT_A_BODY: &[&str] =
        &["EXTERNAL", "LANGUAGE", "NULL", "NOT", "TRUE", "FALSE", "UNKNOWN", "DISTINCT"];
    let word = all.kind(at + 1) == Some(Kind::Word);
    word && !all.is_any(at.wrapping_sub(1), NOT_OF_ROUTINE) && !all.is_any(at + 1, NOT_A_BODY)
}

/// Returns whether a verb stands at `at` that is not an event of a trigger, as in `AFTER INSERT OR UPDATE`.
fn is_first_verb(all: Tokens, at: usize) -> bool {
    const VERBS: &[&str] = &["SELECT", "UPDATE", "INSERT", "DELETE", "REPLACE", "SET", "CALL"];
    const EVENTS: &[&str] = &["AFTER", "BEFORE", "OF", "OR", "FOR", "ON", "CREATE"];
    let before = at.wrapping_sub(1);
    all.is_any(at, VERBS) && !all.is_any(before, EVENTS) && !all.is_sign(before, ",")
}

/// Cuts a piece into the statements that follow one another in it.
pub(super) fn statements(piece: Tokens) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let torn = (0..piece.len()).any(|at| piece.kind(at) == Some(Kind::Sign) && is_stray(piece.raw(at)));
    for at in piece.outside() {
        if at > start && begins_statement(piece.from(start), at - start, torn) {
            found.push(start..at);
            start = at;
        }
    }
    found.push(start..piece.len());
    found
}

/// A lone quote or backslash shows that quotes were misread, and words may be those of a string.
fn is_stray(sign: &str) -> bool {
    matches!(sign, "'" | "\"" | "`" | "\\")
}

/// Returns whether a statement begins at `at` within the one that `tokens` begins with.
fn begins_statement(tokens: Tokens, at: usize, torn: bool) -> bool {
    if tokens.kind(at) != Some(Kind::Word) {
        return false;
    }
    if opens_statements(tokens, at - 1) {
        return true;
    }
    let head = is_head(tokens, at) || ends_change(tokens, at);
    head && !torn && is_batch(tokens) && !is_connected(tokens, at)
}

/// Returns whether the word at `at` introduces statements, as `THEN` does in a block.
fn opens_statements(tokens: Tokens, at: usize) -> bool {
    // `<<label>>` and `label:` stand before a block.
    let labelled = tokens.is_sign(0, "<") || (tokens.is_sign(1, ":") && tokens.is_any(2, words::BLOCKS));
    let word = tokens.is_any(at, words::OPENERS) && !is_transaction_word(tokens, at + 1);
    if labelled || tokens.is_any(0, words::BLOCKS) {
        return word || (labelled && at < 5 && (tokens.is_sign(at, ">") || tokens.is_sign(at, ":")));
    }
    let later = tokens.is_any(0, &["CREATE", "ALTER"]) && {
        let noun = name::noun(tokens);
        (tokens.is(noun, "EVENT") && tokens.is(at, "DO")) || (tokens.is(noun, "TASK") && tokens.is(at, "AS"))
    };
    later || (tokens.is(at, "BEGIN") && word && is_batch(tokens))
}

/// Returns whether the word belongs to the `BEGIN` before it.
fn is_transaction_word(tokens: Tokens, at: usize) -> bool {
    tokens.is_any(at, words::AFTER_BEGIN)
}

/// Returns whether another statement may follow in the same batch without a `;`.
///
/// Prose is no batch: `never DROP DATABASE again` drops nothing.
fn is_batch(tokens: Tokens) -> bool {
    (tokens.is_any(0, words::BATCH) || tokens.is_marked(0)) && !is_definition(tokens)
}

/// Returns whether the statements that are named are a part of what is defined.
fn is_definition(tokens: Tokens) -> bool {
    tokens.is_any(0, &["CREATE", "ALTER"]) && tokens.is_any(name::noun(tokens), words::DEFINED)
}

/// Returns whether what stands before `at` calls for more: a comma, an operator, `ON`, `FOR`.
fn is_connected(tokens: Tokens, at: usize) -> bool {
    let before = at - 1;
    match tokens.kind(before) {
        // `SET NOCOUNT ON` is whole.
        Some(Kind::Word) if tokens.is(0, "SET") && tokens.is(before, "ON") => false,
        Some(Kind::Word) => tokens.is_any(before, words::CONNECTIVES),
        Some(Kind::Sign) => !matches!(tokens.raw(before), ")" | ">" | "}"),
        _ => false,
    }
}

/// Returns whether the words at `at` can be nothing but the beginning of a statement.
pub(super) fn is_head(tokens: Tokens, at: usize) -> bool {
    const WHOLE: &[&str] = &["TABLE", "DATABASE", "SCHEMA"];
    let next = at + 1;
    let named = is_name(tokens, next);
    match tokens.word(at).to_ascii_uppercase().as_str() {
        // What `ALTER TABLE` drops are mostly its own parts.
        "DROP" if tokens.is(0, "ALTER") => tokens.is_any(next, WHOLE),
        "DROP" => tokens.is_any(next, words::DROPPED),
        "TRUNCATE" => tokens.is(next, "TABLE"),
        "DELETE" => tokens.is_any(next, &["FROM", "TOP"]) || (named && tokens.is_fresh(at)),
        "UPDATE" => named && (next..next + 12).any(|set| tokens.is(set, "SET")),
        "MERGE" => tokens.is_any(next, &["INTO", "TOP"]),
        "INSERT" => tokens.is_any(next, &["INTO", "OVERWRITE"]),
        "CREATE" => tokens.is_any(next, WHOLE) || tokens.is(next, "OR"),
        "ALTER" => tokens.is_any(next, WHOLE) || tokens.is(next, "SYSTEM"),
        "RESTORE" => tokens.is_any(next, &["DATABASE", "LOG"]),
        "EXEC" | "EXECUTE" => {
            let text = matches!(tokens.kind(next), Some(Kind::Text | Kind::Quoted));
            (named || text || tokens.is_sign(next, "(")) && !tokens.is_any(next, &["AS", "ON", "FUNCTION"])
        }
        _ => false,
    }
}

fn is_name(tokens: Tokens, at: usize) -> bool {
    match tokens.kind(at) {
        Some(Kind::Word) => !tokens.is_any(at, words::NO_NAMES),
        Some(Kind::Quoted) => true,
        _ => false,
    }
}

/// Returns whether the word ends a `DELETE` or `UPDATE`, so that a later `WHERE` is not its own.
fn ends_change(tokens: Tokens, at: usize) -> bool {
    let change = tokens.is_any(0, &["DELETE", "UPDATE", "TRUNCATE"]);
    change && tokens.is_any(at, words::AFTER_CHANGE) && !tokens.is_any(at + 1, &["INDEX", "KEY", "EXISTS"])
}

/// Returns the statements that stand within one and run with it: in `EXPLAIN ANALYZE`, after
/// `PREPARE … AS`, and in parentheses.
pub(super) fn inner(tokens: Tokens) -> Vec<Range<usize>> {
    let whole = match tokens.word(0).to_ascii_uppercase().as_str() {
        "EXPLAIN" | "DESCRIBE" | "DESC" => explained(tokens),
        "ANALYZE" => {
            let verb = if tokens.is(1, "FORMAT") { 4 } else { 1 };
            tokens.is_any(verb, words::EXPLAINED).then_some(verb)
        }
        "PREPARE" => tokens.outside().find(|&at| tokens.is(at, "AS")).map(|at| at + 1),
        _ if is_definition(tokens) => None,
        _ => return in_parentheses(tokens),
    };
    whole.filter(|&at| at < tokens.len()).map(|at| at..tokens.len()).into_iter().collect()
}

/// Returns where the statement begins that an `EXPLAIN` runs; a plain one only plans it.
fn explained(tokens: Tokens) -> Option<usize> {
    let verb = tokens.outside().find(|&at| tokens.is_any(at, words::EXPLAINED))?;
    let off = |at: usize| tokens.is_any(at, &["FALSE", "OFF"]) || tokens.raw(at) == "0";
    let runs = (1..verb).any(|at| tokens.is_any(at, &["ANALYZE", "ANALYSE"]) && !off(at + 1));
    runs.then_some(verb)
}

/// Returns the changes in parentheses, as in `WITH x AS (DELETE …)` and `COPY (UPDATE …) TO`.
fn in_parentheses(tokens: Tokens) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_change = tokens.is_any(at + 1, &["DELETE", "UPDATE", "INSERT", "MERGE", "WITH", "TRUNCATE"]);
        if tokens.is_sign(at, "(") && is_change && (tokens.is(at + 1, "WITH") || is_head(tokens, at + 1)) {
            let end = tokens.closing(at);
            found.push(at + 1..end);
            at = end;
        }
        at += 1;
    }
    found
}
