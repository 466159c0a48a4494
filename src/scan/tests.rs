#![allow(clippy::unwrap_used, clippy::panic)]

use super::kinds::Kinds;
use crate::rulebook::Rulebook;

#[test]
fn the_table_names_rules_and_readers_that_are_there() {
    let kinds = Kinds::builtin().unwrap();
    let rules: Vec<String> = Rulebook::builtin().all_rules().iter().map(|rule| rule.id()).collect();
    for glob in kinds.table().goes_with_the_machine.iter().chain(&kinds.table().only_what_is_there) {
        let matcher = globset::Glob::new(glob).unwrap().compile_matcher();
        assert!(rules.iter().any(|rule| matcher.is_match(rule)), "{glob} names no rule");
    }
    // What is elsewhere stays when the machine goes.
    for rule in [
        "railway/volume-delete",
        "sql/drop-database",
        "git/push-force",
        "terraform/destroy",
        "aws-storage/s3-empty",
    ] {
        assert!(rules.iter().any(|known| known == rule) && !kinds.goes_with_the_machine(rule), "{rule}");
    }
    for reader in ["bash", "/usr/bin/bash -leo pipefail {0}", "pwsh.exe"] {
        assert!(kinds.reader(reader).is_some(), "{reader}");
    }
    assert!(kinds.reader("cmd").is_none() && kinds.reader("").is_none());
}

#[test]
fn a_broken_table_is_told_with_its_place() {
    let check = |text: &str, expect: &str| {
        let error = super::table::Table::read(text, "t.yaml").unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    };
    let table = |kind: &str| {
        format!(
            "readers: {{sh: [sh, -c, '{{text}}']}}\ncontainer: []\ngoes_with_the_machine: []\nonly_what_is_there: []\nkinds:\n  - {kind}\n"
        )
    };
    check(
        "readers: {sh: [sh]}\ncontainer: []\ngoes_with_the_machine: []\nonly_what_is_there: []\nkinds: []\n",
        "must be one of the words",
    );
    check(&table("{kind: x, format: text}"), "which files it is");
    check(&table("{kind: x, files: [a], format: text, reader: zz}"), "no such reader");
    check(&table("{kind: x, files: [a], format: yaml}"), "`commands` belongs");
    check(&table("{kind: x, files: [a], format: lines}"), "`line` is missing");
    check(&table("{kind: x, files: [a], format: lines, line: '(a'}"), "t.yaml:6");
    check(&table("{kind: x, files: [a], format: lines, line: 'a'}"), "group `command`");
    check(&table("{kind: x, files: [a], format: text, fils: b}"), "t.yaml:6");
}
