//! People, departments and settings in the API.

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::{
    ComplexObject, Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject, Subscription,
};
use chrono::{DateTime, Utc};
use entity::{DepartmentId, UserId, user};
use futures_util::{Stream, StreamExt};

use crate::domain::auth::session;
use crate::domain::dismissal::list as dismissals;
use crate::domain::dismissal::rules::Person;
use crate::domain::people::abilities::{Ground, UserAbilities};
use crate::domain::people::list;
use crate::domain::people::list::UserOrder as By;
use crate::domain::people::update;
use crate::domain::people::update::{UpdateUser, Updated};
use crate::domain::people::{heads, settings, status};
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::{connection, is_selected, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::fast::item::Item;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::scalars::Date;
use crate::graphql::kit::user_error::{UserError, argument_id, argument_ids, split};
use crate::graphql::resolvers::auth::Session;
use crate::graphql::resolvers::calendar as calendars;
use crate::graphql::resolvers::calendar::Calendar;
use crate::graphql::resolvers::departments::Department;
use crate::graphql::resolvers::dismissals::Dismissal;
use crate::graphql::resolvers::drive;
use crate::graphql::resolvers::drive::{DriveItem, Folder};
use crate::graphql::resolvers::handovers::WorkInventory;
use crate::graphql::resolvers::integration_secrets::IntegrationSecret;
use crate::store::input;
use crate::store::input::Change;
use crate::store::page::PageArgs;

/// What a person may do.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "user::Role")]
pub enum Role {
    /// Runs the company's account: dismisses, hires, reassigns.
    Administrator,
    /// Everybody else.
    Employee,
}

/// Where a person stands with the company.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "user::UserStatus")]
pub enum UserStatus {
    /// Asked to join, has not accepted yet.
    Invited,
    /// Works here.
    Active,
    /// Has left and is locked out; can be hired back.
    Dismissed,
}

/// A person: someone who works here, was invited, or has left. People are never deleted.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct User {
    /// The id.
    pub id: ID,
    /// The id in the system that the person was imported from.
    external_id: Option<String>,
    /// The e-mail address, with which the person signs in.
    email: String,
    /// First name.
    given_name: Option<String>,
    /// Last name.
    family_name: Option<String>,
    /// Given and family name; the e-mail address where there is neither.
    name: String,
    /// Job title.
    position: Option<String>,
    /// What the person may do.
    role: Role,
    /// Where the person stands.
    status: UserStatus,
    /// Whether the person has left.
    dismissed: bool,
    /// First day at work.
    hired_on: Option<Date>,
    #[graphql(skip)]
    key: UserId,
    #[graphql(skip)]
    department_id: Option<DepartmentId>,
}

impl From<user::Profile> for User {
    fn from(person: user::Profile) -> Self {
        Self {
            id: person.id.to_string().into(),
            name: person.name(),
            external_id: person.external_id,
            email: person.email,
            given_name: person.given_name,
            family_name: person.family_name,
            position: person.position,
            role: person.role.into(),
            status: person.status.into(),
            dismissed: person.status == user::UserStatus::Dismissed,
            hired_on: person.hired_on.map(Date),
            key: person.id,
            department_id: person.department_id,
        }
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        user::Profile::from(row).into()
    }
}

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
            return Ok(UserAbilities::of_nobody());
        };
        let loaders = ctx.loaders();
        let load = || Ground::load(ctx.db(), actor);
        let ground = loaders.abilities.get_or_try_init(load).await?;
        let person = Person {
            id: self.key,
            role: self.role.into(),
            status: self.status.into(),
        };
        Ok(UserAbilities::of(actor, ground, person))
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

columns!(User {
    "id": id,
    "externalId": external_id,
    "email": email,
    "givenName": given_name,
    "familyName": family_name,
    "name": name,
    "position": position,
    "role": role,
    "status": status,
    "dismissed": dismissed,
    "hiredOn": hired_on,
});
words!(Role, UserStatus);
connection!(User, UserConnection, UserEdge, "people");

