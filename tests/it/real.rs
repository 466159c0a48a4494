//! Real programs, real data: refused, nothing is lost; confirmed by a person, it happens once.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::harness::{Guard, can_play_a_person};
use crate::needs::needs;

const REFUSED: i32 = 77;
const NOBODY: i32 = 75;

/// A TLS server on loopback that remembers the bodies it is sent.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: String,
    log: PathBuf,
}

impl Server {
    pub(crate) fn start(guard: &Guard) -> Self {
        let (key, certificate, log) = (guard.path("key.pem"), guard.path("cert.pem"), guard.path("bodies"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .unwrap();
        assert!(made.status.success());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tls_server.py");
        let mut child = Command::new("python3")
            .arg(script)
            .args([&certificate, &key, &log])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { child, port: port.trim().to_owned(), log }
    }

    pub(crate) fn bodies(&self) -> Vec<String> {
        fs::read_to_string(&self.log).unwrap_or_default().lines().map(str::to_owned).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_railway_call_is_not_sent_until_a_person_types_the_phrase() {
    if !needs("curl") || !needs("openssl") || !needs("python3") || !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    let server = Server::start(&guard);
    let to = format!("backboard.railway.app:443:127.0.0.1:{}", server.port);
    let body = r#"{"query":"mutation { volumeDelete(volumeId: \"3d2c42fb\") }"}"#;
    let words = [
        "exec",
        "--",
        "curl",
        "-sk",
        "--connect-to",
        &to,
        "-H",
        "Content-Type: application/json",
        "-d",
        body,
        "https://backboard.railway.app/graphql/v2",
    ];
    assert_eq!(guard.run(&words).status.code(), Some(NOBODY));

    let mut person = guard.at_terminal(&words);
    let screen = person.sees("To run it, type");
    assert!(screen.contains("railway/volume-delete"), "{screen}");
    person.types("yes");
    assert_eq!(person.leaves(), REFUSED);
    assert!(server.bodies().is_empty(), "refused, yet something arrived");

    let mut person = guard.at_terminal(&words);
    person.types("delete volume 3d2c42fb");
    assert_eq!(person.leaves(), 0);
    assert_eq!(server.bodies(), [body]);
}

#[test]
fn a_tree_stays_until_a_person_names_it() {
    if !can_play_a_person() {
        return;
    }
    let guard = Guard::new();
    // What is below a temporary directory may go, so this tree stands elsewhere.
    let places = [env!("CARGO_TARGET_TMPDIR").to_owned(), std::env::var("HOME").unwrap_or_default()];
    let Some(place) = places.iter().find(|place| place.starts_with('/') && !place.starts_with("/tmp")) else {
        return;
    };
    let tree = Path::new(place).join(format!("guard-tree-{}", std::process::id()));
    let kept = tree.join("deep/file");
    fs::create_dir_all(tree.join("deep")).unwrap();
    fs::write(&kept, "precious").unwrap();
    let path = tree.display().to_string();
    assert_eq!(guard.exec(&format!("rm -rf {path}")), NOBODY);
    assert!(kept.exists());
    let mut person = guard.at_terminal(&["exec", "--", "rm", "-rf", &path]);
    let screen = person.sees("To run it, type");
    let phrase = screen.rsplit("To run it, type").next().unwrap().lines().next().unwrap();
    let phrase: String = strip(phrase).trim().to_owned();
    person.types(&phrase);
    assert_eq!(person.leaves(), 0);
    assert!(!tree.exists());
    // What was asked and answered is on record, and the chain is sound.
    let log = String::from_utf8(guard.run(&["log", "--json"]).stdout).unwrap();
    assert!(log.contains("\"cleared\"") && log.contains("\"ended\""), "{log}");
    assert_eq!(guard.run(&["log", "verify"]).status.code(), Some(0));
}

/// Takes colour out of a line of the screen.
fn strip(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            rest.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

#[test]
fn sqlite_keeps_its_tables() {
    if !needs("sqlite3") {
        return;
    }
    let guard = Guard::new();
    assert_eq!(guard.exec("sqlite3 shop.db 'create table orders(id); insert into orders values (1)'"), 0);
    assert_eq!(guard.exec("sqlite3 shop.db 'DROP TABLE orders'"), NOBODY);
    assert_eq!(guard.exec("echo 'delete from orders;' | sqlite3 shop.db"), NOBODY);
    let left = guard.run(&["exec", "--", "sqlite3", "shop.db", "select count(*) from orders"]);
    assert_eq!(left.stdout, b"1\n");
}

#[test]
fn git_keeps_what_was_pushed() {
    if !needs("git") {
        return;
    }
    let guard = Guard::new();
    fs::remove_dir_all(guard.path("project/.git")).unwrap();
    let setup = "git init -q --bare ../remote.git && git init -q -b main . && git config user.name t && \
                 git config user.email t@example.com && git commit -q --allow-empty -m one && \
                 git remote add origin ../remote.git && git push -q origin main && \
                 git commit -q --amend --allow-empty -m two";
    assert_eq!(guard.exec(setup), 0);
    for text in ["git push --force origin main", "git push origin +main", "git push -q origin :main"] {
        assert_eq!(guard.exec(text), NOBODY, "{text}");
    }
    let subject =
        guard.run(&["exec", "--", "git", "-C", "../remote.git", "log", "-1", "--format=%s", "main"]);
    assert_eq!(subject.stdout, b"one\n");
}

/// A PostgreSQL server in a directory of its own.
struct Postgres {
    bin: PathBuf,
    directory: PathBuf,
}

impl Postgres {
    fn start() -> Option<Self> {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        let bin = versions.filter_map(Result::ok).map(|entry| entry.path().join("bin")).max()?;
        let directory = PathBuf::from(format!("/tmp/guard-pg-{}", std::process::id()));
        let server = Self { bin, directory };
        fs::create_dir_all(&server.directory).unwrap();
        let _ = Command::new("chown").arg("postgres").arg(&server.directory).status();
        let data = server.directory.join("data");
        server.own("initdb", &["-A", "trust", "-U", "postgres", "-D", data.to_str()?]);
        let options = format!("-k {} -c listen_addresses='' -c fsync=off", server.directory.display());
        let log = server.directory.join("log");
        server.own("pg_ctl", &["-D", data.to_str()?, "-w", "-l", log.to_str()?, "-o", &options, "start"]);
        Some(server)
    }

    /// Runs one of its programs, as a user that it accepts.
    fn own(&self, program: &str, words: &[&str]) {
        assert!(self.succeeds(program, words), "{program} {words:?}");
    }

    fn succeeds(&self, program: &str, words: &[&str]) -> bool {
        let program = self.bin.join(program);
        let root = nix::unistd::geteuid().is_root();
        // Not `runuser`, which stands in a directory that root's `PATH` lacks after a plain `su`.
        let mut command = if root { Command::new("setpriv") } else { Command::new(&program) };
        if root {
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(&program);
        }
        let status =
            command.args(words).current_dir("/tmp").stdin(Stdio::null()).stdout(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.directory.join("data");
        let stopped = self.succeeds("pg_ctl", &["-D", data.to_str().unwrap(), "-m", "immediate", "stop"]);
        let _ = fs::remove_dir_all(&self.directory);
        // A second panic would end all tests, and hide what the first was about.
        assert!(stopped || std::thread::panicking(), "the server does not stop");
    }
}

#[test]
fn postgres_keeps_its_database_until_a_person_names_it() {
    if !needs("psql") || !can_play_a_person() {
        return;
    }
    let Some(server) = Postgres::start() else {
        assert!(std::env::var_os("CI").is_none(), "the PostgreSQL server is missing; .ci/run installs it");
        return;
    };
    let guard = Guard::new();
    let psql = format!("psql -qAt -U postgres -h {} -d postgres", server.directory.display());
    guard.file("project/drop.sql", "-- tidy up\nDROP DATABASE app;\n");
    assert_eq!(guard.exec(&format!("{psql} -c 'create database app'")), 0);
    for text in [
        format!("{psql} -c 'DROP DATABASE app'"),
        format!("echo 'drop /* quick */ database app;' | {psql}"),
        format!("{psql} -f drop.sql"),
        format!("{psql} < drop.sql"),
        format!("{psql} <<'END'\nselect 1;\nDROP DATABASE app;\nEND"),
    ] {
        assert_eq!(guard.exec(&text), NOBODY, "{text}");
    }
    let count = format!("{psql} -c \"select count(*) from pg_database where datname = 'app'\"");
    assert_eq!(guard.run(&["exec", "-c", &count]).stdout, b"1\n");

    let mut person = guard.at_terminal(&["exec", "-c", &format!("{psql} -f drop.sql")]);
    person.types("drop database app");
    assert_eq!(person.leaves(), 0);
    assert_eq!(guard.run(&["exec", "-c", &count]).stdout, b"0\n");
}
