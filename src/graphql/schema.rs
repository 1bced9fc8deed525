//! The schema: the only file that knows all resolvers.

use std::sync::Arc;

use async_graphql::{MergedObject, MergedSubscription, ValidationMode};

use super::documents::{Documents, Factory, Prepared};
use super::one_by_one::OneByOne;
use super::points::ReservePoints;
use crate::graphql::documents::Introspection;

/// The queries of all features.
#[derive(MergedObject, Default)]
pub struct Query(
    super::resolvers::auth::AuthQuery,
    super::resolvers::node::NodeQuery,
    super::resolvers::search::SearchQuery,
    super::resolvers::people::PeopleQuery,
    super::resolvers::departments::DepartmentQuery,
    super::resolvers::tasks::TaskQuery,
    super::resolvers::task_templates::TaskTemplateQuery,
    super::resolvers::crm::CrmQuery,
    super::resolvers::crm_activities::CrmActivityQuery,
    super::resolvers::crm_roles::CrmRoleQuery,
    super::resolvers::dismissal_plans::DismissalQuery,
    super::resolvers::handovers::HandoverQuery,
    super::resolvers::audit::AuditQuery,
    super::resolvers::integrations::IntegrationQuery,
    super::resolvers::directories::DirectoryQuery,
    super::resolvers::webhooks::WebhookQuery,
    super::resolvers::identity_providers::IdentityProviderQuery,
);

/// The mutations of all features.
#[derive(MergedObject, Default)]
pub struct Mutation(
    super::resolvers::auth::AuthMutation,
    super::resolvers::password_resets::PasswordResetMutation,
    super::resolvers::people::PeopleMutation,
    super::resolvers::invitations::InvitationMutation,
    super::resolvers::departments::DepartmentMutation,
    super::resolvers::dismissals::DismissalMutation,
    super::resolvers::handovers::HandoverMutation,
    super::resolvers::tasks::TaskMutation,
    super::resolvers::task_templates::TaskTemplateMutation,
    super::resolvers::crm::CrmMutation,
    super::resolvers::crm_activities::CrmActivityMutation,
    super::resolvers::crm_roles::CrmRoleMutation,
    super::resolvers::calendar::CalendarMutation,
    super::resolvers::drive::DriveMutation,
    super::resolvers::download_links::DownloadLinkMutation,
    super::resolvers::integrations::IntegrationMutation,
    super::resolvers::integration_secrets::IntegrationSecretMutation,
    super::resolvers::directory_mutations::DirectoryMutation,
    super::resolvers::webhook_mutations::WebhookMutation,
    super::resolvers::identity_providers::IdentityProviderMutation,
);

/// The subscriptions of all features.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    super::resolvers::handovers::HandoverSubscription,
    super::resolvers::people::PeopleSubscription,
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

/// The two executors of the API: see [`documents`](super::documents).
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
        .register_output_type::<super::types::node::Node>()
        // What is executed has been validated before.
        .validation_mode(ValidationMode::Fast)
}

/// The schema as it is published: the content of `schema.graphql`.
pub fn sdl() -> String {
    builder().finish().sdl()
}
