//! A secret as it is written: a text with references, or a command that writes it.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::SecretString;

use crate::config::duration::Timeout;
use crate::config::gateway::{Command, Secret, SecretPiece, Text};
use crate::config::reference::{Piece, pieces};
use crate::config::resolver::Resolver;
use crate::config::text::{Literal, Template};
use crate::config::written::{List, Optional, Read, Required, Slot, Written, written};
use crate::diagnostic::Diagnostics;

written! {
    /// A program that writes the secret to its standard output; no shell is between.
    #[schemars(inline)]
    pub(in crate::config) struct CommandFile<'t> {
        /// The program and its arguments. It runs in the folder of the gateway file.
        #[schemars(extend("minItems" = 1, "examples" = [["pass", "show", "shop/token"]]))]
        command: Required<'t, List<'t, Literal<'t>>>,
        /// How long its output is used before it is run again; it is also run again when the API answers 401.
        #[schemars(extend("default" = "5m"))]
        ttl: Optional<'t, Timeout>,
        /// How long it may run.
        #[schemars(extend("default" = "10s"))]
        timeout: Optional<'t, Timeout>,
    }
}

/// A secret as it is written.
pub(in crate::config) enum SecretFile<'t> {
    /// A text with references.
    Text(Template<'t>),
    /// A command.
    Command(CommandFile<'t>),
}

/// A secret, and what it is now.
pub(in crate::config) struct Resolved {
    /// Where it comes from.
    pub(super) secret: Secret,
    /// What it is now; `None` of a command, which is first run when the secret is used.
    pub(super) text: Option<Text>,
    /// An empty `${NAME:-}` in it says that it is not wanted.
    pub(super) declined: bool,
}

impl<'t> Read<'t> for SecretFile<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.is_object() {
            return CommandFile::read(slot, problems).map(Self::Command);
        }
        Template::read(slot, problems).map(Self::Text)
    }
}

impl JsonSchema for SecretFile<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let command = CommandFile::json_schema(generator);
        json_schema!({"anyOf": [{"type": "string"}, command]})
    }
}

/// The secret that is written; `None` when it cannot be had, which has been reported.
pub(super) fn resolve(
    file: &SecretFile<'_>,
    slot: Slot<'_>,
    resolver: &mut Resolver<'_>,
) -> Option<Resolved> {
    match file {
        SecretFile::Command(command) => {
            let secret = Secret(vec![SecretPiece::Command(self::command(command, slot, resolver)?)]);
            Some(Resolved { secret, text: None, declined: false })
        }
        SecretFile::Text(template) => text(*template, slot, resolver),
    }
}

/// The secret, unless it is declined or empty.
pub(super) fn wanted(written: &Written<'_, SecretFile<'_>>, resolver: &mut Resolver<'_>) -> Option<Resolved> {
    let resolved = resolve(&written.value, written.slot, resolver)?;
    if resolved.declined {
        return None;
    }
    if resolved.text.as_ref().is_some_and(|text| text.expose().is_empty()) {
        resolver.problem(written.slot.invalid("this is empty"));
        return None;
    }
    Some(resolved)
}

fn text(template: Template<'_>, slot: Slot<'_>, resolver: &mut Resolver<'_>) -> Option<Resolved> {
    let resolved = resolver.resolve(&Written { value: template, slot })?;
    let pieces = pieces(template.0).unwrap_or_default();
    let is_file = |piece: &Piece<'_>| matches!(piece, Piece::File { .. });
    let secret = if pieces.iter().any(is_file) {
        Secret(pieces.into_iter().filter_map(|piece| live(piece, resolver)).collect())
    } else {
        SecretString::from(resolved.text.expose()).into()
    };
    Some(Resolved { secret, text: Some(resolved.text), declined: resolved.declined })
}

/// A piece that is read again when its file changes.
fn live(piece: Piece<'_>, resolver: &Resolver<'_>) -> Option<SecretPiece> {
    match piece {
        Piece::File { path, .. } => Some(SecretPiece::File(resolver.folder.join(path))),
        fixed => {
            let text = fixed.value(resolver.environment, Path::new("")).ok()?;
            Some(SecretPiece::Fixed(SecretString::from(text)))
        }
    }
}

fn command(file: &CommandFile<'_>, slot: Slot<'_>, resolver: &mut Resolver<'_>) -> Option<Command> {
    let written = file.command.0.as_ref()?;
    let words: Vec<String> = written.value.0.iter().map(|word| word.value.0.to_owned()).collect();
    if words.first().is_none_or(String::is_empty) {
        resolver.problem(slot.invalid("a command begins with the name of a program"));
        return None;
    }
    let or = |given: Optional<'_, Timeout>, seconds| {
        given.map_or(Duration::from_secs(seconds), |given| given.value.0)
    };
    let folder = resolver.folder.to_owned();
    Some(Command { words, folder, ttl: or(file.ttl, 300), timeout: or(file.timeout, 10) })
}
