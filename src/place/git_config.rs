//! Git's configuration.
//!
//! Format: <https://git-scm.com/docs/git-config#_configuration_file>. Files that a configuration includes are
//! not read, and by [`value`] no sections of two names.

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

/// Returns the settings of a configuration, each by its key: `core.pager`, `diff.NAME.command`.
pub fn settings(text: &str) -> impl Iterator<Item = (String, String)> {
    let mut section = String::new();
    let lines = text.split('\n').map(str::trim);
    lines.filter_map(move |line| {
        if let Some(opened) = line.strip_prefix('[') {
            let name = opened.split(']').next().unwrap_or_default();
            let (name, own) = name.split_once([' ', '\t']).unwrap_or((name, ""));
            let own = own.trim().trim_matches('"');
            section = if own.is_empty() { name.trim().to_owned() } else { format!("{}.{own}", name.trim()) };
            return None;
        }
        let (name, value) = line.split_once('=')?;
        Some((format!("{section}.{}", name.trim()), unquoted(value.trim())))
    })
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
