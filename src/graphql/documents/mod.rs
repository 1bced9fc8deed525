//! The way of a document: limits, parsing, validation, and what is kept of it.
//!
//! Every document passes [`Documents::admit`], whichever way it came: its [bytes](scan) are looked at before anything
//! parses them, and what it [multiplies](read), and its questions about the [schema](introspection), before anything
//! validates it. It is parsed and [validated](validate) once, by apollo-compiler, and then [handed](convert) to the library,
//! which executes what was let through. The [values](variables) of variables are looked at with each request.
//!
//! What has been validated is [kept](cache), and known by its hash (automatic persisted queries). There are two
//! executors of the same schema. A document that is not known with these variables goes through the one that counts
//! what it may come to, by an extension that keeps what it finds; extensions cost something for each field of an answer.
//! One that is known goes through the other, which has none, and may be answered as [text](AsText).

mod bounds;
mod cache;
mod convert;
mod introspection;
mod once;
mod persisted;
mod read;
mod scan;
mod validate;
mod values;
mod variables;
mod walk;

use std::any::TypeId;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, ServerError, ValidationResult, Variables};
use clap::ValueEnum;
use sha2::{Digest, Sha256};

use self::bounds::too_complex;
use self::cache::Cache;
use self::persisted::Persist;

pub use self::persisted::Unidentified;
pub use self::read::{Audience, Read};
use super::kit::fast::AsText;
use super::kit::user_error::refused;
use crate::error::Error;
use crate::graphql::kit::user_error::coded;
use crate::runtime::compute;

/// Who may ask for the schema, and learn about it from the messages of errors.
#[derive(ValueEnum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Introspection {
    /// Everybody.
    True,
    /// Callers with an access token or a token of an integration.
    #[default]
    SignedIn,
    /// Nobody.
    False,
}

/// Longest document that a thread parses which answers requests, in bytes.
const SHORT: usize = 4 << 10;
/// Most bytes of variables that are kept for a subscription.
const SHORT_VARIABLES: usize = 64 << 10;
/// Variables, in bytes, that a thread checks which answers requests.
const FEW_VARIABLES: usize = 8 << 10;
/// Longest document that is kept, in bytes.
const LONGEST: usize = 16 << 10;
/// Most bytes of parsed documents that are kept.
const PARSED: usize = 32 << 20;
/// Most bytes of documents that are kept for their hash.
const PERSISTED: usize = 4 << 20;
/// Most bytes of results of validation that are kept.
const RESULTS: usize = 1 << 20;
/// Bytes that an entry of a cache takes beside what it holds, about.
const ENTRY: usize = 160;

/// See the module.
pub struct Documents {
    introspection: Introspection,
    read: Cache<String, Arc<Read>>,
    /// By the hash of document, operation and variables: the complexity that validation found.
    checked: Cache<[u8; 32], usize>,
    persisted: Cache<String, String>,
}

/// What there is to know about a request that was admitted.
pub struct Prepared {
    /// The hash of the document, the operation and the variables, where the document is short.
    key: Option<[u8; 32]>,
    /// The document, to be kept once it is validated.
    text: Option<String>,
    read: Arc<Read>,
    kind: OperationType,
    /// Whether it was validated before, with the same variables.
    known: bool,
    /// What it asks about the schema, as a number of fields.
    introspection: usize,
    complexity: AtomicUsize,
}

impl Prepared {
    /// How many fields the operation may come to, a connection counting its page size; zero until it is checked.
    pub fn complexity(&self) -> usize {
        self.complexity.load(Ordering::Relaxed)
    }

    /// Whether the document needs no validation any more.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// Whether the operation is a subscription.
    pub fn lasts(&self) -> bool {
        self.kind == OperationType::Subscription
    }

    /// Whether the operation is a query.
    pub fn is_query(&self) -> bool {
        self.kind == OperationType::Query
    }
}

impl Documents {
    /// Nothing is known yet.
    pub fn new(introspection: Introspection) -> Self {
        Self {
            introspection,
            read: Cache::new(PARSED),
            checked: Cache::new(RESULTS),
            persisted: Cache::new(PERSISTED),
        }
    }

