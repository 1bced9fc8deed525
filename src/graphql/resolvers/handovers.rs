//! Resolvers: handovers.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, Object, Subscription};
use entity::HandoverId;
use futures_util::future::try_join_all;
use futures_util::{Stream, StreamExt};

use crate::domain::auth::Permission;
use crate::domain::handover::plan;
use crate::domain::handover::{cancel, kinds, list, progress, retry, start, undo, work};
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{argument_id, split};
use crate::graphql::types::departments::Department;
use crate::graphql::types::handover_input::BulkReassignInput;
use crate::graphql::types::handovers::{
    BulkReassignPayload, CancelHandoverInput, HandoverFilter, HandoverPayload, HandoverPlan,
    HandoverPlanLine, RetryHandoverInput, ReturnPlan, ReturnPlanLine, UndoHandoverInput, UnreachableWork,
};
use crate::graphql::types::ledger::{Handover, HandoverConnection};
use crate::graphql::types::node::Node;
use crate::graphql::types::people::User;
use crate::graphql::types::work::{WorkGrouping, WorkOverviewRow};
use crate::store::input;
use crate::store::page::PageArgs;

#[ComplexObject]
impl UnreachableWork {
    /// Some of these records; only those that you can see.
    #[graphql(complexity = "5 * child_complexity")]
    async fn sample(&self, ctx: &Context<'_>) -> Result<Vec<Node>, Error> {
        let prefix = kinds::of(self.kind.into()).subject();
        let nodes = self.sample.iter().map(|id| Node::load(ctx, prefix, *id));
        Ok(try_join_all(nodes).await?.into_iter().flatten().collect())
    }
}

#[ComplexObject]
impl ReturnPlanLine {
    /// Current holder; for items that were reassigned since, the person who last received them by a handover.
    #[graphql(name = "from")]
    async fn holder(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.from?).await
    }
}

#[ComplexObject]
impl HandoverPlanLine {
    /// Recipient.
    async fn recipient(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.line.recipient).await
    }
}

#[ComplexObject]
impl WorkOverviewRow {
    /// Department; null unless grouped by it, for people without one, and for work that nobody holds.
    async fn department(&self, ctx: &Context<'_>) -> Nullable<Arc<Department>> {
        let id = self.row.department?;
        ctx.loaders().departments.load(id).await.transpose()
    }

    /// Holder; null unless grouped by it.
    async fn holder(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.holder?).await
    }
}

/// Queries for handovers.
#[derive(Default)]
pub struct HandoverQuery;

#[Object]
impl HandoverQuery {
    /// Previews a handover: who would get how much, and what would stay. Changes nothing. Needs REASSIGN_WORK.
    #[graphql(complexity = "50 + child_complexity")]
    async fn handover_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the preview: the same as of `bulkReassign`.")] input: BulkReassignInput,
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

    /// Previews `undoHandover`: what would return, from whom, and what would stay. Changes nothing. Needs
    /// REASSIGN_WORK.
    #[graphql(complexity = "50 + child_complexity")]
    async fn undo_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the handover.")] handover_id: ID,
    ) -> Result<ReturnPlan, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        let (id, refused) = split(input::id(&handover_id, "handoverId"))?;
        match id {
            Some(id) => Ok(Box::pin(undo::plan(ctx.db(), actor, id)).await?.into()),
            None => Ok(ReturnPlan::refused(refused)),
        }
    }

    /// Where open work is, what dismissed people hold first. Needs REASSIGN_WORK or READ_WORK.
    #[graphql(complexity = "1000 + 100 * child_complexity")]
    async fn work_overview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How the work is grouped.")] group_by: WorkGrouping,
    ) -> Result<Vec<WorkOverviewRow>, Error> {
        let rows = work::overview(ctx.db(), ctx.actor()?, group_by.into()).await?;
        Ok(rows.into_iter().map(WorkOverviewRow::from).collect())
    }

    /// Handovers, newest first. Needs REASSIGN_WORK or READ_WORK.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn handovers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter; defaults to everything you can access.")] filter: Option<HandoverFilter>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns the last n items (maximum 100), without `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns the items before this cursor.")] before: Option<String>,
    ) -> Result<HandoverConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = list::HandoverFilter {
            from: filter
                .from_user_id
                .map(|id| argument_id(&id, "filter.fromUserId"))
                .transpose()?,
            recipient: filter
                .recipient_id
                .map(|id| argument_id(&id, "filter.recipientId"))
                .transpose()?,
            requested_by: filter
                .requested_by_id
                .map(|id| argument_id(&id, "filter.requestedById"))
                .transpose()?,
            state: input::argument_list(filter.state, "filter.state")?,
            created_since: filter.created_since.map(input::clamp_timestamp),
            created_until: filter.created_until.map(input::clamp_timestamp),
            has_failures: filter.has_failures,
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

/// Mutations for handovers.
#[derive(Default)]
pub struct HandoverMutation;

#[Object]
impl HandoverMutation {
    /// Hands over work without dismissing anyone. Needs REASSIGN_WORK.
    async fn bulk_reassign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: BulkReassignInput,
    ) -> Result<BulkReassignPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        let outcome = async {
            let (request, expected) = input.check()?;
            start::bulk_reassign(ctx.db(), actor, &request, expected.as_deref()).await
        }
        .await;
        let (row, user_errors) = split(outcome)?;
        Ok(BulkReassignPayload {
            handover: row.map(Handover::from),
            user_errors,
        })
    }

    /// Cancels a handover. Items that have moved stay moved, and can be undone. Needs REASSIGN_WORK.
    async fn cancel_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CancelHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(
            async { cancel::cancel(ctx.db(), actor, input::id(&input.handover_id, "handoverId")?).await }
                .await,
        )
    }

    /// Retries the failed items of a handover. Needs REASSIGN_WORK.
    async fn retry_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RetryHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(
            async { retry::retry(ctx.db(), actor, input::id(&input.handover_id, "handoverId")?).await }.await,
        )
    }

    /// Undoes a handover: each item returns from its current holder, unless someone has reassigned it since. Can be
    /// repeated while anything can still return (`undoPlan`). Needs REASSIGN_WORK.
    async fn undo_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UndoHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(
            async { undo::undo(ctx.db(), actor, input::id(&input.handover_id, "handoverId")?).await }.await,
        )
    }
}

/// Subscriptions to handovers.
#[derive(Default)]
pub struct HandoverSubscription;

#[Subscription]
impl HandoverSubscription {
    /// Publishes the handover immediately, and again after each step until it has ended. Needs REASSIGN_WORK or
    /// READ_WORK.
    async fn handover_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the handover.")] id: ID,
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

    /// Publishes each handover that is queued or running, and again whenever it progresses or ends; the latest state,
    /// not each step to it. Needs REASSIGN_WORK or READ_WORK.
    async fn handovers_changed(
        &self,
        ctx: &Context<'_>,
    ) -> Result<impl Stream<Item = Handover> + use<>, Error> {
        ctx.actor()?.require_ledgers()?;
        let fresh = Arc::clone(ctx.fresh());
        Ok(progress::changes(ctx.live()).map(move |row| {
            fresh.renew();
            Handover::from(row)
        }))
    }
}
