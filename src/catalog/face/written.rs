//! The `inputSchema` of a tool, put together of parts that are written once.
//!
//! What an operation takes beside its body is small, and its own. Its body is large, and in a document of entities it
//! is the same one for every operation that sends the entity: in the largest documents each is sent by hundreds. So
//! the arguments of a body are written once, as text, and their text is put into every face.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::portable::{Limits, Portable, Room};
use super::reach::{Library, Reach, refers, size, size_of_shared};
use super::{SCHEMA_BYTES, argument, sparse};
use crate::catalog::argument::{Input, InputKind};
use crate::config::shown::Detail;
use crate::openapi::definitions::Definitions;
use crate::openapi::shared::Json;

/// What the arguments beside a body take of the room for a schema counts in steps of this many bytes: operations whose
/// parameters differ by a few bytes have one body in common.
const STEP: usize = 128;

/// Writes the schemas of tools. Several can be at work: what tools have in common is written by one of them.
pub(in crate::catalog) struct Writer<'a> {
    library: Library<'a>,
    bodies: Arc<Bodies<'a>>,
}

/// What several tools have in common.
#[derive(Default)]
pub(in crate::catalog) struct Bodies<'a>(Mutex<FxHashMap<Key, Vec<Arc<Body<'a>>>>>);

/// What a body is looked up by; whether it is the same one is then seen by comparing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    /// Where the schema of the first argument is.
    first: usize,
    count: usize,
    /// How much room there is; `None` for each body once, whatever room it is for.
    budget: Option<usize>,
}

/// The arguments of a body.
struct Body<'a> {
    definitions: &'a Definitions,
    inputs: Box<[Input]>,
    reach: Reach,
    /// Written within each of the limits, as far as they were needed.
    written: Box<[OnceLock<Arc<Part>>]>,
}

/// Some arguments of a tool, as JSON.
#[derive(Default)]
struct Part {
    /// Members of `properties`.
    properties: String,
    /// Items of `required`.
    required: String,
    /// Members of `$defs`.
    definitions: String,
    /// About how long all of it is, by [`size`]: of properties, required and definitions.
    sizes: [usize; 3],
    cut: bool,
}

impl<'a> Writer<'a> {
    pub(in crate::catalog) fn new(bodies: &Arc<Bodies<'a>>) -> Self {
        Self { library: Library::default(), bodies: Arc::clone(bodies) }
    }

    /// The schema of an object of these inputs, and whether parts of it were left out to keep it short.
    pub(super) fn schema(
        &mut self,
        definitions: &'a Definitions,
        inputs: &[Input],
        detail: Detail,
    ) -> (String, bool) {
        let [before, body, after] = split(inputs);
        let own = || before.iter().chain(after).filter(|input| input.shown().is_some());
        let taken = own().map(|input| size_of_shared(&input.schema)).sum::<usize>().next_multiple_of(STEP);
        // Where nothing is set apart, the first part is everything.
        let (reach, body) = match body {
            [] => (self.library.reach(&roots(before), definitions, SCHEMA_BYTES), None),
            body => {
                let budget = SCHEMA_BYTES.saturating_sub(taken);
                (Reach::default(), Some(self.body(definitions, body, budget, detail)))
            }
        };
        let own = |inputs: &[Input], limits: Limits, room: Room| {
            Part::of(inputs, definitions, &reach, limits, detail, room)
        };
        let mut cut = false;
        let mut parts = Vec::new();
        let all = Limits::of(detail);
        for (number, limits) in all.iter().enumerate() {
            // What is too long is not shown, unless it cannot be any shorter. Of what is written in full and thinned out
            // later nobody knows how long it will be.
            let is_last = number + 1 == all.len();
            let room = if is_last || detail != Detail::Full { Room::ENDLESS } else { Room::of(SCHEMA_BYTES) };
            parts.clear();
            parts.push(Arc::new(own(before, *limits, room)));
            parts.extend(body.as_ref().map(|body| body.within(number, *limits, detail, room)));
            parts.extend((!after.is_empty()).then(|| Arc::new(own(after, *limits, room))));
            cut |= parts.iter().any(|part| part.cut);
            if bytes(&parts) <= SCHEMA_BYTES {
                break;
            }
            cut = true;
        }
        // What was left out on purpose needs no word.
        (text(&parts), cut && detail == Detail::Full)
    }

    fn body(
        &mut self,
        definitions: &'a Definitions,
        inputs: &[Input],
        budget: usize,
        detail: Detail,
    ) -> Arc<Body<'a>> {
        let first = inputs.first().map_or(0, |input| input.schema.address());
        let key = Key { first, count: inputs.len(), budget: Some(budget) };
        if let Some(known) = self.bodies.find(key, |body| body.is_of(definitions, inputs)) {
            return known;
        }
        let reach = self.library.reach(&roots(inputs), definitions, budget);
        let whatever = Key { budget: None, ..key };
        // Another budget mostly reaches the same definitions, and what is written is the same then.
        let alike = self.bodies.find(whatever, |body| body.reach == reach && body.is_of(definitions, inputs));
        let body = alike.unwrap_or_else(|| {
            let written = Limits::of(detail).iter().map(|_| OnceLock::new()).collect();
            let body = Arc::new(Body { definitions, inputs: inputs.into(), reach, written });
            self.bodies.add(whatever, body)
        });
        self.bodies.add(key, body)
    }
}

