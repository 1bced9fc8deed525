//! The values that are written in a document.

use std::collections::HashSet;

use apollo_compiler::ast::{Type, Value, VariableDefinition};
use apollo_compiler::executable::{Argument, Directive, Operation, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};

use super::convert;
use crate::graphql::kit::scalars;

/// Whether exactly one field of such an object is given.
pub fn is_one_of(object: &InputObjectType) -> bool {
    object.directives.has("oneOf")
}

/// What is wrong with a value, and where it is.
pub type Mistake = (String, Option<SourceSpan>);

/// Returns what apollo-compiler leaves out of what is wrong with the values of a document: variables within lists and
/// objects, fields of an object that are given twice, objects of which exactly one field is given, and scalars of the API.
pub fn mistakes(schema: &Valid<Schema>, document: &ExecutableDocument) -> Vec<Mistake> {
    let mut values = Values {
        schema,
        document,
        variables: &[],
        mistakes: Vec::new(),
        seen: HashSet::new(),
    };
    for operation in document.operations.iter() {
        values.operation(operation);
    }
    values.mistakes
}

struct Values<'a> {
    schema: &'a Valid<Schema>,
    document: &'a ExecutableDocument,
    variables: &'a [Node<VariableDefinition>],
    mistakes: Vec<Mistake>,
    /// Fragments that have been looked at for this operation.
    seen: HashSet<&'a Name>,
}

impl<'a> Values<'a> {
    fn operation(&mut self, operation: &'a Operation) {
        self.variables = &operation.variables;
        self.seen.clear();
        for variable in &operation.variables {
            if let Some(default) = &variable.default_value {
                self.value(&variable.ty, false, default);
            }
            self.directives(&variable.directives);
        }
        self.directives(&operation.directives);
        self.selections(&operation.selection_set);
    }

    fn selections(&mut self, selections: &'a SelectionSet) {
        for selection in &selections.selections {
            match selection {
                Selection::Field(field) => {
                    for argument in &field.arguments {
                        if let Some(definition) = field.definition.argument_by_name(&argument.name) {
                            self.argument(&definition.ty, definition.default_value.is_some(), argument);
                        }
                    }
                    self.directives(&field.directives);
                    self.selections(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.directives);
                    self.selections(&fragment.selection_set);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives);
                    let document = self.document;
                    if self.seen.insert(&spread.fragment_name)
                        && let Some(fragment) = document.fragments.get(&spread.fragment_name)
                    {
                        self.directives(&fragment.directives);
                        self.selections(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a [Node<Directive>]) {
        for directive in directives {
            let Some(definition) = self.schema.directive_definitions.get(&directive.name) else {
                continue;
            };
            for argument in &directive.arguments {
                if let Some(definition) = definition.argument_by_name(&argument.name) {
                    self.argument(&definition.ty, definition.default_value.is_some(), argument);
                }
            }
        }
    }

    fn argument(&mut self, ty: &Type, has_default: bool, argument: &Argument) {
        self.value(ty, has_default, &argument.value);
    }

    /// A value where one of this type belongs; `has_default` says whether something takes its place if it is left out.
    fn value(&mut self, ty: &Type, has_default: bool, value: &Node<Value>) {
        match &**value {
            Value::Variable(name) => {
                let definition = self.variables.iter().find(|variable| variable.name == *name);
                if let Some(definition) = definition
                    && !fits(definition, ty, has_default)
                {
                    let message = format!(
                        "variable `${name}` of type `{}` can't be used where `{ty}` is expected",
                        definition.ty
                    );
                    self.mistakes.push((message, value.location()));
                }
            }
            Value::Null => {}
            Value::List(items) if ty.is_list() => {
                for item in items {
                    self.value(ty.item_type(), false, item);
                }
            }
            _ if self.is_own_scalar(ty) => self.scalar(ty.inner_named_type(), value),
            Value::Object(fields) => self.object(ty, fields, value),
            _ => {}
        }
    }

    /// Whether this is a scalar of the API: apollo-compiler takes any value for one.
    fn is_own_scalar(&self, ty: &Type) -> bool {
        match self.schema.types.get(ty.inner_named_type()) {
            Some(ExtendedType::Scalar(scalar)) => !scalar.is_built_in(),
            _ => false,
        }
    }

    fn scalar(&mut self, name: &Name, value: &Node<Value>) {
        // With a variable within a list or an object it is no scalar either.
        let constant = convert::value_of(value).into_const().unwrap_or_default();
        if let Err(expected) = scalars::check(name, &constant) {
            let message = format!("this is no `{name}`: expected {expected}");
            self.mistakes.push((message, value.location()));
        }
    }

    fn object(&mut self, ty: &Type, fields: &[(Name, Node<Value>)], value: &Node<Value>) {
        let mut names = HashSet::new();
        for (name, field) in fields {
            if !names.insert(name) {
                let message = format!("the input field `{name}` is given more than once");
                self.mistakes.push((message, field.location()));
            }
        }
        let schema = self.schema;
        let Some(ExtendedType::InputObject(object)) = schema.types.get(ty.inner_named_type()) else {
            return;
        };
        if is_one_of(object) {
            self.one_of(object, fields, value);
        }
        for (name, field) in fields {
            if let Some(definition) = object.fields.get(name) {
                self.value(&definition.ty, definition.default_value.is_some(), field);
            }
        }
    }

    fn one_of(&mut self, object: &InputObjectType, fields: &[(Name, Node<Value>)], value: &Node<Value>) {
        let exactly_one = match fields {
            [(_, only)] => match &**only {
                Value::Null => false,
                Value::Variable(name) => {
                    let definition = self.variables.iter().find(|variable| variable.name == *name);
                    definition.is_none_or(|definition| definition.ty.is_non_null())
                }
                _ => true,
            },
            _ => false,
        };
        if !exactly_one {
            let message = format!(
                "exactly one field of `{}` has to be given, and not null",
                object.name
            );
            self.mistakes.push((message, value.location()));
        }
    }
}

/// Whether a variable can stand where a value of this type belongs: `IsVariableUsageAllowed` of the specification.
fn fits(variable: &VariableDefinition, ty: &Type, has_default: bool) -> bool {
    if ty.is_non_null() && !variable.ty.is_non_null() {
        let default = variable.default_value.as_ref();
        let never_null = has_default || default.is_some_and(|default| !default.is_null());
        return never_null && variable.ty.is_assignable_to(&ty.clone().nullable());
    }
    variable.ty.is_assignable_to(ty)
}
