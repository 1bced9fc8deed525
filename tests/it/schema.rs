//! `schema.graphql` matches the served schema.

use serde_json::{Value, json};

use crate::support::TestApp;

#[test]
fn the_published_schema_is_up_to_date() {
    let published = include_str!("../../schema.graphql");
    let served = handover::graphql::schema::sdl();
    let (old, new) = (published.trim_end().lines(), served.trim_end().lines());
    let changed = old.clone().zip(new.clone()).find(|(old, new)| old != new);
    assert_eq!(changed, None, "run: cargo run -- schema > schema.graphql");
    assert_eq!(
        old.count(),
        new.count(),
        "run: cargo run -- schema > schema.graphql"
    );
}

/// Every element of the schema has a description.
#[tokio::test]
async fn everything_in_the_schema_is_described() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let query = "{ __schema { types { name description enumValues { name description } \
                 inputFields { name description } fields { name description args { name description } } } } }";
    let schema = app.data(&admin, query, json!({})).await;
    let mut silent = Vec::new();
    let mut look = |path: String, thing: &Value| {
        if thing["description"].as_str().is_none_or(str::is_empty) {
            silent.push(path);
        }
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for kind in list(&schema["__schema"]["types"]) {
        let name = kind["name"].as_str().unwrap().to_owned();
        // Types of async-graphql that can't be described.
        if name.starts_with("__")
            || ["Decimal", "String", "Int", "Float", "Boolean", "ID"].contains(&name.as_str())
        {
            continue;
        }
        look(name.clone(), &kind);
        for part in ["enumValues", "inputFields", "fields"] {
            for one in list(&kind[part]) {
                let path = format!("{name}.{}", one["name"].as_str().unwrap());
                for argument in list(&one["args"]) {
                    look(
                        format!("{path}({})", argument["name"].as_str().unwrap()),
                        &argument,
                    );
                }
                look(path, &one);
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}
