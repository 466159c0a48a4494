//! `{a,b}` in the patterns of rules, spelled out.

/// How many patterns one may stand for. The largest of the built-in packs stand for a few dozen.
const MOST: usize = 1024;

/// Returns the patterns that `pattern` stands for: itself where it has no braces, and nothing where
/// they would be too many. Nesting is not part of the pattern language.
pub fn alternatives(pattern: &str) -> Option<Vec<String>> {
    let mut all = vec![String::new()];
    let mut rest = pattern;
    while let Some((before, choices, after)) = braces(rest) {
        let choices: Vec<&str> = choices.split(',').collect();
        if all.len() * choices.len() > MOST {
            return None;
        }
        let longer =
            |start: &String| choices.iter().map(|choice| format!("{start}{before}{choice}")).collect();
        all = all.iter().flat_map(|start| -> Vec<String> { longer(start) }).collect();
        rest = after;
    }
    all.iter_mut().for_each(|one| one.push_str(rest));
    Some(all)
}

/// Splits a pattern at its first pair of braces.
fn braces(pattern: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = pattern.split_once('{')?;
    let (choices, after) = rest.split_once('}')?;
    Some((before, choices, after))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn check(pattern: &str, expect: &[&str]) {
        assert_eq!(alternatives(pattern).unwrap(), expect, "{pattern}");
    }

    #[test]
    fn braces_are_spelled_out() {
        check("plain*", &["plain*"]);
        check("*.{a,b}", &["*.a", "*.b"]);
        check("{a,b}-{c,d}!", &["a-c!", "a-d!", "b-c!", "b-d!"]);
        check("{,x}y", &["y", "xy"]);
    }

    #[test]
    fn braces_that_are_none_stay() {
        check("a{b", &["a{b"]);
        check("a}b{", &["a}b{"]);
        check("", &[""]);
    }

    #[test]
    fn what_would_be_too_many_is_none() {
        assert_eq!(alternatives(&"{a,b}".repeat(64)), None);
        assert_eq!(alternatives(&"{a,b}".repeat(10)).unwrap().len(), 1024);
    }
}
