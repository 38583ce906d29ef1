//! Licences, bans and sources of every dependency, by cargo-deny or, where it is missing, by the same `deny.toml` here.

use std::{collections::BTreeMap, fs};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::{
    command, install,
    stages::{Context, Outcome},
    workspace::{Package, Workspace},
};

/// The part of `deny.toml` applied here.
#[derive(Debug, Deserialize)]
struct Policy {
    licenses: Licenses,
    bans: Bans,
    #[serde(default)]
    sources: Sources,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// One crate that may be under more licences than the rest.
#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    #[serde(default)]
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Debug, Default, Deserialize)]
struct Sources {
    #[serde(default, rename = "allow-git")]
    allow_git: Vec<String>,
}

pub(crate) fn check(context: &Context<'_>) -> Result<Outcome> {
    let workspace = context.workspace;
    // Even beside cargo-deny, so that both readings of the policy stay true.
    let outcome = check_here(workspace)?;
    if let Some(cargo_deny) = install::cargo_deny(workspace, context.is_long)? {
        let mut deny = std::process::Command::new(cargo_deny);
        deny.current_dir(&workspace.root);
        command::run(deny.args(["check", "bans", "licenses", "sources"]))?;
    } else {
        println!("cargo-deny is not installed (`--long` builds it): deny.toml was applied by xtask alone");
    }
    Ok(outcome)
}

fn check_here(workspace: &Workspace) -> Result<Outcome> {
    let text = fs::read_to_string(workspace.root.join("deny.toml")).context("cannot read deny.toml")?;
    let policy: Policy = toml::from_str(&text).context("deny.toml")?;
    let packages = workspace.all_packages()?;
    let mut faults = Vec::new();
    for package in &packages {
        faults.extend(faults_of(package, &policy).with_context(|| package.name.clone())?);
    }
    if !faults.is_empty() {
        bail!("{} faults\n{}", faults.len(), faults.join("\n"));
    }
    let foreign = packages.iter().filter(|package| package.source.is_some()).count();
    Ok(Outcome::Passed(format!("{foreign} dependencies, {} in several versions", repeated(&packages))))
}

/// What the policy has against one package, in words.
fn faults_of(package: &Package, policy: &Policy) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let title = format!("{} {}", package.name, package.version);
    if let Some(ban) = policy.bans.deny.iter().find(|ban| ban.name == package.name) {
        faults.push(format!("{title} is banned: {}", ban.reason));
    }
    for dependency in &package.dependencies {
        if dependency.registry.is_some() {
            faults.push(format!("{title} takes {} from a registry of its own", dependency.name));
        }
    }
    if let Some(git) = package.source.as_deref().and_then(|source| source.strip_prefix("git+"))
        && !policy.sources.allow_git.iter().any(|allowed| git.starts_with(allowed.as_str()))
    {
        faults.push(format!("{title} comes from a git repository that [sources] does not allow"));
    }
    match &package.license {
        Some(license) if !is_allowed(license, &package.name, &policy.licenses)? => {
            faults.push(format!("{title} is under {license}, which [licenses] does not allow"));
        }
        None if package.license_file.is_none() => faults.push(format!("{title} names no licence")),
        None => faults.push(format!("{title} has a licence text only: read it, then add a clarification")),
        Some(_) => {}
    }
    Ok(faults)
}

/// Whether some choice the expression leaves us is allowed.
fn is_allowed(license: &str, package: &str, policy: &Licenses) -> Result<bool> {
    let expression = spdx::Expression::parse_mode(license, spdx::ParseMode::LAX)
        .with_context(|| format!("`{license}` is not a licence expression"))?;
    let exceptions = policy.exceptions.iter().filter(|exception| exception.name == package);
    let mut allowed = Vec::new();
    for text in policy.allow.iter().chain(exceptions.flat_map(|exception| &exception.allow)) {
        let licensee =
            spdx::Licensee::parse(text).with_context(|| format!("`{text}` in deny.toml is not a licence"))?;
        allowed.push(licensee);
    }
    Ok(expression.evaluate(|needed| allowed.iter().any(|licensee| licensee.satisfies(needed))))
}

fn repeated(packages: &[Package]) -> usize {
    let mut versions = BTreeMap::<&str, usize>::new();
    for package in packages {
        *versions.entry(&package.name).or_default() += 1;
    }
    versions.values().filter(|count| **count > 1).count()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy() -> Policy {
        toml::from_str(
            r#"
            [licenses]
            allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
            exceptions = [{ crate = "ring-like", allow = ["ISC"] }]
            [bans]
            deny = [{ crate = "openssl", reason = "TLS is rustls" }]
            [sources]
            allow-git = ["https://example.org/ours"]
            "#,
        )
        .unwrap()
    }

    fn faults(name: &str, license: &str, source: &str, registry: Option<&str>) -> Vec<String> {
        let package = json!({
            "name": name, "version": "1.0.0", "license": license, "license_file": null, "source": source,
            "manifest_path": "/x/Cargo.toml", "targets": [],
            "dependencies": [{ "name": "inner", "registry": registry }],
        });
        faults_of(&serde_json::from_value(package).unwrap(), &policy()).unwrap()
    }

    #[test]
    fn a_choice_of_licences_needs_one_allowed_and_a_sum_needs_all() {
        assert!(faults("a", "GPL-3.0 OR MIT", "registry+x", None).is_empty());
        assert!(faults("a", "MIT/Apache-2.0", "registry+x", None).is_empty());
        assert!(faults("a", "Apache-2.0 WITH LLVM-exception", "registry+x", None).is_empty());
        assert_eq!(
            faults("a", "MIT AND GPL-3.0", "registry+x", None),
            ["a 1.0.0 is under MIT AND GPL-3.0, which [licenses] does not allow"]
        );
    }

    #[test]
    fn an_exception_holds_for_its_crate_alone() {
        assert!(faults("ring-like", "ISC", "registry+x", None).is_empty());
        assert_eq!(faults("other", "ISC", "registry+x", None).len(), 1);
    }

    #[test]
    fn banned_crates_and_strange_sources_are_named() {
        assert_eq!(faults("openssl", "MIT", "registry+x", None), ["openssl 1.0.0 is banned: TLS is rustls"]);
        assert_eq!(faults("a", "MIT", "git+https://example.org/theirs?rev=1", None).len(), 1);
        assert!(faults("a", "MIT", "git+https://example.org/ours?rev=1", None).is_empty());
        assert_eq!(
            faults("a", "MIT", "registry+x", Some("https://example.org/registry")),
            ["a 1.0.0 takes inner from a registry of its own"]
        );
    }
}
