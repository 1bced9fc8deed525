//! Automatic persisted queries: a client sends a document once with its SHA-256, and the hash alone from then on.
//!
//! <https://www.apollographql.com/docs/apollo-server/performance/apq/>

use async_graphql::{Request, Value};
use sha2::{Digest, Sha256};

use super::{Documents, ENTRY, LONGEST};

/// In the data of a request: its document is to be kept under this hash, once it is validated.
pub struct Persist(pub String);

/// Why a request has no document. The first message and its code are those that clients know: they send the document next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unidentified {
    /// No document is kept under the hash.
    #[error("PersistedQueryNotFound")]
    NotFound,
    /// The extension has no hash.
    #[error("`extensions.persistedQuery.sha256Hash` is missing")]
    Missing,
    /// The hash is not that of the document beside it.
    #[error("`sha256Hash` is not the hash of `query`")]
    Mismatch,
}

impl Unidentified {
    /// The reason, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::Missing | Self::Mismatch => "BAD_USER_INPUT",
        }
    }
}

impl Documents {
    /// Finds the document of a request that has only its hash; remembers the hash of one that has both.
    ///
    /// # Errors
    /// When the document is not known by the hash, or the hash is missing or wrong.
    pub fn identify(&self, request: &mut Request) -> Result<(), Unidentified> {
        let hash = match request.extensions.get("persistedQuery") {
            None => return Ok(()),
            Some(Value::Object(about)) => match about.get("sha256Hash") {
                Some(Value::String(hash)) => hash.to_ascii_lowercase(),
                _ => return Err(Unidentified::Missing),
            },
            Some(_) => return Err(Unidentified::Missing),
        };
        if request.query.is_empty() {
            request.query = self.persisted.get(&hash).ok_or(Unidentified::NotFound)?;
            return Ok(());
        }
        let right = Sha256::digest(&request.query)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>();
        if right != hash {
            return Err(Unidentified::Mismatch);
        }
        request.data.insert(Persist(hash));
        Ok(())
    }

    pub(super) fn persist(&self, Persist(hash): &Persist, document: &str) {
        if document.len() <= LONGEST {
            let weight = hash.len() + document.len() + ENTRY;
            self.persisted.put(hash.clone(), document.to_owned(), weight);
        }
    }
}
