//! Notifies people that a question is waiting: on their desktop, and with the command that their policy
//! names.
//!
//! Nothing here can let a command through, keep it from waiting or make it wait longer. Programs are started
//! and left to themselves; the system ends them after [`MOST`], even when guard has gone. Their output is
//! discarded, and a failure is reported on standard error if guard is still there.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use super::request::Request;
use super::store::Store;
use crate::decide::policy::notify::Notify;
use crate::env_vars::PATH;
use crate::place::Place;
use crate::process::signals;
use crate::run;
use crate::text::{ellipsize, safe};

/// How long a notification may take, in seconds.
const MOST: u32 = 10;

/// How much of a command a notification on the desktop shows, in columns.
const COMMAND_COLUMNS: usize = 120;

/// Sends the notifications for a request without waiting for them.
pub(super) fn tell(request: &Request, commands: &[&Notify], store: &Store, place: &Place<'_>) {
    let path = place.environment.get(PATH);
    if let Some(desktop) = desktop(request, path, place) {
        // Whether anybody sees it cannot be known; the question waits all the same.
        let _ = start(desktop, Stdio::null(), None);
    }
    for Notify { command } in commands {
        let Some((program, words)) = command.split_first() else { continue };
        let started = run::find(OsStr::new(program), path).and_then(|found| {
            let mut command = Command::new(found);
            command.args(words);
            // A file, not a pipe: it can be read also when guard has gone.
            let input = store.nameless(&request.code, format!("{}\n", request.as_json()).as_bytes())?;
            start(command, input.into(), Some(program.clone()))
        });
        if let Err(why) = started {
            warn(program, &why.to_string());
        }
    }
}

/// Returns what shows a notification, where there is a desktop to show it.
fn desktop(request: &Request, path: Option<&OsStr>, place: &Place<'_>) -> Option<Command> {
    const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";
    let bus = match place.environment.get(BUS).filter(|address| !address.is_empty()) {
        Some(address) => address.to_owned(),
        // Where systemd puts it; an agent's environment may not say.
        None => {
            let socket = PathBuf::from(format!("/run/user/{}/bus", nix::unistd::getuid()));
            socket.metadata().ok().filter(|found| found.file_type().is_socket())?;
            let mut address = OsString::from("unix:path=");
            address.push(socket);
            address
        }
    };
    let mut command = Command::new(run::find(OsStr::new("notify-send"), path).ok()?);
    let (title, body) = words(request);
    command.env(BUS, bus).args(["--app-name=guard", "--urgency=critical", "--", &title, &body]);
    Some(command)
}

/// Returns the title and the text of a notification. Desktops read markup in the text.
fn words(request: &Request) -> (String, String) {
    let question = &request.question;
    let rule = question.rules.first().map_or("what it would do cannot be determined", |rule| &rule.title);
    let command = ellipsize(&safe(question.command.trim()), COMMAND_COLUMNS).into_owned();
    let markup = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let body = format!("{}\n{}\nguard approve {}", markup(&safe(rule)), markup(&command), request.code);
    ("A command waits for you".to_owned(), body)
}

/// Starts a program with this on its standard input. The failure of a program that has a name is reported.
fn start(mut command: Command, input: Stdio, name: Option<String>) -> io::Result<()> {
    command.current_dir("/").stdin(input).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = signals::bound(&mut command, MOST).spawn()?;
    let wait = move || match (child.wait(), name) {
        (Ok(status), Some(name)) if !status.success() => warn(&name, &status.to_string()),
        _ => {}
    };
    thread::Builder::new().spawn(wait).map(|_| ())
}

fn warn(program: &str, why: &str) {
    eprintln!("guard: warning: {} could not tell anybody of the question: {}", safe(program), safe(why));
}
