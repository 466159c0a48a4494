//! What a program carries: SQL, requests, and the files it writes.

use std::path::PathBuf;

use super::action::{Effect, FileWrite, Request};
use super::command_line::{CommandLine, Reading};
use super::files::Content;
use super::invocation::Invocation;
use super::state::Shell;
use super::walk::Walker;
use super::{body, secrets, sql};
use crate::parse::gap::GapKind;
use crate::place;
use crate::rulebook::format::{Speaks, SqlSpeech};
use crate::unknown::{UNKNOWN_REMOTE, UNKNOWN_SECRET, is_known};

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

    /// Returns the directory that a path leads to through the links that this command makes:
    /// `ln -s "$PWD" /tmp/x && cd /tmp/x`.
    pub(super) fn through_links(&self, path: PathBuf) -> PathBuf {
        if self.links.is_empty() {
            return path;
        }
        let behind = path.ancestors().find_map(|above| Some((above, self.links.get(above)?)));
        let found = behind.and_then(|(above, to)| Some(to.join(path.strip_prefix(above).ok()?)));
        found.unwrap_or(path)
    }

    /// Notes the files that `sed -i` edits, with what it would make of them: `sed -i 's/ls/rm/' run.sh; sh run.sh`.
    fn edited(&mut self, line: &CommandLine, reading: &Reading, shell: &Shell) {
        let mut operands = reading.operands.iter().map(|operand| operand.text.as_str());
        let mut scripts: Vec<&str> = reading.values("expression").collect();
        if scripts.is_empty() {
            scripts.extend(operands.next());
        }
        let flags = line.words.iter().filter_map(|word| word.strip_prefix('-'));
        // `-Ei.bak`, `-ne s/a/b/`: letters up to the first that has a value.
        let letters: String =
            flags.clone().flat_map(|word| word.chars().take_while(|c| !"-iefl".contains(*c))).collect();
        let is_followed = scripts.iter().all(|script| is_known(script))
            && !reading.has("file")
            && !letters.contains('z')
            && !flags.into_iter().any(|word| word == "-null-data");
        if !is_followed {
            return;
        }
        let mut words = Vec::new();
        words.extend(letters.contains('n').then(|| "-n".to_owned()));
        words.extend(letters.contains(['E', 'r']).then(|| "-E".to_owned()));
        words.extend(scripts.iter().flat_map(|script| ["-e".to_owned(), (*script).to_owned()]));
        for file in operands {
            self.files.edit(file, words.clone(), &shell.site, self.place);
        }
    }

    /// Notes the files that well-known programs write by their operands.
    pub(super) fn written(&mut self, line: &CommandLine, shell: &Shell) {
        let Some(reading) = line.readings.first() else { return };
        if let Some(archive) = secrets::packed(line, reading) {
            self.files.write(archive, &UNKNOWN_SECRET.to_string(), &shell.site, self.place);
        }
        if line.program == "sed" && reading.has("in-place") {
            return self.edited(line, reading, shell);
        }
        let operands = || reading.operands.iter().map(|operand| operand.text.clone());
        let (paths, replaces): (Vec<String>, bool) = match line.program.as_str() {
            "tee" => (
                operands().collect(),
                !reading.options.iter().any(|o| matches!(o.name.as_str(), "-a" | "--append" | "append")),
            ),
            "sponge" => (operands().collect(), true),
            "dd" => {
                (operands().filter_map(|word| word.strip_prefix("of=").map(str::to_owned)).collect(), true)
            }
            "cp" | "mv" | "install" if reading.operands.len() > 1 => {
                (operands().next_back().into_iter().collect(), true)
            }
            // Without it a link replaces nothing; and what it replaces is a link, most of the time.
            "ln" if reading.operands.len() > 1 => {
                let forces =
                    reading.options.iter().any(|o| matches!(o.name.as_str(), "-f" | "--force" | "force"));
                (operands().next_back().filter(|_| forces).into_iter().collect(), false)
            }
            _ => return,
        };
        let input = line.stdin.as_deref();
        let all: Vec<String> = operands().collect();
        if let ("cp" | "mv" | "install" | "ln", Some((to, sources))) =
            (line.program.as_str(), all.split_last())
        {
            // `install -m 755 from to`
            let is_one = sources.len() == 1 || line.program == "install";
            for from in sources {
                self.copied(line, from, is_one.then_some(to.as_str()), to, shell);
            }
        }
        let names: Vec<String> = match line.program.as_str() {
            "cp" | "mv" | "install" | "ln" => {
                let sources = reading.operands.len().saturating_sub(1);
                operands().take(sources).map(|from| super::launch::base_name(&from).to_owned()).collect()
            }
            _ => Vec::new(),
        };
        for path in paths {
            let from_nothing = match line.program.as_str() {
                "tee" | "sponge" => input == Some(""),
                "dd" => operands().any(|word| word == "if=/dev/null"),
                "cp" | "install" | "ln" => operands().rev().skip(1).any(|source| source == "/dev/null"),
                _ => false,
            };
            let from = operands().find_map(|word| word.strip_prefix("if=").map(str::to_owned));
            if let ("dd", Some(from)) = (line.program.as_str(), from) {
                self.files.copy(&from, &path, &shell.site, self.place);
            } else if let ("tee" | "sponge" | "dd", Some(text)) = (line.program.as_str(), input) {
                let put = if replaces { Self::puts } else { Self::adds };
                put(self, &path, text, shell);
            }
            let write = FileWrite { path, names: names.clone(), replaces, empties: from_nothing };
            self.act(Effect::Write(write), shell);
        }
    }
    /// Notes that `from` is copied, moved or linked into a directory, or to a name of its own as well.
    fn copied(&mut self, line: &CommandLine, from: &str, to: Option<&str>, directory: &str, shell: &Shell) {
        let base = |walker: &Self, path: &str| place::path::target(path, &shell.site, walker.place).base;
        if let (Some(to), "ln") = (to, line.program.as_str()) {
            let link = base(self, to).zip(base(self, from));
            self.links.extend(link);
        }
        // `cp clean.sh /tmp/c.sh; sh /tmp/c.sh`
        let name = super::launch::base_name(from);
        let inside = format!("{}/{name}", directory.trim_end_matches('/'));
        for to in to.into_iter().chain([inside.as_str()]) {
            let Some(there) = base(self, to) else { continue };
            if line.program == "mv" && is_known(from) {
                self.moved.push((there.clone(), from.to_owned()));
            }
            match line.stdin.as_deref().filter(|_| super::runs::is_stdin(from)) {
                Some(text) => self.files.write(to, text, &shell.site, self.place),
                None => self.files.copy(from, to, &shell.site, self.place),
            }
            // `cp /bin/rm ./x; ./x -rf …`
            if from.contains('/') && self.rulebook.program(name).is_some() {
                self.copied_programs.insert(there, name.to_owned());
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
