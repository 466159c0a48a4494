//! Git's configuration.
//!
//! Format: <https://git-scm.com/docs/git-config#_configuration_file>. Files that a configuration includes are
//! not read.

/// Returns what a configuration sets `section.key` to, whatever the case of both; the last one counts.
pub fn value(text: &str, section: &str, key: &str) -> Option<String> {
    let is_wanted = |(name, _): &(String, String)| {
        let own = name.split_once('.');
        own.is_some_and(|(of, name)| of.eq_ignore_ascii_case(section) && name.eq_ignore_ascii_case(key))
    };
    settings(text).into_iter().rfind(is_wanted).map(|(_, value)| value)
}

/// Returns the settings of a configuration, each by its key: `core.pager`, `diff.NAME.command`.
pub fn settings(text: &str) -> Vec<(String, String)> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in text.replace("\\\n", "").split('\n').map(str::trim) {
        let mut line = line;
        if let Some((name, rest)) = line.strip_prefix('[').and_then(|opened| opened.split_once(']')) {
            section = section_named(name);
            // `[core] pager = less`
            line = rest;
        }
        if let Some((name, value)) = line.split_once('=') {
            found.push((format!("{section}.{}", name.trim()), unquoted(value.trim())));
        }
    }
    found
}

/// Returns how the keys of a section begin: `diff.NAME` for `[diff "NAME"]`.
fn section_named(name: &str) -> String {
    match name.trim().split_once([' ', '\t']) {
        Some((name, own)) => format!("{name}.{}", own.trim().trim_matches('"')),
        None => name.trim().to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts_however_it_is_written() {
        let hooks = |text: &str| value(text, "core", "hookspath");
        assert_eq!(hooks("[core]\n\thooksPath = a\n[CORE]\n\tHOOKSPATH = \"b c\" # d\n"), Some("b c".into()));
        assert_eq!(hooks("[core] hooksPath = a"), Some("a".into()));
        assert_eq!(hooks("[core]\nhooksPath = a\\\nb\n"), Some("ab".into()));
        assert_eq!(hooks("[core]\nhooksPath = a\n[core \"x\"]\nhooksPath = b\n"), Some("a".into()));
        assert_eq!(hooks("[core]\nhooksPath = a\n[core \"\"]\nhooksPath = b\n"), Some("a".into()));
        assert_eq!(hooks("[diff]\nhooksPath = a\n"), None);
    }

    #[test]
    fn a_section_of_two_names_begins_its_keys() {
        let found = settings("[diff \"sql\"]\n  command = rm -rf x\n");
        assert_eq!(found, [("diff.sql.command".into(), "rm -rf x".into())]);
    }
}
