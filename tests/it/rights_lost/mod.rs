//! Losing access also affects what is in progress: streams, downloads, archives, uploads, and writes between
//! authentication and transaction.

mod streams;
mod transfers;
mod writes;

use axum::http::{Request, header};
use serde_json::json;

use crate::support::{Person, TestApp};

/// A way to lose access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    Dismissed,
    SignedOut,
    /// An administrator becomes an employee.
    Demoted,
    /// A share is revoked.
    Unshared,
}

async fn demote(app: &TestApp, boss: &Person, who: &Person) {
    role(app, boss, who, "EMPLOYEE").await;
}

async fn role(app: &TestApp, boss: &Person, who: &Person, role: &str) {
    let input = json!({ "userId": who.id(), "role": role });
    let changed = app.run(boss, "updateUser", input, "user { role }").await;
    assert_eq!(changed["user"]["role"], role, "{changed}");
}

/// Removes the access of `who`; `owner` shares `folder` with them.
async fn lose(app: &TestApp, loss: Loss, boss: &Person, who: &Person, owner: &Person, folder: &str) {
    match loss {
        Loss::Dismissed => {
            let input = json!({ "userId": who.id() });
            app.run(boss, "dismissUser", input, "user { id }").await;
        }
        Loss::SignedOut => {
            let query = "mutation { signOut { userErrors { code } } }";
            app.data(who, query, json!({})).await;
        }
        Loss::Demoted => demote(app, boss, who).await,
        Loss::Unshared => {
            let input = json!({ "folderId": folder, "with": [who.id()] });
            assert!(app.refusal(owner, "unshareFolder", input).await.is_empty());
        }
    }
}

/// A non-GraphQL request.
fn get(path: &str, who: &Person) -> Request<axum::body::Body> {
    Request::get(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", who.token))
        .body(axum::body::Body::empty())
        .unwrap()
}
