//! Lines of a byte stream, bounded: one that is too long is skipped without being kept.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

const READ_AT_ONCE: usize = 64 * 1024;

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// All of it; never blank.
    Whole(Bytes),
    /// One that was longer than the limit; it is gone.
    TooLong,
}

/// Reads lines.
pub(super) struct Lines<R> {
    reader: R,
    limit: usize,
    buffer: BytesMut,
    /// How much of the buffer is known to hold no line end.
    searched: usize,
    /// The rest of the current line is skipped.
    skipping: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(reader: R, limit: usize) -> Self {
        Self { reader, limit, buffer: BytesMut::new(), searched: 0, skipping: false }
    }

    /// The next line; `None` at the end. A last line without an end counts. Nothing is lost when this is dropped while
    /// it waits.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            if let Some(line) = self.take() {
                return Ok(Some(line));
            }
            self.buffer.reserve(READ_AT_ONCE);
            if self.reader.read_buf(&mut self.buffer).await? == 0 {
                let rest = self.buffer.split();
                self.searched = 0;
                return Ok(self.line(rest));
            }
        }
    }

    /// A line out of what was read.
    fn take(&mut self) -> Option<Line> {
        loop {
            let found = memchr::memchr(b'\n', self.buffer.get(self.searched..).unwrap_or_default());
            let Some(found) = found else {
                self.searched = self.buffer.len();
                if self.searched > self.limit {
                    self.skipping = true;
                }
                if self.skipping {
                    self.buffer.clear();
                    self.searched = 0;
                }
                return None;
            };
            let line = self.buffer.split_to(self.searched + found + 1);
            self.searched = 0;
            if let Some(line) = self.line(line) {
                return Some(line);
            }
        }
    }

    fn line(&mut self, mut line: BytesMut) -> Option<Line> {
        if std::mem::take(&mut self.skipping) || line.len() > self.limit + 1 {
            return Some(Line::TooLong);
        }
        line.truncate(line.trim_ascii_end().len());
        let blank = line.trim_ascii_start().is_empty();
        (!blank).then(|| Line::Whole(line.freeze()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `text` in pieces of every size from one byte to all of it.
    async fn lines(text: &[u8], limit: usize) -> Vec<Line> {
        let mut read: Option<Vec<Line>> = None;
        for size in 1..=text.len().max(1) {
            let mut mock = tokio_pieces(text, size);
            let mut lines = Lines::new(&mut mock, limit);
            let mut all = Vec::new();
            while let Some(line) = lines.next().await.unwrap() {
                all.push(line);
            }
            assert!(read.as_ref().is_none_or(|read| *read == all), "pieces of {size}");
            read = Some(all);
        }
        read.unwrap_or_default()
    }

    fn tokio_pieces(text: &[u8], size: usize) -> impl AsyncRead + Unpin {
        struct Pieces(std::collections::VecDeque<Vec<u8>>);
        impl AsyncRead for Pieces {
            fn poll_read(
                mut self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
                buffer: &mut tokio::io::ReadBuf<'_>,
            ) -> std::task::Poll<io::Result<()>> {
                if let Some(piece) = self.0.pop_front() {
                    buffer.put_slice(&piece);
                }
                std::task::Poll::Ready(Ok(()))
            }
        }
        Pieces(text.chunks(size).map(<[u8]>::to_vec).collect())
    }

    fn whole(text: &str) -> Line {
        Line::Whole(Bytes::copy_from_slice(text.as_bytes()))
    }

    #[tokio::test]
    async fn lines_are_cut_at_line_feeds_and_trimmed() {
        assert_eq!(lines(b"a\nbc\r\n\n  \nd e ", 100).await, [whole("a"), whole("bc"), whole("d e")]);
        assert_eq!(lines(b"", 100).await, []);
    }

    #[tokio::test]
    async fn a_line_beyond_the_limit_is_skipped_and_the_next_is_read() {
        assert_eq!(
            lines(b"1234\n12345\n123456789\nab\n", 4).await,
            [whole("1234"), Line::TooLong, Line::TooLong, whole("ab")]
        );
        assert_eq!(lines(b"123456", 4).await, [Line::TooLong]);
    }
}
