//! UCCX: its adapter and, unless the CTI server checks passwords, the Finesse beside it.

use std::env;
use std::fs;
use std::sync::Arc;

use interaction_core::cti::uccx::{UccxAdapter, UccxConfig};
use interaction_core::secret::Secret;
use interaction_core::time::Time;

use super::Chosen;
use crate::config::{Credentials, UCCX_PASSWORD, UccxSettings};
use crate::finesse::Finesse;
use crate::switches::Way;

/// The longest file a secret is read from.
const SECRET_FILE_BYTES_MAX: u64 = 4_096;

/// The adapter of the configuration; what is wrong with it is found here.
pub(super) fn choose(settings: &UccxSettings) -> Result<Chosen, String> {
    let (config, password) = read(settings)?;
    let finesse = match settings.credentials {
        Credentials::Finesse => Some(Arc::new(Finesse::new(settings)?)),
        Credentials::Cti => None,
    };
    let addresses = config.nodes.iter().map(ToString::to_string).collect();
    let make = Box::new(move |now| Ok(Box::new(adapter(&config, password.as_ref(), seed(), now)) as _));
    Ok(Chosen { finesse, ..Chosen::native(make, Way::Connect(addresses)) })
}

/// The adapter's configuration and the ClientPassword.
pub(crate) fn read(settings: &UccxSettings) -> Result<(UccxConfig, Option<Secret>), String> {
    let config = settings.adapter().map_err(|(key, what)| format!("{key}: {what}"))?;
    let password = password(&settings.password_file, env::var(UCCX_PASSWORD).ok().map(Secret::new))?;
    // Tried once, so that it cannot fail when the adapter is made again.
    UccxAdapter::new(config.clone(), password.as_ref().map(copied), 0, Time::ZERO).map_err(|error| {
        match error.key {
            "client_password" => {
                format!("cti.uccx.password-file: the password is not of 1 to 64 bytes ({})", error.remedy)
            }
            _ => error.to_string(),
        }
    })?;
    Ok((config, password))
}

/// Makes an adapter from what [`read`] found good.
pub(crate) fn adapter(config: &UccxConfig, password: Option<&Secret>, seed: u64, now: Time) -> UccxAdapter {
    // INVARIANT: the configuration was found valid at the start.
    UccxAdapter::new(config.clone(), password.map(copied), seed, now).expect("a configuration that was read is valid")
}

/// A seed for one adapter alone.
pub(crate) fn seed() -> u64 {
    let mut seed = [0; 8];
    // Without random bytes attempts to connect are spread less well, no more: the ids of calls have the time in them.
    let _ = getrandom::fill(&mut seed);
    u64::from_ne_bytes(seed)
}

fn copied(secret: &Secret) -> Secret {
    Secret::new(secret.expose().to_owned())
}

/// The ClientPassword: of the file or of the variable, not of both.
fn password(file: &str, variable: Option<Secret>) -> Result<Option<Secret>, String> {
    if file.is_empty() {
        return Ok(variable);
    }
    if variable.is_some() {
        return Err(format!("cti.uccx.password-file: the variable {UCCX_PASSWORD} is set too: keep one of them"));
    }
    secret_of(file).map(Some).map_err(|what| format!("cti.uccx.password-file: {what}"))
}

/// The secret that a file holds, and nothing else.
pub(super) fn secret_of(file: &str) -> Result<Secret, String> {
    let found = fs::metadata(file).map_err(|error| format!("`{file}` cannot be read: {error}"))?;
    if found.len() > SECRET_FILE_BYTES_MAX {
        return Err(format!(
            "`{file}` is longer than {SECRET_FILE_BYTES_MAX} bytes: give a file with the password alone"
        ));
    }
    let text =
        fs::read_to_string(file).map(Secret::new).map_err(|error| format!("`{file}` cannot be read: {error}"))?;
    // Editors end a file with a line feed.
    let secret = text.expose().strip_suffix('\n').map_or(text.expose(), |text| text.strip_suffix('\r').unwrap_or(text));
    if secret.is_empty() {
        return Err(format!("`{file}` is empty: put the password into it, or leave the key out"));
    }
    Ok(Secret::new(secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use interaction_core::secret::Secret;

    use super::{choose, password};
    use crate::config::UccxSettings;

    #[test]
    fn the_password_is_of_the_file_or_of_the_variable() {
        let path = std::env::temp_dir().join(format!("interaction-processor-{}-password", std::process::id()));
        let file = path.to_str().unwrap();
        let variable = || Some(Secret::new("of the variable".to_owned()));
        assert!(password("", None).unwrap().is_none());
        assert_eq!(password("", variable()).unwrap().unwrap().expose(), "of the variable");
        std::fs::write(&path, "of the file\r\n").unwrap();
        assert_eq!(password(file, None).unwrap().unwrap().expose(), "of the file");
        assert!(password(file, variable()).unwrap_err().contains("keep one"));
        std::fs::write(&path, "\n").unwrap();
        assert!(password(file, None).unwrap_err().contains("is empty"));
        std::fs::write(&path, "x".repeat(65)).unwrap();
        let settings =
            UccxSettings { nodes: vec!["127.0.0.1".into()], password_file: file.to_owned(), ..UccxSettings::default() };
        let why = choose(&settings).map(drop).unwrap_err();
        assert!(why.contains("cti.uccx.password-file") && why.contains("64 bytes"), "{why}");
        std::fs::write(&path, "x".repeat(5_000)).unwrap();
        assert!(password(file, None).unwrap_err().contains("longer than"));
        std::fs::remove_file(&path).unwrap();
        assert!(password(file, None).unwrap_err().contains("cannot be read"));
    }
}
