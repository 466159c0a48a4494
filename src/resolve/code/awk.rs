//! What only awk has: `print` into files and commands.

use super::reader::Reader;
use super::syntax::ADD;
use super::text::{fill_percent, joined};
use super::value::Value;
use crate::unknown::UNKNOWN;

impl Reader<'_> {
    /// Reads `print a, b > file`, `print a | command`: a call of `>`, `>>` or `|` with the target and
    /// what is written to it.
    pub(super) fn print(&mut self) {
        let start = self.here();
        let formats = self.next_word_is("printf");
        self.at += 1;
        let mut values = Vec::new();
        loop {
            let before = self.at;
            values.push(self.binary(ADD).value);
            if self.at == before || !self.skip(",") {
                break;
            }
        }
        if let [Value::List(list)] = values.as_slice() {
            values = list.items.clone();
        }
        for sign in [">>", ">", "|&", "|"] {
            if self.skip(sign) {
                let target = self.binary(ADD).value;
                let end = self.before();
                let text = match values.split_first() {
                    Some((format, rest)) if formats => fill_percent(&format.to_text(), rest.iter()),
                    Some((Value::Unknown, [])) | None => UNKNOWN.to_string(),
                    Some(_) => joined(values.iter(), " "),
                };
                let text = self.make(text);
                self.emit_simple(sign.trim_end_matches('&'), &[target, text], start, end);
                return;
            }
        }
    }
}
