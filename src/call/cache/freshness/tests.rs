//! A table of what RFC 9111 and RFC 5861 say about answers, as a shared cache reads it.

use bytes::Bytes;

use super::*;
use crate::store::Cache;

const PLAIN: CacheTimes =
    CacheTimes { ttl: None, stale_while_revalidate: Duration::ZERO, stale_if_error: Duration::ZERO };

fn request() -> HttpRequest {
    HttpRequest {
        method: Method::GET,
        url: "https://api.example.com/pets?limit=5".parse().unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
    }
}

fn reply(status: u16, headers: &str) -> Reply {
    let lines = headers.lines().filter_map(|line| line.split_once(':'));
    let headers = lines.map(|(name, value)| (name.trim().parse().unwrap(), value.trim().parse().unwrap()));
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        let (name, value): (HeaderName, HeaderValue) = (name, value);
        all.append(name, value);
    }
    Reply {
        status: StatusCode::from_u16(status).unwrap(),
        headers: all,
        body: Bytes::from_static(b"{}"),
        url: request().url,
    }
}

fn seconds(times: &CacheTimes, status: u16, headers: &str) -> Option<u64> {
    let moment = Cache::in_memory(1000).moment();
    kept(times, &request(), &reply(status, headers), moment).map(|kept| kept.fresh_for.as_secs())
}

#[test]
fn answers_are_kept_for_as_long_as_their_headers_say() {
    const FUTURE: &str = "Date: Sat, 01 Jan 2028 00:00:00 GMT\nExpires: Sat, 01 Jan 2028 00:01:00 GMT";
    const PAST: &str = "Date: Sat, 01 Jan 2028 00:01:00 GMT\nExpires: Sat, 01 Jan 2028 00:00:00 GMT";
    for (headers, fresh) in [
        // Section 5.2.2: response directives.
        ("Cache-Control: max-age=60", Some(60)),
        ("Cache-Control: Max-Age=60", Some(60)),
        ("Cache-Control: max-age=\"60\"", Some(60)),
        ("Cache-Control: public, max-age=60", Some(60)),
        ("Cache-Control: max-age=60\nCache-Control: must-revalidate", Some(60)),
        ("Cache-Control: s-maxage=30, max-age=60", Some(30)),
        ("Cache-Control: max-age=60, no-store", None),
        ("Cache-Control: max-age=60, No-Store", None),
        ("Cache-Control: private, max-age=60", None),
        ("Cache-Control: private=\"x\", max-age=60", None),
        ("Cache-Control: no-cache, max-age=60", None),
        ("Cache-Control: no-cache, max-age=60\nETag: \"a\"", Some(0)),
        ("Cache-Control: max-age=0", None),
        ("Cache-Control: max-age=0\nETag: \"a\"", Some(0)),
        ("Cache-Control: max-age=-1", None),
        ("Cache-Control: max-age=soon", None),
        ("Cache-Control: max-age=1.5", None),
        // Section 5.3: Expires, and that max-age wins.
        (FUTURE, Some(60)),
        (PAST, None),
        ("Expires: 0", None),
        ("Expires: 0\nCache-Control: max-age=5", Some(5)),
        // Section 5.4: Pragma counts only in the place of Cache-Control.
        ("Pragma: no-cache\nExpires: Sat, 01 Jan 2028 00:01:00 GMT", None),
        // Section 5.1: what was old already when it came.
        ("Cache-Control: max-age=60\nAge: 20", Some(40)),
        ("Cache-Control: max-age=60\nAge: 99999999999999999999", None),
        ("Cache-Control: max-age=60\nAge: 18446744073709551615", None),
        // Section 4.1: Vary.
        ("Cache-Control: max-age=60\nVary: Accept", Some(60)),
        ("Cache-Control: max-age=60\nVary: *", None),
        ("Cache-Control: max-age=60\nVary: Accept, *", None),
        // Section 4.2.2: nothing is guessed from Last-Modified; it is a validator.
        ("Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT", Some(0)),
        ("ETag: W/\"a\"", Some(0)),
        // What was made for one client.
        ("Cache-Control: max-age=60\nSet-Cookie: a=b", None),
        ("Cache-Control: public, max-age=60\nSet-Cookie: a=b", None),
        ("", None),
    ] {
        assert_eq!(seconds(&PLAIN, 200, headers), fresh, "{headers}");
    }
}

#[test]
fn only_statuses_that_stand_for_their_url_are_kept() {
    for (status, kept) in [
        (200, true),
        (203, true),
        (204, true),
        (404, true),
        (410, true),
        (206, false),
        (400, false),
        (401, false),
        (403, false),
        (429, false),
        (500, false),
        (503, false),
    ] {
        assert_eq!(seconds(&PLAIN, status, "Cache-Control: max-age=60").is_some(), kept, "{status}");
    }
}

