//! The `guard` program.

fn main() -> std::process::ExitCode {
    guard::entry::main()
}
