//! Base64, base32 and hexadecimal digits, both ways, and turned letters: what commands and code hide
//! text in.

use crate::unknown::UNKNOWN;

/// Returns bytes as text; what is not UTF-8 counts as unknown. Zero bytes go, so UTF-16 is read too.
pub(super) fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().chars().filter(|c| *c != '\0'));
        if !chunk.invalid().is_empty() {
            text.push(UNKNOWN);
        }
    }
    text
}

/// Decodes base64, standard or URL-safe, blanks skipped.
pub(super) fn base64(encoded: &str) -> Option<String> {
    bits(encoded, 6, |c| {
        Some(match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        })
    })
}

/// Decodes base32, blanks skipped.
pub(super) fn base32(encoded: &str) -> Option<String> {
    bits(encoded, 5, |c| {
        Some(match c {
            b'A'..=b'Z' => c - b'A',
            b'2'..=b'7' => c - b'2' + 26,
            _ => return None,
        })
    })
}

/// Decodes hexadecimal digits, blanks skipped.
pub(super) fn hexadecimal(encoded: &str) -> Option<String> {
    bits(encoded, 4, |c| u8::try_from(char::from(c).to_digit(16)?).ok())
}

fn bits(encoded: &str, width: u32, digit: impl Fn(u8) -> Option<u8>) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let (mut buffer, mut held) = (0_u32, 0);
    for c in encoded.bytes().filter(|c| !c.is_ascii_whitespace()) {
        // It ends a text; another may stand behind it.
        if c == b'=' {
            (buffer, held) = (0, 0);
            continue;
        }
        buffer = buffer << width | u32::from(digit(c)?);
        held += width;
        if held >= 8 {
            held -= 8;
            bytes.push((buffer >> held) as u8);
            buffer &= (1 << held) - 1;
        }
    }
    Some(text(&bytes))
}

/// Encodes as `base64` does, in lines of `width` characters, or in one where that is 0.
pub(super) fn to_base64(plain: &str, width: usize) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut digits = Vec::with_capacity(plain.len() / 3 * 4 + 4);
    for three in plain.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let all = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS[(all >> (18 - 6 * at) & 63) as usize];
            digits.push(if at <= three.len() { digit } else { b'=' });
        }
    }
    lines(&digits, width)
}

/// Encodes as `xxd -p` does.
pub(super) fn to_hexadecimal(plain: &str) -> String {
    let digits: String = plain.bytes().map(|byte| format!("{byte:02x}")).collect();
    lines(digits.as_bytes(), 60)
}

fn lines(digits: &[u8], width: usize) -> String {
    if width == 0 {
        return text(digits);
    }
    digits.chunks(width).map(|line| text(line) + "\n").collect()
}

/// Returns `text` with its letters turned by thirteen places.
pub(super) fn rot13(text: &str) -> String {
    let turn = |c: char, first: u8| char::from((c as u8 - first + 13) % 26 + first);
    text.chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a'),
            'A'..='Z' => turn(c, b'A'),
            _ => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded() {
        assert_eq!(base64("cm0gLXJmIC8=").as_deref(), Some("rm -rf /"));
        assert_eq!(base64("cm0g\nLXJmIC8").as_deref(), Some("rm -rf /"));
        assert_eq!(base64("cgBtAA==").as_deref(), Some("rm"));
        assert_eq!(base64("cm0=IC1yZg==").as_deref(), Some("rm -rf"));
        assert_eq!(base64("cm0*"), None);
    }

    #[test]
    fn hexadecimal_digits_are_decoded() {
        assert_eq!(hexadecimal("726d20 2d7266").as_deref(), Some("rm -rf"));
        assert_eq!(hexadecimal("726").as_deref(), Some("r"));
        assert_eq!(hexadecimal("zz"), None);
    }

    #[test]
    fn letters_are_turned() {
        assert_eq!(rot13("ez -es / AZ"), "rm -rf / NM");
    }
}
