//! Resolvers: handovers, their results and their ledger.

use async_graphql::{ComplexObject, Context};
use entity::HandoverId;

use crate::domain::handover::list::EntryKey;
use crate::domain::handover::{kinds, list, run};
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::types::integrations::Integration;
use crate::graphql::types::ledger::{ENTRY, Handover, HandoverEntry, HandoverEntryConnection, HandoverLine};
use crate::graphql::types::node::Node;
use crate::graphql::types::people::User;
use crate::graphql::types::work::{HandoverOutcome, WorkKind, int};
use crate::store::page::PageArgs;

impl Handover {
    async fn planned(&self, ctx: &Context<'_>) -> Result<i64, Error> {
        match self.row.total {
            Some(total) => Ok(total),
            None => run::planned(ctx.db(), &self.row).await,
        }
    }

    /// Loads a handover by its id.
    pub async fn load(ctx: &Context<'_>, id: HandoverId) -> Nullable<Self> {
        let row = ctx.loaders().handovers.load(id).await.transpose()?;
        Some(row.map(Self::from))
    }
}

#[ComplexObject]
impl Handover {
    /// The person whose work it is; null for listed items without `fromUserId`, and for an undo.
    #[graphql(name = "from")]
    async fn whose(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.from_user_id?).await
    }

    /// The person accountable for it: the requester or, when an integration requested it (`requestedByIntegration`),
    /// the current owner of that integration.
    async fn requested_by(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let loaders = ctx.loaders();
        let person = match (self.row.requested_by_id, self.row.requested_by_integration_id) {
            (None, Some(id)) => loaders.integrations.load(id).await?.map(|row| row.owner_id),
            (person, _) => person,
        };
        let user = match person {
            Some(id) => loaders.users.load(id).await?,
            None => None,
        };
        user.map(User::from)
            .ok_or_else(|| Error::internal("a handover requested by nobody"))
    }

    /// The integration that requested it; null when a person did. Needs MANAGE_INTEGRATIONS, unless the caller is that
    /// integration; null otherwise.
    async fn requested_by_integration(&self, ctx: &Context<'_>) -> Nullable<Integration> {
        Integration::load(ctx, self.row.requested_by_integration_id?).await
    }

    /// Number of items to move; after the end, the number of items found: moved + skipped + failed.
    async fn total(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        Ok(int(self.planned(ctx).await?))
    }

    /// Progress, from 0 to 1.
    async fn progress(&self, ctx: &Context<'_>) -> Result<f64, Error> {
        if self.row.state.is_finished() {
            return Ok(1.0);
        }
        let done = self.row.moved + self.row.skipped + self.row.failed;
        Ok((done as f64 / self.planned(ctx).await?.max(1) as f64).min(1.0))
    }

    /// Results by kind and recipient.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<HandoverLine>, Error> {
        let lines = ctx
            .loaders()
            .handover_lines
            .load(self.row.id)
            .await?
            .unwrap_or_default();
        Ok(lines.into_iter().map(HandoverLine::from).collect())
    }

    /// Ledger: the outcome for each item.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only entries of this kind.")] kind: Option<WorkKind>,
        #[graphql(desc = "Only entries with this outcome.")] outcome: Option<HandoverOutcome>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
    ) -> Result<HandoverEntryConnection, Error> {
        let args = PageArgs {
            first,
            after,
            ..PageArgs::default()
        };
        let (kind, outcome) = (kind.map(Into::into), outcome.map(Into::into));
        Ok(list::entries(ctx.db(), self.row.id, kind, outcome, &args)
            .await?
            .into())
    }

    /// The handover that this one undoes; the latest, when it undoes several.
    async fn undoes(&self, ctx: &Context<'_>) -> Nullable<Handover> {
        match ctx.loaders().undoing.load(self.row.id).await.transpose()? {
            Ok(undoing) => Self::load(ctx, undoing.undoes?).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// Whether `undoHandover` would currently return anything.
    #[graphql(complexity = "10")]
    async fn undoable(&self, ctx: &Context<'_>) -> Result<bool, Error> {
        Ok(ctx.loaders().undoable.load(self.row.id).await?.unwrap_or(false))
    }

    /// The handover that undoes this one; the latest, when there are several.
    async fn undone_by(&self, ctx: &Context<'_>) -> Nullable<Handover> {
        match ctx.loaders().undoing.load(self.row.id).await.transpose()? {
            Ok(undoing) => Self::load(ctx, undoing.undone_by?).await,
            Err(error) => Some(Err(error)),
        }
    }
}

#[ComplexObject]
impl HandoverLine {
    /// Recipient.
    async fn recipient(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let user = ctx.loaders().users.load(self.user).await?;
        user.map(User::from)
            .ok_or_else(|| Error::internal("a handover to nobody"))
    }
}

#[ComplexObject]
impl HandoverEntry {
    /// The item.
    async fn subject(&self, ctx: &Context<'_>) -> Nullable<Node> {
        let subject = Node::load(ctx, kinds::of(self.row.kind).subject(), self.row.subject_id);
        subject.await.transpose()
    }

    /// Previous holder.
    #[graphql(name = "from")]
    async fn holder_before(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.from_id?).await
    }

    /// Intended recipient.
    async fn to(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.to_id?).await
    }
}

/// Parses the id of an entry.
pub fn read_entry_id(id: &str) -> Option<EntryKey> {
    let mut parts = id.splitn(4, '_');
    if parts.next() != Some(ENTRY) {
        return None;
    }
    let handover = entity::id::decode_suffix(parts.next()?)?;
    let subject = entity::id::decode_suffix(parts.next()?)?;
    let kind = list::kind_named(&parts.next()?.to_uppercase())?;
    Some((HandoverId(handover), kind, subject))
}
