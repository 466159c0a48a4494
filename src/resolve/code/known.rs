//! Computing with what is known: joining, picking, and the bounds on all of it.

use super::json::json;
use super::reader::Reader;
use super::text::MAX_TEXT;
use super::value::{MAX_CHOICES, Value};
use super::{Argument, Shape};
use super::{fold, text};

impl Reader<'_> {
    /// Takes `bytes` from what may still be made. Returns whether there was enough.
    pub(super) fn charge(&mut self, bytes: usize) -> bool {
        let enough = self.state.budget >= bytes;
        self.state.budget = self.state.budget.saturating_sub(bytes);
        enough
    }

    /// Returns `text` as a value.
    pub(super) fn make(&mut self, text: String) -> Value {
        let affordable = self.charge(text.len());
        if affordable && text.len() <= MAX_TEXT { Value::Text(text.into()) } else { Value::Unknown }
    }

    /// Applies `function` to what `left` and `right` may be. Choices that fall alike stay together.
    pub(super) fn combine(
        &mut self,
        left: &Value,
        right: &Value,
        mut function: impl FnMut(&mut Self, &Value, &Value) -> Value,
    ) -> Value {
        match (left, right) {
            (Value::Choice(one), Value::Choice(other))
                if one.id == other.id && one.of.len() == other.of.len() =>
            {
                let of =
                    one.of.iter().zip(&other.of).map(|(left, right)| function(self, left, right)).collect();
                Value::aligned(one.id, of)
            }
            (Value::Choice(one), Value::Choice(other)) => {
                if one.of.len() * other.of.len() > MAX_CHOICES {
                    return Value::Unknown;
                }
                let mut of = Vec::new();
                for left in &one.of {
                    for right in &other.of {
                        of.push(function(self, left, right));
                    }
                }
                let id = self.state.scope.new_choice();
                Value::choice(id, of)
            }
            (Value::Choice(one), _) => {
                Value::aligned(one.id, one.of.iter().map(|left| function(self, left, right)).collect())
            }
            (_, Value::Choice(other)) => {
                Value::aligned(other.id, other.of.iter().map(|right| function(self, left, right)).collect())
            }
            _ => function(self, left, right),
        }
    }

    /// Returns what `left + right` is.
    pub(super) fn join(&mut self, left: &Value, right: &Value) -> Value {
        self.combine(left, right, |reader, left, right| match (left, right) {
            (Value::List(one), Value::List(other)) => {
                if !reader.charge((one.items.len() + other.items.len()) * 16) {
                    return Value::Unknown;
                }
                Value::list(one.items.iter().chain(&other.items).cloned().collect())
            }
            (Value::List(_), _) => reader.push_item(left, &Value::rest()),
            (_, Value::List(other)) => {
                let mut items = vec![Value::rest()];
                items.extend(other.items.iter().take(MAX_TEXT).cloned());
                if reader.charge(items.len() * 16) { Value::list(items) } else { Value::Unknown }
            }
            (Value::Plain(_), Value::Plain(_)) if !reader.syntax.sigils => Value::Unknown,
            _ => match (left.as_text(), right.as_text()) {
                (None, None) => Value::Unknown,
                _ => reader.concatenate(left, right),
            },
        })
    }

    /// Returns the texts of `left` and `right` in a row.
    pub(super) fn join_text(&mut self, left: &Value, right: &Value) -> Value {
        self.combine(left, right, Self::concatenate)
    }

    fn concatenate(&mut self, left: &Value, right: &Value) -> Value {
        let (left, right) = (left.to_text(), right.to_text());
        if left.len() + right.len() > self.state.budget {
            return Value::Unknown;
        }
        self.make(format!("{left}{right}"))
    }

    /// Returns what `left / right` is, where that joins paths.
    pub(super) fn join_path(&mut self, left: &Value, right: &Value) -> Value {
        let base = match left.as_thing() {
            Some(thing) if fold::is_path_object(&thing.path) || thing.path.starts_with("pathlib.") => {
                left.to_text()
            }
            _ if left.as_thing().is_some() && right.as_text().is_some() => left.to_text(),
            _ => return Value::Unknown,
        };
        fold::path_object(&text::join_paths(&base, &right.to_text(), true))
    }

    /// Returns the item of `value` at `index`, counted from the end where that is negative.
    pub(super) fn item(&mut self, value: &Value, index: i64) -> Value {
        self.combine(value, &Value::Unknown, |reader, value, _| {
            let place = |length: usize| {
                let from_end =
                    usize::try_from(index.unsigned_abs()).ok().and_then(|back| length.checked_sub(back));
                if index < 0 { from_end } else { usize::try_from(index).ok() }
            };
            match value {
                Value::List(list) => {
                    let Some(place) = place(list.items.len()) else { return Value::Unknown };
                    let open =
                        list.items.iter().take(place.saturating_add(1)).any(|item| *item == Value::rest());
                    list.items.get(place).filter(|_| !open).cloned().unwrap_or_default()
                }
                Value::Text(text) if text.len() < 256 => {
                    let found = place(text.chars().count()).and_then(|place| text.chars().nth(place));
                    found.map_or(Value::Unknown, |c| reader.make(c.to_string()))
                }
                _ => Value::Unknown,
            }
        })
    }

    /// Returns the slice of `value` that the parts between the colons name.
    pub(super) fn slice(&mut self, value: &Value, parts: &[Option<Value>]) -> Value {
        let number = |part: Option<&Option<Value>>| part.and_then(Option::as_ref).map(Value::as_number);
        let (from, to, step) = (number(parts.first()), number(parts.get(1)), number(parts.get(2)));
        let reverses = match step {
            None | Some(Some(1)) => false,
            Some(Some(-1)) if from.is_none() && to.is_none() => true,
            _ => return Value::Unknown,
        };
        if from == Some(None) || to == Some(None) {
            return Value::Unknown;
        }
        let (from, to) = (from.flatten().unwrap_or(0), to.flatten().unwrap_or(i64::MAX));
        self.combine(value, &Value::Unknown, |reader, value, _| match value {
            Value::Text(text) if reader.charge(text.len()) => {
                let chars: Vec<char> = text.chars().collect();
                let mut chosen: String = cut(&chars, from, to).iter().collect();
                if reverses {
                    chosen = text::reversed(&chosen);
                }
                reader.make(chosen)
            }
            Value::List(list) if reader.charge(list.items.len() * 16) => {
                let mut chosen = cut(&list.items, from, to).to_vec();
                if reverses {
                    chosen.reverse();
                }
                Value::list(chosen)
            }
            _ => Value::Unknown,
        })
    }

    /// Returns the environment variable `name`: what nearly always holds, else nothing known.
    pub(super) fn variable(&self, name: &str) -> Value {
        match name {
            "HOME" | "USERPROFILE" => Value::text("~"),
            "PWD" => Value::text("."),
            "TMPDIR" | "TEMP" | "TMP" => Value::text("/tmp"),
            _ => Value::mark(),
        }
    }

    /// Returns what the runtime gives the name `path`: constants, the script's arguments, its path.
    pub(super) fn given(&self, path: &str) -> Option<Value> {
        use fold::Given;
        Some(match fold::given(self.syntax.language, path)? {
            Given::Constant => Value::Plain(path.into()),
            Given::Text(text) => Value::text(text),
            Given::Arguments { before } => {
                let program = (0..before).map(|_| self.script());
                let arguments = self.state.arguments.iter().map(|argument| Value::text(argument));
                Value::list(program.chain(arguments).collect())
            }
            Given::Script => self.script(),
            Given::Directory => match self.state.path.as_deref() {
                Some(path) => Value::text(&text::parent(path)),
                // Code that stands in no file is taken to stand where it is run.
                None => Value::text("."),
            },
        })
    }

    fn script(&self) -> Value {
        self.state.path.as_deref().map_or_else(Value::mark, Value::text)
    }

    /// Takes the first of a Perl function's or script's arguments.
    pub(super) fn shift(&mut self) -> Value {
        let key = if self.state.scope.has("@_") { "@_" } else { "@ARGV" };
        let list = self.look_up(key);
        let first = self.item(&list, 0);
        let rest = self.slice(&list, &[Some(Value::Plain("1".into())), None]);
        self.state.scope.set(key, rest);
        first
    }

    /// Returns `value` as an argument.
    pub(super) fn argument(&mut self, name: Option<String>, value: &Value, source: &str) -> Argument {
        let argument = Argument { name, text: source.to_owned(), ..Argument::default() };
        let texts = |list: &[Value]| list.iter().filter_map(Value::as_text).map(str::len).sum();
        if !self.charge(value.size()) || !self.charge(value.as_list().map_or(0, texts)) {
            return argument;
        }
        match value {
            Value::List(list) => {
                let items = list.items.iter().map(|item| item.as_text().map(str::to_owned)).collect();
                Argument { value: Some(self.written_out(value)), items, shape: Shape::List, ..argument }
            }
            Value::Map(_) => Argument { value: Some(self.written_out(value)), shape: Shape::Map, ..argument },
            _ => Argument { value: value.as_text().map(str::to_owned), ..argument },
        }
    }

    /// Returns `value` as JSON.
    pub(super) fn written_out(&mut self, value: &Value) -> String {
        let text = json(value);
        self.charge(text.len());
        text
    }
}

/// Returns the items from `from` to before `to`; negative places count from the end.
fn cut<T>(items: &[T], from: i64, to: i64) -> &[T] {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let place = |at: i64| {
        let at = if at < 0 { at.saturating_add(length).max(0) } else { at.min(length) };
        usize::try_from(at).unwrap_or_default()
    };
    items.get(place(from)..place(to)).unwrap_or_default()
}
