//! Resolvers: people, departments and settings.

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, Object, Subscription};
use chrono::{DateTime, Utc};
use entity::UserId;
use futures_util::{Stream, StreamExt};

use crate::domain::auth::Permission;
use crate::domain::auth::session;
use crate::domain::dismissal::list as dismissals;
use crate::domain::dismissal::rules::Person;
use crate::domain::people::abilities::{Abilities, RuleContext};
use crate::domain::people::list;
use crate::domain::people::list::UserOrder as By;
use crate::domain::people::update;
use crate::domain::people::{heads, settings, status};
use crate::error::Error;
use crate::graphql::kit::connection::{is_selected, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::fast::item::Item;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::argument_id;
use crate::graphql::resolvers::calendar as calendars;
use crate::graphql::resolvers::drive;
use crate::graphql::types::auth::Session;
use crate::graphql::types::calendar::Calendar;
use crate::graphql::types::departments::Department;
use crate::graphql::types::directories::DirectoryPerson;
use crate::graphql::types::dismissals::Dismissal;
use crate::graphql::types::drive::{DriveItem, Folder};
use crate::graphql::types::handovers::WorkInventory;
use crate::graphql::types::identity_providers::Identity;
use crate::graphql::types::people::{
    OrderDirection, UpdateUserInput, User, UserAbilities, UserConnection, UserFilter, UserOrder,
};
use crate::graphql::types::settings::{Settings, UpdateSettingsInput, UpdateSettingsPayload};
use crate::graphql::types::user_update::UpdateUserPayload;
use crate::store::page::PageArgs;

impl User {
    /// Loads a person by id.
    pub async fn load(ctx: &Context<'_>, id: UserId) -> Nullable<Self> {
        let row = ctx.loaders().users.load(id).await.transpose()?;
        Some(row.map(Self::from))
    }
}

#[ComplexObject]
impl User {
    /// Department; kept after a dismissal.
    async fn department(&self, ctx: &Context<'_>) -> Nullable<Item<Arc<Department>>> {
        let department = ctx.loaders().departments.load(self.department_id?).await;
        Some(department.transpose()?.map(Item))
    }

    /// What the company's directory says of the person; null when they are linked to none. Needs MANAGE_INTEGRATIONS,
    /// unless it is the caller; null otherwise.
    async fn directory(&self, ctx: &Context<'_>) -> Nullable<DirectoryPerson> {
        let visible = ctx
            .actor()
            .map(|actor| actor.may(Permission::ManageIntegrations) || actor.user_id == self.key);
        let row = match visible {
            Ok(true) => ctx.loaders().directory_people.load(self.key).await.transpose()?,
            Ok(false) => return None,
            Err(error) => Err(error),
        };
        Some(row.map(DirectoryPerson::from))
    }

    /// When the person was last updated, dismissed or rehired.
    async fn updated_at(&self, ctx: &Context<'_>) -> Result<DateTime<Utc>, Error> {
        let found = ctx.loaders().changes.load(self.key).await?;
        found.ok_or_else(|| Error::Internal(format!("{} is not there", self.key)))
    }

    /// The nearest active head of department above the person; never the person themselves.
    async fn head(&self, ctx: &Context<'_>) -> Nullable<User> {
        match ctx.loaders().heads.load(self.department_id?).await.transpose()? {
            Ok(above) => User::load(ctx, heads::nearest(&above, self.key)?).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// The dismissal in effect, or else the scheduled one. Scheduled dismissals need DISMISS_USERS; everyone else,
    /// including the person, sees a dismissal only once it is in effect.
    async fn dismissal(&self, ctx: &Context<'_>) -> Nullable<Dismissal> {
        let actor = ctx.actor().ok()?;
        let current = |all: Vec<_>| dismissals::current(actor, &all).cloned().map(Dismissal::from);
        let all = ctx.loaders().dismissals.load(self.key).await.transpose()?;
        all.map(current).transpose()
    }

    /// All dismissals of the person, newest first. Scheduled and cancelled ones need DISMISS_USERS; everyone else sees
    /// those that are or were in effect.
    async fn dismissals(&self, ctx: &Context<'_>) -> Nullable<Vec<Dismissal>> {
        let actor = ctx.actor().ok()?;
        let visible = |all: Option<Vec<_>>| {
            let all = all.unwrap_or_default().into_iter();
            let visible = all.filter(|row| dismissals::is_visible(actor, row));
            visible.map(Dismissal::from).collect()
        };
        Some(ctx.loaders().dismissals.load(self.key).await.map(visible))
    }

    /// What you can do with the person, by the rules of the mutations. Use it to show or hide controls; every mutation
    /// checks its own rules.
    #[graphql(complexity = "1 + child_complexity")]
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<UserAbilities, Error> {
        let Ok(actor) = ctx.actor() else {
            return Ok(Abilities::unauthenticated().into());
        };
        let loaders = ctx.loaders();
        let load = || RuleContext::load(ctx.db(), actor);
        let ground = loaders.abilities.get_or_try_init(load).await?;
        let person = Person {
            id: self.key,
            role: self.role.into(),
            status: self.status.into(),
        };
        Ok(Abilities::of(actor, ground, person).into())
    }

    /// All work that the person holds. Visible to the person, their heads of department and administrators;
    /// integrations need READ_WORK. Null with a FORBIDDEN error for everyone else.
    #[graphql(complexity = "10 + child_complexity")]
    async fn work(&self, ctx: &Context<'_>) -> Nullable<WorkInventory> {
        let work = async {
            let actor = ctx.actor()?;
            if !actor.may(Permission::ReadWork) {
                list::require_access_to_work_of(ctx.db(), actor, self.key).await?;
            }
            let lines = ctx.loaders().work.load(self.key).await?;
            Ok(lines.unwrap_or_default().into())
        };
        Some(work.await)
    }

    /// The person's My Drive, the root of their folders and files; null when you can't see it.
    async fn drive(&self, ctx: &Context<'_>) -> Nullable<Folder> {
        let seen = async {
            ctx.actor()?.require_work_access()?;
            Box::pin(drive::seen(ctx, self.key.0)).await
        };
        match seen.await {
            Ok(Some(DriveItem::Folder(folder))) => Some(Ok(*folder)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// Calendars that the person owns; only those that you can see.
    #[graphql(complexity = "10 + 5 * child_complexity")]
    async fn calendars(&self, ctx: &Context<'_>) -> Result<Vec<Calendar>, Error> {
        ctx.actor()?.require_work_access()?;
        calendars::seen(ctx, ctx.loaders().calendars_owned.load(self.key).await?)
    }

    /// The person's favorite calendars, including those handed over to them; only those that you can see.
    #[graphql(complexity = "10 + 5 * child_complexity")]
    async fn favorite_calendars(&self, ctx: &Context<'_>) -> Result<Vec<Calendar>, Error> {
        ctx.actor()?.require_work_access()?;
        calendars::seen(ctx, ctx.loaders().calendars_favored.load(self.key).await?)
    }

    /// Accounts at identity providers that the person can sign in with: your own, or anyone's with MANAGE_INTEGRATIONS;
    /// null otherwise.
    async fn identities(&self, ctx: &Context<'_>) -> Nullable<Vec<Identity>> {
        let visible = ctx
            .actor()
            .map(|actor| actor.may(Permission::ManageIntegrations) || actor.user_id == self.key);
        let rows = match visible {
            Ok(true) => ctx.loaders().identities_of.load(self.key).await,
            Ok(false) => return None,
            Err(error) => Err(error),
        };
        Some(rows.map(|rows| rows.unwrap_or_default().into_iter().map(Identity::from).collect()))
    }

    /// Active sessions: your own, or anyone's for an administrator; null with a FORBIDDEN error otherwise.
    #[graphql(complexity = "10 + child_complexity")]
    async fn sessions(&self, ctx: &Context<'_>) -> Nullable<Vec<Session>> {
        let open = async {
            let actor = ctx.actor()?;
            if actor.user_id != self.key {
                actor.require(Permission::ManageUsers)?;
            }
            let open = Box::pin(session::of_user(ctx.db(), self.key)).await?;
            Ok(open.into_iter().map(|row| Session::new(row, actor)).collect())
        };
        Some(open.await)
    }
}

#[ComplexObject]
impl Settings {
    /// Break-glass accounts: the people who can always sign in with a password, whatever `passwordSignIn` says. Needs
    /// MANAGE_SETTINGS; null otherwise.
    async fn break_glass(&self, ctx: &Context<'_>) -> Nullable<Vec<User>> {
        let rows = match ctx.actor().map(|actor| actor.may(Permission::ManageSettings)) {
            Ok(true) => ctx.loaders().users.load_all(&self.break_glass_ids).await,
            Ok(false) => return None,
            Err(error) => Err(error),
        };
        Some(rows.map(|rows| rows.into_iter().map(User::from).collect()))
    }
}

/// Queries for people.
#[derive(Default)]
pub struct PeopleQuery;

#[Object]
impl PeopleQuery {
    /// A person by id; null when there is none.
    async fn user(&self, ctx: &Context<'_>, #[graphql(desc = "ID of the person.")] id: ID) -> Nullable<User> {
        match ctx.actor().and_then(|_| argument_id(&id, "id")) {
            Ok(id) => User::load(ctx, id).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// People, ordered by name unless `orderBy` is given. `filter: {dismissed: true}` finds those who can be rehired.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter; defaults to everything you can access.")] filter: Option<UserFilter>,
        #[graphql(desc = "Sort order; defaults to ascending by name.")] order_by: Option<UserOrder>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns the last n items (maximum 100), without `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns the items before this cursor.")] before: Option<String>,
    ) -> Result<UserConnection, Error> {
        let filter = filter.unwrap_or_default().check("filter")?;
        let order = order_by.map_or((By::Name, false), |order| {
            (order.field.into(), order.direction == OrderDirection::Desc)
        });
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = list::users(ctx.db(), ctx.actor()?, &filter, order, &args).await?;
        if is_selected(ctx, "department") {
            let ids: HashSet<_> = page
                .items
                .iter()
                .filter_map(|(person, _)| person.department_id)
                .collect();
            ctx.loaders()
                .departments
                .load_many(ids.into_iter().collect())
                .await;
        }
        Ok(page.into())
    }

    /// Company settings.
    async fn settings(&self, ctx: &Context<'_>) -> Result<Settings, Error> {
        ctx.actor()?;
        Ok(settings::read(ctx.db()).await?.into())
    }
}

/// Mutations for people.
#[derive(Default)]
pub struct PeopleMutation;

#[Object]
impl PeopleMutation {
    /// Updates a person. When you make an administrator an employee, the dismissals that they have scheduled pass to
    /// you. Needs MANAGE_USERS.
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UpdateUserInput,
    ) -> Result<UpdateUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageUsers)?;
        UpdateUserPayload::new(async { update::update_user(ctx.db(), actor, &input.check()?).await }.await)
    }

    /// Updates the company settings. Needs MANAGE_SETTINGS.
    async fn update_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UpdateSettingsInput,
    ) -> Result<UpdateSettingsPayload, Error> {
        let actor = ctx.actor()?;
        let update = async {
            let (change, expected) = input.check()?;
            settings::update(ctx.db(), actor, &change, expected.as_deref()).await
        };
        UpdateSettingsPayload::new(update.await)
    }
}

/// Subscriptions to people.
#[derive(Default)]
pub struct PeopleSubscription;

#[Subscription]
impl PeopleSubscription {
    /// Publishes each person who is invited, joins, is dismissed or is rehired from now on, or only `userId`. Dismissed
    /// people are published to callers who can see them in lists.
    async fn user_status_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this person.")] user_id: Option<ID>,
    ) -> Result<impl Stream<Item = Result<User, Error>> + use<>, Error> {
        let only = user_id.map(|id| argument_id(&id, "userId")).transpose()?;
        let fresh = Arc::clone(ctx.fresh());
        let changes = status::changes(ctx.primary().clone(), ctx.live(), ctx.actor()?.clone(), only);
        Ok(changes.map(move |row| {
            fresh.renew();
            row.map(User::from)
        }))
    }
}
