//! Full-text search over tools: ranked, forgiving about word forms, beginnings of words and typing errors.
//!
//! The ranking is BM25F. A document is a tool, in six fields of different worth: a word of its name says more than
//! one of its description. Identifiers are taken apart ([`words`]) and words reduced to their stems, so that "deleting
//! repos" finds `repos_delete`. What people say and documents write differently for the same thing (remove and delete,
//! repo and repository) counts as well, for less ([`synonym`]).
//!
//! An index is made once, on the first search, in time linear to the text of the tools.

mod nearby;
mod synonym;
mod words;

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::{FxHashMap, FxHashSet};

use nearby::Vocabulary;
use words::words;

/// How much a word counts by the field that it is in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    /// The name of the tool.
    Name,
    /// Method and path of its operation.
    Path,
    /// Tags of its operation.
    Tags,
    /// Its summary: one line.
    Summary,
    /// More about it.
    Description,
    /// Names of its arguments.
    Arguments,
}

/// What is searched.
pub(super) struct Index {
    stemmer: Stemmer,
    postings: FxHashMap<Box<str>, Vec<Posting>>,
    vocabulary: Vocabulary,
    documents: usize,
}

/// That a stem is in a document, and how much of the document it makes up.
#[derive(Clone, Copy, Debug)]
struct Posting {
    document: u32,
    frequency: f32,
}

/// A document that was found, the better the higher its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    /// Which one, in the order in which they were added.
    pub document: usize,
    /// Above 0; comparable within one search.
    pub score: f32,
}

/// Gathers documents for an [`Index`].
pub(super) struct Builder {
    stemmer: Stemmer,
    counts: FxHashMap<Box<str>, Vec<Count>>,
    spoken: FxHashMap<Box<str>, Box<str>>,
    lengths: Vec<[u32; FIELDS]>,
}

/// How often a stem is in each field of a document.
#[derive(Clone, Copy, Debug)]
struct Count {
    document: u32,
    fields: [u16; FIELDS],
}

const FIELDS: usize = 6;

/// Where more of the same word stops counting.
const K1: f32 = 1.2;

/// How much the length of a field matters: 0 not at all, 1 in proportion.
const B: f32 = 0.6;

/// How much of the score depends on how many words of the query a document has.
const COVERAGE: f32 = 0.6;

impl Field {
    const fn weight(self) -> f32 {
        match self {
            Self::Name => 4.0,
            Self::Summary => 3.0,
            Self::Path => 2.0,
            Self::Tags | Self::Description => 1.0,
            Self::Arguments => 0.7,
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Name => 0,
            Self::Path => 1,
            Self::Tags => 2,
            Self::Summary => 3,
            Self::Description => 4,
            Self::Arguments => 5,
        }
    }

