//! What Handover takes from the document of a user. Pure.

use serde_json::Value;

use super::document::Document;
use super::problem::Problem;
use super::schema::ENTERPRISE;
use crate::error::{Failure, Outcome};
use crate::store::input;

/// Maximum length of a user name, in characters.
const USER_NAME: usize = 254;

/// Maximum length of an external id, in characters.
const EXTERNAL_ID: usize = 254;

/// What is taken from a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// Name in the directory.
    pub user_name: String,
    /// ID in the directory.
    pub external_id: Option<String>,
    /// E-mail address.
    pub email: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// Job title.
    pub position: Option<String>,
    /// Name of the department.
    pub department: Option<String>,
    /// Whether the person works here, if the document says so.
    pub active: Option<bool>,
}

/// Reads a document.
///
/// # Errors
/// [`Kind::InvalidValue`](super::problem::Kind::InvalidValue) that names the attribute.
pub fn map(document: &Document) -> Result<Mapped, Problem> {
    let user_name = document.get("userName").and_then(Value::as_str);
    let user_name = user_name.ok_or_else(|| Problem::value("userName", "it is missing"))?;
    let user_name = valid("userName", input::check_line(user_name, USER_NAME, "userName"))?;
    let email = email(document, &user_name)?;
    let (given_name, family_name) = names(document, &user_name)?;
    let department = document
        .get(ENTERPRISE)
        .and_then(|extension| extension.get("department"));
    Ok(Mapped {
        external_id: external_id(text(document.get("externalId")))?,
        email,
        given_name,
        family_name,
        position: line("title", text(document.get("title")))?,
        department: text(department).map(str::to_owned),
        active: document.get("active").and_then(Value::as_bool),
        user_name,
    })
}

fn text(value: Option<&Value>) -> Option<&str> {
    value
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
}

fn external_id(value: Option<&str>) -> Result<Option<String>, Problem> {
    match value {
        Some(id) if id.chars().count() > EXTERNAL_ID => {
            Err(Problem::value("externalId", "it can have at most 254 characters"))
        }
        id => Ok(id.map(str::to_owned)),
    }
}

fn line(attribute: &str, value: Option<&str>) -> Result<Option<String>, Problem> {
    value
        .map(|text| valid(attribute, input::check_line(text, input::NAME, attribute)))
        .transpose()
}

fn valid<T>(attribute: &str, checked: Outcome<T>) -> Result<T, Problem> {
    checked.map_err(|failure| match failure {
        Failure::Refused(reasons) => {
            let reason = reasons.first().map_or("it is invalid", |reason| &reason.message);
            Problem::value(attribute, reason)
        }
        Failure::Broken(_) => Problem::value(attribute, "it is invalid"),
    })
}

/// The primary address, else the one for work, else the first, else the user name if it is an address.
fn email(document: &Document, user_name: &str) -> Result<String, Problem> {
    let list = document.get("emails").and_then(Value::as_array);
    let addresses = || {
        let of = |one: &'_ Value| one["value"].is_string();
        list.into_iter().flatten().filter(move |one| of(one))
    };
    let is_work = |one: &&Value| {
        one["type"]
            .as_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("work"))
    };
    let chosen = addresses()
        .find(|one| one["primary"] == Value::Bool(true))
        .or_else(|| addresses().find(is_work))
        .or_else(|| addresses().next());
    match chosen.and_then(|one| one["value"].as_str()) {
        Some(address) => valid("emails", input::email(address, "emails")),
        None => input::email(user_name, "emails")
            .map_err(|_| Problem::value("emails", "it is missing, and userName is no e-mail address")),
    }
}

/// The parts of the name, else the display name split at its last blank, else the local part of the user name.
fn names(document: &Document, user_name: &str) -> Result<(Option<String>, Option<String>), Problem> {
    let part = |name: &str| text(document.get("name").and_then(|parts| parts.get(name)));
    let (given, family) = (part("givenName"), part("familyName"));
    if given.is_some() || family.is_some() {
        return Ok((line("name.givenName", given)?, line("name.familyName", family)?));
    }
    let display = text(document.get("displayName"))
        .or_else(|| part("formatted"))
        .map(str::trim);
    let (given, family) = match display {
        Some(display) => match display.rsplit_once(' ') {
            Some((given, family)) => (Some(given), Some(family)),
            None => (Some(display), None),
        },
        None => (user_name.split('@').next(), None),
    };
    Ok((line("displayName", given)?, line("displayName", family)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mapped(document: Value) -> Result<Mapped, Problem> {
        map(document.as_object().unwrap())
    }

    #[test]
    fn the_address_is_the_primary_then_the_one_for_work() {
        let work = json!({ "value": "w@x.example", "type": "Work" });
        let home = json!({ "value": "h@x.example", "type": "home" });
        let primary = json!({ "value": "p@x.example", "primary": true });
        for (emails, expected) in [
            (json!([home, work, primary]), "p@x.example"),
            (json!([home, work]), "w@x.example"),
            (json!([{ "type": "other" }, home]), "h@x.example"),
            (json!([]), "ann@x.example"),
        ] {
            let found = mapped(json!({ "userName": "ann@x.example", "emails": emails })).unwrap();
            assert_eq!(found.email, expected);
        }
        let problem = mapped(json!({ "userName": "ann" })).unwrap_err();
        assert!(problem.detail.starts_with("emails: "), "{}", problem.detail);
    }

    #[test]
    fn names_have_a_fallback() {
        let names = |document: Value| {
            let found = mapped(document).unwrap();
            (
                found.given_name.unwrap_or_default(),
                found.family_name.unwrap_or_default(),
            )
        };
        let base = |more: Value| {
            let mut document = json!({ "userName": "ann.archer@x.example" });
            document
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            document
        };
        for (more, given, family) in [
            (
                json!({ "name": { "givenName": "Ann", "familyName": "Archer" }, "displayName": "x y" }),
                "Ann",
                "Archer",
            ),
            (json!({ "name": { "familyName": "Archer" } }), "", "Archer"),
            (
                json!({ "displayName": "Ann Maria Archer" }),
                "Ann Maria",
                "Archer",
            ),
            (json!({ "displayName": "Ann" }), "Ann", ""),
            (json!({}), "ann.archer", ""),
        ] {
            assert_eq!(
                names(base(more.clone())),
                (given.to_owned(), family.to_owned()),
                "{more}"
            );
        }
    }
}
