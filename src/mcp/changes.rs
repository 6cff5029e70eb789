//! What has become new for clients, and since when.
//!
//! Nothing is queued for anybody. There is one account of when what changed last, and each listener knows up to where
//! it was told: so a slow listener costs nothing, and a hundred reloads while it was away come to one notification.

use std::collections::VecDeque;

use tokio::sync::watch;

use super::Changed;

/// The account, and the way to be woken when it changes.
#[derive(Debug, Default)]
pub(crate) struct Changes(watch::Sender<News>);

/// When what changed last, by the number of the change.
#[derive(Debug, Default)]
pub(crate) struct News {
    latest: u64,
    tools: u64,
    resources: u64,
    prompts: u64,
    /// Single resources, the latest last.
    updated: VecDeque<(u64, Box<str>)>,
    /// What is older than this is not in `updated` any more.
    forgotten: u64,
}

/// Something that a listener may want to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice<'n> {
    /// `notifications/tools/list_changed`
    Tools,
    /// `notifications/resources/list_changed`
    Resources,
    /// `notifications/prompts/list_changed`
    Prompts,
    /// `notifications/resources/updated`
    Updated(&'n str),
}

/// How many updates of single resources are remembered.
const REMEMBERED: usize = 1024;

impl Changes {
    /// Notes a change and wakes all who listen.
    pub(crate) fn note(&self, changed: Changed) {
        self.0.send_modify(|news| news.note(changed));
    }

    /// Wakes when something changes from here on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<News> {
        self.0.subscribe()
    }

    /// The number of the latest change.
    pub(crate) fn latest(&self) -> u64 {
        self.0.borrow().latest
    }
}

impl News {
    /// The number of the latest change.
    pub(crate) fn latest(&self) -> u64 {
        self.latest
    }

    /// What became new after the change of this number; of single resources those for which `wants` says so. When
    /// too much has changed since to know each, all that is `wanted` counts as updated.
    pub(crate) fn since<'n>(&'n self, told: u64, wanted: impl Iterator<Item = &'n str>) -> Vec<Notice<'n>> {
        let lists = [
            (self.tools, Notice::Tools),
            (self.resources, Notice::Resources),
            (self.prompts, Notice::Prompts),
        ];
        let mut notices: Vec<_> =
            lists.into_iter().filter(|(number, _)| *number > told).map(|(_, notice)| notice).collect();
        let is_updated = |uri: &str| {
            told < self.forgotten || self.updated.iter().any(|(number, it)| *number > told && **it == *uri)
        };
        notices.extend(wanted.filter(|uri| is_updated(uri)).map(Notice::Updated));
        notices
    }

    fn note(&mut self, changed: Changed) {
        self.latest += 1;
        for (is_new, number) in [
            (changed.tools, &mut self.tools),
            (changed.resources, &mut self.resources),
            (changed.prompts, &mut self.prompts),
        ] {
            if is_new {
                *number = self.latest;
            }
        }
        for uri in changed.updated {
            self.updated.retain(|(_, known)| *known != uri);
            self.updated.push_back((self.latest, uri));
        }
        while self.updated.len() > REMEMBERED {
            self.forgotten = self.updated.pop_front().map_or(self.latest, |(number, _)| number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(tools: bool, updated: &[&str]) -> Changed {
        let updated = updated.iter().map(|uri| (*uri).into()).collect();
        Changed { tools, updated, ..Changed::default() }
    }

    #[test]
    fn who_was_away_for_long_is_told_each_thing_once() {
        let changes = Changes::default();
        let before = changes.latest();
        for _ in 0..100 {
            changes.note(changed(true, &["a", "b"]));
        }
        let news = changes.subscribe();
        let news = news.borrow();
        let told = news.since(before, ["a", "x"].into_iter());
        assert_eq!(told, [Notice::Tools, Notice::Updated("a")]);
        assert_eq!(news.since(news.latest(), ["a"].into_iter()), []);
        assert_eq!(news.since(news.latest() - 1, [].into_iter()), [Notice::Tools]);
    }

    #[test]
    fn what_is_too_long_ago_to_know_counts_as_updated() {
        let changes = Changes::default();
        for number in 0..=REMEMBERED {
            changes.note(changed(false, &[&number.to_string()]));
        }
        let news = changes.subscribe();
        let news = news.borrow();
        assert_eq!(news.updated.len(), REMEMBERED);
        assert_eq!(news.since(0, ["never"].into_iter()), [Notice::Updated("never")]);
        assert_eq!(news.since(1, ["never", "0", "1"].into_iter()), [Notice::Updated("1")]);
    }
}
