//! Attributes of people.

use entity::DirectoryId;
use sea_orm::DbBackend;

use super::compare::Comparison;
use super::{Columns, Path, Query};
use crate::domain::directory::filter::{Filter, Operator};
use crate::domain::directory::problem::{Kind, Problem};
use crate::domain::directory::schema::{ENTERPRISE, USER};

/// People `u` with their link `p`, as one directory sees them.
#[derive(Debug, Clone, Copy)]
pub struct People(pub DirectoryId);

/// When the resource of a person was last changed, here or by the directory.
const MODIFIED: &str = "CASE WHEN p.updated_at > u.updated_at THEN p.updated_at ELSE u.updated_at END";
/// People who are linked to no directory.
const UNLINKED: &str = "NOT EXISTS (SELECT 1 FROM directory_people x WHERE x.user_id = o.id)";

impl People {
    /// Returns `FROM … WHERE …` for the people whom the directory sees.
    pub fn seen(self, query: &mut Query) -> String {
        let directory = query.bind(self.0);
        format!(
            "FROM users u LEFT JOIN directory_people p ON p.user_id = u.id WHERE \
             (p.user_id IS NULL OR (p.directory_id = {directory} AND p.deleted_at IS NULL))"
        )
    }
}

/// Returns the expression for one of the stored keys; `own` is the expression for people who are not linked.
fn key(backend: DbBackend, name: &str, own: Option<&str>) -> String {
    let stored = match backend {
        DbBackend::Postgres => format!("(p.filter_keys::jsonb ->> '{name}')"),
        _ => format!("json_extract(p.filter_keys, '$.{name}')"),
    };
    match own {
        Some(own) => format!("CASE WHEN p.user_id IS NULL THEN LOWER({own}) ELSE {stored} END"),
        None => stored,
    }
}

/// Returns the expression of an attribute that is compared as a folded text.
fn text_key(backend: DbBackend, path: &Path) -> Option<String> {
    let key = |name, own| Some(key(backend, name, own));
    match (path.extended, path.name.as_str()) {
        (false, "username") => Some("COALESCE(p.user_name_key, u.email_key)".to_owned()),
        (false, "displayname") => key("displayName", None),
        (false, "name.givenname") => key("givenName", Some("u.given_name")),
        (false, "name.familyname") => key("familyName", Some("u.family_name")),
        (false, "title") => key("title", Some("u.position")),
        (true, "department") => key("department", None),
        (true, "employeenumber") => key("employeeNumber", None),
        (true, "manager" | "manager.value") => key("manager", None),
        _ => None,
    }
}

impl Columns for People {
    fn compare(
        &self,
        query: &mut Query,
        path: &Path,
        wanted: &Comparison,
    ) -> Result<Option<String>, Problem> {
        if !path.extended {
            match path.name.as_str() {
                "id" => return wanted.id(query, "u.id").map(Some),
                "active" => return wanted.boolean("u.status <> 'DISMISSED'").map(Some),
                "meta.created" => {
                    return wanted
                        .time(query, "COALESCE(p.created_at, u.created_at)")
                        .map(Some);
                }
                "meta.lastmodified" => {
                    return wanted.time(query, MODIFIED).map(Some);
                }
                "externalid" => return self.external_id(query, wanted).map(Some),
                "username" if let Some(name) = wanted.equal_text() => {
                    return Ok(Some(by_user_name(query, &name)));
                }
                "emails" | "emails.value" => return emails(query, &value_filter("value", wanted)).map(Some),
                "emails.type" => return emails(query, &value_filter("type", wanted)).map(Some),
                "groups" | "groups.value" => return groups(query, wanted).map(Some),
                _ => {}
            }
        }
        text_key(query.backend, path)
            .map(|expr| wanted.text(query, &expr, text::name_key))
            .transpose()
    }

