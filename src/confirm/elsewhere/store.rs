//! Where requests are kept: `$XDG_STATE_HOME/guard/requests`, one file each, and beside it while
//! somebody listens a socket.
//!
//! The directory must be the user's own and closed to others (0700), as must be each file (0600).
//! Anything that is not exactly as guard would have written it is not a request and is passed over.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::unistd::geteuid;

use super::code;
use super::moment::Moment;
use super::request::Request;
use crate::record;

/// The largest file, in bytes, that can be a request.
const LARGEST: u64 = 256 * 1024;

/// The most requests that wait at a time: nobody would answer more.
const MOST: usize = 1000;

/// Why there is no place for requests.
const NOWHERE: &str = "neither XDG_STATE_HOME nor HOME names a directory for requests";

/// What the name of a request's file ends with, that of the socket for its answer, that of the file which says that
/// it was refused, and that of the socket at which somebody vouches for it afterwards.
const REQUEST: &str = "json";
const ANSWER: &str = "sock";
const DENIED: &str = "denied";
const VOUCHER: &str = "voucher";

/// The requests of a user.
#[derive(Debug)]
pub struct Store {
    directory: PathBuf,
    /// The same, opened. A socket's path must be short, and relative to this one it is.
    opened: File,
}

/// A socket that this process listens at, removed once it stops listening.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) listener: UnixListener,
    path: PathBuf,
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// A request whose file this process has locked: it is the one that listens.
#[derive(Debug)]
pub(super) struct Listening {
    // Before the lock: what is removed while that is held is this one's own.
    pub(super) socket: Socket,
    _lock: Flock<File>,
}

impl Store {
    /// Opens the directory of requests, and makes it where it is missing.
    ///
    /// # Errors
    ///
    /// Returns why requests cannot be kept there, as a lower-case fragment.
    pub fn open(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, String> {
        Self::at(Self::place(variable).ok_or(NOWHERE)?)
    }

    /// Opens the directory of requests where there is one.
    ///
    /// # Errors
    ///
    /// Returns why there are none, as a lower-case fragment.
    pub fn existing(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, String> {
        Self::opened(Self::place(variable).ok_or(NOWHERE)?)
    }

    /// Returns where requests are kept.
    pub fn place(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        Some(record::default_path(variable)?.with_file_name("requests"))
    }

    fn at(directory: PathBuf) -> Result<Self, String> {
        match DirBuilder::new().recursive(true).mode(0o700).create(&directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(unusable(&directory, &error)),
            _ => Self::opened(directory),
        }
    }

    fn opened(directory: PathBuf) -> Result<Self, String> {
        let failed = |error: io::Error| unusable(&directory, &error);
        let flags = (OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW).bits();
        let opened = OpenOptions::new().read(true).custom_flags(flags).open(&directory).map_err(failed)?;
        let found = opened.metadata().map_err(failed)?;
        if found.uid() != geteuid().as_raw() {
            return Err(format!("{} belongs to somebody else", directory.display()));
        }
        if found.mode() & 0o077 != 0 {
            return Err(format!("{} is open to others; chmod 700 it", directory.display()));
        }
        Ok(Self { directory, opened })
    }

    /// Writes a request, whole or not at all, and listens for it before anybody else can.
    pub(super) fn write(&self, request: &Request) -> Result<Listening, String> {
        if self.names(REQUEST).count() >= MOST && self.all().len() >= MOST {
            return Err(format!("{MOST} questions wait already; see guard pending"));
        }
        self.sweep();
        let temporary = self.path(&format!(".{}.new", request.code));
        let written = self.write_at(&temporary, request);
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written.map_err(|error| format!("the question cannot be kept for a person: {error}"))
    }

    fn write_at(&self, temporary: &Path, request: &Request) -> io::Result<Listening> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(temporary)?;
        let mut file = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| error)?;
        file.write_all(&request.bytes()?)?;
        file.sync_all()?;
        let listening = self.listening(&request.code, file)?;
        fs::rename(temporary, self.path(&format!("{}.{REQUEST}", request.code)))?;
        self.opened.sync_all()?;
        Ok(listening)
    }

