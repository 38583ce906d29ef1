//! Links: section 1's numbering, keeping, once-only and rate.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use interaction_core::input::Scopes;
use interaction_core::time::Time;
use serde_json::{Value, json};

use super::http::Kind;
use super::{Deadline, Expected, Fault, Model, Retry};

/// What the engine's own way of counting may add to a kept message, in bytes.
const COUNTED_MORE: usize = 64;
/// The longest words of a failure or a confirmation, which the model does not know.
const WORDS: usize = 400;

/// One link.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// The socket whose drawn key it has.
    pub(crate) key: u64,
    pub(crate) client_id: String,
    pub(crate) client_name: String,
    /// Whose token made it.
    pub(crate) subject: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) expires: Option<Time>,
    pub(crate) socket: Option<u64>,
    /// What the driver said waits for the socket, in bytes.
    pub(crate) backlog: u64,
    /// The number of the last message that was sent, and of the last its client acknowledged.
    pub(crate) last_seq: u64,
    pub(crate) acked: u64,
    /// What was sent and not acknowledged, oldest first.
    pub(crate) kept: Vec<Kept>,
    pub(crate) requests: BTreeMap<String, Request>,
    /// Acknowledged requests whose answers are remembered, oldest first.
    remembered: Vec<String>,
    /// How many bytes are kept is not said exactly: whether acknowledged answers are still remembered is open by now.
    pub(crate) is_unsure: bool,
    window: Time,
    in_window: u32,
    pub(crate) service_bound: bool,
    pub(crate) resources: BTreeSet<String>,
}

/// A message kept for replay.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    seq: u64,
    body: Value,
    size: Size,
    answers: Option<String>,
    pub(crate) fate: Fate,
}

/// At least and at most so many bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    least: usize,
    most: usize,
}

/// Whether a message is still kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Kept,
    /// How the engine counts decides.
    Open,
    Dropped,
}

/// Where a request is.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    InProgress,
    Answered,
    /// Acknowledged; asked again it is answered so.
    Remembered {
        body: Value,
        size: Size,
    },
}

/// What becomes of one more request.
pub(super) enum Verdict {
    Serve,
    /// The first beyond the rate in its second.
    Tell(u64),
    Drop,
    Flood,
}

impl Link {
    pub(super) fn new(key: u64, client_id: String, client_name: String) -> Self {
        Self {
            key,
            client_id,
            client_name,
            subject: None,
            scopes: Scopes::default(),
            expires: None,
            socket: None,
            backlog: 0,
            last_seq: 0,
            acked: 0,
            kept: Vec::new(),
            requests: BTreeMap::new(),
            remembered: Vec::new(),
            is_unsure: false,
            window: Time::ZERO,
            in_window: 0,
            service_bound: false,
            resources: BTreeSet::new(),
        }
    }

    /// At most so many bytes are kept.
    pub(crate) fn most_kept(&self) -> usize {
        self.kept.iter().map(|kept| kept.size.most).sum()
    }

    /// What people know the client by.
    pub(crate) fn client(&self) -> &str {
        if self.client_name.is_empty() { &self.client_id } else { &self.client_name }
    }

    /// Whether everything after `seq` is still kept.
    pub(crate) fn can_resume(&self, seq: u64) -> Fate {
        if seq > self.last_seq || seq < self.acked {
            return Fate::Dropped;
        }
        let after = || self.kept.iter().filter(|kept| kept.seq > seq);
        if after().any(|kept| kept.fate == Fate::Dropped) {
            Fate::Dropped
        } else if after().any(|kept| kept.fate == Fate::Open) {
            Fate::Open
        } else {
            Fate::Kept
        }
    }

