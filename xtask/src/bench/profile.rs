//! The profiles that measure calls: who is called, with what, and how much at once.

use anyhow::Result;

use super::figures::{Figures, Measure};
use super::programs::{Load, Server};
use super::table::{OF_CALLS, Table};
use super::{Run, process};
use crate::program::Gateway;

/// Something that is measured: a name, and a measurement with so many calls in flight.
pub type Contender<'a> = (String, Box<dyn Fn(usize) -> Result<Figures> + 'a>);

/// The versions of the protocol in which a call is made: with and without the handshake's headers.
const LEGACY: &str = "2025-11-25";
const MODERN: &str = "2026-07-28";

/// tools/call of a 1 KB GET at several numbers of connections, and what everybody takes before any call.
pub fn call(run: &Run) -> Result<Vec<Table>> {
    let upstream = run.programs.upstream()?;
    let ceiling = run.programs.ceiling(&upstream, &[])?;
    let hyper = run.programs.ceiling(&upstream, &["--client", "hyper"])?;
    let gateway = run.programs.gateway(&upstream)?;
    let (nginx, notes) = optional(run.programs.nginx(&upstream));
    let mut contenders =
        vec![http(run, &upstream, "upstream alone", get(&upstream.url, "items", upstream.process()))];
    if let Some(nginx) = &nginx {
        contenders.push(http(run, &upstream, "nginx", get(&nginx.url, "items", nginx.process())));
    }
    for (name, server) in [("ceiling, hyper's client", &hyper), ("ceiling", &ceiling)] {
        contenders.push(http(run, &upstream, name, at_ceiling(server, "small")));
    }
    for (name, version) in [("toolgate", LEGACY), ("toolgate modern", MODERN)] {
        contenders.push(http(run, &upstream, name, at_gateway(&gateway, "small", version)));
    }
    let mut servers = vec![("ceiling", ceiling.process()), ("toolgate", gateway.process())];
    servers.extend(nginx.iter().map(|nginx| ("nginx", nginx.process())));
    let mut tables = vec![at_rest("call-rest", &servers)?];
    for at_once in [1, 16, 64, 256] {
        let title = format!("tools/call of a 1 KB GET, {at_once} at once");
        let table = measure(run, &format!("call-{at_once}"), title, &contenders, at_once)?;
        tables.push(Table { against: &["ceiling", "nginx"], notes: notes.clone(), ..table });
    }
    Ok(tables)
}

/// tools/call of a 1 KB GET whose answer is kept, so that the API is asked once.
pub fn cached(run: &Run) -> Result<Vec<Table>> {
    let upstream = run.programs.upstream()?;
    let ceiling = run.programs.ceiling(&upstream, &["--cached"])?;
    let gateway = run.programs.gateway(&upstream)?;
    let mut contenders = vec![http(run, &upstream, "ceiling", kept(at_ceiling(&ceiling, "cached")))];
    for (name, version) in [("toolgate", LEGACY), ("toolgate modern", MODERN)] {
        contenders.push(http(run, &upstream, name, kept(at_gateway(&gateway, "cached", version))));
    }
    let tables = [1, 16, 64].into_iter().map(|at_once| {
        let title = format!("tools/call answered from the cache, {at_once} at once");
        let table = measure(run, &format!("cached-{at_once}"), title, &contenders, at_once)?;
        Ok(Table { against: &["ceiling"], ..table })
    });
    tables.collect()
}

/// tools/call of a 1 MB GET: JSON, which comes as text and as `structuredContent`, one at a time and eight at once; and
/// plain text, which comes as text alone. And both of 64 KB, one at a time.
pub fn large(run: &Run) -> Result<Vec<Table>> {
    let upstream = run.programs.upstream()?;
    let ceiling = run.programs.ceiling(&upstream, &[])?;
    let gateway = run.programs.gateway(&upstream)?;
    let (nginx, notes) = optional(run.programs.nginx(&upstream));
    let rest = at_rest("large-rest", &[("ceiling", ceiling.process()), ("toolgate", gateway.process())])?;
    let contenders = |folder: &str| {
        let mut all =
            vec![http(run, &upstream, "upstream alone", get(&upstream.url, folder, upstream.process()))];
        if let Some(nginx) = &nginx {
            all.push(http(run, &upstream, "nginx", get(&nginx.url, folder, nginx.process())));
        }
        all.push(http(run, &upstream, "ceiling", at_ceiling(&ceiling, folder)));
        all.push(http(run, &upstream, "toolgate", at_gateway(&gateway, folder, LEGACY)));
        all
    };
    let mut tables = vec![rest];
    let calls = [
        ("lines", "64 KB GET of text", 1),
        ("records", "64 KB GET of JSON", 1),
        ("text", "1 MB GET of text", 1),
        ("large", "1 MB GET of JSON", 1),
        ("large", "1 MB GET of JSON", 8),
    ];
    for (folder, what, at_once) in calls {
        let title = format!("tools/call of a {what}, {at_once} at once");
        let table = measure(run, &format!("{folder}-{at_once}"), title, &contenders(folder), at_once)?;
        tables.push(Table { against: &["ceiling", "nginx"], notes: notes.clone(), ..table });
    }
    Ok(tables)
}

