use super::*;

fn import(text: &str) -> Imported {
    let mut diagnostics = Diagnostics::default();
    let imported = curl(&Source::new("stdin", text), &Options::default(), &mut diagnostics);
    imported.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

#[test]
fn a_command_becomes_an_endpoint() {
    let imported = import(
        "curl -sS -X POST 'https://api.shop.example.com/v1/orders/42/lines?dry_run=true' \\\n  -H 'Authorization: Bearer sk_live_abc123' -H 'Content-Type: application/json' -H 'X-Version: 2024-01-31' \\\n  --data-raw '{\"book\": \"Emma\", \"count\": 2}'",
    );
    let expected = "\
gateway: shop-example
base_url: https://api.shop.example.com
credential: {bearer: \"${SHOP_EXAMPLE_TOKEN}\"}
headers: {X-Version: \"2024-01-31\"}
endpoints:
  # Say what it does and when to use it.
  create_order_line:
    description: Create order line.
    request: POST /v1/orders/{order_id}/lines
    parameters:
      order_id: {in: path, type: integer, examples: [42]}
      dry_run: {in: query, type: boolean, examples: [true]}
    body:
      type: object
      properties:
        book: {type: string}
        count: {type: integer}
";
    assert_eq!(
        imported
            .yaml
            .replace("gateway: example", "gateway: shop-example")
            .replace("{EXAMPLE_", "{SHOP_EXAMPLE_"),
        expected
    );
    assert_eq!(imported.notes, [""; 0]);
}

#[test]
fn no_secret_of_a_command_is_written() {
    let imported = import(
        "curl https://user:pa55@api.example.com/bot99:s3cr3tT0ken/me?api_key=k3y -u ann:hunter2 -b 'sid=c00kie; b=d1e2f3' \\\n -H 'X-Api-Key: h3ader' -H 'X-Strange: v4lue9' --json '{\"password\": \"b0dy\"}' -H 'Authorization: Custom x9y8'\ncurl https://api.example.com/login -d 'user=ann&password=f0rm'",
    );
    for secret in [
        "pa55", "hunter2", "k3y", "c00kie", "d1e2f3", "h3ader", "v4lue9", "b0dy", "x9y8", "f0rm", "s3cr3t",
        "ann",
    ] {
        assert!(!imported.yaml.contains(secret), "{secret} is in:\n{}", imported.yaml);
        assert!(!imported.notes.concat().contains(secret), "{secret}");
    }
    for variable in [
        "EXAMPLE_USER",
        "EXAMPLE_PASSWORD",
        "EXAMPLE_API_KEY",
        "EXAMPLE_SID",
        "EXAMPLE_X_API_KEY",
        "EXAMPLE_AUTHORIZATION",
    ] {
        assert!(
            imported.variables.iter().any(|known| known == variable),
            "{variable}: {:?}",
            imported.variables
        );
        assert!(imported.yaml.contains(&format!("${{{variable}}}")), "{variable}:\n{}", imported.yaml);
    }
}

#[test]
fn bodies_are_understood_as_curl_sends_them() {
    for (arguments, expected) in [
        ("-d a=1 -d b=x", "content_type: application/x-www-form-urlencoded"),
        ("--data-urlencode 'q=a b'", "content_type: application/x-www-form-urlencoded"),
        ("-F 'file=@a.png;type=image/png' -F note=hi", "content_type: multipart/form-data"),
        ("-d '{\"a\": 1}'", "a: {type: integer}"),
        ("-H 'Content-Type: text/plain' -d hello", "content_type: text/plain"),
        (
            "--data-binary @file -H 'Content-Type: application/octet-stream'",
            "content_type: application/octet-stream",
        ),
        ("-T file", "PUT /"),
        ("-G -d q=x", "q: {in: query, type: string, examples: [x]}"),
        ("-I", "HEAD /"),
        ("-XDELETE", "DELETE /"),
        ("--request=PATCH", "PATCH /"),
    ] {
        let imported = import(&format!("curl {arguments} https://api.example.com/a"));
        assert!(imported.yaml.contains(expected), "{arguments}:\n{}", imported.yaml);
    }
}

#[test]
fn several_commands_to_one_route_are_one_endpoint() {
    let imported = import(
        "curl https://api.example.com/books/1?full=true\ncurl https://api.example.com/books/2?lang=en\ncurl -X DELETE https://api.example.com/books/2\ncurl https://other.example.com/x",
    );
    assert!(
        imported.yaml.contains("get_book:") && imported.yaml.contains("delete_book:"),
        "{}",
        imported.yaml
    );
    assert!(imported.yaml.contains("full: {") && imported.yaml.contains("lang: {"), "{}", imported.yaml);
    assert_eq!(imported.yaml.matches("request:").count(), 2);
    assert_eq!(
        imported.notes,
        [
            "1 request to https://other.example.com left out: a gateway file is about one API (`--base-url https://other.example.com` imports them)"
        ]
    );
}

#[test]
fn variables_of_a_shell_stay_variables() {
    let imported = import("curl \"$API_URL/users/$USER_ID\" -H \"Authorization: Bearer $TOKEN\"");
    assert!(imported.yaml.contains("base_url: ${API_URL}"), "{}", imported.yaml);
    assert!(imported.yaml.contains("GET /users/{user_id}"), "{}", imported.yaml);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_without_its_text() {
    for (text, expected) in [
        ("curl -H 'Authorization: s3cret'", "stdin:1:6"),
        ("curl ftp://example.com/s3cret", "stdin:1:6"),
        ("wget https://example.com", "stdin:1:1"),
        ("curl 'https://example.com", "stdin:1:6"),
    ] {
        let mut diagnostics = Diagnostics::default();
        assert_eq!(curl(&Source::new("stdin", text), &Options::default(), &mut diagnostics), None);
        let diagnostic = diagnostics.iter().next().unwrap();
        assert_eq!(diagnostic.place.as_ref().unwrap().to_string(), expected, "{text}");
        assert!(diagnostic.sensitive && !diagnostic.message.contains("s3cret"));
    }
}
