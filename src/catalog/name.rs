//! Names of tools.
//!
//! A name is a function of its operation alone, so that it stays when the document grows: an operationId that is legal
//! is the name; one that is not is made legal; without one, method and path are the name. Names that have to be made
//! are short, because clients put their own prefix before them.
//!
//! When two operations come to the same name, none of them keeps it: each gets a hash of its method and path. A name
//! that was withdrawn is an error to whoever remembers it; one that had quietly moved to another operation would not
//! be.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::openapi::Operation;
use crate::openapi::template::Piece;

/// The longest name there is.
pub(super) const LIMIT: usize = 64;

/// The length to which a name is shortened.
const AIM: usize = 40;

/// The length up to which a made name is not shortened: whole words are worth a few characters.
const TOLERATED: usize = 48;

/// Characters of a hash, the `_` before it included.
const HASH: usize = 6;

/// A name that an operation would like to have.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// Prefix of its gateway, or nothing.
    pub prefix: String,
    /// The name without prefix; legal, except that it may be too long.
    pub name: String,
    /// Somebody chose it for this operation: it is shortened to [`LIMIT`] only.
    pub chosen: bool,
    /// What tells the operation from all others: method and path.
    pub signature: String,
}

impl Wish {
    /// The wish of an operation for which nobody chose a name.
    pub(super) fn of(operation: &Operation, prefix: &str) -> Self {
        let id = operation.id.as_deref().unwrap_or_default();
        let as_written = is_legal(id);
        let name = if as_written { id.to_owned() } else { legal(id) };
        let name = if name.is_empty() { from_path(operation) } else { name };
        Self { prefix: prefix.to_owned(), name, chosen: as_written, signature: operation.signature() }
    }

    /// A name that somebody chose.
    pub(super) fn chosen(name: &str, operation: &Operation, prefix: &str) -> Self {
        let legal = if is_legal(name) { name.to_owned() } else { legal(name) };
        if legal.is_empty() {
            return Self::of(operation, prefix);
        }
        Self { prefix: prefix.to_owned(), name: legal, chosen: true, signature: operation.signature() }
    }

    fn plain(&self) -> String {
        let longest = if self.chosen { LIMIT } else { TOLERATED };
        if self.prefix.len() + self.name.len() <= longest {
            return format!("{}{}", self.prefix, self.name);
        }
        let aim = if self.chosen { LIMIT } else { AIM.max(self.prefix.len() + AIM / 2) };
        self.hashed(aim.min(LIMIT).saturating_sub(self.prefix.len()), 0)
    }

    fn hashed(&self, room: usize, attempt: u32) -> String {
        let short = abbreviate(&self.name, room.saturating_sub(HASH));
        format!("{}{short}_{}", self.prefix, hash(&self.signature, attempt))
    }
}

/// A legal name for each wish, all of them different; the order of the wishes does not matter.
pub(super) fn assign(wishes: &[Wish]) -> Vec<String> {
    let plain: Vec<String> = wishes.iter().map(Wish::plain).collect();
    let mut count: FxHashMap<&str, usize> = FxHashMap::default();
    for name in &plain {
        *count.entry(name).or_default() += 1;
    }
    let is_alone = |name: &String| count.get(name.as_str()) == Some(&1);
    let mut taken: FxHashSet<String> = plain.iter().filter(|name| is_alone(name)).cloned().collect();
    let mut names = plain.clone();
    // By signature, so that even what hashes alike is told apart in the same way on every run.
    let mut colliding: Vec<usize> = (0..wishes.len()).collect();
    colliding.retain(|index| plain.get(*index).is_some_and(|name| !is_alone(name)));
    colliding.sort_by_key(|index| wishes.get(*index).map(|wish| (&wish.signature, *index)));
    for index in colliding {
        let (Some(wish), Some(name)) = (wishes.get(index), names.get_mut(index)) else { continue };
        let room = LIMIT.saturating_sub(wish.prefix.len()).min(AIM);
        let free = (0..).map(|attempt| wish.hashed(room, attempt)).find(|name| !taken.contains(name));
        *name = free.unwrap_or_default();
        taken.insert(name.clone());
    }
    names
}

