//! Lists of commands, pipelines, and simple commands.

use super::Dialect;
use super::gap::GapKind;
use super::reader::Reader;
use super::script::{Assignment, Command, CommandKind, Part, Script, Value, Word};
use super::word::{Mode, expands, push_text};

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
                Some(b'{') if self.dialect == Dialect::Zsh => return commands.push(command),
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
        self.peek();
        let start = self.at;
        let first = self.pipeline()?;
        let mut parts = vec![first];
        loop {
            self.skip_blanks();
            if !self.eat_pair(b"&&") && !self.eat_pair(b"||") {
                break;
            }
            self.skip_newlines();
            match self.pipeline() {
                Some(part) => parts.push(part),
                None => self.unexpected(),
            }
        }
        Some(self.one_or(parts, start, CommandKind::AndOr))
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
        let inner = self.at;
        let mut parts: Vec<Command> = self.any_command().into_iter().collect();
        if parts.is_empty() && !wrapped {
            return None;
        }
        loop {
            self.skip_blanks();
            if parts.is_empty() || self.peek() != Some(b'|') || self.peek_second() == Some(b'|') {
                break;
            }
            self.at += 1;
            self.eat(b'&');
            self.skip_newlines();
            match self.any_command() {
                Some(part) => parts.push(part),
                None => self.unexpected(),
            }
        }
        if !wrapped {
            return Some(self.one_or(parts, start, CommandKind::Pipeline));
        }
        let commands =
            if parts.is_empty() { parts } else { vec![self.one_or(parts, inner, CommandKind::Pipeline)] };
        let body = Script { commands };
        Some(self.command(CommandKind::Group { body, subshell: false }, start))
    }

    /// Returns the only one of `parts`, or all of them as one command.
    fn one_or(
        &self,
        mut parts: Vec<Command>,
        start: usize,
        kind: fn(Vec<Command>) -> CommandKind,
    ) -> Command {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                let end = parts.last().map_or(start, |_| self.at);
                Command { kind: kind(parts), redirects: Vec::new(), span: self.span(start, end) }
            }
        }
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
                    Some(Prefix::Word(word)) if self.begins_function() => {
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

    /// Reads a word behind the first of a command. In zsh such a word may begin with a glob's `(`.
    pub(super) fn argument(&mut self) -> Option<Word> {
        if self.dialect == Dialect::Zsh && self.peek() == Some(b'(') {
            let (start, mut parts) = (self.at, Vec::new());
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

    /// Reads the elements of `( … )`. A key that runs commands counts as an element.
    pub(super) fn array(&mut self) -> Vec<Word> {
        self.at += 1;
        let elements = self.nested(|reader| {
            let mut elements = Vec::new();
            loop {
                reader.skip_newlines();
                let before = reader.at;
                if reader.peek() == Some(b'[') {
                    elements.extend(reader.key());
                }
                elements.extend(reader.argument());
                if reader.at == before {
                    return elements;
                }
            }
        });
        self.close(b')');
        elements
    }

    /// Steps over the `[key]=` of an element and returns the key if it is more than text.
    fn key(&mut self) -> Option<Word> {
        let start = self.at;
        self.at += 1;
        let key = self.operand(Mode::SUBSCRIPT);
        if self.eat(b']') && (self.eat(b'=') || self.eat_pair(b"+=")) {
            return expands(&key).then_some(key);
        }
        // A glob: `[ab]*`.
        let parts = subscripted("", Some(key));
        Some(self.word_from(start, parts, self.word_mode()))
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
    fn begins_function(&mut self) -> bool {
        let start = self.at;
        self.skip_blanks();
        let begins = self.eat(b'(') && {
            self.skip_blanks();
            self.eat(b')')
        };
        self.at = start;
        begins
    }
}

/// What a simple command may begin with.
enum Prefix {
    Assignment(Assignment),
    Word(Word),
}

/// Returns the parts of `name[index]` where that is not assigned to.
fn subscripted(name: &str, index: Option<Word>) -> Vec<Part> {
    let mut parts = Vec::new();
    push_text(&mut parts, name, false);
    if let Some(index) = index {
        push_text(&mut parts, "[", false);
        parts.extend(index.parts);
        push_text(&mut parts, "]", false);
    }
    parts
}
