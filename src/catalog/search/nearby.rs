//! Words that are not in the index, taken for ones that are: those that begin with them, else those that differ by a
//! slip of the fingers.

use rustc_hash::FxHashMap;

/// The words of all documents.
pub(super) struct Vocabulary {
    /// In alphabetical order, each with its stem.
    words: Vec<(Box<str>, Box<str>)>,
}

/// How many words may stand for one.
const MOST: usize = 8;

impl Vocabulary {
    /// All words, with their stems.
    pub(super) fn new(spoken: FxHashMap<Box<str>, Box<str>>) -> Self {
        let mut words: Vec<_> = spoken.into_iter().collect();
        words.sort_unstable();
        Self { words }
    }

    /// The stems of the words that `word` may stand for, and how surely each does; the surest first.
    pub(super) fn nearby(&self, word: &str) -> Vec<(String, f32)> {
        /// Two letters are the beginning of everything.
        const SHORTEST: usize = 3;
        let found = if word.chars().count() < SHORTEST { Vec::new() } else { self.beginning_with(word, 0.7) };
        if found.is_empty() { self.alike(word) } else { found }
    }

    /// The same for a word that is known itself: who asks to assign may mean the assignees.
    pub(super) fn longer(&self, word: &str) -> Vec<(String, f32)> {
        const SHORTEST: usize = 5;
        if word.chars().count() < SHORTEST { Vec::new() } else { self.beginning_with(word, 0.4) }
    }

    fn beginning_with(&self, word: &str, likeness: f32) -> Vec<(String, f32)> {
        let start = self.words.partition_point(|(other, _)| &**other < word);
        let all = self.words.get(start..).unwrap_or_default().iter();
        let mut longer: Vec<_> = all.take_while(|(other, _)| other.starts_with(word)).collect();
        longer.sort_by_key(|(other, _)| other.len());
        surest(longer.into_iter().map(|(_, stem)| (stem, likeness)))
    }

    /// Words that become the same by few insertions, deletions, replacements and swaps.
    fn alike(&self, word: &str) -> Vec<(String, f32)> {
        let slips = match word.chars().count() {
            0..=3 => return Vec::new(),
            4..=7 => 1,
            8..=24 => 2,
            _ => return Vec::new(),
        };
        let distance = |other: &str| {
            (other.len().abs_diff(word.len()) <= slips).then(|| strsim::osa_distance(word, other))
        };
        let mut alike: Vec<_> = self
            .words
            .iter()
            .filter_map(|(other, stem)| Some((distance(other).filter(|distance| *distance <= slips)?, stem)))
            .collect();
        alike.sort_by_key(|(distance, _)| *distance);
        surest(alike.into_iter().map(|(distance, stem)| (stem, if distance > 1 { 0.5 } else { 0.6 })))
    }
}

/// Each stem once, and not too many.
fn surest<'a>(found: impl Iterator<Item = (&'a Box<str>, f32)>) -> Vec<(String, f32)> {
    let mut stems: Vec<(String, f32)> = Vec::new();
    for (stem, likeness) in found {
        if stems.len() < MOST && !stems.iter().any(|(known, _)| **known == **stem) {
            stems.push((stem.to_string(), likeness));
        }
    }
    stems
}
