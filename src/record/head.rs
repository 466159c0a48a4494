//! The head: where the ledger ends.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::line::Hash;

/// The number and hash of the last line, and the length of the ledger with it.
///
/// Written over itself in one write of one width, well within a disk sector, so that it is either
/// the old one or the new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) n: u64,
    pub(super) hash: Hash,
    pub(super) length: u64,
}

impl Head {
    /// Twenty digits hold any number of 64 bits.
    const WIDTH: usize = 20 + 1 + Hash::WIDTH + 1 + 20 + 1;

    /// Returns the head in `file`; `None` if there is none that can be read.
    pub(super) fn read(file: &File) -> io::Result<Option<Self>> {
        let mut bytes = [0; Self::WIDTH];
        match file.read_exact_at(&mut bytes, 0) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
            Ok(()) => Ok(Self::parse(&bytes)),
        }
    }

    /// Writes the head over the one in `file`.
    pub(super) fn write(&self, file: &File) -> io::Result<()> {
        file.write_all_at(self.print().as_bytes(), 0)
    }

    fn print(&self) -> String {
        format!("{:020} {} {:020}\n", self.n, self.hash, self.length)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
        let mut fields = text.split(' ');
        let head = Self {
            n: fields.next()?.parse().ok()?,
            hash: Hash::parse(fields.next()?.as_bytes())?,
            length: fields.next()?.parse().ok()?,
        };
        (fields.next().is_none() && head.n > 0 && head.n < u64::MAX).then_some(head)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_head_has_one_width_and_is_read_back() {
        for n in [1, 12_345, u64::MAX - 1] {
            let head = Head { n, hash: Hash::of(&n.to_le_bytes()), length: n };
            assert_eq!(head.print().len(), Head::WIDTH);
            assert_eq!(Head::parse(head.print().as_bytes()), Some(head));
        }
    }

    #[test]
    fn a_damaged_head_is_none() {
        let whole = Head { n: 7, hash: Hash::of(b"x"), length: 700 }.print();
        for damaged in
            [&whole[..70], &whole.replace(' ', "x"), &whole.replace('0', " "), &whole.replace('7', "0")]
        {
            assert_eq!(Head::parse(damaged.as_bytes()), None, "{damaged:?}");
        }
    }
}
