//! Documents that have been sent before: read and checked once, and known by their hash (automatic persisted
//! queries). Each store is bounded; what was not asked for longest goes first.
//!
//! There are two executors of the same schema. A document that has not been seen goes through the one that checks it,
//! by an extension that remembers what it finds; extensions cost something for each field of an answer. A document
//! that has been checked with the same variables goes through the other one, which has none, and may be answered as
//! [text](AsText).

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextParseQuery, NextValidation,
};
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Request, ServerError, ServerResult, ValidationResult, Variables};
use lru::LruCache;
use sha2::{Digest, Sha256};

use super::over_http::coded;

/// Documents in each store.
const KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);
/// Longest document that is kept, in bytes.
const LONGEST: usize = 16 * 1024;
/// Most tokens of a document.
const TOKENS: usize = 5_000;
/// Most selections of a document when all fragments are written out where they are named.
const SELECTIONS: usize = 20_000;
/// How deep is looked: deeper ones the library refuses.
const DEEP: usize = 64;

/// A bounded store.
type Store<K, V> = Mutex<LruCache<K, V>>;

/// A document that has been read.
struct Read {
    document: ExecutableDocument,
    merges: bool,
}

/// In the data of a request: nothing in its answer has to be merged, so objects may be written as text at once.
pub struct AsText;

/// See the module.
pub struct Documents {
    read: Store<String, Arc<Read>>,
    checked: Store<[u8; 32], ValidationResult>,
    persisted: Store<String, String>,
}

impl Default for Documents {
    fn default() -> Self {
        Self {
            read: Mutex::new(LruCache::new(KEPT)),
            checked: Mutex::new(LruCache::new(KEPT)),
            persisted: Mutex::new(LruCache::new(KEPT)),
        }
    }
}

/// What there is to know about a request while it is prepared.
pub struct Prepared {
    /// The hash of the document, the operation and the variables, where the document is short.
    key: Option<[u8; 32]>,
    /// What the operation costs, once that is known.
    complexity: AtomicUsize,
}

impl Prepared {
    /// Before anything of the request is read.
    pub fn new(request: &Request) -> Arc<Self> {
        let key = (request.query.len() <= LONGEST).then(|| {
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
        });
        Arc::new(Self {
            key,
            complexity: AtomicUsize::new(0),
        })
    }

    /// How many fields the operation may come to, a connection counting its page size; nought until it is checked.
    pub fn complexity(&self) -> usize {
        self.complexity.load(Ordering::Relaxed)
    }
}

impl Documents {
    /// Whether this request has been checked before; then it carries its document, read, from now on.
    pub fn recall(&self, request: &mut Request, prepared: &Prepared) -> bool {
        let Some(result) = prepared
            .key
            .and_then(|key| lock(&self.checked).get(&key).copied())
        else {
            return false;
        };
        let Some(read) = lock(&self.read).get(&request.query).cloned() else {
            return false;
        };
        request.set_parsed_query(read.document.clone());
        if !read.merges {
            request.data.insert(AsText);
        }
        prepared.complexity.store(result.complexity, Ordering::Relaxed);
        true
    }

    /// The document with this hash.
    pub fn persisted(&self, hash: &str) -> Option<String> {
        lock(&self.persisted).get(hash).cloned()
    }

    /// Keeps a document under its hash; answers whether that is its hash.
    pub fn persist(&self, hash: &str, document: &str) -> bool {
        let right = Sha256::digest(document.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
            == hash.to_ascii_lowercase();
        if right && document.len() <= LONGEST {
            lock(&self.persisted).put(hash.to_ascii_lowercase(), document.to_owned());
        }
        right
    }
}

fn lock<K, V>(store: &Store<K, V>) -> std::sync::MutexGuard<'_, LruCache<K, V>> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers what is read and checked.
pub struct Factory(pub Arc<Documents>);

impl ExtensionFactory for Factory {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Use(Arc::clone(&self.0)))
    }
}

struct Use(Arc<Documents>);

