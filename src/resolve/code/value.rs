//! What is known of a value.

use std::borrow::Cow;
use std::sync::Arc;

use super::Argument;
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_known};

/// How deep lists and maps may nest.
const MAX_DEPTH: usize = 12;

/// How many values a choice may have.
pub(super) const MAX_CHOICES: usize = 8;

/// How long a dotted name may grow before its beginning is forgotten.
const MAX_PATH: usize = 300;

/// How many arguments a chain of calls keeps.
const MAX_RECEIVER: usize = 16;

/// A value as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing is known.
    #[default]
    Unknown,
    /// A string, with marks for what is not known.
    Text(Arc<str>),
    /// A number, `true`, `null`: written without quotes.
    Plain(Arc<str>),
    /// A list.
    List(Arc<List>),
    /// A map.
    Map(Arc<Map>),
    /// A module, a function, a variable that is not set, or what a call gave.
    Thing(Arc<Thing>),
    /// One of these, which one is not known.
    Choice(Arc<Choice>),
}

/// A list's items.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct List {
    pub(super) items: Vec<Value>,
    shape: Shape,
}

/// A map's entries.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Map {
    pub(super) entries: Vec<(String, Value)>,
    shape: Shape,
}

/// What is remembered of what is inside, so that it need not be walked again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shape {
    depth: usize,
    /// Whether there is a choice in it.
    open: bool,
}

/// Something with a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Thing {
    /// Its dotted name; for what a call gave, the name of what was called.
    pub(super) path: String,
    /// The arguments of the calls that made it.
    pub(super) arguments: Vec<Argument>,
    /// Whether a call made it.
    pub(super) made: bool,
}

/// Values of which one holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// Choices of the same identity fall alike (the parameters of one function).
    pub(super) id: u32,
    pub(super) of: Vec<Value>,
    shape: Shape,
}

impl Value {
    /// Returns a string.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// Returns a list, unless it nests too deep.
    pub(super) fn list(items: Vec<Self>) -> Self {
        match Shape::around(items.iter()) {
            Some(shape) => Self::List(Arc::new(List { items, shape })),
            None => Self::Unknown,
        }
    }

    /// Returns a map, unless it nests too deep.
    pub(super) fn map(entries: Vec<(String, Self)>) -> Self {
        match Shape::around(entries.iter().map(|(_, value)| value)) {
            Some(shape) => Self::Map(Arc::new(Map { entries, shape })),
            None => Self::Unknown,
        }
    }

