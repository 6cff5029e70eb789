//! The profiles that measure calls: who is called, with what, and how much at once.

use anyhow::Result;

use super::Arguments;
use super::programs::{Load, Programs, Server};
use super::table::{Figures, Table};

/// Something that is measured: a name, and one measurement.
type Contender<'a> = (String, Box<dyn Fn(usize) -> Result<Figures> + 'a>);

/// The versions of the protocol in which a call is made: with and without the handshake's headers.
const LEGACY: &str = "2025-11-25";
const MODERN: &str = "2026-07-28";

/// tools/call of a 1 KB GET at several numbers of connections.
pub fn call(programs: &Programs, arguments: &Arguments) -> Result<Vec<Table>> {
    let upstream = programs.upstream()?;
    let ceiling = programs.ceiling(&upstream, &[])?;
    let gateway = programs.gateway(&upstream)?;
    let (nginx, notes) = optional(programs.nginx(&upstream));
    let mut contenders = vec![http(
        programs,
        arguments,
        &upstream,
        "upstream alone",
        get(&upstream.url, "items", upstream.process()),
    )];
    if let Some(nginx) = &nginx {
        contenders.push(http(
            programs,
            arguments,
            &upstream,
            "nginx",
            get(&nginx.url, "items", nginx.process()),
        ));
    }
    let ceiling_url = format!("{}/mcp", ceiling.url);
    contenders.push(http(
        programs,
        arguments,
        &upstream,
        "ceiling",
        post(&ceiling_url, "small", LEGACY, ceiling.process()),
    ));
    for (name, version) in [("toolgate", LEGACY), ("toolgate modern", MODERN)] {
        let load = post(&gateway.url, "small", version, gateway.process());
        contenders.push(http(programs, arguments, &upstream, name, load));
    }
    let against = vec!["ceiling", "nginx"];
    [1, 16, 64, 256]
        .into_iter()
        .map(|at_once| {
            let title = format!("tools/call of a 1 KB GET, {at_once} at once");
            measure(title, &contenders, at_once, arguments.rounds, &against, &notes)
        })
        .collect()
}

/// tools/call of a 1 KB GET whose answer is kept, so that the API is asked once.
pub fn cached(programs: &Programs, arguments: &Arguments) -> Result<Vec<Table>> {
    let upstream = programs.upstream()?;
    let ceiling = programs.ceiling(&upstream, &["--cached"])?;
    let gateway = programs.gateway(&upstream)?;
    let ceiling_url = format!("{}/mcp", ceiling.url);
    let mut contenders = vec![http(
        programs,
        arguments,
        &upstream,
        "ceiling",
        kept(post(&ceiling_url, "cached", LEGACY, ceiling.process())),
    )];
    for (name, version) in [("toolgate", LEGACY), ("toolgate modern", MODERN)] {
        let load = kept(post(&gateway.url, "cached", version, gateway.process()));
        contenders.push(http(programs, arguments, &upstream, name, load));
    }
    [1, 16, 64]
        .into_iter()
        .map(|at_once| {
            let title = format!("tools/call answered from the cache, {at_once} at once");
            measure(title, &contenders, at_once, arguments.rounds, &["ceiling"], &[])
        })
        .collect()
}

/// Calls of the legacy era, for as long as somebody wants.
pub fn steady(url: &str, process: u32) -> Load {
    post(url, "small", LEGACY, process)
}

