//! `guard watch`: a screen that lists the questions as they come, opens one, and takes the answer.
//!
//! It answers as `guard approve` does, by the same function: the screen is only another way to show a
//! question to a person. It waits for keys, signals, files and runs in one `poll`, which wakes by itself only
//! when a number on the screen changes, and never while there is none.

mod line;
mod live;
mod screen;
mod view;

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use zeroize::Zeroizing;

use self::line::Line;
use self::live::Live;
use self::screen::{Screen, Size};
use self::view::{Item, List, Question, Typing};
use super::elsewhere::{self, Kept, Moment, Reply, Request, agent_at_terminal};
use super::secret::Secret;
use super::tty::keys::{Key, Keys};
use super::tty::{SETTLING, open};
use crate::decide::question::Prompt;
use crate::decide::surroundings::who_asks;
use crate::human::{Answer, Human};
use crate::process::signals::{Caught, raise_default};
use crate::record::Book;
use crate::text::Paint;

/// The signals that concern a screen.
const SIGNALS: [Signal; 7] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGTSTP,
    Signal::SIGCONT,
    Signal::SIGWINCH,
];

/// How long after an Esc the rest of another key's sequence comes at the latest.
const ESCAPE: Duration = Duration::from_millis(50);

/// What is told of an answer that a run has.
const ALLOWED: &str = "allowed; it runs where it was asked";

