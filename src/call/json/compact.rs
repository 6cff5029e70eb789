//! JSON put on one line.

use crate::lanes::{self, Block, Lanes};

/// How many bytes are looked at as a whole: as many as a word has bits.
const BLOCK: usize = 4 * Lanes::BYTES;
/// How many bytes are copied at once, whether there are as many or not: the next ones take the place of what is too much.
const COPY: usize = 16;

/// The same value without whitespace between its tokens. `text` must be one JSON value.
pub(in crate::call) fn compact(text: &str) -> String {
    let mut compact = Vec::with_capacity(text.len() + COPY);
    let mut strings = Strings::default();
    let (blocks, rest) = text.as_bytes().as_chunks::<BLOCK>();
    let mut last = [b' '; BLOCK];
    for (last, byte) in last.iter_mut().zip(rest) {
        *last = *byte;
    }
    let mut text = text.as_bytes();
    for block in blocks.iter().chain([&last]) {
        let block = Block::<4>::of(block.as_chunks().0);
        // Whitespace is all that is not greater outside of strings.
        push_those(&mut compact, text, strings.next(block) | !block.bits(|lanes| lanes.at_most(b' ')));
        text = text.get(BLOCK..).unwrap_or_default();
    }
    // Whole tokens of a text are a text.
    String::from_utf8(compact).unwrap_or_default()
}

/// Appends those of the first bytes of `text` of which a bit is set.
fn push_those(out: &mut Vec<u8>, text: &[u8], mut bits: u64) {
    let mut text = text;
    while bits != 0 {
        let skipped = bits.trailing_zeros();
        bits >>= skipped;
        let count = bits.trailing_ones();
        bits = bits.checked_shr(count).unwrap_or(0);
        text = text.get(skipped as usize..).unwrap_or_default();
        push_first(out, text, count as usize);
        text = text.get(count as usize..).unwrap_or_default();
    }
}

fn push_first(out: &mut Vec<u8>, text: &[u8], count: usize) {
    let whole = out.len() + count;
    let (chunks, _) = text.as_chunks::<COPY>();
    if chunks.len() * COPY < count {
        return out.extend_from_slice(text.get(..count).unwrap_or(text));
    }
    for chunk in chunks {
        out.extend_from_slice(chunk);
        if out.len() >= whole {
            break;
        }
    }
    out.truncate(whole);
}

/// Where the strings of a text are, block by block.
#[derive(Default)]
struct Strings {
    /// All bits: the next block begins within a string.
    within: u64,
    /// Its first byte is behind a backslash that means it.
    escaped: u64,
}

impl Strings {
    /// The places of strings in the next block, but for their closing quotes.
    fn next(&mut self, block: Block<4>) -> u64 {
        let [quotes, mut backslashes] = [b'"', b'\\'].map(|byte| block.bits(|lanes| lanes.are(byte)));
        let mut escaped = std::mem::take(&mut self.escaped);
        while backslashes != 0 {
            // The lowest; what is behind it is escaped, and escapes nothing.
            let backslash = backslashes & backslashes.wrapping_neg();
            backslashes ^= backslash;
            if escaped & backslash == 0 {
                escaped |= backslash << 1;
                self.escaped = backslash >> 63;
            }
        }
        let within = lanes::parity(quotes & !escaped) ^ self.within;
        self.within = if within >> 63 == 1 { u64::MAX } else { 0 };
        within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wherever_a_block_ends_only_whitespace_between_tokens_goes() {
        for before in 0..=2 * BLOCK {
            let (space, string) = (" \n".repeat(before), "\\\\ \\\" é".repeat(before));
            let pretty = format!(
                "{space}{{{space}\"{string}\"{space}:\t[1,{space} \" \\\\\",\r\ntrue ]{space}}}{space}"
            );
            assert_eq!(compact(&pretty), format!("{{\"{string}\":[1,\" \\\\\",true]}}"));
            let long = "1".repeat(before + 1);
            assert_eq!(compact(&format!("[{long} ,{long}{space}]")), format!("[{long},{long}]"));
        }
    }
}