    /// Lets a request in; from then on it carries its document, parsed.
    ///
    /// # Errors
    /// `QUERY_TOO_COMPLEX` when the document, or what its variables multiply to, exceeds a limit; `BAD_USER_INPUT`
    /// when it can't be parsed, is not valid or has no such operation, or the variables are not of their types;
    /// `UNAUTHENTICATED` and `FORBIDDEN` when it asks for the
    /// schema and the caller may not.
    pub async fn admit(
        &self,
        request: &mut Request,
        signed_in: bool,
    ) -> Result<Arc<Prepared>, Vec<ServerError>> {
        let size = read::weigh(&request.variables);
        // What is checked elsewhere is too long to be hashed here.
        let key = (size <= FEW_VARIABLES).then(|| key(request)).flatten();
        let known = key.and_then(|key| {
            let complexity = self.checked.get(&key)?;
            Some((complexity, self.read.get(&request.query)?))
        });
        let (complexity, read) = match &known {
            Some((complexity, read)) => (*complexity, Arc::clone(read)),
            None => (0, self.open(request).await?),
        };
        let only = |error| vec![error];
        let operation = read.operation(request.operation_name.as_deref()).map_err(only)?;
        if operation.introspection.is_some() {
            self.check_introspection(signed_in).map_err(only)?;
        }
        if known.is_none() {
            check_variables(&read, request, size).await?;
        } else if !read.merges {
            request.data.insert(AsText);
        }
        // The rest would only be kept, for as long as the operation lasts.
        request.variables.retain(|name, _| operation.declares(name));
        if operation.kind == OperationType::Subscription && size > SHORT_VARIABLES {
            return Err(only(too_complex("the variables of a subscription are too large")));
        }
        request.set_parsed_query(read.alone(operation));
        let prepared = Arc::new(Prepared {
            key,
            text: (known.is_none() && key.is_some()).then(|| request.query.clone()),
            kind: operation.kind,
            known: known.is_some(),
            introspection: operation.introspection.unwrap_or_default(),
            complexity: AtomicUsize::new(complexity),
            read,
        });
        if known.is_some()
            && let Some(persist) = data(request)
        {
            self.persist(persist, &request.query);
        }
        request.data.insert(Arc::clone(&prepared));
        Ok(prepared)
    }

    /// The document of a request, parsed and validated; that is done once, however often this is asked.
    ///
    /// # Errors
    /// As of [`admit`](Self::admit).
    pub async fn open(&self, request: &mut Request) -> Result<Arc<Read>, Vec<ServerError>> {
        if let Some(read) = data::<Arc<Read>>(request).or(self.read.get(&request.query).as_ref()) {
            return Ok(Arc::clone(read));
        }
        let read = match request.query.len() {
            ..=SHORT => Read::new(&request.query)?,
            _ => {
                let text = request.query.clone();
                let read = compute::run(move || Read::new(&text)).await;
                read.map_err(|error| vec![refused(error)])??
            }
        };
        let read = Arc::new(read);
        request.data.insert(Arc::clone(&read));
        Ok(read)
    }

    fn check_introspection(&self, signed_in: bool) -> Result<(), ServerError> {
        match self.introspection {
            Introspection::False => Err(coded("this server does not answer introspection", "FORBIDDEN")),
            Introspection::SignedIn if !signed_in => {
                let error = Error::Unauthenticated;
                Err(coded(&error.to_string(), error.code()))
            }
            Introspection::True | Introspection::SignedIn => Ok(()),
        }
    }

    /// Whether the messages of errors may tell the caller what the schema is like.
    pub fn may_tell_schema(&self, signed_in: bool) -> bool {
        self.check_introspection(signed_in).is_ok()
    }

    /// Keeps what has been validated.
    fn keep(&self, prepared: &Prepared, persist: Option<&Persist>, complexity: usize) {
        let (Some(key), Some(text)) = (prepared.key, &prepared.text) else {
            return;
        };
        let weight = prepared.read.weight + ENTRY;
        self.read.put(text.clone(), Arc::clone(&prepared.read), weight);
        self.checked.put(key, complexity, ENTRY);
        if let Some(persist) = persist {
            self.persist(persist, text);
        }
    }
}

