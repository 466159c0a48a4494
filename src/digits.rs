//! Bytes as digits: hexadecimal for files, base 32 (RFC 4648) for seeds that people may type.

/// The digits of base 32.
const BASE_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Returns bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads just so many bytes of hexadecimal digits.
pub fn unhex<const COUNT: usize>(text: &str) -> Option<[u8; COUNT]> {
    if text.len() != 2 * COUNT || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; COUNT];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Reads hexadecimal digits, however many bytes they are.
pub fn unhex_all(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}

/// Returns bytes in base 32, without padding.
pub fn base_32(bytes: &[u8]) -> String {
    let digit = |chunk: &[u8], at: usize| {
        let bits =
            chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte)) << (8 * (5 - chunk.len()));
        char::from(BASE_32[usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or_default()])
    };
    bytes
        .chunks(5)
        .flat_map(|chunk| (0..(chunk.len() * 8).div_ceil(5)).map(move |at| digit(chunk, at)))
        .collect()
}

/// Reads base 32 as people type it, in either case and with blanks.
pub fn unbase_32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in text.bytes().filter(|byte| *byte != b' ' && *byte != b'=') {
        let value = BASE_32.iter().position(|known| *known == digit.to_ascii_uppercase())?;
        held = held << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
        held &= (1 << bits) - 1;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal() {
        assert_eq!(hex(&[0, 0xa5, 255]), "00a5ff");
        assert_eq!(unhex("00a5ff"), Some([0, 0xa5, 255]));
        for wrong in ["00a5f", "00a5fg", "+0a5ff", "00a5ff00", "é0a5f"] {
            assert_eq!(unhex::<3>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn base_32_is_that_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base_32(bytes.as_bytes()), text);
            assert_eq!(unbase_32(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(unbase_32("mzxw 6ytb oi==").as_deref(), Some(&b"foobar"[..]));
        assert_eq!(unbase_32("MZXW1"), None);
    }
}
