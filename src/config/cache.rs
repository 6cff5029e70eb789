//! Which answers are kept, to be given again without asking the API.

use std::time::Duration;

use super::duration::TimeSpan;
use super::gateway::{CacheRules, CacheTimes};
use super::written::{Optional, Read, Slot, Written, words, written};
use crate::diagnostic::Diagnostics;
use crate::openapi::node::Kind;
use crate::source::Place;

/// `off`, `http`, or times.
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum CacheSetting<'t> {
    /// A word.
    Word(CacheWord),
    /// Times.
    Times(CacheFile<'t>),
}

words! {
    /// Which answers are kept.
    pub(super) enum CacheWord {
        /// What the API's own headers allow (RFC 9111).
        Http = "http",
        /// None.
        Off = "off",
    }
}

written! {
    /// Which answers are kept, beyond what the API's own headers allow. What an API forbids (`no-store`, `private`,
    /// `Set-Cookie`) is never kept.
    #[schemars(rename = "Cache")]
    pub(super) struct CacheFile<'t> {
        /// How long an answer is good when the API says nothing about it.
        ttl: Optional<'t, TimeSpan>,
        /// How long after that it is still given while a new one is asked for in the background (RFC 5861).
        stale_while_revalidate: Optional<'t, TimeSpan>,
        /// How long after that it is still given when the API fails (RFC 5861).
        stale_if_error: Optional<'t, TimeSpan>,
    }
}

impl<'t> Read<'t> for CacheSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.kind() == Kind::Object {
            CacheFile::read(slot, problems).map(Self::Times)
        } else {
            CacheWord::read(slot, problems).map(Self::Word)
        }
    }
}

/// What a setting means.
pub(super) fn resolve(setting: &CacheSetting<'_>) -> CacheRules {
    match setting {
        CacheSetting::Word(CacheWord::Off) => CacheRules::Off,
        CacheSetting::Word(CacheWord::Http) => CacheRules::On(CacheTimes::default()),
        CacheSetting::Times(file) => {
            let time = |time: &Optional<'_, TimeSpan>| time.map(|time| time.value.0);
            CacheRules::On(CacheTimes {
                ttl: time(&file.ttl),
                stale_while_revalidate: time(&file.stale_while_revalidate).unwrap_or(Duration::ZERO),
                stale_if_error: time(&file.stale_if_error).unwrap_or(Duration::ZERO),
            })
        }
    }
}

/// What a setting of one operation means, and where it is.
pub(super) fn resolve_change(setting: Option<&Written<'_, CacheSetting<'_>>>) -> Option<(CacheRules, Place)> {
    setting.map(|setting| (resolve(&setting.value), setting.slot.key_place()))
}
