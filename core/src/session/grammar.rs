//! The grammar of events, checked as they are sent: created before anything else, initialized once, ended once, nothing after
//! disposed. An object's life begins anew with each binding, which hears of everything from the start.

use serde::{Deserialize, Serialize};

/// What the present binding has heard of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Life {
    /// Nothing.
    #[default]
    Unheard,
    Created,
    Initialized,
    Ended,
    Disposed,
}

impl Life {
    /// INVARIANT: an object is created once in a binding.
    pub(crate) fn created(&mut self) {
        debug_assert_eq!(*self, Self::Unheard, "created once");
        *self = Self::Created;
    }

    /// INVARIANT: an object is initialized once, after it was created.
    pub(crate) fn initialized(&mut self) {
        debug_assert_eq!(*self, Self::Created, "initialized once, after it was created");
        *self = Self::Initialized;
    }

    /// INVARIANT: an interaction ends once.
    pub(crate) fn ended(&mut self) {
        debug_assert_eq!(*self, Self::Initialized, "ended once, after it was initialized");
        *self = Self::Ended;
    }

    /// INVARIANT: nothing is said of an object before it was created or after it was disposed.
    pub(crate) fn spoken_of(self) {
        debug_assert!(!matches!(self, Self::Unheard | Self::Disposed), "spoken of in its life: {self:?}");
    }

    /// INVARIANT: an object is disposed once, after all beneath it; `below` says how many of those are left.
    pub(crate) fn disposed(&mut self, below: usize) {
        debug_assert!(matches!(self, Self::Initialized | Self::Ended), "disposed once, after it was initialized");
        debug_assert_eq!(below, 0, "parents outlive children");
        *self = Self::Disposed;
    }

    /// Whether the present binding knows the object.
    pub(crate) const fn is_known(self) -> bool {
        !matches!(self, Self::Unheard | Self::Disposed)
    }
}

#[cfg(test)]
mod tests {
    use super::Life;

    #[test]
    fn a_life_goes_its_way() {
        let mut life = Life::default();
        assert!(!life.is_known());
        life.created();
        life.spoken_of();
        life.initialized();
        life.ended();
        life.spoken_of();
        life.disposed(0);
        assert!(!life.is_known());
    }

    #[test]
    #[should_panic(expected = "created once")]
    fn nothing_is_created_twice() {
        let mut life = Life::Initialized;
        life.created();
    }

    #[test]
    #[should_panic(expected = "ended once")]
    fn nothing_ends_twice() {
        let mut life = Life::Ended;
        life.ended();
    }

    #[test]
    #[should_panic(expected = "parents outlive children")]
    fn parents_outlive_children() {
        let mut life = Life::Initialized;
        life.disposed(1);
    }

    #[test]
    #[should_panic(expected = "spoken of in its life")]
    fn nothing_follows_a_disposal() {
        Life::Disposed.spoken_of();
    }
}
