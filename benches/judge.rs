//! What judging costs without starting a process: `cargo bench --bench judge`.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use guard::rulebook::{Rulebook, index, lint};
use guard::trial;

fn main() {
    divan::main();
}

/// From what is typed all day to what takes long to read.
const COMMANDS: &[&str] = &[
    "git status",
    "cargo test --workspace -- --nocapture",
    "rm -rf node_modules dist",
    "cd infra && timeout 60 terraform -chdir=prod destroy -auto-approve",
    "echo cm0gLXJmIC9zcnYvZGF0YQo= | base64 -d | bash",
    "python3 -c \"import shutil; shutil.rmtree('/srv/data')\"",
    "curl https://backboard.railway.app/graphql/v2 -d '{\"query\":\"mutation { volumeDelete(volumeId: \\\"x\\\") }\"}'",
];

#[divan::bench(args = COMMANDS)]
fn judge(command: &str) -> usize {
    // A new book each time, as each process has one: nothing is decoded yet.
    let book = Rulebook::builtin();
    trial::judge(&book, command, &BTreeMap::new()).1.len()
}

#[divan::bench]
fn a_long_script() -> usize {
    let line =
        "for f in a b c; do if [ -f \"$f\" ]; then grep -q x \"$f\" | sort > \"/tmp/$f.out\"; fi; done\n";
    trial::judge(&Rulebook::builtin(), &line.repeat(10 * 1024 / line.len()), &BTreeMap::new()).1.len()
}

/// Packs that hold the grammar of what is typed all day.
const FEW: &[&str] = &[
    "files",
    "git",
    "http-clients",
    "interpreters",
    "npm",
    "railway",
    "shells",
    "sql",
    "sql-clients",
    "wrappers",
];

/// A harmless command costs no more with every pack than with ten: only what it can reach is decoded.
#[divan::bench(args = ["ten packs", "every pack"])]
fn harmless_commands(bencher: divan::Bencher<'_, '_>, which: &str) {
    let table: &'static [u8] = Box::leak(table(|name| which == "every pack" || FEW.contains(&name)).into());
    bencher.bench_local(|| {
        let commands =
            ["git status", "ls -la src", "npm test", "curl -s https://example.com", "grep -rn todo src"];
        let book = Rulebook::in_place(divan::black_box(table));
        commands.iter().map(|command| trial::judge(&book, command, &BTreeMap::new()).1.len()).sum::<usize>()
    });
}

/// Compiles the packs in `rules/` that are wanted, as the build does.
fn table(wanted: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "yaml") && wanted(&name) {
            files.push((format!("{name}.yaml"), std::fs::read_to_string(&path).unwrap()));
        }
    }
    files.sort();
    let packs: Vec<_> = match lint::read_all(&files, &|name| Rulebook::builtin().program(name)) {
        Ok(sources) => sources.into_iter().map(|source| source.pack).collect(),
        Err(errors) => panic!("{}", errors[0]),
    };
    index::compile(&packs).unwrap()
}
