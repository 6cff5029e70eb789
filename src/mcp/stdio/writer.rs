//! The one that writes answers, each on its line, in the order in which they come.

use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::mcp::conversation::Outgoing;

/// Pieces of at least this size are written as they are; smaller ones are gathered into one write.
const LARGE: usize = 32 * 1024;

/// How many answers are taken at once.
const BATCH: usize = 64;

/// Writes until nobody sends any more, or nobody reads any more.
pub(super) async fn write<W: AsyncWrite + Unpin>(mut writer: W, mut answers: UnboundedReceiver<Outgoing>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut gathered = Vec::new();
    while answers.recv_many(&mut batch, BATCH).await > 0 {
        if let Err(error) = write_batch(&mut writer, &mut batch, &mut gathered).await {
            tracing::debug!(%error, "the client is gone");
            return;
        }
        batch.clear();
    }
}

async fn write_batch<W: AsyncWrite + Unpin>(
    writer: &mut W,
    batch: &mut [Outgoing],
    gathered: &mut Vec<u8>,
) -> std::io::Result<()> {
    for outgoing in batch {
        for segment in outgoing.segments.by_ref() {
            gather(writer, gathered, &segment).await?;
        }
        gathered.push(b'\n');
    }
    writer.write_all(gathered).await?;
    gathered.clear();
    writer.flush().await
}

async fn gather<W: AsyncWrite + Unpin>(
    writer: &mut W,
    gathered: &mut Vec<u8>,
    segment: &Bytes,
) -> std::io::Result<()> {
    if segment.len() < LARGE {
        gathered.extend_from_slice(segment);
        return Ok(());
    }
    writer.write_all(gathered).await?;
    gathered.clear();
    writer.write_all(segment).await
}
