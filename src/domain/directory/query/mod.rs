//! Filters, sorting and paging as SQL.

mod compare;
mod groups;
mod people;

use sea_orm::{DbBackend, Value};

use self::compare::Comparison;
use super::filter::{AttributePath, Filter};
use super::problem::{Kind, Problem};
use crate::domain::handover::selection::Sql;

pub use self::groups::Groups;
pub use self::people::People;

/// Where the attributes of a type of resource are stored.
pub trait Columns {
    /// Returns SQL for a comparison with an attribute, or for its presence; `None` if it can't be compared.
    ///
    /// # Errors
    /// [`Kind::InvalidFilter`] if the operator or the value doesn't fit.
    fn compare(&self, query: &mut Query, path: &Path, wanted: &Comparison)
    -> Result<Option<String>, Problem>;

    /// Returns SQL for the rows of which one value of a multi-valued attribute fulfils a filter; `None` if the attribute
    /// can't be filtered so.
    ///
    /// # Errors
    /// [`Kind::InvalidFilter`].
    fn element(&self, query: &mut Query, path: &Path, inner: &Filter) -> Result<Option<String>, Problem>;

    /// Returns the SQL expression that an attribute is sorted by.
    fn sort_key(&self, backend: DbBackend, path: &Path) -> Option<String>;

    /// Returns whether a URN names the core schema or the extension: true for the extension.
    fn is_extension(&self, urn: &str) -> Option<bool>;
}

/// The lower-case name of an attribute, such as `name.givenname`, and whether it is in the extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Name.
    pub name: String,
    /// Whether it is in the extension.
    pub extended: bool,
}

/// SQL under construction.
pub struct Query {
    /// Its values.
    pub sql: Sql,
    /// Its dialect.
    pub backend: DbBackend,
}

impl Query {
    /// Begins a query.
    pub fn new(backend: DbBackend) -> Self {
        Self {
            sql: Sql::default(),
            backend,
        }
    }

    /// Binds a value and returns its placeholder.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.sql.bind(value)
    }
}

/// Returns the condition of a filter.
///
/// # Errors
/// [`Kind::InvalidFilter`] that names the attribute.
pub fn condition(columns: &impl Columns, query: &mut Query, filter: &Filter) -> Result<String, Problem> {
    let mut joined = |parts: &[Filter], word: &str| {
        let parts: Result<Vec<String>, Problem> =
            parts.iter().map(|part| condition(columns, query, part)).collect();
        Ok(format!("({})", parts?.join(word)))
    };
    match filter {
        Filter::And(parts) => joined(parts, " AND "),
        Filter::Or(parts) => joined(parts, " OR "),
        Filter::Not(inner) => {
            let inner = condition(columns, query, inner)?;
            Ok(format!("NOT COALESCE({inner}, FALSE)"))
        }
        Filter::Present(path) => compare(columns, query, path, &Comparison::Present),
        Filter::Compare(path, operator, value) => {
            compare(columns, query, path, &Comparison::new(*operator, value))
        }
        Filter::Element(path, inner, rest) => {
            let known = resolve(columns, path)?;
            let found = match rest {
                None => columns.element(query, &known, inner)?,
                Some(rest) => {
                    let both = Filter::And(vec![(**inner).clone(), (**rest).clone()]);
                    columns.element(query, &known, &both)?
                }
            };
            found.ok_or_else(|| unsupported(path))
        }
    }
}

fn compare(
    columns: &impl Columns,
    query: &mut Query,
    path: &AttributePath,
    wanted: &Comparison,
) -> Result<String, Problem> {
    let known = resolve(columns, path)?;
    let found = columns.compare(query, &known, wanted)?;
    found.ok_or_else(|| unsupported(path))
}

/// Returns the SQL expression that a `sortBy` names.
///
/// # Errors
/// [`Kind::InvalidValue`] for an attribute that can't be sorted by.
pub fn sort_key(columns: &impl Columns, backend: DbBackend, sort_by: &str) -> Result<String, Problem> {
    let wrong = || Problem::value("sortBy", "the list can't be sorted by this attribute");
    let path = super::filter::parse_path(sort_by).map_err(|_| wrong())?;
    let path = resolve(columns, &path.attribute).map_err(|_| wrong())?;
    columns.sort_key(backend, &path).ok_or_else(wrong)
}

fn resolve(columns: &impl Columns, path: &AttributePath) -> Result<Path, Problem> {
    let extended = match &path.schema {
        None => false,
        Some(urn) => columns.is_extension(urn).ok_or_else(|| unsupported(path))?,
    };
    let mut name = path.name.to_ascii_lowercase();
    if let Some(sub) = &path.sub {
        name = format!("{name}.{}", sub.to_ascii_lowercase());
    }
    Ok(Path { name, extended })
}

fn unsupported(path: &AttributePath) -> Problem {
    let sub = path.sub.as_ref().map(|sub| format!(".{sub}")).unwrap_or_default();
    let detail = format!("filters can't compare {}{sub}", path.name);
    Problem::new(Kind::InvalidFilter, detail)
}
