//! What a text must have in it for an expression to be found there.
//!
//! Most words of a command are not what a rule looks for, and have not the pieces of plain text that its expression
//! cannot do without, or not one of the bytes: `(^|/)\.env$` needs `.env`, so a `v`. These are found out when the rule
//! is compiled into the program, so at run time a look at a word rules most expressions out before they are compiled.

use regex_automata::util::syntax;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Serialize};

use crate::glob::Text;
use crate::glob::pairs::Pairs;

/// What a text has, if an expression is found in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// Bytes of which it has at least one; none are known where there are none.
    bytes: Vec<u8>,
    /// Pairs of bytes of which it has all, of one of these at least; none are known where there are none.
    pairs: Vec<Pairs>,
}

/// More bytes than these rule little out.
const MOST: usize = 24;

/// More ways to match than these are not told apart.
const MOST_WAYS: usize = 64;

impl Needs {
    /// Finds out what an expression needs.
    pub fn of(expression: &str) -> Self {
        let bytes = syntax::Config::new().unicode(false).utf8(false);
        let Ok(parsed) = syntax::parse_with(expression, &bytes) else { return Self::default() };
        let mut pairs = ways(&parsed);
        if pairs.contains(&Pairs::default()) {
            pairs.clear();
        }
        Self { bytes: needed(&parsed).unwrap_or_default(), pairs }
    }

    /// Returns whether a text has what is needed.
    pub fn are_met_by(&self, text: &Text<'_>) -> bool {
        let has_pairs = || {
            let pairs = text.pairs();
            self.pairs.iter().any(|needed| needed.are_in(pairs))
        };
        let has_byte = || text.as_str().bytes().any(|byte| self.bytes.contains(&byte));
        (self.pairs.is_empty() || has_pairs()) && (self.bytes.is_empty() || has_byte())
    }
}

/// Returns the pairs in each way to match an expression.
fn ways(expression: &Hir) -> Vec<Pairs> {
    match expression.kind() {
        HirKind::Literal(literal) => vec![Pairs::within(&literal.0)],
        HirKind::Capture(group) => ways(&group.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => ways(&repeated.sub),
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) | HirKind::Repetition(_) => {
            vec![Pairs::default()]
        }
        HirKind::Concat(parts) => parts.iter().fold(vec![Pairs::default()], |before, part| {
            let after = ways(part);
            if before.len() * after.len() > MOST_WAYS {
                return before;
            }
            before.iter().flat_map(|before| after.iter().map(|after| before.and(*after))).collect()
        }),
        HirKind::Alternation(all) => {
            let all: Vec<Pairs> = all.iter().flat_map(ways).collect();
            if all.len() > MOST_WAYS { vec![Pairs::default()] } else { all }
        }
    }
}

/// Returns bytes one of which is in whatever an expression matches, the rarer the better.
fn needed(expression: &Hir) -> Option<Vec<u8>> {
    let bytes = match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => None,
        HirKind::Literal(literal) => {
            literal.0.iter().copied().min_by_key(|byte| commonness(*byte)).map(|byte| vec![byte])
        }
        HirKind::Class(class) => in_class(class),
        HirKind::Repetition(repeated) => (repeated.min > 0).then(|| needed(&repeated.sub)).flatten(),
        HirKind::Capture(group) => needed(&group.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(needed).min_by_key(|bytes| all(bytes)),
        HirKind::Alternation(ways) => {
            let ways: Option<Vec<Vec<u8>>> = ways.iter().map(needed).collect();
            ways.map(|ways| ways.concat())
        }
    };
    let mut bytes = bytes?;
    bytes.sort_unstable();
    bytes.dedup();
    (bytes.len() <= MOST).then_some(bytes)
}

/// Returns the bytes of a class of few.
fn in_class(class: &Class) -> Option<Vec<u8>> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        Class::Unicode(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
    };
    let mut bytes = Vec::new();
    for (first, last) in ranges {
        // Beyond ASCII a character is not one byte.
        if last > 0x7f || (last - first) as usize >= MOST {
            return None;
        }
        bytes.extend((first..=last).filter_map(|byte| u8::try_from(byte).ok()));
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// Returns how much of what people write has one of these bytes, on a scale of its own.
fn all(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| commonness(*byte)).sum()
}

