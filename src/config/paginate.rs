//! How an API that answers in pages is asked for them.

use http::HeaderName;

use super::duration::Timeout;
use super::gateway::{
    BodyPath, CursorRules, NextCursor, PageCaps, PageEnd, PageMode, PageRule, PageStyle, Pagination,
};
use super::resolver::Resolver;
use super::size::MaxBytes;
use super::text::{Literal, Template};
use super::whole::Whole;
use super::written::{Optional, Read, Slot, Written, words, written};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::openapi::node::Kind;

/// A word, or how it is done.
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum PaginateSetting<'t> {
    /// A word.
    Word(ModeWord),
    /// How it is done.
    Rule(Box<PaginateFile<'t>>),
}

words! {
    /// What becomes of an answer that has more pages.
    pub(super) enum ModeWord {
        /// Nothing: answers are handed on as they are.
        Off = "off",
        /// The tool keeps the API's own parameters; the result says how to ask for the next page.
        Hint = "hint",
        /// The tool takes a `cursor` in the place of the API's own parameters; a call gives one page and the cursor
        /// for the next.
        Step = "step",
        /// As `step`, but a call gives several pages in one answer, up to the caps.
        Gather = "gather",
    }

    /// How an API says where the next page is.
    pub(super) enum StyleWord {
        /// In a `Link` header with `rel=next` (RFC 8288).
        Link = "link",
        /// As a URL in the body.
        NextUrl = "next_url",
        /// As a cursor that has to be sent back.
        Cursor = "cursor",
        /// Pages are counted.
        Page = "page",
        /// Items are counted.
        Offset = "offset",
    }
}

written! {
    /// How an API that answers in pages is asked for them, and what becomes of the pages. Paths into the body are
    /// written `meta.next_cursor`, or as a JSON pointer.
    #[schemars(rename = "Paginate")]
    pub(super) struct PaginateFile<'t> {
        /// How the API says where the next page is. Without it: as recognised in the document.
        style: Optional<'t, StyleWord>,
        /// What becomes of the pages. Default: `gather` where a cap is written, else `step`.
        mode: Optional<'t, ModeWord>,
        /// The parameter (or property of the body) that takes the cursor, the number of the page, or the number of
        /// the first item. For `link` and `next_url` it is the parameter that those URLs set.
        parameter: Optional<'t, Literal<'t>>,
        /// Where the URL (`next_url`) or the cursor (`cursor`) of the next page is.
        next: Optional<'t, NextSetting<'t>>,
        /// Where the items of a page are, for when it is not plain. The empty text is the whole body.
        items: Optional<'t, Literal<'t>>,
        /// The parameter that says how many items a page has, for `page` and `offset`: a page with fewer is the last.
        size: Optional<'t, Literal<'t>>,
        /// Where the answer says whether there is more (true or false).
        more: Optional<'t, Literal<'t>>,
        /// Where the answer says how many items there are in all, for `page` and `offset`.
        total: Optional<'t, Literal<'t>>,
        /// Where the answer says how many pages there are in all, for `page`.
        total_pages: Optional<'t, Literal<'t>>,
        /// The number of the first page or item: 0 or 1. Default: 1 for `page`, 0 for `offset`.
        first: Optional<'t, Whole<0, 1>>,
        /// How many pages are gathered at most.
        #[schemars(extend("default" = 10))]
        max_pages: Optional<'t, Whole<1, 1000>>,
        /// How many items are gathered at most.
        #[schemars(extend("default" = 1000))]
        max_items: Optional<'t, Whole<1, 100_000>>,
        /// How many bytes of items are gathered at most; at most 8MiB.
        #[schemars(extend("default" = "1MiB"))]
        max_bytes: Optional<'t, MaxBytes>,
    }

    /// Where the cursor of the next page is, when it is not in the body: one of these.
    #[schemars(rename = "NextCursor")]
    pub(super) struct NextFile<'t> {
        /// In this header.
        header: Optional<'t, Literal<'t>>,
        /// In the last item of the page, at this path.
        #[schemars(extend("examples" = ["id"]))]
        last_item: Optional<'t, Literal<'t>>,
    }

    /// How the cursors that tools give and take are sealed.
    #[schemars(rename = "Cursors")]
    pub(super) struct CursorsFile<'t> {
        /// What they are sealed with: 16 characters or more that nobody can guess, from the environment or a file.
        /// Replicas that serve the same clients need the same. Default: a key of the process.
        #[schemars(extend("examples" = ["${CURSOR_KEY}"]))]
        key: Optional<'t, Template<'t>>,
        /// How long a cursor is good.
        #[schemars(extend("default" = "1h"))]
        expires: Optional<'t, Timeout>,
    }
}

