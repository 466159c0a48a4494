//! Globs against text that may be partly unknown, with three-valued answers.
//!
//! `*` and `?` cross anything in a text pattern; in a path pattern they stay within a segment and
//! `**` does not. `[…]` is a set, `{a,b}` alternatives, `\` takes the next character as it is.

pub mod pairs;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::pairs::Pairs;
use crate::alternatives::alternatives;
use crate::truth::Truth;
use crate::unknown::{is_known, is_mark};

/// A longer pattern or text counts as possibly matching without being looked at.
const LONGEST: usize = 16 * 1024;

/// A glob of a rule, with what rules out most texts at one look.
#[derive(Clone, Debug, Default)]
pub struct Glob {
    pattern: String,
    needed: Pairs,
    /// What it stands for, where it has alternatives; nothing where they would be too many.
    spelled: OnceLock<Option<Vec<Glob>>>,
}

impl Glob {
    fn new(needed: Pairs, pattern: String) -> Self {
        Self { pattern, needed, spelled: OnceLock::new() }
    }

    /// Returns whether the whole of `text` matches, where `*` crosses slashes.
    pub fn matches(&self, text: &Text<'_>) -> Truth {
        self.whole(text, false)
    }

    /// Returns whether the whole of `text` matches, where `*` stays between slashes.
    pub fn matches_path(&self, text: &Text<'_>) -> Truth {
        self.whole(text, true)
    }

    fn whole(&self, text: &Text<'_>, path: bool) -> Truth {
        if !self.may_match(text) {
            return Truth::No;
        }
        if !self.pattern.contains('{') || self.pattern.len() > LONGEST || text.as_str().len() > LONGEST {
            return any_alternative(&self.pattern, text.as_str(), path);
        }
        let spell = || Some(alternatives(&self.pattern)?.into_iter().map(Self::from).collect());
        let Some(all) = self.spelled.get_or_init(spell) else { return Truth::Possible };
        let may_match = all.iter().filter(|one| one.may_match(text));
        may_match.map(|one| whole(&one.pattern, text.as_str(), path)).fold(Truth::No, Truth::or)
    }

    /// Returns whether `text` has what every text has that it matches, `~/` standing for any directory.
    pub fn may_match(&self, text: &Text<'_>) -> bool {
        self.needed.are_in(text.pairs())
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }
}

impl From<String> for Glob {
    fn from(pattern: String) -> Self {
        Self::new(Pairs::needed(&pattern), pattern)
    }
}

/// The glob as it is written.
impl Deref for Glob {
    type Target = str;

    fn deref(&self) -> &str {
        &self.pattern
    }
}

impl AsRef<str> for Glob {
    fn as_ref(&self) -> &str {
        self
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// In the compact form, what it needs stands behind it.
impl Serialize for Glob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return self.pattern.serialize(serializer);
        }
        (&self.pattern, self.needed).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Glob {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            return String::deserialize(from).map(Self::from);
        }
        let (pattern, needed) = Deserialize::deserialize(from)?;
        Ok(Self::new(needed, pattern))
    }
}

/// A text that is held against many globs.
pub struct Text<'t> {
    text: Cow<'t, str>,
    pairs: OnceCell<Pairs>,
}

impl<'t> Text<'t> {
    /// Returns a text.
    pub fn new(text: impl Into<Cow<'t, str>>) -> Self {
        Self { text: text.into(), pairs: OnceCell::new() }
    }

    /// Returns the text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the pairs of bytes that it has.
    pub fn pairs(&self) -> Pairs {
        *self.pairs.get_or_init(|| Pairs::of(&self.text))
    }
}

/// Returns whether the whole of `text` matches `pattern`, where `*` crosses slashes.
pub fn matches(pattern: &str, text: &str) -> Truth {
    any_alternative(pattern, text, false)
}

/// Returns whether the whole of `text` matches `pattern`, where `*` stays between slashes.
pub fn matches_path(pattern: &str, text: &str) -> Truth {
    any_alternative(pattern, text, true)
}

fn any_alternative(pattern: &str, text: &str, path: bool) -> Truth {
    if text.len() > LONGEST || pattern.len() > LONGEST {
        return Truth::Possible;
    }
    if ends_differ(pattern.as_bytes(), text.as_bytes()) {
        return Truth::No;
    }
    if !pattern.as_bytes().contains(&b'{') {
        return whole(pattern, text, path);
    }
    // A pattern with too many alternatives is not evaluated.
    let Some(all) = alternatives(pattern) else { return Truth::Possible };
    all.iter().map(|pattern| whole(pattern, text, path)).fold(Truth::No, Truth::or)
}

/// Returns whether a text already differs in the plain characters that a pattern begins or ends with. A path is
/// compared with a hundred patterns, and nearly all of them are ruled out here.
fn ends_differ(pattern: &[u8], text: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
    // Behind a mark anything may follow.
    let compared = |(wanted, found): &(&u8, &u8)| is_plain(wanted) && found.is_ascii();
    let differ = |(wanted, found): (&u8, &u8)| wanted != found;
    let at_the_end = || pattern.iter().rev().zip(text.iter().rev()).take_while(compared).any(differ);
    // What stands behind a bracket may belong to a set that nothing closes.
    pattern.iter().zip(text).take_while(compared).any(differ) || at_the_end() && !pattern.contains(&b'[')
}

