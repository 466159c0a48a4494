//! Random bytes from the system.

use std::fs::File;
use std::io::{self, Read};

/// Returns `COUNT` bytes that nobody can foretell.
///
/// # Errors
///
/// Returns the system's error where it has none to give.
pub fn random<const COUNT: usize>() -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn it_is_not_the_same_twice() {
        assert_ne!(random::<16>().unwrap(), random::<16>().unwrap());
    }
}
