#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::test_process::processor_time;

/// Says what a document would do: `mutation Name: field field`, an operation after another.
fn outline(document: &Document) -> String {
    let mut out = Vec::new();
    if document.unknown {
        out.push("unknown".to_owned());
    }
    for operation in &document.operations {
        let kind = format!("{:?}", operation.kind).to_lowercase();
        let name = operation.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        let fields: Vec<_> = operation.fields.iter().map(|field| field.name.replace(UNKNOWN, "?")).collect();
        out.push(format!("{kind}{name}: {}", fields.join(" ")));
    }
    out.join("; ")
}

#[track_caller]
fn check(document: &str, expect: &str) {
    let read = read(document);
    assert!(!read.broken, "{document:?} is broken");
    assert_eq!(outline(&read), expect, "in {document:?}");
}

/// Checks which fields of a broken document could be changes.
#[track_caller]
fn changes(document: &str, expect: &[&str]) {
    let read = read(document);
    assert!(read.broken, "{document:?} is not broken");
    let mut names: Vec<_> =
        read.operations.iter().filter(|o| o.may_change()).flat_map(|o| &o.fields).collect();
    names.dedup_by(|a, b| a.name == b.name);
    let names: Vec<_> = names.iter().map(|field| field.name.replace(UNKNOWN, "?")).collect();
    for name in expect {
        assert!(names.iter().any(|found| found == name), "no {name} in {names:?} of {document:?}");
    }
    assert!(!expect.is_empty() || names.is_empty(), "{names:?} in {document:?}");
}

#[test]
fn operations_and_their_fields() {
    check("mutation { volumeDelete(volumeId: \"x\") }", "mutation: volumeDelete");
    check(
        "mutation volumeDelete($volumeId: String!) { volumeDelete(volumeId: $volumeId) }",
        "mutation volumeDelete: volumeDelete",
    );
    check("mutation($id:String!){volumeDelete(volumeId:$id)}", "mutation: volumeDelete");
    check("query { me { id } }", "query: me");
    check("{ me { id } project(id: 1) { name } }", "query: me project");
    check("subscription S { logs { line } }", "subscription S: logs");
    check("mutation M { a b }  query Q { c }", "mutation M: a b; query Q: c");
    check("mutation List { volumeDelete(volumeId: 1) }", "mutation List: volumeDelete");
    check("query volumeDelete { volumes { id } }", "query volumeDelete: volumes");
    check("mutation query { volumeDelete }", "mutation query: volumeDelete");
    check("mutation @live { a @skip(if: true) @include(if: $b) }", "mutation: a");
    check("mutation,{,a,,b,}", "mutation: a b");
    check("\u{feff}mutation { a }", "mutation: a");
    check("mutation\r\n{\r\n\ta\r\n}", "mutation: a");
    check("mutation { a { volumeDelete } }", "mutation: a");
    check("type Mutation { volumeDelete(id: ID!): Boolean }", "");
}

#[test]
fn aliases_and_fragments_hide_nothing() {
    check("mutation { list: volumeDelete(volumeId: 1) }", "mutation: volumeDelete");
    check("mutation { volumeDelete: me { id } }", "mutation: me");
    check("mutation { ...F } fragment F on Mutation { volumeDelete }", "mutation: volumeDelete");
    check(
        "fragment F on Mutation { a: volumeDelete ...G } fragment G on Mutation { b } mutation { ...F c }",
        "mutation: volumeDelete b c",
    );
    check("mutation { ... on Mutation { volumeDelete } }", "mutation: volumeDelete");
    check("mutation { ... @include(if: true) { volumeDelete ... { b } } }", "mutation: volumeDelete b");
    check("mutation { ...F ...F } fragment F on Mutation { a ...F }", "mutation: a");
    check("query { ...F } fragment F on Query { me } mutation { b }", "query: me; mutation: b");
    check("mutation { ...Missing a }", "mutation: a");
}

#[test]
fn mentions_are_no_fields() {
    check("query { __type(name: \"volumeDelete\") { name } }", "query: __type");
    check("# mutation { volumeDelete }\nquery { me }", "query: me");
    check("query { search(text: \"mutation { volumeDelete }\") { id } }", "query: search");
    check(
        "query { search(text: \"\"\"mutation { volumeDelete } \"quoted\" \\\"\"\" \"\"\") { id } }",
        "query: search",
    );
    check("query { search(text: \"a \\\" } mutation { volumeDelete }\") { id } }", "query: search");
    check("mutation { note(text: \"volumeDelete(id: 1)\") }", "mutation: note");
    check("query { __schema { mutationType { fields { name } } } }", "query: __schema");
}

