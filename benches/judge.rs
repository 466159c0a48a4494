//! What judging costs without starting a process: `cargo bench --bench judge`.

use std::collections::BTreeMap;

use guard::rulebook::Rulebook;
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
