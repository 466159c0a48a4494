//! The names that precede a secret.

/// What a name says about the value that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// A password: any value is one.
    Password,
    /// A token: a short number is a count instead (`max_tokens=4096`), and a name may be a reference.
    Token,
    /// A key or credential: a path is the file that holds it.
    Key,
    /// The whole value of an HTTP header, of which the first word may name a scheme.
    Header,
}

/// Parts of names, lower case and without separators, and what they hold.
const PARTS: &[(&str, Holds)] = &[
    ("password", Holds::Password),
    ("passwd", Holds::Password),
    ("passphrase", Holds::Password),
    ("token", Holds::Token),
    ("secret", Holds::Token),
    ("apikey", Holds::Token),
    ("accesskey", Holds::Key),
    ("accountkey", Holds::Key),
    ("privatekey", Holds::Key),
    ("signingkey", Holds::Key),
    ("encryptionkey", Holds::Key),
    ("authkey", Holds::Key),
    ("credential", Holds::Key),
];

/// Whole names that hold a secret though no part of them says so.
const WHOLE: &[(&str, Holds)] = &[
    ("authorization", Holds::Header),
    ("proxy-authorization", Holds::Header),
    ("cookie", Holds::Header),
    ("set-cookie", Holds::Header),
    ("_auth", Holds::Token),
    ("sig", Holds::Token),
    ("x-amz-signature", Holds::Token),
    ("x-goog-signature", Holds::Token),
    ("secret_id", Holds::Token), // a Vault role's; elsewhere an `id` is no secret
];

/// A name that ends in one of these words holds something about the secret instead: what it is
/// called, where it is kept, how long it lives.
const ABOUT: &[&str] = &[
    "arn",
    "class",
    "count",
    "dir",
    "endpoint",
    "env",
    "expiration",
    "expires",
    "expiry",
    "file",
    "helper",
    "host",
    "id",
    "ids",
    "length",
    "lifetime",
    "limit",
    "manager",
    "mode",
    "name",
    "names",
    "path",
    "paths",
    "policy",
    "prompt",
    "provider",
    "ref",
    "scope",
    "service",
    "stdin",
    "store",
    "ttl",
    "type",
    "uri",
    "url",
    "version",
];

/// Returns what a variable, a field or an option with a value (`--x=…`) of this name holds.
pub(super) fn holds(name: &str) -> Option<Holds> {
    let name = name.trim_start_matches('-');
    if let Some((_, holds)) = WHOLE.iter().find(|(whole, _)| name.eq_ignore_ascii_case(whole)) {
        return Some(*holds);
    }
    let last = last_word(name);
    if ABOUT.iter().any(|about| last.eq_ignore_ascii_case(about)) {
        return None;
    }
    // `OLDPWD` and the like are one word; `MYSQL_PWD` is two.
    if ["pass", "pwd"].iter().any(|short| last.eq_ignore_ascii_case(short)) {
        return Some(Holds::Password);
    }
    let folded = fold(name);
    let holds = |part: &str| folded.match_indices(part).any(|(at, _)| !folded[at..].starts_with("tokeniz"));
    PARTS.iter().find(|(part, _)| holds(part)).map(|(_, holds)| *holds)
}

/// Returns what the word after an option of this name holds. More than [`holds`] asks: the name must
/// end in the secret, since many an option about secrets takes no value (`--password-stdin`).
pub(super) fn option_holds(option: &str) -> Option<Holds> {
    let name = option.strip_prefix('-')?.trim_start_matches('-');
    if ["oauth2-bearer", "bearer"].contains(&name) {
        return Some(Holds::Token);
    }
    let ends = ["pass", "pwd"].contains(&last_word(name))
        || PARTS.iter().any(|(part, _)| {
            let folded = fold(name);
            folded.strip_suffix('s').unwrap_or(&folded).ends_with(part) || folded.ends_with(part)
        });
    if ends { holds(name) } else { None }
}

/// Returns whether `name:value` is a header even without a space after the colon, where most such
/// words are something else (`token-service:latest`, `secret:prod/db`).
pub(super) fn is_header(name: &str) -> bool {
    let known = ["apikey", "api-key", "private-token", "job-token", "deploy-token"];
    known.iter().any(|header| name.eq_ignore_ascii_case(header))
        || matches!(holds(name), Some(Holds::Header))
        || (name.get(..2).is_some_and(|x| x.eq_ignore_ascii_case("x-")) && holds(name).is_some())
}

/// Returns the last word of `snake_case`, `kebab-case`, `dotted.name` or `camelCase`.
fn last_word(name: &str) -> &str {
    let bytes = name.as_bytes();
    let starts = |at: &usize| {
        matches!(bytes[at - 1], b'-' | b'_' | b'.')
            || (bytes[*at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase())
    };
    let start = (1..bytes.len()).rev().find(starts).unwrap_or(0);
    name.get(start..).unwrap_or(name).trim_start_matches(['-', '_', '.'])
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_' | '.')).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expect: Option<Holds>) {
        assert_eq!(holds(name), expect, "{name}");
    }

    #[test]
    fn names_that_hold_secrets() {
        check("GITHUB_TOKEN", Some(Holds::Token));
        check("--api-key", Some(Holds::Token));
        check("x.Api.Key", Some(Holds::Token));
        check("clientSecret", Some(Holds::Token));
        check("PGPASSWORD", Some(Holds::Password));
        check("MYSQL_PWD", Some(Holds::Password));
        check("dbPass", Some(Holds::Password));
        check("AWS_SECRET_ACCESS_KEY", Some(Holds::Token));
        check("AccountKey", Some(Holds::Key));
        check("Authorization", Some(Holds::Header));
        check("secret_id", Some(Holds::Token));
    }

    #[test]
    fn names_that_do_not() {
        for name in [
            "volumeId",
            "OLDPWD",
            "PATH",
            "",
            "-",
            "secretName",
            "SecretId",
            "token-file",
            "TOKEN_URL",
            "AWS_ACCESS_KEY_ID",
            "credential.helper",
            "tokenizer",
            "GIT_ASKPASS",
            "key",
            "compass",
            "author",
        ] {
            check(name, None);
        }
    }

    #[test]
    fn options_that_take_a_secret() {
        for option in ["--password", "--token", "-password", "--client-secret", "--api-key", "--db-pass"] {
            assert!(option_holds(option).is_some(), "{option}");
        }
        for option in
            ["--password-stdin", "--token-file", "--secret-id", "password", "--pass-through", "--", "-p"]
        {
            assert_eq!(option_holds(option), None, "{option}");
        }
    }
}
