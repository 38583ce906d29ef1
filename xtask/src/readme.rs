//! Documents tell no lies: commands in the README are ones our programs accept, and links lead to files.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::{
    command,
    demo::SERVER,
    stages::{Context, Outcome},
    workspace::Workspace,
};

const README: &str = "README.md";
const CI: &str = ".ci/run";
const SHELLS: [&str; 5] = ["sh", "bash", "shell", "console", "shell-session"];

pub(crate) fn check(context: &Context<'_>) -> Result<Outcome> {
    let workspace = context.workspace;
    let mut faults = Vec::new();
    let (mut commands, mut links) = (0, 0);
    for document in documents(workspace)? {
        let text = fs::read_to_string(&document).with_context(|| format!("cannot read {}", document.display()))?;
        let page = Page::read(&text);
        let name = workspace.relative(&document).to_string();
        for link in page.links.iter().filter_map(|link| local(link)) {
            links += 1;
            if !document.with_file_name(link).exists() {
                faults.push(format!("{name} links to {link}, which does not exist"));
            }
        }
        for line in &page.commands {
            commands += 1;
            if let Some(fault) = fault_of(workspace, line)? {
                faults.push(format!("{name} says `{line}`: {fault}"));
            }
        }
        if name == README {
            faults.extend(unlike_ci(workspace, &page)?);
        }
    }
    if !faults.is_empty() {
        bail!("{} faults\n{}", faults.len(), faults.join("\n"));
    }
    Ok(Outcome::Passed(format!("{commands} commands, {links} links")))
}

/// The documents at the root and of each package; the README first.
fn documents(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let readme = workspace.root.join(README);
    if !readme.is_file() {
        bail!("there is no {README}");
    }
    let mut folders = BTreeSet::from([workspace.root.clone()]);
    folders.extend(workspace.members.iter().filter_map(|m| m.manifest_path.parent()).map(Path::to_owned));
    let mut found = BTreeSet::new();
    for folder in folders {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                found.insert(path);
            }
        }
    }
    found.remove(&readme);
    Ok(std::iter::once(readme).chain(found).collect())
}

/// What CI runs stands in the README, word for word.
fn unlike_ci(workspace: &Workspace, page: &Page) -> Result<Option<String>> {
    let script = fs::read_to_string(workspace.root.join(CI)).with_context(|| format!("cannot read {CI}"))?;
    let last = script.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    let is_told = page.commands.iter().any(|line| line == last);
    Ok((!is_told).then(|| format!("{CI} runs `{last}`, which {README} does not tell")))
}

/// The part of a document that can be checked.
#[derive(Debug, Default, PartialEq, Eq)]
struct Page {
    commands: Vec<String>,
    links: Vec<String>,
}

impl Page {
    fn read(text: &str) -> Self {
        let mut page = Self::default();
        let mut block: Option<(String, String)> = None;
        for event in Parser::new(text) {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    let language = info.split([' ', ',']).next().unwrap_or_default().to_owned();
                    block = Some((language, String::new()));
                }
                Event::Text(text) => {
                    if let Some((_, lines)) = &mut block {
                        lines.push_str(&text);
                    }
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let Some((language, lines)) = block.take() {
                        page.commands.extend(commands(&language, &lines));
                    }
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into_string());
                }
                _ => {}
            }
        }
        page
    }
}

