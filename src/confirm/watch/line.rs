//! A line that a person types into, on a screen that is drawn as a whole.

use crate::confirm::tty::keys::{Key, MAX_TYPED};
use crate::text;

/// A line being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    text: Vec<char>,
    at: usize,
}

impl Line {
    /// Takes in a key; returns whether it was one that edits.
    pub(super) fn press(&mut self, key: Key) -> bool {
        match key {
            Key::Typed(_) if self.text.len() >= MAX_TYPED => {}
            Key::Typed(c) => {
                self.text.insert(self.at, c);
                self.at += 1;
            }
            Key::Erase => {
                if let Some(before) = self.at.checked_sub(1) {
                    self.text.remove(before);
                    self.at = before;
                }
            }
            Key::Left => self.at = self.at.saturating_sub(1),
            Key::Right => self.at = (self.at + 1).min(self.text.len()),
            _ => return false,
        }
        true
    }

    /// Returns what was typed, without blanks around it.
    pub(super) fn text(&self) -> String {
        self.text.iter().collect::<String>().trim().to_owned()
    }

    /// Returns as much of the line as fits into `columns`, and the column of the cursor in it.
    pub(super) fn shown(&self, columns: usize) -> (String, usize) {
        let columns = columns.max(2);
        let wide = |c: &char| text::width(c.encode_utf8(&mut [0; 4]));
        let mut from = self.at;
        let mut cursor = 0;
        while let Some(before) = from.checked_sub(1).filter(|at| cursor + wide(&self.text[*at]) < columns) {
            cursor += wide(&self.text[before]);
            from = before;
        }
        let mut used = 0;
        let fits = |c: &&char| {
            used += wide(c);
            used <= columns
        };
        (self.text[from..].iter().take_while(fits).collect(), cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Line {
        let mut line = Line::default();
        text.chars().for_each(|c| _ = line.press(Key::Typed(c)));
        line
    }

    #[test]
    fn keys_edit_where_the_cursor_is() {
        let mut line = typed("delete dta");
        for key in [Key::Left, Key::Left, Key::Typed('a'), Key::Right] {
            assert!(line.press(key));
        }
        assert_eq!((line.text(), line.shown(80)), ("delete data".to_owned(), ("delete data".to_owned(), 10)));
        for key in [Key::Right, Key::Right, Key::Erase, Key::Erase] {
            line.press(key);
        }
        assert_eq!(line.text(), "delete da");
        assert!(!line.press(Key::Enter) && !line.press(Key::Up));
        assert_eq!(typed(&"x".repeat(1000)).text().len(), MAX_TYPED);
        let mut empty = Line::default();
        assert!(empty.press(Key::Erase) && empty.press(Key::Left) && empty.text().is_empty());
    }

    #[test]
    fn a_long_line_is_shown_around_the_cursor() {
        let line = typed("0123456789abcdef");
        assert_eq!(line.shown(8), ("9abcdef".to_owned(), 7));
        let mut line = typed("文字文字文字");
        assert_eq!(line.shown(6), ("字文".replace('文', "文字").chars().skip(1).collect(), 4));
        (0..6).for_each(|_| _ = line.press(Key::Left));
        assert_eq!(line.shown(6), ("文字文".to_owned(), 0));
    }
}