/// Matches a pattern without alternatives.
fn whole(pattern: &str, text: &str, path: bool) -> Truth {
    if let Some(found) = at_its_ends(pattern, text, path) {
        return found;
    }
    let text: Vec<char> = text.chars().collect();
    one(&tokens(pattern, path), &text)
}

/// Compares the plain text that a pattern begins and ends with; `None` where more is to be looked at. Nearly all
/// patterns of all rules end here.
fn at_its_ends(pattern: &str, text: &str, path: bool) -> Option<Truth> {
    let special = |byte: u8| matches!(byte, b'*' | b'?' | b'[' | b']' | b'\\');
    let first = pattern.bytes().position(special);
    let last = pattern.bytes().rposition(special);
    let (head, tail) = match (first, last) {
        // A set that nothing closes takes all the rest.
        (Some(first), _) if !closes_sets(pattern) => (&pattern[..first], ""),
        (Some(first), Some(last)) => (&pattern[..first], &pattern[last + 1..]),
        _ => (pattern, pattern),
    };
    if is_known(text) {
        let (Some(first), Some(last)) = (first, last) else {
            return Some(Truth::certain_if(text == pattern));
        };
        let Some(between) = text.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)) else {
            return Some(Truth::No);
        };
        let runs = pattern.get(first..=last).filter(|_| !pattern.contains(['?', '[', ']', '\\']))?;
        // What stands between the runs is there in its order, or nothing matches.
        let mut rest = between;
        for part in runs.split('*').filter(|part| !part.is_empty()) {
            let Some((_, behind)) = rest.split_once(part) else { return Some(Truth::No) };
            rest = behind;
        }
        let stays = path && between.contains('/');
        return (!stays || runs == "*").then_some(Truth::certain_if(!stays));
    }
    let start = text.split(is_mark).next().unwrap_or_default();
    let end = text.rsplit(is_mark).next().unwrap_or_default();
    let begins = start.starts_with(head) || head.starts_with(start);
    let ends = end.ends_with(tail) || tail.ends_with(end);
    (!(begins && ends)).then_some(Truth::No)
}

/// Returns whether the last set of a pattern is closed for sure.
fn closes_sets(pattern: &str) -> bool {
    match (pattern.rfind('['), pattern.rfind(']')) {
        (None, _) => true,
        // `[]…` and `[!]…` go on.
        (Some(open), Some(close)) => close > open + 2 && !pattern.contains('\\'),
        (Some(_), None) => false,
    }
}

#[derive(Debug, PartialEq)]
enum Token {
    Char(char),
    /// One character, but no slash where `stays`.
    One {
        stays: bool,
    },
    /// Any run of characters, without slashes where `stays`.
    Run {
        stays: bool,
    },
    /// One of a set of ranges, or none of them.
    Set {
        ranges: Vec<(char, char)>,
        none: bool,
    },
}

impl Token {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Char(wanted) => *wanted == c,
            Self::One { stays } | Self::Run { stays } => !(*stays && c == '/'),
            Self::Set { ranges, none } => ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *none,
        }
    }
}

fn tokens(pattern: &str, path: bool) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        tokens.push(match c {
            '*' if rest.peek() == Some(&'*') => {
                while rest.next_if_eq(&'*').is_some() {}
                Token::Run { stays: false }
            }
            '*' => Token::Run { stays: path },
            '?' => Token::One { stays: path },
            '\\' => Token::Char(rest.next().unwrap_or('\\')),
            '[' => set(&mut rest),
            other => Token::Char(other),
        });
    }
    tokens
}

