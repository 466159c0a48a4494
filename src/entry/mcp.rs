//! `guard mcp`: a terminal by the Model Context Protocol, over standard input and output.
//!
//! `check` and `exec` are `guard check` and `guard exec`, each a process of its own: what may run is decided
//! there and nowhere else, and standard output, which is the protocol's, is never a command's. A
//! question goes to another terminal, and the tool's answer says so.
//!
//! Of the protocol this is what a server with two tools needs: `initialize`, `ping`, `tools/list`,
//! `tools/call` and the cancelling of a call (revision 2025-11-25, and the three before it). The official
//! SDK brings 66 packages, a runtime and 1.6 MB for that.

mod process;
mod tools;

use std::collections::BTreeMap;
use std::io::{BufRead, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::{Value, json};

use self::process::Process;
use crate::exit::{Exit, Status};

/// The revisions of the protocol that this follows, the newest first.
const REVISIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// The longest message that is read, in bytes.
const LONGEST: u64 = 4 * 1024 * 1024;

/// How many calls may run at a time.
const CALLS: usize = 16;

/// Errors of JSON-RPC 2.0.
const NOT_JSON: i32 = -32700;
const NO_REQUEST: i32 = -32600;
const NO_METHOD: i32 = -32601;
const WRONG_PARAMETERS: i32 = -32602;
const BUSY: i32 = -32603;

/// Serves until standard input ends; what runs then is killed.
pub fn serve() -> Status {
    let server = Arc::new(Server::default());
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        match input.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            // What is cut off is no message, and neither is what follows it.
            Ok(count) if count as u64 == LONGEST && !line.ends_with(b"\n") => break,
            Ok(_) if line.iter().all(u8::is_ascii_whitespace) => {}
            Ok(_) => server.message(&line),
        }
    }
    server.kill_all();
    Exit::Done.into()
}

#[derive(Default)]
struct Server {
    /// The calls that run, by the text of their ids.
    running: Mutex<BTreeMap<String, Arc<Process>>>,
}

/// What is wrong with a request.
type Fault = (i32, String);

impl Server {
    fn message(self: &Arc<Self>, line: &[u8]) {
        let message: Value = match serde_json::from_slice(line) {
            Ok(message) => message,
            Err(error) => return send(&failure(&Value::Null, &(NOT_JSON, error.to_string()))),
        };
        let parameters = message.get("params").cloned().unwrap_or(Value::Null);
        match (message.get("method").and_then(Value::as_str), message.get("id")) {
            (Some("tools/call"), Some(id)) => {
                let (server, id) = (Arc::clone(self), id.clone());
                thread::spawn(move || server.call(&id, parameters));
            }
            (Some(method), Some(id)) => send(&match answer(method, &parameters) {
                Ok(result) => success(id, &result),
                Err(fault) => failure(id, &fault),
            }),
            (Some("notifications/cancelled"), None) => self.cancel(&parameters["requestId"]),
            (Some(_), None) => {}
            // An answer to nothing that was asked.
            (None, Some(_)) if message.get("result").or(message.get("error")).is_some() => {}
            (None, _) => send(&failure(&Value::Null, &(NO_REQUEST, "no request".to_owned()))),
        }
    }

    /// Calls a tool and answers, unless the call is cancelled before its end.
    fn call(&self, id: &Value, parameters: Value) {
        let started = tools::start(parameters);
        let (tool, process) = match started {
            Ok(started) => started,
            Err(why) => return send(&failure(id, &(WRONG_PARAMETERS, why))),
        };
        let process = Arc::new(process);
        let room = self.running(|running| {
            let room = running.len() < CALLS && !running.contains_key(&id.to_string());
            if room {
                running.insert(id.to_string(), Arc::clone(&process));
            }
            room
        });
        if !room {
            process.kill("there are too many calls");
            return send(&failure(id, &(BUSY, "too many calls run, or one with this id".to_owned())));
        }
        let ended = process.wait();
        let is_awaited = self.running(|running| running.remove(&id.to_string()).is_some());
        if is_awaited {
            send(&success(id, &tool.result(&ended)));
        }
    }

    fn cancel(&self, id: &Value) {
        if let Some(process) = self.running(|running| running.remove(&id.to_string())) {
            process.kill("it was cancelled");
        }
    }

    fn kill_all(&self) {
        let all = self.running(std::mem::take);
        all.values().for_each(|process| process.kill("the client is gone"));
        // A program that takes no notice of the first signal gets the second from here.
        all.values().for_each(|process| drop(process.wait()));
    }

    fn running<T>(&self, with: impl FnOnce(&mut BTreeMap<String, Arc<Process>>) -> T) -> T {
        with(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Answers what needs no process.
fn answer(method: &str, parameters: &Value) -> Result<Value, Fault> {
    match method {
        "initialize" => {
            let asked = parameters["protocolVersion"].as_str().unwrap_or_default();
            let revision = REVISIONS.iter().find(|known| **known == asked).unwrap_or(&REVISIONS[0]);
            Ok(json!({
                "protocolVersion": revision,
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "guard", "version": env!("CARGO_PKG_VERSION")},
                "instructions": tools::INSTRUCTIONS,
            }))
        }
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({"tools": tools::list()})),
        _ => Err((NO_METHOD, format!("there is no method {method}"))),
    }
}

fn success(id: &Value, result: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

fn failure(id: &Value, (code, message): &Fault) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}

/// Writes a message, whole: several threads do.
fn send(message: &Value) {
    let mut output = std::io::stdout().lock();
    // A client that is gone is noticed by the end of standard input.
    let _ = output.write_all(format!("{message}\n").as_bytes()).and_then(|()| output.flush());
}
