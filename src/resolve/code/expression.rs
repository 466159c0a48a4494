//! Expressions: operators, names and their members, strings, and the calls in all of them.

use super::language::Language;
use super::lexer::{Gap, Kind, Piece, Token};
use super::reader::{Operand, Reader};
use super::syntax::{ADD, EITHER, Effect, MEMBERS, Role};
use super::value::{Thing, Value};
use super::{fold, text};
use crate::unknown::{UNKNOWN, is_known};

/// How many tokens the type arguments of a call may take (`post<User>(…)`).
const MAX_TYPE: usize = 40;

impl<'a> Reader<'a> {
    /// Reads an expression, assignments included.
    pub(super) fn expression(&mut self) -> Operand {
        self.deeper(|reader| {
            let target = reader.choice();
            let Some(sign) = reader.assignment() else { return target };
            reader.at += 1;
            let value = reader.expression().value;
            reader.bind(&target, sign, value.clone());
            Operand::of(value)
        })
    }

    /// Reads an expression that may choose between two (`a ? b : c`, `b if a else c`).
    pub(super) fn choice(&mut self) -> Operand {
        self.deeper(|reader| {
            let first = reader.binary(0);
            let Some(token) = reader.continuation() else { return first };
            let (yes, no) = if token.is("?") {
                reader.at += 1;
                let yes = reader.choice().value;
                if !reader.skip(":") {
                    return Operand::default();
                }
                (yes, reader.choice().value)
            } else if reader.is(Language::Python) && token.word() == Some("if") {
                reader.at += 1;
                reader.binary(0);
                if !reader.next_word_is("else") {
                    return first;
                }
                reader.at += 1;
                (first.value, reader.choice().value)
            } else {
                return first;
            };
            let id = reader.state.scope.new_choice();
            Operand::of(Value::choice(id, vec![yes, no]))
        })
    }

    /// Reads operands and the operators between them that bind at least as tightly as `min`.
    pub(super) fn binary(&mut self, min: u8) -> Operand {
        let start = self.here();
        let mut left = self.unary();
        while let Some((effect, strength, width)) = self.operator(min) {
            self.at += width;
            if let Some(name) = self.substituted(&left) {
                self.state.scope.set(&name, Value::Unknown);
            }
            let right = self.binary(strength + 1);
            left = Operand::of(self.operate(effect, &left, &right, start));
        }
        left
    }

    /// Returns the operator that is next, its strength, and how many tokens it takes.
    fn operator(&self, min: u8) -> Option<(Effect, u8, usize)> {
        let token = self.continuation()?;
        let found = match token.kind {
            Kind::Word("or" | "and" | "xor") if self.in_bare_call => None,
            Kind::Sign(text) | Kind::Word(text) => self.syntax.operator(text),
            _ => None,
        };
        let (effect, strength, width) = match found {
            Some((_, strength, effect)) => (effect, strength, 1),
            // Awk joins strings that stand side by side.
            None if self.is(Language::Awk) && self.begins_operand(token) => (Effect::Join, ADD, 0),
            None => return None,
        };
        (strength >= min.max(EITHER)).then_some((effect, strength, width))
    }

    /// Returns the variable that a substitution changes (`$x =~ s/a/b/`).
    fn substituted(&self, left: &Operand) -> Option<String> {
        let bound =
            self.at.checked_sub(1).and_then(|index| self.tokens.get(index)).is_some_and(|last| last.is("=~"));
        let next = self.peek().filter(|token| bound && matches!(token.kind, Kind::Regex(_)))?;
        let changes = self.source[next.start..].starts_with(['s', 't', 'y']);
        left.written.clone().filter(|_| changes)
    }

    /// Returns whether `token` can begin an operand.
    fn begins_operand(&self, token: &Token<'_>) -> bool {
        match token.kind {
            Kind::Word(word) => self.syntax.role(word).is_none() && self.syntax.operator(word).is_none(),
            Kind::Sign(sign) => matches!(sign, "(" | "$"),
            _ => true,
        }
    }

