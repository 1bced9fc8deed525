//! Access rules for tasks and recurring tasks, all in one place.
//!
//! | | read | update |
//! | --- | --- | --- |
//! | creator, responsible person | yes | yes |
//! | participants, observers | yes | |
//! | heads above the creator or the responsible person | yes | yes |
//! | heads above a participant or an observer | yes | |
//! | administrators | yes | yes |
//! | integrations with READ_WORK | yes | |
//! | everybody else | | |
//!
//! Heads above a person lead their department, or one above it.

use std::collections::HashMap;
use std::hash::Hash;

use entity::UserId;
use sea_orm::{ConnectionTrait, TryGetable, Value};

use crate::domain::auth::{Actor, Permission};
use crate::domain::people::tree;
use crate::error::Error;
use crate::store::db;

/// Tables of tasks, or of recurring tasks, and of their members.
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
    /// Returns the SQL condition that one of `people` has a role; `people` is a parenthesized list.
    pub fn has_role_of(self, people: &str) -> String {
        let Self { table, members, key } = self;
        format!(
            "{table}.id IN (SELECT t.id FROM {table} t WHERE t.creator_id IN {people} \
             UNION SELECT t.id FROM {table} t WHERE t.responsible_id IN {people} \
             UNION SELECT m.{key} FROM {members} m WHERE m.user_id IN {people})"
        )
    }

    /// Returns the SQL condition that `$1`, who is no administrator, may see the row.
    pub fn visible(self) -> String {
        self.has_role_of(&tree::people_visible_to("$1"))
    }

    /// Returns whether the actor may see this one.
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

    /// Which of these people, who may not read everybody's work, can see which of these.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn visible_to<Id>(
        self,
        conn: &impl ConnectionTrait,
        pairs: &[(UserId, Id)],
    ) -> Result<HashMap<(UserId, Id), ()>, Error>
    where
        Id: Copy + Into<Value> + TryGetable + Eq + Hash,
    {
        db::pairs_where(conn, self.table, &self.visible(), pairs).await
    }

    /// Returns whether the actor may change this one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn may_edit(
        self,
        conn: &impl ConnectionTrait,
        actor: &Actor,
        id: impl Into<Value>,
    ) -> Result<bool, Error> {
        let watched = tree::people_visible_to("$1");
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
