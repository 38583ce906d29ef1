//! How subscriptions begin, are read anew, and end; and what the application is told of it.

use serde_json::value::RawValue;

use super::Desk;
use super::limits;
use super::mirror::{Applied, Session, View};
use super::mirrors::{Mirror, Stage};
use super::output::{Answer, Change, DeskOutput, EndReason, MirrorKind};
use super::pending::{Key, Owner, Pending, Place, Recipient};
use super::problem::{Local, Problem};
use crate::secret::Secret;
use crate::time::Time;
use crate::wire::write;

impl Desk {
    /// The application wants a report, now and whenever it changes.
    pub(super) fn subscribe(&mut self, call: u64, key: Key, deadline: Time) {
        self.calls.insert(call, deadline, Place::Mirror(key.clone()));
        match self.mirrors.reports.get(&key).map(|mirror| mirror.stage) {
            // It is on its way.
            Some(Stage::Asked(_) | Stage::Reading(_)) => return,
            Some(Stage::Current | Stage::Again(_)) => self.mirrors.set_stage(&key, Stage::Asked(None)),
            None => {
                let Some(shown) = View::empty(key.0).filter(|_| self.mirrors.len() < limits::MIRRORS_MAX) else {
                    self.answer(call, Answer::Failure { failure: Problem::local(Local::TooMany) });
                    return;
                };
                let mirror = Mirror { shown, staged: None, stage: Stage::Asked(None), is_current: false };
                self.mirrors.reports.insert(key.clone(), mirror);
            }
        }
        self.ask_to_begin(key);
    }

    /// Asks for a subscription, by a request of its own.
    pub(super) fn ask_to_begin(&mut self, key: Key) {
        let pending = report_request(Owner::Begin(key.clone()), &key, "begin");
        let id = self.table.insert(pending);
        self.mirrors.set_stage(&key, Stage::Asked(Some(id)));
    }

    /// The request for a subscription was answered.
    pub(super) fn begun(&mut self, id: u64, key: Key, answer: Answer) {
        let Some(mirror) = self.mirrors.reports.get_mut(&key) else { return };
        if mirror.stage != Stage::Asked(Some(id)) {
            // Of an earlier subscription, which was ended meanwhile.
            return;
        }
        match answer {
            Answer::Success { .. } | Answer::Confirm { .. } => {
                mirror.staged = View::empty(key.0);
                mirror.stage = Stage::Reading(id);
                if self.reports.has_seen(id) {
                    let mark = self.table.last();
                    self.mirrors.set_stage(&key, Stage::Reading(mark));
                    self.want_mark(mark);
                }
            }
            Answer::Failure { failure } => self.not_begun(&key, failure),
        }
    }

    /// Tries again where waiting helps and somebody waits; else the subscription is over.
    fn not_begun(&mut self, key: &Key, failure: Problem) {
        let at = self.now + self.wait_of(&failure);
        let waiting = self.calls.at(&Place::Mirror(key.clone()));
        let helps = failure.retry_after_ms.is_some() || &*failure.code == "request.deadline";
        let too_late = |call: &u64| self.calls.deadline(*call).is_none_or(|deadline| deadline <= at);
        if helps && !waiting.iter().any(too_late) {
            self.mirrors.set_stage(key, Stage::Again(at));
            return;
        }
        for call in waiting {
            self.answer(call, Answer::Failure { failure: failure.clone() });
        }
        self.end_mirror(key, EndReason::Denied);
    }

