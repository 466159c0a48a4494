//! The JSON schema of a policy file, for editors.
//!
//! The names of keys and words come from the types that read them, so the schema cannot name a key that is
//! not read, nor miss one that is.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::backup::Backup;
use super::environments::{Environment, When};
use super::examples::Examples;
use super::freeze::Freeze;
use super::keys::Key;
use super::notify::Notify;
use super::verify::Verifier;
use super::{Do, File, GapName, RuleLine, SeverityName};
use crate::rulebook::format::Keeper;

/// Returns the schema.
pub fn schema() -> Value {
    let acts = words::<Do>();
    let by_severity = |value: &Value| by_word::<SeverityName>(value);
    let rule_line = object::<RuleLine>(&[("do", acts.clone()), ("because", json!({ "type": "string" }))]);
    let rules = json!({ "type": "object", "additionalProperties": rule_line });
    let globs = json!({ "type": "array", "items": { "type": "string" } });
    let proof = by_severity(&words::<super::demand::Proof>());
    let approvals = by_severity(&json!({ "enum": [1, 2] }));
    let at = by_severity(&acts);
    let lists =
        |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), globs.clone())).collect::<Map<_, _>>();
    let mut when =
        object::<When>(&[("variables", json!({ "type": "object", "additionalProperties": globs }))]);
    for (name, value) in lists(
        &keys::<When>().iter().map(String::as_str).filter(|name| *name != "variables").collect::<Vec<_>>(),
    ) {
        when["properties"][name] = value;
    }
    let freeze = object::<Freeze>(&[
        (
            "days",
            json!({ "type": "array", "items": { "enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] } }),
        ),
        ("from", json!({ "type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}$" })),
        ("to", json!({ "type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}$" })),
        ("zone", json!({ "type": "string" })),
        ("because", json!({ "type": "string" })),
    ]);
    let text = json!({ "type": "string" });
    let age = json!({ "type": "string", "pattern": "^[0-9]+[smhdw]$" });
    let backup = object::<Backup>(&[
        ("command", globs.clone()),
        ("env", json!({ "type": "object", "additionalProperties": text })),
        ("file", text.clone()),
        ("newer_than", age.clone()),
        ("elsewhere", json!({ "type": "boolean" })),
        ("at", words::<SeverityName>()),
        ("rules", globs.clone()),
        ("make", globs.clone()),
        ("restore_tested", json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })),
    ]);
    let backups = json!({ "type": "object", "additionalProperties": backup });
    let key = object::<Key>(&[
        ("tool", text.clone()),
        ("variable", json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" })),
        ("environments", globs.clone()),
        ("at", words::<SeverityName>()),
    ]);
    let bounds = json!({ "type": "object", "additionalProperties": false,
        "properties": { "size": { "type": "string", "pattern": "^[0-9]+ ?[kKMGT]?i?[bB]?$" }, "age": age } });
    let kept = json!({ "anyOf": [{ "enum": ["off", false] }, bounds] });
    let mut before =
        known::<Keeper>(&json!("?")).into_iter().map(|name| (name, kept.clone())).collect::<Map<_, _>>();
    before.insert("untracked".to_owned(), kept);
    before.insert("unkept".to_owned(), acts.clone());
    let environment = object::<Environment>(&[
        ("when", when),
        ("at", at.clone()),
        ("rules", rules.clone()),
        ("proof", proof.clone()),
        ("approvals", approvals.clone()),
        ("freeze", json!({ "type": "array", "items": freeze })),
        ("backup", backups.clone()),
    ]);
    let verifier = object::<Verifier>(&[
        ("command", globs.clone()),
        ("key", json!({ "type": "string" })),
        ("within", json!({ "type": "integer", "minimum": 1, "maximum": 30 })),
    ]);
    let mut whole = object::<File>(&[
        ("at", at),
        ("gaps", by_word::<GapName>(&acts)),
        ("rules", rules),
        ("proof", proof),
        ("approvals", approvals),
        ("environments", json!({ "type": "object", "additionalProperties": environment })),
        ("verify", json!({ "type": "object", "additionalProperties": verifier })),
        ("notify", object::<Notify>(&[("command", globs.clone())])),
        ("examples", by_key::<Examples>(&globs)),
        ("observe", json!({ "type": "boolean" })),
        ("before", closed(before)),
        ("backup", backups),
        ("keys", json!({ "type": "object", "additionalProperties": key })),
    ]);
    whole["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    whole["title"] = "A policy of guard".into();
    whole
}

/// Returns the schema of a map whose keys are the words of `T`.
fn by_word<T: DeserializeOwned>(value: &Value) -> Value {
    closed(known::<T>(&json!("?")).into_iter().map(|word| (word, value.clone())).collect())
}

/// Returns the schema of a map whose keys are the fields of `T`.
fn by_key<T: DeserializeOwned>(value: &Value) -> Value {
    closed(keys::<T>().into_iter().map(|key| (key, value.clone())).collect())
}

/// Returns the schema of a map with the fields of `T`; a field that is not described may hold anything.
fn object<T: DeserializeOwned>(described: &[(&str, Value)]) -> Value {
    let value = |key: &String| {
        described.iter().find(|(name, _)| name == key).map_or_else(|| json!({}), |(_, value)| value.clone())
    };
    closed(keys::<T>().into_iter().map(|key| (key.clone(), value(&key))).collect())
}

fn closed(properties: Map<String, Value>) -> Value {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn words<T: DeserializeOwned>() -> Value {
    json!({ "enum": known::<T>(&json!("?")) })
}

fn keys<T: DeserializeOwned>() -> Vec<String> {
    known::<T>(&json!({ "?": 0 }))
}

/// Returns the names that a reader lists as expected in its error about an unknown one.
fn known<T: DeserializeOwned>(wrong: &Value) -> Vec<String> {
    let Err(error) = serde_json::from_value::<T>(wrong.clone()) else { return Vec::new() };
    let message = error.to_string();
    let expected = message.split_once("expected").map_or("", |(_, rest)| rest);
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_are_read() {
        let schema = schema();
        let check = |at: &str, expect: &[&str]| {
            let names: Vec<&str> = schema
                .pointer(at)
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(Map::keys)
                .map(String::as_str)
                .collect();
            let missing: Vec<_> = expect.iter().filter(|name| !names.contains(name)).collect();
            assert!(missing.is_empty(), "{at}: {missing:?} of {names:?}");
        };
        check("/properties", &["at", "gaps", "rules", "proof", "approvals", "environments", "examples"]);
        check("/properties/at/properties", &["moderate", "severe", "catastrophic"]);
        check("/properties/environments/additionalProperties/properties", &["when", "at", "freeze"]);
        check(
            "/properties/environments/additionalProperties/properties/when/properties",
            &["hosts", "variables"],
        );
        check("/properties/before/properties", &["trash", "git-stash", "copy-file", "untracked", "unkept"]);
        check(
            "/properties/environments/additionalProperties/properties/backup/additionalProperties/properties",
            &["make"],
        );
        check(
            "/properties/keys/additionalProperties/properties",
            &["tool", "variable", "environments", "at"],
        );
        let described = schema.pointer("/properties").and_then(Value::as_object).unwrap();
        let open: Vec<_> = described.iter().filter(|(_, value)| **value == json!({})).collect();
        assert!(open.is_empty(), "nothing is said of {open:?}");
        assert_eq!(
            schema.pointer("/properties/at/properties/severe/enum"),
            Some(&json!(["run", "confirm", "refuse"]))
        );
    }
}
