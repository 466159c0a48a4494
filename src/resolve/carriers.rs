//! Variables whose value is a command, or names a file of commands, for the program that is started.

use super::code::Language;
use super::files::Content;
use super::state::Shell;
use super::walk::Walker;
use crate::parse::gap::GapKind;
use crate::unknown::is_known;

/// What the value of a variable is.
enum Carried {
    /// A shell command.
    Command,
    /// The name of a shell script that is read first.
    Script,
    /// A file of code that is loaded first, after `--require` or its like.
    Module(Language),
    /// Libraries that are loaded into the program.
    Library,
}

/// The variables, each documented with the program that reads it.
const CARRIERS: &[(&str, Carried)] = &[
    ("BASH_ENV", Carried::Script),
    ("BROWSER", Carried::Command),
    ("EDITOR", Carried::Command),
    ("ENV", Carried::Script),
    ("GIT_ASKPASS", Carried::Command),
    ("GIT_EDITOR", Carried::Command),
    ("GIT_EXTERNAL_DIFF", Carried::Command),
    ("GIT_PAGER", Carried::Command),
    ("GIT_PROXY_COMMAND", Carried::Command),
    ("GIT_SEQUENCE_EDITOR", Carried::Command),
    ("GIT_SSH", Carried::Command),
    ("GIT_SSH_COMMAND", Carried::Command),
    ("KUBE_EDITOR", Carried::Command),
    ("LD_AUDIT", Carried::Library),
    ("LD_PRELOAD", Carried::Library),
    ("LESSOPEN", Carried::Command),
    ("MANPAGER", Carried::Command),
    ("NODE_OPTIONS", Carried::Module(Language::JavaScript)),
    ("PAGER", Carried::Command),
    ("PROMPT_COMMAND", Carried::Command),
    ("PSQL_EDITOR", Carried::Command),
    ("PSQL_PAGER", Carried::Command),
    ("PYTHONSTARTUP", Carried::Module(Language::Python)),
    ("RSYNC_RSH", Carried::Command),
    ("RUBYOPT", Carried::Module(Language::Ruby)),
    ("SUDO_ASKPASS", Carried::Command),
    ("SUDO_EDITOR", Carried::Command),
    ("VISUAL", Carried::Command),
];

/// Where a system keeps its own libraries.
const SYSTEM: &[&str] = &["/lib", "/usr/lib", "/usr/local/lib", "/opt/homebrew/lib", "/nix/store", "lib"];

impl Walker<'_> {
    /// Follows what the environment of a program would have run.
    pub(super) fn carried_by_environment(&mut self, environment: &[(String, String)], shell: &Shell) {
        for (name, value) in environment.iter().filter(|(_, value)| is_known(value) && !value.is_empty()) {
            if name.starts_with("PS") {
                self.prompt(name, value, shell);
            }
            let Some((_, carried)) = CARRIERS.iter().find(|(carrier, _)| carrier == name) else { continue };
            let mut inner = shell.child(crate::parse::Dialect::Posix, Vec::new());
            // What is started by one of them has been told of them all by this.
            inner.exported.retain(|name| CARRIERS.iter().all(|(carrier, _)| carrier != name));
            match carried {
                Carried::Command => {
                    self.deeper(name.as_str(), |walker| walker.shell_text(value, &mut inner, None));
                }
                Carried::Script => {
                    if let Content::Text(text) = self.files.read(value, &shell.site, self.place) {
                        self.deeper(name.as_str(), |walker| walker.shell_text(&text, &mut inner, None));
                    }
                }
                Carried::Module(language) => {
                    for word in value.split_whitespace() {
                        let path = word.split_once('=').map_or(word, |(_, path)| path);
                        let path = path.strip_prefix("-r").unwrap_or(path);
                        self.loaded_by_code(path, *language, &[], &mut inner);
                    }
                }
                Carried::Library => {
                    let own = |path: &str| SYSTEM.iter().any(|system| path.starts_with(system));
                    if let Some(path) = value.split([':', ' ']).find(|path| !path.is_empty() && !own(path)) {
                        self.gap(GapKind::Program, format!("{name} loads {path}, which is not read"));
                    }
                }
            }
        }
    }
}
