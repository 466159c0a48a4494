//! Reading a ledger back.

use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::ledger::{LedgerError, read_only};
use super::line::Line;

/// Returns the lines of the ledger at `path`, each as its bytes and, if it can be read, its fields. A
/// ledger that was never begun has none.
///
/// Nothing is compared with seals or neighbours; [`super::verify`] does that.
pub fn lines(path: &Path) -> Result<impl Iterator<Item = io::Result<(Vec<u8>, Option<Line>)>>, LedgerError> {
    let file = read_only(path)?.map(|file| BufReader::with_capacity(1 << 16, file));
    let lines = file.into_iter().flat_map(|file| file.split(b'\n'));
    let read = |bytes: Vec<u8>| {
        let line = Line::read(&bytes);
        (bytes, line)
    };
    Ok(lines.map(move |bytes| bytes.map(read)))
}
