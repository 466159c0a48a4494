#![allow(clippy::unwrap_used, clippy::expect_used)]

mod commands;
mod hostile;

use super::*;

/// The statements that rules are about; see `findings`.
const PATTERNS: &[&str] = &[
    "DROP DATABASE",
    "DROP SCHEMA",
    "DROP KEYSPACE",
    "DROP OWNED",
    "DROP TABLESPACE",
    "DROP WAREHOUSE",
    "DROP PLUGGABLE DATABASE",
    "DROP USER",
    "DROP ROLE",
    "DROP TABLE",
    "DROP MATERIALIZED VIEW",
    "DROP TEMPORARY TABLE",
    "DROP PARTITION",
    "DETACH PARTITION",
    "DROP FUNCTION … CASCADE",
    "DROP TYPE … CASCADE",
    "CREATE OR REPLACE TABLE",
    "CREATE OR REPLACE DATABASE",
    "CREATE OR REPLACE SCHEMA",
    "RESTORE DATABASE … WITH … REPLACE",
    "ALTER DATABASE … SET OFFLINE",
    "PURGE RECYCLEBIN",
    "RESET MASTER",
    "RESET BINARY LOGS",
    "PURGE BINARY LOGS",
    "SELECT … PG_DROP_REPLICATION_SLOT",
    "ALTER SYSTEM SET ARCHIVE_MODE",
    "ALTER TABLE … DROP COLUMN",
    "ALTER TABLE … DROP PARTITION",
    "ALTER TABLE … DETACH PARTITION",
    "ALTER TABLE … DELETE",
    "TRUNCATE",
    "MERGE … DELETE",
    "REPLACE INTO",
    "LOAD DATA … REPLACE",
    "REVOKE ALL",
    "SYSTEM DROP REPLICA",
    "\\lo_unlink",
    ".restore",
];

/// Says what rules would find in a text, one finding after another: patterns with their objects,
/// changes of all rows, programs and files that are run, statements that are not known.
fn findings(text: &str) -> String {
    let patterns: Vec<_> = PATTERNS.iter().map(|text| SqlPattern::parse(text).unwrap()).collect();
    let change = ["DELETE", "UPDATE"].map(|verb| SqlPattern::parse(verb).unwrap());
    let mut out = Vec::new();
    for statement in read(text) {
        let mut add = |what: String| {
            let mut what = what;
            for (flag, set) in [
                (" temporary", statement.temporary),
                (" undone", statement.rolled_back),
                (" undone but in MySQL", statement.rolled_back_with_schema && !statement.rolled_back),
                (" built", statement.dynamic),
            ] {
                if set {
                    what.push_str(flag);
                }
            }
            out.push(what);
        };
        let objects = statement.objects.join(",").replace(UNKNOWN, "?");
        if statement.unknown {
            add("unknown".to_owned());
        }
        for pattern in &patterns {
            let filtered = pattern.to_string().ends_with("DELETE") && statement.filter == Filter::Some;
            match statement.fits(pattern) {
                Some(_) if filtered && pattern.to_string().starts_with("ALTER") => {}
                Some(Fit::Certain) => add(format!("{pattern} {objects}").trim_end().to_owned()),
                Some(Fit::Possible) => add(format!("perhaps {pattern} {objects}").trim_end().to_owned()),
                None => {}
            }
        }
        for pattern in &change {
            if statement.fits(pattern).is_some() && statement.filter != Filter::Some {
                add(format!("{pattern} all {objects}"));
            }
        }
        statement
            .shell_commands()
            .into_iter()
            .for_each(|command| add(format!("shell {}", command.replace(UNKNOWN, "?"))));
        statement.include().into_iter().for_each(|file| add(format!("file {}", file.replace(UNKNOWN, "?"))));
    }
    out.join("; ")
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(findings(text), expect, "in {text:?}");
}

#[track_caller]
fn passes(text: &str) {
    check(text, "");
}

