//! Texts that are meant to break the reader, and what must hold for all texts.

use proptest::prelude::*;

use super::*;
use crate::test_process::processor_time;

#[test]
fn time_is_linear() {
    let pieces = [
        "'",
        "''",
        "\\'",
        "\"",
        "`",
        "$",
        "$a$",
        "$a$b",
        "/*",
        "/*!",
        "*/",
        "(",
        ")",
        "((",
        "[",
        "[a",
        "#",
        "--",
        "\\",
        "\\N",
        "\\t",
        "\\g",
        "\\i",
        "\\.",
        "q'[",
        "E'\\",
        "DROP ",
        "ONLY ",
        "BEGIN ",
        "END ",
        "CREATE ",
        "OR ",
        "CREATE FUNCTION f BEGIN;",
        "CREATE PROC p AS BEGIN ",
        "WITH a AS (DELETE FROM ",
        "EXEC('",
        "EXEC(@a)",
        "EXECUTE IMMEDIATE '",
        "DO $$",
        "DO 'DO ",
        ";",
        "\nGO\n",
        "\n/\n",
        "@",
        "!",
        ".a",
        ":r ",
        "source a;",
        "a,",
        "DELETE FROM t WHERE ((",
        "NOT ",
        "1 OR ",
        "\u{F0000}",
        "é",
        "COPY t FROM STDIN;",
        "EXPLAIN ANALYZE ",
        "UPDATE t ",
        "THEN ",
        "IF a THEN ",
        "{{",
        "a.",
        "a-",
        "DROP TABLE a,",
        "\\x '",
        "CASE ",
        "-",
        "1",
        "1.",
    ];
    for piece in pieces {
        let text = piece.repeat(64_000 / piece.len());
        let time = processor_time(|| _ = read(&text));
        assert!(time.as_millis() < 1500, "{piece:?} takes {time:?}");
    }
    let mut nested = String::from("DROP TABLE x");
    for level in 0..12 {
        nested = format!("SET @a{level} = '{}'; EXEC(@a{level}); EXEC(@b)", nested.replace('\'', "''"));
        nested.truncate(64_000);
    }
    read(&nested);
}

fn texts() -> impl Strategy<Value = String> {
    let words = [
        "DROP",
        "TABLE",
        "DELETE",
        "FROM",
        "x",
        "WHERE",
        "1",
        "=",
        "(",
        ")",
        ";",
        "'",
        "\"",
        "`",
        "$$",
        "$a$",
        "\\",
        "\\g",
        "\\gexec",
        "--",
        "#",
        "/*",
        "*/",
        "/*!",
        "\n",
        " ",
        "GO",
        "BEGIN",
        "END",
        "CREATE",
        "FUNCTION",
        "AS",
        "EXEC",
        "EXECUTE",
        "IMMEDIATE",
        "DO",
        "[",
        "]",
        "@",
        "@a",
        "\u{F0000}",
        "é",
        "q'[",
        "E'",
        "||",
        ",",
        ".",
        "DELIMITER",
        "COPY",
        "STDIN",
        "IF",
        "THEN",
        "NOT",
        "WITH",
        "EXPLAIN",
        "ANALYZE",
        "PREPARE",
        "!",
        ":",
    ];
    proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..60)
        .prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(text in "\\PC*", mixed in texts()) {
        findings(&text);
        findings(&mixed);
    }

    #[test]
    fn blanks_and_comments_change_nothing(
        at in 0_usize..SAMPLES.len(),
        fillers in proptest::collection::vec(proptest::sample::select(FILLERS.to_vec()), 40),
    ) {
        let (words, expect) = SAMPLES[at];
        let filled: String = words.iter().zip(&fillers).flat_map(|(word, filler)| [*word, *filler]).collect();
        prop_assert_eq!(findings(&filled), expect, "{}", filled);
    }

    #[test]
    fn what_comes_first_hides_nothing(before in proptest::sample::select(BEFORE.to_vec())) {
        let text = format!("{before}; DROP TABLE hidden");
        prop_assert!(findings(&text).contains("DROP TABLE hidden"), "{}", text);
    }
}

/// Statements word by word; anything blank may stand between.
const SAMPLES: &[(&[&str], &str)] = &[
    (&["DROP", "TABLE", "IF", "EXISTS", "a", ".", "b", ",", "c"], "DROP TABLE a.b,c"),
    (&["drop", "database", "\"my app\"", ";"], "DROP DATABASE my app"),
    (&["DELETE", "FROM", "t", "WHERE", "1", "=", "1"], "DELETE all t"),
    (&["DELETE", "FROM", "t", "WHERE", "id", "=", "1", ";"], ""),
    (&["ALTER", "TABLE", "t", "ADD", "a", "int", ",", "DROP", "COLUMN", "b"], "ALTER TABLE … DROP COLUMN t"),
    (&["WITH", "d", "AS", "(", "DELETE", "FROM", "t", ")", "SELECT", "1"], "DELETE all t"),
    (&["EXPLAIN", "DELETE", "FROM", "t"], ""),
    (&["EXPLAIN", "ANALYZE", "DELETE", "FROM", "t"], "DELETE all t"),
    (&["SELECT", "'DROP TABLE x'", ",", "\"DROP TABLE y\""], ""),
    (&["CREATE", "OR", "REPLACE", "TABLE", "t", "(", "a", "int", ")"], "CREATE OR REPLACE TABLE t"),
    (&["EXEC", "(", "'DROP TABLE '", "+", "@t", ")"], "DROP TABLE ? built"),
    (&["BEGIN", ";", "DELETE", "FROM", "t", ";", "ROLLBACK", ";"], "DELETE all t undone"),
    (&["DO", "$$ BEGIN DROP TABLE x; END $$"], "DROP TABLE x"),
];

const FILLERS: &[&str] = &[
    " ",
    "\n",
    "\t",
    "  \r\n ",
    "/**/",
    " /* DROP TABLE z; */ ",
    "\n-- it's; DROP TABLE z\n",
    " -- '\n",
    "\u{2003}",
];

const BEFORE: &[&str] = &[
    "SELECT 1",
    "SELECT 'a'",
    "SELECT 'it''s'",
    "SELECT E'it\\'s'",
    "SELECT \"a\"",
    "SELECT $$ ' $$",
    "INSERT INTO t VALUES (1)",
    "CREATE FUNCTION f() RETURNS int AS $$ ' $$ LANGUAGE sql",
    "CREATE PROCEDURE p() BEGIN SELECT 1; END",
    "VACUUM",
    "SELECT a /* ' */",
    "SELECT a -- '\n",
    "EXPLAIN SELECT 1",
    "GRANT ALL ON t TO u",
    "BEGIN",
    "COMMIT",
    "SET x = 'y'",
    "SELECT q'[']' FROM dual",
    "CREATE TABLE t (a int)",
    "SELECT CASE WHEN a THEN 1 END",
    "ALTER TABLE t ADD a int",
    "DO $$ BEGIN NULL; END $$",
    "MERGE INTO a USING b ON x WHEN MATCHED THEN DELETE",
    "USE x",
    "EXEC p 'a'",
    "CALL p()",
    "CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()",
    "CREATE VIEW v AS SELECT 1",
    "DECLARE @a int",
];
