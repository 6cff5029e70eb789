//! How the tools of a gateway are shown to a client: listed or to be searched for, in whose dialect of JSON Schema, and
//! at what length. None of it changes what a call takes.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::file::GatewayFile;
use super::written::{Keys, Read, Slot, expected, word, words};
use crate::diagnostic::Diagnostics;
use crate::openapi::node::Kind;

/// How the tools of a gateway are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Whether they are listed, or found by `search_tools`.
    pub discover: Discover,
    /// Whose dialect their schemas are written in; `None` when the client decides.
    pub profile: Option<Profile>,
    /// At what length they are described.
    pub detail: Detail,
}

/// Whether tools are listed, or found by `search_tools`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Discover {
    /// All are listed.
    #[default]
    Off,
    /// None is: three tools to search, describe and call them are.
    On,
    /// As [`Discover::On`] when the gateway has more tools than this, else as [`Discover::Off`].
    Above(usize),
}

/// Whose dialect of JSON Schema an `inputSchema` is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// As the document says it: JSON Schema 2020-12 without loss.
    Full,
    /// What Anthropic, OpenAI and Gemini all take.
    #[default]
    Portable,
    /// OpenAI's strict function calling: every property required, nothing beside them.
    OpenAi,
    /// Gemini's function declarations: the subset of OpenAPI 3.0 that they are made of.
    Gemini,
    /// Anthropic's tools: as the document says it, where it is short and all its names are taken there.
    Anthropic,
}

/// At what length tools are described.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What a model can use of the document.
    #[default]
    Full,
    /// One or two sentences of each description; schemas three levels deep.
    Lean,
    /// One sentence of each tool; of arguments that may be left out no more than name and type.
    Minimal,
}

/// What somebody says who has the last word (the command line); `None` leaves what the gateway says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShownChange {
    /// Instead of [`Shown::discover`].
    pub discover: Option<Discover>,
    /// Instead of [`Shown::profile`].
    pub profile: Option<Profile>,
    /// Instead of [`Shown::detail`].
    pub detail: Option<Detail>,
}

impl Discover {
    /// What `auto` means: above 200 tools a list costs more than most models can hold beside a conversation.
    pub const AUTO: Self = Self::Above(200);

    /// Whether a gateway with so many tools is searched instead of listed.
    #[must_use]
    pub fn is_on(self, tools: usize) -> bool {
        match self {
            Self::Off => false,
            Self::On => tools > 0,
            Self::Above(most) => tools > most,
        }
    }
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Full, Self::Portable, Self::OpenAi, Self::Gemini, Self::Anthropic];

    /// Its name in files and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Portable => "portable",
            Self::OpenAi => "openai",
            Self::Gemini => "gemini",
            Self::Anthropic => "anthropic",
        }
    }
}

impl Shown {
    /// The same with what somebody else says.
    #[must_use]
    pub fn changed(self, change: ShownChange) -> Self {
        Self {
            discover: change.discover.unwrap_or(self.discover),
            profile: change.profile.or(self.profile),
            detail: change.detail.unwrap_or(self.detail),
        }
    }
}

words! {
    /// Whose dialect of JSON Schema the tools are shown in. Calls are validated the same, whatever it is.
    pub(super) enum ProfileWord {
        /// As the document says it.
        Full = "full",
        /// What Anthropic, OpenAI and Gemini all take.
        Portable = "portable",
        /// OpenAI's strict function calling.
        OpenAi = "openai",
        /// Gemini's function declarations.
        Gemini = "gemini",
        /// Anthropic's tools.
        Anthropic = "anthropic",
    }

    /// At what length the tools are described.
    pub(super) enum DetailWord {
        /// What a model can use of the document.
        Full = "full",
        /// One or two sentences of each description; schemas three levels deep.
        Lean = "lean",
        /// One sentence of each tool; of optional arguments no more than name and type.
        Minimal = "minimal",
    }
}

/// `discover`: a word, or `{above: N}`.
#[derive(Clone, Copy)]
pub(super) struct DiscoverRule(pub(super) Discover);

const DISCOVER: [&str; 3] = ["on", "off", "auto"];

impl<'t> Read<'t> for DiscoverRule {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.kind() == Kind::Object {
            let mut keys = Keys::of(slot, "DiscoverRule", problems)?;
            let above: super::written::Required<'t, Count> = keys.field("above");
            keys.finish();
            return above.0.map(|above| Self(Discover::Above(above.value.0)));
        }
        let found = match word(slot, "DiscoverRule", &DISCOVER, problems)? {
            "on" => Discover::On,
            "off" => Discover::Off,
            _ => Discover::AUTO,
        };
        Some(Self(found))
    }
}

impl JsonSchema for DiscoverRule {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Discover".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                {"type": "string", "enum": DISCOVER},
                {
                    "type": "object",
                    "properties": {"above": {
                        "description": "Tools are searched for when there are more than this, else listed.",
                        "type": "integer",
                        "minimum": 0
                    }},
                    "required": ["above"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

/// A whole number of things.
#[derive(Clone, Copy)]
struct Count(usize);

impl<'t> Read<'t> for Count {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let count = slot.node.as_number().and_then(|number| number.parse().ok());
        if count.is_none() {
            problems.push(expected("a whole number", slot));
        }
        count.map(Self)
    }
}

/// What a file says about it.
pub(super) fn resolve(file: &GatewayFile<'_>) -> Shown {
    Shown {
        discover: file.discover.map(|discover| discover.value.0).unwrap_or_default(),
        profile: file.profile.map(|profile| match profile.value {
            ProfileWord::Full => Profile::Full,
            ProfileWord::Portable => Profile::Portable,
            ProfileWord::OpenAi => Profile::OpenAi,
            ProfileWord::Gemini => Profile::Gemini,
            ProfileWord::Anthropic => Profile::Anthropic,
        }),
        detail: match file.detail.map(|detail| detail.value) {
            None | Some(DetailWord::Full) => Detail::Full,
            Some(DetailWord::Lean) => Detail::Lean,
            Some(DetailWord::Minimal) => Detail::Minimal,
        },
    }
}
