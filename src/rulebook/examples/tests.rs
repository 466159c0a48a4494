#![allow(clippy::unwrap_used)]

use insta::assert_snapshot;

use super::super::Key;
use super::super::block::commands;
use super::*;

const PACK: &str = include_str!("../lint/good.yaml");

/// Judges by the first words alone: enough to see the examples fail and hold.
fn judge(book: &Rulebook, command: &str, _files: &Files) -> Vec<Fired> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let fires = |run: &String| words.starts_with(&run.split_whitespace().collect::<Vec<_>>());
    let spared = |clause: &super::super::format::Clause| clause.with.iter().any(|_| words.contains(&"-i"));
    let rules = book.rules(Key::Program("fly"));
    let firing = rules.iter().filter_map(|filed| book.decoded(filed)).filter(|rule| {
        let rule = &rule.rule;
        rule.when.iter().any(|clause| clause.run.iter().any(fires)) && !rule.unless.iter().any(spared)
    });
    let phrase = |confirm: &str| confirm.replace("{operand.1|without a name}", words.last().unwrap_or(&""));
    firing
        .map(|rule| Fired { rule_id: rule.id(), certain: true, phrase: phrase(&rule.rule.confirm) })
        .collect()
}

/// Returns the failures of the pack with `from` in it exchanged for `to`.
fn failures(from: &str, to: &str, effort: Effort) -> String {
    assert!(PACK.contains(from), "{from}");
    let simple = PACK
        .replace("flyctl apps rm shop -f", "fly apps destroy a b")
        .replace("fly volumes rm", "fly volumes destroy x");
    let simple = simple.replace("destroy --help", "show").replace("        with: [force]\n", "");
    let simple = simple.replace("      - run: fly apps destroy\n        option: {region: ams}\n", "");
    let source = Source::read("rules/fly.yaml", &simple.replace(from, to)).unwrap();
    let book = Rulebook::of(std::slice::from_ref(&source.pack)).unwrap();
    let outcome = check(&[source], &book, &judge, effort);
    outcome.failures.iter().map(|failure| format!("{failure}\n")).collect()
}

#[test]
fn examples_that_hold_say_nothing() {
    assert_eq!(failures("pack", "pack", Effort::default()), "");
    assert_eq!(failures("pack", "pack", Effort { mutants: true, disguises: false }), "");
}

#[test]
fn examples_that_fail_say_where_and_why() {
    let check = |from, to| failures(from, to, Effort::default());
    assert_snapshot!(check("fly volumes destroy vol_1\n        fly", "fly volumes delete vol_1\n        fly"), @"rules/fly.yaml:61: volume-destroy: must_stop: fly volumes delete vol_1: nothing fired");
    assert_snapshot!(check("fly volumes destroy vol_1\n        fly", "fly apps destroy vol_1\n        fly"), @"rules/fly.yaml:61: volume-destroy: must_stop: fly apps destroy vol_1: only fly/app-destroy fired");
    assert_snapshot!(check("fly volumes list", "fly apps destroy x"), @"rules/fly.yaml:65: volume-destroy: must_pass: fly apps destroy x: fly/app-destroy fired");
    assert_snapshot!(check("destroy app shop:", "destroy app other:"), @"rules/fly.yaml:46: app-destroy: phrases: fly apps destroy shop: the phrase is `destroy app shop`");
    assert_snapshot!(check("    recover: Deploy", "    instead: |\n      fly apps list\n      fly volumes destroy x\n    recover: Deploy"), @"rules/fly.yaml:36: app-destroy: instead: fly volumes destroy x: fly/volume-destroy fired");
    assert_snapshot!(check("confirm: destroy volume", "confirm: destroy  volume"), @r#"
    rules/fly.yaml:53: volume-destroy: confirm: fly volumes destroy vol_1: the phrase `destroy  volume` is not plain text of at most 60 characters
    rules/fly.yaml:53: volume-destroy: confirm: fly volumes destroy x vol_1: the phrase `destroy  volume` is not plain text of at most 60 characters
    rules/fly.yaml:53: volume-destroy: confirm: fly volumes destroy: the phrase `destroy  volume` is not plain text of at most 60 characters
    rules/fly.yaml:69: volume-destroy: phrases: fly volumes destroy vol_1: the phrase is `destroy  volume`
    "#);
}

#[test]
fn what_no_example_needs_is_named() {
    let check = |from, to| failures(from, to, Effort { mutants: true, disguises: false });
    assert_snapshot!(check("      - run: fly volumes destroy\n", "      - run: fly volumes destroy\n      - run: fly volumes zap\n"), @"rules/fly.yaml:53: volume-destroy: when/1: no example needs this clause");
    assert_snapshot!(check("        fly apps destroy -f -i shop\n", "        fly apps list shop\n"), @"rules/fly.yaml:28: app-destroy: unless/0: no example needs this exception");
    assert_snapshot!(check("confirm: destroy volume", "confirm: destroy volume{operand.1|}"), @"rules/fly.yaml:69: volume-destroy: phrases: fly volumes destroy vol_1: the phrase is `destroy volume{operand.1|}`");
}

#[test]
fn disguises_are_tried() {
    let all = failures("pack", "pack", Effort { mutants: false, disguises: true });
    let first = all.lines().find(|line| line.contains("(bash -c)")).unwrap();
    assert_snapshot!(first, @"rules/fly.yaml:38: app-destroy: must_stop (bash -c): bash -c 'fly apps destroy -f shop': nothing fired");
    assert!(!all.contains("(echo)"), "what is data passes");
}

#[test]
fn slots_are_taken_out_one_by_one() {
    assert_eq!(
        without_source("delete {a|b|it} of {a|x}", "a"),
        "delete {env.NEVER_SET|b|it} of {env.NEVER_SET|x}"
    );
    assert_eq!(without_source("delete it", "a"), "delete it");
}

#[test]
fn built_in_examples_are_commands() {
    for rule in Rulebook::builtin().all_rules() {
        assert!(commands(&rule.rule.examples.must_stop).len() >= 3, "{}", rule.id());
    }
}
