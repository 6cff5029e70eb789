//! A large text checked by blocks of 64 bytes, without looking at most of them one by one.
//!
//! A word has a bit for each byte of a block, and each kind of token a word with the bits of those tokens. JSON's grammar
//! says of each token what may be next behind it (`{`: a string or `}`), so all tokens of a kind are moved to where the
//! next one begins, in a few operations, and whatever is not there as it may be is a bit that is left over. Three things
//! are looked at by themselves: brackets, because what a comma means depends on what it is in; what is behind a
//! backslash; and numbers and literals.
//!
//! It says yes, or that it does not know: what is wrong, where, and what is only unusual is left to the
//! [`Scanner`](super::Scanner), which goes byte by byte.

use crate::lanes::{self, Block, Lanes};

/// How many bytes are looked at as a whole: as many as a word has bits.
const BLOCK: usize = 4 * Lanes::BYTES;
/// How deep is known what is nested in what: as many levels as a word has bits.
const GREATEST_DEPTH: u32 = 64;
/// Sets this in a bracket, and square ones become curly ones. In those that are curly it is set already.
const CURLY: u8 = b'{' - b'[';

/// Those that are whitespace are among them, but for the space.
const GREATEST_CONTROL: u8 = 0x1f;

/// What is certain about a text of JSON that every parser can hold.
pub(super) struct Certain {
    /// It has line breaks between its tokens.
    pub(super) line_breaks: bool,
}

/// Checks that a text is one JSON value that every parser can hold. `None` when it is not, and for some that are.
pub(super) fn check(text: &[u8]) -> Option<Certain> {
    let mut check = Check { text, due: Due { value: 1, ..Due::default() }, ..Check::default() };
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    for block in blocks {
        check.block(block)?;
    }
    // Whatever goes on at the end of the text meets what is behind it here.
    let mut last = [b' '; BLOCK];
    last.get_mut(..rest.len())?.copy_from_slice(rest);
    check.block(&last)?;
    check.is_complete().then_some(Certain { line_breaks: check.line_breaks })
}

/// What the blocks up to one leave for the next. Bits are lowest, or all, when they are set.
#[derive(Default)]
struct Check<'t> {
    text: &'t [u8],
    /// Where the block begins.
    at: usize,
    /// All bits: it begins within a string.
    in_string: u64,
    /// Its first byte is behind a backslash.
    escaped: u64,
    /// The string that it begins within is a key.
    in_key: u64,
    /// The byte before it is part of a number or a literal.
    in_primitive: u64,
    due: Due,
    /// Of each container that is open whether it is an object, the innermost in the lowest bit.
    open: u64,
    depth: u32,
    /// Where the second half of a surrogate pair has been seen.
    low_surrogate: Option<usize>,
    line_breaks: bool,
}

/// What the next token has to be.
#[derive(Default)]
struct Due {
    value: u64,
    value_or_end: u64,
    key: u64,
    key_or_end: u64,
    colon: u64,
    comma_or_end: u64,
}

/// The tokens of a block, none of them within strings.
struct Tokens {
    comma: u64,
    colon: u64,
    open: u64,
    close: u64,
    space: u64,
    string_begin: u64,
    /// The closing quote.
    string_end: u64,
    /// All bytes of strings but their closing quotes.
    in_string: u64,
    primitive_begin: u64,
    /// The byte behind a number or a literal.
    behind_primitive: u64,
}

