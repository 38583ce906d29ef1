//! What a component is, read from its bytes: before anything of it is compiled, let alone run.

use std::fmt;

use wasmparser::{Encoding, Parser, Payload};

/// What interfaces of this project's packages begin with. Those that only name types are imported by whoever uses the names.
const PACKAGE: &str = "interaction:processor/";
/// The interfaces a world is known by, and the versions there is a module for here.
const WORLDS: [(&str, World); 2] = [("adapter", World::CtiAdapter), ("processor", World::Engine)];
/// The versions of the interface that are known.
const VERSIONS: [&str; 1] = ["0.1"];
const TYPES: [&str; 2] = ["types", "cti"];
const PAGE_BYTES: u64 = 65_536;

/// What a component can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum World {
    /// An adapter of a telephony platform.
    CtiAdapter,
    /// The engine.
    Engine,
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CtiAdapter => "cti-adapter",
            Self::Engine => "engine",
        })
    }
}

/// What a component's bytes say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inspected {
    /// What it asks its host for.
    pub(crate) imports: Vec<String>,
    /// What it offers.
    pub(crate) exports: Vec<String>,
    /// Modules within it.
    pub(crate) modules: usize,
    /// What its memories hold at the start, in bytes.
    pub(crate) memory_bytes: u64,
}

/// Reads a component.
///
/// # Errors
/// It is none; in which way.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Inspected, String> {
    let mut found = Inspected::default();
    // What lies within a module or component within it asks the component, not the host.
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| format!("it is no whole component: {error}"))?;
        match payload {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => {
                return Err(
                    "it is a plain module, not a component: make one of it with `wasm-tools component new`".into()
                );
            }
            Payload::ModuleSection { .. } => {
                found.modules += 1;
                depth += 1;
            }
            Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::MemorySection(section) => {
                for memory in section {
                    let pages = memory.map_err(|error| error.to_string())?.initial;
                    found.memory_bytes = found.memory_bytes.saturating_add(pages.saturating_mul(PAGE_BYTES));
                }
            }
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    found.imports.push(import.map_err(|error| error.to_string())?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    found.exports.push(export.map_err(|error| error.to_string())?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

impl Inspected {
    /// What it asks its host for, names of types aside.
    pub(crate) fn wants(&self) -> Vec<&str> {
        let imports = self.imports.iter().map(String::as_str);
        imports.filter(|name| !interface(name).is_some_and(|(name, _)| TYPES.contains(&name))).collect()
    }

    /// What it is, and by which version of the interface.
    ///
    /// # Errors
    /// It is nothing this server knows.
    pub(crate) fn world(&self) -> Result<(World, String), String> {
        let mut unknown = None;
        for export in &self.exports {
            let Some((name, version)) = interface(export) else { continue };
            let Some((_, world)) = WORLDS.iter().find(|(known, _)| *known == name) else { continue };
            if VERSIONS.iter().any(|known| is_of(version, known)) {
                return Ok((*world, version.to_owned()));
            }
            unknown = Some(format!(
                "it is of version {version} of the world `{world}`; this server knows {}",
                VERSIONS.join(", ")
            ));
        }
        Err(unknown.unwrap_or_else(|| {
            let exports = if self.exports.is_empty() { "nothing".to_owned() } else { self.exports.join(", ") };
            format!("it exports {exports}: neither `{PACKAGE}adapter` nor `{PACKAGE}processor`")
        }))
    }
}

/// The name and version of an interface of this project.
fn interface(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix(PACKAGE)?.split_once('@')
}

/// Whether `0.1.3` is of `0.1`.
fn is_of(version: &str, known: &str) -> bool {
    version.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::{World, inspect};

    fn inspected(text: &str) -> super::Inspected {
        inspect(&wat::parse_str(text).unwrap()).unwrap()
    }

    #[test]
    fn what_it_asks_for_is_read_and_what_lies_within_is_not() {
        let found = inspected(
            r#"(component
                (import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result u64)))))
                (import "interaction:processor/types@0.1.0" (instance))
                (component (import "inner" (func)))
                (core module (import "env" "x" (func)) (memory 3)))"#,
        );
        assert_eq!(found.wants(), ["wasi:clocks/monotonic-clock@0.2.0"]);
        assert_eq!((found.modules, found.memory_bytes), (1, 3 * 65_536));
    }

    #[test]
    fn a_world_is_known_by_what_it_exports() {
        let of =
            |name: &str| inspected(&format!("(component (instance $i) (export \"{name}\" (instance $i)))")).world();
        assert_eq!(of("interaction:processor/adapter@0.1.0"), Ok((World::CtiAdapter, "0.1.0".into())));
        assert_eq!(of("interaction:processor/processor@0.1.7"), Ok((World::Engine, "0.1.7".into())));
        let why = of("interaction:processor/adapter@0.10.0").unwrap_err();
        assert!(why.contains("0.10.0") && why.contains("knows 0.1"), "{why}");
        assert!(of("interaction:processor/other@0.1.0").unwrap_err().contains("neither"));
        assert!(inspected("(component)").world().unwrap_err().contains("exports nothing"));
    }

    #[test]
    fn a_module_is_no_component() {
        assert!(inspect(&wat::parse_str("(module)").unwrap()).unwrap_err().contains("plain module"));
        assert!(inspect(b"something else").unwrap_err().contains("no whole component"));
        assert!(inspect(b"").is_err());
    }
}
