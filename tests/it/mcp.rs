//! `guard mcp`, with a real process at the other end of its pipes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::Guard;
use crate::scratch::Scratch;

/// A server and a client that speaks to it.
struct Session {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Session {
    fn new(guard: &Guard) -> Self {
        let mut command: Command = guard.command(&["mcp"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    fn send(&mut self, text: &str) {
        self.input.as_mut().unwrap().write_all(format!("{text}\n").as_bytes()).unwrap();
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.send(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).to_string());
        self.read()
    }

    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    fn ends(mut self) -> i32 {
        drop(self.input.take());
        self.child.wait().unwrap().code().unwrap()
    }
}

#[test]
fn the_protocol_is_kept() {
    let guard = Guard::new();
    let mut session = Session::new(&guard);
    let begun = session.ask("initialize", json!({"protocolVersion": "2025-03-26", "capabilities": {}}));
    assert_eq!(begun["result"]["protocolVersion"], "2025-03-26");
    assert_eq!(begun["result"]["serverInfo"]["name"], "guard");
    let begun = session.ask("initialize", json!({"protocolVersion": "2099-01-01"}));
    assert_eq!(begun["result"]["protocolVersion"], "2025-11-25");
    session.send(r#"{"jsonrpc": "2.0", "method": "notifications/initialized"}"#);
    assert_eq!(session.ask("ping", json!({}))["result"], json!({}));
    let listed = session.ask("tools/list", json!({}));
    let names: Vec<&Value> =
        listed["result"]["tools"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
    assert_eq!(names, ["exec", "check"]);
    for (text, code) in [
        ("{", -32700),
        ("[]", -32600),
        ("{}", -32600),
        (r#"{"jsonrpc": "2.0", "id": 7, "method": "server/discover"}"#, -32601),
        (r#"{"jsonrpc": "2.0", "id": 7, "method": "tools/call"}"#, -32602),
        (r#"{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "rm"}}"#, -32602),
        (
            r#"{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "exec", "arguments": {"command": "x", "n": 1}}}"#,
            -32602,
        ),
    ] {
        session.send(text);
        assert_eq!(session.read()["error"]["code"], code, "{text}");
    }
    assert_eq!(session.ends(), 0);
}

#[test]
fn what_runs_is_told_and_what_would_destroy_does_not_run() {
    // What stands in a temporary directory is no loss.
    let guard = Guard::at(Scratch::below(env!("CARGO_TARGET_TMPDIR").as_ref()));
    guard.file("precious/x", "x");
    let mut session = Session::new(&guard);
    let done = session.call("exec", json!({"command": "echo out; echo err >&2; exit 3"}));
    let expect = json!({"outcome": "ran", "status": 3, "stdout": "out\n", "stderr": "err\n"});
    assert_eq!(done["result"]["structuredContent"], expect);
    assert_eq!(done["result"]["isError"], true);
    assert_eq!(done["result"]["content"][0]["text"], "out\nerr\n[exit status 3]");
    let done = session.call("exec", json!({"command": "pwd; cat", "directory": "/"}));
    assert_eq!(done["result"]["structuredContent"]["stdout"], "/\n", "the protocol's input is no command's");
    let done = session.call("exec", json!({"command": "rm -rf ~/precious"}));
    assert_eq!(done["result"]["structuredContent"]["outcome"], "waiting", "{done}");
    assert!(done["result"]["content"][0]["text"].as_str().unwrap().contains("files/remove-"), "{done}");
    let done = session.call("check", json!({"command": "rm -rf ~/precious"}));
    assert_eq!(done["result"]["structuredContent"]["decision"], "ask", "{done}");
    let done = session.call("exec", json!({"command": "head -c 200000 /dev/zero | tr '\\0' x"}));
    let length = done["result"]["structuredContent"]["stdout"].as_str().unwrap().len();
    assert!((65_536..66_000).contains(&length), "{length}");
    assert!(guard.path("precious/x").exists());
    assert_eq!(session.ends(), 0);
}

#[test]
fn what_takes_too_long_or_is_cancelled_ends_with_all_that_it_started() {
    let guard = Guard::new();
    let mut session = Session::new(&guard);
    let text =
        "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > inner; sleep 600' & echo begun; wait; sleep 600";
    let done = session.call("exec", json!({"command": text, "timeout_seconds": 1}));
    assert_eq!(done["result"]["structuredContent"]["outcome"], "killed", "{done}");
    assert_eq!(done["result"]["structuredContent"]["stdout"], "begun\n");
    is_gone(&guard, "inner");
    let call = |file: &str| {
        let command = format!("echo $$ > {file}; sleep 600");
        json!({"jsonrpc": "2.0", "id": file, "method": "tools/call", "params": {"name": "exec", "arguments": {"command": command}}})
    };
    session.send(&call("cancelled").to_string());
    appears(&guard, "cancelled");
    session.send(
        r#"{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "cancelled"}}"#,
    );
    // A call that was cancelled is not answered: the next answer is that of the next call.
    assert_eq!(session.ask("ping", json!({}))["result"], json!({}));
    is_gone(&guard, "cancelled");
    session.send(&call("left").to_string());
    appears(&guard, "left");
    assert_eq!(session.ends(), 0);
    is_gone(&guard, "left");
}

/// Waits until a command has written its process id.
fn appears(guard: &Guard, file: &str) {
    let path = guard.project().join(file);
    while !std::fs::read_to_string(&path).is_ok_and(|text| text.ends_with('\n')) {
        std::thread::yield_now();
    }
}

/// Waits for the end of the process that wrote its id.
fn is_gone(guard: &Guard, file: &str) {
    let id = std::fs::read_to_string(guard.project().join(file)).unwrap();
    let process = std::path::PathBuf::from(format!("/proc/{}/cwd", id.trim()));
    let until = Instant::now() + Duration::from_secs(30);
    while process.read_link().is_ok() {
        assert!(Instant::now() < until, "{file} still runs");
        std::thread::yield_now();
    }
}
