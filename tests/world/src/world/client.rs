//! Clients: what each remembers of what it sent and got.

use interaction_core::input::Access;
use serde_json::Value;

/// One client.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) name: String,
    pub(super) peer: String,
    pub(super) access: Access,
    pub(super) socket: Option<u64>,
    /// The message it posts at the moment.
    pub(super) posting: Option<u64>,
    /// It posts, and reads by polls and streams, which are its sockets.
    pub(super) is_by_http: bool,
    pub(super) is_connected: bool,
    /// The socket whose key its link has.
    pub(super) key: Option<u64>,
    /// The number of the last message that reached it.
    pub(super) received: u64,
    pub(super) is_silent: bool,
    last_request: u64,
    /// What it asked on its present link, newest last.
    pub(super) asked: Vec<(String, String)>,
}

impl Client {
    pub(super) fn new(place: usize, access: Access) -> Self {
        let peers = ["10.0.0.1", "10.0.0.2", "2001:db8:1:2::a", "2001:db8:1:2::b", "::ffff:10.0.0.1"];
        // One of them has no name.
        let name = if place == 1 { String::new() } else { format!("desk-{place}") };
        Self {
            name,
            peer: peers[place % peers.len()].to_owned(),
            access,
            socket: None,
            posting: None,
            is_by_http: false,
            is_connected: false,
            key: None,
            received: 0,
            is_silent: false,
            last_request: 0,
            asked: Vec::new(),
        }
    }

    pub(super) fn next_request(&mut self) -> String {
        self.last_request += 1;
        format!("r{}", self.last_request)
    }

    /// A message came.
    pub(super) fn got(&mut self, body: &Value) {
        if body["messageType"] == "connected" {
            self.is_connected = true;
            self.is_by_http = self.posting.is_some();
            let key = body["resumeKey"].as_str().and_then(|key| key.strip_prefix("resume-key-")?.parse().ok());
            if key != self.key {
                self.received = 0;
                self.asked.clear();
            }
            self.key = key;
        }
        if let Some(seq) = body["seq"].as_u64() {
            self.received = seq;
        }
    }

    /// Its socket is gone. By HTTP that is as it should be: the next poll goes on.
    pub(super) fn parted(&mut self) {
        self.socket = None;
        self.is_connected &= self.is_by_http;
    }

    /// What it posted, or its poll, was answered.
    pub(super) fn answered(&mut self, request: u64, status: u16) {
        self.posting = self.posting.filter(|own| *own != request);
        self.socket = self.socket.filter(|own| *own != request);
        // Its link is over, or is somebody else's, or has a gap: it connects anew.
        self.is_connected &= !matches!(status, 401 | 409 | 410);
    }
}
