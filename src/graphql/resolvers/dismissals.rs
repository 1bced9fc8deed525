//! Dismissals in the API.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::dismissal;

use crate::domain::auth::Permission;
use crate::domain::dismissal::dismiss;
use crate::domain::dismissal::dismiss::DismissUser;
use crate::domain::dismissal::{dismiss_users, hire, list, scheduled};
use crate::error::{Error, Failure, Outcome, collect};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::resolvers::handover_input::{MoveInput, RecipientInput, moves, rest};
use crate::graphql::resolvers::integrations::Integration;
use crate::graphql::resolvers::ledger::Handover;
use crate::graphql::resolvers::people::User;
use crate::store::input;

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
    row: dismissal::Model,
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

impl Dismissal {
    /// Several of them, in their order.
    pub fn list(rows: Vec<dismissal::Model>) -> Vec<Self> {
        rows.into_iter().map(Self::from).collect()
    }

    fn is_told(&self, ctx: &Context<'_>) -> bool {
        ctx.actor()
            .is_ok_and(|actor| list::sees_confidential(actor, self.row.user_id))
    }
}

#[ComplexObject]
impl Dismissal {
    /// Who leaves.
    async fn user(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let user = ctx.loaders().users.load(self.row.user_id).await?;
        user.map(User::from)
            .ok_or_else(|| Error::internal("a dismissal of nobody"))
    }

    /// Why, in the words of the one who asked for it. For those with DISMISS_USERS; null for others.
    async fn reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.row.reason.as_deref().filter(|_| self.is_told(ctx))
    }

    /// What was refused at its time. CANCELLED: why it was not carried out. IN_FORCE: what could not be handed over, and
    /// stays with the person. For those with DISMISS_USERS; null for others.
    async fn failure(&self, ctx: &Context<'_>) -> Option<&str> {
        self.row.failure.as_deref().filter(|_| self.is_told(ctx))
    }

    /// The person who asked for it, or who has taken it over since; null where an integration did, and for dismissals
    /// that were imported. For those with DISMISS_USERS; null for others.
    async fn requested_by(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.requested_by_id.filter(|_| self.is_told(ctx))?).await
    }

    /// The integration that asked for it, in its own name. For those with DISMISS_USERS who are this integration or have
    /// MANAGE_INTEGRATIONS; null for others.
    async fn requested_by_integration(&self, ctx: &Context<'_>) -> Nullable<Integration> {
        let asked = self.row.requested_by_integration_id;
        Integration::load(ctx, asked.filter(|_| self.is_told(ctx))?).await
    }

    /// The handover that was committed with it. For those with REASSIGN_WORK; null for others.
    async fn handover(&self, ctx: &Context<'_>) -> Nullable<Handover> {
        Handover::load(ctx, self.row.handover_id.filter(|_| may_see_handovers(ctx))?).await
    }
}

