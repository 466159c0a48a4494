//! Runs a program for its output: without a shell, bounded in time and in size.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// A program whose output is wanted.
#[derive(Debug)]
pub struct Said<'a> {
    /// The program and its arguments.
    pub words: &'a [OsString],
    /// Where it runs; `None` for guard's own directory.
    pub cwd: Option<&'a Path>,
    /// Variables that are set for it.
    pub set: &'a [(&'a str, &'a OsStr)],
    /// Whether it gets no other variables than these.
    pub clean: bool,
    /// Its standard input.
    pub input: &'a [u8],
    /// How long it may take.
    pub time: Duration,
    /// The most output in bytes.
    pub most: usize,
}

/// Runs a program and returns its standard output.
///
/// # Errors
///
/// Returns why there is no usable output, as a lower-case fragment: the program could not be started, failed,
/// took too long or wrote too much. It is killed then.
pub fn say(said: &Said<'_>) -> Result<Vec<u8>, String> {
    let name = said.words.first().ok_or("no program is named")?;
    let shown = crate::text::safe_os(name);
    let own = std::env::var_os(crate::env_vars::PATH);
    let given = said.set.iter().find(|(name, _)| *name == crate::env_vars::PATH).map(|(_, path)| *path);
    let program = super::find(name, given.or(own.as_deref())).map_err(|error| format!("{shown}: {error}"))?;
    let mut command = Command::new(program);
    if said.clean {
        command.env_clear();
    }
    command.args(&said.words[1..]).envs(said.set.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(cwd) = said.cwd {
        command.current_dir(cwd);
    }
    let mut child = command.spawn().map_err(|error| format!("{shown}: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // Everything that is ever passed in fits into a pipe, or into what the program reads at once.
        let _ = io::Write::write_all(&mut stdin, said.input);
    }
    let heard = listen(&mut child, Instant::now() + said.time, said.most);
    if heard.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| format!("{shown}: {error}"))?;
    let (out, err) = heard.map_err(|why| format!("{shown} {why}"))?;
    if status.success() {
        return Ok(out);
    }
    let err = String::from_utf8_lossy(&err);
    let last = err.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed");
    Err(format!("{shown}: {}", last.trim()))
}

/// Reads both outputs to their ends.
fn listen(child: &mut Child, until: Instant, most: usize) -> Result<(Vec<u8>, Vec<u8>), &'static str> {
    let (Some(mut stdout), Some(mut stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("has no output");
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let (mut out_open, mut err_open) = (true, true);
    let mut buffer = [0; 1 << 16];
    while out_open || err_open {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err("took too long");
        }
        let mut waiting = Vec::new();
        if out_open {
            waiting.push(PollFd::new(stdout.as_fd(), PollFlags::POLLIN));
        }
        if err_open {
            waiting.push(PollFd::new(stderr.as_fd(), PollFlags::POLLIN));
        }
        let _ = poll(&mut waiting, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX));
        let ready: Vec<bool> = waiting.iter().map(|fd| fd.any().unwrap_or(true)).collect();
        let mut ready = ready.into_iter();
        if out_open && ready.next() == Some(true) {
            out_open = take(&mut stdout, &mut buffer, &mut out);
        }
        if err_open && ready.next() == Some(true) {
            err_open = take(&mut stderr, &mut buffer, &mut err);
        }
        if out.len() > most || err.len() > most {
            return Err("says too much");
        }
    }
    Ok((out, err))
}

/// Reads what is there; returns whether more may come.
fn take(from: &mut impl Read, buffer: &mut [u8], to: &mut Vec<u8>) -> bool {
    match from.read(buffer) {
        Ok(count) if count > 0 => {
            to.extend_from_slice(&buffer[..count]);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(words: &[&str], input: &[u8], expect: Result<&[u8], &str>) {
        let words: Vec<OsString> = words.iter().map(Into::into).collect();
        let time = Duration::from_millis(500);
        let said =
            say(&Said { words: &words, cwd: None, set: &[], clean: false, input, time, most: 1 << 16 });
        match (said, expect) {
            (Ok(said), Ok(expect)) => assert_eq!(said, expect, "{words:?}"),
            (Err(why), Err(expect)) => assert!(why.contains(expect), "{why}"),
            (said, expect) => unreachable!("{words:?}: {said:?} instead of {expect:?}"),
        }
    }

    #[test]
    fn a_program_is_heard_within_bounds() {
        check(&["cat"], b"hello", Ok(b"hello"));
        check(&["sh", "-c", "echo no >&2; exit 3"], b"", Err("sh: no"));
        check(&["sh", "-c", "sleep 60"], b"", Err("took too long"));
        check(&["yes"], b"", Err("says too much"));
        check(&["no-such-program"], b"", Err("no-such-program"));
        check(&[], b"", Err("no program"));
    }
}
