//! Sessions: opened by a sign-in, ended by a dismissal.

use std::collections::BTreeMap;
use std::collections::HashMap;

use chrono::TimeDelta;
use entity::user::Role;
use entity::{IdentityProviderId, SessionId, Timestamp, UserId, refresh_token, session, user};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::secret::{fingerprint, new_secret};
use crate::domain::auth::authenticator::Authenticator;
use crate::error::{Error, Outcome};
use crate::store::db;
use crate::store::db::{Db, Tx};

/// How long a session lasts, however often it is refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lifetime {
    /// Thirty days.
    #[default]
    Long,
    /// Twelve hours: for a browser that forgets it when it is closed.
    Short,
}

impl Lifetime {
    /// The duration in seconds.
    pub fn seconds(self) -> i64 {
        self.delta().num_seconds()
    }

    fn delta(self) -> TimeDelta {
        match self {
            Self::Long => TimeDelta::days(30),
            Self::Short => TimeDelta::hours(12),
        }
    }
}

/// Maximum stored length of a user agent, in characters.
const USER_AGENT_LENGTH: usize = 200;

/// Tokens issued by a sign-in or a refresh.
pub struct Tokens {
    /// Access token.
    pub access: String,
    /// Refresh token, exchanged for the next one.
    pub refresh: String,
    /// When the access token expires.
    pub expires_at: Timestamp,
    /// Their person.
    pub user: user::Model,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("user", &self.user.id)
            .finish_non_exhaustive()
    }
}

/// The identity provider that a person has signed in with.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The provider.
    pub provider: IdentityProviderId,
    /// The person's `sub` there.
    pub subject: &'a str,
    /// The `sid` of their session there.
    pub session: Option<&'a str>,
}

/// Opens a session for a person; returns it and its first refresh token.
///
/// # Errors
/// When the database fails.
pub async fn open(
    tx: &Tx,
    user: UserId,
    user_agent: Option<&str>,
    lifetime: Lifetime,
) -> Outcome<(SessionId, String)> {
    open_by(tx, user, user_agent, lifetime, None).await
}

/// As [`open`], for somebody who has signed in with an identity provider.
///
/// # Errors
/// When the database fails.
pub async fn open_by(
    tx: &Tx,
    user: UserId,
    user_agent: Option<&str>,
    lifetime: Lifetime,
    origin: Option<Origin<'_>>,
) -> Outcome<(SessionId, String)> {
    let id = SessionId(tx.new_id());
    session::Entity::insert(session::ActiveModel {
        id: Set(id),
        user_id: Set(user),
        started_at: Set(tx.now),
        last_used_at: Set(tx.now),
        expires_at: Set(tx.now + lifetime.delta()),
        user_agent: Set(user_agent.map(|text| text.chars().take(USER_AGENT_LENGTH).collect())),
        ended_at: Set(None),
        provider_id: Set(origin.map(|origin| origin.provider)),
        provider_subject: Set(origin.map(|origin| origin.subject.to_owned())),
        provider_session: Set(origin.and_then(|origin| origin.session).map(str::to_owned)),
    })
    .exec_without_returning(&tx.conn)
    .await?;
    let secret = new_secret()?;
    add_refresh_token(tx, id, &secret).await?;
    Ok((id, secret))
}

/// Stores a refresh token for a session.
///
/// # Errors
/// When the database fails.
pub(super) async fn add_refresh_token(tx: &Tx, session: SessionId, secret: &str) -> Outcome<()> {
    refresh_token::Entity::insert(refresh_token::ActiveModel {
        hash: Set(fingerprint(secret)),
        session_id: Set(session),
        issued_at: Set(tx.now),
        used_at: Set(None),
        successor_salt: Set(None),
    })
    .exec_without_returning(&tx.conn)
    .await?;
    Ok(())
}

/// Signs an access token for a session.
///
/// # Errors
/// When the database has no key to sign with.
pub async fn tokens(
    auth: &Authenticator,
    user: user::Model,
    session: SessionId,
    refresh: String,
) -> Outcome<Tokens> {
    let clock = auth.db.clock();
    let whose: (UserId, Role) = (user.id, user.role);
    let issued = auth.tokens.issue(whose, session, clock.now(), clock.new_id());
    let (access, expires_at) = issued.await?;
    Ok(Tokens {
        access,
        refresh,
        expires_at,
        user,
    })
}

/// Ends one session: its tokens are invalid once this commits. Returns whether it was still open.
///
/// # Errors
/// When the database fails.
pub async fn end(tx: &Tx, id: SessionId) -> Outcome<bool> {
    let ended = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(tx.now))
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::EndedAt.is_null())
        .exec(&tx.conn)
        .await?;
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::SessionId.eq(id))
        .exec(&tx.conn)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Ends all sessions of a person except `except`, with their refresh tokens. Returns how many were open.
///
/// # Errors
/// When the database fails.
pub async fn end_all(tx: &Tx, user: UserId, except: Option<SessionId>) -> Outcome<u64> {
    let mut theirs = Condition::all().add(session::Column::UserId.eq(user));
    if let Some(kept) = except {
        theirs = theirs.add(session::Column::Id.ne(kept));
    }
    let ended = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(tx.now))
        .filter(theirs.clone())
        .filter(session::Column::EndedAt.is_null())
        .exec(&tx.conn)
        .await?;
    let ids = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(theirs)
        .into_query();
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::SessionId.in_subquery(ids))
        .exec(&tx.conn)
        .await?;
    Ok(ended.rows_affected)
}

/// Sessions that were opened with an identity provider: all of them, or those of a `sub`, of a `sid`, or of both.
#[derive(Debug, Clone, Copy)]
pub struct OfProvider<'a> {
    /// The provider.
    pub provider: IdentityProviderId,
    /// The `sub`.
    pub subject: Option<&'a str>,
    /// The `sid`.
    pub session: Option<&'a str>,
}

/// Ends sessions that were opened with an identity provider; returns their people, and how many of each have ended.
///
/// # Errors
/// When the database fails.
pub async fn end_of_provider(tx: &Tx, of: OfProvider<'_>) -> Outcome<Vec<(UserId, u64)>> {
    let mut theirs = Condition::all()
        .add(session::Column::ProviderId.eq(of.provider))
        .add(session::Column::EndedAt.is_null());
    if let Some(subject) = of.subject {
        theirs = theirs.add(session::Column::ProviderSubject.eq(subject));
    }
    if let Some(id) = of.session {
        theirs = theirs.add(session::Column::ProviderSession.eq(id));
    }
    let open: Vec<(SessionId, UserId)> = session::Entity::find()
        .select_only()
        .columns([session::Column::Id, session::Column::UserId])
        .filter(theirs)
        .order_by_asc(session::Column::Id)
        .into_tuple()
        .all(&tx.conn)
        .await?;
    let mut people = BTreeMap::new();
    for (id, person) in open {
        if end(tx, id).await? {
            *people.entry(person).or_default() += 1;
        }
    }
    Ok(people.into_iter().collect())
}

/// Returns the open sessions of a person, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_user(db: &Db, user: UserId) -> Result<Vec<session::Model>, Error> {
    Ok(session::Entity::find()
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(db.clock().now()))
        .order_by_desc(session::Column::Id)
        .limit(100)
        .all(db.read())
        .await?)
}

/// Returns rows by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[SessionId]) -> Result<HashMap<SessionId, session::Model>, Error> {
    db::by_ids::<session::Entity, _>(db.read(), session::Column::Id, ids, |row| row.id).await
}
