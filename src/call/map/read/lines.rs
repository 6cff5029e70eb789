//! One JSON value a line (NDJSON, JSON Lines), or JSON text sequences (RFC 7464).

use super::ReadError;
use crate::call::json;

/// The values as a list, each as it came.
pub(super) fn read(text: &str) -> Result<String, ReadError> {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('[');
    for (index, line) in text.split(['\n', '\u{1e}']).enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        json::scan(line.as_bytes()).map_err(|_| ReadError::Line { line: index + 1 })?;
        out.push_str(if out.len() > 1 { "," } else { "" });
        out.push_str(line);
    }
    out.push(']');
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_a_list_and_keep_their_digits() {
        assert_eq!(
            read("{\"id\":9007199254740993}\r\n\n[1.50]\n").unwrap(),
            r#"[{"id":9007199254740993},[1.50]]"#
        );
        assert_eq!(read("\u{1e}{\"a\":1}\n\u{1e}2\n").unwrap(), r#"[{"a":1},2]"#);
        assert_eq!(read("\n").unwrap(), "[]");
    }

    #[test]
    fn a_broken_line_is_named() {
        assert_eq!(read("{}\n{\"a\":\n{}"), Err(ReadError::Line { line: 2 }));
        assert_eq!(read("{} {}"), Err(ReadError::Line { line: 1 }));
    }
}
