//! What becomes of an answer that has more pages.

use std::sync::Arc;

use crate::config::gateway::{CursorRules, PageCaps, PageMode, PageRule};

/// How the pages of one tool's answers are read and asked for.
#[derive(Clone, Debug)]
pub struct PagePlan {
    /// What becomes of them; never [`PageMode::Off`].
    pub mode: PageMode,
    /// How the API has them.
    pub rule: PageRule,
    /// Nobody wrote the rule: it was recognised in the document.
    pub recognised: bool,
    /// How much is gathered at most.
    pub caps: PageCaps,
    /// Name of the argument of which the request takes the cursor or the number of the page. Where the tool has a
    /// `cursor` instead, no caller can give it. `None` where the API gives whole URLs.
    pub parameter: Option<Box<str>>,
    /// What that parameter is when the caller does not give it and something is sent all the same.
    pub default: Option<u64>,
    /// The request is not valid without the parameter.
    pub required: bool,
    /// How many items a page has, as far as that can be asked for.
    pub size: Option<SizeParameter>,
    /// Name of the tool's own argument `cursor`, for [`PageMode::Step`] and [`PageMode::Gather`].
    pub cursor: Option<Box<str>>,
    /// How cursors are sealed.
    pub cursors: Arc<CursorRules>,
}

/// The parameter for the number of items of a page.
#[derive(Clone, Debug)]
pub struct SizeParameter {
    /// Name of the argument; `None` when it is hidden.
    pub argument: Option<Box<str>>,
    /// What the gateway file sends when the caller gives none.
    pub sent: Option<u64>,
    /// What the API takes when nothing is sent, by its document.
    pub documented: Option<u64>,
}