#[test]
fn a_ttl_is_for_successes_about_which_the_api_says_nothing() {
    let times = CacheTimes { ttl: Some(Duration::from_secs(90)), ..PLAIN };
    for (status, headers, fresh) in [
        (200, "", Some(90)),
        (200, "ETag: \"a\"", Some(90)),
        (200, "Cache-Control: public", Some(90)),
        (200, "Cache-Control: max-age=5", Some(5)),
        (200, "Cache-Control: max-age=0", None),
        (200, "Cache-Control: no-store", None),
        (200, "Cache-Control: no-cache\nETag: \"a\"", Some(0)),
        (200, "Cache-Control: private", None),
        (200, "Set-Cookie: a=b", None),
        (200, "Vary: *", None),
        (404, "", None),
        (500, "", None),
        (206, "", None),
    ] {
        assert_eq!(seconds(&times, status, headers), fresh, "{status} {headers}");
    }
}

#[test]
fn old_answers_are_given_only_where_that_is_allowed() {
    let moment = Cache::in_memory(1000).moment();
    let windows = |times: &CacheTimes, headers: &str| {
        let kept = kept(times, &request(), &reply(200, headers), moment).unwrap();
        (kept.stale_while_revalidate.as_secs(), kept.stale_if_error.as_secs())
    };
    let times = CacheTimes {
        stale_while_revalidate: Duration::from_secs(10),
        stale_if_error: Duration::from_secs(100),
        ..PLAIN
    };
    assert_eq!(windows(&times, "Cache-Control: max-age=5"), (10, 100));
    assert_eq!(windows(&times, "Cache-Control: max-age=5, stale-if-error=200"), (10, 200));
    assert_eq!(
        windows(&PLAIN, "Cache-Control: max-age=5, stale-while-revalidate=7, stale-if-error=8"),
        (7, 8)
    );
    for forbidden in ["must-revalidate", "proxy-revalidate", "no-cache", "s-maxage=5"] {
        let headers = format!("ETag: \"a\"\nCache-Control: max-age=5, stale-if-error=200, {forbidden}");
        assert_eq!(windows(&times, &headers), (0, 0), "{forbidden}");
    }
}

#[test]
fn an_answer_passes_from_fresh_to_stale_to_useless() {
    let times = CacheTimes {
        stale_while_revalidate: Duration::from_secs(10),
        stale_if_error: Duration::from_secs(100),
        ..PLAIN
    };
    let moment = Cache::in_memory(1000).moment();
    let kept = kept(&times, &request(), &reply(200, "Cache-Control: max-age=5"), moment).unwrap();
    let after = |seconds| Usable::of(&kept, kept.since + Duration::from_secs(seconds));
    assert_eq!(
        [0, 4, 5, 14, 15, 104, 105].map(after),
        [
            Usable::Fresh,
            Usable::Fresh,
            Usable::WhileRevalidated,
            Usable::WhileRevalidated,
            Usable::IfError,
            Usable::IfError,
            Usable::IfGood
        ]
    );
}

#[test]
fn a_validated_answer_takes_the_new_headers_and_keeps_its_body() {
    let moment = Cache::in_memory(1000).moment();
    let old =
        reply(200, "ETag: \"a\"\nContent-Type: text/plain\nX-Count: 1\nAge: 7\nCache-Control: max-age=1");
    let old = kept(&PLAIN, &request(), &old, moment).unwrap();
    let conditional = conditional(&request(), &old).unwrap();
    assert_eq!(conditional.headers[IF_NONE_MATCH], "\"a\"");
    let word = reply(
        304,
        "ETag: W/\"a\"\nX-Count: 2\nContent-Type: text/html\nContent-Length: 0\nCache-Control: max-age=50",
    );
    let renewed = renewed(&PLAIN, &request(), &old, &word, moment).unwrap();
    assert_eq!(
        (renewed.status, renewed.fresh_for.as_secs(), &*renewed.body),
        (StatusCode::OK, 50, &b"{}"[..])
    );
    assert_eq!(
        (&renewed.headers["x-count"], &renewed.headers["content-type"]),
        (&"2".parse().unwrap(), &"text/plain".parse().unwrap())
    );
    assert!(super::renewed(&PLAIN, &request(), &old, &reply(304, "ETag: \"b\""), moment).is_none());
}

#[test]
fn what_a_redirect_led_to_is_not_kept_as_the_answer_of_its_url() {
    let moment = Cache::in_memory(1000).moment();
    let mut moved = reply(200, "Cache-Control: max-age=60");
    moved.url = "https://api.example.com/elsewhere".parse().unwrap();
    assert!(kept(&PLAIN, &request(), &moved, moment).is_none());
}

#[test]
fn what_is_kept_holds_nothing_of_the_connection_that_it_came_by() {
    let buffer = Bytes::from(b"max-age=60 {} and much more that was read".to_vec());
    let mut reply = reply(200, "X-Count: 1");
    reply.body = buffer.slice(11..13);
    reply.headers.insert(CACHE_CONTROL, HeaderValue::from_maybe_shared(buffer.slice(..10)).unwrap());
    let moment = Cache::in_memory(1000).moment();
    let kept = kept(&PLAIN, &request(), &reply, moment).unwrap();
    drop(reply);
    assert_eq!((&*kept.body, &kept.headers[CACHE_CONTROL]), (&b"{}"[..], &"max-age=60".parse().unwrap()));
    assert!(buffer.is_unique());
}
