//! A file line by line, in bounded memory.

use std::io::{self, BufRead, Read};

/// The longest line that is read, in bytes.
pub(super) const LONGEST: u64 = 32 * 1024 * 1024;

/// A part of a file that is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unread;

/// Hands over every line with its number, without its newline; `None` for one that is too long.
pub(super) fn each(mut from: impl BufRead, mut take: impl FnMut(u64, Option<&[u8]>)) -> io::Result<()> {
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        number += 1;
        let count = from.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
        if count == 0 {
            return Ok(());
        }
        if line.last() == Some(&b'\n') {
            line.pop();
            take(number, Some(&line));
        } else if count as u64 == LONGEST {
            take(number, None);
            skip_line(&mut from)?;
            line = Vec::new();
        } else {
            take(number, Some(&line));
        }
    }
}

fn skip_line(from: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = from.fill_buf()?;
        let (count, done) = match memchr::memchr(b'\n', buffer) {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        from.consume(count);
        if done {
            return Ok(());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn lines_are_counted_and_what_is_too_long_is_passed_over() {
        let text = [b"a\n\n".as_slice(), &vec![b'x'; usize::try_from(LONGEST).unwrap() + 5], b"\nb"].concat();
        let mut seen = Vec::new();
        each(BufReader::new(text.as_slice()), |number, line| seen.push((number, line.map(<[u8]>::to_vec))))
            .unwrap();
        let expect =
            vec![(1, Some(b"a".to_vec())), (2, Some(Vec::new())), (3, None), (4, Some(b"b".to_vec()))];
        assert_eq!(seen, expect);
    }
}
