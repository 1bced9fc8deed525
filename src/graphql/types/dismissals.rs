//! GraphQL types: dismissals.

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::dismissal;

use crate::domain::dismissal::command::{DismissUser, MAX_KEPT};
use crate::domain::dismissal::dismiss_users;
use crate::error::{Failure, Outcome, collect};
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::Columns;
use crate::graphql::kit::user_error::UserError;
use crate::graphql::types::handover_input::{MoveInput, RecipientInput, moves, rest};
use crate::graphql::types::ledger::Handover;
use crate::graphql::types::people::User;
use crate::store::input;

/// State of a dismissal.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "dismissal::DismissalState")]
pub enum DismissalState {
    /// Takes effect at `effectiveAt`.
    Scheduled,
    /// In effect: the person is locked out.
    InForce,
    /// Cancelled before it took effect.
    Cancelled,
    /// Ended: the person was rehired.
    Ended,
}

/// Dismissal of a person: who dismissed them, when, why, and what happened to their work. Scheduled and cancelled
/// dismissals are visible only with DISMISS_USERS.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Dismissal {
    /// ID of the object.
    pub id: ID,
    /// Current state.
    state: DismissalState,
    /// When the person is locked out.
    effective_at: DateTime<Utc>,
    /// When the person was rehired or the dismissal was cancelled.
    ended_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) row: dismissal::Model,
}

impl From<dismissal::Model> for Dismissal {
    fn from(row: dismissal::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            state: row.state.into(),
            effective_at: row.effective_at,
            ended_at: row.ended_at,
            row,
        }
    }
}

impl Columns for Dismissal {}

connection!(Dismissal, DismissalConnection, DismissalEdge, "dismissals");

/// Filter for dismissals. Conditions that are left out or null do not restrict the result.
#[derive(InputObject, Default)]
pub struct DismissalFilter {
    /// Dismissals in one of these states.
    pub(crate) state: Option<Vec<DismissalState>>,
    /// Dismissals of this person.
    pub(crate) user_id: Option<ID>,
    /// Dismissals requested by this person.
    pub(crate) requested_by_id: Option<ID>,
    /// Dismissals of people who are in this department now.
    pub(crate) department_id: Option<ID>,
    /// Dismissals that take effect at or after this time.
    pub(crate) effective_since: Option<DateTime<Utc>>,
    /// Dismissals that take effect before this time.
    pub(crate) effective_until: Option<DateTime<Utc>>,
    /// Whether something failed when it was carried out; see `failure`.
    pub(crate) failed: Option<bool>,
}

/// Input of `dismissUser` and `dismissalPlan`.
#[derive(InputObject)]
pub struct DismissUserInput {
    /// ID of the person to dismiss.
    user_id: ID,
    /// Reason. Confidential: visible only with DISMISS_USERS.
    reason: Option<String>,
    /// When the dismissal takes effect; must be in the future, defaults to now. The rules are checked again at that
    /// time: the dismissal is cancelled only by a rule about the person or when the requester has lost the permission
    /// to dismiss, not by a refused handover.
    effective_at: Option<DateTime<Utc>>,
    /// Which work to hand over to whom; committed together with the dismissal and run right after it. Work covered
    /// neither by this nor by `restTo` stays with the person: preview it with `dismissalPlan`.
    handover: Option<Vec<MoveInput>>,
    /// Who gets the open work that no move covers: kinds without a move, and the remaining items of kinds whose moves
    /// list `ids`. With several people, the drive goes to the first.
    rest_to: Option<RecipientInput>,
    /// `revision` of the plan you accepted; PLAN_CHANGED if the work has changed since.
    expected_revision: Option<String>,
    /// Secrets of integrations that were shown to the person and stay valid for at most seven days after the dismissal;
    /// the others stop with it. Needs MANAGE_INTEGRATIONS; not available to integrations.
    keep_secret_ids: Option<Vec<ID>>,
}

