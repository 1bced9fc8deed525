//! Input and result of a dismissal.

use entity::dismissal::Model as DismissalRow;
use entity::handover::Model as Handover;
use entity::{IntegrationSecretId, Timestamp, UserId, user};

use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::stored::Moves;
use crate::domain::handover::{Move, REST, Recipient, Request};
use crate::error::{Error, Refusal};

/// Maximum number of secrets that one dismissal keeps.
pub const MAX_KEPT: usize = 1_000;

/// Name of the input field with the moves.
pub(super) const FIELD: &str = "handover";

/// A requested dismissal.
#[derive(Debug, Clone)]
pub struct DismissUser {
    /// The person to dismiss.
    pub user: UserId,
    /// Reason.
    pub reason: Option<String>,
    /// When it takes effect; `None` for immediately.
    pub effective_at: Option<Timestamp>,
    /// Handover of their work; `None` moves nothing.
    pub handover: Option<Vec<Move>>,
    /// Recipient of all open work that no move covers.
    pub rest: Option<Recipient>,
    /// Revision of the preview that the handover must still match.
    pub expected_revision: Option<String>,
    /// Secrets of integrations known to the person that stay valid for a grace period.
    pub keep_secret_ids: Vec<IntegrationSecretId>,
    /// Errors in the input, reported together with those of the rules.
    pub refused: Vec<Refusal>,
}

/// Result of a dismissal.
#[derive(Debug)]
pub struct Dismissed {
    /// The person after the operation.
    pub user: user::Model,
    /// The dismissal.
    pub dismissal: DismissalRow,
    /// Its handover.
    pub handover: Option<Handover>,
    /// Dismissals that the person had scheduled, now owned by the one who dismissed them.
    pub schedules_passed: Vec<DismissalRow>,
    /// False if the same dismissal had been made before.
    pub changed: bool,
}

impl DismissUser {
    /// Returns the moves in their stored form, kept until the day of the dismissal; `None` if the work is not moved.
    ///
    /// # Errors
    /// [`Error::Internal`] when they can't be serialized.
    pub(super) fn stored_moves(&self) -> Result<Option<String>, Error> {
        if self.request().is_none() {
            return Ok(None);
        }
        let moves = Moves {
            moves: self.handover.clone(),
            rest: self.rest.clone(),
        };
        moves.to_json().map(Some)
    }

    /// Checks the permissions for everything requested; dismissing alone moves no work.
    pub(super) fn require_permissions(&self, actor: &Actor) -> Result<(), Error> {
        match self.request() {
            Some(_) => actor.require(Permission::ReassignWork),
            None => Ok(()),
        }
    }

    /// Returns the requested handover.
    pub(super) fn request(&self) -> Option<Request> {
        (self.handover.is_some() || self.rest.is_some()).then(|| self.request_or_empty())
    }

    /// Returns the requested handover, or an empty one.
    pub(super) fn request_or_empty(&self) -> Request {
        let about_moves = |refusal: &&Refusal| is_about_moves(refusal);
        Request {
            from: Some(self.user),
            leaving: self.effective_at.is_none(),
            later: self.effective_at.is_some(),
            moves: self.handover.clone().unwrap_or_default(),
            rest: self.rest.clone(),
            excluded_kinds: Vec::new(),
            field: FIELD,
            refused: self.refused.iter().filter(about_moves).cloned().collect(),
        }
    }
}

/// Returns whether a refusal is about the handover of a dismissal.
pub(super) fn is_about_moves(refusal: &Refusal) -> bool {
    let field = refusal.field.first().map(String::as_str);
    [Some(FIELD), Some(REST)].contains(&field)
}
