//! `token new`: draws a bearer token, shows it once, and prints the entry by which a server knows it.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use interaction_core::secret::Secret;
use serde::Serialize;

use super::Failed;
use crate::config::{Scope, TokenSettings, epoch_ms};
use crate::http::push_random;
use crate::tokens::hash_text;

/// What every token begins with, so that it is known for one where it should not be.
const PREFIX: &str = "ipt_";
/// The longest token that is read from a file, in bytes: far more than any that is drawn.
const TOKEN_BYTES_MAX: usize = 4 << 10;

/// `interaction-processor token`
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Draw a token, show it once, and print its entry in the configuration
    New(NewArgs),
}

/// `interaction-processor token new`
#[derive(Debug, ClapArgs)]
pub(super) struct NewArgs {
    /// Whose token it is
    #[arg(long)]
    subject: String,
    /// What it permits, separated by commas
    #[arg(long, value_delimiter = ',', required = true)]
    scopes: Vec<Scope>,
    /// Until when, such as 2027-01-01T00:00:00Z; without it for ever
    #[arg(long, value_name = "MOMENT")]
    expires: Option<String>,
    /// Write the token to a new file that its owner alone can read, instead of showing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Entries {
    tokens: [TokenSettings; 1],
}

/// Draws a token.
pub(super) fn run(command: Command) -> Result<(), Failed> {
    let Command::New(args) = command;
    if args.expires.as_deref().is_some_and(|expires| epoch_ms(expires).is_none()) {
        return Err(Failed::usage("--expires needs a moment with its zone, such as 2027-01-01T00:00:00Z"));
    }
    let mut token = PREFIX.to_owned();
    push_random(&mut token).ok_or_else(|| Failed::new("the system gives no random bytes"))?;
    let token = Secret::new(token);
    let NewArgs { subject, scopes, expires, out } = args;
    let entry = TokenSettings { hash: hash_text(token.expose()), subject, scopes, expires };
    let entry = toml::to_string(&Entries { tokens: [entry] }).map_err(Failed::new)?;
    let shown = match &out {
        Some(path) => write(path, &token).map(|()| String::new())?,
        None => format!("# The token, shown this once:\n# {}\n", token.expose()),
    };
    io::stdout()
        .write_all(format!("{shown}{entry}").as_bytes())
        .map_err(|error| Failed::new(format!("cannot write: {error}")))
}

fn write(path: &Path, token: &Secret) -> Result<(), Failed> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = made.and_then(|mut file| file.write_all(format!("{}\n", token.expose()).as_bytes()));
    written.map_err(|error| Failed::new(format!("cannot write the token to {}: {error}", path.display())))
}

/// Reads a token from a file that its owner alone can read.
pub(super) fn read(path: &Path) -> Result<Secret, Failed> {
    let shown = path.display();
    let fail = |error: io::Error| Failed::usage(format!("cannot read the token file {shown}: {error}"));
    let metadata = std::fs::metadata(path).map_err(fail)?;
    let mode = metadata.mode() & 0o777;
    if metadata.is_file() && mode & 0o077 != 0 {
        return Err(Failed::usage(format!(
            "others can read or write the token file {shown} (mode {mode:03o}): run `chmod 600 {shown}`, and have a new token \
             if it was exposed"
        )));
    }
    let text = Secret::new(std::fs::read_to_string(path).map_err(fail)?);
    let token = text.expose().trim();
    if token.is_empty() || token.len() > TOKEN_BYTES_MAX || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failed::usage(format!("the token file {shown} must hold one token and nothing else")));
    }
    Ok(Secret::new(token.to_owned()))
}
