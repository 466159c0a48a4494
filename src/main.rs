//! The `guard` program.
//!
//! With glibc, the standard library's own way to `main` reads `/proc/self/maps` to find the stack's
//! end, which takes longer than judging a harmless command. Guard needs nothing of what is set up
//! there, so it begins at C's `main`.

#![cfg_attr(all(target_os = "linux", target_env = "gnu"), no_main)]

/// Musl's own allocator asks the system for pages by ones and twos, and gives them back at once.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "nothing else in this program is called `main`")]
#[unsafe(no_mangle)]
extern "C" fn main() -> std::ffi::c_int {
    guard::signals::ignore_broken_pipes();
    // Not returned: `exit` empties the standard library's buffers.
    std::process::exit(guard::entry::main().0.into())
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(guard::entry::main().0)
}
