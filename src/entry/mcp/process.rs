//! A guard as a process of its own: its output within bounds, its time limited, its end with everything that
//! it started.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::run;

/// How much is kept of the beginning of an output, and of its end, in bytes.
const KEPT: usize = 32 * 1024;

/// How long a process has to end itself before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// How long what a command left behind may go on printing before the call ends without it.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// A guard that runs.
pub(super) struct Process {
    group: Pid,
    until: Instant,
    limit: Duration,
    stdout: Output,
    stderr: Output,
    /// Gets the status, and then two ends of outputs.
    events: Mutex<Receiver<Event>>,
    killed: Mutex<Option<String>>,
}

enum Event {
    Status(i32),
    Silent,
}

/// What was kept of an output.
type Output = Arc<Mutex<Kept>>;

/// How a process ended.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// Its exit status; 128 and the signal's number where one ended it.
    pub status: i32,
    /// What it printed.
    pub stdout: String,
    /// What it printed to standard error.
    pub stderr: String,
    /// Why it was killed, where it was.
    pub killed: Option<String>,
}

impl Process {
    /// Starts guard with these words, as the leader of a group of its own.
    pub(super) fn start(words: &[&str], limit: Duration) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(words).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let group = Pid::from_raw(child.id().cast_signed());
        let (sender, events) = channel();
        let follow = |pipe: Option<Box<dyn Read + Send>>| {
            let output = Output::default();
            let (kept, sender) = (Arc::clone(&output), sender.clone());
            thread::spawn(move || {
                pipe.into_iter().for_each(|pipe| read(pipe, &kept));
                let _ = sender.send(Event::Silent);
            });
            output
        };
        let stdout = follow(child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>));
        let stderr = follow(child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>));
        thread::spawn(move || drop(sender.send(Event::Status(status(child)))));
        let until = Instant::now() + limit;
        let (events, killed) = (Mutex::new(events), Mutex::default());
        Ok(Self { group, until, limit, stdout, stderr, events, killed })
    }

    /// Waits for its end, and sees to it when its time is over.
    pub(super) fn wait(&self) -> Ended {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut status, mut silent) = (None, 0);
        let mut until = self.until;
        while status.is_none() || silent < 2 {
            // Whoever cancels the call does not have to wait for its time to be over.
            let was_killed = self.why().is_some();
            let step = if was_killed { GRACE } else { until.saturating_duration_since(Instant::now()) };
            match events.recv_timeout(step.min(Duration::from_secs(1))) {
                Ok(Event::Status(code)) => {
                    status = Some(code);
                    until = until.min(Instant::now() + AFTERWARDS);
                }
                Ok(Event::Silent) => silent += 1,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) if was_killed => {
                    let _ = killpg(self.group, Signal::SIGKILL);
                    // What is out of the group may hold the outputs open for ever.
                    if status.is_some() {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() < until => {}
                Err(RecvTimeoutError::Timeout) if status.is_some() => break,
                Err(RecvTimeoutError::Timeout) => {
                    self.kill(&format!("it ran for more than {} s", self.limit.as_secs()));
                }
            }
        }
        let killed = self.why();
        if killed.is_some() {
            let _ = killpg(self.group, Signal::SIGKILL);
        }
        Ended {
            status: status.unwrap_or(125),
            stdout: text(&self.stdout),
            stderr: text(&self.stderr),
            killed,
        }
    }

    /// Tells it to end; [`wait`](Self::wait) sees to it that it does.
    pub(super) fn kill(&self, why: &str) {
        self.killed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| why.to_owned());
        let _ = killpg(self.group, Signal::SIGTERM);
    }

    fn why(&self) -> Option<String> {
        self.killed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Ended {
    /// Returns what became of the command.
    pub(super) fn outcome(&self) -> &'static str {
        let said = self.stderr.lines().any(|line| line.starts_with("guard: "));
        match self.status {
            _ if self.killed.is_some() => "killed",
            75 if said => "waiting",
            77 if said => "refused",
            125 if said => "broken",
            _ => "ran",
        }
    }
}

fn status(mut child: Child) -> i32 {
    child.wait().map_or(125, |status| run::Ended::from(status).code())
}

/// The beginning and the end of an output.
#[derive(Default)]
struct Kept {
    head: Vec<u8>,
    tail: Vec<u8>,
    left_out: usize,
}

impl Kept {
    fn add(&mut self, bytes: &[u8]) {
        let room = (KEPT - self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.tail.extend_from_slice(&bytes[room..]);
        if self.tail.len() > 2 * KEPT {
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        let cut = self.tail.len().saturating_sub(KEPT);
        self.left_out += cut;
        self.tail.drain(..cut);
    }
}

fn read(mut pipe: impl Read, kept: &Output) {
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = pipe.read(&mut buffer) {
        kept.lock().unwrap_or_else(PoisonError::into_inner).add(&buffer[..count]);
    }
}

fn text(kept: &Output) -> String {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.shorten();
    if kept.left_out == 0 {
        return String::from_utf8_lossy(&[kept.head.as_slice(), &kept.tail].concat()).into_owned();
    }
    let [head, tail] = [&kept.head, &kept.tail].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{head}\n[guard: {} bytes left out]\n{tail}", kept.left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_output_the_beginning_and_the_end_are_kept() {
        let output = Output::default();
        read(b"a".repeat(KEPT).as_slice(), &output);
        read(b"b".repeat(10 * KEPT).as_slice(), &output);
        read(b"c".repeat(KEPT).as_slice(), &output);
        let text = text(&output);
        assert!(text.starts_with("aaa") && text.ends_with("ccc") && !text.contains("bb"), "{}", text.len());
        assert!(text.contains(&format!("[guard: {} bytes left out]", 10 * KEPT)));
    }
}
