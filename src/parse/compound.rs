//! Compound commands and functions.

use super::Dialect;
use super::gap::GapKind;
use super::mode::Mode;
use super::reader::Reader;
use super::script::{Assignment, Command, CommandKind, Part, Script, Value, Word};
use super::word::{expands, push_text};
use crate::unknown::UNKNOWN;

impl Reader<'_> {
    /// Reads the command that stands here with its redirections, if one does.
    pub(super) fn any_command(&mut self) -> Option<Command> {
        self.skip_blanks();
        self.peek()?;
        self.nested(Self::command_here)
    }

    fn command_here(&mut self) -> Option<Command> {
        let start = self.at;
        let kind = match self.peek()? {
            b'(' => return self.parenthesized(),
            b'{' | b'}' | b'!' | b'[' | b'a'..=b'z' => self.bare_word(),
            _ => None,
        };
        let is_zsh = self.dialect == Dialect::Zsh;
        let word = match kind {
            _ if is_zsh && self.peek() == Some(b'{') => "{",
            Some((word, _)) => reserved(&word).unwrap_or_default(),
            None => "",
        };
        let kind = match word {
            "if" => self.compound(word, Self::conditional),
            "for" | "select" => self.compound(word, Self::for_loop),
            "while" | "until" => self.compound(word, Self::while_loop),
            "case" => self.compound(word, Self::case),
            "{" => self.compound(word, Self::group),
            "coproc" => self.compound(word, Self::coprocess),
            "[[" if self.dialect != Dialect::Posix => self.compound(word, Self::test),
            "repeat" if is_zsh => self.compound(word, Self::repeat),
            "foreach" if is_zsh => self.compound(word, Self::foreach),
            "function" => return self.function(),
            _ if self.is_list_end(word) => return None,
            _ => return self.simple(),
        };
        Some(self.with_redirects(kind, start))
    }

    /// Returns whether a word stands here that ends a list where a command could begin.
    pub(super) fn ends_list(&mut self) -> bool {
        self.bare_word().is_some_and(|(word, _)| self.is_list_end(&word))
    }

    fn is_list_end(&self, word: &str) -> bool {
        match word {
            "then" | "elif" | "else" | "fi" | "do" | "done" | "esac" | "}" => true,
            "end" => self.foreach_depth > 0,
            _ => false,
        }
    }

    /// Steps over the reserved word that begins a compound command and reads the rest.
    fn compound(&mut self, word: &str, read: impl FnOnce(&mut Self) -> CommandKind) -> CommandKind {
        match self.bare_word() {
            Some((bare, end)) if bare == word => self.at = end,
            _ => self.at += word.len(),
        }
        read(self)
    }

    fn with_redirects(&mut self, kind: CommandKind, start: usize) -> Command {
        let redirects = self.redirects();
        Command { redirects, ..self.command(kind, start) }
    }

    /// Reads what begins with a `(`: a subshell, an arithmetic command, or zsh's `() { … }`.
    fn parenthesized(&mut self) -> Option<Command> {
        let start = self.at;
        let next = self.peek_second();
        if next == Some(b')') && self.dialect == Dialect::Zsh {
            return Some(self.anonymous_function(start));
        }
        if next == Some(b'(') && self.dialect != Dialect::Posix && self.has_fuel() {
            let mark = self.mark();
            self.eat_pair(b"((");
            if let Some(expression) = self.arithmetic() {
                let test = CommandKind::Test(vec![arithmetic_word(expression)]);
                return Some(self.with_redirects(test, start));
            }
            self.rewind(&mark);
        }
        self.eat(b'(');
        let body = self.commands();
        self.close(b')');
        Some(self.with_redirects(CommandKind::Group { body, subshell: true }, start))
    }

    /// Reads `{ …; }` from behind its `{`, with zsh's `always`.
    fn group(&mut self) -> CommandKind {
        let mut body = self.braced_commands();
        let end = self.at;
        self.skip_blanks();
        if self.dialect == Dialect::Zsh && self.eat_word("always") {
            let always = self.braced_body();
            body.commands.extend(always.commands);
        } else {
            self.at = end;
        }
        CommandKind::Group { body, subshell: false }
    }

    /// Reads `{ …; }`.
    fn braced_body(&mut self) -> Script {
        self.skip_newlines();
        if !self.eat(b'{') {
            self.missing("{");
        }
        self.braced_commands()
    }

    /// Reads commands up to and with a `}`.
    fn braced_commands(&mut self) -> Script {
        let body = self.commands();
        self.close(b'}');
        body
    }

    fn conditional(&mut self) -> CommandKind {
        let mut branches = Vec::new();
        let mut otherwise = None;
        loop {
            let condition = self.commands();
            let is_short = self.dialect == Dialect::Zsh && self.peek().is_some() && !self.ends_list();
            if !is_short {
                self.expect_word("then");
            }
            branches.push((condition, self.branch(is_short)));
            if self.eat_word("elif") {
                continue;
            }
            if self.eat_word("else") {
                self.skip_newlines();
                otherwise = Some(self.branch(is_short));
            }
            if !is_short {
                self.expect_word("fi");
            }
            return CommandKind::If { branches, otherwise };
        }
    }

    /// Reads what a condition guards: a list, or one command in zsh's short form.
    fn branch(&mut self, is_short: bool) -> Script {
        if !is_short {
            return self.commands();
        }
        let commands = self.any_command().into_iter().collect();
        self.skip_blanks();
        Script { commands }
    }

    fn while_loop(&mut self) -> CommandKind {
        let condition = self.commands();
        let body = self.loop_body();
        CommandKind::While { condition, body }
    }

    /// Reads the body of a loop: `do … done`, `{ … }`, or in zsh any command.
    fn loop_body(&mut self) -> Script {
        self.skip_separators();
        if self.eat_word("do") {
            let body = self.commands();
            self.expect_word("done");
            return body;
        }
        if self.peek() == Some(b'{') {
            return self.braced_body();
        }
        if self.dialect != Dialect::Zsh {
            self.missing("do");
        }
        Script { commands: self.any_command().into_iter().collect() }
    }

    fn for_loop(&mut self) -> CommandKind {
        self.skip_blanks();
        if self.eat_pair(b"((") {
            let head = self.arithmetic();
            if head.is_none() {
                self.missing("))");
            }
            let condition = head_of(head.map(arithmetic_word));
            return CommandKind::While { condition, body: self.loop_body() };
        }
        let variables = self.loop_variables();
        let words = if self.eat_word("in") { Some(self.words()) } else { self.word_list() };
        let body = self.loop_body();
        for_each(variables, words, body)
    }

    /// Reads the names before `in`; only zsh has several.
    fn loop_variables(&mut self) -> Vec<String> {
        let mut variables = Vec::new();
        self.skip_blanks();
        loop {
            let ends = self.bare_word().is_some_and(|(word, _)| matches!(&*word, "in" | "do"));
            if !variables.is_empty() && (ends || self.dialect != Dialect::Zsh) {
                return variables;
            }
            match self.eat_name().or_else(|| self.eat_number()) {
                Some(name) => {
                    variables.push(name);
                    self.skip_newlines();
                }
                None => {
                    if variables.is_empty() {
                        self.unexpected();
                    }
                    return variables;
                }
            }
        }
    }

    /// Reads zsh's `(words)`, if it stands here.
    fn word_list(&mut self) -> Option<Vec<Word>> {
        if self.dialect != Dialect::Zsh || !self.eat(b'(') {
            return None;
        }
        let words = self.words();
        self.skip_newlines();
        self.close(b')');
        Some(words)
    }

    /// Reads zsh's `repeat count command`.
    fn repeat(&mut self) -> CommandKind {
        self.skip_blanks();
        let count = self.word(self.word_mode());
        CommandKind::While { condition: head_of(count), body: self.loop_body() }
    }

    /// Reads zsh's `foreach name (words) …; end`.
    fn foreach(&mut self) -> CommandKind {
        let variables = self.loop_variables();
        let words = if self.eat_word("in") { Some(self.words()) } else { self.word_list() };
        self.skip_separators();
        let body = if self.bare_word().is_some_and(|(word, _)| word == "do") {
            self.loop_body()
        } else {
            self.foreach_depth += 1;
            let body = self.commands();
            self.foreach_depth -= 1;
            self.expect_word("end");
            body
        };
        for_each(variables, words, body)
    }

    fn case(&mut self) -> CommandKind {
        self.skip_blanks();
        let subject = self.word(self.word_mode()).unwrap_or_default();
        self.skip_separators();
        let is_braced = self.dialect == Dialect::Zsh && self.eat(b'{');
        let end = if is_braced { "}" } else { "esac" };
        if !is_braced {
            self.expect_word("in");
        }
        let mut arms = Vec::new();
        loop {
            self.skip_newlines();
            if self.eat_word(end) {
                break;
            }
            let patterns = self.patterns();
            if patterns.is_empty() {
                self.missing(end);
                break;
            }
            let body = self.commands();
            arms.push((patterns, body));
            let continues = self.eat_pair(b";;") || self.eat_pair(b";&") || self.eat_pair(b";|");
            if !continues {
                self.expect_word(end);
                break;
            }
            // `;;&`
            self.eat(b'&');
        }
        CommandKind::Case { subject, arms }
    }

    /// Reads the patterns before an arm of `case`, and the `)` behind them.
    fn patterns(&mut self) -> Vec<Word> {
        let mut patterns = Vec::new();
        // In zsh a `(` may be the one before the patterns or that of a glob, `(a|b)*)`: a glob
        // is all of both.
        let is_zsh = self.dialect == Dialect::Zsh;
        let opened = self.peek() == Some(b'(') && (is_zsh || self.eat(b'('));
        loop {
            self.skip_blanks();
            match self.pattern() {
                Some(pattern) => patterns.push(pattern),
                None => {
                    self.unexpected();
                    return patterns;
                }
            }
            self.skip_blanks();
            if !self.eat(b'|') {
                break;
            }
        }
        if !self.eat(b')') && !(is_zsh && opened) {
            self.missing(")");
        }
        patterns
    }

    /// Reads `coproc [NAME] command`.
    fn coprocess(&mut self) -> CommandKind {
        self.skip_blanks();
        let start = self.at;
        let is_reserved = self.bare_word().is_some_and(|(word, _)| reserved(&word).is_some());
        if !is_reserved && self.eat_name().is_some() {
            self.skip_blanks();
            let is_compound = match self.peek() {
                Some(b'(') => true,
                _ => self.bare_word().is_some_and(|(word, _)| reserved(&word).is_some()),
            };
            self.at = if is_compound { self.at } else { start };
        }
        let body = Script { commands: self.any_command().into_iter().collect() };
        CommandKind::Group { body, subshell: true }
    }

    /// Reads `[[ … ]]` from behind its `[[`. The signs between the words do not matter.
    fn test(&mut self) -> CommandKind {
        let mut words = Vec::new();
        loop {
            self.skip_newlines();
            if self.eat_word("]]") {
                break;
            }
            match self.test_word(words.last()) {
                Some(word) => words.push(word),
                None if self.eat_pair(b"&&") || self.eat_pair(b"||") => {}
                None if matches!(self.peek(), Some(b'(' | b')' | b'<' | b'>')) => self.at += 1,
                None => {
                    self.missing("]]");
                    break;
                }
            }
        }
        CommandKind::Test(words)
    }

    /// Reads a word in `[[ … ]]`, which is a pattern if `before` says so.
    fn test_word(&mut self, before: Option<&Word>) -> Option<Word> {
        match before.map(|word| &*word.parts) {
            Some([Part::Text { text, quoted: false }]) => match &**text {
                "=~" => self.word(Mode::REGEX),
                "=" | "==" | "!=" => self.pattern(),
                _ => self.word(self.word_mode()),
            },
            _ => self.word(self.word_mode()),
        }
    }

    /// Reads the function whose name was just read, and began at `name_start`, from its `()` on.
    pub(super) fn function_after(&mut self, name: &Word, name_start: usize, start: usize) -> Command {
        let name = name_of(name).unwrap_or_else(|| self.text[name_start..self.at].to_owned());
        if self.begins_function() {
            self.eat_parentheses();
        } else if self.dialect == Dialect::Zsh {
            self.other_function_names();
        }
        self.skip_newlines();
        let body = self.function_body();
        self.command(CommandKind::Function { name, body: Box::new(body) }, start)
    }

    fn function_body(&mut self) -> Command {
        let start = self.at;
        self.any_command().unwrap_or_else(|| {
            self.unexpected();
            self.command(CommandKind::Test(Vec::new()), start)
        })
    }

    /// Reads `function name { … }`.
    fn function(&mut self) -> Option<Command> {
        let start = self.at;
        self.eat_word("function");
        self.skip_blanks();
        if self.dialect == Dialect::Zsh && matches!(self.peek(), Some(b'{' | b'(')) {
            return Some(self.anonymous_function(start));
        }
        let name_start = self.at;
        let Some(name) = self.word(self.word_mode()) else {
            self.unexpected();
            return None;
        };
        let function = self.function_after(&name, name_start, start);
        // dash takes `function` for a program and runs the lines of the body.
        Some(match function.kind {
            CommandKind::Function { body, .. } if self.dialect == Dialect::Posix => *body,
            _ => function,
        })
    }

    /// Steps over the `()` of a function, if it stands here.
    fn eat_parentheses(&mut self) {
        self.skip_blanks();
        if self.eat(b'(') {
            self.skip_blanks();
            self.close(b')');
        }
    }

    /// Steps over the further names that zsh gives a function.
    fn other_function_names(&mut self) {
        loop {
            self.skip_blanks();
            let start = self.at;
            if self.peek() == Some(b'{') || self.word(self.word_mode()).is_none() {
                return;
            }
            self.gap(GapKind::Syntax, start..self.at, "another name of a function");
        }
    }

    /// Reads zsh's `() { … } words`, which runs at once.
    fn anonymous_function(&mut self, start: usize) -> Command {
        self.eat_parentheses();
        self.skip_newlines();
        let body = self.function_body();
        let name =
            Word { parts: vec![Part::Text { text: ANONYMOUS.to_owned(), quoted: false }], span: body.span };
        let words = [vec![name], self.words()].concat();
        let function = CommandKind::Function { name: ANONYMOUS.to_owned(), body: Box::new(body) };
        let call = CommandKind::Simple { assignments: Vec::new(), words };
        let body = Script { commands: vec![self.command(function, start), self.command(call, start)] };
        self.with_redirects(CommandKind::Group { body, subshell: false }, start)
    }
}

