//! What a resolver finds in its context.

use std::sync::Arc;

use async_graphql::Context;

use super::loaders::Loaders;
use crate::app::App;
use crate::auth::Actor;
use crate::error::Error;

/// What the client called itself.
pub struct UserAgent(pub Option<String>);

/// Shorthands for resolvers.
pub trait ContextExt {
    /// The application.
    fn app(&self) -> &Arc<App>;
    /// Who is calling.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when nobody is signed in.
    fn actor(&self) -> Result<&Actor, Error>;
    /// This request's batch loaders.
    fn loaders(&self) -> &Loaders;
    /// What the client called itself.
    fn user_agent(&self) -> Option<&str>;
}

impl ContextExt for Context<'_> {
    fn app(&self) -> &Arc<App> {
        self.data_unchecked()
    }

    fn actor(&self) -> Result<&Actor, Error> {
        self.data_opt().ok_or(Error::Unauthenticated)
    }

    fn loaders(&self) -> &Loaders {
        self.data_unchecked()
    }

    fn user_agent(&self) -> Option<&str> {
        self.data_opt::<UserAgent>().and_then(|agent| agent.0.as_deref())
    }
}
