//! From the compiler's WebAssembly to the one that is served, and the JavaScript that starts it.
//!
//! Owns the use of wasm-bindgen and wasm-opt. Must never touch names, compression or the page.

use std::{
    fs,
    path::Path,
    process::{Command, ExitStatus},
};

use walrus::{ExportItem, Module, RefType, TableId};
use wasm_bindgen_cli_support::Bindgen;

use crate::{Outcome, read};

/// The name by which the glue asks for its WebAssembly, before it is given the real one.
pub(crate) const NAME_IN_GLUE: &str = "frontend_bg.wasm";

/// What the compiler's output has become.
pub(crate) struct Built {
    /// The WebAssembly as it is served.
    pub(crate) wasm: Vec<u8>,
    /// The module that fetches and starts it.
    pub(crate) glue: String,
}

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
    Bindgen::new()
        .input_path(wasm)
        .out_name("frontend")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(scratch)?;
    // Scripts of dependencies would need names of their own in the site; none of ours has any.
    if scratch.join("snippets").exists() || scratch.join("package.json").exists() {
        return Err("a dependency brings JavaScript of its own, which this tool does not serve".into());
    }

    let bound = scratch.join(NAME_IN_GLUE);
    let optimised = scratch.join("optimised.wasm");
    let done = match optimise(&bound, &optimised) {
        Ok(status) if status.success() => true,
        Ok(status) => {
            println!("bundle: wasm-opt failed ({status}); the bundle is larger than it need be");
            false
        }
        Err(_) => {
            println!("bundle: wasm-opt is not here (Debian: binaryen); the bundle is larger for it");
            false
        }
    };
    let wasm = if done {
        with_right_table(read(&optimised)?)?
    } else {
        read(&bound)?
    };
    Ok(Built {
        wasm,
        glue: String::from_utf8(read(&scratch.join("frontend.js"))?)?,
    })
}

fn optimise(from: &Path, to: &Path) -> std::io::Result<ExitStatus> {
    Command::new("wasm-opt")
        .arg("-Oz")
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
