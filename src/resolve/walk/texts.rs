//! Where in the text that was handed in something stands: texts are read within texts, and files behind
//! them.

use super::Walker;
use crate::parse::script::Span;

impl Walker<'_> {
    /// Notes where in the outermost text what follows stands, unless a text of its own is read.
    pub(in crate::resolve) fn stands_at(&mut self, span: Span) {
        if self.texts == 0 {
            self.at = span;
        }
    }

    /// Reads what stands in a text other than that of the commands which are being read.
    pub(in crate::resolve) fn in_text<T>(&mut self, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.at_text(self.texts + 1, walk)
    }

    /// Reads what stands that many texts deep; the outermost is the first.
    pub(in crate::resolve) fn at_text<T>(&mut self, depth: usize, walk: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::replace(&mut self.texts, depth);
        let result = walk(self);
        self.texts = around;
        result
    }

    /// Follows what a file of the project says, one level deeper.
    pub(in crate::resolve) fn in_project<T: Default>(
        &mut self,
        name: impl Into<String>,
        walk: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.apart += 1;
        let result = self.deeper(name, walk);
        self.apart -= 1;
        result
    }
}
