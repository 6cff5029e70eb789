//! MCP over a pair of byte streams, one message a line; as a rule the standard streams of a process that a client
//! started.
//!
//! Requests run side by side, up to a bound: the next line is read when there is room, so a client that does not
//! read its answers is soon not read either. Answers are written by one writer, many in one write when they come
//! fast. The end of the input ends everything within a second; so does an output that nobody can
//! read any more.

mod lines;
mod process;
mod writer;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::conversation::{Conversation, Origin};
use super::error::ProtocolError;
use super::{MAX_MESSAGE, Server};
use crate::access::Principal;
use crate::tasks;
use lines::{Line, Lines};
pub use process::serve_process;

/// How long running calls may take to finish after the input has ended. Clients expect the process to be gone within a
/// second, and kill it otherwise.
const FINISH: Duration = Duration::from_millis(700);

/// Serves until `reader` ends, `writer` breaks or `shutdown`. After a shutdown nothing new is read, and what runs has the
/// grace time to finish.
///
/// # Errors
///
/// Reading failed. That nobody reads the answers any more is an end, not an error.
pub async fn serve<R, W>(
    server: Arc<Server>,
    reader: R,
    writer: W,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let grace = server.options.http.grace;
    let (conversation, answers) = Conversation::begin(server);
    let mut writing = tasks::spawn("stdio writer", writer::write(writer, answers));
    let (read, time) = tokio::select! {
        read = take(&conversation, Lines::new(reader, MAX_MESSAGE)) => (read, FINISH),
        () = shutdown => (Ok(()), grace),
        _broken = &mut writing => return Ok(()),
    };
    // The writer ends when nobody can say anything any more: neither this, nor any call.
    let abort = conversation.finish();
    if timeout(time, &mut writing).await.is_err() {
        abort();
        writing.abort();
    }
    read
}

async fn take<R: AsyncRead + Unpin>(conversation: &Conversation, mut lines: Lines<R>) -> io::Result<()> {
    let origin = Origin { gateway: None, headers: None, principal: &Principal::Local };
    while let Some(line) = lines.next().await? {
        let place = conversation.room.place().await;
        match line {
            Line::Whole(line) => conversation.message(&line, origin, place),
            Line::TooLong => {
                conversation.refuse(None, &ProtocolError::TooLong { limit: MAX_MESSAGE }, place);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