    /// A report's event.
    pub(super) fn report_event(&mut self, key: &Key, name: &str, data: &RawValue) {
        let Some(mirror) = self.mirrors.reports.get_mut(key) else { return };
        let is_staged = mirror.staged.is_some();
        let applied = match &mut mirror.staged {
            Some(staged) => staged.apply(name, data),
            None if mirror.is_current => mirror.shown.apply(name, data),
            // Of an earlier subscription: everything is about to be read anew.
            None => return,
        };
        match applied {
            Applied::Changed if is_staged => {
                if let Some(View::Journey(journey)) = &mirror.staged
                    && journey.is_told()
                {
                    self.snapshot_complete(key);
                }
            }
            Applied::Changed => {
                let is_over = matches!(&mirror.shown, View::Journey(journey) if journey.is_over());
                self.tell_changed(key.0, &key.1, Change::Event);
                if is_over {
                    self.end_mirror(key, EndReason::Over);
                }
            }
            Applied::Misfit => self.misfit(key, name),
            Applied::TooLarge => {
                let problem = Problem::local(Local::Misfit).say("There is more than any contact centre has.");
                self.warn(problem);
                self.abandon_mirror(key, EndReason::Denied);
            }
            Applied::Unknown => {}
        }
    }

    /// What is shown does not fit what is told: it is read anew, after a little while, lest a broken server is asked all the time.
    fn misfit(&mut self, key: &Key, name: &str) {
        self.warn(Problem::local(Local::Misfit).say(&format!("It was `{name}` of {}; it is read anew.", key.1)));
        if let Some(mirror) = self.mirrors.reports.get_mut(key) {
            mirror.staged = None;
            mirror.is_current = false;
        }
        self.mirrors.set_stage(key, Stage::Again(self.now + limits::BEGIN_AGAIN));
        self.tell_changed(key.0, &key.1, Change::Stale);
    }

    /// A snapshot is there as a whole.
    pub(super) fn snapshot_complete(&mut self, key: &Key) {
        let Some(mirror) = self.mirrors.reports.get_mut(key) else { return };
        if let Some(staged) = mirror.staged.take() {
            mirror.shown = staged;
        }
        mirror.is_current = true;
        let is_over = matches!(&mirror.shown, View::Journey(journey) if journey.is_over());
        self.mirrors.set_stage(key, Stage::Current);
        self.tell_snapshot(key.0, &key.1);
        for call in self.calls.at(&Place::Mirror(key.clone())) {
            let response = success(&command(key, "begin"));
            self.answer(call, Answer::Success { response });
        }
        if is_over {
            self.end_mirror(key, EndReason::Over);
        }
    }

    /// Nobody waits for a subscription any more: where it never came to be, it is ended.
    pub(super) fn abandon(&mut self, key: &Key) {
        let is_shown = self.mirrors.reports.get(key).is_none_or(|mirror| mirror.is_current);
        if !is_shown && self.calls.at(&Place::Mirror(key.clone())).is_empty() {
            self.abandon_mirror(key, EndReason::Asked);
        }
    }

    fn abandon_mirror(&mut self, key: &Key, why: EndReason) {
        let is_known_there = self.mirrors.reports.get(key).is_some_and(|mirror| match mirror.stage {
            Stage::Asked(asked) => asked.and_then(|id| self.table.get(id)).is_some_and(|pending| pending.is_sent),
            Stage::Reading(_) | Stage::Current | Stage::Again(_) => true,
        });
        self.end_mirror(key, why);
        if is_known_there {
            self.table.insert(report_request(Owner::End, key, "end"));
        }
    }

    /// A mirror is over, and gone.
    pub(super) fn end_mirror(&mut self, key: &Key, why: EndReason) {
        self.end_mirror_as(key, why.into());
    }

    /// The same, told in full.
    fn end_mirror_as(&mut self, key: &Key, how: Change) {
        let is_known = match key.0 {
            MirrorKind::Session => self.mirrors.sessions.remove(&key.1).is_some(),
            MirrorKind::Services => self.mirrors.services.take().is_some(),
            MirrorKind::Roster | MirrorKind::Queues | MirrorKind::Journey => {
                if let Some(Stage::Again(at)) = self.mirrors.reports.get(key).map(|mirror| mirror.stage) {
                    self.mirrors.again.remove(&(at, key.clone()));
                }
                self.mirrors.reports.remove(key).is_some()
            }
        };
        if !is_known {
            return;
        }
        self.drop_begin(key);
        for call in self.calls.at(&Place::Mirror(key.clone())) {
            self.answer(call, Answer::Failure { failure: Problem::local(Local::Cancelled) });
        }
        self.tell_changed(key.0, &key.1, how);
    }

