//! Asks at the terminal.
//!
//! The terminal is the controlling one, opened afresh: never a standard stream, which an agent may have
//! connected to anything. It must be a person's (no agent is above the command or holds the other side of the
//! terminal), and this process must be in its foreground. Anything typed before the question could have been
//! read does not count. Enter, Ctrl-C, Ctrl-D, Ctrl-Z, Ctrl-\, Esc, a hang-up and the end of the time all
//! mean no, and each leaves the terminal as it was; so do a signal and a panic.

pub(super) mod keys;
mod line;

use super::elsewhere::agent_at_terminal;
use super::secret::Secret;
use crate::decide::question::Prompt;
use crate::decide::surroundings::who_asks;
use crate::human::{Answer, Human};
use crate::process::signals::{Caught, raise_default};
use crate::text::Paint;
use dialoguer::console::Term;
use keys::{Key, Keys};
use line::Line;
use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::Signal;
use nix::sys::termios::{
    FlushArg, OutputFlags, SetArg, SpecialCharacterIndices, Termios, cfmakeraw, tcflush, tcgetattr, tcsetattr,
};
use nix::unistd::{getpgrp, tcgetpgrp};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How long the question is shown before keys count. Nobody reads it faster; keys that come sooner were not
/// meant for it.
pub(super) const SETTLING: Duration = Duration::from_millis(300);

/// After how many tenths of a second a read returns without a key.
const TICK: u8 = 1;

/// The signals that end the question.
const ENDING: [Signal; 5] =
    [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGTSTP];

/// A person at the terminal this process was started from.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    paint: Paint,
}

impl Terminal {
    /// Returns the terminal; it is opened when something is asked.
    pub fn new(paint: Paint) -> Terminal {
        Terminal { paint }
    }
}

/// What a person types to see all of a question.
const SHOW_ALL: &str = "?";

impl Human for Terminal {
    fn answer(&mut self, prompt: &Prompt) -> Answer {
        let short = |columns, rows| prompt.render(columns, rows, self.paint);
        let begun = Instant::now();
        let mut answer = self.put(&short, prompt.time);
        while answer == Answer::Typed(SHOW_ALL.to_owned()) {
            let left = Prompt { time: prompt.time.saturating_sub(begun.elapsed()), ..prompt.clone() };
            answer = self.put(&|columns, _| left.render_whole(columns, self.paint), left.time);
        }
        answer
    }

    fn secret(&mut self, question: &str, time: Duration) -> Result<Zeroizing<String>, Answer> {
        let tty = self.open().map_err(Answer::Absent)?;
        let mut secret = Secret::default();
        match ask_for(&tty, &|_, _| question.to_owned(), time, &mut secret) {
            Answer::Typed(_) => secret.entered().ok_or(Answer::Declined),
            other => Err(other),
        }
    }
}

/// A question as text, for a terminal with this many columns and rows.
type Text<'q> = &'q dyn Fn(usize, usize) -> String;

impl Terminal {
    /// Puts a question to the person at the terminal; the answer is typed after it.
    pub fn put(&self, question: Text<'_>, time: Duration) -> Answer {
        match self.open() {
            Ok(tty) => ask(&tty, question, time),
            Err(why) => Answer::Absent(why),
        }
    }

    /// Opens the controlling terminal if it is a person's, or says why nobody can be asked there.
    fn open(&self) -> Result<File, String> {
        let asker = who_asks();
        if let Some(agent) = asker.agent {
            return Err(format!("the command was started by {agent}; its terminal is not a person's"));
        }
        if asker.hidden {
            return Err("who is asking cannot be determined: /proc cannot be read".to_owned());
        }
        if let Some(agent) = agent_at_terminal() {
            return Err(format!("{agent} holds the other side of this terminal"));
        }
        open()
    }
}

