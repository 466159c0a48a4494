//! The escapes of `$'…'`.

use super::Dialect;
use crate::unknown::UNKNOWN;

/// Returns what `$'body'` stands for. Bytes that are not UTF-8 become a mark: no string can hold
/// them, and they could be anything.
pub(super) fn decode(body: &str, dialect: Dialect) -> String {
    let mut bytes = Vec::with_capacity(body.len());
    let mut rest = body.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'\\' {
            bytes.push(first);
            continue;
        }
        match escape(&mut rest) {
            // The shell keeps such a string as C does: it ends at the first zero.
            Escape::Byte(0) | Escape::Char('\0') => break,
            Escape::Byte(byte) => bytes.push(byte),
            Escape::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Escape::None if dialect == Dialect::Zsh => {}
            Escape::None => bytes.push(b'\\'),
        }
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(UNKNOWN);
        }
    }
    text
}

enum Escape {
    Byte(u8),
    Char(char),
    /// No escape: the backslash stands for itself, or in zsh for nothing.
    None,
}

/// Reads the escape behind a backslash from the start of `rest`.
fn escape(rest: &mut &[u8]) -> Escape {
    let Some((&letter, after)) = rest.split_first() else { return Escape::None };
    let before = std::mem::replace(rest, after);
    match letter {
        b'a' => Escape::Byte(0x07),
        b'b' => Escape::Byte(0x08),
        b'e' | b'E' => Escape::Byte(0x1B),
        b'f' => Escape::Byte(0x0C),
        b'n' => Escape::Byte(b'\n'),
        b'r' => Escape::Byte(b'\r'),
        b't' => Escape::Byte(b'\t'),
        b'v' => Escape::Byte(0x0B),
        b'\\' | b'\'' | b'"' | b'?' => Escape::Byte(letter),
        b'0'..=b'7' => {
            *rest = before;
            // `\400` and above lose their ninth bit, as in C.
            Escape::Byte(digits(rest, 8, 3).unwrap_or_default() as u8)
        }
        b'x' => hexadecimal(rest).map_or_else(|| undo(rest, before), Escape::Byte),
        b'u' => unicode(rest, 4).unwrap_or_else(|| undo(rest, before)),
        b'U' => unicode(rest, 8).unwrap_or_else(|| undo(rest, before)),
        b'c' => control(rest).map_or_else(|| undo(rest, before), Escape::Byte),
        _ => undo(rest, before),
    }
}

fn undo<'t>(rest: &mut &'t [u8], before: &'t [u8]) -> Escape {
    *rest = before;
    Escape::None
}

/// `\xHH`, and `\x{H…}`, of which the last two digits count.
fn hexadecimal(rest: &mut &[u8]) -> Option<u8> {
    let Some(inner) = rest.strip_prefix(b"{") else {
        return digits(rest, 16, 2).map(|value| value as u8);
    };
    *rest = inner;
    let value = digits(rest, 16, usize::MAX).unwrap_or_default();
    *rest = rest.strip_prefix(b"}").unwrap_or(rest);
    Some(value as u8)
}

fn unicode(rest: &mut &[u8], length: usize) -> Option<Escape> {
    let value = digits(rest, 16, length)?;
    // Half of a surrogate pair has no UTF-8 that is valid: a lone byte makes it a mark.
    Some(char::from_u32(value).map_or(Escape::Byte(0xFF), Escape::Char))
}

/// `\cX`: the control character of `X`; `\c\\` is written with two backslashes.
fn control(rest: &mut &[u8]) -> Option<u8> {
    let (&letter, after) = rest.split_first()?;
    *rest = after;
    if letter == b'\\' {
        *rest = rest.strip_prefix(b"\\").unwrap_or(rest);
    }
    Some(if letter == b'?' { 0x7F } else { letter.to_ascii_uppercase() & 0x1F })
}

/// Reads up to `most` digits; a value that is too big wraps.
fn digits(rest: &mut &[u8], radix: u32, most: usize) -> Option<u32> {
    let digit = |&byte: &u8| char::from(byte).to_digit(radix);
    let count = rest.iter().take(most).take_while(|byte| digit(byte).is_some()).count();
    let (digits, after) = rest.split_at(count);
    *rest = after;
    let value = |sum: u32, digit: u32| sum.wrapping_mul(radix).wrapping_add(digit);
    (count > 0).then(|| digits.iter().filter_map(digit).fold(0, value))
}