/// The commands of a block: every line of a script, and of a session only those after a prompt.
fn commands(language: &str, block: &str) -> Vec<String> {
    if !SHELLS.contains(&language) {
        return Vec::new();
    }
    let joined = block.replace("\\\n", " ");
    let is_session = joined.lines().any(|line| line.starts_with("$ "));
    let mut found = Vec::new();
    for line in joined.lines() {
        let line = if is_session { line.strip_prefix("$ ").unwrap_or_default() } else { line };
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.starts_with('#') {
            continue;
        }
        let parts = line.split("&&").map(str::trim).filter(|part| !part.is_empty());
        found.extend(parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    found
}

/// A link into this repository, without its anchor.
fn local(link: &str) -> Option<&str> {
    let path = link.split('#').next().unwrap_or_default();
    let is_elsewhere = path.contains("://") || path.starts_with("mailto:");
    (!path.is_empty() && !is_elsewhere).then_some(path)
}

/// What is wrong with a command, as far as our own programs can tell.
fn fault_of(workspace: &Workspace, line: &str) -> Result<Option<String>> {
    let Some(words) = shlex::split(line) else {
        return Ok(Some("its quotes do not match".to_owned()));
    };
    // `NAME=value` before a command belongs to its environment.
    let mut words: Vec<String> = words.into_iter().skip_while(|word| is_assignment(word)).collect();
    if let Some(end) = words.iter().position(|word| matches!(word.as_str(), "|" | ">" | "&" | ";")) {
        words.truncate(end);
    }
    let Some((program, args)) = words.split_first() else {
        return Ok(None);
    };
    let program = program.as_str();
    if program == "cargo" {
        return Ok(cargo_fault(workspace, args));
    }
    if Path::new(program).file_name().is_some_and(|name| name == SERVER) {
        return server_fault(workspace, args);
    }
    let is_script = program.contains('/') && !program.starts_with('/');
    if is_script && !program.contains("target/") && !workspace.root.join(program).is_file() {
        return Ok(Some("there is no such file".to_owned()));
    }
    Ok(None)
}

fn cargo_fault(workspace: &Workspace, args: &[String]) -> Option<String> {
    if args.first().is_some_and(|task| task == "xtask") {
        return crate::refusal(&args[1..]);
    }
    for pair in args.windows(2) {
        let [option, name] = pair else { continue };
        let is_known = match option.as_str() {
            "--bin" => workspace.targets("bin").any(|(_, target)| target.name == *name),
            "--bench" => workspace.targets("bench").any(|(_, target)| target.name == *name),
            "--test" => workspace.targets("test").any(|(_, target)| target.name == *name),
            "--example" => workspace.targets("example").any(|(_, target)| target.name == *name),
            "-p" | "--package" => workspace.members.iter().any(|package| package.name == *name),
            _ => true,
        };
        if !is_known {
            return Some(format!("there is no {name} to give to {option}"));
        }
    }
    None
}

/// Asks the built server for the help of the subcommand, which must name every option given.
fn server_fault(workspace: &Workspace, args: &[String]) -> Result<Option<String>> {
    let is_word = |word: &&String| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
    // Words in a row are a subcommand and its own: `token new`.
    let subcommands: Vec<&str> = args.iter().take_while(is_word).map(String::as_str).collect();
    let mut server = std::process::Command::new(workspace.binary("ci", SERVER));
    server.args(&subcommands).arg("--help");
    let (is_known, help) = command::answer(&mut server)?;
    if !is_known {
        let name = if subcommands.is_empty() { "--help".to_owned() } else { subcommands.join(" ") };
        return Ok(Some(format!("{SERVER} does not know {name}")));
    }
    let known: BTreeSet<&str> = help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).collect();
    let options = args.iter().filter(|word| word.starts_with('-'));
    let unknown = options.map(|word| word.split('=').next().unwrap_or_default()).find(|option| !known.contains(option));
    Ok(unknown.map(|option| format!("{SERVER} does not know {option}")))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_scripts_and_sessions_are_found() {
        let page = Page::read(
            "```sh\n# comment\ncargo xtask test   # all\nA=1 cargo build \\\n  --release && ls\n```\n\
             ```console\n$ cargo xtask demo\nlistening\n```\n```rust\nfn main() {}\n```\n",
        );
        assert_eq!(page.commands, ["cargo xtask test", "A=1 cargo build --release", "ls", "cargo xtask demo"]);
    }

    #[test]
    fn only_links_into_the_repository_are_followed() {
        let page = Page::read("[a](core/src/lib.rs#L3) ![b](docs/b.png) [c](https://example.org/x) [d](#here)");
        let links: Vec<&str> = page.links.iter().filter_map(|link| local(link)).collect();
        assert_eq!(links, ["core/src/lib.rs", "docs/b.png"]);
    }

    #[test]
    fn invented_commands_are_refused() {
        let workspace = Workspace { root: "/nowhere".into(), target_dir: "/nowhere".into(), members: Vec::new() };
        let fault = |line: &str| fault_of(&workspace, line).unwrap();
        assert_eq!(fault("RUST_LOG=debug cargo xtask test --long"), None);
        assert!(fault("cargo xtask fly").unwrap().contains("fly"));
        assert!(fault("cargo build --bin nothing").unwrap().contains("nothing"));
        assert!(fault("scripts/none.sh").is_some());
        assert_eq!(fault("curl -s localhost | head"), None);
    }
}