    /// Returns the request of a name.
    ///
    /// # Errors
    ///
    /// Returns why there is none.
    pub fn find(&self, typed: &str) -> Result<Request, String> {
        let code = code::read(typed).ok_or_else(|| format!("`{typed}` is not the code of a question"))?;
        let missing = || format!("no question with the code {code} is waiting");
        let request = self.read(&code).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => missing(),
            _ => format!("the question {code} cannot be read: {error}"),
        })?;
        if request.left().is_zero() {
            self.remove(&code);
            return Err(format!("the question {code} is too old to be answered"));
        }
        Ok(request)
    }

    fn read(&self, code: &str) -> io::Result<Request> {
        let file = self.open_file(code)?;
        let mut bytes = Vec::new();
        file.take(LARGEST).read_to_end(&mut bytes)?;
        let request = Request::read(&bytes).filter(|request| request.code == code);
        request.ok_or_else(|| io::Error::other("guard did not write it"))
    }

    fn open_file(&self, code: &str) -> io::Result<File> {
        let file = open(&self.path(&format!("{code}.{REQUEST}")))?;
        let found = file.metadata()?;
        let is_ours = found.is_file()
            && found.uid() == geteuid().as_raw()
            && found.mode() & 0o077 == 0
            && found.nlink() == 1
            && found.len() < LARGEST;
        if is_ours { Ok(file) } else { Err(io::Error::other("guard did not write it")) }
    }

    /// Returns the requests that can be answered, the oldest first, and clears away the others that
    /// guard wrote.
    pub fn all(&self) -> Vec<Request> {
        let mut all: Vec<Request> = self.names(REQUEST).filter_map(|code| self.read(&code).ok()).collect();
        // The time is taken after reading: a request made later than `now` would count as expired.
        let now = Moment::now();
        all.retain(|request| {
            let lives = !request.left_at(&now).is_zero();
            if !lives {
                self.remove(&request.code);
            }
            lives
        });
        all.sort_by_key(|request| request.left_at(&now));
        all
    }

    /// Returns the codes that have a file of this ending, which may be none of guard's.
    fn names(&self, ending: &str) -> impl Iterator<Item = String> {
        self.codes(move |name| code_of(name, ending))
    }

    /// Returns the codes that a reader of names finds in the directory.
    fn codes(&self, read: impl Fn(&str) -> Option<String>) -> impl Iterator<Item = String> {
        let entries = fs::read_dir(&self.directory).into_iter().flatten().filter_map(Result::ok);
        entries.filter_map(move |entry| read(entry.file_name().to_str()?))
    }

    /// Removes what is left of guards that were killed while they asked or answered.
    fn sweep(&self) {
        for code in self.codes(|name| code_of(name.strip_prefix('.')?, "new")) {
            let path = self.path(&format!(".{code}.new"));
            // Whoever writes it locks it at once; until then it is new.
            let is_old =
                |found: fs::Metadata| found.modified().ok()?.elapsed().ok().filter(|age| *age > PATIENCE);
            let is_left = || {
                let file = open(&path).ok()?;
                is_old(file.metadata().ok()?)?;
                Flock::lock(file, FlockArg::LockExclusiveNonblock).ok()
            };
            if is_left().is_some() {
                let _ = fs::remove_file(&path);
            }
        }
        let beside = |name: &str| code_of(name, ANSWER).or_else(|| code_of(name, DENIED));
        for code in self.codes(beside) {
            // In this order: what is being written gets its name after its socket has.
            let is_there = |name: String| fs::symlink_metadata(self.path(&name)).is_ok();
            if !is_there(format!(".{code}.new")) && !is_there(format!("{code}.{REQUEST}")) {
                self.remove(&code);
            }
        }
    }

    /// Returns the requests that nobody has refused yet, the oldest first.
    pub fn waiting(&self) -> Vec<Request> {
        let mut all = self.all();
        all.retain(|request| self.denied(&request.code).is_none());
        all
    }

    /// Returns the request of a name if it waits: it can be answered and nobody has refused it.
    pub fn waits(&self, code: &str) -> Option<Request> {
        let request = self.read(code).ok()?;
        (!request.left().is_zero() && self.denied(code).is_none()).then_some(request)
    }

    /// Returns the directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Takes a request away with all that belongs to it.
    pub(in crate::confirm) fn remove(&self, code: &str) {
        for ending in [REQUEST, ANSWER, DENIED] {
            let _ = fs::remove_file(self.path(&format!("{code}.{ending}")));
        }
    }

    /// Becomes the one who listens for a request; `None` if another process does.
    pub(super) fn listen(&self, code: &str) -> io::Result<Option<Listening>> {
        let lock = match Flock::lock(self.open_file(code)?, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => lock,
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => return Ok(None),
            Err((_, error)) => return Err(error.into()),
        };
        self.listening(code, lock).map(Some)
    }

    fn listening(&self, code: &str, lock: Flock<File>) -> io::Result<Listening> {
        // What an earlier listener left; nobody listens there, or the lock would be taken.
        Ok(Listening { socket: self.bind(&format!("{code}.{ANSWER}"))?, _lock: lock })
    }

    fn bind(&self, name: &str) -> io::Result<Socket> {
        let path = self.path(name);
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(self.reached(name))?;
        listener.set_nonblocking(true)?;
        Ok(Socket { listener, path })
    }

    /// Reaches the one who listens for a request.
    pub(super) fn connect(&self, code: &str) -> io::Result<UnixStream> {
        UnixStream::connect(self.reached(&format!("{code}.{ANSWER}")))
    }

    /// Begins to listen for the doors that meet a command again which was let through.
    pub(super) fn vouch(&self, code: &str) -> io::Result<Socket> {
        self.bind(&format!("{code}.{VOUCHER}"))
    }

    /// Reaches everybody who vouches for a command that was let through.
    pub(super) fn vouchers(&self) -> Vec<UnixStream> {
        let reach = |code: String| {
            let name = format!("{code}.{VOUCHER}");
            let reached = UnixStream::connect(self.reached(&name));
            // Whoever listened was killed.
            if reached.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused) {
                let _ = fs::remove_file(self.path(&name));
            }
            reached.ok()
        };
        self.names(VOUCHER).take(MOST).filter_map(reach).collect()
    }

    /// Returns a file that has these bytes and no name, at its beginning.
    pub(super) fn nameless(&self, code: &str, bytes: &[u8]) -> io::Result<File> {
        let path = self.path(&format!(".{code}.new"));
        let mut file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        fs::remove_file(path)?;
        file.write_all(bytes)?;
        file.rewind()?;
        Ok(file)
    }

    /// Records for the next run of the command that a person refused. That anybody could write such a record
    /// does no harm.
    pub(super) fn deny(&self, code: &str, because: &str) -> io::Result<()> {
        let path = self.path(&format!("{code}.{DENIED}"));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(because.as_bytes())
    }

    /// Returns the reason that a person left with a refusal.
    pub(super) fn denied(&self, code: &str) -> Option<String> {
        let file = open(&self.path(&format!("{code}.{DENIED}"))).ok()?;
        let mut bytes = Vec::new();
        file.take(1024).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Returns a path to a socket that is short enough to be one.
    fn reached(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}/{name}", self.opened.as_raw_fd()))
    }
}

