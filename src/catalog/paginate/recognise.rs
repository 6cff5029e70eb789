//! Pagination that a document describes without a word for it: by what parameters and properties are called.
//!
//! OpenAPI cannot say how an API has its pages, but most APIs do it in one of a few ways, under names that mean nothing
//! else. Only where a parameter and something in the answer fit each other is it called recognised: a wrong guess
//! would tell a model nonsense with every answer.

use super::super::argument::{Input, InputKind};
use super::super::schema;
use crate::catalog::lists::{BESIDE, LISTS};
use crate::config::gateway::{BodyPath, NextCursor, PageEnd, PageRule, PageStyle};
use crate::openapi::Operation;
use crate::openapi::operation::{Field, FieldKind, Location, Outline};
use crate::openapi::shared::Json;

/// Parameters that take a cursor, with what the answer calls the one for the next page.
const CURSORS: [(&str, &[&str]); 16] = [
    ("cursor", &["nextcursor", "nextpagecursor", "endcursor", "cursornext", "cursor"]),
    ("pagecursor", &["nextpagecursor", "nextcursor"]),
    ("startcursor", &["nextcursor"]),
    ("nextcursor", &["nextcursor"]),
    ("pagetoken", &["nextpagetoken", "nexttoken"]),
    ("nextpagetoken", &["nextpagetoken"]),
    ("nexttoken", &["nexttoken"]),
    ("token", &["nextpagetoken", "nexttoken"]),
    ("continuationtoken", &["nextcontinuationtoken", "continuationtoken"]),
    ("continuation", &["continuation", "continuationtoken"]),
    ("marker", &["nextmarker"]),
    ("pagemarker", &["nextpagemarker"]),
    ("scrollid", &["scrollid"]),
    ("bookmark", &["bookmark"]),
    ("after", &["nextcursor", "endcursor", "aftercursor"]),
    ("pageafter", &["nextcursor", "aftercursor"]),
];

/// Parameters whose cursor has the same name inside of something that speaks of the next page.
const CURSORS_WITHIN: [&str; 4] = ["after", "startingafter", "cursor", "pagetoken"];

/// What URLs of next pages are called wherever they stand.
const NEXT_URLS: [&str; 9] = [
    "odatanextlink",
    "nextlink",
    "nextpageurl",
    "nexturl",
    "nexthref",
    "nextpagelink",
    "nextpageuri",
    "nexturi",
    "nextpagepath",
];

const SIZES: [&str; 16] = [
    "limit",
    "perpage",
    "pagesize",
    "size",
    "count",
    "pagelimit",
    "itemsperpage",
    "resultsperpage",
    "maxresults",
    "max",
    "top",
    "take",
    "rows",
    "maxitems",
    "maxrecords",
    "recordsperpage",
];
const PAGES: [&str; 6] = ["page", "pagenumber", "pageno", "pagenum", "pageindex", "currentpage"];
const OFFSETS: [&str; 7] = ["offset", "skip", "start", "startindex", "startat", "from", "pageoffset"];
const MORE: [&str; 7] =
    ["hasmore", "hasnext", "hasnextpage", "more", "morerecords", "hasmoreitems", "ismore"];
const TOTALS: [&str; 11] = [
    "total",
    "totalcount",
    "totalresults",
    "totalitems",
    "totalrecords",
    "totalelements",
    "totalhits",
    "totalsize",
    "recordstotal",
    "totalnumber",
    "itemstotal",
];
const TOTAL_PAGES: [&str; 7] =
    ["totalpages", "pagecount", "pages", "lastpage", "numpages", "pagestotal", "totalpagecount"];

/// The rule that the document of an operation describes; `None` when it is not plain.
pub(super) fn recognise(operation: &Operation, inputs: &[Input]) -> Option<PageRule> {
    let reader = Reading { operation, outline: &operation.outline, inputs };
    let (items, has_list) = match operation.method.as_str() {
        "GET" | "POST" => reader.items(),
        _ => return None,
    };
    if !has_list {
        return None;
    }
    if operation.method == http::Method::POST {
        return reader.cursor().map(|style| PageRule { style, items });
    }
    let style = reader
        .next_link()
        .or_else(|| reader.cursor())
        .or_else(|| reader.last_item())
        .or_else(|| reader.link())
        .or_else(|| reader.next_url())
        // What counts needs its items to know where it is.
        .or_else(|| items.is_some().then(|| reader.offset().or_else(|| reader.page()))?)?;
    Some(PageRule { style, items })
}

/// What is read of an operation.
struct Reading<'o> {
    operation: &'o Operation,
    outline: &'o Outline,
    inputs: &'o [Input],
}

impl<'o> Reading<'o> {
    /// Where the items are, as far as that is plain; and whether there is a list at all.
    fn items(&self) -> (Option<BodyPath>, bool) {
        if self.outline.is_list {
            return (Some(BodyPath::default()), true);
        }
        let lists: Vec<&Field> = self.outline.fields.iter().filter(|field| is_items(field)).collect();
        let outermost = lists.iter().map(|field| field.path.len()).min().unwrap_or_default();
        let lists: Vec<&Field> = lists.into_iter().filter(|field| field.path.len() == outermost).collect();
        let telling =
            || LISTS.iter().find_map(|name| lists.iter().find(|field| reads_as(field.name(), name)));
        let found = match lists.as_slice() {
            [only] => Some(only),
            _ => telling(),
        };
        (found.map(|field| path(field)), !lists.is_empty())
    }

