//! The served schema, parsed from its SDL, for tests that iterate over it.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};

/// The types by name, and the names of @oneOf input types.
pub struct Served(BTreeMap<String, TypeKind>, BTreeSet<String>);

impl Served {
    pub fn read() -> Self {
        let document = parse_schema(handover::graphql::schema::sdl()).unwrap();
        let (mut types, mut one_of) = (BTreeMap::new(), BTreeSet::new());
        for definition in document.definitions {
            if let TypeSystemDefinition::Type(found) = definition {
                let (name, mut directives) = (found.node.name.node.to_string(), found.node.directives.iter());
                if directives.any(|directive| directive.node.name.node == "oneOf") {
                    one_of.insert(name.clone());
                }
                types.insert(name, found.node.kind);
            }
        }
        Self(types, one_of)
    }

    /// Whether an input type is @oneOf.
    pub fn is_one_of(&self, name: &str) -> bool {
        self.1.contains(name)
    }

    /// The fields of an object type.
    pub fn fields(&self, name: &str) -> Vec<&FieldDefinition> {
        match self.0.get(name) {
            Some(TypeKind::Object(object)) => object.fields.iter().map(|field| &field.node).collect(),
            _ => Vec::new(),
        }
    }

    /// The fields of an input type; empty for other types.
    pub fn inputs(&self, name: &str) -> Option<Vec<&InputValueDefinition>> {
        match self.0.get(name) {
            Some(TypeKind::InputObject(object)) => {
                Some(object.fields.iter().map(|field| &field.node).collect())
            }
            _ => None,
        }
    }

    /// The values of an enum.
    pub fn values(&self, name: &str) -> Option<Vec<String>> {
        match self.0.get(name) {
            Some(TypeKind::Enum(found)) => {
                let values = found.values.iter().map(|value| value.node.value.node.to_string());
                Some(values.collect())
            }
            _ => None,
        }
    }

    pub fn is_object(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(TypeKind::Object(_)))
    }

    /// The names of the object types that implement an interface.
    pub fn implementing(&self, interface: &str) -> Vec<&str> {
        let implements = |kind: &TypeKind| match kind {
            TypeKind::Object(object) => object.implements.iter().any(|name| name.node == interface),
            _ => false,
        };
        let found = self.0.iter().filter(|(_, kind)| implements(kind));
        found.map(|(name, _)| name.as_str()).collect()
    }

    pub fn is_interface(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(TypeKind::Interface(_)))
    }
}

/// The name of the innermost type, without lists and non-null.
pub fn item_of(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(item) => item_of(item),
    }
}

pub fn is_list(ty: &Type) -> bool {
    matches!(ty.base, BaseType::List(_))
}
