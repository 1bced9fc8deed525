//! Attributes of groups.

use entity::DirectoryId;
use sea_orm::DbBackend;

use super::compare::Comparison;
use super::{Columns, Path, Query};
use crate::domain::directory::filter::{Filter, Operator};
use crate::domain::directory::problem::Problem;
use crate::domain::directory::schema::GROUP;

/// Groups `g` of one directory.
#[derive(Debug, Clone, Copy)]
pub struct Groups(pub DirectoryId);

impl Groups {
    /// Returns `FROM … WHERE …` for the groups of the directory.
    pub fn seen(self, query: &mut Query) -> String {
        let directory = query.bind(self.0);
        format!("FROM directory_groups g WHERE g.directory_id = {directory} AND g.deleted_at IS NULL")
    }
}

impl Columns for Groups {
    fn compare(
        &self,
        query: &mut Query,
        path: &Path,
        wanted: &Comparison,
    ) -> Result<Option<String>, Problem> {
        match path.name.as_str() {
            "id" => wanted.id(query, "g.id"),
            "displayname" => wanted.text(query, "g.display_name_key", text::name_key),
            "externalid" => wanted.text(query, "g.external_id", str::to_owned),
            "meta.created" => wanted.time(query, "g.created_at"),
            "meta.lastmodified" => wanted.time(query, "g.updated_at"),
            "members" | "members.value" => members(query, wanted),
            _ => return Ok(None),
        }
        .map(Some)
    }

    fn element(&self, query: &mut Query, path: &Path, inner: &Filter) -> Result<Option<String>, Problem> {
        match inner {
            Filter::Compare(sub, operator, value)
                if path.name == "members" && sub.name.eq_ignore_ascii_case("value") =>
            {
                members(query, &Comparison::new(*operator, value)).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn sort_key(&self, _: DbBackend, path: &Path) -> Option<String> {
        let key = match path.name.as_str() {
            "id" => "g.id",
            "displayname" => "g.display_name_key",
            "meta.created" => "g.created_at",
            "meta.lastmodified" => "g.updated_at",
            _ => return None,
        };
        Some(key.to_owned())
    }

    fn is_extension(&self, urn: &str) -> Option<bool> {
        urn.eq_ignore_ascii_case(GROUP).then_some(false)
    }
}

fn members(query: &mut Query, wanted: &Comparison) -> Result<String, Problem> {
    let of_group = "SELECT 1 FROM directory_group_members m WHERE m.group_id = g.id";
    Ok(match wanted {
        Comparison::Present => format!("EXISTS ({of_group})"),
        Comparison::Absent => format!("NOT EXISTS ({of_group})"),
        Comparison::Compare(Operator::Ne, value) => {
            let equal = Comparison::new(Operator::Eq, value).id(query, "m.user_id")?;
            format!("NOT EXISTS ({of_group} AND {equal})")
        }
        other => {
            let equal = other.id(query, "m.user_id")?;
            format!("g.id IN (SELECT m.group_id FROM directory_group_members m WHERE {equal})")
        }
    })
}