fn may_see_handovers(ctx: &Context<'_>) -> bool {
    ctx.actor().is_ok_and(|actor| actor.may_read_ledgers())
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
    user: Option<User>,
    /// The dismissal in force.
    dismissal: Option<Dismissal>,
    /// The handover that goes with it: QUEUED at first.
    handover: Option<Handover>,
    /// Dismissals that the person had scheduled: you have taken these over. One that was about you is CANCELLED.
    schedules_passed: Vec<Dismissal>,
    /// Whether anything was done; false when all of it had been done before, and when it is refused.
    changed: bool,
    /// Everything that speaks against it.
    user_errors: Vec<UserError>,
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
    dismissals: Vec<Dismissal>,
    /// Dismissals that these people had scheduled: you have taken these over. One that was about you is CANCELLED.
    schedules_passed: Vec<Dismissal>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

/// Whose scheduled dismissal is called off.
#[derive(InputObject)]
pub struct CancelDismissalInput {
    /// Who.
    user_id: ID,
}

/// The answer to `cancelDismissal`.
#[derive(SimpleObject)]
pub struct CancelDismissalPayload {
    /// The dismissal that was called off.
    dismissal: Option<Dismissal>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

/// Who is hired back.
#[derive(InputObject)]
pub struct HireUserInput {
    /// Who.
    user_id: ID,
    /// Whether what was handed over since they left comes back too: from whoever has it by now, unless a person has given it
    /// away since (`returnPlan`).
    #[graphql(default_with = "Some(false)")]
    return_work: Option<bool>,
}

/// The answer to `hireUser`.
#[derive(SimpleObject)]
pub struct HireUserPayload {
    /// The person as they are now.
    user: Option<User>,
    /// The dismissal that has ended.
    dismissal: Option<Dismissal>,
    /// The handover that returns their work; null where nothing would come back. Asked for again, it is the same one.
    handover: Option<Handover>,
    /// Whether anything was done; false when they had come back before, and when it is refused.
    changed: bool,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

/// Letting go and bringing back.
#[derive(Default)]
pub struct DismissalMutation;

#[Object]
impl DismissalMutation {
    /// Dismisses a person: they are locked out at once, and what they hold goes where `handover` says. Nothing
    /// is deleted. Needs DISMISS_USERS, and REASSIGN_WORK for a handover.
    async fn dismiss_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: DismissUserInput,
    ) -> Result<DismissUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::DismissUsers)?;
        let outcome = match input.check() {
            Ok(command) => dismiss::dismiss_user(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        };
        let (done, user_errors) = split(outcome)?;
        Ok(match done {
            Some(done) => DismissUserPayload {
                user: Some(done.user.into()),
                dismissal: Some(done.dismissal.into()),
                handover: done
                    .handover
                    .filter(|_| may_see_handovers(ctx))
                    .map(Handover::from),
                schedules_passed: Dismissal::list(done.schedules_passed),
                changed: done.changed,
                user_errors,
            },
            None => DismissUserPayload {
                user: None,
                dismissal: None,
                handover: None,
                schedules_passed: Vec::new(),
                changed: false,
                user_errors,
            },
        })
    }

    /// Dismisses several people at once: all, or none. Needs DISMISS_USERS, and REASSIGN_WORK for a handover.
    async fn dismiss_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: DismissUsersInput,
    ) -> Result<DismissUsersPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::DismissUsers)?;
        let outcome = match input.check() {
            Ok((people, together)) => dismiss_users::dismiss_users(ctx.db(), actor, &people, &together).await,
            Err(refused) => Err(refused),
        };
        let (done, user_errors) = split(outcome)?;
        let done = done.unwrap_or_default().into_iter();
        let (dismissals, passed): (Vec<_>, Vec<_>) =
            done.map(|one| (one.dismissal, one.schedules_passed)).unzip();
        Ok(DismissUsersPayload {
            dismissals: Dismissal::list(dismissals),
            schedules_passed: Dismissal::list(passed.concat()),
            user_errors,
        })
    }

    /// Calls a scheduled dismissal off. Needs DISMISS_USERS.
    async fn cancel_dismissal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CancelDismissalInput,
    ) -> Result<CancelDismissalPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::DismissUsers)?;
        let outcome = match input::id(&input.user_id, "userId") {
            Ok(id) => scheduled::cancel_dismissal(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        };
        let (row, user_errors) = split(outcome)?;
        Ok(CancelDismissalPayload {
            dismissal: row.map(Dismissal::from),
            user_errors,
        })
    }

    /// Hires a dismissed person back: the same account, the same credentials. Needs HIRE_USERS, and REASSIGN_WORK for
    /// `returnWork`.
    async fn hire_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: HireUserInput,
    ) -> Result<HireUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::HireUsers)?;
        let outcome = match input::id(&input.user_id, "userId") {
            Ok(id) => hire::hire_user(ctx.db(), actor, id, input.return_work.unwrap_or(false)).await,
            Err(refused) => Err(refused),
        };
        let (done, user_errors) = split(outcome)?;
        Ok(match done {
            Some(done) => HireUserPayload {
                user: Some(done.user.into()),
                dismissal: done.dismissal.map(Dismissal::from),
                handover: done.handover.map(Handover::from),
                changed: done.changed,
                user_errors,
            },
            None => HireUserPayload {
                user: None,
                dismissal: None,
                handover: None,
                changed: false,
                user_errors,
            },
        })
    }
}

fn reason(text: Option<String>) -> Outcome<Option<String>> {
    text.map(|text| input::paragraph(&text, input::REASON, "reason"))
        .transpose()
}

fn moment(at: Option<DateTime<Utc>>) -> Outcome<Option<DateTime<Utc>>> {
    at.map(|at| input::moment(at, "effectiveAt")).transpose()
}

impl DismissUserInput {
    pub(super) fn check(self) -> Outcome<DismissUser> {
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
    fn check(self) -> Outcome<(Vec<entity::UserId>, DismissUser)> {
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
