//! Work that ends in time or is left behind.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// The stack of the work, in bytes. Only what is used of it is ever there; a deeper command than any
/// bound allows for must not end the process, because to most agents that means yes.
const STACK: usize = 64 << 20;

/// Does `work` and returns what came of it, or why there is nothing, as a lower-case fragment. What is
/// not done in time goes on until the process ends, and nobody hears of it.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let (done, results) = mpsc::channel();
    let started = thread::Builder::new().stack_size(STACK).spawn(move || {
        // Nobody waits for it any more if the time is over.
        let _ = done.send(work());
    });
    if let Err(error) = started {
        return Err(format!("no thread can be started: {error}"));
    }
    results.recv_timeout(limit).map_err(|ended| match ended {
        RecvTimeoutError::Timeout => format!("judging took longer than {} seconds", limit.as_secs()),
        RecvTimeoutError::Disconnected => "internal error".to_owned(),
    })
}
