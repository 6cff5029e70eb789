//! What is offered beside tools, as clients of both eras see it: resources, prompts, completions, introductions.

use serde_json::{Value, json};

use crate::support::gateway::{Gateway, Setup};
use crate::support::mcp::{ERAS, Era, McpClient};
use crate::support::upstream::{Answer, Entry, Upstream};

const TOKEN: &str = "t0ken-of-offers-41c9";

const FILE: &str = r#"
gateway: tracker
title: The tracker
instructions: Look for an issue before you open one.
website: https://example.com/tracker
icons: [{src: "https://example.com/icon.png", mime_type: image/png, sizes: ["48x48"], theme: dark}]
base_url: ${UPSTREAM}
credential: {bearer: "${TOKEN}"}
timeout: 5s
retry: off
endpoints:
  list_issues: {request: GET /issues}
resources:
  readme:
    uri: docs://readme
    title: Read me
    description: What this is.
    audience: [user, assistant]
    priority: 0.5
    last_modified: 2026-01-31T12:00:00Z
    file: ./readme.md
  rules: {uri: docs://rules, text: "Be kind.", mime_type: text/plain}
  logo: {uri: docs://logo, file: ./logo.png}
  labels: {uri: labels://all, request: GET /labels, response: {select: "[.[].name]"}}
  picture: {uri: picture://one, request: GET /picture, mime_type: image/png}
  issue:
    uri_template: issues://{owner}/{number}{?comments}
    title: An issue
    request: GET /repos/{owner}/issues/{number}
    parameters:
      number: {type: integer, minimum: 1}
      comments: {type: string, enum: [none, some, all]}
    complete:
      owner: {request: GET /owners, select: "[.[].login]"}
      number: {request: "GET /repos/{owner}/numbers"}
  note: {uri_template: "notes://{name}", text: "Note {{ name }}."}
prompts:
  triage:
    title: Triage
    description: Sort an issue in.
    arguments:
      owner: {description: Who has it., required: true}
      issue: {required: true}
      tone: {complete: [friendly, formal, factual]}
    messages:
      - text: "Look at issue {{ issue }} of {{ owner }}{% if tone %}, be {{ tone }}{% endif %}."
      - {role: assistant, text: "I will."}
      - {image: {file: ./logo.png}}
      - {audio: {base64: UklGRg==, mime_type: audio/wav}}
      - {resource: "issues://{{ owner }}/{{ issue }}"}
      - {resource: {uri: "notes://{{ issue }}", text: "About {{ issue }}", mime_type: text/markdown}}
      - {link: {uri: "docs://readme", name: readme, title: Read me}}
      - request: GET /repos/{owner}/summary
        response: {select: .text, format: text}
"#;

struct World {
    upstream: Upstream,
    gateway: Gateway,
}

impl World {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(arguments: &[&str]) -> Self {
        let upstream = Upstream::start(answer).await;
        let mut setup = Setup::new()
            .source("gateway.yaml", FILE)
            .file("readme.md", "# Read me\n{{ not a gap }}\n")
            .file("logo.png", PNG)
            .environment("UPSTREAM", &upstream.url())
            .environment("TOKEN", TOKEN);
        for argument in arguments {
            setup = setup.argument(*argument);
        }
        Self { upstream, gateway: setup.serve().await }
    }

    async fn client(&self, era: Era) -> McpClient {
        self.gateway.client(era).await
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\xff";

fn answer(entry: &Entry) -> Answer {
    match entry.path() {
        "/labels" => Answer::json(&json!([{"name": "bug"}, {"name": "idea"}])),
        "/picture" => Answer::status(200, "image/png", PNG),
        "/owners" => Answer::json(&json!([{"login": "octo"}, {"login": "acme"}, {"login": "cocoa"}])),
        "/repos/octo/numbers" => Answer::json(&json!([7, 17, 70])),
        "/repos/octo/issues/404" => Answer::status(404, "application/json", r#"{"message":"no"}"#),
        "/repos/octo/issues/500" => {
            Answer::status(500, "application/json", format!(r#"{{"message":"broken {TOKEN}"}}"#))
        }
        path if path.ends_with("/summary") => Answer::json(&json!({"text": "All is well."})),
        path => Answer::json(&json!({"path": path, "target": entry.request.target})),
    }
}

async fn result(client: &mut McpClient, method: &str, params: Value) -> Value {
    let message = client.request(method, params).await;
    assert!(message.get("error").is_none(), "{method}: {message}");
    message["result"].clone()
}

async fn error(client: &mut McpClient, method: &str, params: Value) -> Value {
    let message = client.request(method, params).await;
    assert!(message.get("result").is_none(), "{method}: {message}");
    message["error"].clone()
}

#[tokio::test]
async fn resources_are_listed_with_all_that_is_said_of_them() {
    let world = World::new().await;
    for era in ERAS {
        let mut client = world.client(era).await;
        let listed = result(&mut client, "resources/list", json!({})).await;
        let uris: Vec<&str> =
            listed["resources"].as_array().unwrap().iter().filter_map(|it| it["uri"].as_str()).collect();
        assert_eq!(uris, ["docs://readme", "docs://rules", "docs://logo", "labels://all", "picture://one"]);
        assert_eq!(
            listed["resources"][0],
            json!({
                "uri": "docs://readme", "name": "readme", "title": "Read me", "description": "What this is.",
                "mimeType": "text/markdown", "size": 26,
                "annotations": {"audience": ["user", "assistant"], "priority": 0.5, "lastModified": "2026-01-31T12:00:00Z"},
            })
        );
        let templates = result(&mut client, "resources/templates/list", json!({})).await;
        assert_eq!(templates["resourceTemplates"][0]["uriTemplate"], "issues://{owner}/{number}{?comments}");
        assert_eq!(listed.get("ttlMs").is_some(), era == Era::Modern);
    }
}

#[tokio::test]
async fn a_resource_is_read_from_here_or_from_the_api() {
    let world = World::new().await;
    for era in ERAS {
        let mut client = world.client(era).await;
        let mut read = async |uri: &str| result(&mut client, "resources/read", json!({"uri": uri})).await;
        assert_eq!(
            read("docs://readme").await["contents"],
            json!([{"uri": "docs://readme", "mimeType": "text/markdown", "text": "# Read me\n{{ not a gap }}\n"}])
        );
        let blob = json!([{"uri": "docs://logo", "mimeType": "image/png", "blob": "iVBORw0KGgr/"}]);
        assert_eq!(read("docs://logo").await["contents"], blob);
        assert_eq!(read("picture://one").await["contents"][0]["blob"], "iVBORw0KGgr/");
        assert_eq!(read("labels://all").await["contents"][0]["text"], r#"["bug","idea"]"#);
        assert_eq!(read("notes://a%20b").await["contents"][0]["text"], "Note a b.");
        let issue = read("issues://octo/7?comments=all").await;
        assert_eq!(issue["contents"][0]["uri"], "issues://octo/7?comments=all");
        assert_eq!(
            issue["contents"][0]["text"],
            r#"{"path":"/repos/octo/issues/7","target":"/repos/octo/issues/7?comments=all"}"#
        );
        if era == Era::Modern {
            assert_eq!((&issue["ttlMs"], &issue["cacheScope"]), (&json!(0), &json!("private")));
            assert_eq!(read("docs://rules").await["cacheScope"], "public");
        }
    }
    let asked = world.upstream.ledger().entries();
    assert!(asked.iter().all(|entry| entry.header("authorization") == Some(&format!("Bearer {TOKEN}"))));
}

#[tokio::test]
async fn a_value_from_a_uri_goes_nowhere_that_an_argument_could_not() {
    let world = World::new().await;
    for era in ERAS {
        let mut client = world.client(era).await;
        for (uri, word) in [
            ("issues://%2e%2e/7", "path segment"),
            ("issues://%252e%252e/7", "path segment"),
            ("issues://..%2f..%2fadmin/7", "path segment"),
            ("issues://a%5c..%5cb/7", "path segment"),
            ("issues://a%00b/7", "control"),
            ("issues://a%0d%0aX-Y%3a1/7", "control"),
            ("issues://octo/0", "number"),
            ("issues://octo/x", "number"),
            ("issues://octo/7?comments=other", "comments"),
        ] {
            let error = error(&mut client, "resources/read", json!({"uri": uri})).await;
            assert_eq!(error["code"], -32602, "{uri}: {error}");
            assert_eq!(error["data"]["uri"], uri, "{error}");
            assert!(error["message"].as_str().unwrap().contains(word), "{uri}: {error}");
        }
        for uri in [
            "issues:///7",
            "issues://octo/",
            "issues://octo/7/x",
            "issues://octo/%ff",
            "issues://octo/7?other=1",
            "issues://octo/7?comments=all&comments=none",
            "issues://octo/7#x",
            "docs://readme/",
            "docs://README",
            "file:///etc/passwd",
            "docs://../readme",
        ] {
            let error = error(&mut client, "resources/read", json!({"uri": uri})).await;
            assert_eq!((&error["code"], &error["data"]), (&json!(-32602), &json!({"uri": uri})), "{uri}");
        }
        assert_eq!(error(&mut client, "resources/read", json!({})).await["code"], -32602);
        assert_eq!(error(&mut client, "resources/read", json!({"uri": 7})).await["code"], -32602);
    }
    world.upstream.ledger().assert_empty("nothing of it may be sent");
}

#[tokio::test]
async fn a_resource_that_the_api_does_not_give_is_an_error_without_secrets() {
    let world = World::new().await;
    for era in ERAS {
        let mut client = world.client(era).await;
        let missing = error(&mut client, "resources/read", json!({"uri": "issues://octo/404"})).await;
        assert_eq!(
            (&missing["code"], &missing["data"]["uri"]),
            (&json!(-32602), &json!("issues://octo/404"))
        );
        let broken = error(&mut client, "resources/read", json!({"uri": "issues://octo/500"})).await;
        assert_eq!((&broken["code"], &broken["data"]["error"]["status"]), (&json!(-32603), &json!(500)));
        let text = broken.to_string();
        assert!(text.contains("broken") && !text.contains(TOKEN), "{text}");
    }
}

#[tokio::test]
async fn a_prompt_is_filled_in_with_every_kind_of_content() {
    let world = World::new().await;
    for era in ERAS {
        let mut client = world.client(era).await;
        let listed = result(&mut client, "prompts/list", json!({})).await;
        assert_eq!(
            listed["prompts"],
            json!([{"name": "triage", "title": "Triage", "description": "Sort an issue in.", "arguments": [
                {"name": "owner", "description": "Who has it.", "required": true},
                {"name": "issue", "required": true}, {"name": "tone", "required": false}]}])
        );
        let arguments = json!({"owner": "octo", "issue": "7", "tone": "<{{ 7 * 7 }}>"});
        let got = result(&mut client, "prompts/get", json!({"name": "triage", "arguments": arguments})).await;
        assert_eq!(got["description"], "Sort an issue in.");
        let content = |index: usize| got["messages"][index]["content"].clone();
        assert_eq!(content(0), json!({"type": "text", "text": "Look at issue 7 of octo, be <{{ 7 * 7 }}>."}));
        assert_eq!(
            got["messages"][1],
            json!({"role": "assistant", "content": {"type": "text", "text": "I will."}})
        );
        assert_eq!(content(2), json!({"type": "image", "data": "iVBORw0KGgr/", "mimeType": "image/png"}));
        assert_eq!(content(3), json!({"type": "audio", "data": "UklGRg==", "mimeType": "audio/wav"}));
        assert_eq!(
            (&content(4)["type"], &content(4)["resource"]["uri"]),
            (&json!("resource"), &json!("issues://octo/7"))
        );
        let note = json!({"uri": "notes://7", "mimeType": "text/markdown", "text": "About 7"});
        assert_eq!(content(5)["resource"], note);
        assert_eq!(
            content(6),
            json!({"type": "resource_link", "uri": "docs://readme", "name": "readme", "title": "Read me"})
        );
        assert_eq!(content(7)["text"], "All is well.");
        assert_eq!(got["messages"].as_array().unwrap().len(), 8);
    }
}

#[tokio::test]
async fn wrong_arguments_of_a_prompt_are_refused_before_anything_is_sent() {
    let world = World::new().await;
    for era in ERAS {
        let mut client = world.client(era).await;
        for (params, word) in [
            (json!({"name": "nothing"}), "nothing"),
            (json!({"name": "triage"}), "owner"),
            (json!({"name": "triage", "arguments": {"owner": "octo"}}), "issue"),
            (json!({"name": "triage", "arguments": {"owner": "octo", "issue": "7", "ton": "x"}}), "`tone`"),
            (json!({"name": "triage", "arguments": {"owner": "octo", "issue": 7}}), "strings"),
            (json!({"name": "triage", "arguments": []}), "strings"),
            (json!({"name": 7}), "string"),
        ] {
            // Headers say the name too, and a number is none.
            if era == Era::Modern && params["name"].is_number() {
                continue;
            }
            let error = error(&mut client, "prompts/get", params.clone()).await;
            assert_eq!(error["code"], -32602, "{params}: {error}");
            assert!(error["message"].as_str().unwrap().contains(word), "{params}: {error}");
        }
        let leaves = json!({"name": "triage", "arguments": {"owner": "..", "issue": "7"}});
        assert_eq!(error(&mut client, "prompts/get", leaves).await["code"], -32602);
    }
}

#[tokio::test]
async fn arguments_are_completed_from_lists_and_from_the_api() {
    let world = World::new().await;
    for era in ERAS {
        let mut client = world.client(era).await;
        let prompt = json!({"type": "ref/prompt", "name": "triage"});
        let template = json!({"type": "ref/resource", "uri": "issues://{owner}/{number}{?comments}"});
        let mut complete = async |reference: &Value, name: &str, value: &str, given: Value| {
            let argument = json!({"name": name, "value": value});
            let context = json!({"arguments": given});
            let params = json!({"ref": reference, "argument": argument, "context": context});
            result(&mut client, "completion/complete", params).await["completion"].clone()
        };
        assert_eq!(
            complete(&prompt, "tone", "F", json!({})).await,
            json!({"values": ["friendly", "formal", "factual"], "total": 3, "hasMore": false})
        );
        assert_eq!(complete(&prompt, "tone", "al", json!({})).await["values"], json!(["formal", "factual"]));
        assert_eq!(complete(&prompt, "owner", "x", json!({})).await["values"], json!([]));
        assert_eq!(
            complete(&template, "comments", "", json!({})).await["values"],
            json!(["none", "some", "all"])
        );
        assert_eq!(complete(&template, "owner", "co", json!({})).await["values"], json!(["cocoa"]));
        let given = json!({"owner": "octo"});
        assert_eq!(complete(&template, "number", "7", given).await["values"], json!(["7", "70", "17"]));
        assert_eq!(
            complete(&template, "number", "7", json!({})).await["values"],
            json!([]),
            "its owner is missing"
        );
        let leaves = json!({"owner": ".."});
        assert_eq!(complete(&template, "number", "7", leaves).await["values"], json!([]));
        for params in [
            json!({"ref": prompt, "argument": {"name": "nobody", "value": ""}}),
            json!({"ref": {"type": "ref/prompt", "name": "nothing"}, "argument": {"name": "a", "value": ""}}),
            json!({"ref": {"type": "ref/resource", "uri": "no://{a}"}, "argument": {"name": "a", "value": ""}}),
            json!({"ref": {"type": "ref/tool", "name": "a"}, "argument": {"name": "a", "value": ""}}),
            json!({"ref": prompt, "argument": {"name": "tone"}}),
            json!({"argument": {"name": "tone", "value": ""}}),
            json!({"ref": prompt}),
        ] {
            assert_eq!(
                error(&mut client, "completion/complete", params.clone()).await["code"],
                -32602,
                "{params}"
            );
        }
    }
}

#[tokio::test]
async fn a_server_says_who_it_is_and_what_it_offers() {
    let world = World::new().await;
    let mut legacy = world.client(Era::Legacy).await;
    let mut begin = async |version: &str| {
        let info = json!({"name": "a", "version": "1"});
        let params = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": info});
        result(&mut legacy, "initialize", params).await
    };
    let begun = begin("2025-11-25").await;
    for capability in ["completions", "prompts", "resources", "tools", "logging"] {
        assert!(begun["capabilities"][capability].is_object(), "{begun}");
    }
    assert_eq!(begun["instructions"], "Look for an issue before you open one.");
    let info = &begun["serverInfo"];
    assert_eq!((&info["name"], &info["title"]), (&json!("toolgate"), &json!("The tracker")));
    assert_eq!(info["websiteUrl"], "https://example.com/tracker");
    let icon = json!({"src": "https://example.com/icon.png", "mimeType": "image/png", "sizes": ["48x48"], "theme": "dark"});
    assert_eq!(info["icons"], json!([icon]));
    assert!(begin("2025-06-18").await["serverInfo"].get("icons").is_none());
    let discovered = result(&mut world.client(Era::Modern).await, "server/discover", json!({})).await;
    assert_eq!(discovered["_meta"]["io.modelcontextprotocol/serverInfo"]["icons"], json!([icon]));
    assert!(discovered["capabilities"]["completions"].is_object());
}

#[tokio::test]
async fn what_is_not_offered_is_no_method() {
    let upstream = Upstream::start(answer).await;
    let file = "gateway: plain\nbase_url: ${UPSTREAM}\nendpoints: {a: {request: GET /a}}\n";
    let gateway = Setup::new().source("a.yaml", file).environment("UPSTREAM", &upstream.url()).serve().await;
    for era in ERAS {
        let mut client = gateway.client(era).await;
        for method in ["resources/list", "resources/templates/list", "prompts/list", "completion/complete"] {
            assert_eq!(error(&mut client, method, json!({})).await["code"], -32601, "{method}");
        }
    }
}

#[tokio::test]
async fn lists_come_in_pages_when_the_operator_says_so() {
    let world = World::with(&["--page-size", "2"]).await;
    for era in ERAS {
        let mut client = world.client(era).await;
        for (method, member, count) in [
            ("resources/list", "resources", 5_usize),
            ("resources/templates/list", "resourceTemplates", 2),
            ("prompts/list", "prompts", 1),
            ("tools/list", "tools", 1),
        ] {
            let (mut items, mut cursor, mut pages) = (Vec::new(), None, 0);
            loop {
                let params = cursor.map_or(json!({}), |cursor: Value| json!({"cursor": cursor}));
                let page = result(&mut client, method, params).await;
                items.extend(page[member].as_array().unwrap().clone());
                assert!(page[member].as_array().unwrap().len() <= 2);
                pages += 1;
                match page.get("nextCursor") {
                    Some(next) => cursor = Some(next.clone()),
                    None => break,
                }
            }
            assert_eq!((items.len(), pages), (count, count.div_ceil(2)), "{method}");
        }
        let first = result(&mut client, "resources/list", json!({})).await["nextCursor"].clone();
        for cursor in [json!("x"), json!(""), json!("🦀"), first.clone()] {
            let refused = error(&mut client, "resources/templates/list", json!({"cursor": cursor})).await;
            assert_eq!(refused["code"], -32602, "{cursor}");
        }
        assert_eq!(error(&mut client, "resources/list", json!({"cursor": 7})).await["code"], -32602);
    }
    let whole = World::new().await;
    let mut client = whole.client(Era::Modern).await;
    assert!(result(&mut client, "resources/list", json!({})).await.get("nextCursor").is_none());
    assert_eq!(error(&mut client, "resources/list", json!({"cursor": "eA"})).await["code"], -32602);
}

#[tokio::test]
async fn several_gateways_keep_their_offers_apart() {
    let files = |name: &str| {
        format!(
            "gateway: {name}\ninstructions: Words of {name}.\nresources: {{a: {{uri: \"{name}://a\", text: {name}}}}}\n\
             prompts: {{say: {{messages: [{{text: hello {name}}}]}}}}\n"
        )
    };
    let gateway =
        Setup::new().source("one.yaml", files("one")).source("two.yaml", files("two")).serve().await;
    let mut all = gateway.client(Era::Modern).await;
    let names: Vec<Value> = result(&mut all, "prompts/list", json!({})).await["prompts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|prompt| prompt["name"].clone())
        .collect();
    assert_eq!(names, ["one_say", "two_say"]);
    let instructions = result(&mut all, "server/discover", json!({})).await["instructions"].clone();
    let instructions = instructions.as_str().unwrap();
    assert!(
        instructions.contains("`one_`:\nWords of one.") && instructions.contains("`two_`:\nWords of two.")
    );
    let mut one = McpClient::connect(gateway.address, "/mcp/one", Era::Modern).await;
    assert_eq!(result(&mut one, "server/discover", json!({})).await["instructions"], "Words of one.");
    assert_eq!(
        result(&mut one, "resources/read", json!({"uri": "one://a"})).await["contents"][0]["text"],
        "one"
    );
    assert_eq!(error(&mut one, "resources/read", json!({"uri": "two://a"})).await["code"], -32602);
    assert_eq!(error(&mut one, "prompts/get", json!({"name": "two_say"})).await["code"], -32602);
}

#[tokio::test]
async fn operations_of_a_document_are_offered_as_resources_by_rule() {
    let upstream = Upstream::start(answer).await;
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "a", "version": "1"},
        "paths": {
            "/files/{id}": {"get": {"operationId": "get_file", "summary": "One file", "parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
                {"name": "part", "in": "query", "schema": {"type": "string", "enum": ["head", "tail"]}}],
                "responses": {"200": {"description": "it", "content": {"application/json": {}}}}}},
            "/files": {"get": {"operationId": "list_files", "responses": {"200": {"description": "all"}}},
                       "post": {"operationId": "add_file", "responses": {"200": {"description": "it"}}}},
        }
    });
    let file = "gateway: my_store\nbase_url: ${UPSTREAM}\nopenapi: a.json\noperations: {resources: [\"* /files*\"], exclude: [list_files]}\n";
    let setup = Setup::new().file("a.json", document.to_string()).source("a.yaml", file);
    let gateway = setup.environment("UPSTREAM", &upstream.url()).serve().await;
    let mut client = gateway.client(Era::Modern).await;
    let listed = result(&mut client, "resources/list", json!({})).await;
    assert_eq!(listed["resources"], json!([{"uri": "my-store:///files", "name": "list_files"}]));
    let templates = result(&mut client, "resources/templates/list", json!({})).await;
    let expected = json!([{"uriTemplate": "my-store:///files/{id}{?part}", "name": "get_file", "title": "One file",
        "mimeType": "application/json"}]);
    assert_eq!(templates["resourceTemplates"], expected);
    let read = result(&mut client, "resources/read", json!({"uri": "my-store:///files/7?part=head"})).await;
    assert!(read["contents"][0]["text"].as_str().unwrap().contains("/files/7?part=head"));
    assert_eq!(client.tools().await.len(), 1, "what is excluded is no tool");
}

#[tokio::test]
async fn a_file_is_offered_from_the_folder_of_the_gateway_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    let outside = folder.path().join("secret.txt");
    let setup = Setup::new().file("large.bin", vec![0; (8 << 20) + 1]);
    #[cfg(unix)]
    std::os::unix::fs::symlink(&outside, setup.path().join("link.txt")).unwrap();
    for (path, word) in [
        ("../secret.txt", ""),
        (outside.to_str().unwrap(), "not in the folder"),
        #[cfg(unix)]
        ("link.txt", "not in the folder"),
        ("large.bin", "larger than 8 MiB"),
        (".", "no file"),
        ("missing.txt", ""),
    ] {
        let file = format!(
            "gateway: a\nresources:\n  good: {{uri: \"a://b\", text: x}}\n  bad: {{uri: \"a://c\", file: \"{path}\"}}\n"
        );
        std::fs::write(setup.path().join("a.yaml"), file).unwrap();
        let mut command = crate::support::process::command();
        let output = command.current_dir(setup.path()).args(["check", "a.yaml"]).output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{path}: {said}");
        assert!(said.contains("a.yaml:4:") && said.contains(word), "{path}: {said}");
    }
}
