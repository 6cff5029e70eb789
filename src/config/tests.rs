use std::collections::HashMap;
use std::path::Path;

use super::env::{Environment, FileError};

/// An environment that is there for one test alone.
pub(super) struct Fake {
    variables: HashMap<&'static str, &'static str>,
}

impl Fake {
    pub(super) fn new(variables: &[(&'static str, &'static str)]) -> Self {
        Self { variables: variables.iter().copied().collect() }
    }
}

impl Environment for Fake {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| (*value).to_owned())
    }

    fn file(&self, path: &Path) -> Result<String, FileError> {
        super::env::System.file(path)
    }
}