    /// OData, and what Azure's documents say in so many words.
    fn next_link(&self) -> Option<PageStyle> {
        let named = self.outline.next_link.as_deref().map(|name| BodyPath::of([name]));
        let odata = || {
            let field = self.outline.fields.iter().find(|field| field.name() == "@odata.nextLink")?;
            Some(path(field))
        };
        named.or_else(odata).map(|next| PageStyle::NextUrl { next, parameter: None })
    }

    fn cursor(&self) -> Option<PageStyle> {
        CURSORS
            .iter()
            .find_map(|(parameter, names)| {
                let input = self.input(&[parameter])?;
                let found = names.iter().find_map(|name| {
                    let is_it = |field: &&Field| {
                        is_scalar(field)
                            && reads_as(field.name(), name)
                            && (field.path.len() == 1 || is_about_pages(field))
                    };
                    self.outline.fields.iter().find(is_it)
                });
                found.map(|field| self.cursor_style(input, field))
            })
            .or_else(|| self.cursor_within())
    }

    /// `paging.next.after`, `pages.next.starting_after`, `paging.cursors.after`.
    fn cursor_within(&self) -> Option<PageStyle> {
        let input = self.input(&CURSORS_WITHIN)?;
        let name = plain(&input.wire);
        let field = self.outline.fields.iter().find(|field| {
            let within =
                field.path.iter().rev().skip(1).any(|part| matches!(&*plain(part), "next" | "cursors"));
            is_scalar(field) && within && reads_as(field.name(), &name)
        })?;
        Some(self.cursor_style(input, field))
    }

    fn cursor_style(&self, input: &Input, field: &Field) -> PageStyle {
        PageStyle::Cursor {
            next: NextCursor::Body(path(field)),
            parameter: input.wire.clone(),
            more: self.field(&MORE, FieldKind::Flag),
        }
    }

    /// `starting_after` takes the id of the last item, and `has_more` says whether there is another.
    fn last_item(&self) -> Option<PageStyle> {
        let input = self.query(&["startingafter"])?;
        let more = self.field(&["hasmore"], FieldKind::Flag)?;
        let has_ids = self.outline.fields.iter().any(|field| is_items(field) && field.items_have_id);
        has_ids.then(|| PageStyle::Cursor {
            next: NextCursor::LastItem(BodyPath::of(["id"])),
            parameter: input.wire.clone(),
            more: Some(more),
        })
    }

    /// A `Link` header is documented, and there is a parameter that its URLs can set.
    fn link(&self) -> Option<PageStyle> {
        let has_header = self.outline.headers.iter().any(|name| name == "link");
        let names: Vec<&str> = PAGES.iter().chain(&OFFSETS).chain(&SIZES).copied().collect();
        let sets =
            self.query(&names).or_else(|| self.query(&["cursor", "after", "startingafter", "sinceid"]));
        (has_header && sets.is_some()).then_some(PageStyle::Link { parameter: None })
    }

    fn next_url(&self) -> Option<PageStyle> {
        let fields = &self.outline.fields;
        let is_text = |field: &Field| matches!(field.kind, FieldKind::Text | FieldKind::Other);
        let has_previous = |field: &Field| {
            fields.iter().any(|other| {
                other.path.len() == field.path.len()
                    && matches!(&*plain(other.name()), "previous" | "prev" | "previouspage")
                    && other.path.iter().rev().skip(1).eq(field.path.iter().rev().skip(1))
            })
        };
        let is_it = |field: &&Field| {
            let name = plain(field.name());
            let parent = field.path.iter().rev().nth(1).map(|parent| plain(parent));
            let in_links = matches!(parent.as_deref(), Some("links" | "link"));
            let is_next = name == "next" && (field.is_url || in_links || has_previous(field));
            let is_href = matches!(&*name, "href" | "url") && parent.as_deref() == Some("next");
            // A name that ends like this and is a parameter too is a cursor.
            let is_sent = self.query(&[&name]).is_some();
            is_text(field) && !is_sent && (NEXT_URLS.contains(&&*name) || is_next || is_href)
        };
        let field = fields.iter().find(is_it)?;
        Some(PageStyle::NextUrl { next: path(field), parameter: None })
    }

    fn offset(&self) -> Option<PageStyle> {
        let input = self.query(&OFFSETS)?;
        let size = self.query(&SIZES)?;
        let end = self.end(size);
        // These two names mean nothing else; of the others, only with a total.
        let is_plain = reads_as(&input.wire, "offset") && reads_as(&size.wire, "limit");
        let counts_pages = self.says(input, &["page number", "number of pages", "pages to skip"]);
        if !self.is_whole(input) || counts_pages || !(is_plain || end.total.is_some() || end.more.is_some()) {
            return None;
        }
        let first = self.first(input).unwrap_or_default();
        Some(PageStyle::Offset { parameter: input.wire.clone(), first, end })
    }

