//! What `docker compose run` and `up` start: the commands of the services in the project's file.

use std::rc::Rc;

use super::action::Site;
use super::invocation::Invocation;
use super::project::first_file;
use super::state::Shell;
use super::walk::Walker;
use crate::document::{self, Node};
use crate::unknown::is_known;

/// The files that compose looks for.
const FILES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// `docker compose run SERVICE [COMMAND]…`, `docker compose up [SERVICE]…`.
pub(super) fn compose(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &Shell) -> Option<String> {
    let reading = call.reading;
    let is_run = call.subcommand()? == "run";
    let operands = call.operands();
    let given = operands.get(1).filter(|_| is_run).map(|operand| call.words_from(operand).to_vec());
    let entry: Vec<String> =
        reading.values("entrypoint").flat_map(str::split_whitespace).map(str::to_owned).collect();
    if !entry.is_empty() || given.is_some() {
        let words = entry.into_iter().chain(given.unwrap_or_default()).collect();
        return Some(in_container(walker, "compose run", words, shell, call.stdin()));
    }
    let files: Vec<&str> = reading.values("file").collect();
    // What stands in a file of some name starts what a machine was set up for.
    if !files.iter().all(|file| is_known(file)) {
        return None;
    }
    let (file, text) = first_file(walker, if files.is_empty() { FILES } else { &files }, shell)?;
    let roots = document::yaml::read(&text).ok()?;
    let Some(Node::Map(services)) = roots.first()?.get("services").map(Rc::as_ref) else { return None };
    for (name, service) in services {
        let is_named = operands.iter().any(|operand| operand.text == *name);
        if is_named || operands.is_empty() && !is_run {
            let words =
                ["entrypoint", "command"].iter().filter_map(|key| service.get(key)).flat_map(words).collect();
            in_container(walker, &format!("compose {name} ({file})"), words, shell, None);
        }
    }
    None
}

/// Returns the words of a container's command, which is a list or a text.
pub(super) fn words(node: &Rc<Node>) -> Vec<String> {
    match node.text() {
        // Variables are put in before: what they hold is not known.
        Some(text) => shell_words::split(text.text()).unwrap_or_default(),
        None => node.texts().into_iter().map(|text| text.text().to_owned()).collect(),
    }
}

/// Runs a command in a container: its paths are not ours.
pub(super) fn in_container(
    walker: &mut Walker<'_>,
    label: &str,
    words: Vec<String>,
    shell: &Shell,
    stdin: Option<&str>,
) -> String {
    let mut inner = shell.for_programs();
    inner.site = Site::elsewhere().into();
    if words.is_empty() {
        return String::new();
    }
    walker.deeper(label, |walker| walker.run(words, Vec::new(), &mut inner, stdin))
}
