use serde_json::json;

use super::*;
use crate::access::testing::{AUDIENCE, ISSUER, expected};
use crate::clock;

const NOW: u64 = 1_800_000_000;

fn claims(change: &Value) -> Claims {
    let mut claims =
        json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "user-1", "exp": NOW + 60, "scope": "mcp"});
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    let Value::Object(claims) = claims else { unreachable!() };
    Claims { claims, is_access_token: false }
}

fn checked(change: &Value, source: Source) -> Result<(), String> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    claims(change).check(&expected(), source, now).map_err(|refusal| refusal.to_string())
}

#[test]
fn a_token_is_for_us_when_we_are_among_its_audiences() {
    for good in [
        json!(AUDIENCE),
        json!([AUDIENCE]),
        json!(["https://other.example.com", AUDIENCE]),
        json!(format!("{AUDIENCE}/")),
    ] {
        assert_eq!(checked(&json!({"aud": good}), Source::Token), Ok(()), "{good}");
    }
    let other = Err("the token is for another audience".to_owned());
    for bad in [
        json!(null),
        json!([]),
        json!("https://other.example.com"),
        json!(["https://other.example.com"]),
        json!(1),
        json!({"a": AUDIENCE}),
        json!([[AUDIENCE]]),
        json!(format!("{AUDIENCE}/more")),
        json!(AUDIENCE.to_uppercase()),
        json!(format!("{AUDIENCE} https://other.example.com")),
        json!(""),
    ] {
        assert_eq!(checked(&json!({"aud": bad}), Source::Token), other, "{bad}");
        assert_eq!(checked(&json!({"aud": bad}), Source::Answer), other, "{bad}");
    }
}

#[test]
fn the_issuer_is_compared_letter_by_letter() {
    let other = Err("the token is of another issuer".to_owned());
    for bad in [json!("https://evil.example.com"), json!(format!("{ISSUER}/")), json!([ISSUER]), json!(1)] {
        assert_eq!(checked(&json!({"iss": bad}), Source::Token), other, "{bad}");
        assert_eq!(checked(&json!({"iss": bad}), Source::Answer), other, "{bad}");
    }
    assert_eq!(checked(&json!({"iss": null}), Source::Token), other);
    assert_eq!(checked(&json!({"iss": null}), Source::Answer), Ok(()));
}

#[test]
fn a_token_is_good_between_its_times_and_a_little_beside_them() {
    // The leeway is 30 s.
    for (change, good) in [
        (json!({"exp": NOW - 29}), true),
        (json!({"exp": NOW - 30}), false),
        (json!({"exp": 0}), false),
        (json!({"exp": NOW as f64 + 0.5}), true),
        (json!({"nbf": NOW + 29}), true),
        (json!({"nbf": NOW + 31}), false),
        (json!({"exp": "soon"}), false),
        (json!({"exp": format!("{}", NOW + 60)}), false),
        (json!({"nbf": "now"}), false),
        (json!({"exp": null}), false),
    ] {
        assert_eq!(checked(&change, Source::Token).is_ok(), good, "{change}");
    }
    assert_eq!(checked(&json!({"exp": null}), Source::Answer), Ok(()));
    let huge: Value = serde_json::from_str(r#"{"exp": 1e999}"#).unwrap_or(json!({"exp": "huge"}));
    assert!(checked(&huge, Source::Token).is_err());
}

#[test]
fn tokens_that_were_made_for_something_else_are_refused() {
    let other = Err("the token is no access token".to_owned());
    for change in [
        json!({"typ": "ID"}),
        json!({"typ": "Refresh"}),
        json!({"token_use": "id"}),
        json!({"at_hash": "x"}),
        json!({"c_hash": "x"}),
        json!({"nonce": "x", "scope": null}),
        json!({"events": {}}),
    ] {
        assert_eq!(checked(&change, Source::Token), other, "{change}");
    }
    for change in [json!({"typ": "Bearer"}), json!({"nonce": "x"}), json!({"token_use": "access"})] {
        assert_eq!(checked(&change, Source::Token), Ok(()), "{change}");
    }
    assert!(
        checked(&json!({"cnf": {"jkt": "x"}}), Source::Token).is_err_and(|error| error.contains("bound"))
    );
}

#[test]
fn scopes_are_read_in_all_forms_that_servers_write() {
    for (change, scopes) in [
        (json!({"scope": "a b  c"}), vec!["a", "b", "c"]),
        (json!({"scope": ["a", "b c"]}), vec!["a", "b", "c"]),
        (json!({"scope": null, "scp": "a b"}), vec!["a", "b"]),
        (json!({"scope": null, "scp": ["a"]}), vec!["a"]),
        (json!({"scope": "", "scp": "a"}), vec![]),
        (json!({"scope": null}), vec![]),
        (json!({"scope": 1}), vec![]),
    ] {
        assert_eq!(claims(&change).scopes(), scopes, "{change}");
    }
}

#[test]
fn a_token_stands_for_its_subject_or_else_for_its_client() {
    let id =
        |change: &Value| claims(change).into_caller(ISSUER, Vec::new()).map(|caller| caller.id().to_owned());
    assert_eq!(id(&json!({})), Ok(format!("token:{ISSUER} user-1")));
    assert_eq!(id(&json!({"sub": null, "client_id": "app"})), Ok(format!("client:{ISSUER} app")));
    assert_eq!(id(&json!({"sub": "", "azp": "app"})), Ok(format!("client:{ISSUER} app")));
    assert!(id(&json!({"sub": null})).is_err());
}

#[test]
fn what_is_left_of_a_token_is_never_negative() {
    assert_eq!(claims(&json!({"exp": 5})).left(clock::wall()), Some(Duration::ZERO));
    assert_eq!(claims(&json!({"exp": null})).left(clock::wall()), None);
    assert!(claims(&json!({"exp": 1e300})).left(clock::wall()).unwrap() > Duration::from_secs(1 << 40));
}