    const ALL: [Self; FIELDS] =
        [Self::Name, Self::Path, Self::Tags, Self::Summary, Self::Description, Self::Arguments];
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            stemmer: Stemmer::create(Algorithm::English),
            counts: FxHashMap::default(),
            spoken: FxHashMap::default(),
            lengths: Vec::new(),
        }
    }

    /// Adds a document: its texts, each in its field.
    pub(super) fn add<'t>(&mut self, texts: impl IntoIterator<Item = (Field, &'t str)>) {
        let document = u32::try_from(self.lengths.len()).unwrap_or(u32::MAX);
        let mut lengths = [0; FIELDS];
        for (field, text) in texts {
            for word in words(text) {
                if let Some(length) = lengths.get_mut(field.index()) {
                    *length += 1;
                }
                self.count(document, field, word);
            }
        }
        self.lengths.push(lengths);
    }

    fn count(&mut self, document: u32, field: Field, word: String) {
        let stem = self.stemmer.stem(&word);
        if !self.counts.contains_key(&*stem) {
            self.counts.insert(stem.as_ref().into(), Vec::new());
        }
        if let Some(counts) = self.counts.get_mut(&*stem) {
            if counts.last().is_none_or(|count| count.document != document) {
                counts.push(Count { document, fields: [0; FIELDS] });
            }
            if let Some(times) = counts.last_mut().and_then(|count| count.fields.get_mut(field.index())) {
                *times = times.saturating_add(1);
            }
        }
        let stem = stem.into_owned();
        self.spoken.entry(word.into()).or_insert_with(|| stem.into());
    }

    /// The index of all that was added.
    pub(super) fn finish(self) -> Index {
        let average = self.average();
        let frequency = |count: &Count| {
            let lengths = self.lengths.get(count.document as usize).copied().unwrap_or_default();
            let of = |field: Field| {
                let at = field.index();
                let times = count.fields.get(at).copied().map_or(0.0, f32::from);
                let length = lengths.get(at).map_or(0.0, |length| *length as f32);
                let average = average.get(at).copied().unwrap_or(1.0);
                field.weight() * times / (1.0 - B + B * length / average)
            };
            Field::ALL.into_iter().map(of).sum()
        };
        let posting = |count: &Count| Posting { document: count.document, frequency: frequency(count) };
        let postings = self
            .counts
            .iter()
            .map(|(stem, counts)| (stem.clone(), counts.iter().map(posting).collect()))
            .collect();
        Index {
            documents: self.lengths.len(),
            vocabulary: Vocabulary::new(self.spoken),
            stemmer: self.stemmer,
            postings,
        }
    }

    /// How many words each field has on average.
    fn average(&self) -> [f32; FIELDS] {
        let mut sums = [0.0_f32; FIELDS];
        for lengths in &self.lengths {
            sums.iter_mut().zip(lengths).for_each(|(sum, length)| *sum += *length as f32);
        }
        sums.map(|sum| (sum / self.lengths.len().max(1) as f32).max(1.0))
    }
}

impl Index {
    /// The documents that have words of the query, best first; of equal ones the first that was added.
    pub(super) fn search(&self, query: &str) -> Vec<Hit> {
        let asked = asked(query);
        let mut scores: FxHashMap<u32, f32> = FxHashMap::default();
        let mut covered: FxHashMap<u32, f32> = FxHashMap::default();
        let mut whole = 0.0;
        for word in &asked {
            let (importance, best) = self.of_word(word);
            whole += importance;
            for (document, (score, part)) in best {
                *scores.entry(document).or_default() += score;
                *covered.entry(document).or_default() += part;
            }
        }
        let hit = |(document, score): (u32, f32)| {
            let covered =
                covered.get(&document).copied().unwrap_or_default() / f32::max(whole, f32::MIN_POSITIVE);
            Hit { document: document as usize, score: score * (1.0 - COVERAGE + COVERAGE * covered) }
        };
        let mut hits: Vec<Hit> = scores.into_iter().map(hit).collect();
        hits.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.document.cmp(&other.document)));
        hits
    }

    /// What one word of the query contributes to each document: the best of the forms in which it is looked for. And
    /// how much the word matters.
    fn of_word(&self, word: &str) -> (f32, FxHashMap<u32, (f32, f32)>) {
        let mut best: FxHashMap<u32, (f32, f32)> = FxHashMap::default();
        let forms = self.forms(word);
        let postings = |stem: &str| self.postings.get(stem).map_or(&[][..], Vec::as_slice);
        // All forms are as common as the commonest: that an API calls one of its five thousand creations an opening
        // does not make the word rare. A word that nobody knows is the rarest: it is what the query is about.
        let common = forms.iter().map(|(stem, _)| postings(stem).len()).max().unwrap_or_default();
        let rarity = self.rarity(common);
        for (stem, likeness) in &forms {
            for posting in postings(stem) {
                let saturated = posting.frequency * (K1 + 1.0) / (K1 + posting.frequency);
                let entry = best.entry(posting.document).or_default();
                if likeness * rarity * saturated > entry.0 {
                    *entry = (likeness * rarity * saturated, likeness * rarity);
                }
            }
        }
        (rarity, best)
    }

    /// The stems that stand for a word of the query, and how surely each does.
    fn forms(&self, word: &str) -> Vec<(String, f32)> {
        let stem = self.stemmer.stem(word).into_owned();
        let mut forms = Vec::new();
        if self.postings.contains_key(&*stem) {
            forms.push((stem, 1.0));
        }
        for (other, likeness) in synonym::of(word) {
            let stem = self.stemmer.stem(other);
            if self.postings.contains_key(&*stem) {
                forms.push((stem.into_owned(), likeness));
            }
        }
        let known = !forms.is_empty();
        let others = if known { self.vocabulary.longer(word) } else { self.vocabulary.nearby(word) };
        for (stem, likeness) in others {
            if !forms.iter().any(|(form, _)| *form == stem) {
                forms.push((stem, likeness));
            }
        }
        forms
    }

    fn rarity(&self, documents: usize) -> f32 {
        let (all, with) = (self.documents as f32, documents as f32);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }
}

