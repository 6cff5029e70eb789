use std::fs;

use serde_json::json;

use super::*;
use crate::source::file;

/// Reads `openapi.yaml` of a folder with these files.
fn read(files: &[(&str, &str)]) -> (Vec<Operation>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join("api").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    read_in(folder.path())
}

fn read_in(folder: &std::path::Path) -> (Vec<Operation>, Vec<String>) {
    let source = file::read(&folder.join("api/openapi.yaml"), 1 << 20).unwrap();
    let mut diagnostics = Diagnostics::default();
    let document = Document::read(&source, &mut diagnostics).unwrap();
    let operations = document.operations(&mut diagnostics);
    let told = diagnostics.iter().map(|diagnostic| {
        let place = diagnostic.place.as_ref().unwrap();
        let file = place.source.name().rsplit('/').next().unwrap_or_default();
        format!("{} {file}:{}", diagnostic.code.as_str(), place.start().line)
    });
    (operations, told.collect())
}

#[test]
fn parts_of_a_document_may_be_in_files_of_their_own() {
    let (operations, told) = read(&[
        (
            "openapi.yaml",
            "info: {title: Example, version: '1'}
openapi: 3.1.0
paths:
  /a: {$ref: './paths/a.yaml'}
  /b:
    get: {$ref: paths/b%20get.json}
  /c:
    get:
      description: {$ref: text/long.md}
      parameters: [{$ref: 'shared.yaml#/components/parameters/page'}]
components: {schemas: {Root: {type: boolean}}}
",
        ),
        (
            "paths/a.yaml",
            "get: {operationId: a, parameters: [{$ref: '../shared.yaml#/components/parameters/page'}]}",
        ),
        (
            "paths/b get.json",
            r##"{"operationId": "b", "requestBody": {"content": {"application/json":
            {"schema": {"$ref": "../schemas/pet.yaml"}}}}}"##,
        ),
        (
            "schemas/pet.yaml",
            "
type: object
properties:
  next: {$ref: 'pet.yaml'}
  other: {$ref: '#/$defs/other'}
  root: {$ref: '../openapi.yaml#/components/schemas/Root'}
  bundled: {$ref: '#/components/schemas/Root'}
$defs: {other: {type: integer}}
",
        ),
        (
            "shared.yaml",
            "
components: {parameters: {page: {name: page, in: query, schema: {$ref: '#/components/schemas/page'}}},
             schemas: {page: {type: integer}}}
",
        ),
        ("text/long.md", "# Long\n- text: [\n"),
    ]);
    assert_eq!(signatures(&operations), ["GET /a", "GET /b", "GET /c"]);
    assert_eq!(parameter(&operations[0], "page").schema, json!({"type": "integer"}));
    assert_eq!(
        body(&operations[1])["properties"],
        json!({
            "next": {"$ref": "#/$defs/pet"}, "other": {"$ref": "#/$defs/other"}, "root": {"$ref": "#/$defs/Root"},
            "bundled": {"$ref": "#/$defs/Root"}
        })
    );
    assert_eq!(operations[2].description.as_deref(), Some("# Long\n- text: [\n"));
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn what_is_wrong_with_a_file_is_told_at_its_own_place_and_only_when_it_is_used() {
    let (operations, told) = read(&[
        ("openapi.yaml", "info: {title: Example, version: '1'}
openapi: 3.1.0
paths:
  /a:
    get:
      x-sample: {$ref: unused.yaml}
      parameters: [{$ref: 'shared.yaml#/a'}, {$ref: 'shared.yaml#/b'}, {$ref: 'broken.yaml#/c'}, {$ref: 'broken.yaml#/d'}]
"),
        ("unused.yaml", "a: [\n"),
        ("broken.yaml", "a: b\n- c\n"),
        ("shared.yaml", "a: {name: a, in: query, schema: {type: string, enum: []}}\nb: {in: query}\n"),
    ]);
    assert_eq!(listed(&operations[0]), ["query a"]);
    assert_eq!(
        told,
        ["invalid-parameter shared.yaml:2", "syntax broken.yaml:2", "invalid-schema shared.yaml:1"]
    );
}

#[test]
fn nothing_outside_the_folder_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let api = folder.path().join("api");
    fs::create_dir_all(&api).unwrap();
    fs::write(folder.path().join("secret.yaml"), "name: secret\nin: query\n").unwrap();
    let absolute = folder.path().join("secret.yaml");
    let references = [
        "../secret.yaml",
        "%2e%2e/secret.yaml",
        &absolute.display().to_string(),
        "file:///etc/hostname",
        "link.yaml",
        "https://example.com/p.yaml",
        "//example.com/p.yaml",
        "missing.yaml",
    ];
    #[cfg(unix)]
    std::os::unix::fs::symlink(&absolute, api.join("link.yaml")).unwrap();
    let list: Vec<_> =
        references.iter().map(|reference| format!("        - $ref: '{reference}'\n")).collect();
    let text = format!("openapi: 3.1.0\npaths:\n  /a:\n    get:\n      parameters:\n{}", list.concat());
    fs::write(api.join("openapi.yaml"), text).unwrap();
    let (operations, told) = read_in(folder.path());
    assert_eq!(listed(&operations[0]), Vec::<String>::new());
    let refused: Vec<_> = told.iter().filter(|told| told.starts_with("refused-reference")).collect();
    assert_eq!(refused.len(), 7, "{told:?}");
    assert_eq!(told.last().unwrap(), "broken-reference openapi.yaml:13");
}

#[test]
fn a_document_from_a_url_has_no_files() {
    let mut diagnostics = Diagnostics::default();
    let text = document("3.1.0", "paths: {/a: {get: {parameters: [{$ref: 'p.yaml'}]}}}");
    let document =
        Document::read(&Source::new("https://example.com/openapi.yaml", text), &mut diagnostics).unwrap();
    assert_eq!(document.operations(&mut diagnostics).len(), 1);
    assert_eq!(told(&diagnostics), ["refused-reference 3"]);
}
