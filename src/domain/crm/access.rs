//! Access rules for CRM records, all in one place.
//!
//! A role sets a level for each kind of record and operation; the most permissive of a person's roles applies. Levels
//! become SQL, so that a list pages through what may be read, instead of filtering everything.

use std::collections::HashMap;

use entity::crm_item::{self, CrmKind};
use entity::crm_rule::{CrmLevel, CrmOperation};
use entity::{CrmItemId, UserId};
use sea_orm::{ActiveEnum, ConnectionTrait, DbBackend, Iterable, Value};

use crate::domain::auth::{Actor, Permission};
use crate::domain::people::tree;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;

/// Up to this many accessible records, a list reads and sorts them, instead of scanning all records.
const FEW: i64 = 5_000;

/// Whose roles decide on an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject {
    person: UserId,
    administrator: bool,
}

impl Subject {
    /// Returns the subject of an operation by `actor`.
    pub fn new(actor: &Actor, operation: CrmOperation) -> Self {
        Self {
            person: actor.user_id,
            administrator: actor.is_administrator() || acts_as_administrator(actor, operation),
        }
    }
}

/// Levels of a person for one operation, by kind.
#[derive(Debug, Clone)]
pub struct Access {
    person: UserId,
    levels: HashMap<CrmKind, CrmLevel>,
}

impl Access {
    /// Loads the levels that the actor's roles set for an operation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(
        conn: &impl ConnectionTrait,
        actor: &Actor,
        operation: CrmOperation,
    ) -> Result<Self, Error> {
        Self::of(conn, Subject::new(actor, operation), operation).await
    }

    async fn of(
        conn: &impl ConnectionTrait,
        subject: Subject,
        operation: CrmOperation,
    ) -> Result<Self, Error> {
        // A role of a department also applies to its subdepartments.
        let sql = "WITH RECURSIVE up (id) AS ( \
                 SELECT department_id FROM users WHERE id = $1 AND department_id IS NOT NULL \
                 UNION SELECT d.parent_id FROM departments d JOIN up ON d.id = up.id WHERE d.parent_id IS NOT NULL) \
             SELECT r.kind, r.level FROM crm_rules r JOIN crm_roles c ON c.id = r.role_id \
             WHERE r.operation = $2 AND (c.audience = 'EVERYBODY' OR (c.audience = 'ADMINISTRATORS' AND $3 = 1) \
             OR EXISTS (SELECT 1 FROM crm_role_members m WHERE m.role_id = c.id AND m.user_id = $1) \
             OR EXISTS (SELECT 1 FROM crm_role_departments d JOIN up ON up.id = d.department_id WHERE d.role_id = c.id))";
        let values = [
            subject.person.into(),
            operation.to_value().into(),
            i32::from(subject.administrator).into(),
        ];
        let mut levels: HashMap<CrmKind, CrmLevel> = HashMap::new();
        for row in db::query(conn, sql, values).await? {
            let kind = CrmKind::try_from_value(&row.try_get_by_index::<String>(0)?)?;
            let level = CrmLevel::try_from_value(&row.try_get_by_index::<String>(1)?)?;
            let widest = levels.entry(kind).or_insert(CrmLevel::None);
            *widest = level.max(*widest);
        }
        Ok(Self {
            person: subject.person,
            levels,
        })
    }

    /// Returns the level for a kind.
    pub fn level(&self, kind: CrmKind) -> CrmLevel {
        self.levels.get(&kind).copied().unwrap_or(CrmLevel::None)
    }

    /// Returns whether all records of all kinds are covered.
    pub fn is_unlimited(&self) -> bool {
        CrmKind::iter().all(|kind| self.level(kind) == CrmLevel::All)
    }

    /// Returns SQL that is true for covered records and false for others. `record` is the alias of `crm_items`,
    /// `person` the placeholder bound to [`person`](Self::person).
    pub fn sql(&self, record: &str, person: &str) -> String {
        if self.is_unlimited() {
            // The placeholder must be used: PostgreSQL rejects unused parameters.
            return format!("({person} = {person})");
        }
        let mut by_level: Vec<(CrmLevel, Vec<String>)> = Vec::new();
        for kind in CrmKind::iter() {
            let name = format!("'{}'", kind.to_value());
            match by_level.iter_mut().find(|(level, _)| *level == self.level(kind)) {
                Some((_, names)) => names.push(name),
                None => by_level.push((self.level(kind), vec![name])),
            }
        }
        let one = |(level, kinds): &(CrmLevel, Vec<String>)| {
            let kinds = kinds.join(", ");
            format!(
                "({record}.kind IN ({kinds}) AND {})",
                covered(*level, record, person)
            )
        };
        let any = by_level.iter().map(one).collect::<Vec<_>>().join(" OR ");
        format!("({person} = {person} AND COALESCE({any}, FALSE))")
    }

    /// Returns a condition on `crm_items.id`, with [`person`](Self::person) as `$1`, for all records that this can
    /// cover, if they are few: reading and sorting them is cheaper than scanning everybody's records, most of which
    /// would be skipped. `None` if they are many: then the next covered record is never far away.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn few(&self, conn: &impl ConnectionTrait) -> Result<Option<String>, Error> {
        // An array is computed once, first: PostgreSQL can't estimate how few rows a subquery over a tree returns.
        let among = |column: &str, query: &str| match conn.get_database_backend() {
            DbBackend::Postgres => format!("{column} = ANY (ARRAY({query}))"),
            _ => format!("{column} IN ({query})"),
        };
        let widest = self.levels.values().max().copied().unwrap_or(CrmLevel::None);
        let mine = "(SELECT d.department_id FROM users d WHERE d.id = $1)";
        let people = match widest {
            CrmLevel::None | CrmLevel::Own => "SELECT p.id FROM users p WHERE p.id = $1".to_owned(),
            CrmLevel::Department => {
                format!("SELECT p.id FROM users p WHERE p.department_id = {mine} OR p.id = $1")
            }
            CrmLevel::DepartmentTree => format!(
                "SELECT p.id FROM users p WHERE p.department_id IN {} OR p.id = $1",
                tree::below(mine)
            ),
            CrmLevel::Open | CrmLevel::All => return Ok(None),
        };
        let of_people = among("c.responsible_id", &people);
        let records = format!("SELECT c.id FROM crm_items c WHERE {of_people}");
        let counted = format!("SELECT COUNT(*) FROM ({records} LIMIT {}) r", FEW + 1);
        let rows = db::query(conn, &counted, [self.person()]).await?;
        let found: i64 = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok((found <= FEW).then(|| among("crm_items.id", &records)))
    }

    /// Returns the id of the person, as a parameter.
    pub fn person(&self) -> Value {
        self.person.into()
    }

    /// Returns whether this record is covered, if the record alone decides; `None` if departments do.
    pub fn covers(&self, item: &crm_item::Model) -> Option<bool> {
        let own = item.responsible_id == Some(self.person);
        match self.level(item.kind) {
            CrmLevel::None => Some(false),
            CrmLevel::All => Some(true),
            CrmLevel::Own => Some(own),
            CrmLevel::Open if item.opened_to_all => Some(true),
            CrmLevel::Department | CrmLevel::DepartmentTree | CrmLevel::Open => own.then_some(true),
        }
    }

    /// Returns whether this record is covered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn allows(&self, conn: &impl ConnectionTrait, item: CrmItemId) -> Result<bool, Error> {
        let sql = format!(
            "SELECT 1 FROM crm_items i WHERE i.id = $2 AND {}",
            self.sql("i", "$1")
        );
        Ok(!db::query(conn, &sql, [self.person(), item.into()])
            .await?
            .is_empty())
    }

    /// Returns whether a new record of this kind may be assigned to `responsible`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn allows_for(
        &self,
        conn: &impl ConnectionTrait,
        kind: CrmKind,
        responsible: UserId,
    ) -> Result<bool, Error> {
        let record = format!(
            "(SELECT '{}' AS kind, u.id AS responsible_id, FALSE AS opened_to_all FROM users u WHERE u.id = $2) i",
            kind.to_value()
        );
        let sql = format!("SELECT 1 FROM {record} WHERE {}", self.sql("i", "$1"));
        Ok(!db::query(conn, &sql, [self.person(), responsible.into()])
            .await?
            .is_empty())
    }
}