#[test]
fn arguments() {
    let document = read(
        "mutation($id: ID = 5) { volumeInstanceUpdate(volumeId: $id, n: -2, f: 1.5e3, s: \"a\\u0062\\n\", b: true, \
         z: null, list: [1, A, $id], input: {state: DELETED, deep: {x: \"y\"}}, text: \"\"\" block \"q\" \"\"\") }",
    );
    let field = &document.operations[0].fields[0];
    let value = |name: &str| field.argument(name).unwrap().literal.clone();
    assert_eq!(field.argument("volumeId").unwrap().variable.as_deref(), Some("id"));
    assert_eq!(field.argument("volumeId").unwrap().source, "$id");
    assert_eq!(value("volumeId"), None);
    assert_eq!(value("n"), Some(json!(-2)));
    assert_eq!(value("f"), Some(json!(1500.0)));
    assert_eq!(value("s"), Some(json!("ab\n")));
    assert_eq!(value("b"), Some(json!(true)));
    assert_eq!(value("z"), Some(Value::Null));
    assert_eq!(value("list"), Some(json!([1, "A", UNKNOWN.to_string()])));
    assert_eq!(value("input"), Some(json!({"state": "DELETED", "deep": {"x": "y"}})));
    assert_eq!(value("text"), Some(json!("block \"q\"")));
    assert_eq!(field.argument("input").unwrap().source, "{state: DELETED, deep: {x: \"y\"}}");
    assert_eq!(field.argument("volumeId").unwrap().value(&json!({"id": "3d2"})), json!("3d2"));
    assert_eq!(field.argument("volumeId").unwrap().value(&Value::Null), json!(UNKNOWN.to_string()));
    assert_eq!(field.argument("n").unwrap().value(&json!({"n": 7})), json!(-2));
    assert!(field.argument("missing").is_none());
}

#[test]
fn operation_names_pick() {
    let document = read("query List { volumes } mutation Drop { volumeDelete }");
    let kinds = |name| document.executed(name).iter().map(|operation| operation.kind).collect::<Vec<_>>();
    assert_eq!(kinds(Some("List")), [OperationKind::Query]);
    assert_eq!(kinds(Some("Drop")), [OperationKind::Mutation]);
    assert_eq!(kinds(None), [OperationKind::Query, OperationKind::Mutation]);
    assert_eq!(kinds(Some("Other")), [OperationKind::Query, OperationKind::Mutation]);
    assert_eq!(read("query A { b } mutation { c(").executed(Some("A")).len(), 2);
}

#[test]
fn unknown_stretches() {
    assert_eq!(outline(&read("\u{F0000}")), "unknown");
    assert_eq!(outline(&read(" \u{F0001}\n")), "unknown");
    assert_eq!(outline(&read("")), "");
    check("mutation { volumeDelete(volumeId: \u{F0000}) }", "mutation: volumeDelete");
    check(
        "mutation { a(ids: [\u{F0000}], s: \"x\u{F0000}\") volumeDelete(volumeId: \u{F0000}-\u{F0000}) b }",
        "mutation: a volumeDelete b",
    );
    check("query { volumes(id: \u{F0000}) { id } }", "query: volumes");
    let document = read("mutation { volumeDelete(volumeId: a\u{F0000}b) }");
    assert_eq!(
        document.operations[0].fields[0].argument("volumeId").unwrap().literal,
        Some(json!("a\u{F0000}b"))
    );
    changes("mutation { \u{F0000}(id: 1) }", &["?"]);
    changes("mutation { volume\u{F0000}(id: 1) }", &["volume?"]);
    changes("mutation { \u{F0000} }", &["?"]);
    changes("\u{F0000} { volumeDelete(id: 1) }", &["volumeDelete"]);
    changes("mutat\u{F0000} { volumeDelete }", &["volumeDelete"]);
    changes("mutation \u{F0000}", &["?"]);
    changes("query { \u{F0000} }", &[]);
}

