//! What the path of an operation names.

use crate::domain::directory::filter::{Filter, parse_path};
use crate::domain::directory::matching;
use crate::domain::directory::problem::{Kind, Problem};
use crate::domain::directory::schema::{self, Attribute, Mutability, Schema};

/// What a path names.
pub(super) enum Place {
    Attribute(Target),
    /// The whole core schema.
    Core,
    /// The whole extension: its URN and attributes.
    Extension(&'static str, &'static [Attribute]),
    /// What the server alone decides.
    Own(&'static str),
    /// What nobody stores: passwords and read-only groups.
    Nothing,
    /// An extension that the schema doesn't know.
    Unknown,
}

/// An attribute that a path names.
pub(super) struct Target {
    /// URN of the extension that it is in.
    pub(super) extension: Option<&'static str>,
    pub(super) attribute: &'static Attribute,
    pub(super) sub: Option<&'static Attribute>,
    pub(super) filter: Option<Filter>,
}

/// Finds what a path names.
///
/// # Errors
/// [`Kind::InvalidPath`].
pub(super) fn find(schema: &Schema, text: &str) -> Result<Place, Problem> {
    let text = without_urn(schema, text.trim());
    if text.eq_ignore_ascii_case(schema.urn) {
        return Ok(Place::Core);
    }
    if let Some((urn, attributes)) = schema.extension
        && text.eq_ignore_ascii_case(urn)
    {
        return Ok(Place::Extension(urn, attributes));
    }
    let path = parse_path(text)?;
    let invalid = || {
        Problem::new(
            Kind::InvalidPath,
            format!("there is no attribute {}", public(text)),
        )
    };
    let name = path.attribute.name.as_str();
    let extension = match (&path.attribute.schema, schema.extension) {
        (None, _) => None,
        (Some(given), Some((urn, _))) if urn.eq_ignore_ascii_case(given) => Some(urn),
        (Some(_), _) => return Ok(Place::Unknown),
    };
    if extension.is_none() {
        let is = |own: &&str| name.eq_ignore_ascii_case(own);
        if let Some(own) = ["id", "meta"].into_iter().find(is) {
            return Ok(Place::Own(own));
        }
        if ["schemas", "password"].iter().any(is) {
            return Ok(Place::Nothing);
        }
    }
    let attribute = match extension {
        None => schema.core(name),
        Some(_) => schema.extended(name),
    };
    let attribute = attribute.ok_or_else(invalid)?;
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(Place::Nothing);
    }
    let sub = match path.attribute.sub.as_ref().or(path.sub.as_ref()) {
        Some(sub) => Some(schema::find(attribute.subs(), sub).ok_or_else(invalid)?),
        None => None,
    };
    if let Some(filter) = &path.filter {
        let fits = attribute.multi && path.attribute.sub.is_none();
        if !fits || !matching::is_about(attribute, filter) {
            return Err(invalid());
        }
    }
    Ok(Place::Attribute(Target {
        extension,
        attribute,
        sub,
        filter: path.filter,
    }))
}

/// Removes the URN of the core schema from a name.
pub(super) fn without_urn<'a>(schema: &Schema, name: &'a str) -> &'a str {
    let urn = schema.urn;
    match name.get(..urn.len()) {
        Some(start) if start.eq_ignore_ascii_case(urn) => name[urn.len()..].strip_prefix(':').unwrap_or(name),
        _ => name,
    }
}

/// The part of a path without values of attributes.
pub fn public(path: &str) -> &str {
    path.split('[').next().unwrap_or_default()
}
