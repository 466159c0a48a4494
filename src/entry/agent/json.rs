//! JSON that means the same to everybody who reads it.
//!
//! Where a key stands twice, some readers take the first value and some the last; where two keys differ
//! in case alone, some (Go's) take either for the other. An agent that hands on what a model wrote could
//! run another command than the one that was judged, so such text is not understood.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads JSON.
///
/// # Errors
///
/// Returns an error of the category `Data` for JSON that has a key twice, of another for what is no JSON.
pub(super) fn read(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(bytes).map(|Clear(value)| value)
}

/// Reads JSON that stands in a text; there is none in a text that is no JSON.
///
/// # Errors
///
/// Returns why it means several things, as a lower-case fragment.
pub(super) fn within(text: &str) -> Result<Option<Value>, String> {
    match read(text.as_bytes()) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_data() => Err(error.to_string()),
        Err(_) => Ok(None),
    }
}

/// Returns the value of a key.
///
/// # Errors
///
/// Returns that another key differs from it in case alone, as a lower-case fragment.
pub(super) fn get<'m>(map: &'m Map<String, Value>, key: &str) -> Result<Option<&'m Value>, String> {
    let Some(value) = map.get(key) else { return Ok(None) };
    match map.keys().find(|other| *other != key && folded(other).eq(folded(key))) {
        Some(other) => Err(format!("`{key}` stands there as `{other}` too")),
        None => Ok(Some(value)),
    }
}

/// Returns a value as it is handed on where only text is: a text without its quotes.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns a text without what is a matter of case: `ſ` is `s`, and the Kelvin sign `k`.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// A value in which no key stands twice.
struct Clear(Value);

impl<'de> Deserialize<'de> for Clear {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Clear(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Clear(value))) = entries.next_entry::<String, Clear>()? {
            if map.contains_key(&key) {
                return Err(de::Error::custom(format!("`{key}` stands there twice")));
            }
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_clear_is_read_as_it_stands() {
        let check = |text: &str| {
            assert_eq!(
                read(text.as_bytes()).unwrap(),
                serde_json::from_str::<Value>(text).unwrap(),
                "{text}"
            );
        };
        check(r#"{"a":[1,-2,3.5,true,null,"x\u0041\n"],"b":{"a":{}},"A":18446744073709551615}"#);
        check("\"text\"");
        check("1e40");
    }

    #[test]
    fn a_key_that_stands_twice_is_not_read() {
        let check = |text: &str, expect: &str| {
            let error = within(text).unwrap_err();
            assert!(error.contains(expect), "{text}: {error}");
        };
        check(r#"{"command":"ls","command":"rm -rf ~"}"#, "`command` stands there twice");
        check(r#"{"command":"ls","\u0063ommand":"rm -rf ~"}"#, "`command` stands there twice");
        check(r#"[{"x":{"cmd":1,"b":2,"cmd":3}}]"#, "`cmd` stands there twice");
    }

    #[test]
    fn what_is_no_json_is_none() {
        for text in ["", "ls -la", "{\"a\":1", "{\"a\":1}x", &"[".repeat(1000)] {
            assert_eq!(within(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn keys_that_differ_in_case_alone_are_unclear() {
        let check = |text: &str, expect: Result<Option<&str>, ()>| {
            let value = read(text.as_bytes()).unwrap();
            let found = get(value.as_object().unwrap(), "task").map_err(|_| ());
            assert_eq!(found.map(|found| found.and_then(Value::as_str)), expect, "{text}");
        };
        check(r#"{"task":"ls","other":"x"}"#, Ok(Some("ls")));
        check(r#"{"other":"x","OTHER":"y"}"#, Ok(None));
        check(r#"{"task":"ls","Task":"rm"}"#, Err(()));
        check(r#"{"task":"ls","taſk":"rm"}"#, Err(()));
        check(r#"{"task":"ls","tas\u212a":"rm"}"#, Err(()));
    }
}
