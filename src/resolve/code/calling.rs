//! Calls: what is called with what, and what that gives as far as it is known.

use super::brackets::Item;
use super::fold::{self, Indirect};
use super::language::Language;
use super::lexer;
use super::reader::{Operand, Reader};
use super::scope::Closes;
use super::syntax::Syntax;
use super::value::{MAX_CHOICES, Thing, Value};
use super::{Argument, Call};
use crate::parse::script::Span;
use crate::unknown::{UNKNOWN, is_known};

/// How many texts may nest in each other (`exec("exec('…')")`).
const MAX_TEXTS: usize = 4;

/// How much of an argument's source is kept.
const MAX_SOURCE: usize = 2000;

/// Methods whose function runs once for each item of what they are called on.
#[rustfmt::skip]
const REPEATING: &[&str] = &[
    "forEach", "map", "flatMap", "filter", "each", "each_with_index", "each_slice", "each_pair", "times",
    "upto", "reduce", "select", "reject", "find_each", "in_batches", "loop", "for", "eachSeries",
    "eachLimit", "lapply", "sapply", "walk",
];

/// Returns whether `method` runs its function once for each item.
pub(super) fn is_repeating(method: &str) -> bool {
    REPEATING.contains(&method)
}

/// One way in which a call's choices can fall.
struct Variant {
    callee: Value,
    receiver: Option<Value>,
    items: Vec<Item>,
}

impl<'a> Reader<'a> {
    /// Reads the arguments that are next and makes the call.
    pub(super) fn call(&mut self, operand: &Operand, start: usize) -> Operand {
        if self.defines_method() {
            return self.method(operand);
        }
        let repeats = self.opens_loop(operand);
        let naming = self.syntax.naming;
        let items =
            self.inside(true, |reader| reader.comprehension().unwrap_or_else(|| reader.items(naming)));
        if repeats {
            self.state.scope.close();
            self.state.pending = None;
        }
        self.finish_call(operand, items, start)
    }

    /// Reads the arguments of a call without parentheses and makes the call.
    pub(super) fn bare_call(&mut self, operand: &mut Operand, start: usize) -> bool {
        let before = self.at;
        let outer = std::mem::replace(&mut self.in_bare_call, true);
        let items = self.deeper(Self::bare_items);
        self.in_bare_call = outer;
        *operand = self.finish_call(operand, items, start);
        self.at > before
    }

    /// Opens a block that repeats where `operand` runs its function for each item.
    fn opens_loop(&mut self, operand: &Operand) -> bool {
        let name = operand.written.as_deref().or(operand.value.as_thing().map(|thing| thing.path.as_str()));
        let method = name.and_then(|name| name.rsplit(['.', '&']).next()).unwrap_or_default();
        let repeats = is_repeating(method);
        if repeats {
            self.state.scope.open(Closes::Caller, true);
            let id = self.state.scope.new_choice();
            self.state.pending = operand.receiver.as_ref().map(|receiver| receiver.any_item(id));
        }
        repeats
    }

    /// Makes the call of `operand` with `items`.
    pub(super) fn finish_call(&mut self, operand: &Operand, items: Vec<Item>, start: usize) -> Operand {
        let start = self.tokens.get(start).map_or(0, |token| token.start);
        let span = self.span(start, self.before());
        if self.calls_local(operand, &items) {
            return Operand::of(Value::name(
                self.syntax.bare(operand.written.as_deref().unwrap_or_default()),
            ));
        }
        self.change(operand, &items);
        let callee = self.with_stars(operand);
        let (ids, variants) = self.variants(callee, operand.receiver.clone(), items);
        let mut results = Vec::new();
        for variant in &variants {
            results.push(self.make_call(operand, variant, span));
        }
        let value = match (results.len(), ids.as_slice()) {
            (1, _) => results.remove(0),
            (_, [id]) => Value::aligned(*id, results),
            _ => {
                let id = self.state.scope.new_choice();
                Value::choice(id, results)
            }
        };
        Operand { value, receiver: operand.receiver.clone(), ..Operand::default() }
    }

