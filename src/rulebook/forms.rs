//! The short forms of the rule format: a list of one may be written as its only item, and so on.
//!
//! Every function reads the short form only from YAML; the compact form between build and run is
//! always the long one.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::format::{CallClause, Runs, SqlClause};
use crate::glob::Glob;

/// Reads a list; in YAML one item may stand for a list of one.
pub fn one_or_many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    if from.is_human_readable() {
        from.deserialize_any(OneOrMany(PhantomData))
    } else {
        Vec::deserialize(from)
    }
}

/// Reads what a program runs; `operands` stands for `{operands_from: 1}`.
pub fn runs<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<Runs>>, D::Error> {
    short_or_long(from).map(|runs| runs.map(Box::new))
}

/// Reads a condition on SQL; statements alone stand for `{statement: …}`.
pub fn sql_clause<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SqlClause>, D::Error> {
    short_or_long(from)
}

/// Reads a condition on calls; names alone stand for `{name: …}`.
pub fn call_clause<'de, D: Deserializer<'de>>(from: D) -> Result<Option<CallClause>, D::Error> {
    short_or_long(from)
}

/// A value that YAML may spell shorter than its fields.
trait ShortForm: Sized {
    /// What is expected, for messages.
    const EXPECTED: &'static str;

    /// Returns the value that a list of words (or one word) stands for.
    fn from_words(words: Vec<String>) -> Option<Self>;
}

impl ShortForm for Runs {
    const EXPECTED: &'static str = "`operands` or a map such as `{operands_from: 2}`";

    fn from_words(words: Vec<String>) -> Option<Self> {
        (words == ["operands"]).then(|| Self { operands_from: Some(1), ..Self::default() })
    }
}

impl ShortForm for SqlClause {
    const EXPECTED: &'static str = "a statement, a list of statements, or a map with `statement`";

    fn from_words(words: Vec<String>) -> Option<Self> {
        Some(Self { statement: words, ..Self::default() })
    }
}

impl ShortForm for CallClause {
    const EXPECTED: &'static str = "a name, a list of names, or a map with `name`";

    fn from_words(words: Vec<String>) -> Option<Self> {
        Some(Self { name: words.into_iter().map(Glob::from).collect(), ..Self::default() })
    }
}

fn short_or_long<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: ShortForm + Deserialize<'de>,
{
    if from.is_human_readable() {
        from.deserialize_any(ShortOrLong(PhantomData)).map(Some)
    } else {
        Option::deserialize(from)
    }
}

/// Reads a map of lists, each of which may be its only item.
pub fn lists<'de, D, K, T>(from: D) -> Result<BTreeMap<K, Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord,
    T: Deserialize<'de>,
{
    if !from.is_human_readable() {
        return BTreeMap::deserialize(from);
    }
    let lists: BTreeMap<K, List<T>> = BTreeMap::deserialize(from)?;
    Ok(lists.into_iter().map(|(key, List(items))| (key, items)).collect())
}

/// A list within a map, where `deserialize_with` cannot reach.
struct List<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        one_or_many(from).map(List)
    }
}

/// The message for a word that YAML takes for something else.
fn bare<E: Error>(what: impl fmt::Display) -> E {
    E::custom(format_args!("{what} is not text to YAML: put quotes around it"))
}

struct OneOrMany<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one word or a list of words")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
        T::deserialize(word.into_deserializer()).map(|item| vec![item])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Err(bare("a bare yes, no, on, off, true or false"))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Err(bare(format_args!("`{value}`")))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Err(bare(format_args!("`{value}`")))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Err(bare(format_args!("`{value}`")))
    }
}

struct ShortOrLong<T>(PhantomData<T>);

impl<'de, T: ShortForm + Deserialize<'de>> Visitor<'de> for ShortOrLong<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<T, E> {
        T::from_words(vec![word.to_owned()])
            .ok_or_else(|| E::custom(format_args!("expected {}, not `{word}`", T::EXPECTED)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T, A::Error> {
        let words = OneOrMany(PhantomData).visit_seq(items)?;
        T::from_words(words).ok_or_else(|| A::Error::custom(format_args!("expected {}", T::EXPECTED)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}