/// A path into the body, or another place.
#[derive(schemars::JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum NextSetting<'t> {
    /// In the body.
    Body(Literal<'t>),
    /// Elsewhere.
    Elsewhere(NextFile<'t>),
}

impl<'t> Read<'t> for PaginateSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.kind() == Kind::Object {
            PaginateFile::read(slot, problems).map(|file| Self::Rule(Box::new(file)))
        } else {
            ModeWord::read(slot, problems).map(Self::Word)
        }
    }
}

impl<'t> Read<'t> for NextSetting<'t> {
    fn read(slot: Slot<'t>, problems: &mut Diagnostics) -> Option<Self> {
        if slot.node.kind() == Kind::Object {
            NextFile::read(slot, problems).map(Self::Elsewhere)
        } else {
            Literal::read(slot, problems).map(Self::Body)
        }
    }
}

/// What a setting means; `None` when it has a fault, which has been reported.
pub(super) fn resolve(
    setting: &Written<'_, PaginateSetting<'_>>,
    resolver: &mut Resolver<'_>,
) -> Option<Pagination> {
    let place = Some(setting.slot.key_place());
    let file = match &setting.value {
        PaginateSetting::Word(word) => {
            return Some(Pagination { mode: mode(*word), place, ..Pagination::default() });
        }
        PaginateSetting::Rule(file) => file,
    };
    let before = resolver.problems.len();
    let rule = match &file.style {
        Some(style) => Some(rule(file, style, resolver)?),
        None => {
            check_keys(file, "without a `style`", &["items"], resolver);
            None
        }
    };
    let caps = PageCaps {
        pages: file.max_pages.map_or(PageCaps::default().pages, |most| most.value.as_usize()),
        items: file.max_items.map_or(PageCaps::default().items, |most| most.value.as_usize()),
        bytes: file.max_bytes.map_or(PageCaps::default().bytes, |most| most.value.0),
    };
    let mode = mode_of(file, resolver);
    (resolver.problems.len() == before).then_some(Pagination { mode, rule, caps, place })
}

/// What `cursors` means.
pub(super) fn cursors(
    written: Option<&Written<'_, CursorsFile<'_>>>,
    resolver: &mut Resolver<'_>,
) -> CursorRules {
    /// What can be guessed is no key.
    const SHORTEST: usize = 16;
    let Some(file) = written.map(|written| &written.value) else { return CursorRules::default() };
    let key = file.key.as_ref().and_then(|written| Some((written, resolver.resolve(written)?.text)));
    if let Some((written, text)) = &key
        && text.expose().len() < SHORTEST
    {
        let short = written.slot.invalid(format!("the key has fewer than {SHORTEST} characters"));
        resolver.problem(short.sensitive().help("make one: `openssl rand -hex 32`"));
    }
    CursorRules {
        key: key.map(|(_, text)| text),
        expires: file.expires.map_or(CursorRules::DEFAULT_EXPIRES, |expires| expires.value.0),
    }
}

fn mode(word: ModeWord) -> PageMode {
    match word {
        ModeWord::Off => PageMode::Off,
        ModeWord::Hint => PageMode::Hint,
        ModeWord::Step => PageMode::Step,
        ModeWord::Gather => PageMode::Gather,
    }
}

/// The mode that is written, or that the caps tell.
fn mode_of(file: &PaginateFile<'_>, resolver: &mut Resolver<'_>) -> PageMode {
    let caps = [
        file.max_pages.map(|cap| cap.slot),
        file.max_items.map(|cap| cap.slot),
        file.max_bytes.map(|cap| cap.slot),
    ];
    let cap = caps.into_iter().flatten().next();
    match (file.mode.map(|written| mode(written.value)), cap) {
        (Some(PageMode::Gather) | None, Some(_)) => PageMode::Gather,
        (Some(mode), Some(slot)) => {
            let useless = slot.invalid("a cap has no effect where nothing is gathered");
            resolver.problem(useless.at(slot.key_place()).help("write `mode: gather`, or leave it out"));
            mode
        }
        (mode, None) => mode.unwrap_or(PageMode::Step),
    }
}

