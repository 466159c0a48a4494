//! A sorted table of bytes by bytes, to be read where it lies.
//!
//! The compiled rulebook is one such table inside the program. Nothing of it is decoded, moved or
//! checked at start-up: a lookup is a binary search that touches a few dozen bytes, so its cost does
//! not grow with the number of packs in any way that could be measured. The reader checks every
//! bound and takes what it cannot read for absent; it never panics, whatever the bytes are.
//!
//! Layout, all numbers little-endian `u32`: the magic; the number of entries; for each entry in the
//! order of the keys four numbers (key start, key end, value start, value end, counted from the
//! beginning of the table); then keys and values. Equal values are stored once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// The first bytes of a table, with the version of the format.
const MAGIC: &[u8; 8] = b"guardbk1";
const HEADER: usize = MAGIC.len() + 4;
const ENTRY: usize = 16;

/// Returns the bytes of a table with these entries, or nothing if it would pass four gigabytes.
pub fn write(entries: &BTreeMap<String, Vec<u8>>) -> Option<Vec<u8>> {
    let mut directory = Vec::with_capacity(entries.len() * ENTRY);
    let mut keys = Vec::new();
    let mut values = Vec::new();
    let keys_start = HEADER + entries.len() * ENTRY;
    let values_start = keys_start + entries.keys().map(String::len).sum::<usize>();
    let mut known: HashMap<&[u8], usize> = HashMap::new();
    for (key, value) in entries {
        let key_start = keys_start + keys.len();
        keys.extend_from_slice(key.as_bytes());
        let value_start = *known.entry(value).or_insert_with(|| {
            let start = values_start + values.len();
            values.extend_from_slice(value);
            start
        });
        for number in [key_start, key_start + key.len(), value_start, value_start + value.len()] {
            directory.extend_from_slice(&u32::try_from(number).ok()?.to_le_bytes());
        }
    }
    let count = u32::try_from(entries.len()).ok()?.to_le_bytes();
    Some([MAGIC, &count[..], &directory, &keys, &values].concat())
}

/// A table that is read in place.
#[derive(Clone, Debug)]
pub struct Table {
    bytes: Cow<'static, [u8]>,
}

impl Table {
    /// Returns the table in `bytes`; its content is looked at only when asked for.
    pub const fn in_place(bytes: &'static [u8]) -> Self {
        Self { bytes: Cow::Borrowed(bytes) }
    }

    /// Returns a table that owns its bytes.
    pub const fn owned(bytes: Vec<u8>) -> Self {
        Self { bytes: Cow::Owned(bytes) }
    }

    /// Returns the number of entries: none where the bytes are no table.
    pub fn len(&self) -> usize {
        if !self.bytes.starts_with(MAGIC) {
            return 0;
        }
        let claimed = self.number(MAGIC.len()).unwrap_or(0);
        claimed.min(self.bytes.len().saturating_sub(HEADER) / ENTRY)
    }

    /// Returns the value of `key`.
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        let index = self.first_from(key);
        (self.key(index)? == key.as_bytes()).then(|| self.value(index))?
    }

    /// Returns the entries whose keys begin with `prefix`, in the order of the keys, each with the
    /// rest of its key.
    pub fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let entry = |index| Some((self.key(index)?, self.value(index)?));
        (self.first_from(prefix)..self.len()).map_while(entry).map_while(move |(key, value)| {
            let rest = key.strip_prefix(prefix.as_bytes())?;
            Some((std::str::from_utf8(rest).ok()?, value))
        })
    }

    /// Returns the index of the first entry whose key is not less than `key`.
    fn first_from(&self, key: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.key(middle).is_some_and(|found| found < key.as_bytes()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn key(&self, index: usize) -> Option<&[u8]> {
        self.span(index, 0)
    }

    fn value(&self, index: usize) -> Option<&[u8]> {
        self.span(index, 8)
    }

    /// Returns the bytes between the two numbers at `offset` within the directory's entry.
    fn span(&self, index: usize, offset: usize) -> Option<&[u8]> {
        if index >= self.len() {
            return None;
        }
        let at = HEADER + index * ENTRY + offset;
        self.bytes.get(self.number(at)?..self.number(at + 4)?)
    }

    fn number(&self, at: usize) -> Option<usize> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::*;

    fn entries() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
        proptest::collection::btree_map("[a-c ]{0,4}", proptest::collection::vec(any::<u8>(), 0..6), 0..40)
    }

    proptest! {
        #[test]
        fn finds_what_was_written(entries in entries(), other in "[a-c ]{0,4}") {
            let table = Table::owned(write(&entries).unwrap());
            prop_assert_eq!(table.len(), entries.len());
            for (key, value) in &entries {
                prop_assert_eq!(table.get(key), Some(value.as_slice()));
            }
            prop_assert_eq!(table.get(&other), entries.get(&other).map(Vec::as_slice));
        }

        #[test]
        fn lists_by_prefix(entries in entries(), prefix in "[a-c ]{0,2}") {
            let table = Table::owned(write(&entries).unwrap());
            let found: Vec<_> = table.with_prefix(&prefix).map(|(rest, value)| (rest.to_owned(), value.to_vec())).collect();
            let expected: Vec<_> = entries
                .iter()
                .filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?.to_owned(), value.clone())))
                .collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn never_panics_on_other_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), key in ".{0,8}") {
            for bytes in [bytes.clone(), [MAGIC, &bytes[..]].concat()] {
                let table = Table::owned(bytes);
                table.get(&key);
                prop_assert!(table.with_prefix(&key).count() <= table.len());
            }
        }

        #[test]
        fn never_panics_on_a_damaged_table(entries in entries(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = write(&entries).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let cut = Table::owned(bytes[..at].to_vec());
            let damaged = Table::owned(bytes);
            for key in entries.keys() {
                damaged.get(key);
                cut.get(key);
            }
            prop_assert!(damaged.with_prefix("").count() <= damaged.len());
        }
    }

    #[test]
    fn equal_values_are_stored_once() {
        let long = vec![7; 10_000];
        let two: BTreeMap<_, _> = [("rm".to_owned(), long.clone()), ("unlink".to_owned(), long)].into();
        assert!(write(&two).unwrap().len() < 11_000);
    }
}
