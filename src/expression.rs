//! The regular expressions of packs, in the syntax of the crate `regex`.
//!
//! A rule looks at a few words with an expression, mostly once in the life of the process. So what counts
//! is what compiling costs: with what `regex` prepares for long searches it is five times as much. Left out
//! are its automata for long texts and the classes of Unicode: `\w`, `\s`, `\b` and `(?i)` know ASCII, and
//! `(?u:…)` turns Unicode on.

use regex_automata::meta::{Config, Regex};
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::syntax;

/// How large a compiled expression may get, in bytes.
const LARGEST: usize = 1 << 20;

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub struct Expression(Regex);

impl Expression {
    /// Compiles an expression.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with it, in a line.
    pub fn new(text: &str) -> Result<Self, String> {
        compile(text, WhichCaptures::None)
    }

    /// Compiles an expression of which a group is wanted.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with it, in a line; it must have exactly one group.
    pub fn with_group(text: &str) -> Result<Self, String> {
        let compiled = compile(text, WhichCaptures::All)?;
        match compiled.0.captures_len() {
            2 => Ok(compiled),
            _ => Err("it has not exactly one group".to_owned()),
        }
    }

    /// Returns whether it is found anywhere in `text`.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Returns what its group holds where it is first found in `text`.
    pub fn group<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut captures = self.0.create_captures();
        self.0.captures(text, &mut captures);
        text.get(captures.get_group(1)?.range())
    }
}

fn compile(text: &str, captures: WhichCaptures) -> Result<Expression, String> {
    let config = Config::new()
        .utf8_empty(false)
        .which_captures(captures)
        .hybrid(false)
        .dfa(false)
        .onepass(false)
        .auto_prefilter(false)
        .nfa_size_limit(Some(LARGEST));
    let bytes = syntax::Config::new().unicode(false).utf8(false);
    let built = Regex::builder().configure(config).syntax(bytes).build(text);
    built.map(Expression).map_err(|error| match error.syntax_error() {
        Some(syntax) => last_line(&syntax.to_string()),
        None => last_line(&error.to_string()),
    })
}

/// Returns what an error comes to: above, it draws the place in the expression.
fn last_line(error: &str) -> String {
    error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::unknown::UNKNOWN_WORDS;

    #[track_caller]
    fn check(expression: &str, text: &str, expect: bool) {
        assert_eq!(Expression::new(expression).unwrap().is_in(text), expect, "{expression} in {text}");
    }

    #[test]
    fn it_is_found_anywhere() {
        check("ro+t", "the rooot", true);
        check("^root$", "the root", false);
        check("(?i)^PROD", "production", true);
        check(r"\bprod\b", "my prod db", true);
        check(r"\bprod\b", "my product", false);
        check(r"^[^/]{2}$", "ab", true);
        check(r"drop\s+table", "drop \t\n table", true);
    }

    #[test]
    fn any_text_is_looked_through() {
        check("é", "caf\u{e9}", true);
        check("(?u:^.$)", "é", true);
        check("^a.*z$", &format!("a{UNKNOWN_WORDS}z"), true);
        check("z", &"é".repeat(100_000), false);
        check("(a|b)*c", &"ab".repeat(50_000), false);
        check("", "é", true);
    }

    #[test]
    fn a_group_is_taken_out() {
        let host = Expression::with_group("^ssh://([^/]*)").unwrap();
        assert_eq!(host.group("ssh://example.org/x"), Some("example.org"));
        assert_eq!(host.group("http://example.org/x"), None);
        // Half a character is no text.
        assert_eq!(Expression::with_group("(?s-u:^(.))").unwrap().group("é"), None);
    }

    #[test]
    fn what_is_no_expression_is_told_in_a_line() {
        assert_eq!(Expression::new("(").unwrap_err(), "unclosed group");
        assert!(!Expression::new(&"(a{1000}){1000}".repeat(3)).unwrap_err().contains('\n'));
        assert!(Expression::with_group("a").is_err());
        assert!(Expression::with_group("(a)(b)").is_err());
    }
}
