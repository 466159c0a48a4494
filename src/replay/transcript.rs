//! Agents' transcripts, by what is known of them in `shims/agents/*.yaml`: an entry a line, or one document with a
//! list of entries.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::path::PathBuf;
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::lines::{self, Unread};
use super::{Past, Take};
use crate::agents;
use crate::agents::file::Transcript;
use crate::entry::agent;

/// Returns what is known of all agents' transcripts.
pub(super) fn known() -> Vec<Transcript> {
    agents::all().flat_map(|agent| agent.transcripts).collect()
}

/// Reads the commands of a transcript that has an entry a line.
pub(super) fn entries(from: impl BufRead, take: &mut Take<'_>) -> io::Result<()> {
    let mut reader = Reader::new();
    lines::each(from, |number, line| match line.map(serde_json::from_slice) {
        Some(Ok(entry)) => reader.entry(&entry, number, take),
        Some(Err(_)) if line.is_some_and(|line| line.iter().all(u8::is_ascii_whitespace)) => {}
        _ => take(Err(Unread)),
    })
}

/// Reads the commands of a transcript that is one document, entry by entry.
pub(super) fn document(from: impl BufRead, take: &mut Take<'_>) -> io::Result<()> {
    let mut reader = Reader::new();
    let lists: Vec<String> = reader.known.iter().filter_map(|known| known.entries.clone()).collect();
    let line = Rc::new(Cell::new(1));
    let counted = Counted { from, line: Rc::clone(&line) };
    let mut document = serde_json::Deserializer::from_reader(counted);
    let mut entry = |value: &Value| reader.entry(value, line.get(), take);
    let walk = Walk { lists: &lists, here: String::new(), entry: &mut entry };
    walk.deserialize(&mut document).map_err(io::Error::from)
}

/// Reads entries one after the other.
struct Reader {
    known: Vec<Transcript>,
    /// The directory that was named last.
    cwd: Option<PathBuf>,
}

impl Reader {
    fn new() -> Self {
        Self { known: known(), cwd: None }
    }

    fn entry(&mut self, entry: &Value, line: u64, take: &mut Take<'_>) {
        for known in &self.known {
            let told = known.cwd.iter().find_map(|place| agent::text_at(entry, place));
            if let Some(cwd) = told.map(PathBuf::from).filter(|cwd| cwd.is_absolute()) {
                self.cwd = Some(cwd);
            }
            let calls: Vec<&Value> = match &known.each {
                None => vec![entry],
                Some(place) => entry.pointer(place).and_then(Value::as_array).into_iter().flatten().collect(),
            };
            let mut is_known = false;
            for call in calls {
                let Some((forms, cwd)) = agent::call(call, &known.calls) else { continue };
                is_known = true;
                let cwd =
                    cwd.map_or(self.cwd.clone(), |cwd| Some(self.cwd.clone().unwrap_or_default().join(cwd)));
                let cwd = cwd.filter(|cwd| cwd.is_absolute());
                for form in forms {
                    take(Ok(Past { form, cwd: cwd.clone(), line }));
                }
            }
            if is_known {
                return;
            }
        }
    }
}

/// A reader that counts lines.
struct Counted<R> {
    from: R,
    line: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // It is read one byte at a time; the reader behind it has a buffer.
        let count = self.from.read(buffer)?;
        let newlines = buffer.iter().take(count).filter(|byte| **byte == b'\n').count();
        self.line.set(self.line.get() + newlines as u64);
        Ok(count)
    }
}

/// Walks down a document to the lists of entries, and holds one entry at a time.
struct Walk<'w> {
    lists: &'w [String],
    here: String,
    entry: &'w mut dyn FnMut(&Value),
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        let leads_on = |list: &String| list.starts_with(&self.here);
        if self.lists.iter().any(leads_on) {
            from.deserialize_any(self)
        } else {
            from.deserialize_ignored_any(IgnoredAny).map(|_| ())
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a transcript")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let here = format!("{}/{key}", self.here);
            map.next_value_seed(Walk { lists: self.lists, here, entry: self.entry })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let is_list = self.lists.contains(&self.here);
        loop {
            if is_list {
                let Some(entry) = list.next_element::<Value>()? else { return Ok(()) };
                (self.entry)(&entry);
            } else if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
