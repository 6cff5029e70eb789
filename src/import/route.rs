//! Routes: which segments of a path are the same in every request, and what the tool is called.

use super::recorded::{Recorded, Segment};

/// A path template and what was seen in the place of its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// `/books/{book_id}`
    pub(super) path: String,
    /// Name and value of each variable; no value when only the name was written down.
    pub(super) variables: Vec<(String, Option<String>)>,
    /// The fixed segments.
    fixed: Vec<String>,
    ends_with_variable: bool,
}

impl Route {
    pub(super) fn of(request: &Recorded) -> Self {
        let mut route =
            Self { path: String::new(), variables: Vec::new(), fixed: Vec::new(), ends_with_variable: false };
        for segment in &request.path {
            route.path.push('/');
            let (name, value) = match segment {
                Segment::Text(text) if !is_variable(text) => {
                    // A brace would begin a variable.
                    route.path.push_str(&text.replace('{', "%7B").replace('}', "%7D"));
                    if !text.is_empty() {
                        route.fixed.push(text.clone());
                        route.ends_with_variable = false;
                    }
                    continue;
                }
                Segment::Text(text) => (route.made_up(), Some(decoded(text))),
                Segment::Variable(name) => (identifier(name), None),
            };
            let name = route.free(&name);
            route.path.extend(["{", &name, "}"]);
            route.variables.push((name, value));
            route.ends_with_variable = true;
        }
        if route.path.is_empty() {
            route.path.push('/');
        }
        route
    }

    /// The name of a variable that nobody named: `book_id` after `/books/`.
    fn made_up(&self) -> String {
        match self.fixed.last().map(|fixed| identifier(&singular(fixed))) {
            Some(noun) if !self.ends_with_variable && !noun.is_empty() => format!("{noun}_id"),
            _ => "id".to_owned(),
        }
    }

    fn free(&self, name: &str) -> String {
        let is_taken = |name: &str| self.variables.iter().any(|(known, _)| known == name);
        let numbered = |number: usize| if number == 1 { name.to_owned() } else { format!("{name}_{number}") };
        (1..).map(numbered).find(|name| !is_taken(name)).unwrap_or_default()
    }

    /// `list_books`, `get_book`, `create_book` …
    pub(super) fn tool_name(&self, method: &str) -> String {
        let words: Vec<String> =
            self.fixed.iter().filter(|text| !is_version(text)).map(|text| identifier(text)).collect();
        let words: Vec<&String> = words.iter().filter(|word| !word.is_empty()).collect();
        let is_list = words.last().is_some_and(|last| last.ends_with('s') && !last.ends_with("ss"));
        let verb = match method {
            "GET" if is_list && !self.ends_with_variable => "list",
            "GET" => "get",
            "POST" => "create",
            "PUT" => "replace",
            "PATCH" => "update",
            "DELETE" => "delete",
            other => return format!("{}_{}", other.to_ascii_lowercase(), joined(&words, false)),
        };
        // `POST /users/1/activate` creates nothing.
        let is_deed = method == "POST" && !is_list;
        let verb = if is_deed { "post" } else { verb };
        format!("{verb}_{}", joined(&words, verb != "list"))
    }
}

/// All words but the last in the singular; the last too when one thing is meant.
fn joined(words: &[&String], one: bool) -> String {
    let last = words.len().saturating_sub(1);
    let word =
        |(index, word): (usize, &&String)| if one || index < last { singular(word) } else { (*word).clone() };
    let joined = words.iter().enumerate().map(word).collect::<Vec<_>>().join("_");
    let joined = joined.get(..48).unwrap_or(&joined).trim_end_matches('_');
    if joined.is_empty() { "root".to_owned() } else { joined.to_owned() }
}

fn is_version(text: &str) -> bool {
    matches!(text, "api" | "rest")
        || text.strip_prefix('v').is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        })
}

/// Whether a segment names one thing of many: a number, an identifier, anything that looks thrown together.
fn is_variable(text: &str) -> bool {
    let text = decoded(text);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_date = text.len() == 10 && text.split('-').count() == 3 && digits == 8;
    let is_hex =
        text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') && digits > 0;
    let is_thrown = text.len() >= 8 && digits >= 3 && !text.contains('.');
    // Names of this length have words in them.
    let is_long = text.len() > 40 || text.len() >= 24 && !text.contains(['-', '_', '.']);
    !is_version(&text)
        && (digits == text.len() && digits > 0
            || is_date
            || is_hex
            || is_thrown
            || is_long
            || text.contains(['@', ':', ' ', '=', ',']))
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Letters, digits and underscores, beginning with a letter; `fooBar` is `foo_bar`.
pub(super) fn identifier(text: &str) -> String {
    let mut identifier = String::with_capacity(text.len());
    let mut before = ' ';
    for character in text.chars() {
        match character {
            'A'..='Z' => {
                if before.is_ascii_lowercase() {
                    identifier.push('_');
                }
                identifier.push(character.to_ascii_lowercase());
            }
            character if character.is_ascii_alphanumeric() => identifier.push(character),
            _ if !identifier.ends_with('_') && !identifier.is_empty() => identifier.push('_'),
            _ => {}
        }
        before = character;
    }
    let identifier = identifier.trim_end_matches('_').to_owned();
    if identifier.starts_with(|first: char| first.is_ascii_digit()) {
        format!("n{identifier}")
    } else {
        identifier
    }
}

fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 1 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> Route {
        let segments = path.trim_start_matches('/').split('/').map(|text| Segment::Text(text.to_owned()));
        Route::of(&Recorded { path: segments.collect(), ..Recorded::default() })
    }

    #[test]
    fn what_names_one_of_many_is_a_variable() {
        for (path, expected) in [
            ("/v1/books/42", "/v1/books/{book_id}"),
            ("/books/42/pages/7", "/books/{book_id}/pages/{page_id}"),
            ("/a/550e8400-e29b-41d4-a716-446655440000", "/a/{a_id}"),
            ("/bot123456:ABC-DEF/getMe", "/{id}/getMe"),
            ("/services/T00000001/B00000002/abcdefABCDEF123456", "/services/{service_id}/{id}/{id_2}"),
            ("/days/2024-01-31", "/days/{day_id}"),
            ("/companies/7", "/companies/{company_id}"),
            ("/oauth2/token", "/oauth2/token"),
            ("/v2/top-10", "/v2/top-10"),
            ("/openapi.json", "/openapi.json"),
            ("/", "/"),
        ] {
            assert_eq!(route(path).path, expected, "{path}");
        }
        assert_eq!(
            route("/users/ann%40example.com").variables,
            [("user_id".to_owned(), Some("ann@example.com".to_owned()))]
        );
    }

    #[test]
    fn tools_are_named_by_what_is_done_to_what() {
        for (method, path, expected) in [
            ("GET", "/v1/books", "list_books"),
            ("GET", "/v1/books/42", "get_book"),
            ("POST", "/books", "create_book"),
            ("PATCH", "/books/42", "update_book"),
            ("DELETE", "/shops/1/books/42", "delete_shop_book"),
            ("GET", "/shops/1/books", "list_shop_books"),
            ("GET", "/me", "get_me"),
            ("POST", "/books/42/publish", "post_book_publish"),
            ("GET", "/", "get_root"),
        ] {
            assert_eq!(route(path).tool_name(method), expected, "{method} {path}");
        }
    }
}
