//! `install.sh` under every shell that people have, in homes made for the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::needs::needs;
use crate::scratch::{Scratch, Tree, tree};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The shells, each as the words that start it.
const SHELLS: [&[&str]; 3] = [&["dash"], &["bash"], &["busybox", "sh"]];

/// Somebody who runs `install.sh` under one shell: a home, and a release archive beside it.
struct Visitor {
    scratch: Scratch,
    shell: &'static [&'static str],
    archive: PathBuf,
}

impl Visitor {
    fn new(shell: &'static [&'static str]) -> Self {
        let scratch = Scratch::new();
        let archive = pack(&scratch, "1.2.3");
        scratch.file("home/.profile", "# mine\n");
        Self { scratch, shell, archive }
    }

    fn home(&self) -> PathBuf {
        self.scratch.path("home")
    }

    fn home_tree(&self) -> Tree {
        tree(&self.home())
    }

    fn program(&self) -> PathBuf {
        self.home().join(".local/bin/guard")
    }

    /// Runs a script with the shell, in the scratch directory and with `path` as its `PATH`.
    fn run_with(&self, path: &str, script: &Path, arguments: &[&str]) -> Run {
        let output = Command::new(self.shell[0])
            .args(&self.shell[1..])
            .arg(script)
            .args(arguments)
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", path)
            .env("TMPDIR", self.scratch.path(""))
            .current_dir(self.scratch.path(""))
            .output()
            .unwrap();
        Run(output)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(&std::env::var("PATH").unwrap(), &Path::new(ROOT).join("install.sh"), arguments)
    }

    fn install(&self) -> Run {
        self.run(&["--archive", self.archive.to_str().unwrap()])
    }

    fn installed_version(&self) -> String {
        let output = Command::new(self.program()).arg("--version").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

/// What a run printed, and how it ended.
struct Run(Output);

impl Run {
    #[track_caller]
    fn succeeds(self) -> String {
        assert!(self.0.status.success(), "{:?}", self.0);
        String::from_utf8(self.0.stdout).unwrap()
    }

    /// Checks that it failed, said `what`, and ended with a hint.
    #[track_caller]
    fn fails(self, what: &str) {
        assert!(!self.0.status.success(), "{:?}", self.0);
        let message = String::from_utf8(self.0.stderr).unwrap();
        let last = message.rfind("guard: ").expect(&message);
        assert!(message[last..].lines().next().unwrap().contains(what), "{message}");
        assert!(message.trim_end().lines().last().unwrap().starts_with("hint: "), "{message}");
    }
}

/// Packs a stand-in for guard that knows its version, with the script that packs releases.
fn pack(scratch: &Scratch, version: &str) -> PathBuf {
    let program = scratch.program("build/guard", &format!("#!/bin/sh\necho guard {version}\n"));
    let output = Command::new(Path::new(ROOT).join("scripts/package.sh"))
        .args([&program, &scratch.path("build")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end())
}

/// Puts what `install.sh` builds from beside it, ready built.
fn make_checkout(visitor: &Visitor) {
    let scratch = &visitor.scratch;
    scratch.file("checkout/Cargo.toml", "[package]\nname = \"guard\"\n");
    let program = scratch.path("build/guard");
    scratch.program("checkout/scripts/build-musl.sh", &format!("#!/bin/sh\necho '{}'\n", program.display()));
}

/// Does `check` as a visitor with each shell that is here.
fn each_shell(check: impl Fn(&Visitor)) {
    for shell in SHELLS {
        if needs(shell[0]) {
            check(&Visitor::new(shell));
        }
    }
}

#[test]
fn installs_twice_and_removes_every_byte() {
    each_shell(|visitor| {
        let before = visitor.home_tree();
        let printed = visitor.install().succeeds();
        let after = visitor.home_tree();
        assert_eq!(visitor.installed_version(), "guard 1.2.3\n");
        for path in after.keys().filter(|path| !before.contains_key(*path)) {
            let path = visitor.home().join(path);
            assert!(printed.contains(&format!("{}\n", path.display())), "{} in: {printed}", path.display());
        }
        assert!(printed.contains("./install.sh --remove\n"), "{printed}");

        visitor.install().succeeds();
        assert_eq!(visitor.home_tree(), after);

        visitor.run(&["--remove"]).succeeds();
        assert_eq!(visitor.home_tree(), before);
        visitor.run(&["--remove"]).fails("no record of an installation");
    });
}

#[test]
fn leaves_what_was_there_and_what_came_later() {
    each_shell(|visitor| {
        visitor.scratch.file("home/.local/bin/other", "other");
        let before = visitor.home_tree();
        visitor.install().succeeds();
        visitor.scratch.file("home/.local/share/guard/trust/1", "trusted");
        visitor.run(&["--remove"]).succeeds();

        let mut left = visitor.home_tree();
        left.retain(|path, _| !path.starts_with(".local/share"));
        assert_eq!(left, before);
        assert!(visitor.home().join(".local/share/guard/trust/1").exists());
    });
}

#[test]
fn an_upgrade_takes_the_place_of_the_old_program() {
    each_shell(|visitor| {
        let before = visitor.home_tree();
        visitor.install().succeeds();
        let newer = pack(&visitor.scratch, "2.0.0");
        visitor.run(&["--archive", newer.to_str().unwrap()]).succeeds();
        assert_eq!(visitor.installed_version(), "guard 2.0.0\n");
        visitor.run(&["--remove"]).succeeds();
        assert_eq!(visitor.home_tree(), before);
    });
}

#[test]
fn what_guard_set_up_goes_before_guard() {
    each_shell(|visitor| {
        visitor.install().succeeds();
        visitor.scratch.file("home/.local/state/guard/receipts/path.json", "{}");
        visitor.run(&["--remove"]).fails("guard set up are still there");
        assert!(visitor.program().exists());
        assert!(visitor.install().succeeds().contains("guard install"));
    });
}

#[test]
fn a_prefix_with_spaces_works() {
    each_shell(|visitor| {
        let archive = visitor.archive.to_str().unwrap();
        let outside = tree(&visitor.scratch.path(""));
        visitor.run(&["--prefix", "some where/deep", "--archive", archive]).succeeds();
        assert!(visitor.scratch.path("some where/deep/bin/guard").exists());
        assert!(!visitor.program().exists());
        visitor.run(&["--remove", "--prefix", "some where/deep"]).succeeds();
        assert_eq!(tree(&visitor.scratch.path("")), outside);
    });
}

#[test]
fn a_file_cut_off_anywhere_does_nothing() {
    let script = fs::read_to_string(Path::new(ROOT).join("install.sh")).unwrap();
    let script = script.trim_end();
    let last_line = script.rfind('\n').unwrap() + 1;
    let line_ends = script.match_indices('\n').map(|(at, _)| at);
    let cuts: Vec<usize> = line_ends.chain(last_line..script.len()).collect();

    each_shell(|visitor| {
        let archive = visitor.archive.to_str().unwrap();
        let before = visitor.home_tree();
        make_checkout(visitor);
        for cut in &cuts {
            let part = visitor.scratch.file("checkout/install.sh", &script[..*cut]);
            visitor.run_with(&std::env::var("PATH").unwrap(), &part, &["--archive", archive]);
            assert_eq!(visitor.home_tree(), before, "cut off after {:?}", &script[..*cut]);
        }
    });
}

#[test]
fn refuses_an_archive_that_its_checksum_does_not_name() {
    each_shell(|visitor| {
        let before = visitor.home_tree();
        let checksum = PathBuf::from(format!("{}.sha256", visitor.archive.display()));

        let mut bytes = fs::read(&visitor.archive).unwrap();
        let whole = bytes.clone();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&visitor.archive, bytes).unwrap();
        visitor.install().fails("is not what its checksum says");

        fs::write(&visitor.archive, whole).unwrap();
        fs::write(&checksum, "").unwrap();
        visitor.install().fails("is not what its checksum says");
        fs::remove_file(&checksum).unwrap();
        visitor.install().fails(".sha256 was not found");
        fs::remove_file(&visitor.archive).unwrap();
        visitor.install().fails("was not found");
        assert_eq!(visitor.home_tree(), before);
    });
}

#[test]
fn never_replaces_or_removes_a_program_it_did_not_write() {
    each_shell(|visitor| {
        let theirs = visitor.scratch.program("home/.local/bin/guard", "#!/bin/sh\n");
        let before = visitor.home_tree();
        visitor.install().fails("this script did not write it");
        assert_eq!(visitor.home_tree(), before);

        fs::remove_file(&theirs).unwrap();
        visitor.install().succeeds();
        fs::write(&theirs, "#!/bin/sh\n").unwrap();
        visitor.run(&["--remove"]).fails("is not the one that was installed");
        visitor.install().fails("this script did not write it");
        assert_eq!(fs::read_to_string(theirs).unwrap(), "#!/bin/sh\n");
    });
}

#[test]
fn a_program_that_does_not_run_here_leaves_nothing_behind() {
    each_shell(|visitor| {
        let before = visitor.home_tree();
        let archive = pack(&visitor.scratch, "9.9.9; [ \"${0##*/}\" = guard ]");
        visitor.run(&["--archive", archive.to_str().unwrap()]).fails("does not run on this machine");
        assert_eq!(visitor.home_tree(), before);
    });
}

/// A cargo that only leaves a program where the real one would stands in for minutes of building.
#[test]
fn builds_from_a_checkout_and_says_what_it_built() {
    each_shell(|visitor| {
        let scratch = &visitor.scratch;
        let script =
            scratch.file("checkout/install.sh", &fs::read_to_string(format!("{ROOT}/install.sh")).unwrap());
        let path = format!("{}:/usr/bin:/bin", scratch.path("fakes").display());

        visitor.run_with(&path, &script, &[]).fails("is not a checkout of guard");
        make_checkout(visitor);
        scratch.program("checkout/scripts/build-musl.sh", "#!/bin/sh\nexit 1\n");
        scratch.program("fakes/cargo", "#!/bin/sh\necho 'could not compile' >&2; exit 101\n");
        visitor.run_with(&path, &script, &[]).fails("the build failed");
        assert!(!visitor.program().exists());

        let build = "mkdir -p target/quick && printf '#!/bin/sh\\necho guard 3.0.0\\n' >target/quick/guard";
        scratch.program("fakes/cargo", &format!("#!/bin/sh\n{build}\n"));
        let printed = visitor.run_with(&path, &script, &[]).succeeds();
        assert!(printed.contains("built a dynamic program"), "{printed}");
        assert_eq!(visitor.installed_version(), "guard 3.0.0\n");
        visitor.run(&["--remove"]).succeeds();

        make_checkout(visitor);
        let printed = visitor.run_with(&path, &script, &[]).succeeds();
        assert!(printed.contains("built a static program (musl)"), "{printed}");
        assert_eq!(visitor.installed_version(), "guard 1.2.3\n");
    });
}

#[test]
fn explains_itself_and_refuses_what_it_does_not_know() {
    each_shell(|visitor| {
        let before = visitor.home_tree();
        let help = visitor.run(&["--help"]).succeeds();
        for option in ["--archive", "--prefix", "--remove", "--help"] {
            assert!(help.contains(option), "{help}");
        }
        visitor.run(&["--force"]).fails("unknown argument: --force");
        visitor.run(&["--prefix"]).fails("--prefix needs a value");
        assert_eq!(visitor.home_tree(), before);
    });
}
