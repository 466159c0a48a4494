//! The requests that code sends over HTTP, as tables of the functions that do so.

use super::language::Language;
use super::{Argument, Call, Code, Shape};
use crate::resolve::secrets;
use crate::unknown::{UNKNOWN, UNKNOWN_SECRET, is_mark};

/// A request. What is not known of it is a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRequest {
    /// Its method in capitals; nothing where none is named (`GET`, or `POST` with a body).
    pub method: Option<String>,
    /// Its address.
    pub url: String,
    /// Its body; objects as JSON.
    pub body: Option<String>,
}

/// Where a function takes a request from.
#[derive(Clone, Copy, Debug)]
enum Takes {
    /// The function's name is the method, the first operand the address, the one at this place the body.
    Verb { body: usize },
    /// The operands from this place on are method, address and body.
    MethodUrlBody(usize),
    /// The first operand is the address, the others are named; the body may be the second.
    UrlAndOptions,
    /// Everything is named.
    Options,
    /// The first operand is the address, the second a GraphQL document.
    GraphQl,
    /// The first operand is a GraphQL document, the address was given before.
    GraphQlClient,
    /// Ruby's `Net::HTTP::Delete.new(uri)`.
    RequestClass,
}

/// Functions that send a request, or make one to be sent.
#[rustfmt::skip]
const SENDERS: &[(&[&str], Takes)] = &[
    (
        &[
            "fetch", "node-fetch", "cross-fetch", "undici.fetch", "undici.request", "ofetch",
            "ofetch.$fetch", "$fetch", "got", "ky", "urllib.request.Request", "urllib.request.urlopen",
            "urllib2.Request", "urllib2.urlopen", "Request", "axios", "axios.default", "HTTPoison.request",
            "phin",
        ],
        Takes::UrlAndOptions,
    ),
    (
        &[
            "axios.request", "https.request", "http.request", "$.ajax", "jQuery.ajax", "request",
            "got.extend", "needle.request",
        ],
        Takes::Options,
    ),
    (
        &[
            "http.NewRequest", "XMLHttpRequest.open", "needle", "superagent", "HTTP.Request.new",
            "HTTP.Request", "httr.VERB", "Net.HTTP.send_request",
        ],
        Takes::MethodUrlBody(0),
    ),
    (&["http.NewRequestWithContext"], Takes::MethodUrlBody(1)),
    (&["http.Post", "http.PostForm"], Takes::Verb { body: 2 }),
    (&["graphql-request.request", "graphql-request.rawRequest", "graphql-request.default"], Takes::GraphQl),
    (
        &["graphql-request.GraphQLClient.request", "graphql-request.GraphQLClient.rawRequest"],
        Takes::GraphQlClient,
    ),
    (
        &[
            "Net.HTTP.Delete.new", "Net.HTTP.Post.new", "Net.HTTP.Put.new", "Net.HTTP.Patch.new",
            "Net.HTTP.Get.new",
        ],
        Takes::RequestClass,
    ),
];

/// Libraries whose functions and objects have methods by the name of a verb.
#[rustfmt::skip]
const LIBRARIES: &[&str] = &[
    "requests", "httpx", "aiohttp", "niquests", "requests_html", "urllib3", "axios", "got", "ky",
    "superagent", "needle", "undici", "request", "ofetch", "node-fetch", "Faraday", "HTTParty",
    "RestClient", "HTTP", "Excon", "Typhoeus", "Net", "LWP", "Mojo", "REST", "Http", "GuzzleHttp", "httr",
    "httr2", "crul", "resty", "k6/http",
];

/// The methods of HTTP.
#[rustfmt::skip]
const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "del", "head", "options", "delete_async"];

/// Names under which a body is handed over.
const BODIES: &[&str] = &["json", "data", "body", "content", "payload", "form", "form_params"];

impl Code {
    /// Returns the requests that it sends, in the order of the text.
    pub fn requests(&self) -> Vec<CodeRequest> {
        let with_secrets = |call: &Call| Some(self.request(call)?.carrying(call));
        let mut requests: Vec<CodeRequest> = self.calls.iter().filter_map(with_secrets).collect();
        if self.language == Language::Php {
            requests.extend(self.curl());
            requests.extend(self.streams());
        }
        requests
    }

