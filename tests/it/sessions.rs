//! Sign-in, refresh and sign-out.

use axum::http::StatusCode;
use chrono::TimeDelta;
use entity::refresh_token;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, TestApp};

const SIGN_IN: &str = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken refreshToken user { email } userErrors { code } } }";
const REFRESH: &str = "mutation($i: RefreshSessionInput!) { refreshSession(input: $i) { \
                       accessToken refreshToken userErrors { code field } } }";

async fn refresh(app: &TestApp, token: &Value) -> Value {
    app.ask(None, REFRESH, json!({ "i": { "refreshToken": token } }))
        .await
        .1["data"]["refreshSession"]
        .clone()
}

#[tokio::test]
async fn a_refresh_token_works_once_and_reuse_ends_the_session() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    let (_, answer) = app
        .ask(
            None,
            SIGN_IN,
            json!({ "i": { "email": ann.email, "password": PASSWORD } }),
        )
        .await;
    let first = answer["data"]["signIn"]["refreshToken"].clone();
    let second = refresh(&app, &first).await;
    let access = second["accessToken"].as_str().unwrap().to_owned();
    let (status, _) = app
        .ask(Some(&access), "{ viewer { user { id } } }", json!({}))
        .await;
    assert_eq!(status, StatusCode::OK);

    let third = refresh(&app, &second["refreshToken"]).await;
    assert!(third["accessToken"].is_string(), "{third}");
    let reused = refresh(&app, &first).await;
    assert_eq!(
        reused["userErrors"],
        json!([{ "code": "TOKEN_INVALID", "field": ["refreshToken"] }])
    );
    let (status, _) = app
        .ask(Some(&access), "{ viewer { user { id } } }", json!({}))
        .await;
    assert_eq!(
        status,
        StatusCode::UNAUTHORIZED,
        "the session has also ended for the holder of the newest tokens"
    );
    assert_eq!(
        refresh(&app, &third["refreshToken"]).await["userErrors"][0]["code"],
        "TOKEN_INVALID"
    );
}

/// Signs in and returns the refresh token.
async fn signed_in(app: &TestApp, person: &Person) -> Value {
    let input = json!({ "i": { "email": person.email, "password": PASSWORD } });
    let (_, answer) = app.ask(None, SIGN_IN, input).await;
    answer["data"]["signIn"]["refreshToken"].clone()
}

#[tokio::test]
async fn concurrent_refreshes_keep_the_session() {
    let app = TestApp::new().await;
    app.administrator().await;
    let ann = app.employee("ann").await;
    let first = signed_in(&app, &ann).await;
    let open = app.open_sessions(&ann).await;
    let mut at_once = Vec::new();
    for answer in futures_util::future::join_all((0..4).map(|_| refresh(&app, &first))).await {
        assert_eq!(answer["userErrors"], json!([]));
        at_once.push(answer);
    }
    assert_eq!(app.open_sessions(&ann).await, open);
    for answer in &at_once {
        let access = answer["accessToken"].as_str().unwrap();
        let (status, _) = app
            .ask(Some(access), "{ viewer { user { id } } }", json!({}))
            .await;
        assert_eq!(status, StatusCode::OK);
        // All get the same successor: there is never more than one chain.
        assert_eq!(answer["refreshToken"], at_once[0]["refreshToken"]);
    }
    let next = refresh(&app, &at_once[3]["refreshToken"]).await;
    assert!(next["refreshToken"].is_string(), "{next}");
    assert_eq!(
        refresh(&app, &first).await["userErrors"][0]["code"],
        "TOKEN_INVALID",
        "its successor has been used"
    );
    assert_eq!(app.open_sessions(&ann).await, open - 1);
    app.sound().await;
}

