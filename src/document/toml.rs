//! TOML, as far as commands stand in it: tables, dotted keys, the four kinds of strings, lists, inline
//! tables. What is no text (numbers, dates) is passed over.

use std::ops::Range;
use std::rc::Rc;

use super::Node;
use super::mapped::Mapped;

/// How deep lists and inline tables may stand within each other.
const NESTING: usize = 32;

/// How many members of a table are kept.
const MEMBERS: usize = 5000;

/// Reads a file. What cannot be read is passed over, line by line.
pub fn read(source: &str) -> Rc<Node> {
    let mut root = Tree::default();
    let mut reader = Reader { source, at: 0 };
    let mut table: Vec<String> = Vec::new();
    while reader.at < source.len() {
        reader.blanks();
        match reader.peek() {
            None => break,
            Some('[') => table = reader.header(&mut root),
            Some(_) => match reader.entry(NESTING) {
                Some((key, value)) => root.put(&[table.clone(), key].concat(), value),
                None => reader.skip_line(),
            },
        }
    }
    Rc::new(root.node())
}

/// A tree that is being built.
#[derive(Default)]
struct Tree {
    members: Vec<(String, Branch)>,
}

enum Branch {
    Table(Tree),
    Tables(Vec<Tree>),
    Value(Node),
}

impl Tree {
    fn put(&mut self, path: &[String], value: Node) {
        let [key, rest @ ..] = path else { return };
        if self.members.len() >= MEMBERS {
            return;
        }
        if rest.is_empty() {
            self.members.push((key.clone(), Branch::Value(value)));
        } else if let Some(table) = self.table(key) {
            table.put(rest, value);
        }
    }

    /// Returns the table under a key, or the last of them where they are listed.
    fn table(&mut self, key: &str) -> Option<&mut Tree> {
        let at = self.members.iter().position(|(name, _)| name == key).unwrap_or_else(|| {
            self.members.push((key.to_owned(), Branch::Table(Tree::default())));
            self.members.len() - 1
        });
        match &mut self.members[at].1 {
            Branch::Table(table) => Some(table),
            Branch::Tables(tables) => tables.last_mut(),
            Branch::Value(_) => None,
        }
    }

    /// Adds a table to those listed under a path.
    fn one_more(&mut self, path: &[String]) {
        let [key, rest @ ..] = path else { return };
        if !rest.is_empty() {
            if let Some(table) = self.table(key) {
                table.one_more(rest);
            }
            return;
        }
        match self.members.iter_mut().find(|(name, _)| name == key) {
            Some((_, Branch::Tables(tables))) => tables.push(Tree::default()),
            Some(_) => {}
            None => self.members.push((key.clone(), Branch::Tables(vec![Tree::default()]))),
        }
    }

    fn node(self) -> Node {
        let branch = |branch| match branch {
            Branch::Table(table) => table.node(),
            Branch::Tables(tables) => {
                Node::List(tables.into_iter().map(|table| Rc::new(table.node())).collect())
            }
            Branch::Value(value) => value,
        };
        Node::Map(self.members.into_iter().map(|(key, value)| (key, Rc::new(branch(value)))).collect())
    }
}

