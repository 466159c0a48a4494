//! A stage on which both sides are played: real process trees in a PID namespace of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::{Guard, can_play_a_person};
use crate::needs::needs;

/// A stage with a `railway` that leaves a trace instead of deleting.
pub(crate) struct Stage {
    pub(crate) guard: Guard,
}

impl Stage {
    /// Returns an empty stage; `None` where it cannot be set up.
    pub(crate) fn new(programs: &[&str]) -> Option<Self> {
        let all = ["bash", "python3"].iter().chain(programs).all(|program| needs(program));
        if !all || !can_play_a_person() {
            return None;
        }
        let guard = Guard::new();
        let program = guard.file("bin/railway", "#!/bin/sh\necho \"ran $*\" >> \"$HOME/ran\"\n");
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        Some(Self { guard })
    }

    /// Returns an empty stage beside this one.
    pub(crate) fn again(&self) -> Self {
        Self::new(&[]).unwrap()
    }

    /// Plays a scene and returns what was printed.
    pub(crate) fn play(&self, scene: &str) -> String {
        self.play_in(&[], scene)
    }

    /// Plays a scene in more namespaces of its own.
    pub(crate) fn play_in(&self, namespaces: &[&str], scene: &str) -> String {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
        let text = fs::read_to_string(here.join("stage.sh")).unwrap() + scene;
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = self.guard.dressed(Command::new("timeout"));
        command.args(["--signal=KILL", "240", "unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]);
        command
            .args(namespaces)
            .args(["--", "bash", "-c", &text])
            .stdin(Stdio::null())
            .env("PATH", format!("{}:{path}", self.guard.path("bin").display()))
            .env("GUARD", env!("CARGO_BIN_EXE_guard"))
            .env("STAGE_ROLES", here.join("roles.sh"))
            .env("PLAY", here.join("play.py"))
            .env("KILL", here.join("kill.py"))
            .env("FORGE", here.join("forge.py"));
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        text(output.stdout) + &text(output.stderr)
    }

    /// Returns how often the command ran.
    pub(crate) fn runs(&self) -> usize {
        fs::read_to_string(self.guard.path("ran")).unwrap_or_default().lines().count()
    }

    /// Plays a scene in which an agent tries to answer, and checks that nothing ran and why.
    #[track_caller]
    pub(crate) fn refuses(&self, scene: &str, because: &str) {
        self.in_refuses(&[], scene, because);
    }

    /// As [`Stage::refuses`], in more namespaces of its own.
    #[track_caller]
    pub(crate) fn in_refuses(&self, namespaces: &[&str], scene: &str, because: &str) {
        let seen = self.play_in(namespaces, scene);
        assert!(seen.contains(because), "{because:?} is not in:\n{seen}");
        assert_eq!(self.runs(), 0, "{seen}");
    }
}