fn set(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Token {
    let none = rest.next_if(|c| matches!(c, '!' | '^')).is_some();
    let mut ranges = Vec::new();
    while let Some(from) = rest.next() {
        if from == ']' && !ranges.is_empty() {
            break;
        }
        if rest.next_if_eq(&'-').is_some() {
            match rest.next() {
                Some(']') | None => {
                    ranges.extend([(from, from), ('-', '-')]);
                    break;
                }
                Some(to) => ranges.push((from, to)),
            }
        } else {
            ranges.push((from, from));
        }
    }
    Token::Set { ranges, none }
}

/// Runs the pattern as a state machine over the text. A state is a place in the pattern with the
/// surest way that led there; a mark in the text may stand for anything, so it behaves like `**`.
fn one(pattern: &[Token], text: &[char]) -> Truth {
    let mut states = vec![Truth::No; pattern.len() + 1];
    states[0] = Truth::Certain;
    let mut next = states.clone();
    skip_runs(pattern, &mut states);
    for &c in text {
        if states.iter().all(|state| *state == Truth::No) {
            return Truth::No;
        }
        next.fill(Truth::No);
        if is_mark(c) {
            // From every state onwards every later state can be reached.
            let mut seen = Truth::No;
            for (at, state) in states.iter().enumerate() {
                seen = seen.or(*state);
                let all_runs =
                    matches!(pattern.get(at), Some(Token::Run { stays: false })) && *state == Truth::Certain;
                next[at] = if all_runs { Truth::Certain } else { seen.and(Truth::Possible) };
            }
        } else {
            for (at, token) in pattern.iter().enumerate() {
                if states[at] == Truth::No || !token.takes(c) {
                    continue;
                }
                let to = if matches!(token, Token::Run { .. }) { at } else { at + 1 };
                next[to] = next[to].or(states[at]);
            }
        }
        skip_runs(pattern, &mut next);
        std::mem::swap(&mut states, &mut next);
    }
    states[pattern.len()]
}

/// A run may be empty.
fn skip_runs(pattern: &[Token], states: &mut [Truth]) {
    for (at, token) in pattern.iter().enumerate() {
        if matches!(token, Token::Run { .. }) {
            states[at + 1] = states[at + 1].or(states[at]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::unknown::UNKNOWN;

    fn check(pattern: &str, text: &str, expect: Truth) {
        assert_eq!(matches(pattern, text), expect, "{pattern} against {text:?}");
    }

    #[test]
    fn plain_globs() {
        check("volume*", "volumes", Truth::Certain);
        check("volume?", "volume", Truth::No);
        check("ns/*", "ns/prod", Truth::Certain);
        check("{a,b}c", "bc", Truth::Certain);
        check("[a-c]x", "bx", Truth::Certain);
        check("[!a-c]x", "bx", Truth::No);
        check("a\\*", "a*", Truth::Certain);
        check("", "", Truth::Certain);
        check("+*", "+main:main", Truth::Certain);
        check("*.db", "app.db", Truth::Certain);
        check("*.db", ".db", Truth::Certain);
        check("a*a", "a", Truth::No);
        check("aa", "aaa", Truth::No);
        check("*[ab", "xb", Truth::Certain);
        check("*\\*", "x*", Truth::Certain);
        check("\\a", "a", Truth::Certain);
        check("*[a", "xa", Truth::Certain);
        check("{a,b}*", "bc", Truth::Certain);
        check("a", "é", Truth::No);
        check("*a*b*", "xaxbx", Truth::Certain);
        check("*a*b*", "xbxax", Truth::No);
        check("*/.x.{a,b}", "/h/.x.b", Truth::Certain);
        check("*/.x.{a,b}", "/h/.xb", Truth::No);
        check("a{b", "a{b", Truth::Certain);
    }

    #[test]
    fn unknown_stretches_may_be_anything() {
        check("prod-*", &format!("prod-{UNKNOWN}"), Truth::Certain);
        check("main", &format!("{UNKNOWN}"), Truth::Possible);
        check("main", &format!("ma{UNKNOWN}"), Truth::Possible);
        check("main", &format!("x{UNKNOWN}"), Truth::No);
        check("*.db", &format!("{UNKNOWN}.sql"), Truth::No);
        check("*.db", &format!("{UNKNOWN}b"), Truth::Possible);
        check("*.db", &format!("a.{UNKNOWN}"), Truth::Possible);
        check("*", &format!("{UNKNOWN}"), Truth::Certain);
        check("**", &format!("a{UNKNOWN}"), Truth::Certain);
    }

    #[test]
    fn path_globs_stay_within_a_segment() {
        let path = |pattern: &str, text: &str| matches_path(pattern, text);
        assert_eq!(path("/v1/apps/*", "/v1/apps/x"), Truth::Certain);
        assert_eq!(path("/v1/apps/*", "/v1/apps/x/volumes"), Truth::No);
        assert_eq!(path("/v1/**", "/v1/apps/x/volumes"), Truth::Certain);
        assert_eq!(path("/v1/apps/*", &format!("/v1/{UNKNOWN}")), Truth::Possible);
    }

    proptest! {
        #[test]
        fn what_is_ruled_out_does_not_match(
            pattern in r"([ab/]{1,3}|\*|\?|\[!?[ab]{1,2}\]?|\{[ab]{0,2}(,[ab]{0,2})?\}?|\\[ab*]){0,5}",
            text in "[ab/*\u{F0000}]{0,8}",
        ) {
            let glob = Glob::from(pattern.clone());
            let text = Text::new(text);
            prop_assert_eq!(glob.matches(&text), matches(&pattern, text.as_str()));
            prop_assert_eq!(glob.matches_path(&text), matches_path(&pattern, text.as_str()));
        }

        #[test]
        fn the_ends_decide_as_the_whole_does(
            pattern in r"[ab/*?\[\]\\!-]{0,6}",
            text in "[ab/*\u{F0000}]{0,6}",
            path: bool,
        ) {
            let characters: Vec<char> = text.chars().collect();
            let whole = one(&tokens(&pattern, path), &characters);
            if let Some(found) = at_its_ends(&pattern, &text, path) {
                prop_assert_eq!(found, whole);
            }
            prop_assert!(!ends_differ(pattern.as_bytes(), text.as_bytes()) || whole == Truth::No);
        }
    }
}
