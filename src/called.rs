//! By which name guard was called: as itself, as a shim over a tool, or as a shell.
//!
//! Shims and shells are hard links to guard's program (copies where links cannot be made), each named
//! after what it stands for, in a directory that holds nothing else. What counts is the path of the
//! executable as the system tells it. The name a caller gives in `argv[0]` is its own choice and
//! decides nothing; only where the system tells no path (no `/proc`) there is nothing else to go by.
//! Every door judges what it runs, so no name gets a command past a judgement.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::process::start;

/// Where the shims are, below a data directory.
pub const SHIMS: &str = "guard/shims";

/// Where the shells are, below a data directory.
pub const SHELLS: &str = "guard/shell";

/// The name by which guard is a shell wherever it lies.
pub const GUARD_SH: &str = "guard-sh";

/// What Linux adds to the path of a program whose file was replaced after it was started.
const REPLACED: &[u8] = b" (deleted)";

/// What guard was called as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// Itself.
    Guard,
    /// The shim over a tool.
    Shim(OsString),
    /// The shell of this name.
    Shell(OsString),
    /// A tool, but from outside the directory of shims: nobody who installs guard does that.
    Stray(OsString),
}

impl Called {
    /// Returns what this process was called as; `argv0` is what its caller says.
    pub fn now(argv0: &OsStr) -> Self {
        if let Some(executable) = started_as() {
            return Self::of(executable, argv0);
        }
        let executable = std::env::current_exe();
        Self::of(executable.as_deref().unwrap_or(Path::new(argv0)), argv0)
    }

    /// Returns what another process was called as, where the system tells the path of its program.
    pub fn of_process(pid: u32, argv0: &OsStr) -> Option<Self> {
        Some(Self::of(&std::fs::read_link(format!("/proc/{pid}/exe")).ok()?, argv0))
    }

    fn of(executable: &Path, argv0: &OsStr) -> Self {
        let bytes = executable.as_os_str().as_bytes();
        let executable = Path::new(OsStr::from_bytes(bytes.strip_suffix(REPLACED).unwrap_or(bytes)));
        let name = executable.file_name().unwrap_or_default();
        let in_directory = |end: &str| executable.parent().is_some_and(|directory| directory.ends_with(end));
        if in_directory(SHIMS) {
            return Self::Shim(name.to_owned());
        }
        if in_directory(SHELLS) || name == GUARD_SH {
            return Self::Shell(name.to_owned());
        }
        // Through a symbolic link the caller's name is all there is to tell one from the other. To be
        // judged as a shell's text, or to be refused, helps nobody to get round a judgement.
        let called = Path::new(argv0).file_name().unwrap_or(name);
        if called == GUARD_SH {
            return Self::Shell(GUARD_SH.into());
        }
        match [name, called].into_iter().find(|name| !name.as_bytes().starts_with(b"guard")) {
            Some(name) => Self::Stray(name.to_owned()),
            None => Self::Guard,
        }
    }
}

/// Returns the path by which the kernel found this program (`AT_EXECFN`), where its last name is the file's own and
/// it tells which link it is. To ask `/proc/self/exe`, which every process first has to have made for it, takes as
/// long as to judge a harmless command.
fn started_as() -> Option<&'static Path> {
    let path = Path::new(start::found_as()?);
    let is_link = path.parent().is_some_and(|at| at.ends_with(SHIMS) || at.ends_with(SHELLS));
    let tells = is_link || path.file_name() == Some(OsStr::new("guard"));
    (tells && path.symlink_metadata().is_ok_and(|file| file.is_file())).then_some(path)
}

/// Returns whether a program is one of guard's links, so that looking for the tool behind a shim must
/// pass over it: whatever path leads to it, and whichever installation of guard made it.
pub fn is_link(program: &Path) -> bool {
    let Ok(real) = program.canonicalize() else { return false };
    let linked = real.parent().is_some_and(|at| at.ends_with(SHIMS) || at.ends_with(SHELLS));
    linked || real.file_name() != Some(OsStr::new("guard")) && is_this_program(&real)
}

/// Returns whether a file is this very program, under whatever name.
fn is_this_program(file: &Path) -> bool {
    let Ok(file) = file.metadata() else { return false };
    // A file with one name is not this one under another.
    file.nlink() > 1
        && own()
            .and_then(|own| own.metadata().ok())
            .is_some_and(|own| (own.dev(), own.ino()) == (file.dev(), file.ino()))
}

/// Returns the path of this program.
pub fn own() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_executable_decides_and_not_what_the_caller_says() {
        let check = |executable: &str, argv0: &str, expect: Called| {
            assert_eq!(
                Called::of(Path::new(executable), OsStr::new(argv0)),
                expect,
                "{executable} as {argv0}"
            );
        };
        let shim = |name: &str| Called::Shim(name.into());
        let shell = |name: &str| Called::Shell(name.into());
        check("/home/u/.local/share/guard/shims/git", "git", shim("git"));
        check("/home/u/.local/share/guard/shims/git", "guard", shim("git"));
        check("/home/u/.local/share/guard/shims/git", "/usr/bin/guard-sh", shim("git"));
        check("/home/u/.local/share/guard/shims/git", "", shim("git"));
        check("/home/u/.local/share/guard/shims/git (deleted)", "git", shim("git"));
        check("/opt/guard/shell/bash", "-bash", shell("bash"));
        check("/usr/local/bin/guard", "guard", Called::Guard);
        check("/usr/local/bin/guard", "", Called::Guard);
        check("/usr/local/bin/guard", "/tmp/links/git", Called::Stray("git".into()));
        check("/usr/local/bin/guard-0.2", "guard-0.2", Called::Guard);
        check("/usr/local/bin/guard", "/usr/local/bin/guard-sh", shell("guard-sh"));
        check("/usr/local/bin/guard-sh", "anything", shell("guard-sh"));
        check("/tmp/x/git", "git", Called::Stray("git".into()));
        check("/home/u/not-guard/shims/git", "git", Called::Stray("git".into()));
    }

    #[test]
    fn links_are_known_by_any_path_that_leads_to_them() {
        let scratch = crate::test_process::Scratch::new();
        let shim = scratch.file("share/guard/shims/tool", "guard", 0o755);
        let tool = scratch.file("bin/tool", "tool", 0o755);
        std::os::unix::fs::symlink(scratch.path("share/guard/shims"), scratch.path("alias")).unwrap();
        std::os::unix::fs::symlink(&shim, scratch.path("bin/other")).unwrap();
        assert!(is_link(&shim));
        assert!(is_link(&scratch.path("alias/tool")));
        assert!(is_link(&scratch.path("bin/other")));
        assert!(!is_link(&tool));
        assert!(!is_link(&scratch.path("bin/none")));
    }
}
