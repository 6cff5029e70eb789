//! What is served, loaded once at the start and again whenever something says so.
//!
//! A reload reads, checks and builds everything beside what is served, and then swaps one pointer; a call in flight
//! ends on what it began with. What is bad changes nothing for its gateway: [`crate::load::reload`].

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::super::arguments::SourceArguments;
use super::super::loaded::{self, Wish};
use super::super::{Failure, problems};
use super::tell;
use crate::catalog::Catalog;
use crate::catalog::diff::{Changes, OfferChanges};
use crate::clock;
use crate::config::ServerConfig;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::load::reload::Generation;
use crate::mcp::{Changed, Server};
use crate::mock::Mock;
use crate::net::Clients;
use crate::source::{Library, Reader, Seen};
use crate::tasks;
use crate::telemetry::events::ReloadEvent;

/// What is served, and how it is loaded again.
pub(super) struct Serving {
    sources: SourceArguments,
    wish: Wish,
    clients: Clients,
    library: Arc<Library>,
    /// What the server file means, or meant when it was last good.
    server: Arc<ServerConfig>,
    /// What the last load looked at.
    pub(super) seen: Arc<Seen>,
    generation: Generation,
    /// Warnings and notes that were told: nobody has to read them at every reload.
    told: FxHashSet<(&'static str, String)>,
    /// The stand-in (`--mock`), and the one before it, which calls in flight still ask.
    mocks: [Option<Mock>; 2],
}

/// What a load gives.
struct Loaded {
    generation: Generation,
    diagnostics: Diagnostics,
    /// What the server file means; `None` when it cannot be kept to.
    server: Option<Arc<ServerConfig>>,
}

/// Why something is loaded again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// A file is not what it was.
    Files,
    /// SIGHUP.
    Signal,
    /// It is time to ask for documents again that came from URLs.
    Timer,
}

impl Serving {
    /// Loads for the first time.
    ///
    /// # Errors
    /// As [`loaded::load`].
    pub(super) async fn begin(sources: SourceArguments, wish: Wish) -> Result<Self, Failure> {
        let mut serving = Self {
            sources,
            wish,
            clients: Clients::default(),
            library: Arc::default(),
            server: Arc::default(),
            seen: Arc::default(),
            generation: Generation::default(),
            told: FxHashSet::default(),
            mocks: [None, None],
        };
        let Loaded { generation, diagnostics, server } = serving.load().await?;
        serving.tell(&diagnostics);
        serving.server = server.ok_or(Failure::ServerFile)?;
        if generation.catalog.is_empty() {
            return Err(Failure::NothingToServe);
        }
        serving.generation = generation;
        Ok(serving)
    }

    /// What clients see.
    pub(super) fn catalog(&self) -> &Arc<Catalog> {
        &self.generation.catalog
    }

    /// What the server file means.
    pub(super) fn config(&self) -> &ServerConfig {
        &self.server
    }

    /// Loads again. What is served stays when nothing would be left of it.
    pub(super) async fn again(&mut self, reason: Reason, server: &Server) {
        let began = clock::now();
        // Files are looked at by every load; servers of documents are asked only when somebody wants it.
        let has_news = reason != Reason::Files && self.refresh().await;
        if reason == Reason::Timer && !has_news {
            return;
        }
        let Loaded { mut generation, diagnostics, server: config } = match self.load().await {
            Ok(loaded) => loaded,
            Err(failure) => return self.refuse(reason, &failure),
        };
        self.tell(&diagnostics);
        if let Some(config) = &config {
            // Whatever becomes of the tools: a key that was taken back is taken back.
            admit_by(config, server);
        }
        if generation.catalog.is_empty() {
            return self.refuse(reason, &Failure::NothingToServe);
        }
        match config {
            Some(config) => self.server = config,
            None => generation.kept.push("the server file".to_owned()),
        }
        let changes = Changes::between(&self.generation.catalog, &generation.catalog);
        let OfferChanges { resources, prompts, updated } = changes.offers.clone();
        let changed = Changed { tools: changes.is_listed(), resources, prompts, updated };
        server.replace(Arc::clone(&generation.catalog), changed);
        tell::changes(&changes);
        tell::reloaded(&ReloadEvent {
            reason: reason.as_str(),
            changes: &changes.summary(),
            kept: &generation.kept,
            tools: generation.catalog.tools().len(),
            duration: clock::now() - began,
        });
        self.wish.metrics.reloaded(generation.kept.is_empty());
        self.generation = generation;
    }

    /// What could be loaded is not served.
    fn refuse(&self, reason: Reason, failure: &Failure) {
        self.wish.metrics.reloaded(false);
        tell::not_reloaded(reason.as_str(), failure);
    }

    /// Asks the servers of documents again. Whether one of them has something else now.
    async fn refresh(&self) -> bool {
        let refreshed = self.library.refresh(&self.clients).await;
        refreshed.failures.iter().for_each(tell::not_refreshed);
        refreshed.changed
    }

    /// Reads and builds, while the thread's other work goes on elsewhere.
    async fn load(&mut self) -> Result<Loaded, Failure> {
        tasks::busy(|runtime| {
            let reader = Reader::of(&self.clients, &self.library);
            let (config, problems) = loaded::server_config(self.wish.config.as_deref(), &reader);
            let read = loaded::read(&self.sources, self.wish.mock, &reader);
            let mut load = runtime.block_on(read)?;
            load.diagnostics.extend(problems);
            self.library.tidy();
            self.seen = reader.seen;
            if self.wish.mock {
                let mock = runtime.block_on(loaded::stand_in(&mut load))?;
                let [present, _] = &mut self.mocks;
                self.mocks = [Some(mock), present.take()];
            }
            load.show(self.wish.shown);
            let server = self.unless_open(config).map(Arc::new);
            let options = loaded::options(&self.sources, &self.wish, server.as_ref().unwrap_or(&self.server));
            let (generation, diagnostics) = self.generation.next(load, &options, &self.clients);
            Ok(Loaded { generation, diagnostics, server })
        })
    }

    /// What the server file means, unless it lets everybody in who was asked until now who he is: nobody finds the door
    /// open because a key of the file was lost.
    fn unless_open(&self, config: Option<ServerConfig>) -> Option<ServerConfig> {
        let config = config?;
        if config.access.is_none() && self.server.access.is_some() {
            tell::access_kept();
            return None;
        }
        Some(config)
    }

    /// Tells errors, and of the rest what is new.
    fn tell(&mut self, diagnostics: &Diagnostics) {
        let mut is_new = |diagnostic: &&Diagnostic| {
            let is_first = self.told.insert((diagnostic.code.as_str(), diagnostic.message.clone()));
            is_first || diagnostic.severity == Severity::Error
        };
        let new: Diagnostics = diagnostics.iter().filter(|diagnostic| is_new(diagnostic)).cloned().collect();
        problems::tell(&new, self.wish.telling);
    }
}

/// Who may call can change while others call. Whether anybody is asked cannot: who began to listen for everybody would
/// have to stop.
fn admit_by(config: &ServerConfig, server: &Server) {
    match (server.gatekeeper(), &config.access) {
        (Some(gatekeeper), Some(access)) => gatekeeper.replace(access.clone()),
        (None, None) => {}
        _ => tracing::warn!("`access` was added to the server file or taken out of it: start again for that"),
    }
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Signal => "signal",
            Self::Timer => "timer",
        }
    }
}