#[test]
fn broken_documents() {
    changes("mutation { a(id: {{x}}) volumeDelete(volumeId: \"x\") }", &["a", "volumeDelete"]);
    changes("mutation { a(id: ${id}) volumeDelete(id: 1) }", &["volumeDelete"]);
    changes("mutation { volumeDelete(volumeId: %s) { id } other }", &["volumeDelete", "other"]);
    changes("mutation { volumeDelete(id: 'x') other }", &["volumeDelete", "other"]);
    changes("mutation { volumeDelete(id: \\\"x\\\") other }", &["volumeDelete", "other"]);
    changes("mutation { a(id: \"unterminated) volumeDelete }", &["volumeDelete"]);
    changes("mutation Foo( { volumeDelete(id:1) }", &["volumeDelete"]);
    changes("mutation ($a: {{T}}) { volumeDelete(id:1) }", &["volumeDelete"]);
    changes("{{op}} { volumeDelete(id:1) }", &["volumeDelete"]);
    changes("mutation { volumeDelete(id: 1)", &["volumeDelete"]);
    changes("mutation { ) volumeDelete(id: 1) }", &["volumeDelete"]);
    changes("mutation volumeDelete(id: 1)", &["volumeDelete"]);
    changes("mutation { ...F %} fragment F on Mutation { x: volumeDelete % }", &["volumeDelete"]);
    changes("query { a(b: \"x} } mutation { volumeDelete }", &["volumeDelete"]);
    changes("mutation { a(s: \"\"\"never closed) volumeDelete }", &["volumeDelete"]);
    changes("mutation { a(s: \"volumeDelete\", t: %) }", &["a"]);
    changes("query { volumes(id: {{x}}) { id } }", &[]);
    changes("query { __type(name: \"volumeDelete\" %) { name } }", &[]);
    changes("query { me ", &[]);
    changes("{ me(id: %s) }", &[]);
    changes("query { ...F } fragment F on Query { volumeDelete(id: %s) }", &[]);
    changes("type Mutation { volumeDelete(id: %s): Boolean }", &[]);
    let names = |text: &str| outline(&read(text));
    assert!(!names("mutation { b: volumeDelete(id: %, on: x) @skip(if: $y) }").contains(" y"));
}

#[test]
fn time_is_linear() {
    let pieces = [
        "{",
        "}",
        "(",
        "[",
        "\"",
        "\"\"\"",
        "\\\"",
        "\\\"\"\"",
        "%",
        "#\n",
        "a ",
        "a:",
        "a(",
        "a{",
        "...",
        "...F ",
        "@",
        "$",
        "query ",
        "mutation ",
        "mutation{a}",
        "fragment F on M{...F}",
        "\u{F0000}",
        "{a(b:\u{F0000})",
        "\"\\",
        "é",
        "{{",
        "mutation{a(b:[",
    ];
    for piece in pieces {
        let text = piece.repeat(64_000 / piece.len());
        let time = processor_time(|| {
            read(&text);
            read(&format!("mutation {{ {text}"));
        });
        assert!(time.as_millis() < 2500, "{piece:?} takes {time:?}");
    }
    let mut fragments = String::from("mutation { ...F0 }");
    for n in 0..200 {
        fragments += &format!(" fragment F{n} on M {{ a{n} ...F{} ...F{} }}", n + 1, n + 1);
    }
    assert_eq!(read(&fragments).operations[0].fields.len(), 200);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(text in "\\PC*", mixed in proptest::collection::vec(proptest::sample::select(WORDS.to_vec()), 0..50)) {
        outline(&read(&text));
        outline(&read(&mixed.concat()));
    }

    /// A mutation is seen whatever stands in the values before it.
    #[test]
    fn holes_hide_nothing(hole in proptest::sample::select(HOLES.to_vec()), other in proptest::sample::select(HOLES.to_vec())) {
        let document = format!("mutation {{ a(id: {hole}, b: {other}) volumeDelete(volumeId: {other}) }}");
        let read = read(&document);
        let seen = read.operations.iter().any(|o| o.may_change() && o.fields.iter().any(|f| f.name == "volumeDelete"));
        prop_assert!(seen, "{}", document);
    }
}

const WORDS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "$",
    "@",
    "...",
    "!",
    "=",
    "|",
    "&",
    "\"",
    "\"\"\"",
    "\\",
    "#",
    "\n",
    " ",
    ",",
    "a",
    "on",
    "query",
    "mutation",
    "fragment",
    "subscription",
    "type",
    "extend",
    "1",
    "-",
    "1.5",
    "true",
    "null",
    "\u{F0000}",
    "é",
    "%",
];

const HOLES: &[&str] = &[
    "1",
    "\"x\"",
    "$id",
    "\u{F0000}",
    "'x'",
    "%s",
    "{{x}}",
    "{{ x }}",
    "${x}",
    "<%= x %>",
    "\\\"x\\\"",
    "@x",
    "\"\"",
    "",
    "[",
    "é",
    "{a: }",
    "\"\"\"x\"\"\"",
    "\"\\q\"",
    "#{x}\n",
    "`x`",
];
