//! Where to connect next.

use super::config::is_address;
use super::limits;

/// The configured addresses, those the server named, and the one it sent this client to.
#[derive(Debug)]
pub(super) struct Addresses {
    own: Vec<Box<str>>,
    told: Vec<Box<str>>,
    at: usize,
    elsewhere: Option<Box<str>>,
}

impl Addresses {
    pub(super) fn new(own: Vec<Box<str>>) -> Self {
        Self { own, told: Vec::new(), at: 0, elsewhere: None }
    }

    /// The address of the next attempt.
    pub(super) fn next(&mut self) -> Box<str> {
        if let Some(url) = self.elsewhere.take() {
            return url;
        }
        let all = self.own.len() + self.told.len();
        let at = self.at % all.max(1);
        self.own.iter().chain(&self.told).nth(at).cloned().unwrap_or_default()
    }

    /// The last one did not work: another is next.
    pub(super) fn rotate(&mut self) {
        self.at = (self.at + 1) % (self.own.len() + self.told.len()).max(1);
    }

    /// The server names the instances of its domain.
    pub(super) fn learn(&mut self, instances: Vec<Box<str>>) {
        let here = self.own.iter().chain(&self.told).nth(self.at).cloned();
        let mut told = instances;
        told.retain(|url| self.is_fit(url) && !self.own.contains(url));
        told.dedup();
        told.truncate(limits::URLS_MAX);
        self.told = told;
        let at = here.and_then(|here| self.own.iter().chain(&self.told).position(|url| *url == here));
        self.at = at.unwrap_or(0);
    }

    /// The server sends this client to another instance. False where that is no address to go to.
    pub(super) fn go(&mut self, url: &str) -> bool {
        let fit = self.is_fit(url);
        if fit {
            self.elsewhere = Some(url.into());
        }
        fit
    }

    /// A token is never sent in the clear because a server says so.
    fn is_fit(&self, url: &str) -> bool {
        is_address(url) && (url.starts_with("wss://") || self.own.iter().all(|own| own.starts_with("ws://")))
    }
}

#[cfg(test)]
mod tests {
    use super::Addresses;

    #[test]
    fn addresses_take_turns_and_the_server_adds_some() {
        let mut addresses = Addresses::new(vec!["wss://a".into(), "wss://b".into()]);
        assert_eq!(&*addresses.next(), "wss://a");
        assert_eq!(&*addresses.next(), "wss://a");
        addresses.rotate();
        assert_eq!(&*addresses.next(), "wss://b");
        addresses.learn(vec!["wss://b".into(), "wss://c".into(), "ws://d".into(), "http://e".into()]);
        assert_eq!(&*addresses.next(), "wss://b");
        addresses.rotate();
        assert_eq!(&*addresses.next(), "wss://c");
        addresses.rotate();
        assert_eq!(&*addresses.next(), "wss://a");
    }

    #[test]
    fn a_server_may_send_elsewhere_but_not_into_the_clear() {
        let mut addresses = Addresses::new(vec!["wss://a".into()]);
        assert!(!addresses.go("ws://b"));
        assert!(addresses.go("wss://b"));
        assert_eq!(&*addresses.next(), "wss://b");
        assert_eq!(&*addresses.next(), "wss://a");
    }
}
