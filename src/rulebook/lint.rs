//! What a pack must not do, as far as that can be seen without judging a command.
//!
//! A pack that is not [`sound`] does not mean what it says (a rule that could never match, a regular
//! expression that is none); it is refused wherever it comes from. A pack that is not [`tidy`] is
//! badly kept (no examples, a title with a period); that is refused of the packs that come with
//! guard, and by `guard rules lint`.

use super::format::Pack;
use super::load::{PackError, read_pack};

/// Reads and checks the packs of a whole book, given as path and text.
pub fn read_all(sources: &[(String, String)]) -> (Vec<Pack>, Vec<PackError>) {
    let mut packs = Vec::new();
    let mut errors = Vec::new();
    for (path, text) in sources {
        match read_pack(text, path) {
            Ok(pack) => packs.push(pack),
            Err(error) => errors.push(error),
        }
    }
    (packs, errors)
}