    /// Returns one of `of`, flattened and without doubles; nothing known where they are too many.
    pub(super) fn choice(id: u32, of: Vec<Self>) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        for value in of {
            let inner = match &value {
                Self::Choice(choice) => choice.of.clone(),
                _ => vec![value],
            };
            for value in inner {
                if !flat.contains(&value) {
                    flat.push(value);
                }
            }
        }
        match flat.len() {
            0 => Self::Unknown,
            1 => flat.remove(0),
            2..=MAX_CHOICES => Self::aligned(id, flat),
            _ => Self::Unknown,
        }
    }

    /// Returns one of `of` where position counts: choices of the same `id` fall alike.
    pub(super) fn aligned(id: u32, of: Vec<Self>) -> Self {
        match Shape::around(of.iter()) {
            Some(shape) if of.len() <= MAX_CHOICES => Self::Choice(Arc::new(Choice { id, of, shape })),
            _ => Self::Unknown,
        }
    }

    /// Returns the thing called `path`.
    pub(super) fn name(path: &str) -> Self {
        Self::thing(path.to_owned(), Vec::new(), false)
    }

    /// Returns the thing called `path`, made with `arguments`. Of a long name and of many arguments
    /// the end is kept.
    pub(super) fn thing(mut path: String, mut arguments: Vec<Argument>, made: bool) -> Self {
        if path.len() > MAX_PATH {
            let mut from = path.len() - MAX_PATH / 2;
            while !path.is_char_boundary(from) {
                from += 1;
            }
            path.replace_range(..from, UNKNOWN.encode_utf8(&mut [0; 4]));
        }
        if arguments.len() > MAX_RECEIVER {
            arguments.drain(..arguments.len() - MAX_RECEIVER);
        }
        Self::Thing(Arc::new(Thing { path, arguments, made }))
    }

    /// Returns the text of a string, number or constant, if that is what it is.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Plain(text) => Some(text),
            Self::Thing(thing) => thing.as_path(),
            _ => None,
        }
    }

    /// Returns its text, a mark where it is not known.
    pub(super) fn to_text(&self) -> Cow<'_, str> {
        self.as_text().map_or_else(|| Cow::Owned(UNKNOWN.to_string()), Cow::Borrowed)
    }

    /// Returns its text, if all of it is known.
    pub(super) fn known_text(&self) -> Option<&str> {
        self.as_text().filter(|text| is_known(text))
    }

    /// Returns the number that it is.
    pub(super) fn as_number(&self) -> Option<i64> {
        match self {
            Self::Plain(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Returns the thing that it is.
    pub(super) fn as_thing(&self) -> Option<&Thing> {
        match self {
            Self::Thing(thing) => Some(thing),
            _ => None,
        }
    }

    /// Returns the items of the list that it is.
    pub(super) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(&list.items),
            _ => None,
        }
    }

    /// Returns the value of `key`, where it is a map that has one.
    pub(super) fn entry(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Returns a text of which nothing is known.
    pub(super) fn mark() -> Self {
        Self::text(UNKNOWN.encode_utf8(&mut [0; 4]))
    }

    /// Returns an item that stands for any number of values.
    pub(super) fn rest() -> Self {
        Self::text(UNKNOWN_WORDS.encode_utf8(&mut [0; 4]))
    }

    /// Returns what it holds one by one: a list's items, or something that is not known.
    pub(super) fn any_item(&self, id: u32) -> Self {
        match self.as_list() {
            Some(items) => Self::choice(id, items.to_vec()),
            None => Self::Unknown,
        }
    }

    /// Collects the choices in it, each identity once.
    pub(super) fn choices<'a>(&'a self, found: &mut Vec<&'a Choice>) {
        if !self.is_open() {
            return;
        }
        match self {
            Self::Choice(choice) => {
                if found.iter().all(|old| old.id != choice.id) {
                    found.push(choice);
                }
                choice.of.iter().for_each(|value| value.choices(found));
            }
            Self::List(list) => list.items.iter().for_each(|item| item.choices(found)),
            Self::Map(map) => map.entries.iter().for_each(|(_, value)| value.choices(found)),
            _ => {}
        }
    }

    /// Returns whether there is a choice in it.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Choice(_)) || self.shape().open
    }

    /// Returns it with the choices in it made: `picks` has the position for each identity.
    pub(super) fn settled(&self, picks: &[(u32, usize)]) -> Self {
        if !self.is_open() {
            return self.clone();
        }
        match self {
            Self::Choice(choice) => {
                let pick = picks.iter().find(|(id, _)| *id == choice.id).map(|(_, index)| *index);
                pick.and_then(|index| choice.of.get(index))
                    .map_or(Self::Unknown, |value| value.settled(picks))
            }
            Self::List(list) => Self::list(list.items.iter().map(|item| item.settled(picks)).collect()),
            Self::Map(map) => {
                let settle = |(key, value): &(String, Self)| (key.clone(), value.settled(picks));
                Self::map(map.entries.iter().map(settle).collect())
            }
            _ => self.clone(),
        }
    }

    /// Returns the values that it may have: those of a choice, else itself.
    pub(super) fn alternatives(&self) -> &[Self] {
        match self {
            Self::Choice(choice) => &choice.of,
            _ => std::slice::from_ref(self),
        }
    }

    /// Returns about how much work it is to walk it.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::List(list) => list.items.len() * 16,
            Self::Map(map) => map.entries.len() * 16,
            _ => self.as_text().map_or(1, str::len),
        }
    }

    fn shape(&self) -> Shape {
        match self {
            Self::List(list) => list.shape,
            Self::Map(map) => map.shape,
            Self::Choice(choice) => choice.shape,
            _ => Shape::default(),
        }
    }
}

impl Shape {
    /// Returns the shape of something that holds `values`, unless that is too deep.
    fn around<'a>(values: impl Iterator<Item = &'a Value>) -> Option<Self> {
        let mut shape = Self::default();
        for value in values {
            shape.depth = shape.depth.max(value.shape().depth);
            shape.open |= value.is_open();
        }
        shape.depth += 1;
        (shape.depth <= MAX_DEPTH).then_some(shape)
    }
}

impl Thing {
    /// Returns the path that an object for a path (`Path("x")`) stands for.
    pub(super) fn as_path(&self) -> Option<&str> {
        let stands = self.made && super::fold::is_path_object(&self.path);
        stands.then(|| self.arguments.first()?.value.as_deref())?
    }
}
