//! Functions that a text defines itself: their bodies, and what their parameters take.
//!
//! A call of such a function is no call to report, as its body is read. What it is called with in
//! the same text is what its parameters may be, provided that every mention of it is a call. To know
//! the calls that stand below a definition, a text that has such functions is read more than once.

use std::collections::HashMap;

use super::brackets::Item;
use super::language::Language;
use super::lexer::{Gap, Kind, Token};
use super::reader::{Operand, Reader};
use super::scope::Closes;
use super::syntax::{Blocks, Role, Syntax};
use super::value::{MAX_CHOICES, Value};

/// How many tokens may stand between a function's parameters and its body.
const MAX_RESULT_TYPE: usize = 24;

/// The functions of a text, by name.
#[derive(Debug, Default)]
pub(super) struct Functions {
    defined: HashMap<String, Function>,
}

/// What is known of one.
#[derive(Debug, Default)]
struct Function {
    /// What it was called with when the text was read last.
    known: Sites,
    /// What it is called with in this reading.
    sites: Sites,
    /// How often it is named, and how often to be called.
    named: usize,
    called: usize,
}

/// The arguments of each call.
#[derive(Debug, Default, PartialEq)]
enum Sites {
    /// It may be called with anything.
    #[default]
    Any,
    These(Vec<Vec<(Option<String>, Value)>>),
}

impl Functions {
    /// Finds the functions that `tokens` define.
    pub(super) fn find(tokens: &[Token<'_>], syntax: &Syntax) -> Self {
        let mut functions = Self::default();
        for (index, token) in tokens.iter().enumerate() {
            if let Some(name) = defined_at(tokens, index, token, syntax) {
                functions.defined.entry(name.to_owned()).or_default();
            }
        }
        functions
    }

    /// Notes that `name` is mentioned.
    pub(super) fn mention(&mut self, name: &str) {
        if let Some(function) = self.defined.get_mut(name) {
            function.named += 1;
        }
    }

    /// Notes that the last mention of `name` only was its definition.
    fn forget_mention(&mut self, name: &str) {
        if let Some(function) = self.defined.get_mut(name) {
            function.named = function.named.saturating_sub(1);
        }
    }

    /// Ends a reading of the text. Returns whether another would know more.
    pub(super) fn settle(&mut self) -> bool {
        let mut more = false;
        for function in self.defined.values_mut() {
            let sites = std::mem::take(&mut function.sites);
            let sites = if function.named > function.called { Sites::Any } else { sites };
            more |= sites != function.known;
            function.known = sites;
            (function.named, function.called) = (0, 0);
        }
        more
    }

    /// Notes a call. Returns whether the text defines what is called.
    fn call(&mut self, name: &str, items: &[Item]) -> bool {
        let Some(function) = self.defined.get_mut(name) else { return false };
        function.called += 1;
        let site = items.iter().map(|item| (item.name.clone(), item.value.clone())).collect();
        match &mut function.sites {
            Sites::These(sites) if sites.len() < MAX_CHOICES => sites.push(site),
            Sites::Any if function.called == 1 => function.sites = Sites::These(vec![site]),
            sites => *sites = Sites::Any,
        }
        true
    }

    /// Returns the calls of `name`, if all of them are known.
    fn sites(&self, name: &str) -> Option<&[Vec<(Option<String>, Value)>]> {
        match &self.defined.get(name)?.known {
            Sites::These(sites) => Some(sites),
            Sites::Any => None,
        }
    }
}

/// Returns the name of the function whose definition has `token`, the one at `index`, at its start.
fn defined_at<'a>(
    tokens: &'a [Token<'_>],
    index: usize,
    token: &'a Token<'_>,
    syntax: &Syntax,
) -> Option<&'a str> {
    let word = token.word()?;
    let after = |mate: usize| mate.checked_add(1).and_then(|next| tokens.get(next));
    let next = tokens.get(index + 1)?;
    match syntax.role(word) {
        Some(Role::Define) => {
            let from = match next.kind {
                // The receiver of a Go method.
                Kind::Sign("(") if syntax.language == Language::Go => next.mate.checked_add(1)?,
                _ => index + 1,
            };
            last_part(tokens.get(from..)?).map(|(name, _)| name)
        }
        None | Some(Role::Modifier) => match next.kind {
            Kind::Sign("=" | ":" | "<-") => {
                let is_async = tokens.get(index + 2)?.word() == Some("async");
                let at = index + 2 + usize::from(is_async);
                let value = tokens.get(at)?;
                let arrow = after(if value.is("(") { value.mate } else { at });
                let role = value.word().and_then(|word| syntax.role(word));
                let is_function = matches!(role, Some(Role::Define | Role::Lambda))
                    || syntax.language == Language::JavaScript && arrow.is_some_and(|token| token.is("=>"));
                is_function.then_some(word)
            }
            Kind::Sign("(") if syntax.language == Language::JavaScript => {
                has_body(tokens, next.mate).then_some(word)
            }
            _ => None,
        },
        Some(_) => None,
    }
}

