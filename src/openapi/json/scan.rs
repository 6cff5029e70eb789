//! How many bytes belong to a token: the loops in which the reader spends its time.

/// Bytes looked at in one step.
const STRIDE: usize = 8;

/// Length of the blanks at the beginning.
pub(super) fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).unwrap_or(bytes.len())
}

/// Length up to the first `"`, `\` or control character, of which there may be none.
pub(super) fn plain_text(bytes: &[u8]) -> usize {
    let mut strides = bytes.chunks_exact(STRIDE);
    let mut length = 0;
    for stride in strides.by_ref() {
        let Ok(stride) = stride.try_into() else { break };
        let hits = special(u64::from_le_bytes(stride));
        if hits != 0 {
            return length + (hits.trailing_zeros() / 8) as usize;
        }
        length += STRIDE;
    }
    let last = strides.remainder();
    length + last.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).unwrap_or(last.len())
}

/// The highest bit of the first byte that is `"`, `\` or below 0x20 is set, and none of a byte before it (of a byte
/// after it one may be set wrongly, by a borrow).
fn special(bytes: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES * 0x80;
    let quote = bytes ^ (ONES * b'"' as u64);
    let backslash = bytes ^ (ONES * b'\\' as u64);
    let is_quote = quote.wrapping_sub(ONES) & !quote;
    let is_backslash = backslash.wrapping_sub(ONES) & !backslash;
    let is_control = bytes.wrapping_sub(ONES * 0x20) & !bytes;
    (is_quote | is_backslash | is_control) & HIGH
}

/// Length of the number at the beginning (RFC 8259, section 6); `None` when it is not well-formed or goes on with
/// something that no number has.
pub(super) fn number(bytes: &[u8]) -> Option<usize> {
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    at += match bytes.get(at)? {
        b'0' => 1,
        _ => digits(bytes, at)?,
    };
    if bytes.get(at) == Some(&b'.') {
        at += 1 + digits(bytes, at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at += 1 + sign + digits(bytes, at + 1 + sign)?;
    }
    (word(bytes) <= at).then_some(at)
}

/// Length of the run of characters that a word or a number could have.
pub(super) fn word(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-' | b'.')))
        .unwrap_or(bytes.len())
}

fn digits(bytes: &[u8], from: usize) -> Option<usize> {
    let bytes = bytes.get(from..)?;
    let length = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    (length > 0).then_some(length)
}
