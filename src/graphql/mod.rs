//! The edge: the roots merged from the features, limits, batch loaders, connections, and how failures are told.
//!
//! A resolver translates and nothing else: it reads its arguments, calls an operation and shapes the answer.

pub mod accept;
pub mod columns;
pub mod compress;
pub mod connection;
pub mod context;
pub mod documents;
pub mod execute;
pub mod item;
pub mod json;
pub mod lasting;
pub mod loaders;
pub mod node;
pub mod nullable;
pub mod one_by_one;
pub mod over_events;
pub mod over_http;
pub mod over_websocket;
pub mod points;
pub mod scalars;
pub mod user_error;

use std::sync::Arc;

use async_graphql::{MergedObject, MergedSubscription, ValidationMode};

use self::documents::{Documents, Factory, Prepared};
use self::one_by_one::OneByOne;
use self::points::ReservePoints;
use crate::config::Introspection;

/// The queries of all features.
#[derive(MergedObject, Default)]
pub struct Query(
    crate::auth::graphql::AuthQuery,
    node::NodeQuery,
    crate::people::graphql::PeopleQuery,
    crate::people::department_graphql::DepartmentQuery,
    crate::tasks::graphql::TaskQuery,
    crate::tasks::template_graphql::TaskTemplateQuery,
    crate::crm::graphql::CrmQuery,
    crate::crm::activity_graphql::CrmActivityQuery,
    crate::crm::role_graphql::CrmRoleQuery,
    crate::dismissal::plan_graphql::DismissalQuery,
    crate::handover::graphql::HandoverQuery,
    crate::audit::graphql::AuditQuery,
    crate::integrations::graphql::IntegrationQuery,
);

/// The mutations of all features.
#[derive(MergedObject, Default)]
pub struct Mutation(
    crate::auth::graphql::AuthMutation,
    crate::auth::reset_graphql::PasswordResetMutation,
    crate::people::graphql::PeopleMutation,
    crate::people::invitation_graphql::InvitationMutation,
    crate::people::department_graphql::DepartmentMutation,
    crate::dismissal::graphql::DismissalMutation,
    crate::handover::graphql::HandoverMutation,
    crate::tasks::graphql::TaskMutation,
    crate::tasks::template_graphql::TaskTemplateMutation,
    crate::crm::graphql::CrmMutation,
    crate::crm::activity_graphql::CrmActivityMutation,
    crate::crm::role_graphql::CrmRoleMutation,
    crate::calendar::graphql::CalendarMutation,
    crate::drive::graphql::DriveMutation,
    crate::download_links::graphql::DownloadLinkMutation,
    crate::integrations::graphql::IntegrationMutation,
    crate::integrations::secret_graphql::IntegrationSecretMutation,
);

/// The subscriptions of all features.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    crate::handover::graphql::HandoverSubscription,
    crate::people::graphql::PeopleSubscription,
);

/// The API.
pub type Schema = async_graphql::Schema<Query, OneByOne<Mutation>, Subscription>;

/// Deepest nesting of a query.
const MAX_DEPTH: usize = 15;
/// Most fields of an answer, a connection counting its page size.
const MAX_COMPLEXITY: usize = 20_000;
/// Most aliases of a query.
const MAX_ALIASES: usize = 30;

/// Most directives on one field.
const MAX_DIRECTIVES: usize = 5;

/// The two executors of the API: see [`documents`].
pub struct Schemas {
    /// Counts what a document may come to before it runs it.
    pub checking: Schema,
    /// Runs documents that have been counted.
    pub checked: Schema,
}

impl Schemas {
    /// Builds the API.
    pub fn new(introspection: Introspection, documents: Arc<Documents>) -> Self {
        let with = |builder: SchemaBuilder| match introspection {
            Introspection::True => builder.finish(),
            // Suggestions of other names tell the schema to whoever may not ask for it.
            Introspection::SignedIn => builder.disable_suggestions().finish(),
            Introspection::False => builder.disable_suggestions().disable_introspection().finish(),
        };
        let checking = builder()
            .limit_depth(MAX_DEPTH)
            .limit_complexity(MAX_COMPLEXITY)
            .limit_aliases(MAX_ALIASES)
            .limit_directives(MAX_DIRECTIVES)
            // The outer one: what it refuses has been counted and is remembered as such.
            .extension(ReservePoints)
            .extension(Factory(documents));
        Self {
            checking: with(checking),
            checked: with(builder()),
        }
    }

    /// The executor for a request that was admitted.
    pub fn executor(&self, prepared: &Prepared) -> &Schema {
        match prepared.is_known() {
            true => &self.checked,
            false => &self.checking,
        }
    }
}

type SchemaBuilder = async_graphql::SchemaBuilder<Query, OneByOne<Mutation>, Subscription>;

fn builder() -> SchemaBuilder {
    Schema::build(Query::default(), OneByOne::default(), Subscription::default())
        .register_output_type::<node::Node>()
        // What is executed has been validated before.
        .validation_mode(ValidationMode::Fast)
}

/// The schema as it is published: the content of `schema.graphql`.
pub fn sdl() -> String {
    builder().finish().sdl()
}
