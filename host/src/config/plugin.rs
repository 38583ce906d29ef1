//! `[cti.plugin]` and `[engine]`: what runs as a WebAssembly component, and what it is granted.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::plugins::{CALL_MS, MEMORY_BYTES};

use super::uccx::Wrong;

/// `[cti.plugin]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct PluginSettings {
    /// The component, seen from where the server was started.
    pub(crate) file: String,
    /// The SHA-256 that it must have, 64 hexadecimal digits; empty for whatever it has.
    pub(crate) sha256: String,
    /// Where it may connect to, `host:port`, in the order that it knows them by.
    pub(crate) connect: Vec<String>,
    /// Where its platform connects to, instead; empty for nowhere.
    pub(crate) listen: String,
    /// The secrets it is told, each `name=file:PATH` or `name=env:VARIABLE`.
    pub(crate) secrets: Vec<String>,
    /// What it may hold in its memory.
    pub(crate) memory_bytes: u32,
    /// How long one call of it may take, in milliseconds.
    pub(crate) call_ms: u32,
    /// Its own configuration, handed to it as JSON.
    pub(crate) config: Table,
}

impl Default for PluginSettings {
    fn default() -> Self {
        Self {
            file: String::new(),
            sha256: String::new(),
            connect: Vec::new(),
            listen: String::new(),
            secrets: Vec::new(),
            memory_bytes: MEMORY_BYTES,
            call_ms: CALL_MS,
            config: Table::new(),
        }
    }
}

/// `[engine]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct EngineSettings {
    /// How it runs.
    pub(crate) kind: EngineKind,
    /// The component, seen from where the server was started.
    pub(crate) file: String,
    /// The SHA-256 that it must have, 64 hexadecimal digits; empty for whatever it has.
    pub(crate) sha256: String,
}

/// How the engine runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EngineKind {
    /// It is part of the server.
    #[default]
    Native,
    /// It is a WebAssembly component, which can be replaced while the server runs.
    Component,
}

impl EngineSettings {
    /// What types do not say.
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        let wrong = |key: &str, what: String| Err((format!("engine.{key}"), what));
        match self.kind {
            EngineKind::Native if !self.file.is_empty() => {
                wrong("file", "it is of use with `engine.kind` \"component\" only".into())
            }
            EngineKind::Component if self.file.is_empty() => {
                wrong("file", "it must name the engine's component, such as plugins/engine.wasm".into())
            }
            EngineKind::Native | EngineKind::Component => {
                check_digest(&self.sha256).or_else(|what| wrong("sha256", what))
            }
        }
    }
}

/// A secret that is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// What the plugin knows it by.
    pub(crate) name: String,
    /// Where the server finds it.
    pub(crate) from: Place,
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A file that holds it, and nothing else.
    File(String),
    /// A variable of the environment.
    Variable(String),
}

impl PluginSettings {
    /// What types do not say.
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        let wrong = |key: &str, what: String| Err((format!("cti.plugin.{key}"), what));
        if self.file.is_empty() {
            return wrong("file", "it must name the component, such as plugins/uccx.wasm".into());
        }
        check_digest(&self.sha256).or_else(|what| wrong("sha256", what))?;
        if let Some(bad) = self.connect.iter().find(|address| !is_address(address)) {
            return wrong("connect", format!("`{bad}` must be a host and a port, such as cti.example.com:9200"));
        }
        if !self.listen.is_empty() {
            if !self.connect.is_empty() {
                return wrong("listen", "stands beside `cti.plugin.connect`: give one of them".into());
            }
            self.listens().map_err(|what| ("cti.plugin.listen".to_owned(), what))?;
        }
        self.grants().map_err(|what| ("cti.plugin.secrets".to_owned(), what))?;
        self.json().map(drop).map_err(|what| ("cti.plugin.config".to_owned(), what))
    }

    /// Where its platform connects to.
    pub(crate) fn listens(&self) -> Result<SocketAddr, String> {
        let text = &self.listen;
        text.parse().map_err(|_| format!("`{text}` must be an IP address and a port, such as 127.0.0.1:9200"))
    }

    /// The secrets it is told.
    pub(crate) fn grants(&self) -> Result<Vec<Grant>, String> {
        let mut names = BTreeSet::new();
        self.secrets
            .iter()
            .map(|text| {
                let grant = grant(text).ok_or_else(|| {
                    format!(
                        "`{text}` must be `name=file:PATH` or `name=env:VARIABLE`, such as password=file:cti-password"
                    )
                })?;
                if !names.insert(grant.name.clone()) {
                    return Err(format!("`{}` is granted twice", grant.name));
                }
                Ok(grant)
            })
            .collect()
    }

    /// Its own configuration.
    pub(crate) fn json(&self) -> Result<String, String> {
        if let Some(key) = self.config.iter().find_map(|(key, value)| moment(key, value)) {
            return Err(format!("`{key}` is a date or time, which JSON does not have: write it as text, in quotes"));
        }
        serde_json::to_string(&self.config).map_err(|error| error.to_string())
    }
}

