//! Documents token by token: what is left to do where the grammar gives up.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{Field, Operation, OperationKind};
use crate::unknown::{is_known, is_mark};

/// A token: a name, a string with its quotes, or one character of anything else.
#[derive(Clone, Copy, PartialEq)]
enum Token<'a> {
    Name(&'a str),
    Text(&'a str),
    Sign(char),
}

/// Reads tokens; comments and blanks are left out.
struct Tokens<'a> {
    text: &'a str,
    pos: usize,
    /// A block string was opened that never closes; it is not looked for again.
    open_block: bool,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (usize, Token<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = &self.text[self.pos..];
            let c = rest.chars().next()?;
            if c == '#' {
                self.pos += rest.find(['\n', '\r']).unwrap_or(rest.len());
            } else if c.is_whitespace() || c == ',' {
                self.pos += c.len_utf8();
            } else {
                let len = self.token_len(rest, c);
                let (start, text) = (self.pos, &rest[..len]);
                self.pos += len;
                let token = match c {
                    '"' | '\\' if len > 1 => Token::Text(text),
                    _ if is_name(c) => Token::Name(text),
                    _ => Token::Sign(c),
                };
                return Some((start, token));
            }
        }
    }
}

impl Tokens<'_> {
    fn token_len(&mut self, rest: &str, c: char) -> usize {
        if let Some(block) = rest.strip_prefix("\"\"\"")
            && !self.open_block
        {
            let end = block_end(block);
            self.open_block = end.is_none();
            return end.map_or(3, |len| len + 6);
        }
        // A quote that is not closed on its line is a lone sign. A string that begins with `\"` was
        // never decoded.
        match c {
            '"' => string_end(&rest.as_bytes()[1..]).map_or(1, |len| len + 2),
            '\\' if rest.starts_with("\\\"") => escaped_end(&rest[2..]).map_or(1, |len| len + 4),
            _ if is_name(c) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
            _ => c.len_utf8(),
        }
    }
}

/// Returns the length of a block string's inside.
fn block_end(inside: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let len = inside[at..].find("\"\"\"")?;
        if !inside[..at + len].ends_with('\\') {
            return Some(at + len);
        }
        at += len + 3;
    }
}

/// Returns the length of a string's inside, if the string ends on its line.
fn string_end(inside: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr3(b'"', b'\\', b'\n', inside.get(at..)?)?;
        match inside[at] {
            b'"' => return Some(at),
            b'\n' => return None,
            _ => at += 2,
        }
    }
}

fn escaped_end(inside: &str) -> Option<usize> {
    let at = memchr::memchr2(b'"', b'\n', inside.as_bytes())?;
    inside[..at].strip_suffix('\\').map(str::len)
}

/// Marks are parts of names: any of their characters could be.
fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || is_mark(c)
}

fn tokens(text: &str) -> Tokens<'_> {
    Tokens { text, pos: 0, open_block: false }
}

/// Puts strings in the places of unknown values, so that the grammar can go on.
pub(super) fn quote_marks(document: &str) -> Cow<'_, str> {
    if is_known(document) {
        return Cow::Borrowed(document);
    }
    let mut out = String::with_capacity(document.len() + 16);
    let mut done = 0;
    let mut before = Token::Sign(' ');
    for (start, token) in tokens(document) {
        let opens_value = matches!(before, Token::Sign(':' | '['));
        before = token;
        if start < done
            || !opens_value
            || matches!(token, Token::Text(_) | Token::Sign('$' | '{' | '[' | '"'))
        {
            continue;
        }
        let rest = &document[start..];
        let value = &rest[..rest.find(ends_value).unwrap_or(rest.len())];
        if !is_known(value) {
            out.push_str(&document[done..start]);
            out.extend(["\"", value, "\""]);
            done = start + value.len();
        }
    }
    out.push_str(&document[done..]);
    Cow::Owned(out)
}

fn ends_value(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\\')
}

/// Returns what a string or block string says.
pub(super) fn string(written: &str) -> String {
    if let Some(block) = written.strip_prefix("\"\"\"") {
        return block.strip_suffix("\"\"\"").unwrap_or(block).replace("\\\"\"\"", "\"\"\"").trim().to_owned();
    }
    serde_json::from_str(written).unwrap_or_else(|_| written.trim_matches('"').to_owned())
}

/// Adds to the operations of a broken document what its names tell and its tree does not.
pub(super) fn complete(document: &str, operations: &mut Vec<Operation>) {
    let mut blocks = Blocks::default();
    let mut before = [Token::Sign(' '); 2];
    let mut ahead = tokens(document).map(|(_, token)| token).peekable();
    while let Some(token) = ahead.next() {
        blocks.take(token, before, ahead.peek().copied());
        before = [before[1], token];
    }
    let changing = operations.iter().filter(|operation| operation.may_change());
    let mut known: HashSet<String> =
        changing.flat_map(|operation| &operation.fields).map(|field| field.name.clone()).collect();
    for (kind, names) in blocks.changes() {
        let new = names.into_iter().filter(|name| known.insert((*name).to_owned()));
        let fields: Vec<_> = new.map(|name| Field { name: name.to_owned(), ..Field::default() }).collect();
        if !fields.is_empty() {
            operations.push(Operation { kind, name: None, fields });
        }
    }
}