fn rule(
    file: &PaginateFile<'_>,
    style: &Written<'_, StyleWord>,
    resolver: &mut Resolver<'_>,
) -> Option<PageRule> {
    let word = style.value;
    let (named, taken): (&str, &[&str]) = match word {
        StyleWord::Link => ("with `style: link`", &["parameter", "items"]),
        StyleWord::NextUrl => ("with `style: next_url`", &["parameter", "next", "items"]),
        StyleWord::Cursor => ("with `style: cursor`", &["parameter", "next", "more", "items"]),
        StyleWord::Page => {
            ("with `style: page`", &["parameter", "first", "size", "more", "total", "total_pages", "items"])
        }
        StyleWord::Offset => {
            ("with `style: offset`", &["parameter", "first", "size", "more", "total", "items"])
        }
    };
    check_keys(file, named, taken, resolver);
    let items = path(file.items.as_ref(), resolver);
    let more = path(file.more.as_ref(), resolver);
    let parameter = file.parameter.as_ref().map(|parameter| parameter.value.0.to_owned());
    let first = file.first.map(|first| u64::from(first.value.0));
    let mut needed = || {
        if parameter.is_none() {
            resolver.problem(missing("parameter", style.slot));
        }
        parameter.clone()
    };
    let style = match word {
        StyleWord::Link => PageStyle::Link { parameter },
        StyleWord::NextUrl => PageStyle::NextUrl { next: next_url(file, style.slot, resolver)?, parameter },
        StyleWord::Cursor => {
            let parameter = needed();
            let next = next_cursor(file, style.slot, resolver)?;
            PageStyle::Cursor { next, parameter: parameter?, more }
        }
        StyleWord::Page => PageStyle::Page {
            parameter: needed()?,
            first: first.unwrap_or(1),
            end: page_end(file, more, resolver),
        },
        StyleWord::Offset => PageStyle::Offset {
            parameter: needed()?,
            first: first.unwrap_or(0),
            end: page_end(file, more, resolver),
        },
    };
    Some(PageRule { style, items })
}

fn page_end(file: &PaginateFile<'_>, more: Option<BodyPath>, resolver: &mut Resolver<'_>) -> PageEnd {
    PageEnd {
        size: file.size.as_ref().map(|size| size.value.0.to_owned()),
        total: path(file.total.as_ref(), resolver),
        total_pages: path(file.total_pages.as_ref(), resolver),
        more,
    }
}

/// Reports keys that mean nothing here.
fn check_keys<'t>(file: &PaginateFile<'t>, named: &str, taken: &[&str], resolver: &mut Resolver<'_>) {
    let text = |written: &Optional<'t, Literal<'t>>| written.as_ref().map(|written| written.slot);
    let keys = [
        ("parameter", text(&file.parameter)),
        ("next", file.next.as_ref().map(|next| next.slot)),
        ("items", text(&file.items)),
        ("size", text(&file.size)),
        ("more", text(&file.more)),
        ("total", text(&file.total)),
        ("total_pages", text(&file.total_pages)),
        ("first", file.first.map(|first| first.slot)),
    ];
    for (key, slot) in keys {
        if let Some(slot) = slot.filter(|_| !taken.contains(&key)) {
            let message = format!("`{key}` has no effect {named}");
            resolver.problem(slot.invalid(message).at(slot.key_place()));
        }
    }
}

fn next_url(file: &PaginateFile<'_>, style: Slot<'_>, resolver: &mut Resolver<'_>) -> Option<BodyPath> {
    match file.next.as_ref() {
        None => {
            resolver.problem(missing("next", style));
            None
        }
        Some(Written { value: NextSetting::Body(text), slot }) => body_path(text, *slot, resolver),
        Some(Written { slot, .. }) => {
            let help = "a URL in a header is `style: link` when it is a Link header";
            resolver.problem(slot.invalid("the URL of the next page is a path into the body").help(help));
            None
        }
    }
}

fn next_cursor(file: &PaginateFile<'_>, style: Slot<'_>, resolver: &mut Resolver<'_>) -> Option<NextCursor> {
    let Some(next) = &file.next else {
        resolver.problem(missing("next", style));
        return None;
    };
    match &next.value {
        NextSetting::Body(text) => body_path(text, next.slot, resolver).map(NextCursor::Body),
        NextSetting::Elsewhere(NextFile { header: Some(header), last_item: None }) => {
            let name = HeaderName::from_bytes(header.value.0.as_bytes());
            if name.is_err() {
                resolver.problem(header.slot.invalid("this cannot be the name of a header"));
            }
            name.ok().map(NextCursor::Header)
        }
        NextSetting::Elsewhere(NextFile { header: None, last_item: Some(at) }) => {
            body_path(&at.value, at.slot, resolver).map(NextCursor::LastItem)
        }
        NextSetting::Elsewhere(_) => {
            resolver.problem(
                next.slot.invalid("`next` is a path, or has one of the keys `header` and `last_item`"),
            );
            None
        }
    }
}

fn missing(key: &str, style: Slot<'_>) -> Diagnostic {
    Diagnostic::new(Code::MissingKey, format!("this style needs `{key}`")).at(style.place())
}

fn path(written: Option<&Written<'_, Literal<'_>>>, resolver: &mut Resolver<'_>) -> Option<BodyPath> {
    written.and_then(|written| body_path(&written.value, written.slot, resolver))
}

/// A path into the body.
pub(super) fn body_path(text: &Literal<'_>, slot: Slot<'_>, resolver: &mut Resolver<'_>) -> Option<BodyPath> {
    let path = BodyPath::parse(text.0);
    if path.is_none() {
        let help = "write it `meta.next_cursor` or `/meta/next_cursor`";
        resolver.problem(slot.invalid(format!("`{}` is no path into a body", text.0)).help(help));
    }
    path
}
