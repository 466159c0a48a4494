//! What stands in brackets: arguments, lists, maps, subscripts.

use super::language::Language;
use super::lexer::{Gap, Kind, Token};
use super::reader::{Operand, Reader, opens};
use super::scope::Closes;
use super::syntax::{BareCalls, Role};
use super::value::Value;
use crate::unknown::UNKNOWN;

/// One of several things between commas.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// The key or name that it has.
    pub(super) name: Option<String>,
    pub(super) value: Value,
    /// How it is written, where it is a name.
    pub(super) written: Option<String>,
    /// Its first byte.
    pub(super) start: usize,
    /// One past its last byte.
    pub(super) end: usize,
}

impl Item {
    /// An item that is not written anywhere.
    pub(super) fn of(value: Value) -> Self {
        Self { value, ..Self::default() }
    }
}

impl<'a> Reader<'a> {
    /// Reads items up to the end. What stands before one of `naming` is the name of what follows.
    pub(super) fn items(&mut self, naming: &[&str]) -> Vec<Item> {
        let mut items = Vec::new();
        while self.at < self.end {
            let before = self.at;
            if self.skip(",") || self.skip(";") {
                continue;
            }
            self.item_into(&mut items, naming);
            if self.at == before {
                self.at += 1;
            }
        }
        items
    }

