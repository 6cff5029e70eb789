//! The inside of a JSON string (RFC 8259, section 7), of text that is often JSON itself.
//!
//! Every large answer goes through here, so it is written for text in which every sixth byte has to be escaped: a block
//! of bytes is looked at as a whole, and then only those that need something are visited. What lies between two of them
//! is copied sixteen bytes at a time, more than there are, because the next copy overwrites the rest. Each byte is
//! escaped by itself: a text may be cut anywhere and escaped in pieces.

use crate::lanes::{Block, Lanes};

/// How many bytes are looked at as a whole.
const BLOCK: usize = 32;
/// How many bytes are copied at a time.
const COPY: usize = 16;
/// A block with bytes behind it, so that a copy that begins in it does not end beyond.
const READ: usize = BLOCK + COPY;
/// Room for what a block becomes, which is twice as much at most, and for a copy behind wherever a masked offset points.
const WRITTEN: usize = 4 * BLOCK + 2 * COPY;
/// How much longer a byte becomes that is escaped as a number.
const MOST_ADDED: u8 = 5;
/// What is escaped before it is appended.
const ROOM: usize = 1024;

/// Appends `text` escaped, without quotes.
pub(crate) fn push(out: &mut Vec<u8>, text: &[u8]) {
    if text.len() < READ {
        return push_few(out, text);
    }
    let mut room = [0; ROOM];
    let mut rest = text;
    while !rest.is_empty() {
        let (read, written) = fill(&mut room, rest);
        out.extend_from_slice(room.get(..written).unwrap_or_default());
        match rest.get(read..) {
            Some(left) if read > 0 => rest = left,
            // The end of the text, or a block with a byte that needs more than one letter.
            _ => {
                let (block, left) = rest.split_at(rest.len().min(BLOCK));
                push_bytes(out, block);
                rest = left;
            }
        }
    }
}

/// How many bytes [`push`] makes of `text`.
pub(crate) fn length(text: &[u8]) -> usize {
    /// No more blocks than can be counted in bytes, side by side.
    const COUNTED: usize = 255 / MOST_ADDED as usize;
    let (blocks, rest) = text.as_chunks::<COPY>();
    let whole = blocks.chunks(COUNTED).map(|blocks| {
        let mut counts = [0; COPY];
        for block in blocks {
            for (count, byte) in counts.iter_mut().zip(block) {
                *count += added(*byte);
            }
        }
        counts.iter().map(|count| usize::from(*count)).sum::<usize>()
    });
    text.len() + whole.sum::<usize>() + rest.iter().map(|byte| usize::from(added(*byte))).sum::<usize>()
}

/// By how many bytes a byte becomes longer.
fn added(byte: u8) -> u8 {
    u8::from(is_special(byte)) + (MOST_ADDED - 1) * u8::from(is_number(byte))
}

/// Escapes as many blocks as there is room for; returns how many bytes were read and written.
fn fill(room: &mut [u8; ROOM], text: &[u8]) -> (usize, usize) {
    let (mut read, mut written) = (0, 0);
    while let Some(block) = text.get(read..).and_then(<[u8]>::first_chunk::<READ>)
        && let Some(out) = room.get_mut(written..).and_then(<[u8]>::first_chunk_mut::<WRITTEN>)
        && let Some(length) = escape_block(out, block)
    {
        read += BLOCK;
        written += length;
    }
    (read, written)
}

/// Writes the first [`BLOCK`] bytes of `block`; returns how many they are now, or `None` when one of them needs more
/// than a letter.
fn escape_block(out: &mut [u8; WRITTEN], block: &[u8; READ]) -> Option<usize> {
    let seen = block.first_chunk::<BLOCK>()?;
    let mut specials = specials(seen);
    if specials == 0 {
        *out.first_chunk_mut()? = *seen;
        return Some(BLOCK);
    }
    let (mut from, mut to) = (0, 0);
    while specials != 0 {
        let at = specials.trailing_zeros() as usize;
        copy(out, to, block, from, at - from)?;
        to += at - from;
        let letter = letter(*block.get(at & (BLOCK - 1))?)?;
        *out.get_mut(to & (4 * BLOCK - 1)..)?.first_chunk_mut()? = [b'\\', letter];
        from = at + 1;
        to += 2;
        specials &= specials - 1;
    }
    copy(out, to, block, from, BLOCK - from)?;
    Some(to + BLOCK - from)
}

