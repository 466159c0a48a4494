//! Redirections: what a command reads, and the files that it writes.

use std::collections::BTreeMap;

use super::action::{Effect, FileWrite};
use super::files::Content;
use super::state::Shell;
use super::walk::Walker;
use crate::parse::script::{Redirect, RedirectKind};
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS};

impl Walker<'_> {
    /// Follows redirections: where input comes from, which files are written.
    pub(super) fn redirected(
        &mut self,
        redirects: &[Redirect],
        shell: &mut Shell,
        stdin: Option<&str>,
    ) -> Flow {
        let mut flow = Flow { stdin: stdin.map(str::to_owned), ..Flow::default() };
        for redirect in redirects {
            if let RedirectKind::ReadWrite(word) = &redirect.kind {
                let path = self.text(word, shell);
                flow.opened.insert(redirect.fd, path);
            }
            // `exec 3> file; program >&3`
            if let RedirectKind::Duplicate(word) = &redirect.kind
                && redirect.fd > 0
                && !shell.outgoing.is_empty()
                && let Ok(source) = self.text(word, shell).parse::<i32>()
                && let Some(path) = shell.outgoing.get(&source)
            {
                flow.writes.push((redirect.fd, path.clone(), false));
                continue;
            }
            if let Some(text) = self.incoming(redirect, &flow, shell) {
                let fd = self.descriptor(redirect, shell);
                match fd {
                    0 => flow.stdin = Some(text),
                    fd => {
                        self.files.write(&format!("/dev/fd/{fd}"), &text, &shell.site, self.place);
                        flow.inputs.insert(fd, text);
                    }
                }
                continue;
            }
            match &redirect.kind {
                RedirectKind::Write(word) => {
                    let path = self.text(word, shell);
                    flow.opened.insert(redirect.fd, path.clone());
                    flow.writes.push((redirect.fd, path, true));
                }
                RedirectKind::Append(word) => {
                    let path = self.text(word, shell);
                    flow.writes.push((redirect.fd, path, false));
                }
                _ => {}
            }
        }
        flow
    }

    /// Returns what a redirection lets a command read.
    fn incoming(&mut self, redirect: &Redirect, flow: &Flow, shell: &mut Shell) -> Option<String> {
        Some(match &redirect.kind {
            RedirectKind::Read(word) | RedirectKind::ReadWrite(word) => {
                let path = self.text(word, shell);
                match self.files.read(&path, &shell.site, self.place) {
                    Content::Text(text) => text,
                    Content::Missing | Content::Directory | Content::Unknown(_) => UNKNOWN_WORDS.to_string(),
                }
            }
            RedirectKind::HereDocument(word) => self.document(word, shell),
            RedirectKind::HereString(word) => self.text(word, shell) + "\n",
            RedirectKind::Duplicate(word) => {
                let source: i32 = self.text(word, shell).parse().ok()?;
                let known = flow.inputs.get(&source).or_else(|| shell.descriptors.get(&source));
                known.filter(|_| source != redirect.fd).cloned()?
            }
            RedirectKind::Write(_) | RedirectKind::Append(_) => return None,
        })
    }

    /// Returns the number of a descriptor, which a variable is told where the shell chooses it.
    fn descriptor(&mut self, redirect: &Redirect, shell: &mut Shell) -> i32 {
        let Some(variable) = &redirect.variable else { return redirect.fd };
        let free = (10..).find(|fd| !shell.descriptors.contains_key(fd)).unwrap_or(10);
        shell.set(variable, free.to_string());
        free
    }

    /// Notes the files written and keeps their text for whoever reads them later in this command.
    pub(super) fn finish(&mut self, flow: Flow, output: String, shell: &Shell) -> String {
        let mut shown = output;
        for (fd, path, replaces) in flow.writes {
            let text = if fd == 1 { std::mem::take(&mut shown) } else { UNKNOWN.to_string() };
            // `echo > file` leaves a line without anything in it.
            let empties = replaces && fd == 1 && text.trim_end_matches('\n').is_empty();
            let put = if replaces { Self::puts } else { Self::adds };
            put(self, &path, &text, shell);
            // What the shell sends over a connection of its own, `nc` would send as well.
            if let Some((host, port)) = path.strip_prefix("/dev/tcp/").and_then(|to| to.split_once('/')) {
                let words = ["nc", host, port].map(str::to_owned).to_vec();
                let mut inner = shell.clone();
                self.deeper("/dev/tcp", |walker| walker.run(words, Vec::new(), &mut inner, Some(&text)));
            }
            self.act(Effect::Write(FileWrite { path, replaces, empties, ..FileWrite::default() }), shell);
        }
        shown
    }
}

/// Where a command's input comes from and which files its redirections write: descriptor, path,
/// and whether the file is emptied first.
#[derive(Default)]
pub(super) struct Flow {
    pub stdin: Option<String>,
    /// What can be read from the other descriptors that are opened.
    pub inputs: BTreeMap<i32, String>,
    /// The files that descriptors are opened for.
    pub opened: BTreeMap<i32, String>,
    writes: Vec<(i32, String, bool)>,
}
