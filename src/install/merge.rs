//! Guard's part of somebody else's settings file: JSON, with comments and trailing commas where the owner's
//! program accepts them. Everything else in the file stays as it is, byte for byte.

use std::ops::Range;

use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

/// How deep lists and maps may stand within each other.
const DEPTH: usize = 64;

/// Returns `text` with `ours` in it: maps key by key, lists by the items that they lack. An item that
/// holds a text with `mark` in it is an older one of guard's, and is replaced.
///
/// # Errors
///
/// Returns why it cannot be done, as a lower-case fragment; then the file is not for guard to touch.
pub(super) fn put(text: &str, ours: &Value, mark: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Ok(pretty(ours, "  ", "") + "\n");
    }
    let node = Reader::read(text)?;
    let mut merge = Merge { text, mark, edits: Vec::new() };
    merge.merge(&node, ours)?;
    let merged = merge.done();
    // What is written must be readable, whatever was there.
    Reader::read(&merged).map(|_| merged)
}

/// Returns `text` without the items of lists in `ours`; `None` where it has none of them.
pub(super) fn take_out(text: &str, ours: &Value) -> Option<String> {
    let node = Reader::read(text).ok()?;
    let mut cuts = Vec::new();
    find(&node, ours, &mut cuts);
    let mut rest = text.to_owned();
    cuts.sort_by_key(|cut| std::cmp::Reverse(cut.start));
    for cut in &cuts {
        rest.replace_range(cut.clone(), "");
    }
    (!cuts.is_empty() && Reader::read(&rest).is_ok()).then_some(rest)
}

/// Returns the value of a text.
pub(super) fn read(text: &str) -> Option<Value> {
    Reader::read(text).ok().map(|node| node.value())
}

/// Finds the items of `ours`, each with the comma that parts it from its neighbour.
fn find(node: &Node, ours: &Value, cuts: &mut Vec<Range<usize>>) {
    match (&node.kind, ours) {
        (Kind::Map(members), Value::Object(ours)) => {
            for (key, ours) in ours {
                members.iter().filter(|(name, _)| name == key).for_each(|(_, node)| find(node, ours, cuts));
            }
        }
        (Kind::List(items), Value::Array(ours)) => {
            for (at, item) in items.iter().enumerate().filter(|(_, item)| ours.contains(&item.value())) {
                cuts.push(match (items.get(at + 1), at.checked_sub(1)) {
                    (_, Some(before)) => items[before].span.end..item.span.end,
                    (Some(after), None) => item.span.start..after.span.start,
                    (None, None) => item.span.clone(),
                });
            }
        }
        _ => {}
    }
}

/// A text that is being merged into.
struct Merge<'t> {
    text: &'t str,
    mark: &'t str,
    /// What takes whose place.
    edits: Vec<(Range<usize>, String)>,
}

impl Merge<'_> {
    fn merge(&mut self, node: &Node, ours: &Value) -> Result<(), String> {
        match (&node.kind, ours) {
            (Kind::Map(members), Value::Object(ours)) => {
                let mut lacking = Vec::new();
                for (key, value) in ours {
                    match members.iter().rev().find(|(name, _)| name == key) {
                        Some((_, node)) => self.merge(node, value).map_err(|why| match why.as_str() {
                            "" => format!("`{key}` holds something else than guard would put there"),
                            _ => why,
                        })?,
                        None => lacking.push((format!("{}: ", Value::from(key.as_str())), value)),
                    }
                }
                let last = members.last().map(|(_, node)| node.span.end);
                let first = members.first().map(|(_, node)| node.span.start);
                self.add(node, first, last, &lacking);
            }
            (Kind::List(items), Value::Array(ours)) => {
                let mut lacking = Vec::new();
                for value in ours {
                    let holds_mark = |item: &&Node| mentions(&item.value(), self.mark);
                    if items.iter().any(|item| item.value() == *value) {
                        continue;
                    }
                    match items.iter().find(holds_mark) {
                        Some(old) => {
                            let indent = self.indent_at(old.span.start).to_owned();
                            self.edits.push((old.span.clone(), pretty(value, "  ", &indent)));
                        }
                        None => lacking.push((String::new(), value)),
                    }
                }
                let last = items.last().map(|node| node.span.end);
                self.add(node, items.first().map(|node| node.span.start), last, &lacking);
            }
            _ if node.value() == *ours => {}
            _ => return Err(String::new()),
        }
        Ok(())
    }

    /// Puts members or items behind the last one.
    fn add(&mut self, node: &Node, first: Option<usize>, last: Option<usize>, lacking: &[(String, &Value)]) {
        if lacking.is_empty() {
            return;
        }
        let outer = self.indent_at(node.span.start).to_owned();
        let inner = match first.map(|first| self.indent_at(first)) {
            Some(inner) if inner.len() > outer.len() => inner.to_owned(),
            _ => format!("{outer}  "),
        };
        let unit = inner[outer.len()..].to_owned();
        let close = node.span.end - 1;
        let mut at = last.unwrap_or(node.span.start + 1);
        let mut comma = if last.is_some() { "," } else { "" };
        if let Some(trailing) = last.and_then(|last| Reader { text: self.text, at: last }.comma()) {
            (at, comma) = (trailing, "");
        }
        let mut added = String::new();
        for (key, value) in lacking {
            added += &format!("{comma}\n{inner}{key}{}", pretty(value, &unit, &inner));
            comma = ",";
        }
        if !self.text[at..close].contains('\n') {
            added += &format!("\n{outer}");
        }
        self.edits.push((at..at, added));
    }

    /// Returns the blanks at the beginning of the line that `at` is in.
    fn indent_at(&self, at: usize) -> &str {
        let line = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = &self.text[line..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    fn done(mut self) -> String {
        self.edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let mut text = self.text.to_owned();
        for (range, new) in self.edits {
            text.replace_range(range, &new);
        }
        text
    }
}

/// Returns whether a text in `value` has `mark` in it, as words of their own.
fn mentions(value: &Value, mark: &str) -> bool {
    match value {
        Value::String(text) => text.ends_with(mark) || text.contains(&format!("{mark} ")),
        Value::Array(list) => list.iter().any(|value| mentions(value, mark)),
        Value::Object(map) => map.values().any(|value| mentions(value, mark)),
        _ => false,
    }
}

/// Returns JSON over several lines, the first of which is indented already.
pub(super) fn pretty(value: &Value, unit: &str, indent: &str) -> String {
    use serde::Serialize;
    let mut bytes = Vec::new();
    let mut serializer =
        Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(unit.as_bytes()));
    // Writing JSON to memory does not fail.
    let _ = value.serialize(&mut serializer);
    String::from_utf8_lossy(&bytes).replace('\n', &format!("\n{indent}"))
}

