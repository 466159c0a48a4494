//! PowerShell in a simple form: every statement is a command with its words.
//!
//! Commands become calls of `&` whose arguments are the words; `[Type]::Method(…)` and `$x.Method(…)`
//! become calls by that name, and redirections calls of `>` and `>>`. Variables that are set to
//! strings are followed; everything else that is put into a word is a mark.

mod words;

use std::collections::HashMap;

use super::{Argument, Call, Code, Language, Literal, Unread};
use crate::parse::script::Span;
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_known};
use words::{EVALUATORS, KEYWORDS, LISTERS, REPEATERS, STARTERS, started};

/// How deep brackets may nest.
const MAX_DEPTH: usize = 60;

/// How many bytes of strings may be made.
const MAX_STRINGS: usize = 4 << 20;

/// Reads a script.
pub(super) fn read(text: &str) -> Code {
    let mut code = Code::new(Language::PowerShell);
    let names = HashMap::new();
    let mut script =
        Script { text, at: 0, code: &mut code, names, depth: 0, loops: 0, budget: MAX_STRINGS, item: None };
    script.statements(None);
    code
}

struct Script<'a, 'c> {
    text: &'a str,
    at: usize,
    code: &'c mut Code,
    /// Variables that hold known words.
    names: HashMap<String, Vec<String>>,
    depth: usize,
    loops: usize,
    budget: usize,
    /// What the command before this one in a pipeline hands on.
    item: Option<String>,
}

/// A word of a command.
#[derive(Debug, Default)]
struct Word {
    text: String,
    /// Whether it cannot be a command's name: a string, a variable, what brackets gave.
    value: bool,
}

