//! `[cti.uccx]`: Cisco Unified Contact Center Express, as an operator sets it up.

use interaction_core::cti::ReasonCode;
use interaction_core::cti::uccx::{ConfigError, DEFAULT_PORT, HeaderWidths, PasswordCheck, UccxConfig};
use serde::{Deserialize, Serialize};

/// The key that is wrong, with its section, and what its value must be.
pub(crate) type Wrong = (String, String);

/// `[cti.uccx]`; what each key of the session means stands at the adapter's own [`UccxConfig`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct UccxSettings {
    /// The nodes, first the one that is tried first: `host` or `host:port`, names or addresses.
    pub(crate) nodes: Vec<String>,
    /// ClientID of the session.
    pub(crate) client_id: String,
    /// A file with the ClientPassword; empty for none. The variable `INTERACTION_PROCESSOR_CTI_UCCX_PASSWORD` may hold it instead.
    pub(crate) password_file: String,
    /// Who checks agents' passwords.
    pub(crate) credentials: Credentials,
    /// What `credentials = "cti"` does with an agent who is logged in already.
    pub(crate) password_check: PasswordCheck,
    /// Protocol versions in the order they are tried.
    pub(crate) versions: Vec<u32>,
    /// The widths of field headers.
    pub(crate) widths: HeaderWidths,
    /// How often a heartbeat is sent.
    pub(crate) heartbeat_s: u32,
    /// IdleTimeout of the session.
    pub(crate) idle_timeout_s: u32,
    /// How long each step of opening and reading may take.
    pub(crate) step_timeout_s: u32,
    /// How long opening and reading everything may take together.
    pub(crate) sync_timeout_s: u32,
    /// How long a command may take.
    pub(crate) command_timeout_s: u32,
    /// How long a session waits for a system that is offline.
    pub(crate) offline_wait_s: u32,
    /// The first pause before a node that failed is tried again.
    pub(crate) backoff_s: u32,
    /// The longest such pause.
    pub(crate) backoff_max_s: u32,
    /// How long a session must have served for earlier failures of its node to be forgiven.
    pub(crate) stable_s: u32,
    /// How long a call from before a lost connection is kept while nothing is heard of it.
    pub(crate) unconfirmed_call_s: u32,
    /// Login ids of team leads.
    pub(crate) team_leads: Vec<String>,
    /// Whether secondary supervisors are team leads.
    pub(crate) secondary_supervisors_are_team_leads: bool,
    /// Whether a logout must give a reason.
    pub(crate) logout_reason_required: bool,
    /// Reasons for going not ready, each `code=label`.
    pub(crate) not_ready_reasons: Vec<String>,
    /// Reasons for logging out, each `code=label`.
    pub(crate) logout_reasons: Vec<String>,
    /// Wrap-up codes, each `code=label`.
    pub(crate) wrap_up_codes: Vec<String>,
    /// Names of applications, each `ApplicationID=name`.
    pub(crate) applications: Vec<String>,
    /// The platform's version as clients see it; empty for the protocol's.
    pub(crate) platform_version: String,
    /// Agents, and teams, and queues, and devices, kept at a time, each.
    pub(crate) records_max: u32,
    /// Calls kept at a time.
    pub(crate) calls_max: u32,
    /// Commands that may wait for their answer at a time.
    pub(crate) commands_max: u32,
    /// Sessions opened for agents at a time, where the bridge session may not control; 0 for none.
    pub(crate) agent_sessions_max: u32,
    /// Finesse, for passwords and the labels of reasons.
    pub(crate) finesse: FinesseSettings,
}

/// Who checks agents' passwords.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Credentials {
    /// Finesse: nothing of the agent changes by it.
    #[default]
    Finesse,
    /// The CTI server, by logging the agent in.
    Cti,
}