/// Whether clients accept it as the name of a tool.
pub(super) fn is_legal(name: &str) -> bool {
    (1..=LIMIT).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// What a name has of legal characters; each run of others is one `_`.
fn legal(name: &str) -> String {
    let mut legal = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || character == '-' || character == '_' {
            legal.push(character);
        } else if character != '\'' && !legal.is_empty() && !legal.ends_with('_') {
            legal.push('_');
        }
    }
    legal.trim_end_matches('_').to_owned()
}

/// `get_users_posts_by_post_id` of `GET /users/{id}/posts/{post_id}`: fixed segments, and the variables at the end.
fn from_path(operation: &Operation) -> String {
    let segments = operation.path.segments();
    let is_fixed = |piece: &Piece| matches!(piece, Piece::Literal(_));
    let trailing = segments.iter().rposition(|segment| segment.iter().any(is_fixed)).map_or(0, |at| at + 1);
    let mut name = operation.method.as_str().to_ascii_lowercase();
    for (index, segment) in segments.iter().enumerate() {
        if index == trailing && !segment.is_empty() {
            name.push_str("_by");
        }
        for piece in segment {
            match piece {
                Piece::Literal(text) => push_word(&mut name, text),
                Piece::Variable { name: variable, .. } if index >= trailing || segment.len() > 1 => {
                    push_word(&mut name, variable);
                }
                Piece::Variable { .. } => {}
            }
        }
    }
    for (key, value) in operation.path.query() {
        push_word(&mut name, key);
        push_word(&mut name, value);
    }
    name
}

fn push_word(name: &mut String, word: &str) {
    let word = legal(word);
    if !word.is_empty() {
        name.push('_');
        name.push_str(word.trim_start_matches('_'));
    }
}

/// Shortens to at most `room` characters so that as many words as possible can still be recognised: filler words and
/// repetitions go first, then the longest words lose their ends.
fn abbreviate(name: &str, room: usize) -> String {
    const FILLERS: &[&str] =
        &["a", "an", "and", "the", "of", "for", "to", "in", "on", "with", "from", "by", "as"];
    const SHORTEST: usize = 4;
    let mut words = words(name);
    let length = |words: &[&str]| words.iter().map(|word| word.len() + 1).sum::<usize>().saturating_sub(1);
    if length(&words) > room {
        words.retain(|word| !FILLERS.contains(&word.to_ascii_lowercase().as_str()));
        let mut seen = FxHashSet::default();
        words.retain(|word| seen.insert(*word));
    }
    while length(&words) > room {
        let longest = words.iter().map(|word| word.len()).max().unwrap_or_default();
        if longest <= SHORTEST && words.len() > 1 {
            words.remove(words.len() / 2);
        } else if longest <= SHORTEST {
            break;
        } else if let Some(word) = words.iter_mut().rev().find(|word| word.len() == longest) {
            *word = word.get(..longest - 1).unwrap_or_default();
        }
    }
    let mut short = words.join("_");
    short.truncate(room);
    short
}

/// The words of a name: between `_` and `-`, and where an upper-case letter follows a lower-case one.
fn words(name: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in name.split(['_', '-']) {
        let bytes = part.as_bytes();
        let mut start = 0;
        for (at, pair) in bytes.windows(2).enumerate() {
            if matches!(pair, [before, after] if !before.is_ascii_uppercase() && after.is_ascii_uppercase()) {
                words.push(part.get(start..=at).unwrap_or_default());
                start = at + 1;
            }
        }
        words.push(part.get(start..).unwrap_or_default());
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Five characters that depend on the text alone, on every machine and in every version: FNV-1a.
fn hash(text: &str, attempt: u32) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes = text.bytes().chain(attempt.to_le_bytes().into_iter().filter(|byte| *byte != 0));
    let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^= hash >> 32;
    (0..HASH - 1)
        .map(|index| {
            let digit = usize::try_from((hash >> (5 * index)) & 31).unwrap_or_default();
            ALPHABET.get(digit).map_or('a', |byte| char::from(*byte))
        })
        .collect()
}

#[cfg(test)]
mod tests;
