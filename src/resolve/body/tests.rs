#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::test_process::processor_time;

const JSON: Option<&str> = Some("application/json");

/// Checks the documents of the requests in a body.
#[track_caller]
fn check(body: &str, content_type: Option<&str>, expect: &[&str]) {
    let found: Vec<_> =
        graphql_requests(body, content_type).into_iter().map(|request| request.document).collect();
    assert_eq!(found, expect, "in {body:?}");
}

#[test]
fn statements_are_found_by_the_names_that_databases_give_them() {
    let check = |body, expect: &[&str]| assert_eq!(statements(body), expect, "{body}");
    check(r#"{"type":"run_sql","args":{"sql":"DROP TABLE a"}}"#, &["DROP TABLE a"]);
    check(r#"{"requests":[{"stmt":{"sql":"SELECT 1"}},{"stmt":"SELECT 2"}]}"#, &["SELECT 1", "SELECT 2"]);
    check(r#"{"note":"sql","text":"DROP TABLE a"}"#, &[]);
    check("sql=DROP TABLE a", &[]);
}

#[test]
fn json_bodies() {
    check(r#"{"query":"mutation { a }"}"#, JSON, &["mutation { a }"]);
    check(r#"  {"query":"mutation { a }","variables":{}} "#, None, &["mutation { a }"]);
    check(
        r#"{"query":"mutation { \u0076olumeDelete(volumeId:\"x\") }"}"#,
        JSON,
        &["mutation { volumeDelete(volumeId:\"x\") }"],
    );
    check(r#"[{"query":"{ a }"},{"query":"mutation { b }"}]"#, JSON, &["{ a }", "mutation { b }"]);
    check(
        r#"{"operationName":"A","query":"query A { a }"}"#,
        Some("application/json; charset=utf-8"),
        &["query A { a }"],
    );
    check(r#"{"query":"{ a }"}"#, Some("application/x-www-form-urlencoded"), &["{ a }"]);
    check("\u{feff}{\"query\":\"{ a }\"}", JSON, &["{ a }"]);
    check(r#"{"name":"x","query_count":3}"#, JSON, &[]);
    check(r#"{"query":{"match_all":{}}}"#, JSON, &[]);
    check(r#"{"text":"query: mutation { volumeDelete }"}"#, JSON, &[]);
    check("[]", JSON, &[]);
    check("{}", JSON, &[]);
    check("", JSON, &[]);
    check("plain text", None, &[]);
    check(r#"{"extensions":{"persistedQuery":{"sha256Hash":"x"}}}"#, JSON, &["\u{F0000}"]);
}

#[test]
fn broken_json_bodies() {
    check("{\"query\":\"mutation { a }\",}", JSON, &["mutation { a }"]);
    check("{\"query\":\"mutation {\n a\n}\"}", JSON, &["mutation {\n a\n}"]);
    check("{\"query\":\"mutation { a }\"} trailing", JSON, &["mutation { a }"]);
    check("{\"query\":\"mutation { a }\"", JSON, &["mutation { a }"]);
    check("{\"query\":\"mutation { a }", JSON, &["mutation { a }"]);
    check("{ // note\n \"query\": /* x */ \"{ a }\" }", JSON, &["{ a }"]);
    check("{query:\"mutation { a }\"}", JSON, &["mutation { a }"]);
    check("{'query':'mutation { a }'}", JSON, &["mutation { a }"]);
    check("{\"variables\":{\"id\":\u{F0000}},\"query\":\"mutation { a }\"}", JSON, &["mutation { a }"]);
    check("{\"n\":1\u{F0000},\"query\":\"{ a }\"}", JSON, &["{ a }"]);
    check("{\u{F0000}\"query\":\"mutation { a }\"}", JSON, &["mutation { a }"]);
    check("{]]\"x\",\"query\":\"mutation { a }\"}", JSON, &["mutation { a }"]);
    check("oops {\"query\": \"mutation { \\\"a\\\" }\"}", JSON, &["mutation { \"a\" }"]);
    check("{\"query\":\"mutation { a(b: \\\"\\q\\\") }\"}", JSON, &["mutation { a(b: \"q\") }"]);
}

#[test]
fn unknown_bodies() {
    check("\u{F0000}", JSON, &["\u{F0000}"]);
    check("\u{F0001}", None, &["\u{F0001}"]);
    check("{\"query\":\u{F0000}}", JSON, &["\u{F0000}"]);
    check("{\"query\":\"\u{F0000}\"}", JSON, &["\u{F0000}"]);
    check("{\u{F0000}}", JSON, &["\u{F0000}"]);
    check("{\"query\":\"mutation { a(id: \u{F0000}) }\"}", JSON, &["mutation { a(id: \u{F0000}) }"]);
    check("query=\u{F0000}", None, &["\u{F0000}"]);
}

#[test]
fn names_and_variables() {
    let one = |body: &str| graphql_requests(body, None).remove(0);
    let request = one(r#"{"query":"x","operationName":"Drop","variables":{"id":"3d2","n":[1]}}"#);
    assert_eq!(request.operation_name.as_deref(), Some("Drop"));
    assert_eq!(request.variables, json!({"id": "3d2", "n": [1]}));
    assert_eq!(one(r#"{"query":"x","operationName":null}"#).operation_name, None);
    assert_eq!(one(r#"{"query":"x"}"#).variables, Value::Null);
    assert_eq!(one(r#"{"query":"x","variables":"{\"id\":1}"}"#).variables, json!({"id": 1}));
    assert_eq!(one("query=x&variables=%7B%22id%22%3A1%7D").variables, json!({"id": 1}));
    assert_eq!(
        one("{\"query\":\"x\",\"variables\":{\"id\":\u{F0000}}}").variables,
        json!({"id": "\u{F0000}"})
    );
}

#[test]
fn raw_documents() {
    check("mutation { a }", Some("application/graphql"), &["mutation { a }"]);
    check("mutation { a }", None, &["mutation { a }"]);
    check("# c\n query Q { a }", None, &["# c\n query Q { a }"]);
    check("{ me { id } }", None, &["{ me { id } }"]);
    check("{\n  ...F\n} fragment F on Query { a }", None, &["{\n  ...F\n} fragment F on Query { a }"]);
    check("a=b&c=mutation", None, &[]);
    check("mutations are fun", None, &[]);
}

#[test]
fn forms() {
    check("query=mutation+%7B+a+%7D", None, &["mutation { a }"]);
    check("?query=mutation%7Ba%7D&operationName=x", None, &["mutation{a}"]);
    check(
        "operationName=A&query=query%20A%7Ba%7D",
        Some("application/x-www-form-urlencoded"),
        &["query A{a}"],
    );
    check("a=1&b=2", None, &[]);
    check("q=mutation", None, &[]);
    check("operations=%7B%22query%22%3A%22mutation%7Ba%7D%22%7D&map=%7B%7D", None, &["mutation{a}"]);
}

#[test]
fn multipart_bodies() {
    let kind = Some("multipart/form-data; boundary=x");
    check(
        "operations={\"query\":\"mutation { a }\"}\nmap={\"0\":[\"variables.f\"]}\n0=@f.png",
        kind,
        &["mutation { a }"],
    );
    check("query=mutation {\n  a(b: \"x=y\")\n}\nvariables={}", kind, &["mutation {\n  a(b: \"x=y\")\n}"]);
    let sent = "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n[{\"query\":\"mutation { a }\"}]\r\n--x\r\n\
                Content-Disposition: form-data; name=\"0\"; filename=\"f\"\r\n\r\ndata\r\n--x--\r\n";
    check(sent, kind, &["mutation { a }"]);
    check("file=@a.png", kind, &[]);
    let found =
        graphql_fields([("query", "mutation($id: ID!) { a(id: $id) }"), ("id", "7"), ("operationName", "X")]);
    assert_eq!(found[0].variables, json!({"id": "7"}));
    assert_eq!(found[0].operation_name.as_deref(), Some("X"));
}

#[test]
fn tolerant_json() {
    let read = |text: &str| json(text).unwrap();
    assert_eq!(read(r#"{"a":1,"b":[true,null,"x"]}"#), json!({"a": 1, "b": [true, null, "x"]}));
    assert_eq!(read("{\"a\":\u{F0000},\"b\":-1.5}"), json!({"a": "\u{F0000}", "b": -1.5}));
    assert_eq!(read("{\"a\":x\u{F0000}y}"), json!({"a": "x\u{F0000}y"}));
    assert_eq!(read("[1,2,]"), json!([1, 2]));
    assert_eq!(read("[1 2"), json!([1, 2]));
    assert_eq!(read("{\"a\":{\"b\":[1"), json!({"a": {"b": [1]}}));
    assert_eq!(read("{a: True, b: None}"), json!({"a": true, "b": null}));
    assert_eq!(read(r#"{"a":"\ud83d\ude00\u00e9\ud83d\q",}"#), json!({"a": "😀é\u{FFFD}q"}));
    assert_eq!(read("{\"a\"}"), json!({}));
    assert_eq!(read("\"x\" y"), json!("x"));
    assert_eq!(json("7"), Some(json!(7)));
    assert_eq!(json("no json"), None);
    assert_eq!(json(""), None);
    assert!(json(&"[".repeat(100_000)).is_some());
}

#[test]
fn percent_sequences() {
    for (text, expect) in [
        ("a%20b", "a b"),
        ("%7B%7d", "{}"),
        ("100%", "100%"),
        ("%", "%"),
        ("%4", "%4"),
        ("%zz%41", "%zzA"),
        ("%C3%A9é", "éé"),
        ("%ff", "\u{FFFD}"),
        ("a+b", "a+b"),
        ("%2525", "%25"),
        ("", ""),
    ] {
        assert_eq!(percent_decode(text), expect, "in {text:?}");
    }
    assert_eq!(
        form("a=1+2&b&=c&d=e=f").collect::<Vec<_>>(),
        [
            ("a".into(), "1 2".into()),
            ("b".into(), String::new()),
            (String::new(), "c".into()),
            ("d".into(), "e=f".into())
        ]
    );
}

#[test]
fn time_is_linear() {
    for piece in [
        "{",
        "[",
        "\"",
        "{\"query\":",
        "query\":{",
        "query\":\"",
        "\\",
        "{a:",
        "//",
        "/*",
        "%",
        "&",
        "=",
        "a=&",
        "\n0=",
        "\u{F0000}",
        ",",
        "]",
        "'",
    ] {
        let body = format!("{{{}", piece.repeat(64_000 / piece.len()));
        let time = processor_time(|| {
            for kind in [None, Some("multipart/form-data")] {
                graphql_requests(&body, kind);
                graphql_requests(&body[1..], kind);
            }
        });
        assert!(time.as_millis() < 1500, "{piece:?} takes {time:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(text in "\\PC*", mixed in "[{}\\[\\]\"'\\\\:,/*u0-9a query%&=\n\u{F0000}]*") {
        for text in [&text, &mixed] {
            for kind in [None, JSON, Some("multipart/form-data"), Some("application/graphql")] {
                graphql_requests(text, kind);
            }
            json(text);
            percent_decode(text);
        }
    }

    /// Where JSON is sound, tolerance changes nothing.
    #[test]
    fn tolerance_agrees_with_the_grammar(words in proptest::collection::vec("[a-z\"\\\\é\u{F0000}\n]{0,5}", 1..6), n in -5_i64..5) {
        let value = json!({"a": words, "b": {"c": n, "d": [n, null, true, 1.5, {}]}, "e": []});
        prop_assert_eq!(lenient::read(&value.to_string()), Some(value));
    }
}