/// Lists the questions at this terminal and answers them, until the person leaves.
///
/// # Errors
///
/// Returns why that cannot be done, as a lower-case fragment.
pub fn watch(book: &Book, paint: Paint) -> Result<(), String> {
    if let Some(agent) = who_asks().agent.or_else(agent_at_terminal) {
        return Err(format!("{agent} is at this terminal; questions are answered at a person's"));
    }
    let failed = |error: io::Error| format!("the terminal cannot be drawn on: {error}");
    let live = Live::new().map_err(|error| format!("new questions cannot be watched for: {error}"))?;
    let caught = Caught::catch(&SIGNALS).map_err(failed)?;
    let screen = Screen::take(open()?).map_err(failed)?;
    let mut watch = Watch {
        screen,
        caught,
        live,
        kept: Vec::new(),
        keys: Keys::default(),
        pressed: VecDeque::new(),
        chosen: None,
        told: None,
        book,
        paint,
    };
    let end = watch.list();
    drop(watch);
    match end {
        Ok(End::Left) => Ok(()),
        Ok(End::Signalled(signal)) => raise_default(signal).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

/// How it ends.
enum End {
    Left,
    Signalled(Signal),
}

/// What happened while nothing was done.
enum Happened {
    Pressed(Key),
    /// Something that may be on the screen: a question, the time, the size.
    Changed,
    Signalled(Signal),
}

struct Watch<'b> {
    screen: Screen,
    caught: Caught,
    live: Live,
    /// Answers that no run has come for yet.
    kept: Vec<Kept>,
    keys: Keys,
    pressed: VecDeque<Key>,
    /// The code of the request that is chosen.
    chosen: Option<String>,
    told: Option<String>,
    book: &'b Book,
    paint: Paint,
}

impl Watch<'_> {
    /// Shows the list until the person leaves.
    fn list(&mut self) -> io::Result<End> {
        loop {
            let now = Moment::now();
            if self.live.forget_old(&now) {
                self.told = Some("a question became too old to be answered".to_owned());
            }
            self.draw_list(&now)?;
            let key = match self.next(self.until_list_changes(&now))? {
                Happened::Pressed(key) => key,
                Happened::Changed => continue,
                Happened::Signalled(signal) => return Ok(End::Signalled(signal)),
            };
            self.told = None;
            let page = view::fitting(self.screen.size()).cast_signed();
            match key {
                Key::Up | Key::Typed('k') => self.choose(-1),
                Key::Down | Key::Typed('j') => self.choose(1),
                Key::PageUp => self.choose(-page),
                Key::PageDown => self.choose(page),
                Key::Home => self.choose(isize::MIN),
                Key::End => self.choose(isize::MAX),
                Key::Typed('q') | Key::Interrupt => return Ok(End::Left),
                Key::Enter | Key::Typed('r') => {
                    let typing = if key == Key::Enter { Typing::Phrase } else { Typing::Reason };
                    if let Some(signal) = self.open(typing)? {
                        return Ok(End::Signalled(signal));
                    }
                }
                _ => {}
            }
        }
    }

    fn draw_list(&mut self, now: &Moment) -> io::Result<()> {
        let size = self.screen.size();
        let (requests, broken) = match self.live.requests() {
            Ok(requests) => (requests, None),
            Err(why) => (&[][..], Some(why)),
        };
        let at = chosen(requests, self.chosen.as_deref());
        let item = |request| {
            let kept = self.kept.iter().any(|kept| kept.request() == request);
            Item { request, left: request.left_at(now), kept }
        };
        let items = requests.iter().map(item).collect();
        let frame = view::list(&List { items, at, told: self.told.as_deref(), broken }, size, self.paint);
        self.screen.draw(frame, size)
    }

    /// Returns when a number on the list changes by itself.
    fn until_list_changes(&self, now: &Moment) -> Option<Duration> {
        let requests = self.live.requests().ok()?;
        requests.iter().map(|request| view::until_change(request.left_at(now), false)).min()
    }

    fn choose(&mut self, by: isize) {
        let Ok(requests) = self.live.requests() else { return };
        let at = chosen(requests, self.chosen.as_deref());
        let to = at.saturating_add_signed(by).min(requests.len().saturating_sub(1));
        self.chosen = requests.get(to).map(|request| request.code.clone());
    }

    /// Opens the chosen request; returns the signal that ended that, if one did.
    fn open(&mut self, typing: Typing) -> io::Result<Option<Signal>> {
        let Ok(requests) = self.live.requests() else { return Ok(None) };
        let Some(request) = requests.get(chosen(requests, self.chosen.as_deref())).cloned() else {
            return Ok(None);
        };
        self.chosen = Some(request.code.clone());
        let (book, code) = (self.book, request.code.as_str());
        if let Some(at) = self.kept.iter().position(|kept| *kept.request() == request) {
            if typing == Typing::Reason {
                // Dropped, it is taken back; then it can be refused.
                self.kept.remove(at);
            } else {
                self.told = Some(format!("{code} is answered; the next run of the same command gets it"));
                return Ok(None);
            }
        }
        let mut opened = Opened { watch: self, request: &request, typing, left: None };
        let done = live::store().and_then(|store| match typing {
            Typing::Phrase => elsewhere::approve(&store, &request, &mut opened, book),
            Typing::Reason => {
                opened.show(&request.question).map_err(|error| error.to_string())?;
                Err(String::new())
            }
        });
        let left = opened.left;
        let told = match (done, left) {
            (Ok(reply), _) => self.take(reply),
            (Err(_), Some(Left::Back)) => return Ok(None),
            (Err(_), Some(Left::Signalled(signal))) => return Ok(Some(signal)),
            (Err(_), Some(Left::Gone(why))) => why.to_owned(),
            (Err(_), Some(Left::Refused(because))) => {
                let denied = live::store().and_then(|s| elsewhere::deny(&s, &request, &because, book));
                denied.map_or_else(|why| why, |reply| self.take(reply))
            }
            (Err(why), None) => why,
        };
        self.told = Some(format!("{code} {told}"));
        Ok(None)
    }

    /// Takes in what came of an answer; returns it as words.
    fn take(&mut self, reply: Reply) -> String {
        match reply {
            Reply::Allowed => ALLOWED.to_owned(),
            Reply::Denied => "refused; it does not run".to_owned(),
            Reply::Expired => "nobody came for the answer; nothing was run".to_owned(),
            Reply::Kept(kept) => {
                let why = match kept.is_first_of_two() {
                    _ if kept.is_vouching() => ALLOWED,
                    true => "allowed; it counts once a second person has answered too, while this waits",
                    false => "allowed; nobody waits just now, so the answer is kept here for the next run",
                };
                self.kept.push(*kept);
                why.to_owned()
            }
        }
    }

    /// Waits until something happens, at most for as long as what is on the screen stays true.
    fn next(&mut self, time: Option<Duration>) -> io::Result<Happened> {
        let until = time.map(|time| Instant::now() + time);
        loop {
            if let Some(key) = self.pressed.pop_front() {
                return Ok(Happened::Pressed(key));
            }
            if let Some(arrival) = self.caught.take() {
                return Ok(match arrival.signal {
                    Signal::SIGWINCH => Happened::Changed,
                    Signal::SIGCONT => {
                        self.screen.enter()?;
                        Happened::Changed
                    }
                    Signal::SIGTSTP => {
                        self.stop()?;
                        Happened::Changed
                    }
                    signal => Happened::Signalled(signal),
                });
            }
            let doubt = self.keys.is_in_doubt().then_some(ESCAPE);
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let ready = self.wait([doubt, left].into_iter().flatten().min())?;
            if ready.key {
                self.read_keys()?;
            } else if doubt.is_some() {
                self.pressed.extend(self.keys.pause());
            }
            let gave = ready.kept && self.serve();
            let came = ready.requests && self.refresh()?;
            if gave || came || left.is_some_and(|left| left.is_zero()) {
                return Ok(Happened::Changed);
            }
        }
    }

    fn wait(&self, time: Option<Duration>) -> io::Result<Ready> {
        // Rounded up: what is waited for must have happened afterwards.
        let time = time.map_or(PollTimeout::NONE, |time| {
            PollTimeout::try_from(time + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX)
        });
        let fixed = [self.screen.as_fd(), self.caught.as_fd(), self.live.as_fd()];
        let all = fixed.into_iter().chain(self.kept.iter().map(AsFd::as_fd));
        let mut waiting: Vec<PollFd<'_>> = all.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        match poll(&mut waiting, time) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(Ready::default()),
            Err(error) => return Err(error.into()),
        }
        let is_ready = |fd: &PollFd<'_>| fd.any().unwrap_or(true);
        Ok(Ready {
            key: is_ready(&waiting[0]),
            requests: is_ready(&waiting[2]),
            kept: waiting[3..].iter().any(is_ready),
        })
    }

    fn read_keys(&mut self) -> io::Result<()> {
        let mut bytes = [0; 256];
        let count = match self.screen.read(&mut bytes) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(error),
        };
        for byte in &bytes[..count] {
            match self.keys.press(*byte) {
                Some(Key::Suspend) => self.stop()?,
                key => self.pressed.extend(key),
            }
        }
        Ok(())
    }

    /// Stops as Ctrl-Z stops any program, with the terminal as it was.
    fn stop(&mut self) -> io::Result<()> {
        self.screen.leave();
        raise_default(Signal::SIGTSTP)?;
        self.screen.enter()
    }

    fn refresh(&mut self) -> io::Result<bool> {
        let came = self.live.refresh()?;
        if !came.is_empty() {
            self.screen.ring()?;
        }
        Ok(true)
    }

    /// Gives kept answers to the runs that have come for them.
    fn serve(&mut self) -> bool {
        let mut told = None;
        let Ok(store) = live::store() else { return false };
        self.kept.retain_mut(|kept| {
            let mut waiting = [PollFd::new(kept.as_fd(), PollFlags::POLLIN)];
            if poll(&mut waiting, PollTimeout::ZERO) == Ok(0) {
                return true;
            }
            let was_told = kept.is_vouching();
            let (heard, stays) = match kept.hear(&store) {
                Ok(None) if was_told || !kept.is_vouching() => return true,
                Ok(Some(_)) if was_told => return false,
                Ok(heard) => (ALLOWED.to_owned(), heard.is_none()),
                Err(why) => (why, false),
            };
            told = Some(format!("{} {heard}", kept.request().code));
            stays
        });
        let changed = told.is_some();
        self.told = told.or_else(|| self.told.take());
        changed
    }
}

