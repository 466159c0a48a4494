#![allow(clippy::unwrap_used, clippy::expect_used)]

use insta::assert_snapshot;
use proptest::prelude::*;

use super::super::format::{Clause, PathKind, Pattern, Runs};
use super::*;
use crate::glob::Glob;

/// Returns what is said about a pack that begins with these lines.
fn refusal(body: &str) -> String {
    read_pack(&format!("pack: x\ntitle: X\n{body}"), "x.yaml").expect_err("it is wrong").to_string()
}

/// Returns what is said about a rule with these lines in its only clause.
fn clause_refusal(clause: &str) -> String {
    refusal(&format!("rules:\n  - id: a\n    when:\n      - {}", clause.replace('\n', "\n        ")))
}

fn clause(yaml: &str) -> Clause {
    serde_saphyr::from_str_with_options(yaml, options()).expect("it is a clause")
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn one_word_stands_for_a_list_of_one() {
    assert_eq!(clause("run: rm").run, words(&["rm"]));
    assert_eq!(clause("run: [rm, unlink]").run, words(&["rm", "unlink"]));
    assert_eq!(clause("operand_path: temporary").operand_path, [PathKind::Temporary]);
    assert_eq!(
        clause("operand_path: [temporary, vital]").operand_path,
        [PathKind::Temporary, PathKind::Vital]
    );
    assert_eq!(clause("option: {volume: 'x*'}").option["volume"], [Pattern::from("x*".to_owned())]);
    assert_eq!(clause("option_path: {directory: vital}").option_path["directory"], [PathKind::Vital]);
    assert_eq!(
        clause("operand_at: {2: w, 3: [x, z]}").operand_at[&3],
        ["x", "z"].map(|text| Pattern::from(text.to_owned()))
    );
}

#[test]
fn statements_and_calls_may_stand_alone() {
    for yaml in ["sql: DROP DATABASE", "sql: [DROP DATABASE]", "sql: {statement: DROP DATABASE}"] {
        assert_eq!(clause(yaml).sql.unwrap().statement, words(&["DROP DATABASE"]));
    }
    for yaml in ["call: shutil.rmtree", "call: [shutil.rmtree]", "call: {name: [shutil.rmtree]}"] {
        assert_eq!(clause(yaml).call.unwrap().name, [Glob::from("shutil.rmtree".to_owned())]);
    }
}

#[test]
fn operands_stand_for_running_what_follows() {
    let read = |runs: &str| {
        let pack =
            read_pack(&format!("pack: x\ntitle: X\nprograms: {{w: {{runs: {runs}}}}}"), "x.yaml").unwrap();
        *pack.programs["w"].runs.clone().unwrap()
    };
    assert_eq!(read("operands"), Runs { operands_from: Some(1), ..Runs::default() });
    assert_eq!(read("{shell: command}"), Runs { shell: words(&["command"]), ..Runs::default() });
}

#[test]
fn unknown_keys_name_near_ones() {
    assert_snapshot!(refusal("programms: {}"), @r"
    x.yaml:3:1: unknown key `programms`; did you mean `programs`?
      3 | programms: {}
        | ^^^^^^^^^
    ");
    assert_snapshot!(refusal("frobnicate: {}"), @r"
    x.yaml:3:1: unknown key `frobnicate`; known are pack, title, docs, checked, programs, targets, rules
      3 | frobnicate: {}
        | ^^^^^^^^^^
    ");
    assert_snapshot!(clause_refusal("run: rm\noperand-path: vital"), @r"
    x.yaml:7:9: unknown key `operand-path`; did you mean `operand_path`?
      7 |         operand-path: vital
        |         ^^^^^^^^^^^^
    ");
    assert_snapshot!(clause_refusal("run: rm\noperand_path: outside"), @r"
    x.yaml:7:9: unknown word `outside`; did you mean `outside-project`?
      7 |         operand_path: outside
        |         ^^^^^^^^^^^^
    ");
    assert_snapshot!(clause_refusal("http: {host: a.com, methods: POST}"), @r"
    x.yaml:6:29: unknown key `methods`; did you mean `method`?
      6 |       - http: {host: a.com, methods: POST}
        |                             ^^^^^^^
    ");
    assert_snapshot!(clause_refusal("sql: {statements: DROP}"), @r"
    x.yaml:6:15: unknown key `statements`; did you mean `statement`?
      6 |       - sql: {statements: DROP}
        |               ^^^^^^^^^^
    ");
    assert_snapshot!(refusal("programs: {w: {runs: {operand_from: 2}}}"), @r"
    x.yaml:3:23: unknown key `operand_from`; did you mean `operands_from`?
      3 | programs: {w: {runs: {operand_from: 2}}}
        |                       ^^^^^^^^^^^^
    ");
    assert_snapshot!(refusal("programs: {w: {style: gnuu}}"), @r"
    x.yaml:3:23: unknown word `gnuu`; did you mean `gnu`?
      3 | programs: {w: {style: gnuu}}
        |                       ^^^^
    ");
}

#[test]
fn keys_are_given_once() {
    assert_snapshot!(refusal("title: Y"), @r"
    x.yaml:3:1: `title` is given twice
      3 | title: Y
        | ^^^^^
    ");
    assert_snapshot!(refusal("programs:\n  rm: {}\n  rm: {}"), @r"
    x.yaml:5:3: `rm` is given twice
      5 |   rm: {}
        |   ^^
    ");
    assert_snapshot!(clause_refusal("run: rm\nrun: mv"), @r"
    x.yaml:7:9: `run` is given twice
      7 |         run: mv
        |         ^^^
    ");
}

#[test]
fn what_yaml_does_not_take_for_text_must_be_quoted() {
    assert_snapshot!(clause_refusal("run: rm\noperand: yes"), @r"
    x.yaml:7:18: a bare yes, no, on, off, true or false is not text to YAML: put quotes around it
      7 |         operand: yes
        |                  ^^^
    ");
    assert_snapshot!(clause_refusal("run: rm\noperand: [\"a\", off]"), @r#"
    x.yaml:7:24: `off` is not text to YAML: put quotes around it
      7 |         operand: ["a", off]
        |                        ^^^
    "#);
    assert_snapshot!(clause_refusal("run: rm\noperand: 5"), @r"
    x.yaml:7:18: `5` is not text to YAML: put quotes around it
      7 |         operand: 5
        |                  ^
    ");
    assert_snapshot!(clause_refusal("run: rm\noption: {no: x}"), @r"
    x.yaml:7:18: `no` is not text to YAML: put quotes around it
      7 |         option: {no: x}
        |                  ^^
    ");
    assert_snapshot!(refusal("docs: 1.5"), @r"
    x.yaml:3:7: `1.5` is not text to YAML: put quotes around it
      3 | docs: 1.5
        |       ^^^
    ");
    assert_snapshot!(refusal("programs: {w: {shim: yes}}"), @r#"
    x.yaml:3:22: `yes` is a truth value to some readers of YAML: write true, false or "yes"
      3 | programs: {w: {shim: yes}}
        |                      ^^^
    "#);
    assert_snapshot!(refusal("programs: {w: {shim: 1}}"), @r"
    x.yaml:3:22: expected true or false
      3 | programs: {w: {shim: 1}}
        |                      ^
    ");
}

#[test]
fn types_are_named_plainly() {
    assert_snapshot!(refusal("rules: x"), @r"
    x.yaml:3:8: expected a list (`- item`)
      3 | rules: x
        |        ^
    ");
    assert_snapshot!(refusal("programs: [rm]"), @r"
    x.yaml:3:11: expected a map (`key: value`)
      3 | programs: [rm]
        |           ^
    ");
    assert_snapshot!(clause_refusal("run: {rm: 1}"), @r"
    x.yaml:6:14: expected one word or a list of words, found map
      6 |       - run: {rm: 1}
        |              ^
    ");
    assert_snapshot!(clause_refusal("run:"), @r"
    x.yaml:6:9: expected one word or a list of words, found nothing
      6 |       - run:
        |         ^^^
    ");
    assert_snapshot!(clause_refusal("operand_at: {first: x}"), @r"
    x.yaml:6:22: expected a number from 0 to 255
      6 |       - operand_at: {first: x}
        |                      ^^^^^
    ");
    assert_snapshot!(clause_refusal("operands_at_least: 300"), @r"
    x.yaml:6:28: expected a number from 0 to 255
      6 |       - operands_at_least: 300
        |                            ^^^
    ");
    assert_snapshot!(clause_refusal("sql: 5"), @r"
    x.yaml:6:9: expected a statement, a list of statements, or a map with `statement`, found integer `5`
      6 |       - sql: 5
        |         ^^^
    ");
    assert_snapshot!(refusal("programs: {w: {runs: operand}}"), @r"
    x.yaml:3:22: expected `operands` or a map such as `{operands_from: 2}`, not `operand`
      3 | programs: {w: {runs: operand}}
        |                      ^^^^^^^
    ");
    assert_snapshot!(refusal("programs: {w: {runs: [a, b]}}"), @r"
    x.yaml:3:22: expected `operands` or a map such as `{operands_from: 2}`
      3 | programs: {w: {runs: [a, b]}}
        |                      ^
    ");
    assert_snapshot!(refusal("programs: {w: {joined_by: '::'}}"), @r"
    x.yaml:3:27: expected one character
      3 | programs: {w: {joined_by: '::'}}
        |                           ^^^^
    ");
    assert_snapshot!(read_pack("just words", "x.yaml").unwrap_err(), @r"
    x.yaml:1:1: expected a map (`key: value`)
      1 | just words
        | ^^^^^^^^^^
    ");
    assert_snapshot!(read_pack("title: X", "x.yaml").unwrap_err(), @r"
    x.yaml:1:1: `pack` is missing
      1 | title: X
        | ^^^^^
    ");
    assert_snapshot!(read_pack("", "x.yaml").unwrap_err(), @r"
    x.yaml:1:1: unexpected end of input
      1 | 
        | ^
    ");
}

#[test]
fn broken_yaml_has_a_place() {
    assert_snapshot!(refusal("docs: a: b"), @r"
    x.yaml:3:8: mapping values are not allowed in this context; put quotes around text with `: ` in it
      3 | docs: a: b
        |        ^
    ");
    assert_snapshot!(refusal("docs: @home"), @r"
    x.yaml:3:7: unexpected character: `@'; put quotes around text that begins with it
      3 | docs: @home
        |       ^
    ");
    assert_snapshot!(clause_refusal("run: *rm"), @r"
    x.yaml:6:14: there is no such anchor; put quotes around text that begins with `*`
      6 |       - run: *rm
        |              ^
    ");
    assert_snapshot!(clause_refusal("run: rm\noperand: *.sql"), @r"
    x.yaml:7:18: there is no such anchor; put quotes around text that begins with `*`
      7 |         operand: *.sql
        |                  ^
    ");
    assert_snapshot!(refusal("docs: \"open"), @r#"
    x.yaml:3:7: unclosed quote
      3 | docs: "open
        |       ^
    "#);
    assert_snapshot!(refusal("rules:\n\t- id: a"), @r"
    x.yaml:4:1: a tab cannot indent YAML; use blanks
      4 | �- id: a
        | ^
    ");
    assert_snapshot!(refusal("---\npack: z\ntitle: Z"), @r"
    x.yaml:4:1: a file holds one document: there is a second `---`
      4 | pack: z
        | ^
    ");
    assert_snapshot!(refusal("<<: {docs: x}"), @r"
    x.yaml:3:1: `<<` is not read here: write the keys out
      3 | <<: {docs: x}
        | ^^
    ");
    assert_snapshot!(refusal("docs: !secret x"), @r"
    x.yaml:3:15: unsupported tag `!secret`
      3 | docs: !secret x
        |               ^
    ");
    assert_snapshot!(refusal("docs: \u{1b}[2J"), @r"
    x.yaml:3:7: unexpected character: `\u{1b}'
      3 | docs: �[2J
        |       ^
    ");
}

#[test]
fn large_deep_and_swollen_files_are_refused() {
    assert_snapshot!(read_pack(&"#".repeat(MAX_BYTES + 1), "x.yaml").unwrap_err(), @"x.yaml: the file is larger than one megabyte");
    let deep = |n: usize| refusal(&format!("docs: {}", "[".repeat(n)));
    assert_snapshot!(deep(20), @r"
    x.yaml:3:7: expected text
      3 | docs: [[[[[[[[[[[[[[[[[[[[
        |       ^
    ");
    assert_snapshot!(deep(300_000), @r"
    x.yaml:3:7: expected text
      3 | docs: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
        |       ^
    ");
    let mut bomb = "programs:\n  p0: &a0 {also: [lol, lol]}\n".to_owned();
    for n in 1..1000 {
        bomb += &format!("  p{n}: *a0\n");
    }
    assert_snapshot!(refusal(&bomb), @r"
    x.yaml:105:9: the file is too large, too deep or too full of aliases
      105 |   p101: *a0
          |         ^^^
    ");
    let nested = (1..9).fold("docs: &a0 [x]\n".to_owned(), |text, n| {
        text + &format!("k{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))
    });
    assert!(read_pack(&nested, "x.yaml").is_err());
}

#[test]
fn a_long_line_is_shown_around_the_fault() {
    assert_snapshot!(refusal(&format!("docs: \"{}\" x{}", "a".repeat(300), "b".repeat(300))), @r#"
    x.yaml:3:310: invalid trailing content after double-quoted scalar
      3 | aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
        |                                                             ^
    "#);
}

#[test]
fn slips_are_recognised() {
    assert_eq!(nearest("titel", &["pack", "title"]), Some("title"));
    assert_eq!(nearest("outside", &["inside-project", "outside-project"]), Some("outside-project"));
    assert_eq!(nearest("xyz", &["pack", "title"]), None);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(pack|title|rules|when|run|: |\n|  |- |\\[|\\{|\\}|\\]|,|&a |\\*a|\\||'|\"|\t|é|yes|!|%|#){0,60}") {
        if let Err(error) = read_pack(&text, "x.yaml") {
            prop_assert!(error.to_string().starts_with("x.yaml"));
        }
    }
}