#[test]
fn whole_databases() {
    check("DROP DATABASE app", "DROP DATABASE app");
    check("drop database app;", "DROP DATABASE app");
    check("Drop DataBase IF EXISTS app WITH (FORCE);", "DROP DATABASE app");
    check("DROP SCHEMA public CASCADE; CREATE SCHEMA public;", "DROP SCHEMA public");
    check("DROP SCHEMA IF EXISTS a, b, \"C d\" CASCADE", "DROP SCHEMA a,b,C d");
    check("DROP KEYSPACE shop;", "DROP KEYSPACE shop");
    check("DROP OWNED BY old_owner CASCADE", "DROP OWNED old_owner");
    check("DROP TABLESPACE ts INCLUDING CONTENTS AND DATAFILES", "DROP TABLESPACE ts");
    check("DROP WAREHOUSE IF EXISTS wh", "DROP WAREHOUSE wh");
    check("DROP PLUGGABLE DATABASE pdb1 INCLUDING DATAFILES", "DROP PLUGGABLE DATABASE pdb1");
    check("DROP USER scott CASCADE", "DROP USER scott");
    check("DROP USER 'app'@'%'", "DROP USER app");
    check("drop user app@localhost, other@localhost", "DROP USER app,other");
    check("DROP ROLE r", "DROP ROLE r");
    check("DROP DATABASE `my-app`", "DROP DATABASE my-app");
    check("DROP DATABASE [my app]\nGO", "DROP DATABASE my app");
    check("DROP DATABASE db ON CLUSTER c SYNC", "DROP DATABASE db");
    check("TRUNCATE DATABASE db", "TRUNCATE db");
    check("CREATE OR REPLACE DATABASE db", "CREATE OR REPLACE DATABASE db");
    check("create or replace schema s", "CREATE OR REPLACE SCHEMA s");
    check("RESTORE DATABASE app FROM DISK='a.bak' WITH REPLACE", "RESTORE DATABASE … WITH … REPLACE app");
    check(
        "RESTORE DATABASE app FROM DISK='a' WITH RECOVERY, REPLACE",
        "RESTORE DATABASE … WITH … REPLACE app",
    );
    check("ALTER DATABASE app SET OFFLINE WITH ROLLBACK IMMEDIATE", "ALTER DATABASE … SET OFFLINE app");
    check("PURGE RECYCLEBIN", "PURGE RECYCLEBIN");
    check("RESET MASTER", "RESET MASTER");
    check("RESET BINARY LOGS AND GTIDS", "RESET BINARY LOGS");
    check("PURGE BINARY LOGS BEFORE NOW()", "PURGE BINARY LOGS");
    check("SELECT pg_drop_replication_slot('s')", "SELECT … PG_DROP_REPLICATION_SLOT");
    check(
        "select pg_catalog.pg_drop_replication_slot(slot_name) from x",
        "SELECT … PG_DROP_REPLICATION_SLOT",
    );
    check("ALTER SYSTEM SET archive_mode = 'off'", "ALTER SYSTEM SET ARCHIVE_MODE");
    check("SYSTEM DROP REPLICA 'r1' FROM TABLE db.t", "SYSTEM DROP REPLICA");
}

#[test]
fn what_is_not_the_database() {
    passes("DROP DATABASE LINK remote");
    passes("DROP DATABASE ROLE app.reader");
    passes("ALTER DATABASE SCOPED CONFIGURATION SET MAXDOP = 4");
    check("DROP DATABASE link", "DROP DATABASE link");
    passes("DROP USER MAPPING FOR app SERVER s");
    passes("CREATE DATABASE app");
    passes("SHOW CREATE DATABASE app");
    passes("UNDROP DATABASE app");
    passes("DROP EVENT TRIGGER t");
    passes("USE app");
    passes("HELP DROP DATABASE");
    passes("never DROP DATABASE again");
    passes("note: please do not drop table users");
}

#[test]
fn tables() {
    check("DROP TABLE users", "DROP TABLE users");
    check("DROP TABLE IF EXISTS public.users, audit.log CASCADE", "DROP TABLE public.users,audit.log");
    check("drop table \"Users\".\"a\"\"b\"", "DROP TABLE Users.a\"b");
    check("DROP TABLE db..t", "DROP TABLE db..t");
    check("DROP TABLE my-project.ds.t", "DROP TABLE my-project.ds.t");
    check("DROP TABLE 2024_logs", "DROP TABLE 2024_logs");
    check("DROP TABLE größe", "DROP TABLE größe");
    check("DROP TABLE x SYNC", "DROP TABLE x");
    check("DROP MATERIALIZED VIEW CONCURRENTLY mv", "DROP MATERIALIZED VIEW mv");
    check("TRUNCATE users", "TRUNCATE users");
    check("truncate only a", "TRUNCATE a");
    check("TRUNCATE TABLE ONLY a, b RESTART IDENTITY CASCADE", "TRUNCATE a,b");
    check("ALTER TABLE users DROP COLUMN email", "ALTER TABLE … DROP COLUMN users");
    check("ALTER TABLE IF EXISTS ONLY users DROP COLUMN IF EXISTS email", "ALTER TABLE … DROP COLUMN users");
    check("ALTER TABLE users DROP email", "ALTER TABLE … DROP COLUMN users");
    check("ALTER TABLE users\n  DROP IF EXISTS email", "ALTER TABLE … DROP COLUMN users");
    check("ALTER TABLE users ADD a int, DROP COLUMN b", "ALTER TABLE … DROP COLUMN users");
    check("ALTER TABLE users DROP (a, b)", "ALTER TABLE … DROP COLUMN users");
    check("ALTER TABLE t DROP PARTITION p1", "ALTER TABLE … DROP PARTITION t");
    check("ALTER TABLE t DETACH PARTITION '2024'", "ALTER TABLE … DETACH PARTITION t");
    check("CREATE OR REPLACE TABLE t AS SELECT 1", "CREATE OR REPLACE TABLE t");
    check("CREATE OR REPLACE TRANSIENT TABLE t (a int)", "CREATE OR REPLACE TABLE t");
    check("MERGE INTO t USING s ON t.id=s.id WHEN MATCHED THEN DELETE", "MERGE … DELETE t");
    check("REPLACE INTO t VALUES (1)", "REPLACE INTO t");
    check("REPLACE t VALUES (1)", "REPLACE INTO t");
    check("LOAD DATA INFILE 'f' REPLACE INTO TABLE t", "LOAD DATA … REPLACE t");
    check("DROP FUNCTION f(int) CASCADE", "DROP FUNCTION … CASCADE f");
    check("DROP TYPE mood CASCADE", "DROP TYPE … CASCADE mood");
    check("REVOKE ALL ON t FROM app", "REVOKE ALL t");
    check("DROP TABLE :tbl", "DROP TABLE ?");
    check("DROP TABLE {{ table }}", "DROP TABLE ?");
}

