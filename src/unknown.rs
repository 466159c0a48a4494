//! Marks for unknown text.
//!
//! A command's words are ordinary strings in which a stretch that cannot be known (an unset variable, the
//! output of a program) is one private-use character. So the unknown passes unchanged through quoting, nested
//! shells, SQL and JSON, and every reader can see it. Such a character in outside text is treated as unknown
//! too, which errs towards asking.

/// An unknown stretch that stays within one word (it was quoted).
pub const UNKNOWN: char = '\u{F0000}';

/// An unknown stretch that may be split into any number of words, none included.
pub const UNKNOWN_WORDS: char = '\u{F0001}';

/// An unknown stretch that comes from the network, otherwise like [`UNKNOWN_WORDS`].
pub const UNKNOWN_REMOTE: char = '\u{F0002}';

/// An unknown stretch with credentials in it, otherwise like [`UNKNOWN_WORDS`]: what `env` prints, and what other
/// programs make of that.
pub const UNKNOWN_SECRET: char = '\u{F0003}';

/// Returns whether `c` marks an unknown stretch.
pub const fn is_mark(c: char) -> bool {
    matches!(c, UNKNOWN | UNKNOWN_WORDS | UNKNOWN_REMOTE | UNKNOWN_SECRET)
}

/// Returns the mark for the output of a program of which only the input is known.
pub fn printed_of(stdin: Option<&str>) -> char {
    if stdin.is_some_and(|text| text.contains(UNKNOWN_SECRET)) { UNKNOWN_SECRET } else { UNKNOWN_WORDS }
}

/// Returns whether all of `text` is known.
pub fn is_known(text: &str) -> bool {
    // Every mark begins with this byte in UTF-8, and hardly anything else does.
    text.is_ascii() || !text.as_bytes().contains(&0xF3) || !text.contains(is_mark)
}

/// Returns whether `text` is nothing but marks (and blanks).
pub fn is_nothing_known(text: &str) -> bool {
    !is_known(text) && text.chars().all(|c| is_mark(c) || c.is_whitespace())
}

/// Returns `text` with every mark made one that stays within a word, as quoting does.
pub fn quoted(text: &str) -> String {
    if is_known(text) {
        return text.to_owned();
    }
    text.chars().map(|c| if c == UNKNOWN_WORDS { UNKNOWN } else { c }).collect()
}

/// Returns a text with a mark for each `{{ … }}` in it: what a template is filled in with is not known.
pub fn filled(template: &str) -> String {
    let mut all = String::new();
    let mut rest = template;
    while let Some((before, inside)) = rest.split_once("{{") {
        all.push_str(before);
        all.push(UNKNOWN);
        rest = inside.split_once("}}").map_or("", |(_, rest)| rest);
    }
    all + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_template_is_not_known() {
        let check = |text, expect: String| assert_eq!(filled(text), expect, "{text}");
        check("rm -rf /srv", "rm -rf /srv".to_owned());
        check("{{base}}/v1/{{ id }}", format!("{UNKNOWN}/v1/{UNKNOWN}"));
        check("{{ a }}{{ b", format!("{UNKNOWN}{UNKNOWN}"));
    }
}