    /// Its request is not sent any more.
    fn drop_begin(&mut self, key: &Key) {
        let own = Owner::Begin(key.clone());
        let unsent: Vec<u64> =
            self.table.iter().filter(|(_, one)| !one.is_sent && one.owner == own).map(|(id, _)| id).collect();
        for id in unsent {
            self.table.remove(id);
        }
    }

    pub(super) fn end_all_mirrors(&mut self, why: EndReason) {
        let sessions = self.mirrors.session_ids().into_iter().map(|id| (MirrorKind::Session, id));
        let keys: Vec<Key> = sessions.chain(self.mirrors.reports.keys().cloned()).collect();
        for key in keys {
            self.end_mirror(&key, why);
        }
        self.end_mirror(&(MirrorKind::Services, "".into()), why);
    }

    /// What is shown may be out of date.
    pub(super) fn stale_mirrors(&mut self) {
        if let Some((_, is_current)) = &mut self.mirrors.services
            && std::mem::take(is_current)
        {
            self.tell_changed(MirrorKind::Services, "", Change::Stale);
        }
        let mut stale = Vec::new();
        for (key, mirror) in self.mirrors.reports.iter_mut() {
            if std::mem::take(&mut mirror.is_current) {
                stale.push(key.clone());
            }
        }
        for (kind, key) in stale {
            self.tell_changed(kind, &key, Change::Stale);
        }
    }

    /// `prepareSession` succeeded.
    pub(super) fn session_prepared(&mut self, resource: &str, agent: &str) {
        if self.mirrors.len() < limits::MIRRORS_MAX {
            self.mirrors.sessions.insert(resource.into(), Session::new(resource, agent));
            self.tell_snapshot(MirrorKind::Session, resource);
        }
    }

    /// A session's resource was bound: everything is told from the beginning.
    pub(super) fn session_bound(&mut self, resource: &str) {
        match self.mirrors.sessions.get_mut(resource) {
            Some(session) => {
                session.clear();
                self.tell_snapshot(MirrorKind::Session, resource);
            }
            None => self.session_prepared(resource, ""),
        }
    }

    /// A session is over, or not bound any more.
    pub(super) fn session_over(&mut self, resource: &str, how: impl Into<Change>) {
        self.network.unbound(resource);
        self.end_mirror_as(&(MirrorKind::Session, resource.into()), how.into());
    }

    pub(super) fn tell_snapshot(&mut self, mirror: MirrorKind, key: &str) {
        self.tell_changed(mirror, key, Change::Snapshot);
    }

    pub(super) fn tell_changed(&mut self, mirror: MirrorKind, key: &str, how: Change) {
        self.outbox.push_back(DeskOutput::Changed { mirror, key: key.into(), how });
    }
}

fn command(key: &Key, word: &str) -> String {
    let report = match key.0 {
        MirrorKind::Queues => "queuestatus",
        MirrorKind::Journey => "calljourney",
        MirrorKind::Roster | MirrorKind::Services | MirrorKind::Session => "teamstatus",
    };
    format!("report.{report}.{word}")
}

fn report_request(owner: Owner, key: &Key, word: &str) -> Pending {
    let mut data = b"{".to_vec();
    write::text_property(&mut data, if key.0 == MirrorKind::Journey { "CallId" } else { "agentId" }, &key.1);
    data.push(b'}');
    let mut pending = Pending::own(owner, Recipient::Reports, &command(key, word));
    pending.data = String::from_utf8(data).ok().map(Secret::new);
    pending
}

fn success(command: &str) -> Box<RawValue> {
    let mut out = b"{".to_vec();
    write::text_property(&mut out, "command", command);
    out.extend_from_slice(b",\"result\":\"success\",\"data\":{}}");
    // INVARIANT: a command's name in an object makes a value.
    RawValue::from_string(String::from_utf8(out).expect("messages are UTF-8")).expect("an object")
}
