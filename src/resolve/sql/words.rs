//! The words of SQL, grouped by what they tell the reader.

/// What may stand between `DROP`, `CREATE` or `ALTER` and the kind of thing.
pub(super) const MODIFIERS: &[&str] = &[
    "OR", "REPLACE", "TEMPORARY", "TEMP", "GLOBAL", "LOCAL", "MATERIALIZED", "EXTERNAL", "FOREIGN", "PLUGGABLE",
    "PUBLIC", "PRIVATE", "UNIQUE", "VIRTUAL", "TRANSIENT", "DYNAMIC", "HYBRID", "ICEBERG", "UNLOGGED", "EDITIONABLE",
    "NONEDITIONABLE", "AGGREGATE", "CONSTRAINT", "FORCE", "SECURE", "RECURSIVE", "CLUSTERED", "NONCLUSTERED",
    "FULLTEXT", "SPATIAL", "BITMAP", "DEFINER", "SHARDED", "IMMUTABLE", "BLOCKCHAIN", "DUPLICATED", "TRUSTED",
];

/// Kinds of things that are two words, by their first.
pub(super) const COMPOUNDS: &[(&str, &[&str])] = &[
    ("DATABASE", &["LINK", "ROLE", "SCOPED", "AUDIT", "ENCRYPTION"]),
    ("EVENT", &["TRIGGER", "SESSION", "NOTIFICATION", "TABLE"]),
    ("TABLE", &["FUNCTION"]),
    ("USER", &["MAPPING"]),
    ("TEXT", &["SEARCH"]),
    ("ACCESS", &["METHOD"]),
    ("OPERATOR", &["CLASS", "FAMILY"]),
    ("ROW", &["POLICY", "ACCESS"]),
    ("RESOURCE", &["GROUP", "POOL", "MONITOR"]),
    ("FILE", &["FORMAT"]),
    ("NETWORK", &["POLICY", "RULE"]),
    ("MASKING", &["POLICY"]),
    ("AVAILABILITY", &["GROUP"]),
    ("ALL", &["TABLES"]),
];

/// Kinds of things whose name may follow the verb without them.
pub(super) const OPTIONAL_NOUNS: &[&str] =
    &["TABLE", "DATABASE", "SCHEMA", "VIEW", "DICTIONARY", "PARTITION", "LOG", "KEYSPACE"];

/// What may stand before a name without changing what is meant.
pub(super) const NOISE: &[&str] =
    &["ONLY", "CONCURRENTLY", "LOW_PRIORITY", "QUICK", "IGNORE", "DELAYED", "BY", "FOR", "TRANSIENT"];

/// What a table's name follows.
pub(super) const BEFORE_NAMES: &[&str] =
    &["FROM", "INTO", "JOIN", "TABLE", "UPDATE", "DELETE", "TRUNCATE", "EXISTS"];

/// What `DROP` drops where T-SQL lets it follow another statement.
pub(super) const DROPPED: &[&str] = &[
    "TABLE", "DATABASE", "SCHEMA", "VIEW", "MATERIALIZED", "INDEX", "PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "LOGIN",
    "USER", "ROLE", "SEQUENCE", "TYPE", "TEMPORARY", "TEMP", "KEYSPACE", "TABLESPACE", "OWNED", "PLUGGABLE",
    "WAREHOUSE", "EXTERNAL", "SYNONYM",
];

/// What `ALTER TABLE` drops that is no column.
pub(super) const TABLE_PARTS: &[&str] = &[
    "CONSTRAINT", "INDEX", "KEY", "PRIMARY", "FOREIGN", "PARTITION", "SUBPARTITION", "CHECK", "DEFAULT", "NOT",
    "IDENTITY", "EXPRESSION", "STATISTICS", "PROJECTION", "UNIQUE", "TRIGGER", "RANGE", "DETACHED", "TTL", "PERIOD",
    "SYSTEM", "POLICY", "ALL", "UNUSED", "FEATURE", "MASK", "TAG", "ROW", "CLUSTERING", "FILES", "PART", "EXTENSION",
    "SUPPLEMENTAL", "TABLE",
];

/// Statements that another may follow without a `;`, as T-SQL allows.
pub(super) const BATCH: &[&str] = &[
    "ALTER", "BACKUP", "BEGIN", "CHECKPOINT", "CLOSE", "COMMIT", "CREATE", "DBCC", "DEALLOCATE", "DECLARE", "DELETE",
    "DO", "DROP", "ELSE", "ELSEIF", "ELSIF", "END", "EXCEPTION", "EXEC", "EXECUTE", "FETCH", "IF", "INSERT", "KILL",
    "LOOP", "OPEN", "PRINT", "RAISERROR", "RESTORE", "RETURN", "ROLLBACK", "SAVE", "SELECT", "SET", "THROW", "TRUNCATE",
    "UPDATE", "USE", "WAITFOR", "WHILE", "WITH",
];

/// Things whose definition names other statements and does not run them.
pub(super) const DEFINED: &[&str] = &[
    "PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "PACKAGE", "RULE", "POLICY", "AUDIT", "PUBLICATION", "EXTENSION",
    "DEFAULT", "ROLE", "SUBSCRIPTION", "MACRO",
];

