//! Has the server built again when an asset comes or goes: the embedding macro names only the files that it
//! found, so the compiler alone would not notice a new one. Must never build the assets itself (`./dev` does).

fn main() -> std::io::Result<()> {
    // Cargo takes a path that is not there for one that always changes.
    std::fs::create_dir_all("../target/site")?;
    println!("cargo::rerun-if-changed=../target/site");
    Ok(())
}
