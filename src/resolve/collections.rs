//! Requests that stand in files: those of Hurl, and collections of Postman, which `newman` runs.
//!
//! Documented at <https://hurl.dev/docs/hurl-file.html> and
//! <https://learning.postman.com/collection-format/reference/collection/>. A variable in them is not known.

use super::action::Request;
use super::body;
use super::files::Content;
use super::http;
use super::invocation::Invocation;
use super::state::Shell;
use super::walk::Walker;
use crate::unknown::filled;

/// How many requests of one file are followed, and how deep folders of them may stand in one another.
const MOST: usize = 256;
const NESTING: usize = 16;

/// `hurl FILE…`, `newman run FILE`.
pub(super) fn send(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &Shell) -> Option<String> {
    for path in call.arguments() {
        let Content::Text(text) = walker.files.read(&path, &shell.site, walker.place) else { continue };
        let mut requests = Vec::new();
        match body::json(&text) {
            Some(collection) => in_collection(&collection, NESTING, &mut requests),
            None => in_hurl(&text, &mut requests),
        }
        walker.in_file(
            &path,
            &mut shell.clone(),
            format!("{} {path}", call.line.program),
            |walker, shell| {
                for request in requests.into_iter().take(MOST) {
                    walker.request(request, shell);
                }
            },
        );
    }
    None
}

/// Reads a file of Hurl: a line with the method and the address, headers, then the body up to the response.
fn in_hurl(text: &str, requests: &mut Vec<Request>) {
    let mut is_open = false;
    for line in text.lines() {
        let method = line.split_once(' ').filter(|(word, _)| {
            word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase()) && *word != "HTTP"
        });
        if let Some((method, address)) = method {
            requests.push(request(method, address));
            is_open = true;
        } else if line.starts_with("HTTP") {
            is_open = false;
        } else if let Some(request) = requests.last_mut().filter(|_| is_open) {
            let body = request.body.get_or_insert_default();
            body.push_str(&filled(line));
            body.push('\n');
        }
    }
}

/// Reads a collection of Postman, folder by folder.
fn in_collection(node: &serde_json::Value, depth: usize, requests: &mut Vec<Request>) {
    for item in node["item"].as_array().into_iter().flatten().filter(|_| depth > 0) {
        in_collection(item, depth - 1, requests);
        let told = &item["request"];
        let address = told.as_str().or(told["url"].as_str()).or(told["url"]["raw"].as_str());
        let Some(address) = address.filter(|_| requests.len() < MOST) else { continue };
        let mut request = request(told["method"].as_str().unwrap_or("GET"), address);
        request.body = told["body"]["raw"].as_str().map(filled);
        request.graphql.extend(told["body"]["graphql"]["query"].as_str().map(filled));
        requests.push(request);
    }
}

fn request(method: &str, address: &str) -> Request {
    let mut request = Request { method: method.to_uppercase(), ..Request::default() };
    http::address(&mut request, &filled(address.trim()), None);
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_hurl() {
        let mut requests = Vec::new();
        in_hurl(
            "# x\nPOST https://a.io/x\nA: b\n{\"q\": 1}\nHTTP 200\n[Asserts]\n\nDELETE https://b.io/y\n",
            &mut requests,
        );
        let found: Vec<_> =
            requests.iter().map(|r| (r.method.as_str(), r.host.as_str(), r.path.as_str())).collect();
        assert_eq!(found, [("POST", "a.io", "/x"), ("DELETE", "b.io", "/y")]);
        assert!(requests[0].body.as_deref().is_some_and(|body| body.contains("\"q\"")));
        assert_eq!(requests[1].body, None);
    }
}
