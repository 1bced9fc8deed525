//! The types of the API: dismissals.

use crate::domain::dismissal::dismiss;
use crate::domain::dismissal::dismiss::DismissUser;
use crate::domain::dismissal::dismiss_users;
use crate::error::{Failure, Outcome, collect};
use crate::graphql::kit::user_error::UserError;
use crate::graphql::types::handover_input::{MoveInput, RecipientInput, moves, rest};
use crate::graphql::types::ledger::Handover;
use crate::graphql::types::people::User;
use crate::store::input;
use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::dismissal;

/// How far a dismissal has come.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "dismissal::DismissalState")]
pub enum DismissalState {
    /// Will be carried out at its time.
    Scheduled,
    /// The person is locked out.
    InForce,
    /// Called off before its time.
    Cancelled,
    /// The person was hired back.
    Ended,
}

/// One departure of one person: who dismissed them, when, why, and what became of their work. Scheduled and cancelled
/// ones are for those with DISMISS_USERS alone.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Dismissal {
    /// The id.
    pub id: ID,
    /// How far it has come.
    state: DismissalState,
    /// From when on the person is locked out.
    effective_at: DateTime<Utc>,
    /// When the person was hired back, or the dismissal called off.
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

/// Who is dismissed, and what happens to their work.
#[derive(InputObject)]
pub struct DismissUserInput {
    /// Who.
    user_id: ID,
    /// Why. Confidential: shown to those with DISMISS_USERS alone.
    reason: Option<String>,
    /// When: later than now. Left out, it is now. At its time the rules are checked again: only one about the person, or
    /// the loss of the right to dismiss, keeps them in; a handover that is refused then does not.
    effective_at: Option<DateTime<Utc>>,
    /// What is handed over to whom: committed with the dismissal, run right after it. What neither this nor `restTo` names
    /// stays: `dismissalPlan` says what that is.
    handover: Option<Vec<MoveInput>>,
    /// Who gets everything open that no move names: whole kinds, and of a kind of which moves list items the others. Of
    /// several people, a drive goes to the first.
    rest_to: Option<RecipientInput>,
    /// The revision of the `handoverPlan` that was agreed to.
    expected_revision: Option<String>,
    /// Secrets of integrations that the person was shown and that go on after the dismissal, for seven days at most: the
    /// others stop with it. Needs MANAGE_INTEGRATIONS, and to be a person.
    keep_secret_ids: Option<Vec<ID>>,
}

/// The answer to `dismissUser`. When it is there, the person is locked out.
#[derive(SimpleObject)]
pub struct DismissUserPayload {
    /// The person as they are now.
    pub(crate) user: Option<User>,
    /// The dismissal in force.
    pub(crate) dismissal: Option<Dismissal>,
    /// The handover that goes with it: QUEUED at first.
    pub(crate) handover: Option<Handover>,
    /// Dismissals that the person had scheduled: you have taken these over. One that was about you is CANCELLED.
    pub(crate) schedules_passed: Vec<Dismissal>,
    /// Whether anything was done; false when all of it had been done before, and when it is refused.
    pub(crate) changed: bool,
    /// Everything that speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}

/// Several people to dismiss: all of them, or none when anything speaks against one.
#[derive(InputObject)]
pub struct DismissUsersInput {
    /// Who: at most 1,000.
    user_ids: Vec<ID>,
    /// Why. Confidential: shown to those with DISMISS_USERS alone.
    reason: Option<String>,
    /// When: later than now. Left out, it is now. At its time the rules are checked again: only one about the person, or
    /// the loss of the right to dismiss, keeps them in; a handover that is refused then does not.
    effective_at: Option<DateTime<Utc>>,
    /// What is handed over to whom, for each of them.
    handover: Option<Vec<MoveInput>>,
    /// Who gets everything open that no move names, for each of them.
    rest_to: Option<RecipientInput>,
}

/// The answer to `dismissUsers`.
#[derive(SimpleObject)]
pub struct DismissUsersPayload {
    /// The dismissals in force, in the order of `userIds`; empty when something speaks against it.
    pub(crate) dismissals: Vec<Dismissal>,
    /// Dismissals that these people had scheduled: you have taken these over. One that was about you is CANCELLED.
    pub(crate) schedules_passed: Vec<Dismissal>,
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}

/// Whose scheduled dismissal is called off.
#[derive(InputObject)]
pub struct CancelDismissalInput {
    /// Who.
    pub(crate) user_id: ID,
}

/// The answer to `cancelDismissal`.
#[derive(SimpleObject)]
pub struct CancelDismissalPayload {
    /// The dismissal that was called off.
    pub(crate) dismissal: Option<Dismissal>,
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}

/// Who is hired back.
#[derive(InputObject)]
pub struct HireUserInput {
    /// Who.
    pub(crate) user_id: ID,
    /// Whether what was handed over since they left comes back too: from whoever has it by now, unless a person has given it
    /// away since (`returnPlan`).
    #[graphql(default_with = "Some(false)")]
    pub(crate) return_work: Option<bool>,
}

/// The answer to `hireUser`.
#[derive(SimpleObject)]
pub struct HireUserPayload {
    /// The person as they are now.
    pub(crate) user: Option<User>,
    /// The dismissal that has ended.
    pub(crate) dismissal: Option<Dismissal>,
    /// The handover that returns their work; null where nothing would come back. Asked for again, it is the same one.
    pub(crate) handover: Option<Handover>,
    /// Whether anything was done; false when they had come back before, and when it is refused.
    pub(crate) changed: bool,
    /// What speaks against it.
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
        let kept = input::ids(&kept, dismiss::MAX_KEPT, "keepSecretIds");
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
    text.map(|text| input::paragraph(&text, input::REASON, "reason"))
        .transpose()
}

fn moment(at: Option<DateTime<Utc>>) -> Outcome<Option<DateTime<Utc>>> {
    at.map(|at| input::moment(at, "effectiveAt")).transpose()
}