    /// Everything up to `seq` was received.
    pub(super) fn acknowledge(&mut self, seq: u64, remembered_max: u32) {
        self.acked = self.acked.max(seq);
        while self.kept.first().is_some_and(|kept| kept.seq <= seq) {
            let kept = self.kept.remove(0);
            let Some(request) = kept.answers else { continue };
            match kept.fate {
                Fate::Dropped => continue,
                Fate::Open => self.is_unsure = true,
                Fate::Kept => {}
            }
            self.requests.insert(request.clone(), Request::Remembered { body: kept.body, size: kept.size });
            self.remembered.push(request);
            while self.remembered.len() > remembered_max as usize {
                let oldest = self.remembered.remove(0);
                self.requests.remove(&oldest);
            }
        }
    }

    /// `replayBytes` bounds what is kept: remembered answers go first, then the oldest messages. How bytes are counted is
    /// the engine's; what must be gone and what must be there is not.
    fn bound(&mut self, replay_bytes: usize) {
        let (mut least, mut most) = (0, 0);
        for kept in self.kept.iter_mut().rev() {
            least += kept.size.least;
            most += kept.size.most;
            if least > replay_bytes && kept.fate != Fate::Dropped {
                kept.fate = Fate::Dropped;
                if let Some(request) = &kept.answers {
                    self.requests.remove(request);
                }
            } else if most > replay_bytes && kept.fate == Fate::Kept {
                kept.fate = Fate::Open;
                self.is_unsure = true;
            }
        }
        let remembered: usize = self
            .requests
            .values()
            .map(|request| if let Request::Remembered { size, .. } = request { size.most } else { 0 })
            .sum();
        if most + remembered > replay_bytes && remembered > 0 {
            self.is_unsure = true;
        }
    }

    /// CHOICE: requests are counted in windows of one second, each beginning with the first request after the last.
    pub(super) fn count(&mut self, now: Time, per_second: u32) -> Verdict {
        count(&mut self.window, &mut self.in_window, now, per_second)
    }
}

pub(super) fn count(window: &mut Time, in_window: &mut u32, now: Time, per_second: u32) -> Verdict {
    let second = Duration::from_secs(1);
    if now.since(*window) >= second {
        (*window, *in_window) = (now, 0);
    }
    *in_window += 1;
    if *in_window <= per_second {
        Verdict::Serve
    } else if *in_window == per_second + 1 {
        let left = second - now.since(*window);
        Verdict::Tell(u64::try_from(left.as_millis()).unwrap_or(0).max(1))
    } else if *in_window > per_second * 10 {
        Verdict::Flood
    } else {
        Verdict::Drop
    }
}

impl Model {
    /// Sends a message that answers nothing.
    pub(crate) fn tell(&mut self, link: u64, body: Value) {
        self.push(link, body.clone(), body, None);
    }

    /// Sends the answer of a request, if it was not answered before. `kept` is how it is kept: without secrets.
    pub(super) fn answer(&mut self, link: u64, request: &str, live: Value, kept: Value) {
        let waits =
            self.links.get(&link).is_some_and(|link| matches!(link.requests.get(request), Some(Request::InProgress)));
        if waits {
            self.push(link, live, kept, Some(request));
        }
    }

    /// Sends an acknowledged answer again.
    pub(super) fn answer_again(&mut self, link: u64, request: &str, mut body: Value) {
        body["repeated"] = true.into();
        if let Some(link) = self.links.get_mut(&link) {
            link.remembered.retain(|own| own != request);
        }
        self.push(link, body.clone(), body, Some(request));
    }

    /// Tells an error that answers no request.
    pub(super) fn complain(&mut self, link: u64, fault: &Fault) {
        self.tell(link, json!({"messageType": "coreError", "failure": fault.body()}));
    }

