//! What a person's keys mean while a phrase is typed.

use crate::text::is_typable;

/// How many characters a line takes; no phrase or secret is longer. Whoever holds the line counts them.
pub(in crate::confirm) const MAX_TYPED: usize = 200;

/// A key with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::confirm) enum Key {
    Typed(char),
    Erase,
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Tab,
    Enter,
    /// Ctrl-D, Ctrl-\ or Esc.
    Refuse,
    /// Ctrl-Z.
    Suspend,
    /// Ctrl-C.
    Interrupt,
}

/// Reads keys from a terminal's bytes. Keys without a meaning here are passed over; an editor that
/// got them might do something nobody expects of a phrase.
#[derive(Debug, Default)]
pub(in crate::confirm) struct Keys {
    state: State,
    /// The bytes so far of a character that takes several.
    character: Vec<u8>,
}

#[derive(Debug, Default, PartialEq)]
enum State {
    #[default]
    Plain,
    /// Esc came: the key itself, or the beginning of another one's sequence.
    Escape,
    /// A sequence, which a byte from `@` to `~` ends, with what came before that if it was one byte.
    Sequence(Option<u8>),
}

impl Keys {
    /// Takes in a byte; returns the key that it completes.
    pub(in crate::confirm) fn press(&mut self, byte: u8) -> Option<Key> {
        match (std::mem::take(&mut self.state), byte) {
            (_, 0x03) => Some(Key::Interrupt),
            (_, 0x04 | 0x1c) => Some(Key::Refuse),
            (_, 0x1a) => Some(Key::Suspend),
            (State::Escape, 0x1b) => Some(Key::Refuse),
            (_, 0x1b) => self.go_on(State::Escape),
            (State::Escape, b'[' | b'O') => self.go_on(State::Sequence(Some(0))),
            (State::Escape, _) => None,
            (State::Sequence(before), b'@'..=b'~') => named(before, byte),
            (State::Sequence(before), _) => self.go_on(State::Sequence((before == Some(0)).then_some(byte))),
            (State::Plain, b'\r' | b'\n') => Some(Key::Enter),
            (State::Plain, b'\t') => Some(Key::Tab),
            (State::Plain, 0x08 | 0x7f) => Some(Key::Erase),
            (State::Plain, _) => self.character(byte).map(Key::Typed),
        }
    }

    /// Returns whether an Esc came that may be the beginning of another key.
    pub(in crate::confirm) fn is_in_doubt(&self) -> bool {
        self.state == State::Escape
    }

    /// Takes in that no byte followed for a while: an Esc was the key itself.
    pub(in crate::confirm) fn pause(&mut self) -> Option<Key> {
        (std::mem::take(&mut self.state) == State::Escape).then_some(Key::Refuse)
    }

    fn go_on(&mut self, state: State) -> Option<Key> {
        self.state = state;
        None
    }

    /// Takes in a byte of a character; returns the character once it is whole, if it can be typed.
    fn character(&mut self, byte: u8) -> Option<char> {
        if byte & 0xc0 != 0x80 {
            self.character.clear();
        }
        self.character.push(byte);
        let whole = match std::str::from_utf8(&self.character) {
            Ok(text) => text.chars().next(),
            Err(error) if error.error_len().is_none() => return None,
            Err(_) => None,
        };
        self.character.clear();
        whole.filter(|c| is_typable(*c))
    }
}

/// Returns the key whose sequence is this one byte, if it is one, and the last.
fn named(before: Option<u8>, last: u8) -> Option<Key> {
    Some(match (before.unwrap_or_default(), last) {
        (_, b'A') => Key::Up,
        (_, b'B') => Key::Down,
        (_, b'C') => Key::Right,
        (_, b'D') => Key::Left,
        (_, b'H') | (b'1' | b'7', b'~') => Key::Home,
        (_, b'F') | (b'4' | b'8', b'~') => Key::End,
        (b'5', b'~') => Key::PageUp,
        (b'6', b'~') => Key::PageDown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expect: &[Key]) {
        let mut keys = Keys::default();
        let mut pressed: Vec<_> = bytes.iter().filter_map(|byte| keys.press(*byte)).collect();
        pressed.extend(keys.pause());
        assert_eq!(pressed, expect, "{bytes:?}");
    }

    #[test]
    fn text_is_typed() {
        check(b"ab\x7f\r", &[Key::Typed('a'), Key::Typed('b'), Key::Erase, Key::Enter]);
        check("é文🗑".as_bytes(), &[Key::Typed('é'), Key::Typed('文'), Key::Typed('🗑')]);
    }

    #[test]
    fn refusing_keys_refuse_anywhere() {
        check(b"\x03", &[Key::Interrupt]);
        check(b"\x04\x1a\x1c", &[Key::Refuse, Key::Suspend, Key::Refuse]);
        check(b"\x1b", &[Key::Refuse]);
        check(b"\x1b\x1b", &[Key::Refuse]);
        check(b"\x1b[\x03", &[Key::Interrupt]);
    }

    #[test]
    fn arrows_move_and_other_keys_do_nothing() {
        check(b"\x1b[D\x1b[C\x1bOD", &[Key::Left, Key::Right, Key::Left]);
        check(b"\x1b[3~\x1b[1;5D\x1bb\x1b[200~x\x1b[201~", &[Key::Left, Key::Typed('x')]);
        check(b"\x1b[A\x1b[B\x1b[5~\x1b[6~\t", &[Key::Up, Key::Down, Key::PageUp, Key::PageDown, Key::Tab]);
        check(b"\x1b[H\x1bOF\x1b[1~\x1b[4~", &[Key::Home, Key::End, Key::Home, Key::End]);
        check(b"\x01\x15\x00", &[]);
    }

    #[test]
    fn what_is_no_text_is_passed_over() {
        check(b"\xff\xc3(\xe2\x82a\x80", &[Key::Typed('('), Key::Typed('a')]);
        check("\u{9b}\u{202e}\u{200b}\u{a0}a".as_bytes(), &[Key::Typed('a')]);
    }
}
