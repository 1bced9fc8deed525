//! The filters of exports: the same as of the lists in the API, as JSON.

use async_graphql::registry::{MetaType, Registry};
use async_graphql::{InputObject, InputType, Pos, Value};

use crate::domain::export::Export;
use crate::error::Error;
use crate::graphql::types::audit::AuditFilter;
use crate::graphql::types::crm::CrmItemFilter;
use crate::graphql::types::people::UserFilter;
use crate::graphql::types::tasks::TaskFilter;
use crate::graphql::types::work::{HandoverOutcome, WorkKind};

/// Filter of a ledger: the arguments of `Handover.entries`.
#[derive(InputObject, Default)]
struct LedgerFilter {
    kind: Option<WorkKind>,
    outcome: Option<HandoverOutcome>,
}

/// Maximum length of a filter, in bytes.
const MAX_FILTER: usize = 64 << 10;

/// Returns the export of a list with this name, or of the ledger of the handover with this id.
///
/// # Errors
/// [`Error::NotFound`] for another name; [`Error::BadInput`] for an invalid filter.
pub fn read(list: &str, filter: Option<&str>) -> Result<Export, Error> {
    Ok(match list {
        "people" => Export::People(parse::<UserFilter>(filter)?.check("filter")?),
        "audit" => Export::Audit(parse::<AuditFilter>(filter)?.check("filter")?),
        "tasks" => Export::Tasks(parse::<TaskFilter>(filter)?.check("filter")?),
        "crm" => Export::CrmItems(parse::<CrmItemFilter>(filter)?.check("filter")?),
        _ => {
            let handover = list.parse();
            let handover = handover.map_err(|_| Error::NotFound("there is no such list".to_owned()))?;
            let entries = parse::<LedgerFilter>(filter)?;
            Export::Ledger(
                handover,
                entries.kind.map(Into::into),
                entries.outcome.map(Into::into),
            )
        }
    })
}

fn parse<F: InputType + Default>(filter: Option<&str>) -> Result<F, Error> {
    let Some(text) = filter else {
        return Ok(F::default());
    };
    let invalid = |reason: String| Error::BadInput(format!("filter: {reason}"));
    if text.len() > MAX_FILTER {
        return Err(invalid(format!("at most {MAX_FILTER} bytes")));
    }
    let json: serde_json::Value = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
    let value = Value::from_json(json).map_err(|error| invalid(error.to_string()))?;
    let Value::Object(fields) = &value else {
        return Err(invalid("it must be a JSON object".to_owned()));
    };
    // Ignored, a misspelt condition would export more than was meant.
    let known = fields_of::<F>();
    if let Some(field) = fields
        .keys()
        .find(|field| !known.iter().any(|known| known == field.as_str()))
    {
        return Err(invalid(format!("there is no field {field}")));
    }
    F::parse(Some(value)).map_err(|error| invalid(error.into_server_error(Pos::default()).message))
}

/// Returns the names of the fields of an input type.
fn fields_of<F: InputType>() -> Vec<String> {
    let mut registry = Registry::default();
    F::create_type_info(&mut registry);
    match registry.types.remove(&*F::type_name()) {
        Some(MetaType::InputObject { input_fields, .. }) => input_fields.into_keys().collect(),
        _ => Vec::new(),
    }
}
