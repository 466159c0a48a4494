//! What `jq -n` prints: an object that is written out in its filter, with the values of `--arg` in it.

use serde_json::Value;

use crate::unknown::UNKNOWN;

/// Returns the JSON that a filter without input stands for: `None` where it computes anything.
pub(super) fn built(words: &[String]) -> Option<String> {
    let (mut filter, mut without_input, mut named) = (None, false, Vec::new());
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--null-input" => without_input = true,
            "--arg" => named.push((words.next()?, Value::String(words.next()?.to_owned()).to_string())),
            "--argjson" => named.push((words.next()?, words.next()?.to_owned())),
            "--rawfile" | "--slurpfile" => drop((words.next()?, words.next()?)),
            "--compact-output" | "--raw-output" | "--sort-keys" | "--tab" => {}
            _ if word.starts_with("--") => return None,
            _ => match word.strip_prefix('-') {
                Some(flags) if flags.chars().all(|flag| "nrcSMCj".contains(flag)) => {
                    without_input |= flags.contains('n');
                }
                Some(_) => return None,
                None if filter.is_none() => filter = Some(word),
                None => return None,
            },
        }
    }
    let filter = filter.filter(|filter| without_input && filter.trim_start().starts_with('{'))?;
    Some(written_out(filter, &named)? + "\n")
}

/// Returns the text of a filter with its variables filled in; nothing where there is more than an object in it.
fn written_out(filter: &str, named: &[(&str, String)]) -> Option<String> {
    let mut out = String::new();
    let mut rest = filter;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '"' => {
                let end = end_of_string(rest)?;
                out.push_str(&rest[..end]);
                end
            }
            '$' => {
                let end = 1 + word_at(&rest[1..]);
                let name = &rest[1..end];
                let value = named.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str());
                let unknown = format!("\"{UNKNOWN}\"");
                // `{$id}` is short for `{id: $id}`.
                let is_key =
                    out.trim_end().ends_with(['{', ',']) && rest[end..].trim_start().starts_with([',', '}']);
                if is_key {
                    out.push_str(&format!("\"{name}\":"));
                }
                out.push_str(value.unwrap_or(&unknown));
                end
            }
            _ if c.is_ascii_alphabetic() || c == '_' => {
                let end = word_at(rest);
                let is_key = rest[end..].trim_start().starts_with(':');
                if !is_key && !matches!(&rest[..end], "true" | "false" | "null") {
                    return None;
                }
                out.push_str(&rest[..end]);
                end
            }
            _ if c.is_whitespace() || c.is_ascii_digit() || "{}[]:,-".contains(c) => {
                out.push(c);
                c.len_utf8()
            }
            _ => return None,
        };
        rest = &rest[taken..];
    }
    Some(out)
}

/// Returns the length of the word at the beginning of a text.
fn word_at(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// Returns where the string at the beginning of a text ends; nothing for one into which something is put.
fn end_of_string(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some(at + 1),
            '\\' if chars.next()?.1 == '(' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_is_written_out_is_known() {
        let check = |words: &[&str], expect: Option<&str>| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(built(&words).as_deref().map(str::trim_end), expect, "{words:?}");
        };
        check(&["-n", r#"{query:"mutation { x }"}"#], Some(r#"{query:"mutation { x }"}"#));
        check(&["-nc", "--arg", "id", "v\"1", "{q:{id:$id}}"], Some(r#"{q:{id:"v\"1"}}"#));
        check(&["-n", "--argjson", "n", "7", "{$n, a: true}"], Some(r#"{"n":7, a: true}"#));
        check(&["-n", "{a: $other}"], Some(&format!("{{a: \"{UNKNOWN}\"}}")));
        check(&["-n", "{a: input}"], None);
        check(&["-n", "{a: .b}"], None);
        check(&["-n", r#"{a: "x\(1)"}"#], None);
        check(&["-n", "{a: 1} | .a"], None);
        check(&["{a: 1}"], None);
        check(&["-n", "--args", "{a: 1}", "x"], None);
        check(&["-n", "{a: \"x"], None);
    }
}
