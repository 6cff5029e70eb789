//! What a browser asks before it lets a page of another origin call, and read the answer (WHATWG Fetch, section 3.3).
//!
//! It is off unless the operator names the pages. Their origins are also allowed ones (`allowed`), so what is said here
//! to the browser and what is done with a request never differ. Whoever is named may read every answer, also the one
//! that he is not let in: a page that cannot read it cannot send its user to the login. No cookie counts for
//! anything here, so credentials are never allowed in that sense.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};
use http::request::Parts;
use http::{Method, Response, StatusCode};

use super::response::{self, Pieces};

/// The pages that may call from a browser.
#[derive(Clone, Debug, Default)]
pub(super) struct Cors {
    /// Their origins, as browsers send them.
    origins: Vec<HeaderValue>,
}

/// What clients send, beside what every page may send without asking.
const HEADERS: &str = "authorization, content-type, last-event-id, mcp-method, mcp-name, mcp-protocol-version, \
                       mcp-session-id, x-api-key, traceparent, tracestate, baggage";

/// Arguments of tools that are headers as well; which ones, only the tool knows.
const PARAMETERS: &str = "mcp-param-";

const METHODS: &str = "POST, GET, DELETE";

/// What a page needs to read beside the body.
const EXPOSED: &str = "Mcp-Session-Id, WWW-Authenticate, Retry-After";

/// How long a browser may keep what it was told: an hour.
const MAX_AGE: &str = "3600";

const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

impl Cors {
    /// For pages of these origins.
    pub(super) fn new(origins: &[String]) -> Self {
        Self { origins: origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect() }
    }

    /// The answer to a browser that asks whether a page may send a request; `None` when it is no such question, or when
    /// the page is none of those.
    pub(super) fn preflight(&self, head: &Parts) -> Option<Response<Pieces>> {
        let asks = head.method == Method::OPTIONS && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !asks || self.origin(&head.headers).is_none() {
            return None;
        }
        let mut response = response::accepted();
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers(&head.headers));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
        headers.append(VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
        if head.headers.get(REQUEST_PRIVATE_NETWORK).is_some_and(|asked| asked == "true") {
            headers.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
        }
        Some(response)
    }

    /// Lets the page that sent a request read the response.
    pub(super) fn let_read(&self, request: &HeaderMap, response: &mut Response<Pieces>) {
        if self.origins.is_empty() {
            return;
        }
        let headers = response.headers_mut();
        // For all of them: what is kept of one page must not be given to another.
        headers.append(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = self.origin(request) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
    }

    /// The origin of a request, when it is one of those.
    fn origin<'h>(&self, headers: &'h HeaderMap) -> Option<&'h HeaderValue> {
        let mut origins = headers.get_all(ORIGIN).iter();
        let (origin, None) = (origins.next()?, origins.next()) else { return None };
        self.origins.contains(origin).then_some(origin)
    }
}

/// Ours, and those of the request that are arguments of tools: a `*` would stand for all of them but `Authorization`.
fn allowed_headers(request: &HeaderMap) -> HeaderValue {
    let mut allowed = HEADERS.to_owned();
    let asked =
        request.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter().filter_map(|value| value.to_str().ok());
    for name in asked.flat_map(|names| names.split(',')).map(str::trim) {
        let is_parameter =
            name.get(..PARAMETERS.len()).is_some_and(|start| start.eq_ignore_ascii_case(PARAMETERS));
        if is_parameter && name.parse::<HeaderName>().is_ok() {
            allowed.push_str(", ");
            allowed.push_str(name);
        }
    }
    HeaderValue::from_str(&allowed).unwrap_or_else(|_| HeaderValue::from_static(HEADERS))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const PAGE: &str = "https://app.example.com";

    fn head(method: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri("/mcp");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn cors() -> Cors {
        Cors::new(&[PAGE.to_owned(), "http://localhost:6274".to_owned()])
    }

    fn of<'r>(response: &'r Response<Pieces>, name: &str) -> &'r str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn a_page_that_is_named_may_ask_for_what_clients_send() {
        let asked = "authorization,content-type,mcp-param-region,Mcp-Param-X,cookie,mcp-param-\u{e9}";
        let head = head(
            "OPTIONS",
            &[
                ("origin", PAGE),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", asked),
                ("access-control-request-private-network", "true"),
            ],
        );
        let mut response = cors().preflight(&head).unwrap();
        cors().let_read(&head.headers, &mut response);
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(of(&response, "access-control-allow-origin"), PAGE);
        assert_eq!(of(&response, "access-control-allow-private-network"), "true");
        assert_eq!(of(&response, "access-control-allow-credentials"), "");
        let methods = of(&response, "access-control-allow-methods");
        assert!(["POST", "GET", "DELETE"].iter().all(|method| methods.contains(method)));
        let allowed: Vec<&str> = of(&response, "access-control-allow-headers").split(", ").collect();
        for name in [
            "authorization",
            "content-type",
            "mcp-session-id",
            "mcp-protocol-version",
            "mcp-method",
            "mcp-name",
            "last-event-id",
        ] {
            assert!(allowed.contains(&name), "{name}");
        }
        assert!(!allowed.contains(&"cookie") && !allowed.contains(&"*"));
    }

    #[test]
    fn parameters_are_allowed_by_the_names_that_were_asked_for() {
        let asked =
            [("access-control-request-headers", "mcp-param-region, Mcp-Param-X, mcp-param, x-mcp-param-y")];
        let allowed = allowed_headers(&head("OPTIONS", &asked).headers);
        let allowed: Vec<&str> = allowed.to_str().unwrap().split(", ").collect();
        assert_eq!(
            allowed.iter().filter(|name| name.contains("aram")).copied().collect::<Vec<_>>(),
            ["mcp-param-region", "Mcp-Param-X"]
        );
    }

    #[test]
    fn nobody_else_is_told_anything() {
        let asks = ("access-control-request-method", "POST");
        for origin in [
            "https://app.example.com.evil.example",
            "https://APP.example.com",
            "null",
            "http://app.example.com",
            "",
        ] {
            assert!(cors().preflight(&head("OPTIONS", &[("origin", origin), asks])).is_none(), "{origin}");
            let mut response = response::accepted();
            cors().let_read(&head("POST", &[("origin", origin)]).headers, &mut response);
            assert_eq!(of(&response, "access-control-allow-origin"), "", "{origin}");
            assert_eq!(of(&response, "vary"), "Origin");
        }
        assert!(cors().preflight(&head("OPTIONS", &[("origin", PAGE), ("origin", PAGE), asks])).is_none());
        assert!(cors().preflight(&head("OPTIONS", &[("origin", PAGE)])).is_none());
        assert!(cors().preflight(&head("POST", &[("origin", PAGE), asks])).is_none());
        let mut response = response::accepted();
        Cors::default().let_read(&head("POST", &[("origin", PAGE)]).headers, &mut response);
        assert!(response.headers().is_empty());
    }
}