#[tokio::test]
async fn a_refresh_token_that_was_used_more_than_ten_seconds_ago_ends_the_session() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    let first = signed_in(&app, &ann).await;
    let second = refresh(&app, &first).await;
    let used = |ago: i64| {
        let at = app.db().clock().now() - TimeDelta::seconds(ago);
        refresh_token::Entity::update_many()
            .col_expr(refresh_token::Column::UsedAt, Expr::value(at))
            .filter(refresh_token::Column::UsedAt.is_not_null())
            .exec(app.raw())
    };
    used(7).await.unwrap();
    let repeated = refresh(&app, &first).await;
    assert_eq!(repeated["refreshToken"], second["refreshToken"]);
    used(11).await.unwrap();
    assert_eq!(
        refresh(&app, &first).await["userErrors"][0]["code"],
        "TOKEN_INVALID"
    );
    for token in [&second["refreshToken"], &json!("x".repeat(60_000))] {
        assert_eq!(
            refresh(&app, token).await["userErrors"][0]["code"],
            "TOKEN_INVALID"
        );
    }
    // Stored values can't be used as tokens.
    let stored = refresh_token::Entity::find().all(app.raw()).await.unwrap();
    assert!(!format!("{stored:?}").contains(second["refreshToken"].as_str().unwrap()));
}

#[tokio::test]
async fn end_sessions_ends_all_sessions_of_a_person() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let others = json!({ "userId": bob.id() });
    assert_eq!(
        app.refusal(&ann, "endSessions", others.clone()).await,
        ["NOT_FOUND userId"]
    );
    let nobody = json!({ "userId": "user_01j0b3v1mmee6tx9cpdgkfhbch" });
    assert_eq!(
        app.refusal(&admin, "endSessions", nobody).await,
        ["NOT_FOUND userId"]
    );
    for (by, who) in [(&ann, &ann), (&admin, &bob)] {
        let refresh_token = signed_in(&app, who).await;
        assert_eq!(app.open_sessions(who).await, 2);
        let payload = app
            .run(by, "endSessions", json!({ "userId": who.id() }), "")
            .await;
        assert_eq!(payload["userErrors"], json!([]));
        assert_eq!(app.open_sessions(who).await, 0);
        let (status, _) = app
            .ask(Some(&who.token), "{ viewer { user { id } } }", json!({}))
            .await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            refresh(&app, &refresh_token).await["userErrors"][0]["code"],
            "TOKEN_INVALID"
        );
    }
    app.run(&admin, "endSessions", others, "").await;
    let query = "{ auditLog(filter: { action: [\"user.sessions_ended\"] }) { totalCount } }";
    let log = app.data(&admin, query, json!({})).await;
    assert_eq!(
        log["auditLog"]["totalCount"], 2,
        "one entry per change, none for a no-op"
    );
    app.sound().await;
}

#[tokio::test]
async fn failed_sign_ins_are_indistinguishable() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    for (email, password) in [
        (ann.email.as_str(), "wrong"),
        ("nobody@example.com", PASSWORD),
        ("", ""),
    ] {
        let (_, answer) = app
            .ask(
                None,
                SIGN_IN,
                json!({ "i": { "email": email, "password": password } }),
            )
            .await;
        assert_eq!(
            answer["data"]["signIn"]["userErrors"],
            json!([{ "code": "WRONG_CREDENTIALS" }])
        );
        assert_eq!(answer["data"]["signIn"]["accessToken"], Value::Null);
    }
}

