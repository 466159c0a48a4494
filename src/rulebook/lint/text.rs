//! What texts in a pack must look like.

use crate::expression::Expression;

/// The languages of inline code.
pub const LANGUAGES: &[&str] = &[
    "awk",
    "go",
    "javascript",
    "lua",
    "mongosh",
    "perl",
    "php",
    "powershell",
    "python",
    "r",
    "ruby",
    "sed",
    "shell",
];

/// Returns whether `text` is small letters, digits and single hyphens.
pub fn kebab(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.split('-').all(part)
}

/// Returns whether a person can read and type `text` as it stands: printable ASCII, single blanks.
pub fn plain_phrase(text: &str) -> bool {
    let printable = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    printable && !text.is_empty() && text.trim() == text && !text.contains("  ")
}

/// Returns what is wrong with a pattern: a glob, or `~` and a regular expression.
pub fn pattern_fault(pattern: &str) -> Option<String> {
    match pattern.strip_prefix('~') {
        Some("") => Some("a regular expression follows `~`".to_owned()),
        Some(expression) => {
            let why = Expression::new(expression).err()?;
            Some(format!("`{expression}` is not a regular expression: {why}"))
        }
        None => glob_fault(pattern),
    }
}

/// Returns what is wrong with a glob.
pub fn glob_fault(glob: &str) -> Option<String> {
    let (mut set, mut choice) = (false, false);
    let mut characters = glob.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '[' if !set => set = true,
            ']' => set = false,
            '{' if !set && choice => return Some(format!("`{glob}` has braces within braces")),
            '{' if !set => choice = true,
            '}' if !set => choice = false,
            _ => {}
        }
    }
    match (glob.is_empty(), set, choice) {
        (true, ..) => Some("an empty pattern matches nothing".to_owned()),
        (_, true, _) => Some(format!("`{glob}` opens `[` and does not close it")),
        (_, _, true) => Some(format!("`{glob}` opens `{{` and does not close it")),
        _ => None,
    }
}

/// The slots of a phrase, each as its sources; the literal text at the end of a slot is left out.
pub fn slots(phrase: &str) -> Result<Vec<Vec<&str>>, String> {
    let mut slots = Vec::new();
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, after) = after.split_once('}').ok_or("a `{` is not closed")?;
        if before.contains('}') || inside.contains('{') {
            return Err("the braces do not pair".to_owned());
        }
        let mut sources: Vec<&str> = inside.split('|').collect();
        if sources.iter().any(|source| source.trim().is_empty()) {
            return Err(format!("`{{{inside}}}` has an empty alternative"));
        }
        if sources.len() > 1 {
            sources.pop();
        }
        slots.push(sources);
        rest = after;
    }
    if rest.contains('}') { Err("a `}` is not opened".to_owned()) } else { Ok(slots) }
}
