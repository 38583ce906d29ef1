//! Reading one source file: names through its imports, macros, async blocks, mutable statics.

use std::collections::BTreeMap;

use syn::{UseTree, spanned::Spanned, visit::Visit};

use super::banned::{MACROS, PATHS};

/// What one file does that the engine may not, by line, outside its tests.
pub(super) fn faults_in(file: &syn::File) -> Vec<(usize, String)> {
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
        for (banned, reason) in PATHS {
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
            && MACROS.iter().any(|banned| segment.ident == banned)
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

pub(super) fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_cfg_test = attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"));
        is_cfg_test || attribute.path().is_ident("test")
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
}
