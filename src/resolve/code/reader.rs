//! Tokens into calls: statements, blocks, and what the names in them stand for.
//!
//! This is no parser of nine languages. It knows expressions well enough to find every call with its
//! arguments, and statements well enough to know which names are set and what may run again. What it
//! does not know it steps over, one token at a time, so that it always ends and never fails.

use super::functions::Functions;
use super::language::Language;
use super::lexer::{Gap, Kind, Token};
use super::scope::Scope;
use super::syntax::{ASSIGNMENTS, Blocks, Role, Syntax};
use super::value::Value;
use super::{Call, Unread};
use crate::parse::script::Span;
use crate::unknown::is_mark;

/// How deep expressions and blocks may nest before they are given up as unread.
const MAX_DEPTH: usize = 90;

/// What is carried through a text and the texts within it.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) scope: Scope,
    pub(super) functions: Functions,
    pub(super) calls: Vec<Call>,
    /// Strings that were put together.
    pub(super) joined: Vec<(String, Span)>,
    pub(super) unread: Vec<Unread>,
    /// Files whose text is run.
    pub(super) sources: Vec<String>,
    /// How many bytes of strings may still be made.
    pub(super) budget: usize,
    pub(super) depth: usize,
    /// How many texts within texts are being read.
    pub(super) nested: usize,
    /// What the script is called with.
    pub(super) arguments: Vec<String>,
    /// The script's own path.
    pub(super) path: Option<String>,
    /// The modules that were brought in.
    pub(super) modules: std::collections::HashSet<String>,
    /// What the first parameter of the next function literal takes (`list.forEach(x => …)`).
    pub(super) pending: Option<Value>,
}

/// What an expression gave.
#[derive(Debug, Default)]
pub(super) struct Operand {
    pub(super) value: Value,
    /// How it is written, where it is a name or a dotted name: such an operand can be set.
    pub(super) written: Option<String>,
    /// What the last member was taken from.
    pub(super) receiver: Option<Value>,
    /// The names that it would set as a pattern, with the keys they are taken from.
    pub(super) pattern: Option<Vec<(Option<String>, Option<String>)>>,
}

impl Operand {
    pub(super) fn of(value: Value) -> Self {
        Self { value, ..Self::default() }
    }
}

/// Reads one text.
pub(super) struct Reader<'a> {
    pub(super) syntax: &'static Syntax,
    pub(super) source: &'a str,
    pub(super) tokens: &'a [Token<'a>],
    pub(super) at: usize,
    /// One past the last token of the bracket, or of the text, that is being read.
    pub(super) end: usize,
    /// Whether a line's end ends nothing here.
    pub(super) lines_join: bool,
    /// Whether a `do` that is next belongs to a loop, not to the call before it.
    pub(super) in_head: bool,
    /// Whether these are arguments without parentheses, which `or` and `and` end.
    pub(super) in_bare_call: bool,
    /// The place of everything, where the text stood in a string itself.
    pub(super) place: Option<Span>,
    pub(super) state: State,
}

