//! What clients do that reach their links by HTTP.

use interaction_core::input::{Carrier, Input};

use super::{Difference, World};
use crate::model::{Fate, Happening, Link};
use crate::rng::Rng;

/// What a poll surely takes, in bytes: it takes 1 MiB, or one message.
const POLL_BYTES: usize = 900_000;

impl World {
    pub(super) fn connect_by_http(
        &mut self,
        client: usize,
        socket: u64,
        frame: String,
        rng: &mut Rng,
    ) -> Result<(), Difference> {
        let own = &mut self.clients[client];
        let old = own.socket.take();
        own.is_connected = false;
        let text = if rng.once_in(20) { Self::rude_frame(rng) } else { frame };
        self.post(client, socket, None, text)?;
        match old.filter(|old| self.model.sockets.contains_key(old)) {
            Some(old) => self.close(old),
            None => Ok(()),
        }
    }

    pub(super) fn post(&mut self, client: usize, socket: u64, to: Option<u64>, text: String) -> Result<(), Difference> {
        let own = &mut self.clients[client];
        own.posting = Some(socket);
        let (peer, access) = (own.peer.clone(), own.access);
        self.happen(Happening::Posted { socket, peer, access, to, text })
    }

    /// Polls, or opens a stream: one that reads by HTTP, or one that is taken over from its WebSocket.
    pub(super) fn listen(&mut self, client: usize, rng: &mut Rng) -> Result<(), Difference> {
        let own = &self.clients[client];
        let is_ready = own.is_by_http && own.socket.is_none();
        let Some(own_key) = own.key.filter(|_| is_ready || rng.once_in(12)) else { return Ok(()) };
        let key = if rng.once_in(40) { 999_999 } else { own_key };
        let after = match rng.below(16) {
            0 => own.received + 10_000,
            1 => own.received.saturating_sub(rng.below(4)),
            _ => own.received,
        };
        let link = self.link_by_key(key).map(|link| &self.model.links[&link]);
        // Whether all of it is kept, or goes into one answer, depends on how the engine counts bytes.
        let is_sure = |link: &Link| link.can_resume(after) != Fate::Open && link.most_kept() < POLL_BYTES;
        if link.is_some_and(|link| !is_sure(link)) {
            return Ok(());
        }
        let carrier = match rng.below(4) {
            0 => Carrier::Stream,
            _ => Carrier::Poll { wait_ms: rng.pick([0, 2_000, 25_000, 90_000]) },
        };
        let socket = self.fresh_socket();
        let own = &mut self.clients[client];
        own.socket = Some(socket);
        own.is_by_http = true;
        own.is_connected = true;
        self.happen(Happening::Attached { socket, key, after, carrier })
    }

    /// The server says that it goes down, and does; whoever still polls is sent away.
    pub(super) fn go_down(&mut self) -> Result<(), Difference> {
        let rng = &mut Rng::new(self.setting.seed);
        for grace_ms in [5_000, 0, 0] {
            self.happen(Happening::Input(Input::ShutDown { grace_ms }))?;
            for client in 0..self.clients.len() {
                self.listen(client, rng)?;
            }
        }
        Ok(())
    }
}
