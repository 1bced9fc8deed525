//! Parsing, and validation by the specification: <https://spec.graphql.org/September2025/#sec-Validation>.
//!
//! Both are apollo-compiler's; what it leaves out, in values, is added.

use std::sync::LazyLock;

use apollo_compiler::parser::{Parser, SourceMap, SourceSpan};
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Schema, ast};
use async_graphql::{Pos, ServerError};

use super::{scan, values};
use crate::error::Error;
use crate::graphql::kit::user_error::coded;
use crate::graphql::kit::user_error::refused;

/// Most errors that are told of one document.
const ERRORS: usize = 50;

/// What the library answers of introspection beyond what apollo-compiler knows.
const INTROSPECTION: &str = "extend type __Type { isOneOf: Boolean }";

static SCHEMA: LazyLock<Result<Valid<Schema>, String>> = LazyLock::new(|| {
    let text = format!("{}\n{INTROSPECTION}", super::bounds::SCHEMA);
    let schema = Schema::parse_and_validate(text, "schema.graphql");
    schema.map_err(|failed| failed.errors.to_string())
});

/// The schema, as documents are validated by it.
///
/// # Errors
/// Where it can't be read itself.
pub fn schema() -> Result<&'static Valid<Schema>, ServerError> {
    let schema = SCHEMA.as_ref();
    schema.map_err(|cause| refused(Error::internal(cause)))
}

/// Parses a document that has passed the [scan](scan::scan).
///
/// # Errors
/// `BAD_USER_INPUT` with the first syntax error.
pub fn parse(text: &str) -> Result<ast::Document, ServerError> {
    // Spaces and comments are tokens here, and a bracket may be a few steps of the recursion: what limits both is the scan.
    let mut parser = Parser::new()
        .recursion_limit(8 * scan::NESTING)
        .token_limit(scan::LENGTH + 1);
    parser.parse_ast(text, "document").map_err(|failed| {
        let first = failed.errors.iter().next().map(|error| error.to_json());
        let (message, locations) =
            first.map_or_else(Default::default, |error| (error.message, error.locations));
        let message = message.trim_start_matches("syntax error: ");
        // The rest would quote the document, with the secrets in it.
        let expected = message.split(", got ").next().unwrap_or_default();
        let mut told = coded(&format!("syntax error: {expected}"), "BAD_USER_INPUT");
        told.locations = locations
            .iter()
            .map(|at| Pos {
                line: at.line,
                column: at.column,
            })
            .collect();
        told
    })
}

/// Validates a document.
///
/// # Errors
/// What is wrong with it. The messages name types and fields: where the schema is not told, neither are they.
pub fn validate(document: &ast::Document) -> Result<(), Vec<ServerError>> {
    let schema = schema().map_err(|error| vec![error])?;
    let executable = document
        .to_executable_validate(schema)
        .map_err(|failed| told(&failed.errors))?;
    let mut mistakes = values::mistakes(schema, &executable);
    if mistakes.is_empty() {
        return Ok(());
    }
    mistakes.truncate(ERRORS);
    let mistakes = mistakes.into_iter();
    Err(mistakes
        .map(|(message, span)| mistake(message, span, &executable.sources))
        .collect())
}

fn told(errors: &DiagnosticList) -> Vec<ServerError> {
    let errors = errors.iter().take(ERRORS).map(|error| {
        let error = error.to_json();
        let mut told = ServerError::new(error.message, None);
        told.locations = error
            .locations
            .iter()
            .map(|at| Pos {
                line: at.line,
                column: at.column,
            })
            .collect();
        told
    });
    errors.collect()
}

