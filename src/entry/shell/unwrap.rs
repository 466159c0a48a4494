//! The texts that agents wrap a command in before they hand it to a shell.
//!
//! A wrapper is trusted by exact match only: every byte of it is as its template has it, and where the
//! template leaves room for a path, nothing but a path's plain characters stands there. Whatever
//! differs in one byte is read in full. The templates are data, `shims/shell/*.yaml`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

include!(concat!(env!("OUT_DIR"), "/wrappers.rs"));

/// A piece of such a text.
enum Piece {
    /// These bytes.
    Literal(&'static str),
    /// Letters, digits and `._-/`, at least one.
    Path,
    /// Letters, digits and `._-`, at least one.
    Name,
    /// The command as it is.
    Command,
    /// The command in single quotes, or bare if it is one plain word.
    Quoted,
}

/// A longer path is none.
const LONGEST_PATH: usize = 256;

/// Returns the command inside a text that an agent made, or `None` where no wrapper is known.
pub(super) fn unwrap(text: &OsStr) -> Option<OsString> {
    WRAPPERS.iter().find_map(|pieces| inside(pieces, text.as_bytes())).flatten().map(OsString::from_vec)
}

/// Returns the command in `text` if the text is of these pieces: `Some(None)` if they hold none.
fn inside(pieces: &[Piece], text: &[u8]) -> Option<Option<Vec<u8>>> {
    let Some((piece, rest)) = pieces.split_first() else { return text.is_empty().then_some(None) };
    match piece {
        Piece::Literal(literal) => inside(rest, text.strip_prefix(literal.as_bytes())?),
        Piece::Path | Piece::Name => {
            let may_be = |byte: &&u8| is_plain(**byte) || matches!(piece, Piece::Path) && **byte == b'/';
            let longest = text.iter().take(LONGEST_PATH).take_while(may_be).count();
            (1..=longest).rev().find_map(|length| inside(rest, &text[length..]))
        }
        Piece::Quoted => {
            let (command, length) = quoted(text)?;
            inside(rest, &text[length..])?.is_none().then_some(Some(command))
        }
        // What follows the command is fixed, so where it ends is known from the end of the text.
        Piece::Command => {
            let after = text.len().checked_sub(length_after(rest)?)?;
            let (command, tail) = text.split_at(after);
            inside(rest, tail)?.is_none().then_some(Some(command.to_owned()))
        }
    }
}

/// Returns the length of pieces that are fixed.
fn length_after(pieces: &[Piece]) -> Option<usize> {
    pieces.iter().try_fold(0, |length, piece| match piece {
        Piece::Literal(literal) => Some(length + literal.len()),
        _ => None,
    })
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// Reads a word that is plain, or one in single quotes with `'"'"'` or `'\''` for each quote in it, and returns what it says
/// and its length.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    const ESCAPES: [&[u8]; 2] = [b"'\"'\"'", b"'\\''"];
    let bare = text.iter().take(LONGEST_PATH).take_while(|byte| is_plain(**byte) || **byte == b'/').count();
    if bare > 0 {
        return Some((text[..bare].to_owned(), bare));
    }
    let mut said = Vec::new();
    let mut at = 1;
    text.strip_prefix(b"'")?;
    loop {
        let rest = text.get(at..)?;
        if let Some(escape) = ESCAPES.into_iter().find(|escape| rest.starts_with(escape)) {
            said.push(b'\'');
            at += escape.len();
        } else if rest.first()? == &b'\'' {
            return Some((said, at + 1));
        } else {
            said.push(rest[0]);
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_command_is_found_only_in_the_exact_text() {
        let pieces =
            [Piece::Literal("eval "), Piece::Quoted, Piece::Literal(" && pwd > /tmp/x-"), Piece::Path];
        let check = |text: &str, expect: Option<&str>| {
            let found =
                inside(&pieces, text.as_bytes()).flatten().map(|said| String::from_utf8(said).unwrap());
            assert_eq!(found.as_deref(), expect, "{text}");
        };
        check("eval 'ls' && pwd > /tmp/x-1", Some("ls"));
        check(r#"eval 'echo '"'"'a b'"'"'' && pwd > /tmp/x-1f/cwd"#, Some("echo 'a b'"));
        check(r"eval 'it'\''s' && pwd > /tmp/x-1", Some("it's"));
        check("eval 'ls' && pwd > /tmp/x-1; rm -rf ~", None);
        check("eval 'ls'; rm -rf ~ && pwd > /tmp/x-1", None);
        check("eval 'ls' && pwd > /tmp/x-$(rm)", None);
        check("eval 'ls' && pwd > /tmp/x-", None);
        check("eval ls && pwd > /tmp/x-1", Some("ls"));
        check("eval ls -la && pwd > /tmp/x-1", None);
        check("eval $x && pwd > /tmp/x-1", None);
        check("eval 'ls", None);
        check(" eval 'ls' && pwd > /tmp/x-1", None);
    }

    #[test]
    fn a_command_between_fixed_texts_is_all_that_is_between_them() {
        let pieces = [Piece::Literal("( "), Piece::Command, Piece::Literal("\n)")];
        let check = |text: &str, expect: Option<&str>| {
            let found =
                inside(&pieces, text.as_bytes()).flatten().map(|said| String::from_utf8(said).unwrap());
            assert_eq!(found.as_deref(), expect, "{text}");
        };
        check("( ls\n)", Some("ls"));
        check("( ls\n)\nrm -rf ~\n( x\n)", Some("ls\n)\nrm -rf ~\n( x"));
        check("( ls\n) ", None);
        check("( ls", None);
    }

    #[test]
    fn every_example_of_a_wrapper_gives_its_command() {
        for (text, command) in EXAMPLES {
            assert_eq!(unwrap(OsStr::new(text)).as_deref(), Some(OsStr::new(command)), "{text}");
            // One byte more, and it is no longer what the agent writes.
            assert_eq!(unwrap(OsStr::new(&format!("{text};"))), None, "{text}");
            assert_eq!(unwrap(OsStr::new(&format!(" {text}"))), None, "{text}");
        }
    }
}
