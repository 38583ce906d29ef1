//! Every mirror there is, and how far each is.

use serde_json::value::RawValue;

use super::mirror::{Applied, Journey, Queues, Roster, Services, Session, View};
use super::output::MirrorKind;
use super::pending::Key;
use super::read::Happening;
use super::sorted::SortedMap;
use crate::time::Time;

/// Services, sessions, and what is subscribed to.
#[derive(Debug, Default)]
pub(super) struct Mirrors {
    pub(super) services: Option<(Services, bool)>,
    pub(super) sessions: SortedMap<Box<str>, Session>,
    pub(super) reports: SortedMap<Key, Mirror>,
    pub(super) again: SortedMap<(Time, Key), ()>,
}

/// What is subscribed to.
#[derive(Debug)]
pub(super) struct Mirror {
    pub(super) shown: View,
    /// What is being read anew.
    pub(super) staged: Option<View>,
    pub(super) stage: Stage,
    /// Whether what is shown is the truth.
    pub(super) is_current: bool,
}

/// How far a subscription is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Asked for by this request, or to be by the next one.
    Asked(Option<u64>),
    /// Answered; the snapshot is complete when a mark of that number is.
    Reading(u64),
    Current,
    /// It failed, and is asked for again then.
    Again(Time),
}

impl Mirrors {
    pub(super) fn services(&self) -> Option<&Services> {
        self.services.as_ref().map(|(services, _)| services)
    }

    pub(super) fn session(&self, resource: &str) -> Option<&Session> {
        self.sessions.get(resource)
    }

    pub(super) fn session_ids(&self) -> Vec<Box<str>> {
        self.sessions.keys().cloned().collect()
    }

    pub(super) fn roster(&self, agent: &str) -> Option<&Roster> {
        match self.view(MirrorKind::Roster, agent)? {
            View::Roster(roster) => Some(roster),
            View::Queues(_) | View::Journey(_) => None,
        }
    }

    pub(super) fn queues(&self, agent: &str) -> Option<&Queues> {
        match self.view(MirrorKind::Queues, agent)? {
            View::Queues(queues) => Some(queues),
            View::Roster(_) | View::Journey(_) => None,
        }
    }

    pub(super) fn journey(&self, call: &str) -> Option<&Journey> {
        match self.view(MirrorKind::Journey, call)? {
            View::Journey(journey) => Some(journey),
            View::Roster(_) | View::Queues(_) => None,
        }
    }

    fn view(&self, kind: MirrorKind, key: &str) -> Option<&View> {
        self.reports.get(&(kind, key.into())).map(|mirror| &mirror.shown)
    }

    pub(super) fn json(&self, kind: &str, key: &str) -> Option<String> {
        let mut out = Vec::new();
        let begin = |out: &mut Vec<u8>, is_current: bool| {
            out.extend_from_slice(if is_current { b"{\"current\":true," } else { b"{\"current\":false," });
        };
        let kind = match kind {
            "services" => {
                let (services, is_current) = self.services.as_ref()?;
                begin(&mut out, *is_current);
                services.write(&mut out);
                None
            }
            "session" => {
                let session = self.sessions.get(key)?;
                begin(&mut out, true);
                session.write(&mut out);
                None
            }
            "roster" => Some(MirrorKind::Roster),
            "queues" => Some(MirrorKind::Queues),
            "journey" => Some(MirrorKind::Journey),
            _ => return None,
        };
        if let Some(kind) = kind {
            let mirror = self.reports.get(&(kind, key.into()))?;
            begin(&mut out, mirror.is_current);
            mirror.shown.write(key, &mut out);
        }
        out.push(b'}');
        String::from_utf8(out).ok()
    }

    pub(super) fn set_services(&mut self, services: Services, is_current: bool) {
        self.services = Some((services, is_current));
    }

    pub(super) fn set_status(&mut self, service: &str, status: &RawValue) -> bool {
        self.services.as_mut().is_some_and(|(services, _)| services.set_status(service, status))
    }

    pub(super) fn apply_to_session(&mut self, resource: &str, happening: &Happening<'_>) -> Applied {
        self.sessions.get_mut(resource).map_or(Applied::Unknown, |session| session.apply(happening))
    }

    /// When a subscription is asked for again.
    pub(super) fn next_again(&self) -> Option<Time> {
        self.again.first().map(|(at, _)| *at)
    }

    /// One that is to be asked for again now.
    pub(super) fn due(&mut self, now: Time) -> Option<Key> {
        let (at, key) = self.again.first().filter(|(at, _)| *at <= now).cloned()?;
        self.again.remove(&(at, key.clone()));
        self.set_stage(&key, Stage::Asked(None));
        Some(key)
    }

    /// The link is a fresh one: every subscription is to be asked for. Those that have no request yet.
    pub(super) fn begin_all(&mut self) -> Vec<Key> {
        self.again.clear();
        let mut keys = Vec::new();
        for (key, mirror) in self.reports.iter_mut() {
            mirror.staged = None;
            // One that was asked for has a request, which is sent again.
            if !matches!(mirror.stage, Stage::Asked(Some(_))) {
                mirror.stage = Stage::Asked(None);
                keys.push(key.clone());
            }
        }
        keys
    }

    /// A mark was answered: the snapshots that are complete.
    pub(super) fn marked(&self, mark: u64) -> Vec<Key> {
        let is_complete = |stage: Stage| matches!(stage, Stage::Reading(wanted) if wanted <= mark);
        let complete = self.reports.iter().filter(|(key, mirror)| {
            // A journey comes when it was found, and whole.
            key.0 != MirrorKind::Journey && is_complete(mirror.stage)
        });
        complete.map(|(key, _)| key.clone()).collect()
    }

    /// Whether everything that was to be read was.
    pub(super) fn is_settled(&self) -> bool {
        !self.reports.values().any(|mirror| matches!(mirror.stage, Stage::Asked(_) | Stage::Reading(_)))
    }

    pub(super) fn set_stage(&mut self, key: &Key, stage: Stage) {
        let Some(mirror) = self.reports.get_mut(key) else { return };
        if let Stage::Again(at) = mirror.stage {
            self.again.remove(&(at, key.clone()));
        }
        mirror.stage = stage;
        if let Stage::Again(at) = stage {
            self.again.insert((at, key.clone()), ());
        }
    }

    pub(super) fn len(&self) -> usize {
        self.reports.len() + self.sessions.len()
    }
}