impl<'a> Bodies<'a> {
    fn find(&self, key: Key, is_it: impl Fn(&Body<'a>) -> bool) -> Option<Arc<Body<'a>>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&key)?.iter().find(|body| is_it(body)).map(Arc::clone)
    }

    /// Adds a body, unless somebody else has done so by now; gives the one that stays.
    fn add(&self, key: Key, body: Arc<Body<'a>>) -> Arc<Body<'a>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(key).or_default();
        let is_alike =
            |other: &&Arc<Body<'a>>| other.reach == body.reach && other.is_of(body.definitions, &body.inputs);
        if let Some(other) = known.iter().find(is_alike) {
            return Arc::clone(other);
        }
        known.push(Arc::clone(&body));
        body
    }
}

impl Body<'_> {
    fn is_of(&self, definitions: &Definitions, inputs: &[Input]) -> bool {
        self.definitions.is_same(definitions) && *self.inputs == *inputs
    }

    /// The body within the limits of this number.
    fn within(&self, number: usize, limits: Limits, detail: Detail, room: Room) -> Arc<Part> {
        let write = || Arc::new(Part::of(&self.inputs, self.definitions, &self.reach, limits, detail, room));
        self.written.get(number).map_or_else(write, |written| Arc::clone(written.get_or_init(write)))
    }
}

impl Part {
    fn of<'a>(
        inputs: &[Input],
        definitions: &'a Definitions,
        reach: &'a Reach,
        limits: Limits,
        detail: Detail,
        room: Room,
    ) -> Self {
        let mut portable = Portable::new(definitions, reach, limits, room);
        let mut properties = Map::new();
        let mut required = Vec::new();
        for input in inputs {
            let Some(name) = input.shown() else { continue };
            let mut shown = sparse::argument(argument(input, &mut portable), input.must_be_given(), detail);
            if let (Some(header), Value::Object(keywords)) = (&input.header, &mut shown) {
                keywords.insert("x-mcp-header".to_owned(), Value::from(&**header));
            }
            properties.insert(name.to_owned(), shown);
            if input.must_be_given() {
                required.push(Value::from(name));
            }
            if portable.is_too_long() {
                return Self { sizes: [SCHEMA_BYTES + 1, 0, 0], cut: true, ..Self::default() };
            }
        }
        let mut definitions = portable.take_definitions();
        if detail == Detail::Minimal {
            sparse::keep_referred(&mut definitions, &properties);
        }
        let cut = portable.has_cut();
        let parts = [properties.into(), Value::from(required), definitions.into()];
        let sizes = [0, 1, 2].map(|at| parts.get(at).map_or(0, size).saturating_sub(2));
        let [properties, required, definitions] = parts.map(|part| inside(&part));
        Self { properties, required, definitions, sizes, cut }
    }
}

/// What stands between the brackets of a list or an object.
fn inside(value: &Value) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    text.get(1..text.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// The inputs before the body, those of the body, and those after it. A body is set apart only when nothing else refers
/// to a definition: definitions are shared, and which of them are shown is decided for all arguments together.
fn split(inputs: &[Input]) -> [&[Input]; 3] {
    let is_body = |input: &Input| matches!(input.kind, InputKind::Property(_) | InputKind::Body);
    let start = inputs.iter().position(is_body).unwrap_or(inputs.len());
    let (before, rest) = inputs.split_at(start);
    let (body, after) = rest.split_at(rest.iter().position(|input| !is_body(input)).unwrap_or(rest.len()));
    let is_apart = before.iter().chain(after).all(|input| !is_body(input) && !refers(&input.schema));
    if is_apart { [before, body, after] } else { [inputs, &[], &[]] }
}

fn roots(inputs: &[Input]) -> Vec<&Json> {
    inputs.iter().filter(|input| input.shown().is_some()).map(|input| &input.schema).collect()
}

/// About how long the schema is of which these are the parts.
fn bytes(parts: &[Arc<Part>]) -> usize {
    const ALWAYS: usize = r#"{"type": "object", "additionalProperties": false}"#.len();
    const AROUND: [usize; 3] = ["properties".len() + 6, "required".len() + 6, "$defs".len() + 6];
    let each = AROUND.iter().enumerate().map(|(at, around)| {
        let all: usize = parts.iter().filter_map(|part| part.sizes.get(at)).sum();
        if all == 0 { 0 } else { around + all }
    });
    ALWAYS + each.sum::<usize>()
}

/// The schema of which these are the parts.
fn text(parts: &[Arc<Part>]) -> String {
    let length: usize =
        parts.iter().map(|part| part.properties.len() + part.required.len() + part.definitions.len()).sum();
    let mut text = String::with_capacity(length + 100);
    text.push_str(r#"{"type":"object""#);
    push_all(&mut text, r#","properties":{"#, parts.iter().map(|part| &*part.properties), '}');
    push_all(&mut text, r#","required":["#, parts.iter().map(|part| &*part.required), ']');
    text.push_str(r#","additionalProperties":false"#);
    push_all(&mut text, r#","$defs":{"#, parts.iter().map(|part| &*part.definitions), '}');
    text.push('}');
    text
}

/// Writes the members of all parts after `begin`, and `end` after them; nothing when there are none.
fn push_all<'p>(text: &mut String, begin: &str, members: impl Iterator<Item = &'p str>, end: char) {
    let mut separator = begin;
    for members in members.filter(|members| !members.is_empty()) {
        text.push_str(separator);
        text.push_str(members);
        separator = ",";
    }
    if separator != begin {
        text.push(end);
    }
}
