//! Who a server says that it is: what its gateway file says of it, as far as a version has words for it.

use serde_json::{Map, Value};

use super::SERVER_INFO;
use crate::catalog::View;

/// The first version in which a server has pictures and a website.
const WITH_ICONS: &str = "2025-11-25";

/// Who the server is, in the words of a version.
pub(super) fn server_info(view: &View, version: &str) -> String {
    let introduction = &view.introduction;
    let mut info: Map<String, Value> = serde_json::from_str(SERVER_INFO).unwrap_or_default();
    if let Some(title) = &introduction.title {
        info.insert("title".to_owned(), title.as_str().into());
    }
    if version >= WITH_ICONS {
        info.extend(introduction.website.as_ref().map(|url| ("websiteUrl".to_owned(), url.as_str().into())));
        info.extend(view.icons().map(|icons| ("icons".to_owned(), icons)));
    }
    Value::Object(info).to_string()
}
