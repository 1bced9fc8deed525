//! The edge: the roots merged from the features, limits, batch loaders, connections, and how failures are told.
//!
//! A resolver translates and nothing else: it reads its arguments, calls an operation and shapes the answer.

pub mod documents;
pub mod execute;
pub mod kit;
pub mod loaders;
pub mod one_by_one;
pub mod points;
pub mod resolvers;

use std::sync::Arc;

use async_graphql::{MergedObject, MergedSubscription, ValidationMode};

use self::documents::{Documents, Factory, Prepared};
use self::one_by_one::OneByOne;
use self::points::ReservePoints;
use crate::config::Introspection;

/// The queries of all features.
#[derive(MergedObject, Default)]
pub struct Query(
    resolvers::auth::AuthQuery,
    resolvers::node::NodeQuery,
    resolvers::people::PeopleQuery,
    resolvers::departments::DepartmentQuery,
    resolvers::tasks::TaskQuery,
    resolvers::task_templates::TaskTemplateQuery,
    resolvers::crm::CrmQuery,
    resolvers::crm_activities::CrmActivityQuery,
    resolvers::crm_roles::CrmRoleQuery,
    resolvers::dismissal_plans::DismissalQuery,
    resolvers::handovers::HandoverQuery,
    resolvers::audit::AuditQuery,
    resolvers::integrations::IntegrationQuery,
);

/// The mutations of all features.
#[derive(MergedObject, Default)]
pub struct Mutation(
    resolvers::auth::AuthMutation,
    resolvers::password_resets::PasswordResetMutation,
    resolvers::people::PeopleMutation,
    resolvers::invitations::InvitationMutation,
    resolvers::departments::DepartmentMutation,
    resolvers::dismissals::DismissalMutation,
    resolvers::handovers::HandoverMutation,
    resolvers::tasks::TaskMutation,
    resolvers::task_templates::TaskTemplateMutation,
    resolvers::crm::CrmMutation,
    resolvers::crm_activities::CrmActivityMutation,
    resolvers::crm_roles::CrmRoleMutation,
    resolvers::calendar::CalendarMutation,
    resolvers::drive::DriveMutation,
    resolvers::download_links::DownloadLinkMutation,
    resolvers::integrations::IntegrationMutation,
    resolvers::integration_secrets::IntegrationSecretMutation,
);

/// The subscriptions of all features.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    resolvers::handovers::HandoverSubscription,
    resolvers::people::PeopleSubscription,
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
        .register_output_type::<resolvers::node::Node>()
        // What is executed has been validated before.
        .validation_mode(ValidationMode::Fast)
}

/// The schema as it is published: the content of `schema.graphql`.
pub fn sdl() -> String {
    builder().finish().sdl()
}