#[tokio::test]
async fn signing_out_and_a_new_password_end_sessions() {
    let app = TestApp::new().await;
    app.administrator().await;
    let ann = app.employee("ann").await;
    let (_, other) = app
        .ask(
            None,
            SIGN_IN,
            json!({ "i": { "email": ann.email, "password": PASSWORD } }),
        )
        .await;
    let other = other["data"]["signIn"]["accessToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let wrong = json!({ "currentPassword": "wrong", "newPassword": "a better password" });
    assert_eq!(
        app.refusal(&ann, "changePassword", wrong).await,
        ["WRONG_CREDENTIALS currentPassword"]
    );
    let weak = json!({ "currentPassword": PASSWORD, "newPassword": "short" });
    assert_eq!(
        app.refusal(&ann, "changePassword", weak).await,
        ["PASSWORD_TOO_WEAK newPassword"]
    );
    let good = json!({ "currentPassword": PASSWORD, "newPassword": "a better password" });
    app.run(&ann, "changePassword", good, "").await;
    let (status, _) = app
        .ask(Some(&other), "{ viewer { user { id } } }", json!({}))
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    app.data(&ann, "mutation { signOut { userErrors { code } } }", json!({}))
        .await;
    let (status, _) = app
        .ask(Some(&ann.token), "{ viewer { user { id } } }", json!({}))
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    app.sound().await;
}

#[tokio::test]
async fn an_invitation_is_accepted_once() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let input = json!({ "email": "New@Example.com", "givenName": "Noor" });
    let invited = app
        .run(
            &admin,
            "inviteUser",
            input.clone(),
            "user { id status name } invitationToken",
        )
        .await;
    assert_eq!(invited["user"]["status"], "INVITED");
    let again = app.run(&admin, "inviteUser", input, "invitationToken").await;

    let accept = "mutation($i: AcceptInvitationInput!) { acceptInvitation(input: $i) { \
                  accessToken user { status } userErrors { code field } } }";
    let with = |token: &Value| json!({ "i": { "token": token, "password": "brand new password" } });
    let (_, old) = app.ask(None, accept, with(&invited["invitationToken"])).await;
    assert_eq!(
        old["data"]["acceptInvitation"]["userErrors"][0]["code"],
        "TOKEN_INVALID"
    );
    let (_, accepted) = app.ask(None, accept, with(&again["invitationToken"])).await;
    assert_eq!(
        accepted["data"]["acceptInvitation"]["user"]["status"], "ACTIVE",
        "{accepted}"
    );
    let (_, twice) = app.ask(None, accept, with(&again["invitationToken"])).await;
    assert_eq!(
        twice["data"]["acceptInvitation"]["userErrors"][0]["code"],
        "TOKEN_INVALID"
    );
    let taken = json!({ "email": "new@example.com" });
    assert_eq!(
        app.refusal(&admin, "inviteUser", taken).await,
        ["EMAIL_TAKEN email"]
    );
    app.sound().await;
}

#[tokio::test]
async fn invalid_access_tokens_are_refused() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    let parts: Vec<&str> = ann.token.split('.').collect();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let cut = &ann.token[..ann.token.len() - 6];
    let forged = [
        "".to_owned(),
        "nonsense".to_owned(),
        format!("{none}.{}.", parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{cut}AAAAAA"),
    ];
    for token in forged {
        let (status, answer) = app
            .ask(Some(&token), "{ viewer { user { id } } }", json!({}))
            .await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{token}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn a_rotated_key_still_verifies() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    handover::domain::auth::keys::rotate(app.db()).await.unwrap();
    let replica = app.replica().await;
    for place in [&app, &replica] {
        let (status, _) = place
            .ask(Some(&ann.token), "{ viewer { user { id } } }", json!({}))
            .await;
        assert_eq!(status, StatusCode::OK);
    }
    let published = replica.app.keys.public().await.unwrap();
    let published: Vec<&str> = published["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["kid"].as_str().unwrap())
        .collect();
    assert_eq!(published.len(), 2);
    // The new key is published before it signs, so that cached key sets can be refreshed.
    let (signs, _) = replica.app.keys.signing().await.unwrap();
    assert_eq!(signs, published[1]);
    let sql = "UPDATE signing_keys SET created_at = $1 WHERE kid = $2";
    let minutes = |ago| app.db().clock().now() - TimeDelta::minutes(ago);
    for (kid, ago) in [(published[0], 2), (published[1], 60)] {
        handover::store::db::execute(app.raw(), sql, [minutes(ago).into(), kid.into()])
            .await
            .unwrap();
    }
    let later = app.replica().await;
    assert_eq!(later.app.keys.signing().await.unwrap().0, published[0]);
    assert_eq!(
        later
            .ask(Some(&ann.token), "{ viewer { user { id } } }", json!({}))
            .await
            .0,
        StatusCode::OK
    );
}
