//! A gateway file as it is written. The doc comments are the reference of the file: they become the descriptions in
//! its JSON Schema.

use super::api_server::ApiServerFile;
use super::breaker::BreakerSetting;
use super::cache::CacheSetting;
use super::concurrency::ConcurrencyFile;
use super::credential::CredentialFile;
use super::duration::Timeout;
use super::endpoint::EndpointFile;
use super::errors::ErrorsFile;
use super::offers::{IconFile, PromptFile, ResourceFile};
use super::operations::OperationsFile;
use super::paginate::{CursorsFile, PaginateSetting};
use super::rate_limit::RateLimitSetting;
use super::references::ReferencesFile;
use super::response::ShapeFile;
use super::retry::RetrySetting;
use super::shown::{DetailWord, DiscoverRule, ProfileWord};
use super::text::{Literal, Template};
use super::written::{List, Map, Optional, Required, written};

written! {
    /// One API: where it is, how it is called, and which of its operations become tools. It takes operations from a
    /// document, endpoints written by hand, or both.
    ///
    /// In `base_url`, `openapi`, credentials and the values of headers, `${NAME}` is the environment variable NAME,
    /// `${NAME:-default}` has a default for when it is not set or empty, and `${file:PATH}` is the content of a file,
    /// relative to this one. What comes from there is never shown. `$$` is a dollar sign. Keys that begin with `x-`
    /// are ignored: a place for YAML anchors and notes.
    #[schemars(
        rename = "toolgate gateway file",
        extend("patternProperties" = {"^x-": {}, "^\\$schema$": {}})
    )]
    pub(super) struct GatewayFile<'t> {
        /// Its name: the tools are also served at `/mcp/<name>`, and where several gateways are served together, the
        /// names of their tools begin with it.
        #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{1,32}$"), extend("examples" = ["github"]))]
        gateway: Required<'t, Literal<'t>>,
        /// Where the API lives: an http or https URL without query. It may be a private address. Endpoints
        /// need it; for operations of a document it stands instead of the servers that the document names.
        #[schemars(extend("examples" = ["https://api.example.com/v1", "${API_URL}"]))]
        base_url: Optional<'t, Template<'t>>,
        /// Which of the servers that the document names is called, instead of `base_url`.
        server: Optional<'t, ApiServerFile<'t>>,
        /// The OpenAPI document to take operations from: a path, relative to this file, or a URL.
        #[schemars(extend("examples" = ["./openapi.yaml", "https://api.example.com/openapi.json"]))]
        openapi: Optional<'t, Template<'t>>,
        /// What the document may have read beside itself.
        references: Optional<'t, ReferencesFile<'t>>,
        /// OpenAPI Overlays (1.0 to 1.2), applied to the document in this order: paths, relative to this file, or
        /// URLs. Without `openapi`, the document is the one that the first overlay `extends`.
        #[schemars(extend("examples" = [["./openapi.overlay.yaml"]]))]
        overlays: Optional<'t, List<'t, Template<'t>>>,
        /// How requests prove who sends them. It goes with every request but those of operations whose document says
        /// `security: []`.
        credential: Optional<'t, CredentialFile<'t>>,
        /// Several credentials, by the names of the document's security schemes or by names of your own. The document's
        /// `security` says which of them go with an operation; one with a name of its own goes with the scheme that it
        /// fits by kind and place. The one called `default` goes with everything else.
        credentials: Optional<'t, Map<'t, CredentialFile<'t>>>,
        /// Headers of every request. A header whose `${NAME:-}` comes out empty is not sent.
        #[schemars(extend("examples" = [{"Accept": "application/json"}]))]
        headers: Optional<'t, Map<'t, Template<'t>>>,
        /// How many requests the API gets in how much time: one limit, or a list of limits that all hold. What the
        /// API itself says about its limits is kept to without this.
        #[schemars(extend("examples" = [{"requests": 5000, "per": "1h", "burst": 50}]))]
        rate_limit: Optional<'t, RateLimitSetting<'t>>,
        /// How many requests are in flight to the API at once, and how many more wait.
        concurrency: Optional<'t, ConcurrencyFile<'t>>,
        /// What is sent again when it fails; `off` for nothing.
        retry: Optional<'t, RetrySetting<'t>>,
        /// When an API that fails is left alone; `off` for never.
        breaker: Optional<'t, BreakerSetting<'t>>,
        /// How long a call may take, waiting included.
        #[schemars(extend("default" = "30s"))]
        timeout: Optional<'t, Timeout>,
        /// Which answers are kept, to be given again without asking the API: `http` for what its headers allow (RFC
        /// 9111), `off` for none, or times beyond that: `{ttl: 60s}`. Only of requests that change nothing.
        #[schemars(extend("default" = "http"))]
        cache: Optional<'t, CacheSetting<'t>>,
        /// Whether the tools are listed (`off`), or found and called through three tools, `search_tools`, `describe_tool`
        /// and `call_tool` (`on`). `auto`: above 200 tools, or `{above: N}`.
        #[schemars(extend("default" = "off"))]
        discover: Optional<'t, DiscoverRule>,
        /// Whose dialect of JSON Schema the tools are shown in. Default: by the client's name where it is known to want
        /// one, else `portable`. Calls are validated the same, whatever it is.
        profile: Optional<'t, ProfileWord>,
        /// At what length the tools are described.
        #[schemars(extend("default" = "full"))]
        detail: Optional<'t, DetailWord>,
        /// What the agent gets of an answer.
        response: Optional<'t, ShapeFile<'t>>,
        /// What answers mean that are errors, or look like none: by status (`404`), class of statuses (`4XX`) or
        /// `default` for all that are no success. The more exact one counts.
        #[schemars(extend("examples" = [{"404": {"hint": "Look for it with search_items."}}]))]
        errors: Optional<'t, ErrorsFile<'t>>,
        /// What becomes of answers that have more pages, and how the API has them. It holds for operations that it
        /// fits: those that have a parameter for pages.
        #[schemars(extend("default" = "hint"))]
        paginate: Optional<'t, PaginateSetting<'t>>,
        /// How the cursors that tools give and take are sealed.
        cursors: Optional<'t, CursorsFile<'t>>,
        /// How long a caller may take to answer what it is asked; see `ask` and `confirm`. The time of a call begins
        /// after that.
        #[schemars(extend("default" = "10m"))]
        ask_timeout: Optional<'t, Timeout>,
        /// A title of it, for people.
        title: Optional<'t, &'t str>,
        /// How its tools, resources and prompts are meant to be used together. Clients hand it to the model.
        instructions: Optional<'t, &'t str>,
        /// Where people read more about it: an http or https URL.
        #[schemars(extend("examples" = ["https://example.com"]))]
        website: Optional<'t, Literal<'t>>,
        /// Pictures of it.
        icons: Optional<'t, List<'t, IconFile<'t>>>,
        /// What clients read by its URI: texts, files beside this one, or what the API answers.
        #[schemars(extend("propertyNames" = {"pattern": "^[A-Za-z0-9_-]{1,64}$"}))]
        resources: Optional<'t, Map<'t, ResourceFile<'t>>>,
        /// Messages to begin conversations with, by name.
        #[schemars(extend("propertyNames" = {"pattern": "^[A-Za-z0-9_-]{1,64}$"}))]
        prompts: Optional<'t, Map<'t, PromptFile<'t>>>,
        /// Which operations of the document become tools, and how they look.
        operations: Optional<'t, OperationsFile<'t>>,
        /// Endpoints written by hand, by the names of their tools.
        #[schemars(extend("propertyNames" = {"pattern": "^[A-Za-z0-9_-]{1,64}$"}))]
        endpoints: Optional<'t, Map<'t, EndpointFile<'t>>>,
    }
}
