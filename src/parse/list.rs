//! Lists of commands, pipelines, and simple commands.

use std::cell::RefCell;

use super::Dialect;
use super::gap::GapKind;
use super::mode::Mode;
use super::reader::Reader;
use super::script::{Assignment, Command, CommandKind, Element, Part, Script, Value, Word};
use super::word::push_text;

impl Reader<'_> {
    /// Reads commands up to what ends them.
    pub(super) fn commands(&mut self) -> Script {
        let mut commands = Vec::new();
        self.list(&mut commands);
        Script { commands }
    }

    /// Adds commands up to what ends a list: the end of the text, a `)`, a `;;`, or a word such as
    /// `fi` or `}`.
    pub(super) fn list(&mut self, commands: &mut Vec<Command>) {
        loop {
            self.skip_separators();
            self.peek();
            let start = self.at;
            let Some(command) = self.and_or() else { return };
            self.skip_blanks();
            match self.peek() {
                Some(b'&') => {
                    self.at += 1;
                    if self.dialect == Dialect::Zsh && matches!(self.peek(), Some(b'|' | b'!')) {
                        self.at += 1;
                    }
                    commands.push(self.background(command, start));
                    continue;
                }
                Some(b';' | b'\n' | b')') | None => {}
                // A word such as `fi` may follow a compound command at once, and so may what stands
                // behind a condition in zsh.
                Some(_) if self.ends_list() => {}
                Some(_) if self.dialect == Dialect::Zsh && is_condition(&command) => {
                    return commands.push(command);
                }
                Some(_) => self.unexpected(),
            }
            commands.push(command);
        }
    }

    /// A command before `&` runs in a subshell: its `cd` does not reach what follows.
    fn background(&self, command: Command, start: usize) -> Command {
        let body = Script { commands: vec![command] };
        self.command(CommandKind::Group { body, subshell: true }, start)
    }

    pub(super) fn command(&self, kind: CommandKind, start: usize) -> Command {
        Command { kind, redirects: Vec::new(), span: self.span(start, self.at) }
    }

    /// Skips newlines and single `;`.
    pub(super) fn skip_separators(&mut self) {
        self.skip_newlines();
        while self.peek() == Some(b';') && !matches!(self.peek_second(), Some(b';' | b'&' | b'|')) {
            self.at += 1;
            self.skip_newlines();
        }
    }

    /// Reads `a && b || c`.
    fn and_or(&mut self) -> Option<Command> {
        let otherwise = RefCell::new(Vec::new());
        let operator = |reader: &mut Self, place: usize| {
            if reader.eat_pair(b"&&") {
                return true;
            }
            let is_or = reader.eat_pair(b"||");
            otherwise.borrow_mut().extend(is_or.then_some(place));
            is_or
        };
        let kind = |parts| CommandKind::AndOr { parts, otherwise: otherwise.take() };
        self.chain(Self::pipeline, operator, kind)
    }

    /// Reads `a | b`, with the `!` and `time` before it.
    fn pipeline(&mut self) -> Option<Command> {
        self.peek();
        let start = self.at;
        let mut wrapped = false;
        while self.eat_word("!") || self.eat_time() {
            wrapped = true;
            self.skip_blanks();
        }
        let pipeline = self.chain(Self::any_command, |reader, _| reader.eat_pipe(), CommandKind::Pipeline);
        if !wrapped {
            return pipeline;
        }
        let body = Script { commands: pipeline.into_iter().collect() };
        Some(self.command(CommandKind::Group { body, subshell: false }, start))
    }

    /// Reads parts with operators between them, each of which is told the place of the part behind it; a
    /// part alone stays what it is.
    fn chain(
        &mut self,
        part: fn(&mut Self) -> Option<Command>,
        operator: impl Fn(&mut Self, usize) -> bool,
        kind: impl FnOnce(Vec<Command>) -> CommandKind,
    ) -> Option<Command> {
        self.peek();
        let start = self.at;
        let mut last = part(self)?;
        let mut parts = Vec::new();
        loop {
            let end = self.at;
            self.skip_blanks();
            if !operator(self, parts.len() + 1) {
                self.at = end;
                break;
            }
            self.skip_newlines();
            match part(self) {
                Some(next) => parts.push(std::mem::replace(&mut last, next)),
                None => self.unexpected(),
            }
        }
        if parts.is_empty() {
            return Some(last);
        }
        parts.push(last);
        Some(self.command(kind(parts), start))
    }

    fn eat_pipe(&mut self) -> bool {
        if self.peek() != Some(b'|') || self.peek_second() == Some(b'|') {
            return false;
        }
        self.at += 1;
        self.eat(b'&');
        true
    }

    /// Steps over `time` and its `-p`. With other options it is the program of that name.
    fn eat_time(&mut self) -> bool {
        let mark = self.at;
        if !self.eat_word("time") {
            return false;
        }
        self.skip_blanks();
        if self.peek() == Some(b'-') && !self.eat_word("-p") && !self.eat_word("--") {
            self.at = mark;
            return false;
        }
        true
    }

    /// Reads a simple command, or defines a function if `()` follows its first word.
    pub(super) fn simple(&mut self) -> Option<Command> {
        self.peek();
        let start = self.at;
        let mut end = start;
        let mut redirects = Vec::new();
        let mut assignments = Vec::new();
        let mut words = Vec::new();
        let mut words_at_ampersand = usize::MAX;
        loop {
            self.skip_blanks();
            let item_start = self.at;
            if let Some(redirect) = self.redirect() {
                if self.byte(item_start) == Some(b'&') {
                    words_at_ampersand = words.len();
                }
                redirects.push(redirect);
            } else if !words.is_empty() {
                let Some(word) = self.argument() else { break };
                words.push(word);
            } else {
                match self.assignment_or_word() {
                    Some(Prefix::Assignment(assignment)) => assignments.push(assignment),
                    Some(Prefix::Word(word)) if end == start && self.begins_function() => {
                        return Some(self.function_after(&word, item_start, start));
                    }
                    Some(Prefix::Word(word)) => words.push(word),
                    None => break,
                }
            }
            end = self.at;
        }
        if self.dialect == Dialect::Posix && words.len() > words_at_ampersand {
            // For dash `a &>f b` are two commands, `a &` and `>f b`.
            self.gap(GapKind::Syntax, start..end, "shells disagree on where this command ends");
        }
        let kind = CommandKind::Simple { assignments, words };
        (end > start).then(|| Command { kind, redirects, span: self.span(start, end) })
    }

    /// Reads a word behind the first of a command.
    fn argument(&mut self) -> Option<Word> {
        let start = self.at;
        let word = self.pattern()?;
        let is_glob =
            matches!(word.parts.last(), Some(Part::Text { text, quoted: false }) if text.ends_with(')'));
        if is_glob && self.dialect == Dialect::Zsh && may_run_code(&self.text[start..self.at]) {
            self.gap(GapKind::Code, start..self.at, "a glob that may run code");
        }
        Some(word)
    }

    /// Reads a word that in zsh may begin with the `(` of a glob.
    pub(super) fn pattern(&mut self) -> Option<Word> {
        let (start, mut parts) = (self.at, Vec::new());
        if self.dialect == Dialect::Zsh && self.peek() == Some(b'(') {
            self.glob_group(self.word_mode(), &mut parts);
            return Some(self.word_from(start, parts, self.word_mode()));
        }
        self.word(self.word_mode())
    }

    /// Reads `NAME=value` or a word.
    fn assignment_or_word(&mut self) -> Option<Prefix> {
        self.peek();
        let start = self.at;
        let Some(name_end) = self.name_end(start) else {
            return self.word(self.word_mode()).map(Prefix::Word);
        };
        let sign = self.past_continuations(name_end);
        let is_assignment = match self.byte(sign) {
            Some(b'=') => true,
            Some(b'+') => self.byte(self.past_continuations(sign + 1)) == Some(b'='),
            Some(b'[') => self.dialect != Dialect::Posix,
            _ => false,
        };
        if !is_assignment {
            return self.word(self.word_mode()).map(Prefix::Word);
        }
        let name = self.eat_name().unwrap_or_default();
        let index = if self.eat(b'[') { Some(self.operand(Mode::SUBSCRIPT)) } else { None };
        if index.is_some() {
            self.close(b']');
        }
        let append = self.eat_pair(b"+=");
        if !append && !self.eat(b'=') {
            let parts = subscripted(&name, index);
            return Some(Prefix::Word(self.word_from(start, parts, self.word_mode())));
        }
        let value = self.value();
        let span = self.span(start, self.at);
        Some(Prefix::Assignment(Assignment { name, index, append, value, span }))
    }

    /// Reads what stands behind the `=` of an assignment.
    fn value(&mut self) -> Value {
        if self.peek() == Some(b'(') {
            return Value::Array(self.array());
        }
        let empty = Word { parts: Vec::new(), span: self.span(self.at, self.at) };
        Value::Scalar(self.word(Mode::WORD).unwrap_or(empty))
    }

    /// Reads the elements of `( … )`.
    pub(super) fn array(&mut self) -> Vec<Element> {
        self.at += 1;
        let elements = self.nested(|reader| {
            let mut elements = Vec::new();
            loop {
                reader.skip_newlines();
                let before = reader.at;
                let element = reader.element();
                if reader.at == before {
                    return elements;
                }
                elements.push(element);
            }
        });
        self.close(b')');
        elements
    }

    /// Reads one element, which may be nothing.
    fn element(&mut self) -> Element {
        let start = self.at;
        if self.eat(b'[') {
            let key = self.operand(Mode::SUBSCRIPT);
            if self.eat(b']') && (self.eat(b'=') || self.eat_pair(b"+=")) {
                return Element { key: Some(key), value: self.argument().unwrap_or_default() };
            }
            // A glob: `[ab]*`.
            let value = self.word_from(start, subscripted("", Some(key)), self.word_mode());
            return Element { key: None, value };
        }
        Element { key: None, value: self.argument().unwrap_or_default() }
    }

    /// Reads the words up to the end of a line or a `;`.
    pub(super) fn words(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            match self.argument() {
                Some(word) => words.push(word),
                None => return words,
            }
        }
    }

    /// Returns whether `()` stands here.
    pub(super) fn begins_function(&mut self) -> bool {
        let start = self.at;
        self.skip_blanks();
        let begins = if self.dialect == Dialect::Zsh {
            self.rest().starts_with("()")
        } else {
            self.eat(b'(') && {
                self.skip_blanks();
                self.eat(b')')
            }
        };
        self.at = start;
        begins
    }
}

