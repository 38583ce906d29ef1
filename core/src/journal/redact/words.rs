//! What replaces what.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::collections::{BTreeMap, BTreeSet};

use super::Ids;
use super::frame::is_property;
use crate::config::{Config, Seed};
use crate::ids::{AgentId, CallId, QueueId, TeamId};
use crate::input::KeyHash;
use crate::journal::Header;
use crate::session;
use crate::turn;

/// Call data whose keys are the vocabulary's own: [`crate::cti::CallData`].
const DATA_KEYS: [&str; 5] = ["ani", "dnis", "queue", "enteredDigits", "wrapup"];
/// What call variables begin with; their number follows.
const CALL_VARIABLE: &str = "callVariable";
/// Platforms that name themselves, and give a version of their own.
const VENDORS: [&str; 2] = ["Cisco UCCX", "Simulated UCCX"];
/// The classes of messages.
const CLASSES: [&str; 8] =
    ["connect", "ack", "ping", "authenticate", "disconnect", "coreRequest", "serviceRequest", "resourceRequest"];
/// Commands but for those to sessions, and the media of channels.
const COMMANDS: [&str; 19] = [
    "getServices",
    "bindService",
    "unbindService",
    "bindResource",
    "unbindResource",
    "prepareSession",
    "getCapabilities",
    "report.teamstatus.begin",
    "report.teamstatus.end",
    "report.queuestatus.begin",
    "report.queuestatus.end",
    "report.calljourney",
    "report.calljourney.begin",
    "report.calljourney.end",
    "report.calljourney.recent",
    "report.reasoncodes",
    "telephony",
    "chat",
    "email",
];
/// A text shorter than this can be anywhere by chance: that one is not put in the place of another proves nothing.
const TELLING_BYTES: usize = 3;
/// The network for tests of devices (RFC 2544): what replaces addresses begins here.
const IPV4: u32 = u32::from_be_bytes([198, 18, 0, 1]);

/// The table.
#[derive(Debug)]
pub(super) struct Words {
    ids: Ids,
    own: turn::Ids,
    defaults: Config,
    /// What replaces each text; nothing before it is settled.
    texts: BTreeMap<Box<str>, Box<str>>,
    is_settled: bool,
    /// What replaces peers that are addresses: the hosts of IPv4, the networks of IPv6, by number.
    hosts: BTreeMap<Ipv4Addr, u32>,
    networks: BTreeMap<[u16; 4], u16>,
    /// What replaces hashes: their number.
    hashes: BTreeMap<[u8; 32], u64>,
}

