//! `guard install` and `guard remove`: shown, agreed to by a person, done, and undone byte for byte.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::{Guard, SHELLS, SHIMS, can_play_a_person};
use crate::needs::needs;
use crate::scratch::tree;
use crate::stage::Stage;

const NOBODY: i32 = 75;
const REFUSED: i32 = 77;

/// A home as people have them.
fn home() -> Guard {
    let guard = Guard::new();
    guard.file(".profile", "# mine\nPATH=\"$HOME/mine:$PATH\"\n");
    guard.file(".bashrc", "case $- in *i*) ;; *) return ;; esac\nalias ll='ls -l' # no newline at the end");
    guard.file(".zshenv", "");
    guard.file(".config/fish/config.fish", "set -g fish_greeting\n");
    fs::set_permissions(guard.path(".profile"), fs::Permissions::from_mode(0o600)).unwrap();
    guard
}

/// Has a person set doors up.
fn install(guard: &Guard, doors: &[&str]) {
    let mut person = guard.at_terminal(&[&["install"], doors].concat());
    person.types("install");
    assert_eq!(person.leaves(), 0);
}

/// Has a person take doors away.
fn remove(guard: &Guard, doors: &[&str]) {
    let mut person = guard.at_terminal(&[&["remove"], doors].concat());
    person.types("take guard away");
    assert_eq!(person.leaves(), 0);
}

/// Returns where a shell that is started anew finds a tool.
fn found(guard: &Guard, shell: &[&str], tool: &str) -> String {
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .arg(format!("command -v {tool}"))
        .env_clear()
        .env("HOME", guard.path(""))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_home_is_byte_for_byte_as_it_was() {
    if !needs("git") || !can_play_a_person() {
        return;
    }
    let guard = home();
    assert!(guard.sh("git init -q .").status.success());
    let before = tree(&guard.path(""));
    install(&guard, &[]);
    assert!(guard.path(SHIMS).join("rm").exists() && guard.path(SHELLS).join("sh").exists());
    assert!(guard.path("project/.git/hooks/pre-push").exists());
    assert_ne!(tree(&guard.path("")), before);
    remove(&guard, &[]);
    assert_eq!(tree(&guard.path("")), before);
}

#[test]
fn doors_come_and_go_in_any_order() {
    if !can_play_a_person() {
        return;
    }
    let guard = home();
    let before = tree(&guard.path(""));
    for order in [["path", "shell"], ["shell", "path"]] {
        install(&guard, &["path"]);
        install(&guard, &["shell"]);
        order.iter().for_each(|door| remove(&guard, &[door]));
        assert_eq!(tree(&guard.path("")), before, "{order:?}");
    }
}

#[test]
fn the_shims_come_first_in_every_kind_of_shell() {
    if !can_play_a_person() {
        return;
    }
    let guard = home();
    install(&guard, &["path"]);
    let shim = guard.path(SHIMS).join("rm").display().to_string();
    for shell in [
        &["bash", "-lc"][..],
        &["bash", "-lic"],
        &["sh", "-lc"],
        &["zsh", "-c"],
        &["zsh", "-lc"],
        &["fish", "-c"],
        &["fish", "-lc"],
    ] {
        if needs(shell[0]) {
            assert_eq!(found(&guard, shell, "rm"), shim, "{shell:?}");
        }
    }
    let profile = fs::read_to_string(guard.path(".profile")).unwrap();
    assert_eq!(profile.matches(">>> guard >>>").count(), 1, "{profile}");
    assert_eq!(fs::metadata(guard.path(".profile")).unwrap().mode() & 0o777, 0o600);
}

/// Where no profile is read: a user's services, cron and CI, each by what guard tells or writes for it.
#[test]
fn the_shims_come_first_where_no_profile_is_read() {
    if !can_play_a_person() {
        return;
    }
    let guard = home();
    let bin = guard.tool("systemctl", "#!/bin/sh\n").parent().unwrap().to_owned();
    let guard = guard.shims(&[]);
    let mut person = guard.at_terminal(&["install", "path"]);
    let plan = person.sees("\n> ");
    person.types("install");
    assert_eq!(person.leaves(), 0);
    let shims = guard.path(SHIMS).display().to_string();
    let delete = ["-rf", "/srv/data"];

    // cron gives a command to sh with the PATH that stands in the crontab.
    let crontab =
        plan.lines().find_map(|line| line.split_once("begin the crontab with PATH=")).unwrap().1.trim();
    let cron = |text: &str| {
        let mut cron = guard.program("/bin/sh");
        cron.env_clear().env("HOME", guard.path("")).env("LOGNAME", "me").env("GUARD_NO_INPUT", "1");
        cron.env("SHELL", "/bin/sh").env("PATH", crontab).args(["-c", text]).output().unwrap()
    };
    assert_eq!(String::from_utf8(cron("command -v rm").stdout).unwrap().trim(), format!("{shims}/rm"));
    assert_eq!(cron(&format!("rm {}", delete.join(" "))).status.code(), Some(NOBODY));

    // A user's service gets what systemd makes of the file.
    let file = fs::read_to_string(guard.path(".config/environment.d/guard.conf")).unwrap();
    assert_eq!(file, format!("PATH={shims}:${{PATH}}\n"));
    let generator =
        Path::new("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator");
    if generator.exists() {
        let output = guard.program(generator).env("PATH", "/usr/bin:/bin").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(&format!("PATH={shims}:/usr/bin:/bin")), "{said}");
    }

    // GitHub Actions puts each line of that file before the PATH of the steps that follow.
    let step = guard
        .program("/bin/sh")
        .env("GITHUB_PATH", guard.path("github-path"))
        .args(["-c", &format!("echo '{shims}' >> \"$GITHUB_PATH\"")])
        .status();
    assert!(step.unwrap().success());
    let added = fs::read_to_string(guard.path("github-path")).unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", added.trim(), bin.display());
    let step = guard
        .program("bash")
        .env("PATH", path)
        .args(["-eo", "pipefail", "-c", "rm -rf /srv/data"])
        .output()
        .unwrap();
    assert_eq!(step.status.code(), Some(NOBODY));
}