    /// Returns what `operand` may be, where modules have put all their names in reach.
    fn with_stars(&mut self, operand: &Operand) -> Value {
        let Some(name) = operand.written.as_deref().map(|name| self.syntax.bare(name)) else {
            return operand.value.clone();
        };
        if self.state.scope.stars.is_empty() || operand.value != Value::name(name) || name.contains('.') {
            return operand.value.clone();
        }
        let stars = self.state.scope.stars.iter().map(|module| Value::name(&format!("{module}.{name}")));
        let of = std::iter::once(operand.value.clone()).chain(stars).take(MAX_CHOICES).collect();
        let id = self.state.scope.new_choice();
        Value::choice(id, of)
    }

    /// Returns the ways in which the choices in a call can fall, with the identities of the choices.
    /// Where they are too many, what is chosen counts as not known.
    fn variants(
        &mut self,
        callee: Value,
        receiver: Option<Value>,
        items: Vec<Item>,
    ) -> (Vec<u32>, Vec<Variant>) {
        let mut choices = Vec::new();
        callee.choices(&mut choices);
        receiver.iter().for_each(|value| value.choices(&mut choices));
        items.iter().for_each(|item| item.value.choices(&mut choices));
        if choices.is_empty() {
            return (Vec::new(), vec![Variant { callee, receiver, items }]);
        }
        let mut picks: Vec<Vec<(u32, usize)>> = vec![Vec::new()];
        for choice in &choices {
            if picks.len() * choice.of.len() > MAX_CHOICES {
                continue;
            }
            let pick = |old: &Vec<(u32, usize)>, index| {
                let mut new = old.clone();
                new.push((choice.id, index));
                new
            };
            picks = picks
                .iter()
                .flat_map(|old| (0..choice.of.len()).map(move |index| pick(old, index)))
                .collect();
        }
        let settle = |picks: &Vec<(u32, usize)>| Variant {
            callee: callee.settled(picks),
            receiver: receiver.as_ref().map(|value| value.settled(picks)),
            items: items
                .iter()
                .map(|item| Item {
                    name: item.name.clone(),
                    value: item.value.settled(picks),
                    written: None,
                    ..*item
                })
                .collect(),
        };
        (choices.iter().map(|choice| choice.id).collect(), picks.iter().map(settle).collect())
    }

    /// Makes one call whose choices have fallen.
    fn make_call(&mut self, operand: &Operand, variant: &Variant, span: Span) -> Value {
        let (path, given) = match &variant.callee {
            Value::Thing(thing) => (thing.path.clone(), thing.arguments.as_slice()),
            Value::Text(name) if self.syntax.sigils => (fold::normal_path(name), [].as_slice()),
            _ => (
                operand
                    .written
                    .as_deref()
                    .map_or_else(|| UNKNOWN.to_string(), |name| self.syntax.bare(name).to_owned()),
                [].as_slice(),
            ),
        };
        let path = fold::plain_path(&path).to_owned();
        if path == UNKNOWN.to_string() {
            // Nothing can be said of a call of something without a name.
            return Value::Unknown;
        }
        match fold::indirect(self.syntax.language, &path) {
            Some(indirect) => self.call_through(indirect, &path, variant, given, span),
            None => self.call_path(&path, variant.receiver.as_ref(), given, &variant.items, span),
        }
    }

