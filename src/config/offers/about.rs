//! What clients are told about something offered: titles, annotations, icons.

use super::super::gateway::{About, Annotations, Icon, Role};
use super::super::resolver::Resolver;
use super::super::text::Literal;
use super::super::written::{List, Optional, Read, Slot, Written, expected, words, written};
use crate::diagnostic::Diagnostics;

written! {
    /// A picture.
    #[schemars(rename = "Icon")]
    pub(in crate::config) struct IconFile<'t> {
        /// Where it is: an `https:` URL, or a `data:` URI.
        #[schemars(extend("examples" = ["https://example.com/icon.png"]))]
        src: super::super::written::Required<'t, Literal<'t>>,
        /// Its media type.
        #[schemars(extend("examples" = ["image/png", "image/svg+xml"]))]
        mime_type: Optional<'t, Literal<'t>>,
        /// The sizes that it is good for: `48x48`, or `any` for one that scales.
        sizes: Optional<'t, List<'t, Literal<'t>>>,
        /// The background that it is made for.
        theme: Optional<'t, ThemeWord>,
    }
}

words! {
    /// The background of a picture.
    pub(in crate::config) enum ThemeWord {
        /// A light one.
        Light = "light",
        /// A dark one.
        Dark = "dark",
    }

    /// Who speaks, or is spoken to.
    pub(in crate::config) enum RoleWord {
        /// The person.
        User = "user",
        /// The model.
        Assistant = "assistant",
    }
}

/// A number from 0 to 1, as it was written.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Share<'t>(pub(super) &'t str);

impl<'t> Read<'t> for Share<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        let Some(text) = slot.node.as_number() else {
            problems.push(expected("a number from 0 to 1", slot));
            return None;
        };
        // As JSON has it, since it is shown as it was written.
        let is_share = text.parse::<f64>().is_ok_and(|number| (0.0..=1.0).contains(&number))
            && serde_json::from_str::<serde_json::Number>(text).is_ok();
        if !is_share {
            problems.push(slot.invalid(format!("`{text}` is no number from 0 to 1")));
        }
        is_share.then_some(Self(text))
    }
}

impl schemars::JsonSchema for Share<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "number", "minimum": 0, "maximum": 1})
    }
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::User => Self::User,
            RoleWord::Assistant => Self::Assistant,
        }
    }
}

/// The keys about something offered, wherever they are written.
#[derive(Default)]
pub(super) struct AboutKeys<'f, 't> {
    pub(super) title: Option<&'f Written<'t, &'t str>>,
    pub(super) description: Option<&'f Written<'t, &'t str>>,
    pub(super) audience: Option<&'f Written<'t, List<'t, RoleWord>>>,
    pub(super) priority: Option<&'f Written<'t, Share<'t>>>,
    pub(super) last_modified: Option<&'f Written<'t, Literal<'t>>>,
    pub(super) icons: Option<&'f Written<'t, List<'t, IconFile<'t>>>>,
}

impl AboutKeys<'_, '_> {
    pub(super) fn resolve(self, resolver: &mut Resolver<'_>) -> About {
        if let Some(written) = self.last_modified
            && !is_time(written.value.0)
        {
            let message = format!("`{}` is no time", written.value.0);
            resolver.problem(written.slot.invalid(message).help("write it like `2026-01-31T12:00:00Z`"));
        }
        About {
            title: super::owned(self.title),
            description: super::owned(self.description),
            annotations: Annotations {
                audience: self
                    .audience
                    .iter()
                    .flat_map(|it| &it.value.0)
                    .map(|role| role.value.into())
                    .collect(),
                priority: self.priority.map(|share| share.value.0.to_owned()),
                last_modified: self.last_modified.map(|time| time.value.0.to_owned()),
            },
            icons: icons(self.icons, resolver),
        }
    }
}

/// Pictures, as they are shown.
pub(in crate::config) fn icons(
    list: Option<&Written<'_, List<'_, IconFile<'_>>>>,
    resolver: &mut Resolver<'_>,
) -> Vec<Icon> {
    list.iter().flat_map(|list| &list.value.0).filter_map(|icon| self::icon(&icon.value, resolver)).collect()
}

fn icon(file: &IconFile<'_>, resolver: &mut Resolver<'_>) -> Option<Icon> {
    let src = file.src.0?;
    // A client may load it by itself, so it names nothing that only we could reach.
    if !["https://", "http://", "data:"].iter().any(|scheme| src.value.0.starts_with(scheme)) {
        let problem = src.slot.invalid("a picture is at an `https:` URL, or in a `data:` URI");
        resolver.problem(problem);
        return None;
    }
    for size in file.sizes.iter().flat_map(|sizes| &sizes.value.0).filter(|size| !is_size(size.value.0)) {
        let message = format!("`{}` is no size of a picture", size.value.0);
        resolver.problem(size.slot.invalid(message).help("write it like `48x48`, or `any`"));
    }
    Some(Icon {
        src: src.value.0.to_owned(),
        mime_type: file.mime_type.map(|written| written.value.0.to_owned()),
        sizes: file
            .sizes
            .iter()
            .flat_map(|sizes| &sizes.value.0)
            .map(|size| size.value.0.to_owned())
            .collect(),
        theme: file.theme.map(|theme| match theme.value {
            ThemeWord::Light => "light",
            ThemeWord::Dark => "dark",
        }),
    })
}

fn is_size(text: &str) -> bool {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    text == "any" || text.split_once('x').is_some_and(|(width, height)| is_number(width) && is_number(height))
}

/// `2026-01-31T12:00:00Z`, near enough to ISO 8601 that programs read it.
fn is_time(text: &str) -> bool {
    let shape: String = text.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect();
    shape.starts_with("0000-00-00T00:00:00") && text.len() <= 40
}
