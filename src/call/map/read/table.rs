//! CSV (RFC 4180) and tab-separated values, with a line of names at the top.

use crate::express::json;

/// The rows as objects whose values are texts: nothing says whether `007` is a number. A row with more values than there
/// are names has the rest under numbers.
pub(super) fn read(text: &str, delimiter: u8) -> String {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> =
        reader.headers().map(|names| names.iter().map(json::string).collect()).unwrap_or_default();
    let mut out = String::from("[");
    for row in reader.records().map_while(Result::ok) {
        out.push_str(if out.len() > 1 { ",{" } else { "{" });
        for (index, value) in row.iter().enumerate() {
            out.push_str(if index > 0 { "," } else { "" });
            match names.get(index) {
                Some(name) => out.push_str(name),
                None => out.push_str(&format!("\"{}\"", index + 1)),
            }
            out.push(':');
            out.push_str(&json::string(value));
        }
        out.push('}');
    }
    out.push(']');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_objects_however_they_are_quoted() {
        let text = "id,\"full \"\"name\"\"\",note\r\n007,\"a, b\",\"two\nlines\"\r\n8\r\n9,x,y,z\r\n";
        assert_eq!(
            read(text, b','),
            r#"[{"id":"007","full \"name\"":"a, b","note":"two\nlines"},{"id":"8"},{"id":"9","full \"name\"":"x","note":"y","4":"z"}]"#
        );
        assert_eq!(read("a\tb\n1\t2,3\n", b'\t'), r#"[{"a":"1","b":"2,3"}]"#);
        // A quote in the middle of a value, and one that never ends.
        assert_eq!(read("a\n1\"2\n\"3\n4", b','), r#"[{"a":"1\"2"},{"a":"3\n4"}]"#);
        assert_eq!(read("", b','), "[]");
    }
}
