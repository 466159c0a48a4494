//! YAML, and JSON, which is YAML: each text with the places of its characters, through quotes, escapes,
//! blocks and folded lines.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::Node;
use super::mapped::Mapped;

/// How deep lists and maps may stand within each other.
const NESTING: usize = 64;

/// A list or map that is being read.
enum Open {
    List(Vec<Rc<Node>>),
    Map(Vec<(String, Rc<Node>)>, Option<Rc<Node>>),
}

/// Reads every document of a file.
///
/// # Errors
///
/// Returns the line and what is wrong in it.
pub fn read(source: &str) -> Result<Vec<Rc<Node>>, String> {
    let mut reader = Reader { source, open: Vec::new(), anchors: BTreeMap::new(), roots: Vec::new() };
    let options = granit_parser::options! {
        flow_nesting_limit: NESTING,
        block_nesting_limit: NESTING,
        emit_unresolved_aliases: true,
    };
    let body = source.strip_prefix('\u{feff}').unwrap_or(source);
    let skipped = source.len() - body.len();
    for event in Parser::new_from_str_with_options(body, options) {
        let (event, span) =
            event.map_err(|error| format!("line {}: {}", error.marker().line(), error.info()))?;
        reader.event(event, &span, skipped);
    }
    Ok(reader.roots)
}

struct Reader<'s> {
    source: &'s str,
    open: Vec<(Open, usize)>,
    anchors: BTreeMap<usize, Rc<Node>>,
    roots: Vec<Rc<Node>>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: &Span, skipped: usize) {
        match event {
            Event::Scalar(value, style, anchor, _) => {
                let range = span.byte_range().unwrap_or_default();
                let range = range.start + skipped..range.end + skipped;
                let text = scalar(self.source, range, &value, style);
                self.close(Node::Text(text), anchor);
            }
            Event::SequenceStart(_, anchor, _) => self.open.push((Open::List(Vec::new()), anchor)),
            Event::MappingStart(_, anchor, _) => self.open.push((Open::Map(Vec::new(), None), anchor)),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some((Open::List(items), anchor)) => self.close(Node::List(items), anchor),
                Some((Open::Map(members, _), anchor)) => self.close(Node::Map(merged(members)), anchor),
                None => {}
            },
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).map(Rc::clone);
                self.add(node.unwrap_or_else(|| Rc::new(Node::List(Vec::new()))));
            }
            Event::UnresolvedAlias(_) => self.add(Rc::new(Node::List(Vec::new()))),
            _ => {}
        }
    }

    fn close(&mut self, node: Node, anchor: usize) {
        let node = Rc::new(node);
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.add(node);
    }

    fn add(&mut self, node: Rc<Node>) {
        match self.open.last_mut() {
            Some((Open::List(items), _)) => items.push(node),
            Some((Open::Map(members, key), _)) => match key.take() {
                Some(key) => {
                    let name = key.text().map(|text| text.text().to_owned()).unwrap_or_default();
                    members.push((name, node));
                }
                None => *key = Some(node),
            },
            None => self.roots.push(node),
        }
    }
}

/// Adds what `<<` brings in, behind what stands there itself.
fn merged(members: Vec<(String, Rc<Node>)>) -> Vec<(String, Rc<Node>)> {
    let brought: Vec<(String, Rc<Node>)> = members
        .iter()
        .filter(|(key, _)| key == "<<")
        .flat_map(|(_, node)| match node.as_ref() {
            Node::List(nodes) => nodes.clone(),
            _ => vec![Rc::clone(node)],
        })
        .flat_map(|node| match node.as_ref() {
            Node::Map(more) => more.clone(),
            _ => Vec::new(),
        })
        .collect();
    let mut all: Vec<_> = members.into_iter().filter(|(key, _)| key != "<<").collect();
    let mut known: BTreeSet<String> = all.iter().map(|(key, _)| key.clone()).collect();
    all.extend(brought.into_iter().filter(|(key, _)| known.insert(key.clone())));
    all
}

/// Returns a scalar's value with the place of each character.
fn scalar(source: &str, range: Range<usize>, value: &str, style: ScalarStyle) -> Mapped {
    let raw = source.get(range.clone()).unwrap_or_default();
    let skip = match style {
        ScalarStyle::Literal | ScalarStyle::Folded if raw.starts_with(['|', '>']) => {
            raw.find('\n').map_or(raw.len(), |newline| newline + 1)
        }
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted if raw.starts_with(['\'', '"']) => 1,
        _ => 0,
    };
    let body = range.start + skip..range.end;
    if source.get(body.start..body.start + value.len()) == Some(value) {
        return Mapped::of(source, body.start..body.start + value.len());
    }
    aligned(source, body, value, style)
}

/// Follows a value and what it was written as side by side.
fn aligned(source: &str, body: Range<usize>, value: &str, style: ScalarStyle) -> Mapped {
    let mut mapped = Mapped::default();
    let mut at = body.start;
    for c in value.chars() {
        let (place, next) = written(source, at..body.end, c, style);
        let mut buffer = [0; 4];
        mapped.put(c.encode_utf8(&mut buffer), place);
        at = next;
    }
    mapped
}

/// Returns where the next character of a value is written, and where the one after it is looked for.
fn written(source: &str, rest: Range<usize>, c: char, style: ScalarStyle) -> (Range<usize>, usize) {
    let text = source.get(rest.clone()).unwrap_or_default();
    let here = |offset: usize, length: usize| {
        let start = rest.start + offset;
        (start..start + length, start + length)
    };
    if style == ScalarStyle::DoubleQuoted {
        // A backslash at the end of a line joins it with the next.
        let mut offset = 0;
        while let Some(after) =
            text[offset..].strip_prefix('\\').filter(|after| after.starts_with(['\n', '\r']))
        {
            offset = text.len() - after.trim_start().len();
        }
        if let Some(length) = escape(&text[offset..]) {
            return here(offset, length);
        }
    }
    let blank = |found: char| found.is_whitespace();
    if c.is_whitespace() {
        let run = text.len() - text.trim_start_matches(blank).len();
        return match text.chars().next() {
            Some(first) if first == c => here(0, c.len_utf8()),
            // A folded line: its end and the indentation of the next one are one blank.
            Some(first) if blank(first) => (rest.start..rest.start + 1, rest.start + run.max(1)),
            _ => (rest.start..rest.start, rest.start),
        };
    }
    let quote = usize::from(style == ScalarStyle::SingleQuoted && text.starts_with("''"));
    // What stands between is indentation; anything else would be a character of the value.
    let skipped = text.find(|found: char| !found.is_whitespace()).unwrap_or(text.len());
    match text[skipped..].chars().next() {
        Some(found) if found == c => here(skipped, found.len_utf8() + quote),
        _ => (rest.start..rest.start, rest.start),
    }
}

/// Returns how long an escape of a double-quoted text is.
fn escape(text: &str) -> Option<usize> {
    let after = text.strip_prefix('\\')?;
    let letter = after.chars().next()?;
    Some(
        match letter {
            'x' => 4,
            // A pair of surrogates is one character.
            'u' if is_high_surrogate(after) && text[6.min(text.len())..].starts_with("\\u") => 12,
            'u' => 6,
            'U' => 10,
            other => 1 + other.len_utf8(),
        }
        .min(text.len()),
    )
}

fn is_high_surrogate(after: &str) -> bool {
    let code = after.get(1..5).map(Cow::Borrowed).unwrap_or_default();
    u32::from_str_radix(&code, 16).is_ok_and(|code| (0xD800..0xDC00).contains(&code))
}
