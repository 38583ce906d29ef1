//! Reading the sources, with errors that name the key, where it was set, and what to write instead.

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{CtiKind, Settings, StoreKind};
use crate::store;
use crate::tokens::Tokens;

/// What every variable's name begins with.
const PREFIX: &str = "INTERACTION_PROCESSOR_";
/// The variable that may hold the ClientPassword of UCCX. It is no key: what is set by a key can be printed.
pub(crate) const UCCX_PASSWORD: &str = "INTERACTION_PROCESSOR_CTI_UCCX_PASSWORD";
/// The section that is handed on as it is: what stands in it is a plugin's to know.
const FREE: &str = "cti.plugin.config";
/// The longest domain, vendor, service name and the like, in bytes: the protocol's bound of ids.
const NAME_BYTES_MAX: usize = interaction_core::limits::ID_BYTES_MAX;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A command-line flag.
    Flag(&'static str),
    /// Nobody set it.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "in {}", path.display()),
            Self::Variable(name) => write!(f, "in the environment variable {name}"),
            Self::Flag(flag) => write!(f, "by the flag {flag}"),
            Self::Default => f.write_str("by default"),
        }
    }
}

/// A configuration that cannot be used: says which key, where it was set, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigError(String);

impl ConfigError {
    fn new(key: &str, source: &Source, what: impl fmt::Display) -> Self {
        Self(format!("`{key}`, set {source}: {what}"))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ConfigError {}

/// Reads a file (none: defaults), variables and flags (key, flag, value), in this order of precedence.
pub(crate) fn load(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (String, String)>,
    flags: Vec<(&'static str, &'static str, Value)>,
) -> Result<Settings, ConfigError> {
    let mut sources = Sources::new()?;
    if let Some(path) = file {
        sources.file(path)?;
    }
    for (name, text) in variables {
        // Passwords are no settings: nothing shows them.
        if let Some(rest) =
            name.strip_prefix(PREFIX).filter(|_| name != UCCX_PASSWORD && name != store::PASSWORD_VARIABLE)
        {
            sources.variable(&name, rest, &text)?;
        }
    }
    for (key, flag, value) in flags {
        sources.set(key, value, Source::Flag(flag));
    }
    sources.settings()
}

struct Sources {
    /// Every key there is, with its default: what is known is what can be set.
    known: Vec<(String, Value)>,
    table: Table,
    set: Vec<(String, Source)>,
}

impl Sources {
    fn new() -> Result<Self, ConfigError> {
        let defaults = Table::try_from(Settings::default()).map_err(|error| ConfigError(error.to_string()))?;
        let known = leaves(&defaults);
        Ok(Self { known, table: Table::new(), set: Vec::new() })
    }

    fn file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let shown = path.display();
        let text = fs::read_to_string(path).map_err(|error| {
            ConfigError(format!(
                "cannot read {shown}: {error}. Give a file that exists with --config, or leave it out."
            ))
        })?;
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            ConfigError(format!("{shown} is not TOML: {}", error.to_string().trim()))
        })?;
        let source = Source::File(path.to_owned());
        for (key, value) in leaves(&table) {
            if !self.known.iter().any(|(known, _)| *known == key) {
                let what = match self.known.iter().find(|(known, _)| known.starts_with(&format!("{key}."))) {
                    Some((known, _)) => format!("it is a section, with keys such as `{known}`"),
                    None => format!("there is no such key.{}", self.nearest(&key)),
                };
                return Err(ConfigError::new(&key, &source, what));
            }
            self.set(&key, value, source.clone());
        }
        Ok(())
    }

    fn variable(&mut self, name: &str, rest: &str, text: &str) -> Result<(), ConfigError> {
        let source = Source::Variable(name.to_owned());
        let found = self.known.iter().find(|(key, _)| variable_name(key) == rest).cloned();
        let Some((key, default)) = found else {
            let names: Vec<String> = self.known.iter().map(|(key, _)| variable_name(key)).collect();
            let hint = nearest(rest, names.iter().map(String::as_str))
                .map_or(String::new(), |near| format!(" Did you mean {PREFIX}{near}?"));
            return Err(ConfigError(format!("the environment variable {name} sets no known key.{hint}")));
        };
        let value = from_text(&default, text)
            .map_err(|wanted| ConfigError::new(&key, &source, format!("it must be {wanted}, and is not")))?;
        self.set(&key, value, source);
        Ok(())
    }

    fn set(&mut self, key: &str, value: Value, source: Source) {
        let mut table = &mut self.table;
        let mut parts = key.split('.').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                table.insert(part.to_owned(), value);
                break;
            }
            let entry = table.entry(part).or_insert_with(|| Value::Table(Table::new()));
            match entry {
                Value::Table(inner) => table = inner,
                // INVARIANT: keys are checked against the known ones, and no known one is the beginning of another.
                _ => unreachable!("a section is a table"),
            }
        }
        self.set.retain(|(set, _)| set != key);
        self.set.push((key.to_owned(), source));
    }

    fn source(&self, key: &str) -> Source {
        // A list's element is named with its place.
        let key = key.split('[').next().unwrap_or(key);
        self.set.iter().find(|(set, _)| set == key).map_or(Source::Default, |(_, source)| source.clone())
    }

    fn nearest(&self, key: &str) -> String {
        nearest(key, self.known.iter().map(|(known, _)| known.as_str()))
            .map_or(String::new(), |near| format!(" Did you mean `{near}`?"))
    }

    fn settings(self) -> Result<Settings, ConfigError> {
        let settings = serde_path_to_error::deserialize(Value::Table(self.table.clone())).map_err(
            |error: serde_path_to_error::Error<toml::de::Error>| {
                let key = error.path().to_string();
                let what = error.inner().message().to_owned();
                ConfigError::new(&key, &self.source(&key), what)
            },
        )?;
        self.check(&settings)?;
        Ok(settings)
    }

    /// What types do not say.
    fn check(&self, settings: &Settings) -> Result<(), ConfigError> {
        let fail = |key: &str, what: String| Err(ConfigError::new(key, &self.source(key), what));
        let instance = &settings.server.instance;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if instance.is_empty() || instance.len() > 64 || !instance.chars().all(plain) {
            return fail(
                "server.instance",
                format!("`{instance}` must be 1 to 64 letters, digits, `-` or `_`, since it is part of resume keys"),
            );
        }
        let processor = &settings.processor;
        for (key, value) in [
            ("server.domain", &settings.server.domain),
            ("processor.vendor", &processor.vendor),
            ("processor.service-id", &processor.service_id),
            ("processor.service-name", &processor.service_name),
            ("processor.service-type", &processor.service_type),
            ("processor.reports-id", &processor.reports_id),
        ] {
            check_name(value).or_else(|what| fail(key, what))?;
        }
        if processor.models.is_empty() {
            return fail(
                "processor.models",
                "it must name at least one call model, the first being the default".into(),
            );
        }
        for model in &processor.models {
            check_name(model).or_else(|what| fail("processor.models", what))?;
        }
        let listen = &settings.listen;
        if listen.require_tokens && listen.allow_everybody_without_token {
            let what = "it contradicts `listen.require-tokens`: set one of both";
            return fail("listen.allow-everybody-without-token", what.to_owned());
        }
        if listen.asks_for_tokens() && settings.tokens.is_empty() {
            let how = "add `[[tokens]]` (`interaction-processor token new` prints one)";
            return if listen.require_tokens {
                fail("listen.require-tokens", format!("there are no tokens: {how}"))
            } else {
                let address = listen.address;
                fail(
                    "listen.address",
                    format!(
                        "{address} is not a loopback address, so clients need tokens, and there are none: {how}; use 127.0.0.1 \
                         or ::1; or let everybody in who reaches it, by `listen.allow-everybody-without-token = true`"
                    ),
                )
            };
        }
        for token in &settings.tokens {
            check_name(&token.subject).or_else(|what| fail("tokens", format!("subject {what}")))?;
        }
        Tokens::new(&settings.tokens).map(drop).or_else(|what| fail("tokens", what))?;
        if settings.cti.kind == CtiKind::Jsonl {
            settings.cti.reach().map(drop).or_else(|(key, what)| fail(key, what))?;
        }
        if settings.cti.kind == CtiKind::Uccx {
            let uccx = &settings.cti.uccx;
            let wrong = uccx.adapter().map(drop).and(uccx.finesse.check()).and(uccx.finesse_addresses().map(drop));
            wrong.or_else(|(key, what)| fail(&key, what))?;
        }
        settings.engine.check().or_else(|(key, what)| fail(&key, what))?;
        if settings.cti.kind == CtiKind::Plugin {
            settings.cti.plugin.check().or_else(|(key, what)| fail(&key, what))?;
        }
        settings.history.check().or_else(|(key, what)| fail(key, what))?;
        for origin in &settings.listen.origins {
            let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")).unwrap_or("");
            if host.is_empty() || host.contains('/') {
                return fail(
                    "listen.origins",
                    format!("`{origin}` must be a scheme, a host and no path, such as https://desktop.example.com"),
                );
            }
        }
        for host in &settings.listen.hosts {
            if host.is_empty() || host.contains('/') {
                return fail("listen.hosts", format!("`{host}` must be a host name, with a port where one is used"));
            }
        }
        self.check_store(settings)?;
        self.check_limits(settings)
    }

    fn check_store(&self, settings: &Settings) -> Result<(), ConfigError> {
        let fail = |key: &str, what: String| Err(ConfigError::new(key, &self.source(key), what));
        let store = &settings.store;
        if settings.server.data_dir.is_empty() {
            return fail("server.data-dir", "it must name a directory".into());
        }
        if store.kind != StoreKind::Postgresql {
            let unused = [("store.url", &store.url), ("store.password-file", &store.password_file)];
            return match unused.iter().find(|(_, value)| !value.is_empty()) {
                Some((key, _)) => fail(key, "it is of use with `store.kind` \"postgresql\" only".into()),
                None => Ok(()),
            };
        }
        store::check_url(&store.url).map(drop).or_else(|what| fail("store.url", what))?;
        store::password(&store.password_file).map(drop).map_err(ConfigError)
    }

    fn check_limits(&self, settings: &Settings) -> Result<(), ConfigError> {
        let limits = &settings.limits;
        let ranges = [
            ("limits.message-bytes", limits.message_bytes, 1_024, 16 << 20),
            ("limits.pending-bytes", limits.pending_bytes, 4_096, 1 << 30),
            ("limits.replay-bytes", limits.replay_bytes, 4_096, 1 << 30),
            ("limits.requests-per-second", limits.requests_per_second, 1, 1_000_000),
            ("limits.grace-ms", limits.grace_ms, 1, 86_400_000),
            ("limits.heartbeat-ms", limits.heartbeat_ms, 50, 3_600_000),
            ("limits.connect-ms", limits.connect_ms, 50, 600_000),
            ("limits.request-ms", limits.request_ms, 50, 600_000),
            ("limits.logout-ms", limits.logout_ms, 50, 600_000),
            ("limits.prepared-ms", limits.prepared_ms, 50, 3_600_000),
            ("limits.wrap-up-ms", limits.wrap_up_ms, 1_000, 86_400_000),
            ("limits.links-max", limits.links_max, 1, 1_000_000),
            ("limits.sockets-max", limits.sockets_max, 1, 1_000_000),
            ("limits.bindings-max", limits.bindings_max, 1, 65_536),
            ("limits.subscriptions-max", limits.subscriptions_max, 1, 65_536),
            ("limits.in-progress-max", limits.in_progress_max, 1, 65_536),
            ("limits.remembered-max", limits.remembered_max, 0, 65_536),
            ("limits.ended-keys-max", limits.ended_keys_max, 0, 1 << 24),
            ("limits.lockouts-max", limits.lockouts_max, 1, 1 << 24),
            ("cti.speed", settings.cti.speed, 1, 10_000),
            ("cti.idle-ms", settings.cti.idle_ms, 0, 86_400_000),
            ("cti.plugin.memory-bytes", settings.cti.plugin.memory_bytes, 1 << 20, u32::MAX),
            ("cti.plugin.call-ms", settings.cti.plugin.call_ms, 10, 60_000),
            ("listen.connections-max", settings.listen.connections_max, 1, 1_000_000),
            ("listen.header-ms", settings.listen.header_ms, 50, 600_000),
            ("store.journeys-max", settings.store.journeys_max, 1, 1_000_000_000),
            ("store.journey-days", settings.store.journey_days, 0, 36_500),
            ("store.audits-max", settings.store.audits_max, 1, 1_000_000_000),
            ("store.audit-days", settings.store.audit_days, 0, 36_500),
            ("server.shutdown-grace-ms", settings.server.shutdown_grace_ms, 0, 600_000),
        ];
        let file = settings.store.file_bytes_max;
        if file > 0 && file < 1 << 20 {
            let what = format!("{file} must be 0 or at least {}", 1 << 20);
            return Err(ConfigError::new("store.file-bytes-max", &self.source("store.file-bytes-max"), what));
        }
        for (key, value, least, most) in ranges {
            if value < least || value > most {
                return Err(ConfigError::new(
                    key,
                    &self.source(key),
                    format!("{value} must be between {least} and {most}"),
                ));
            }
        }
        Ok(())
    }
}