/// Returns the last part of the dotted name at the start of `tokens`, and how many tokens the name is.
fn last_part<'a>(tokens: &[Token<'a>]) -> Option<(&'a str, usize)> {
    let mut at = usize::from(tokens.first()?.is("*"));
    let mut name = tokens.get(at)?.word()?;
    at += 1;
    while let [dot, next, ..] = &tokens[at..]
        && let (Kind::Sign("." | ":" | "::"), Some(word)) = (&dot.kind, next.word())
    {
        name = word;
        at += 2;
    }
    Some((name, at))
}

/// Returns whether the parentheses that end at `mate` are a method's parameters, as a body follows
/// them, perhaps after the type of the result.
fn has_body(tokens: &[Token<'_>], mate: usize) -> bool {
    let Some(mut after) = mate.checked_add(1) else { return false };
    if tokens.get(after).is_some_and(|token| token.is(":")) {
        let typed = |token: &&Token<'_>| {
            matches!(token.kind, Kind::Word(_) | Kind::Sign("<" | ">" | ">>" | "[" | "]" | "|" | "." | ","))
        };
        let length = tokens[after + 1..].iter().take(MAX_RESULT_TYPE).take_while(typed).count();
        if length == 0 {
            return false;
        }
        after += 1 + length;
    }
    tokens.get(after).is_some_and(|token| token.is("{") && token.gap != Gap::Line)
}

/// A parameter.
struct Parameter {
    name: String,
    default: Option<Value>,
    /// Whether it takes any number of arguments.
    rest: bool,
}

impl<'a> Reader<'a> {
    /// Notes the call of `operand`, if the text may define what is called. Returns whether it does.
    pub(super) fn calls_local(&mut self, operand: &Operand, items: &[Item]) -> bool {
        let path = match (&operand.written, &operand.value) {
            (Some(written), _) => self.syntax.bare(written),
            (None, Value::Thing(thing)) => thing.path.as_str(),
            _ => return false,
        };
        let (base, name) = path.rsplit_once('.').unwrap_or(("", path));
        let local = self.state.functions.call(name, items);
        local && matches!(base, "" | "self" | "this" | "cls")
    }

    /// Reads a function's definition, the keyword of which is next.
    pub(super) fn define(&mut self) -> Operand {
        let column = self.peek().map_or(0, |token| token.column);
        let assigned = self.assigned_name();
        self.at += 1;
        let name = self.function_name().or(assigned);
        let closes = match self.syntax.blocks {
            Blocks::Indents => Closes::Column(column),
            Blocks::Ends => Closes::End,
            Blocks::Braces => Closes::Caller,
        };
        self.state.scope.open(closes, false);
        let depth = self.state.scope.depth();
        let parameters = self.parameters();
        self.set_parameters(name, &parameters);
        match self.syntax.blocks {
            Blocks::Indents => {}
            Blocks::Ends => self.until_end(),
            Blocks::Braces => {
                self.function_body();
                self.state.scope.close_to(depth - 1);
            }
        }
        Operand::of(Value::name(name.unwrap_or("function")))
    }

