//! Guard's own ledger: every command once, where it first stands.

use std::ffi::OsString;
use std::io::{self, BufRead};
use std::path::PathBuf;

use super::lines::{self, Unread};
use super::{Past, Take};
use crate::parse::Dialect;
use crate::proposal::Form;
use crate::record::Line;

/// Reads the commands of a ledger. Their secrets were redacted when they were recorded.
pub(super) fn read(from: impl BufRead, take: &mut Take<'_>) -> io::Result<()> {
    lines::each(from, |number, bytes| {
        let Some(line) = bytes.and_then(|bytes| serde_json::from_slice::<Line>(bytes).ok()) else {
            return take(Err(Unread));
        };
        // What continues another line is about a command that was read already.
        if let (Some(command), None) = (line.command, line.of) {
            let form = Form::Shell { text: OsString::from(command), dialect: Dialect::Bash };
            take(Ok(Past { form, cwd: line.cwd.map(PathBuf::from), line: number }));
        }
    })
}
