//! Bytes looked at sixteen at once, and a bit for each of those that are meant.
//!
//! What goes through megabytes byte by byte waits for each of them; a question to sixteen takes as long as one to a
//! single byte.

use wide::u8x16;

/// Sixteen bytes, or for each of them whether something is true of it.
#[derive(Clone, Copy)]
pub(crate) struct Lanes(u8x16);

/// So many times sixteen bytes, at most four.
#[derive(Clone, Copy)]
pub(crate) struct Block<const LANES: usize>([Lanes; LANES]);

impl Lanes {
    /// How many bytes there are.
    pub(crate) const BYTES: usize = 16;

    pub(crate) fn are(self, byte: u8) -> Self {
        Self(self.0.simd_eq(u8x16::splat(byte)))
    }

    pub(crate) fn at_most(self, byte: u8) -> Self {
        Self(self.0.min(u8x16::splat(byte)).simd_eq(self.0))
    }

    /// Where either is true.
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// With these bits set in each byte.
    pub(crate) fn with(self, bits: u8) -> Self {
        Self(self.0 | u8x16::splat(bits))
    }
}

impl<const LANES: usize> Block<LANES> {
    /// These bytes; zeros behind those that are not there.
    pub(crate) fn of(bytes: &[[u8; Lanes::BYTES]]) -> Self {
        let mut all = [Lanes(u8x16::ZERO); LANES];
        for (lanes, bytes) in all.iter_mut().zip(bytes) {
            *lanes = Lanes(u8x16::new(*bytes));
        }
        Self(all)
    }

    /// A bit for each byte of which this is true, the first one's the lowest.
    pub(crate) fn bits(self, question: impl Fn(Lanes) -> Lanes) -> u64 {
        self.0.iter().rev().fold(0, |bits, lanes| bits << 16 | u64::from(question(*lanes).0.to_bitmask()))
    }

    /// Whether any byte is at most this.
    pub(crate) fn any_at_most(self, byte: u8) -> bool {
        let least = self.0.iter().fold(u8x16::MAX, |least, lanes| least.min(lanes.0));
        Lanes(least).at_most(byte).0.to_bitmask() != 0
    }
}

/// For each bit whether, of it and those below, an odd number is set: of quotes, what is behind the first of each two.
pub(crate) fn parity(bits: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].iter().fold(bits, |bits, by| bits ^ bits << by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_bit_for_each_byte_whatever_is_asked() {
        for byte in 0..=u8::MAX {
            for at in 0..64 {
                let mut bytes = [b'~'; 64];
                bytes[at] = byte;
                let block = Block::<4>::of(bytes.as_chunks().0);
                let found = |is: bool| if is { 1_u64 << at } else { 0 };
                for other in [0, b' ', b'"', 0x7f, 0x80, 0xff] {
                    assert_eq!(block.bits(|lanes| lanes.are(other)), found(byte == other));
                }
                assert_eq!(block.bits(|lanes| lanes.at_most(0x1f)), found(byte <= 0x1f));
                assert_eq!(block.any_at_most(0x1f), byte <= 0x1f);
                assert_eq!(block.bits(|lanes| lanes.with(0x20).are(b'{')), found(byte | 0x20 == b'{'));
                assert_eq!(block.bits(|lanes| lanes.are(0).or(lanes.are(1))), found(byte <= 1));
            }
        }
    }
}
