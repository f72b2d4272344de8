//! From the compiler's WebAssembly to the one that is served, and the JavaScript that starts it.
//!
//! Owns the use of wasm-split, wasm-bindgen and wasm-opt. Must never touch names, compression or the page.

use std::{
    fs,
    path::Path,
    process::{Command, ExitStatus},
};

use walrus::{ExportItem, Module, RefType, TableId};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, transform};

use crate::{Outcome, read};

/// The name by which the glue asks for its WebAssembly, before it is given the real one.
pub(crate) const NAME_IN_GLUE: &str = "frontend_bg.wasm";

/// What the compiler's output has become.
pub(crate) struct Built {
    /// The WebAssembly of a first visit, as it is served.
    pub(crate) wasm: Vec<u8>,
    /// What is fetched later: the names by which the glue asks for it, and the WebAssembly.
    pub(crate) parts: Vec<(String, Vec<u8>)>,
    /// The module that fetches and starts all of it.
    pub(crate) glue: String,
}

/// The module by which wasm-split lets the parts be fetched.
const LINK: &str = "./parts.js";

/// The glue, as the link names it.
const GLUE: &str = "./frontend.js";

/// The instructions that the compiler emits for this target beyond the first version of WebAssembly; an older
/// wasm-opt refuses each of them unless it is named.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Makes the glue and the smallest WebAssembly that this machine can make.
pub(crate) fn bind(wasm: &Path, scratch: &Path) -> Outcome<Built> {
    if scratch.exists() {
        fs::remove_dir_all(scratch)?;
    }
    fs::create_dir_all(scratch)?;
    let compiled = read(wasm)?;
    let main = scratch.join("main.wasm");
    let split = transform({
        let mut options = Options::new(&compiled);
        options.output_dir = scratch;
        options.main_out_path = &main;
        options.link_name = LINK;
        options.main_module = GLUE;
        options
    })
    .map_err(|error| format!("taking the WebAssembly apart: {error:#}"))?;
    Bindgen::new()
        .input_path(&main)
        .out_name("frontend")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The parts use what the first one exports.
        .keep_lld_exports(true)
        .generate(scratch)?;
    // Scripts of dependencies would need names of their own in the site; none of ours has any.
    if scratch.join("snippets").exists() || scratch.join("package.json").exists() {
        return Err("a dependency brings JavaScript of its own, which this tool does not serve".into());
    }
    let text = |name: &str| -> Outcome<String> { Ok(String::from_utf8(read(&scratch.join(name))?)?) };
    let glue = with_link(&text("frontend.js")?, &text("parts.js")?)?;

    let wasm = smallest(&scratch.join(NAME_IN_GLUE), scratch)?;
    let mut parts = Vec::new();
    for path in split.split_modules {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        parts.push((name, smallest(&path, scratch)?));
    }
    // Their order decides nothing but must always be the same.
    parts.sort();
    Ok(Built { wasm, parts, glue })
}

/// One script out of the glue and the link, which name each other: names made from content could not be given to
/// both.
fn with_link(glue: &str, link: &str) -> Outcome<String> {
    let imported = |line: &str| -> Option<String> {
        let (name, from) = line.strip_prefix("import * as ")?.split_once(" from ")?;
        from.contains(LINK).then(|| name.to_owned())
    };
    let (imports, kept): (Vec<&str>, Vec<&str>) = glue.lines().partition(|line| imported(line).is_some());
    let names = imports.into_iter().filter_map(imported);
    let (_, link) = link
        .split_once(&format!("import {{ initSync }} from \"{GLUE}\";"))
        .ok_or("the link does not import the glue as expected")?;
    let loaders = link
        .lines()
        .filter_map(|line| line.strip_prefix("export const ")?.split_once(' '))
        .map(|(name, _)| name)
        .collect::<Vec<_>>()
        .join(", ");
    let link = link.replace("\nexport const ", "\nconst ");
    let names = names
        .map(|name| format!("const {name} = {{ {loaders} }};"))
        .collect::<Vec<_>>()
        .join("\n");
    Ok(format!("{}\n{link}{names}\n", kept.join("\n")))
}

