//! Looking at what stands next, and stepping over it.
//!
//! A backslash before a newline joins two lines wherever it is not quoted, even inside an operator
//! or a name. So everything here looks past such pairs.

use std::borrow::Cow;

use super::Dialect;
use super::reader::Reader;

impl<'t> Reader<'t> {
    pub(super) fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// Returns the text that has not been read.
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..self.end]
    }

    /// Returns the next byte, past any line continuation.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        match self.byte(self.at) {
            Some(b'\\') => {
                self.at = self.past_continuations(self.at);
                self.byte(self.at)
            }
            byte => byte,
        }
    }

    /// Returns the byte behind the next one.
    pub(super) fn peek_second(&self) -> Option<u8> {
        self.byte(self.past_continuations(self.at + 1))
    }

    /// Returns the byte at `at` as long as it may be read.
    #[inline]
    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        if at < self.end { Some(self.bytes()[at]) } else { None }
    }

    /// Returns the place of the first byte from `at` on that does not belong to a `\` newline.
    pub(super) fn past_continuations(&self, mut at: usize) -> usize {
        while self.byte(at) == Some(b'\\') && self.byte(at + 1) == Some(b'\n') {
            at += 2;
        }
        at
    }

    /// Steps over `byte` if it stands here.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let stands = self.peek() == Some(byte);
        self.at += usize::from(stands);
        stands
    }

    /// Steps over the two bytes of an operator if they stand here.
    pub(super) fn eat_pair(&mut self, pair: &[u8; 2]) -> bool {
        let stands = self.peek() == Some(pair[0]) && self.peek_second() == Some(pair[1]);
        if stands {
            self.at = self.past_continuations(self.at + 1) + 1;
        }
        stands
    }

    /// Steps over `word` if it stands here, unquoted and by itself.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        if self.peek() != word.bytes().next() {
            return false;
        }
        let end = self.bare_word().and_then(|(bare, end)| (bare == word).then_some(end));
        self.at = end.unwrap_or(self.at);
        end.is_some()
    }

    /// Steps over `word`, which has to stand here.
    pub(super) fn expect_word(&mut self, word: &str) {
        if !self.eat_word(word) {
            self.missing(word);
        }
    }

    /// Returns the word that stands here and its end, if nothing in it is quoted or expanded and it
    /// is short enough to be reserved.
    pub(super) fn bare_word(&mut self) -> Option<(Cow<'t, str>, usize)> {
        const LONGEST: usize = "function".len();
        self.peek();
        let mut end = self.at;
        let mut next = end;
        let mut length = 0;
        while let Some(byte) = self.byte(next) {
            match byte {
                // `done<(a)` is a word with a substitution in it.
                b'<' | b'>' if self.byte(next + 1) == Some(b'(') => return None,
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                b'$' | b'`' | b'\'' | b'"' | b'\\' => return None,
                _ if length == LONGEST => return None,
                _ => length += 1,
            }
            end = next + 1;
            next = self.past_continuations(end);
        }
        let written = &self.text[self.at..end];
        let word = if end - self.at == length {
            Cow::Borrowed(written)
        } else {
            Cow::Owned(written.replace("\\\n", ""))
        };
        Some((word, end))
    }

    /// Steps over a name (letters, digits and `_`, no digit first) and returns it.
    pub(super) fn eat_name(&mut self) -> Option<String> {
        let end = self.name_end(self.at)?;
        let written = &self.text[self.at..end];
        self.at = end;
        Some(written.replace("\\\n", ""))
    }

    /// Returns where the name that begins at `at` ends.
    pub(super) fn name_end(&self, at: usize) -> Option<usize> {
        let mut end = None;
        let mut next = self.past_continuations(at);
        while let Some(byte) = self.byte(next) {
            let length = match byte {
                b'_' | b'a'..=b'z' | b'A'..=b'Z' => 1,
                b'0'..=b'9' if end.is_some() => 1,
                // Names in zsh are of any script's letters.
                0x80.. if self.dialect == Dialect::Zsh => self.letter_at(next),
                _ => 0,
            };
            if length == 0 {
                break;
            }
            end = Some(next + length);
            next = self.past_continuations(next + length);
        }
        end
    }

    /// Returns the length of the letter at `at`, or 0 where that is none.
    fn letter_at(&self, at: usize) -> usize {
        let letter = self.text.get(at..self.end).and_then(|rest| rest.chars().next());
        letter.filter(|c| c.is_alphanumeric()).map_or(0, char::len_utf8)
    }

    pub(super) fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t') = self.peek() {
            self.at += 1;
        }
        if self.byte(self.at) == Some(b'#') {
            let comment = self.rest();
            self.at += comment.find('\n').unwrap_or(comment.len());
        }
    }

    /// Skips blanks, comments and newlines.
    pub(super) fn skip_newlines(&mut self) {
        self.skip_blanks();
        while self.peek() == Some(b'\n') {
            self.at += 1;
            self.find_bodies();
            self.skip_blanks();
        }
    }
}
