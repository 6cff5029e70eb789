//! Where it is written down who did what.

use std::borrow::Cow;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::config::resolver::Resolver;
use crate::config::text::Template;
use crate::config::written::{Read, Required, Slot, Written, words, written};
use crate::diagnostic::Diagnostics;
use crate::openapi::node::Kind;

/// Where audit lines go, as it is written.
pub(super) enum AuditSetting<'t> {
    Word(AuditWord),
    File(AuditFile<'t>),
}

words! {
    /// A stream.
    pub(super) enum AuditWord {
        /// The standard error stream, between the lines of the log.
        Stderr = "stderr",
    }
}

written! {
    /// A file.
    #[schemars(inline)]
    pub(super) struct AuditFile<'t> {
        /// Its path, relative to this file. Lines are appended. It is opened anew at SIGHUP, so that it can be moved away.
        #[schemars(extend("examples" = ["/var/log/toolgate/audit.jsonl"]))]
        file: Required<'t, Template<'t>>,
    }
}

/// Where audit lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditTarget {
    /// The standard error stream.
    Stderr,
    /// A file, to which they are appended.
    File(PathBuf),
}

impl<'t> Read<'t> for AuditSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        match slot.node.kind() {
            Kind::Object => AuditFile::read(slot, problems).map(Self::File),
            _ => AuditWord::read(slot, problems).map(Self::Word),
        }
    }
}

impl JsonSchema for AuditSetting<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Audit".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let file = generator.subschema_for::<AuditFile<'static>>();
        json_schema!({"anyOf": [{"type": "string", "enum": ["stderr"]}, file]})
    }
}

/// What a file says about it.
pub(super) fn resolve(
    written: Option<&Written<'_, AuditSetting<'_>>>,
    resolver: &mut Resolver<'_>,
) -> Option<AuditTarget> {
    match &written?.value {
        AuditSetting::Word(AuditWord::Stderr) => Some(AuditTarget::Stderr),
        AuditSetting::File(file) => {
            let resolved = resolver.resolve(&file.file.0?)?;
            Some(AuditTarget::File(resolver.folder.join(resolved.text.expose())))
        }
    }
}