/// Opens the controlling terminal, or says why nobody can be asked there.
pub(super) fn open() -> Result<File, String> {
    let opened = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOCTTY).open("/dev/tty");
    let tty = opened.map_err(|error| match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENXIO | Errno::ENOENT) => "there is no terminal".to_owned(),
        _ => format!("the terminal cannot be opened: {error}"),
    })?;
    if is_in_foreground(&tty)? { Ok(tty) } else { Err("the command runs in the background".to_owned()) }
}

fn is_in_foreground(tty: &File) -> Result<bool, String> {
    tcgetpgrp(tty).map(|group| group == getpgrp()).map_err(|_| GONE.to_owned())
}

const GONE: &str = "the terminal went away";

/// How a question ended.
enum End {
    Answered(Answer),
    Signalled(Signal),
}

/// Asks for a phrase at a terminal.
fn ask(tty: &File, question: Text<'_>, time: Duration) -> Answer {
    match ask_for(tty, question, time, &mut Phrase::default()) {
        Answer::Typed(line) if line.trim().is_empty() => Answer::Declined,
        Answer::Typed(line) => Answer::Typed(line.trim().to_owned()),
        other => other,
    }
}

/// Asks for something to be typed into a field. A signal that arrives meanwhile has its usual effect, but
/// only once the terminal is as it was.
fn ask_for(tty: &File, question: Text<'_>, time: Duration, field: &mut dyn Field) -> Answer {
    match ask_until_end(tty, question, time, field) {
        Ok(End::Signalled(signal)) => {
            let _ = raise_default(signal);
            // Still here: the signal stopped the process, and it was continued.
            Answer::Declined
        }
        Ok(End::Answered(answer)) => answer,
        Err(error) => Answer::Absent(format!("the question cannot be asked: {error}")),
    }
}

fn ask_until_end(
    mut tty: &File,
    question: Text<'_>,
    time: Duration,
    field: &mut dyn Field,
) -> io::Result<End> {
    let (rows, columns) = Term::read_write_pair(tty.try_clone()?, tty.try_clone()?).size();
    let question = Zeroizing::new(question(columns.into(), rows.into()));
    if !field.is_hidden() {
        // Before signals are caught, so that guard can be killed if the terminal accepts no output.
        tty.write_all(question.as_bytes())?;
    }
    let caught = Caught::catch(&ENDING)?;
    let (end, ends_line) = {
        let _modes = Modes::change(tty)?;
        if field.is_hidden() {
            // Not before the terminal has stopped showing what is typed.
            tty.write_all(question.as_bytes())?;
        }
        let end = listen(tty, &caught, time, field);
        let ends_line = field.is_open() && !field.is_hidden();
        field.close();
        (end?, ends_line)
    };
    if !ends_line {
        let _ = tty.write_all(b"\r\n");
    }
    Ok(end)
}

/// Listens to keys until the question ends.
fn listen(mut tty: &File, caught: &Caught, time: Duration, field: &mut dyn Field) -> io::Result<End> {
    let begun = Instant::now();
    let mut keys = Keys::default();
    let mut bytes = Zeroizing::new([0; 64]);
    loop {
        if let Some(arrival) = caught.take() {
            return Ok(End::Signalled(arrival.signal));
        }
        match is_in_foreground(tty) {
            Ok(true) => {}
            Ok(false) => return Ok(absent("another job took the terminal")),
            Err(why) => return Ok(absent(&why)),
        }
        if begun.elapsed() >= time {
            return Ok(End::Answered(Answer::TimedOut));
        }
        field.open(tty, begun.elapsed())?;
        let count = match tty.read(&mut *bytes) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return Ok(absent(GONE)),
        };
        // One by one: a list of keys would be one more place where a secret stays behind.
        let pause = if count == 0 { keys.pause() } else { None };
        for key in pause.into_iter().chain(bytes[..count].iter().filter_map(|byte| keys.press(*byte))) {
            match key {
                Key::Interrupt => return Ok(End::Answered(Answer::Declined)),
                _ if !field.is_open() => {}
                Key::Refuse | Key::Suspend => return Ok(End::Answered(Answer::Declined)),
                Key::Enter => {
                    let typed = field.enter().map_or(Answer::Declined, Answer::Typed);
                    return Ok(End::Answered(typed));
                }
                key => field.press(key)?,
            }
        }
    }
}

