//! Why a request of a directory failed, and the transaction of those that write.

use std::sync::{Arc, Mutex, PoisonError};

use entity::directory::{self, Model as Directory};
use sea_orm::sea_query::LockType;
use sea_orm::{DbErr, EntityTrait, QuerySelect};

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

/// As [`Db::write_as`], for work of a directory, which may fail with a [`Problem`]. `work` gets the directory as it is now:
/// it can't end before the transaction does.
///
/// # Errors
/// Those of `work`, and as [`Db::write_as`]; [`Error::Forbidden`] if the directory has ended.
pub(super) async fn write<T, F: Future<Output = Result<(T, Recorded), Fault>>>(
    db: &Db,
    actor: &Actor,
    directory: &Directory,
    needs: Needs<'_>,
    work: impl Fn(Arc<Tx>, Arc<Actor>, Arc<Directory>) -> F,
) -> Result<T, Fault> {
    let id = directory.id;
    let found = &Mutex::new(None);
    let work = &work;
    let done = db
        .write_as(actor, needs, |tx: Arc<Tx>, actor| async move {
            let found_directory = directory::Entity::find_by_id(id)
                .lock(LockType::KeyShare)
                .one(&tx.conn)
                .await?;
            let directory = found_directory.filter(|row| row.ended_at.is_none());
            let directory = directory.ok_or(Error::Forbidden("a directory that has not ended"))?;
            work(tx, actor, Arc::new(directory))
                .await
                .map_err(|fault| match fault {
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
