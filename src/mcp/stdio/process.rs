//! The standard streams of this process.
//!
//! A client that starts us gives us pipes or sockets, which the runtime can wait for without a thread. Anything else (a
//! file, a terminal, Windows) is read by a thread of its own: tokio's would keep the runtime from shutting down
//! until another line comes.

use std::io::{self, Read};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, duplex};
use tokio::runtime::Handle;

use crate::mcp::Server;

type Reader = Box<dyn AsyncRead + Send + Unpin>;
type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// Serves standard input and output until the input ends, nobody reads the output, or `shutdown`.
///
/// # Errors
///
/// Standard input cannot be read.
pub async fn serve_process(server: Arc<Server>, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let reader = waitable::input().map_or_else(threaded_input, Ok)?;
    let writer = waitable::output().unwrap_or_else(|| Box::new(tokio::io::stdout()));
    super::serve(server, reader, writer, shutdown).await
}

/// Standard input through a thread that may block. It is not waited for when the process ends.
fn threaded_input() -> io::Result<Reader> {
    const BUFFER: usize = 64 * 1024;
    let (mut into, from) = duplex(BUFFER);
    let runtime = Handle::current();
    std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut buffer = vec![0; BUFFER];
        while let Ok(read @ 1..) = stdin.read(&mut buffer) {
            let bytes = buffer.get(..read).unwrap_or_default();
            if runtime.block_on(into.write_all(bytes)).is_err() {
                break;
            }
        }
    })?;
    Ok(Box::new(from))
}

#[cfg(unix)]
mod waitable {
    use std::fs::File;
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::fs::FileTypeExt;
    use std::os::unix::net::UnixStream as Socket;

    use tokio::net::UnixStream;
    use tokio::net::unix::pipe;

    use super::{Reader, Writer};

    /// Standard input, if it is a pipe or a socket.
    pub(super) fn input() -> Option<Reader> {
        let (file, pipe) = open(std::io::stdin())?;
        if pipe {
            return Some(Box::new(pipe::Receiver::from_file(file).ok()?));
        }
        Some(Box::new(socket(file)?))
    }

    /// Standard output, if it is a pipe or a socket.
    pub(super) fn output() -> Option<Writer> {
        let (file, pipe) = open(std::io::stdout())?;
        if pipe {
            return Some(Box::new(pipe::Sender::from_file(file).ok()?));
        }
        Some(Box::new(socket(file)?))
    }

    /// The file behind a standard stream, and whether it is a pipe (or else a socket).
    fn open(stream: impl AsFd) -> Option<(File, bool)> {
        let file = File::from(stream.as_fd().try_clone_to_owned().ok()?);
        let kind = file.metadata().ok()?.file_type();
        (kind.is_fifo() || kind.is_socket()).then_some((file, kind.is_fifo()))
    }

    fn socket(file: File) -> Option<UnixStream> {
        let socket = Socket::from(OwnedFd::from(file));
        // Of sockets only those of the Unix family are taken: others have no such address.
        socket.local_addr().ok()?;
        socket.set_nonblocking(true).ok()?;
        UnixStream::from_std(socket).ok()
    }
}

#[cfg(not(unix))]
mod waitable {
    use super::{Reader, Writer};

    pub(super) fn input() -> Option<Reader> {
        None
    }

    pub(super) fn output() -> Option<Writer> {
        None
    }
}
