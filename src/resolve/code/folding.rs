//! What calls give when their arguments are known.

use super::brackets::Item;
use super::fold::{self, Fold, Method};
use super::language::Language;
use super::reader::{Operand, Reader};
use super::text::{MAX_TEXT, fill_braces, fill_percent, join_paths, joined, parent, reversed};
use super::value::Value;
use crate::resolve::decode;
use crate::unknown::{UNKNOWN, is_known};

impl Reader<'_> {
    /// Returns what the call of `path` on `receiver` gives, if that is known.
    pub(super) fn fold_call(
        &mut self,
        path: &str,
        receiver: Option<&Value>,
        items: &[Item],
    ) -> Option<Value> {
        let fold = fold::function(path);
        let method = fold::method(path.rsplit('.').next().unwrap_or(path));
        if fold.is_none() && method.is_none() {
            return None;
        }
        let size = receiver.into_iter().chain(items.iter().map(|item| &item.value)).map(Value::size).sum();
        if !self.charge(size) {
            return None;
        }
        match (fold, receiver) {
            (Some(fold), _) => self.fold(fold, items),
            (None, Some(receiver)) => self.fold_method(receiver, method?, items),
            (None, None) => None,
        }
    }

    fn fold_method(&mut self, receiver: &Value, method: Method, items: &[Item]) -> Option<Value> {
        match receiver {
            Value::Thing(thing) => match thing.as_path() {
                Some(text) => self.fold_path(text, method, items),
                None if method == Method::Member => {
                    let member = items.first()?.value.to_text().into_owned();
                    Some(self.member(&Operand::of(receiver.clone()), &member).value)
                }
                None => None,
            },
            Value::Text(text) => self.fold_text(text, method, items),
            Value::List(_) => self.fold_list(receiver, method, items),
            Value::Map(_) if method == Method::Json => {
                let text = self.written_out(receiver);
                Some(self.make(text))
            }
            _ => None,
        }
    }

    /// Returns what a function gives.
    fn fold(&mut self, fold: Fold, items: &[Item]) -> Option<Value> {
        let first = items.first().map(|item| &item.value);
        let second = items.get(1).map(|item| &item.value);
        let decoded = |decode: fn(&str) -> Option<String>| first.and_then(Value::known_text).and_then(decode);
        let result = match fold {
            Fold::List if self.is(Language::R) => return Some(collect(items)),
            Fold::First | Fold::List => return first.cloned(),
            Fold::Collect => return Some(collect(items)),
            Fold::Glob => return Some(Value::list(vec![first?.clone()])),
            Fold::Place(place) => return Some(fold::path_object(place)),
            Fold::Variable => return Some(self.variable(first?.known_text().unwrap_or_default())),
            Fold::Attribute => {
                let name = second?.to_text().into_owned();
                return Some(self.member(&Operand::of(first?.clone()), &name).value);
            }
            Fold::Module => return self.module(first),
            Fold::Shift if self.is(Language::Perl) => return Some(self.shift()),
            Fold::Shift => return None,
            Fold::Split => return Some(split(first?.as_text()?, None)),
            Fold::Map => return map_characters(first?, second?),
            Fold::Concat => joined(values(items), ""),
            Fold::Words => joined(values(items), " "),
            Fold::Implode => {
                let rest = values(items.get(1..)?).flat_map(each);
                joined(rest, first?.as_text()?)
            }
            Fold::ImplodeBehind => {
                joined(first?.as_list()?.iter(), &second.map_or(" ".into(), Value::to_text))
            }
            Fold::JoinPath { resets } => paths(items, resets),
            Fold::PathObject => return Some(fold::path_object(&paths(items, true))),
            Fold::Parent => parent(first?.as_text()?),
            Fold::Text(text) => text.to_owned(),
            Fold::Temporary => format!("/tmp/{UNKNOWN}"),
            Fold::Base64 => decoded(decode::base64)?,
            Fold::Hex => decoded(decode::hexadecimal)?,
            Fold::Decode => decode(first?, second)?,
            Fold::Characters => characters(values(items))?,
            Fold::Rot13 => decode::rot13(first?.known_text()?),
            Fold::Reverse if first?.as_list().is_some() => {
                return self.fold_list(first?, Method::Reverse, &[]);
            }
            Fold::Reverse => reversed(first?.as_text()?),
            Fold::Percent => fill_percent(first?.as_text()?, values(items).skip(1)),
            Fold::Json => self.written_out(first?),
            Fold::Quote => {
                let text = first?.to_text();
                // What is not known stays one word, as it will be quoted.
                if is_known(&text) { shell_words::quote(&text).into_owned() } else { format!("'{text}'") }
            }
            Fold::Lower => first?.as_text()?.to_lowercase(),
            Fold::Upper => first?.as_text()?.to_uppercase(),
        };
        Some(self.make(result))
    }

    /// Returns the module that `name` names.
    fn module(&mut self, name: Option<&Value>) -> Option<Value> {
        if !matches!(self.syntax.language, Language::JavaScript | Language::Python | Language::Lua) {
            return None;
        }
        let name = name?.to_text().into_owned();
        Some(self.module_named(&name))
    }

    /// Returns what a method of the path `text` gives.
    fn fold_path(&mut self, text: &str, method: Method, items: &[Item]) -> Option<Value> {
        let below = |name: &str| fold::path_object(&join_paths(text, name, true));
        Some(match method {
            Method::Same => fold::path_object(text),
            Method::Join => below(&paths(items, true)),
            Method::Glob => Value::list(vec![below(&items.first()?.value.to_text())]),
            Method::Children => Value::list(vec![below("*")]),
            _ => return None,
        })
    }

    /// Returns what a method of the string `text` gives.
    fn fold_text(&mut self, text: &str, method: Method, items: &[Item]) -> Option<Value> {
        let first = items.first().map(|item| &item.value);
        let second = items.get(1).map(|item| &item.value);
        let result = match method {
            Method::Same => text.to_owned(),
            Method::Join if text.is_empty() && first?.as_list().is_none() => first?.as_text()?.to_owned(),
            Method::Join => joined(first?.as_list()?.iter(), text),
            Method::Format if self.is(Language::Lua) => fill_percent(text, values(items)),
            Method::Format => fill_braces(text, items),
            Method::Replace => {
                let (old, new) = (first?.as_text()?, second?.as_text()?);
                let length = text.matches(old).count().checked_mul(new.len())?;
                (length <= MAX_TEXT).then(|| text.replace(old, new))?
            }
            Method::Trim => text.trim().to_owned(),
            Method::Split => return Some(split(text, first.and_then(Value::as_text))),
            Method::Lower => text.to_lowercase(),
            Method::Upper => text.to_uppercase(),
            Method::Concat => format!("{text}{}", joined(values(items), "")),
            Method::Reverse => reversed(text),
            Method::Repeat => {
                let times = usize::try_from(first?.as_number()?).ok()?;
                (text.len().checked_mul(times)? <= MAX_TEXT).then(|| text.repeat(times))?
            }
            Method::Slice => return Some(self.slice(&Value::text(text), &[first.cloned(), second.cloned()])),
            Method::Decode => decode(&Value::text(text), first)?,
            Method::Pack if first.and_then(Value::as_text) == Some("m") => decode::base64(text)?,
            Method::Json => self.written_out(&Value::text(text)),
            _ => return None,
        };
        Some(self.make(result))
    }

    /// Returns what a method of a list gives.
    fn fold_list(&mut self, list: &Value, method: Method, items: &[Item]) -> Option<Value> {
        let members = list.as_list()?;
        let first = items.first().map(|item| &item.value);
        let second = items.get(1).map(|item| &item.value);
        let text = match method {
            Method::Same => return Some(list.clone()),
            Method::Concat => {
                return Some(items.iter().fold(list.clone(), |list, item| self.join(&list, &item.value)));
            }
            Method::Reverse => return Some(Value::list(members.iter().rev().cloned().collect())),
            Method::Slice => return Some(self.slice(list, &[first.cloned(), second.cloned()])),
            Method::First => return Some(self.item(list, 0)),
            Method::Join => {
                let default = if self.is(Language::Ruby) { "" } else { "," };
                joined(members.iter(), &first.map_or(default.into(), Value::to_text))
            }
            Method::Pack | Method::Decode => characters(members.iter())?,
            Method::Json => self.written_out(list),
            _ => return None,
        };
        Some(self.make(text))
    }
}