    /// Returns what an operator makes of its operands.
    fn operate(&mut self, effect: Effect, left: &Operand, right: &Operand, start: usize) -> Value {
        match effect {
            Effect::Join => self.join(&left.value, &right.value),
            Effect::Either if matches!(&left.value, Value::Text(text) if !text.is_empty() && is_known(text)) => {
                left.value.clone()
            }
            Effect::Either => {
                let id = self.state.scope.new_choice();
                Value::choice(id, vec![left.value.clone(), right.value.clone()])
            }
            Effect::Second => right.value.clone(),
            Effect::First => left.value.clone(),
            Effect::Format => {
                let arguments =
                    right.value.as_list().map_or_else(|| vec![right.value.clone()], <[_]>::to_vec);
                self.combine(&left.value, &Value::Unknown, |reader, format, _| match format.as_text() {
                    Some(text) if reader.charge(text.len()) => {
                        reader.make(text::fill_percent(text, arguments.iter()))
                    }
                    _ => Value::Unknown,
                })
            }
            Effect::Path => {
                self.combine(&left.value, &right.value, |reader, left, right| reader.join_path(left, right))
            }
            Effect::Repeat => match (left.value.as_text(), right.value.as_number()) {
                (Some(text), Some(times)) if !matches!(left.value, Value::Plain(_)) => {
                    let times = usize::try_from(times).unwrap_or_default();
                    if text.len().saturating_mul(times) > text::MAX_TEXT {
                        Value::Unknown
                    } else {
                        self.make(text.repeat(times))
                    }
                }
                _ => Value::Unknown,
            },
            Effect::Push => {
                let value = self.push_item(&left.value, &right.value);
                if let Some(name) = &left.written {
                    self.state.scope.set(name, value.clone());
                }
                value
            }
            Effect::Pipe => {
                let end = self.before();
                self.emit_simple("getline", std::slice::from_ref(&left.value), start, end);
                Value::Unknown
            }
            Effect::Unknown => Value::Unknown,
        }
    }

    /// Reads an operand with what stands before it.
    fn unary(&mut self) -> Operand {
        let start = self.at;
        let mut changes = false;
        let mut negates = false;
        while let Some(token) = self.peek() {
            if self.at > start && self.continuation().is_none() {
                return Operand::default();
            }
            match token.kind {
                Kind::Sign("!" | "~" | "$") => changes = true,
                Kind::Sign("-") => negates = true,
                Kind::Sign(
                    "+" | "&" | "*" | "**" | "..." | "@" | "%" | "\\" | "++" | "--" | "<-" | "^" | "::" | "?",
                ) => {}
                Kind::Word(word) => match self.keyword(word) {
                    Some(operand) => return operand,
                    None if self.syntax.role(word).is_some() && self.is_prefix(word) => {}
                    None => break,
                },
                _ => break,
            }
            self.at += 1;
        }
        let operand = self.postfix();
        if changes && !self.is(Language::Perl) {
            return Operand::default();
        }
        if negates {
            let number = operand.value.as_number().and_then(i64::checked_neg);
            return Operand::of(
                number.map_or(Value::Unknown, |number| Value::Plain(number.to_string().as_str().into())),
            );
        }
        operand
    }