#[test]
fn harmless_changes() {
    passes("ALTER TABLE t DROP CONSTRAINT c");
    passes("ALTER TABLE t DROP INDEX i, DROP PRIMARY KEY");
    passes("ALTER TABLE t ALTER COLUMN c DROP NOT NULL");
    passes("ALTER TABLE t ALTER c DROP DEFAULT");
    passes("ALTER TABLE t ADD COLUMN dropped_at timestamptz");
    passes(
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES b(id) ON DELETE CASCADE ON UPDATE RESTRICT",
    );
    passes("ALTER PUBLICATION p DROP TABLE t");
    passes("DROP INDEX CONCURRENTLY i");
    passes("DROP VIEW v");
    passes("DROP FUNCTION f(int)");
    passes("CREATE TABLE t (truncated_at date, \"drop table\" text)");
    passes("CREATE OR REPLACE VIEW v AS SELECT 1");
    passes("INSERT INTO t SELECT * FROM s");
    passes("INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1");
    passes("INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1");
    passes("SELECT * FROM t FOR UPDATE");
    passes("SELECT * FROM t\nFOR NO KEY\nUPDATE OF t");
    passes("SELECT TRUNCATE(1.234, 2)");
    passes("GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA s TO app");
    passes("GRANT DELETE\nON t TO app");
    passes("REVOKE DELETE ON t FROM app");
    passes("CREATE POLICY p ON t FOR DELETE USING (owner = me())");
    passes("CREATE RULE r AS ON DELETE TO t DO INSTEAD UPDATE t SET gone = true");
    passes("LOCK TABLE t IN EXCLUSIVE MODE");
    passes("VACUUM FULL t; ANALYZE t; REINDEX TABLE t");
    passes("CREATE TRIGGER x AFTER INSERT OR UPDATE OR DELETE ON t EXECUTE FUNCTION f()");
    passes("MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = s.a");
}

#[test]
fn all_rows() {
    check("DELETE FROM users", "DELETE all users");
    check("delete from only public.users;", "DELETE all public.users");
    check("DELETE FROM users LIMIT 10", "DELETE all users");
    check("DELETE TOP (10) FROM users", "DELETE all users");
    check("DELETE TOP (10) PERCENT users", "DELETE all users");
    check("DELETE users", "DELETE all users");
    check("DELETE LOW_PRIORITY QUICK IGNORE FROM users ORDER BY id", "DELETE all users");
    check("UPDATE users SET active = false", "UPDATE all users");
    check("UPDATE ONLY users AS u SET a = (SELECT b FROM c WHERE c.id = u.id)", "UPDATE all users");
    check("UPDATE a, b SET a.x = b.x", "UPDATE all a,b");
    check("DELETE FROM users WHERE true", "DELETE all users");
    check("DELETE FROM users WHERE 1", "DELETE all users");
    check("DELETE FROM users WHERE 1=1", "DELETE all users");
    check("DELETE FROM users WHERE (1 = 1) OR id = 5", "DELETE all users");
    check("DELETE FROM users WHERE ((TRUE))", "DELETE all users");
    check("DELETE FROM users WHERE 'a'='a'", "DELETE all users");
    check("DELETE FROM users WHERE id=id", "DELETE all users");
    check("DELETE FROM users u WHERE u.id = u.ID", "DELETE all users");
    check("DELETE FROM users WHERE 2 > 1 AND NOT 1 = 2", "DELETE all users");
    check("DELETE FROM users WHERE NOT FALSE RETURNING *", "DELETE all users");
    check("DELETE FROM users WHERE 1 IS NOT NULL", "DELETE all users");
    check("DELETE FROM users WHERE id > 0", "DELETE all users");
    check("DELETE FROM users WHERE users.id >= 0 LIMIT 5", "DELETE all users");
    check("DELETE FROM users WHERE id IS NOT NULL", "DELETE all users");
    check("DELETE FROM users WHERE id <> '00000000-0000-0000-0000-000000000000'", "DELETE all users");
    check("DELETE FROM users WHERE name LIKE '%'", "DELETE all users");
    check("UPDATE t SET a = 1 WHERE 1 = 1;", "UPDATE all t");
    check("DELETE u FROM users u JOIN orders o ON o.user_id = u.id", "DELETE all users");
    check("ALTER TABLE t DELETE WHERE 1", "ALTER TABLE … DELETE t");
    check("ALTER TABLE t DELETE WHERE 1 = 1 SETTINGS mutations_sync = 1", "ALTER TABLE … DELETE t");
    check("DELETE FROM a\nSELECT * FROM b WHERE x = 1", "DELETE all a");
    check("DELETE FROM users WHERE -- id = 5\n 1=1", "DELETE all users");
    check("DELETE FROM users -- WHERE id = 5", "DELETE all users");
}

