//! Folders, files, their content, and their handover.

mod access;
mod files;
mod folders;
mod hand_over;
mod links;
mod moves;
mod names;
mod upload_limits;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// The My Drive of a person.
pub fn drive_of(person: &Person) -> String {
    entity::FolderId(person.id.0).to_string()
}

pub async fn folder(app: &TestApp, person: &Person, parent: &str, name: &str) -> String {
    let input = json!({ "parentId": parent, "name": name });
    let made = app.run(person, "createFolder", input, "folder { id }").await;
    made["folder"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{made}"))
        .to_owned()
}

/// Percent-encodes a name.
fn escaped(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

pub async fn send(
    app: &TestApp,
    person: &Person,
    folder: &str,
    name: &str,
    bytes: &[u8],
) -> (StatusCode, String) {
    let request = Request::post(format!("/drive/{folder}?name={}", escaped(name)))
        .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
        .header(header::CONTENT_TYPE, "text/plain");
    let (status, _, body) = app.bytes(request.body(Body::from(bytes.to_vec())).unwrap()).await;
    (status, String::from_utf8(body).unwrap())
}

/// Uploads a file and returns its id.
pub async fn upload(app: &TestApp, person: &Person, folder: &str, name: &str, bytes: &[u8]) -> String {
    let (status, body) = send(app, person, folder, name, bytes).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
    let file: Value = serde_json::from_str(&body).unwrap();
    file["id"].as_str().unwrap().to_owned()
}

pub async fn share(app: &TestApp, by: &Person, folder: &str, with: &Person, access: &str) -> Vec<String> {
    let input = json!({ "folderId": folder, "with": [with.id()], "access": access });
    app.refusal(by, "shareFolder", input).await
}

/// A folder or file as a person sees it.
pub async fn item(app: &TestApp, person: &Person, id: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on DriveItem { id name path parent { id } \
                 owner { email } shares { access user { email } } } } }";
    app.data(person, query, json!({ "id": id })).await["node"].clone()
}

/// The paths of everything in a folder, as an administrator or its owner sees them.
pub async fn tree(app: &TestApp, person: &Person, folder: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(id) = left.pop() {
        let query = "query($id: ID!) { node(id: $id) { ... on Folder { items(first: 100) { nodes { \
                     __typename id path owner { email } } } } } }";
        let found = app.data(person, query, json!({ "id": id })).await;
        for node in found["node"]["items"]["nodes"].as_array().unwrap() {
            let owner = node["owner"]["email"].as_str().unwrap();
            let owner = owner.split('@').next().unwrap();
            paths.push(format!("{} {owner}", node["path"].as_str().unwrap()));
            if node["__typename"] == "Folder" {
                left.push(node["id"].as_str().unwrap().to_owned());
            }
        }
    }
    paths.sort();
    paths
}
