//! The doors.

/// Runs guard by the name and arguments it was called with.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