/// Returns how common a byte is in the words of commands, on a scale of its own.
const fn commonness(byte: u8) -> u32 {
    match byte {
        b' ' | b'e' | b't' | b'a' | b'o' | b's' | b'i' | b'n' | b'r' | b'.' => 12,
        b'l' | b'c' | b'd' | b'p' | b'm' | b'u' | b'-' => 9,
        // Most rules are about paths, and most paths have one.
        b'/' => 7,
        b'h' | b'f' | b'g' | b'b' | b'0'..=b'9' => 6,
        b'y' | b'w' | b'v' | b'k' | b'_' => 4,
        b'j' | b'q' | b'x' | b'z' | b':' | b'=' | b'A'..=b'Z' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;
    use proptest::prelude::*;

    #[track_caller]
    fn check(expression: &str, expect: &str) {
        assert_eq!(String::from_utf8_lossy(&Needs::of(expression).bytes), expect, "{expression}");
    }

    #[test]
    fn the_rarest_byte_is_needed() {
        check(r"(^|/)\.env(\.local)?$", "v");
        check("^/etc/passwd$", "w");
        check("(?i)drop", "Dd");
        check("a*|b", "");
        check("x?y+", "y");
        check("[/*]{2}z|(q)", "qz");
        check("[^/]+", "");
        check("^$", "");
        check("(", "");
        check("(?u:[é-ü])x", "x");
    }

    #[test]
    fn one_of_the_plain_pieces_is_needed() {
        let check = |expression: &str, text: &str, expect: bool| {
            assert_eq!(Needs::of(expression).are_met_by(&Text::new(text)), expect, "{expression} {text}");
        };
        check(r"(^|/)\.env$", "src/.env", true);
        check(r"(^|/)\.env$", "save.en", false);
        check("(drop|delete) (table|schema)", "delete schema", true);
        check("(drop|delete) (table|schema)", "delete rows", false);
        check("(drop)?a", "a", true);
        check("(drop){2}", "dr op", false);
    }

    proptest! {
        /// Whatever an expression is found in has what it needs.
        #[test]
        fn what_is_found_is_needed(expression in r"[ab/.]{0,3}(\(([ab]{1,2}\|[b/]{1,2})\)[?*+]?|\[[ab/]{1,2}\][?*+]?|\(\?i:[ab]{1,2}\)){0,3}[ab$]{0,2}", text in "[abAB/.]{0,8}") {
            let Ok(compiled) = Expression::new(&expression) else { return Ok(()) };
            let needs = Needs::of(&expression);
            prop_assert!(!compiled.is_in(&text) || needs.are_met_by(&Text::new(&text)), "{expression} {text}");
        }

        /// Every expression of the built-in rules that is found in a text needs something that is in it.
        #[test]
        fn rules_expressions_too(text in "[-a-z0-9_./ =:~A-Z*]{0,24}") {
            for pattern in patterns() {
                let (expression, needs) = pattern;
                let met = needs.are_met_by(&Text::new(&text));
                prop_assert!(!expression.is_in(&text) || met, "{expression:?} {text}");
            }
        }
    }

    /// Some expressions of the built-in rules.
    fn patterns() -> &'static [(Expression, Needs)] {
        use std::sync::OnceLock;
        static FOUND: OnceLock<Vec<(Expression, Needs)>> = OnceLock::new();
        FOUND.get_or_init(|| {
            let book = crate::rulebook::Rulebook::builtin();
            let rules = book.all_rules();
            let operands = rules.iter().flat_map(|rule| &rule.rule.when).flat_map(|clause| &clause.operand);
            let texts = operands.filter_map(|pattern| pattern.as_ref().strip_prefix('~'));
            texts.filter_map(|text| Some((Expression::new(text).ok()?, Needs::of(text)))).collect()
        })
    }
}