/// Copies `count` bytes, at most [`BLOCK`], and others behind them. There is always room: the masks here and above change
/// nothing but tell the compiler so.
fn copy(out: &mut [u8; WRITTEN], to: usize, block: &[u8; READ], from: usize, count: usize) -> Option<()> {
    let out = out.get_mut(to & (4 * BLOCK - 1)..)?.first_chunk_mut::<{ 2 * COPY }>()?;
    let (first, second) = out.split_at_mut(COPY);
    *first.first_chunk_mut()? = *block.get(from & (BLOCK - 1)..)?.first_chunk::<COPY>()?;
    if count > COPY {
        // Then it begins in the first half.
        *second.first_chunk_mut()? = *block.get((from & (COPY - 1)) + COPY..)?.first_chunk::<COPY>()?;
    }
    Some(())
}

/// A bit for each byte that cannot stay as it is, the first byte's the lowest.
fn specials(block: &[u8; BLOCK]) -> u64 {
    let special = |lanes: Lanes| lanes.are(b'"').or(lanes.are(b'\\')).or(lanes.at_most(b' ' - 1));
    Block::<{ BLOCK / Lanes::BYTES }>::of(block.as_chunks().0).bits(special)
}

/// Whether it cannot stay as it is.
fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < b' ')
}

/// Whether it is one of those that become a number, for which there is no letter.
fn is_number(byte: u8) -> bool {
    (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')
}

/// What follows the backslash of a byte that cannot stay as it is; `None` when it is a number.
fn letter(byte: u8) -> Option<u8> {
    const OF_CONTROLS: &[u8; 32] = b"\0\0\0\0\0\0\0\0\0tn\0\0r\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    OF_CONTROLS.get(usize::from(byte)).map_or(Some(byte), |letter| (*letter != 0).then_some(*letter))
}

/// A name or the like, which has nothing to escape as a rule.
fn push_few(out: &mut Vec<u8>, text: &[u8]) {
    match text.iter().fold(false, |any, byte| any | is_special(*byte)) {
        false => out.extend_from_slice(text),
        true => push_bytes(out, text),
    }
}

fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        if !is_special(*byte) {
            out.push(*byte);
        } else if let Some(letter) = letter(*byte) {
            out.extend_from_slice(&[b'\\', letter]);
        } else {
            let digit = |value: u8| HEX.get(usize::from(value & 15)).copied().unwrap_or(b'0');
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(*byte)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Byte by byte, as the standard has it.
    fn plainly(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        push_bytes(&mut out, text);
        out
    }

    fn escaped(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, text);
        out
    }

    #[test]
    fn a_byte_is_escaped_wherever_it_stands_in_a_block() {
        for byte in 0..=u8::MAX {
            for before in 0..=BLOCK {
                for fill in [b'x', b'"'] {
                    let mut text = vec![fill; before + 2 * READ];
                    text[before] = byte;
                    assert_eq!(escaped(&text), plainly(&text), "{byte} behind {before}");
                    assert_eq!(length(&text), escaped(&text).len(), "{byte}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_long_text_is_escaped_as_byte_by_byte(text in prop::collection::vec(prop_oneof![
            8 => Just(b'a'), 3 => Just(b'"'), 1 => Just(b'\\'), 1 => Just(b'\n'), 1 => any::<u8>()
        ], 0..3000)) {
            prop_assert_eq!(escaped(&text), plainly(&text));
            prop_assert_eq!(length(&text), plainly(&text).len());
        }

        #[test]
        fn a_text_may_be_cut_anywhere(text in "[ -~\\n\\x00é]{0,200}", cut: prop::sample::Index) {
            let (begin, end) = text.as_bytes().split_at(cut.index(text.len() + 1));
            prop_assert_eq!([escaped(begin), escaped(end)].concat(), plainly(text.as_bytes()));
        }
    }
}