/// The words of a query that say something, each once; all of them when none does.
fn asked(query: &str) -> Vec<String> {
    /// A longer query is a text, and its beginning says what it is about.
    const MOST: usize = 32;
    let mut seen = FxHashSet::default();
    let mut all: Vec<String> = words(query).take(4 * MOST).filter(|word| seen.insert(word.clone())).collect();
    if all.iter().any(|word| !words::is_filler(word)) {
        all.retain(|word| !words::is_filler(word));
    }
    all.truncate(MOST);
    all
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Index of {} documents, {} stems", self.documents, self.postings.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(documents: &[(&str, &str, &str)]) -> Index {
        let mut builder = Builder::new();
        for (name, path, description) in documents {
            builder.add([(Field::Name, *name), (Field::Path, *path), (Field::Description, *description)]);
        }
        builder.finish()
    }

    fn shop() -> Index {
        index(&[
            ("listOrders", "GET /orders", "List the orders of the shop."),
            ("orders_create", "POST /orders", "Place an order."),
            ("orders_delete", "DELETE /orders/{id}", "Delete an order for good."),
            ("list-repositories", "GET /repositories", "List the repositories of an organization."),
            ("getHTTPStatus2", "GET /status", "Whether the shop is up."),
        ])
    }

    fn first(index: &Index, query: &str) -> Option<usize> {
        index.search(query).first().map(|hit| hit.document)
    }

    #[test]
    fn words_are_found_in_any_form_and_identifiers_are_taken_apart() {
        let shop = shop();
        for (query, expected) in [
            ("create orders", 1),
            ("deleting an order", 2),
            ("list orders", 0),
            ("status over http", 4),
            ("LIST ORDERS", 0),
            ("orders_create", 1),
        ] {
            assert_eq!(first(&shop, query), Some(expected), "{query}");
        }
    }

    #[test]
    fn what_people_say_differently_is_found() {
        let shop = shop();
        for (query, expected) in [("remove an order", 2), ("repos of an org", 3), ("add a new order", 1)] {
            assert_eq!(first(&shop, query), Some(expected), "{query}");
        }
    }

    #[test]
    fn beginnings_of_words_and_typing_errors_are_forgiven() {
        let shop = shop();
        for (query, expected) in [("reposi", 3), ("repositroies", 3), ("stattus", 4), ("delte order", 2)] {
            assert_eq!(first(&shop, query), Some(expected), "{query}");
        }
        assert_eq!(first(&shop, "xylophone"), None);
        assert_eq!(first(&shop, ""), None);
        assert_eq!(first(&index(&[]), "order"), None);
    }

    #[test]
    fn the_name_counts_more_than_the_description() {
        let index =
            index(&[("a", "GET /a", "Sends mail to a person."), ("mail", "GET /b", "Does something.")]);
        assert_eq!(first(&index, "mail"), Some(1));
    }

    #[test]
    fn equals_are_in_the_order_of_the_document() {
        let index =
            index(&[("x", "GET /x", "A thing."), ("y", "GET /y", "A thing."), ("z", "GET /z", "A thing.")]);
        let found: Vec<usize> = index.search("thing").iter().map(|hit| hit.document).collect();
        assert_eq!(found, [0, 1, 2]);
    }

    #[test]
    fn a_query_of_a_megabyte_is_answered_at_once() {
        let shop = shop();
        assert_eq!(first(&shop, &"orders ".repeat(150_000)), first(&shop, "orders"));
        assert_eq!(first(&shop, &"x".repeat(1 << 20)), None);
    }
}
