//! Files whose commands something runs by itself later: a shell that starts, git, cron, systemd, direnv.
//!
//! A command that writes such a file is judged by what will run, as far as the text says.

use super::git_alias;
use super::state::Shell;
use super::walk::Walker;
use crate::parse::Dialect;
use crate::parse::gap::GapKind;
use crate::place::git_config;
use crate::unknown::{UNKNOWN, is_mark};

/// How many lines of a file are followed.
const LINES: usize = 64;

/// Scripts that shells read when they start or end, and direnv when its directory is entered.
const START_UP: [&str; 9] = [
    ".bashrc",
    ".bash_login",
    ".bash_logout",
    ".bash_profile",
    ".envrc",
    ".profile",
    ".zprofile",
    ".zshenv",
    ".zshrc",
];

impl Walker<'_> {
    /// Remembers what is put into a file, whose commands something may run later.
    pub(super) fn puts(&mut self, path: &str, text: &str, shell: &Shell) {
        self.files.write(path, text, &shell.site, self.place);
        self.runs_later(path, text, shell);
    }

    /// Remembers what is added to the end of a file, whose commands something may run later.
    pub(super) fn adds(&mut self, path: &str, text: &str, shell: &Shell) {
        self.files.append(path, text, &shell.site, self.place);
        self.runs_later(path, text, shell);
    }

    /// Follows what a file that is written now will have run.
    fn runs_later(&mut self, path: &str, text: &str, shell: &Shell) {
        let commands = commands(path, text);
        if commands.is_empty() {
            return;
        }
        let unread = self.gaps.len();
        let mut inner = shell.child(Dialect::Bash, Vec::new());
        self.deeper(path, |walker| {
            for command in commands {
                walker.shell_text(&command, &mut inner, None);
            }
        });
        // Settings are made of what is not known yet. What was not read to its end is another matter.
        for gap in self.gaps[unread..].iter_mut().filter(|gap| gap.kind != GapKind::Bound) {
            gap.kind = GapKind::Value;
        }
    }
}

/// Returns the texts that shells will run of a file.
fn commands(path: &str, text: &str) -> Vec<String> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_below = |places: &[&str]| places.iter().any(|place| path.contains(place));
    if name == "crontab" || is_below(&["/etc/cron.d/"]) {
        // Those of the system say besides who runs it.
        scheduled(text).filter_map(|command| command.split_once([' ', '\t'])).map(of_user).collect()
    } else if is_below(&["/var/spool/cron/"]) {
        scheduled(text).map(str::to_owned).collect()
    } else if name.ends_with(".service") && is_below(&["/systemd/"]) {
        lines(text).filter_map(started_by_unit).collect()
    } else if name == ".gitconfig" || is_below(&[".git/config", "/git/config"]) {
        let settings = git_config::settings(text).into_iter();
        settings.filter(|(key, _)| git_alias::is_command(key)).map(|(_, value)| value).collect()
    } else if START_UP.contains(&name)
        || is_below(&[".git/hooks/", ".husky/", "/etc/cron.", "/etc/profile.d/"])
    {
        if text.contains(UNKNOWN) { Vec::new() } else { vec![text.to_owned()] }
    } else {
        Vec::new()
    }
}

/// Returns the commands in the lines of a crontab.
pub(super) fn scheduled(text: &str) -> impl Iterator<Item = &str> {
    lines(text).filter_map(|line| {
        let fields = if line.starts_with('@') { 1 } else { 5 };
        let mut rest = line;
        for _ in 0..fields {
            rest = rest.split_once([' ', '\t']).map_or("", |(_, rest)| rest.trim_start());
        }
        (!line.starts_with('#') && !rest.is_empty()).then_some(rest)
    })
}

/// Returns lines, of which a part that is not known may be any: `(crontab -l; echo '0 3 * * * backup') | crontab -`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| c == '\n' || is_mark(c)).take(LINES).map(str::trim)
}

fn of_user((_, command): (&str, &str)) -> String {
    command.trim_start().to_owned()
}

/// Returns what a line of a unit starts: `ExecStart=-/bin/rm -rf /srv/data`.
fn started_by_unit(line: &str) -> Option<String> {
    let (key, command) = line.split_once('=')?;
    let command = command.trim_start().trim_start_matches(['@', '-', ':', '+', '!', '|']);
    key.starts_with("Exec").then(|| command.to_owned())
}

#[cfg(test)]
mod tests {
    use super::commands;

    fn check(path: &str, text: &str, expect: &[&str]) {
        assert_eq!(commands(path, text), expect, "{path}");
    }

    #[test]
    fn what_runs_by_itself_is_found_in_each_kind_of_file() {
        check(
            "/etc/cron.d/x",
            "# nightly\n0 3 * * * root rm -rf /srv\n@reboot dev ls -l\n",
            &["rm -rf /srv", "ls -l"],
        );
        check("/var/spool/cron/crontabs/dev", "*/5 * * * * rm -rf /srv\n", &["rm -rf /srv"]);
        check(
            "/etc/systemd/system/x.service",
            "[Service]\nExecStart=-/bin/rm -rf /srv\nUser=dev\n",
            &["/bin/rm -rf /srv"],
        );
        check(".git/config", "[core]\n\tpager = rm -rf /srv\n[user]\n\tname = rm\n", &["rm -rf /srv"]);
        check("~/.gitconfig", "[diff \"x\"]\n\tcommand = rm -rf /srv\n", &["rm -rf /srv"]);
        check(".envrc", "rm -rf /srv\n", &["rm -rf /srv\n"]);
        check(".husky/pre-commit", "npm test\n", &["npm test\n"]);
        check("notes.txt", "rm -rf /srv\n", &[]);
        check("src/x.service", "ExecStart=rm -rf /srv\n", &[]);
    }
}
