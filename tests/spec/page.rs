//! A page of the book: its sections and their blocks, and how it is rewritten.

use std::path::{Path, PathBuf};

use super::run::Outcome;

/// A Markdown file.
pub(super) struct Page {
    path: PathBuf,
    lines: Vec<String>,
}

/// A heading and the blocks below it.
pub(super) struct Section {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
}

/// A fenced block.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The words after the fence.
    words: Vec<String>,
    /// The line of the opening fence, from 1: the index of the first line inside.
    pub(super) line: usize,
    pub(super) text: String,
}

impl Page {
    pub(super) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        Self { path: path.to_owned(), lines: text.lines().map(str::to_owned).collect() }
    }

    pub(super) fn name(&self) -> String {
        format!("tests/spec/{}", self.path.file_name().unwrap().to_string_lossy())
    }

    /// The sections that have blocks.
    pub(super) fn sections(&self) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        let mut open: Option<Block> = None;
        for (index, line) in self.lines.iter().enumerate() {
            match (&mut open, line.strip_prefix("```")) {
                (Some(_), Some("")) => sections.last_mut().unwrap().blocks.extend(open.take()),
                (Some(block), _) => block.text.push_str(&format!("{line}\n")),
                (None, Some(words)) => {
                    let words = words.split(' ').map(str::to_owned).collect();
                    open = Some(Block { words, line: index + 1, text: String::new() });
                }
                (None, None) if line.starts_with('#') => {
                    let title = line.trim_start_matches('#').trim().to_owned();
                    sections.push(Section { title, blocks: Vec::new() });
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a fence is not closed", self.name());
        sections.retain(|section| !section.blocks.is_empty());
        sections
    }

    /// Writes what happened in the place of what was expected.
    pub(super) fn update(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes.iter().rev().filter(|outcome| !outcome.holds()) {
            let start = outcome.block.line;
            let end = start + outcome.block.text.lines().count();
            self.lines.splice(start..end, outcome.rewritten().lines().map(str::to_owned));
        }
        std::fs::write(&self.path, self.lines.join("\n") + "\n").unwrap();
    }
}

impl Block {
    /// What follows the language in the fence.
    pub(super) fn kind(&self) -> (&str, &str) {
        let word = |index: usize| self.words.get(index).map_or("", String::as_str);
        (word(1), word(2))
    }
}
