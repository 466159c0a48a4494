//! The options of shells, which other programs' rules do not fit: `-c` takes no value, the text is the first word that
//! is no option (`bash -ce -o pipefail 'text'`), and all behind it are arguments of the text.

/// Returns a shell's words so that they can be read as other programs' are: the options first, `-c` the last of them, and
/// none of those that are switched off (`+e`, `+o history`), for nothing that they do matters here.
pub(super) fn in_order(words: Vec<String>, is_zsh: bool) -> Vec<String> {
    let mut ordered = Vec::with_capacity(words.len() + 1);
    // The letters that stand with `-c`.
    let mut beside = None;
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next_if(|word| word.starts_with(['-', '+'])) {
        if word == "-" || word == "--" {
            if beside.is_none() {
                ordered.push(word);
            }
            break;
        }
        let is_long = word.starts_with("--");
        // zsh takes `-opipefail`, where the others take a value for each `o` among the letters.
        let named = word.find('o').filter(|at| is_zsh && !is_long && at + 1 < word.len());
        let takes_value = match is_long {
            true => matches!(word.as_str(), "--rcfile" | "--init-file" | "--emulate"),
            false => named.is_none() && word.contains(['o', 'O']),
        };
        let value = if takes_value { words.next() } else { None };
        if word.starts_with('+') {
            continue;
        }
        if is_long || !word[..named.unwrap_or(word.len())].contains('c') {
            ordered.push(word);
        } else {
            let (letters, name) = word.split_at(named.unwrap_or(word.len()));
            ordered.extend((!name.is_empty()).then(|| format!("-{name}")));
            let letters = letters.chars().filter(|c| !matches!(c, '-' | 'c'));
            let (valued, plain): (String, String) = letters.partition(|c| matches!(c, 'o' | 'O'));
            beside.get_or_insert_with(String::new).push_str(&plain);
            if !valued.is_empty() {
                ordered.push(format!("-{valued}"));
            }
        }
        ordered.extend(value);
    }
    if let Some(beside) = beside {
        ordered.push(format!("-{beside}c"));
        ordered.extend(words.next());
        if words.peek().is_some_and(|word| word.starts_with('-')) {
            ordered.push("--".to_owned());
        }
    }
    ordered.extend(words);
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: &str) {
        check_in(false, words, expected);
    }

    fn check_in(is_zsh: bool, words: &str, expected: &str) {
        let split = words.split(' ').map(str::to_owned).collect();
        assert_eq!(in_order(split, is_zsh).join(" "), expected, "{words}");
    }

    #[test]
    fn the_text_is_the_first_word_that_is_no_option() {
        check("-c text", "-c text");
        check("-lc text name one", "-lc text name one");
        check("-ce text", "-ec text");
        check("-c -l text", "-l -c text");
        check("-co pipefail text", "-o pipefail -c text");
        check("-c -o pipefail -e text", "-o pipefail -e -c text");
        check("-c +x text", "-c text");
        check("+o history -ec text", "-ec text");
        check("-c -- -text", "-c -text");
        check("--rcfile file -c text", "--rcfile file -c text");
        check("-c text -n", "-c text -- -n");
        check("-c", "-c");
        check("-oc pipefail text", "-o pipefail -c text");
        check_in(true, "-oautocd -c text", "-oautocd -c text");
        check_in(true, "-coautocd text", "-oautocd -c text");
        check_in(true, "-o autocd -c text", "-o autocd -c text");
    }

    #[test]
    fn other_words_stay() {
        check("-e script -c x", "-e script -c x");
        check("-s argument", "-s argument");
        check("- script", "- script");
        check("-x -- -script", "-x -- -script");
        check("-o errexit script", "-o errexit script");
    }
}
