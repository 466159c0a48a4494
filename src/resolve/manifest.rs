//! What `kubectl apply -f` starts: the commands of the jobs and pods in a manifest.
//!
//! Only what runs once is followed. What an application that stays does when it starts is its own affair: it
//! did that when it was started last.

use std::rc::Rc;

use super::compose;
use super::files::Content;
use super::invocation::Invocation;
use super::state::Shell;
use super::walk::Walker;
use crate::document::{self, Node};

/// Kinds of resources that run something once, or at their times.
const KINDS: &[&str] = &["Job", "CronJob", "Pod"];

/// Where containers stand in one.
const CONTAINERS: &[&str] = &["**.containers.*", "**.initContainers.*"];

/// `kubectl apply|create|replace -f FILE`, the file on standard input too.
pub(super) fn start(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &Shell) -> Option<String> {
    for path in call.reading.values("file") {
        let text = match walker.files.read(path, &shell.site, walker.place) {
            _ if path == "-" => call.stdin().map(str::to_owned),
            Content::Text(text) => Some(text),
            _ => None,
        };
        let roots = text.and_then(|text| document::yaml::read(&text).ok()).unwrap_or_default();
        for root in roots.iter().filter(|root| is_run_once(root)) {
            for found in CONTAINERS.iter().flat_map(|at| document::find(root, at)) {
                let of = |key: &str| found.node.get(key).map(compose::words).unwrap_or_default();
                let words = of("command").into_iter().chain(of("args")).collect();
                compose::in_container(walker, &format!("kubectl ({path})"), words, shell, None);
            }
        }
    }
    None
}

fn is_run_once(resource: &Rc<Node>) -> bool {
    resource.get("kind").and_then(|kind| kind.text()).is_some_and(|kind| KINDS.contains(&kind.text()))
}