fn check_name(value: &str) -> Result<(), String> {
    if value.is_empty() || value.len() > NAME_BYTES_MAX || value.chars().any(char::is_control) {
        return Err(format!("`{value}` must be 1 to {NAME_BYTES_MAX} bytes without control characters"));
    }
    Ok(())
}

/// Every key of a table with its value, sections joined by dots.
fn leaves(table: &Table) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    collect("", table, &mut found);
    found
}

fn collect(section: &str, table: &Table, found: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let key = if section.is_empty() { key.clone() } else { format!("{section}.{key}") };
        match value {
            Value::Table(inner) if key != FREE => collect(&key, inner, found),
            _ => found.push((key, value.clone())),
        }
    }
}

/// `limits.message-bytes` is `LIMITS_MESSAGE_BYTES`.
fn variable_name(key: &str) -> String {
    key.to_ascii_uppercase().replace(['.', '-'], "_")
}

/// A variable's text as a value of the default's type; lists are separated by commas.
fn from_text(default: &Value, text: &str) -> Result<Value, &'static str> {
    let text = text.trim();
    match default {
        Value::Integer(_) => text.parse().map(Value::Integer).map_err(|_| "a whole number"),
        Value::Boolean(_) => text.parse().map(Value::Boolean).map_err(|_| "`true` or `false`"),
        Value::Array(defaults) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            let item = |item: &str| match defaults.first() {
                Some(Value::Integer(_)) => item.parse().map(Value::Integer).map_err(|_| "a list of whole numbers"),
                _ => Ok(Value::String(item.to_owned())),
            };
            items.map(item).collect::<Result<_, _>>().map(Value::Array)
        }
        Value::Table(_) => serde_json::from_str(text).map(Value::Table).map_err(|_| "a JSON object"),
        Value::String(_) | Value::Float(_) | Value::Datetime(_) => Ok(Value::String(text.to_owned())),
    }
}

/// The name most like `name`, if one is like it.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = names.map(|known| (strsim::jaro_winkler(name, known), known));
    scored.max_by(|(a, _), (b, _)| a.total_cmp(b)).filter(|(score, _)| *score > 0.8).map(|(_, known)| known)
}

#[cfg(test)]
mod tests;
