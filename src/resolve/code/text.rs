//! What functions of many languages do to strings: formats, paths, repetitions.

use super::brackets::Item;
use super::value::Value;
use crate::unknown::{UNKNOWN, is_mark};

/// How long a string may grow.
pub(super) const MAX_TEXT: usize = 1 << 16;

/// Returns the texts of `values` with `separator` between them; a long one is cut off.
pub(super) fn joined<'a>(values: impl Iterator<Item = &'a Value>, separator: &str) -> String {
    let mut out = String::new();
    for (index, value) in values.enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        out.push_str(&value.to_text());
        if out.len() > MAX_TEXT {
            break;
        }
    }
    out
}

/// Returns `format` with `%s`, `%d`, `%(name)s` and their like replaced by `arguments`.
pub(super) fn fill_percent<'a>(format: &str, arguments: impl Iterator<Item = &'a Value>) -> String {
    let mut out = String::new();
    let mut rest = format;
    let mut arguments = arguments.peekable();
    while let Some(at) = rest.find('%').filter(|_| out.len() <= MAX_TEXT) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix('%') {
            out.push('%');
            rest = tail;
            continue;
        }
        let named = rest
            .strip_prefix(['(', '{', '<'])
            .and_then(|tail| tail.find([')', '}', '>']).map(|end| &tail[..end]));
        let flags = named.map_or(0, |name| name.len() + 2);
        let length = rest[flags..].find(|c: char| c.is_ascii_alphabetic());
        let plain = length.is_some_and(|length| {
            rest[flags..flags + length].chars().all(|c| c.is_ascii_digit() || "+-# .*".contains(c))
        });
        let (Some(length), true) = (length, plain) else {
            out.push('%');
            continue;
        };
        let value = match named {
            Some(name) => arguments.peek().and_then(|map| map.entry(name)),
            None => arguments.next(),
        };
        out.push_str(&value.unwrap_or(&Value::Unknown).to_text());
        rest = &rest[flags + length + 1..];
    }
    out.push_str(rest);
    out
}

/// Returns `format` with `{}`, `{0}`, `{name}` replaced by `items`.
pub(super) fn fill_braces(format: &str, items: &[Item]) -> String {
    let mut out = String::new();
    let mut rest = format;
    let mut positional = items.iter().filter(|item| item.name.is_none());
    while let Some(at) = rest.find(['{', '}']).filter(|_| out.len() <= MAX_TEXT) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = tail;
            continue;
        }
        let Some(end) = rest.find('}').filter(|_| brace == "{") else { continue };
        let field = rest[..end].split(['!', ':']).next().unwrap_or_default();
        let item = match field.parse::<usize>() {
            Ok(index) => items.get(index),
            Err(_) if field.is_empty() => positional.next(),
            Err(_) => items.iter().find(|item| item.name.as_deref() == Some(field)),
        };
        out.push_str(&item.map_or(&Value::Unknown, |item| &item.value).to_text());
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

/// Returns `left/right`. Where `resets`, a right side that is absolute stands for itself.
pub(super) fn join_paths(left: &str, right: &str, resets: bool) -> String {
    if left.is_empty() || (resets && right.starts_with(['/', '~'])) {
        return right.to_owned();
    }
    if right.is_empty() {
        return left.to_owned();
    }
    format!("{}/{}", left.trim_end_matches('/'), right.trim_start_matches('/'))
}

/// Returns the directory that `path` is in.
pub(super) fn parent(path: &str) -> String {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((parent, _)) => parent.to_owned(),
        None if path.contains(is_mark) => UNKNOWN.to_string(),
        None if path.starts_with('/') => "/".to_owned(),
        None if path.starts_with('~') || path.starts_with('.') => format!("{path}/.."),
        None => ".".to_owned(),
    }
}

/// Returns what the member `name` of an object for `path` stands for.
pub(super) fn path_part(path: &str, name: &str) -> Option<String> {
    match name {
        "parent" | "dirname" => Some(parent(path)),
        _ => None,
    }
}

/// Returns `text` from the back to the front.
pub(super) fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_formats_are_filled() {
        let check = |format, arguments: &[Value], expect: &str| {
            assert_eq!(fill_percent(format, arguments.iter()), expect)
        };
        check("rm -rf %s", &[Value::text("/x")], "rm -rf /x");
        check("%5.2f%% of %-3d", &[Value::text("1"), Value::text("2")], "1% of 2");
        check("rm %(dir)s", &[Value::map(vec![("dir".into(), Value::text("/x"))])], "rm /x");
        check("rm %s %s", &[Value::text("/x")], "rm /x \u{F0000}");
        check("100%", &[], "100%");
        check("LIKE '%é' %", &[], "LIKE '%é' %");
    }

    #[test]
    fn brace_formats_are_filled() {
        let named = |name: &str, text: &str| Item { name: Some(name.into()), ..Item::of(Value::text(text)) };
        let check = |format, items: &[Item], expect: &str| assert_eq!(fill_braces(format, items), expect);
        check("rm {} {}", &[Item::of(Value::text("a")), Item::of(Value::text("b"))], "rm a b");
        check("rm {0} {0!r:>3}", &[Item::of(Value::text("a"))], "rm a a");
        check("rm {d} {{}} {e}", &[named("d", "a")], "rm a {} \u{F0000}");
        check("{", &[], "");
    }

    #[test]
    fn paths_are_joined() {
        assert_eq!(join_paths("/a/", "b", false), "/a/b");
        assert_eq!(join_paths("/a", "/b", false), "/a/b");
        assert_eq!(join_paths("/a", "/b", true), "/b");
        assert_eq!(join_paths("", "b", false), "b");
    }

    #[test]
    fn parents_are_found() {
        let check = |path, expect: &str| assert_eq!(parent(path), expect, "{path}");
        check("/a/b", "/a");
        check("/a", "/");
        check("/", "/");
        check("a", ".");
        check("a/b/", "a");
        check("..", "../..");
        check("\u{F0000}", "\u{F0000}");
    }
}
