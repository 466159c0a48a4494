#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Returns what Python's zlib makes of some bytes, at a level.
fn deflate(bytes: &[u8], level: u8) -> Vec<u8> {
    let program = "import sys, zlib; c = zlib.compressobj(int(sys.argv[1]), zlib.DEFLATED, -15); \
                   sys.stdout.buffer.write(c.compress(sys.stdin.buffer.read()) + c.flush())";
    let mut child = Command::new("python3");
    let child = child.args(["-c", program, &level.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    child.wait_with_output().unwrap().stdout
}

#[test]
fn what_zlib_packs_is_unpacked() {
    let mixed: Vec<u8> =
        (0..70_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> (at % 24)) as u8).collect();
    for text in [&b""[..], b"a", b"abcabcabcabcabc", &[7; 40_000], include_bytes!("../inflate.rs"), &mixed] {
        for level in [0, 1, 9] {
            let packed = deflate(text, level);
            assert_eq!(inflate(&packed, text.len()).as_deref(), Some(text), "{} at {level}", text.len());
            if !text.is_empty() {
                assert_eq!(inflate(&packed, text.len() - 1), None);
                assert_eq!(inflate(&packed[..packed.len() / 2], text.len()), None);
            }
        }
    }
}

proptest! {
    #[test]
    fn nothing_stops_it(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let found = inflate(&bytes, 10_000);
        prop_assert!(found.is_none_or(|found| found.len() <= 10_000));
    }
}
