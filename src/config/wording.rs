//! What is wrong with a policy, in the words that the readers of rule packs use too.
//!
//! The reader of policies is fast and speaks of fields and variants; a person who wrote a file speaks of keys and words.

use crate::rulebook::load;

/// Returns what the reader of policies said, as a person is told it.
pub(super) fn plain(message: &str) -> String {
    let (place, what) = split(message);
    let told = unknown(what).or_else(|| of_a_key(what)).or_else(|| of_a_kind(what));
    match told {
        Some(told) => format!("{place}{told}"),
        None => message.to_owned(),
    }
}

/// The beginnings of what the reader says, behind the keys that lead there.
const BEGINNINGS: &[&str] =
    &["unknown field `", "unknown variant `", "missing field `", "duplicate field `", "invalid type: "];

/// Splits a message into the keys that lead to what it is about (`at.severe: `), and the rest.
fn split(message: &str) -> (&str, &str) {
    let begins = |beginning: &str| {
        if message.starts_with(beginning) {
            return Some(0);
        }
        message.find(&format!(": {beginning}")).map(|at| at + 2)
    };
    let at = BEGINNINGS.iter().filter_map(|beginning| begins(beginning)).min().unwrap_or_default();
    message.split_at(at)
}

/// A key or a word that nobody knows, with the one that is most likely meant.
fn unknown(what: &str) -> Option<String> {
    let (kind, rest) = match what.strip_prefix("unknown field `") {
        Some(rest) => ("key", rest),
        None => ("word", what.strip_prefix("unknown variant `")?),
    };
    let (found, expected) = rest.split_once("`, expected ")?;
    let expected: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    Some(load::unknown(kind, found, &expected))
}

/// A key that is missing, or stands there twice.
fn of_a_key(what: &str) -> Option<String> {
    let quoted = |rest: &str| Some(rest.split_once('`')?.0.to_owned());
    if let Some(rest) = what.strip_prefix("missing field `") {
        return Some(format!("the key `{}` is missing", quoted(rest)?));
    }
    let rest = what.strip_prefix("duplicate field `")?;
    Some(format!("the key `{}` is given twice", quoted(rest)?))
}

/// A value of another kind than its key takes.
fn of_a_kind(what: &str) -> Option<String> {
    let (found, expected) = what.strip_prefix("invalid type: ")?.rsplit_once(", expected ")?;
    let found = match found {
        "sequence" => "a list",
        "map" => "a map",
        "unit value" => "nothing",
        _ => found.split_once(' ').map_or(found, |(_, value)| value),
    };
    let expected = match expected {
        "a boolean" => "true or false",
        "a string" => "text",
        "a sequence" => "a list",
        _ if expected.starts_with("a YAML tag") => "a word",
        "a map" => "a map (`key: value`)",
        _ if expected.starts_with("struct ") => "a map (`key: value`)",
        other => other,
    };
    Some(format!("expected {expected}, found {found}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::decide::policy::File;

    #[test]
    fn what_is_wrong_is_said_in_words_of_whoever_writes_policies() {
        let told = |text: &str| {
            let error = serde_yaml::from_str::<File>(text).unwrap_err().to_string();
            plain(error.split(" at line ").next().unwrap())
        };
        for (text, expected) in [
            ("att: {moderate: run}", "unknown key `att`; did you mean `at`?"),
            ("at: {moderat: run}", "at: unknown word `moderat`; did you mean `moderate`?"),
            ("at: {moderate: runn}", "at.moderate: unknown word `runn`; did you mean `run`?"),
            (
                "environments: {production: {when: {host: [x]}}}",
                "environments.production.when: unknown key `host`; did you mean `hosts`?",
            ),
            (
                "rules: {git/push-force: {do: run, becuase: x}}",
                "rules.git/push-force: unknown key `becuase`; did you mean `because`?",
            ),
            ("before: {trahs: off}", "before: unknown word `trahs`; did you mean `trash`?"),
            ("notify: {comand: [x]}", "notify: unknown key `comand`; did you mean `command`?"),
            ("proof: {severe: x}", "proof.severe: unknown word `x`; known are phrase, passphrase, code"),
            ("keys: {x: {tool: a}}", "keys.x: the key `variable` is missing"),
            ("at: {}\nat: {}", "the key `at` is given twice"),
            ("at: {severe: refuse, moderate: run, severe: run}", "at: the key `severe` is given twice"),
            ("rules: {git/*: {do: refuse}, git/*: {do: run}}", "rules: the key `git/*` is given twice"),
            ("environments: {a: {}, a: {}}", "environments: the key `a` is given twice"),
            (
                "environments: {a: {at: {severe: refuse, severe: run}}}",
                "environments.a.at: the key `severe` is given twice",
            ),
            ("gaps: {file: refuse, file: run}", "gaps: the key `file` is given twice"),
            ("proof: {severe: code, severe: phrase}", "proof: the key `severe` is given twice"),
            ("approvals: {severe: 2, severe: 1}", "approvals: the key `severe` is given twice"),
            ("before: {trash: {age: 9d}, trash: off}", "before: the key `trash` is given twice"),
            ("before: {unkept: refuse, unkept: run}", "before: the key `unkept` is given twice"),
            (
                "keys: {a: {tool: x, variable: Y}, a: {tool: z, variable: Y}}",
                "keys: the key `a` is given twice",
            ),
            ("backup: {a: {file: /x}, a: {file: /y}}", "backup: the key `a` is given twice"),
            ("verify: {a: {command: [/x]}, a: {command: [/y]}}", "verify: the key `a` is given twice"),
            ("at: {severe: [run]}", "at.severe: expected a word, found a list"),
            ("observe: yes", "observe: expected true or false, found \"yes\""),
            ("at: [x]", "at: expected a map (`key: value`), found a list"),
            ("gaps: run", "gaps: expected a map (`key: value`), found \"run\""),
            ("approvals: {severe: 3}", "approvals: approvals are 1 or 2"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