#[async_trait]
impl Extension for Use {
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let known = lock(&self.0.read).get(query).cloned();
        if let Some(read) = known {
            return Ok(read.document.clone());
        }
        if has_too_many_tokens(query) {
            return Err(coded(
                &format!("a document can have at most {TOKENS} tokens"),
                "QUERY_TOO_COMPLEX",
            ));
        }
        // What the library looks at while it reads, it looks at anew wherever a fragment is named.
        let merges = parse_query(query).map_or(Ok(true), |document| Merges::of(&document));
        let merges = merges.map_err(|TooLarge| {
            coded(
                &format!("a document can have at most {SELECTIONS} fields, with all fragments written out"),
                "QUERY_TOO_COMPLEX",
            )
        })?;
        let document = next.run(ctx, query, variables).await?;
        if query.len() <= LONGEST {
            let read = Read {
                merges,
                document: document.clone(),
            };
            lock(&self.0.read).put(query.to_owned(), Arc::new(read));
        }
        Ok(document)
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let prepared = ctx.data_opt::<Arc<Prepared>>();
        let key = prepared.and_then(|prepared| prepared.key);
        let result = next.run(ctx).await?;
        if let Some(key) = key {
            lock(&self.0.checked).put(key, result);
        }
        if let Some(prepared) = prepared {
            prepared.complexity.store(result.complexity, Ordering::Relaxed);
        }
        Ok(result)
    }
}

/// Looks whether an answer has to be merged: whether an object is asked for in two places, by fragments or twice in a row.
struct Merges<'a> {
    document: &'a ExecutableDocument,
    /// Selections that may still be looked at: fragments can name each other in ever so many ways.
    left: usize,
}

/// There is more to a document than anybody should have to look at.
#[derive(Debug, PartialEq, Eq)]
struct TooLarge;

impl<'a> Merges<'a> {
    fn of(document: &'a ExecutableDocument) -> Result<bool, TooLarge> {
        let mut look = Merges {
            document,
            left: SELECTIONS,
        };
        let mut merges = false;
        for (_, operation) in document.operations.iter() {
            merges |= look.among(&operation.node.selection_set.node, &mut HashSet::new(), 0)?;
        }
        Ok(merges)
    }

    /// In the answer to this selection, at whatever depth; `objects` have been asked for beside it.
    fn among(
        &mut self,
        selection: &'a SelectionSet,
        objects: &mut HashSet<&'a str>,
        depth: usize,
    ) -> Result<bool, TooLarge> {
        if depth > DEEP {
            return Ok(true);
        }
        let mut merges = false;
        for selection in &selection.items {
            self.left = self.left.checked_sub(1).ok_or(TooLarge)?;
            merges |= match &selection.node {
                Selection::Field(field) => {
                    let below = &field.node.selection_set.node;
                    let again = !below.items.is_empty() && !objects.insert(&field.node.response_key().node);
                    again | self.among(below, &mut HashSet::new(), depth + 1)?
                }
                Selection::InlineFragment(fragment) => {
                    self.among(&fragment.node.selection_set.node, objects, depth + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    match self.document.fragments.get(&spread.node.fragment_name.node) {
                        Some(fragment) => {
                            self.among(&fragment.node.selection_set.node, objects, depth + 1)?
                        }
                        None => true,
                    }
                }
            };
        }
        Ok(merges)
    }
}

/// Counts names, numbers and signs, as nearly as is needed to refuse a document before it is read.
fn has_too_many_tokens(document: &str) -> bool {
    let mut tokens = 0;
    let mut in_word = false;
    for byte in document.bytes() {
        let word = byte.is_ascii_alphanumeric() || byte == b'_';
        if !byte.is_ascii_whitespace() && byte != b',' && !(word && in_word) {
            tokens += 1;
            if tokens > TOKENS {
                return true;
            }
        }
        in_word = word;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_in_two_places_is_merged() {
        let users = |asked: &str| format!("{{ users {{ {asked} }} }} ");
        for plain in [
            users("nodes { id name department { id } } pageInfo { endCursor }"),
            users("nodes { id id ...Named ... on User { id email } }") + "fragment Named on User { id name }",
            users("a: nodes { id } b: nodes { id }"),
        ] {
            assert_eq!(Merges::of(&parse_query(&plain).unwrap()), Ok(false), "{plain}");
        }
        for merged in [
            users("nodes { id } nodes { name }"),
            users("nodes { id } ...More") + "fragment More on UserConnection { nodes { name } }",
            users("nodes { ...Unknown }"),
            users("...Round") + "fragment Round on UserConnection { ...Round }",
        ] {
            assert_eq!(Merges::of(&parse_query(&merged).unwrap()), Ok(true), "{merged}");
        }
    }

    #[test]
    fn fragments_that_name_each_other_many_times_are_too_large() {
        let fragment = |n: usize| format!("fragment F{n} on Query {{ ...F{m} ...F{m} }} ", m = n + 1);
        let fragments: String = (0..29).map(fragment).collect();
        let document = format!("{{ ...F0 }} {fragments} fragment F29 on Query {{ __typename }}");
        let ring = "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }";
        for large in [document.as_str(), ring] {
            assert_eq!(Merges::of(&parse_query(large).unwrap()), Err(TooLarge), "{large}");
        }
    }
}
