//! Text taken out of a file in which every byte knows its position in that file.
//!
//! A block in YAML, a string in JSON or a recipe whose variables were filled in differs from the file's own
//! text; what is found in it must still be shown where it is in the file.

use std::ops::Range;

/// A text and the file's bytes that each of its bytes stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    text: String,
    places: Vec<(u32, u32)>,
}

impl Mapped {
    /// Returns a stretch of a file as it stands.
    pub fn of(source: &str, range: Range<usize>) -> Self {
        let mut mapped = Self::default();
        mapped.keep(source, range);
        mapped
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds a stretch of the file as it stands.
    pub fn keep(&mut self, source: &str, range: Range<usize>) {
        let Some(text) = source.get(range.clone()) else { return };
        self.text.push_str(text);
        self.places.extend(range.map(|at| place(at..at + 1)));
    }

    /// Adds text that stands for a stretch of the file.
    pub fn put(&mut self, text: &str, range: Range<usize>) {
        self.text.push_str(text);
        self.places.extend(std::iter::repeat_n(place(range), text.len()));
    }

    /// Adds another text of the same file.
    pub fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
        self.places.extend_from_slice(&other.places);
    }

    /// Returns a part of the text.
    pub fn part(&self, range: Range<usize>) -> Self {
        match self.text.get(range.clone()) {
            Some(text) => Self { text: text.to_owned(), places: self.places[range].to_vec() },
            None => Self::default(),
        }
    }

    /// Returns the text without the blanks around it.
    pub fn trimmed(&self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        self.part(start..start.max(self.text.trim_end().len()))
    }

    /// Returns the text with every stretch between `open` and `close` replaced by what `fill` makes of it.
    pub fn filled(&self, open: &str, close: &str, fill: impl Fn(&str) -> String) -> Self {
        let mut filled = Self::default();
        let mut rest = 0;
        while let Some(start) = self.text[rest..].find(open).map(|at| rest + at) {
            let inside = start + open.len();
            let Some(end) = self.text[inside..].find(close).map(|at| inside + at) else { break };
            filled.append(&self.part(rest..start));
            rest = end + close.len();
            filled.put(&fill(&self.text[inside..end]), self.source(start..rest));
        }
        filled.append(&self.part(rest..self.text.len()));
        filled
    }

    /// Returns the stretch of the file that a part of the text stands for.
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        let last = range.end.min(self.places.len());
        match self.places.get(range.start..last) {
            Some([first, .., last]) => first.0 as usize..(last.1.max(first.0)) as usize,
            Some([only]) => only.0 as usize..only.1 as usize,
            _ => 0..0,
        }
    }

    /// Returns the stretch of the file that all of the text stands for.
    pub fn whole(&self) -> Range<usize> {
        self.source(0..self.text.len())
    }
}

fn place(range: Range<usize>) -> (u32, u32) {
    let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    (clamp(range.start), clamp(range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_filled_in_stands_where_its_name_stood() {
        let source = "run: rm -rf ${{ x }}/y";
        let text = Mapped::of(source, 5..source.len()).filled("${{", "}}", |_| "?".to_owned());
        assert_eq!(text.text(), "rm -rf ?/y");
        let hole = text.text().find('?').unwrap_or_default();
        assert_eq!(&source[text.source(hole..hole + 1)], "${{ x }}");
        assert_eq!(&source[text.source(hole + 1..hole + 3)], "/y");
        assert_eq!(&source[text.whole()], "rm -rf ${{ x }}/y");
    }

    #[test]
    fn a_stretch_that_is_not_there_is_empty() {
        assert_eq!(Mapped::of("ä", 1..2), Mapped::default());
        assert_eq!(Mapped::of("abc", 0..3).source(5..9), 0..0);
    }
}
