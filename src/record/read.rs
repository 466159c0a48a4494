//! Reading a ledger back.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::files;
use super::ledger::LedgerError;
use super::line::Line;

/// Returns the lines of the ledger at `path`, through all of its files, each as its bytes and, if it can be
/// read, its fields. A ledger that was never begun has none.
///
/// Nothing is compared with seals or neighbours; [`super::verify`] does that.
pub fn lines(path: &Path) -> Result<impl Iterator<Item = io::Result<(Vec<u8>, Option<Line>)>>, LedgerError> {
    let files = files::open_all(path)?.files;
    let buffered = |(_, file): (_, File)| BufReader::with_capacity(1 << 16, file).split(b'\n');
    Ok(files.into_iter().flat_map(buffered).map(|bytes| bytes.map(read)))
}

pub(super) fn read(bytes: Vec<u8>) -> (Vec<u8>, Option<Line>) {
    let line = Line::read(&bytes);
    (bytes, line)
}
