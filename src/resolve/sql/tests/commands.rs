//! What clients keep for themselves.

use super::*;

#[test]
fn client_commands() {
    check("\\! rm -rf /data", "shell rm -rf /data");
    check("SELECT 1; \\! echo 'it", "shell echo 'it");
    check("\\i cleanup.sql", "file cleanup.sql");
    check("\\ir 'my file.sql'\nDROP TABLE x", "file my file.sql; DROP TABLE x");
    check("\\c other \\i f.sql \\\\ DROP TABLE x", "file f.sql; DROP TABLE x");
    check("\\o |tee out\nSELECT 1", "shell tee out");
    check("SELECT 1 \\g |sh", "shell sh");
    check("\\set x `rm -rf y`", "shell rm -rf y");
    check("\\copy t to program 'rm -rf x'", "shell rm -rf x");
    check("COPY t TO PROGRAM 'gzip > f'", "shell gzip > f");
    check("COPY t FROM PROGRAM $$rm x$$", "shell rm x");
    check("\\lo_unlink 1234", "\\LO_UNLINK");
    check("\\| gen.sh", "shell gen.sh");
    check(".read dump.sql", "file dump.sql");
    check(".read '|gen.sh'", "shell gen.sh");
    check(".shell rm x\nDROP TABLE y;", "shell rm x; DROP TABLE y");
    check(".system ls", "shell ls");
    check(".once |less", "shell less");
    check(".restore old.db", ".RESTORE");
    check("source f.sql; DROP TABLE x", "file f.sql; DROP TABLE x");
    check("\\. f.sql", "file f.sql");
    check("system rm x", "shell rm x");
    check("pager less -S\nselect 1;", "shell less -S");
    check("@cleanup.sql", "file cleanup.sql");
    check("@@sub/clean\nDROP TABLE x;", "file sub/clean; DROP TABLE x");
    check("START run.sql", "file run.sql");
    check("HOST rm x", "shell rm x");
    check("! rm x", "shell rm x");
    check(":r other.sql\nGO", "file other.sql");
    check(":!! del x", "shell del x");
    check("!source f.sql", "file f.sql");
    check("!system ls", "shell ls");
    check("EXEC xp_cmdshell 'del x'", "shell del x");
    check("EXEC master..xp_cmdshell @c", "shell ?");
    check("\\i \u{F0000}", "file ?");
    passes("\\d dropped_items");
    passes("\\dt+ *.*");
    passes("\\timing on\nSELECT 1");
    passes(".tables");
    passes("START TRANSACTION");
    passes("SYSTEM FLUSH LOGS");
    passes("\\echo DROP TABLE x");
    passes("\\copy t from 'drop table.csv' csv");
}

#[test]
fn rows_of_a_dump_are_data() {
    let dump = "COPY public.t (a) FROM stdin;\n1\tit's\n2\t; DROP TABLE x;\n\\.\n\nDROP TABLE y;\n";
    check(dump, "DROP TABLE y");
    check("\\copy t from stdin\nDROP TABLE x;\n\\.\nSELECT 1;", "");
    check("COPY t FROM stdin;\nDROP TABLE y;\n", "DROP TABLE y");
}