/// Which people. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct UserFilter {
    /// True: those who have left. False: everyone else. Null: everyone whom you may see.
    dismissed: Option<bool>,
    /// Those in one of these states.
    status: Option<Vec<UserStatus>>,
    /// Those with this role.
    role: Option<Role>,
    /// Those in this department or below.
    department_id: Option<ID>,
    /// Those with this text in name, e-mail address or position; letter case does not matter.
    search: Option<String>,
    /// Dismissed people who still hold something open (true), or nothing any more (false).
    holds_work: Option<bool>,
    /// Those with one of these ids, 1,000 at most.
    ids: Option<Vec<ID>>,
    /// Those with one of these e-mail addresses, in any letter case, 1,000 at most.
    emails: Option<Vec<String>>,
    /// Those with one of these ids in the system that they were imported from, 1,000 at most.
    external_ids: Option<Vec<String>>,
    /// Those whose dismissal is scheduled (true), or is not (false). Needs DISMISS_USERS.
    dismissal_scheduled: Option<bool>,
    /// Dismissed at this moment or later.
    dismissed_since: Option<DateTime<Utc>>,
    /// Dismissed before this moment.
    dismissed_until: Option<DateTime<Utc>>,
    /// Changed at this moment or later: see `updatedAt`.
    updated_since: Option<DateTime<Utc>>,
}

/// The order of a list of people.
#[derive(InputObject)]
pub struct UserOrder {
    /// By what.
    field: UserOrderField,
    /// Which end first.
    direction: OrderDirection,
}

/// What a list of people is ordered by.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "By")]
pub enum UserOrderField {
    /// Family name, then given name.
    Name,
    /// E-mail address.
    Email,
    /// First day at work; those without one come first.
    HiredOn,
    /// Moment of dismissal; those who are not dismissed come first.
    DismissedAt,
}

/// Which end of a list comes first.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum OrderDirection {
    /// The least.
    Asc,
    /// The greatest.
    Desc,
}

/// The company's settings.
#[derive(SimpleObject)]
pub struct Settings {
    /// Whether employees see dismissed people in lists. Administrators always do.
    show_dismissed_employees: bool,
}

/// What is to change of a person; what is left out stays, null removes.
#[derive(InputObject)]
pub struct UpdateUserInput {
    /// Who.
    user_id: ID,
    /// The e-mail address; it can't be removed.
    email: MaybeUndefined<String>,
    /// First name.
    given_name: MaybeUndefined<String>,
    /// Last name.
    family_name: MaybeUndefined<String>,
    /// Job title.
    position: MaybeUndefined<String>,
    /// The department.
    department_id: MaybeUndefined<ID>,
    /// What they may do; it can't be removed.
    role: MaybeUndefined<Role>,
}

/// The answer to `updateUser` and `withdrawInvitation`.
#[derive(SimpleObject)]
pub struct UpdateUserPayload {
    /// The person as they are now.
    user: Option<User>,
    /// Secrets of integrations that stopped because the person, who was shown them, lost a permission that they carry.
    secrets_stopped: Vec<IntegrationSecret>,
    /// Dismissals that the person had scheduled, when they may not dismiss any more: you have taken these over.
    schedules_passed: Vec<Dismissal>,
    /// Errors the client can act on; empty on success.
    user_errors: Vec<UserError>,
}

impl UpdateUserPayload {
    /// The payload of an outcome.
    ///
    /// # Errors
    /// When the outcome is a failure.
    pub(super) fn new(outcome: Outcome<Updated>) -> Result<Self, Error> {
        let (updated, user_errors) = split(outcome)?;
        let (user, (stopped, passed)) = match updated {
            Some(done) => (Some(done.user), (done.secrets_stopped, done.schedules_passed)),
            None => (None, (Vec::new(), Vec::new())),
        };
        Ok(Self {
            user: user.map(User::from),
            secrets_stopped: stopped.into_iter().map(IntegrationSecret::from).collect(),
            schedules_passed: Dismissal::list(passed),
            user_errors,
        })
    }
}

/// What is to change of the settings; what is left out stays.
#[derive(InputObject)]
pub struct UpdateSettingsInput {
    /// Whether employees see dismissed people in lists.
    show_dismissed_employees: Option<bool>,
}

/// The answer to `updateSettings`.
#[derive(SimpleObject)]
pub struct UpdateSettingsPayload {
    /// The settings as they are now.
    settings: Option<Settings>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
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

pub(super) fn name(text: String, field: &str) -> Outcome<String> {
    input::line(&text, input::NAME, field)
}

impl UpdateUserInput {
    fn check(self) -> Outcome<UpdateUser> {
        Ok(UpdateUser {
            user: input::id(&self.user_id, "userId")?,
            email: Change::from(self.email).check(|text: String| input::email(&text, "email"))?,
            given_name: Change::from(self.given_name).check(|text| name(text, "givenName"))?,
            family_name: Change::from(self.family_name).check(|text| name(text, "familyName"))?,
            position: Change::from(self.position).check(|text| name(text, "position"))?,
            department_id: Change::from(self.department_id).check(|id: ID| input::id(&id, "departmentId"))?,
            role: Change::from(self.role).check(|role: Role| Ok(role.into()))?,
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
