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

use std::iter;

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

    /// Returns those of `ids` that are visible to a person without access to everybody's work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn visible_ids<Id>(
        self,
        conn: &impl ConnectionTrait,
        person: UserId,
        ids: &[Id],
    ) -> Result<Vec<Id>, Error>
    where
        Id: Copy + Into<Value> + TryGetable,
    {
        let table = self.table;
        let list = db::placeholders(2, ids.len());
        let sql = format!(
            "SELECT {table}.id FROM {table} WHERE {table}.id IN ({list}) AND {}",
            self.visible()
        );
        let values = iter::once(person.into()).chain(ids.iter().map(|&id| id.into()));
        let rows = db::query(conn, &sql, values).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0));
        Ok(ids.collect::<Result<_, _>>()?)
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
