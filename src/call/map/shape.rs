//! What the agent gets of an answer: what is picked of it, how it is written, and no more than it may be.
//!
//! Where nothing is configured, an answer within its bound is handed on as the bytes that came, and nobody looks inside.

mod blocks;
mod cut;
mod table;

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use crate::call::Content;
use crate::call::json as check;
use crate::call::outcome::{Answer, Excerpt, Problem, Shaped};
use crate::catalog::CallPlan;
use crate::config::response::Format;
use crate::express::jq::{Filter, RunError};
use crate::express::json::{self, Kind};
use crate::upstream::Fault;

/// The answer as the agent gets it. `select` is the model's own filter.
///
/// # Errors
/// [`Problem`] when a filter came to nothing.
pub(super) async fn shape(
    plan: &CallPlan,
    answer: Answer,
    select: Option<&Arc<Filter>>,
) -> Result<Shaped, Box<Problem>> {
    let shape = &plan.response.shape;
    let answer = match answer {
        Answer::Media(content) => return Ok(media(plan, content)),
        answer if shape.select.is_none() && shape.fields.is_none() && select.is_none() => answer,
        // Boxed, as what few answers need: it would make the future of every call larger, and that is moved.
        answer => Box::pin(picked(plan, answer, select)).await?,
    };
    let shaped = match (shape.format, answer) {
        (Some(Format::MarkdownTable), answer) => table(plan, &text_of(answer), table::Style::Markdown),
        (Some(Format::Csv), answer) => table(plan, &text_of(answer), table::Style::Csv),
        (Some(Format::Text), Answer::Json { text, .. }) => {
            let (text, cut) = few(&text, shape.max_items);
            let text = Bytes::from(plain(&text));
            with_remark(plan, bounded_text(plan, text), cut)
        }
        (Some(Format::Content), Answer::Json { text, .. }) => blocks::blocks(plan, &text)?,
        (_, Answer::Json { text, portable }) => bounded_json(plan, text, portable),
        (_, Answer::Text(text)) => with_remark(plan, bounded_text(plan, text), None),
        (_, answer) => Shaped { answer, remarks: Vec::new(), meta: None },
    };
    Ok(shaped)
}

/// The answer after the projections of the operator, then that of the model.
async fn picked(
    plan: &CallPlan,
    answer: Answer,
    select: Option<&Arc<Filter>>,
) -> Result<Answer, Box<Problem>> {
    let shape = &plan.response.shape;
    let mut text = text_of(answer);
    if let Some(fields) = &shape.fields {
        text = Bytes::from(fields.apply(&String::from_utf8_lossy(&text)));
    }
    if let Some(filter) = &shape.select {
        text = run(filter, &text).await.map_err(|error| Box::new(failed(plan, &error, None)))?;
    }
    if let Some(filter) = select {
        let picked = run(filter, &text).await;
        text = picked.map_err(|error| Box::new(failed(plan, &error, Some(&text))))?;
    }
    let portable = check::scan(&text).is_ok_and(|shape| shape.portable);
    Ok(Answer::Json { text, portable })
}

async fn run(filter: &Arc<Filter>, text: &Bytes) -> Result<Bytes, RunError> {
    filter.run(text.clone()).await.map(Bytes::from)
}

/// The answer as JSON; a text is a string.
fn text_of(answer: Answer) -> Bytes {
    match answer {
        Answer::Json { text, .. } => text,
        Answer::Text(text) => Bytes::from(json::string(&String::from_utf8_lossy(&text))),
        Answer::Media(_) | Answer::Blocks(_) => Bytes::from_static(b"null"),
    }
}

/// A filter that came to nothing. Of the model's own one it is shown what it ran over, so that the next one fits.
fn failed(plan: &CallPlan, error: &RunError, shown: Option<&Bytes>) -> Problem {
    let (whose, fault, advice) = match shown {
        Some(_) => (
            format!("`{}`", plan.response.select_argument.as_deref().unwrap_or("_select")),
            Fault::Caller,
            "What it ran over begins as below. Correct the filter and call again, but not when the request changed \
             something: that has been done.",
        ),
        None => (
            "The filter that is configured for this tool".to_owned(),
            Fault::Configuration,
            "The request itself was carried out; do not repeat one that changes something. Whoever runs this gateway has \
             to look at the filter.",
        ),
    };
    let excerpt = shown.map(|shown| Excerpt::of_text(&String::from_utf8_lossy(shown)));
    Problem {
        message: plan
            .upstream
            .redactor()
            .blank(&format!("{whose} failed on the answer: {error}."))
            .into_owned(),
        advice: advice.into(),
        body: excerpt,
        ..Problem::new("select_failed", fault)
    }
}

/// Data is not cut: half an image is none.
fn media(plan: &CallPlan, content: Content) -> Shaped {
    let (data, kind) = match &content {
        Content::Image { data, mime_type }
        | Content::Audio { data, mime_type }
        | Content::Blob { data, mime_type, .. } => (data.len(), mime_type.as_str()),
        Content::Text(_) | Content::Json(_) | Content::Resource { .. } | Content::Link { .. } => (0, ""),
    };
    let most = plan.response.shape.max_bytes.filter(|most| data > *most);
    match most {
        Some(most) => Shaped {
            meta: Some(json!({"bytes": data})),
            ..Shaped::from(Answer::Text(
                format!("The answer is {kind} of {data} bytes. It is not shown: more than {most} bytes are not handed on.")
                    .into(),
            ))
        },
        None => Shaped { answer: Answer::Media(content), remarks: Vec::new(), meta: None },
    }
}

