#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::super::load::read_pack;
use super::*;

/// Returns a book of one pack with a rule for each of the clauses; the rules are named a, b, c….
fn book(clauses: &[&str]) -> Rulebook {
    Rulebook::of(&[pack("x", clauses)]).unwrap()
}

fn pack(name: &str, clauses: &[&str]) -> Pack {
    let mut text = format!("pack: {name}\ntitle: X\nrules:\n");
    for (letter, clause) in ('a'..).zip(clauses) {
        text += &format!(
            "  - {{id: {letter}, title: T, severity: severe, when: [{{{clause}}}], confirm: c, \
             blast_radius: {{data: D, backups: B}}, recover: R, examples: {{}}}}\n"
        );
    }
    read_pack(&text, "x.yaml").unwrap()
}

fn found(book: &Rulebook, key: Key<'_>) -> String {
    book.rules(key).iter().filter_map(|filed| book.decoded(filed)).map(|rule| rule.rule.id.clone()).collect()
}

#[test]
fn what_was_found_is_not_looked_for_again() {
    let book = Rulebook::builtin();
    for key in [Key::Program("rm"), Key::Writes, Key::Call("rmtree"), Key::Http("api.fly.io")] {
        assert!(Arc::ptr_eq(&book.rules(key), &book.rules(key)), "{key:?}");
    }
    // What no rule names has the same rules as everything else that none names.
    assert!(Arc::ptr_eq(&book.rules(Key::Call("one")), &book.rules(Key::Call("another"))));
}

#[test]
fn a_rule_is_filed_with_the_commands_that_it_names() {
    let book = book(&["run: [a one, \"b|a two\"]", "run: a", "run: b"]);
    let filed = book.rules(Key::Program("a"));
    let runs: Vec<_> = filed.iter().map(|filed| filed.runs.join(" ")).collect();
    assert_eq!(runs, ["a one b|a two", "a"]);
    assert!(book.rules(Key::Sql("DROP")).iter().all(|filed| filed.runs.is_empty()));
}

#[test]
fn a_call_is_found_by_each_of_its_alternatives() {
    let book = book(&["call: \"*.{drop_all,dropAll}\"", "call: \"x.{a.close,b.open}\"", "call: \"*tree\""]);
    for (name, expect) in
        [("drop_all", "ac"), ("dropAll", "ac"), ("close", "bc"), ("open", "bc"), ("rmtree", "c")]
    {
        assert_eq!(found(&book, Key::Call(name)), expect, "{name}");
    }
}

#[test]
fn every_built_in_value_decodes() {
    let book = Rulebook::builtin();
    for head in book.packs() {
        let pack = book.pack(&head.pack).unwrap();
        assert_eq!(pack.rules.len(), head.rules.len());
        assert_eq!(pack.programs.len(), head.programs.len());
        // To compare subcommands unpacks them.
        assert_eq!(pack.programs, pack.programs.clone());
    }
    for rule in book.all_rules() {
        assert_eq!(book.rule(&rule.id()).unwrap(), rule);
    }
    assert!(!book.all_rules().is_empty());
}

#[test]
fn programs_are_found_by_each_name() {
    let text = "pack: x\ntitle: X\nprograms: {terraform: {also: [tofu], shim: true}}";
    let book = Rulebook::of(&[read_pack(text, "x.yaml").unwrap()]).unwrap();
    for name in ["terraform", "tofu"] {
        let grammar = book.program(name).unwrap();
        assert_eq!(grammar.name, "terraform");
        assert!(grammar.program.shim);
    }
    assert!(book.program("terra").is_none());
    assert_eq!(book.programs().len(), 1);
}

#[test]
fn rules_are_found_by_program() {
    let book = book(&["run: rm", "run: [git push, rm x]", "run: 'mkfs|mke2fs x'", "run: 'mkfs.*'"]);
    assert_eq!(found(&book, Key::Program("rm")), "abd");
    assert_eq!(found(&book, Key::Program("git")), "bd");
    assert_eq!(found(&book, Key::Program("mke2fs")), "cd");
    assert_eq!(found(&book, Key::Program("mkfs.ext4")), "d");
}

#[test]
fn rules_are_found_by_keyword() {
    let book = book(&[
        "sql: DROP DATABASE",
        "sql: [truncate, DELETE FROM]",
        "sql: CREATE OR REPLACE TABLE",
        "sql: … DROP COLUMN",
        "sql: {unfiltered: true}",
        "run: psql, sql: DROP|TRUNCATE SCHEMA",
    ]);
    assert_eq!(found(&book, Key::Sql("DROP")), "adef");
    assert_eq!(found(&book, Key::Sql("TRUNCATE")), "bdef");
    assert_eq!(found(&book, Key::Sql("delete")), "bde");
    assert_eq!(found(&book, Key::Sql("CREATE")), "cde");
    assert_eq!(found(&book, Key::Sql(&crate::unknown::UNKNOWN.to_string())), "abcdef");
    assert_eq!(found(&book, Key::Program("psql")), "f");
}

