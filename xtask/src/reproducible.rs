//! The components are of the same bytes wherever their sources lie: built once more from a copy elsewhere, and compared.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{
    command,
    stages::{Context, Outcome},
    wasm,
    workspace::Workspace,
};

pub(crate) fn check(context: &Context<'_>) -> Result<Outcome> {
    let here = context.workspace;
    // Other stages build more beside them, with which dependencies have other features.
    wasm::build_components(here)?;
    let folder = std::env::temp_dir().join(format!("interaction-processor-{}", std::process::id()));
    let root = folder.join("sources");
    let compared = copy(&here.root, &root).and_then(|()| {
        let there = Workspace { root, target_dir: folder.join("built"), members: Vec::new() };
        wasm::build_components_by_tools_of(here, &there)?;
        compare(&wasm::components(here), &wasm::components(&there))
    });
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    Ok(Outcome::Passed(format!("{} components", compared?)))
}

/// Everything that is or would be in the repository.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut git = Command::new("git");
    git.current_dir(from).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    for file in command::output(&mut git)?.split('\0').filter(|file| !file.is_empty()) {
        let (source, copy) = (from.join(file), to.join(file));
        // A file that is deleted and not yet committed so is still listed; a link to a folder is read through its target.
        if !source.is_file() {
            continue;
        }
        fs::create_dir_all(copy.parent().context("a file lies in a folder")?)?;
        fs::copy(&source, &copy).with_context(|| format!("cannot copy {}", source.display()))?;
    }
    Ok(())
}

fn compare(here: &Path, there: &Path) -> Result<usize> {
    // Here lies what other stages build, too.
    let mut files: Vec<PathBuf> = fs::read_dir(there)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    for file in &files {
        let name = file.file_name().context("a file has a name")?;
        if fs::read(file)? != fs::read(here.join(name))? {
            bail!("{} has other bytes when it is built in another folder", here.join(name).display());
        }
    }
    if files.is_empty() {
        bail!("{} holds no component", there.display());
    }
    Ok(files.len())
}