impl Words {
    pub(super) fn new(header: &Header, ids: Ids) -> Self {
        Self {
            ids,
            own: turn::Ids::new(Seed(header.seed).0, header.from),
            defaults: Config::default(),
            texts: BTreeMap::new(),
            is_settled: false,
            hosts: BTreeMap::new(),
            networks: BTreeMap::new(),
            hashes: BTreeMap::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len() + self.hosts.len() + self.networks.len() + self.hashes.len()
    }

    /// A text that somebody chose.
    pub(super) fn text(&mut self, text: &str) -> Box<str> {
        match self.texts.get(text) {
            Some(other) => other.clone(),
            None => match form(text) {
                // Nobody told it while texts were learnt: it goes all the same.
                Some(form) if self.is_settled => write(&form, 0).unwrap_or_default(),
                Some(_) => {
                    self.texts.insert(text.into(), text.into());
                    text.into()
                }
                None => text.into(),
            },
        }
    }

    /// A text that may be absent.
    pub(super) fn maybe(&mut self, text: Option<&str>) -> Option<Box<str>> {
        text.map(|text| self.text(text))
    }

    /// An id of a platform's.
    pub(super) fn id(&mut self, id: &str) -> Box<str> {
        match self.ids {
            Ids::Replaced => self.text(id),
            Ids::Kept => id.into(),
        }
    }

    pub(super) fn agent(&mut self, id: &AgentId) -> AgentId {
        AgentId::from(&*self.id(id.as_str()))
    }

    pub(super) fn team(&mut self, id: &TeamId) -> TeamId {
        TeamId::from(&*self.id(id.as_str()))
    }

    pub(super) fn queue(&mut self, id: &QueueId) -> QueueId {
        QueueId::from(&*self.id(id.as_str()))
    }

    pub(super) fn call(&mut self, id: &CallId) -> CallId {
        CallId::from(&*self.id(id.as_str()))
    }

    /// The name of an item of call data.
    pub(super) fn data_key(&mut self, key: &str) -> Box<str> {
        if is_data_key(key) { key.into() } else { self.text(key) }
    }

    /// A setting: what nobody has set stays.
    pub(super) fn setting(&mut self, value: &str) -> Box<str> {
        if self.is_default(value) { value.into() } else { self.text(value) }
    }

    /// The name a platform gives itself.
    pub(super) fn vendor(&mut self, vendor: &str) -> Box<str> {
        if self.is_vendor(vendor) { vendor.into() } else { self.text(vendor) }
    }

    pub(super) fn is_vendor(&self, vendor: &str) -> bool {
        VENDORS.contains(&vendor)
    }

    /// A text at a place of a message where words of the protocol stand.
    pub(super) fn word(&mut self, word: &str) -> Box<str> {
        let command = word.trim();
        let is_known = CLASSES.contains(&word) || COMMANDS.contains(&command) || session::is_command(command);
        if is_known { word.into() } else { self.setting(word) }
    }

    /// Whether the engine made this id.
    pub(super) fn is_own(&self, id: &str) -> bool {
        self.own.made(id)
    }

    /// The address of a peer.
    pub(super) fn peer(&mut self, peer: &str) -> String {
        match peer.parse() {
            Ok(IpAddr::V4(address)) => self.host(address).to_string(),
            Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
                Some(address) => self.host(address).to_ipv6_mapped().to_string(),
                None => {
                    let [a, b, c, d, ..] = address.segments();
                    let next = u16::try_from(self.networks.len()).unwrap_or(u16::MAX);
                    let network = *self.networks.entry([a, b, c, d]).or_insert(next);
                    Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, 0, 1).to_string()
                }
            },
            Err(_) => self.text(peer).into(),
        }
    }

    fn host(&mut self, address: Ipv4Addr) -> Ipv4Addr {
        let next = u32::try_from(self.hosts.len()).unwrap_or(u32::MAX);
        let number = *self.hosts.entry(address).or_insert(next);
        Ipv4Addr::from(IPV4.saturating_add(number))
    }

    /// The hash of a key or token.
    pub(super) fn hash(&mut self, hash: KeyHash) -> KeyHash {
        let next = self.hashes.len() as u64 + 1;
        let number = *self.hashes.entry(hash.0).or_insert(next);
        let mut other = [0; 32];
        other[24..].copy_from_slice(&number.to_be_bytes());
        KeyHash(other)
    }

    fn is_default(&self, value: &str) -> bool {
        let Config { instance, domain, vendor, service_id, service_name, service_type, reports_id, models, .. } =
            &self.defaults;
        [instance, domain, vendor, service_id, service_name, service_type, reports_id]
            .into_iter()
            .chain(models)
            .any(|default| **default == *value)
    }

    /// Gives every text that was learnt another one. In their order, so that texts of one form keep it.
    pub(super) fn settle(&mut self) {
        self.is_settled = true;
        let mut used: BTreeSet<Box<str>> = BTreeSet::new();
        let mut counts: BTreeMap<Vec<Slot>, u64> = BTreeMap::new();
        let originals: Vec<Box<str>> = self.texts.keys().cloned().collect();
        for original in originals {
            let Some(mut form) = form(&original) else { continue };
            let other = loop {
                let count = counts.entry(form.clone()).or_default();
                let Some(candidate) = write(&form, *count) else {
                    // Every text of this form is taken: a longer one, then.
                    form.push(Slot::Digit);
                    continue;
                };
                *count += 1;
                let is_original = candidate.len() >= TELLING_BYTES && self.texts.contains_key(&*candidate);
                if !is_original && !self.is_word(&candidate) && used.insert(candidate.clone()) {
                    break candidate;
                }
            };
            self.texts.insert(original, other);
        }
    }

    /// Whether a text would be taken for one that stays.
    fn is_word(&self, text: &str) -> bool {
        let is_command = COMMANDS.contains(&text) || session::is_command(text);
        is_command || CLASSES.contains(&text) || is_data_key(text) || is_property(text) || self.is_default(text)
    }
}