#[test]
fn rules_are_found_by_host() {
    let book = book(&[
        "http: {host: backboard.railway.com}",
        "http: {host: '*.amazonaws.com'}",
        "http: {host: backboard.railway.*}",
        "http: {path: /v1/apps}",
        "http: {host: '{api.a.com,api.b.com}'}",
        "http: {host: 'localhost:9200'}",
        "http: {host: [api.c.com, '~^d\\.e\\.com$']}",
        "http: {host: '{x,y}.API.C.com'}",
    ]);
    assert_eq!(found(&book, Key::HttpChange("backboard.railway.com")), "acdeg");
    assert_eq!(found(&book, Key::HttpChange("RAILWAY.com.")), "acdeg");
    assert_eq!(found(&book, Key::HttpChange("s3.eu-west-1.amazonaws.com:443")), "bcdeg");
    assert_eq!(found(&book, Key::HttpChange("backboard.railway.app")), "cdeg");
    assert_eq!(found(&book, Key::HttpChange("localhost")), "cdefg");
    assert_eq!(found(&book, Key::HttpChange("api.c.com")), "cdegh");
    assert_eq!(found(&book, Key::HttpChange("")), "cdeg");
    assert_eq!(found(&book, Key::HttpChange("[::1]:80")), "cdeg");
    assert_eq!(found(&book, Key::HttpChange(&format!("{}.com", crate::unknown::UNKNOWN))), "abcdefgh");
}

#[test]
fn rules_are_found_by_call() {
    let book = book(&[
        "call: shutil.rmtree",
        "call: '*.deleteMany'",
        "call: {name: fs.rm*}",
        "call: {argument: x}",
        "call: Remove-Item",
        "call: 'File::unlink'",
    ]);
    assert_eq!(found(&book, Key::Call("shutil.rmtree")), "acd");
    assert_eq!(found(&book, Key::Call("rmtree")), "acd");
    assert_eq!(found(&book, Key::Call("db.users.deleteMany")), "bcd");
    assert_eq!(found(&book, Key::Call("remove-item")), "cde");
    assert_eq!(found(&book, Key::Call("unlink")), "cdf");
}

#[test]
fn other_rules_are_found_by_kind() {
    let book =
        book(&["writes: {path: /etc/x}", "mentions: [\"a\", b]", "run: git, environment: {PAGER: '*'}"]);
    assert_eq!(found(&book, Key::Writes), "a");
    assert_eq!(found(&book, Key::Mentions), "b");
    assert_eq!(found(&book, Key::Environment("PAGER")), "c");
    assert_eq!(found(&book, Key::Environment("HOME")), "");
}

#[test]
fn an_added_pack_changes_nothing_that_is_there() {
    let mut book = book(&["run: deploy down"]);
    let user = || Origin::Installed("/home/dev/.config/guard/rules/x.yaml".into());
    let project = || Origin::Project("/p/.guard/rules/x.yaml".into());
    let with_program = |name: &str, program: &str| {
        read_pack(&format!("pack: {name}\ntitle: X\nprograms: {{{program}: {{}}}}"), "x.yaml").unwrap()
    };
    assert_eq!(book.add(&pack("x", &["run: rm"]), user()), Err(Conflict::Pack("x".into())));
    book.add(&with_program("other", "tool"), user()).unwrap();
    assert_eq!(
        book.add(&with_program("z", "tool"), user()),
        Err(Conflict::Program("tool".into(), "other".into()))
    );
    assert_eq!(
        book.add(&with_program("z", "deploy"), project()),
        Err(Conflict::Guarded("deploy".into(), "x/a".into()))
    );
    book.add(&with_program("z", "deploy"), user()).unwrap();
    assert_eq!(found(&book, Key::Program("deploy")), "a");
}

#[test]
fn what_is_added_is_found_although_it_was_asked_for_before() {
    let mut book = book(&["run: rm"]);
    assert!(book.program("tool").is_none());
    let text = "pack: other\ntitle: X\nprograms: {tool: {}}";
    book.add(&read_pack(text, "y.yaml").unwrap(), Origin::Installed("y.yaml".into())).unwrap();
    assert!(book.program("tool").is_some());
}

#[test]
fn a_replaced_pack_is_gone() {
    let mut book = Rulebook::of(&[pack("x", &["run: rm", "run: mv"]), pack("other", &["run: rm"])]).unwrap();
    book.replace(&pack("x", &["run: cp"])).unwrap();
    assert_eq!(found(&book, Key::Program("mv")), "");
    assert_eq!(found(&book, Key::Program("cp")), "a");
    assert_eq!(book.all_rules().len(), 2);
    assert!(book.rule("x/b").is_none());
    book.replace(&pack("x", &["run: mv"])).unwrap();
    assert_eq!(found(&book, Key::Program("cp")), "");
    assert_eq!(found(&book, Key::Program("mv")), "a");
}

#[test]
fn packs_come_back_as_they_were_read() {
    let book = Rulebook::builtin();
    for head in book.packs() {
        let path = format!("{}/rules/{}.yaml", env!("CARGO_MANIFEST_DIR"), head.pack);
        let read = read_pack(&std::fs::read_to_string(&path).unwrap(), &path).unwrap();
        assert_eq!(book.pack(&head.pack).unwrap(), read);
    }
}