fn mistake(message: String, span: Option<SourceSpan>, sources: &SourceMap) -> ServerError {
    let at = span.and_then(|span| span.line_column(sources)).map(|at| Pos {
        line: at.line,
        column: at.column,
    });
    ServerError::new(message, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        let mistakes = validate(&parse(text).unwrap());
        let mistakes = mistakes.err().unwrap_or_default();
        mistakes.into_iter().map(|error| error.message).collect()
    }

    #[test]
    fn the_schema_can_be_read() {
        assert_eq!(SCHEMA.as_ref().err(), None);
        let all = "{ __schema { types { kind isOneOf specifiedByURL } directives { isRepeatable } } }";
        assert_eq!(mistakes(all), [""; 0]);
    }

    fn users(filter: &str) -> String {
        format!("users(filter: {filter}) {{ totalCount }}")
    }

    #[test]
    fn variables_stand_where_their_type_belongs() {
        let dismiss = |input: &str| format!("dismissUser(input: {input}) {{ user {{ id }} }}");
        for (refused, fine) in [
            (
                "query($i: ID) { user(id: $i) { id } }",
                "query($i: ID!) { user(id: $i) { id } }",
            ),
            (
                "query($i: ID = null) { user(id: $i) { id } }",
                "query($i: ID = \"x\") { user(id: $i) { id } }",
            ),
            (
                "query($i: String!) { user(id: $i) { id } }",
                "{ user(id: 1) { id } }",
            ),
            (
                &format!("query($s: [String!]) {{ {} }}", users("{status: $s}")),
                &format!("query($s: [UserStatus!]) {{ {} }}", users("{status: $s}")),
            ),
            (
                &format!("query($s: [UserStatus]) {{ {} }}", users("{status: $s}")),
                &format!("query($s: UserFilter) {{ {} }}", users("$s")),
            ),
            (
                &format!("query($s: UserStatus) {{ {} }}", users("{status: [$s]}")),
                &format!("query($s: UserStatus!) {{ {} }}", users("{status: [ACTIVE, $s]}")),
            ),
            (
                &format!("query($s: ID) {{ {} }}", users("{search: $s}")),
                &format!("query($s: String) {{ {} }}", users("{search: $s}")),
            ),
            (
                &format!("mutation($u: ID) {{ {} }}", dismiss("{userId: $u}")),
                &format!("mutation($u: ID!) {{ {} }}", dismiss("{userId: $u}")),
            ),
            (
                "query($i: ID) { ...F } fragment F on Query { ...G } fragment G on Query { user(id: $i) { id } }",
                "query($i: ID!) { ...F } fragment F on Query { ...G } fragment G on Query { user(id: $i) { id } }",
            ),
            (
                "query($b: Boolean) { __typename @skip(if: $b) }",
                "query($b: Boolean = true) { __typename @skip(if: $b) }",
            ),
        ] {
            assert_ne!(mistakes(refused), [""; 0], "{refused}");
            assert_eq!(mistakes(fine), [""; 0], "{fine}");
        }
    }

    #[test]
    fn values_that_are_written_out_have_their_type() {
        for (refused, fine) in [
            (
                &format!("{{ {} }}", users("{status: [\"ACTIVE\"]}")),
                &format!("{{ {} }}", users("{status: ACTIVE}")),
            ),
            (
                &format!("{{ {} }}", users("{search: \"a\", search: \"b\"}")),
                &format!("{{ {} }}", users("{search: \"a\"}")),
            ),
            (
                &format!("{{ {} }}", users("{dismissedSince: [\"2026-11-24T09:00:00Z\"]}")),
                &format!("{{ {} }}", users("{dismissedSince: null}")),
            ),
            (
                &format!(
                    "query($t: DateTime) {{ {} }}",
                    users("{dismissedSince: {at: $t}}")
                ),
                &format!("query($t: DateTime) {{ {} }}", users("{dismissedSince: $t}")),
            ),
            (
                &format!("{{ {} }}", users("{dismissedSince: \"2026-11-24\"}")),
                &format!("{{ {} }}", users("{dismissedSince: \"2026-11-24T09:00:00Z\"}")),
            ),
            (
                &format!(
                    "query($f: UserFilter = {{search: \"a\", search: \"b\"}}) {{ {} }}",
                    users("$f")
                ),
                &format!("query($f: UserFilter = {{search: \"a\"}}) {{ {} }}", users("$f")),
            ),
        ] {
            assert_ne!(mistakes(refused), [""; 0], "{refused}");
            assert_eq!(mistakes(fine), [""; 0], "{fine}");
        }
    }

    #[test]
    fn exactly_one_field_is_given_where_it_has_to_be() {
        let plan = |variables: &str, to: &str| {
            format!(
                "query{variables} {{ handoverPlan(input: {{fromUserId: \"x\", \
                 moves: [{{kind: DRIVE, to: {to}}}]}}) {{ total }} }}"
            )
        };
        for fine in [
            plan("", "{userId: \"x\"}"),
            plan("($u: ID!)", "{userId: $u}"),
            plan("($r: RecipientInput!)", "$r"),
        ] {
            assert_eq!(mistakes(&fine), [""; 0], "{fine}");
        }
        for refused in [
            plan("", "{}"),
            plan("", "{userId: null}"),
            plan("", "{userId: \"x\", headOfDepartment: true}"),
            plan("($u: ID)", "{userId: $u}"),
        ] {
            assert_eq!(mistakes(&refused).len(), 1, "{refused}: {:?}", mistakes(&refused));
        }
    }
}
