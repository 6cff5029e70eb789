//! How much a client wants to be told while its calls run (`logging/setLevel`, or `logLevel` in `_meta`).

use serde_json::value::RawValue;

use super::error::{ParamFault, ProtocolError};
use super::json;

/// The levels of RFC 5424, section 6.2.1, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Level {
    Debug,
    Info,
    Notice,
    Warning,
    Error,
    Critical,
    Alert,
    Emergency,
}

impl Level {
    /// All of them, least first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Debug,
        Self::Info,
        Self::Notice,
        Self::Warning,
        Self::Error,
        Self::Critical,
        Self::Alert,
        Self::Emergency,
    ];

    /// Its name in the protocol.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
        }
    }

    /// The level that a raw JSON value names.
    ///
    /// # Errors
    ///
    /// It is no text, or no level; `param` says where it stands.
    pub(crate) fn read(raw: &RawValue, param: &'static str) -> Result<Self, ProtocolError> {
        let name = json::string(raw.get()).ok_or(ProtocolError::param(param, ParamFault::NotAString))?;
        let level = Self::ALL.into_iter().find(|level| level.as_str() == name);
        level.ok_or(ProtocolError::param(param, ParamFault::UnknownLevel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_known_by_their_names_alone() {
        assert!(Level::ALL.is_sorted());
        for level in Level::ALL {
            let raw = RawValue::from_string(format!("\"{}\"", level.as_str())).unwrap();
            assert_eq!(Level::read(&raw, "level"), Ok(level));
        }
        for odd in ["\"Info\"", "\"\"", "\"warn\"", "3", "null"] {
            assert!(Level::read(&RawValue::from_string(odd.to_owned()).unwrap(), "level").is_err(), "{odd}");
        }
    }
}