    /// Returns the name that the function which begins here is assigned to.
    fn assigned_name(&mut self) -> Option<&'a str> {
        let tokens = self.tokens;
        let mut at = self.at.checked_sub(1)?;
        if tokens.get(at)?.word() == Some("async") {
            at = at.checked_sub(1)?;
        }
        let name = tokens.get(at.checked_sub(1)?)?.word()?;
        match tokens.get(at)?.kind {
            Kind::Sign("=" | "<-") => {
                self.state.functions.forget_mention(name);
                Some(name)
            }
            Kind::Sign(":") => Some(name),
            _ => None,
        }
    }

    /// Reads a function's name: the last part of it, where it has several.
    fn function_name(&mut self) -> Option<&'a str> {
        self.skip("&");
        if self.is(Language::Go)
            && let Some(open) = self.peek().filter(|token| token.is("("))
            && self.token_after(open.mate).is_some_and(|next| next.word().is_some())
        {
            self.at = open.mate + 1;
        }
        let tokens = self.tokens;
        let (name, length) = last_part(&tokens[self.at..self.end]).unzip();
        self.at += length.unwrap_or_default();
        if self.is(Language::Go) && self.next_is("[") {
            self.inside(true, |_| ());
        }
        if self.is(Language::JavaScript) && self.next_is("<") {
            while self.peek().is_some_and(|token| !token.is("(") && !token.is("{")) {
                self.at += 1;
            }
        }
        name
    }

    /// Reads parameters in parentheses, or up to the line's end where Ruby has none.
    fn parameters(&mut self) -> Vec<Parameter> {
        if self.next_is("(") {
            return self.inside(true, Self::parameter_list);
        }
        if self.is(Language::Ruby) {
            let start = self.at;
            while self.continuation().is_some_and(|token| !token.is(";") && !token.is("=")) {
                self.at += 1;
            }
            let outer = std::mem::replace(&mut self.end, self.at);
            self.at = start;
            let parameters = self.parameter_list();
            self.end = outer;
            return parameters;
        }
        Vec::new()
    }

    /// Reads parameters up to the end.
    fn parameter_list(&mut self) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        while self.at < self.end {
            let mut parameter: Option<Parameter> = None;
            let mut rest = false;
            while let Some(token) = self.peek() {
                match token.kind {
                    Kind::Sign(",") => break,
                    Kind::Sign("*" | "**" | "..." | "&") => rest = true,
                    Kind::Sign("=") => {
                        self.at += 1;
                        let default = self.choice().value;
                        if let Some(parameter) = &mut parameter {
                            parameter.default = Some(default);
                        }
                        continue;
                    }
                    // What a pattern takes apart is not known.
                    Kind::Sign("{" | "[") if parameter.is_none() => {
                        self.inside(true, Self::forget_names);
                        parameter = Some(Parameter { name: String::new(), default: None, rest: true });
                        continue;
                    }
                    Kind::Sign("(" | "[" | "{") => {
                        self.inside(true, |_| ());
                        continue;
                    }
                    Kind::Word(word) if self.names_parameter(word, parameter.is_some()) => {
                        parameter = Some(Parameter { name: self.key(word), default: None, rest });
                    }
                    _ => {}
                }
                self.at += 1;
            }
            parameters.extend(parameter);
            self.skip(",");
        }
        parameters
    }

    /// Returns whether `word` is a parameter's name rather than its type or a modifier.
    fn names_parameter(&self, word: &str, named: bool) -> bool {
        if self.syntax.sigils {
            return word.starts_with(['$', '@', '%']);
        }
        let modifies = self.peek_at(1).is_some_and(|next| next.word().is_some());
        !named && !(self.syntax.role(word).is_some() && modifies)
    }

    /// Takes every name up to the end for not known.
    fn forget_names(&mut self) {
        for token in &self.tokens[self.at..self.end] {
            if let Some(word) = token.word() {
                let key = self.key(word);
                self.state.scope.set_own(&key, Value::Unknown);
            }
        }
    }

    /// Sets the parameters of the function `name` to what they may take.
    fn set_parameters(&mut self, name: Option<&str>, parameters: &[Parameter]) {
        let id = self.state.scope.new_choice();
        let pending = self.state.pending.take();
        let sites = name.and_then(|name| self.state.functions.sites(name));
        let skip = usize::from(
            parameters.first().is_some_and(|first| matches!(first.name.as_str(), "self" | "cls")),
        );
        let mut values = Vec::new();
        for (index, parameter) in parameters.iter().enumerate() {
            let value = match sites {
                Some(sites) if !parameter.rest && index >= skip => {
                    let of: Vec<Value> =
                        sites.iter().map(|site| parameter.value(site, index - skip)).collect();
                    if of.iter().all(|value| *value == of[0]) {
                        of[0].clone()
                    } else {
                        Value::aligned(id, of)
                    }
                }
                _ if index == 0 && !parameter.rest => pending.clone().unwrap_or_default(),
                _ => Value::Unknown,
            };
            values.push((parameter.name.clone(), value));
        }
        if self.is(Language::Perl) {
            let lists = sites.map(|sites| {
                let list = |site: &Vec<(_, Value)>| {
                    Value::list(site.iter().map(|(_, value)| value.clone()).collect())
                };
                Value::choice(id, sites.iter().map(list).collect())
            });
            values.push(("@_".to_owned(), lists.unwrap_or_default()));
        }
        for (name, value) in values {
            if !name.is_empty() {
                self.state.scope.set_own(&name, value);
            }
        }
    }

    /// Reads a function's body, after what may stand before it.
    fn function_body(&mut self) {
        for _ in 0..MAX_RESULT_TYPE {
            let Some(token) = self.peek() else { return };
            match token.kind {
                Kind::Sign("{") => return self.inside(false, Self::statements),
                Kind::Sign("=>") => {
                    self.at += 1;
                    self.expression();
                    return;
                }
                Kind::Sign(";" | "," | ")") => return,
                _ if self.is(Language::R) => {
                    self.expression();
                    return;
                }
                // Result types, and the variables that a PHP closure uses.
                Kind::Sign("(" | "[") => self.inside(true, |_| ()),
                _ => self.at += 1,
            }
        }
    }

    /// Reads Python's `lambda`.
    pub(super) fn lambda(&mut self) -> Operand {
        let name = self.assigned_name();
        self.at += 1;
        let start = self.at;
        while self.peek().is_some_and(|token| !token.is(":")) {
            let token = &self.tokens[self.at];
            self.at =
                if super::reader::opens(token) { token.mate.min(self.end - 1) + 1 } else { self.at + 1 };
        }
        let outer = std::mem::replace(&mut self.end, self.at);
        self.at = start;
        self.state.scope.open(Closes::Caller, false);
        let parameters = self.parameter_list();
        self.end = outer;
        self.set_parameters(name, &parameters);
        self.skip(":");
        self.expression();
        self.state.scope.close();
        Operand::of(Value::name(name.unwrap_or("function")))
    }

    /// Reads JavaScript's `x => …` and `(x, y) => …`.
    pub(super) fn arrow(&mut self) -> Operand {
        let name = self.assigned_name();
        self.state.scope.open(Closes::Caller, false);
        let depth = self.state.scope.depth();
        let parameters = if self.next_is("(") {
            self.inside(true, Self::parameter_list)
        } else {
            let word = self.peek().and_then(Token::word).unwrap_or_default();
            self.at += 1;
            vec![Parameter { name: word.to_owned(), default: None, rest: false }]
        };
        self.set_parameters(name, &parameters);
        self.skip("=>");
        if self.next_is("{") {
            self.block(false);
        } else {
            self.expression();
        }
        self.state.scope.close_to(depth - 1);
        Operand::of(Value::name(name.unwrap_or("function")))
    }

    /// Returns whether the parentheses that are next hold a method's parameters (`name(x) { … }`).
    pub(super) fn defines_method(&self) -> bool {
        let javascript = self.is(Language::JavaScript);
        let Some(open) = self.peek().filter(|token| javascript && token.is("(")) else { return false };
        has_body(&self.tokens[..self.end.min(self.tokens.len())], open.mate)
    }

    /// Reads a method's definition, from its parameters on.
    pub(super) fn method(&mut self, operand: &Operand) -> Operand {
        self.state.scope.open(Closes::Caller, false);
        let depth = self.state.scope.depth();
        let parameters = self.inside(true, Self::parameter_list);
        let name = operand.written.as_deref().map(|name| self.syntax.bare(name));
        self.set_parameters(name, &parameters);
        self.function_body();
        self.state.scope.close_to(depth - 1);
        Operand::default()
    }

    /// Reads a class up to its body.
    pub(super) fn class(&mut self) {
        let column = self.peek().map_or(0, |token| token.column);
        self.at += 1;
        while self
            .continuation()
            .is_some_and(|token| matches!(token.kind, Kind::Word(_) | Kind::Sign("::" | "<<" | "<")))
        {
            self.at += 1;
        }
        match self.syntax.blocks {
            Blocks::Indents => self.state.scope.open(Closes::Column(column), false),
            Blocks::Ends => self.state.scope.open(Closes::End, false),
            Blocks::Braces => {}
        }
    }

    /// Reads the block that a Ruby method is given.
    pub(super) fn ruby_block(&mut self, operand: &mut Operand) {
        let method =
            operand.value.as_thing().and_then(|thing| thing.path.rsplit('.').next()).unwrap_or_default();
        let repeats = super::calling::is_repeating(method);
        let id = self.state.scope.new_choice();
        let item = operand.receiver.as_ref().filter(|_| repeats).map(|receiver| receiver.any_item(id));
        if self.next_is("{") {
            self.state.scope.open(Closes::Caller, repeats);
            let depth = self.state.scope.depth();
            self.inside(false, |reader| {
                reader.block_parameters(item);
                reader.statements();
            });
            self.state.scope.close_to(depth - 1);
        } else {
            self.at += 1;
            self.state.scope.open(Closes::End, repeats);
            self.block_parameters(item);
            self.until_end();
        }
    }

    /// Reads `|a, b|` and sets the names.
    fn block_parameters(&mut self, item: Option<Value>) {
        let mut names = vec!["it".to_owned(), "_1".to_owned()];
        if self.skip("|") {
            names.clear();
            while let Some(token) = self.peek().filter(|token| !token.is("|")) {
                names.extend(token.word().map(str::to_owned));
                self.at += 1;
            }
            self.skip("|");
        }
        for (index, name) in names.iter().enumerate() {
            let value = item.clone().filter(|_| index == 0 || name == "_1").unwrap_or_default();
            self.state.scope.set_own(name, value);
        }
    }

    /// Reads Ruby's `->(x) { … }`.
    pub(super) fn ruby_lambda(&mut self) -> Operand {
        self.at += 1;
        while self.continuation().is_some_and(|token| !token.is("{") && token.word() != Some("do")) {
            if self.next_is("(") {
                self.inside(true, Self::forget_names);
            } else {
                self.at += 1;
            }
        }
        let mut operand = Operand::of(Value::name("function"));
        if self.continuation().is_some() {
            self.ruby_block(&mut operand);
        }
        operand
    }
}

impl Parameter {
    /// Returns what it takes in the call `site`, where it is the parameter at `index`.
    fn value(&self, site: &[(Option<String>, Value)], index: usize) -> Value {
        let own = self.name.trim_start_matches(['$', '@', '%']);
        let named = site.iter().find(|(name, _)| name.as_deref() == Some(own));
        let placed = || site.iter().filter(|(name, _)| name.is_none()).nth(index);
        let spread = site.iter().any(|(_, value)| *value == Value::rest());
        match named.or_else(placed) {
            _ if spread => Value::Unknown,
            Some((_, value)) => value.clone(),
            None => self.default.clone().unwrap_or_default(),
        }
    }
}
