use super::*;

fn waits_for_more(words: &[&str]) -> bool {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    waits(&CommandLine::read(&words[0], words[1..].to_vec(), None))
}

#[test]
fn a_program_without_work_waits_for_it() {
    for line in
        ["bash", "bash -i", "python3.12", "python3 -i a.py", "node", "psql -h db", "sqlite3 a.db", "ssh host"]
    {
        assert!(waits_for_more(&line.split(' ').collect::<Vec<_>>()), "{line}");
    }
    for line in [
        "bash -c ls",
        "bash -lc ls",
        "bash a.sh",
        "python a.py",
        "python3 -m pytest",
        "node --version",
        "psql -c select",
        "psql --file=a.sql",
        "sqlite3 a.db vacuum",
        "ssh host ls",
        "git status",
        "ls",
    ] {
        assert!(!waits_for_more(&line.split(' ').collect::<Vec<_>>()), "{line}");
    }
}

#[test]
fn tools_are_refused_by_their_names() {
    assert!(refused("write_stdin").is_some());
    assert!(refused("mcp__ide__executeCode").is_some());
    assert!(refused("mcp__jupyter__run_code").is_some());
    for harmless in ["Read", "NotebookEdit", "mcp__github__create_issue", "replace", "browser_evaluate"] {
        assert_eq!(refused(harmless), None, "{harmless}");
    }
}

#[test]
fn every_line_of_the_table_is_used() {
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let kind = line.split(' ').next();
        let known = [
            "argument",
            "words",
            "fed",
            "refuse",
            "waits",
            "directory",
            "variables",
            "sql",
            "database",
            "prose",
            "query",
            "graphql",
            "address",
            "method",
            "body",
            "headers",
            "deed",
        ];
        assert!(kind.is_some_and(|kind| known.contains(&kind)), "{line}");
        assert!(kind != Some("refuse") || line.split_ascii_whitespace().count() > 2, "{line}");
    }
}