fn is_data_key(key: &str) -> bool {
    let variable = key.strip_prefix(CALL_VARIABLE);
    DATA_KEYS.contains(&key)
        || variable.is_some_and(|number| matches!(number.len(), 1 | 2) && number.bytes().all(|it| it.is_ascii_digit()))
}

/// A sign of a text's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    /// A digit.
    Digit,
    /// A small letter.
    Small,
    /// A capital letter.
    Capital,
    /// Any sign that takes so many bytes of UTF-8.
    Wide(u8),
    /// A sign that tells nothing, as it is: blanks, punctuation.
    Sign(char),
}

impl Slot {
    /// The sign that comes first, and how many there are.
    const fn signs(self) -> (char, u32) {
        match self {
            // No zero: a number that begins with one is none in JSON.
            Self::Digit => ('1', 9),
            Self::Small => ('a', 26),
            Self::Capital => ('A', 26),
            Self::Wide(2) => ('à', 23),
            Self::Wide(3) => ('一', 512),
            Self::Wide(_) => ('𐐀', 40),
            Self::Sign(sign) => (sign, 1),
        }
    }
}

/// The form of a text; nothing where the form says it all.
fn form(text: &str) -> Option<Vec<Slot>> {
    let form: Vec<Slot> = text
        .chars()
        .map(|sign| match sign {
            '0'..='9' => Slot::Digit,
            'a'..='z' => Slot::Small,
            'A'..='Z' => Slot::Capital,
            sign if sign.is_ascii() => Slot::Sign(sign),
            // INVARIANT: a sign takes at most 4 bytes.
            sign => Slot::Wide(sign.len_utf8() as u8),
        })
        .collect();
    form.iter().any(|slot| !matches!(slot, Slot::Sign(_))).then_some(form)
}

/// The text of this form with this number; nothing when there are not so many.
fn write(form: &[Slot], mut number: u64) -> Option<Box<str>> {
    let mut signs: Vec<char> = form
        .iter()
        .rev()
        .map(|slot| {
            let (first, count) = slot.signs();
            let place = (number % u64::from(count)) as u32;
            number /= u64::from(count);
            char::from_u32(first as u32 + place).unwrap_or(first)
        })
        .collect();
    signs.reverse();
    (number == 0).then(|| signs.into_iter().collect::<String>().into())
}

#[cfg(test)]
mod tests {
    use super::{form, write};

    #[test]
    fn texts_of_a_form_are_many_in_order_and_as_long() {
        for text in ["Anna Smith", "+1 (555) 010-0199", "anna.smith@example.com", "Jürgen Müßig", "李小龍", "😀9"]
        {
            let form = form(text).unwrap();
            let mut last = String::new();
            for number in 0..300 {
                let Some(other) = write(&form, number) else {
                    assert!(number >= 200, "{text}: {number}");
                    break;
                };
                assert_eq!(other.len(), text.len(), "{text} becomes {other}");
                assert!(*other > *last, "{text}: {other} follows {last}");
                last = other.into();
            }
        }
        assert_eq!(write(&form("Anna Smith").unwrap(), 1).as_deref(), Some("Aaaa Aaaab"));
        assert_eq!(write(&form("7").unwrap(), 9), None);
        assert_eq!(form(""), None);
        assert_eq!(form("- +"), None);
    }
}
