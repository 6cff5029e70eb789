//! What a list of tools costs a model, and what to do when it is too much.

use super::output;
use crate::catalog::{Catalog, Profile, View};

/// A list that costs more than this many tokens is spoken of: an eighth of what a common model holds.
const MUCH: usize = 25_000;

/// What the answer to tools/list costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// How many tools are listed.
    pub tools: usize,
    /// How long the list is.
    pub bytes: usize,
}

impl Cost {
    /// What the tools of a view cost a client with the portable profile.
    pub(super) fn of(catalog: &Catalog, view: &View) -> Self {
        let found = view.discovery.as_ref().map_or(0, |discovery| discovery.count);
        let own = if found > 0 { 3 } else { 0 };
        Self {
            tools: catalog.tools().iter().filter(|tool| view.shows(tool)).count() - found + own,
            bytes: catalog.list(view, Profile::Portable).len(),
        }
    }

    /// What to do about it, when it is too much.
    fn advice(self) -> Option<String> {
        (tokens(self.bytes) > MUCH).then(|| {
            format!(
                "{} tools cost a model about {} tokens: use `discover: on` (--discover on), `operations: {{include: […]}}` or \
                 `detail: lean` (--detail lean)",
                grouped(self.tools),
                grouped(tokens(self.bytes))
            )
        })
    }

    /// Says what to do about it to whoever watches.
    pub(super) fn tell(self) {
        self.advice().iter().for_each(|advice| output::talk(advice));
    }

    /// The same for a verb that runs on: to a person in words, to a log as an event.
    pub(super) fn tell_serving(self) {
        match self.advice() {
            Some(advice) if output::is_stderr_terminal() => output::talk(&advice),
            Some(advice) => tracing::warn!(tools = self.tools, bytes = self.bytes, "{advice}"),
            None => {}
        }
    }
}

/// Roughly how many tokens a model sees: four bytes of JSON make one. Models differ by a fifth either way.
pub(super) fn tokens(bytes: usize) -> usize {
    bytes.div_ceil(4)
}

/// A number with a comma at every thousand.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }

    #[test]
    fn a_list_that_costs_too_much_is_spoken_of() {
        assert_eq!(Cost { tools: 20, bytes: 4 * MUCH }.advice(), None);
        let advice = Cost { tools: 1_223, bytes: 1_000_000 }.advice().unwrap();
        assert!(advice.starts_with("1,223 tools cost a model about 250,000 tokens: "), "{advice}");
        assert!(advice.contains("discover: on") && advice.contains("detail: lean"), "{advice}");
    }
}