impl Check<'_> {
    /// Nothing goes on or is due at the end of the text, and there was a value.
    fn is_complete(&self) -> bool {
        let Due { value, value_or_end, key, key_or_end, colon, comma_or_end } = self.due;
        let missing = value | value_or_end | key | key_or_end | colon | self.in_string;
        missing == 0 && self.depth == 0 && comma_or_end != 0
    }

    fn block(&mut self, bytes: &[u8; BLOCK]) -> Option<()> {
        let block = Block::<4>::of(bytes.as_chunks().0);
        let [quotes, backslashes] = [b'"', b'\\'].map(|byte| block.bits(|lanes| lanes.are(byte)));
        if self.in_string != 0 && quotes | backslashes == 0 {
            self.escaped = 0;
            self.at += BLOCK;
            return (!block.any_at_most(GREATEST_CONTROL)).then_some(());
        }
        let quotes = quotes & !self.escaped(backslashes)?;
        let tokens = self.tokens(block, quotes)?;
        for bit in bits(tokens.primitive_begin) {
            if !is_primitive(self.text.get(self.at + bit..)?) {
                return None;
            }
        }
        let objects = self.nest(bytes, &tokens)?;
        self.at += BLOCK;
        self.is_in_order(&tokens, objects).then_some(())
    }

    /// `quotes` are those of strings. `None` when there are controls where they may not be.
    fn tokens(&mut self, block: Block<4>, quotes: u64) -> Option<Tokens> {
        let are = |byte: u8| block.bits(|lanes| lanes.are(byte));
        let in_string = lanes::parity(quotes) ^ self.in_string;
        self.in_string = if in_string >> 63 == 1 { u64::MAX } else { 0 };
        let outside = !(in_string | quotes);
        let mut space = are(b' ') & outside;
        if block.any_at_most(GREATEST_CONTROL) {
            let line_breaks = are(b'\n') | are(b'\r');
            let controls = block.bits(|lanes| lanes.at_most(GREATEST_CONTROL));
            if controls & (in_string | !(line_breaks | are(b'\t'))) != 0 {
                return None;
            }
            self.line_breaks |= line_breaks != 0;
            space |= controls;
        }
        let comma = are(b',') & outside;
        let colon = are(b':') & outside;
        let open = block.bits(|lanes| lanes.with(CURLY).are(b'{')) & outside;
        let close = block.bits(|lanes| lanes.with(CURLY).are(b'}')) & outside;
        let primitive = outside & !(comma | colon | open | close | space);
        let behind = primitive << 1 | self.in_primitive;
        self.in_primitive = primitive >> 63;
        Some(Tokens {
            comma,
            colon,
            open,
            close,
            space,
            string_begin: quotes & in_string,
            string_end: quotes & !in_string,
            in_string,
            primitive_begin: primitive & !behind,
            behind_primitive: behind & !primitive,
        })
    }

    /// The bytes behind backslashes, unless those are behind one themselves. `None` when one of them means nothing.
    fn escaped(&mut self, backslashes: u64) -> Option<u64> {
        let mut escaped = std::mem::take(&mut self.escaped);
        for bit in bits(backslashes) {
            if escaped >> bit & 1 == 1 {
                continue;
            }
            escaped |= 2 << bit;
            self.escaped = u64::from(bit == BLOCK - 1);
            match self.text.get(self.at + bit + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                b'u' => self.unicode_escape(self.at + bit)?,
                _ => return None,
            }
        }
        Some(escaped)
    }

    /// An escape in hexadecimal; `None` when it has not four digits, or is half of a surrogate pair.
    fn unicode_escape(&mut self, at: usize) -> Option<()> {
        match code_unit(self.text, at)? {
            0xd800..0xdc00 => {
                self.low_surrogate = Some(at + 6);
                matches!(code_unit(self.text, at + 6)?, 0xdc00..0xe000).then_some(())
            }
            0xdc00..0xe000 => (self.low_surrogate == Some(at)).then_some(()),
            _ => Some(()),
        }
    }

    /// Opens and closes containers. Returns the places where the innermost one is an object; `None` when one is closed
    /// that is not open, or there is a comma outside of all.
    fn nest(&mut self, bytes: &[u8; BLOCK], tokens: &Tokens) -> Option<u64> {
        let brackets = tokens.open | tokens.close;
        if self.depth == 0 && tokens.comma & below(brackets) != 0 {
            return None;
        }
        let mut objects = if self.open & 1 == 1 { u64::MAX } else { 0 };
        for bit in bits(brackets) {
            let is_object = u64::from(bytes.get(bit)? & CURLY != 0);
            if tokens.open >> bit & 1 == 1 {
                if self.depth == GREATEST_DEPTH {
                    return None;
                }
                self.depth += 1;
                self.open = self.open << 1 | is_object;
            } else {
                if self.depth == 0 || self.open & 1 != is_object {
                    return None;
                }
                self.depth -= 1;
                self.open >>= 1;
                if self.depth == 0 && tokens.comma >> bit != 0 {
                    return None;
                }
            }
            let from = u64::MAX << bit;
            objects = if self.open & 1 == 1 { objects | from } else { objects & !from };
        }
        Some(objects)
    }

    /// Whether behind each token is one that may be there.
    fn is_in_order(&mut self, tokens: &Tokens, objects: u64) -> bool {
        let Tokens { comma, colon, open, close, space, string_begin, string_end, in_string, .. } = *tokens;
        let due = &mut self.due;
        let value = next(&mut due.value, colon | comma & !objects, 0, space);
        let value_or_end = next(&mut due.value_or_end, open & !objects, 0, space);
        let key = next(&mut due.key, comma & objects, 0, space);
        let key_or_end = next(&mut due.key_or_end, open & objects, 0, space);
        // From where a key begins a sum carries through it, to its closing quote.
        let key_begin = key | key_or_end & string_begin;
        let (sum, beyond) = (key_begin | self.in_key).overflowing_add(in_string);
        self.in_key = u64::from(beyond);
        let key_end = sum & string_end;
        let colon_due = next(&mut due.colon, key_end, 0, space);
        let value_end = string_end & !key_end | close;
        let comma_or_end = next(&mut due.comma_or_end, value_end, tokens.behind_primitive, space);
        let value_begin = string_begin | tokens.primitive_begin | open;
        let wrong = value & !value_begin
            | value_or_end & !(value_begin | close)
            | key & !string_begin
            | key_or_end & !(string_begin | close)
            | colon_due ^ colon
            | comma_or_end & !(comma | close);
        wrong == 0
    }
}