impl<'a> Script<'a, '_> {
    fn byte(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + offset).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_char(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn span(&self, start: usize) -> Span {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { start: place(start), end: place(self.at) }
    }

    /// Reads statements up to `close`, and returns the values that stand there as such.
    fn statements(&mut self, close: Option<u8>) -> Vec<String> {
        let mut values = Vec::new();
        if self.depth >= MAX_DEPTH {
            let span = self.span(self.at);
            self.code.unknown_code.push(Unread { why: "is nested too deep", span });
            self.at = self.text.len();
            return values;
        }
        self.depth += 1;
        let outer_item = self.item.take();
        while let Some(byte) = self.byte(0) {
            if Some(byte) == close {
                self.at += 1;
                break;
            }
            let before = self.at;
            match byte {
                b';' | b'\n' => {
                    self.item = None;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' | b'|' | b'&' | b')' | b'}' | b']' | b',' => {
                    self.at += 1;
                }
                _ => values.extend(self.statement()),
            }
            if self.at == before {
                self.skip_char();
            }
        }
        self.item = outer_item;
        self.depth -= 1;
        values
    }

    /// Reads one command or expression. Returns its values if it is an expression.
    fn statement(&mut self) -> Vec<String> {
        let start = self.at;
        let called =
            self.text[..start].trim_end().ends_with('&') && !self.text[..start].trim_end().ends_with("&&");
        let mut words: Vec<Word> = Vec::new();
        while let Some(word) = self.word(&words) {
            let plain = word.len() == 1 && !word[0].value;
            if words.is_empty() && plain && KEYWORDS.contains(&word[0].text.to_ascii_lowercase().as_str()) {
                return self.keyword(&word[0].text.to_ascii_lowercase());
            }
            words.extend(word);
            if words.len() == 1 && self.assigns() {
                let name = variable_name(&self.text[start..self.at]);
                self.assign(name);
                return Vec::new();
            }
        }
        let expression = words.first().is_none_or(|first| first.value) && !called;
        let sourced = words.first().is_some_and(|first| first.text == ".");
        if expression {
            let values: Vec<String> = words.into_iter().map(|word| word.text).collect();
            self.item = values.first().cloned();
            return values;
        }
        let mut words: Vec<String> =
            words.into_iter().skip(usize::from(sourced)).map(|word| word.text).collect();
        if let Some(item) = self.item.take() {
            words.push(item);
        }
        self.command(words, start);
        Vec::new()
    }

    /// Returns whether `=` is next, so that what stands before it is set.
    fn assigns(&self) -> bool {
        let rest = self.rest().trim_start_matches([' ', '\t']);
        rest.starts_with('=') || rest.starts_with("+=")
    }

    fn assign(&mut self, name: Option<String>) {
        self.skip_blanks();
        let adds = self.byte(0) == Some(b'+');
        self.at += 1 + usize::from(adds);
        self.skip_blanks();
        let values = self.statement();
        if let Some(name) = name {
            let known = !adds && !values.is_empty() && self.loops == 0;
            let values = if known { values } else { vec![UNKNOWN_WORDS.to_string()] };
            // A name that is set twice may hold either.
            let values = if self.names.contains_key(&name) && self.depth > 1 {
                vec![UNKNOWN_WORDS.to_string()]
            } else {
                values
            };
            self.names.insert(name, values);
        }
    }

    /// Reads what follows the keyword `word`.
    fn keyword(&mut self, word: &str) -> Vec<String> {
        self.skip_blanks();
        match word {
            "foreach" if self.byte(0) == Some(b'(') => {
                self.at += 1;
                self.skip_blanks();
                let start = self.at;
                let length = self.rest().find(|c: char| c.is_whitespace()).unwrap_or_default();
                let name = variable_name(&self.text[start..start + length]);
                self.at += length;
                self.skip_blanks();
                if self.rest().to_ascii_lowercase().starts_with("in") {
                    self.at += 2;
                }
                let values = self.statements(Some(b')'));
                if let Some(name) = name {
                    let value = match values.as_slice() {
                        [one] => one.clone(),
                        _ => UNKNOWN.to_string(),
                    };
                    self.names.insert(name, vec![value]);
                }
                self.repeated_block();
            }
            "while" | "for" | "do" | "until" => {
                if self.byte(0) == Some(b'(') {
                    self.at += 1;
                    self.statements(Some(b')'));
                }
                self.repeated_block();
            }
            "function" | "filter" | "class" | "enum" => {
                let rest = self.rest();
                self.at +=
                    rest.find(|c: char| c.is_whitespace() || c == '{' || c == '(').unwrap_or(rest.len());
            }
            _ => {}
        }
        Vec::new()
    }

    fn repeated_block(&mut self) {
        let rest = self.rest();
        let blank = rest.len() - rest.trim_start().len();
        if rest.trim_start().starts_with('{') {
            self.at += blank + 1;
            self.loops += 1;
            self.statements(Some(b'}'));
            self.loops -= 1;
        }
    }

    /// Notes a command, and reads what it runs.
    fn command(&mut self, words: Vec<String>, start: usize) {
        let Some(name) = words.first().map(|name| name.to_ascii_lowercase()) else { return };
        if name.is_empty() {
            return;
        }
        if EVALUATORS.contains(&name.as_str()) {
            let text = words.iter().skip(1).find(|word| !word.starts_with('-'));
            match text.filter(|text| is_known(text)).cloned() {
                Some(text) => self.evaluate(&text, start),
                None => {
                    let span = self.span(start);
                    self.code.unknown_code.push(Unread { why: "is not known", span });
                }
            }
        }
        if LISTERS.contains(&name.as_str()) {
            let path = words.iter().skip(1).find(|word| !word.starts_with('-'));
            self.item =
                Some(path.map_or_else(
                    || "*".to_owned(),
                    |path| format!("{}/*", path.trim_end_matches(['/', '\\'])),
                ));
        } else {
            self.item = Some(UNKNOWN_WORDS.to_string());
        }
        let words = if STARTERS.contains(&name.as_str()) { started(&words) } else { words };
        self.call("&", words, start);
    }

    /// Reads `text` as a script of its own.
    fn evaluate(&mut self, text: &str, start: usize) {
        let span = self.span(start);
        if self.depth >= MAX_DEPTH || self.budget < text.len() {
            self.code.unknown_code.push(Unread { why: "is nested too deep", span });
            return;
        }
        self.budget -= text.len();
        let calls = self.code.calls.len();
        let mut inner = Script {
            text,
            at: 0,
            code: self.code,
            names: HashMap::new(),
            depth: self.depth + MAX_DEPTH / 4,
            loops: self.loops,
            budget: self.budget,
            item: None,
        };
        inner.statements(None);
        self.budget = inner.budget;
        self.code.calls[calls..].iter_mut().for_each(|call| call.span = span);
    }

    fn call(&mut self, callee: &str, words: Vec<String>, start: usize) {
        let size: usize = words.iter().map(String::len).sum();
        let affordable = self.budget >= size;
        self.budget = self.budget.saturating_sub(size);
        let argument = |text| Argument { value: Some(text).filter(|_| affordable), ..Argument::default() };
        let span = self.span(start);
        self.code.calls.push(Call {
            callee: callee.to_owned(),
            arguments: words.into_iter().map(argument).collect(),
            receiver: Vec::new(),
            in_loop: self.loops > 0,
            span,
        });
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// Steps over blanks, comments and continued lines between words.
    fn skip_between(&mut self) {
        loop {
            self.skip_blanks();
            let rest = self.rest();
            if rest.starts_with("<#") {
                self.at += rest.find("#>").map_or(rest.len(), |end| end + 2);
            } else if rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("`\n") || rest.starts_with("`\r\n") {
                self.at += rest.find('\n').map_or(1, |end| end + 1);
            } else {
                return;
            }
        }
    }

    /// Reads the next word, which brackets may make several; nothing at the command's end.
    fn word(&mut self, before: &[Word]) -> Option<Vec<Word>> {
        let start = loop {
            self.skip_between();
            let start = self.at;
            self.at += self.rest().bytes().take_while(u8::is_ascii_digit).count();
            if self.byte(0) != Some(b'>') {
                self.at = start;
                break start;
            }
            self.redirection(start);
        };
        let mut word = Word::default();
        while let Some(byte) = self.byte(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b'&' | b')' | b'}' | b'>' => break,
                b',' => {
                    self.at += 1;
                    break;
                }
                b'=' if self.at > start && self.text[start..].starts_with('$') && word.value => break,
                b'\'' | b'"' => {
                    word.value |= self.at == start;
                    let text = self.string(byte);
                    word.text.push_str(&text);
                }
                b'@' if matches!(self.byte(1), Some(b'\'' | b'"')) => {
                    word.value = true;
                    let text = self.here_string();
                    word.text.push_str(&text);
                }
                b'@' | b'$' if self.byte(1) == Some(b'(') => return Some(self.nested(2, b')')),
                b'(' if self.at == start => return Some(self.nested(1, b')')),
                b'(' => self.method_call(&mut word, start),
                b'@' if self.byte(1) == Some(b'{') => return Some(self.nested(2, b'}')),
                b'{' if self.at == start => return Some(self.block(before)),
                b'{' => break,
                b'$' => {
                    word.value |= self.at == start;
                    let text = self.variable();
                    word.text.push_str(&text);
                }
                b'[' if self.at == start => self.type_name(&mut word),
                b'`' => {
                    self.at += 1;
                    word.text.extend(self.skip_char());
                }
                b'0'..=b'9' if self.at == start && before.is_empty() => {
                    word.value = true;
                    word.text.extend(self.skip_char());
                }
                _ => word.text.extend(self.skip_char()),
            }
        }
        if self.at == start {
            return None;
        }
        let span = self.span(start);
        self.code.strings.push(Literal { text: word.text.clone(), span });
        Some(vec![word])
    }

    /// Reads `$( … )`, `@( … )`, `( … )`, whose opening is `open` bytes long: the values in it.
    fn nested(&mut self, open: usize, close: u8) -> Vec<Word> {
        self.at += open;
        let values = self.statements(Some(close));
        let several =
            |values: Vec<String>| values.into_iter().map(|text| Word { text, value: true }).collect();
        let words: Vec<Word> =
            several(if values.is_empty() { vec![UNKNOWN_WORDS.to_string()] } else { values });
        // A member of what the brackets gave is something else.
        if self.byte(0) == Some(b'.') || self.byte(0) == Some(b'[') {
            let rest = self.rest();
            self.at += rest.find(|c: char| c.is_whitespace() || ";|)}".contains(c)).unwrap_or(rest.len());
            return several(vec![UNKNOWN.to_string()]);
        }
        words
    }

    /// Reads `{ … }`, a block that the command before it runs.
    fn block(&mut self, before: &[Word]) -> Vec<Word> {
        let name = before.first().map(|name| name.text.to_ascii_lowercase());
        let repeats = name.is_some_and(|name| REPEATERS.contains(&name.as_str()));
        let item = self.item.clone().unwrap_or_else(|| UNKNOWN.to_string());
        self.at += 1;
        self.loops += usize::from(repeats);
        let outer = self.names.insert("_".to_owned(), vec![item]);
        self.statements(Some(b'}'));
        match outer {
            Some(outer) => self.names.insert("_".to_owned(), outer),
            None => self.names.remove("_"),
        };
        self.loops -= usize::from(repeats);
        vec![Word { text: "{}".to_owned(), value: true }]
    }

    /// Reads `[Type]::Method(…)`, `[Type]::Constant` or a cast.
    fn type_name(&mut self, word: &mut Word) {
        let rest = self.rest();
        let length = rest.find([']', '\n']).map_or(rest.len(), |end| end + 1);
        let name = rest[..length].trim_matches(['[', ']']);
        self.at += length;
        word.value = true;
        if let Some(member) = self.rest().strip_prefix("::") {
            let end = member.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(member.len());
            self.at += 2 + end;
            let name = name.strip_prefix("System.").unwrap_or(name);
            word.text = format!("{name}.{}", &member[..end]);
            if self.byte(0) != Some(b'(') {
                word.text = UNKNOWN.to_string();
            }
        }
    }

    /// Reads the arguments of a method whose name the word has just been.
    fn method_call(&mut self, word: &mut Word, start: usize) {
        let source = &self.text[start..self.at];
        let name = if source.starts_with('[') {
            word.text.clone()
        } else {
            source.trim_start_matches('$').to_owned()
        };
        self.at += 1;
        let arguments = self.statements(Some(b')'));
        self.call(&name, arguments, start);
        word.text = UNKNOWN.to_string();
        word.value = true;
    }

    /// Reads `> file` and `>> file`, with or without a stream before it.
    fn redirection(&mut self, start: usize) {
        let appends = self.rest().starts_with(">>");
        self.at += 1 + usize::from(appends);
        if self.byte(0) == Some(b'&') {
            self.at += 1;
            self.skip_char();
            return;
        }
        self.skip_blanks();
        if self.byte(0).is_none_or(|byte| matches!(byte, b'>' | b'\n' | b';' | b'|'))
            || self.depth >= MAX_DEPTH
        {
            return;
        }
        self.depth += 1;
        let file = self.word(&[]).and_then(|mut words| words.pop());
        self.depth -= 1;
        if let Some(file) = file {
            self.call(if appends { ">>" } else { ">" }, vec![file.text], start);
        }
    }

    /// Reads a string.
    fn string(&mut self, quote: u8) -> String {
        self.at += 1;
        let mut text = String::new();
        while let Some(byte) = self.byte(0) {
            match byte {
                _ if byte == quote && self.byte(1) == Some(quote) => {
                    self.at += 2;
                    text.push(char::from(quote));
                }
                _ if byte == quote => {
                    self.at += 1;
                    break;
                }
                b'`' if quote == b'"' => {
                    self.at += 1;
                    text.extend(self.skip_char().map(|c| match c {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        '0' => '\0',
                        other => other,
                    }));
                }
                b'$' if quote == b'"' => self.insertion(&mut text),
                _ => text.extend(self.skip_char()),
            }
        }
        text
    }

    /// Reads `@' … '@` or `@" … "@`.
    fn here_string(&mut self) -> String {
        let quote = if self.byte(1) == Some(b'"') { '"' } else { '\'' };
        let rest = &self.rest()[2..];
        let close = format!("\n{quote}@");
        let length = rest.find(&close).unwrap_or(rest.len());
        self.at = (self.at + 2 + length + close.len()).min(self.text.len());
        let body = rest[..length].trim_start_matches(['\r', '\n']);
        match quote {
            '"' => body
                .split('$')
                .enumerate()
                .map(|(index, part)| {
                    if index == 0 {
                        part.to_owned()
                    } else {
                        format!(
                            "{UNKNOWN}{}",
                            part.trim_start_matches(|c: char| c.is_alphanumeric() || "_:{}".contains(c))
                        )
                    }
                })
                .collect(),
            _ => body.to_owned(),
        }
    }

    /// Reads `$name` or `$( … )` in a string.
    fn insertion(&mut self, text: &mut String) {
        if self.byte(1) == Some(b'(') {
            self.at += 2;
            let values = self.statements(Some(b')'));
            text.push_str(&if values.is_empty() { UNKNOWN.to_string() } else { values.join(" ") });
            return;
        }
        let value = self.variable();
        text.push_str(&value);
    }

    /// Reads a variable with its members, and returns its value.
    fn variable(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        let rest = self.rest();
        let braced = rest.starts_with('{');
        let length = if braced {
            rest.find('}').map_or(rest.len(), |end| end + 1)
        } else {
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':' | '?'))).unwrap_or(rest.len())
        };
        self.at += length;
        if length == 0 {
            return "$".to_owned();
        }
        let name = variable_name(&self.text[start..self.at]).unwrap_or_default();
        let member = self.rest();
        if member.starts_with('.') && member[1..].starts_with(|c: char| c.is_alphabetic()) {
            self.at += 1 + member[1..]
                .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')))
                .unwrap_or(member.len() - 1);
            // The full name of a file that a pipeline hands on is as good as the file.
            let whole = matches!(
                self.text[start..self.at].rsplit('.').next(),
                Some("FullName" | "Name" | "Path" | "PSPath")
            );
            if name != "_" || !whole {
                return UNKNOWN.to_string();
            }
        }
        let home = matches!(name.as_str(), "home" | "env:home" | "env:userprofile");
        match self.names.get(&name) {
            _ if home => "~".to_owned(),
            Some(words) if self.budget > words.iter().map(String::len).sum::<usize>() => {
                let text = words.join(" ");
                self.budget -= text.len();
                text
            }
            _ => match name.as_str() {
                "true" | "false" | "null" => format!("${name}"),
                "pwd" => ".".to_owned(),
                _ => UNKNOWN.to_string(),
            },
        }
    }
}

/// Returns the name in `$name`, `${name}` or `[type]$name`, in small letters.
fn variable_name(text: &str) -> Option<String> {
    let (_, name) = text.trim().rsplit_once('$')?;
    let name = name.trim_matches(['{', '}']).to_ascii_lowercase();
    Some(name.strip_prefix("script:").or_else(|| name.strip_prefix("global:")).unwrap_or(&name).to_owned())
}
