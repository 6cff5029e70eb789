//! Tools that find tools: what a client is shown instead of a list that is too long for a model.
//!
//! Three tools stand for all of a gateway: one searches, one describes a tool that was found, one calls it. A call
//! through the third is the call of the tool itself, so nothing behind the protocol knows the difference. What is here
//! knows nothing of the protocol either: it says what the three look like and what they find.

mod summary;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value, json};

use super::plan::{ArgumentPlan, ArgumentsPlan};
use super::search::{Builder, Field, Index};
use super::text::one_line;
use super::{Catalog, Tool, View, profile};
use crate::config::shown::Profile;
use crate::openapi::definitions::Definitions;
pub use summary::{Found, Query, Summary};

/// The three tools of one view.
#[derive(Debug)]
pub struct Discovery {
    tools: [Own; 3],
    /// How many tools are found through them.
    pub count: usize,
}

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscoveryTool {
    /// Finds tools by what they do.
    Search,
    /// Shows one tool as tools/list would.
    Describe,
    /// Calls one tool.
    Call,
}

/// One of the three, as it is shown and as it is called.
#[derive(Debug)]
struct Own {
    kind: DiscoveryTool,
    name: Box<str>,
    /// By profile.
    faces: [Box<str>; Profile::ALL.len()],
    arguments: ArgumentsPlan,
}

/// How many tools a search gives when nobody says.
pub const FOUND: usize = 10;

/// How many tools a search gives at most.
pub const MOST_FOUND: usize = 50;

/// How long the list of topics in the description of the search may be, in bytes.
const TOPICS: usize = 360;

/// How many gateways are named there.
const GATEWAYS: usize = 12;

impl DiscoveryTool {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Search, Self::Describe, Self::Call];

    /// What it is called, unless a tool of an API is.
    fn wish(self) -> &'static str {
        match self {
            Self::Search => "search_tools",
            Self::Describe => "describe_tool",
            Self::Call => "call_tool",
        }
    }
}

impl Discovery {
    /// The three tools of a view; `None` when all of its tools are listed.
    pub(super) fn of(catalog: &Catalog, view: &View) -> Option<Self> {
        let is_found = |tool: &&Tool| view.shows(tool) && catalog.is_searched(view, tool);
        let found: Vec<&Tool> = catalog.tools.iter().filter(is_found).collect();
        if found.is_empty() {
            return None;
        }
        let prefix = free_prefix(catalog);
        let scope = Scope::of(&found);
        let own = |kind: DiscoveryTool| Own::new(kind, &prefix, &scope);
        Some(Self { tools: DiscoveryTool::ALL.map(own), count: found.len() })
    }

    /// Which of the three has this name.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<DiscoveryTool> {
        self.tools.iter().find(|tool| *tool.name == *name).map(|tool| tool.kind)
    }

    /// What one of the three is called.
    #[must_use]
    pub fn name(&self, kind: DiscoveryTool) -> &str {
        self.tools.iter().find(|tool| tool.kind == kind).map_or(kind.wish(), |tool| &tool.name)
    }

    /// What one of the three takes.
    #[must_use]
    pub fn arguments(&self, kind: DiscoveryTool) -> Option<&ArgumentsPlan> {
        self.tools.iter().find(|tool| tool.kind == kind).map(|tool| &tool.arguments)
    }

    /// The names of the three, and what tools/list shows of them.
    pub(super) fn listed(&self, profile: Profile) -> impl Iterator<Item = (&str, &str)> {
        self.tools.iter().filter_map(move |tool| Some((&*tool.name, &**tool.faces.get(profile as usize)?)))
    }
}

/// What is put before the three names so that no tool of the catalog has one of them.
fn free_prefix(catalog: &Catalog) -> String {
    let is_free = |prefix: &String| {
        DiscoveryTool::ALL.iter().all(|kind| catalog.tool(&format!("{prefix}{}", kind.wish())).is_none())
    };
    let numbered = (2..).map(|number| format!("toolgate{number}_"));
    let mut wishes = [String::new(), "toolgate_".to_owned()].into_iter().chain(numbered);
    wishes.find(is_free).unwrap_or_default()
}

