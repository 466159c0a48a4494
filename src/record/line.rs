//! One line of the ledger: its fields, its seal.

use std::fmt;
use std::io::{self, Write};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::text::is_typable;

/// No line is longer than this many bytes; every field is bounded so that it cannot be.
pub(super) const LONGEST_LINE: u64 = 256 * 1024;

/// Stands between what is sealed and the seal.
const SEAL: &[u8] = b",\"hash\":\"";

/// One line of the ledger, field by field in the order in which they are written. Fields that say
/// nothing are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Line {
    /// The number of the line; the first is 1.
    pub n: u64,
    /// When it was written: RFC 3339, UTC, milliseconds.
    pub time: String,
    /// What happened.
    pub what: What,
    /// The number of the line that this one continues: the question of an answer, the start of an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// The command without its secrets; words that no shell text holds are written as a shell would quote them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Set where the middle of a long command was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortened: Option<Shortened>,
    /// The rules that matched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// What could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Unread>,
    /// The phrase that was asked for, or typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phrase: Option<String>,
    /// Who or what decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// The person, if one decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<Answerer>,
    /// The second person, if two had to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<Answerer>,
    /// The names of the credentials that it got.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// The policy's reason, the fault, or the warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The command's exit status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i32>,
    /// The signal that ended the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// How long the command ran, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// The agent that asked, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The door through which the command came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The directory in which the command was to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// The process that wrote the line. A harmless command runs under the same number.
    pub pid: u32,
    /// The user who wrote the line.
    pub uid: u32,
    /// Set where the head was lost when this line was written, so that a cut before it cannot be told.
    #[serde(skip_serializing_if = "is_false")]
    pub headless: bool,
    /// The hash of the line before.
    pub prev: Hash,
}

/// What a line tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A harmless command was about to run; guard became it, so its result is not on record.
    Ran,
    /// A command that a person would have been asked about was about to run, because policy only watched.
    Observed,
    /// A person was about to be asked.
    Asked,
    /// The question was put to a person at another terminal.
    Shown,
    /// A person answered there.
    Answered,
    /// A person allowed it; the command was about to run.
    Cleared,
    /// What a command drops was saved before it ran, or could not be.
    Kept,
    /// Everything was frozen, or no longer.
    Frozen,
    /// A cleared command ended.
    Ended,
    /// A command was not run.
    Refused,
    /// A person enrolled a secret.
    Enrolled,
    /// Something was amiss that stopped nothing.
    Warned,
    /// Something that a newer guard wrote.
    #[default]
    #[serde(other, skip_serializing)]
    Unknown,
}

/// Who or what decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// A person.
    Person,
    /// A policy.
    Policy,
    /// Nobody: no person could be reached.
    NobodyToAsk,
    /// Nobody: no answer came in time.
    Timeout,
    /// Nobody: guard itself failed.
    Broken,
    /// Something that a newer guard wrote.
    #[serde(other, skip_serializing)]
    Unknown,
}

/// A command of which the middle was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortened {
    /// How many bytes it has whole, without its secrets.
    pub bytes: u64,
    /// The SHA-256 of the whole, in hexadecimal. The secrets are left out before: the hash of a weak
    /// secret would give it away.
    pub sha256: String,
}

/// Something in the command that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// What could hide in it.
    pub kind: String,
    /// What a person is told.
    pub reason: String,
}

/// The person who answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answerer {
    /// The user id.
    pub uid: u32,
    /// The user's name, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The terminal on which the answer was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tty: Option<String>,
    /// What shows that it was a person, where the answer came from elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Which enrolled secret was shown: `passphrase of ada`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl Answerer {
    /// Returns the name by which people know who answered: that of the secret, else the user's.
    pub fn shown(&self) -> &str {
        let enrolled =
            self.secret.as_deref().and_then(|secret| secret.rsplit_once(" of ")).map(|(_, name)| name);
        enrolled.or(self.user.as_deref()).unwrap_or("a person")
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Line {
    /// Returns the bytes of the line, sealed and ended by a newline, and its hash.
    pub(super) fn seal(&self) -> io::Result<(Vec<u8>, Hash)> {
        let mut bytes = Vec::with_capacity(512);
        self.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Visible))?;
        bytes.pop(); // the closing brace, which comes after the seal
        let hash = Hash::of(&bytes);
        bytes.extend_from_slice(SEAL);
        writeln!(bytes, "{hash}\"}}")?;
        Ok((bytes, hash))
    }

    /// Reads a line, whether its seal holds or not; `None` if it is not one.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// What binds a line to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) n: u64,
    pub(super) prev: Hash,
    pub(super) hash: Hash,
    pub(super) headless: bool,
}