/// The same call each time, but for its JSON-RPC id.
fn kept(load: Load) -> Load {
    let body =
        load.body.map(|body| body.replace(r#""arguments":{"id":"{id}"}"#, r#""arguments":{"id":"7"}"#));
    Load { body, expect: "\\\"id\\\":\\\"7\\\"".to_owned(), ..load }
}

/// tools/call of a 1 MB GET, one at a time and eight at once.
pub fn large(programs: &Programs, arguments: &Arguments) -> Result<Vec<Table>> {
    let upstream = programs.upstream()?;
    let text = programs.ceiling(&upstream, &["--text-only"])?;
    let structured = programs.ceiling(&upstream, &[])?;
    let gateway = programs.gateway(&upstream)?;
    let (nginx, notes) = optional(programs.nginx(&upstream));
    let mut contenders = vec![http(
        programs,
        arguments,
        &upstream,
        "upstream alone",
        get(&upstream.url, "large", upstream.process()),
    )];
    if let Some(nginx) = &nginx {
        contenders.push(http(
            programs,
            arguments,
            &upstream,
            "nginx",
            get(&nginx.url, "large", nginx.process()),
        ));
    }
    for (name, server) in [("ceiling, text alone", &text), ("ceiling", &structured)] {
        let load = post(&format!("{}/mcp", server.url), "large", LEGACY, server.process());
        contenders.push(http(programs, arguments, &upstream, name, load));
    }
    let load = post(&gateway.url, "large", LEGACY, gateway.process());
    contenders.push(http(programs, arguments, &upstream, "toolgate", load));
    let against = vec!["ceiling", "nginx"];
    [1, 8]
        .into_iter()
        .map(|at_once| {
            let title = format!("tools/call of a 1 MB GET, {at_once} at once");
            measure(title, &contenders, at_once, arguments.rounds, &against, &notes)
        })
        .collect()
}

/// tools/call of a 1 KB GET over stdio, one at a time and sixteen at once.
pub fn stdio(programs: &Programs, arguments: &Arguments) -> Result<Vec<Table>> {
    let upstream = programs.upstream()?;
    let commands =
        [("ceiling", programs.ceiling_stdio(&upstream)), ("toolgate", programs.gateway_stdio(&upstream)?)];
    let contenders: Vec<Contender<'_>> = commands
        .iter()
        .map(|(name, command)| -> Contender<'_> {
            let load = Load { seconds: arguments.seconds, ..post("", "small", LEGACY, 0) };
            let load = move |at_once| programs.measure_stdio(&Load { at_once, ..load.clone() }, command);
            ((*name).to_owned(), Box::new(load))
        })
        .collect();
    [1, 16]
        .into_iter()
        .map(|at_once| {
            let title = format!("tools/call of a 1 KB GET over stdio, {at_once} in flight");
            measure(title, &contenders, at_once, arguments.rounds, &["ceiling"], &[])
        })
        .collect()
}

/// Measures all of them in turn, several times.
fn measure(
    title: String,
    contenders: &[Contender<'_>],
    at_once: usize,
    rounds: usize,
    against: &[&'static str],
    notes: &[String],
) -> Result<Table> {
    let mut rows: Vec<(String, Vec<Figures>)> =
        contenders.iter().map(|(name, _)| (name.clone(), Vec::new())).collect();
    for round in 1..=rounds {
        for ((name, measurement), (_, figures)) in contenders.iter().zip(&mut rows) {
            eprintln!("{title}: round {round}, {name}");
            figures.push(measurement(at_once)?);
        }
    }
    Ok(Table { title, rows, against: against.to_vec(), notes: notes.to_vec() })
}

fn http<'a>(
    programs: &'a Programs,
    arguments: &Arguments,
    upstream: &Server,
    name: &str,
    load: Load,
) -> Contender<'a> {
    let load =
        Load { seconds: arguments.seconds, pinned: arguments.pinned.then_some(upstream.process()), ..load };
    (name.to_owned(), Box::new(move |at_once| programs.measure(&Load { at_once, ..load.clone() })))
}

fn get(url: &str, folder: &str, process: u32) -> Load {
    let expect = if folder == "large" { "\"records\":[" } else { "\"id\":\"{id}\"" };
    let headers = vec!["Accept: application/json".to_owned()];
    Load {
        url: format!("{url}/{folder}/{{id}}"),
        headers,
        expect: expect.to_owned(),
        process,
        ..Load::default()
    }
}

/// A call in a version of the protocol, as a client of it would make it.
fn post(url: &str, tool: &str, version: &str, process: u32) -> Load {
    let mut headers = vec![
        "Content-Type: application/json".to_owned(),
        "Accept: application/json, text/event-stream".to_owned(),
        format!("MCP-Protocol-Version: {version}"),
    ];
    let mut meta = String::new();
    if version == MODERN {
        headers.extend(["Mcp-Method: tools/call".to_owned(), format!("Mcp-Name: {tool}")]);
        let prefix = "io.modelcontextprotocol";
        meta = format!(
            r#","_meta":{{"{prefix}/protocolVersion":"{version}","{prefix}/clientCapabilities":{{}}}}"#
        );
    }
    let params = format!(r#"{{"name":"{tool}","arguments":{{"id":"{{id}}"}}{meta}}}"#);
    let body = format!(r#"{{"jsonrpc":"2.0","id":{{id}},"method":"tools/call","params":{params}}}"#);
    // In the text of the answer the quotes are escaped.
    let expect = if tool == "large" { "\\\"records\\\":[" } else { "\\\"id\\\":\\\"{id}\\\"" };
    Load {
        url: url.to_owned(),
        body: Some(body),
        headers,
        expect: expect.to_owned(),
        process,
        ..Load::default()
    }
}

fn optional<T>(result: Result<T>) -> (Option<T>, Vec<String>) {
    match result {
        Ok(value) => (Some(value), Vec::new()),
        Err(error) => (None, vec![format!("nginx was left out: {error:#}")]),
    }
}
