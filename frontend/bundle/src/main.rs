//! The build tool that turns `frontend.wasm`, the style sheets and the page around them into `target/site`.
//!
//! Owns the order of the steps, the names of the assets and the size budget. It must never fetch anything, and
//! nothing of it may end up in the server or in the app: both know it only by the files that it leaves.
//!
//! Usage: `bundle FRONTEND.wasm FRONTEND_FOLDER STYLE_FOLDER SITE_FOLDER`

#![expect(clippy::print_stdout, reason = "a build tool talks to the person who builds")]

mod page;
mod site;
mod wasm;

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What any step of the tool may answer; only `main` looks at the error, and only to print it.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// What a first visit may download in all, compressed, in bytes.
const BUDGET: usize = 200_000;

/// Where the tool reads and writes.
struct Paths {
    wasm: PathBuf,
    frontend: PathBuf,
    style: PathBuf,
    site: PathBuf,
}

impl Paths {
    fn from_arguments() -> Outcome<Self> {
        let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
        let (Some(wasm), Some(frontend), Some(style), Some(site), None) = (
            arguments.next(),
            arguments.next(),
            arguments.next(),
            arguments.next(),
            arguments.next(),
        ) else {
            return Err("usage: bundle FRONTEND.wasm FRONTEND_FOLDER STYLE_FOLDER SITE_FOLDER".into());
        };
        Ok(Self {
            wasm,
            frontend,
            style,
            site,
        })
    }

    /// Lies beside the site and not in it: everything in it is served.
    fn stamp(&self) -> PathBuf {
        self.site.with_extension("stamp")
    }

    /// Where wasm-bindgen and wasm-opt leave their files.
    fn scratch(&self) -> PathBuf {
        self.site.with_extension("scratch")
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("bundle: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let paths = Paths::from_arguments()?;
    let stamp = stamp(&paths)?;
    if fs::read_to_string(paths.stamp()).is_ok_and(|last| last == stamp) && paths.site.is_dir() {
        println!("bundle: nothing changed since the last time");
        return Ok(());
    }

    // Texts would stand in the wrong places if the catalogue had changed since.
    let order = catalogue::ORIGIN.read()?.order();
    if !wasm::holds(&read(&paths.wasm)?, &order) {
        return Err("the WebAssembly was built with other texts; build it again".into());
    }
    let built = wasm::bind(&paths.wasm, &paths.scratch())?;
    let folders = folders_of_this_machine()?;
    let told = wasm::machine_path(&built, &folders).map(str::to_owned);
    let page = page::Page::read(&paths.frontend, &paths.style)?;
    let assets = page.assemble(built)?;
    site::write(&paths.site, &assets)?;
    println!("{}", site::Table(&assets));

    let first_visit = site::first_visit(&assets);
    if first_visit > BUDGET {
        return Err(format!("a first visit downloads {first_visit} bytes; the budget is {BUDGET}").into());
    }
    if let Some(folder) = told {
        return Err(format!("the WebAssembly names {folder} of this machine; build it with ./dev").into());
    }
    // Last, so that a run that failed is never taken for one that is up to date.
    fs::write(paths.stamp(), stamp)?;
    Ok(())
}

/// Where the sources of the app and of what it depends on are, with a slash at the end.
fn folders_of_this_machine() -> Outcome<Vec<String>> {
    let given = ["HOME", "CARGO_HOME"]
        .into_iter()
        .filter_map(std::env::var_os)
        .map(PathBuf::from);
    let folders = given.chain([std::env::current_dir()?]);
    Ok(folders
        .filter(|folder| folder.parent().is_some())
        .map(|folder| format!("{}/", folder.display()))
        .collect())
}

/// Says whether anything that the result depends on has changed: every input, the optimiser and this tool.
fn stamp(paths: &Paths) -> Outcome<String> {
    let mut inputs = vec![paths.wasm.clone()];
    for folder in [&paths.frontend, &paths.style] {
        inputs.extend(files(folder)?);
    }
    let mut hash = site::Hash::default();
    for input in inputs {
        hash.update(input.to_string_lossy().as_bytes());
        hash.update(&read(&input)?);
    }
    hash.update(wasm::optimiser().unwrap_or_default().as_bytes());
    let tool = fs::metadata(std::env::current_exe()?)?;
    hash.update(format!("{} {:?}", tool.len(), tool.modified()?).as_bytes());
    Ok(hash.finish())
}

/// The files directly in a folder, in the order of their names.
fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Outcome<Vec<_>>>()?;
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

/// Reads a file and names it when that fails.
fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