#[test]
fn nobody_but_a_person_agrees() {
    let guard = home();
    let before = tree(&guard.path(""));
    let output = guard.run(&["install", "path"]);
    assert_eq!(output.status.code(), Some(NOBODY));
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("add to ~/.profile"), "{said}");
    assert!(told.contains("nothing was changed") && told.contains("guard install path"), "{told}");
    assert_eq!(guard.run(&["install", "--dry-run"]).status.code(), Some(0));
    assert_eq!(tree(&guard.path("")), before);
    if can_play_a_person() {
        let mut person = guard.at_terminal(&["install", "path"]);
        person.types("yes");
        assert_eq!(person.leaves(), REFUSED);
        assert_eq!(tree(&guard.path("")), before);
        install(&guard, &["path"]);
        assert_eq!(guard.run(&["remove"]).status.code(), Some(NOBODY));
        let mut person = guard.at_terminal(&["remove"]);
        person.types("remove");
        assert_eq!(person.leaves(), REFUSED);
        assert!(guard.path(SHIMS).join("rm").exists());
    }
}

#[test]
fn what_a_user_changed_since_stays() {
    if !can_play_a_person() {
        return;
    }
    let guard = home();
    install(&guard, &["path"]);
    let profile = fs::read_to_string(guard.path(".profile")).unwrap();
    guard.file(".profile", &format!("# before\n{profile}# after\n"));
    let fish = fs::read_to_string(guard.path(".config/fish/config.fish")).unwrap();
    guard.file(".config/fish/config.fish", &fish.replace("# <<< guard <<<", "# mine now"));
    fs::remove_file(guard.path(SHIMS).join("rm")).unwrap();
    // Set up again, what a user wrote in between is what remove goes back to.
    install(&guard, &["path"]);
    guard.file(".bashrc", "all new\n");
    remove(&guard, &[]);
    let text = |name: &str| fs::read_to_string(guard.path(name)).unwrap();
    assert_eq!(text(".profile"), "# before\n# mine\nPATH=\"$HOME/mine:$PATH\"\n# after\n");
    assert_eq!(text(".bashrc"), "all new\n");
    assert!(!guard.path(SHIMS).exists());
}

