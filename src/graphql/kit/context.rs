//! What a resolver finds in its context.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::Context;

use crate::domain::auth::Actor;
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::limits;
use crate::domain::limits::{Network, RateLimitKey};
use crate::domain::live::Live;
use crate::error::Error;
use crate::graphql::loaders::Loaders;
use crate::store::db::Db;

/// What resolvers work with, the same for all requests.
pub struct Handles {
    /// The database.
    pub db: Db,
    /// Finds out who somebody is.
    pub auth: Authenticator,
    /// Those who wait for something to happen.
    pub live: Arc<Live>,
    /// The address that clients use: the base of all links.
    pub public_url: String,
}

/// What the client called itself.
pub struct UserAgent(pub Option<String>);

/// The network that the client is in.
pub struct ClientNetwork(pub Network);

/// The batch loaders of a request. They remember, so each event of a subscription, and each field of a mutation, needs
/// new ones.
pub struct Fresh {
    db: Arc<Db>,
    loaders: Mutex<Arc<Loaders>>,
}

impl Fresh {
    /// New loaders.
    pub fn new(db: Arc<Db>) -> Arc<Self> {
        Arc::new(Self {
            loaders: Mutex::new(Arc::new(Loaders::new(&db))),
            db,
        })
    }

    /// The loaders as they are.
    pub fn get(&self) -> Arc<Loaders> {
        Arc::clone(&self.lock())
    }

    /// Forgets everything, for what is answered anew.
    pub fn renew(&self) {
        *self.lock() = Arc::new(Loaders::new(&self.db));
    }

    /// Forgets everything that was loaded within a request, but not what it has spent.
    pub fn forget(&self) {
        let mut loaders = self.lock();
        *loaders = Arc::new(Loaders {
            occurrences: Arc::clone(&loaders.occurrences),
            ..Loaders::new(&self.db)
        });
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Loaders>> {
        self.loaders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shorthands for resolvers.
pub trait ContextExt {
    /// See [`Handles`].
    fn handles(&self) -> &Handles;
    /// The database; a query may be answered by a replica.
    fn db(&self) -> &Db;
    /// The database itself, never a replica.
    fn primary(&self) -> &Db {
        &self.handles().db
    }
    /// Finds out who somebody is.
    fn auth(&self) -> &Authenticator {
        &self.handles().auth
    }
    /// Those who wait for something to happen.
    fn live(&self) -> &Live {
        &self.handles().live
    }
    /// The base of all links.
    fn public_url(&self) -> &str {
        &self.handles().public_url
    }
    /// Who is calling.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when nobody is signed in.
    fn actor(&self) -> Result<&Actor, Error>;
    /// This request's batch loaders.
    fn loaders(&self) -> Arc<Loaders> {
        self.fresh().get()
    }
    /// What holds them.
    fn fresh(&self) -> &Arc<Fresh>;
    /// The network that the client is in.
    fn network(&self) -> Network;
    /// Gives the points of a field back that were reserved for checking a secret: it was right.
    fn give_back_points(&self, fields: usize);
    /// What the client called itself.
    fn user_agent(&self) -> Option<&str>;
}

impl ContextExt for Context<'_> {
    fn handles(&self) -> &Handles {
        self.data_unchecked::<Arc<Handles>>()
    }

    fn db(&self) -> &Db {
        &self.fresh().db
    }

    fn actor(&self) -> Result<&Actor, Error> {
        self.data_opt().ok_or(Error::Unauthenticated)
    }

    fn fresh(&self) -> &Arc<Fresh> {
        self.data_unchecked()
    }

    fn network(&self) -> Network {
        self.data_opt::<ClientNetwork>()
            .map_or(Network::UNKNOWN, |client| client.0)
    }

    fn give_back_points(&self, fields: usize) {
        if let Some(key) = self.data_opt::<RateLimitKey>() {
            let now = self.primary().clock().now();
            self.auth().limits.give_back(*key, limits::points(fields), now);
        }
    }

    fn user_agent(&self) -> Option<&str> {
        self.data_opt::<UserAgent>().and_then(|agent| agent.0.as_deref())
    }
}
