//! The subcommands of a program: it has a hundred of them, and a script names the same few again and again.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::format::Subcommand;
use super::packed::Packed;

/// Subcommands by their words.
#[derive(Debug, Default)]
pub struct Commands {
    all: BTreeMap<String, Packed<Subcommand>>,
    /// The words of those that a first word leads to, as far as that was asked.
    led_to: Mutex<BTreeMap<String, Arc<[String]>>>,
}

impl Commands {
    /// Returns the subcommands to which the word leads that a command line begins with; `leads` tells whether it leads
    /// to one, and must tell the same whenever it is asked.
    pub fn led_to(
        &self,
        word: &str,
        leads: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = (&String, &Packed<Subcommand>)> {
        let mut known = self.led_to.lock().unwrap_or_else(PoisonError::into_inner);
        let words = known.get(word).cloned().unwrap_or_else(|| {
            let words: Arc<[String]> = self.all.keys().filter(|words| leads(words)).cloned().collect();
            known.insert(word.to_owned(), Arc::clone(&words));
            words
        });
        drop(known);
        (0..words.len()).filter_map(move |at| self.all.get_key_value(&words[at]))
    }
}

impl Deref for Commands {
    type Target = BTreeMap<String, Packed<Subcommand>>;

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl Clone for Commands {
    fn clone(&self) -> Self {
        Self { all: self.all.clone(), led_to: Mutex::default() }
    }
}

impl PartialEq for Commands {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

impl Serialize for Commands {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.all.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Commands {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(from).map(|all| Self { all, led_to: Mutex::default() })
    }
}