    /// Reads items up to the end of a statement: the arguments of a call without parentheses.
    pub(super) fn bare_items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        while self.continuation().is_some_and(|token| !token.is(";")) {
            let before = self.at;
            self.item_into(&mut items, self.syntax.naming);
            let comma = self.skip(",") || self.is(Language::Perl) && self.skip("=>");
            if self.at == before || !comma {
                break;
            }
            if self.peek().is_some_and(|token| token.gap == Gap::Line) {
                // A comma at a line's end goes on with the next line.
                self.deeper(|reader| reader.item_into(&mut items, reader.syntax.naming));
                self.skip(",");
            }
        }
        items
    }

    fn item_into(&mut self, items: &mut Vec<Item>, naming: &[&str]) {
        let start = self.here();
        let spread = self.skip_spread();
        let mut name = self.item_name(naming);
        let mut operand = self.expression();
        if name.is_none() && self.next_sign_in(naming) {
            self.at += 1;
            name = Some(operand.value.to_text().into_owned());
            operand = self.expression();
        }
        let end = self.before();
        let spread = spread || self.skip("...");
        if !spread {
            if end > start {
                items.push(Item { name, value: operand.value, written: operand.written, start, end });
            }
            return;
        }
        match &operand.value {
            Value::List(list) if self.charge(list.items.len() * 16) => {
                items.extend(list.items.iter().map(|value| Item {
                    value: value.clone(),
                    start,
                    end,
                    ..Item::default()
                }));
            }
            Value::Map(map) if self.charge(map.entries.len() * 32) => {
                items.extend(map.entries.iter().map(|(key, value)| Item {
                    name: Some(key.clone()),
                    value: value.clone(),
                    start,
                    end,
                    ..Item::default()
                }));
            }
            // A named rest (`**options`) is no operand.
            _ => items.push(Item {
                value: Value::rest(),
                written: operand.written,
                start,
                end,
                ..Item::default()
            }),
        }
    }

    /// Steps over what makes several items of one. Perl's arrays do so by themselves.
    fn skip_spread(&mut self) -> bool {
        let language = self.syntax.language;
        match self.peek().map(|token| &token.kind) {
            Some(Kind::Sign("@")) => language == Language::Perl,
            Some(Kind::Word(word)) => language == Language::Perl && word.starts_with('@'),
            Some(Kind::Sign(sign)) => {
                let spreads = match *sign {
                    "..." => true,
                    "*" | "**" => matches!(language, Language::Python | Language::Ruby),
                    _ => false,
                };
                self.at += usize::from(spreads);
                spreads
            }
            _ => false,
        }
    }

    fn next_sign_in(&self, naming: &[&str]) -> bool {
        matches!(self.peek().map(|token| &token.kind), Some(Kind::Sign(sign)) if naming.contains(sign))
    }

    /// Reads `name:`, `"name" =>`, `name=`, where that is next.
    fn item_name(&mut self, naming: &[&str]) -> Option<String> {
        let sign = self.peek_at(1)?;
        if !matches!(sign.kind, Kind::Sign(sign) if naming.contains(&sign)) {
            return None;
        }
        let name = match &self.peek()?.kind {
            // In Python's maps a word before the colon is a variable.
            Kind::Word(_) if self.is(Language::Python) && sign.is(":") => return None,
            Kind::Word(word) if !self.syntax.sigils || !word.starts_with('$') => (*word).to_owned(),
            Kind::Number(text) => (*text).to_owned(),
            Kind::Text(pieces) => self.string(pieces).to_text().into_owned(),
            _ => return None,
        };
        self.at += 2;
        Some(name)
    }

    /// Reads `( … )`.
    pub(super) fn group(&mut self) -> Operand {
        let Some(open) = self.peek() else { return Operand::default() };
        if self.is(Language::JavaScript) && self.token_after(open.mate).is_some_and(|next| next.is("=>")) {
            return self.arrow();
        }
        let sets =
            self.token_after(open.mate).is_some_and(|next| matches!(next.kind, Kind::Sign("=" | ":=")));
        let commas = self.commas(open.mate);
        let naming: &[&str] = if self.is(Language::Perl) { &["=>"] } else { &[] };
        let mut items =
            self.inside(true, |reader| reader.comprehension().unwrap_or_else(|| reader.items(naming)));
        if sets {
            return pattern(items);
        }
        let perl_names = self.is(Language::Perl) && items.iter().any(|item| item.name.is_some());
        if perl_names {
            return Operand::of(keyed(items));
        }
        match (items.pop(), commas) {
            (None, _) => Operand::of(Value::list(Vec::new())),
            (Some(item), false) => Operand { value: item.value, written: item.written, ..Operand::default() },
            // The comma of JavaScript gives what stands after it.
            (Some(item), true) if self.is(Language::JavaScript) => Operand::of(item.value),
            (Some(last), true) => {
                items.push(last);
                Operand::of(Value::list(items.into_iter().map(|item| item.value).collect()))
            }
        }
    }

    /// Returns whether there is a comma in the bracket that is next, which ends at `mate`.
    fn commas(&self, mate: usize) -> bool {
        let mut at = self.at + 1;
        while at < mate.min(self.end) {
            let token = &self.tokens[at];
            if token.is(",") {
                return true;
            }
            at = if opens(token) { token.mate.saturating_add(1) } else { at + 1 };
        }
        false
    }

    /// Returns the token after the bracket that ends at `mate`.
    pub(super) fn token_after(&self, mate: usize) -> Option<&'a Token<'a>> {
        let tokens = self.tokens;
        tokens[..self.end.min(tokens.len())].get(mate.checked_add(1)?)
    }

    /// Reads `[ … ]` as a list.
    pub(super) fn bracketed(&mut self) -> Operand {
        let Some(open) = self.peek() else { return Operand::default() };
        let sets = self.token_after(open.mate).is_some_and(|next| next.is("="));
        let naming: &[&str] = if self.is(Language::Php) { &["=>"] } else { &[] };
        let items =
            self.inside(true, |reader| reader.comprehension().unwrap_or_else(|| reader.items(naming)));
        if sets {
            return pattern(items);
        }
        if items.iter().any(|item| item.name.is_some()) {
            return Operand::of(keyed(items));
        }
        if self.is(Language::Go) {
            self.skip_element_type();
        }
        Operand::of(Value::list(items.into_iter().map(|item| item.value).collect()))
    }

    /// Steps over the element type after Go's `[]`, so that the literal's braces are next.
    pub(super) fn skip_element_type(&mut self) {
        while let Some(token) = self.peek() {
            let types = matches!(token.kind, Kind::Word(_) | Kind::Sign("*" | "." | "[" | "]"));
            if !types || token.gap != Gap::None {
                break;
            }
            self.at += 1;
        }
    }

    /// Reads `{ … }` as a map or a list.
    pub(super) fn braced(&mut self) -> Operand {
        let Some(open) = self.peek() else { return Operand::default() };
        let sets = self.token_after(open.mate).is_some_and(|next| next.is("="));
        let language = self.syntax.language;
        let naming: &[&str] = match language {
            Language::Lua => &["="],
            Language::Perl | Language::Php => &["=>"],
            Language::Ruby => &[":", "=>"],
            _ => &[":"],
        };
        self.state.scope.open(Closes::Caller, false);
        let depth = self.state.scope.depth();
        let join = language == Language::Python;
        let mut items =
            self.inside(join, |reader| reader.comprehension().unwrap_or_else(|| reader.items(naming)));
        self.state.scope.close_to(depth - 1);
        if language == Language::JavaScript {
            for item in &mut items {
                // `{a}` is `{a: a}`.
                let named = || item.written.clone().filter(|_| item.value != Value::rest());
                item.name = item.name.take().or_else(named);
            }
        }
        if sets {
            return pattern(items);
        }
        let lists = matches!(language, Language::Lua | Language::Go | Language::Python);
        if lists && !items.is_empty() && items.iter().all(|item| item.name.is_none()) {
            return Operand::of(Value::list(items.into_iter().map(|item| item.value).collect()));
        }
        Operand::of(keyed(items))
    }

    /// Reads Python's `x for y in z`, if that is what stands here. Its loops are read first, as they
    /// set what `x` uses.
    pub(super) fn comprehension(&mut self) -> Option<Vec<Item>> {
        if !self.is(Language::Python) {
            return None;
        }
        let start = self.at;
        let mut clause = start;
        while clause < self.end && self.tokens[clause].word() != Some("for") {
            let token = &self.tokens[clause];
            clause = if opens(token) { token.mate.saturating_add(1) } else { clause + 1 };
        }
        if clause >= self.end || clause == start {
            return None;
        }
        self.state.scope.open(Closes::Caller, true);
        self.at = clause;
        while let Some(word) = self.peek().and_then(Token::word) {
            self.at += 1;
            match word {
                "for" => {
                    self.loop_variables();
                }
                "if" => {
                    self.binary(0);
                }
                "async" => {}
                _ => break,
            }
        }
        let outer = std::mem::replace(&mut self.end, clause);
        self.at = start;
        let mut items = self.items(&[":"]);
        self.end = outer;
        self.at = outer;
        self.state.scope.close();
        for item in &mut items {
            if item.value.as_text().is_none() && !item.value.is_open() {
                item.value = Value::rest();
            }
        }
        Some(items)
    }

    /// Reads a subscript of `operand`.
    pub(super) fn index(&mut self, operand: &Operand) -> Operand {
        let braces = self.next_is("{");
        let mut parts = self.inside(true, |reader| reader.subscript(braces));
        if parts.len() > 1 {
            return Operand::of(self.slice(&operand.value, &parts));
        }
        let key = parts.pop().flatten().unwrap_or_default();
        if operand.value.as_thing().is_some_and(|thing| thing.path == "Dir") {
            // Ruby's `Dir["*.log"]` lists files.
            return Operand::of(Value::list(vec![key]));
        }
        if let Some(name) = key.known_text().filter(|_| key.as_number().is_none()) {
            let name = name.to_owned();
            return self.member(operand, &name);
        }
        let first = i64::from(matches!(self.syntax.language, Language::Lua | Language::R));
        let value = match (key.as_number(), operand.value.as_thing()) {
            (Some(_), Some(_)) => operand.value.clone(),
            (Some(number), None) => self.item(&operand.value, number - first),
            (None, Some(_)) => return self.member(operand, UNKNOWN.encode_utf8(&mut [0; 4])),
            (None, None) => {
                let id = self.state.scope.new_choice();
                operand.value.any_item(id)
            }
        };
        Operand { value, receiver: Some(operand.value.clone()), ..Operand::default() }
    }

    /// Reads the parts of a subscript between its colons.
    fn subscript(&mut self, braces: bool) -> Vec<Option<Value>> {
        // A bareword in braces (Perl) or in a string's brackets (PHP) is a string.
        let bare = braces || self.is(Language::Php);
        if let (true, Some(word), None) = (bare, self.peek().and_then(Token::word), self.peek_at(1))
            && !word.starts_with(['$', '@'])
        {
            return vec![Some(Value::text(word))];
        }
        let mut parts = vec![None];
        while self.at < self.end {
            let before = self.at;
            if self.skip(":") {
                parts.push(None);
            } else if self.skip("::") {
                parts.extend([None, None]);
            } else {
                let value = self.expression().value;
                if let Some(last) = parts.last_mut()
                    && self.at > before
                {
                    *last = Some(value);
                }
                self.skip(",");
            }
            if self.at == before {
                self.at += 1;
            }
        }
        parts
    }

    /// Reads a literal right after a function as its only argument.
    pub(super) fn literal_call(&mut self, operand: &Operand, start: usize) -> Operand {
        let from = self.here();
        let value = if self.next_is("{") {
            self.braced().value
        } else {
            match self.peek().map(|token| &token.kind) {
                Some(Kind::Text(pieces) | Kind::Template(pieces)) => {
                    self.at += 1;
                    self.string(pieces)
                }
                _ => return Operand::default(),
            }
        };
        let item = Item { value, start: from, end: self.before(), ..Item::default() };
        self.finish_call(operand, vec![item], start)
    }

    /// Returns whether `operand` can be called without parentheses.
    pub(super) fn is_function(&self, operand: &Operand) -> bool {
        let Some(written) = &operand.written else { return operand.receiver.is_some() };
        match self.syntax.bare_calls {
            BareCalls::Any => operand.receiver.is_some() || !self.state.scope.has(written),
            BareCalls::Barewords => written.starts_with('&') || operand.receiver.is_some(),
            BareCalls::These(names) => names.iter().any(|name| written.strip_prefix('&') == Some(name)),
            BareCalls::None | BareCalls::Literals => false,
        }
    }

    /// Returns whether what is next can be the first argument of a call without parentheses.
    pub(super) fn takes_bare_arguments(&self) -> bool {
        let Some(token) = self.continuation() else { return false };
        if matches!(self.syntax.bare_calls, BareCalls::None | BareCalls::Literals) {
            return false;
        }
        let spaced = token.gap != Gap::None && self.peek_at(1).is_some_and(|next| next.gap == Gap::None);
        match token.kind {
            Kind::Word(word) => {
                self.syntax.operator(word).is_none()
                    && self.syntax.role(word).is_none_or(|role| {
                        matches!(role, Role::Pass | Role::Define | Role::Declare | Role::Modifier)
                            && !matches!(word, "then" | "in" | "as" | "and" | "or")
                    })
            }
            Kind::Sign("[" | "->") => self.is(Language::Ruby) && token.gap != Gap::None,
            Kind::Sign("@" | "$" | "\\") => self.is(Language::Perl),
            Kind::Sign("*" | "&" | "-" | "::" | "**") => spaced,
            Kind::Sign(_) => false,
            _ => true,
        }
    }
}

/// Returns items as a map: those without a key are left out.
fn keyed(items: Vec<Item>) -> Value {
    let entries = items.into_iter().filter_map(|item| Some((item.name?, item.value)));
    Value::map(entries.collect())
}

/// Returns items as the pattern that they are on the left of an assignment.
fn pattern(items: Vec<Item>) -> Operand {
    let names = items.into_iter().map(|item| (item.name, item.written)).collect();
    Operand { pattern: Some(names), ..Operand::default() }
}