#[derive(Default)]
struct Ready {
    key: bool,
    requests: bool,
    kept: bool,
}

/// Returns which request is chosen: the one of this code, or the first.
fn chosen(requests: &[Request], code: Option<&str>) -> usize {
    requests.iter().position(|request| Some(request.code.as_str()) == code).unwrap_or_default()
}

/// An opened question, as which the screen is the person that `approve` asks.
struct Opened<'w, 'b> {
    watch: &'w mut Watch<'b>,
    request: &'w Request,
    typing: Typing,
    /// How it was left, if not with the phrase.
    left: Option<Left>,
}

/// How an opened question was left.
enum Left {
    Back,
    Refused(String),
    /// There is nothing to answer any more.
    Gone(&'static str),
    Signalled(Signal),
}

impl Human for Opened<'_, '_> {
    fn answer(&mut self, prompt: &Prompt) -> Answer {
        match self.show(prompt) {
            Ok(Some(phrase)) => Answer::Typed(phrase),
            Ok(None) => Answer::Absent("the question was left".to_owned()),
            Err(error) => Answer::Absent(format!("the question cannot be asked: {error}")),
        }
    }

    fn secret(&mut self, question: &str, time: Duration) -> Result<Zeroizing<String>, Answer> {
        let failed = |error: io::Error| Answer::Absent(format!("the secret cannot be asked for: {error}"));
        let until = Instant::now() + time;
        let mut secret = Secret::default();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Answer::TimedOut);
            }
            let size = self.watch.screen.size();
            let frame = view::secret(&self.request.code, question, size, self.watch.paint);
            self.watch.screen.draw(frame, size).map_err(failed)?;
            match self.watch.next(Some(left)).map_err(failed)? {
                Happened::Changed => {}
                Happened::Signalled(signal) => {
                    self.left = Some(Left::Signalled(signal));
                    return Err(Answer::Declined);
                }
                Happened::Pressed(Key::Enter) => return secret.entered().ok_or(Answer::Declined),
                Happened::Pressed(key) if leaves(key) => {
                    self.left = Some(Left::Back);
                    return Err(Answer::Declined);
                }
                Happened::Pressed(key) => secret.press(key),
            }
        }
    }
}