/// JSON within its bounds.
fn bounded_json(plan: &CallPlan, text: Bytes, portable: bool) -> Shaped {
    let (most, items) = (plan.response.shown_bytes(), plan.response.shape.max_items);
    if text.len() <= most && items.is_none() {
        return Shaped { answer: Answer::Json { text, portable }, remarks: Vec::new(), meta: None };
    }
    let whole = text.len();
    let cut = cut::cut(&String::from_utf8_lossy(&text), most, items);
    match cut {
        None => Shaped { answer: Answer::Json { text, portable }, remarks: Vec::new(), meta: None },
        Some(cut) => {
            let text = Bytes::from(cut.text.clone());
            let answer = Answer::Json { portable: portable || cut.list.is_none(), text };
            let remark = remark(plan, &cut, whole);
            Shaped { answer, remarks: vec![remark], meta: Some(meta(&cut, whole)) }
        }
    }
}

/// The value with at most so many items in its list.
fn few(text: &Bytes, items: Option<usize>) -> (String, Option<cut::Cut>) {
    let text = String::from_utf8_lossy(text);
    match cut::cut(&text, usize::MAX, items) {
        Some(cut) => (cut.text.clone(), Some(cut)),
        None => (text.into_owned(), None),
    }
}

/// A text cut to its bound, and how long it was then.
fn bounded_text(plan: &CallPlan, mut text: Bytes) -> (Bytes, Option<usize>) {
    let (most, whole) = (plan.response.shown_bytes(), text.len());
    if whole <= most {
        return (text, None);
    }
    // Not within a character of several bytes.
    let begins = |byte: &u8| *byte & 0xc0 != 0x80;
    let end = (0..=most).rev().find(|at| text.get(*at).is_some_and(begins)).unwrap_or(0);
    text.truncate(end);
    // Between two lines, where that costs little.
    let line = text.iter().rposition(|byte| *byte == b'\n').filter(|line| *line > end - end / 8);
    text.truncate(line.unwrap_or(end));
    (text, Some(whole))
}

fn with_remark(plan: &CallPlan, (text, whole): (Bytes, Option<usize>), cut: Option<cut::Cut>) -> Shaped {
    let shown = text.len();
    let mut remarks: Vec<String> = cut.iter().map(|cut| remark(plan, cut, cut.whole)).collect();
    let mut meta = cut.map(|cut| meta(&cut, cut.whole));
    if let Some(whole) = whole {
        remarks.push(format!("The first {shown} of {whole} bytes are shown. {}", cut::advice(plan)));
        meta = Some(json!({"shown_bytes": shown, "bytes": whole}));
    }
    Shaped { answer: Answer::Text(text), remarks, meta }
}

fn remark(plan: &CallPlan, cut: &cut::Cut, whole: usize) -> String {
    let advice = cut::advice(plan);
    match &cut.list {
        Some(list) => {
            let of = if list.path.is_empty() { String::new() } else { format!(" of `{}`", list.path) };
            format!("{} of {} items{of} are shown. {advice}", list.shown, list.of)
        }
        None => format!(
            "The answer has {whole} bytes, more than the {} that are shown: long texts and lists in it are shortened \
             (…). {advice}",
            plan.response.shown_bytes()
        ),
    }
}

fn meta(cut: &cut::Cut, whole: usize) -> serde_json::Value {
    match &cut.list {
        Some(list) => json!({"shown": list.shown, "of": list.of, "path": list.path, "bytes": whole}),
        None => json!({"shown_bytes": cut.text.len(), "bytes": whole}),
    }
}

/// The rows of the answer's list.
fn table(plan: &CallPlan, text: &Bytes, style: table::Style) -> Shaped {
    let text = String::from_utf8_lossy(text);
    let table = table::write(&text, style, plan.response.shown_bytes(), plan.response.shape.max_items);
    let mut remarks = Vec::new();
    let mut meta = None;
    if table.shown < table.of {
        remarks.push(format!("{} of {} rows are shown. {}", table.shown, table.of, cut::advice(plan)));
        meta = Some(json!({"shown": table.shown, "of": table.of, "path": table.path, "bytes": text.len()}));
    }
    if let Some(beside) = table.beside {
        remarks.push(format!("Beside the rows: {beside}"));
    }
    Shaped { answer: Answer::Text(table.text.into()), remarks, meta }
}

/// A text without quotes; of a list each on a line of its own.
fn plain(text: &str) -> String {
    match json::kind(text) {
        Kind::String => json::text(text),
        Kind::Array => {
            let lines: Vec<String> = json::items(text)
                .map(|item| if json::kind(item) == Kind::String { json::text(item) } else { item.to_owned() })
                .collect();
            lines.join("\n")
        }
        Kind::Object | Kind::Other => text.to_owned(),
    }
}
