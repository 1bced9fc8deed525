//! Handovers in the API.

use crate::domain::auth::Permission;
use crate::domain::handover::plan;
use crate::domain::handover::{cancel, kinds, list, progress, retry, start, undo};
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{argument_id, split};
use crate::graphql::types::handover_input::BulkReassignInput;
use crate::graphql::types::handovers::{
    BulkReassignPayload, CancelHandoverInput, HandoverFilter, HandoverPayload, HandoverPlan,
    HandoverPlanLine, RetryHandoverInput, ReturnPlan, ReturnPlanLine, UndoHandoverInput, UnreachableWork,
};
use crate::graphql::types::ledger::{Handover, HandoverConnection};
use crate::graphql::types::node::Node;
use crate::graphql::types::people::User;
use crate::store::input;
use crate::store::page::PageArgs;
use async_graphql::{ComplexObject, Context, ID, Object, Subscription};
use entity::HandoverId;
use futures_util::{Stream, StreamExt};
use std::sync::Arc;

#[ComplexObject]
impl UnreachableWork {
    /// Some of them; those that you may see.
    #[graphql(complexity = "5 * child_complexity")]
    async fn sample(&self, ctx: &Context<'_>) -> Result<Vec<Node>, Error> {
        let prefix = kinds::of(self.kind.into()).subject();
        let mut found = Vec::new();
        for id in &self.sample {
            found.extend(Node::load(ctx, prefix, *id).await?);
        }
        Ok(found)
    }
}

#[ComplexObject]
impl ReturnPlanLine {
    /// Who has them; of what has moved on, who got it last by a handover.
    #[graphql(name = "from")]
    async fn holder(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.from?).await
    }
}

#[ComplexObject]
impl HandoverPlanLine {
    /// Who would get them.
    async fn recipient(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.line.recipient).await
    }
}

/// Reads of handovers.
#[derive(Default)]
pub struct HandoverQuery;

#[Object]
impl HandoverQuery {
    /// Previews a handover: who would get how much, and what would stay. Writes nothing. Needs REASSIGN_WORK.
    #[graphql(complexity = "50 + child_complexity")]
    async fn handover_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: BulkReassignInput,
    ) -> Result<HandoverPlan, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        let (request, refused) = split(input.check())?;
        let Some((request, expected)) = request else {
            return Ok(HandoverPlan {
                revision: String::new(),
                total: 0,
                lines: Vec::new(),
                remaining: Vec::new().into(),
                unreachable: Vec::new(),
                user_errors: refused,
            });
        };
        let plan = Box::pin(plan::preview(ctx.db(), actor, &request, expected.as_deref())).await?;
        Ok(plan.into())
    }

    /// Says what `undoHandover` would bring back, from whom, and what would stay. Writes nothing. Needs REASSIGN_WORK.
    #[graphql(complexity = "50 + child_complexity")]
    async fn undo_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the handover.")] handover_id: ID,
    ) -> Result<ReturnPlan, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        let (id, refused) = split(input::id(&handover_id, "handoverId"))?;
        match id {
            Some(id) => Ok(Box::pin(undo::plan(ctx.db(), actor, id)).await?.into()),
            None => Ok(ReturnPlan::refused(refused)),
        }
    }

    /// Handovers, the newest first. Needs REASSIGN_WORK or READ_WORK.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn handovers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all that you may see, when left out.")] filter: Option<HandoverFilter>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<HandoverConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = list::HandoverFilter {
            from: filter
                .from_user_id
                .map(|id| argument_id(&id, "filter.fromUserId"))
                .transpose()?,
            state: input::argument_list(filter.state, "filter.state")?,
        };
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(list::handovers(ctx.db(), ctx.actor()?, &filter, &args)
            .await?
            .into())
    }
}

/// Handing work over.
#[derive(Default)]
pub struct HandoverMutation;

#[Object]
impl HandoverMutation {
    /// Hands work over without dismissing anyone. Needs REASSIGN_WORK.
    async fn bulk_reassign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: BulkReassignInput,
    ) -> Result<BulkReassignPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        let outcome = match input.check() {
            Ok((request, expected)) => {
                start::bulk_reassign(ctx.db(), actor, &request, expected.as_deref()).await
            }
            Err(refused) => Err(refused),
        };
        let (row, user_errors) = split(outcome)?;
        Ok(BulkReassignPayload {
            handover: row.map(Handover::from),
            user_errors,
        })
    }

    /// Stops a handover. What has moved stays moved, and can be undone. Needs REASSIGN_WORK.
    async fn cancel_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CancelHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(match input::id(&input.handover_id, "handoverId") {
            Ok(id) => cancel::cancel(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Tries the failed items of a handover again. Needs REASSIGN_WORK.
    async fn retry_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RetryHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(match input::id(&input.handover_id, "handoverId") {
            Ok(id) => retry::retry(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Takes a handover back: each item returns from whoever has it by now, unless a person has given it away since. It can
    /// be asked for again while something of it can still come back (`undoPlan`). Needs REASSIGN_WORK.
    async fn undo_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UndoHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(match input::id(&input.handover_id, "handoverId") {
            Ok(id) => undo::undo(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }
}

/// What happens to handovers.
#[derive(Default)]
pub struct HandoverSubscription;

#[Subscription]
impl HandoverSubscription {
    /// A handover, now and each time it has got further, until it is over. Needs REASSIGN_WORK or READ_WORK.
    async fn handover_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Result<impl Stream<Item = Handover> + use<>, Error> {
        ctx.actor()?.require_ledgers()?;
        let id: HandoverId = argument_id(&id, "id")?;
        let fresh = Arc::clone(ctx.fresh());
        let row = ctx.loaders().handovers.load(id).await?;
        let row = row.ok_or_else(|| Error::NotFound("there is no such handover".to_owned()))?;
        Ok(progress::progress(ctx.live(), row).map(move |row| {
            fresh.renew();
            Handover::from(row)
        }))
    }
}
