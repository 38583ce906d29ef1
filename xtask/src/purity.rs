//! The engine's border, checked from its sources and its dependency tree: no I/O, clock, entropy, threads, async or
//! unsafe code. Clippy refuses the same by `core/clippy.toml`, also inside macros; this check also sees whole modules.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use syn::{Item, UseTree, spanned::Spanned, visit::Visit};

use crate::{
    command,
    install::WASM,
    stages::{Context, Outcome},
};

const CORE: &str = "interaction-core";

/// Paths nothing in the engine may name, nor anything below them.
const BANNED_PATHS: &[(&str, &str)] = &[
    ("std::fs", "I/O belongs to the driver"),
    ("std::net::TcpStream", "I/O belongs to the driver"),
    ("std::net::TcpListener", "I/O belongs to the driver"),
    ("std::net::UdpSocket", "I/O belongs to the driver"),
    ("std::net::ToSocketAddrs", "resolving names is I/O"),
    ("std::os", "the engine is the same on every system"),
    ("std::process", "processes belong to the driver"),
    ("std::env", "ambient facts enter by the constructor"),
    ("std::thread", "threads belong to the driver"),
    ("std::io::stdin", "I/O belongs to the driver"),
    ("std::io::stdout", "I/O belongs to the driver"),
    ("std::io::stderr", "I/O belongs to the driver"),
    ("std::time::Instant", "time is an argument"),
    ("std::time::SystemTime", "time is an argument"),
    ("std::collections::HashMap", "its order differs from run to run"),
    ("std::collections::HashSet", "its order differs from run to run"),
    ("std::collections::hash_map", "its order differs from run to run"),
    ("std::collections::hash_set", "its order differs from run to run"),
    ("std::hash::RandomState", "randomness enters as a seed"),
    ("std::hash::DefaultHasher", "its algorithm is not fixed"),
    ("std::sync::Mutex", "one task owns an engine"),
    ("std::sync::RwLock", "one task owns an engine"),
    ("std::sync::Condvar", "the engine never waits"),
    ("std::sync::Barrier", "the engine never waits"),
    ("std::sync::OnceLock", "state outside the engine is not in its snapshot"),
    ("std::sync::LazyLock", "state outside the engine is not in its snapshot"),
    ("std::sync::mpsc", "the engine speaks through inputs and outputs"),
    ("std::sync::atomic", "state outside the engine is not in its snapshot"),
];

const BANNED_MACROS: &[&str] = &["dbg", "eprint", "eprintln", "print", "println", "thread_local"];

/// Packages that bring a clock, entropy, I/O, threads or a host's functions; also by the prefix of a family.
const BANNED_PACKAGES: &[&str] = &[
    "async-io",
    "async-std",
    "chrono",
    "crossbeam",
    "fastrand",
    "futures",
    "getrandom",
    "hyper",
    "instant",
    "js-sys",
    "mio",
    "nanorand",
    "oorandom",
    "parking_lot",
    "quanta",
    "rand",
    "rand_core",
    "rayon",
    "rustix",
    "smol",
    "socket2",
    "time",
    "tokio",
    "uuid",
    "wasm-bindgen",
    "wasmtime",
    "web-sys",
    "web-time",
    "windows-sys",
];

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
    let mut names = std::collections::BTreeSet::new();
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
    BANNED_PACKAGES
        .iter()
        .any(|banned| name.strip_prefix(banned).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
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

fn faults_in(file: &syn::File) -> Vec<(usize, String)> {
    let mut imports = Imports::default();
    imports.visit_file(file);
    let mut search = Search { names: &imports.names, faults: Vec::new() };
    for (path, line) in &imports.paths {
        search.path(path, *line);
    }
    search.visit_file(file);
    search.faults
}

/// What the `use` declarations of a file bring in, outside its tests.
#[derive(Debug, Default)]
struct Imports {
    /// Local name → whole path, of what comes from the standard library.
    names: BTreeMap<String, String>,
    /// Whole paths, as they stand; a glob ends in `*`.
    paths: Vec<(String, usize)>,
}

impl Imports {
    fn tree(&mut self, tree: &UseTree, prefix: &str) {
        let joined = |name: &dyn std::fmt::Display| {
            if prefix.is_empty() { name.to_string() } else { format!("{prefix}::{name}") }
        };
        let line = tree.span().start().line;
        match tree {
            UseTree::Path(path) => self.tree(&path.tree, &joined(&path.ident)),
            UseTree::Name(name) if name.ident == "self" => self.named(last(prefix), prefix.to_owned(), line),
            UseTree::Name(name) => self.named(&name.ident.to_string(), joined(&name.ident), line),
            UseTree::Rename(renamed) => {
                let whole = if renamed.ident == "self" { prefix.to_owned() } else { joined(&renamed.ident) };
                self.named(&renamed.rename.to_string(), whole, line);
            }
            UseTree::Glob(_) => self.paths.push((joined(&"*"), line)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, prefix)),
        }
    }

    fn named(&mut self, name: &str, whole: String, line: usize) {
        if is_of_std(&whole) {
            self.names.insert(name.to_owned(), whole.clone());
        }
        self.paths.push((whole, line));
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.tree(&item.tree, "");
        }
    }
}

