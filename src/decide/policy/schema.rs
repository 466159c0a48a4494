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
    let environment = object::<Environment>(&[
        ("when", when()),
        ("at", at()),
        ("rules", rules()),
        ("proof", proof()),
        ("approvals", approvals()),
        ("freeze", list(&freeze())),
        ("backup", map(&backup())),
    ]);
    let verifier = object::<Verifier>(&[
        ("command", texts()),
        ("key", text()),
        ("within", json!({ "type": "integer", "minimum": 1, "maximum": 30 })),
    ]);
    let mut whole = object::<File>(&[
        ("at", at()),
        ("gaps", by_word::<GapName>(&words::<Do>())),
        ("rules", rules()),
        ("proof", proof()),
        ("approvals", approvals()),
        ("environments", map(&environment)),
        ("verify", map(&verifier)),
        ("notify", object::<Notify>(&[("command", texts())])),
        ("examples", by_key::<Examples>(&texts())),
        ("observe", json!({ "type": "boolean" })),
        ("before", before()),
        ("backup", map(&backup())),
        ("keys", map(&key())),
    ]);
    whole["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    whole["title"] = "A policy of guard".into();
    whole
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn map(values: &Value) -> Value {
    json!({ "type": "object", "additionalProperties": values })
}

fn texts() -> Value {
    list(&text())
}

fn age() -> Value {
    pattern("^[0-9]+[smhdw]$")
}

fn at() -> Value {
    by_word::<SeverityName>(&words::<Do>())
}

fn proof() -> Value {
    by_word::<SeverityName>(&words::<super::demand::Proof>())
}

fn approvals() -> Value {
    by_word::<SeverityName>(&json!({ "enum": [1, 2] }))
}

fn rules() -> Value {
    map(&object::<RuleLine>(&[("do", words::<Do>()), ("because", text())]))
}

fn when() -> Value {
    let mut when = by_key::<When>(&texts());
    when["properties"]["variables"] = map(&texts());
    when
}

fn freeze() -> Value {
    let days = json!({ "enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] });
    let time = pattern("^[0-9]{1,2}:[0-9]{2}$");
    object::<Freeze>(&[
        ("days", list(&days)),
        ("from", time.clone()),
        ("to", time),
        ("zone", text()),
        ("because", text()),
    ])
}

fn backup() -> Value {
    object::<Backup>(&[
        ("command", texts()),
        ("env", map(&text())),
        ("file", text()),
        ("newer_than", age()),
        ("elsewhere", json!({ "type": "boolean" })),
        ("at", words::<SeverityName>()),
        ("rules", texts()),
        ("make", texts()),
        ("restore_tested", pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")),
    ])
}

fn key() -> Value {
    object::<Key>(&[
        ("tool", text()),
        ("variable", pattern("^[A-Za-z_][A-Za-z0-9_]*$")),
        ("environments", texts()),
        ("at", words::<SeverityName>()),
    ])
}

fn before() -> Value {
    let size = pattern("^[0-9]+ ?[kKMGT]?i?[bB]?$");
    let bounds = json!({ "type": "object", "additionalProperties": false,
        "properties": { "size": size, "age": age() } });
    let kept = json!({ "anyOf": [{ "enum": ["off", false] }, bounds] });
    let mut before: Map<_, _> =
        known::<Keeper>(&json!("?")).into_iter().map(|name| (name, kept.clone())).collect();
    before.insert("untracked".to_owned(), kept);
    before.insert("unkept".to_owned(), words::<Do>());
    closed(before)
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
