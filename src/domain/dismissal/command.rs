//! What a dismissal asks for, and what it answers.

use entity::dismissal::Model as DismissalRow;
use entity::handover::Model as Handover;
use entity::{IntegrationSecretId, Timestamp, UserId, user};

use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::{Move, REST, Recipient, Request};
use crate::error::{Error, Refusal};

/// Most secrets that one dismissal keeps.
pub const MAX_KEPT: usize = 1_000;

/// The name of the input field that holds the moves.
pub(super) const FIELD: &str = "handover";

/// What is requested.
#[derive(Debug, Clone)]
pub struct DismissUser {
    /// Who leaves.
    pub user: UserId,
    /// Why.
    pub reason: Option<String>,
    /// When; `None` for now.
    pub effective_at: Option<Timestamp>,
    /// What happens to their work; `None` leaves it where it is.
    pub handover: Option<Vec<Move>>,
    /// Who gets everything open that no move names.
    pub rest: Option<Recipient>,
    /// The revision of the preview that this must still be true to.
    pub expected_revision: Option<String>,
    /// Secrets of integrations that the person was shown and that go on for a while.
    pub keep_secret_ids: Vec<IntegrationSecretId>,
    /// What was wrong with the request as it came in; it is refused then, together with what the rules say.
    pub refused: Vec<Refusal>,
}

/// What came of it.
#[derive(Debug)]
pub struct Dismissed {
    /// The person, as they stand now.
    pub user: user::Model,
    /// The dismissal in force.
    pub dismissal: DismissalRow,
    /// The handover that goes with it.
    pub handover: Option<Handover>,
    /// Dismissals that the person had scheduled: the one who dismisses them has taken these over.
    pub schedules_passed: Vec<DismissalRow>,
    /// Whether anything was done: not when all of it had been done before.
    pub changed: bool,
}

impl DismissUser {
    /// Goes on only with the permissions for all that is asked for: to dismiss moves no work by itself.
    pub(super) fn require_permissions(&self, actor: &Actor) -> Result<(), Error> {
        match self.request() {
            Some(_) => actor.require(Permission::ReassignWork),
            None => Ok(()),
        }
    }

    /// The handover that is asked for.
    pub(super) fn request(&self) -> Option<Request> {
        (self.handover.is_some() || self.rest.is_some()).then(|| self.all_of_it())
    }

    /// The handover that is asked for; one of nothing where none is.
    pub(super) fn all_of_it(&self) -> Request {
        let about_moves = |refusal: &&Refusal| is_about_moves(refusal);
        Request {
            from: Some(self.user),
            leaving: self.effective_at.is_none(),
            later: self.effective_at.is_some(),
            moves: self.handover.clone().unwrap_or_default(),
            rest: self.rest.clone(),
            spared: Vec::new(),
            field: FIELD,
            refused: self.refused.iter().filter(about_moves).cloned().collect(),
        }
    }
}

/// Whether a refusal is about the handover of a dismissal.
pub(super) fn is_about_moves(refusal: &Refusal) -> bool {
    let field = refusal.field.first().map(String::as_str);
    [Some(FIELD), Some(REST)].contains(&field)
}