#[test]
fn some_rows() {
    passes("DELETE FROM users WHERE id = 5");
    passes("DELETE FROM users WHERE 1=1 AND id = 5");
    passes("DELETE FROM users WHERE id = 5 OR name = 'x'");
    passes("DELETE FROM users WHERE 1=0");
    passes("DELETE FROM users WHERE false");
    passes("DELETE FROM users WHERE deleted_at IS NOT NULL");
    passes("DELETE FROM users WHERE id > 100");
    passes("DELETE FROM users WHERE age > 0");
    passes("DELETE FROM users WHERE id IN (SELECT id FROM gone)");
    passes("DELETE FROM users USING gone WHERE users.id = gone.id");
    passes("DELETE FROM users WHERE created BETWEEN 1 AND 2");
    passes("DELETE FROM users WHERE EXISTS (SELECT 1 FROM gone WHERE gone.id = users.id)");
    passes("DELETE FROM users WHERE CURRENT OF c");
    passes("DELETE FROM users WHERE name LIKE 'test%'");
    passes("DELETE FROM users WHERE IF(a, 1, 0) = 1");
    passes("UPDATE users SET a = CASE WHEN b THEN 1 ELSE 2 END WHERE id = 1");
    passes("UPDATE users SET a = b #>> '{x}' WHERE id = 1");
    passes("UPDATE users u SET a = 1 FROM other o WHERE o.id = u.id");
    passes("UPDATE users SET path = 'C:\\data\\' WHERE id = '5'");
    passes("UPDATE users SET a = 1\n-- only one\nWHERE id = 1");
    passes("DELETE FROM #tmp WHERE x = 1");
    passes("SELECT deleted, updated FROM users");
    passes("ALTER TABLE t DELETE WHERE day < '2020-01-01'");
    passes("UPDATE t SET a = IF(b, 1, 2) WHERE id = 3");
    passes("UPDATE t USE INDEX (i) SET a = 1 WHERE id = 3");
}

#[test]
fn comments_and_blanks() {
    check("DROP/**/DATABASE x", "DROP DATABASE x");
    check("drop /* quick */ database  if exists app;", "DROP DATABASE app");
    check("-- tidy up\nDROP DATABASE app;", "DROP DATABASE app");
    check("DROP -- why\n DATABASE -- not\n app", "DROP DATABASE app");
    check("/* a /* nested */ comment */ DROP TABLE x", "DROP TABLE x");
    check("\u{feff}SELECT 1;\r\nDROP\r\n\tTABLE\r\n\tx;\r\n", "DROP TABLE x");
    check("DROP\u{a0}TABLE\u{2003}x", "DROP TABLE x");
    check("# MySQL\nDROP TABLE x", "DROP TABLE x");
    check("SELECT 1 # don't\n; DROP TABLE x", "DROP TABLE x");
    check("SELECT a # 2; DROP TABLE x", "DROP TABLE x");
    check("SELECT 5--1; DROP TABLE x", "DROP TABLE x");
    check("/*!50000 DROP TABLE x */", "DROP TABLE x");
    check("/*! DROP */ /*!40101 TABLE */ x", "DROP TABLE x");
    check("/*M!100300 TRUNCATE t */;", "TRUNCATE t");
    check("SELECT 1;;;\n;DROP TABLE x;;", "DROP TABLE x");
    passes("-- DROP DATABASE app");
    passes("--DROP DATABASE app");
    passes("SELECT 1; --DROP DATABASE app");
    passes("/* DROP DATABASE app; DROP TABLE x */ SELECT 1");
    passes("/* unfinished DROP TABLE x;");
    passes("# DROP TABLE x;\nSELECT 1");
    passes("SELECT 1; # DROP TABLE x");
    passes("create table t(id int); -- no DROP DATABASE here");
    passes("/*+ parallel(4) */ SELECT 1");
    passes("");
    passes(" ;; -- nothing\n;");
}

