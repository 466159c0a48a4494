//! Decoders of the encodings in which code hides strings.

/// Returns the text that `encoded` is in base64, with the alphabet of files or of addresses.
pub(super) fn base64(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len() / 4 * 3);
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in encoded.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        buffer = buffer << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits & 0xff) as u8);
        }
    }
    text(bytes)
}

/// Returns the text that `encoded` is in hexadecimal digits.
pub(super) fn hex(encoded: &str) -> Option<String> {
    let digits: Vec<u8> = encoded
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    digits
        .len()
        .is_multiple_of(2)
        .then(|| text(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()))?
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

fn text(bytes: Vec<u8>) -> Option<String> {
    // UTF-16, as PowerShell encodes its commands.
    if bytes.len() >= 2
        && bytes.len().is_multiple_of(2)
        && bytes.iter().skip(1).step_by(2).all(|byte| *byte == 0)
    {
        return Some(bytes.iter().step_by(2).map(|byte| char::from(*byte)).collect());
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded() {
        assert_eq!(base64("cm0gLXJmIC8=").as_deref(), Some("rm -rf /"));
        assert_eq!(base64("cm0g\nLXJmIC8").as_deref(), Some("rm -rf /"));
        assert_eq!(base64("cgBtAA==").as_deref(), Some("rm"));
        assert_eq!(base64("cm0*"), None);
    }

    #[test]
    fn hexadecimal_digits_are_decoded() {
        assert_eq!(hex("726d20 2d7266").as_deref(), Some("rm -rf"));
        assert_eq!(hex("726"), None);
        assert_eq!(hex("zz"), None);
    }

    #[test]
    fn letters_are_turned() {
        assert_eq!(rot13("ez -es / AZ"), "rm -rf / NM");
    }
}
