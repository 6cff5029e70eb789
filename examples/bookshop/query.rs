//! The query of a request, by the rules that `openapi.yaml` gives for it.

use std::str::FromStr;

use crate::problem::Problem;

/// Names and values in their order.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

/// All names that any operation takes: anything else is a mistake of the caller.
const NAMES: [&str; 10] =
    ["author", "q", "tags", "price[min]", "price[max]", "in_stock", "sort", "page", "per_page", "day"];

impl Query {
    /// Reads a query string.
    pub(crate) fn parse(query: Option<String>) -> Result<Self, Problem> {
        let query = query.unwrap_or_default();
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match pairs.iter().find(|(name, _)| !NAMES.contains(&name.as_str())) {
            Some((name, _)) => Err(Problem::refused(format!("there is no parameter `{name}`"))),
            None => Ok(Self(pairs)),
        }
    }

    /// The value of a parameter that comes once.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The values of a parameter that may come several times.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Problem> {
        self.value(name).ok_or_else(|| Problem::refused(format!("`{name}` is missing")))
    }

    /// A number or a truth value; `None` when it is not there.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let refuse = |text: &str| Problem::refused(format!("`{name}` cannot be `{text}`"));
        self.value(name).map(|text| text.parse().map_err(|_| refuse(text))).transpose()
    }

    /// The part of `items` that `page` and `per_page` ask for, with both numbers.
    pub(crate) fn page<T>(&self, items: Vec<T>) -> Result<(Vec<T>, usize, usize), Problem> {
        let page: usize = self.parsed("page")?.unwrap_or(1);
        let per_page: usize = self.parsed("per_page")?.unwrap_or(20);
        if page == 0 || !(1..=100).contains(&per_page) {
            return Err(Problem::refused("`page` is at least 1, `per_page` from 1 to 100"));
        }
        let skipped = per_page.saturating_mul(page - 1);
        Ok((items.into_iter().skip(skipped).take(per_page).collect(), page, per_page))
    }
}
