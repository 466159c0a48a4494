//! Credentials that go through a command: which files hold them, and what programs make of their text.
//!
//! A `.env` file that is encoded, packed or compressed is as good as the file to whoever gets it. What is read here
//! are names and shapes; no value is kept.

use super::command_line::{CommandLine, Reading};
use super::launch::base_name;
use crate::unknown::UNKNOWN_SECRET;

/// A longer text is no file of settings.
const LONGEST: usize = 256 * 1024;

/// A shorter value may stand anywhere by chance.
const SHORTEST: usize = 6;

/// Programs that tell something about a file, and nothing of what is in it.
const LOOKING: [&str; 12] =
    ["ls", "stat", "file", "du", "wc", "git", "diff", "test", "find", "sha256sum", "sha1sum", "md5sum"];

/// Returns whether a file of this name sets variables, and not as an example.
pub(crate) fn keeps_settings(name: &str) -> bool {
    let bytes = name.as_bytes();
    let is_env = |end: Option<&[u8]>| end.is_some_and(|end| end.eq_ignore_ascii_case(b".env"));
    let is_settings = is_env(bytes.get(..4)) || is_env(bytes.len().checked_sub(4).map(|at| &bytes[at..]));
    is_settings && !is_example(&name.to_ascii_lowercase())
}

/// Returns whether people keep keys in files of this name.
pub(crate) fn keeps_keys(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let words = ["credential", "secret", "token", "netrc", "hosts.yml", "config.json"];
    keeps_settings(name) || words.iter().any(|word| lower.contains(word)) && !is_example(&lower)
}

fn is_example(lower: &str) -> bool {
    ["example", "sample", "template"].iter().any(|word| lower.contains(word))
}

/// Returns whether a path leads to a file that holds credentials and hardly anything else.
pub(super) fn holds_keys(path: &str) -> bool {
    const STORES: [&str; 7] = [
        ".aws/credentials",
        ".netrc",
        ".pgpass",
        ".my.cnf",
        ".git-credentials",
        ".config/gh/hosts.yml",
        "/environ",
    ];
    let name = base_name(path);
    let is_private = path.contains(".ssh/id_") && !path.ends_with(".pub");
    keeps_settings(name) || is_private || STORES.iter().any(|store| path.ends_with(store))
}

/// Returns the file of credentials that a word of a command names: `.env`, `if=.env`, `@.env`.
pub(crate) fn named_keys(word: &str) -> Option<&str> {
    let path = word.rsplit(['=', '@', '<']).next().unwrap_or(word);
    (!word.starts_with("--") && holds_keys(path)).then_some(path)
}

fn names_keys(word: &str) -> bool {
    named_keys(word).is_some()
}

/// Returns the file into which a program packs or encodes files of credentials.
pub(super) fn packed<'l>(line: &'l CommandLine, reading: &'l Reading) -> Option<&'l str> {
    let operand = |at: usize| reading.operands.get(at).map(|operand| operand.text.as_str());
    if !line.words.iter().any(|word| names_keys(word)) {
        return None;
    }
    // `tar czf x.tgz .env`, without a dash.
    let is_bundle = operand(0).is_some_and(|word| word.contains('c') && word.ends_with('f'));
    match line.program.as_str() {
        "tar" if is_bundle => operand(1),
        "tar" => reading.values("archive").last(),
        "zip" => operand(0),
        "7z" => operand(1),
        _ => {
            let to =
                line.words.iter().position(|word| matches!(word.as_str(), "-o" | "-out" | "--output"))?;
            line.words.get(to + 1).map(String::as_str)
        }
    }
}

/// Returns what is known of what a program prints of which nothing is known but its words: credentials, if it
/// may print what stands in a file of them.
pub(super) fn printed_of_files(program: &str, words: &[String]) -> Option<char> {
    let looks = LOOKING.contains(&program) || leaves_names(program, words);
    let reads = !looks && words.iter().any(|word| names_keys(word));
    reads.then_some(UNKNOWN_SECRET)
}

/// Returns whether a program leaves of settings nothing but their names: `cut -d= -f1`.
pub(super) fn leaves_names(program: &str, words: &[String]) -> bool {
    let has = |option: &str| words.iter().any(|word| word == option);
    program == "cut" && has("-f1") && has("-d=")
}

