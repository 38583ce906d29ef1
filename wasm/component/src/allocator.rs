//! The component's memory. An engine takes and gives back small pieces all the time, and the standard library's allocator, which is
//! made to be small in WebAssembly, was a fifth of its time. So small pieces come from lists, one for each size, and go back to
//! them; what is larger, and what the lists are filled from, is the standard library's.
//!
//! What a list has got stays in it: as much as was in use at one time, which the engine's bounds limit.

#![allow(unsafe_code, reason = "an allocator is what no safe code makes")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr;

/// Sizes are multiples of this, and so are addresses.
const STEP: usize = 16;
/// The lists: up to 1 KiB.
const LISTS: usize = 64;
/// What the lists are filled from.
const CHUNK_BYTES: usize = 32 << 10;

/// A piece that is not in use.
struct Free {
    next: *mut Free,
}

struct Lists {
    free: [*mut Free; LISTS],
    /// What is left of the last chunk, a multiple of [`STEP`].
    rest: *mut u8,
    rest_bytes: usize,
}

/// To be the global allocator of a module with one thread.
pub(crate) struct Allocator(UnsafeCell<Lists>);

impl Allocator {
    pub(crate) const fn new() -> Self {
        Self(UnsafeCell::new(Lists { free: [ptr::null_mut(); LISTS], rest: ptr::null_mut(), rest_bytes: 0 }))
    }
}

// SAFETY: a component has one thread, and nothing here calls back.
unsafe impl Sync for Allocator {}

// SAFETY: a piece is in use or in one list; its list is known by its size, whatever it was asked for by.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(list) = list(layout) else {
            // SAFETY: the caller's promise is the callee's.
            return unsafe { System.alloc(layout) };
        };
        // SAFETY: one thread, see above.
        let lists = unsafe { &mut *self.0.get() };
        let first = lists.free[list];
        if first.is_null() {
            return lists.cut(list);
        }
        // SAFETY: what is in a list is a piece that nobody uses, large enough for `Free`.
        lists.free[list] = unsafe { (*first).next };
        first.cast()
    }

    #[inline]
    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        match list(layout) {
            // SAFETY: one thread, see above; the caller uses the piece no more.
            Some(list) => unsafe { (*self.0.get()).put(list, piece) },
            // SAFETY: it came from there, and the caller's promise is the callee's.
            None => unsafe { System.dealloc(piece, layout) },
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if list(layout).is_none() {
            // SAFETY: the caller's promise is the callee's.
            return unsafe { System.alloc_zeroed(layout) };
        }
        // SAFETY: the caller's promise is the callee's.
        let piece = unsafe { self.alloc(layout) };
        if !piece.is_null() {
            // SAFETY: it is that large.
            unsafe { piece.write_bytes(0, layout.size()) };
        }
        piece
    }

    #[inline]
    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the size is one of a layout with this alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (list(layout), list(wanted)) {
            (None, None) => {
                // SAFETY: it came from there, and the caller's promise is the callee's.
                unsafe { System.realloc(piece, layout, size) }
            }
            (Some(own), Some(other)) if own == other => piece,
            _ => {
                // SAFETY: the old piece is in use until it was copied, and the new one is another.
                unsafe {
                    let moved = self.alloc(wanted);
                    if !moved.is_null() {
                        ptr::copy_nonoverlapping(piece, moved, layout.size().min(size));
                        self.dealloc(piece, layout);
                    }
                    moved
                }
            }
        }
    }
}

impl Lists {
    /// A piece that was in no list yet.
    #[cold]
    fn cut(&mut self, list: usize) -> *mut u8 {
        let bytes = (list + 1) * STEP;
        if self.rest_bytes < bytes {
            // SAFETY: the size is not zero, and the alignment a power of two.
            let chunk = unsafe { System.alloc(Layout::from_size_align_unchecked(CHUNK_BYTES, STEP)) };
            if chunk.is_null() {
                return chunk;
            }
            if let Some(last) = (self.rest_bytes / STEP).checked_sub(1) {
                // SAFETY: what is left is a piece of that size, smaller than the largest.
                unsafe { self.put(last, self.rest) };
            }
            (self.rest, self.rest_bytes) = (chunk, CHUNK_BYTES);
        }
        let piece = self.rest;
        // SAFETY: so much is left.
        self.rest = unsafe { piece.add(bytes) };
        self.rest_bytes -= bytes;
        piece
    }

    /// # Safety
    /// The piece is of the list's size, came from here, and nobody uses it.
    unsafe fn put(&mut self, list: usize, piece: *mut u8) {
        let piece: *mut Free = piece.cast();
        // SAFETY: it is large enough for it.
        unsafe { piece.write(Free { next: self.free[list] }) };
        self.free[list] = piece;
    }
}

/// Where a piece is from; none where it is the standard library's.
#[inline]
const fn list(layout: Layout) -> Option<usize> {
    // The size of what is asked for is never zero.
    let list = (layout.size() - 1) / STEP;
    if list < LISTS && layout.align() <= STEP { Some(list) } else { None }
}
