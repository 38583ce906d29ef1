//! Writes the valid inputs of a target into a folder, for a fuzzer to begin from.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(folder)) = (arguments.next(), arguments.next()) else {
        eprintln!("interaction-fuzz TARGET FOLDER");
        return ExitCode::FAILURE;
    };
    let Some(target) = interaction_fuzz::target(&name) else {
        eprintln!("no target is called `{name}`");
        return ExitCode::FAILURE;
    };
    let folder = Path::new(&folder);
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
        Ok(())
    };
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write into {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}
