//! The time, as the kernel itself tells it.
//!
//! The C library looks for the kernel's own function in a page that every process is given for it. That is worth it
//! for whoever asks often; guard asks once, and would pay for four pages more.

use std::time::SystemTime;

/// Returns the present time.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub fn now() -> SystemTime {
    use nix::libc;
    use std::time::{Duration, UNIX_EPOCH};

    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes a time where it is told to, and does nothing else.
    let done = unsafe { libc::syscall(libc::SYS_clock_gettime, libc::CLOCK_REALTIME, &raw mut time) };
    match (done, u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec)) {
        (0, Ok(seconds), Ok(nanos)) => UNIX_EPOCH + Duration::new(seconds, nanos),
        _ => SystemTime::now(),
    }
}

/// Returns the present time.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
pub fn now() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_and_the_library_agree() {
        let before = SystemTime::now();
        let now = now();
        assert!(before <= now && now <= SystemTime::now());
    }
}
