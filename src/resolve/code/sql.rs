//! The SQL that code hands to a database, by the names of the methods that take it.

use super::super::speaks::{attaches, is_scratch};
use super::{Argument, Call, Code, Shape};
use crate::unknown::{UNKNOWN, is_mark};

/// Methods and functions that take SQL, whatever their object.
#[rustfmt::skip]
const TAKES_SQL: &[&str] = &[
    "execute", "executemany", "executescript", "execute_sql", "execute_many", "execute_batch",
    "exec_driver_sql", "exec_query", "exec_update", "exec_delete", "execute_async", "executeQuery",
    "executeUpdate", "executeSql", "execAsync", "$executeRaw", "$executeRawUnsafe", "$queryRaw",
    "$queryRawUnsafe", "executeRaw", "mysqli_query", "mysqli_multi_query", "mysqli_real_query",
    "multi_query", "pg_query", "pg_send_query", "pg_query_params", "sqlite_exec", "unprepared", "dbExecute",
    "dbSendQuery", "dbSendStatement", "dbGetQuery", "MustExec", "ExecContext", "QueryContext", "NamedExec",
    "SendBatch", "read_sql", "read_sql_query", "find_by_sql", "select_all", "selectall_arrayref",
    "select_value",
];

/// Methods that may take SQL: they do where it looks like it.
#[rustfmt::skip]
const MAY_TAKE_SQL: &[&str] = &[
    "query", "raw", "exec", "run", "all", "get", "do", "prepare", "unsafe", "sql", "statement", "literal",
    "batch", "select", "insert", "update", "delete", "Exec", "Query", "QueryRow", "Raw", "Prepare",
    "queryRaw", "fetch", "fetchrow", "fetchval", "fetchone", "fetch_all", "text", "SQL", "lit", "each",
    "with_connection", "db_query", "write", "command", "nextset", "simple_query", "async_exec",
    "exec_params", "schema", "migrate", "db.exec", "postgres", "neon",
];

/// Parts of names of things that are databases.
#[rustfmt::skip]
const DATABASES: &[&str] = &[
    "cur", "conn", "db", "sql", "session", "engine", "pool", "knex", "prisma", "sequelize", "database",
    "pg", "mysql", "postgres", "pdo", "tx", "trx", "transaction", "activerecord", "sqlite", "duckdb",
    "oracle", "snowflake", "bigquery", "clickhouse",
];

/// The words that statements begin with.
#[rustfmt::skip]
const STATEMENTS: &[&str] = &[
    "select", "insert", "update", "delete", "drop", "truncate", "alter", "create", "grant", "revoke",
    "with", "begin", "commit", "rollback", "vacuum", "call", "exec", "execute", "do", "set", "use", "merge",
    "replace", "rename", "attach", "detach", "pragma", "explain", "copy", "lock", "reindex", "analyze",
    "declare", "shutdown", "kill", "flush", "purge", "reset", "load", "backup", "restore", "optimize",
    "refresh", "comment", "cluster", "start", "savepoint", "release", "show", "describe", "values",
    "undrop", "reassign", "discard",
];

/// Names under which SQL is handed over.
const NAMES: &[&str] = &["sql", "query", "text", "statement", "operation", "stmt", "command"];

/// What opens a database that is a file, or none at all.
#[rustfmt::skip]
const OPENERS: &[&str] = &[
    "sqlite3.connect", "duckdb.connect", "better-sqlite3", "sqlite.DatabaseSync", "sqlite.Database",
    "sqlite3.Database", "SQLite3.Database.new",
];

impl Code {
    /// Returns the SQL that it runs, in the order of the text. What is not known of it is a mark. What is done to a
    /// database in memory is left out.
    pub fn sql(&self) -> Vec<String> {
        let in_scratch = |call: &&Call| OPENERS.iter().any(|opener| self.is_scratch(call, opener));
        let mut found: Vec<String> =
            self.calls.iter().filter(|call| !in_scratch(call)).flat_map(statements).collect();
        // `execute(text("…"))` hands the same over twice.
        found.dedup();
        found
    }

    /// Returns whether a call is one of a database that `opener` has opened, and all that it opens go with the process.
    fn is_scratch(&self, call: &Call, opener: &str) -> bool {
        let is_of_it = call.callee.strip_prefix(opener).is_some_and(|rest| rest.starts_with('.'));
        let goes = |open: &Call| match open.arguments.first() {
            Some(file) => file.value.as_deref().is_some_and(is_scratch),
            None => opener == "duckdb.connect",
        };
        is_of_it
            && self.calls.iter().filter(|call| call.callee == opener).all(goes)
            && !statements(call).iter().any(|statement| attaches(statement))
    }
}

/// Returns the SQL that `call` hands over.
fn statements(call: &Call) -> Vec<String> {
    let name = call.callee.rsplit(['.', '`']).next().unwrap_or_default();
    let sure = TAKES_SQL.contains(&name);
    if !sure && !MAY_TAKE_SQL.contains(&name) {
        return Vec::new();
    }
    let named = call
        .arguments
        .iter()
        .filter(|argument| argument.name.as_deref().is_some_and(|name| NAMES.contains(&name)));
    let candidates: Vec<&Argument> =
        call.operands().filter(|argument| argument.shape != Shape::Map).chain(named).collect();
    let found: Vec<String> = match candidates.first() {
        Some(batch) if batch.shape == Shape::List => {
            batch.words().filter(|text| is_sql(text, sure)).collect()
        }
        // What follows the statement are its parameters; what precedes it is a connection.
        _ => {
            let texts = candidates.iter().filter(|argument| argument.shape == Shape::Text);
            texts
                .filter_map(|argument| argument.value.clone())
                .find(|text| is_sql(text, sure))
                .into_iter()
                .collect()
        }
    };
    if !found.is_empty() || !sure || !is_database(&call.callee) {
        return found;
    }
    // An unknown statement of a database could be any.
    let first = candidates
        .first()
        .filter(|argument| argument.shape == Shape::Text)
        .map(|argument| argument.to_text());
    first.filter(|text| text.trim_start().starts_with(UNKNOWN)).into_iter().collect()
}

/// Returns whether the thing with the dotted name `path` is a database, as far as names tell.
fn is_database(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.split('.').any(|part| DATABASES.iter().any(|name| part.contains(name)))
}

/// Returns whether `text` begins as SQL does. A single word is SQL only where `alone`.
fn is_sql(text: &str, alone: bool) -> bool {
    let mut rest = text.trim_start();
    loop {
        let after = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map(|(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map(|(_, after)| after)
        } else {
            rest.strip_prefix(['(', ';'])
        };
        match after {
            Some(after) => rest = after.trim_start(),
            None => break,
        }
    }
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    let follows = (alone && after.is_empty())
        || after.starts_with(|c: char| c.is_whitespace() || is_mark(c) || ";(*\"`[/".contains(c));
    follows && STATEMENTS.contains(&word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_is_known_by_its_first_word() {
        let check = |text, expect| assert_eq!(is_sql(text, false), expect, "{text}");
        check("DROP TABLE users", true);
        check("  -- tidy up\n /* all */ delete from users", true);
        check("(select 1) union (select 2)", true);
        check("TRUNCATE\u{F0000}", true);
        check("dropped", false);
        check("drop-shadow", false);
        check("users.json", false);
        check("", false);
        check("-- only a comment", false);
        check("vacuum", false);
        assert!(is_sql("vacuum", true));
    }
}