impl<'a> Reader<'a> {
    /// Makes a reader of `tokens`, which are those of `source`.
    pub(super) fn new(
        source: &'a str,
        tokens: &'a [Token<'a>],
        syntax: &'static Syntax,
        state: State,
    ) -> Self {
        Self {
            syntax,
            source,
            tokens,
            at: 0,
            end: tokens.len(),
            lines_join: false,
            in_head: false,
            in_bare_call: false,
            place: None,
            state,
        }
    }

    /// Returns the token that is next.
    pub(super) fn peek(&self) -> Option<&'a Token<'a>> {
        self.peek_at(0)
    }

    /// Returns the token `offset` after the next one.
    pub(super) fn peek_at(&self, offset: usize) -> Option<&'a Token<'a>> {
        let tokens = self.tokens;
        tokens[..self.end.min(tokens.len())].get(self.at + offset)
    }

    /// Returns whether the sign `sign` is next.
    pub(super) fn next_is(&self, sign: &str) -> bool {
        self.peek().is_some_and(|token| token.is(sign))
    }

    /// Returns whether the word `word` is next.
    pub(super) fn next_word_is(&self, word: &str) -> bool {
        self.peek().and_then(Token::word) == Some(word)
    }

    /// Steps over the sign `sign`, if it is next.
    pub(super) fn skip(&mut self, sign: &str) -> bool {
        let is_next = self.next_is(sign);
        self.at += usize::from(is_next);
        is_next
    }

    /// Returns the next token, if it continues what the line before it began.
    pub(super) fn continuation(&self) -> Option<&'a Token<'a>> {
        let ends = self.syntax.lines_end && !self.lines_join;
        self.peek().filter(|token| !(ends && token.gap == Gap::Line))
    }

    pub(super) fn is(&self, language: Language) -> bool {
        self.syntax.language == language
    }

    /// Returns the place of the bytes from `start` to `end`.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let place = |at: usize| u32::try_from(at.min(self.source.len())).unwrap_or(u32::MAX);
        self.place.unwrap_or(Span { start: place(start), end: place(end.max(start)) })
    }

    /// Returns the first byte of the next token.
    pub(super) fn here(&self) -> usize {
        self.tokens.get(self.at).map_or(self.source.len(), |token| token.start)
    }

    /// Returns one past the last byte of the token before.
    pub(super) fn before(&self) -> usize {
        self.at.checked_sub(1).and_then(|index| self.tokens.get(index)).map_or(0, |token| token.end)
    }

    /// Notes that code at these bytes is not known.
    pub(super) fn unread(&mut self, why: &'static str, start: usize, end: usize) {
        self.unread_at(why, self.span(start, end));
    }

    /// Notes that code at `span` is not known.
    pub(super) fn unread_at(&mut self, why: &'static str, span: Span) {
        let unread = Unread { why, span };
        if self.state.unread.last() != Some(&unread) {
            self.state.unread.push(unread);
        }
    }

    /// Notes that the code at these bytes is nested too deep. Once is enough: more says no more.
    pub(super) fn give_up(&mut self, start: usize, end: usize) {
        const WHY: &str = "is nested too deep";
        if !self.state.unread.iter().any(|unread| unread.why == WHY) {
            self.unread(WHY, start, end);
        }
    }

    /// Reads something one level deeper; nothing where that is too deep.
    pub(super) fn deeper<T: Default>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        if self.state.depth >= MAX_DEPTH {
            self.give_up(self.here(), self.source.len());
            return T::default();
        }
        self.state.depth += 1;
        let result = read(self);
        self.state.depth -= 1;
        result
    }

    /// Reads what is inside the bracket that is next, and steps over it.
    pub(super) fn inside<T: Default>(&mut self, lines_join: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        let Some(open) = self.peek() else { return T::default() };
        let mate = open.mate.min(self.end);
        if self.state.depth >= MAX_DEPTH {
            let end = self.tokens.get(mate).map_or(self.source.len(), |token| token.end);
            self.give_up(open.start, end);
            self.at = (mate + 1).min(self.end);
            return T::default();
        }
        let outer_end = std::mem::replace(&mut self.end, mate);
        let outer_join = std::mem::replace(&mut self.lines_join, lines_join);
        let outer_head = std::mem::replace(&mut self.in_head, false);
        let outer_bare = std::mem::replace(&mut self.in_bare_call, false);
        self.at += 1;
        let result = self.deeper(read);
        self.at = (mate + 1).min(outer_end);
        self.end = outer_end;
        self.lines_join = outer_join;
        self.in_head = outer_head;
        self.in_bare_call = outer_bare;
        result
    }

    /// Reads statements to the end.
    pub(super) fn statements(&mut self) {
        while self.at < self.end {
            self.step();
        }
    }

    /// Reads one statement, or steps over a token where there is none.
    pub(super) fn step(&mut self) {
        let before = self.at;
        self.statement();
        if self.at == before {
            self.at += 1;
        }
    }

    /// Reads a statement, or a part of one: what follows is read as the next.
    fn statement(&mut self) {
        let Some(token) = self.peek() else { return };
        if self.syntax.blocks == Blocks::Indents && token.gap == Gap::Line && !self.lines_join {
            self.state.scope.dedent(token.column);
        }
        if token.is("{") {
            self.block(false);
            return;
        }
        if self.is_unknown_code(token) {
            self.unread("is not known", token.start, token.end);
            self.at += 1;
            return;
        }
        let declares = self.skip_declaration();
        let annotates = self.may_annotate(token);
        let mut targets = vec![self.choice()];
        self.skip_type(declares, annotates);
        while self.continuation().is_some_and(|token| token.is(",")) {
            self.at += 1;
            targets.push(self.choice());
            self.skip_type(declares, false);
        }
        if self.is(Language::Python) && self.next_word_is("as") {
            self.at += 1;
            let target = self.postfix();
            let value = targets.pop().map(|operand| operand.value).unwrap_or_default();
            self.bind(&target, "=", value);
        } else if let Some(sign) = self.assignment() {
            self.at += 1;
            self.assign(&targets, sign);
        }
    }

    /// Reads the right side of an assignment and sets `targets`.
    fn assign(&mut self, targets: &[Operand], sign: &str) {
        if let [target] = targets {
            let value = self.expression().value;
            self.bind(target, sign, value);
            return;
        }
        let mut values = vec![self.expression().value];
        while self.continuation().is_some_and(|token| token.is(",")) {
            self.at += 1;
            values.push(self.expression().value);
        }
        let pairs = values.len() == targets.len();
        let single = (values.len() == 1).then(|| values[0].clone());
        for (index, target) in targets.iter().enumerate() {
            let value = match (&single, pairs) {
                (Some(value), _) => self.item(value, index as i64),
                (None, true) => values[index].clone(),
                _ => Value::Unknown,
            };
            self.bind(target, sign, value);
        }
    }

    /// Returns whether `token` is a statement that is not known at all.
    fn is_unknown_code(&self, token: &Token<'_>) -> bool {
        let marks = token.word().is_some_and(|word| word.chars().all(is_mark));
        let ends = |next: &Token<'_>| next.gap == Gap::Line || next.is(";") || next.is("}");
        marks && self.peek_at(1).is_none_or(ends)
    }

    /// Steps over words that declare what follows.
    fn skip_declaration(&mut self) -> bool {
        let before = self.at;
        while self.peek().and_then(Token::word).and_then(|word| self.syntax.role(word)) == Some(Role::Declare)
        {
            self.at += 1;
            // A group of declarations (Go).
            if self.is(Language::Go) && self.next_is("(") {
                self.inside(false, Self::statements);
            }
        }
        self.at > before
    }

    /// Returns whether the statement that begins with `token` may be `name: type = value` (Python).
    fn may_annotate(&self, token: &Token<'_>) -> bool {
        let last = self.at.checked_sub(1).and_then(|index| self.tokens.get(index));
        let begins = token.gap == Gap::Line || last.is_none_or(|last| last.is(";"));
        self.is(Language::Python)
            && begins
            && token.word().is_some_and(|word| self.syntax.role(word).is_none())
    }

    /// Steps over the type of a variable that is declared.
    fn skip_type(&mut self, declares: bool, annotates: bool) {
        let Some(token) = self.continuation() else { return };
        if annotates && token.is(":") {
            self.at += 1;
            self.choice();
            return;
        }
        let typed = match self.syntax.language {
            Language::JavaScript => declares && token.is(":"),
            Language::Go => declares && !matches!(token.kind, Kind::Sign("=" | "," | ")" | ";")),
            _ => false,
        };
        if !typed {
            return;
        }
        while let Some(token) = self.peek() {
            let ends = matches!(token.kind, Kind::Sign("=" | "," | ";" | ")" | "}"));
            if ends || token.gap == Gap::Line {
                break;
            }
            self.at = if opens(token) { (token.mate.min(self.end) + 1).min(self.end) } else { self.at + 1 };
        }
    }

    /// Returns the sign by which what stands before it is set, if such a sign is next.
    pub(super) fn assignment(&self) -> Option<&'a str> {
        match self.continuation()?.kind {
            Kind::Sign(sign) if ASSIGNMENTS.contains(&sign) => Some(sign),
            _ => None,
        }
    }

    /// Sets what `target` names to `value`, as `sign` says.
    pub(super) fn bind(&mut self, target: &Operand, sign: &str, value: Value) {
        if let Some(pattern) = &target.pattern {
            for (index, (key, name)) in pattern.iter().enumerate() {
                let Some(name) = name else { continue };
                let part = match key {
                    Some(key) => self.member(&Operand::of(value.clone()), key).value,
                    None => self.item(&value, index as i64),
                };
                self.state.scope.set(name, part);
            }
            return;
        }
        let Some(name) = &target.written else { return };
        let looping = self.state.scope.in_loop();
        let value = match sign {
            "=" | ":=" | "<-" | "<<-" if name.starts_with('@') && value.as_list().is_none() => {
                // A Perl array of one element was written without brackets around it.
                if self.is(Language::Perl) && value.as_text().is_some() {
                    Value::list(vec![value])
                } else {
                    value
                }
            }
            "=" | ":=" | "<-" | "<<-" => value,
            "+=" | ".=" => {
                let joined = self.join(&target.value, &value);
                if looping { self.join(&joined, &Value::rest()) } else { joined }
            }
            "||=" | "??=" | "//=" => {
                let id = self.state.scope.new_choice();
                if self.state.scope.has(name) {
                    Value::choice(id, vec![target.value.clone(), value])
                } else {
                    value
                }
            }
            _ => Value::Unknown,
        };
        self.bind_entry(name, &value);
        let maybe = self.continuation().and_then(Token::word).and_then(|word| self.syntax.role(word));
        if maybe == Some(Role::Branch) && matches!(self.syntax.language, Language::Ruby | Language::Perl) {
            self.state.scope.set_maybe(name, value);
        } else {
            self.state.scope.set(name, value);
        }
    }

    /// Sets the entry of a map that `name` leads to (`options.shell = true`).
    fn bind_entry(&mut self, name: &str, value: &Value) {
        let Some((base, key)) = name.rsplit_once('.') else { return };
        let Some(Value::Map(map)) = self.state.scope.get(base) else { return };
        let mut entries = map.entries.clone();
        if self.charge(entries.len() * 16) {
            entries.push((key.to_owned(), value.clone()));
            self.state.scope.set(base, Value::map(entries));
        }
    }
}

/// Returns whether `token` is an opening bracket.
pub(super) fn opens(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Sign("(" | "[" | "{"))
}
