//! Authorization: every query, mutation and subscription of the schema must be in a table below.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use entity::user::{self, Role, UserStatus};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum For {
    /// No authentication required.
    Everybody,
    /// Any authenticated caller, including integrations with any scope.
    LetIn,
    /// Authenticated people; the operation decides about objects.
    SignedIn,
    /// Authenticated people, and integrations with this scope.
    PeopleAnd(&'static str),
    /// Administrators, and integrations with this scope.
    With(&'static str),
    /// Administrators, and integrations with both of these scopes.
    WithBoth(&'static str, &'static str),
    /// Administrators, and integrations with one of these scopes.
    WithAny(&'static [&'static str]),
    /// Administrators only, no integrations.
    Administrators,
}

const X: &str = "user_01j0b3v1mmee6tx9cpdgkfhbch";

/// Mutations, each with its input.
pub fn table() -> Vec<(&'static str, For, String)> {
    use For::{Administrators, Everybody, SignedIn, With};
    let user = format!("userId: \"{X}\"");
    let handover = "handoverId: \"handover_01j0b3v1mmee6tx9cpdgkfhbch\"".to_owned();
    let provider = "providerId: \"provider_01j0b3v1mmee6tx9cpdgkfhbch\"".to_owned();
    let directory = "directoryId: \"directory_01j0b3v1mmee6tx9cpdgkfhbch\"".to_owned();
    let webhook = "webhookId: \"webhook_01j0b3v1mmee6tx9cpdgkfhbch\"".to_owned();
    let calendar = "calendarId: \"calendar_01j0b3v1mmee6tx9cpdgkfhbch\"".to_owned();
    let folder = "folder_01j0b3v1mmee6tx9cpdgkfhbch";
    let moves = format!("[{{kind: CRM_DEAL, to: {{userId: \"{X}\"}}}}]");
    vec![
        ("signIn", Everybody, "email: \"a@b\", password: \"c\"".into()),
        ("refreshSession", Everybody, "refreshToken: \"x\"".into()),
        (
            "acceptInvitation",
            Everybody,
            "token: \"x\", password: \"y\"".into(),
        ),
        (
            "startSignInWith",
            Everybody,
            format!("{provider}, bindingHash: \"x\", redirectUri: \"y\""),
        ),
        (
            "completeSignInWith",
            Everybody,
            "state: \"x\", code: \"y\", binding: \"z\"".into(),
        ),
        (
            "linkIdentity",
            SignedIn,
            "state: \"x\", code: \"y\", binding: \"z\"".into(),
        ),
        (
            "unlinkIdentity",
            SignedIn,
            "identityId: \"identity_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        (
            "createIdentityProvider",
            Administrators,
            "name: \"x\", issuer: \"y\", clientId: \"z\", redirectUris: [\"https://app.example\"]".into(),
        ),
        ("updateIdentityProvider", Administrators, provider.clone()),
        ("retireIdentityProvider", Administrators, provider),
        ("resetPassword", Everybody, "token: \"x\", password: \"y\"".into()),
        ("signOut", SignedIn, String::new()),
        ("endSessions", SignedIn, user.clone()),
        (
            "changePassword",
            SignedIn,
            "currentPassword: \"x\", newPassword: \"y\"".into(),
        ),
        (
            "endSession",
            SignedIn,
            "sessionId: \"session_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        (
            "createTask",
            SignedIn,
            format!("title: \"x\", responsibleId: \"{X}\""),
        ),
        (
            "updateTask",
            SignedIn,
            "taskId: \"task_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        (
            "createFolder",
            SignedIn,
            format!("parentId: \"{folder}\", name: \"x\""),
        ),
        (
            "moveDriveItems",
            SignedIn,
            format!("itemIds: [\"{folder}\"], toFolderId: \"{folder}\""),
        ),
        (
            "shareFolder",
            SignedIn,
            format!("folderId: \"{folder}\", with: [\"{X}\"], access: READ"),
        ),
        (
            "unshareFolder",
            SignedIn,
            format!("folderId: \"{folder}\", with: [\"{X}\"]"),
        ),
        (
            "renameDriveItem",
            SignedIn,
            format!("itemId: \"{folder}\", name: \"x\""),
        ),
        ("createDownloadLink", SignedIn, format!("itemId: \"{folder}\"")),
        ("createCalendar", SignedIn, "name: \"x\"".into()),
        ("renameCalendar", SignedIn, format!("{calendar}, name: \"x\"")),
        ("createCalendarFeed", SignedIn, calendar.clone()),
        ("revokeCalendarFeed", SignedIn, calendar.clone()),
        (
            "createEvent",
            SignedIn,
            format!(
                "{calendar}, title: \"x\", startsAt: \"2026-01-05T08:00:00Z\", endsAt: \"2026-01-05T09:00:00Z\""
            ),
        ),
        (
            "updateEvent",
            SignedIn,
            "eventId: \"event_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        ("addFavoriteCalendar", SignedIn, calendar.clone()),
        ("removeFavoriteCalendar", SignedIn, calendar),
        (
            "createTaskTemplate",
            SignedIn,
            format!("title: \"x\", recurrence: \"FREQ=DAILY\", responsibleId: \"{X}\""),
        ),
        (
            "updateTaskTemplate",
            SignedIn,
            "templateId: \"tasktemplate_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        ("createCrmItem", SignedIn, "kind: DEAL, title: \"x\"".into()),
        (
            "updateCrmItem",
            SignedIn,
            "itemId: \"crmitem_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        (
            "createCrmActivity",
            SignedIn,
            "itemId: \"crmitem_01j0b3v1mmee6tx9cpdgkfhbch\", kind: CALL, subject: \"x\"".into(),
        ),
        (
            "updateCrmActivity",
            SignedIn,
            "activityId: \"crmactivity_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        (
            "setCrmRole",
            With("MANAGE_SETTINGS"),
            "name: \"Sales\", rules: []".into(),
        ),
        (
            "inviteUser",
            With("MANAGE_USERS"),
            "email: \"new@example.com\"".into(),
        ),
        ("renewInvitation", With("MANAGE_USERS"), user.clone()),
        ("withdrawInvitation", With("MANAGE_USERS"), user.clone()),
        ("issuePasswordReset", Administrators, user.clone()),
        ("updateUser", With("MANAGE_USERS"), user.clone()),
        ("setDepartment", With("MANAGE_USERS"), "name: \"Sales\"".into()),
        (
            "updateSettings",
            With("MANAGE_SETTINGS"),
            "showDismissedEmployees: true".into(),
        ),
        ("dismissUser", With("DISMISS_USERS"), user.clone()),
        (
            "dismissUsers",
            With("DISMISS_USERS"),
            format!("userIds: [\"{X}\"]"),
        ),
        ("cancelDismissal", With("DISMISS_USERS"), user.clone()),
        ("hireUser", With("HIRE_USERS"), user.clone()),
        (
            "bulkReassign",
            With("REASSIGN_WORK"),
            format!("fromUserId: \"{X}\", moves: {moves}"),
        ),
        ("cancelHandover", With("REASSIGN_WORK"), handover.clone()),
        ("retryHandover", With("REASSIGN_WORK"), handover.clone()),
        (
            "createIntegration",
            Administrators,
            "name: \"x\", scopes: [READ_AUDIT_LOG]".into(),
        ),
        (
            "revokeIntegration",
            Administrators,
            "integrationId: \"integration_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        (
            "addIntegrationSecret",
            Administrators,
            "integrationId: \"integration_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        (
            "revokeIntegrationSecret",
            Administrators,
            "secretId: \"secret_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        ("undoHandover", With("REASSIGN_WORK"), handover),
        (
            "createDirectory",
            Administrators,
            "name: \"x\", integrationId: \"integration_01j0b3v1mmee6tx9cpdgkfhbch\"".into(),
        ),
        ("updateDirectory", Administrators, directory.clone()),
        ("endDirectory", Administrators, directory.clone()),
        ("releaseHeldHandovers", Administrators, directory.clone()),
        ("linkToDirectory", Administrators, format!("{directory}, {user}")),
        (
            "unlinkFromDirectory",
            Administrators,
            format!("{directory}, {user}"),
        ),
        (
            "exemptFromDirectory",
            Administrators,
            format!("{user}, exempt: true"),
        ),
        (
            "mapDirectoryGroup",
            Administrators,
            "groupId: \"directorygroup_01j0b3v1mmee6tx9cpdgkfhbch\", to: {administrators: true}".into(),
        ),
        (
            "createWebhook",
            Administrators,
            "url: \"https://1.1.1.1/\", events: [USER_DISMISSED]".into(),
        ),
        ("updateWebhook", Administrators, webhook.clone()),
        ("deleteWebhook", Administrators, webhook.clone()),
        ("rotateWebhookSecret", Administrators, webhook.clone()),
        ("testWebhook", Administrators, webhook.clone()),
        (
            "redeliverWebhook",
            Administrators,
            format!("{webhook}, since: \"2026-01-01T00:00:00Z\""),
        ),
    ]
}

/// Queries, each with its selection.
fn queries() -> Vec<(&'static str, For, String)> {
    use For::{LetIn, PeopleAnd, With, WithAny};
    let plan = format!("handoverPlan(input: {{fromUserId: \"{X}\", moves: []}}) {{ total }}");
    vec![
        ("viewer", LetIn, "viewer { permissions }".into()),
        ("node", LetIn, format!("node(id: \"{X}\") {{ id }}")),
        ("nodes", LetIn, format!("nodes(ids: [\"{X}\"]) {{ id }}")),
        ("user", LetIn, format!("user(id: \"{X}\") {{ id }}")),
        ("users", LetIn, "users { totalCount }".into()),
        ("departments", LetIn, "departments { totalCount }".into()),
        ("settings", LetIn, "settings { showDismissedEmployees }".into()),
        ("search", LetIn, "search(text: \"a\") { line }".into()),
        ("tasks", PeopleAnd("READ_WORK"), "tasks { totalCount }".into()),
        (
            "taskTemplates",
            PeopleAnd("READ_WORK"),
            "taskTemplates { totalCount }".into(),
        ),
        (
            "crmItems",
            PeopleAnd("READ_WORK"),
            "crmItems { totalCount }".into(),
        ),
        (
            "crmActivities",
            PeopleAnd("READ_WORK"),
            "crmActivities { totalCount }".into(),
        ),
        ("crmRoles", With("MANAGE_SETTINGS"), "crmRoles { name }".into()),
        ("handoverPlan", With("REASSIGN_WORK"), plan),
        (
            "dismissalPlan",
            With("DISMISS_USERS"),
            format!("dismissalPlan(input: {{userId: \"{X}\"}}) {{ sessionsEnding }}"),
        ),
        (
            "returnPlan",
            For::WithBoth("HIRE_USERS", "REASSIGN_WORK"),
            format!("returnPlan(userId: \"{X}\") {{ total }}"),
        ),
        (
            "undoPlan",
            With("REASSIGN_WORK"),
            "undoPlan(handoverId: \"handover_01j0b3v1mmee6tx9cpdgkfhbch\") { total }".into(),
        ),
        (
            "handovers",
            WithAny(&["REASSIGN_WORK", "READ_WORK"]),
            "handovers { totalCount }".into(),
        ),
        (
            "workOverview",
            WithAny(&["REASSIGN_WORK", "READ_WORK"]),
            "workOverview(groupBy: KIND) { kind }".into(),
        ),
        (
            "heldItems",
            WithAny(&["REASSIGN_WORK", "READ_WORK"]),
            format!("heldItems(userId: \"{X}\", kind: DRIVE) {{ totalCount }}"),
        ),
        (
            "dismissals",
            With("DISMISS_USERS"),
            "dismissals { totalCount }".into(),
        ),
        (
            "auditLog",
            With("READ_AUDIT_LOG"),
            "auditLog { totalCount }".into(),
        ),
        (
            "auditActions",
            With("READ_AUDIT_LOG"),
            "auditActions { name }".into(),
        ),
        (
            "integrations",
            With("MANAGE_INTEGRATIONS"),
            "integrations { name }".into(),
        ),
        (
            "directories",
            With("MANAGE_INTEGRATIONS"),
            "directories { name }".into(),
        ),
        ("webhooks", With("MANAGE_INTEGRATIONS"), "webhooks { url }".into()),
        ("changes", With("READ_EVENTS"), "changes { nodes { id } }".into()),
        (
            "identityProviders",
            For::Everybody,
            "identityProviders { name issuer }".into(),
        ),
        (
            "previewDirectoryRequest",
            For::Administrators,
            "previewDirectoryRequest(directoryId: \"directory_01j0b3v1mmee6tx9cpdgkfhbch\", method: \"GET\", path: \"/Users\") \
             { status }"
                .into(),
        ),
    ]
}

/// Subscriptions, each with its selection.
fn subscriptions() -> Vec<(&'static str, For, &'static str)> {
    vec![
        (
            "handoverProgress",
            For::WithAny(&["REASSIGN_WORK", "READ_WORK"]),
            "handoverProgress(id: \"handover_01j0b3v1mmee6tx9cpdgkfhbch\") { state }",
        ),
        (
            "handoversChanged",
            For::WithAny(&["REASSIGN_WORK", "READ_WORK"]),
            "handoversChanged { state }",
        ),
        ("userStatusChanged", For::LetIn, "userStatusChanged { status }"),
    ]
}

/// The callers, each with an optional token.
struct Callers {
    app: TestApp,
    admin: Person,
    employee: Person,
    head: Person,
    dismissed: Person,
    invited: Person,
}

async fn callers() -> Callers {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let mut people = Vec::new();
    for name in ["employee", "head", "dismissed", "invited"] {
        people.push(app.employee(name).await);
    }
    let [employee, head, dismissed, invited] = people.try_into().unwrap_or_else(|_| panic!());
    let input = json!({ "name": "Team", "headId": head.id() });
    app.run(&admin, "setDepartment", input, "department { id }").await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": dismissed.id() }),
        "user { id }",
    )
    .await;
    // An invited person can't have a session; if there were one, it would be refused.
    user::Entity::update_many()
        .col_expr(user::Column::Status, Expr::value(UserStatus::Invited))
        .filter(user::Column::Id.eq(invited.id))
        .exec(app.raw())
        .await
        .unwrap();
    Callers {
        app,
        admin,
        employee,
        head,
        dismissed,
        invited,
    }
}

async fn integration(callers: &Callers, scopes: Value) -> String {
    let input = json!({ "name": "script", "scopes": scopes });
    let made = callers
        .app
        .run(&callers.admin, "createIntegration", input, "token")
        .await;
    made["token"]
        .as_str()
        .unwrap_or_else(|| panic!("{made}"))
        .to_owned()
}

/// The calling integrations, by token.
struct Programs {
    all: String,
    /// For each scope, one that lacks it.
    others: Vec<(&'static str, String)>,
    /// With all scopes except those that grant access to ledgers.
    without_any: String,
    /// With all scopes and a dismissed or demoted owner, by a secret shown to somebody else.
    orphaned: Vec<(&'static str, String)>,
    /// The same integrations, by the secret shown to that owner.
    known_to_leavers: Vec<(&'static str, String)>,
}

async fn programs(callers: &Callers) -> Programs {
    let (app, admin) = (&callers.app, &callers.admin);
    let mut others = Vec::new();
    for missing in SCOPES {
        let scopes: Vec<&str> = SCOPES.into_iter().filter(|scope| *scope != missing).collect();
        others.push((missing, integration(callers, json!(scopes)).await));
    }
    let (mut orphaned, mut known_to_leavers) = (Vec::new(), Vec::new());
    for (name, whose) in [
        ("leaver", "whose owner has left"),
        ("demoted", "whose owner was demoted"),
    ] {
        let owner = app.person(name, Role::Administrator).await;
        let input = json!({ "name": name, "scopes": SCOPES });
        let (id, token) = crate::integrations::create(app, &owner, input).await;
        let (_, other) = crate::integrations::add(app, admin, json!({ "integrationId": id })).await;
        match name {
            "leaver" => {
                app.run(admin, "dismissUser", json!({ "userId": owner.id() }), "")
                    .await
            }
            _ => {
                let input = json!({ "userId": owner.id(), "role": "EMPLOYEE" });
                app.run(admin, "updateUser", input, "").await
            }
        };
        orphaned.push((whose, other));
        known_to_leavers.push((whose, token));
    }
    let few: Vec<&str> = SCOPES
        .into_iter()
        .filter(|scope| !["REASSIGN_WORK", "READ_WORK"].contains(scope))
        .collect();
    Programs {
        without_any: integration(callers, json!(few)).await,
        all: integration(callers, json!(SCOPES)).await,
        others,
        orphaned,
        known_to_leavers,
    }
}

const SCOPES: [&str; 11] = [
    "DISMISS_USERS",
    "HIRE_USERS",
    "REASSIGN_WORK",
    "MANAGE_USERS",
    "MANAGE_SETTINGS",
    "MANAGE_INTEGRATIONS",
    "READ_AUDIT_LOG",
    "SEE_DISMISSED_USERS",
    "READ_WORK",
    "READ_FILES",
    "READ_EVENTS",
];

impl Callers {
    async fn code(&self, token: Option<&str>, query: &str) -> String {
        if query.starts_with("subscription") {
            return self.first(token, query).await;
        }
        let (status, answer) = self.app.ask(token, query, json!({})).await;
        let code = answer["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or("none");
        assert_eq!(
            status == StatusCode::UNAUTHORIZED,
            code == "UNAUTHENTICATED",
            "{query}"
        );
        code.to_owned()
    }

    /// The refusal of a subscription, if any.
    async fn first(&self, token: Option<&str>, query: &str) -> String {
        let mut request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = Body::from(json!({ "query": query }).to_string());
        let (_, text) = self.app.beginning(request.body(body).unwrap()).await;
        let refused = ["UNAUTHENTICATED", "FORBIDDEN"];
        let told = refused
            .into_iter()
            .find(|code| text.as_ref().is_some_and(|text| text.contains(code)));
        told.unwrap_or("none").to_owned()
    }

    /// Runs the operation as each caller and compares with the row.
    async fn check(&self, name: &str, who: For, query: &str, programs: &Programs) {
        let Programs {
            all,
            others,
            without_any,
            orphaned,
            known_to_leavers,
        } = programs;
        let (open, shut) = ("none", "UNAUTHENTICATED");
        let expected = if who == For::Everybody { open } else { shut };
        assert_eq!(self.code(None, query).await, expected, "{name} as nobody");
        for person in [&self.dismissed, &self.invited] {
            // An invalid token does not block operations that issue a new one.
            assert_eq!(
                self.code(Some(&person.token), query).await,
                expected,
                "{name} as {}",
                person.email
            );
        }
        // Signing out would end the session needed by other rows.
        if name == "signOut" {
            return;
        }
        let employees = match who {
            For::Everybody | For::LetIn | For::SignedIn | For::PeopleAnd(_) => open,
            For::With(_) | For::WithBoth(..) | For::WithAny(_) | For::Administrators => "FORBIDDEN",
        };
        for person in [&self.employee, &self.head] {
            assert_eq!(
                self.code(Some(&person.token), query).await,
                employees,
                "{name} as {}",
                person.email
            );
        }
        assert_eq!(
            self.code(Some(&self.admin.token), query).await,
            open,
            "{name} as administrator"
        );
        let with = match who {
            For::SignedIn | For::Administrators => "FORBIDDEN",
            _ => open,
        };
        assert_eq!(
            self.code(Some(all), query).await,
            with,
            "{name} as an integration with all scopes"
        );
        for (whose, token) in orphaned {
            assert_eq!(
                self.code(Some(token), query).await,
                with,
                "{name} as an integration {whose}"
            );
        }
        for (whose, token) in known_to_leavers {
            assert_eq!(
                self.code(Some(token), query).await,
                expected,
                "{name} as an integration {whose}"
            );
        }
        if let For::WithAny(scopes) = who {
            let code = self.code(Some(without_any), query).await;
            assert_eq!(code, "FORBIDDEN", "{name} as an integration without {scopes:?}");
        }
        for (missing, token) in others {
            let needed = match who {
                For::With(one) | For::PeopleAnd(one) => one == *missing,
                For::WithBoth(one, other) => [one, other].contains(missing),
                _ => false,
            };
            let expected = if needed { "FORBIDDEN" } else { with };
            let code = self.code(Some(token), query).await;
            assert_eq!(code, expected, "{name} as an integration without {missing}");
        }
    }
}

#[tokio::test]
async fn every_operation_enforces_its_authorization() {
    let callers = callers().await;
    let programs = programs(&callers).await;
    for (name, who, field) in queries() {
        callers
            .check(name, who, &format!("{{ {field} }}"), &programs)
            .await;
    }
    for (name, who, field) in subscriptions() {
        let query = format!("subscription {{ {field} }}");
        callers.check(name, who, &query, &programs).await;
    }
    for (name, who, input) in table() {
        let arguments = if input.is_empty() {
            String::new()
        } else {
            format!("(input: {{{input}}})")
        };
        let query = format!("mutation {{ {name}{arguments} {{ userErrors {{ code }} }} }}");
        callers.check(name, who, &query, &programs).await;
    }
}

/// A new field without a row fails here.
#[tokio::test]
async fn every_operation_has_an_authorization_row() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    for (root, known) in [
        (
            "queryType",
            queries().iter().map(|row| row.0).collect::<BTreeSet<_>>(),
        ),
        (
            "subscriptionType",
            subscriptions().iter().map(|row| row.0).collect(),
        ),
        ("mutationType", table().iter().map(|row| row.0).collect()),
    ] {
        let query = format!("{{ __schema {{ {root} {{ fields {{ name }} }} }} }}");
        let schema = app.data(&admin, &query, json!({})).await;
        let served: BTreeSet<&str> = schema["__schema"][root]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["name"].as_str().unwrap())
            .collect();
        assert_eq!(served, known);
    }
}

#[tokio::test]
async fn work_and_sessions_are_visible_to_oneself_and_administrators() {
    let app = TestApp::new().await;
    let (admin, employee) = (app.administrator().await, app.employee("ann").await);
    let other = format!("{{ user(id: \"{}\") {{ work {{ total }} }} }}", admin.id());
    assert_eq!(
        app.error(Some(&employee.token), &other, json!({})).await,
        "FORBIDDEN"
    );
    let other = format!("{{ user(id: \"{}\") {{ sessions {{ id }} }} }}", admin.id());
    assert_eq!(
        app.error(Some(&employee.token), &other, json!({})).await,
        "FORBIDDEN"
    );
}
