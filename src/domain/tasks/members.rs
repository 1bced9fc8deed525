//! Who assists in a task or a recurring task, and who follows it: one logic for both.

use entity::task_member::MemberRole;
use entity::{TaskId, TaskTemplateId, UserId, task_member, task_template_member};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Value,
};

use crate::domain::people::create::check_active;
use crate::error::{Error, Outcome};
use crate::store::db::Tx;

/// Most people in one role of one task.
pub const MAX_MEMBERS: usize = 200;

/// What has members.
pub trait HasMembers: Copy + Into<Value> + Send + Sync {
    /// The rows of its members.
    type Member: EntityTrait<ActiveModel = Self::Row>;
    /// A row to be written.
    type Row: ActiveModelTrait<Entity = Self::Member> + Send;
    /// The columns: what has the member, the role, the person.
    const COLUMNS: [<Self::Member as EntityTrait>::Column; 3];

    /// The row of a member.
    fn row(self, role: MemberRole, person: UserId) -> Self::Row;
}

impl HasMembers for TaskId {
    type Member = task_member::Entity;
    type Row = task_member::ActiveModel;
    const COLUMNS: [task_member::Column; 3] = [
        task_member::Column::TaskId,
        task_member::Column::Role,
        task_member::Column::UserId,
    ];

    fn row(self, role: MemberRole, person: UserId) -> Self::Row {
        task_member::ActiveModel {
            task_id: Set(self),
            role: Set(role),
            user_id: Set(person),
        }
    }
}

impl HasMembers for TaskTemplateId {
    type Member = task_template_member::Entity;
    type Row = task_template_member::ActiveModel;
    const COLUMNS: [task_template_member::Column; 3] = [
        task_template_member::Column::TemplateId,
        task_template_member::Column::Role,
        task_template_member::Column::UserId,
    ];

    fn row(self, role: MemberRole, person: UserId) -> Self::Row {
        task_template_member::ActiveModel {
            template_id: Set(self),
            role: Set(role),
            user_id: Set(person),
        }
    }
}

/// Makes these people, and nobody else, the members in one role.
///
/// # Errors
/// When the database fails.
pub async fn set<T: HasMembers>(tx: &Tx, of: T, role: MemberRole, people: &[UserId]) -> Result<(), Error> {
    let [of_column, role_column, user_column] = T::COLUMNS;
    T::Member::delete_many()
        .filter(of_column.eq(of))
        .filter(role_column.eq(role))
        .filter(user_column.is_not_in(people.iter().copied()))
        .exec(&tx.conn)
        .await?;
    if people.is_empty() {
        return Ok(());
    }
    T::Member::insert_many(people.iter().map(|&person| of.row(role, person)))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&tx.conn)
        .await?;
    Ok(())
}

/// As [`set`]; those who are new have to be active. Answers whether anything has changed.
///
/// # Errors
/// [`crate::error::Code::RecipientNotActive`] and [`crate::error::Code::NotFound`] for the people at `field`.
pub(super) async fn replace<T: HasMembers>(
    tx: &Tx,
    of: T,
    role: MemberRole,
    people: &[UserId],
    field: &str,
) -> Outcome<bool> {
    let [of_column, role_column, user_column] = T::COLUMNS;
    let before: Vec<UserId> = T::Member::find()
        .select_only()
        .column(user_column)
        .filter(of_column.eq(of))
        .filter(role_column.eq(role))
        .into_tuple()
        .all(&tx.conn)
        .await?;
    let new = people.iter().copied().filter(|person| !before.contains(person));
    let new: Vec<UserId> = new.collect();
    check_active(tx, &new, field).await?;
    set(tx, of, role, people).await?;
    Ok(!new.is_empty() || before.iter().any(|person| !people.contains(person)))
}