    fn element(&self, query: &mut Query, path: &Path, inner: &Filter) -> Result<Option<String>, Problem> {
        match (path.extended, path.name.as_str()) {
            (false, "emails") => {
                let inner = Emails::of_filter(inner)?;
                emails(query, &inner).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn sort_key(&self, backend: DbBackend, path: &Path) -> Option<String> {
        let fixed = |expr: &str| Some(expr.to_owned());
        match (path.extended, path.name.as_str()) {
            (false, "id") => fixed("u.id"),
            (false, "emails" | "emails.value") => fixed("u.email_key"),
            (false, "meta.created") => fixed("COALESCE(p.created_at, u.created_at)"),
            (false, "meta.lastmodified") => fixed(MODIFIED),
            (false, _) => text_key(backend, path),
            (true, _) => None,
        }
    }

    fn is_extension(&self, urn: &str) -> Option<bool> {
        match urn {
            _ if urn.eq_ignore_ascii_case(USER) => Some(false),
            _ if urn.eq_ignore_ascii_case(ENTERPRISE) => Some(true),
            _ => None,
        }
    }
}

impl People {
    fn external_id(self, query: &mut Query, wanted: &Comparison) -> Result<String, Problem> {
        let Some(id) = wanted.equal_text() else {
            return wanted.text(query, "p.external_id", str::to_owned);
        };
        let (directory, id) = (query.bind(self.0), query.bind(id));
        Ok(format!(
            "u.id IN (SELECT l.user_id FROM directory_people l WHERE l.directory_id = {directory} \
             AND l.external_id = {id} AND l.deleted_at IS NULL)"
        ))
    }
}

/// Finds people by their name through the indexes of both tables.
fn by_user_name(query: &mut Query, name: &str) -> String {
    let name = query.bind(text::name_key(name));
    format!(
        "u.id IN (SELECT l.user_id FROM directory_people l WHERE l.user_name_key = {name} AND l.deleted_at IS NULL \
         UNION ALL SELECT o.id FROM users o WHERE o.email_key = {name} AND {UNLINKED})"
    )
}

/// A filter on one e-mail address.
#[derive(Debug)]
enum Emails {
    All(Vec<Emails>),
    Any(Vec<Emails>),
    Not(Box<Emails>),
    /// A comparison of `value` or `type`.
    Compare(&'static str, Comparison),
}

fn value_filter(name: &'static str, wanted: &Comparison) -> Emails {
    Emails::Compare(name, wanted.clone())
}

impl Emails {
    fn of_filter(filter: &Filter) -> Result<Self, Problem> {
        let all = |parts: &[Filter]| parts.iter().map(Self::of_filter).collect::<Result<_, _>>();
        let sub = |name: &str| match name.to_ascii_lowercase().as_str() {
            "value" => Ok("value"),
            "type" => Ok("type"),
            _ => Err(Problem::new(
                Kind::InvalidFilter,
                format!("filters can't compare emails.{name}"),
            )),
        };
        Ok(match filter {
            Filter::And(parts) => Self::All(all(parts)?),
            Filter::Or(parts) => Self::Any(all(parts)?),
            Filter::Not(inner) => Self::Not(Box::new(Self::of_filter(inner)?)),
            Filter::Present(path) => Self::Compare(sub(&path.name)?, Comparison::Present),
            Filter::Compare(path, operator, value) => {
                Self::Compare(sub(&path.name)?, Comparison::new(*operator, value))
            }
            Filter::Element(path, ..) => Self::Compare(sub(&path.name)?, Comparison::Present),
        })
    }

    fn sql(&self, query: &mut Query, value: &str, kind: &str) -> Result<String, Problem> {
        let mut joined = |parts: &[Self], word: &str| {
            let parts: Result<Vec<String>, Problem> =
                parts.iter().map(|part| part.sql(query, value, kind)).collect();
            Ok(format!("({})", parts?.join(word)))
        };
        match self {
            Self::All(parts) => joined(parts, " AND "),
            Self::Any(parts) => joined(parts, " OR "),
            Self::Not(inner) => Ok(format!("NOT COALESCE({}, FALSE)", inner.sql(query, value, kind)?)),
            Self::Compare(name, wanted) => {
                let expr = if *name == "value" { value } else { kind };
                wanted.text(query, expr, text::name_key)
            }
        }
    }
}

/// Returns the condition for people of whom one address fulfils a filter. `ne` and the absence of a value are about all
/// addresses.
fn emails(query: &mut Query, filter: &Emails) -> Result<String, Problem> {
    let opposite = match filter {
        Emails::Compare(name, Comparison::Compare(Operator::Ne, value)) => {
            Some(Emails::Compare(name, Comparison::new(Operator::Eq, value)))
        }
        Emails::Compare(name, Comparison::Absent) => Some(Emails::Compare(name, Comparison::Present)),
        _ => None,
    };
    if let Some(opposite) = opposite {
        return Ok(format!("NOT {}", emails(query, &opposite)?));
    }
    let linked = filter.sql(query, "e.value_key", "e.type_key")?;
    let unlinked = filter.sql(query, "o.email_key", "'work'")?;
    Ok(format!(
        "u.id IN (SELECT e.user_id FROM directory_emails e WHERE {linked} \
         UNION ALL SELECT o.id FROM users o WHERE {unlinked} AND {UNLINKED})"
    ))
}

fn groups(query: &mut Query, wanted: &Comparison) -> Result<String, Problem> {
    let members = "SELECT m.user_id FROM directory_group_members m JOIN directory_groups g ON g.id = m.group_id \
                   WHERE g.deleted_at IS NULL";
    Ok(match wanted {
        Comparison::Present => format!("u.id IN ({members})"),
        Comparison::Absent => format!("NOT (u.id IN ({members}))"),
        Comparison::Compare(Operator::Ne, value) => {
            let equal = Comparison::new(Operator::Eq, value).id(query, "g.id")?;
            format!("NOT (u.id IN ({members} AND {equal}))")
        }
        other => format!("u.id IN ({members} AND {})", other.id(query, "g.id")?),
    })
}
