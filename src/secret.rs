//! Credentials in memory: shown by no `Debug`, and gone from it when they are dropped.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

/// The longest credential that guard keeps, in bytes.
pub const LONGEST: usize = 8 * 1024;

/// Credentials that were opened for one run, by the names under which guard keeps them.
#[derive(Default, PartialEq, Eq)]
pub struct Opened(BTreeMap<String, Zeroizing<Vec<u8>>>);

impl Opened {
    /// Adds a credential.
    pub fn add(&mut self, name: &str, credential: Zeroizing<Vec<u8>>) {
        self.0.insert(name.to_owned(), credential);
    }

    /// Returns a credential.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(|credential| credential.as_slice())
    }

    /// Returns both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Returns the first of these names that is not among them.
    pub fn lacks<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().find(|name| !self.0.contains_key(**name)).copied()
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_and_credentials_are_not() {
        let mut opened = Opened::default();
        opened.add("railway-prod", Zeroizing::new(b"s3cr3t".to_vec()));
        assert_eq!(format!("{opened:?}"), r#"{"railway-prod"}"#);
        assert_eq!(opened.lacks(&["railway-prod", "other"]), Some("other"));
    }
}
