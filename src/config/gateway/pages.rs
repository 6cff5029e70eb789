//! Pages and jobs, as a gateway file means them.

use std::fmt;
use std::time::Duration;

use http::HeaderName;

use crate::source::Place;

/// Where something is in a JSON body: names of properties and places in lists, from outside in. Empty for the body
/// itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyPath(Vec<Box<str>>);

/// What a file says about pages.
#[derive(Clone, Debug, Default)]
pub struct Pagination {
    /// What becomes of them.
    pub mode: PageMode,
    /// How the API has them; `None`: as it is recognised.
    pub rule: Option<PageRule>,
    /// How much is gathered at most.
    pub caps: PageCaps,
    /// Where it was written.
    pub place: Option<Place>,
}

/// What becomes of an answer that has more pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageMode {
    /// Nothing is known about them.
    Off,
    /// The tool is as the document has it; the result says how to ask for the next page.
    #[default]
    Hint,
    /// The tool takes a `cursor` in the place of the API's own parameters; a call gives one page.
    Step,
    /// The same, but a call gives several pages in one answer.
    Gather,
}

/// How an API has its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRule {
    /// How it says where the next page is.
    pub style: PageStyle,
    /// Where the items of a page are; `None`: found in each answer.
    pub items: Option<BodyPath>,
}

/// How an API says where the next page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageStyle {
    /// In a `Link` header with `rel=next` (RFC 8288).
    Link {
        /// The parameter that is set by it.
        parameter: Option<String>,
    },
    /// As a URL in the body.
    NextUrl {
        /// Where.
        next: BodyPath,
        /// The parameter that is set by it.
        parameter: Option<String>,
    },
    /// As a text (or number) that has to be sent back.
    Cursor {
        /// Where it is.
        next: NextCursor,
        /// The parameter, or property of the body, that takes it.
        parameter: String,
        /// Where the answer says whether there is more.
        more: Option<BodyPath>,
    },
    /// Not at all: pages are counted.
    Page {
        /// The parameter that takes the number of the page.
        parameter: String,
        /// The number of the first page.
        first: u64,
        /// What tells that a page was the last.
        end: PageEnd,
    },
    /// Not at all: items are counted, from `first` on.
    Offset {
        /// The parameter that takes the number of the page's first item.
        parameter: String,
        /// The number of the first item.
        first: u64,
        /// What tells that a page was the last.
        end: PageEnd,
    },
}

/// Where the cursor for the next page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextCursor {
    /// In the body.
    Body(BodyPath),
    /// In a header.
    Header(HeaderName),
    /// In the last item of the page.
    LastItem(BodyPath),
}

/// What tells that a page was the last, where pages or items are counted. An empty page always does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageEnd {
    /// The parameter that takes the number of items of a page: a page with fewer is the last.
    pub size: Option<String>,
    /// Where the answer says how many items there are in all.
    pub total: Option<BodyPath>,
    /// Where the answer says how many pages there are in all.
    pub total_pages: Option<BodyPath>,
    /// Where the answer says whether there is more.
    pub more: Option<BodyPath>,
}

/// How much is gathered at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageCaps {
    /// Pages.
    pub pages: usize,
    /// Items.
    pub items: usize,
    /// Bytes of the items, as JSON.
    pub bytes: usize,
}

/// How cursors are sealed.
#[derive(Clone, Debug)]
pub struct CursorRules {
    /// What they are sealed with; `None`: a key of this process.
    pub key: Option<super::Text>,
    /// How long they are good.
    pub expires: Duration,
}

impl BodyPath {
    /// A path as people write it: `meta.next_cursor`, or a JSON pointer (RFC 6901), `/meta/next_cursor`. `None` when
    /// it has an empty name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let unescape = |name: &str| name.replace("~1", "/").replace("~0", "~").into_boxed_str();
        let names: Vec<Box<str>> = match text.strip_prefix('/') {
            Some(pointer) => pointer.split('/').map(unescape).collect(),
            None if text.is_empty() => Vec::new(),
            // The names of OData's annotations have a dot.
            None if text.starts_with('@') => vec![text.into()],
            None => text.split('.').map(Into::into).collect(),
        };
        names.iter().all(|name| !name.is_empty()).then_some(Self(names))
    }

    /// The path of these names.
    #[must_use]
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// The names, from outside in.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| &**name)
    }
}

impl fmt::Display for BodyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("the body");
        }
        if self
            .0
            .iter()
            .any(|name| name.contains(['.', '/']) && !(name.starts_with('@') && self.0.len() == 1))
        {
            return self
                .0
                .iter()
                .try_for_each(|name| write!(f, "/{}", name.replace('~', "~0").replace('/', "~1")));
        }
        f.write_str(&self.0.join("."))
    }
}

impl Default for PageCaps {
    fn default() -> Self {
        Self { pages: 10, items: 1000, bytes: 1 << 20 }
    }
}

impl Default for CursorRules {
    fn default() -> Self {
        Self { key: None, expires: Self::DEFAULT_EXPIRES }
    }
}

impl CursorRules {
    /// How long cursors are good when the file says nothing.
    pub const DEFAULT_EXPIRES: Duration = Duration::from_secs(3600);
}

impl PageStyle {
    /// The word of the gateway file for it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Link { .. } => "link",
            Self::NextUrl { .. } => "next_url",
            Self::Cursor { .. } => "cursor",
            Self::Page { .. } => "page",
            Self::Offset { .. } => "offset",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_dotted_or_pointers() {
        for (text, shown) in [
            ("next", "next"),
            ("meta.next_cursor", "meta.next_cursor"),
            ("/meta/next_cursor", "meta.next_cursor"),
            ("/a.b/c", "/a.b/c"),
            ("/a~1b/0", "/a~1b/0"),
            ("@odata.nextLink", "@odata.nextLink"),
            ("", "the body"),
        ] {
            assert_eq!(BodyPath::parse(text).unwrap().to_string(), shown, "{text}");
        }
        for nonsense in ["a..b", ".", "a.", "//", "/a/"] {
            assert_eq!(BodyPath::parse(nonsense), None, "{nonsense}");
        }
    }
}