/// What is typed into.
trait Field {
    /// Makes it ready for keys once the question has been shown for long enough.
    fn open(&mut self, tty: &File, stood: Duration) -> io::Result<()>;
    /// Returns whether keys count.
    fn is_open(&self) -> bool;
    /// Returns whether what is typed is not shown.
    fn is_hidden(&self) -> bool;
    /// Takes in a key that edits.
    fn press(&mut self, key: Key) -> io::Result<()>;
    /// Ends it and returns its text; nothing if that could not be read.
    fn enter(&mut self) -> Option<String>;
    /// Ends it, whatever was typed. It does not touch the terminal afterwards.
    fn close(&mut self);
}

/// A line that is drawn. It opens only once the question can have been read.
#[derive(Default)]
struct Phrase(Option<Line>);

impl Field for Phrase {
    fn open(&mut self, tty: &File, stood: Duration) -> io::Result<()> {
        if self.0.is_none() && stood >= SETTLING {
            tcflush(tty, FlushArg::TCIFLUSH)?;
            self.0 = Some(Line::open(tty)?);
        }
        Ok(())
    }

    fn is_open(&self) -> bool {
        self.0.is_some()
    }

    fn is_hidden(&self) -> bool {
        false
    }

    fn press(&mut self, key: Key) -> io::Result<()> {
        self.0.as_mut().map_or(Ok(()), |line| line.press(key))
    }

    fn enter(&mut self) -> Option<String> {
        self.0.as_mut()?.enter()
    }

    fn close(&mut self) {
        self.0 = None;
    }
}

/// A secret: nothing is drawn. It is open at once, since nobody could see that their first letters were lost.
impl Field for Secret {
    fn open(&mut self, _: &File, _: Duration) -> io::Result<()> {
        Ok(())
    }

    fn is_open(&self) -> bool {
        true
    }

    fn is_hidden(&self) -> bool {
        true
    }

    fn press(&mut self, key: Key) -> io::Result<()> {
        Secret::press(self, key);
        Ok(())
    }

    /// Says only that it was entered; the text is not copied.
    fn enter(&mut self) -> Option<String> {
        Some(String::new())
    }

    fn close(&mut self) {}
}

fn absent(why: &str) -> End {
    End::Answered(Answer::Absent(why.to_owned()))
}

/// The terminal's modes as they were, restored when this is dropped.
struct Modes<'a> {
    tty: &'a File,
    before: Termios,
}

impl<'a> Modes<'a> {
    /// Makes the terminal hand over every key as it is pressed, without echo, and a read return soon
    /// even without one. (To wait with `poll` would not work for `/dev/tty` on macOS.)
    fn change(tty: &'a File) -> io::Result<Modes<'a>> {
        let before = tcgetattr(tty)?;
        let mut modes = before.clone();
        cfmakeraw(&mut modes);
        modes.output_flags = before.output_flags | OutputFlags::OPOST | OutputFlags::ONLCR;
        modes.control_chars[SpecialCharacterIndices::VMIN as usize] = 0;
        modes.control_chars[SpecialCharacterIndices::VTIME as usize] = TICK;
        tcsetattr(tty, SetArg::TCSANOW, &modes)?;
        Ok(Modes { tty, before })
    }
}

impl Drop for Modes<'_> {
    fn drop(&mut self) {
        // Who took the terminal has set modes of its own; and a background job would be stopped.
        if is_in_foreground(self.tty) == Ok(true) {
            // What was typed after the answer is not for whoever reads next.
            let _ = tcflush(self.tty, FlushArg::TCIFLUSH);
            let _ = tcsetattr(self.tty, SetArg::TCSANOW, &self.before);
        }
    }
}

#[cfg(test)]
mod tests;
