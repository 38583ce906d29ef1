//! Where the server's program is.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

const NAME: &str = "interaction-processor";

/// The program: `SERVER_UNDER_TEST`, or the one of this build, brought up to date first.
pub fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| std::env::var_os("SERVER_UNDER_TEST").map_or_else(of_this_build, PathBuf::from)).clone()
}

fn of_this_build() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("target/<profile>/deps");
    let program = profile.join(NAME);
    let name = profile.file_name().and_then(|name| name.to_str()).unwrap_or("debug");
    let name = if name == "debug" { "dev" } else { name };
    let target = profile.parent().expect("target");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", name, "--package", "interaction-host", "--bin", NAME, "--target-dir"])
        .arg(target)
        .status();
    assert!(status.is_ok_and(|status| status.success()), "{NAME} cannot be built");
    program
}
