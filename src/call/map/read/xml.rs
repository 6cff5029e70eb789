//! XML as JSON: an element is an object of its attributes (`@name`) and children; several children of one name are a
//! list; an element with nothing but text is that text; text beside children is `#text`.
//!
//! There are no entities but the five of XML itself: a document type is skipped, nothing in it is expanded and nothing
//! is fetched.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use super::ReadError;

/// How deep elements may be nested: what parsers of JSON take.
const DEPTH: usize = 100;

/// The document as an object with its root element in it.
pub(super) fn read(text: &str) -> Result<String, ReadError> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| invalid(error.to_string()))?;
        match event {
            Event::Start(start) => {
                if open.len() > DEPTH {
                    return Err(invalid(format!("elements are nested more than {DEPTH} deep")));
                }
                open.push(Element::of(&start)?);
            }
            Event::Empty(start) => {
                let element = Element::of(&start)?;
                open.last_mut().into_iter().for_each(|parent| parent.put(&element));
            }
            Event::End(_) => {
                let element = open.pop().unwrap_or_default();
                open.last_mut().into_iter().for_each(|parent| parent.put(&element));
            }
            Event::Text(text) => say(&mut open, &text),
            Event::CData(text) => say(&mut open, &text),
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                let character = reference.resolve_char_ref().ok().flatten();
                let known = quick_xml::escape::resolve_predefined_entity(name);
                match (character, known) {
                    (Some(character), _) => say(&mut open, &character.to_string()),
                    (_, Some(text)) => say(&mut open, text),
                    // One of the document's own: it stays as it is written.
                    _ => say(&mut open, &format!("&{name};")),
                }
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match open.as_slice() {
        [root] if !root.members.is_empty() => Ok(Value::Object(root.members.clone()).to_string()),
        [_] => Err(invalid("there is no element".to_owned())),
        _ => Err(invalid("it ends within an element".to_owned())),
    }
}

fn invalid(reason: String) -> ReadError {
    ReadError::Xml { reason }
}

fn say(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// An element that is being read.
#[derive(Clone, Debug, Default)]
struct Element {
    name: String,
    members: Map<String, Value>,
    text: String,
}

impl Element {
    fn of(start: &BytesStart<'_>) -> Result<Self, ReadError> {
        let name = start.name().as_ref().to_owned();
        let mut members = Map::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| invalid(error.to_string()))?;
            let raw = attribute.value.into_owned();
            // With an entity of the document's own it stays as it is written.
            let value = quick_xml::escape::unescape(&raw).map(|value| value.into_owned()).unwrap_or(raw);
            members.insert(format!("@{}", attribute.key.as_ref()), value.into());
        }
        Ok(Self { name, members, text: String::new() })
    }

    fn put(&mut self, child: &Self) {
        let value = child.value();
        match self.members.get_mut(&child.name) {
            None => drop(self.members.insert(child.name.clone(), value)),
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }

    fn value(&self) -> Value {
        let text = self.text.trim();
        if self.members.is_empty() {
            return if text.is_empty() { Value::Null } else { text.into() };
        }
        let mut members = self.members.clone();
        if !text.is_empty() {
            members.insert("#text".to_owned(), text.into());
        }
        members.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_become_members() {
        let text = r#"<?xml version="1.0"?><!-- c --><list total="2">
            <book id="1" lang="a&amp;b"><title>A &lt; B &#228;</title><tag>x</tag><tag>y</tag><empty/></book>
            <book id="2"><title><![CDATA[<b>]]></title>and text</book></list>"#;
        assert_eq!(
            read(text).unwrap(),
            r##"{"list":{"@total":"2","book":[{"@id":"1","@lang":"a&b","title":"A < B ä","tag":["x","y"],"empty":null},{"@id":"2","title":"<b>","#text":"and text"}]}}"##
        );
    }

    #[test]
    fn entities_are_never_expanded() {
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]><a x="&c;">&c;&f;</a>"#;
        assert_eq!(read(bomb).unwrap(), r##"{"a":{"@x":"&c;","#text":"&c;&f;"}}"##);
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        for text in ["", "text", "<a>", "<a></b>", "<a", &"<a>".repeat(100_000)] {
            assert!(read(text).is_err(), "{text:.20}");
        }
    }
}
