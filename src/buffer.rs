//! The memory of large bodies and of what is made of them, kept for the next ones.
//!
//! Memory of this size goes back to the system as soon as it is free, and each page of it has to be made anew: for an
//! answer of a megabyte that took as long as looking through it. What is kept here is bounded, and what is taken is at
//! most twice what is needed, so that a body which is kept for long holds little more than itself.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// Smaller ones the allocator has at hand.
const SMALLEST: usize = 128 << 10;
/// One of more is seldom needed again.
const LARGEST: usize = 4 << 20;

/// For the whole process.
static KEPT: Kept = Kept { buffers: Mutex::new(VecDeque::new()), most: 8 << 20 };

/// An empty buffer for so many bytes.
pub(crate) fn of(length: usize) -> Vec<u8> {
    KEPT.take(length).unwrap_or_else(|| Vec::with_capacity(length))
}

/// What is whole, to be read from now on. Its memory is kept when nobody needs it any more.
pub(crate) fn shared(body: Vec<u8>) -> Bytes {
    if (SMALLEST..=LARGEST).contains(&body.capacity()) {
        return Bytes::from_owner(Body { bytes: body, kept: &KEPT });
    }
    Bytes::from(body)
}

/// Buffers that nobody needs, the oldest first.
struct Kept {
    buffers: Mutex<VecDeque<Vec<u8>>>,
    /// How many bytes are kept.
    most: usize,
}

impl Kept {
    fn take(&self, length: usize) -> Option<Vec<u8>> {
        let fits = |buffer: &Vec<u8>| (length..=length.saturating_mul(2)).contains(&buffer.capacity());
        let mut buffers = self.lock();
        let found = buffers.iter().rposition(fits)?;
        buffers.remove(found)
    }

    fn keep(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut buffers = self.lock();
        buffers.push_back(buffer);
        while buffers.iter().map(Vec::capacity).sum::<usize>() > self.most {
            buffers.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body in memory that is kept.
struct Body {
    bytes: Vec<u8>,
    kept: &'static Kept,
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.kept.keep(std::mem::take(&mut self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(most: usize) -> &'static Kept {
        Box::leak(Box::new(Kept { buffers: Mutex::default(), most }))
    }

    #[test]
    fn memory_is_kept_when_the_last_part_of_a_body_is_dropped() {
        let kept = kept(1000);
        let body = Bytes::from_owner(Body { bytes: b"secret body".to_vec(), kept });
        let (part, place) = (body.slice(2..4), body.as_ptr());
        drop(body);
        assert!(kept.take(10).is_none());
        drop(part);
        let taken = kept.take(10).unwrap();
        assert!(taken.is_empty() && taken.as_ptr() == place);
        assert!(kept.take(10).is_none());
    }

    #[test]
    fn what_is_taken_is_at_most_twice_what_is_needed() {
        let kept = kept(1000);
        kept.keep(Vec::with_capacity(100));
        assert!(kept.take(101).is_none() && kept.take(49).is_none());
        assert!(kept.take(50).is_some());
    }

    #[test]
    fn the_oldest_goes_when_there_is_too_much() {
        let kept = kept(100);
        [40, 50, 30].into_iter().for_each(|size| kept.keep(Vec::with_capacity(size)));
        assert!(kept.take(40).is_some_and(|buffer| buffer.capacity() == 50));
        assert!(kept.take(30).is_some() && kept.take(20).is_none());
        kept.keep(Vec::with_capacity(101));
        assert!(kept.take(100).is_none());
    }
}
