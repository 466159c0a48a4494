//! What `ansible-playbook` does: each task of a playbook, told as the command that would do the same.
//!
//! A task is the name of a module with its arguments. `command`, `shell` and `raw` run a text on other
//! machines; `file` with `state: absent` is the `rm` that would remove the same; any other module that is
//! told to make something absent is told as `ansible HOSTS -m MODULE -a ARGUMENTS`, for which there are
//! rules. What a template will be filled in with is not known. Documented at
//! <https://docs.ansible.com/ansible/latest/reference_appendices/playbooks_keywords.html>.

use std::rc::Rc;

use super::action::Site;
use super::files::Content;
use super::invocation::Invocation;
use super::state::Shell;
use super::walk::Walker;
use crate::document::{self, Node};
use crate::unknown::{filled, is_known};

/// How many tasks are followed, and how deep files and blocks may stand within one another.
const MOST: usize = 512;
const DEEPEST: usize = 8;

/// Keys of a play or a task under which further tasks stand.
const LISTS: &[&str] = &["tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"];

/// Modules, and keys of a play, that name a file with more of them.
const FILES: &[&str] = &["import_playbook", "import_tasks", "include_tasks", "include"];

/// Modules whose absent things are put back by running the playbook with another state.
#[rustfmt::skip]
const SETTINGS: &[&str] = &[
    "alternatives", "apk", "apt", "apt_key", "apt_repository", "authorized_key", "blockinfile", "cron", "debconf", "dnf",
    "docker_container", "docker_image", "docker_network", "file", "firewalld", "gem", "git_config", "group", "homebrew", "host", "hosts",
    "ini_file", "iptables", "known_hosts", "lineinfile", "npm", "package", "pacman", "pam_limits", "pip", "replace",
    "rpm_key", "service", "snap", "sysctl", "systemd", "ufw", "yum", "yum_repository", "zypper",
];

/// The playbooks of one command.
struct Plays<'p> {
    hosts: String,
    shell: &'p Shell,
    left: usize,
}

/// `ansible-playbook PLAYBOOK…`.
pub(super) fn play(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &Shell) -> Option<String> {
    for path in call.arguments() {
        let mut plays = Plays { hosts: "all".to_owned(), shell, left: MOST };
        plays.file(walker, &path, DEEPEST);
    }
    None
}

impl Plays<'_> {
    /// Follows a file of plays, or of tasks.
    fn file(&mut self, walker: &mut Walker<'_>, path: &str, depth: usize) {
        let Content::Text(text) = walker.files.read(path, &self.shell.site, walker.place) else { return };
        let Ok(roots) = document::yaml::read(&text) else { return };
        let label = format!("ansible-playbook {path}");
        walker.in_file(path, &mut self.shell.clone(), label, |walker, _| {
            for root in &roots {
                self.list(walker, root, path, depth);
            }
        });
    }

    /// Follows a list of plays or tasks that stands in the file at `path`.
    fn list(&mut self, walker: &mut Walker<'_>, node: &Rc<Node>, path: &str, depth: usize) {
        let Node::List(items) = node.as_ref() else { return };
        for item in items {
            let Node::Map(members) = item.as_ref() else { continue };
            if depth == 0 || self.left == 0 {
                return;
            }
            self.left -= 1;
            if let Some(hosts) = item.get("hosts").and_then(|hosts| hosts.text()) {
                self.hosts = hosts.text().to_owned();
            }
            let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            for (key, value) in members {
                let module = key.rsplit('.').next().unwrap_or(key);
                if LISTS.contains(&module) {
                    self.list(walker, value, path, depth - 1);
                } else if FILES.contains(&module) {
                    if let Some(file) = argument(value, &["file"]) {
                        self.file(walker, &format!("{folder}{file}"), depth - 1);
                    }
                } else if matches!(module, "roles" | "import_role" | "include_role") {
                    let named = |role: &Rc<Node>| argument(role, &["role", "name"]);
                    let roles = match value.as_ref() {
                        Node::List(roles) => roles.iter().filter_map(named).collect(),
                        _ => named(value).into_iter().collect::<Vec<_>>(),
                    };
                    for role in roles {
                        self.file(walker, &format!("{folder}roles/{role}/tasks/main.yml"), depth - 1);
                    }
                } else {
                    self.module(walker, module, value);
                }
            }
        }
    }

    /// Follows a module with its arguments.
    fn module(&self, walker: &mut Walker<'_>, module: &str, value: &Rc<Node>) {
        let mut inner = self.shell.clone();
        let mut run = |walker: &mut Walker<'_>, words: Vec<String>| {
            walker.deeper(module, |walker| walker.run(words, Vec::new(), &mut inner, None));
        };
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        match module {
            "command" | "shell" | "raw" => {
                let listed = value.get("argv").map(|argv| {
                    let words =
                        argv.texts().into_iter().map(|word| shell_words::quote(word.text()).into_owned());
                    words.collect::<Vec<_>>().join(" ")
                });
                if let Some(text) = listed.or_else(|| argument(value, &["cmd"])) {
                    run(walker, words(&["ansible", &self.hosts, "-m", "shell", "-a", &text]));
                }
            }
            "file" if is_absent(value) => {
                let path = argument_of(value, &["path", "dest", "name"]).filter(|path| is_known(path));
                if let Some(path) = path {
                    let mut there = self.shell.clone();
                    there.site = Site::elsewhere().into();
                    walker.deeper(module, |walker| {
                        walker.run(words(&["rm", "-rf", "--", &path]), Vec::new(), &mut there, None)
                    });
                }
            }
            _ if is_absent(value) && !SETTINGS.contains(&module) => {
                let name = argument_of(value, &["name", "db", "path"]).unwrap_or_default();
                let arguments = format!("name={name} state=absent");
                run(walker, words(&["ansible", &self.hosts, "-m", module, "-a", &arguments]));
            }
            _ => {}
        }
    }
}

/// Returns whether a module is told that something shall not be there.
fn is_absent(value: &Node) -> bool {
    match value.text() {
        Some(text) => text.text().split_whitespace().any(|word| word == "state=absent"),
        None => argument_of(value, &["state"]).is_some_and(|state| state == "absent"),
    }
}

/// Returns a module's text, or the argument of the first of some names.
fn argument(value: &Node, names: &[&str]) -> Option<String> {
    value.text().map(|text| filled(text.text())).or_else(|| argument_of(value, names))
}

/// Returns the argument of the first of some names, however arguments are written.
fn argument_of(value: &Node, names: &[&str]) -> Option<String> {
    if let Some(text) = value.text() {
        let words: Vec<&str> = text.text().split_whitespace().collect();
        let named = |name: &&str| words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        return names.iter().find_map(named).map(filled);
    }
    names.iter().find_map(|name| Some(filled(value.get(name)?.text()?.text())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn arguments_in_both_ways_of_writing() {
        let check = |text: &str, absent: bool, path: Option<&str>| {
            let root = document::yaml::read(text).unwrap().remove(0);
            assert_eq!(is_absent(&root), absent, "{text}");
            assert_eq!(argument_of(&root, &["path"]).as_deref(), path, "{text}");
        };
        check("{path: /srv, state: absent}", true, Some("/srv"));
        check("path=/srv state=absent", true, Some("/srv"));
        check("{path: /srv, state: directory}", false, Some("/srv"));
        check("rm -rf /srv", false, None);
    }
}
