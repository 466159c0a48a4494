//! Credentials that guard keeps: real `curl` shows them to a real server once a person has let it run, and nothing else
//! gets them, whatever an agent tries.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::harness::Guard;
use crate::needs::needs;
use crate::scratch::Scratch;
use crate::stage::Stage;

const PASSPHRASE: &str = "four plain words here";
const SECRET: &str = "rw-s3cr3t-0123456789";
const PHRASE: &str = "delete volume v1";

const POLICY: &str =
    "keys: {railway-prod: {tool: curl, variable: RAILWAY_TOKEN, environments: [production]}}\n";

/// Says on a line of its file what each request was allowed by.
const SERVER: &str = r#"
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open(sys.argv[1], "a") as file:
            print(self.headers["Authorization"], file=file)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_GET = do_POST
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"#;

/// A person with an enrolled passphrase, a server that deletes volumes, and guard that keeps its key.
struct Scene {
    guard: Guard,
    server: Child,
    port: u16,
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Scene {
    fn new() -> Option<Self> {
        if !["curl", "python3"].iter().all(|program| needs(program)) {
            return None;
        }
        // Not below a temporary directory, from which nothing gets a key.
        let guard = Guard::at(Scratch::below(Path::new(env!("CARGO_TARGET_TMPDIR")))).of_account()?;
        guard.file(".config/guard/policy.yaml", POLICY);
        let mut server = Command::new("python3")
            .args(["-c", SERVER])
            .arg(guard.path("seen"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let said = server.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(said), &mut line).unwrap();
        let scene = Self { guard, server, port: line.trim().parse().unwrap() };
        let mut person = scene.guard.at_terminal(&["approve", "--enroll"]);
        person.types_at("New passphrase: ", PASSPHRASE);
        person.types_at("once more: ", PASSPHRASE);
        assert_eq!(person.leaves(), 0);
        let mut person = scene.guard.at_terminal(&["keys", "add", "railway-prod"]);
        person.types_at("Passphrase: ", PASSPHRASE);
        person.types_at("nothing is shown): ", SECRET);
        person.sees("railway-prod is kept");
        assert_eq!(person.leaves(), 0);
        Some(scene)
    }

    /// Returns a command that deletes a volume with the key, if it has one.
    fn deletes(&self) -> String {
        self.calls(r#"-d '{"query":"mutation { volumeDelete(volumeId: \"v1\") }"}'"#)
    }

    fn calls(&self, body: &str) -> String {
        let port = self.port;
        format!(
            "curl -sS --connect-to ::127.0.0.1:{port} -H \"Authorization: Bearer $RAILWAY_TOKEN\" {body} \
             http://backboard.railway.app/graphql/v2"
        )
    }

    /// Returns what the server has seen, a line each.
    fn seen(&self) -> Vec<String> {
        let seen = fs::read_to_string(self.guard.path("seen")).unwrap_or_default();
        seen.lines().map(str::to_owned).collect()
    }

    /// A person at the command's own terminal lets it run; returns the screen before the phrase was typed, and the status.
    fn runs(&self, command: &str) -> (String, i32) {
        // High enough for the whole question.
        let high = "stty rows 80 cols 100; exec \"$0\" exec -c \"$1\"";
        let mut person = self.guard.person(&["sh", "-c", high, env!("CARGO_BIN_EXE_guard"), command]);
        let screen = person.sees("\n> ");
        person.types(PHRASE);
        person.types_at("Passphrase: ", PASSPHRASE);
        (screen, person.leaves())
    }

    /// Checks that a command which a person lets run gets no key, and that the question says why.
    #[track_caller]
    fn withholds(&self, command: &str, because: &str) {
        let before = self.seen().len();
        let (screen, _) = self.runs(command);
        let screen = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(screen.contains(because) && !screen.contains("gets a key"), "{because}: {screen}");
        assert!(self.seen()[before..].iter().all(|line| !line.contains(SECRET)), "{:?}", self.seen());
    }

    /// Returns the files of the home that have the credential in them.
    fn traces(&self) -> String {
        let found = Command::new("grep").args(["-rlaF", SECRET]).arg(self.guard.path("")).output().unwrap();
        String::from_utf8(found.stdout)
            .unwrap()
            .replace(&self.guard.path("seen").display().to_string(), "")
            .trim()
            .to_owned()
    }
}

#[test]
fn an_approved_tool_gets_the_key_and_nothing_else_does() {
    let Some(scene) = Scene::new() else { return };
    let (screen, status) = scene.runs(&scene.deletes());
    assert!(screen.contains("railway-prod as RAILWAY_TOKEN, for") && screen.contains("/curl"), "{screen}");
    assert!(!screen.contains(SECRET), "{screen}");
    assert_eq!((status, scene.seen()), (0, vec![format!("Bearer {SECRET}")]));

    // What is harmless gets none, and neither does whoever asks.
    assert_eq!(scene.guard.exec(&scene.calls("-d '{\"query\":\"query { me { id } }\"}'")), 0);
    assert_eq!(scene.seen()[1].trim(), "Bearer");
    let agent = scene.guard.run(&["exec", "-c", "env"]);
    assert!(!String::from_utf8_lossy(&agent.stdout).contains("RAILWAY_TOKEN"), "{agent:?}");
    // With nobody to ask it does not run at all.
    assert_eq!(scene.guard.exec(&scene.deletes()), 75);
    assert_eq!(scene.seen().len(), 2);

    let log = String::from_utf8(scene.guard.run(&["log", "--json"]).stdout).unwrap();
    assert!(
        log.contains(r#""keys":["railway-prod"]"#) && log.contains("credential railway-prod of root"),
        "{log}"
    );
    assert_eq!(scene.traces(), "", "a file has the credential");
    let listed = String::from_utf8(scene.guard.run(&["keys"]).stdout).unwrap();
    assert!(
        listed.contains("curl gets it as RAILWAY_TOKEN, in production, for what is moderate"),
        "{listed}"
    );
}

#[test]
fn a_policy_that_hands_nothing_over_is_told() {
    let Some(scene) = Scene::new() else { return };
    let checked = || String::from_utf8(scene.guard.run(&["policy", "check"]).stdout).unwrap();
    assert_eq!(checked(), "1 policy is in order\n");
    let other = POLICY.replace("railway-prod", "other").replace("[production]", "[staging]");
    scene.guard.file(".config/guard/policy.yaml", &other);
    let said = checked();
    assert!(said.contains("guard keeps no key other") && said.contains("is for staging, which no"), "{said}");
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let Some(scene) = Scene::new() else { return };
    let mut person = scene.guard.at_terminal(&["exec", "-c", &scene.deletes()]);
    person.types(PHRASE);
    person.types_at("Passphrase: ", "four plain words");
    person.types_at("That is not it.", "");
    assert_eq!(person.leaves(), 77);
    assert_eq!(scene.seen(), Vec::<String>::new());
}

#[test]
fn a_file_of_keys_that_was_changed_or_opened_to_others_is_not_used() {
    let Some(scene) = Scene::new() else { return };
    let file = scene.guard.path(".local/state/guard/credentials.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let whole = fs::read_to_string(&file).unwrap();

    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    scene.withholds(&scene.deletes(), "can be read by others");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();

    let at = whole.find("\"sealed\": \"").unwrap() + 11;
    let other = if &whole[at..=at] == "0" { "1" } else { "0" };
    fs::write(&file, format!("{}{other}{}", &whole[..at], &whole[at + 1..])).unwrap();
    let before = scene.seen().len();
    let mut person = scene.guard.at_terminal(&["exec", "-c", &scene.deletes()]);
    person.types(PHRASE);
    person.types_at("Passphrase: ", PASSPHRASE);
    person.sees("was changed after root put it there");
    assert_eq!(person.leaves(), 77);
    assert_eq!(scene.seen().len(), before, "a promise that cannot be kept stops the command");

    fs::write(&file, "{}").unwrap();
    scene.withholds(&scene.deletes(), "is damaged");
    fs::remove_file(&file).unwrap();
    scene.withholds(&scene.deletes(), "guard keys add railway-prod");
}

#[test]
fn what_could_show_the_key_or_is_not_the_tool_gets_none() {
    let Some(scene) = Scene::new() else { return };
    let deletes = scene.deletes();
    scene.withholds(&format!("{deletes}; env > leak"), "the command does more than to call the tool");
    scene.withholds(&format!("{deletes} > >(cat)"), "the command does more than to call the tool");
    scene.withholds(&format!("true && {deletes}"), "the command does more than to call the tool");
    // Another program of its name, first on the agent's PATH.
    let curl = scene.guard.file("project/bin/curl", "#!/bin/sh\necho \"$RAILWAY_TOKEN\" > leak\n");
    fs::set_permissions(&curl, fs::Permissions::from_mode(0o755)).unwrap();
    let path = |command: &str| format!("PATH=$PWD/bin:$PATH {command}");
    scene.withholds(&path(&deletes), "the command does more than to call the tool");
    let told = |policy: &str, because: &str| {
        scene.guard.file(".config/guard/policy.yaml", policy);
        scene.withholds(&deletes, because);
    };
    told(&POLICY.replace("tool: curl", "tool: /opt/other/curl"), "policy names /opt/other/curl");
    assert!(!scene.guard.path("project/leak").exists() || scene.traces().is_empty());
}

#[test]
fn no_project_and_no_agent_touches_the_keys() {
    let Some(scene) = Scene::new() else { return };
    scene.guard.file("project/.guard/policy.yaml", POLICY);
    let said = scene.guard.run(&["exec", "-c", "true"]);
    assert_eq!(said.status.code(), Some(125));
    assert!(String::from_utf8_lossy(&said.stderr).contains("`keys` hands credentials out"), "{said:?}");
    fs::remove_file(scene.guard.path("project/.guard/policy.yaml")).unwrap();
    for words in [&["keys", "add", "mine"][..], &["keys", "remove", "railway-prod"]] {
        let said = scene.guard.run(words);
        assert!(String::from_utf8_lossy(&said.stderr).contains("nothing was changed"), "{said:?}");
    }
    for command in
        ["rm ~/.local/state/guard/credentials.json", "echo > ~/.local/state/guard/credentials.json"]
    {
        assert_eq!(scene.guard.exec(command), 75, "{command}");
    }
}

#[test]
fn a_key_outlives_a_new_passphrase_and_is_forgotten_on_request() {
    let Some(scene) = Scene::new() else { return };
    let new = "another long sentence";
    let mut person = scene.guard.at_terminal(&["approve", "--enroll", "--replace"]);
    person.types_at("Passphrase: ", PASSPHRASE);
    person.types_at("New passphrase: ", new);
    person.types_at("once more: ", new);
    assert_eq!(person.leaves(), 0);
    let mut person = scene.guard.at_terminal(&["exec", "-c", &scene.deletes()]);
    person.types(PHRASE);
    person.types_at("Passphrase: ", new);
    assert_eq!(person.leaves(), 0);
    assert_eq!(scene.seen(), [format!("Bearer {SECRET}")]);

    let file = scene.guard.file("token", "from-a-file\n");
    let mut person = scene.guard.at_terminal(&["keys", "add", "other", "--from", file.to_str().unwrap()]);
    person.types_at("Passphrase: ", new);
    assert_eq!(person.leaves(), 0);
    // Nobody types a passphrase for a name that nothing is kept under.
    let mut person = scene.guard.at_terminal(&["keys", "remove", "railway-prd"]);
    let seen = person.sees("guard keeps no credential railway-prd; to list what it keeps: guard keys");
    assert!(!seen.contains("Passphrase"), "{seen}");
    assert_ne!(person.leaves(), 0);
    let mut person = scene.guard.at_terminal(&["keys", "remove", "railway-prod"]);
    person.types_at("Passphrase: ", new);
    person.sees("railway-prod is no longer kept");
    assert_eq!(person.leaves(), 0);
    let listed = String::from_utf8(scene.guard.run(&["keys"]).stdout).unwrap();
    assert!(!listed.contains("railway-prod") && listed.contains("other of root"), "{listed}");
    assert!(listed.contains("no policy gives it to anything"), "{listed}");
}

/// A machine whose policy gives a key to `railway`, and a person who has enrolled and has put it into guard's keeping.
const KEPT: &str = r#"
    mkdir -p "$HOME/etc/guard"; cp /etc/passwd /etc/group "$HOME/etc"; mount --bind "$HOME/etc" /etc
    echo "keys: {railway-prod: {tool: $(command -v railway), variable: RAILWAY_TOKEN}}" > /etc/guard/policy.yaml
    desktop enroll > /dev/null
    desktop 'python3 "$PLAY" "assphrase: " "$passphrase" "is shown): " rw-s3cr3t -- "$GUARD" keys add railway-prod' > /dev/null
"#;

/// The agent asks, with `how` before guard; at a desktop a person answers.
fn elsewhere(how: &str) -> String {
    let answer = r#"sit_with "$passphrase" "$GUARD" approve "$code""#;
    format!(
        r#"{KEPT}
        desktop 'read -r code < "$HOME/asked"; {answer}' &
        agent '{how} "$GUARD" exec --wait 40 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"; env'
        wait
        "#
    )
}

/// Returns a stage whose `railway` says which key it got.
fn stage() -> Option<Stage> {
    let stage = Stage::new(&["mount"])?;
    stage.guard.tool("railway", "#!/bin/sh\necho \"ran with $RAILWAY_TOKEN\" >> \"$HOME/ran\"\n");
    nix::unistd::geteuid().is_root().then_some(stage)
}

#[test]
fn a_key_goes_from_the_persons_terminal_to_the_run_that_waits_and_once() {
    let Some(stage) = stage() else { return };
    let again = r#"agent '"$GUARD" exec --wait 0 -- $command; echo "again: $?"'; cat $requests/*"#;
    let seen = stage.play_in(&["--mount"], &(elsewhere("") + again));
    assert!(seen.contains("railway-prod as RAILWAY_TOKEN") && seen.contains("agent: 0"), "{seen}");
    assert!(seen.contains("again: 75"), "an answer is for one run: {seen}");
    assert_eq!(fs::read_to_string(stage.guard.path("ran")).unwrap(), "ran with rw-s3cr3t\n", "{seen}");
    assert!(!seen.contains("s3cr3t"), "{seen}");
    let log = String::from_utf8(stage.guard.run(&["log", "--json"]).stdout).unwrap();
    assert!(log.contains(r#""keys":["railway-prod"]"#) && !log.contains("s3cr3t"), "{log}");
}

#[test]
fn a_key_goes_to_no_run_that_is_watched_or_altered() {
    let check = |how: &str, because: &str| {
        let Some(stage) = stage() else { return };
        let seen = stage.play_in(&["--mount"], &elsewhere(how));
        let told = seen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(because) && !seen.contains("s3cr3t"), "{because}: {seen}");
        let ran = fs::read_to_string(stage.guard.path("ran")).unwrap_or_default();
        assert!(!ran.contains("s3cr3t"), "{ran}");
    };
    check("LD_LIBRARY_PATH=/opt/evil", "LD_LIBRARY_PATH may put other code into the tool");
    // A debugger that goes on at once, and watches.
    let trace = r#"python3 -c "
import ctypes, os, sys
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
child = os.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
assert ptrace(0x4206, child, 0, 0) == 0
while True:
    pid, status = os.waitpid(-1, 0)
    if os.WIFEXITED(status):
        sys.exit(os.WEXITSTATUS(status))
    ptrace(7, pid, 0, os.WSTOPSIG(status) if os.WSTOPSIG(status) != 5 else 0)
""#;
    check(trace, "is being traced");
}

#[test]
fn a_program_that_claims_to_be_the_run_gets_no_key() {
    let Some(stage) = stage() else { return };
    let scene = r#"
        desktop 'read -r code < "$HOME/asked"; sit_with "$passphrase" "$GUARD" approve "$code"' &
        agent 'code=$(ask); python3 "$FORGE" take "$requests" "$code" "$phrase" > "$HOME/out" &
               until [ -s "$HOME/out" ]; do python3 -c ""; done; echo "$code" > "$HOME/asked"; wait'
        wait; cat "$HOME/out""#;
    let seen = stage.play_in(&["--mount"], &(KEPT.to_owned() + scene));
    let told = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("what waits is not guard") && seen.contains("serving"), "{seen}");
    assert!(!seen.contains("s3cr3t"), "{seen}");
}

/// As in [`KEPT`], and two people must answer: ada, who keeps the key, and eve.
const KEPT_FOR_TWO: &str = r#"
    eves="another long sentence"
    export eves
    mkdir -p "$HOME/etc/guard"; cp /etc/passwd /etc/group "$HOME/etc"; mount --bind "$HOME/etc" /etc
    printf 'approvals: {catastrophic: 2}\nkeys: {railway-prod: {tool: %s, variable: RAILWAY_TOKEN}}\n' "$(command -v railway)" > /etc/guard/policy.yaml
    desktop 'enroll --as ada' > /dev/null
    desktop 'python3 "$PLAY" "assphrase: " "$passphrase" "New passphrase: " "$eves" "once more: " "$eves" -- "$GUARD" approve --enroll --as eve' > /dev/null
    desktop 'python3 "$PLAY" "assphrase: " "$passphrase" "is shown): " rw-s3cr3t -- "$GUARD" keys add railway-prod' > /dev/null
"#;

/// The first of two people answers with this passphrase; the second learns the code once guard has told the first what
/// `heard` says.
fn first_of_two(first: &str, heard: &str) -> String {
    format!(
        r#"{KEPT_FOR_TWO}
        mkfifo "$HOME/second"
        desktop 'read -r code < "$HOME/asked"
                 sit_with "${first}" "$GUARD" approve "$code" | tee -p >(grep --line-buffered -m 1 "{heard}" | sed "s/.*/$code/" > "$HOME/second")' &
        "#
    )
}

/// Plays a scene in which two people answer, one of whom keeps the key; checks that the run gets it, and shows nobody.
#[track_caller]
fn check_two(scene: &str) {
    let Some(stage) = stage() else { return };
    let seen = stage.play_in(&["--mount"], scene);
    assert!(seen.contains("agent: 0") && !seen.contains("s3cr3t"), "{seen}");
    assert_eq!(seen.matches("allowed; it runs").count(), 2, "{seen}");
    assert_eq!(fs::read_to_string(stage.guard.path("ran")).unwrap(), "ran with rw-s3cr3t\n", "{seen}");
    let log = String::from_utf8(stage.guard.run(&["log", "--json"]).stdout).unwrap();
    assert!(log.contains(r#""keys":["railway-prod"]"#) && !log.contains("s3cr3t"), "{log}");
}

#[test]
fn of_two_people_the_one_who_keeps_the_key_hands_it_over() {
    for (first, second) in [("passphrase", "eves"), ("eves", "passphrase")] {
        let rest = format!(
            r#"desktop 'read -r code < "$HOME/second"; sit_with "${second}" "$GUARD" approve "$code"' &
            agent '"$GUARD" exec --wait 40 -- $command 2> >(first_code > "$HOME/asked"); echo "agent: $?"; env'
            wait"#
        );
        check_two(&(first_of_two(first, "the answer stands") + &rest));
    }
}

#[test]
fn the_answers_of_two_and_the_key_are_kept_for_the_next_run() {
    for (first, second) in [("passphrase", "eves"), ("eves", "passphrase")] {
        let rest = format!(
            r#"desktop 'read -r code < "$HOME/second"
                     sit_with "${second}" "$GUARD" approve "$code" | tee -p >(grep --line-buffered -m 1 "the answer stands" > "$HOME/done")' &
            agent 'ask > "$HOME/asked"; read -r _ < "$HOME/done"; "$GUARD" exec --wait 40 -- $command; echo "agent: $?"'
            wait"#
        );
        check_two(&(first_of_two(first, "takes it back") + &rest));
    }
}

#[test]
fn two_people_of_whom_neither_keeps_the_key_let_nothing_run() {
    let Some(stage) = stage() else { return };
    // The third has to be enrolled before anybody answers.
    let enrolled = r#"
        joes="a third sentence of words"; export joes
        desktop 'python3 "$PLAY" "assphrase: " "$passphrase" "New passphrase: " "$joes" "once more: " "$joes" -- "$GUARD" approve --enroll --as joe' > /dev/null
        "#;
    let scene = r#"
        desktop 'read -r code < "$HOME/second"; sit_with "$eves" "$GUARD" approve "$code"' &
        agent '"$GUARD" exec --wait 40 -- $command 2> >(tee /dev/stderr | first_code > "$HOME/asked"); echo "agent: $?"'
        wait"#;
    let first = first_of_two("joes", "the answer stands").replacen(
        "        mkfifo",
        &format!("{enrolled}        mkfifo"),
        1,
    );
    let seen = stage.play_in(&["--mount"], &(first + scene));
    assert!(seen.contains("agent: 77") && seen.contains("railway-prod"), "{seen}");
    assert!(!stage.guard.path("ran").exists(), "{seen}");
}
