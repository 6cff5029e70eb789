//! What the verbs about one tool share: its name and its arguments.

use std::io::Read;

use clap::Args;
use serde_json::value::RawValue;

use super::failure::Failure;
use super::loaded::Loaded;
use super::suggest;
use crate::catalog::Tool;
use crate::diagnostic::Code;

/// Which tool, and with what.
#[derive(Args, Clone, Debug)]
pub(super) struct ToolArguments {
    /// Name of the tool, as `toolgate tools` lists it
    #[arg(long, value_name = "NAME")]
    pub tool: String,

    /// Its arguments, a JSON object; @FILE reads them from a file, - from stdin
    #[arg(long, value_name = "JSON", default_value = "{}", hide_default_value = true)]
    pub args: String,
}

impl ToolArguments {
    /// The tool of this name.
    ///
    /// # Errors
    /// [`Failure::UnknownTool`] with what was probably meant.
    pub(super) fn find<'l>(&self, loaded: &'l Loaded) -> Result<&'l Tool, Failure> {
        loaded.catalog.tool(&self.tool).ok_or_else(|| {
            let names: Vec<&str> = loaded.catalog.tools().iter().map(|tool| &*tool.name).collect();
            let suggestion = suggest::nearest(&self.tool, &names).map(ToOwned::to_owned);
            let writes_denied = loaded.diagnostics.iter().any(|problem| problem.code == Code::WritesDenied);
            Failure::UnknownTool { name: self.tool.clone(), suggestion, writes_denied }
        })
    }

    /// The arguments as they were given: a JSON object, not looked into.
    ///
    /// # Errors
    /// [`Failure::ArgumentsUnreadable`], [`Failure::Arguments`], [`Failure::ArgumentsNoObject`].
    pub(super) fn read(&self) -> Result<Box<RawValue>, Failure> {
        let raw: Box<RawValue> = serde_json::from_str(self.text()?.trim()).map_err(Failure::Arguments)?;
        if raw.get().starts_with('{') { Ok(raw) } else { Err(Failure::ArgumentsNoObject) }
    }

    fn text(&self) -> Result<String, Failure> {
        let unreadable = |from: &str| {
            let from = from.to_owned();
            |error| Failure::ArgumentsUnreadable { from, error }
        };
        match (self.args.as_str(), self.args.strip_prefix('@')) {
            ("-", _) => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).map_err(unreadable("stdin"))?;
                Ok(text)
            }
            (_, Some(path)) => std::fs::read_to_string(path).map_err(unreadable(path)),
            (text, None) => Ok(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &str) -> Result<String, Failure> {
        let arguments = ToolArguments { tool: "a".into(), args: args.into() };
        arguments.read().map(|raw| raw.get().to_owned())
    }

    #[test]
    fn arguments_are_an_object_given_or_in_a_file() {
        assert_eq!(read(r#" {"id": 9007199254740993} "#).unwrap(), r#"{"id": 9007199254740993}"#);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "{\"a\":1}\n").unwrap();
        assert_eq!(read(&format!("@{}", file.path().display())).unwrap(), r#"{"a":1}"#);
        assert!(matches!(read("[1]"), Err(Failure::ArgumentsNoObject)));
        assert!(matches!(read("{"), Err(Failure::Arguments(_))));
        assert!(matches!(read("@/no/such/file"), Err(Failure::ArgumentsUnreadable { .. })));
    }
}
