//! Lines on their way to stderr: kept in a bounded buffer, written in batches by a thread of their own.
//!
//! Whoever logs appends to the buffer and goes on; it never waits for a reader, and a reader that is gone, or stands
//! still, costs lines and nothing else. How many it cost is said when there is room again. The thread is woken once
//! per batch, not once per line: under load that would cost more than the calls that are logged.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

const CAPACITY: usize = 1 << 20;
/// How long lines gather after a batch was written.
const PAUSE: Duration = Duration::from_millis(10);

/// Where lines are appended. Clones share the buffer.
#[derive(Clone)]
pub(super) struct Writer(Arc<Shared>);

/// Writes what is still in the buffer when it is dropped.
#[must_use]
pub struct Guard {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    wake: Condvar,
    lines: &'static str,
}

#[derive(Default)]
struct State {
    lines: Vec<u8>,
    lost: u64,
    /// The thread waits for the first line of a batch.
    idle: bool,
    closing: bool,
}

impl Writer {
    /// Starts the thread that writes to `sink`.
    /// `lines` says what kind of lines they are.
    pub(super) fn start(sink: impl Write + Send + 'static, lines: &'static str) -> io::Result<(Self, Guard)> {
        let shared = Arc::new(Shared { state: Mutex::default(), wake: Condvar::new(), lines });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name(lines.to_owned()).spawn(move || of_thread.run(sink))?;
        Ok((Self(Arc::clone(&shared)), Guard { shared, thread: Some(thread) }))
    }
}

impl Write for &Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock();
        if state.lines.len() + line.len() > CAPACITY {
            state.lost += 1;
        } else {
            state.lines.extend_from_slice(line);
            if std::mem::take(&mut state.idle) {
                self.0.wake.notify_one();
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Writer {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mut sink: impl Write) {
        let mut batch = Vec::new();
        while let Some(lost) = self.next(&mut batch) {
            // A closed stderr is no reason to end.
            let _ = sink.write_all(&batch);
            if lost > 0 {
                let _ = writeln!(
                    sink,
                    "{{\"level\":\"WARN\",\"message\":\"{} lines were lost\",\"lost\":{lost}}}",
                    self.lines
                );
            }
            let _ = sink.flush();
            batch.clear();
            let pause = self.wake.wait_timeout_while(self.lock(), PAUSE, |state| !state.closing);
            drop(pause.unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Waits for lines and moves them into `batch`; gives the number of lost ones. `None` at the end.
    fn next(&self, batch: &mut Vec<u8>) -> Option<u64> {
        let mut state = self.lock();
        while state.lines.is_empty() && state.lost == 0 {
            if state.closing {
                return None;
            }
            state.idle = true;
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(batch, &mut state.lines);
        Some(std::mem::take(&mut state.lost))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            // It can only have panicked, and there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Waits for a permit before each write.
    struct Slow {
        permits: Receiver<()>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.permits.recv().map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Writer, Guard, Sender<()>, Arc<Mutex<Vec<u8>>>) {
        let (permit, permits) = channel();
        let written = Arc::default();
        let (writer, guard) = Writer::start(Slow { permits, written: Arc::clone(&written) }, "log").unwrap();
        (writer, guard, permit, written)
    }

    #[test]
    fn a_reader_that_stands_still_costs_lines_and_nothing_else() {
        let (writer, guard, permit, written) = slow();
        let line = [b'x'; 1023];
        for _ in 0..3000 {
            (&mut &writer).write_all(&line).unwrap();
        }
        for _ in 0..10 {
            permit.send(()).unwrap();
        }
        drop(guard);
        let written = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        let kept = written.matches('x').count() / line.len();
        let batch = CAPACITY / line.len();
        assert!((batch..=2 * batch).contains(&kept), "{kept}");
        let lost = format!("\"lost\":{}}}", 3000 - kept);
        assert!(written.trim_end().ends_with(&lost), "{}", &written[written.len() - 100..]);
    }

    #[test]
    fn a_reader_that_is_gone_ends_nothing() {
        let (writer, guard, permit, _) = slow();
        drop(permit);
        (&mut &writer).write_all(b"line").unwrap();
        drop(guard);
    }

    #[test]
    fn the_guard_writes_what_is_left() {
        let (writer, guard, permit, written) = slow();
        for _ in 0..10 {
            permit.send(()).unwrap();
        }
        (&mut &writer).write_all(b"one\n").unwrap();
        (&mut &writer).write_all(b"two\n").unwrap();
        drop(guard);
        assert_eq!(written.lock().unwrap().as_slice(), b"one\ntwo\n");
    }
}