    fn push(&mut self, link: u64, mut live: Value, mut kept: Value, answers: Option<&str>) {
        let replay_bytes = self.config.limits.replay_bytes as usize;
        let Some(link) = self.links.get_mut(&link) else { return };
        link.last_seq += 1;
        live["seq"] = link.last_seq.into();
        kept["seq"] = link.last_seq.into();
        let least = kept.to_string().len();
        if let Some(socket) = link.socket {
            if link.backlog > 0 {
                link.backlog += least as u64;
            }
            self.said.push(Expected::Message { socket, body: live, is_replay: false });
            if let Some(Kind::Poll { was_told }) = self.sockets.get_mut(&socket).map(|socket| &mut socket.kind) {
                *was_told = true;
            }
        }
        if let Some(request) = answers {
            link.requests.insert(request.to_owned(), Request::Answered);
        }
        let has_words = kept.get("failure").is_some() || kept.get("response").is_some();
        let most = least + COUNTED_MORE + if has_words { WORDS } else { 0 };
        let size = Size { least: least * 9 / 10, most };
        let answers = answers.map(str::to_owned);
        link.kept.push(Kept { seq: link.last_seq, body: kept, size, answers, fate: Fate::Kept });
        link.bound(replay_bytes);
    }

    /// Sends everything kept to a socket that was just attached.
    pub(super) fn replay(&mut self, link: u64, socket: u64) {
        let Some(link) = self.links.get(&link) else { return };
        for kept in &link.kept {
            self.said.push(Expected::Message { socket, body: kept.body.clone(), is_replay: true });
        }
        let has_any = !link.kept.is_empty();
        if let Some(Kind::Poll { was_told }) = self.sockets.get_mut(&socket).map(|socket| &mut socket.kind) {
            *was_told |= has_any;
        }
    }

    /// A link is over, with the socket that carries it.
    pub(super) fn end_link(&mut self, link: u64, code: u16) {
        if let Some(socket) = self.links.get(&link).and_then(|link| link.socket) {
            self.drop_socket(socket, Some(code));
        }
        if self.forget_link(link) {
            self.owner_gone(link);
            self.drop_waiting(link);
        }
    }

    /// Takes a link out; its key is known as ended from now on.
    pub(super) fn forget_link(&mut self, link: u64) -> bool {
        self.deadlines.remove(&Deadline::Grace(link));
        self.deadlines.remove(&Deadline::Token(link));
        let Some(gone) = self.links.remove(&link) else { return false };
        self.carried.retain(|_, carried| *carried != link);
        self.ended_keys.push(gone.key);
        if self.ended_keys.len() > self.config.limits.ended_keys_max as usize {
            self.ended_keys.remove(0);
        }
        true
    }

    /// Nothing a link that is over asked for or watched goes on.
    pub(super) fn drop_waiting(&mut self, link: u64) {
        self.drop_prepares(link);
        self.drop_reports(link);
    }

    /// Counts a request against the rate of its link or, before `connect`, of its socket; false: it is not served.
    pub(super) fn within_rate(&mut self, socket: u64, link: Option<u64>, request: Option<&str>) -> bool {
        let (now, per_second) = (self.now, self.config.limits.requests_per_second);
        let verdict = match link.and_then(|link| self.links.get_mut(&link)) {
            Some(link) => link.count(now, per_second),
            None => self.sockets.get_mut(&socket).map_or(Verdict::Drop, |socket| socket.count(now, per_second)),
        };
        if self.kind_of(socket) == Some(Kind::Posted) && !matches!(verdict, Verdict::Serve) {
            self.refuse_posted(socket, link, request, &verdict);
            return false;
        }
        match verdict {
            Verdict::Serve => return true,
            Verdict::Drop => {}
            Verdict::Flood => self.close(socket, Some(4029)),
            Verdict::Tell(left) => {
                let fault = Fault::new("rate.limited").retry(Retry::InMs(left));
                match link {
                    None => self.complain_unlinked(socket, request, &fault),
                    Some(link) => {
                        let known = self
                            .links
                            .get(&link)
                            .is_some_and(|link| request.is_some_and(|request| link.requests.contains_key(request)));
                        let mut body = json!({"messageType": "coreError", "failure": fault.body()});
                        if let Some(request) = request.filter(|_| !known) {
                            body["requestId"] = request.into();
                        }
                        self.tell(link, body);
                    }
                }
            }
        }
        false
    }
}