/// What the tools that are found have in common.
struct Scope<'c> {
    count: usize,
    gateways: Vec<&'c str>,
    /// Tags, the most used first.
    topics: Vec<&'c str>,
    only_reads: bool,
}

impl<'c> Scope<'c> {
    fn of(found: &[&'c Tool]) -> Self {
        let mut gateways: Vec<&str> = Vec::new();
        let mut uses: FxHashMap<&str, usize> = FxHashMap::default();
        for tool in found {
            if !gateways.contains(&&*tool.plan.gateway) {
                gateways.push(&tool.plan.gateway);
            }
            tool.tags.iter().for_each(|tag| *uses.entry(tag).or_default() += 1);
        }
        let mut topics: Vec<(&str, usize)> = uses.into_iter().collect();
        topics.sort_unstable_by(|(one, few), (other, many)| many.cmp(few).then(one.cmp(other)));
        Self {
            count: found.len(),
            gateways,
            topics: topics.into_iter().map(|(tag, _)| tag).collect(),
            only_reads: found.iter().all(|tool| is_read_only(tool)),
        }
    }

    fn search_description(&self) -> String {
        let tools = if self.count == 1 { "1 tool".to_owned() } else { format!("{} tools", self.count) };
        let some = self.gateways.iter().take(GATEWAYS).copied().collect::<Vec<_>>().join(", ");
        let more = if self.gateways.len() > GATEWAYS { " and others" } else { "" };
        let mut text = format!(
            "Finds tools among {tools} of {some}{more}, by what they do. Gives their names, what each does, and the \
             arguments that it requires."
        );
        let topics = self.topics();
        if !topics.is_empty() {
            text.push_str(&format!(" Topics: {topics}."));
        }
        text
    }

    /// As many topics as have room.
    fn topics(&self) -> String {
        let mut text = String::new();
        for topic in &self.topics {
            let topic = one_line(topic, 40);
            if text.len() + topic.len() + 2 > TOPICS {
                text.push_str(", …");
                break;
            }
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(&topic);
        }
        text
    }
}

/// Whether the face of a tool says that it only reads.
fn is_read_only(tool: &Tool) -> bool {
    // Within a text of the face the quotes would be escaped.
    memchr::memmem::find(tool.face.as_bytes(), br#""readOnlyHint":true"#).is_some()
}

impl Own {
    fn new(kind: DiscoveryTool, prefix: &str, scope: &Scope<'_>) -> Self {
        let name = |kind: DiscoveryTool| format!("{prefix}{}", kind.wish());
        let (search, describe) = (name(DiscoveryTool::Search), name(DiscoveryTool::Describe));
        let (description, properties) = match kind {
            DiscoveryTool::Search => (scope.search_description(), search_properties(scope)),
            DiscoveryTool::Describe => (
                format!("Shows all arguments of a tool that {search} found, as JSON Schema."),
                json!({"name": {"type": "string", "description": format!("As {search} gave it.")}}),
            ),
            DiscoveryTool::Call => (
                format!("Calls a tool that {search} found. {describe} shows what arguments it takes."),
                json!({
                    "name": {"type": "string", "description": format!("As {search} gave it.")},
                    "arguments": {"type": "object", "additionalProperties": true, "description": "The tool's arguments."}
                }),
            ),
        };
        let required = if kind == DiscoveryTool::Search { "query" } else { "name" };
        let schema = json!({
            "type": "object", "properties": properties, "required": [required], "additionalProperties": false
        });
        let arguments = arguments(&schema, required);
        let face = json!({
            "name": name(kind), "description": description, "inputSchema": schema,
            "annotations": annotations(kind, scope),
        })
        .to_string();
        let faces = Profile::ALL.map(|of| match of {
            // The arguments of a tool have no strict form but a text; a call takes that too.
            Profile::OpenAi => profile::rewritten(&as_text(&face), &arguments, of).into(),
            _ => profile::rewritten(&face, &arguments, of).into(),
        });
        Self { kind, name: name(kind).into(), faces, arguments }
    }
}

fn search_properties(scope: &Scope<'_>) -> Value {
    let mut properties = Map::new();
    let query = json!({"type": "string", "description": "What the tool should do, in a few words."});
    properties.insert("query".to_owned(), query);
    let limit = json!({"type": "integer", "minimum": 1, "maximum": MOST_FOUND, "default": FOUND});
    properties.insert("limit".to_owned(), limit);
    if scope.gateways.len() > 1 {
        let gateway = json!({"type": "string", "description": "Only tools of this API."});
        properties.insert("gateway".to_owned(), gateway);
    }
    if !scope.topics.is_empty() {
        properties
            .insert("tag".to_owned(), json!({"type": "string", "description": "Only tools of this topic."}));
    }
    properties.into()
}

/// What a call of one of the three is validated against.
fn arguments(schema: &Value, required: &str) -> ArgumentsPlan {
    let properties = schema.get("properties").and_then(Value::as_object);
    let argument = |(name, schema): (&String, &Value)| {
        let schema = match name.as_str() {
            // Some models write an object as a text.
            "arguments" => json!({"type": ["object", "string"]}),
            _ => schema.clone(),
        };
        ArgumentPlan {
            name: name.as_str().into(),
            schema: schema.into(),
            required: name == required,
            nullable: false,
        }
    };
    ArgumentsPlan::new(properties.into_iter().flatten().map(argument).collect(), None, Definitions::new())
}

/// The face with `arguments` as a text.
fn as_text(face: &str) -> String {
    let open =
        r#""arguments":{"type":"object","additionalProperties":true,"description":"The tool's arguments."}"#;
    let text =
        r#""arguments":{"type":"string","description":"The tool's arguments: a JSON object, as text."}"#;
    face.replace(open, text)
}

fn annotations(kind: DiscoveryTool, scope: &Scope<'_>) -> Value {
    if kind == DiscoveryTool::Call {
        // Whatever may be called through it counts: a client that asks before it changes something asks here.
        let reads = scope.only_reads;
        return json!({
            "readOnlyHint": reads, "destructiveHint": !reads, "idempotentHint": reads, "openWorldHint": true
        });
    }
    json!({"readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false})
}

/// All tools of a catalog, to be searched.
#[derive(Debug)]
pub(super) struct SearchIndex(Index);

impl SearchIndex {
    pub(super) fn of(tools: &[Tool]) -> Self {
        let mut builder = Builder::new();
        for tool in tools {
            let (summary, description) = summary::said(tool);
            let arguments: Vec<&str> = tool.plan.arguments.arguments.iter().map(|it| &*it.name).collect();
            let arguments = arguments.join(" ");
            let tags = tool.tags.iter().map(|tag| (Field::Tags, &**tag));
            let texts = [
                (Field::Name, &*tool.name),
                (Field::Path, &*tool.plan.signature),
                (Field::Summary, &*summary),
                (Field::Description, &*description),
                (Field::Arguments, &*arguments),
            ];
            builder.add(texts.into_iter().chain(tags));
        }
        Self(builder.finish())
    }
}

impl Catalog {
    /// The tools of a view that do what a query says, best first.
    #[must_use]
    pub fn search(&self, view: &View, query: &Query<'_>) -> Found {
        let index = self.index.get_or_init(|| SearchIndex::of(&self.tools));
        let wanted = |tool: &&Tool| view.shows(tool) && query.wants(tool);
        let named = self.tools.iter().filter(|tool| query.names(tool));
        let ranked = index.0.search(query.text).into_iter().filter_map(|hit| self.tools.get(hit.document));
        let mut seen = FxHashSet::default();
        let all = named.chain(ranked).filter(wanted).filter(|tool| seen.insert(&tool.name));
        Found::of(all, query.limit)
    }

    /// The tool of a view with a name that is most like `name`.
    #[must_use]
    pub fn similar(&self, view: &View, name: &str) -> Option<&str> {
        super::suggest(name, self.tools.iter().filter(|tool| view.shows(tool)).map(|tool| &*tool.name))
    }
}

#[cfg(test)]
mod tests;