/// What a block begins with.
pub(super) const BLOCKS: &[&str] = &[
    "IF", "ELSE", "ELSEIF", "ELSIF", "WHILE", "FOR", "FOREACH", "LOOP", "REPEAT", "BEGIN", "END", "CASE", "WHEN",
    "EXCEPTION", "DECLARE",
];

/// Within a block, what a statement follows.
pub(super) const OPENERS: &[&str] =
    &["THEN", "ELSE", "LOOP", "DO", "REPEAT", "BEGIN", "TRY", "CATCH", "ATOMIC", "EXCEPTION"];

/// What belongs to the `BEGIN` before it.
pub(super) const AFTER_BEGIN: &[&str] = &[
    "TRAN", "TRANSACTION", "WORK", "TRY", "CATCH", "ATOMIC", "NOT", "ISOLATION", "READ", "DEFERRABLE", "IMMEDIATE",
    "DEFERRED", "EXCLUSIVE", "CONCURRENT", "DISTRIBUTED",
];

/// Words that call for more, so that no statement begins after them.
pub(super) const CONNECTIVES: &[&str] = &[
    "ON", "FOR", "AFTER", "BEFORE", "OF", "OR", "AND", "NOT", "KEY", "DO", "AS", "SELECT", "DISTINCT", "ALL", "FROM",
    "WHERE", "BY", "IN", "IS", "LIKE", "BETWEEN", "SET", "INTO", "VALUES", "JOIN", "USING", "HAVING", "WHEN", "TO",
    "RETURNING", "WITH", "NO", "INSTEAD", "ALSO", "ADD", "GRANT", "CASE", "INSERT", "DELETE", "UPDATE",
];

/// What follows a `DELETE` or `UPDATE` and cannot be a part of it.
pub(super) const AFTER_CHANGE: &[&str] = &[
    "SELECT", "PRINT", "DECLARE", "IF", "WHILE", "COMMIT", "ROLLBACK", "WAITFOR", "RAISERROR", "THROW", "USE", "RETURN",
];

/// What is no name, though a name could stand there.
pub(super) const NO_NAMES: &[&str] = &["ON", "OF", "CASCADE", "RESTRICT", "SET", "OR", "AND", "TO", "USING", "AS"];

/// What can be explained, and is run by `EXPLAIN ANALYZE`.
pub(super) const EXPLAINED: &[&str] =
    &["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "REPLACE", "VALUES", "CREATE", "EXECUTE", "TABLE"];

/// What the condition of a `WHERE` ends with.
pub(super) const AFTER_CONDITION: &[&str] = &[
    "RETURNING", "ORDER", "LIMIT", "OPTION", "GROUP", "HAVING", "FETCH", "OFFSET", "SETTINGS", "FORMAT", "END", "ELSE",
    "IF", "WINDOW", "UNION", "WITH", "ALLOW",
];

/// Columns that look like keys, which every row has.
pub(super) const KEYS: &[&str] = &["id", "_id", "rowid", "_rowid_", "ctid", "oid", "uuid", "pk"];

/// Functions and procedures whose string arguments are run as SQL.
pub(super) const RUN_TEXT: &[&str] = &[
    "SP_EXECUTESQL", "SP_SQLEXEC", "SP_MSFOREACHTABLE", "SP_MSFOREACHDB", "DBLINK", "DBLINK_EXEC", "DBLINK_SEND_QUERY",
    "QUERY_TO_XML", "OPENQUERY", "EXEC_DDL_STATEMENT", "SCHEDULE", "SCHEDULE_IN_DATABASE", "MYSQL_QUERY",
    "MYSQL_EXECUTE", "POSTGRES_QUERY", "POSTGRES_EXECUTE",
];

/// Procedures and functions whose string argument is run by a shell.
pub(super) const RUN_SHELL: &[&str] = &["XP_CMDSHELL", "SYS_EXEC", "SYS_EVAL"];

/// What changes rows or nothing, and can be rolled back everywhere.
pub(super) const ROWS: &[&str] =
    &["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "EXPLAIN", "SAVEPOINT", "VALUES", "SHOW"];

/// What changes the schema.
pub(super) const SCHEMA: &[&str] = &["CREATE", "ALTER", "DROP", "TRUNCATE", "COMMENT", "GRANT", "REVOKE"];

/// The second words of ClickHouse's `SYSTEM` statements.
pub(super) const SYSTEM_VERBS: &[&str] = &[
    "DROP", "START", "STOP", "FLUSH", "RELOAD", "SYNC", "RESTART", "RESTORE", "SHUTDOWN", "KILL", "UNFREEZE", "WAIT",
    "ENABLE", "DISABLE", "REFRESH", "CANCEL", "UNLOAD", "PREWARM", "CLEAR",
];

/// Client commands that run the statements of a file.
pub(super) const INCLUDE_COMMANDS: &[&str] = &[
    "\\i", "\\ir", "\\include", "\\include_relative", "\\.", "\\source", ".read", "source", "@", "@@", "start", ":r",
    "!source", "!load", "!run",
];
