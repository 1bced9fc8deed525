//! completeSignInWith: exchanges what a person comes back with from an identity provider for a session.

use std::sync::Arc;

use entity::identity::{self, LinkedBy, Model as Identity};
use entity::identity_provider::Model as Provider;
use entity::user::{self, Model as User, Role, UserStatus};
use entity::{IdentityId, SessionId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::callback::{Callback, redeem};
use super::find::{self, Found};
use super::id_token::Account;
use super::providers::Providers;
use super::rules::{self, Decision, Unwanted};
use super::{list, revoked};
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::session::{self, Lifetime, Origin, Tokens};
use crate::domain::auth::sign_in::From;
use crate::domain::people::create::{self, Identity as Details};
use crate::domain::people::list::role_name;
use crate::error::{Error, Failure, Outcome};
use crate::runtime::metrics;
use crate::runtime::metrics::labels::{SignInMethod, SignInOutcome};
use crate::store::db::Tx;
use crate::store::input;
use crate::store::journal::{self, Action, Author};

/// Author of what happens at a sign-in before it is known whose it is.
const PROGRAM: Author = Author::Program("handover sign-in");

/// Opens a session of at most twelve hours, which ends with the one at the provider.
///
/// # Errors
/// [`Code::SignInFailed`](crate::error::Code::SignInFailed), indistinguishable for a wrong answer of the provider and for
/// somebody who is unknown, invited or dismissed; of the latter only the audit log is told.
pub async fn complete(
    auth: &Authenticator,
    providers: &Providers,
    callback: &Callback,
    from: From<'_>,
) -> Outcome<Tokens> {
    let completed = redeem_and_open(auth, providers, callback, from).await;
    let counted = match &completed {
        Ok(_) => SignInOutcome::Succeeded,
        Err(Failure::Refused(_)) => SignInOutcome::Refused,
        Err(Failure::Broken(Error::RateLimited(_))) => SignInOutcome::RateLimited,
        Err(Failure::Broken(_)) => SignInOutcome::Failed,
    };
    metrics::signed_in(SignInMethod::Provider, counted);
    completed
}

async fn redeem_and_open(
    auth: &Authenticator,
    providers: &Providers,
    callback: &Callback,
    from: From<'_>,
) -> Outcome<Tokens> {
    let redeemed = &redeem(auth, providers, callback).await?;
    let opened = auth.db.write(move |tx: Arc<Tx>| async move {
        let (tx, account) = (&*tx, &redeemed.account);
        let provider = list::lock_active(tx, &redeemed.provider).await?;
        let Some(provider) = &provider else {
            return Err(rules::failed().into());
        };
        let found = find::find(tx, provider, account).await?;
        let decision = rules::decide(found.facts(provider, account));
        let known = match decision {
            Ok(Decision::Is(person) | Decision::Link(person, _)) => Some(person),
            Ok(Decision::Create) | Err(_) => None,
        };
        if revoked::is_revoked(tx, provider.id, account, known, redeemed.began_at).await? {
            return record_unwanted(tx, provider, Unwanted(known, "signed out meanwhile")).await;
        }
        let (person, how) = match decision {
            Ok(Decision::Is(person)) => (person.clone(), None),
            Ok(Decision::Link(person, how)) => (person.clone(), Some(how)),
            Ok(Decision::Create) => (
                create_person(tx, provider, account, &found).await?,
                Some(LinkedBy::JustInTime),
            ),
            Err(unwanted) => return record_unwanted(tx, provider, unwanted).await,
        };
        match how {
            Some(how) => link(tx, provider, account, &person, how).await?,
            None if note_use(tx, found.identity.as_ref()).await? => {}
            None => {
                return record_unwanted(tx, provider, Unwanted(Some(&person), "unlinked meanwhile")).await;
            }
        }
        open(tx, provider, account, person, from).await.map(Some)
    });
    match opened.await {
        Ok(Some((user, session, refresh))) => session::tokens(auth, user, session, refresh).await,
        // Another sign-in may have taken the address meanwhile.
        Ok(None) | Err(Failure::Refused(_)) => Err(rules::failed().into()),
        Err(broken) => Err(broken),
    }
}

/// Tells the audit log, and nobody else, who wanted to sign in and why they may not.
async fn record_unwanted<T>(tx: &Tx, provider: &Provider, unwanted: Unwanted<'_>) -> Outcome<Option<T>> {
    let Unwanted(person, why) = unwanted;
    let data = json!({ "provider": provider.id.to_string(), "reason": why });
    let subject = person.map(|person| person.id.into());
    journal::record(tx, &PROGRAM, Action::SignInRefused, subject, data).await?;
    Ok(None)
}

/// Creates the person of an account: an active employee.
async fn create_person(tx: &Tx, provider: &Provider, account: &Account, found: &Found) -> Outcome<User> {
    // A name that can't be shown is left out.
    let name = |name: &Option<String>| {
        let name = name.as_deref()?;
        input::check_line(name, input::NAME, "name").ok()
    };
    let details = Details {
        email: found.address.clone().unwrap_or_default(),
        given_name: name(&account.person.given_name),
        family_name: name(&account.person.family_name),
        position: None,
        department_id: None,
        role: Role::Employee,
    };
    let row = create::new_row(tx, details, UserStatus::Active, None);
    let person = create::insert(tx, row).await?;
    let data = json!({ "role": role_name(Role::Employee), "provider": provider.id.to_string() });
    journal::record(tx, &PROGRAM, Action::UserCreated, Some(person.id.into()), data).await?;
    Ok(person)
}

/// Links an account to a person.
///
/// # Errors
/// When the database fails.
pub(super) async fn link(
    tx: &Tx,
    provider: &Provider,
    account: &Account,
    person: &User,
    how: LinkedBy,
) -> Outcome<()> {
    let row = Identity {
        id: IdentityId(tx.new_id()),
        provider_id: provider.id,
        subject: account.subject.clone(),
        user_id: person.id,
        linked_by: how,
        created_at: tx.now,
        last_used_at: tx.now,
    };
    let id = row.id;
    identity::Entity::insert(row.into_active_model())
        .exec_without_returning(&tx.conn)
        .await?;
    let author = match how {
        LinkedBy::Themselves => Author::Person(person.id, person.email.clone()),
        _ => PROGRAM,
    };
    let data = json!({
        "identity": id.to_string(),
        "provider": provider.id.to_string(),
        "by": how_name(how),
    });
    journal::record(tx, &author, Action::IdentityLinked, Some(person.id.into()), data).await?;
    Ok(())
}

fn how_name(how: LinkedBy) -> &'static str {
    match how {
        LinkedBy::Themselves => "THEMSELVES",
        LinkedBy::Directory => "DIRECTORY",
        LinkedBy::Email => "EMAIL",
        LinkedBy::JustInTime => "JUST_IN_TIME",
    }
}

/// Notes that a link was used; returns whether it is still there.
async fn note_use(tx: &Tx, identity: Option<&Identity>) -> Outcome<bool> {
    let Some(row) = identity else { return Ok(false) };
    let used = identity::Entity::update_many()
        .col_expr(identity::Column::LastUsedAt, Expr::value(tx.now))
        .filter(identity::Column::Id.eq(row.id))
        .exec(&tx.conn)
        .await?;
    Ok(used.rows_affected == 1)
}

async fn open(
    tx: &Tx,
    provider: &Provider,
    account: &Account,
    person: User,
    from: From<'_>,
) -> Outcome<(User, SessionId, String)> {
    let origin = Origin {
        provider: provider.id,
        subject: &account.subject,
        session: account.session.as_deref(),
    };
    let opened = session::open_by(tx, person.id, from.user_agent, Lifetime::Short, Some(origin));
    let (session, refresh) = opened.await?;
    let author = Author::Person(person.id, person.email.clone());
    let data = json!({ "provider": provider.id.to_string() });
    journal::record(tx, &author, Action::SignedIn, Some(session.into()), data).await?;
    let stored = user::Entity::find_by_id(person.id).one(&tx.conn).await?;
    Ok((stored.unwrap_or(person), session, refresh))
}
