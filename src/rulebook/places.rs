//! Where things stand in a YAML file, by the path of keys that leads to them.

use std::collections::BTreeMap;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle};

/// A place in a file: line and column from 1, and how many characters are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1; 0 where it is not known.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The number of characters.
    pub width: usize,
}

/// The keys and list items of a YAML file by their paths: `rules/0/when/1/run`.
///
/// The place of an entry of a map is that of its key.
#[derive(Clone, Debug, Default)]
pub struct Places {
    by_path: BTreeMap<String, Place>,
    /// The first bare word that some readers of YAML take for a truth value.
    pub truth_word: Option<(String, Place)>,
}

impl Places {
    /// Returns the places of `text`, as far as it is YAML.
    pub fn of(text: &str) -> Self {
        let mut places = Self::default();
        let mut path = Path::default();
        for (event, span) in Parser::new_from_str(text).map_while(Result::ok) {
            let (start, end) = (span.start, span.end);
            let width = if start.line() == end.line() { end.col().saturating_sub(start.col()) } else { 0 };
            let place = Place { line: start.line(), column: start.col() + 1, width: width.max(1) };
            if let Event::Scalar(word, ScalarStyle::Plain, ..) = &event
                && places.truth_word.is_none()
                && is_truth_word(word)
            {
                places.truth_word = Some((word.to_string(), place));
            }
            if let Some(path) = path.follow(&event) {
                places.by_path.entry(path).or_insert(place);
            }
        }
        places
    }

    /// Returns the place of `path`, or else of the longest part of it that is in the file.
    pub fn find(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(place) = self.by_path.get(path) {
                return *place;
            }
            match path.rsplit_once('/') {
                Some((parent, _)) => path = parent,
                None => return Place { line: 1, column: 1, width: 1 },
            }
        }
    }
}

/// Returns whether YAML 1.1 takes `word` for a truth value and YAML 1.2 for text.
fn is_truth_word(word: &str) -> bool {
    ["yes", "no", "on", "off", "y", "n"].iter().any(|truth| word.eq_ignore_ascii_case(truth))
}

/// The way from the root of the file to the present event.
#[derive(Default)]
struct Path {
    open: Vec<Open>,
}

/// A list or map that has begun.
enum Open {
    List { next: usize },
    Map { key: Option<String> },
}

impl Path {
    /// Takes one more event and returns the path of what it begins, if that is the key of a map or an
    /// item of a list.
    fn follow(&mut self, event: &Event<'_>) -> Option<String> {
        let opened = match event {
            Event::SequenceStart(..) => Some(Open::List { next: 0 }),
            Event::MappingStart(..) => Some(Open::Map { key: None }),
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                self.end_value();
                return None;
            }
            Event::Scalar(..) | Event::Alias(..) => None,
            _ => return None,
        };
        let path = match self.open.last_mut() {
            Some(Open::List { next }) => {
                *next += 1;
                Some(self.join())
            }
            Some(Open::Map { key: key @ None }) => {
                *key = Some(event.scalar().map(|(word, _)| word.to_owned()).unwrap_or_default());
                Some(self.join())
            }
            Some(Open::Map { .. }) if opened.is_none() => {
                self.end_value();
                None
            }
            _ => None,
        };
        self.open.extend(opened);
        path
    }

    /// Ends the value of a map's key.
    fn end_value(&mut self) {
        if let Some(Open::Map { key }) = self.open.last_mut() {
            *key = None;
        }
    }

    fn join(&self) -> String {
        let part = |open: &Open| match open {
            Open::List { next } => next.saturating_sub(1).to_string(),
            Open::Map { key } => key.clone().unwrap_or_default(),
        };
        self.open.iter().map(part).collect::<Vec<_>>().join("/")
    }
}
