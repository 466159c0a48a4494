//! Programs that a test needs and a machine may lack.

use std::env;
use std::io::Write;
use std::path::PathBuf;

/// Returns whether `program` is on the `PATH`.
///
/// Without it the caller is to return, and the run says `skipped: needs PROGRAM` past the test
/// runner's capture. Where `CI` is set everything is installed, so there its absence is a failure.
#[must_use]
pub(crate) fn needs(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    if env::split_paths(&path).any(|directory| directory.join(program).is_file()) {
        return true;
    }
    assert!(env::var_os("CI").is_none(), "{program} is missing; .ci/run installs it");
    std::io::stderr().write_all(format!("skipped: needs {program}\n").as_bytes()).unwrap();
    false
}

/// Returns a Python that has other people's packages, which `GUARD_SDKS` names; `.ci/run` makes one.
#[must_use]
pub(crate) fn sdks() -> Option<PathBuf> {
    in_sdks("bin/python", "a virtual environment with the packages of .ci/run")
}

/// Returns a tool from npm that is there beside them.
#[must_use]
pub(crate) fn npm_tool(name: &str) -> Option<PathBuf> {
    in_sdks(&format!("node_modules/.bin/{name}"), "with npm's packages of .ci/run beside it")
}

fn in_sdks(path: &str, what: &str) -> Option<PathBuf> {
    let named = env::var_os("GUARD_SDKS").map(|folder| PathBuf::from(folder).join(path));
    let named = named.filter(|named| named.is_file());
    if named.is_none() {
        let told = format!("skipped: needs GUARD_SDKS, {what}, for {path}\n");
        std::io::stderr().write_all(told.as_bytes()).unwrap();
    }
    named
}