/// What a person has done at an opened question so far.
#[derive(Default)]
struct Doing {
    line: Line,
    /// How many rows are scrolled away.
    from: usize,
    /// What they are told about their last key.
    told: Option<String>,
}

/// How an opened question stands.
#[derive(Clone, Copy)]
struct Standing {
    /// How long it can still be answered.
    left: Duration,
    /// Why there is nothing to answer any more, if that is so.
    gone: Option<&'static str>,
    /// How many other questions wait.
    others: usize,
}

impl Opened<'_, '_> {
    /// Shows the question until the phrase is typed or it is left.
    fn show(&mut self, prompt: &Prompt) -> io::Result<Option<String>> {
        self.watch.screen.flush();
        self.watch.pressed.clear();
        let opened = Instant::now();
        let mut doing = Doing::default();
        let mut laid_out = None;
        loop {
            let size = self.watch.screen.size();
            let body = match laid_out.take() {
                Some((columns, body)) if columns == size.columns => body,
                _ => rows(&prompt.whole(size.columns, self.watch.paint)),
            };
            let standing @ Standing { left, gone, .. } = self.standing();
            if let Some(why) = gone {
                doing.told = Some(format!("It {why}. Esc goes back."));
                doing.line = Line::default();
            }
            let (most, page) = view::scrolling(body.len(), &prompt.phrase, self.typing, size);
            doing.from = doing.from.min(most);
            self.draw(&doing, &body, standing, size)?;
            laid_out = Some((size.columns, body));
            let key = match self.watch.next(gone.is_none().then(|| view::until_change(left, true)))? {
                Happened::Changed => continue,
                Happened::Signalled(signal) => {
                    self.left = Some(Left::Signalled(signal));
                    return Ok(None);
                }
                // Nobody has read it yet; what comes now was not meant for it.
                Happened::Pressed(key) if opened.elapsed() < SETTLING && !leaves(key) => continue,
                Happened::Pressed(key) => key,
            };
            let end = match gone {
                // Whoever goes on typing must not be taken to mean another question.
                Some(why) => leaves(key).then_some(Err(Left::Gone(why))),
                None => self.press(key, &mut doing, (most, page), &prompt.phrase),
            };
            match end {
                Some(Ok(phrase)) => return Ok(Some(phrase)),
                Some(Err(left)) => {
                    self.left = Some(left);
                    return Ok(None);
                }
                None => {}
            }
        }
    }

