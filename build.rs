//! Reads and checks `rules/*.yaml` and compiles them into one table; a wrong pack is a compile error.

#![allow(dead_code, reason = "the modules are the library's, of which only a part is needed here")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/rulebook/format.rs"]
mod format;
#[path = "src/rulebook/forms.rs"]
mod forms;
#[path = "src/rulebook/index.rs"]
mod index;
#[path = "src/rulebook/lint.rs"]
mod lint;
#[path = "src/rulebook/load.rs"]
mod load;
#[path = "src/rulebook/places.rs"]
mod places;
#[path = "src/rulebook/table.rs"]
mod table;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/rulebook");
    let mut sources = Vec::new();
    for path in packs_in(Path::new("rules"))? {
        let text = fs::read_to_string(&path)?;
        sources.push((path.display().to_string(), text));
    }
    let (packs, errors) = lint::read_all(&sources);
    for line in
        errors.iter().flat_map(|error| error.to_string().lines().map(str::to_owned).collect::<Vec<_>>())
    {
        println!("cargo::error={line}");
    }
    let bytes = index::compile(&packs)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    fs::write(out.join("rulebook.bin"), bytes)?;
    Ok(())
}

/// Returns the packs in `folder`, sorted; there is no list of them to keep.
fn packs_in(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
