//! What lists show of an offer: the JSON object, without line breaks.

use serde_json::{Map, Value, json};

use crate::config::gateway::{About, Annotations, Icon, Prompt};

/// A resource, or (by the name of its key) a resource template.
pub(super) fn resource(
    address: (&'static str, &str),
    name: &str,
    about: &About,
    mime_type: Option<&str>,
    size: Option<usize>,
) -> Box<str> {
    let mut face = Map::new();
    face.insert(address.0.to_owned(), address.1.into());
    face.insert("name".to_owned(), name.into());
    push_about(&mut face, about);
    face.extend(mime_type.map(|mime_type| ("mimeType".to_owned(), mime_type.into())));
    face.extend(annotations(&about.annotations).map(|annotations| ("annotations".to_owned(), annotations)));
    face.extend(size.map(|size| ("size".to_owned(), size.into())));
    face.extend(icons(&about.icons).map(|icons| ("icons".to_owned(), icons)));
    Value::Object(face).to_string().into()
}

/// A prompt.
pub(super) fn prompt(name: &str, prompt: &Prompt) -> Box<str> {
    let mut face = Map::new();
    face.insert("name".to_owned(), name.into());
    push_about(&mut face, &prompt.about);
    let arguments = prompt.arguments.iter().map(|argument| {
        let mut shown = Map::new();
        shown.insert("name".to_owned(), argument.name.as_str().into());
        shown.extend(argument.title.as_deref().map(|title| ("title".to_owned(), title.into())));
        shown.extend(argument.description.as_deref().map(|text| ("description".to_owned(), text.into())));
        shown.insert("required".to_owned(), argument.required.into());
        Value::Object(shown)
    });
    if !prompt.arguments.is_empty() {
        face.insert("arguments".to_owned(), arguments.collect());
    }
    face.extend(icons(&prompt.about.icons).map(|icons| ("icons".to_owned(), icons)));
    Value::Object(face).to_string().into()
}

fn push_about(face: &mut Map<String, Value>, about: &About) {
    face.extend(about.title.as_deref().map(|title| ("title".to_owned(), title.into())));
    face.extend(about.description.as_deref().map(|text| ("description".to_owned(), text.trim_end().into())));
}

/// `None` when nothing is said.
fn annotations(annotations: &Annotations) -> Option<Value> {
    let mut shown = Map::new();
    if !annotations.audience.is_empty() {
        let audience: Value = annotations.audience.iter().map(|role| Value::from(role.as_str())).collect();
        shown.insert("audience".to_owned(), audience);
    }
    let priority = annotations.priority.as_deref().and_then(|priority| serde_json::from_str(priority).ok());
    shown.extend(priority.map(|priority: Value| ("priority".to_owned(), priority)));
    shown.extend(annotations.last_modified.as_deref().map(|time| ("lastModified".to_owned(), time.into())));
    (!shown.is_empty()).then(|| shown.into())
}

/// `None` when there are none.
pub(in crate::catalog) fn icons(icons: &[Icon]) -> Option<Value> {
    let icon = |icon: &Icon| {
        let mut shown = json!({"src": icon.src});
        if let Some(shown) = shown.as_object_mut() {
            shown
                .extend(icon.mime_type.as_deref().map(|mime_type| ("mimeType".to_owned(), mime_type.into())));
            if !icon.sizes.is_empty() {
                shown.insert("sizes".to_owned(), icon.sizes.clone().into());
            }
            shown.extend(icon.theme.map(|theme| ("theme".to_owned(), theme.into())));
        }
        shown
    };
    (!icons.is_empty()).then(|| icons.iter().map(icon).collect())
}
