//! A secret, and where it comes from each time that it is used.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

/// A secret: the texts of its pieces, one after the other. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Vec<SecretPiece>);

/// A piece of a secret.
#[derive(Clone)]
pub enum SecretPiece {
    /// It stays as it is for as long as the gateway file does.
    Fixed(SecretString),
    /// The content of a file, which is read again when it changes.
    File(PathBuf),
    /// What a program writes to its standard output.
    Command(Command),
}

/// A program that writes a secret. No shell is between.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Command {
    /// The program and its arguments; never empty.
    pub words: Vec<String>,
    /// The folder that it runs in: that of the gateway file.
    pub folder: PathBuf,
    /// How long its output is used before it is run again.
    pub ttl: Duration,
    /// How long it may run.
    pub timeout: Duration,
}

impl Secret {
    /// The text, when it can never be another one.
    #[must_use]
    pub fn fixed(&self) -> Option<&SecretString> {
        match self.0.as_slice() {
            [SecretPiece::Fixed(text)] => Some(text),
            _ => None,
        }
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(vec![SecretPiece::Fixed(text.into())])
    }
}

impl From<SecretString> for Secret {
    fn from(text: SecretString) -> Self {
        Self(vec![SecretPiece::Fixed(text)])
    }
}

/// Whether a reload has found another one. Both are the operator's own, so that how long it takes tells nobody anything.
impl PartialEq for SecretPiece {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fixed(one), Self::Fixed(other)) => one.expose_secret() == other.expose_secret(),
            (Self::File(one), Self::File(other)) => one == other,
            (Self::Command(one), Self::Command(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for SecretPiece {}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
