//! Content codings (RFC 9110, section 8.4) undone while the body comes in, into a buffer that cannot outgrow its cap.
//!
//! Our own instead of the client's, because a hostile answer meets three things here that a general decoder does not
//! have: the cap counts decoded bytes, a window is bounded (8 MiB for zstd as RFC 9659 says, 16 MiB for brotli, and no
//! "large window" extension), and a stream that ends early is an error, not a short body.

use std::io::{self, ErrorKind, Write};

use brotli_decompressor::{BrotliDecoderParameter, DecompressorWriter};
use flate2::write::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use zstd::stream::raw::{DParameter, Decoder as RawZstd};
use zstd::stream::write::Decoder as Zstd;

/// What `Accept-Encoding` offers: all that [`decoder`] undoes.
pub(super) const ACCEPTED: &str = "gzip, br, zstd, deflate";

const ZSTD_WINDOW_LOG: u32 = 23;
const BROTLI_BUFFER: usize = 16 << 10;
const INFLATE_STEP: usize = 32 << 10;

/// Undoes one content coding: takes encoded bytes as a writer, gives the decoded ones at the end.
pub(super) trait Decode: Write + Send {
    /// The decoded bytes.
    ///
    /// # Errors
    /// When the encoded stream is not at its end.
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>>;
}

/// More was decoded than may be.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("more than {limit} decoded bytes")]
pub(super) struct CapReached {
    pub(super) limit: usize,
}

/// A coding, or several at once, that toolgate does not undo.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("content coding {0:?}")]
pub struct UnknownCoding(pub String);

/// The decoder that the headers of an answer ask for; `None` when its body is as it is.
pub(super) fn decoder(headers: &HeaderMap, limit: usize) -> Result<Option<Box<dyn Decode>>, UnknownCoding> {
    let mut values = headers.get_all(CONTENT_ENCODING).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let coding = value.to_str().unwrap_or_default().trim().to_ascii_lowercase();
    if values.next().is_some() {
        return Err(UnknownCoding(format!("{coding}, …")));
    }
    let output = Capped { bytes: Vec::new(), limit };
    Ok(Some(match coding.as_str() {
        "" | "identity" => return Ok(None),
        "gzip" | "x-gzip" => Box::new(MultiGzDecoder::new(output)),
        "deflate" => Box::new(Inflate { state: None, ended: false, output }),
        "br" => Box::new(brotli(output)),
        "zstd" => Box::new(zstd(output).map_err(|_| UnknownCoding(coding))?),
        _ => return Err(UnknownCoding(coding)),
    }))
}

fn brotli(output: Capped) -> DecompressorWriter<Capped> {
    let mut decoder = DecompressorWriter::new(output, BROTLI_BUFFER);
    decoder.set_parameter(BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW, 0);
    decoder
}

fn zstd(output: Capped) -> io::Result<Zstd<'static, Capped>> {
    let mut decoder = RawZstd::new()?;
    decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
    Ok(Zstd::with_decoder(output, decoder))
}

impl Decode for MultiGzDecoder<Capped> {
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        Ok((*self).finish()?.bytes)
    }
}

impl Decode for Zstd<'static, Capped> {
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        Ok((*self).finish()?.bytes)
    }
}

impl Decode for DecompressorWriter<Capped> {
    fn finish(mut self: Box<Self>) -> io::Result<Vec<u8>> {
        self.close()?;
        let output = self.into_inner().map_err(|_| io::Error::from(ErrorKind::UnexpectedEof))?;
        Ok(output.bytes)
    }
}

/// `deflate`: a zlib stream by the standard, a bare deflate stream from servers that took the name literally.
struct Inflate {
    /// Chosen by the first byte.
    state: Option<Decompress>,
    ended: bool,
    output: Capped,
}

impl Inflate {
    /// One step: what it read of `input`, or `None` when it can do no more with it.
    fn step(&mut self, input: &[u8]) -> io::Result<Option<usize>> {
        let Some(state) = &mut self.state else { return Ok(None) };
        self.output.bytes.reserve(INFLATE_STEP);
        let before = (state.total_in(), state.total_out());
        let status = state.decompress_vec(input, &mut self.output.bytes, FlushDecompress::None)?;
        self.output.check()?;
        self.ended = status == Status::StreamEnd;
        let read = usize::try_from(state.total_in() - before.0).unwrap_or(input.len());
        Ok((before != (state.total_in(), state.total_out())).then_some(read))
    }
}

