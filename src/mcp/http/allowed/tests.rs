use http::HeaderName;

use super::*;

const LOCAL: Door = at(IpAddr::V4(Ipv4Addr::LOCALHOST));

const fn at(address: IpAddr) -> Door {
    Door { address, is_file: false, service: Service::All }
}

fn allowed() -> Allowed {
    Allowed {
        hosts: vec!["mcp.example.com".parse().unwrap(), "gate.example.com:8443".parse().unwrap()],
        origins: vec!["vscode-webview://abc".parse().unwrap(), "https://app.example.com".parse().unwrap()],
    }
}

fn headers(hosts: &[&str], origins: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut add = |name: HeaderName, values: &[&str]| {
        for value in values {
            headers.append(name.clone(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
    };
    add(header::HOST, hosts);
    add(header::ORIGIN, origins);
    headers
}

fn check(hosts: &[&str], origins: &[&str]) -> Result<(), Stranger> {
    allowed().check(Version::HTTP_11, &Uri::from_static("/mcp"), &headers(hosts, origins), LOCAL)
}

#[test]
fn names_of_ours_are_served() {
    for host in [
        "localhost",
        "localhost:8080",
        "LocalHost:8080",
        "127.0.0.1",
        "127.0.0.1:65535",
        "[::1]",
        "[::1]:8080",
        "[0:0:0:0:0:0:0:1]:8080",
        "mcp.example.com",
        "MCP.EXAMPLE.COM:443",
        "gate.example.com:8443",
    ] {
        assert_eq!(check(&[host], &[]), Ok(()), "{host}");
    }
}

#[test]
fn names_of_others_are_turned_away() {
    for host in [
        "evil.example.com",
        "evil.example.com:8080",
        "example.com",
        "mcp.example.com.evil.example",
        "xmcp.example.com",
        "mcp.example.com.",
        "gate.example.com",
        "gate.example.com:443",
        "localhost.",
        "localhost.evil.example.com",
        "evil.localhost",
        "localhost:",
        "localhost:x",
        "localhost:99999",
        "localhost:80:80",
        "localhost@evil.example.com",
        "user@localhost",
        "localhost/",
        "localhost, evil.example.com",
        "localhost evil.example.com",
        "127.0.0.1.nip.io",
        "127.0.0.1.",
        "127.1",
        "127.0.0.2",
        "127.0.0.01",
        "0x7f.0.0.1",
        "2130706433",
        "0.0.0.0",
        "192.0.2.1",
        "[::]",
        "[::2]:8080",
        "[::1%25lo]",
        "[::1]x",
        "[::ffff:127.0.0.1]",
        "::1",
        "[localhost]",
        "[::1",
        "",
        ":8080",
        "lo\u{441}alhost",
    ] {
        assert_eq!(check(&[host], &[]), Err(Stranger::Host), "{host}");
    }
}

#[test]
fn the_address_of_the_connection_is_one_of_ours() {
    let at = |host: &str, local: &str| {
        let uri = Uri::from_static("/mcp");
        allowed()
            .check(Version::HTTP_11, &uri, &headers(&[host], &[]), super::tests::at(local.parse().unwrap()))
            .is_ok()
    };
    assert!(at("192.0.2.7:8080", "192.0.2.7"));
    assert!(at("192.0.2.7:8080", "::ffff:192.0.2.7"));
    assert!(at("[2001:db8::1]", "2001:db8::1"));
    assert!(!at("192.0.2.8:8080", "192.0.2.7"));
}

#[test]
fn exactly_one_host_is_required() {
    assert_eq!(check(&[], &[]), Err(Stranger::NoHost));
    assert_eq!(check(&["localhost", "localhost"], &[]), Err(Stranger::NoHost));
    assert_eq!(check(&["localhost", "evil.example.com"], &[]), Err(Stranger::NoHost));
    let old = |hosts: &[&str]| {
        allowed().check(Version::HTTP_10, &Uri::from_static("/mcp"), &headers(hosts, &[]), LOCAL)
    };
    assert_eq!(old(&[]), Err(Stranger::Host));
    assert_eq!(old(&["localhost"]), Ok(()));
}

#[test]
fn an_absolute_target_must_be_ours_as_well() {
    let with = |target: &'static str, host: &str| {
        allowed().check(Version::HTTP_11, &Uri::from_static(target), &headers(&[host], &[]), LOCAL)
    };
    assert_eq!(with("http://localhost:8080/mcp", "localhost:8080"), Ok(()));
    assert_eq!(with("http://evil.example.com/mcp", "localhost"), Err(Stranger::Host));
    assert_eq!(with("http://localhost@evil.example.com/mcp", "localhost"), Err(Stranger::Host));
    assert_eq!(with("http://user@localhost/mcp", "localhost"), Err(Stranger::Host));
    assert_eq!(with("http://localhost/mcp", "evil.example.com"), Err(Stranger::Host));
}

#[test]
fn pages_of_ours_may_call() {
    for origin in [
        "http://localhost",
        "http://localhost:6274",
        "https://127.0.0.1:3000",
        "HTTP://LOCALHOST:80",
        "http://[::1]:5173",
        "https://mcp.example.com",
        "https://gate.example.com:8443",
        "https://app.example.com",
        "vscode-webview://abc",
    ] {
        assert_eq!(check(&["localhost"], &[origin]), Ok(()), "{origin}");
    }
}

#[test]
fn pages_of_others_may_not() {
    for origin in [
        "",
        "null",
        "*",
        "localhost",
        "//localhost",
        "://localhost",
        "http://",
        "http:localhost",
        "http://evil.example.com",
        "http://localhost.evil.example.com",
        "http://localhost:80@evil.example.com",
        "http://user@localhost",
        "http://localhost/",
        "http://localhost/mcp",
        "http://localhost?x",
        "http://localhost#x",
        "http://localhost.",
        "http://localhost, http://evil.example.com",
        "http://localhost http://evil.example.com",
        "https://app.example.com.evil.example",
        "http://app.example.com",
        "https://app.example.com:444",
        "vscode-webview://abcd",
        "file://localhost",
        "file://",
        "chrome-extension://localhost",
        "data:text/html,x",
        "http://[::1",
        "http://127.1",
        "http://\u{6c}\u{43e}calhost",
    ] {
        assert_eq!(check(&["localhost"], &[origin]), Err(Stranger::Origin), "{origin}");
    }
    let twice = ["http://localhost", "http://localhost"];
    assert_eq!(check(&["localhost"], &twice), Err(Stranger::Origin));
}

#[test]
fn what_is_no_host_or_origin_cannot_be_allowed() {
    for text in ["", "a b", "http://a", "a/b", "*.example.com", "a:b"] {
        assert!(text.parse::<AllowedHost>().is_err(), "{text}");
    }
    for text in ["", "null", "*", "app.example.com", "https://a/b", "https://a@b", "https://"] {
        assert!(text.parse::<AllowedOrigin>().is_err(), "{text}");
    }
}

#[test]
fn through_the_file_system_any_name_is_served_unless_names_are_allowed_and_no_stranger_s_page_is() {
    let file = Door { is_file: true, ..LOCAL };
    let check = |allowed: Allowed, host: &str, origins: &[&str]| {
        let target = Uri::from_static("/mcp");
        allowed.check(Version::HTTP_11, &target, &headers(&[host], origins), file)
    };
    let any = Allowed::default();
    assert_eq!(check(any.clone(), "mcp.example.org", &[]), Ok(()));
    assert_eq!(check(any, "mcp.example.org", &["https://mcp.example.org"]), Err(Stranger::Origin));
    assert_eq!(check(allowed(), "mcp.example.com", &["https://mcp.example.com"]), Ok(()));
    assert_eq!(check(allowed(), "mcp.example.org", &[]), Err(Stranger::Host));
}
