//! The questions that wait, kept up to date by what the system reports about their directory.
//!
//! Nothing is polled: the kernel says which file came or went (inotify). The directory may vanish and come
//! back, so those above it are watched as well, and whatever happens to them is a reason to start over.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};

use crate::confirm::elsewhere::{Moment, Request, Store, code_of};
use crate::env_vars;

/// What happens in a directory of requests, and to it.
const IN_IT: AddWatchFlags = AddWatchFlags::IN_CREATE
    .union(AddWatchFlags::IN_DELETE)
    .union(AddWatchFlags::IN_MOVED_FROM)
    .union(AddWatchFlags::IN_MOVED_TO)
    .union(AddWatchFlags::IN_ATTRIB)
    .union(TO_IT);

/// What happens to a directory itself.
const TO_IT: AddWatchFlags =
    AddWatchFlags::IN_DELETE_SELF.union(AddWatchFlags::IN_MOVE_SELF).union(AddWatchFlags::IN_ONLYDIR);

/// How often it is begun anew where the directory changes meanwhile.
const TRIES: usize = 5;

/// The questions that wait.
#[derive(Debug)]
pub(super) struct Live {
    inotify: Inotify,
    /// The directory of requests, while there is one.
    directory: Option<WatchDescriptor>,
    /// The requests, the oldest first; or why there can be none.
    requests: Result<Vec<Request>, String>,
}

impl Live {
    /// Begins to watch.
    pub(super) fn new() -> io::Result<Self> {
        let mut live = Self { inotify: inotify()?, directory: None, requests: Ok(Vec::new()) };
        live.begin()?;
        Ok(live)
    }

    /// Returns the requests, the oldest first; or why there can be none, as a lower-case fragment.
    pub(super) fn requests(&self) -> Result<&[Request], &str> {
        self.requests.as_deref().map_err(String::as_str)
    }

    /// Takes in what has happened; returns the codes of the requests that came.
    pub(super) fn refresh(&mut self) -> io::Result<Vec<String>> {
        let before = self.codes();
        let mut named = BTreeSet::new();
        let mut anew = false;
        loop {
            let events = match self.inotify.read_events() {
                Ok(events) => events,
                Err(Errno::EAGAIN) => break,
                Err(Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
            };
            for event in events {
                let name = event.name.as_deref().and_then(|name| name.to_str());
                match name.filter(|_| Some(event.wd) == self.directory) {
                    Some(name) => {
                        named.extend(["json", "denied"].iter().find_map(|ending| code_of(name, ending)));
                    }
                    None => anew = true,
                }
            }
        }
        if anew || !self.take_in(&named) {
            self.begin()?;
        }
        let mut after = self.codes();
        after.retain(|code| !before.contains(code));
        Ok(after.into_iter().collect())
    }

    /// Forgets what has become too old to be answered; returns whether anything has.
    pub(super) fn forget_old(&mut self, now: &Moment) -> bool {
        let Ok(requests) = &mut self.requests else { return false };
        let before = requests.len();
        requests.retain(|request| !request.left_at(now).is_zero());
        if requests.len() < before {
            // Which clears them away.
            let _ = store().map(|store| store.all());
        }
        requests.len() < before
    }

    fn codes(&self) -> BTreeSet<String> {
        self.requests.iter().flatten().map(|request| request.code.clone()).collect()
    }

    /// Reads the requests of these names; returns whether that could be done.
    fn take_in(&mut self, names: &BTreeSet<String>) -> bool {
        let Ok(requests) = &mut self.requests else { return names.is_empty() };
        if names.is_empty() {
            return true;
        }
        let Ok(store) = store() else { return false };
        requests.retain(|request| !names.contains(&request.code));
        requests.extend(names.iter().filter_map(|code| store.waits(code)));
        let now = Moment::now();
        requests.sort_by_key(|request| request.left_at(&now));
        true
    }

    /// Watches the directory as it is now, and reads it. It is not made where it is missing: somebody
    /// may just be taking it away.
    fn begin(&mut self) -> io::Result<()> {
        let directory = Store::place(env_vars::get);
        for _ in 0..TRIES {
            // A new one, so that what the old one still had to tell is about nothing.
            self.inotify = inotify()?;
            self.directory = None;
            let directory = directory.as_deref().unwrap_or(Path::new("/"));
            for above in directory.ancestors().skip(1) {
                let _ = self.inotify.add_watch(above, TO_IT);
            }
            if directory.symlink_metadata().is_ok()
                && let Ok(store) = store()
            {
                let Ok(watched) = self.inotify.add_watch(store.directory(), IN_IT) else { continue };
                self.directory = Some(watched);
                self.requests = Ok(store.waiting());
                return Ok(());
            }
            // What is missing will be made in what is there; what is wrong may be mended in it.
            let nearest = directory.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("/"));
            self.inotify.add_watch(nearest, IN_IT)?;
            if let Some(above) = nearest.parent().filter(|_| nearest == directory) {
                let _ = self.inotify.add_watch(above, IN_IT);
            }
            let is_missing = directory.symlink_metadata().is_err();
            self.requests = if is_missing { Ok(Vec::new()) } else { store().map(|_| Vec::new()) };
            if is_missing || self.requests.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl AsFd for Live {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

fn inotify() -> io::Result<Inotify> {
    Ok(Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?)
}

/// Opens the requests. It makes nothing: somebody may just be taking the directory away.
pub(super) fn store() -> Result<Store, String> {
    Store::existing(env_vars::get)
}
