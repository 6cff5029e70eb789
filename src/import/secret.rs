//! What of a recorded request may be secret.
//!
//! The question is not what is secret, but what cannot be: a value that was seen reaches the gateway file only when it
//! is of a form that no secret has. Everything else becomes an argument, or a reference to the environment.

/// The environment variable for a thing of a gateway: `GITHUB_TOKEN`.
pub(super) fn variable(gateway: &str, what: &str) -> String {
    let (gateway, what) = (constant(gateway), constant(what));
    match what.strip_prefix(&gateway) {
        Some(rest) if rest.starts_with('_') => what,
        _ => format!("{gateway}_{what}"),
    }
}

/// In upper case with underscores, beginning with a letter.
pub(super) fn constant(text: &str) -> String {
    let mut constant = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            character if character.is_ascii_alphanumeric() => constant.push(character.to_ascii_uppercase()),
            _ if !constant.ends_with('_') && !constant.is_empty() => constant.push('_'),
            _ => {}
        }
    }
    let constant = constant.trim_end_matches('_');
    if constant.starts_with(|first: char| first.is_ascii_alphabetic()) {
        constant.to_owned()
    } else {
        format!("API_{constant}").trim_end_matches('_').to_owned()
    }
}

/// Whether a header, parameter or field of this name holds what authenticates.
pub(super) fn is_secret_name(name: &str) -> bool {
    const PARTS: [&str; 14] = [
        "token",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "apikey",
        "accesskey",
        "privatekey",
        "signature",
        "credential",
        "authorization",
        "session",
        "cookie",
        "bearer",
    ];
    const WHOLE: [&str; 12] = [
        "key",
        "sig",
        "auth",
        "pwd",
        "pass",
        "pin",
        "otp",
        "jwt",
        "sid",
        "xauth",
        "subscriptionkey",
        "appkey",
    ];
    /// A token of these says where one is in a list.
    const PLACES: [&str; 5] = ["page", "next", "continuation", "cursor", "sync"];
    let letters: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    let is_part = PARTS.iter().any(|part| letters.contains(part)) || letters.ends_with("key");
    (is_part || WHOLE.contains(&letters.as_str())) && !PLACES.iter().any(|place| letters.contains(place))
}

/// Whether a value cannot be secret: a small number, a flag, a date, a version, a plain word.
pub(super) fn is_harmless(value: &str) -> bool {
    let is_number =
        |text: &str| (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_dotted = |text: &str| (1..=4).contains(&text.split('.').count()) && text.split('.').all(is_number);
    let is_date = || {
        let parts: Vec<&str> = value.split('-').collect();
        value.len() == 10 && parts.len() == 3 && parts.iter().all(|part| is_number(part))
    };
    is_number(value.trim_start_matches('-'))
        || is_dotted(value.trim_start_matches(['v', 'V']))
        || is_date()
        || is_words(value)
        || is_media_type(value)
}

/// `created-desc`, `XMLHttpRequest`: at most 32 letters, in words of at most 16.
fn is_words(value: &str) -> bool {
    (1..=32).contains(&value.len())
        && value.split(['-', '_']).all(|word| {
            (1..=16).contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_alphabetic())
                // Letters thrown together change case all the time.
                && word.as_bytes().windows(2).filter(|pair| matches!(pair, [b'a'..=b'z', b'A'..=b'Z'])).count() <= 2
        })
}

fn is_media_type(value: &str) -> bool {
    value.split_once('/').is_some_and(|(kind, subtype)| {
        ["application", "text", "image", "audio", "video"].contains(&kind)
            && subtype.len() <= 40
            && subtype.bytes().all(|byte| byte.is_ascii_lowercase() || b"+.-0123456789".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_named_after_their_gateway() {
        assert_eq!(variable("github", "token"), "GITHUB_TOKEN");
        assert_eq!(variable("my-shop", "X-Api-Key"), "MY_SHOP_X_API_KEY");
        assert_eq!(variable("shop", "shop_key"), "SHOP_KEY");
        assert_eq!(variable("127-0-0-1", "token"), "API_127_0_0_1_TOKEN");
    }

    #[test]
    fn names_that_authenticate_are_known() {
        for name in [
            "X-Api-Key",
            "api_key",
            "access_token",
            "PHPSESSION",
            "sig",
            "X-Amz-Signature",
            "password",
            "Cookie",
            "appid_key",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["page_token", "nextToken", "q", "monkeys", "keyboard", "author", "design"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn only_what_cannot_be_secret_is_harmless() {
        for value in [
            "1",
            "-20",
            "2022-11-28",
            "v1.2.3",
            "created",
            "XMLHttpRequest",
            "created-desc",
            "application/json",
            "true",
        ] {
            assert!(is_harmless(value), "{value}");
        }
        for value in [
            "",
            "hunter2",
            "sk_live_51H",
            "1234567890",
            "dGhpcyBpcyBhIHNlY3JldA",
            "correct horse",
            "aBcDeFgHiJ",
            "eyJh.eyJz.c2ln",
        ] {
            assert!(!is_harmless(value), "{value}");
        }
    }
}