#[test]
fn strings_and_names_are_no_statements() {
    passes("SELECT * FROM log WHERE action = 'DROP TABLE'");
    passes("SELECT 'DROP DATABASE app'");
    passes("SELECT 'x; DROP TABLE y; --'");
    passes("SELECT 'it''s; DROP TABLE y; '''");
    passes("SELECT \"DROP TABLE y; DROP TABLE z\"");
    passes("SELECT `DROP TABLE y; x`");
    passes("SELECT [DROP TABLE y] FROM t");
    passes("SELECT E'it\\'s; DROP TABLE y'");
    passes("SELECT $$; DROP TABLE y; $$");
    passes("SELECT $a$; DROP TABLE y; $$ $b$ ; $a$");
    passes("SELECT q'[it's; DROP TABLE y; ]', nq'{; DROP TABLE z}' FROM dual");
    passes("SELECT N'; DROP TABLE y;'");
    passes("COMMENT ON TABLE t IS 'truncate; DROP TABLE t;'");
    passes("INSERT INTO notes VALUES ('never DROP TABLE users again')");
    passes("INSERT INTO notes VALUES ('don\\'t drop table users')");
    passes("INSERT INTO notes VALUES (\"don't; drop table users;\")");
    passes("select * from drop_database_log");
    passes("SELECT \"drop\", \"delete\" FROM t");
    passes("SELECT 'multi\nline\nDROP TABLE x;\n'");
    passes("SELECT a[1], ARRAY['x]', 'y; DROP TABLE z'] FROM t");
}

#[test]
fn broken_and_ambiguous_quotes() {
    check("SELECT 'it\\'s'; DROP TABLE x", "DROP TABLE x");
    check("SELECT '\\'; DROP TABLE x; --'", "DROP TABLE x");
    check("SELECT '\\\\'; DROP TABLE x", "DROP TABLE x");
    check("DROP TABLE x; SELECT 'open", "DROP TABLE x");
    check("SELECT 'open; DROP TABLE x", "DROP TABLE x");
    check("SELECT \"open; DROP TABLE x", "DROP TABLE x");
    check("SELECT `open; DROP TABLE x", "DROP TABLE x");
    check("SELECT $open$; DROP TABLE x", "DROP TABLE x");
    check("SELECT [open; DROP TABLE x", "DROP TABLE x");
    check("SELECT 'a'';' ; DROP TABLE x", "DROP TABLE x");
    check("SELECT E'\\\\'; DROP TABLE x; --'", "DROP TABLE x");
    check("SELECT 'a' 'b'; DROP TABLE x", "DROP TABLE x");
    check("SELECT (1; DROP TABLE x", "DROP TABLE x");
    check("SELEC 1; DROP TABLE x", "DROP TABLE x");
    check("/* /* */ DROP TABLE x", "DROP TABLE x");
    check("SELECT q'x; DROP TABLE y", "DROP TABLE y");
}

#[test]
fn several_statements() {
    check("select 1; drop schema x", "DROP SCHEMA x");
    check("DROP TABLE a; DROP TABLE b;", "DROP TABLE a; DROP TABLE b");
    check("USE master\nDROP DATABASE app", "DROP DATABASE app");
    check("USE master DROP DATABASE app", "DROP DATABASE app");
    check("SET NOCOUNT ON DELETE FROM t", "DELETE all t");
    check("SELECT 1\ngo\nDROP TABLE x\nGO 5\nTRUNCATE TABLE y", "DROP TABLE x; TRUNCATE y");
    check("ALTER DATABASE a SET SINGLE_USER WITH ROLLBACK IMMEDIATE DROP DATABASE a", "DROP DATABASE a");
    check("IF OBJECT_ID('t') IS NOT NULL DROP TABLE t", "DROP TABLE t");
    check("IF EXISTS (SELECT 1 FROM x) BEGIN DELETE FROM t END", "DELETE all t");
    check("IF @a = 1 DROP TABLE a ELSE DROP TABLE b", "DROP TABLE a; DROP TABLE b");
    check("WHILE 1=1 DELETE TOP (100) FROM t", "DELETE all t");
    check("BEGIN TRY DROP TABLE x END TRY BEGIN CATCH END CATCH", "DROP TABLE x");
    check("BEGIN TRAN DELETE FROM t COMMIT", "DELETE all t");
    check("BEGIN TRANSACTION name DROP TABLE x", "DROP TABLE x");
    check("BEGIN; DROP TABLE x; COMMIT;", "DROP TABLE x");
    check("BEGIN EXECUTE IMMEDIATE 'DROP TABLE x'; END;\n/\n", "DROP TABLE x");
    check("DROP TABLE a\n/\nDROP TABLE b\n/", "DROP TABLE a; DROP TABLE b");
    check("IF x THEN DROP TABLE a; ELSEIF y THEN DROP TABLE b; END IF;", "DROP TABLE a; DROP TABLE b");
    check("<<l>> LOOP DELETE FROM t; END LOOP", "DELETE all t");
    check("l: BEGIN DELETE FROM t; END", "DELETE all t");
    check("select 1\\G drop table x\\g", "DROP TABLE x");
    check("SELECT 1 \\gset\nDROP TABLE x", "DROP TABLE x");
    check("SELECT 1\\; DROP TABLE x;", "DROP TABLE x");
    check("SELECT 1;\\nDROP TABLE x", "DROP TABLE x");
    check("SELECT 1;\\n\\tDROP TABLE x", "DROP TABLE x");
    check("DELIMITER //\nDROP TABLE x//\nDELIMITER ;\nDROP TABLE y;", "DROP TABLE x; DROP TABLE y");
    check("INSERT INTO t VALUES (1, \\N); DROP TABLE x", "DROP TABLE x");
}

