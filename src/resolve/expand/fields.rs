//! How what a word becomes is split into words.

use crate::unknown::{UNKNOWN, quoted};

/// How long one word may get, in bytes; what is longer is unknown.
pub(super) const LONGEST: usize = 64 * 1024;

/// A stretch of what a word becomes, before it is split.
#[derive(Debug)]
pub(super) enum Piece {
    /// Stands for itself; a glob in it stays one.
    Plain(String),
    /// Was quoted: part of a word even when it is empty.
    Quoted(String),
    /// Comes from an expansion that was not quoted: split at the separators.
    Split(String),
    /// A word ends here: between the elements of `$@`.
    Break,
}

impl Piece {
    /// Returns its length in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Plain(text) | Self::Quoted(text) | Self::Split(text) => text.len(),
            Self::Break => 0,
        }
    }
}

/// A word, and whether something in it that was not quoted is a glob.
#[derive(Debug)]
pub(super) struct Field {
    pub text: String,
    pub is_glob: bool,
}

/// Splits pieces into words. Separators that are blanks count as one, others each by itself.
pub(super) fn split(pieces: Vec<Piece>, separators: Option<&str>) -> Vec<Field> {
    let mut splitter = Splitter::default();
    for piece in pieces {
        match piece {
            Piece::Plain(text) => splitter.plain(&text),
            Piece::Quoted(text) => splitter.quoted(&text),
            Piece::Split(text) => match separators {
                Some(separators) => splitter.split(&text, separators),
                None if text.is_empty() => {}
                None => splitter.plain(crate::unknown::UNKNOWN_WORDS.encode_utf8(&mut [0; 4])),
            },
            Piece::Break => splitter.end(),
        }
    }
    splitter.end();
    splitter.fields
}

#[derive(Default)]
struct Splitter {
    fields: Vec<Field>,
    text: String,
    /// Whether `text` is a word even when it is empty.
    exists: bool,
    is_glob: bool,
    /// Whether a blank has just ended a word: a separator behind it belongs to it.
    after_blank: bool,
}

impl Splitter {
    fn plain(&mut self, text: &str) {
        self.exists |= !text.is_empty();
        self.is_glob |= text.contains(['*', '?', '[']);
        self.push(text);
    }

    fn quoted(&mut self, text: &str) {
        self.exists = true;
        self.push(&quoted(text));
    }

    fn push(&mut self, text: &str) {
        self.after_blank = false;
        self.text.push_str(text);
        if self.text.len() > LONGEST {
            self.text = UNKNOWN.to_string();
        }
    }

    fn split(&mut self, text: &str, separators: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(|c| separators.contains(c)) {
            self.plain(&rest[..at]);
            let mut after = rest[at..].chars();
            let is_blank = matches!(after.next(), Some(' ' | '\t' | '\n'));
            rest = after.as_str();
            if self.exists {
                self.end();
                self.after_blank = is_blank;
            } else if !is_blank && !std::mem::take(&mut self.after_blank) {
                self.exists = true;
                self.end();
            }
        }
        self.plain(rest);
    }

    fn end(&mut self) {
        if self.exists {
            self.fields.push(Field { text: std::mem::take(&mut self.text), is_glob: self.is_glob });
        }
        self.exists = false;
        self.is_glob = false;
        self.after_blank = false;
    }
}