/// Whether the variables are of their types and not too large. Many are checked away from the threads that answer
/// requests.
async fn check_variables(
    read: &Arc<Read>,
    request: &mut Request,
    size: usize,
) -> Result<(), Vec<ServerError>> {
    fn check(read: &Read, name: Option<&str>, variables: &Variables) -> Result<(), ServerError> {
        read.check_variables(variables)?;
        read.operation(name)?.check_types(variables)
    }
    if size <= FEW_VARIABLES {
        let checked = check(read, request.operation_name.as_deref(), &request.variables);
        return checked.map_err(|error| vec![error]);
    }
    let (read, name) = (Arc::clone(read), request.operation_name.clone());
    let variables = std::mem::take(&mut request.variables);
    let work = move || check(&read, name.as_deref(), &variables).map(|()| variables);
    let checked = compute::run(work)
        .await
        .unwrap_or_else(|error| Err(refused(error)));
    request.variables = checked.map_err(|error| vec![error])?;
    Ok(())
}

/// Known requests are known by this hash; long documents are not.
fn key(request: &Request) -> Option<[u8; 32]> {
    (request.query.len() <= LONGEST).then(|| {
        let variables = serde_json::to_vec(&request.variables).unwrap_or_default();
        let mut hash = Sha256::new();
        for part in [
            request.query.as_bytes(),
            request.operation_name.as_deref().unwrap_or_default().as_bytes(),
            &variables,
        ] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    })
}

fn data<T: 'static>(request: &Request) -> Option<&T> {
    request.data.get(&TypeId::of::<T>())?.downcast_ref()
}

/// Keeps what has been validated.
pub struct Factory(pub Arc<Documents>);

impl ExtensionFactory for Factory {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Keep(Arc::clone(&self.0)))
    }
}

struct Keep(Arc<Documents>);

#[async_trait]
impl Extension for Keep {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let result = next.run(ctx).await?;
        if let Some(prepared) = ctx.data_opt::<Arc<Prepared>>() {
            let complexity = result.complexity.saturating_add(prepared.introspection);
            prepared.complexity.store(complexity, Ordering::Relaxed);
            self.0.keep(prepared, ctx.data_opt(), complexity);
        }
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::schema::Schemas;

    async fn run(documents: &Documents, schemas: &Schemas, text: &str) -> bool {
        let mut request = Request::new(text);
        match documents.admit(&mut request, true).await {
            Ok(prepared) => schemas.executor(&prepared).execute(request).await.is_ok(),
            Err(_) => false,
        }
    }

    #[tokio::test]
    async fn what_is_not_valid_leaves_nothing_behind() {
        let documents = Arc::new(Documents::new(Introspection::SignedIn));
        let schemas = Schemas::new(Introspection::SignedIn, Arc::clone(&documents));
        for refused in [
            "{ nothing }",
            "{ nothing",
            "{ viewer { nothing } }",
            "{ a(b: [[[[[1]]]]]) }",
        ] {
            assert!(!run(&documents, &schemas, refused).await, "{refused}");
            assert!(documents.read.get(refused).is_none(), "{refused}");
        }
        assert_eq!([documents.read.weight(), documents.checked.weight()], [0, 0]);
        assert!(run(&documents, &schemas, "{ __typename }").await);
        assert!(documents.read.get("{ __typename }").is_some());
    }

    /// As many documents as anybody likes to send, each valid and new.
    #[tokio::test]
    async fn what_is_kept_is_bounded_by_its_memory() {
        let documents = Arc::new(Documents::new(Introspection::SignedIn));
        let schemas = Schemas::new(Introspection::SignedIn, Arc::clone(&documents));
        let text = |n| {
            let spreads = "...F ".repeat(2_400);
            format!("{{ f{n}: __typename {spreads} }} fragment F on Query {{ __typename }}")
        };
        let mut each = 0;
        for n in 0..40 {
            assert!(run(&documents, &schemas, &text(n)).await, "{n}");
            each = documents.read.get(&text(n)).map_or(0, |read| read.weight);
        }
        let weight = documents.read.weight();
        assert!(
            each > PARSED / 40 && weight > PARSED - 2 * each && weight <= PARSED,
            "{each} {weight}"
        );
    }
}
