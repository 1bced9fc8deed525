//! The benchmark page from a plain axum handler: the same two selects through sea-orm, written as JSON. Without
//! authentication and GraphQL, it is the baseline for what this server adds.

use std::collections::HashMap;
use std::error::Error;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use entity::user::{self, UserStatus};
use entity::{DepartmentId, department};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectOptions, Database, DatabaseConnection, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut options = ConnectOptions::new(std::env::var("DATABASE_URL")?);
    options.max_connections(16).sqlx_logging(false);
    let db = Database::connect(options).await?;
    let router = Router::new().route("/", get(answer)).with_state(db);
    let listener = TcpListener::bind(format!("127.0.0.1:{}", std::env::var("PORT")?)).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn answer(State(db): State<DatabaseConnection>) -> Result<Json<Value>, StatusCode> {
    page(&db)
        .await
        .map(Json)
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn page(db: &DatabaseConnection) -> Result<Value, DbErr> {
    let people = user::Entity::find()
        .filter(user::Column::Status.eq(UserStatus::Dismissed))
        .order_by_asc(user::Column::SortName)
        .order_by_asc(user::Column::Id)
        .limit(51)
        .all(db)
        .await?;
    let ids: Vec<DepartmentId> = people.iter().filter_map(|person| person.department_id).collect();
    let departments = department::Entity::find()
        .filter(department::Column::Id.is_in(ids))
        .all(db)
        .await?;
    let departments: HashMap<_, _> = departments.iter().map(|row| (row.id, row)).collect();
    let nodes: Vec<Value> = people
        .iter()
        .take(50)
        .map(|person| {
            let department = person.department_id.and_then(|id| departments.get(&id));
            json!({
                "id": person.id.to_string(),
                "email": person.email,
                "name": person.name(),
                "position": person.position,
                "role": person.role.to_value(),
                "status": person.status.to_value(),
                "hiredOn": person.hired_on,
                "department": department.map(|row| json!({ "id": row.id.to_string(), "name": row.name })),
            })
        })
        .collect();
    Ok(json!({ "nodes": nodes, "hasNextPage": people.len() > 50 }))
}
