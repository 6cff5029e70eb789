//! Eighth stage: keeps an answer for [`super::cache`]. It keeps nothing yet.

use super::identify::Identity;
use crate::catalog::CallPlan;
use crate::upstream::Reply;

/// Keeps the answer, when it may be kept.
pub(super) fn keep(_: &CallPlan, _: &Identity<'_>, _: &Reply) {}