    /// Returns whether the keyword `word`, which is next, only goes before an expression.
    fn is_prefix(&self, word: &str) -> bool {
        match self.syntax.role(word) {
            Some(Role::Pass | Role::Declare) => true,
            Some(Role::Modifier) => match self.peek_at(1).map(|next| (&next.kind, next.mate)) {
                Some((Kind::Word(_) | Kind::Sign("{" | "*"), _)) => true,
                // `async (x) => …`
                Some((Kind::Sign("("), mate)) => {
                    self.tokens.get(mate.wrapping_add(1)).is_some_and(|next| next.is("=>"))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Reads what the keyword `word`, which is next, begins; nothing where it only goes before an
    /// expression or is a name.
    fn keyword(&mut self, word: &str) -> Option<Operand> {
        match self.syntax.role(word)? {
            Role::Pass | Role::Modifier | Role::Declare => return None,
            Role::Branch => self.branch(),
            Role::Arm => self.arm(),
            Role::Loop => self.looping(),
            Role::Define => return Some(self.define()),
            Role::Lambda => return Some(self.lambda()),
            Role::Class => self.class(),
            Role::Import => return Some(self.import()),
            Role::Do => {
                self.at += 1;
                self.state.scope.open(super::scope::Closes::End, false);
            }
            Role::End => {
                self.at += 1;
                self.state.scope.close_end();
            }
            Role::Print => self.print(),
        }
        Some(Operand::default())
    }

    /// Reads an operand with its members, indices and calls.
    pub(super) fn postfix(&mut self) -> Operand {
        let start = self.at;
        let mut operand = self.primary();
        if self.at > start {
            while self.suffix(&mut operand, start) {}
        }
        operand
    }

    /// Reads an operand by itself.
    fn primary(&mut self) -> Operand {
        let Some(token) = self.peek() else { return Operand::default() };
        match &token.kind {
            Kind::Text(pieces) | Kind::Template(pieces) => {
                self.at += 1;
                let mut value = self.string(pieces);
                while matches!(self.syntax.language, Language::Python | Language::Ruby)
                    && let Some(Token { kind: Kind::Text(pieces), .. }) = self.continuation()
                {
                    self.at += 1;
                    let next = self.string(pieces);
                    value = self.join(&value, &next);
                }
                Operand::of(value)
            }
            Kind::Shell(pieces) => {
                self.at += 1;
                let command = self.string(pieces);
                self.emit_simple("`", &[command], token.start, token.end);
                Operand::default()
            }
            Kind::Words(words) => {
                self.at += 1;
                Operand::of(Value::list(words.iter().map(|word| Value::text(word)).collect()))
            }
            Kind::Regex(pieces) => {
                self.at += 1;
                self.string(pieces);
                Operand::default()
            }
            Kind::Number(text) => {
                self.at += 1;
                Operand::of(Value::Plain((*text).into()))
            }
            Kind::Word(word) => self.name(word),
            Kind::Sign("(") => self.group(),
            Kind::Sign("[") => self.bracketed(),
            // What is followed by a sigil is an expression that gives a reference (Perl).
            Kind::Sign("{") if self.is(Language::Perl) && self.follows_sigil(token) => {
                self.inside(true, Self::expression)
            }
            Kind::Sign("{") => self.braced(),
            Kind::Sign("->") if self.is(Language::Ruby) => self.ruby_lambda(),
            Kind::Sign(_) => Operand::default(),
        }
    }

    /// Returns whether `token`, which is next, stands right behind a sigil.
    fn follows_sigil(&self, token: &Token<'_>) -> bool {
        let last = self.at.checked_sub(1).and_then(|index| self.tokens.get(index));
        let sigil = last.is_some_and(|last| matches!(last.kind, Kind::Sign("$" | "@" | "%" | "&")));
        sigil && token.gap == Gap::None
    }

    /// Reads a name.
    fn name(&mut self, word: &'a str) -> Operand {
        let Some(token) = self.peek() else { return Operand::default() };
        if self.is(Language::JavaScript) && self.peek_at(1).is_some_and(|next| next.is("=>")) {
            return self.arrow();
        }
        self.at += 1;
        if self.is(Language::Go) && word == "map" && self.next_is("[") {
            // `map[key]value{ … }`
            self.inside(true, |_| ());
            self.skip_element_type();
        }
        let mut key = self.key(word);
        if !self.defines_method() {
            self.state.functions.mention(word);
        }
        let subscript = self.peek().filter(|next| next.gap == Gap::None).map(|next| &next.kind);
        if self.is(Language::Perl) && word.starts_with('$') {
            // `$x[0]` is an item of `@x`, `$x{a}` one of `%x`.
            match subscript {
                Some(Kind::Sign("[")) => key.replace_range(..1, "@"),
                Some(Kind::Sign("{")) => key.replace_range(..1, "%"),
                _ => {}
            }
        }
        let is_bare = || !self.next_is("(") && !self.takes_bare_arguments();
        match word {
            "shift" if self.is(Language::Perl) && is_bare() => return Operand::of(self.shift()),
            // It removes what the loop around it is at.
            "unlink" if self.is(Language::Perl) && is_bare() => {
                let unlink = Operand { value: Value::name(word), written: Some(key), ..Operand::default() };
                return self.finish_call(&unlink, Vec::new(), self.at - 1);
            }
            _ => {}
        }
        if matches!(word, "__halt_compiler" | "__END__" | "__DATA__") && token.gap == Gap::Line {
            self.at = self.end;
        }
        Operand { value: self.look_up(&key), written: Some(key), ..Operand::default() }
    }

    /// Returns the name under which `word` is kept.
    pub(super) fn key(&self, word: &str) -> String {
        if self.syntax.sigils && !word.starts_with(['$', '@', '%', '&', '\\']) {
            // Functions and variables have tables of their own.
            return format!("&{word}");
        }
        word.to_owned()
    }

    /// Returns what the name `key` stands for.
    pub(super) fn look_up(&self, key: &str) -> Value {
        match self.state.scope.get(key) {
            Some(Value::Unknown) => Value::name(self.syntax.bare(key)),
            Some(value) => value.clone(),
            None => self.given(self.syntax.bare(key)).unwrap_or_else(|| Value::name(self.syntax.bare(key))),
        }
    }

    /// Returns the value of a string with what is interpolated in it.
    pub(super) fn string(&mut self, pieces: &'a [Piece<'a>]) -> Value {
        if let [Piece::Text(text)] = pieces {
            return self.make(text.clone());
        }
        let mut value = Value::text("");
        for piece in pieces {
            let part = match piece {
                Piece::Text(text) => self.make(text.clone()),
                Piece::Variable(name) => self.look_up(&format!("${name}")),
                Piece::Code(tokens) => self.embedded(tokens),
                Piece::Unknown => Value::Unknown,
                Piece::Unread => {
                    self.give_up(self.before(), self.before());
                    Value::Unknown
                }
            };
            let part = match part.as_list() {
                Some(items) => {
                    let words: Vec<_> = items.iter().map(Value::to_text).collect();
                    Value::text(&words.join(" "))
                }
                None => part,
            };
            value = self.join_text(&value, &part);
        }
        value
    }

    /// Reads code within a string.
    fn embedded(&mut self, tokens: &'a [Token<'a>]) -> Value {
        let outer = (self.tokens, self.at, self.end, self.lines_join);
        (self.tokens, self.at, self.end, self.lines_join) = (tokens, 0, tokens.len(), true);
        let value = self.deeper(|reader| {
            let value = reader.expression().value;
            reader.statements();
            value
        });
        if self.at < self.end {
            self.give_up(self.here(), self.tokens.last().map_or(0, |token| token.end));
        }
        (self.tokens, self.at, self.end, self.lines_join) = outer;
        value
    }

    /// Reads what follows an operand and belongs to it. Returns whether there was something.
    fn suffix(&mut self, operand: &mut Operand, start: usize) -> bool {
        if self.member_suffix(operand, start) {
            return true;
        }
        let Some(token) = self.continuation() else { return false };
        let language = self.syntax.language;
        let near = token.gap == Gap::None;
        match token.kind {
            Kind::Sign("(") => *operand = self.call(operand, start),
            Kind::Sign("[") if language == Language::Ruby && !near && self.is_function(operand) => {
                return self.bare_call(operand, start);
            }
            Kind::Sign("[") => *operand = self.index(operand),
            Kind::Sign("{") => return self.brace_suffix(operand, start, near),
            Kind::Sign("++" | "--") => {
                self.at += 1;
                self.bind(operand, "=", Value::Unknown);
            }
            Kind::Sign("!") if language == Language::JavaScript && near => {
                let follows =
                    |next: &Token<'_>| matches!(next.kind, Kind::Sign("." | "[" | "(" | ")" | ";" | ","));
                if !self.peek_at(1).is_some_and(follows) {
                    return false;
                }
                self.at += 1;
            }
            Kind::Sign("<") if language == Language::JavaScript && near => match self.type_arguments() {
                Some(length) => self.at += length,
                None => return false,
            },
            Kind::Template(_) if operand.written.is_some() || operand.receiver.is_some() => {
                *operand = self.literal_call(operand, start);
            }
            Kind::Text(_) if language == Language::Lua && operand.value.as_text().is_none() => {
                *operand = self.literal_call(operand, start);
            }
            Kind::Word("do") if language == Language::Ruby && !self.in_head => self.ruby_block(operand),
            _ => {
                return self.takes_bare_arguments()
                    && self.is_function(operand)
                    && self.bare_call(operand, start);
            }
        }
        true
    }

    /// Reads a member (`.name`, `->name`, `::name`), and the call that naming it is in some languages.
    fn member_suffix(&mut self, operand: &mut Operand, start: usize) -> bool {
        let Some(token) = self.peek() else { return false };
        let Kind::Sign(sign) = token.kind else { return false };
        let language = self.syntax.language;
        let leads = match language {
            Language::R => matches!(sign, "$" | "@" | "::"),
            Language::Lua if sign == ":" => self.peek_at(1).and_then(Token::word).is_some(),
            _ => MEMBERS.contains(&sign) && self.syntax.operator(sign).is_none(),
        };
        if !leads || (token.gap == Gap::Line && self.continuation().is_none() && sign == "::") {
            return false;
        }
        let Some(next) = self.peek_at(1) else { return false };
        match next.kind {
            Kind::Word(word) => {
                self.at += 2;
                let name = if self.syntax.sigils && word.starts_with('$') {
                    self.look_up(&self.key(word)).to_text().into_owned()
                } else {
                    word.to_owned()
                };
                self.state.functions.mention(&name);
                *operand = self.member(operand, &name);
                self.call_by_naming(operand, sign, start);
            }
            Kind::Sign("(" | "[") => self.at += 1,
            Kind::Sign("{") if self.syntax.sigils => {
                self.at += 1;
                *operand = self.index(operand);
            }
            Kind::Sign("@" | "%" | "#") => {
                self.at += 2;
                self.skip("*");
            }
            _ => return false,
        }
        true
    }

    /// Notes the call of a method that needs no parentheses, where it has none.
    fn call_by_naming(&mut self, operand: &mut Operand, sign: &str, start: usize) {
        let methods = match self.syntax.language {
            Language::Ruby => sign != "::",
            Language::Perl => sign == "->",
            _ => false,
        };
        let called = self.next_is("(") || self.assignment().is_some() || self.takes_bare_arguments();
        if methods && !called {
            *operand = self.finish_call(operand, Vec::new(), start);
        }
    }

    /// Reads braces after an operand: a subscript, a table, a literal, a block.
    fn brace_suffix(&mut self, operand: &mut Operand, start: usize, near: bool) -> bool {
        let named = operand.written.is_some();
        match self.syntax.language {
            Language::Perl if near && !operand.written.as_ref().is_some_and(|name| name.starts_with('&')) => {
                *operand = self.index(operand);
            }
            Language::Perl if named => {
                let runs = operand.written.as_deref() == Some("&eval");
                self.block(!runs);
                if !runs {
                    return self.bare_call(operand, start);
                }
            }
            Language::Lua if operand.value.as_text().is_none() => {
                *operand = self.literal_call(operand, start)
            }
            Language::Go if near && (named || operand.value.as_list().is_some()) => *operand = self.braced(),
            Language::Ruby => self.ruby_block(operand),
            _ => return false,
        }
        true
    }

    /// Returns how many tokens the type arguments take that begin here, if a call follows them.
    fn type_arguments(&self) -> Option<usize> {
        let mut depth = 0_usize;
        for offset in 0..MAX_TYPE {
            match self.peek_at(offset)?.kind {
                Kind::Sign("<") => depth += 1,
                Kind::Sign(">") => depth = depth.checked_sub(1)?,
                Kind::Sign(">>") => depth = depth.checked_sub(2)?,
                Kind::Word(_) | Kind::Text(_) => {}
                Kind::Sign("." | "," | "[" | "]" | "|" | "&" | "{" | "}" | ":" | "?" | ";") => {}
                _ => return None,
            }
            if depth == 0 {
                let next = self.peek_at(offset + 1)?;
                return matches!(next.kind, Kind::Sign("(") | Kind::Template(_)).then_some(offset + 1);
            }
        }
        None
    }

    /// Returns the member `name` of `operand`.
    pub(super) fn member(&mut self, operand: &Operand, name: &str) -> Operand {
        let written = operand.written.as_ref().map(|written| format!("{written}.{name}"));
        let set = written.as_ref().and_then(|written| self.state.scope.get(written)).cloned();
        let value = match set {
            Some(value) if value != Value::Unknown => value,
            _ => {
                let written = operand.written.as_deref();
                self.combine(&operand.value, &Value::Unknown, |reader, base, _| {
                    reader.member_of(base, written, name)
                })
            }
        };
        Operand { value, written, receiver: Some(operand.value.clone()), pattern: None }
    }

    fn member_of(&mut self, base: &Value, written: Option<&str>, name: &str) -> Value {
        if let Value::Thing(thing) = base {
            return self.member_of_thing(thing, name);
        }
        if let Some(value) = base.entry(name) {
            return value.clone();
        }
        match (base, written) {
            (_, Some(written)) => Value::name(&format!("{}.{name}", self.syntax.bare(written))),
            (Value::Unknown, None) => Value::name(&format!("{UNKNOWN}.{name}")),
            (_, None) => Value::name(&format!("text.{name}")),
        }
    }

    fn member_of_thing(&mut self, thing: &Thing, name: &str) -> Value {
        if !thing.made && fold::is_environment(&thing.path) {
            return self.variable(name);
        }
        let path = format!("{}.{name}", thing.path);
        let path = fold::plain_path(&path);
        if let Some(value) = (!thing.made).then(|| self.given(path)).flatten() {
            return value;
        }
        if let Some(value) = thing.as_path().and_then(|path| text::path_part(path, name)) {
            return fold::path_object(&value);
        }
        Value::thing(path.to_owned(), thing.arguments.clone(), false)
    }
}