#[test]
fn statements_within_statements() {
    check("EXPLAIN ANALYZE DELETE FROM t", "DELETE all t");
    check("EXPLAIN (ANALYZE, BUFFERS) DELETE FROM t", "DELETE all t");
    check("explain analyze verbose update t set a = 1", "UPDATE all t");
    check("EXPLAIN ANALYZE WITH d AS (DELETE FROM t RETURNING *) SELECT 1", "DELETE all t");
    check("ANALYZE FORMAT=JSON DELETE FROM t", "DELETE all t");
    check("WITH d AS (DELETE FROM t RETURNING *) SELECT count(*) FROM d", "DELETE all t");
    check("WITH d AS MATERIALIZED (DELETE FROM a WHERE id = 1) DELETE FROM b", "DELETE all b");
    check("WITH d AS (SELECT 1) DELETE FROM b WHERE id IN (SELECT * FROM d)", "");
    check("WITH a AS (WITH b AS (UPDATE t SET x = 1 RETURNING *) SELECT 1) SELECT 1", "UPDATE all t");
    check("COPY (DELETE FROM t RETURNING *) TO STDOUT", "DELETE all t");
    check("\\copy (DELETE FROM t RETURNING *) to 'out.csv'", "DELETE all t");
    check("DO $$ BEGIN DROP TABLE x; END $$", "DROP TABLE x");
    check("DO LANGUAGE plpgsql $b$ BEGIN IF true THEN DELETE FROM t; END IF; END $b$;", "DELETE all t");
    check("DO 'BEGIN DROP TABLE x; END'", "DROP TABLE x");
    check("DO $$import shutil$$ LANGUAGE plpython3u", "unknown built");
    check("PREPARE p AS DELETE FROM t; EXECUTE p", "DELETE all t");
    check("PREPARE p FROM 'DROP TABLE x'; EXECUTE p", "DROP TABLE x");
    check("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t", "DELETE all t");
    check("CREATE TASK k SCHEDULE = '1 minute' AS TRUNCATE TABLE t", "TRUNCATE t");
    check("SELECT cron.schedule('n', '0 3 * * *', 'DELETE FROM t')", "DELETE all t");
    check("SELECT dblink_exec('host=x', 'DROP TABLE y')", "DROP TABLE y");
    passes("EXPLAIN DELETE FROM t");
    passes("EXPLAIN (ANALYZE false) DELETE FROM t");
    passes("EXPLAIN QUERY PLAN DELETE FROM t");
    passes("EXPLAIN PLAN FOR DELETE FROM t");
    passes("EXPLAIN WITH d AS (DELETE FROM t RETURNING *) SELECT 1");
    passes("DESC t");
    passes("SELECT * FROM (SELECT 1) x WHERE a IN (1, 2)");
}

#[test]
fn stored_code_is_not_run() {
    passes(
        "CREATE FUNCTION f() RETURNS void AS $$ BEGIN DELETE FROM t; DROP TABLE x; END $$ LANGUAGE plpgsql",
    );
    passes("CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM t; DROP TABLE x'");
    passes("CREATE PROCEDURE p() BEGIN DELETE FROM t; DROP TABLE x; END; SELECT 1");
    passes(
        "CREATE DEFINER=`root`@`localhost` PROCEDURE p() BEGIN IF a THEN DROP TABLE x; END IF; TRUNCATE t; END;",
    );
    passes(
        "DELIMITER $$\nCREATE PROCEDURE p()\nBEGIN\n DROP TABLE x;\n DELETE FROM t;\nEND$$\nDELIMITER ;\n",
    );
    passes("CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM u; DELETE FROM v; END;");
    passes("CREATE TRIGGER g BEFORE DELETE ON t FOR EACH ROW DELETE FROM u");
    passes("CREATE PROC p AS\nDELETE FROM t;\nDROP TABLE x;\nGO\nSELECT 1");
    passes("CREATE OR REPLACE PROCEDURE p IS n NUMBER; BEGIN EXECUTE IMMEDIATE 'DROP TABLE x'; END;\n/\n");
    passes("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC DELETE FROM t; SELECT CASE WHEN a THEN 1 END; END;");
    passes(
        "CREATE PACKAGE BODY k AS PROCEDURE a IS BEGIN DELETE FROM t; END; PROCEDURE b IS BEGIN DROP TABLE x; END; END;\n/",
    );
    check("CREATE FUNCTION f() RETURNS int AS 'select 1' LANGUAGE sql; DROP TABLE x", "DROP TABLE x");
    check("CREATE FUNCTION f() RETURNS int AS $$ select 1; $$ LANGUAGE sql; DROP TABLE x", "DROP TABLE x");
    passes("CREATE TRIGGER g ON t AFTER INSERT, UPDATE AS DELETE FROM u; DROP TABLE x");
    check("CREATE PROCEDURE p() SELECT a AS total FROM t; DROP TABLE x", "DROP TABLE x");
    check(
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW UPDATE u AS v SET a = 1; DROP TABLE x",
        "DROP TABLE x",
    );
    check("CREATE FUNCTION f(a int) RETURNS int RETURN a IS TRUE; DROP TABLE x", "DROP TABLE x");
    check("CREATE PROCEDURE p() BEGIN SELECT 1; END; DROP TABLE x;", "DROP TABLE x");
    check("CREATE PROCEDURE p() BEGIN SELECT 1; DROP TABLE x;", "DROP TABLE x");
    check(
        "CREATE TRIGGER g AFTER UPDATE ON t REFERENCING OLD TABLE AS o EXECUTE FUNCTION f(); DROP TABLE x",
        "DROP TABLE x",
    );
    check("CREATE PROC p AS SELECT 1\nGO\nDROP TABLE x", "DROP TABLE x");
    check("CREATE VIEW v AS SELECT 1; DROP TABLE x", "DROP TABLE x");
    check("CREATE TYPE t AS ENUM ('a'); DROP TABLE x", "DROP TABLE x");
}

