//! `cargo xtask fuzz`: the targets of `tests/fuzz` under libFuzzer, by coverage. The compiler's own instrumentation is
//! enough for it: no other toolchain and no other tool is needed, a C++ compiler aside.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{command, workspace::Workspace};

/// What libFuzzer wants to know of a program: which edges it takes, and what it compares.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                            -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                            -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
                            -Ccodegen-units=1 --cfg fuzzing";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which target
    target: String,
    /// For how long, in seconds
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=900))]
    seconds: u32,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let folder = workspace.target_dir.join("fuzz");
    let corpus = folder.join("corpus").join(&args.target);
    let mut seeds = command::cargo(workspace);
    seeds.args(["run", "--quiet", "--package", "interaction-fuzz", "--"]).arg(&args.target);
    command::run(seeds.arg(&corpus))?;

    let host = command::output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let host = host.trim();
    let mut build = command::cargo(workspace);
    build.env("CARGO_TARGET_DIR", &folder).env("RUSTFLAGS", INSTRUMENTED);
    build.args(["build", "--release", "--locked", "--manifest-path"]);
    // A target is named, or the instrumentation would reach build scripts.
    command::run(build.arg(workspace.root.join("tests/fuzz/libfuzzer/Cargo.toml")).args(["--target", host]))?;

    let findings = folder.join("findings");
    std::fs::create_dir_all(&findings)?;
    let mut fuzzer = Command::new(folder.join(host).join("release/interaction-libfuzzer"));
    fuzzer.env("FUZZ_TARGET", &args.target).arg(&corpus);
    fuzzer.arg(format!("-max_total_time={}", args.seconds)).args([
        "-max_len=16384",
        "-timeout=10",
        "-rss_limit_mb=2048",
    ]);
    fuzzer.arg(format!("-artifact_prefix={}/{}-", findings.display(), args.target));
    if let Err(error) = command::run(&mut fuzzer) {
        bail!("{error:#}; what it found lies in {}", findings.display());
    }
    Ok(())
}
