//! A secret while it is typed.

use zeroize::Zeroizing;

use super::tty::keys::{Key, MAX_TYPED};

/// What has been typed of a secret; it is gone from memory when this is dropped.
pub(super) struct Secret(Zeroizing<String>);

impl Default for Secret {
    fn default() -> Self {
        // Room for all of it: a string that grows leaves a copy behind.
        Self(Zeroizing::new(String::with_capacity(MAX_TYPED * char::MAX.len_utf8())))
    }
}

impl Secret {
    /// Takes in a key; those that do not edit change nothing.
    pub(super) fn press(&mut self, key: Key) {
        match key {
            Key::Typed(c) if self.0.chars().count() < MAX_TYPED => self.0.push(c),
            Key::Erase => _ = self.0.pop(),
            _ => {}
        }
    }

    /// Returns the secret; nothing where none was typed.
    pub(super) fn entered(self) -> Option<Zeroizing<String>> {
        (!self.0.is_empty()).then_some(self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn it_is_edited_and_never_grows_out_of_its_room() {
        let mut secret = Secret::default();
        let room = secret.0.capacity();
        for key in [Key::Typed('a'), Key::Typed('b'), Key::Erase, Key::Left] {
            secret.press(key);
        }
        assert_eq!(*secret.0, "a");
        (0..1000).for_each(|_| secret.press(Key::Typed('🗑')));
        assert_eq!((secret.0.chars().count(), secret.0.capacity()), (MAX_TYPED, room));
        assert_eq!(secret.entered().unwrap().chars().next(), Some('a'));
    }

    #[test]
    fn nothing_is_no_secret() {
        assert!(Secret::default().entered().is_none());
    }
}
