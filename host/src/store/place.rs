//! Where the database is, and how it is to be spoken to.

use std::fmt;
use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use interaction_core::secret::Secret;
use sqlx::any::AnyConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use url::{Host, Url};

use crate::config::{Settings, StoreKind};

/// The variable that holds the password of `store.url`, where no file does.
pub(crate) const PASSWORD_VARIABLE: &str = "INTERACTION_PROCESSOR_STORE_PASSWORD";
/// The database's file in the data directory.
const FILE: &str = "interaction-processor.db";
/// How long a statement waits for another server's transaction, in milliseconds: those take far less.
const BUSY_MS: u32 = 5_000;
/// After so long the database itself gives a statement up, in milliseconds: later than this server has.
const STATEMENT_MS: u32 = 15_000;
/// SQLite's pages, in bytes.
const PAGE_BYTES: u64 = 4_096;

/// The databases there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file of this server.
    Sqlite,
    /// A server of its own, perhaps shared.
    Postgresql,
}

/// A database.
#[derive(Clone)]
pub(crate) struct Place {
    pub(super) kind: Kind,
    /// With the password, where there is one.
    options: AnyConnectOptions,
    /// As it is shown.
    shown: String,
    /// What a session begins with.
    preamble: String,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("kind", &self.kind).field("shown", &self.shown).finish_non_exhaustive()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Place {
    /// The place the settings name; none for a store in memory. Makes the data directory where it is needed and missing.
    pub(crate) fn of(settings: &Settings) -> Result<Option<Self>, String> {
        let store = &settings.store;
        match store.kind {
            StoreKind::Memory => Ok(None),
            StoreKind::Sqlite => {
                let directory = Path::new(&settings.server.data_dir);
                let file = prepare(directory).map_err(|error| {
                    format!(
                        "`server.data-dir`: cannot use {}: {error}; name a directory that this server may write to, or set \
                         `store.kind` to \"memory\"",
                        directory.display()
                    )
                })?;
                Self::sqlite(&file, store.file_bytes_max).map(Some)
            }
            StoreKind::Postgresql => {
                let password = password(&store.password_file)?;
                Self::postgresql(&store.url, password.as_ref()).map(Some)
            }
        }
    }

    /// The same for one who only reads: nothing is made.
    pub(crate) fn existing(settings: &Settings) -> Result<Option<Self>, String> {
        if settings.store.kind != StoreKind::Sqlite {
            return Self::of(settings);
        }
        let file =
            std::path::absolute(Path::new(&settings.server.data_dir).join(FILE)).map_err(|error| error.to_string())?;
        if !file.is_file() {
            return Err(format!(
                "there is no {}: no server has run here with this configuration. Name its configuration with --config, or \
                 its data directory with `server.data-dir`",
                file.display()
            ));
        }
        Self::sqlite(&file, 0).map(Some)
    }

    /// A file, made if missing, that grows to so many bytes at most (0: as far as the disk goes).
    pub(super) fn sqlite(file: &Path, bytes_max: u64) -> Result<Self, String> {
        let shown = file.display().to_string();
        let path = file.to_str().ok_or_else(|| format!("`server.data-dir`: {shown} is not UTF-8; use another"))?;
        let mut url = Url::parse("sqlite:///").map_err(|error| error.to_string())?;
        // A percent sign stands for itself in a path, and for an escape in an address.
        url.set_path(&path.replace('%', "%25"));
        url.set_query(Some("mode=rwc"));
        let pages = match bytes_max {
            0 => String::new(),
            bytes => format!("PRAGMA max_page_count = {};", bytes.div_ceil(PAGE_BYTES)),
        };
        let preamble =
            format!("PRAGMA busy_timeout = {BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {pages}");
        Ok(Self { kind: Kind::Sqlite, options: options(&url)?, shown, preamble })
    }

    /// A server of PostgreSQL. Beyond this machine its certificate is checked unless the address says otherwise.
    pub(super) fn postgresql(address: &str, password: Option<&Secret>) -> Result<Self, String> {
        let mut url = check_url(address)?;
        let shown = url.to_string();
        let named = |name: &str| url.query_pairs().any(|(key, _)| key == name);
        let mut more = Vec::new();
        if !is_local(&url) && !named("sslmode") && !named("ssl-mode") {
            more.push(("sslmode", "verify-full"));
        }
        if !named("application_name") {
            more.push(("application_name", "interaction-processor"));
        }
        url.query_pairs_mut().extend_pairs(more);
        if let Some(password) = password {
            url.set_password(Some(password.expose())).map_err(|()| "`store.url`: it names no host".to_owned())?;
        }
        let preamble = format!(
            "SET statement_timeout = {STATEMENT_MS}; SET lock_timeout = {BUSY_MS}; \
             SET idle_in_transaction_session_timeout = {STATEMENT_MS};"
        );
        Ok(Self { kind: Kind::Postgresql, options: options(&url)?, shown, preamble })
    }

    pub(super) const fn options(&self) -> &AnyConnectOptions {
        &self.options
    }

    pub(super) fn preamble(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(self.preamble.clone())
    }
}

/// What is wrong with a `store.url`, or the address itself.
pub(crate) fn check_url(address: &str) -> Result<Url, String> {
    const LIKE: &str = "such as postgresql://processor@db.example.com/processor";
    let url = Url::parse(address).map_err(|error| format!("it is no address ({error}): write one {LIKE}"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(format!("its scheme is `{}`: write an address {LIKE}", url.scheme()));
    }
    if url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password") {
        return Err(format!(
            "it holds a password, which everybody who reads the configuration sees: put it into a file that \
             `store.password-file` names, or into the variable {PASSWORD_VARIABLE}"
        ));
    }
    let named = |name: &str| url.query_pairs().any(|(key, _)| key == name);
    if url.host_str().is_none_or(str::is_empty) && !named("host") && !named("hostaddr") {
        return Err(format!("it names no host: write an address {LIKE}"));
    }
    Ok(url)
}

/// Reads the password: of the file, else of the variable.
pub(crate) fn password(file: &str) -> Result<Option<Secret>, String> {
    if file.is_empty() {
        return Ok(std::env::var(PASSWORD_VARIABLE).ok().map(Secret::new));
    }
    let mut text = fs::read_to_string(file).map_err(|error| {
        format!("`store.password-file`: cannot read {file}: {error}; name a file that holds the password alone")
    })?;
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    Ok(Some(Secret::new(text)))
}

/// Whether what is sent there stays on this machine.
fn is_local(url: &Url) -> bool {
    let query =
        url.query_pairs().find(|(key, _)| key == "host" || key == "hostaddr").map(|(_, host)| host.into_owned());
    if let Some(host) = query {
        return host.starts_with('/') || host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    }
    match url.host() {
        // An address of this scheme is not read as one.
        Some(Host::Domain(name)) => {
            name.starts_with("%2F") || name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Statements are not logged: they are always the same.
fn options(url: &Url) -> Result<AnyConnectOptions, String> {
    let options = AnyConnectOptions::from_url(url).map_err(|error| format!("`store.url`: {error}"))?;
    Ok(options.disable_statement_logging())
}

/// The database's file in its directory. Both are the server's user's alone: they hold who called whom.
fn prepare(directory: &Path) -> std::io::Result<PathBuf> {
    if !directory.is_dir() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let file = std::path::absolute(directory)?.join(FILE);
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&file)?;
    Ok(file)
}