/// Returns whether the text of an argument in code reads a file of credentials, or takes all variables there are.
pub(super) fn taken_by(argument: &str) -> bool {
    let all = |name: &str| {
        let behind = argument.split(name).skip(1).map(str::trim_start);
        behind.into_iter().any(|rest| !rest.starts_with(['.', '[', '?']) || rest.starts_with(".items"))
    };
    ["os.environ", "process.env", "ENV.to_h"].iter().any(|name| all(name))
        || argument.split(['"', '\'', '`']).skip(1).step_by(2).any(holds_keys)
}

/// Returns whether credentials stand in a text. Those of a form (`client_secret=…`) are meant for whom it is sent to, so
/// only the names that variables have count.
pub(crate) fn stand_in(text: &str) -> bool {
    text.contains(UNKNOWN_SECRET) || values(text).next().is_some()
}

/// Returns whether what a program made of a text hides credentials that stood in it: they are still there, and
/// no longer to be seen.
pub(super) fn hidden(program: &str, text: &str, made: &str) -> bool {
    let encodes = matches!(program, "base64" | "base32" | "xxd" | "rev" | "tr" | "openssl");
    encodes && !stand_in(made) && values(text).any(|value| value.len() >= SHORTEST)
}

/// Returns the credentials among the variables that a text sets.
fn values(text: &str) -> impl Iterator<Item = &str> {
    let text = if text.len() <= LONGEST { text } else { "" };
    text.lines().filter_map(|line| {
        let (name, value) = line.trim().trim_start_matches("export ").split_once('=')?;
        let is_variable = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        let value = value.trim_matches(['"', '\'', ' ']);
        let is_secret = || is_secret_name(&name.to_ascii_lowercase()) || has_password(value);
        (is_variable && !value.is_empty() && is_secret()).then_some(value)
    })
}

/// Returns whether a small-letter name is one for secrets.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let last = name.rsplit(['-', '_', '.']).next().unwrap_or(name);
    matches!(last, "token" | "password" | "passwd" | "secret" | "pat" | "apikey" | "bearer")
        || last == "key"
            && ["api", "access", "secret", "auth", "private"].iter().any(|word| name.contains(word))
}

/// Returns whether a value is an address with a password in it.
pub(crate) fn has_password(value: &str) -> bool {
    let login = value.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
    login.is_some_and(|(login, _)| login.split_once(':').is_some_and(|(_, password)| !password.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_with_keys_and_nothing_else() {
        let check = |text: &str, expect| assert_eq!(stand_in(text), expect, "{text}");
        check("PORT=1\nexport RAILWAY_TOKEN=9f0e1d2c3b4a\n", true);
        check("DATABASE_URL=postgres://u:hunter22@db/app", true);
        check("API_KEY='abc'\r\n", true);
        check("\u{F0003}", true);
        check("PORT=1\nDEBUG=1\n", false);
        check("RAILWAY_TOKEN=\n", false);
        check("grant_type=refresh_token&client_secret=abcdefgh", false);
        check(r#"{"id": 1, "token": "abc"}"#, false);
        check("", false);
    }

    #[test]
    fn files_of_keys_by_their_names() {
        let check = |word: &str, expect| assert_eq!(names_keys(word), expect, "{word}");
        for word in [".env", "./app/.env.production", "if=.env", "f=@.env", "~/.aws/credentials", "prod.env"]
        {
            check(word, true);
        }
        check("/proc/self/environ", true);
        check("/home/me/.ssh/id_ed25519", true);
        for word in [".env.example", "src/token.rs", "config.json", "--env-file=.env", "id_ed25519.pub", "-"]
        {
            check(word, false);
        }
    }

    #[test]
    fn what_hides_them_and_what_leaves_them_out() {
        let text = "PORT=3000\nRAILWAY_TOKEN=9f0e1d2c\n";
        let check = |program, made, expect| assert_eq!(hidden(program, text, made), expect, "{program}");
        check("base64", "UE9SVD0zMDAwClJBSUxXQVlfVE9LRU49OWYwZTFkMmMK", true);
        // What is still readable tells of itself, and of where a command acts.
        check("cut", "3000\n9f0e1d2c\n", false);
        check("head", "PORT=3000\n", false);
        // Still to be seen as they are.
        check("tac", "RAILWAY_TOKEN=9f0e1d2c\nPORT=3000\n", false);
    }
}
