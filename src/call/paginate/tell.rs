//! What is told of the pages beside the answer: to programs in `_meta`, to models as a text after it, since most
//! clients show them nothing else.

use serde_json::{Map, Value};

use super::asked::Asked;
use super::seal::{Binding, Start};
use super::walk::{Ended, Walk};
use crate::call::exchange::Notes;
use crate::config::gateway::PageMode;
use crate::upstream::Reply;

/// The key in `_meta`.
pub(super) const KEY: &str = "toolgate/pagination";

/// The answer that a walk comes to; what there is to tell about it is noted.
pub(super) fn finish(
    walk: Walk<'_>,
    asked: &Asked<'_>,
    binding: &Binding<'_>,
    notes: &mut Notes,
) -> Option<Reply> {
    let ended = walk.ended.clone().unwrap_or(Ended::NoPage);
    if ended == Ended::NoPage {
        return walk.into_reply();
    }
    let history = walk.history();
    let cursor = walk
        .resume
        .clone()
        .and_then(|(position, skip)| binding.seal(&Start { position, skip, history }, &asked.first.url));
    let is_step = asked.pages.mode == PageMode::Step;
    let mut told = Map::new();
    told.insert("style".to_owned(), asked.pages.rule.style.as_str().into());
    if !is_step {
        told.insert("pages".to_owned(), walk.pages.into());
    }
    if let Some(items) = walk.items {
        told.insert("items".to_owned(), items.into());
    }
    if !(is_step && ended == Ended::Pages) {
        told.insert("ended".to_owned(), ended.as_str().into());
    }
    if let Some(cursor) = &cursor {
        told.insert("next_cursor".to_owned(), cursor.as_str().into());
    }
    notes.tell(KEY, told);
    let mut text = why(&walk, &ended, asked);
    if let (Some(cursor), Some(name)) = (&cursor, &asked.pages.cursor) {
        text.push_str(&format!(
            "There is more. For what comes next, call again with the same arguments and {name}={}.",
            Value::from(cursor.as_str())
        ));
    }
    if !text.is_empty() {
        notes.say(asked.plan.upstream.redactor().blank(text.trim_end()).into_owned());
    }
    walk.into_reply()
}

/// In words, why it ended before the API had no more.
fn why(walk: &Walk<'_>, ended: &Ended, asked: &Asked<'_>) -> String {
    let so_far = match (asked.pages.mode, walk.items) {
        (PageMode::Step, _) => String::new(),
        (_, Some(items)) => format!("These are {items} items of {} pages. ", walk.pages),
        (_, None) => format!("These are {} pages. ", walk.pages),
    };
    match ended {
        Ended::Complete | Ended::NoPage => String::new(),
        Ended::Pages | Ended::Items | Ended::Bytes => so_far,
        Ended::Deadline => format!("{so_far}There was no time for the page after that. "),
        Ended::Repeated => format!(
            "{so_far}The API began to repeat itself, so no further page was asked for. Whether there is more is not \
             known."
        ),
        Ended::Refused(place) => {
            format!("{so_far}The API says that the next page is at {place}, which is not asked for.")
        }
        Ended::Failed(message) => format!("{so_far}The page after that did not come: {message} "),
    }
}
