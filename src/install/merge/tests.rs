#![allow(clippy::unwrap_used)]

use insta::assert_snapshot;

use super::*;

fn ours() -> Value {
    serde_json::from_str(r#"{"hooks":{"Pre":[{"m":"*","run":"/usr/bin/guard hook x"}]}}"#).unwrap()
}

fn merged(text: &str) -> String {
    put(text, &ours(), " hook x").unwrap()
}

#[test]
fn what_stands_there_stays() {
    assert_snapshot!(merged(""), @r#"
    {
      "hooks": {
        "Pre": [
          {
            "m": "*",
            "run": "/usr/bin/guard hook x"
          }
        ]
      }
    }
    "#);
    assert_snapshot!(merged("{\n    // mine\n    \"b\": 1, // one\n    \"hooks\": { \"Pre\": [\n        {\"run\": \"mine\"}, /* first */\n    ] }\n}\n"), @r#"
    {
        // mine
        "b": 1, // one
        "hooks": { "Pre": [
            {"run": "mine"},
            {
                "m": "*",
                "run": "/usr/bin/guard hook x"
            } /* first */
        ] }
    }
    "#);
    assert_snapshot!(merged(r#"{"a": 1}"#), @r#"
    {"a": 1,
      "hooks": {
        "Pre": [
          {
            "m": "*",
            "run": "/usr/bin/guard hook x"
          }
        ]
      }
    }
    "#);
}

#[test]
fn twice_is_once_and_out_is_out() {
    let mine = r#"{"hooks": {"Pre": [{"run": "mine"}], "Post": []}, "z": null}"#;
    for text in ["", "{}", "[]", mine, "{\n\t\"a\": [1,],\n}\n"] {
        if text == "[]" {
            assert!(put(text, &ours(), " hook x").is_err());
            continue;
        }
        let once = merged(text);
        assert_eq!(merged(&once), once);
        let out = take_out(&once, &ours()).unwrap();
        assert!(!out.contains("guard"), "{out}");
        assert_eq!(take_out(&out, &ours()), None);
    }
    assert!(take_out(&merged(mine), &ours()).unwrap().starts_with(r#"{"hooks": {"Pre": [{"run": "mine"}"#));
}

#[test]
fn an_older_item_of_guards_is_replaced() {
    let old = r#"{"hooks":{"Pre":[{"m":"Bash","run":"/old/guard hook x"},{"run":"other hook y"}]}}"#;
    let value: Value = serde_json::from_str(&merged(old)).unwrap();
    assert_eq!(value["hooks"]["Pre"][0], ours()["hooks"]["Pre"][0]);
    assert_eq!(value["hooks"]["Pre"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_no_json_or_holds_something_else_is_left_alone() {
    let refused = |text: &str| put(text, &ours(), " hook x").unwrap_err();
    assert_snapshot!(refused("{\n  \"a\": 1\n  \"b\": 2\n}"), @"line 3, column 3: it is no JSON; it was left alone");
    assert_snapshot!(refused("{\"hooks\": []}"), @"`hooks` holds something else than guard would put there");
    assert_snapshot!(refused("{\"a\": }"), @"line 1, column 7: it is no JSON; it was left alone");
    assert_snapshot!(refused("{} {}"), @"line 1, column 4: it is no JSON; it was left alone");
    assert!(refused(&"[".repeat(100_000)).contains("too deep"));
    for end in 1..merged("").trim_end().len() {
        assert!(put(&merged("")[..end], &ours(), " hook x").is_err() || merged("")[..end].trim().is_empty());
    }
}
