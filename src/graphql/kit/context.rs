//! The context of a resolver.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::Context;

use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::{Actor, Permission};
use crate::domain::limits;
use crate::domain::limits::{Network, RateLimitKey};
use crate::domain::live::Live;
use crate::domain::openid::providers::Providers;
use crate::egress::Egress;
use crate::error::Error;
use crate::graphql::loaders::Loaders;
use crate::store::db::Db;

/// Shared dependencies of the resolvers, the same for all requests.
pub struct Handles {
    /// The database.
    pub db: Db,
    /// Authenticates callers.
    pub auth: Authenticator,
    /// The subscribers.
    pub live: Arc<Live>,
    /// Sends requests to other servers.
    pub egress: Egress,
    /// What is known of identity providers.
    pub providers: Providers,
    /// The public address of the server: the base of all links.
    pub public_url: String,
}

/// The client's user agent.
pub struct UserAgent(pub Option<String>);

/// The client's network.
pub struct ClientNetwork(pub Network);

/// The batch loaders of a request. They cache, so each event of a subscription, and each field of a mutation, needs new
/// ones.
pub struct Fresh {
    db: Arc<Db>,
    loaders: Mutex<Arc<Loaders>>,
}

impl Fresh {
    /// Creates new loaders.
    pub fn new(db: Arc<Db>) -> Arc<Self> {
        Arc::new(Self {
            loaders: Mutex::new(Arc::new(Loaders::new(&db))),
            db,
        })
    }

    /// The current loaders.
    pub fn get(&self) -> Arc<Loaders> {
        Arc::clone(&self.lock())
    }

    /// Replaces the loaders: clears the cache and the spent budget, for each new event of a subscription.
    pub fn renew(&self) {
        *self.lock() = Arc::new(Loaders::new(&self.db));
    }

    /// Clears the cache within a request, but keeps the spent budget.
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
    /// The database; queries may be served by a replica.
    fn db(&self) -> &Db;
    /// The primary database, never a replica.
    fn primary(&self) -> &Db {
        &self.handles().db
    }
    /// Authenticates callers.
    fn auth(&self) -> &Authenticator {
        &self.handles().auth
    }
    /// The subscribers.
    fn live(&self) -> &Live {
        &self.handles().live
    }
    /// Sends requests to other servers.
    fn egress(&self) -> &Egress {
        &self.handles().egress
    }
    /// What is known of identity providers.
    fn providers(&self) -> &Providers {
        &self.handles().providers
    }
    /// The base of all links.
    fn public_url(&self) -> &str {
        &self.handles().public_url
    }
    /// The caller.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the caller is not signed in.
    fn actor(&self) -> Result<&Actor, Error>;
    /// The caller, who has this permission. Operations check it again in their transaction.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the caller is not signed in, [`Error::Forbidden`] without the permission.
    fn permitted(&self, permission: Permission) -> Result<&Actor, Error> {
        let actor = self.actor()?;
        actor.require(permission)?;
        Ok(actor)
    }
    /// The batch loaders of this request.
    fn loaders(&self) -> Arc<Loaders> {
        self.fresh().get()
    }
    /// The holder of the batch loaders.
    fn fresh(&self) -> &Arc<Fresh>;
    /// The client's network.
    fn network(&self) -> Network;
    /// Refunds the points of a field that were reserved for checking a secret, once the secret was correct.
    fn refund_points(&self, fields: usize);
    /// The client's user agent.
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

    fn refund_points(&self, fields: usize) {
        if let Some(key) = self.data_opt::<RateLimitKey>() {
            let now = self.primary().clock().now();
            self.auth().limits.give_back(*key, limits::points(fields), now);
        }
    }

    fn user_agent(&self) -> Option<&str> {
        self.data_opt::<UserAgent>().and_then(|agent| agent.0.as_deref())
    }
}
