//! The smallest files of their kinds: what is answered where a document promises an image, a sound or a paper.

use bytes::Bytes;

/// One blue pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\
    \x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\
    \x00\x00\x00\x0cIDATx\xdac0N\x9b\x09\x00\x02\x02\x013hz1\xf8\
    \x00\x00\x00\x00IEND\xaeB`\x82";

const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x003f\x99\xff\xff\xff\
    ,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

const WEBP: &[u8] = b"RIFF\x1e\x00\x00\x00WEBPVP8L\x11\x00\x00\x00\
    /\x00\x00\x00\x00\x07P\xb3\xce4\xb3\xff\x81\x88\xe8\x7f\x00\x00";

const SVG: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1" fill="#369"/></svg>"##;

/// The word `text`, compressed.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03+I\xad(\x01\x00\xc7\xa7\x8b;\x04\x00\x00\x00";

/// A file of a media type that is no text; `None` when there is no such file here.
pub(super) fn of(essence: &str) -> Option<Bytes> {
    Some(match essence {
        "image/png" | "image/*" | "image/apng" => Bytes::from_static(PNG),
        "image/gif" => Bytes::from_static(GIF),
        "image/webp" => Bytes::from_static(WEBP),
        "image/jpeg" | "image/jpg" => jpeg(),
        "image/svg+xml" => Bytes::from_static(SVG.as_bytes()),
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" | "audio/*" => wav(),
        "application/pdf" => pdf(),
        "application/zip" | "application/x-zip-compressed" => zip(),
        "application/gzip" | "application/x-gzip" => Bytes::from_static(GZIP),
        _ => return None,
    })
}

/// One grey pixel: quantisation of ones, one code in each Huffman table (ITU-T T.81, annex B).
fn jpeg() -> Bytes {
    let mut file = b"\xff\xd8\xff\xdb\x00\x43\x00".to_vec();
    file.extend([1; 64]);
    file.extend(b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00");
    for table in [0x00, 0x10] {
        file.extend([0xff, 0xc4, 0x00, 0x14, table, 1]);
        file.extend([0; 16]);
    }
    file.extend(b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f\xff\xd9");
    Bytes::from(file)
}

/// A hundredth of a second of silence: 8,000 samples a second, 8 bits, mono.
fn wav() -> Bytes {
    const SAMPLES: u32 = 80;
    const RATE: u32 = 8_000;
    let mut file = b"RIFF".to_vec();
    file.extend((36 + SAMPLES).to_le_bytes());
    file.extend(b"WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00");
    file.extend(RATE.to_le_bytes());
    file.extend(RATE.to_le_bytes());
    file.extend(b"\x01\x00\x08\x00data");
    file.extend(SAMPLES.to_le_bytes());
    file.extend([0x80; SAMPLES as usize]);
    Bytes::from(file)
}

/// One empty page, with its table of offsets (ISO 32000-1, section 7.5).
fn pdf() -> Bytes {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>",
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut table = String::from("xref\n0 4\n0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj{object}endobj\n", index + 1));
    }
    let start = file.len();
    file.push_str(&format!("{table}trailer<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"));
    Bytes::from(file)
}

/// An archive without files.
fn zip() -> Bytes {
    let mut file = b"PK\x05\x06".to_vec();
    file.extend([0; 18]);
    Bytes::from(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offsets_of_the_pdf_are_those_of_its_objects() {
        let file = String::from_utf8(pdf().to_vec()).unwrap();
        let start = file.split("startxref\n").nth(1).unwrap().lines().next().unwrap();
        assert!(file[start.parse::<usize>().unwrap()..].starts_with("xref\n0 4\n"));
        let entries = file.lines().filter(|line| line.ends_with(" 00000 n "));
        for (index, entry) in entries.enumerate() {
            let offset: usize = entry[..10].parse().unwrap();
            assert!(file[offset..].starts_with(&format!("{} 0 obj", index + 1)));
        }
    }

    #[test]
    fn lengths_in_the_wav_are_right() {
        let file = wav();
        let length = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!(length(4), file.len() - 8);
        assert_eq!(length(40), file.len() - 44);
    }
}