    /// Returns the request that `call` sends.
    fn request(&self, call: &Call) -> Option<CodeRequest> {
        let row = SENDERS.iter().find(|(names, _)| names.iter().any(|name| call.callee == *name));
        if let Some((_, takes)) = row {
            return takes.request(call);
        }
        let (base, name) = call.callee.rsplit_once('.')?;
        let known = LIBRARIES.contains(&base.split('.').next().unwrap_or(base));
        let first = call.operands().next().or_else(|| call.named("url"))?;
        let addresses = |argument: &Argument| {
            let text = argument.value.as_deref().unwrap_or_default();
            text.starts_with("http://") || text.starts_with("https://")
        };
        let lower = name.to_ascii_lowercase();
        if VERBS.contains(&lower.as_str()) && (known || addresses(first)) {
            return Takes::Verb { body: 1 }.request(call);
        }
        let method = first.value.as_deref().unwrap_or_default();
        let verb = VERBS.contains(&method.to_ascii_lowercase().as_str());
        match lower.as_str() {
            "request" | "stream" | "send_request" if verb => Takes::MethodUrlBody(0).request(call),
            "request" if known && call.operands().count() > 1 => Takes::MethodUrlBody(0).request(call),
            "request" if known => Takes::Options.request(call),
            _ => None,
        }
    }

    /// Returns the requests that PHP's curl functions set up, one step a call.
    fn curl(&self) -> Vec<CodeRequest> {
        let mut requests = Vec::new();
        let mut next = CodeRequest { method: None, url: UNKNOWN.to_string(), body: None };
        for call in &self.calls {
            match call.callee.as_str() {
                "curl_init" => {
                    let url = call.operands().next().map_or_else(|| UNKNOWN.to_string(), Argument::to_text);
                    next = CodeRequest { method: None, url, body: None };
                }
                "curl_setopt" => {
                    let mut operands = call.operands().skip(1);
                    if let (Some(option), Some(value)) = (operands.next(), operands.next()) {
                        next.set(&option.text, value);
                    }
                }
                "curl_setopt_array" => {
                    for argument in &call.arguments {
                        if let Some(name) = &argument.name {
                            next.set(name, argument);
                        }
                    }
                }
                "curl_exec" => requests.push(next.clone()),
                _ => {}
            }
        }
        requests
    }

    /// Returns the requests that PHP sends by reading an address as a file.
    fn streams(&self) -> Vec<CodeRequest> {
        let mut options = None;
        let mut requests = Vec::new();
        for call in &self.calls {
            match call.callee.as_str() {
                "stream_context_create" => {
                    options =
                        call.named("http").and_then(|http| serde_json::from_str(http.value.as_deref()?).ok());
                }
                "file_get_contents" | "fopen" | "file" => {
                    let Some(url) =
                        call.operands().next().map(Argument::to_text).filter(|url| url.starts_with("http"))
                    else {
                        continue;
                    };
                    let option = |name: &str| {
                        let options: Option<&serde_json::Value> = options.as_ref();
                        options.and_then(|options| options.get(name)?.as_str()).map(str::to_owned)
                    };
                    let method = option("method").map(|method| method.to_ascii_uppercase());
                    requests.push(CodeRequest { method, url, body: option("content") });
                }
                _ => {}
            }
        }
        requests
    }
}

impl CodeRequest {
    /// Puts into the body that credentials are in it, where an argument of the call reads a file of them or takes
    /// all variables.
    fn carrying(mut self, call: &Call) -> Self {
        if call.arguments.iter().any(|argument| secrets::taken_by(&argument.text)) {
            self.body.get_or_insert_default().push(UNKNOWN_SECRET);
            self.method = self.method.or_else(|| Some("POST".to_owned()));
        }
        self
    }

    /// Takes an option of curl's.
    fn set(&mut self, option: &str, value: &Argument) {
        match option.trim_start_matches('\\') {
            "CURLOPT_URL" => self.url = value.to_text(),
            "CURLOPT_CUSTOMREQUEST" => self.method = Some(value.to_text().to_ascii_uppercase()),
            "CURLOPT_POSTFIELDS" => self.body = Some(value.to_text()),
            "CURLOPT_POST" => self.method = self.method.take().or_else(|| Some("POST".to_owned())),
            _ => {}
        }
    }
}