/// `[cti.uccx.finesse]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct FinesseSettings {
    /// Its nodes, `host` or `host:port`; where empty, those of the CTI server at port 8445.
    pub(crate) nodes: Vec<String>,
    /// A file of certificates (PEM) to trust; where empty, those of the system.
    pub(crate) ca_file: String,
    /// How long one node may take to answer, in milliseconds.
    pub(crate) timeout_ms: u32,
    /// Passwords checked at a time; further checks wait their turn.
    pub(crate) checks_max: u32,
    /// Whether the labels of reasons are read too.
    pub(crate) labels: bool,
}

/// The port of Finesse's REST interface on UCCX.
const FINESSE_PORT: u16 = 8445;

impl Default for FinesseSettings {
    fn default() -> Self {
        Self { nodes: Vec::new(), ca_file: String::new(), timeout_ms: 5_000, checks_max: 32, labels: true }
    }
}

impl Default for UccxSettings {
    fn default() -> Self {
        let adapter = UccxConfig::default();
        Self {
            nodes: Vec::new(),
            client_id: adapter.client_id.into(),
            password_file: String::new(),
            credentials: Credentials::default(),
            password_check: adapter.password_check,
            versions: adapter.versions,
            widths: adapter.widths,
            heartbeat_s: adapter.heartbeat_s,
            idle_timeout_s: adapter.idle_timeout_s,
            step_timeout_s: adapter.step_timeout_s,
            sync_timeout_s: adapter.sync_timeout_s,
            command_timeout_s: adapter.command_timeout_s,
            offline_wait_s: adapter.offline_wait_s,
            backoff_s: adapter.backoff_s,
            backoff_max_s: adapter.backoff_max_s,
            stable_s: adapter.stable_s,
            unconfirmed_call_s: adapter.unconfirmed_call_s,
            team_leads: Vec::new(),
            secondary_supervisors_are_team_leads: adapter.secondary_supervisors_are_team_leads,
            logout_reason_required: adapter.logout_reason_required,
            not_ready_reasons: Vec::new(),
            logout_reasons: Vec::new(),
            wrap_up_codes: Vec::new(),
            applications: Vec::new(),
            platform_version: String::new(),
            records_max: adapter.records_max,
            calls_max: adapter.calls_max,
            commands_max: adapter.commands_max,
            agent_sessions_max: adapter.agent_sessions_max,
            finesse: FinesseSettings::default(),
        }
    }
}

impl UccxSettings {
    /// What the adapter is told; or the key that is wrong, and why.
    pub(crate) fn adapter(&self) -> Result<UccxConfig, Wrong> {
        let boxed = |texts: &[String]| texts.iter().map(|text| text.as_str().into()).collect();
        let config = UccxConfig {
            nodes: self.addresses()?.iter().map(|address| address.as_str().into()).collect(),
            client_id: self.client_id.as_str().into(),
            versions: self.versions.clone(),
            widths: self.widths,
            heartbeat_s: self.heartbeat_s,
            idle_timeout_s: self.idle_timeout_s,
            step_timeout_s: self.step_timeout_s,
            sync_timeout_s: self.sync_timeout_s,
            command_timeout_s: self.command_timeout_s,
            offline_wait_s: self.offline_wait_s,
            backoff_s: self.backoff_s,
            backoff_max_s: self.backoff_max_s,
            stable_s: self.stable_s,
            unconfirmed_call_s: self.unconfirmed_call_s,
            team_leads: boxed(&self.team_leads),
            secondary_supervisors_are_team_leads: self.secondary_supervisors_are_team_leads,
            // What Finesse checks is never asked of the adapter.
            password_check: match self.credentials {
                Credentials::Finesse => PasswordCheck::Refuse,
                Credentials::Cti => self.password_check,
            },
            logout_reason_required: self.logout_reason_required,
            not_ready_reasons: reasons("not-ready-reasons", &self.not_ready_reasons)?,
            logout_reasons: reasons("logout-reasons", &self.logout_reasons)?,
            wrap_up_codes: reasons("wrap-up-codes", &self.wrap_up_codes)?,
            applications: self.applications()?,
            platform_version: self.platform_version.as_str().into(),
            records_max: self.records_max,
            calls_max: self.calls_max,
            commands_max: self.commands_max,
            agent_sessions_max: self.agent_sessions_max,
        };
        config.validate().map_err(|ConfigError { key, remedy }| (named(key), remedy.to_owned()))?;
        Ok(config)
    }

