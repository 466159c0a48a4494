//! What a program carries: SQL and requests.

use super::action::{Effect, Request};
use super::files::Content;
use super::invocation::Invocation;
use super::state::Shell;
use super::walk::Walker;
use super::{body, sql};
use crate::parse::gap::GapKind;
use crate::rulebook::format::{Speaks, SqlSpeech};
use crate::unknown::{UNKNOWN_REMOTE, is_known};

/// What executes SQL.
#[derive(Clone, Copy)]
pub(super) struct Client<'c> {
    pub name: &'c str,
    /// Whether its database is one that nobody misses. What it has the shell do counts all the same.
    pub scratch: bool,
}

impl Walker<'_> {
    /// Notes what a program carries; returns what it prints where that comes from the network.
    pub(super) fn speaks(
        &mut self,
        speaks: &Speaks,
        call: Invocation<'_>,
        shell: &mut Shell,
    ) -> Option<String> {
        let Invocation { line, reading, .. } = call;
        if let Some(speech) = &speaks.sql {
            self.sql_speech(speech, call, shell);
        }
        let http = speaks.http.as_ref()?;
        for path in reading.values("output") {
            self.downloaded(path, shell);
        }
        let named_by_url = reading.values("output").next().is_none()
            && (line.program == "wget" || reading.has("remote-name"));
        for request in super::http::requests(self, http, call, shell) {
            if let Some(name) = request.path.rsplit('/').next().filter(|_| named_by_url) {
                self.downloaded(name, shell);
            }
            self.request(request, shell);
        }
        Some(UNKNOWN_REMOTE.to_string())
    }

    /// Notes a request, and the SQL that it asks a server to execute.
    pub(super) fn request(&mut self, request: Request, shell: &mut Shell) {
        let changes = !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        let body = request.body.as_deref().filter(|_| changes);
        for statement in body.map(body::statements).unwrap_or_default() {
            self.sql(&statement, Client { name: "the server", scratch: false }, shell);
        }
        self.act(Effect::Http(request.into()), shell);
    }

    /// Remembers that a file comes from the network: `curl -o x.sh …; sh x.sh` runs what it says.
    fn downloaded(&mut self, path: &str, shell: &Shell) {
        if is_known(path) && !path.is_empty() && path != "-" {
            self.files.write(path, &UNKNOWN_REMOTE.to_string(), &shell.site, self.place);
        }
    }

    fn sql_speech(&mut self, speech: &SqlSpeech, call: Invocation<'_>, shell: &mut Shell) {
        let Invocation { line, reading, skip } = call;
        let stdin = call.stdin();
        let (mut given, mut asked) = (false, speech.stdin);
        let file = speech.file.as_ref().and_then(|source| reading.at(source, skip).first().copied());
        let reads = speech.files.iter().any(|source| !reading.at(source, skip).is_empty());
        let client = Client {
            name: &line.program,
            scratch: file.is_some_and(is_scratch)
                && !reads
                && !line.words.iter().map(String::as_str).chain(stdin).any(attaches),
        };
        for source in &speech.text {
            for text in call.texts(source) {
                given = true;
                self.sql(&text, client, shell);
            }
        }
        for source in &speech.files {
            for path in call.texts(source) {
                // `sqlplus user/password @drop.sql`: what names no file is part of the login.
                let path = path.strip_prefix('@').unwrap_or(&path);
                match super::runs::is_stdin(path) {
                    true => asked = true,
                    false => given |= self.sql_file(path, client, shell),
                }
            }
        }
        if let (true, Some(text)) = (asked && !given, stdin) {
            self.sql(text, client, shell);
        }
    }

    /// Reads a file of SQL; returns whether there is one.
    fn sql_file(&mut self, path: &str, client: Client<'_>, shell: &mut Shell) -> bool {
        match self.files.read(path, &shell.site, self.place) {
            Content::Text(text) => {
                self.in_project(format!("{} {path}", client.name), |walker| walker.sql(&text, client, shell));
            }
            Content::Missing | Content::Directory => return false,
            Content::Unknown(_) if shell.site.elsewhere => {}
            Content::Unknown(reason) => {
                self.gap(GapKind::File, format!("{} {path}: the file {reason}", client.name));
            }
        }
        true
    }

    /// Reads SQL and notes its statements.
    pub(super) fn sql(&mut self, text: &str, client: Client<'_>, shell: &mut Shell) {
        for statement in sql::read(text) {
            if let Some(span) = statement.span_in(text) {
                self.stands_at(span);
            }
            if statement.unknown {
                self.gap(GapKind::Code, format!("{} executes a statement that is not known", client.name));
            }
            for command in statement.shell_commands() {
                self.deeper(client.name, |walker| {
                    walker.in_text(|walker| walker.shell_text(&command, &mut shell.clone(), None))
                });
            }
            if let Some(path) = statement.include() {
                self.sql_file(&path, client, shell);
            }
            if !client.scratch {
                self.act(Effect::Sql { statement: statement.into(), client: client.name.to_owned() }, shell);
            }
        }
    }
}

/// Whether a database that is a file is gone with the process, or may go any day.
pub(super) fn is_scratch(file: &str) -> bool {
    let below =
        |root: &str| file.strip_prefix(root).is_some_and(|rest| is_known(rest) && !rest.contains(".."));
    file == ":memory:" || below("/tmp/") || below("/var/tmp/")
}

/// Whether text may reach for another database, or for the shell.
pub(super) fn attaches(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    !is_known(&text)
        || ["attach", ".shell", ".system", ".open", ".restore", ".read"]
            .iter()
            .any(|word| text.contains(word))
}
