//! Items that a move selects by the filter of a list, instead of by their ids.

use entity::crm_rule::CrmOperation;
use entity::{CrmActivityId, CrmItemId, TaskId, TaskTemplateId, crm_activity, crm_item, task, task_template};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::rules::MAX_MATCHING;
use super::selection::{Selection, Sql};
use crate::domain::auth::Actor;
use crate::domain::crm::activities::{self, CrmActivityFilter};
use crate::domain::crm::list::{self as records, CrmItemFilter};
use crate::domain::tasks::list::{self as tasks, TaskFilter};
use crate::domain::tasks::template_list::{self as templates, TemplateFilter};
use crate::error::Error;
use crate::store::db::sql_condition;

/// The items that a list shows, but for some of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// Filter of the list.
    pub filter: WorkFilter,
    /// Items left out.
    pub except: Vec<Uuid>,
}

/// Filter of a list of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkFilter {
    /// Of tasks.
    Tasks(TaskFilter),
    /// Of recurring tasks.
    TaskTemplates(TemplateFilter),
    /// Of CRM records.
    CrmItems(CrmItemFilter),
    /// Of CRM activities.
    CrmActivities(CrmActivityFilter),
}

impl WorkFilter {
    /// Returns the prefix of the ids in the list.
    pub fn prefix(&self) -> &'static str {
        match self {
            Self::Tasks(_) => TaskId::PREFIX,
            Self::TaskTemplates(_) => TaskTemplateId::PREFIX,
            Self::CrmItems(_) => CrmItemId::PREFIX,
            Self::CrmActivities(_) => CrmActivityId::PREFIX,
        }
    }
}

impl Matching {
    /// Returns the items of `selection` that the list shows to the actor, newest first; one more than
    /// [`MAX_MATCHING`] if there are more than that.
    ///
    /// # Errors
    /// [`Error::BadInput`] for an invalid filter; [`Error::Forbidden`] when the actor can't see the list.
    pub async fn ids(
        &self,
        conn: &impl ConnectionTrait,
        actor: &Actor,
        selection: &Selection<'_>,
    ) -> Result<Vec<Uuid>, Error> {
        match &self.filter {
            WorkFilter::Tasks(filter) => {
                let shown = tasks::visible(conn, actor, filter)?;
                self.within(conn, shown, task::Column::Id, selection).await
            }
            WorkFilter::TaskTemplates(filter) => {
                let shown = templates::visible(conn, actor, filter)?;
                self.within(conn, shown, task_template::Column::Id, selection)
                    .await
            }
            WorkFilter::CrmItems(filter) => {
                let shown = records::permitted(conn, actor, CrmOperation::Read, filter).await?;
                self.within(conn, shown, crm_item::Column::Id, selection).await
            }
            WorkFilter::CrmActivities(filter) => {
                let shown = activities::visible(conn, actor, filter).await?;
                self.within(conn, shown, crm_activity::Column::Id, selection)
                    .await
            }
        }
    }

    async fn within<E: EntityTrait>(
        &self,
        conn: &impl ConnectionTrait,
        shown: Select<E>,
        id: E::Column,
        selection: &Selection<'_>,
    ) -> Result<Vec<Uuid>, Error> {
        let source = selection.kind.source();
        let mut sql = Sql::default();
        let condition = selection.condition(&mut sql);
        let selected = format!(
            "{}.id IN (SELECT {} FROM {} {} WHERE {condition})",
            E::default().table_name(),
            source.id,
            source.table,
            source.join,
        );
        let ids = shown
            .filter(sql_condition(conn.get_database_backend(), &selected, &sql.values))
            .filter(id.is_not_in(self.except.iter().copied()))
            .order_by_desc(id)
            .limit(MAX_MATCHING as u64 + 1)
            .select_only()
            .column(id)
            .into_tuple()
            .all(conn)
            .await?;
        Ok(ids)
    }
}