#[test]
fn built_statements() {
    check("DO $$ BEGIN EXECUTE 'DROP TABLE x'; END $$", "DROP TABLE x");
    check("DO $$ BEGIN EXECUTE 'DROP TABLE ' || quote_ident(t); END $$", "DROP TABLE ? built");
    check("DO $$ BEGIN EXECUTE format('DROP TABLE %I CASCADE', r.t); END $$", "DROP TABLE ? built");
    check(
        "DO $$ DECLARE r record; BEGIN FOR r IN SELECT tablename FROM pg_tables LOOP EXECUTE 'DROP TABLE IF EXISTS ' \
         || quote_ident(r.tablename) || ' CASCADE'; END LOOP; END $$;",
        "DROP TABLE ? built",
    );
    check("DO $$ DECLARE q text; BEGIN q := 'DROP TABLE ' || t; EXECUTE q; END $$", "DROP TABLE ? built");
    check("DO $$ BEGIN EXECUTE f(); END $$", "unknown built");
    check("EXEC('DROP TABLE x')", "DROP TABLE x");
    check("EXEC ('DROP TABLE ' + @t)", "DROP TABLE ? built");
    check("EXEC sp_executesql N'DROP TABLE x'", "DROP TABLE x");
    check("EXEC master.dbo.sp_executesql @stmt = N'TRUNCATE TABLE x'", "TRUNCATE x");
    check("EXEC @rc = sp_executesql N'DROP TABLE x'", "DROP TABLE x");
    check("EXEC sp_MSforeachtable 'DROP TABLE ?'", "DROP TABLE ?");
    check("DECLARE @s nvarchar(max) = 'DROP TABLE x'; EXEC(@s)", "DROP TABLE x built");
    check("SET @s = CONCAT('DROP TABLE ', @t); PREPARE p FROM @s; EXECUTE p;", "DROP TABLE ? built");
    check("EXEC(@s)", "unknown built");
    check("EXECUTE IMMEDIATE 'DROP TABLE x'", "DROP TABLE x");
    check("EXECUTE IMMEDIATE \"DROP TABLE x\"", "DROP TABLE x");
    check("EXECUTE IMMEDIATE \"\"\"DROP TABLE x\"\"\"", "DROP TABLE x");
    check("EXECUTE IMMEDIATE v", "unknown built");
    check("EXECUTE IMMEDIATE $$ BEGIN DROP TABLE x; END $$", "DROP TABLE x");
    check("SELECT 'DROP TABLE '||tablename||';' FROM pg_tables \\gexec", "DROP TABLE ? built");
    check("SELECT format('DROP TABLE %I', t) FROM x \\gexec", "DROP TABLE ? built");
    check("SELECT command FROM todo \\gexec", "unknown built");
    check("SELECT 'DROP TABLE '||tablename FROM pg_tables;", "");
    check("SELECT 'ANALYZE '||tablename FROM pg_tables \\gexec", "");
    check("EXEC sp_help 'users'", "");
    check("EXECUTE plan_1(5)", "");
    check("DO $$ BEGIN EXECUTE 'EXECUTE ''DROP TABLE x'''; END $$", "DROP TABLE x");
}

#[test]
fn temporary_tables() {
    check("DROP TEMPORARY TABLE x", "DROP TEMPORARY TABLE x temporary");
    check("DROP TABLE #scratch", "DROP TABLE #scratch temporary");
    check("DROP TABLE IF EXISTS #a, #b;", "DROP TABLE #a,#b temporary");
    check("DROP TABLE tempdb..#scratch", "DROP TABLE tempdb..#scratch temporary");
    check("DROP TABLE pg_temp.x", "DROP TABLE pg_temp.x temporary");
    check("DROP TABLE #a, b", "DROP TABLE #a,b");
    check("CREATE TEMP TABLE x (a int); DROP TABLE x;", "DROP TABLE x temporary");
    check("CREATE TEMPORARY TABLE IF NOT EXISTS X AS SELECT 1; DELETE FROM x", "DELETE all x temporary");
    check("CREATE TABLE x (a int); DROP TABLE x;", "DROP TABLE x");
}

