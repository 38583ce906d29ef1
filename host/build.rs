//! Pages are embedded at build time: a new build of them is a new build of the server.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let pages = Path::new("web/dist");
    // The folder is where pages are built to; a clone without it builds all the same.
    std::fs::create_dir_all(pages)?;
    println!("cargo::rerun-if-changed=web/dist");
    Ok(())
}
