//! What the server says of itself: `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas` (RFC 7643, sections 5 to 7,
//! and RFC 9865, section 4). The base is the address of the door without a slash at its end, `https://…/scim/v2`.

use serde_json::{Map, Value, json};

use super::list::{CURSOR_SECONDS, DEFAULT_COUNT, MAX_COUNT};
use super::patch::MAX_OPERATIONS;
use super::schema::{self, Attribute, Mutability, Type};

/// Maximum length of a body, in bytes.
pub const MAX_BODY: usize = 1 << 20;

const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// URN of the messages of lists.
pub const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// A schema as it is described.
struct Described {
    urn: &'static str,
    name: &'static str,
    description: &'static str,
    attributes: &'static [Attribute],
}

const SCHEMAS: [Described; 3] = [
    Described {
        urn: schema::USER,
        name: "User",
        description: "A person of the company.",
        attributes: &schema::USER_ATTRIBUTES,
    },
    Described {
        urn: schema::ENTERPRISE,
        name: "EnterpriseUser",
        description: "What a company says of a person.",
        attributes: &schema::ENTERPRISE_ATTRIBUTES,
    },
    Described {
        urn: schema::GROUP,
        name: "Group",
        description: "People of the directory who belong together.",
        attributes: &schema::GROUP_ATTRIBUTES,
    },
];

/// Names of the resource types.
const RESOURCE_TYPES: [&str; 2] = ["User", "Group"];

/// Returns a list of resources that is complete on its own.
pub fn list(resources: Vec<Value>) -> Value {
    json!({
        "schemas": [LIST], "totalResults": resources.len(), "itemsPerPage": resources.len(), "startIndex": 1,
        "Resources": resources,
    })
}

/// Returns the configuration.
pub fn service_provider_config(base: &str) -> Value {
    json!({
        "schemas": [CONFIG],
        "patch": { "supported": true },
        "bulk": { "supported": true, "maxOperations": MAX_OPERATIONS, "maxPayloadSize": MAX_BODY },
        "filter": { "supported": true, "maxResults": MAX_COUNT },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "pagination": {
            "cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": DEFAULT_COUNT,
            "maxPageSize": MAX_COUNT, "cursorTimeout": CURSOR_SECONDS,
        },
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken", "name": "Bearer token", "primary": true,
                "description": "A token of an integration that may provision people.",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
            },
            {
                "type": "oauth2", "name": "OAuth 2.0 client credentials", "primary": false,
                "description": "An access token that an integration gets for its secret.",
                "specUri": "https://www.rfc-editor.org/info/rfc6749",
            },
        ],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") },
    })
}

/// Returns the resource types.
pub fn resource_types(base: &str) -> Vec<Value> {
    RESOURCE_TYPES
        .iter()
        .filter_map(|name| resource_type(base, name))
        .collect()
}

/// Returns a resource type by its ID; `None` if there is no such.
pub fn resource_type(base: &str, id: &str) -> Option<Value> {
    let (description, endpoint, schema) = match id {
        "User" => ("A person of the company.", "/Users", schema::USERS),
        "Group" => (
            "People of the directory who belong together.",
            "/Groups",
            schema::GROUPS_SCHEMA,
        ),
        _ => return None,
    };
    let extensions: Vec<_> = schema
        .extension
        .iter()
        .map(|(urn, _)| json!({ "schema": urn, "required": false }))
        .collect();
    Some(json!({
        "schemas": [RESOURCE_TYPE], "id": id, "name": id, "description": description, "endpoint": endpoint,
        "schema": schema.urn, "schemaExtensions": extensions,
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{id}") },
    }))
}

/// Returns the schemas.
pub fn schemas(base: &str) -> Vec<Value> {
    SCHEMAS.iter().map(|schema| schema.describe(base)).collect()
}

/// Returns a schema by its URN, in any case; `None` if there is no such.
pub fn schema(base: &str, urn: &str) -> Option<Value> {
    let found = SCHEMAS.iter().find(|schema| schema.urn.eq_ignore_ascii_case(urn));
    found.map(|schema| schema.describe(base))
}

impl Described {
    fn describe(&self, base: &str) -> Value {
        json!({
            "schemas": [SCHEMA], "id": self.urn, "name": self.name, "description": self.description,
            "attributes": self.attributes.iter().map(describe).collect::<Vec<_>>(),
            "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{}", self.urn) },
        })
    }
}