    /// Returns how the question stands now.
    fn standing(&self) -> Standing {
        let left = self.request.left_at(&Moment::now());
        let requests = self.watch.live.requests().unwrap_or_default();
        let others = requests.iter().filter(|request| *request != self.request).count();
        let gone = if left.is_zero() {
            Some("became too old to be answered")
        } else if others == requests.len() {
            Some("is gone: answered elsewhere, or changed")
        } else {
            None
        };
        Standing { left, gone, others }
    }

    fn draw(&mut self, doing: &Doing, body: &[String], standing: Standing, size: Size) -> io::Result<()> {
        let question = Question {
            request: self.request,
            body,
            from: doing.from,
            typing: self.typing,
            line: &doing.line,
            told: doing.told.as_deref(),
            left: standing.left,
            others: standing.others,
        };
        let frame = view::question(&question, size, self.watch.paint);
        self.watch.screen.draw(frame, size)
    }

    /// Takes in a key; the pair says how far the question can be scrolled, and by how much a page scrolls. Returns the
    /// phrase once it is typed, or how the question is left.
    fn press(
        &mut self,
        key: Key,
        doing: &mut Doing,
        (most, page): (usize, usize),
        phrase: &str,
    ) -> Option<Result<String, Left>> {
        doing.told = None;
        match key {
            Key::Up => doing.from = doing.from.saturating_sub(1),
            Key::Down => doing.from = (doing.from + 1).min(most),
            Key::PageUp => doing.from = doing.from.saturating_sub(page),
            Key::PageDown => doing.from = (doing.from + page).min(most),
            Key::Home => doing.from = 0,
            Key::End => doing.from = most,
            Key::Tab if self.typing == Typing::Phrase => {
                (self.typing, doing.line) = (Typing::Reason, Line::default());
            }
            Key::Enter if self.typing == Typing::Reason => {
                return Some(Err(Left::Refused(doing.line.text())));
            }
            Key::Enter if doing.line.text() == phrase => return Some(Ok(doing.line.text())),
            Key::Enter if doing.line.text().is_empty() => {
                doing.told = Some("Type the phrase to let it run; Tab refuses, Esc goes back.".to_owned());
            }
            Key::Enter => {
                doing.told =
                    Some("That is not the phrase. Nothing was run; the question stays open.".to_owned());
            }
            key if leaves(key) => return Some(Err(Left::Back)),
            key => _ = doing.line.press(key),
        }
        None
    }
}

/// Returns whether a key leads back to the list.
fn leaves(key: Key) -> bool {
    matches!(key, Key::Refuse | Key::Interrupt)
}

fn rows(text: &str) -> Vec<String> {
    text.trim_end().lines().map(str::to_owned).collect()
}