/// A hash as operators write it, or none.
pub(super) fn check_digest(text: &str) -> Result<(), String> {
    let is_digest = text.is_empty() || text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest { Ok(()) } else { Err(format!("`{text}` must be 64 hexadecimal digits, as `sha256sum` prints them")) }
}

fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let is_plain = !host.is_empty() && !host.contains(|c: char| c == '/' || c == '@' || c.is_whitespace());
    is_plain && port.parse::<u16>().is_ok_and(|port| port != 0)
}

fn grant(text: &str) -> Option<Grant> {
    let (name, from) = text.split_once('=')?;
    let from = match from.split_once(':')? {
        ("file", path) if !path.is_empty() => Place::File(path.to_owned()),
        ("env", variable) if !variable.is_empty() => Place::Variable(variable.to_owned()),
        _ => return None,
    };
    (!name.is_empty()).then(|| Grant { name: name.to_owned(), from })
}

/// The key of a value that JSON has no word for.
fn moment(key: &str, value: &Value) -> Option<String> {
    let below = |found: String| format!("{key}.{found}");
    match value {
        Value::Datetime(_) => Some(key.to_owned()),
        Value::Table(table) => table.iter().find_map(|(key, value)| moment(key, value)).map(below),
        Value::Array(items) => items.iter().find_map(|value| moment("[]", value)).map(below),
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, PluginSettings};

    fn settings(change: impl FnOnce(&mut PluginSettings)) -> Result<(), (String, String)> {
        let mut settings = PluginSettings { file: "plugin.wasm".into(), ..PluginSettings::default() };
        change(&mut settings);
        settings.check()
    }

    #[test]
    fn what_is_wrong_is_named_by_its_key() {
        assert_eq!(settings(|_| {}), Ok(()));
        let wrong = |key: &str, change: fn(&mut PluginSettings)| {
            let (found, what) = settings(change).unwrap_err();
            assert_eq!(found, format!("cti.plugin.{key}"), "{what}");
        };
        wrong("file", |settings| settings.file.clear());
        wrong("sha256", |settings| settings.sha256 = "abc".into());
        wrong("connect", |settings| settings.connect = vec!["10.1.2.3".into()]);
        wrong("connect", |settings| settings.connect = vec!["http://host:80".into()]);
        wrong("listen", |settings| settings.listen = "host:1".into());
        wrong("listen", |settings| {
            settings.listen = "127.0.0.1:1".into();
            settings.connect = vec!["host:1".into()];
        });
        wrong("secrets", |settings| settings.secrets = vec!["password".into()]);
        wrong("secrets", |settings| settings.secrets = vec!["a=env:A".into(), "a=env:B".into()]);
        wrong("config", |settings| settings.config = "a = [{ b = 2020-01-01 }]".parse().unwrap());
    }

    #[test]
    fn grants_say_where_a_secret_is() {
        let secrets = vec!["password=file:/etc/cti=x".to_owned(), "key=env:CTI_KEY".to_owned()];
        let settings = PluginSettings { secrets, ..PluginSettings::default() };
        let grants = settings.grants().unwrap();
        assert_eq!((grants[0].name.as_str(), &grants[0].from), ("password", &Place::File("/etc/cti=x".into())));
        assert_eq!(grants[1].from, Place::Variable("CTI_KEY".into()));
    }
}