    /// Makes a call that goes through another (`f.apply(null, list)`, `call_user_func("f", x)`).
    fn call_through(
        &mut self,
        indirect: Indirect,
        path: &str,
        variant: &Variant,
        given: &[Argument],
        span: Span,
    ) -> Value {
        let items = &variant.items;
        let copy = |from: usize| -> Vec<Item> {
            let rest = items.get(from..).unwrap_or_default();
            rest.iter()
                .map(|item| Item {
                    name: item.name.clone(),
                    value: item.value.clone(),
                    written: None,
                    ..*item
                })
                .collect()
        };
        let listed = |index: usize| -> Vec<Item> {
            let list = items.get(index).and_then(|item| item.value.as_list());
            list.map_or_else(
                || vec![Item::of(Value::rest())],
                |list| list.iter().cloned().map(Item::of).collect(),
            )
        };
        let base = path.rsplit_once('.').map_or("", |(base, _)| base);
        let named = |value: Option<&Item>| match value.map(|item| &item.value) {
            Some(Value::Thing(thing)) => thing.path.clone(),
            Some(value) => fold::normal_path(&value.to_text()),
            None => UNKNOWN.to_string(),
        };
        let (path, items) = match indirect {
            Indirect::Receiver => (base.to_owned(), copy(1)),
            Indirect::ReceiverAll => (base.to_owned(), copy(0)),
            Indirect::ReceiverList => (base.to_owned(), listed(1)),
            Indirect::Method => {
                let name = named(items.first());
                (if base.is_empty() { name } else { format!("{base}.{name}") }, copy(1))
            }
            Indirect::First => (named(items.first()), copy(1)),
            Indirect::FirstList => (named(items.first()), listed(1)),
            Indirect::SecondList => (named(items.get(1)), listed(0)),
        };
        let path = fold::plain_path(&path).to_owned();
        self.call_path(&path, None, given, &items, span)
    }

    /// Makes the call of what is called `path`.
    fn call_path(
        &mut self,
        path: &str,
        receiver: Option<&Value>,
        given: &[Argument],
        items: &[Item],
        span: Span,
    ) -> Value {
        let arguments = self.arguments(items);
        let receiver_arguments = match receiver {
            Some(Value::Thing(_)) | None => given.to_vec(),
            Some(value) => vec![self.argument(None, value, "")],
        };
        self.push_call(path, arguments.clone(), receiver_arguments.clone(), span);
        self.refer(path, items, span);
        self.run_text(path, items, span);
        if let Some(value) = self.fold_call(path, receiver, items) {
            return value;
        }
        let mut all = receiver_arguments;
        all.extend(arguments);
        let size = all
            .iter()
            .map(|argument| argument.text.len() + argument.value.as_ref().map_or(0, String::len))
            .sum();
        if !self.charge(size) {
            all.clear();
        }
        Value::thing(path.to_owned(), all, true)
    }

    /// Notes a call that is no function's: a command between backticks, a pipe.
    pub(super) fn emit_simple(&mut self, callee: &str, values: &[Value], start: usize, end: usize) {
        let span = self.span(start, end);
        let items = values.iter().cloned().map(Item::of).collect();
        let (_, variants) = self.variants(Value::name(callee), None, items);
        for variant in variants {
            let arguments = self.arguments(&variant.items);
            self.push_call(callee, arguments, Vec::new(), span);
        }
    }

    fn push_call(&mut self, callee: &str, arguments: Vec<Argument>, receiver: Vec<Argument>, span: Span) {
        let in_loop = self.state.scope.in_loop();
        self.state.calls.push(Call { callee: callee.to_owned(), arguments, receiver, in_loop, span });
    }

    /// Notes the calls of functions that are handed over to be called (`map(os.remove, files)`).
    fn refer(&mut self, path: &str, items: &[Item], span: Span) {
        if fold::only_looks(path) {
            return;
        }
        for (index, item) in items.iter().enumerate() {
            let Value::Thing(thing) = &item.value else { continue };
            if thing.made || !self.is_module_member(thing) {
                continue;
            }
            let mut others = Vec::new();
            for (place, other) in items.iter().enumerate().filter(|(place, _)| *place != index) {
                match other.value.as_list() {
                    Some(list) => others.extend(list.iter().cloned().map(Item::of)),
                    None if place > index || items.len() > 1 => others.push(Item::of(other.value.clone())),
                    None => {}
                }
            }
            let arguments = self.arguments(&others);
            self.push_call(&thing.path, arguments, thing.arguments.clone(), span);
        }
    }

    /// Returns whether `thing` is a member of a module that was brought in.
    fn is_module_member(&self, thing: &Thing) -> bool {
        thing.path.split_once('.').is_some_and(|(module, _)| self.state.modules.contains(module))
            || thing.path.rsplit_once('.').is_some_and(|(module, _)| self.state.modules.contains(module))
    }

