//! The tools of a catalog while they are made, a batch at a time.
//!
//! What it takes to make a tool is several times as large as the tool. So nothing but plans, and the growing list of
//! faces, outlives a batch.
//!
//! A face begins with a name, and names are a matter of all tools together. They are given before the first tool is made,
//! as if every operation could be served. When one cannot, and its name would have been another's, the faces get their
//! names anew.

use std::sync::Arc;

use super::work::Work;
use crate::catalog::Tool;
use crate::catalog::face::Writer;
use crate::catalog::faces::{Faces, Writing};
use crate::catalog::name::{self, Wish};
use crate::catalog::parallel;
use crate::catalog::plan::CallPlan;
use crate::config::shown::Detail;
use crate::telemetry::Metrics;
use crate::telemetry::metrics::MOST_TOOLS;

/// The tools that there are so far.
pub(super) struct Tools {
    /// Of all operations, also of those that turn out not to be served.
    wishes: Vec<Wish>,
    names: Vec<String>,
    faces: Faces,
    made: Vec<Made>,
}

struct Made {
    /// Of which of the wishes.
    number: usize,
    tags: Box<[Box<str>]>,
    plan: Arc<CallPlan>,
}

impl Tools {
    /// None yet; at most one for each wish, in their order.
    pub(super) fn new(wishes: Vec<Wish>) -> Self {
        let (names, faces) = (name::assign(&wishes), Faces::with_capacity(wishes.len()));
        let made = Vec::with_capacity(wishes.len());
        Self { wishes, names, faces, made }
    }

    /// Writes the faces of the next tools. Gives of each whether parts of its schema were left out. What is done
    /// `meanwhile` is done on this thread, while others write already.
    pub(super) fn write<'a>(
        &mut self,
        works: &[Work<'a>],
        detail: Detail,
        writers: &mut [Writer<'a>],
        meanwhile: impl FnOnce(),
    ) -> Vec<bool> {
        let Self { names, faces, .. } = self;
        let mut cut = Vec::with_capacity(works.len());
        parallel::in_order(
            works,
            writers,
            |writer, works| {
                let mut writing = Writing::default();
                for work in works {
                    let name = names.get(work.number).map_or("", String::as_str);
                    work.face(detail, writer).write(name, &mut writing);
                }
                writing
            },
            |writing| {
                faces.add(&writing);
                cut.extend(writing.is_cut());
            },
            meanwhile,
        );
        cut
    }

    /// Adds the tool whose face has been written.
    pub(super) fn add(&mut self, number: usize, tags: Box<[Box<str>]>, plan: CallPlan) {
        self.made.push(Made { number, tags, plan: Arc::new(plan) });
    }

    /// All tools, with their names.
    pub(super) fn finish(self, metrics: &Metrics) -> Vec<Tool> {
        let (names, faces, made) = self.named();
        let is_told_apart = names.len() <= MOST_TOOLS;
        let tool = |((Made { mut plan, tags, .. }, name), face): ((Made, String), _)| {
            let name: Box<str> = name.into();
            // Nobody else has it yet.
            if let Some(plan) = Arc::get_mut(&mut plan) {
                plan.metrics = metrics.tool(&plan.gateway, is_told_apart.then_some(&name));
                plan.tool.clone_from(&name);
            }
            Tool { name, face, tags, plan }
        };
        made.into_iter().zip(names).zip(faces.finish()).map(tool).collect()
    }

    /// The tools with the names that they have in the end.
    fn named(self) -> (Vec<String>, Faces, Vec<Made>) {
        let Self { mut wishes, names, faces, made } = self;
        if made.len() == wishes.len() {
            return (names, faces, made);
        }
        let of_made = |number: usize| made.binary_search_by_key(&number, |made| made.number).is_ok();
        let mut number = 0..;
        wishes.retain(|_| number.next().is_some_and(of_made));
        let now = name::assign(&wishes);
        let written: Vec<&str> =
            made.iter().filter_map(|made| names.get(made.number)).map(String::as_str).collect();
        let faces = if written == now { faces } else { faces.renamed(&written, &now) };
        (now, faces, made)
    }
}
