//! Who may still sign in with a password.

use entity::user::{self, Role};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{Company, is_in};
use crate::support::{PASSWORD, Person};

impl Company {
    async fn with_password(&self, person: &Person) -> String {
        let query =
            "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }";
        let input = json!({ "email": person.email, "password": PASSWORD });
        let (_, answer) = self.app.ask(None, query, json!({ "input": input })).await;
        let payload = &answer["data"]["signIn"];
        match payload["accessToken"].is_string() {
            true => "in".to_owned(),
            false => payload["userErrors"][0]["code"].as_str().unwrap().to_owned(),
        }
    }

    async fn set(&self, input: Value) -> Vec<String> {
        self.app.refusal(&self.admin, "updateSettings", input).await
    }
}

#[tokio::test]
async fn passwords_are_switched_off_only_with_a_way_back() {
    let company = Company::new().await;
    let app = &company.app;
    let (ann, eve) = (app.employee("ann").await, app.employee("eve").await);
    let glass = app.person("glass", Role::Administrator).await;
    let spare = app.person("spare", Role::Administrator).await;
    let nobody = json!({ "passwordSignIn": "NOBODY" });
    let named = json!({ "breakGlassIds": [glass.id(), spare.id()] });
    assert_eq!(
        company.set(nobody.clone()).await,
        ["BREAK_GLASS_NEEDED breakGlassIds"]
    );
    for (ids, error) in [
        (json!([ann.id()]), "INVALID breakGlassIds.0"),
        (json!([glass.id(), glass.id()]), "INVALID breakGlassIds"),
        (json!(["x"]), "INVALID breakGlassIds.0"),
        (json!(vec![glass.id(); 11]), "TOO_MANY breakGlassIds"),
    ] {
        assert_eq!(company.set(json!({ "breakGlassIds": ids })).await, [error]);
    }
    let both = json!({ "passwordSignIn": "NOBODY", "breakGlassIds": [glass.id(), spare.id()] });
    assert_eq!(company.set(both).await, ["BREAK_GLASS_NEEDED passwordSignIn"]);
    assert_eq!(company.set(named).await, [""; 0]);
    // A linked employee is not enough.
    assert!(is_in(&company.sign_in_as("ann@example.com").await));
    assert_eq!(
        company.set(nobody.clone()).await,
        ["BREAK_GLASS_NEEDED passwordSignIn"]
    );
    let linked = company.link(&company.admin, json!({ "sub": "boss" })).await;
    assert_eq!(linked["userErrors"], json!([]));
    assert_eq!(company.set(nobody).await, [""; 0]);

    assert_eq!(company.with_password(&ann).await, "SIGN_IN_FAILED");
    assert_eq!(company.with_password(&company.admin).await, "SIGN_IN_FAILED");
    assert_eq!(company.with_password(&glass).await, "in");
    assert!(is_in(&company.sign_in_as("ann@example.com").await));
    assert!(is_in(&company.sign_in(json!({ "sub": "boss" })).await));
    // The last way in with a provider can't be taken away.
    let input = json!({ "providerId": company.id });
    assert_eq!(
        app.refusal(&company.admin, "retireIdentityProvider", input).await,
        ["BREAK_GLASS_NEEDED providerId"]
    );
    let input = json!({ "identityId": linked["user"]["identities"][0]["id"] });
    assert_eq!(
        app.refusal(&company.admin, "unlinkIdentity", input).await,
        ["BREAK_GLASS_NEEDED identityId"]
    );
    // Who is no longer an administrator has no break-glass account.
    for (role, outcome) in [(Role::Employee, "SIGN_IN_FAILED"), (Role::Administrator, "in")] {
        user::Entity::update_many()
            .col_expr(user::Column::Role, Expr::value(role))
            .filter(user::Column::Id.eq(glass.id))
            .exec(app.raw())
            .await
            .unwrap();
        assert_eq!(company.with_password(&glass).await, outcome);
    }
    // A wrong password tells nothing of the setting.
    let wrong =
        "mutation { signIn(input: { email: \"ann@example.com\", password: \"x\" }) { userErrors { code } } }";
    let (_, answer) = app.ask(None, wrong, json!({})).await;
    assert_eq!(
        answer["data"]["signIn"]["userErrors"][0]["code"],
        "WRONG_CREDENTIALS"
    );
    // Nor is there another way to a password.
    let reset = json!({ "userId": eve.id() });
    assert_eq!(
        app.refusal(&company.admin, "issuePasswordReset", reset).await,
        ["INVALID userId"]
    );
    // Neither of the two can be taken away, or leave the others without a way in.
    let one = json!({ "breakGlassIds": [glass.id()] });
    assert_eq!(company.set(one).await, ["BREAK_GLASS_NEEDED breakGlassIds"]);
    for person in [&glass, &spare] {
        assert_eq!(company.with_password(&company.admin).await, "SIGN_IN_FAILED");
        app.run(
            &company.admin,
            "dismissUser",
            json!({ "userId": person.id() }),
            "",
        )
        .await;
    }
    assert_eq!(
        company.with_password(&glass).await,
        "WRONG_CREDENTIALS",
        "dismissed"
    );
    assert_eq!(company.with_password(&company.admin).await, "in");
    assert_eq!(company.with_password(&ann).await, "SIGN_IN_FAILED");
}

#[tokio::test]
async fn passwords_for_administrators_alone() {
    let company = Company::new().await;
    let app = &company.app;
    let ann = app.employee("ann").await;
    let reset = json!({ "userId": ann.id() });
    let issued = app
        .run(&company.admin, "issuePasswordReset", reset, "token")
        .await;
    assert_eq!(
        company.set(json!({ "passwordSignIn": "ADMINISTRATORS" })).await,
        [""; 0]
    );
    assert_eq!(company.with_password(&company.admin).await, "in");
    assert_eq!(company.with_password(&ann).await, "SIGN_IN_FAILED");
    // A link issued before opens nothing either.
    let query = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { accessToken userErrors { code } } }";
    let input = json!({ "token": issued["token"], "password": "a new and long enough one" });
    let (_, answer) = app.ask(None, query, json!({ "input": input })).await;
    assert_eq!(
        answer["data"]["resetPassword"]["userErrors"][0]["code"],
        "SIGN_IN_FAILED"
    );
    let settings = app
        .data(
            &ann,
            "{ settings { passwordSignIn breakGlass { id } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        settings["settings"],
        json!({ "passwordSignIn": "ADMINISTRATORS", "breakGlass": null })
    );
    assert_eq!(
        company.set(json!({ "passwordSignIn": "EVERYBODY" })).await,
        [""; 0]
    );
    assert_eq!(company.with_password(&ann).await, "in");
    let changes = company.audited("settings.updated").await;
    assert_eq!(
        changes[0],
        json!({ "passwordSignIn": { "from": "EVERYBODY", "to": "ADMINISTRATORS" } })
    );
    // An integration with the permission changes other settings, but not this one.
    let input = json!({ "name": "x", "scopes": ["MANAGE_SETTINGS"] });
    let (_, token) = crate::integrations::create(app, &company.admin, input).await;
    let query =
        "mutation { updateSettings(input: { passwordSignIn: ADMINISTRATORS }) { userErrors { code } } }";
    assert_eq!(app.error(Some(&token), query, json!({})).await, "FORBIDDEN");
}
