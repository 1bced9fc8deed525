//! People, departments and settings in the API.

use crate::domain::auth::session;
use crate::domain::dismissal::list as dismissals;
use crate::domain::dismissal::rules::Person;
use crate::domain::people::abilities::{Abilities, Ground};
use crate::domain::people::list;
use crate::domain::people::list::UserOrder as By;
use crate::domain::people::update;
use crate::domain::people::{heads, settings, status};
use crate::error::Error;
use crate::graphql::kit::connection::{is_selected, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::fast::item::Item;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{argument_id, argument_ids, split};
use crate::graphql::resolvers::calendar as calendars;
use crate::graphql::resolvers::drive;
use crate::graphql::types::auth::Session;
use crate::graphql::types::calendar::Calendar;
use crate::graphql::types::departments::Department;
use crate::graphql::types::dismissals::Dismissal;
use crate::graphql::types::drive::{DriveItem, Folder};
use crate::graphql::types::handovers::WorkInventory;
use crate::graphql::types::people::UserAbilities;
use crate::graphql::types::people::{
    OrderDirection, Settings, UpdateSettingsInput, UpdateSettingsPayload, UpdateUserInput, User,
    UserConnection, UserFilter, UserOrder,
};
use crate::graphql::types::user_update::UpdateUserPayload;
use crate::store::input;
use crate::store::page::PageArgs;
use async_graphql::{ComplexObject, Context, ID, Object, Subscription};
use chrono::{DateTime, Utc};
use entity::UserId;
use futures_util::{Stream, StreamExt};
use std::collections::HashSet;
use std::sync::Arc;

impl User {
    /// A person by their id.
    pub async fn load(ctx: &Context<'_>, id: UserId) -> Nullable<Self> {
        let row = ctx.loaders().users.load(id).await.transpose()?;
        Some(row.map(Self::from))
    }
}

#[ComplexObject]
impl User {
    /// The department; it stays after a dismissal.
    async fn department(&self, ctx: &Context<'_>) -> Nullable<Item<Arc<Department>>> {
        let department = ctx.loaders().departments.load(self.department_id?).await;
        Some(department.transpose()?.map(Item))
    }

    /// When the person was last changed, dismissed or hired back.
    async fn updated_at(&self, ctx: &Context<'_>) -> Result<DateTime<Utc>, Error> {
        let found = ctx.loaders().changes.load(self.key).await?;
        found.ok_or_else(|| Error::Internal(format!("{} is not there", self.key)))
    }

    /// The nearest active head above, never a dismissed one and never the person.
    async fn head(&self, ctx: &Context<'_>) -> Nullable<User> {
        match ctx.loaders().heads.load(self.department_id?).await.transpose()? {
            Ok(above) => User::load(ctx, heads::nearest(&above, self.key)?).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// The dismissal that is in force, or else the one that is scheduled. Scheduled ones are for those with
    /// DISMISS_USERS; others, the person included, learn of a dismissal once it is in force.
    async fn dismissal(&self, ctx: &Context<'_>) -> Nullable<Dismissal> {
        let actor = ctx.actor().ok()?;
        let current = |all: Vec<_>| dismissals::current(actor, &all).cloned().map(Dismissal::from);
        let all = ctx.loaders().dismissals.load(self.key).await.transpose()?;
        all.map(current).transpose()
    }

    /// All dismissals, the latest first: people come and go. Scheduled and cancelled ones are for those with
    /// DISMISS_USERS; others find those that are, or were, in force.
    async fn dismissals(&self, ctx: &Context<'_>) -> Nullable<Vec<Dismissal>> {
        let actor = ctx.actor().ok()?;
        let visible = |all: Option<Vec<_>>| {
            let all = all.unwrap_or_default().into_iter();
            let visible = all.filter(|row| dismissals::is_visible(actor, row));
            visible.map(Dismissal::from).collect()
        };
        Some(ctx.loaders().dismissals.load(self.key).await.map(visible))
    }

    /// What you may do with the person, by the rules of the operations: hides buttons, decides nothing.
    #[graphql(complexity = "1 + child_complexity")]
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<UserAbilities, Error> {
        let Ok(actor) = ctx.actor() else {
            return Ok(Abilities::of_nobody().into());
        };
        let loaders = ctx.loaders();
        let load = || Ground::load(ctx.db(), actor);
        let ground = loaders.abilities.get_or_try_init(load).await?;
        let person = Person {
            id: self.key,
            role: self.role.into(),
            status: self.status.into(),
        };
        Ok(Abilities::of(actor, ground, person).into())
    }

    /// Everything that the person holds. For the person, their heads and administrators; integrations need READ_WORK.
    /// Null and FORBIDDEN for others.
    #[graphql(complexity = "10 + child_complexity")]
    async fn work(&self, ctx: &Context<'_>) -> Nullable<WorkInventory> {
        let work = async {
            let actor = ctx.actor()?;
            if !actor.may(crate::domain::auth::Permission::ReadWork) {
                list::require_watching(ctx.db(), actor, self.key).await?;
            }
            let lines = ctx.loaders().work.load(self.key).await?;
            Ok(lines.unwrap_or_default().into())
        };
        Some(work.await)
    }

    /// The person's My Drive, where their folders and files are; null where you may not see it.
    async fn drive(&self, ctx: &Context<'_>) -> Nullable<Folder> {
        let seen = async {
            ctx.actor()?.require_sight_of_work()?;
            Box::pin(drive::seen(ctx, self.key.0)).await
        };
        match seen.await {
            Ok(Some(DriveItem::Folder(folder))) => Some(Ok(*folder)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// The calendars that the person owns; those that you may see.
    #[graphql(complexity = "10 + 5 * child_complexity")]
    async fn calendars(&self, ctx: &Context<'_>) -> Result<Vec<Calendar>, Error> {
        ctx.actor()?.require_sight_of_work()?;
        calendars::seen(ctx, ctx.loaders().calendars_owned.load(self.key).await?)
    }

    /// The person's favourite calendars, those that were handed over to them included; those that you may see.
    #[graphql(complexity = "10 + 5 * child_complexity")]
    async fn favorite_calendars(&self, ctx: &Context<'_>) -> Result<Vec<Calendar>, Error> {
        ctx.actor()?.require_sight_of_work()?;
        calendars::seen(ctx, ctx.loaders().calendars_favored.load(self.key).await?)
    }

    /// The open sessions: one's own, or anyone's for an administrator; null and FORBIDDEN for others.
    #[graphql(complexity = "10 + child_complexity")]
    async fn sessions(&self, ctx: &Context<'_>) -> Nullable<Vec<Session>> {
        let open = async {
            let actor = ctx.actor()?;
            if actor.user_id != self.key {
                actor.require(crate::domain::auth::Permission::ManageUsers)?;
            }
            let open = Box::pin(session::of_user(ctx.db(), self.key)).await?;
            Ok(open.into_iter().map(|row| Session::new(row, actor)).collect())
        };
        Some(open.await)
    }
}

/// Reads of people.
#[derive(Default)]
pub struct PeopleQuery;

#[Object]
impl PeopleQuery {
    /// A person by id; null when there is none.
    async fn user(&self, ctx: &Context<'_>, #[graphql(desc = "The id.")] id: ID) -> Nullable<User> {
        match ctx.actor().and_then(|_| argument_id(&id, "id")) {
            Ok(id) => User::load(ctx, id).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// People, by name unless `orderBy` says otherwise. `filter: {dismissed: true}` finds those to hire back.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all that you may see, when left out.")] filter: Option<UserFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<UserOrder>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<UserConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = list::UserFilter {
            dismissed: filter.dismissed,
            status: input::argument_list(filter.status, "filter.status")?,
            role: filter.role.map(Into::into),
            department: filter
                .department_id
                .map(|id| argument_id(&id, "filter.departmentId"))
                .transpose()?,
            search: filter.search,
            holds_work: filter.holds_work,
            ids: filter
                .ids
                .map(|ids| argument_ids(&ids, "filter.ids"))
                .transpose()?,
            emails: input::argument_texts(filter.emails, "filter.emails")?,
            external_ids: input::argument_texts(filter.external_ids, "filter.externalIds")?,
            dismissal_scheduled: filter.dismissal_scheduled,
            dismissed_since: filter.dismissed_since.map(input::bound),
            dismissed_until: filter.dismissed_until.map(input::bound),
            updated_since: filter.updated_since.map(input::bound),
        };
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

    /// The company's settings.
    async fn settings(&self, ctx: &Context<'_>) -> Result<Settings, Error> {
        ctx.actor()?;
        let row = settings::read(ctx.db()).await?;
        Ok(Settings {
            show_dismissed_employees: row.show_dismissed_employees,
        })
    }
}

/// Changes of people.
#[derive(Default)]
pub struct PeopleMutation;

#[Object]
impl PeopleMutation {
    /// Changes a person. Dismissals that an administrator has scheduled pass to you when you make them an employee. Needs
    /// MANAGE_USERS.
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UpdateUserInput,
    ) -> Result<UpdateUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(crate::domain::auth::Permission::ManageUsers)?;
        UpdateUserPayload::new(match input.check() {
            Ok(command) => update::update_user(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }

    /// Changes the company's settings. Needs MANAGE_SETTINGS.
    async fn update_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UpdateSettingsInput,
    ) -> Result<UpdateSettingsPayload, Error> {
        let outcome = settings::update(ctx.db(), ctx.actor()?, input.show_dismissed_employees).await;
        let (row, user_errors) = split(outcome)?;
        let settings = row.map(|row| Settings {
            show_dismissed_employees: row.show_dismissed_employees,
        });
        Ok(UpdateSettingsPayload {
            settings,
            user_errors,
        })
    }
}

/// What happens to people.
#[derive(Default)]
pub struct PeopleSubscription;

#[Subscription]
impl PeopleSubscription {
    /// Whoever is invited, joins, is dismissed or hired from now on, or only `userId`. Dismissed people are told to those
    /// who may see them in lists.
    async fn user_status_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "This person only.")] user_id: Option<ID>,
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
