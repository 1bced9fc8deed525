//! Members of tasks and recurring tasks, shared by both.

use entity::task_member::MemberRole;
use entity::{TaskId, TaskTemplateId, UserId, task_member, task_template_member};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Value,
};

use crate::domain::people::create::check_active;
use crate::error::{Error, Outcome};
use crate::store::db::Tx;
use crate::store::input::Change;

/// Maximum number of people in one role of one task.
pub const MAX_MEMBERS: usize = 200;

/// Types with members.
pub trait HasMembers: Copy + Into<Value> + Send + Sync {
    /// Entity of its members.
    type Member: EntityTrait<ActiveModel = Self::Row>;
    /// Row of a member.
    type Row: ActiveModelTrait<Entity = Self::Member> + Send;
    /// Columns: parent, role, person.
    const COLUMNS: [<Self::Member as EntityTrait>::Column; 3];

    /// Returns the row of a member.
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

/// Replaces the members in one role.
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

/// Updates the members in both roles; new ones must be active. Returns whether anything has changed.
///
/// # Errors
/// [`crate::error::Code::RecipientNotActive`] and [`crate::error::Code::NotFound`] for the people at the input field.
pub(super) async fn update<T: HasMembers>(
    tx: &Tx,
    of: T,
    participants: &Change<Vec<UserId>>,
    observers: &Change<Vec<UserId>>,
) -> Outcome<bool> {
    let mut changed = false;
    for (change, role, field) in [
        (participants, MemberRole::Participant, "participantIds"),
        (observers, MemberRole::Observer, "observerIds"),
    ] {
        if let Change::Set(people) = change {
            changed |= replace(tx, of, role, people.as_deref().unwrap_or_default(), field).await?;
        }
    }
    Ok(changed)
}

async fn replace<T: HasMembers>(
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