#[test]
fn rolled_back() {
    check("BEGIN; DELETE FROM t; ROLLBACK;", "DELETE all t undone");
    check("START TRANSACTION; UPDATE t SET a=1; SELECT * FROM t; ROLLBACK", "UPDATE all t undone");
    check("BEGIN TRAN; DELETE FROM t; ROLLBACK TRAN", "DELETE all t undone");
    check("BEGIN; DELETE FROM t; COMMIT; ROLLBACK;", "DELETE all t");
    check("BEGIN; DELETE FROM t; ROLLBACK TO SAVEPOINT s;", "DELETE all t");
    check("BEGIN; DELETE FROM t; ROLLBACK; DELETE FROM u", "DELETE all t; DELETE all u");
    check("BEGIN; DROP TABLE t; ROLLBACK;", "DROP TABLE t undone but in MySQL");
    check(
        "BEGIN; DELETE FROM t; DROP TABLE u; ROLLBACK;",
        "DELETE all t undone but in MySQL; DROP TABLE u undone but in MySQL",
    );
    check("BEGIN; DROP DATABASE t; ROLLBACK;", "DROP DATABASE t");
    check("BEGIN; CALL p(); DROP TABLE t; ROLLBACK;", "DROP TABLE t");
    check("BEGIN; DELETE FROM t COMMIT; ROLLBACK;", "DELETE all t");
    check("BEGIN; DELETE FROM t; \\i other.sql\n ROLLBACK;", "file other.sql; DELETE all t");
    check("DELETE FROM t; ROLLBACK;", "DELETE all t");
    check("BEGIN; DELETE FROM t; \u{F0000}; ROLLBACK;", "DELETE all t; unknown");
}

#[test]
fn unknown_text() {
    check("\u{F0000}", "unknown");
    check("\u{F0001}", "unknown");
    check("SELECT 1; \u{F0000}; SELECT 2", "unknown");
    check("IF a THEN \u{F0000}; END IF", "unknown");
    check("\u{F0000} DROP TABLE x", "unknown; DROP TABLE x");
    check("DO \u{F0000} BEGIN DROP TABLE x; END \u{F0000}", "DROP TABLE x");
    check(":statement;", "unknown");
    check("EXECUTE \u{F0000}", "unknown built");
    check("DROP TABLE \u{F0000}", "DROP TABLE ?");
    check("DROP TABLE a_\u{F0000}", "DROP TABLE a_?");
    check("DELETE FROM t WHERE id = \u{F0000}", "");
    check("DELETE FROM t WHERE id IN (\u{F0000})", "");
    check("DELETE FROM t \u{F0000}", "DELETE all t");
    check("DELETE FROM \u{F0000} WHERE id = 1", "");
    check("SELECT * FROM \u{F0000} WHERE a = '\u{F0000}'", "");
    check("ALTER TABLE \u{F0000} ADD COLUMN a int", "");
    check("INSERT INTO t VALUES ('\u{F0000}', \u{F0000})", "");
    assert!(findings("DROP \u{F0000} x").contains("perhaps DROP DATABASE"));
    assert!(findings("DROP TA\u{F0000} x").starts_with("perhaps DROP TABLE"));
    assert!(!findings("DROP VI\u{F0000} x").contains("DROP TABLE"));
    assert!(findings("ALTER TABLE t \u{F0000}").contains("perhaps ALTER TABLE … DROP COLUMN"));
}

#[test]
fn patterns() {
    for wrong in ["", "…", "… DROP", "DROP …", "A … … B", "A|", "A |B"] {
        assert!(SqlPattern::parse(wrong).is_err(), "{wrong:?}");
    }
    let pattern = SqlPattern::parse("alter table...drop   column").unwrap();
    assert_eq!(pattern.to_string(), "ALTER TABLE … DROP COLUMN");
    let fits = |pattern: &str, text: &str| read(text)[0].fits(&SqlPattern::parse(pattern).unwrap());
    assert_eq!(fits("drop table|view", "DROP VIEW v"), Some(Fit::Certain));
    assert_eq!(fits("DROP TABLE|VIEW", "DROP INDEX v"), None);
    assert_eq!(fits("EXEC sp_detach_db", "EXECUTE sp_detach_db 'x'"), Some(Fit::Certain));
    assert_eq!(fits("DROP OWNED BY", "DROP OWNED BY a"), Some(Fit::Certain));
    assert_eq!(
        fits(
            "MERGE INTO … NOT MATCHED BY SOURCE … DELETE",
            "MERGE t USING s ON a=b WHEN MATCHED THEN DELETE"
        ),
        None
    );
    assert_eq!(read("SELECT 'x' \\gexec")[0].text(), "SELECT 'x' \\gexec");
    let statement = read("SELECT 1 /* c */ FROM t -- end").remove(0);
    assert_eq!(statement.text(), "SELECT 1 /* c */ FROM t");
    assert_eq!(statement.words().collect::<Vec<_>>(), ["SELECT", "FROM", "t"]);
    assert_eq!(read("DROP TABLE a, b")[0].object(), Some("a"));
}