/// Opens a file to read it: not what a link leads to, and without waiting at a pipe.
fn open(path: &Path) -> io::Result<File> {
    let flags = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

fn unusable(directory: &Path, error: &io::Error) -> String {
    format!("{} cannot be used: {error}", directory.display())
}

/// Returns the code of the request that a file of this name and ending belongs to.
pub(in crate::confirm) fn code_of(name: &str, ending: &str) -> Option<String> {
    let code = name.strip_suffix(ending)?.strip_suffix('.')?;
    code::read(code).filter(|read| read == code)
}

/// How long the other side of a socket may take for a message, and to begin to listen once it holds the lock.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is tried again meanwhile.
const ROUND: Duration = Duration::from_millis(10);

/// Tries something until it comes to a result, for as long as another guard may take to do its part.
pub(super) fn patiently<T>(mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    let until = Instant::now() + PATIENCE;
    loop {
        let result = attempt();
        if result.is_some() || Instant::now() >= until {
            return result;
        }
        thread::sleep(ROUND);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::test_process::Scratch;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn refused(store: Result<Store, String>, because: &str) {
        let why = store.unwrap_err();
        assert!(why.contains(because), "{why}");
    }

    #[test]
    fn a_directory_that_others_may_enter_is_refused() {
        let scratch = Scratch::new();
        let path = scratch.path("requests");
        Store::at(path.clone()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        refused(Store::at(path), "open to others");
    }

    #[test]
    fn a_link_and_a_file_are_no_directory() {
        let scratch = Scratch::new();
        fs::create_dir(scratch.path("real")).unwrap();
        symlink(scratch.path("real"), scratch.path("link")).unwrap();
        refused(Store::at(scratch.path("link")), "cannot be used");
        scratch.file("file", "", 0o600);
        refused(Store::at(scratch.path("file")), "cannot be used");
    }

    /// Writes a request as guard does, without listening for it.
    fn kept(scratch: &Scratch, code: &str) {
        let text = String::from_utf8(Request::example(code).bytes().unwrap()).unwrap();
        scratch.file(&format!("requests/{code}.json"), &text, 0o600);
    }

    #[test]
    fn a_thousand_requests_are_kept_and_no_more() {
        let scratch = Scratch::new();
        let store = Store::at(scratch.path("requests")).unwrap();
        for at in 0..MOST {
            let sign = |power: usize| char::from(b"BCDFGHJKLM"[at / power % 10]);
            kept(&scratch, &['N', 'P'].into_iter().chain([1000, 100, 10, 1].map(sign)).collect::<String>());
        }
        assert_eq!(store.all().len(), MOST);
        let why = store.write(&Request::example("WWWWWW")).unwrap_err();
        assert!(why.contains("questions wait already"), "{why}");
        // What became too old makes room.
        let old = scratch.path("requests/NPBBBB.json");
        let text = fs::read_to_string(&old).unwrap();
        fs::write(&old, text.replace("\"boot\":\"", "\"boot\":\"another ")).unwrap();
        let _listening = store.write(&Request::example("WWWWWW")).unwrap();
        assert!(!old.exists());
    }

    #[test]
    fn what_killed_guards_left_is_cleared_away_and_nothing_else() {
        let scratch = Scratch::new();
        let store = Store::at(scratch.path("requests")).unwrap();
        let names = || -> Vec<String> {
            let entries = fs::read_dir(scratch.path("requests")).unwrap();
            let mut names: Vec<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        // Killed while it wrote, a while ago and just now; while it listened; while it cleared away.
        scratch.file("requests/.BBBBBB.new", "{", 0o600);
        let long_ago = fs::FileTimes::new().set_modified(std::time::SystemTime::UNIX_EPOCH);
        File::options()
            .write(true)
            .open(scratch.path("requests/.BBBBBB.new"))
            .unwrap()
            .set_times(long_ago)
            .unwrap();
        scratch.file("requests/.CCCCCC.new", "{", 0o600);
        for name in ["BBBBBB.sock", "CCCCCC.sock", "DDDDDD.sock", "FFFFFF.sock"] {
            UnixListener::bind(scratch.path("requests").join(name)).unwrap();
        }
        scratch.file("requests/DDDDDD.denied", "", 0o600);
        kept(&scratch, "FFFFFF");
        scratch.file("requests/notes.sock", "mine", 0o600);
        let listening = store.write(&Request::example("GGGGGG")).unwrap();
        let expect = [
            ".CCCCCC.new",
            "CCCCCC.sock",
            "FFFFFF.json",
            "FFFFFF.sock",
            "GGGGGG.json",
            "GGGGGG.sock",
            "notes.sock",
        ];
        assert_eq!(names(), expect);
        drop(listening);
        assert!(!names().contains(&"GGGGGG.sock".to_owned()));
    }

    #[test]
    fn what_guard_did_not_write_is_no_request() {
        let scratch = Scratch::new();
        let store = Store::at(scratch.path("requests")).unwrap();
        for (name, text, mode) in [
            ("KTM4RX.json", "{}", 0o600),
            ("KTM4RY.json", "", 0o600),
            ("KTM4RZ.json", "{}", 0o644),
            ("x", "", 0o600),
        ] {
            scratch.file(&format!("requests/{name}"), text, mode);
        }
        symlink("/etc/passwd", scratch.path("requests/KTM4RW.json")).unwrap();
        nix::unistd::mkfifo(&scratch.path("requests/KTM4RV.json"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        assert!(store.all().is_empty());
        for code in ["KTM4RX", "KTM4RY", "KTM4RZ", "KTM4RW", "KTM4RV"] {
            assert!(store.find(code).unwrap_err().contains("cannot be read"), "{code}");
        }
        assert!(store.find("KTM4RT").unwrap_err().contains("no question"));
        assert!(store.find("../ledger").unwrap_err().contains("not the code"));
    }
}