#[derive(Debug)]
struct Search<'a> {
    names: &'a BTreeMap<String, String>,
    faults: Vec<(usize, String)>,
}

impl Search<'_> {
    fn path(&mut self, path: &str, line: usize) {
        if !is_of_std(path) {
            return;
        }
        for (banned, reason) in BANNED_PATHS {
            let is_below = path.strip_prefix(banned).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
            let is_glob_above = path.strip_suffix('*').is_some_and(|above| banned.starts_with(above));
            if is_below || is_glob_above {
                self.faults.push((line, format!("`{path}`: {reason}")));
                return;
            }
        }
    }

    fn fault(&mut self, at: &impl Spanned, what: &str) {
        self.faults.push((at.span().start().line, what.to_owned()));
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_for_tests(&item.attrs) {
            syn::visit::visit_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let Some(whole) = words.first().and_then(|first| self.names.get(first)) {
            // A lone imported name was judged where it was imported.
            if words.len() > 1 {
                words[0].clone_from(whole);
                self.path(&words.join("::"), path.span().start().line);
            }
        } else {
            self.path(&words.join("::"), path.span().start().line);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        if let Some(segment) = invoked.path.segments.last()
            && BANNED_MACROS.iter().any(|banned| segment.ident == banned)
        {
            self.fault(invoked, &format!("`{}!`: the engine speaks through outputs only", segment.ident));
        }
        syn::visit::visit_macro(self, invoked);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if signature.asyncness.is_some() {
            self.fault(&signature.ident, "an `async fn`: the engine never waits");
        }
        syn::visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.fault(block, "an `async` block: the engine never waits");
        syn::visit::visit_expr_async(self, block);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        if !matches!(item.mutability, syn::StaticMutability::None) {
            self.fault(item, "a `static mut`: state outside the engine is not in its snapshot");
        }
        syn::visit::visit_item_static(self, item);
    }
}

fn is_of_std(path: &str) -> bool {
    path == "std" || path.starts_with("std::")
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

fn forbids_unsafe(file: &syn::File) -> bool {
    file.attrs.iter().any(|attribute| {
        attribute.path().is_ident("forbid")
            && attribute.parse_args::<syn::Path>().is_ok_and(|lint| lint.is_ident("unsafe_code"))
    })
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_cfg_test = attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"));
        is_cfg_test || attribute.path().is_ident("test")
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
    use super::*;

    fn faults(source: &str) -> Vec<String> {
        let file = syn::parse_file(source).unwrap();
        faults_in(&file).into_iter().map(|(line, what)| format!("{line} {what}")).collect()
    }

    fn first_fault(source: &str) -> String {
        faults(source).into_iter().next().unwrap_or_else(|| panic!("nothing found in {source}"))
    }

    #[test]
    fn every_way_to_name_a_banned_path_is_found() {
        for source in [
            "use std::fs;",
            "use std::{fmt, fs::File};",
            "use std::collections::{BTreeMap, HashMap as Map};",
            "use std::time::*;",
            "fn f() { let t = std::time::Instant::now(); }",
            "use std::time; fn f() { let t = time::Instant::now(); }",
            "use std as s; fn f() { s::thread::yield_now(); }",
            "use std::{self as s}; fn f() { s::env::var(\"X\"); }",
            "use std::{time::{self, Duration}}; fn f(at: time::SystemTime) {}",
            "fn f() -> ::std::net::TcpStream { loop {} }",
            "mod inner { use std::sync::Mutex; }",
        ] {
            assert_eq!(faults(source).len(), 1, "{source}: {:?}", faults(source));
        }
    }

    #[test]
    fn other_impure_code_is_found_with_its_line() {
        assert!(first_fault("\nfn f() { println!(\"x\"); }").starts_with("2 `println!`"));
        assert!(first_fault("async fn f() {}").contains("async"));
        assert!(first_fault("fn f() { let x = async { 1 }; }").contains("async"));
        assert!(first_fault("static mut X: u8 = 0;").contains("static mut"));
    }

    #[test]
    fn pure_code_and_tests_are_left_alone() {
        let source = "
            use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::Duration};
            mod fs { pub fn read() {} }
            fn f(map: &BTreeMap<u8, IpAddr>) -> Duration { fs::read(); todo() }
            #[cfg(test)]
            mod tests { use std::fs; #[test] fn t() { println!(\"{:?}\", fs::read(\"x\")); } }
        ";
        assert_eq!(faults(source), [""; 0]);
    }

    #[test]
    fn families_of_packages_are_banned_by_name() {
        assert!(is_banned_package("tokio"));
        assert!(is_banned_package("tokio-util"));
        assert!(is_banned_package("getrandom"));
        assert!(!is_banned_package("indexmap"));
        assert!(!is_banned_package("randomize"));
    }
}
