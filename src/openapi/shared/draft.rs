//! An object in the making: members are added, and looked up and replaced by their names.

use rustc_hash::FxHashMap;

use super::{Json, Member, Object, SHORT, Text};

/// An object in the making.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    members: Vec<Member>,
    /// Where each name is, once there are many.
    places: FxHashMap<Text, usize>,
}

impl Draft {
    /// The value of a member.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Json> {
        let at = if self.members.len() <= SHORT {
            self.members.iter().position(|member| member.key.as_str() == key)
        } else {
            self.places.get(key).copied()
        };
        at.and_then(|at| self.members.get_mut(at)).map(|member| &mut member.value)
    }

    /// Adds a member of a name that none has yet.
    pub(crate) fn push(&mut self, member: Member) {
        match self.members.len() {
            SHORT => {
                self.members.push(member);
                let names = self.members.iter().map(|member| member.key.clone());
                self.places = names.enumerate().map(|(at, name)| (name, at)).collect();
            }
            length => {
                if length > SHORT {
                    self.places.insert(member.key.clone(), length);
                }
                self.members.push(member);
            }
        }
    }

    /// The object.
    pub(crate) fn finish(self) -> Object {
        self.members.into()
    }
}