impl Link {
    /// Reads the link of a line without its newline; `None` if the line is not just as it was sealed.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Bound {
            n: u64,
            prev: Hash,
            #[serde(default)]
            headless: bool,
        }
        let before_end = line.strip_suffix(b"\"}")?;
        let (before, hash) = before_end.split_at_checked(before_end.len().checked_sub(Hash::WIDTH)?)?;
        let sealed = before.strip_suffix(SEAL)?;
        let hash = Hash::parse(hash)?;
        if Hash::of(sealed) != hash {
            return None;
        }
        let Bound { n, prev, headless } = serde_json::from_slice(line).ok()?;
        (n < u64::MAX).then_some(Self { n, prev, hash, headless })
    }
}

/// The first 128 bits of a SHA-256; prints as 32 hexadecimal digits. The default, zero, stands
/// before the first line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hash(u128);

impl Hash {
    /// How many digits it prints as.
    pub(super) const WIDTH: usize = 32;

    /// Returns the hash of `bytes`.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        Self(digest.iter().take(16).fold(0, |bits, &byte| bits << 8 | u128::from(byte)))
    }

    /// Reads what [`Hash`] prints, and nothing else.
    pub(super) fn parse(digits: &[u8]) -> Option<Self> {
        let lower_hex = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != Self::WIDTH || !digits.iter().all(lower_hex) {
            return None;
        }
        u128::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        Self::parse(digits.as_bytes()).ok_or_else(|| serde::de::Error::custom("not a hash"))
    }
}

/// JSON in which every character can be seen: what moves the cursor, turns the writing round or has
/// no width is escaped, so that the file may be shown on a terminal as it is.
struct Visible;

impl serde_json::ser::Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut shown = 0;
        for (at, c) in fragment.char_indices().filter(|&(_, c)| !is_typable(c)) {
            writer.write_all(&fragment.as_bytes()[shown..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            shown = at + c.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[shown..])
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sealed(line: &Line) -> String {
        String::from_utf8(line.seal().unwrap().0).unwrap()
    }

    fn of(command: &str) -> Line {
        Line { n: 3, what: What::Ran, command: Some(command.into()), ..Line::default() }
    }

    #[test]
    fn a_line_is_read_back_as_it_was_written() {
        let line = of("echo \"a\" 'b' \\ \u{1b}[2J \u{202e} ü 日本 \u{f0000}");
        let text = sealed(&line);
        assert_eq!(Line::read(text.as_bytes()), Some(line));
        assert!(Link::of(text.trim_end().as_bytes()).is_some());
    }

    #[test]
    fn what_a_terminal_would_hide_is_escaped() {
        let text = sealed(&of("a\u{1b}b\u{7f}c\u{9b}d\u{202e}e\u{200b}f\u{feff}g\u{f0001}h ü"));
        assert!(text.contains(r#""a\u001bb\u007fc\u009bd\u202ee\u200bf\ufeffg\udb80\udc01h ü""#), "{text}");
    }

    #[test]
    fn any_changed_byte_breaks_the_seal() {
        let whole = sealed(&of("rm -rf build"));
        let whole = whole.trim_end().as_bytes();
        for at in 0..whole.len() {
            let mut bytes = whole.to_vec();
            bytes[at] ^= 1;
            assert_eq!(Link::of(&bytes), None, "byte {at} of {}", String::from_utf8_lossy(whole));
            assert_eq!(Link::of(&whole[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn the_seal_is_half_a_sha_256() {
        // printf abc | sha256sum
        assert_eq!(Hash::of(b"abc").to_string(), "ba7816bf8f01cfea414140de5dae2223");
        assert_eq!(Hash::parse(b"ba7816bf8f01cfea414140de5dae2223"), Some(Hash::of(b"abc")));
        assert_eq!(Hash::parse(b"BA7816BF8F01CFEA414140DE5DAE2223"), None);
        assert_eq!(Hash::parse(b"+a7816bf8f01cfea414140de5dae2223"), None);
        assert_eq!(Hash::parse(b""), None);
    }

    #[test]
    fn lines_of_a_newer_guard_can_be_read() {
        let line =
            Line::read(br#"{"n":1,"what":"dreamt","by":"committee","moon":{"full":true},"x":[1]}"#).unwrap();
        assert_eq!((line.n, line.what, line.by), (1, What::Unknown, Some(By::Unknown)));
    }
}
