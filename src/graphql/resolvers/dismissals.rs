//! Resolvers: dismissals.

use async_graphql::{ComplexObject, Context, Object};
use entity::dismissal;

use crate::domain::auth::Permission;
use crate::domain::dismissal::dismiss;
use crate::domain::dismissal::{dismiss_users, hire, list, scheduled};
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::split;
use crate::graphql::types::dismissals::{
    CancelDismissalInput, CancelDismissalPayload, DismissUserInput, DismissUserPayload, DismissUsersInput,
    DismissUsersPayload, Dismissal, HireUserInput, HireUserPayload,
};
use crate::graphql::types::integrations::Integration;
use crate::graphql::types::ledger::Handover;
use crate::graphql::types::people::User;
use crate::store::input;

impl Dismissal {
    /// Converts a list of rows, keeping its order.
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
    /// The dismissed person.
    async fn user(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let user = ctx.loaders().users.load(self.row.user_id).await?;
        user.map(User::from)
            .ok_or_else(|| Error::internal("a dismissal of nobody"))
    }

    /// Reason, as entered by the requester. Needs DISMISS_USERS; null otherwise.
    async fn reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.row.reason.as_deref().filter(|_| self.is_told(ctx))
    }

    /// Error at `effectiveAt`. CANCELLED: why the dismissal did not take effect. IN_FORCE: what could not be handed
    /// over and stays with the person. Needs DISMISS_USERS; null otherwise.
    async fn failure(&self, ctx: &Context<'_>) -> Option<&str> {
        self.row.failure.as_deref().filter(|_| self.is_told(ctx))
    }

    /// The person who requested it or has taken it over since; null for requests of an integration and for imported
    /// dismissals. Needs DISMISS_USERS; null otherwise.
    async fn requested_by(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.requested_by_id.filter(|_| self.is_told(ctx))?).await
    }

    /// The integration that requested it on its own behalf. Needs DISMISS_USERS, and MANAGE_INTEGRATIONS unless the
    /// caller is that integration; null otherwise.
    async fn requested_by_integration(&self, ctx: &Context<'_>) -> Nullable<Integration> {
        let asked = self.row.requested_by_integration_id;
        Integration::load(ctx, asked.filter(|_| self.is_told(ctx))?).await
    }

    /// The handover that was queued with it. Needs REASSIGN_WORK; null otherwise.
    async fn handover(&self, ctx: &Context<'_>) -> Nullable<Handover> {
        Handover::load(ctx, self.row.handover_id.filter(|_| may_see_handovers(ctx))?).await
    }
}

/// Mutations for dismissing and rehiring people.
#[derive(Default)]
pub struct DismissalMutation;

#[Object]
impl DismissalMutation {
    /// Dismisses a person: locks them out at once (or at `effectiveAt`), and hands over their work as specified by
    /// `handover` and `restTo`. Deletes nothing. Needs DISMISS_USERS, and REASSIGN_WORK for a handover.
    async fn dismiss_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: DismissUserInput,
    ) -> Result<DismissUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::DismissUsers)?;
        let outcome = async { dismiss::dismiss_user(ctx.db(), actor, &input.check()?).await }.await;
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

    /// Dismisses several people together: all of them, or none. Needs DISMISS_USERS, and REASSIGN_WORK for a handover.
    async fn dismiss_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: DismissUsersInput,
    ) -> Result<DismissUsersPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::DismissUsers)?;
        let outcome = async {
            let (people, together) = input.check()?;
            dismiss_users::dismiss_users(ctx.db(), actor, &people, &together).await
        }
        .await;
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

    /// Cancels a scheduled dismissal. Needs DISMISS_USERS.
    async fn cancel_dismissal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CancelDismissalInput,
    ) -> Result<CancelDismissalPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::DismissUsers)?;
        let outcome = async {
            scheduled::cancel_dismissal(ctx.db(), actor, input::id(&input.user_id, "userId")?).await
        }
        .await;
        let (row, user_errors) = split(outcome)?;
        Ok(CancelDismissalPayload {
            dismissal: row.map(Dismissal::from),
            user_errors,
        })
    }

    /// Rehires a dismissed person, with the same account and credentials. Needs HIRE_USERS, and REASSIGN_WORK for
    /// `returnWork`.
    async fn hire_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: HireUserInput,
    ) -> Result<HireUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::HireUsers)?;
        let outcome = async {
            hire::hire_user(
                ctx.db(),
                actor,
                input::id(&input.user_id, "userId")?,
                input.return_work.unwrap_or(false),
            )
            .await
        }
        .await;
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

fn may_see_handovers(ctx: &Context<'_>) -> bool {
    ctx.actor().is_ok_and(|actor| actor.may_read_ledgers())
}