impl Write for Inflate {
    fn write(&mut self, input: &[u8]) -> io::Result<usize> {
        let Some(first) = input.first() else { return Ok(0) };
        // RFC 1950: the low four bits say "deflate". A bare stream begins so only with a stored block whose padding
        // is not zero, which nobody writes.
        self.state.get_or_insert_with(|| Decompress::new(first & 0x0f == 8));
        let mut rest = input;
        while !self.ended {
            let Some(read) = self.step(rest)? else { break };
            rest = rest.get(read..).unwrap_or_default();
        }
        if !rest.is_empty() {
            return Err(io::Error::new(ErrorKind::InvalidData, "bytes after the end of the stream"));
        }
        Ok(input.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Decode for Inflate {
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        if self.ended { Ok(self.output.bytes) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }
}

/// A buffer that refuses to outgrow its cap.
struct Capped {
    bytes: Vec<u8>,
    limit: usize,
}

impl Capped {
    fn check(&self) -> io::Result<()> {
        if self.bytes.len() > self.limit {
            return Err(io::Error::other(CapReached { limit: self.limit }));
        }
        Ok(())
    }
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(io::Error::other(CapReached { limit: self.limit }));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    /// A text that needs several steps of every decoder.
    fn text() -> Vec<u8> {
        (0..30_000_u32).flat_map(|number| (number * 7919).to_string().into_bytes()).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn bare_deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(bytes, 1).unwrap()
    }

    /// A brotli stream of uncompressed meta-blocks (RFC 7932, section 9.2).
    fn brotli(bytes: &[u8]) -> Vec<u8> {
        let mut stream = Vec::new();
        let mut window_bits = true;
        for block in bytes.chunks(1 << 16) {
            let mut header = ((block.len() as u32 - 1) << 3) | 1 << 19;
            if std::mem::take(&mut window_bits) {
                header <<= 1;
            }
            stream.extend_from_slice(&header.to_le_bytes()[..3]);
            stream.extend_from_slice(block);
        }
        stream.push(3);
        stream
    }

    type Encode = fn(&[u8]) -> Vec<u8>;

    const CODINGS: [(&str, Encode); 5] =
        [("gzip", gzip), ("deflate", zlib), ("Deflate", bare_deflate), ("zstd", zstd), ("br", brotli)];

    fn decode(coding: &str, encoded: &[u8], step: usize, limit: usize) -> io::Result<Vec<u8>> {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, coding.parse().unwrap())]);
        let mut decoder = decoder(&headers, limit).unwrap().unwrap();
        for chunk in encoded.chunks(step) {
            decoder.write_all(chunk)?;
        }
        decoder.finish()
    }

    #[test]
    fn every_coding_gives_back_what_was_encoded_however_it_is_cut() {
        let text = text();
        for (coding, encode) in CODINGS {
            let encoded = encode(&text);
            for step in [1, 7, 4096, encoded.len()] {
                assert!(decode(coding, &encoded, step, text.len()).unwrap() == text, "{coding} by {step}");
            }
        }
    }

    #[test]
    fn an_encoded_stream_that_ends_early_is_an_error_wherever_it_ends() {
        for (coding, encode) in CODINGS {
            let encoded = encode(b"a short text, a short text, a short text");
            for end in 1..encoded.len() {
                assert!(decode(coding, &encoded[..end], 5, 1000).is_err(), "{coding} ends after {end}");
            }
        }
    }

    #[test]
    fn the_cap_counts_decoded_bytes() {
        let bomb = vec![b'a'; 3 << 20];
        for (coding, encode) in CODINGS {
            let error = decode(coding, &encode(&bomb), 4096, 1 << 20).unwrap_err();
            let reached = error.get_ref().and_then(|inner| inner.downcast_ref::<CapReached>());
            assert_eq!(reached.map(|reached| reached.limit), Some(1 << 20), "{coding}: {error}");
        }
    }

    #[test]
    fn garbage_is_an_error() {
        for (coding, _) in CODINGS {
            assert!(decode(coding, b"<html>Bad Gateway</html>", 64, 1000).is_err(), "{coding}");
        }
    }

    #[test]
    fn a_stream_of_several_members_is_read_to_its_end() {
        for (coding, encode) in [CODINGS[0], CODINGS[3]] {
            let encoded = [encode(b"one "), encode(b"two")].concat();
            assert_eq!(decode(coding, &encoded, 3, 100).unwrap(), b"one two", "{coding}");
        }
    }

    #[test]
    fn windows_beyond_the_bound_are_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(&text()).unwrap();
        assert!(decode("zstd", &encoder.finish().unwrap(), 4096, 1 << 20).is_err());
        // An empty stream with a window of 30 bits.
        assert!(decode("br", &[0x11, 0xde], 3, 100).is_err());
    }

    #[test]
    fn several_codings_at_once_are_refused() {
        for values in [&["gzip, gzip"][..], &["gzip", "gzip"], &["compress"]] {
            let values = values.iter().map(|value| (CONTENT_ENCODING, value.parse().unwrap()));
            let mut headers = HeaderMap::new();
            for (name, value) in values {
                headers.append(name, value);
            }
            assert!(decoder(&headers, 100).is_err());
        }
        assert!(
            decoder(&HeaderMap::from_iter([(CONTENT_ENCODING, "identity".parse().unwrap())]), 1)
                .unwrap()
                .is_none()
        );
    }
}