/// Returns whether what it guards may follow `command` at once in zsh.
fn is_condition(command: &Command) -> bool {
    matches!(command.kind, CommandKind::Test(_) | CommandKind::Group { .. })
}

/// What a simple command may begin with.
enum Prefix {
    Assignment(Assignment),
    Word(Word),
}

/// Returns whether a word may end with qualifiers of zsh that run code, `(e:code:)` or `(+function)`.
fn may_run_code(word: &str) -> bool {
    let Some((_, group)) = word.strip_suffix(')').and_then(|word| word.rsplit_once('(')) else {
        return false;
    };
    group.as_bytes().windows(2).any(|pair| match *pair {
        [b'e', next] => next.is_ascii_punctuation() && !b"|_.-*?[".contains(&next),
        [b'+', next] => next.is_ascii_alphabetic() || next == b'_',
        _ => false,
    })
}

/// Returns the parts of `name[index]` where that is not assigned to.
fn subscripted(name: &str, index: Option<Word>) -> Vec<Part> {
    let mut parts = Vec::new();
    push_text(&mut parts, name, false);
    if let Some(index) = index {
        push_text(&mut parts, "[", false);
        for part in index.parts {
            match part {
                Part::Text { text, quoted } => push_text(&mut parts, &text, quoted),
                part => parts.push(part),
            }
        }
        push_text(&mut parts, "]", false);
    }
    parts
}