/// Payload of `dismissUser`. When the dismissal is set, the person is locked out.
#[derive(SimpleObject)]
pub struct DismissUserPayload {
    /// The person after the change.
    pub(crate) user: Option<User>,
    /// The dismissal in effect.
    pub(crate) dismissal: Option<Dismissal>,
    /// The handover that was queued with it; initially QUEUED.
    pub(crate) handover: Option<Handover>,
    /// Dismissals that the person had scheduled, which have passed to you. One that would have dismissed you is
    /// CANCELLED.
    pub(crate) schedules_passed: Vec<Dismissal>,
    /// Whether anything changed; false when the person was already dismissed, and on errors.
    pub(crate) changed: bool,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// Input of `dismissUsers`: dismisses all of these people, or none of them on any error.
#[derive(InputObject)]
pub struct DismissUsersInput {
    /// IDs of the people to dismiss, at most 1,000.
    user_ids: Vec<ID>,
    /// Reason. Confidential: visible only with DISMISS_USERS.
    reason: Option<String>,
    /// When the dismissal takes effect; must be in the future, defaults to now. The rules are checked again at that
    /// time: the dismissal is cancelled only by a rule about the person or when the requester has lost the permission
    /// to dismiss, not by a refused handover.
    effective_at: Option<DateTime<Utc>>,
    /// Which work to hand over to whom, applied to each person.
    handover: Option<Vec<MoveInput>>,
    /// Who gets the open work that no move covers, applied to each person.
    rest_to: Option<RecipientInput>,
}

/// Payload of `dismissUsers`.
#[derive(SimpleObject)]
pub struct DismissUsersPayload {
    /// The dismissals, in the order of `userIds`; empty on errors.
    pub(crate) dismissals: Vec<Dismissal>,
    /// Dismissals that these people had scheduled, which have passed to you. One that would have dismissed you is
    /// CANCELLED.
    pub(crate) schedules_passed: Vec<Dismissal>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// Input of `cancelDismissal`.
#[derive(InputObject)]
pub struct CancelDismissalInput {
    /// ID of the person whose scheduled dismissal to cancel.
    pub(crate) user_id: ID,
}

/// Payload of `cancelDismissal`.
#[derive(SimpleObject)]
pub struct CancelDismissalPayload {
    /// The cancelled dismissal.
    pub(crate) dismissal: Option<Dismissal>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// Input of `hireUser`.
#[derive(InputObject)]
pub struct HireUserInput {
    /// ID of the person to rehire.
    pub(crate) user_id: ID,
    /// Whether to return the work that was handed over since they left, from its current holders; work that someone has
    /// reassigned since stays where it is (preview: `returnPlan`).
    #[graphql(default_with = "Some(false)")]
    pub(crate) return_work: Option<bool>,
}

/// Payload of `hireUser`.
#[derive(SimpleObject)]
pub struct HireUserPayload {
    /// The person after the change.
    pub(crate) user: Option<User>,
    /// The dismissal that has ended.
    pub(crate) dismissal: Option<Dismissal>,
    /// The handover that returns their work; null when nothing would come back. Repeating the mutation returns the same
    /// one.
    pub(crate) handover: Option<Handover>,
    /// Whether anything changed; false when the person was already rehired, and on errors.
    pub(crate) changed: bool,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

impl DismissUserInput {
    pub(crate) fn check(self) -> Outcome<DismissUser> {
        let mut refused = Vec::new();
        let user = collect(input::id(&self.user_id, "userId"), &mut refused)?;
        let reason = collect(reason(self.reason), &mut refused)?.flatten();
        let effective_at = collect(moment(self.effective_at), &mut refused)?.flatten();
        let handover = match self.handover {
            Some(list) => Some(moves(list, "handover", &mut refused)?),
            None => None,
        };
        let rest = rest(self.rest_to, &mut refused)?;
        let kept = self.keep_secret_ids.unwrap_or_default();
        let kept = input::ids(&kept, MAX_KEPT, "keepSecretIds");
        let keep_secret_ids = collect(kept, &mut refused)?.unwrap_or_default();
        let Some(user) = user else {
            return Err(Failure::Refused(refused));
        };
        Ok(DismissUser {
            user,
            reason,
            effective_at,
            handover,
            rest,
            expected_revision: self.expected_revision,
            keep_secret_ids,
            refused,
        })
    }
}

impl DismissUsersInput {
    pub(crate) fn check(self) -> Outcome<(Vec<entity::UserId>, DismissUser)> {
        let mut refused = Vec::new();
        let people = input::ids(&self.user_ids, dismiss_users::MAX_PEOPLE, "userIds");
        let people = collect(people, &mut refused)?;
        let reason = collect(reason(self.reason), &mut refused)?.flatten();
        let effective_at = collect(moment(self.effective_at), &mut refused)?.flatten();
        let handover = match self.handover {
            Some(list) => Some(moves(list, "handover", &mut refused)?),
            None => None,
        };
        let rest = rest(self.rest_to, &mut refused)?;
        let Some(people) = people else {
            return Err(Failure::Refused(refused));
        };
        let together = DismissUser {
            user: entity::UserId(uuid::Uuid::nil()),
            reason,
            effective_at,
            handover,
            rest,
            expected_revision: None,
            keep_secret_ids: Vec::new(),
            refused,
        };
        Ok((people, together))
    }
}

pub(crate) fn reason(text: Option<String>) -> Outcome<Option<String>> {
    text.map(|text| input::check_paragraph(&text, input::REASON, "reason"))
        .transpose()
}

fn moment(at: Option<DateTime<Utc>>) -> Outcome<Option<DateTime<Utc>>> {
    at.map(|at| input::check_timestamp(at, "effectiveAt")).transpose()
}