/// Where the next tokens begin behind these, which are one byte each, and behind others: what is `behind` them. What is
/// `due` comes from the block before, and goes to the next one when this one ends before.
fn next(due: &mut u64, tokens: u64, behind: u64, space: u64) -> u64 {
    let from = tokens << 1 | behind | *due;
    *due = tokens >> 63;
    if space == 0 {
        return from;
    }
    // A sum carries through the whitespace.
    let (sum, beyond) = from.overflowing_add(space);
    *due |= u64::from(beyond);
    sum & !space
}

/// The unit of UTF-16 that is escaped at a place.
fn code_unit(text: &[u8], at: usize) -> Option<u32> {
    let digits = text.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

/// Whether a text begins with a number or a literal, and something else is behind it.
fn is_primitive(text: &[u8]) -> bool {
    let rest = match text {
        [b't', rest @ ..] => rest.strip_prefix(b"rue"),
        [b'f', rest @ ..] => rest.strip_prefix(b"alse"),
        [b'n', rest @ ..] => rest.strip_prefix(b"ull"),
        [b'-', rest @ ..] => behind_number(rest),
        _ => behind_number(text),
    };
    let is_end =
        |byte| matches!(byte, b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"' | b' ' | b'\t' | b'\n' | b'\r');
    rest.is_some_and(|rest| rest.first().copied().is_none_or(is_end))
}

/// What is behind the number that a text begins with.
fn behind_number(text: &[u8]) -> Option<&[u8]> {
    let mut rest = match text {
        [b'0', rest @ ..] => rest,
        _ => behind_digits(text)?,
    };
    if let [b'.', fraction @ ..] = rest {
        rest = behind_digits(fraction)?;
    }
    if let [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] = rest {
        rest = behind_digits(exponent)?;
    }
    Some(rest)
}

fn behind_digits(text: &[u8]) -> Option<&[u8]> {
    let [b'0'..=b'9', rest @ ..] = text else { return None };
    let mut rest = rest;
    while let [b'0'..=b'9', after @ ..] = rest {
        rest = after;
    }
    Some(rest)
}

/// The places of the bits that are set, the lowest first.
fn bits(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (bits != 0).then_some(bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        bit
    })
}

/// The bits below the lowest that is set; all when none is.
fn below(bits: u64) -> u64 {
    bits.wrapping_sub(1) & !bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{JSON, NOT_JSON, value};
    use super::*;

    /// What is certain, and what the byte by byte scanner says where it should be certain: whether there are line breaks.
    fn both(text: &[u8]) -> [Option<bool>; 2] {
        let careful = super::super::scan_bytes(text).ok().filter(|shape| shape.portable);
        [check(text).map(|certain| certain.line_breaks), careful.map(|shape| shape.line_breaks)]
    }

    fn agree(text: &str) -> bool {
        let [certain, careful] = both(text.as_bytes());
        certain == careful
    }

    #[test]
    fn wherever_a_block_ends_the_answer_is_that_of_the_scanner() {
        for text in JSON.into_iter().chain(NOT_JSON) {
            for before in 0..=BLOCK {
                let space = " ".repeat(before);
                let string = format!("\"{}\"", "é".repeat(before));
                for text in [
                    format!("{space}{text}{space}"),
                    format!("[{string},{text}\n]"),
                    format!("{{{string}:{text},{string}: {text}}}"),
                    format!("[{space}\r{{{string} {space}:{{}}}},{text}]"),
                    format!("{string},{text}"),
                    format!("[{string}],{text}"),
                ] {
                    assert!(agree(&text), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_text_cut_anywhere_is_not_json() {
        let whole =
            format!(r#"[{{"a\\\"b":[1.5e-3,true],"{}":"\ud83d\ude00 é"}},{{}},[],null]"#, "k".repeat(70));
        assert!(check(whole.as_bytes()).is_some());
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(check(&whole.as_bytes()[..end]).is_none(), "{}", &whole[..end]);
        }
    }

    #[test]
    fn rows_of_backslashes_are_told_apart_wherever_they_begin() {
        for before in 0..2 * BLOCK {
            for row in 0..2 * BLOCK {
                let text = format!("[\"{}{}\"]", "x".repeat(before), "\\".repeat(row));
                assert_eq!(check(text.as_bytes()).is_some(), row % 2 == 0, "{text}");
            }
        }
    }

    #[test]
    fn surrogates_are_pairs_wherever_they_stand() {
        for before in 0..2 * BLOCK {
            let before = "x".repeat(before);
            for escapes in [
                r"\ud83d\ude00",
                r"\ud83d",
                r"\ude00",
                r"\ud83d\u0041",
                r"\\ud83d\ude00",
                r"\ud83d\\ude00",
                r"\ud83d\ud83d\ude00",
            ] {
                let text = format!("[\"{before}{escapes}\"]");
                assert!(agree(&text), "{text}");
            }
        }
    }

    #[test]
    fn what_is_nested_deeper_than_is_known_is_left_to_the_scanner() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(check(nested(64).as_bytes()).is_some() && check(nested(65).as_bytes()).is_none());
        let mixed = "[{\"a\":".repeat(32) + "1" + &"}]".repeat(32);
        assert!(check(mixed.as_bytes()).is_some());
        assert!(check(mixed.replacen("}]", "]}", 1).as_bytes()).is_none());
    }

    proptest! {
        #[test]
        fn a_text_with_a_byte_changed_is_judged_as_by_the_scanner(
            values in prop::collection::vec(value(), 1..8),
            pretty: bool,
            at: prop::sample::Index,
            removed in 0..2_usize,
            to in "[{}\\[\\],:\"\\\\ \n\t\x00\\-+.0-9eEtfnua/]{0,2}",
        ) {
            let mut text = if pretty { serde_json::to_string_pretty(&values) } else { serde_json::to_string(&values) }.unwrap();
            prop_assert!(agree(&text), "{}", text);
            let at = at.index(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(at + removed) {
                text.replace_range(at..at + removed, &to);
                prop_assert!(agree(&text), "{}", text);
            }
        }
    }
}