    fn page(&self) -> Option<PageStyle> {
        let input = self.query(&PAGES)?;
        let size = self.query(&SIZES)?;
        if !self.is_whole(input) {
            return None;
        }
        // Taken for one too much, a page would be left out: it has to be said.
        let first = self.first(input)?;
        Some(PageStyle::Page { parameter: input.wire.clone(), first, end: self.end(size) })
    }

    fn end(&self, size: &Input) -> PageEnd {
        PageEnd {
            size: Some(size.wire.clone()),
            total: self.field(&TOTALS, FieldKind::Whole),
            total_pages: self.field(&TOTAL_PAGES, FieldKind::Whole),
            more: self.field(&MORE, FieldKind::Flag),
        }
    }

    /// The number of the first page or item, as far as the document says.
    fn first(&self, input: &Input) -> Option<u64> {
        let schema = schema::resolve(&input.schema, &self.operation.definitions);
        let number = |key: &str| schema.get(key).and_then(Json::as_u64).filter(|number| *number <= 1);
        number("default").or_else(|| number("minimum")).or_else(|| {
            if self.says(input, &["zero-based", "0-based", "starts at 0", "starting at 0", "starts from 0"]) {
                Some(0)
            } else {
                let one = [
                    "one-based",
                    "1-based",
                    "starts at 1",
                    "starting at 1",
                    "starts from 1",
                    "starting from 1",
                ];
                self.says(input, &one).then_some(1)
            }
        })
    }

    fn says(&self, input: &Input, phrases: &[&str]) -> bool {
        let schema = schema::resolve(&input.schema, &self.operation.definitions);
        let own = input.description.as_deref();
        let text = own.or_else(|| schema.get("description")?.as_str()).unwrap_or_default().to_lowercase();
        phrases.iter().any(|phrase| text.contains(phrase))
    }

    /// Whether a parameter takes whole numbers, as far as its type says.
    fn is_whole(&self, input: &Input) -> bool {
        let schema = schema::resolve(&input.schema, &self.operation.definitions);
        match schema.get("type") {
            Some(Json::String(kind)) => matches!(kind.as_str(), "integer" | "number"),
            Some(Json::Array(kinds)) => kinds.iter().any(|kind| kind == "integer" || kind == "number"),
            _ => false,
        }
    }

    /// The first of these that is a query parameter, or of an operation with a body a property of that.
    fn input(&self, names: &[&str]) -> Option<&'o Input> {
        self.query(names).or_else(|| self.find(names, |kind| matches!(kind, InputKind::Property(_))))
    }

    fn query(&self, names: &[&str]) -> Option<&'o Input> {
        self.find(names, |kind| matches!(kind, InputKind::Parameter(Location::Query, _)))
    }

    fn find(&self, names: &[&str], is_there: impl Fn(InputKind) -> bool) -> Option<&'o Input> {
        let of_name = |name: &&str| {
            self.inputs.iter().find(|input| is_there(input.kind) && reads_as(&input.wire, name))
        };
        names.iter().find_map(of_name)
    }

    /// Where a property of this kind with one of these names is: at the root, or in what is about pages.
    fn field(&self, names: &[&str], kind: FieldKind) -> Option<BodyPath> {
        let of_name = |name: &&str| {
            self.outline.fields.iter().find(|field| {
                field.kind == kind
                    && reads_as(field.name(), name)
                    && (field.path.len() == 1 || is_about_pages(field))
            })
        };
        names.iter().find_map(of_name).map(path)
    }
}

/// A list of items: at the root, or in what holds them.
fn is_items(field: &Field) -> bool {
    let held = match field.path.as_slice() {
        [_] => true,
        [holder, _] => matches!(&*plain(holder), "data" | "result" | "results" | "response"),
        _ => false,
    };
    field.kind == FieldKind::List && held && !BESIDE.contains(&&*plain(field.name()))
}

/// Whether something is inside of what speaks of pages.
fn is_about_pages(field: &Field) -> bool {
    const ABOUT: [&str; 16] = [
        "paging",
        "pages",
        "page",
        "pageinfo",
        "pagination",
        "paginate",
        "meta",
        "metadata",
        "responsemetadata",
        "resultinfo",
        "cursors",
        "pagecontext",
        "listmetadata",
        "pager",
        "data",
        "result",
    ];
    field.path.iter().rev().nth(1).is_some_and(|parent| ABOUT.contains(&&*plain(parent)))
}

fn is_scalar(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Text | FieldKind::Whole | FieldKind::Other)
}

fn path(field: &Field) -> BodyPath {
    BodyPath::of(field.path.iter().map(String::as_str))
}

/// Whether a name is in one spelling what is `known` in it: see [`plain`].
fn reads_as(name: &str, known: &str) -> bool {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).eq(known.bytes())
}

/// A name by its letters and digits alone: `next_page_token`, `nextPageToken` and `page[cursor]` in one spelling.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests;