/// What zsh calls a function that has no name.
const ANONYMOUS: &str = "(anon)";

/// Returns `word` if it is reserved where a command begins.
fn reserved(word: &str) -> Option<&'static str> {
    const RESERVED: [&str; 21] = [
        "if", "then", "elif", "else", "fi", "for", "select", "while", "until", "do", "done", "case", "esac",
        "{", "}", "[[", "function", "coproc", "repeat", "foreach", "end",
    ];
    RESERVED.into_iter().find(|&reserved| reserved == word)
}

/// Returns the word that stands for an arithmetic expression by itself.
fn arithmetic_word(expression: Word) -> Word {
    let span = expression.span;
    Word { parts: vec![Part::Arithmetic { expression: Box::new(expression) }], span }
}

/// Returns what the head of a loop runs: nothing, unless a substitution stands in it.
fn head_of(word: Option<Word>) -> Script {
    let test = |word: Word| {
        let span = word.span;
        Command { kind: CommandKind::Test(vec![word]), redirects: Vec::new(), span }
    };
    Script { commands: word.filter(expands).map(test).into_iter().collect() }
}

/// A loop over `words`. Where zsh takes several at a time, the first variable may be any of them
/// and the others are not known.
fn for_each(variables: Vec<String>, words: Option<Vec<Word>>, mut body: Script) -> CommandKind {
    let mut variables = variables.into_iter();
    let variable = variables.next().unwrap_or_default();
    let unknown = |name: String| {
        let mut parts = Vec::new();
        push_text(&mut parts, UNKNOWN.encode_utf8(&mut [0; 4]), true);
        let value = Value::Scalar(Word { parts, ..Word::default() });
        Assignment { name, index: None, append: false, value, span: Default::default() }
    };
    let assignments: Vec<Assignment> = variables.map(unknown).collect();
    if !assignments.is_empty() {
        let kind = CommandKind::Simple { assignments, words: Vec::new() };
        body.commands.insert(0, Command { kind, redirects: Vec::new(), span: Default::default() });
    }
    CommandKind::For { variable, words, body }
}

/// Returns the name a word gives a function, if it is only text.
fn name_of(word: &Word) -> Option<String> {
    let text = |part: &Part| match part {
        Part::Text { text, .. } => Some(text.clone()),
        _ => None,
    };
    word.parts.iter().map(text).collect()
}