struct Reader<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Reader<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, sign: &str) -> bool {
        let taken = self.rest().starts_with(sign);
        self.at += if taken { sign.len() } else { 0 };
        taken
    }

    /// Skips blanks, line ends and comments.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
            self.at = self.source.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return;
            }
            self.skip_line();
        }
    }

    fn spaces(&mut self) {
        self.at = self.source.len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').map_or(self.rest().len(), |newline| newline + 1);
    }

    /// Reads `[a.b]` or `[[a.b]]`.
    fn header(&mut self, root: &mut Tree) -> Vec<String> {
        self.at += 1;
        let listed = self.take("[");
        let path = self.key().unwrap_or_default();
        if listed {
            root.one_more(&path);
        }
        self.skip_line();
        path
    }

    /// Reads `a.b = value`.
    fn entry(&mut self, depth: usize) -> Option<(Vec<String>, Node)> {
        let key = self.key()?;
        self.spaces();
        if !self.take("=") {
            return None;
        }
        Some((key, self.value(depth)?))
    }

    fn key(&mut self) -> Option<Vec<String>> {
        let mut parts = Vec::new();
        loop {
            self.spaces();
            parts.push(match self.peek()? {
                '"' | '\'' => self.string()?.text().to_owned(),
                _ => {
                    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
                    let length = self.rest().find(|c| !plain(c)).unwrap_or(self.rest().len());
                    let part = self.rest()[..length].to_owned();
                    self.at += length;
                    Some(part).filter(|part| !part.is_empty())?
                }
            });
            self.spaces();
            if !self.take(".") {
                return Some(parts);
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        let depth = depth.checked_sub(1)?;
        self.spaces();
        match self.peek()? {
            '"' | '\'' => self.string().map(Node::Text),
            '[' => {
                self.at += 1;
                let mut items = Vec::new();
                loop {
                    self.blanks();
                    if self.take("]") {
                        return Some(Node::List(items));
                    }
                    items.push(Rc::new(self.value(depth)?));
                    self.blanks();
                    self.take(",");
                }
            }
            '{' => {
                self.at += 1;
                let mut table = Tree::default();
                loop {
                    self.blanks();
                    if self.take("}") {
                        return Some(table.node());
                    }
                    let (key, value) = self.entry(depth)?;
                    table.put(&key, value);
                    self.blanks();
                    self.take(",");
                }
            }
            _ => {
                let end = self.rest().find(['\n', ',', ']', '}', '#']).unwrap_or(self.rest().len());
                let range = self.at..self.at + end;
                if end == 0 {
                    return None;
                }
                self.at = range.end;
                Some(Node::Text(Mapped::of(self.source, range).trimmed()))
            }
        }
    }

    fn string(&mut self) -> Option<Mapped> {
        for (sign, escapes) in [("\"\"\"", true), ("'''", false)] {
            if self.take(sign) {
                // A line end right behind the quotes is none of the text's.
                let _ = self.take("\r\n") || self.take("\n");
                let start = self.at;
                let end = start + self.closing(sign, escapes)?;
                self.at = end + sign.len();
                return Some(self.unescaped(start..end, escapes));
            }
        }
        let sign = if self.take("\"") {
            "\""
        } else if self.take("'") {
            "'"
        } else {
            return None;
        };
        let start = self.at;
        let end = start
            + self.closing(sign, sign == "\"").filter(|length| !self.rest()[..*length].contains('\n'))?;
        self.at = end + 1;
        Some(self.unescaped(start..end, sign == "\""))
    }

    fn closing(&self, sign: &str, escapes: bool) -> Option<usize> {
        let mut escaped = false;
        for (at, c) in self.rest().char_indices() {
            if !escaped && self.rest()[at..].starts_with(sign) {
                return Some(at);
            }
            escaped = escapes && c == '\\' && !escaped;
        }
        None
    }

    fn unescaped(&self, range: Range<usize>, escapes: bool) -> Mapped {
        let mut mapped = Mapped::default();
        let mut at = range.start;
        while at < range.end {
            let rest = &self.source[at..range.end];
            let stop = if escapes { rest.find('\\').unwrap_or(rest.len()) } else { rest.len() };
            mapped.keep(self.source, at..at + stop);
            at += stop;
            if at >= range.end {
                break;
            }
            let (text, length) = escape(&self.source[at..range.end]);
            mapped.put(&text, at..at + length);
            at += length;
        }
        mapped
    }
}

/// Returns what an escape stands for and how long it is.
fn escape(text: &str) -> (String, usize) {
    let code = |digits: usize| {
        let value = text.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        (value.and_then(char::from_u32).unwrap_or('\u{fffd}').to_string(), (2 + digits).min(text.len()))
    };
    match text.chars().nth(1) {
        Some('n') => ("\n".to_owned(), 2),
        Some('t') => ("\t".to_owned(), 2),
        Some('r') => ("\r".to_owned(), 2),
        Some('u') if text.is_char_boundary(6.min(text.len())) => code(4),
        Some('U') if text.is_char_boundary(10.min(text.len())) => code(8),
        // A backslash at the end of a line takes the blanks after it away.
        Some('\n' | '\r' | ' ') => (String::new(), text.len() - text[1..].trim_start().len()),
        Some(c) => (c.to_string(), 1 + c.len_utf8()),
        None => (String::new(), text.len()),
    }
}