/// A value and where it stands.
struct Node {
    span: Range<usize>,
    kind: Kind,
}

enum Kind {
    Map(Vec<(String, Node)>),
    List(Vec<Node>),
    Plain(Value),
}

impl Node {
    fn value(&self) -> Value {
        match &self.kind {
            Kind::Map(members) => members.iter().map(|(key, node)| (key.clone(), node.value())).collect(),
            Kind::List(items) => items.iter().map(|node| node.value()).collect(),
            Kind::Plain(value) => value.clone(),
        }
    }
}

/// Reads JSON with comments and trailing commas.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn read(text: &'t str) -> Result<Node, String> {
        let mut reader = Self { text, at: 0 };
        let node = reader.node(DEPTH)?;
        reader.skip();
        if reader.at < text.len() {
            return Err(reader.wrong());
        }
        Ok(node)
    }

    fn node(&mut self, depth: usize) -> Result<Node, String> {
        self.skip();
        let start = self.at;
        let kind = match self.next() {
            Some(_) if depth == 0 => return Err("it is too deep".to_owned()),
            Some(b'{') => Kind::Map(self.members(b'}', |reader| {
                let key = reader.plain()?.as_str().map(str::to_owned).ok_or_else(|| reader.wrong())?;
                reader.skip();
                reader.expect(b':')?;
                Ok((key, reader.node(depth - 1)?))
            })?),
            Some(b'[') => Kind::List(self.members(b']', |reader| reader.node(depth - 1))?),
            _ => Kind::Plain(self.plain()?),
        };
        Ok(Node { span: start..self.at, kind })
    }

    fn members<T>(
        &mut self,
        close: u8,
        mut one: impl FnMut(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.at += 1;
        let mut all = Vec::new();
        loop {
            self.skip();
            if self.next() == Some(close) {
                self.at += 1;
                return Ok(all);
            }
            if !all.is_empty() {
                self.expect(b',')?;
                self.skip();
                if self.next() == Some(close) {
                    continue;
                }
            }
            all.push(one(self)?);
        }
    }

    /// Reads a text, a number or a word.
    fn plain(&mut self) -> Result<Value, String> {
        let rest = &self.text[self.at..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter();
        match values.next() {
            Some(Ok(value)) => {
                self.at += values.byte_offset();
                Ok(value)
            }
            _ => Err(self.wrong()),
        }
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), String> {
        if self.next() != Some(byte) {
            return Err(self.wrong());
        }
        self.at += 1;
        Ok(())
    }

    /// Returns where a comma that follows ends.
    fn comma(mut self) -> Option<usize> {
        self.skip();
        self.expect(b',').ok().map(|()| self.at)
    }

    /// Skips blanks and comments.
    fn skip(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
            self.at += rest.len() - trimmed.len();
            let length = if trimmed.starts_with("//") {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                trimmed.find("*/").map_or(trimmed.len(), |end| end + 2)
            } else {
                return;
            };
            self.at += length;
        }
    }

    fn wrong(&self) -> String {
        let before = &self.text[..self.at];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!("line {line}, column {column}: it is no JSON; it was left alone")
    }
}

#[cfg(test)]
#[path = "merge/tests.rs"]
mod tests;
