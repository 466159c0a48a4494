//! Programs that no pack knows, where their own words say that something is deleted and that nobody is to be asked:
//! `tool projects delete 7 --yes`.

use crate::unknown::is_known;

/// Words by which tools of every kind delete. Those of package managers (`remove`, `uninstall`) are not among them.
const VERBS: [&str; 7] = ["delete", "destroy", "drop", "erase", "nuke", "purge", "wipe"];

/// Options by which they ask nobody, without dashes.
const UNASKED: [&str; 17] = [
    "assume-yes",
    "auto-approve",
    "confirm",
    "f",
    "force",
    "no-confirm",
    "no-input",
    "no-interaction",
    "no-interactive",
    "no-prompt",
    "noinput",
    "non-interactive",
    "noprompt",
    "skip-confirmation",
    "y",
    "yes",
    "yes-i-really-really-mean-it",
];

/// Options with which nothing is deleted, without dashes.
const SHOWS: [&str; 8] = ["check", "dry-run", "dryrun", "h", "help", "plan", "preview", "what-if"];

/// Words for what is made again, whoever deletes it.
const MADE_AGAIN: [&str; 2] = ["cache", "caches"];

/// At how many words the verb may stand: behind it are names, which may be anything.
const VERB_AMONG: usize = 4;

/// Returns the words behind the verb of a program that deletes without asking.
pub(super) fn deletes_unasked(program: &str, words: &[String]) -> Option<Vec<String>> {
    let option = |word: &String| {
        let name = word.trim_start_matches('-');
        (name.len() < word.len()).then(|| name.split('=').next().unwrap_or_default().to_owned())
    };
    let has = |names: &[&str]| words.iter().filter_map(option).any(|name| names.contains(&name.as_str()));
    // A program of the project's own, or by its path, is known to whoever runs it.
    if program.contains('/') || !has(&UNASKED) || has(&SHOWS) {
        return None;
    }
    let is_plain = |word: &&String| {
        let mut letters = word.bytes();
        is_known(word) && letters.all(|byte| byte.is_ascii_lowercase() || b"0123456789:_-".contains(&byte))
    };
    let first = || words.iter().take(VERB_AMONG).take_while(|word| word.starts_with('-') || is_plain(word));
    let has_part = |word: &String, of: &[&str]| {
        !word.starts_with('-') && word.split([':', '-']).any(|part| of.contains(&part))
    };
    if first().any(|word| has_part(word, &MADE_AGAIN)) {
        return None;
    }
    let verb = first().position(|word| has_part(word, &VERBS))?;
    Some(words[verb + 1..].iter().filter(|word| !word.starts_with('-')).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::deletes_unasked;

    fn check(command: &str, expect: Option<&[&str]>) {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let found = deletes_unasked(&words[0], &words[1..]);
        assert_eq!(
            found,
            expect.map(|words| words.iter().map(|word| (*word).to_owned()).collect()),
            "{command}"
        );
    }

    #[test]
    fn a_tool_deletes_where_it_says_so_and_is_told_to_ask_nobody() {
        check("tool projects delete 7 --yes", Some(&["7"]));
        check("tool force:org:delete -u scratch --no-prompt", Some(&["scratch"]));
        check("tool delete-index --confirm=docs", Some(&[]));
        check("tool -V -A app wipe -f", Some(&[]));
        check("tool projects delete 7", None);
        check("tool projects delete 7 --yes --dry-run", None);
        check("tool projects list --yes", None);
        check("tool remove a --yes", None);
        check("tool add a.txt delete --force", None);
        check("./tool delete 7 --yes", None);
        check("tool cache purge --yes", None);
        check("tool purge-cache -f", None);
    }
}
