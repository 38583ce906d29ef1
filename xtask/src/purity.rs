//! The engine's border, checked from its sources and its dependency tree: no I/O, clock, entropy, threads, async or
//! unsafe code. Clippy refuses the same by `core/clippy.toml`, also inside macros; this check also sees whole modules.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use syn::Item;

use crate::{
    command,
    install::WASM,
    stages::{Context, Outcome},
};

mod banned;
mod search;

use banned::PACKAGES;
use search::{faults_in, is_for_tests};

const CORE: &str = "interaction-core";

pub(crate) fn check(context: &Context<'_>) -> Result<Outcome> {
    let src = context.workspace.root.join("core/src");
    let mut walk = Walk::default();
    walk.file(&src.join("lib.rs"), &src, true)?;
    let mut faults: Vec<String> = walk
        .faults
        .iter()
        .map(|(file, line, what)| format!("{}:{line}: {what}", context.workspace.relative(file)))
        .collect();
    let packages = dependencies(context)?;
    for package in &packages {
        if is_banned_package(package) {
            faults.push(format!("core depends on {package}, which brings what the driver must own"));
        }
    }
    if !faults.is_empty() {
        bail!("{} faults\n{}", faults.len(), faults.join("\n"));
    }
    Ok(Outcome::Passed(format!("{} files, {} dependencies", walk.files, packages.len())))
}

/// Every package in core's build, on this machine and for WebAssembly, with all its features.
fn dependencies(context: &Context<'_>) -> Result<Vec<String>> {
    let mut names = BTreeSet::new();
    for target in [None, Some(WASM)] {
        let mut cargo = command::cargo(context.workspace);
        cargo.args(["tree", "--package", CORE, "--edges", "normal,no-proc-macro", "--all-features"]);
        cargo.args(["--prefix", "none", "--format", "{p}"]);
        cargo.args(target.iter().flat_map(|target| ["--target", target]));
        let tree = command::output(&mut cargo)?;
        names.extend(tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned));
    }
    names.retain(|name| !name.is_empty() && name != CORE);
    Ok(names.into_iter().collect())
}

fn is_banned_package(name: &str) -> bool {
    PACKAGES.iter().any(|banned| name.strip_prefix(banned).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
}

/// Follows the modules from `lib.rs`, so that what is built only for tests is left out.
#[derive(Debug, Default)]
struct Walk {
    files: usize,
    faults: Vec<(PathBuf, usize, String)>,
}

impl Walk {
    /// `inner` is the folder in which the file's own modules lie.
    fn file(&mut self, path: &Path, inner: &Path, is_root: bool) -> Result<()> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = syn::parse_file(&text).with_context(|| format!("cannot parse {}", path.display()))?;
        self.files += 1;
        if is_root && !forbids_unsafe(&file) {
            self.faults.push((path.to_owned(), 1, "`#![forbid(unsafe_code)]` is missing".to_owned()));
        }
        for (line, what) in faults_in(&file) {
            self.faults.push((path.to_owned(), line, what));
        }
        self.modules(&file.items, path, inner)
    }

    fn modules(&mut self, items: &[Item], path: &Path, inner: &Path) -> Result<()> {
        for item in items {
            let Item::Mod(module) = item else { continue };
            if is_for_tests(&module.attrs) {
                continue;
            }
            let name = module.ident.to_string();
            let folder = inner.join(&name);
            if let Some((_, items)) = &module.content {
                self.modules(items, path, &folder)?;
                continue;
            }
            let beside = inner.join(format!("{name}.rs"));
            let within = folder.join("mod.rs");
            let file = match path_attribute(&module.attrs) {
                Some(named) => path.with_file_name(named),
                None if within.is_file() => within,
                None => beside,
            };
            self.file(&file, &folder, false)?;
        }
        Ok(())
    }
}

fn forbids_unsafe(file: &syn::File) -> bool {
    file.attrs.iter().any(|attribute| {
        attribute.path().is_ident("forbid")
            && attribute.parse_args::<syn::Path>().is_ok_and(|lint| lint.is_ident("unsafe_code"))
    })
}

fn path_attribute(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::is_banned_package;

    #[test]
    fn families_of_packages_are_banned_by_name() {
        assert!(is_banned_package("tokio"));
        assert!(is_banned_package("tokio-util"));
        assert!(is_banned_package("getrandom"));
        assert!(!is_banned_package("indexmap"));
        assert!(!is_banned_package("randomize"));
    }
}