/// Returns the values of `items`.
fn values(items: &[Item]) -> impl Iterator<Item = &Value> {
    items.iter().map(|item| &item.value)
}

/// Returns a list's items, or the value itself.
fn each(value: &Value) -> &[Value] {
    value.as_list().unwrap_or(std::slice::from_ref(value))
}

/// Returns the items as a map where they have names, else as a list.
fn collect(items: &[Item]) -> Value {
    if items.iter().any(|item| item.name.is_some()) {
        let entry = |item: &Item| Some((item.name.clone()?, item.value.clone()));
        return Value::map(items.iter().filter_map(entry).collect());
    }
    Value::list(values(items).cloned().collect())
}

/// Returns the items as parts of one path.
fn paths(items: &[Item], resets: bool) -> String {
    let add = |path: String, part: &Value| {
        if path.len() > MAX_TEXT { path } else { join_paths(&path, &part.to_text(), resets) }
    };
    values(items).fold(String::new(), add)
}

/// Returns what `value` is in the encoding `name`, as `codecs.decode` and `Buffer.from` read it.
fn decode(value: &Value, name: Option<&Value>) -> Option<String> {
    if let Some(list) = value.as_list() {
        return characters(list.iter());
    }
    let name = name.map_or("".into(), Value::to_text).to_ascii_lowercase().replace(['-', '_'], "");
    match name.as_str() {
        "base64" | "base64url" => decode::base64(value.known_text()?),
        "hex" => decode::hexadecimal(value.known_text()?),
        "rot13" => Some(decode::rot13(value.known_text()?)),
        _ => value.as_text().map(str::to_owned),
    }
}

/// Returns the characters of numbers (`map(chr, [114, 109])`).
fn map_characters(function: &Value, list: &Value) -> Option<Value> {
    if fold::function(&function.as_thing()?.path) != Some(Fold::Characters) {
        return None;
    }
    let character =
        |item: &Value| characters(std::iter::once(item)).map_or(Value::Unknown, |text| Value::text(&text));
    Some(Value::list(list.as_list()?.iter().map(character).collect()))
}

/// Returns the text of the characters whose numbers are given.
fn characters<'a>(values: impl Iterator<Item = &'a Value>) -> Option<String> {
    let code = |value: &Value| char::from_u32(u32::try_from(value.as_number()?).ok()?);
    values.flat_map(each).map(code).collect::<Option<String>>().filter(|text| !text.is_empty())
}

/// Returns the words of `text`, or its parts between `separator`.
fn split(text: &str, separator: Option<&str>) -> Value {
    let parts = match separator {
        Some("") => text.chars().map(|c| Value::text(c.encode_utf8(&mut [0; 4]))).collect(),
        Some(separator) if !separator.trim().is_empty() => text.split(separator).map(Value::text).collect(),
        _ => text.split_whitespace().map(Value::text).collect(),
    };
    Value::list(parts)
}
