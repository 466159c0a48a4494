//! The `guard` program.
//!
//! On Linux it begins at C's `main` instead of the standard library's ([`guard::process::start`] says why).

#![cfg_attr(target_os = "linux", no_main)]

/// Musl's own allocator asks the system for pages by ones and twos, and gives them back at once.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "nothing else in this program is called `main`, and these are its arguments")]
#[unsafe(no_mangle)]
extern "C" fn main(count: std::ffi::c_int, words: *const *const std::ffi::c_char) -> std::ffi::c_int {
    // SAFETY: the C library calls this.
    unsafe { guard::process::start::begin(count, words) };
    // Not returned: `exit` empties the standard library's buffers.
    std::process::exit(guard::dispatch::main().0.into())
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(guard::dispatch::main().0)
}