    /// The addresses of the CTI servers, with ports.
    pub(crate) fn addresses(&self) -> Result<Vec<String>, Wrong> {
        if self.nodes.is_empty() {
            let what = "names no node: give one or two, such as nodes = [\"uccx1.example.com\", \"uccx2.example.com\"]";
            return Err((named("nodes"), what.to_owned()));
        }
        self.nodes.iter().map(|node| address("nodes", node, DEFAULT_PORT)).collect()
    }

    /// The addresses of Finesse, with ports.
    pub(crate) fn finesse_addresses(&self) -> Result<Vec<String>, Wrong> {
        if !self.finesse.nodes.is_empty() {
            return self.finesse.nodes.iter().map(|node| address("finesse.nodes", node, FINESSE_PORT)).collect();
        }
        let hosts = self.addresses()?;
        let host = |address: &String| address.rsplit_once(':').map_or(address.clone(), |(host, _)| host.to_owned());
        Ok(hosts.iter().map(|address| format!("{}:{FINESSE_PORT}", host(address))).collect())
    }

    fn applications(&self) -> Result<Vec<(u32, Box<str>)>, Wrong> {
        let entry = |text: &String| -> Option<(u32, Box<str>)> {
            let (id, name) = text.split_once('=')?;
            Some((id.trim().parse().ok()?, name.trim().into())).filter(|(_, name): &(u32, Box<str>)| !name.is_empty())
        };
        let read = |text: &String| {
            let what =
                || (named("applications"), format!("`{text}` must be a number, `=` and a name, such as 3=Sales"));
            entry(text).ok_or_else(what)
        };
        self.applications.iter().map(read).collect()
    }
}

impl FinesseSettings {
    /// What its types do not say.
    pub(crate) fn check(&self) -> Result<(), Wrong> {
        for (key, value, least, most) in
            [("finesse.timeout-ms", self.timeout_ms, 100, 60_000), ("finesse.checks-max", self.checks_max, 1, 1_024)]
        {
            if value < least || value > most {
                return Err((named(key), format!("{value} must be between {least} and {most}")));
            }
        }
        Ok(())
    }
}

/// A key of the adapter as an operator writes it.
fn named(key: &str) -> String {
    format!("cti.uccx.{}", key.replace('_', "-"))
}

fn reasons(key: &str, texts: &[String]) -> Result<Vec<ReasonCode>, Wrong> {
    let read = |text: &String| {
        let (code, name) = text.split_once('=').unwrap_or((text, ""));
        let (code, name) = (code.trim(), name.trim());
        if code.parse::<u16>().is_err() || name.is_empty() {
            return Err((named(key), format!("`{text}` must be a code up to 65535, `=` and a label, such as 1=Lunch")));
        }
        Ok(ReasonCode { code: code.into(), name: name.into() })
    };
    texts.iter().map(read).collect()
}

