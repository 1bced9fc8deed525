//! Why a request of a directory failed, and the transaction of those that write.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::DbErr;

use super::problem::{Kind, Problem};
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::error::{Code, Error, Failure};
use crate::store::db::{Db, Tx};
use crate::store::journal::Recorded;

/// Why a request of a directory was not carried out; nothing has been written.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Something is wrong with the request.
    Problem(Problem),
    /// The request could not be processed.
    Broken(Error),
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl From<DbErr> for Fault {
    fn from(cause: DbErr) -> Self {
        Self::Broken(cause.into())
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        let reasons = match failure {
            Failure::Broken(error) => return Self::Broken(error),
            Failure::Refused(reasons) => reasons,
        };
        let kind = match reasons.first().map(|reason| reason.code) {
            Some(Code::EmailTaken | Code::NameTaken) => Kind::Uniqueness,
            Some(Code::Invalid | Code::TooMany) => Kind::InvalidValue,
            Some(Code::NotFound) => Kind::NotFound,
            _ => Kind::Conflict,
        };
        let details: Vec<&str> = reasons.iter().map(|reason| reason.message.as_str()).collect();
        Self::Problem(Problem::new(kind, details.join("; ")))
    }
}

/// As [`Db::write_as`], for work that may fail with a [`Problem`].
///
/// # Errors
/// Those of `work`, and as [`Db::write_as`].
pub(super) async fn write<T, F: Future<Output = Result<(T, Recorded), Fault>>>(
    db: &Db,
    actor: &Actor,
    needs: Needs<'_>,
    work: impl Fn(Arc<Tx>, Arc<Actor>) -> F,
) -> Result<T, Fault> {
    let found = &Mutex::new(None);
    let work = &work;
    let done = db
        .write_as(actor, needs, |tx: Arc<Tx>, actor| async move {
            work(tx, actor).await.map_err(|fault| match fault {
                Fault::Broken(error) => Failure::Broken(error),
                Fault::Problem(problem) => {
                    *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
                    Failure::Refused(Vec::new())
                }
            })
        })
        .await;
    done.map_err(|failure| {
        let problem = found.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (failure, problem) {
            (Failure::Refused(_), Some(problem)) => Fault::Problem(problem),
            (failure, _) => failure.into(),
        }
    })
}
