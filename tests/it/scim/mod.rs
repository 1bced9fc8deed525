//! `/scim/v2`: directories provision people and groups.

mod active;
mod edges;
mod groups;
mod people;
mod policy;
mod protocol;
mod races;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::integrations::create;
use crate::support::{Person, TestApp};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A company with a directory.
pub struct Company {
    pub app: TestApp,
    pub admin: Person,
    /// ID of the directory.
    pub directory: String,
    pub token: String,
}

impl Company {
    pub async fn new() -> Self {
        Self::of(TestApp::new().await).await
    }

    pub async fn of(app: TestApp) -> Self {
        let admin = app.administrator().await;
        let (directory, token) = add_directory(&app, &admin, "Okta").await;
        Self {
            app,
            admin,
            directory,
            token,
        }
    }

    pub async fn call(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Value) {
        let (status, headers, bytes) = self.app.bytes(request).await;
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&bytes))),
        };
        (status, headers, body)
    }

    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Request<Body> {
        let request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/scim+json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        }
        .unwrap()
    }

    /// Sends a request; returns the status and the body.
    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let (status, _, body) = self.call(self.request(method, path, body.as_ref())).await;
        (status.as_u16(), body)
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send("GET", path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Creates a user, who is active.
    pub async fn create(&self, body: Value) -> Value {
        let (status, body) = self.send("POST", "/Users", Some(body)).await;
        assert_eq!(status, 201, "{body}");
        body
    }

    pub async fn patch(&self, path: &str, operations: Value) -> (u16, Value) {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        self.send("PATCH", path, Some(body)).await
    }

    /// Sends a request that is refused; returns the status and the keyword.
    pub async fn refused(&self, method: &str, path: &str, body: Option<Value>) -> (u16, String) {
        let (status, body) = self.send(method, path, body).await;
        assert_eq!(body["status"], status.to_string(), "{body}");
        assert!(body["detail"].is_string(), "{body}");
        (status, body["scimType"].as_str().unwrap_or_default().to_owned())
    }

    /// Fields of a person in the API.
    pub async fn user(&self, id: &str, fields: &str) -> Value {
        let query = format!("query($id: ID!) {{ user(id: $id) {{ {fields} }} }}");
        let found = self
            .app
            .data(&self.admin, &query, json!({ "id": typed(id) }))
            .await;
        found["user"].clone()
    }

    /// Changes the directory.
    pub async fn update(&self, mut input: Value) {
        input["directoryId"] = self.directory.as_str().into();
        let done = self
            .app
            .run(&self.admin, "updateDirectory", input, "directory { id }")
            .await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
    }

    /// Fields of the directory in the API.
    pub async fn about(&self, fields: &str) -> Value {
        let query = format!("{{ directories {{ {fields} }} }}");
        self.app.data(&self.admin, &query, json!({})).await["directories"][0].clone()
    }
}

/// Creates a directory; returns its id and token.
pub async fn add_directory(app: &TestApp, admin: &Person, name: &str) -> (String, String) {
    let input = json!({ "name": name, "scopes": ["PROVISION_PEOPLE"] });
    let (integration, token) = create(app, admin, input).await;
    let input = json!({ "name": name, "integrationId": integration });
    let made = app
        .run(admin, "createDirectory", input, "directory { id baseUrl }")
        .await;
    assert!(
        made["directory"]["baseUrl"]
            .as_str()
            .unwrap()
            .ends_with("/scim/v2"),
        "{made}"
    );
    (made["directory"]["id"].as_str().unwrap().to_owned(), token)
}

/// The id of a person in the API.
pub fn typed(id: &str) -> String {
    entity::UserId(id.parse().unwrap()).to_string()
}

/// The id of a person in SCIM.
pub fn plain(person: &Person) -> String {
    person.id.0.to_string()
}

/// The usual body of a new user.
pub fn ann() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": "00u1",
        "userName": "Ann.Archer@Example.com",
        "name": { "givenName": "Ann", "familyName": "Archer" },
        "displayName": "Ann Archer",
        "title": "Engineer",
        "active": true,
        "emails": [{ "value": "ann@example.com", "type": "work", "primary": true }],
        ENTERPRISE: { "employeeNumber": "42", "department": "Sales" },
    })
}
