//! The JSON schema of a policy file, for editors.
//!
//! The names of keys and words are taken from the types that read them, so the schema cannot name what is not
//! read nor miss what is.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::environments::{Environment, When};
use super::examples::Examples;
use super::freeze::Freeze;
use super::notify::Notify;
use super::verify::Verifier;
use super::{Do, File, GapName, RuleLine, SeverityName};

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
    let environment = object::<Environment>(&[
        ("when", when),
        ("at", at.clone()),
        ("rules", rules.clone()),
        ("proof", proof.clone()),
        ("approvals", approvals.clone()),
        ("freeze", json!({ "type": "array", "items": freeze })),
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

/// Returns the schema of a map with the fields of `T`; of those that are not described anything is allowed.
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

/// Returns the names that a reader says it expects where it is given another.
fn known<T: DeserializeOwned>(wrong: &Value) -> Vec<String> {
    let Err(error) = serde_json::from_value::<T>(wrong.clone()) else { return Vec::new() };
    let message = error.to_string();
    let expected = message.split_once("expected").map_or("", |(_, rest)| rest);
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
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
        assert_eq!(
            schema.pointer("/properties/at/properties/severe/enum"),
            Some(&json!(["run", "confirm", "refuse"]))
        );
    }
}
