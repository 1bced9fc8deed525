//! Who may do what with tasks and recurring tasks. The one place that says so.
//!
//! | | sees | changes |
//! | --- | --- | --- |
//! | who has set it, who does it | yes | yes |
//! | who assists, who follows | yes | |
//! | whoever leads the department of one who has set or does it, or one above | yes | yes |
//! | whoever leads the department of one who assists or follows, or one above | yes | |
//! | administrators | yes | yes |
//! | integrations with READ_WORK | yes | |
//! | everybody else | | |

use sea_orm::{ConnectionTrait, Value};

use crate::domain::auth::{Actor, Permission};
use crate::domain::people::tree;
use crate::error::Error;
use crate::store::db;

/// Tasks, or recurring tasks: where they are and where their members are.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    table: &'static str,
    members: &'static str,
    key: &'static str,
}

/// Tasks.
pub const TASKS: Work = Work {
    table: "tasks",
    members: "task_members",
    key: "task_id",
};
/// Recurring tasks.
pub const TEMPLATES: Work = Work {
    table: "task_templates",
    members: "task_template_members",
    key: "template_id",
};

impl Work {
    /// True for those in which one of `people` plays a part: SQL of a list in parentheses.
    pub fn with_part_for(self, people: &str) -> String {
        let Self { table, members, key } = self;
        format!(
            "{table}.id IN (SELECT t.id FROM {table} t WHERE t.creator_id IN {people} \
             UNION SELECT t.id FROM {table} t WHERE t.responsible_id IN {people} \
             UNION SELECT m.{key} FROM {members} m WHERE m.user_id IN {people})"
        )
    }

    /// True for those that `$1`, who is no administrator, may see.
    pub fn visible(self) -> String {
        self.with_part_for(&tree::watched_by("$1"))
    }

    /// Whether the actor may see this one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn may_see(
        self,
        conn: &impl ConnectionTrait,
        actor: &Actor,
        id: impl Into<Value>,
    ) -> Result<bool, Error> {
        if actor.may(Permission::ReadWork) {
            return Ok(true);
        }
        self.fulfils(conn, actor, id, &self.visible()).await
    }

    /// Whether the actor may change this one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn may_edit(
        self,
        conn: &impl ConnectionTrait,
        actor: &Actor,
        id: impl Into<Value>,
    ) -> Result<bool, Error> {
        let watched = tree::watched_by("$1");
        let editable = format!("(creator_id IN {watched} OR responsible_id IN {watched})");
        self.fulfils(conn, actor, id, &editable).await
    }

    async fn fulfils(
        self,
        conn: &impl ConnectionTrait,
        actor: &Actor,
        id: impl Into<Value>,
        condition: &str,
    ) -> Result<bool, Error> {
        if actor.is_administrator() {
            return Ok(true);
        }
        let table = self.table;
        let sql = format!("SELECT 1 FROM {table} WHERE {table}.id = $2 AND {condition}");
        let rows = db::query(conn, &sql, [actor.user_id.into(), id.into()]).await?;
        Ok(!rows.is_empty())
    }
}
