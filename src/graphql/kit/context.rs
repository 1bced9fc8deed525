//! What a resolver finds in its context.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::Context;

use crate::app::App;
use crate::domain::auth::Actor;
use crate::domain::limits;
use crate::domain::limits::{Network, RateLimitKey};
use crate::error::Error;
use crate::graphql::loaders::Loaders;
use crate::store::db::Db;

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
    /// The application.
    fn app(&self) -> &Arc<App>;
    /// The database, for reading: a query may be answered by a replica.
    fn db(&self) -> &Db;
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
    fn app(&self) -> &Arc<App> {
        self.data_unchecked()
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
            let app = self.app();
            app.limits
                .give_back(*key, limits::points(fields), app.db.clock().now());
        }
    }

    fn user_agent(&self) -> Option<&str> {
        self.data_opt::<UserAgent>().and_then(|agent| agent.0.as_deref())
    }
}