#[test]
fn a_profile_that_is_kept_elsewhere_stays_there() {
    if !can_play_a_person() {
        return;
    }
    let guard = home();
    let kept = guard.file("dotfiles/profile", "# kept\n");
    fs::remove_file(guard.path(".profile")).unwrap();
    std::os::unix::fs::symlink(&kept, guard.path(".profile")).unwrap();
    install(&guard, &["path"]);
    assert!(fs::read_to_string(&kept).unwrap().contains(">>> guard >>>"));
    remove(&guard, &[]);
    assert_eq!(fs::read_to_string(&kept).unwrap(), "# kept\n");
    assert!(guard.path(".profile").is_symlink());
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone() {
    if !can_play_a_person() {
        return;
    }
    let guard = home();
    fs::write(guard.path(".bashrc"), b"\xff\xfe not text").unwrap();
    let mut person = guard.at_terminal(&["install", "path"]);
    person.types("install");
    let screen = person.sees("left alone");
    assert!(screen.contains(".bashrc"), "{screen}");
    assert_eq!(person.leaves(), 1);
    assert_eq!(fs::read(guard.path(".bashrc")).unwrap(), b"\xff\xfe not text");
    // What was done before that is on the receipt.
    remove(&guard, &[]);
    assert!(!guard.path(SHIMS).exists());
}

#[test]
fn links_follow_an_upgrade() {
    if !can_play_a_person() {
        return;
    }
    let guard = home();
    install(&guard, &["shell"]);
    let link = guard.path(SHELLS).join("sh");
    fs::remove_file(&link).unwrap();
    fs::write(&link, "an older guard").unwrap();
    install(&guard, &["shell"]);
    let program = Path::new(env!("CARGO_BIN_EXE_guard"));
    assert_eq!(fs::metadata(&link).unwrap().len(), fs::metadata(program).unwrap().len());
    assert!(guard.program(&link).args(["-c", "true"]).status().unwrap().success());
}

/// For everybody, in a machine's directories of its own.
#[test]
fn a_whole_machine_is_byte_for_byte_as_it_was() {
    let Some(stage) = Stage::new(&[]).filter(|_| nix::unistd::geteuid().is_root()) else { return };
    let seen = stage.play_in(
        &["--mount"],
        r#"
        cp -r /etc "$HOME/etc"; mount --bind "$HOME/etc" /etc
        for directory in /usr/local/lib /var/lib; do mount -t tmpfs guard-test $directory; done
        state() { find /etc /usr/local/lib /var/lib -printf '%p %y %m %l\n' -type f -exec sha256sum {} + | sort; }
        types() { python3 "$PLAY" $'\n> ' "$1" -- "$GUARD" "${@:2}"; }
        tool() { env -i HOME=/nowhere PATH=/usr/bin:/bin "$@" -lc 'command -v rm; command -v git'; }
        state > "$HOME/before"
        types install install --system path shell | tail -n 4
        echo "here: $(tool bash; tool sh)"
        "$GUARD" status --system
        env -i HOME="$HOME" GUARD_NO_INPUT=1 bash -lc 'rm -rf /srv/data'; echo "rm: $?"
        types "take guard away" remove --system > /dev/null
        state | diff "$HOME/before" - && echo "as it was""#,
    );
    let shims = "/usr/local/lib/guard/shims";
    for told in
        [format!("here: {shims}/rm"), format!("{shims}/git\n{shims}/rm"), "rm: 75".into(), "as it was".into()]
    {
        assert!(seen.contains(&told), "{told}: {seen}");
    }
    assert!(seen.contains("the shim rm: a harmless call ran, one that destroys was refused"), "{seen}");
    assert!(seen.contains("first on PATH in bash -lc") && seen.contains("first on PATH in sh -lc"), "{seen}");
}