/// Finds folders of this machine in what browsers get: panics name source files, and the compiler writes whole
/// paths unless it is told otherwise (`./dev` tells it).
pub(crate) fn machine_path<'a>(built: &Built, folders: &'a [String]) -> Option<&'a str> {
    let parts = built.parts.iter().map(|(_, wasm)| wasm.as_slice());
    let mut modules = parts.chain([built.wasm.as_slice(), built.glue.as_bytes()]);
    modules.find_map(|module| {
        let found = folders.iter().find(|folder| holds(module, folder));
        found.map(String::as_str)
    })
}

/// Whether a text stands somewhere in a file.
pub(crate) fn holds(file: &[u8], text: &str) -> bool {
    file.windows(text.len().max(1))
        .any(|bytes| bytes == text.as_bytes())
}

/// A module as small as this machine can make it, without what only names things.
fn smallest(from: &Path, scratch: &Path) -> Outcome<Vec<u8>> {
    let to = scratch.join("optimised.wasm");
    match optimise(from, &to) {
        Ok(status) if status.success() => with_right_table(read(&to)?),
        Ok(status) => {
            println!("bundle: wasm-opt failed ({status}); the bundle is larger than it need be");
            read(from)
        }
        Err(_) => {
            println!("bundle: wasm-opt is not here (Debian: binaryen); the bundle is larger for it");
            read(from)
        }
    }
}

fn optimise(from: &Path, to: &Path) -> std::io::Result<ExitStatus> {
    Command::new("wasm-opt")
        // Twice: what the first pass takes away lets the second see more.
        .args(["-Oz", "-Oz"])
        .args(FEATURES)
        .arg(from)
        .arg("-o")
        .arg(to)
        .status()
}

/// Exports the table of references to JavaScript again. Tried: wasm-opt 108 (Debian 12) writes the export of any
/// table as that of the first one, which holds functions; the app then stops at its first step.
fn with_right_table(wasm: Vec<u8>) -> Outcome<Vec<u8>> {
    let mut module = Module::from_buffer(&wasm).map_err(|error| format!("wasm-opt's output: {error}"))?;
    let references = module
        .tables
        .iter()
        .find(|table| table.element_ty == RefType::EXTERNREF);
    let references = references.map(walrus::Table::id);
    let exported = module
        .exports
        .iter_mut()
        .find(|export| export.name == "__wbindgen_externrefs");
    match (references, exported) {
        (Some(references), Some(export)) if !is_table(&export.item, references) => {
            export.item = ExportItem::Table(references);
            Ok(module.emit_wasm())
        }
        _ => Ok(wasm),
    }
}

fn is_table(item: &ExportItem, table: TableId) -> bool {
    matches!(item, ExportItem::Table(id) if *id == table)
}

/// The optimiser's version, or nothing where there is none: with another one the result is another.
pub(crate) fn optimiser() -> Option<String> {
    let output = Command::new("wasm-opt").arg("--version").output().ok()?;
    String::from_utf8(output.stdout).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_this_machine_is_found_in_every_file() {
        let built = |wasm: &str, part: &str, glue: &str| Built {
            wasm: wasm.as_bytes().to_vec(),
            parts: vec![("part.wasm".into(), part.as_bytes().to_vec())],
            glue: glue.into(),
        };
        let folders = ["/home/ada/".to_owned()];
        let path = "x/home/ada/.cargo/registry";
        assert_eq!(machine_path(&built("", "", ""), &folders), None);
        assert_eq!(
            machine_path(&built("crates/leptos", "/home/a", ""), &folders),
            None
        );
        for built in [built(path, "", ""), built("", path, ""), built("", "", path)] {
            assert_eq!(machine_path(&built, &folders), Some("/home/ada/"));
        }
    }

    #[test]
    fn the_glue_and_the_link_become_one_script() {
        let glue = "import * as import1 from \"./parts.js\"\nfunction initSync() {}\nuse(import1);";
        let link = "import { initSync } from \"./frontend.js\";\n\nlet a;\nexport const load_b = wrap(a);\n";
        let script = with_link(glue, link).unwrap();
        assert!(
            !script.contains("import *") && !script.contains("export"),
            "{script}"
        );
        assert!(script.contains("\nconst load_b = wrap(a);"), "{script}");
        assert!(script.contains("const import1 = { load_b };"), "{script}");
        assert!(with_link(glue, "let a;").is_err());
    }
}
