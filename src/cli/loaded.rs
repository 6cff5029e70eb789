//! A load as the verbs want it: with progress while it lasts, its problems told, and a stand-in where one is asked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use url::Url;

use super::arguments::SourceArguments;
use super::failure::Failure;
use super::problems::{self, Telling};
use super::progress::Progress;
use crate::catalog::Catalog;
use crate::catalog::build::BuildOptions;
use crate::config::shown::ShownChange;
use crate::config::{self, ServerConfig};
use crate::diagnostic::Diagnostics;
use crate::load::{self, Load, LoadArguments};
use crate::mock::{self, Mock, MockApi};
use crate::source::Reader;
use crate::store::Cache;
use crate::telemetry::Metrics;

/// What can be served.
pub(super) struct Loaded {
    /// At least one tool, resource or prompt.
    pub catalog: Arc<Catalog>,
    /// What was found wrong; what matters of it has been told.
    pub diagnostics: Diagnostics,
    /// Keeps the stand-in running.
    _mock: Option<Mock>,
}

/// What a verb wants of a load.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// A stand-in in the place of the APIs.
    pub mock: bool,
    /// Tools are shown and not called: they need no server.
    pub only_shown: bool,
    /// How problems are told.
    pub telling: Telling,
    /// Where answers are kept.
    pub cache: Arc<Cache>,
    /// How the tools are shown, instead of what gateway files say.
    pub shown: ShownChange,
    /// Where the server file is.
    pub config: Option<PathBuf>,
    /// Where calls are counted.
    pub metrics: Arc<Metrics>,
}

/// Loads what is to be served, and tells what is wrong with it.
///
/// # Errors
/// [`Failure::NothingToServe`] when nothing came out of it, [`Failure::ServerFile`] when that cannot be kept to, and
/// what else [`Failure`] says.
pub(super) async fn load(sources: &SourceArguments, wish: Wish) -> Result<Loaded, Failure> {
    let reader = Reader::default();
    let (config, problems) = server_config(wish.config.as_deref(), &reader);
    let mut load = read(sources, wish.mock, &reader).await?;
    let mock = if wish.mock { Some(stand_in(&mut load).await?) } else { None };
    load.show(wish.shown);
    load.diagnostics.extend(problems);
    let is_kept_to = config.is_some();
    let options = options(sources, &wish, &Arc::new(config.unwrap_or_default()));
    let (catalog, diagnostics) = load.into_catalog(&options, &reader.clients);
    problems::tell(&diagnostics, wish.telling);
    if !is_kept_to {
        return Err(Failure::ServerFile);
    }
    if catalog.is_empty() {
        return Err(Failure::NothingToServe);
    }
    Ok(Loaded { catalog: Arc::new(catalog), diagnostics, _mock: mock })
}

/// What the server file means, and its problems; nothing is meant when none is given.
pub(super) fn server_config(path: Option<&Path>, reader: &Reader) -> (Option<ServerConfig>, Diagnostics) {
    let nothing = || (Some(ServerConfig::default()), Diagnostics::default());
    path.map_or_else(nothing, |path| load::server_config(path, reader))
}

/// Loads to see what is wrong: all problems, and what there is.
pub(super) async fn check(
    sources: &SourceArguments,
    config: Option<&Path>,
) -> Result<(Diagnostics, Catalog), Failure> {
    let reader = Reader::default();
    let mut load = read(sources, false, &reader).await?;
    let (config, problems) = server_config(config, &reader);
    load.diagnostics.extend(problems);
    let options = BuildOptions { server: Arc::new(config.unwrap_or_default()), ..building(sources, true) };
    let (catalog, diagnostics) = load.into_catalog(&options, &reader.clients);
    Ok((diagnostics, catalog))
}

/// Loads what is to be stood in for, and tells what is wrong with it.
pub(super) async fn apis(sources: &SourceArguments) -> Result<Vec<MockApi>, Failure> {
    let mut load = read(sources, true, &Reader::default()).await?;
    load.diagnostics.sort();
    problems::tell(&load.diagnostics, Telling::Serving);
    let apis: Vec<MockApi> = mock_apis(&load);
    if apis.iter().all(MockApi::is_empty) {
        return Err(Failure::NothingToStandInFor);
    }
    Ok(apis)
}

/// Reads the sources. Documents are kept for a stand-in.
///
/// # Errors
/// [`Failure::Option`]
pub(super) async fn read(
    sources: &SourceArguments,
    keep_documents: bool,
    reader: &Reader,
) -> Result<Load, Failure> {
    let base_url = sources.base_url.as_deref().map(config::base_url).transpose();
    let arguments = LoadArguments {
        sources: sources.sources.clone(),
        base_url: base_url.map_err(|error| Failure::Option { option: "--base-url", error })?,
        server_variables: sources.server_variables.clone(),
        bearer_env: sources.bearer_env.clone(),
        headers: sources.headers.clone(),
        references: config::references(sources.allow_remote_refs.as_deref())
            .map_err(|error| Failure::Option { option: "--allow-remote-refs", error })?,
        keep_documents,
    };
    let _shown = Progress::new(format!("reading {}", sources.sources.join(", ")));
    Ok(load::load_by(&arguments, reader).await)
}

/// Starts the stand-in on a free port and points the gateways at it.
///
/// # Errors
/// [`Failure::System`]
pub(super) async fn stand_in(load: &mut Load) -> Result<Mock, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Failure::System)?;
    let mock = mock::start(mock_apis(load), listener).map_err(Failure::System)?;
    load.retarget(|gateway| mock.base_url(gateway).cloned());
    Ok(mock)
}

fn mock_apis(load: &Load) -> Vec<MockApi> {
    let api = |api: &load::Api| MockApi::new(&api.gateway, api.operations.clone(), api.document.clone());
    load.apis.iter().map(api).collect()
}

/// What is said of the catalog by this command line.
pub(super) fn options(sources: &SourceArguments, wish: &Wish, server: &Arc<ServerConfig>) -> BuildOptions {
    let (cache, metrics) = (Arc::clone(&wish.cache), Arc::clone(&wish.metrics));
    BuildOptions { cache, metrics, server: Arc::clone(server), ..building(sources, wish.only_shown) }
}

fn building(sources: &SourceArguments, only_shown: bool) -> BuildOptions {
    let assumed_server = only_shown.then(|| Url::parse("https://api.example.com").ok()).flatten();
    BuildOptions { allow_writes: sources.allow_writes, assumed_server, ..BuildOptions::default() }
}