/// `host`, `host:port`, or an IPv6 address in brackets, with a port.
fn address(key: &str, text: &str, port: u16) -> Result<String, Wrong> {
    let wrong = || {
        let what = format!("`{text}` must be a host name or an address, with a port where it is not {port}");
        (named(key), what)
    };
    let (host, port) = match text.rsplit_once(':') {
        Some((host, _)) if host.starts_with('[') && !host.ends_with(']') => (text, port),
        Some((host, given)) => (host, given.parse().map_err(|_| wrong())?),
        None => (text, port),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let fine = match bare {
        Some(bare) => bare.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            (1..=253).contains(&host.len()) && host.chars().all(name)
        }
    };
    if fine && port != 0 { Ok(format!("{host}:{port}")) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::{Credentials, UccxSettings, address};
    use interaction_core::cti::uccx::{PasswordCheck, UccxConfig};

    fn settings(nodes: &[&str]) -> UccxSettings {
        UccxSettings { nodes: nodes.iter().map(|node| (*node).to_owned()).collect(), ..UccxSettings::default() }
    }

    #[test]
    fn addresses_get_the_port_they_do_not_name() {
        for (given, want) in [
            ("uccx1.example.com", "uccx1.example.com:12028"),
            ("10.0.0.5:42027", "10.0.0.5:42027"),
            ("[2001:db8::5]", "[2001:db8::5]:12028"),
            ("[2001:db8::5]:1", "[2001:db8::5]:1"),
        ] {
            assert_eq!(address("nodes", given, 12_028).unwrap(), want);
        }
        for given in ["", ":1", "a b", "host:", "host:0", "host:99999", "2001:db8::5", "[x]", "https://uccx1"] {
            let (key, what) = address("nodes", given, 12_028).unwrap_err();
            assert!(key == "cti.uccx.nodes" && what.contains(given), "{key}: {what}");
        }
    }

    #[test]
    fn defaults_are_the_adapters() {
        let config = settings(&["a"]).adapter().unwrap();
        let want = UccxConfig {
            nodes: vec!["a:12028".into()],
            password_check: PasswordCheck::Refuse,
            ..UccxConfig::default()
        };
        assert_eq!(config, want);
        let trusting =
            UccxSettings { credentials: Credentials::Cti, password_check: PasswordCheck::Trust, ..settings(&["a"]) };
        assert_eq!(trusting.adapter().unwrap().password_check, PasswordCheck::Trust);
    }

    #[test]
    fn finesse_is_beside_the_cti_server_unless_it_is_named() {
        let mut settings = settings(&["a:42027", "[::1]"]);
        assert_eq!(settings.finesse_addresses().unwrap(), ["a:8445", "[::1]:8445"]);
        settings.finesse.nodes = vec!["f".into()];
        assert_eq!(settings.finesse_addresses().unwrap(), ["f:8445"]);
    }

    #[test]
    fn what_is_wrong_is_named_by_its_key() {
        let wrong = |change: fn(&mut UccxSettings), key: &str, part: &str| {
            let mut settings = settings(&["a"]);
            change(&mut settings);
            let (named, what) = settings.adapter().map(drop).and(settings.finesse.check()).unwrap_err();
            assert!(named == key && what.contains(part), "{named}: {what}");
        };
        wrong(|settings| settings.nodes.clear(), "cti.uccx.nodes", "names no node");
        wrong(|settings| settings.heartbeat_s = 31, "cti.uccx.heartbeat-s", "1 to 30");
        wrong(|settings| settings.versions = vec![9], "cti.uccx.versions", "10 to 18");
        wrong(|settings| settings.not_ready_reasons = vec!["Lunch".into()], "cti.uccx.not-ready-reasons", "1=Lunch");
        wrong(|settings| settings.wrap_up_codes = vec!["70000=x".into()], "cti.uccx.wrap-up-codes", "65535");
        wrong(|settings| settings.applications = vec!["x=y".into()], "cti.uccx.applications", "`x=y`");
        wrong(|settings| settings.finesse.checks_max = 0, "cti.uccx.finesse.checks-max", "between 1");
    }

    #[test]
    fn reasons_have_a_code_and_a_label() {
        let mut settings = settings(&["a"]);
        settings.not_ready_reasons = vec!["1=Lunch".into(), " 2 = Team meeting ".into()];
        let reasons = settings.adapter().unwrap().not_ready_reasons;
        assert_eq!((&*reasons[1].code, &*reasons[1].name), ("2", "Team meeting"));
    }
}