fn describe(attribute: &Attribute) -> Value {
    let kind = match attribute.ty {
        Type::String => "string",
        Type::Boolean => "boolean",
        Type::Reference => "reference",
        Type::Binary => "binary",
        Type::Complex(_) => "complex",
    };
    let mutability = match attribute.mutability {
        Mutability::ReadWrite => "readWrite",
        Mutability::ReadOnly => "readOnly",
        Mutability::Immutable => "immutable",
    };
    let mut said = Map::from_iter([
        ("name".to_owned(), Value::from(attribute.name)),
        ("type".to_owned(), kind.into()),
        ("multiValued".to_owned(), attribute.multi.into()),
        ("description".to_owned(), attribute.description.into()),
        ("required".to_owned(), attribute.required.into()),
        ("mutability".to_owned(), mutability.into()),
        ("returned".to_owned(), "default".into()),
    ]);
    if matches!(attribute.ty, Type::String | Type::Reference | Type::Binary) {
        let uniqueness = if attribute.unique { "server" } else { "none" };
        said.insert("caseExact".to_owned(), attribute.exact.into());
        said.insert("uniqueness".to_owned(), uniqueness.into());
    }
    if !attribute.canonical.is_empty() {
        said.insert("canonicalValues".to_owned(), attribute.canonical.into());
    }
    if !attribute.references.is_empty() {
        said.insert("referenceTypes".to_owned(), attribute.references.into());
    }
    if let Type::Complex(subs) = attribute.ty {
        let subs: Vec<_> = subs.iter().map(describe).collect();
        said.insert("subAttributes".to_owned(), subs.into());
    }
    said.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://handover.example/scim/v2";

    fn attribute<'a>(of: &'a Value, path: &[&str]) -> &'a Value {
        path.iter().fold(of, |of, name| {
            let list = of.get("attributes").or_else(|| of.get("subAttributes"));
            let found = list.unwrap().as_array().unwrap().iter();
            found
                .clone()
                .find(|one| one["name"] == *name)
                .unwrap_or(&Value::Null)
        })
    }

    #[test]
    fn every_resource_says_where_it_is() {
        let config = service_provider_config(BASE);
        assert_eq!(
            config["meta"]["location"],
            format!("{BASE}/ServiceProviderConfig")
        );
        for (all, kind, one) in [
            (
                resource_types(BASE),
                "ResourceType",
                resource_type as fn(&str, &str) -> Option<Value>,
            ),
            (schemas(BASE), "Schema", schema),
        ] {
            for resource in &all {
                let id = resource["id"].as_str().unwrap();
                assert_eq!(one(BASE, id).as_ref(), Some(resource));
                assert_eq!(resource["meta"]["resourceType"], kind);
                assert_eq!(resource["meta"]["location"], format!("{BASE}/{kind}s/{id}"));
            }
            assert_eq!(one(BASE, "other"), None);
            assert_eq!(list(all.clone())["totalResults"], all.len());
        }
        let user = resource_type(BASE, "User").unwrap();
        assert_eq!(
            user["schemaExtensions"],
            json!([{ "schema": schema::ENTERPRISE, "required": false }])
        );
        assert_eq!(
            resource_type(BASE, "Group").unwrap()["schemaExtensions"],
            json!([])
        );
    }

    #[test]
    fn d8_active_is_a_boolean() {
        let user = schema(BASE, schema::USER).unwrap();
        let active = attribute(&user, &["active"]);
        assert_eq!(
            (&active["type"], &active["required"]),
            (&json!("boolean"), &json!(true))
        );
    }

    #[test]
    fn d17_only_what_exists_is_described() {
        let user = schema(BASE, schema::USER).unwrap();
        let group = schema(BASE, schema::GROUP).unwrap();
        for (of, path) in [
            (&user, vec!["password"]),
            (&user, vec!["id"]),
            (&user, vec!["meta"]),
            (&user, vec!["externalId"]),
            (&group, vec!["members", "display"]),
        ] {
            assert!(attribute(of, &path).is_null(), "{path:?}");
        }
        assert_eq!(attribute(&user, &["emails", "value"])["required"], true);
        assert_eq!(attribute(&user, &["groups"])["mutability"], "readOnly");
        assert_eq!(
            attribute(&user, &["photos", "value"])["referenceTypes"],
            json!(["external"])
        );
        assert_eq!(attribute(&user, &["x509Certificates", "value"])["type"], "binary");
        assert_eq!(
            attribute(&group, &["members", "type"])["canonicalValues"],
            json!(["User"])
        );
        assert_eq!(
            service_provider_config(BASE)["changePassword"]["supported"],
            false
        );
    }
}
