//! Values as JSON, for the bodies of requests.

use super::value::Value;
use crate::unknown::UNKNOWN;

/// How long a document may grow.
const MAX_LENGTH: usize = 1 << 16;

/// Returns `value` as JSON; what is not known is a string that is a mark.
pub(super) fn json(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    if out.len() > MAX_LENGTH {
        quote(UNKNOWN.encode_utf8(&mut [0; 4]), out);
        return;
    }
    match value {
        Value::Plain(text) => match &**text {
            "None" | "nil" | "undefined" | "NULL" => out.push_str("null"),
            "True" | "TRUE" => out.push_str("true"),
            "False" | "FALSE" => out.push_str("false"),
            other => out.push_str(other),
        },
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (key, item)) in map.entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quote(key, out);
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
        other => quote(&other.to_text(), out),
    }
}

fn quote(text: &str, out: &mut String) {
    // A string can always be written as JSON.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_json() {
        let plain = |text: &str| Value::Plain(text.into());
        let map = Value::map(vec![
            ("q".to_owned(), Value::text("a\"b")),
            ("n".to_owned(), plain("3")),
            ("none".to_owned(), plain("None")),
            ("list".to_owned(), Value::list(vec![plain("True"), Value::Unknown])),
        ]);
        assert_eq!(
            json(&map),
            r#"{"q":"a\"b","n":3,"none":null,"list":[true,"X"]}"#.replace('X', "\u{F0000}")
        );
    }
}
