use std::path::PathBuf;

use toml::Value;

use super::{Settings, load};

/// A file of this test process with such a text.
fn file(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("interaction-processor-{}-{name}.toml", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path
}

fn of_file(name: &str, text: &str) -> Result<Settings, String> {
    let path = file(name, text);
    let result = load(Some(&path), [], vec![]).map_err(|error| error.to_string());
    std::fs::remove_file(path).unwrap();
    result
}

fn of_variables(variables: &[(&str, &str)]) -> Result<Settings, String> {
    let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    load(None, variables, vec![]).map_err(|error| error.to_string())
}

#[test]
fn nothing_set_is_the_default() {
    assert_eq!(of_file("empty", "").unwrap(), Settings::default());
    assert_eq!(of_variables(&[("PATH", "/bin")]).unwrap(), Settings::default());
}

#[test]
fn later_sources_win() {
    let path = file("order", "[listen]\nport = 1\nheader-ms = 500\n[cti]\nspeed = 2\n");
    let variable = |name: &str, text: &str| (format!("INTERACTION_PROCESSOR_{name}"), text.to_owned());
    let settings = load(
        Some(&path),
        [
            variable("LISTEN_PORT", "2"),
            variable("LIMITS_MESSAGE_BYTES", "2048"),
            variable("LISTEN_ORIGINS", "https://a.example, https://b.example"),
            variable("PROCESSOR_ECHO_PASSWORD", "false"),
            variable("PROCESSOR_DISCONNECT", "logout"),
        ],
        vec![("listen.port", "--port", Value::Integer(3))],
    )
    .unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!((settings.listen.port, settings.listen.header_ms), (3, 500));
    assert_eq!(settings.limits.message_bytes, 2048);
    assert_eq!(settings.listen.origins, ["https://a.example", "https://b.example"]);
    assert!(!settings.processor.echo_password);
    assert_eq!(settings.cti.speed, 2);
    assert_eq!(settings.engine_config().disconnect, interaction_core::config::DisconnectPolicy::Logout);
}

#[test]
fn an_error_names_the_key_the_file_and_the_remedy() {
    for (name, text, want) in [
        (
            "typo",
            "[limits]\nmesage-bytes = 1",
            &["limits.mesage-bytes", "Did you mean `limits.message-bytes`", "typo.toml"][..],
        ),
        ("type", "[listen]\nport = \"x\"", &["listen.port", "type.toml", "u16"]),
        ("range", "[listen]\nport = 70000", &["listen.port", "70000"]),
        ("enum", "[processor]\ndisconnect = \"drop\"", &["processor.disconnect", "keep", "notready", "logout"]),
        ("section", "listen = 3", &["`listen`", "section"]),
        ("list", "[processor]\nmodels = [1]", &["processor.models", "list.toml", "string"]),
        ("syntax", "[listen\n", &["syntax.toml", "is not TOML", "line 1"]),
        ("address", "[listen]\naddress = \"0.0.0.0\"", &["listen.address", "loopback", "token new", "allow-everybody"]),
        ("no-tokens", "[listen]\nrequire-tokens = true", &["listen.require-tokens", "[[tokens]]"]),
        (
            "contradiction",
            "[listen]\nrequire-tokens = true\nallow-everybody-without-token = true",
            &["listen.allow-everybody-without-token", "listen.require-tokens"],
        ),
        ("hash", "[[tokens]]\nhash = \"x\"\nsubject = \"a\"\nscopes = [\"agent\"]", &["tokens", "64 hexadecimal"]),
        (
            "scope",
            "[[tokens]]\nhash = \"x\"\nsubject = \"a\"\nscopes = [\"root\"]",
            &["tokens[0].scopes[0]", "supervisor"],
        ),
        ("entry", "[[tokens]]\nsubject = \"a\"\nscopes = [\"agent\"]", &["tokens[0]", "hash"]),
        ("limit", "[limits]\nmessage-bytes = 5", &["limits.message-bytes", "1024"]),
        ("instance", "[server]\ninstance = \"a.b\"", &["server.instance", "a.b"]),
        ("models", "[processor]\nmodels = []", &["processor.models", "at least one"]),
        ("origin", "[listen]\norigins = [\"desktop.example.com\"]", &["listen.origins", "https://"]),
        ("speed", "[cti]\nspeed = 0", &["cti.speed", "between 1"]),
    ] {
        let error = of_file(name, text).unwrap_err();
        for part in want {
            assert!(error.contains(part), "{name}: no `{part}` in: {error}");
        }
    }
    let error = load(Some(&PathBuf::from("/nowhere/at/all.toml")), [], vec![]).unwrap_err().to_string();
    assert!(error.contains("/nowhere/at/all.toml") && error.contains("--config"), "{error}");
}

#[test]
fn tokens_open_an_address_that_is_no_loopback_one() {
    let hash = "ab".repeat(32);
    let token = format!(
        "[[tokens]]\nhash = \"sha256:{hash}\"\nsubject = \"anna\"\nscopes = [\"agent\", \"admin\"]\n\
         expires = 2027-01-01T00:00:00Z\n"
    );
    let everywhere = "[listen]\naddress = \"0.0.0.0\"\n";
    let settings = of_file("tokens", &format!("{everywhere}{token}")).unwrap();
    assert!(settings.listen.asks_for_tokens());
    assert_eq!(settings.tokens.len(), 1);
    let text = toml::to_string_pretty(&settings).unwrap();
    assert_eq!(of_file("tokens-again", &text).unwrap(), settings, "what check-config prints can be used");
    let open = of_file("open", &format!("{everywhere}allow-everybody-without-token = true\n")).unwrap();
    assert!(!open.listen.asks_for_tokens());
    assert!(!of_file("loopback", &token).unwrap().listen.asks_for_tokens());
}

#[test]
fn an_error_names_the_variable() {
    for (name, text, want) in [
        (
            "INTERACTION_PROCESSOR_LISTEN_PORT",
            "x",
            &["listen.port", "INTERACTION_PROCESSOR_LISTEN_PORT", "whole number"][..],
        ),
        ("INTERACTION_PROCESSOR_LISTEN_PORT", "99999", &["listen.port", "INTERACTION_PROCESSOR_LISTEN_PORT"]),
        ("INTERACTION_PROCESSOR_LISTEN_PROT", "1", &["Did you mean INTERACTION_PROCESSOR_LISTEN_PORT"]),
        ("INTERACTION_PROCESSOR_LOG_LEVEL", "loud", &["log.level", "debug"]),
    ] {
        let error = of_variables(&[(name, text)]).unwrap_err();
        for part in want {
            assert!(error.contains(part), "{name}: no `{part}` in: {error}");
        }
    }
}

#[test]
fn no_two_keys_share_a_variable() {
    let sources = super::Sources::new().unwrap();
    let mut names: Vec<_> = sources.known.iter().map(|(key, _)| super::variable_name(key)).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
    assert!(all > 40);
}
