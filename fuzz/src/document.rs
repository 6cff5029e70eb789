//! The documents to begin with, and the input that is made of them.

use std::path::Path;

use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use serde_json::Value;

use super::mutate;
use super::target::Target;

/// Larger documents take longer than they teach.
const MOST_BYTES: u64 = 60_000;

/// A document with much of what documents have, for when there are no others.
const OWN: &str = include_str!("../seeds/everything.yaml");

/// The documents to begin with.
pub struct Seeds(Vec<Value>);

impl Seeds {
    /// Our own document, and the small ones of a folder and of the folder `open` in it.
    pub fn read(folder: Option<&Path>) -> Self {
        let mut seeds: Vec<Value> = serde_yaml::from_str(OWN).into_iter().collect();
        let folders = folder.into_iter().flat_map(|folder| [folder.to_owned(), folder.join("open")]);
        let files = folders.filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
        let mut paths: Vec<_> = files.map(|file| file.path()).collect();
        paths.sort();
        for path in paths {
            if std::fs::metadata(&path).is_ok_and(|data| data.len() <= MOST_BYTES)
                && let Ok(text) = std::fs::read_to_string(&path)
                && let Ok(value @ Value::Object(_)) = serde_yaml::from_str(&text)
            {
                seeds.push(value);
            }
        }
        Self(seeds)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// An input for a target.
    pub fn input(&self, random: &mut SmallRng, target: Target) -> String {
        let Some(first) = self.0.choose(random) else { return String::new() };
        let mut document = first.clone();
        let other = self.0.choose(random).unwrap_or(first);
        for _ in 0..random.random_range(0..12) {
            match target {
                Target::Resolver => mutate::bend_reference(&mut document, random),
                _ => mutate::tree(&mut document, other, random),
            }
        }
        let text = match random.random_bool(0.5) {
            true => document.to_string(),
            false => serde_yaml::to_string(&document).unwrap_or_default(),
        };
        match target {
            Target::Tree => mutate::bytes(text, random.random_range(0..20), random),
            Target::Loader => mutate::bytes(text, random.random_range(0..2), random),
            Target::Resolver | Target::Url => text,
        }
    }
}