/// tools/call of a 1 KB GET over stdio, one at a time and sixteen at once.
pub fn stdio(run: &Run) -> Result<Vec<Table>> {
    let upstream = run.programs.upstream()?;
    let ceiling = run.programs.ceiling_stdio(&upstream);
    let commands = [("ceiling", ceiling), ("toolgate", run.programs.gateway_stdio(&upstream)?)];
    let contender = |(name, command): &(&str, Vec<String>)| -> Contender<'_> {
        let load = run.timed(&upstream, post("", "small", LEGACY, 0));
        let command = command.clone();
        let measured = move |at_once| run.programs.measure_stdio(&Load { at_once, ..load.clone() }, &command);
        ((*name).to_owned(), Box::new(measured))
    };
    let contenders: Vec<Contender<'_>> = commands.iter().map(contender).collect();
    let tables = [1, 16].into_iter().map(|at_once| {
        let title = format!("tools/call of a 1 KB GET over stdio, {at_once} in flight");
        let table = measure(run, &format!("stdio-{at_once}"), title, &contenders, at_once)?;
        Ok(Table { against: &["ceiling"], ..table })
    });
    tables.collect()
}

/// Measures all of them in turn, several times.
pub fn measure(
    run: &Run,
    name: &str,
    title: String,
    contenders: &[Contender<'_>],
    at_once: usize,
) -> Result<Table> {
    let mut rows: Vec<(String, Vec<Figures>)> =
        contenders.iter().map(|(name, _)| (name.clone(), Vec::new())).collect();
    for round in 1..=run.rounds {
        for ((name, measurement), (_, figures)) in contenders.iter().zip(&mut rows) {
            run.progress.tell(&title, &format!("round {round} of {}, {name}", run.rounds));
            figures.push(measurement(at_once)?);
        }
    }
    Ok(Table { name: name.to_owned(), title, columns: OF_CALLS, rows, ..Table::default() })
}

/// A contender over HTTP.
pub fn http<'a>(run: &'a Run, upstream: &Server, name: &str, load: Load) -> Contender<'a> {
    let load = run.timed(upstream, load);
    (name.to_owned(), Box::new(move |at_once| run.programs.measure(&Load { at_once, ..load.clone() })))
}

/// A call of a tool of the legacy era at a gateway.
pub fn steady(gateway: &Gateway, tool: &str) -> Load {
    at_gateway(gateway, tool, LEGACY)
}

/// The same call each time, but for its JSON-RPC id.
pub fn kept(load: Load) -> Load {
    let body =
        load.body.map(|body| body.replace(r#""arguments":{"id":"{id}"}"#, r#""arguments":{"id":"7"}"#));
    Load { body, expect: "\\\"id\\\":\\\"7\\\"".to_owned(), ..load }
}

/// What servers take before anybody has called.
fn at_rest(name: &str, servers: &[(&str, u32)]) -> Result<Table> {
    let rows = servers.iter().map(|(name, process)| {
        let memory = process::memory(*process)?;
        Ok(((*name).to_owned(), vec![Figures::of([(Measure::Memory, memory)])]))
    });
    let (title, columns) = ("memory before the first call".to_owned(), &[Measure::Memory]);
    Ok(Table {
        name: name.to_owned(),
        title,
        columns,
        rows: rows.collect::<Result<_>>()?,
        ..Table::default()
    })
}

fn get(url: &str, folder: &str, process: u32) -> Load {
    let headers = vec!["Accept: application/json".to_owned()];
    let (url, expect) = (format!("{url}/{folder}/{{id}}"), expected(folder).replace('\\', ""));
    Load { url, headers, expect, process, ..Load::default() }
}

fn at_ceiling(ceiling: &Server, tool: &str) -> Load {
    post(&format!("{}/mcp", ceiling.url), tool, LEGACY, ceiling.process())
}

fn at_gateway(gateway: &Gateway, tool: &str, version: &str) -> Load {
    post(&gateway.url, tool, version, gateway.process())
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
    let (url, expect) = (url.to_owned(), expected(tool).to_owned());
    Load { url, body: Some(body), headers, expect, process, ..Load::default() }
}

/// What must be in the text of every good answer, where quotes are escaped.
fn expected(tool: &str) -> &'static str {
    match tool {
        "large" | "records" => "\\\"records\\\":[",
        "text" | "lines" => "line 1 of many",
        _ => "\\\"id\\\":\\\"{id}\\\"",
    }
}

fn optional<T>(result: Result<T>) -> (Option<T>, Vec<String>) {
    match result {
        Ok(value) => (Some(value), Vec::new()),
        Err(error) => (None, vec![format!("nginx was left out: {error:#}")]),
    }
}
