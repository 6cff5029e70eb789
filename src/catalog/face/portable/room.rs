//! How much room there is for a schema, so that nobody writes out what will be too long to be shown.
//!
//! A schema is shown in less and less detail until it is short enough, and in full detail the largest are a hundred times
//! too long. What is counted here is what will surely be there, by the same measure as the whole ([`size`]), and never
//! more than it will come to: who has used up the room has written too much, whatever comes after.

use serde_json::{Map, Value};

use crate::catalog::face::reach::{DESCRIPTION, counts, members_size};

/// What is left for a schema.
#[derive(Clone, Copy, Debug)]
pub(in crate::catalog::face) struct Room {
    left: Option<usize>,
    is_used_up: bool,
    /// How many parts are open of which nobody knows yet whether they will be there.
    uncertain: usize,
}

impl Room {
    /// Without an end.
    pub(in crate::catalog::face) const ENDLESS: Self = Self { left: None, is_used_up: false, uncertain: 0 };

    /// For this many bytes.
    pub(in crate::catalog::face) fn of(bytes: usize) -> Self {
        Self { left: Some(bytes), ..Self::ENDLESS }
    }

    /// Whether there was less than what will be there.
    pub(super) fn is_used_up(&self) -> bool {
        self.is_used_up
    }

    /// Begins one of several alternatives. All but the first are left out when they are like another one.
    pub(super) fn begin_alternative(&mut self, number: usize) {
        self.uncertain += usize::from(number > 0);
    }

    /// Ends what [`Self::begin_alternative`] began.
    pub(super) fn end_alternative(&mut self, number: usize) {
        self.uncertain -= usize::from(number > 0);
    }

    /// Begins a member of an object.
    pub(super) fn begin_member(&mut self, name: &str) {
        if counts(name) {
            self.use_up(name.len() + 4);
        } else {
            self.uncertain += 1;
        }
    }

    /// Ends what [`Self::begin_member`] began: what became of it stays as it is.
    pub(super) fn end_member(&mut self, name: &str, shown: &Map<String, Value>) {
        if !counts(name) {
            self.uncertain -= 1;
        } else if self.left.is_some() {
            let description = shown.get("description").and_then(Value::as_str);
            self.use_up(description.map_or(0, |text| text.len().min(DESCRIPTION)));
        }
    }

    /// Takes room for a schema that has no others in it.
    pub(super) fn take(&mut self, shown: &Map<String, Value>) {
        if self.left.is_some() && self.uncertain == 0 {
            self.use_up(members_size(shown));
        }
    }

    fn use_up(&mut self, bytes: usize) {
        if let (Some(left), 0) = (&mut self.left, self.uncertain) {
            match left.checked_sub(bytes) {
                Some(rest) => *left = rest,
                None => self.is_used_up = true,
            }
        }
    }
}
