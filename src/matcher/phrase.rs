//! The phrase that a person must type: it names the thing.

use super::Captures;
use crate::unknown::{is_known, is_mark};

/// The longest value that a phrase takes over, in characters; a person must be able to type it.
const LONGEST: usize = 40;

/// Fills `delete volume {volume|volumeId|without a name}` from what the rule saw.
pub(super) fn fill(template: &str, captures: &Captures) -> String {
    let mut phrase = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        phrase.push_str(&rest[..open]);
        let Some(length) = rest[open..].find('}') else { break };
        let inside = &rest[open + 1..open + length];
        phrase.push_str(&slot(inside, captures));
        rest = &rest[open + length + 1..];
    }
    phrase.push_str(rest);
    evenly_spaced(phrase)
}

/// Makes one blank of each stretch of white space, and none at the ends.
fn evenly_spaced(text: String) -> String {
    if text.split(' ').all(|word| !word.is_empty() && !word.contains(char::is_whitespace)) {
        return text;
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads the names back out of a phrase that `fill` made: the sources of each slot with the value they
/// had. A slot that was filled with its literal text named nothing.
pub fn read(template: &str, phrase: &str) -> Vec<(String, String)> {
    let mut names = Vec::new();
    let (mut template, mut phrase) = (template, phrase);
    while let Some((before, after)) = template.split_once('{') {
        let (Some((inside, rest)), Some(behind)) = (after.split_once('}'), phrase.strip_prefix(before))
        else {
            break;
        };
        let until = rest.split('{').next().unwrap_or_default();
        let end = if until.is_empty() { behind.len() } else { behind.find(until).unwrap_or(behind.len()) };
        let (value, alternatives) = (&behind[..end], inside.split('|').collect::<Vec<_>>());
        let literal = alternatives.last().copied().filter(|_| alternatives.len() > 1);
        if literal != Some(value) && !value.is_empty() {
            let sources = &alternatives[..alternatives.len() - usize::from(literal.is_some())];
            names.extend(sources.first().map(|name| ((*name).to_owned(), value.to_owned())));
        }
        (template, phrase) = (rest, &behind[end..]);
    }
    names
}

/// The first alternative that is known; the last of several is literal text.
fn slot(inside: &str, captures: &Captures) -> String {
    let (slots, literal) = inside.rsplit_once('|').unwrap_or((inside, "it"));
    let seen = slots.split('|').filter_map(|name| captures.get(name));
    let mut values = seen.map(|value| plain(value)).filter(|value| !value.is_empty());
    values.next().unwrap_or_else(|| literal.to_owned())
}

/// Makes a value something a person can read and type: its known, printable text.
fn plain(value: &str) -> String {
    if value.len() <= LONGEST && value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return value.to_owned();
    }
    if !is_known(value) && value.chars().filter(|c| !is_mark(*c)).all(|c| !c.is_alphanumeric()) {
        return String::new();
    }
    let typed: String = value.chars().map(|c| if is_mark(c) { '…' } else { c }).collect();
    let typed: String =
        typed.replace('…', "*").chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    let typed = evenly_spaced(typed);
    let excess = typed.chars().count().saturating_sub(LONGEST);
    // The end of a long name tells more than its beginning.
    typed.chars().skip(excess).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, captures: &[(&str, &str)], expect: &str) {
        let captures = captures.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(fill(template, &captures), expect);
    }

    #[test]
    fn names_are_read_back() {
        let check = |template: &str, phrase: &str, expect: &[(&str, &str)]| {
            let expect: Vec<_> = expect.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            assert_eq!(read(template, phrase), expect, "{phrase}");
        };
        let volume = "delete volume {volume|volumeId|without a name}";
        check(volume, "delete volume data", &[("volume", "data")]);
        check(volume, "delete volume without a name", &[]);
        check(volume, "something else", &[]);
        let mirror = "mirror {operand.1|the source} over {operand.2|the target}";
        check(mirror, "mirror a b over c", &[("operand.1", "a b"), ("operand.2", "c")]);
        check("remove {path}", "remove ../x", &[("path", "../x")]);
        check("remove {path", "remove ../x", &[]);
    }

    #[test]
    fn names_the_thing() {
        let template = "delete volume {volume|volumeId|without a name}";
        check(template, &[("volume", "data")], "delete volume data");
        check(template, &[("volumeId", "3d2c42fb")], "delete volume 3d2c42fb");
        check(template, &[], "delete volume without a name");
        check(template, &[("volume", "\u{F0000}")], "delete volume without a name");
        check("remove {path}", &[("path", "a\u{1b}[2Jb\n c")], "remove a[2Jb c");
        check("drop {x}", &[], "drop it");
    }
}