    /// Reads the code in a string that is run (`eval`, `exec`, `new Function`).
    fn run_text(&mut self, path: &str, items: &[Item], span: Span) {
        let Some((place, only)) = fold::runs_text(self.syntax.language, path) else { return };
        let code = match place {
            fold::Place::First => items.first(),
            fold::Place::Last => items.last(),
            fold::Place::Named(name) => items.iter().find(|item| item.name.as_deref() == Some(name)),
        };
        let Some(code) = code else { return };
        match (&code.value, code.value.as_thing().and_then(fold::source_of)) {
            (_, Some(file)) => self.state.sources.push(file.to_owned()),
            (Value::Text(text), _) => {
                if !is_known(text) {
                    self.unread_at("is put together from what is not known", span);
                }
                let text = text.to_string();
                self.read_text(&text, span);
            }
            (Value::Thing(_) | Value::Unknown, _) if only => {
                self.unread_at("is not known", span);
            }
            _ => {}
        }
    }

    /// Reads `text` as code that stood in a string at `span`.
    pub(super) fn read_text(&mut self, text: &str, span: Span) {
        if self.state.nested >= MAX_TEXTS || !self.charge(text.len()) {
            self.unread_at("is nested too deep", span);
            return;
        }
        let Some(syntax) = Syntax::of(self.syntax.language) else { return };
        let tokens = lexer::tokens(text, syntax);
        let mut state = std::mem::take(&mut self.state);
        state.nested += 1;
        state.joined.push((text.to_owned(), span));
        let mut reader = Reader::new(text, &tokens, syntax, state);
        reader.place = Some(span);
        reader.statements();
        self.state = reader.state;
        self.state.nested -= 1;
    }

    /// Changes the list or string that a method like `append` is called on.
    fn change(&mut self, operand: &Operand, items: &[Item]) {
        let (Some(written), Some(receiver)) = (&operand.written, &operand.receiver) else { return };
        let Some((name, method)) = written.rsplit_once('.') else { return };
        let Some(change) = fold::change(method) else { return };
        let value = match (receiver, change) {
            (Value::List(_), fold::Change::Push) => {
                let mut list = receiver.clone();
                for item in items {
                    list = self.push_item(&list, &item.value);
                }
                list
            }
            (Value::List(_), fold::Change::Extend) => match items {
                [item] => self.join(receiver, &item.value),
                _ => Value::Unknown,
            },
            (Value::List(_), fold::Change::Other) => self.push_item(receiver, &Value::rest()),
            (Value::Text(_), _) if self.is(Language::Ruby) => Value::Unknown,
            _ => return,
        };
        let value = if self.state.scope.in_loop() { self.push_item(&value, &Value::rest()) } else { value };
        self.state.scope.set(name, value);
    }

    /// Returns the list `list` with `item` at its end.
    pub(super) fn push_item(&mut self, list: &Value, item: &Value) -> Value {
        match list {
            Value::List(old) if self.charge(old.items.len() * 16 + 16) => {
                let mut items = old.items.clone();
                items.push(item.clone());
                Value::list(items)
            }
            Value::Text(_) => self.join(list, item),
            _ => Value::Unknown,
        }
    }

    /// Returns `items` as arguments; the entries of a map follow it by name.
    fn arguments(&mut self, items: &[Item]) -> Vec<Argument> {
        let mut arguments = Vec::with_capacity(items.len());
        for item in items {
            let source = self.source_of(item.start, item.end);
            arguments.push(self.argument(item.name.clone(), &item.value, source));
            if let Value::Map(map) = &item.value
                && self.charge(map.entries.len() * 64)
            {
                for (key, value) in &map.entries {
                    let entry = self.argument(Some(key.clone()), value, "");
                    arguments.push(entry);
                }
            }
        }
        arguments
    }

    fn source_of(&self, start: usize, end: usize) -> &'a str {
        let mut end = end.min(start + MAX_SOURCE);
        while !self.source.is_char_boundary(end) {
            end -= 1;
        }
        self.source.get(start..end).unwrap_or_default()
    }
}
