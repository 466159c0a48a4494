//! Git's configuration.
//!
//! Format: <https://git-scm.com/docs/git-config#_configuration_file>. Sections of two names, and files that a
//! configuration includes, are not read.

/// Returns what a configuration sets `section.key` to, whatever the case of both; the last one counts.
pub fn value(text: &str, section: &str, key: &str) -> Option<String> {
    let mut is_inside = false;
    let mut found = None;
    for line in text.replace("\\\n", "").lines().map(str::trim) {
        if let Some(opened) = line.strip_prefix('[') {
            let name = opened.split(']').next();
            is_inside = name.is_some_and(|name| name.trim().eq_ignore_ascii_case(section));
            continue;
        }
        if let Some((name, value)) = line.split_once('=').filter(|_| is_inside)
            && name.trim().eq_ignore_ascii_case(key)
        {
            found = Some(unquoted(value.trim()));
        }
    }
    found
}

/// Removes the quotes of a value, its escapes and a comment behind it.
fn unquoted(value: &str) -> String {
    let mut text = String::new();
    let mut quoted = false;
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' => match rest.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(other) => text.push(other),
                None => {}
            },
            '#' | ';' if !quoted => break,
            c => text.push(c),
        }
    }
    text.trim_end().to_owned()
}
