//! What a text must have in it for a pattern to match it.

use serde::{Deserialize, Serialize};

use crate::unknown::is_known;

/// A longer text has nearly every pair.
const LONGEST: usize = 256;

/// Pairs of neighbouring bytes, as a set of 64 kinds of pairs: a set that has one may have it from another pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairs(u64);

impl Pairs {
    /// Returns the pairs that a text has: any, where it is not known what it has.
    pub fn of(text: &str) -> Self {
        if text.len() > LONGEST || !is_known(text) {
            return Self(u64::MAX);
        }
        Self::within(text.as_bytes())
    }

    /// Returns the pairs that are in every text that a glob matches.
    pub fn needed(glob: &str) -> Self {
        let mut pairs = Self::default();
        // `~/x` matches `x` below the home directory.
        let mut rest = glob.strip_prefix('~').unwrap_or(glob);
        loop {
            let end = rest.find(['*', '?', '{', '[', '\\']).unwrap_or(rest.len());
            let (plain, special) = rest.split_at(end);
            pairs = pairs.and(Self::within(plain.as_bytes()));
            rest = match special.as_bytes().first() {
                Some(b'*' | b'?') => &special[1..],
                Some(b'{') => match special.split_once('}') {
                    Some((_, behind)) => behind,
                    None => return pairs,
                },
                // Where a set ends is told by what reads it.
                _ => return pairs,
            };
        }
    }

    /// Returns whether another set has all of these.
    pub fn are_in(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Returns these and others.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the pairs in a piece of plain text.
    pub fn within(text: &[u8]) -> Self {
        // Neighbouring letters are spread over all kinds (Knuth's multiplicative hashing).
        let kind =
            |pair: &[u8]| (u32::from(pair[0]) << 8 | u32::from(pair[1])).wrapping_mul(0x9e37_79b1) >> 26;
        Self(text.windows(2).fold(0, |found, pair| found | 1 << kind(pair)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unknown::UNKNOWN;

    #[track_caller]
    fn check(glob: &str, text: &str, expect: bool) {
        assert_eq!(Pairs::needed(glob).are_in(Pairs::of(text)), expect, "{glob} {text}");
    }

    #[test]
    fn plain_pieces_must_be_there() {
        check("*/.ssh/id_*[!b]", "/home/me/.ssh/id_rsa", true);
        check("*/.ssh/id_*[!b]", "/home/me/build/17", false);
        check("**/.env.{local,prod}", "src/.env.local", true);
        check("**/.env.{local,prod}", "src/env.local", false);
        check("a*b?c", "abc", true);
        check("", "", true);
        check("[ab]cd", "x", true);
        check("a{bc", "a", true);
        check("~/.ssh/*", "/root/.ssh/id", true);
    }

    #[test]
    fn what_is_not_known_may_have_them() {
        check("**/.env", &format!("x{UNKNOWN}"), true);
        check("**/.env", &"x".repeat(LONGEST + 1), true);
    }
}
