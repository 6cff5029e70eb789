//! Calls before a peer, for tests.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::{Call, CallerHeaders, Content, ToolOutcome, pipeline};
use crate::access::Principal;
use crate::catalog::build::{BuildOptions, Served, build};
use crate::catalog::{Catalog, Tool, fixture};
use crate::clock;
use crate::config::Gateway;
use crate::config::gateway::{Credential, NamedCredential, RetryRules, Text};
use crate::diagnostic::Diagnostics;
use crate::net::Clients;
use crate::openapi::Operation;
use crate::upstream::Upstream;

/// The secrets of the gateway that [`catalog`] serves.
pub(super) const TOKEN: &str = "t0ken/with+odd=chars";
pub(super) const HEADER: &str = "s3cret-header-value";

/// A catalog of one operation of an API at this URL, with a credential and a secret header.
pub(super) fn catalog(base: &Url, operation: Operation) -> Catalog {
    catalog_of(base, vec![operation], |_| ())
}

/// A catalog of such an API, its gateway changed by `change`.
pub(super) fn catalog_of(
    base: &Url,
    operations: Vec<Operation>,
    change: impl FnOnce(&mut Gateway),
) -> Catalog {
    let mut gateway = Gateway::named("test");
    gateway.base_url = Some(base.clone());
    // Peers are told what to do with each request, so each call sends one.
    gateway.retry = RetryRules::off();
    gateway.headers.push((http::HeaderName::from_static("x-secret"), Text::Secret(HEADER.into())));
    gateway.credentials =
        vec![NamedCredential { name: "default".to_owned(), credential: Credential::Bearer(TOKEN.into()) }];
    change(&mut gateway);
    let credentials = gateway.credentials.clone();
    let upstream =
        Upstream::new("test", vec![base.clone()], credentials, &gateway.headers, &Clients::default());
    let served =
        Served { gateway, upstream: Arc::new(upstream), document_url: None, operations, schemes: Vec::new() };
    let options = BuildOptions { allow_writes: true, ..BuildOptions::default() };
    build(&[served], &options, &mut Diagnostics::default())
}

/// The catalog of `METHOD /path` without parameters.
pub(super) fn plain(base: &Url, method: &str) -> Catalog {
    catalog(base, fixture::operation(method, "/thing"))
}

/// Calls the only tool of a catalog.
pub(super) async fn call(catalog: &Catalog, arguments: &str, timeout: Duration) -> ToolOutcome {
    call_tool(&catalog.tools()[0], arguments, timeout).await
}

/// Calls a tool.
pub(super) async fn call_tool(tool: &Tool, arguments: &str, timeout: Duration) -> ToolOutcome {
    let arguments: Box<RawValue> = serde_json::from_str(arguments).unwrap();
    let call = Call {
        plan: &tool.plan,
        arguments: Some(&arguments),
        principal: &Principal::Local,
        caller: &CallerHeaders::default(),
        deadline: clock::now() + timeout,
        progress: None,
        trace: vec![("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned())],
    };
    pipeline::run(call).await
}

/// All text of an outcome.
pub(super) fn text(outcome: &ToolOutcome) -> String {
    let texts = outcome.content.iter().map(|content| match content {
        Content::Text(text) | Content::Json(text) => str::from_utf8(text).unwrap(),
        other => panic!("{other:?} is no text"),
    });
    texts.collect()
}

/// The data of an outcome.
pub(super) fn data(outcome: &ToolOutcome) -> Value {
    serde_json::from_slice(outcome.structured.as_ref().unwrap()).unwrap()
}
