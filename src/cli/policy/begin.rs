//! A policy to start from, based on what is found here.

use std::collections::{BTreeMap, BTreeSet};

use crate::aim::{self, Fact};
use crate::place::Place;
use crate::rulebook::Rulebook;
use crate::rulebook::targets::Aspect;

/// Returns a commented policy.
pub(super) fn policy(place: &Place<'_>, rulebook: &Rulebook) -> String {
    let mut text = String::from(
        "# A policy of guard. What it may say: docs/policy.md; what is in force: guard policy show\n\
         # In a project it tightens at once, and loosens nothing until a person runs: guard trust\n\n\
         # What is done by severity: run < confirm < refuse. All three are asked about where nothing is said.\n\
         at:\n  catastrophic: confirm\n\n",
    );
    let found = found(place, rulebook);
    if !found.is_empty() {
        text += "# What the tools of this directory are set to now:\n";
        let mut tools: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (tool, fact) in found.iter().flat_map(|(tool, facts)| facts.iter().map(move |fact| (tool, fact)))
        {
            tools.entry(plain(&fact.to_string())).or_default().push(tool);
        }
        for (fact, tools) in tools {
            text += &format!("#   {fact} ({})\n", tools.join(", "));
        }
        text += "\n";
    }
    text += "# What is not known as another environment is taken for production, and gets what stands here.\n\
             environments:\n  production:\n";
    let known = keys(&found);
    if known.is_empty() {
        text += "    # What it is known by; an example:\n    # when: {hosts: [\"*.prod.example.com\"]}\n";
    } else {
        text +=
            "    # What it is known by. Keep what is production; all keys that stay must hold.\n    when:\n";
        for (key, values) in &known {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            text += &format!("      {key}: [{}]\n", values.join(", "));
        }
    }
    text += "    at: {catastrophic: refuse}\n    \
             # proof: {severe: passphrase}     # once one is enrolled\n    \
             # approvals: {catastrophic: 2}\n    \
             # freeze: [{days: [fri], from: \"16:00\", to: \"08:00\", zone: local, because: nobody is in}]\n\n\
             # An environment in which less is asked. It counts in your own policy (~/.config/guard/policy.yaml), or here once\n\
             # a person trusts this file; never by variables, branches or files of the project.\n  \
             # scratch:\n  #   when: {hosts: [localhost]}\n  #   at: {moderate: run}\n\n\
             # Examples are tried by: guard policy test\n\
             examples:\n  run:\n    - git status\n  confirm:\n    - git push --force origin main\n";
    text
}

/// Returns what tools are explicitly set to here, leaving out defaults.
fn found(place: &Place<'_>, rulebook: &Rulebook) -> BTreeMap<String, Vec<Fact>> {
    let mut found = BTreeMap::new();
    for program in rulebook.programs() {
        let facts = aim::settings_of(&program.name, place, rulebook);
        let own: Vec<Fact> =
            facts.into_iter().filter(|fact| fact.how != aim::How::Usual && fact.value.is_some()).collect();
        if !own.is_empty() {
            found.insert(program.name, own);
        }
    }
    found
}

/// Returns what an environment could be recognised by, by the keys of `when`.
fn keys(found: &BTreeMap<String, Vec<Fact>>) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut keys: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    // One key is enough to begin with, the surest first: all that are given must hold.
    let kinds = [
        ("hosts", Aspect::Host),
        ("accounts", Aspect::Account),
        ("contexts", Aspect::Context),
        ("projects", Aspect::Project),
    ];
    for (key, aspect) in kinds {
        let values = found
            .values()
            .flatten()
            .filter(|fact| fact.aspect == aspect)
            .filter_map(|fact| fact.value.clone());
        let values: BTreeSet<String> = values.collect();
        if !values.is_empty() {
            keys.insert(key, values);
            break;
        }
    }
    keys
}

/// Returns text as it may stand in a comment.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// Returns text as YAML.
fn quoted(text: &str) -> String {
    format!("{:?}", plain(text))
}
