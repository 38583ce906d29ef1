//! Writes the schemas into a folder, or says where its files differ from them.
//!
//! `interaction-schema write docs/schema`, `interaction-schema check docs/schema`

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use interaction_schema::Direction;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["write", folder] => Direction::ALL.into_iter().try_for_each(|direction| write(Path::new(folder), direction)),
        ["check", folder] => Direction::ALL.into_iter().try_for_each(|direction| check(Path::new(folder), direction)),
        _ => Err("say `write FOLDER` or `check FOLDER`".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path, direction: Direction) -> Result<(), String> {
    let path = folder.join(direction.file_name());
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    fs::write(&path, direction.text()).map_err(|error| format!("{}: {error}", path.display()))
}

fn check(folder: &Path, direction: Direction) -> Result<(), String> {
    let path = folder.join(direction.file_name());
    let found = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let expected = direction.text();
    if found == expected {
        return Ok(());
    }
    let same = found.lines().zip(expected.lines()).take_while(|(found, expected)| found == expected).count();
    Err(format!(
        "{}:{}: not what the protocol's types say\n  file:  {}\n  types: {}\nwrite it anew with `cargo xtask schema`",
        path.display(),
        same + 1,
        found.lines().nth(same).unwrap_or("(the end)").trim(),
        expected.lines().nth(same).unwrap_or("(the end)").trim(),
    ))
}
