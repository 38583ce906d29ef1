//! The numbers of sockets and HTTP requests. A WebSocket's number holds its place in the loop's table, so that the loop finds
//! it without a search: it does so for every message it sends.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use interaction_core::ids::SocketId;

/// The low bits of a number are the place.
const PLACE_BITS: u32 = 24;
/// The place of whatever is no WebSocket.
const NO_PLACE: u32 = (1 << PLACE_BITS) - 1;

/// Gives numbers. None is given twice; places are.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    last: AtomicU64,
    /// Held for the time of a push or a pop, when a socket opens or is gone.
    places: Mutex<Places>,
}

#[derive(Debug, Default)]
struct Places {
    free: Vec<u32>,
    used: u32,
}

impl Numbers {
    /// The next number of a WebSocket.
    pub(crate) fn socket(&self) -> SocketId {
        let place = {
            let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            places.free.pop().unwrap_or_else(|| {
                places.used += 1;
                places.used - 1
            })
        };
        // INVARIANT: `listen.connections-max` is far below what the bits hold.
        assert!(place < NO_PLACE, "sockets are bounded");
        self.number(place)
    }

    /// The next number of a request by HTTP.
    pub(crate) fn request(&self) -> SocketId {
        self.number(NO_PLACE)
    }

    /// Nobody uses the number any more.
    pub(super) fn give_back(&self, socket: SocketId) {
        if let Some(place) = place(socket) {
            self.places.lock().unwrap_or_else(PoisonError::into_inner).free.push(place as u32);
        }
    }

    fn number(&self, place: u32) -> SocketId {
        SocketId(((self.last.fetch_add(1, Ordering::Relaxed) + 1) << PLACE_BITS) | u64::from(place))
    }
}

/// The place of a WebSocket in the table.
pub(super) fn place(socket: SocketId) -> Option<usize> {
    let place = socket.0 as u32 & NO_PLACE;
    (place != NO_PLACE).then_some(place as usize)
}

#[cfg(test)]
mod tests {
    use super::{Numbers, place};

    #[test]
    fn places_are_used_again_and_numbers_are_not() {
        let numbers = Numbers::default();
        let (first, second, request) = (numbers.socket(), numbers.socket(), numbers.request());
        assert_eq!([first, second, request].map(place), [Some(0), Some(1), None]);
        numbers.give_back(first);
        numbers.give_back(request);
        let third = numbers.socket();
        assert_eq!(place(third), Some(0));
        assert!(first < second && second < request && request < third);
    }
}
