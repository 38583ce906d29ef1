//! Turns compiled modules into what hosts load, and refuses one that asks its host for anything it should not:
//! the engine has no clock, no entropy and no I/O, and this is where that is proved of the bytes themselves.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

/// All that the glue of wasm-bindgen may be asked for: to throw a failure, to make the text of a panic's trap, and to
/// prepare its own table. Some of the names end in a hash, after `_`.
const GLUE: &[&str] = &[
    "__wbg_centrefailure_new",
    "__wbg_deskfailure_new",
    "__wbg_failure_new",
    "__wbg___wbindgen_throw",
    "__wbindgen_init_externref_table",
];

const USAGE: &str = "usage: interaction-wasm-tools bindgen MODULE OUT | package MODULE OUT NAME | component MODULE OUT";

fn main() -> Result<()> {
    let args: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match &args[..] {
        [task, module, out] if task.as_os_str() == "bindgen" => bindgen(module, out),
        [task, module, out, name] if task.as_os_str() == "package" => package(module, out, &name.to_string_lossy()),
        [task, module, out] if task.as_os_str() == "component" => component(module, out),
        _ => bail!(USAGE),
    }
}

/// Writes `OUT/nodejs` and `OUT/web`: the module beside its glue and types.
fn bindgen(module: &Path, out: &Path) -> Result<()> {
    for target in ["nodejs", "web"] {
        let mut bindgen = Bindgen::new();
        bindgen.input_path(module).out_name("engine").typescript(true).remove_name_section(true);
        match target {
            "nodejs" => bindgen.nodejs(true)?,
            // Without the default path `init()` does not find its module.
            _ => bindgen.web(true)?.omit_default_module_path(false),
        };
        generate(&mut bindgen, module, &out.join(target), "engine")?;
    }
    Ok(())
}

/// Writes `OUT/NAME.js` with its types, and the module as `OUT/NAME_bg.wasm`, for the npm package: where the module is found
/// is the business of the package's entry points.
fn package(module: &Path, out: &Path, name: &str) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(name).typescript(true).remove_name_section(true);
    bindgen.web(true)?.omit_default_module_path(true);
    generate(&mut bindgen, module, out, name)
}

fn generate(bindgen: &mut Bindgen, module: &Path, folder: &Path, name: &str) -> Result<()> {
    bindgen.generate(folder).with_context(|| format!("cannot bind {}", module.display()))?;
    let built = folder.join(format!("{name}_bg.wasm"));
    let names = imports(&read(&built)?)?;
    if let Some(name) = names.iter().find(|name| !is_glue(name)) {
        bail!("{} imports `{name}`: the engine asks its host for nothing", built.display());
    }
    tell(&built, &format!("imports nothing but glue: {}", names.join(", ")))
}

/// Writes the component that a module describes in itself.
fn component(module: &Path, out: &Path) -> Result<()> {
    let bytes = read(module)?;
    let encoder = ComponentEncoder::default().validate(true).module(&bytes).map(ComponentEncoder::encode);
    let bytes = encoder.and_then(|bytes| bytes).map_err(|error| anyhow::anyhow!("{}: {error:?}", module.display()))?;
    let names = imports(&bytes)?;
    if let Some(name) = names.first() {
        bail!("{} imports `{name}`: the component asks its host for nothing", out.display());
    }
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(out, &bytes).with_context(|| format!("cannot write {}", out.display()))?;
    tell(out, "imports nothing")
}

/// What a module or component asks its host for; what lies within it asks the component, not the host.
fn imports(bytes: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ImportSection(section) if depth == 0 => {
                for import in section.into_imports() {
                    names.push(import?.name.to_owned());
                }
            }
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    names.push(import?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

fn is_glue(name: &str) -> bool {
    GLUE.iter().any(|glue| {
        name.strip_prefix(glue).is_some_and(|rest| {
            rest.is_empty() || rest.strip_prefix('_').is_some_and(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit()))
        })
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn tell(path: &Path, what: &str) -> Result<()> {
    let bytes = std::fs::metadata(path)?.len();
    println!("{}: {bytes} bytes, {what}", path.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{imports, is_glue};

    #[test]
    fn a_clock_is_no_glue() {
        assert!(is_glue("__wbg___wbindgen_throw_b855445ff6a94295"));
        assert!(is_glue("__wbindgen_init_externref_table"));
        assert!(!is_glue("__wbg_now_2d0a1b6cf3a7e1c4"));
        assert!(!is_glue("__wbg_failure_new_clock"));
        assert!(!is_glue("__wbg_getRandomValues_1c61fac11405ffdc"));
    }

    #[test]
    fn imports_are_read_from_the_bytes() {
        // (module (type (func)) (import "env" "now" (func (type 0))))
        let module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x0b\x01\x03env\x03now\0\0";
        assert_eq!(imports(module).expect("a module"), ["now"]);
        assert!(imports(b"\0asm\x01\0\0\0").expect("a module").is_empty());
        assert!(imports(b"no module").is_err());
    }
}
