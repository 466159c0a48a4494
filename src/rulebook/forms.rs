//! The short forms of the rule format: a list of one may be written as its only item, and so on.
//!
//! Every function reads the short form only from YAML; the compact form between build and run is
//! always the long one.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::format::{CallClause, PathKind, Runs, SqlClause};

pub fn one_or_many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Vec::deserialize(from)
}

pub fn spellings<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    BTreeMap::deserialize(from)
}

pub fn lists<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Vec<PathKind>>, D::Error> {
    BTreeMap::deserialize(from)
}

pub fn places<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<u8, Vec<String>>, D::Error> {
    BTreeMap::deserialize(from)
}

pub fn runs<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Runs>, D::Error> {
    Option::deserialize(from)
}

pub fn sql_clause<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SqlClause>, D::Error> {
    Option::deserialize(from)
}

pub fn call_clause<'de, D: Deserializer<'de>>(from: D) -> Result<Option<CallClause>, D::Error> {
    Option::deserialize(from)
}