/// Returns which of these records are readable, in a few statements however many they are.
///
/// # Errors
/// When the database fails.
pub async fn readable(
    db: &Db,
    wanted: &[(Subject, CrmItemId)],
) -> Result<HashMap<(Subject, CrmItemId), ()>, Error> {
    let mut found = HashMap::with_capacity(wanted.len());
    for (subject, ids) in db::by_asker(wanted) {
        let access = Access::of(db.read(), subject, CrmOperation::Read).await?;
        let covered = access.sql("crm_items", "$1");
        let ids = db::ids_where(db.read(), "crm_items", &covered, access.person(), &ids).await?;
        found.extend(ids.into_iter().map(|id| ((subject, id), ())));
    }
    Ok(found)
}

/// Returns whether this is an integration that may read or hand over like an administrator.
fn acts_as_administrator(actor: &Actor, operation: CrmOperation) -> bool {
    let scope = match operation {
        CrmOperation::Read => Permission::ReadWork,
        CrmOperation::Update => Permission::ReassignWork,
        _ => return false,
    };
    actor.integration.is_some() && actor.may(scope)
}

/// Returns the SQL for the records of a level, of any kind; NULL for some records that are not covered.
pub fn covered(level: CrmLevel, record: &str, person: &str) -> String {
    let own = format!("{record}.responsible_id = {person}");
    let mine = format!("(SELECT d.department_id FROM users d WHERE d.id = {person})");
    let tree = || {
        let below = tree::below(&mine);
        format!(
            "({own} OR {record}.responsible_id IN (SELECT p.id FROM users p WHERE p.department_id IN {below}))"
        )
    };
    match level {
        CrmLevel::None => "FALSE".to_owned(),
        CrmLevel::Own => own,
        CrmLevel::Department => {
            format!(
                "({own} OR {record}.responsible_id IN (SELECT p.id FROM users p WHERE p.department_id = {mine}))"
            )
        }
        CrmLevel::DepartmentTree => tree(),
        CrmLevel::Open => format!("({} OR {record}.opened_to_all)", tree()),
        CrmLevel::All => "TRUE".to_owned(),
    }
}