/// What stands in the braces of each operation and fragment of a document, by names alone.
#[derive(Default)]
struct Blocks<'a> {
    found: Vec<Block<'a>>,
    /// What the head of the next block says so far, and the names in it.
    head: Option<Head>,
    head_names: Vec<&'a str>,
    braces: usize,
    parens: usize,
    /// A bracket was closed that had not been opened.
    crossed: bool,
    /// `mutation` stands within a block, where it may be the head of one.
    hidden: bool,
}

/// What the words before a block say of it.
#[derive(Clone, Copy, PartialEq)]
enum Head {
    Reads,
    Changes,
    Unknown,
    /// Where it is used is not known here.
    Fragment,
}

struct Block<'a> {
    head: Head,
    /// Names that stand where a root field would.
    fields: Vec<&'a str>,
    /// All names, for when brackets do not match.
    names: Vec<&'a str>,
}

impl<'a> Blocks<'a> {
    fn take(&mut self, token: Token<'a>, before: [Token<'a>; 2], next: Option<Token<'a>>) {
        match token {
            Token::Sign('{') => {
                if self.braces == 0 {
                    self.open(next == Some(Token::Sign('{')));
                }
                self.braces += 1;
            }
            Token::Sign('}') => close(&mut self.braces, &mut self.crossed),
            Token::Sign('(') => self.parens += 1,
            Token::Sign(')') => close(&mut self.parens, &mut self.crossed),
            Token::Name(name) if self.braces == 0 => {
                self.head = self.head.or_else(|| head(name));
                self.head_names.push(name);
            }
            Token::Name(name) => self.name(name, before, next),
            Token::Text(_) | Token::Sign(_) => {}
        }
    }

    /// Opens a block; `{{` is a template that may say what the next block is.
    fn open(&mut self, template: bool) {
        let unknown = template.then_some(Head::Unknown);
        let head = unknown.or(self.head.take()).unwrap_or(Head::Reads);
        self.found.push(Block { head, fields: Vec::new(), names: Vec::new() });
        self.head = unknown;
        self.head_names.clear();
        self.parens = 0;
    }

    fn name(&mut self, name: &'a str, before: [Token<'a>; 2], next: Option<Token<'a>>) {
        let Some(block) = self.found.last_mut() else { return };
        self.hidden |= name == "mutation";
        // A variable, a directive, a fragment's name or the type that it is on.
        let [earlier, last] = before;
        let typed = earlier == Token::Sign('.') && last == Token::Name("on");
        if typed || matches!(last, Token::Sign('$' | '@' | '.')) {
            return;
        }
        block.names.push(name);
        let alias = next == Some(Token::Sign(':'));
        if !alias && self.braces == 1 && self.parens == 0 {
            block.fields.push(name);
        }
    }

    /// Returns the names in blocks that may change something.
    fn changes(mut self) -> Vec<(OperationKind, Vec<&'a str>)> {
        if let Some(head) = self.head {
            // The block of this head is missing, or is unknown.
            let names = self.head_names;
            self.found.push(Block { head, fields: names.clone(), names });
        }
        let torn = self.crossed || self.braces > 0 || self.parens > 0;
        let hidden = torn && self.hidden;
        let some = self.found.iter().any(|block| matches!(block.head, Head::Changes | Head::Unknown));
        let kind = |head| match head {
            Head::Unknown => Some(OperationKind::Unknown),
            Head::Changes => Some(OperationKind::Mutation),
            Head::Fragment if some => Some(OperationKind::Mutation),
            _ if hidden => Some(OperationKind::Mutation),
            _ => None,
        };
        let names =
            |block: Block<'a>| Some((kind(block.head)?, if torn { block.names } else { block.fields }));
        self.found.into_iter().filter_map(names).collect()
    }
}

fn close(open: &mut usize, crossed: &mut bool) {
    *crossed |= *open == 0;
    *open = open.saturating_sub(1);
}

/// Returns what a word before a block says of it, if anything.
fn head(name: &str) -> Option<Head> {
    match name {
        "mutation" => Some(Head::Changes),
        "fragment" => Some(Head::Fragment),
        // The parts of a schema run nothing.
        "query" | "subscription" | "type" | "input" | "enum" | "interface" | "union" | "schema"
        | "extend" => Some(Head::Reads),
        _ if !is_known(name) => Some(Head::Unknown),
        _ => None,
    }
}