impl Takes {
    fn request(self, call: &Call) -> Option<CodeRequest> {
        let operands: Vec<&Argument> = call.operands().collect();
        let url = |place: usize| {
            let argument = operands.get(place).copied().filter(|argument| argument.shape != Shape::Map);
            based(
                call,
                argument.or_else(|| call.named("url")).map_or_else(|| UNKNOWN.to_string(), Argument::to_text),
            )
        };
        let named_body = || BODIES.iter().find_map(|name| call.named(name)).map(Argument::to_text);
        let body =
            |place: usize| named_body().or_else(|| operands.get(place).map(|argument| argument.to_text()));
        let named_method = || call.named("method").or_else(|| call.named("type")).map(method_of);
        Some(match self {
            Self::Verb { body: place } => {
                let name = call.callee.rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
                let method = match name.as_str() {
                    "DEL" | "DELETE_ASYNC" => "DELETE".to_owned(),
                    "POSTFORM" => "POST".to_owned(),
                    _ => name,
                };
                // The second operand of these holds options.
                let bare = matches!(method.as_str(), "GET" | "HEAD" | "DELETE" | "OPTIONS");
                CodeRequest {
                    url: url(0),
                    body: if bare { named_body() } else { body(place) },
                    method: Some(method),
                }
            }
            Self::MethodUrlBody(place) => {
                if let Some(pair) = call.arguments.iter().find(|argument| is_verb(argument.name.as_deref())) {
                    // Perl's `HTTP::Request->new(DELETE => $url)`.
                    let method = pair.name.as_deref().map(str::to_ascii_uppercase);
                    return Some(CodeRequest { method, url: pair.to_text(), body: None });
                }
                let method = operands.get(place).copied().or_else(|| call.named("method"))?;
                let no_body = operands
                    .get(place + 2)
                    .is_none_or(|body| matches!(body.text.as_str(), "nil" | "true" | "false"));
                let body = if no_body { named_body() } else { body(place + 2) };
                CodeRequest { method: Some(method_of(method)), url: url(place + 1), body }
            }
            Self::UrlAndOptions => {
                let first = operands.first().copied().or_else(|| call.named("url"))?;
                let unknown_options =
                    operands.get(1).filter(|options| options.value.is_none()).map(|_| UNKNOWN.to_string());
                let python = call.callee.starts_with("urllib");
                let body = if python { body(1) } else { named_body() }.filter(|body| body != "None");
                let method = named_method().or_else(|| unknown_options.filter(|_| !python));
                if first.value.is_none() && method.is_none() && body.is_none() {
                    // A request that was made by a call of its own, or nothing but a look.
                    return None;
                }
                CodeRequest { method, url: url(0), body }
            }
            Self::Options => {
                let host = call.named("hostname").or_else(|| call.named("host")).map(Argument::to_text);
                let path = call.named("path").map_or_else(String::new, Argument::to_text);
                let url = host.map_or_else(|| url(0), |host| format!("https://{host}{path}"));
                // Options that were put together elsewhere may name any method.
                let unknown = operands.first().is_none_or(|options| options.value.is_none());
                let method = named_method().or_else(|| unknown.then(|| UNKNOWN.to_string()));
                CodeRequest { method, url, body: named_body() }
            }
            Self::GraphQl => graph_ql(url(0), operands.get(1)?),
            Self::GraphQlClient => {
                let url = call.receiver.first().map_or_else(|| UNKNOWN.to_string(), Argument::to_text);
                graph_ql(url, operands.first()?)
            }
            Self::RequestClass => {
                let method = call.callee.rsplit('.').nth(1).map(str::to_ascii_uppercase);
                CodeRequest { method, url: url(0), body: None }
            }
        })
    }
}

/// Returns whether `name` is a method of HTTP in capitals.
fn is_verb(name: Option<&str>) -> bool {
    name.is_some_and(|name| VERBS.iter().any(|verb| verb.to_ascii_uppercase() == name))
}

/// Returns the method that `argument` names, by a string or by a constant (`http.MethodDelete`).
fn method_of(argument: &Argument) -> String {
    let constant = argument.text.rsplit("Method").next().filter(|name| *name != argument.text);
    match (&argument.value, constant) {
        (Some(value), _) => value.to_ascii_uppercase(),
        (None, Some(name)) => name.to_ascii_uppercase(),
        (None, None) => UNKNOWN.to_string(),
    }
}

/// Returns `url` under the address that the client was made with.
fn based(call: &Call, url: String) -> String {
    if url.contains("://") || url.starts_with(is_mark) {
        return url;
    }
    let named = ["baseURL", "base_url", "base_uri", "prefixUrl", "url"];
    let base = call
        .receiver
        .iter()
        .find(|argument| argument.name.as_deref().is_some_and(|name| named.contains(&name)));
    let base = base.or_else(|| {
        call.receiver.iter().find(|argument| argument.shape == Shape::Text && argument.name.is_none())
    });
    match base.and_then(|base| base.value.as_deref()) {
        Some(base) if base.contains("://") => {
            format!("{}/{}", base.trim_end_matches('/'), url.trim_start_matches('/'))
        }
        Some(host) if host.contains('.') && url.starts_with('/') => format!("https://{host}{url}"),
        _ => url,
    }
}

/// Returns the request that carries the GraphQL document `query`.
fn graph_ql(url: String, query: &Argument) -> CodeRequest {
    let body = match query.shape {
        Shape::Map => query.to_text(),
        _ => serde_json::json!({ "query": query.to_text() }).to_string(),
    };
    CodeRequest { method: Some("POST".to_owned()), url, body: Some(body) }
}
