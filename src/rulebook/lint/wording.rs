//! Checks of how a pack is kept: titles, sentences, references, examples.

use super::super::block::commands;
use super::super::format::{Pack, Rule};
use super::Faults;
use super::text::plain_phrase;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 60;
/// The longest phrase that a person is asked to type, in characters.
pub(super) const LONGEST_PHRASE: usize = 60;
/// How many commands a rule must be shown to stop, and how many to let pass.
const EXAMPLES: usize = 3;

pub(super) fn check(pack: &Pack, faults: &mut Faults) {
    title("title", &pack.title, faults);
    https("docs", pack.docs.as_slice(), faults);
    for (index, rule) in pack.rules.iter().enumerate() {
        rule_faults(&format!("rules/{index}"), rule, faults);
    }
}

fn rule_faults(at: &str, rule: &Rule, faults: &mut Faults) {
    title(&format!("{at}/title"), &rule.title, faults);
    sentences(&format!("{at}/blast_radius/data"), &rule.blast_radius.data, faults);
    sentences(&format!("{at}/blast_radius/backups"), &rule.blast_radius.backups, faults);
    faults.check(format!("{at}/recover"), !rule.recover.is_empty(), || {
        "`recover` says how, or that one cannot".to_owned()
    });
    for (index, step) in rule.recover.iter().enumerate() {
        sentences(&format!("{at}/recover/{index}"), step, faults);
    }
    for (index, clause) in rule.unless.iter().enumerate() {
        if let Some(because) = &clause.because {
            sentences(&format!("{at}/unless/{index}/because"), because, faults);
        }
    }
    https(&format!("{at}/references"), &rule.references, faults);
    faults.check(at, !rule.references.is_empty(), || format!("`{}` has no references", rule.id));
    if let Some(instead) = &rule.instead {
        faults.check(format!("{at}/instead"), !commands(instead).is_empty(), || {
            "`instead` names no command".to_owned()
        });
    }
    examples(at, rule, faults);
}

fn title(at: &str, title: &str, faults: &mut Faults) {
    faults.check(at, title.chars().count() <= LONGEST_TITLE, || {
        format!("a title has at most {LONGEST_TITLE} characters, this one {}", title.chars().count())
    });
    faults.check(at, !title.ends_with('.'), || "a title has no period".to_owned());
    let begins = title.chars().next().is_some_and(|first| !first.is_lowercase());
    faults.check(at, begins && title.trim() == title, || "a title begins with a capital letter".to_owned());
}

fn sentences(at: &str, text: &str, faults: &mut Faults) {
    let begins = text.chars().next().is_some_and(|first| !first.is_lowercase());
    faults.check(at, begins && text.trim_end().ends_with(['.', '`']), || {
        "this is written in sentences: a capital letter first, a period last".to_owned()
    });
}

fn https(at: &str, addresses: &[String], faults: &mut Faults) {
    for address in addresses {
        faults.check(at, address.starts_with("https://") && !address.contains(char::is_whitespace), || {
            format!("`{address}` does not begin with https://")
        });
    }
}

fn examples(at: &str, rule: &Rule, faults: &mut Faults) {
    let at = format!("{at}/examples");
    for (key, text) in [("must_stop", &rule.examples.must_stop), ("must_pass", &rule.examples.must_pass)] {
        let count = commands(text).len();
        faults.check(format!("{at}/{key}"), count >= EXAMPLES, || {
            format!("`{}` has {count} `{key}` commands; at least {EXAMPLES} are needed", rule.id)
        });
    }
    faults.check(format!("{at}/phrases"), !rule.examples.phrases.is_empty(), || {
        format!("`{}` has no example of its phrase", rule.id)
    });
    for phrase in rule.examples.phrases.keys() {
        let at = format!("{at}/phrases/{phrase}");
        let length = phrase.chars().count();
        faults.check(&at, length <= LONGEST_PHRASE, || {
            format!("a phrase has at most {LONGEST_PHRASE} characters, this one {length}")
        });
        faults.check(&at, plain_phrase(phrase), || {
            "a phrase is plain text that can be typed: printable ASCII, single blanks".to_owned()
        });
    }
}
