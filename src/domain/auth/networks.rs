//! Networks from which people have signed in before. Failed attempts from elsewhere don't slow down sign-ins from
//! there, even after a restart.

use chrono::TimeDelta;
use entity::{Timestamp, UserId, known_network};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::secret::fingerprint;
use crate::domain::limits::Network;
use crate::error::{Error, Outcome};
use crate::store::db::{Db, Tx};

/// A network is forgotten this long after the last sign-in.
const RETENTION: TimeDelta = TimeDelta::days(180);

/// Returns the stored form of a network, which doesn't reveal the address.
fn key(user: UserId, network: Network) -> String {
    fingerprint(&format!("{user} {network}"))
}

/// Returns whether a person has signed in from this network before.
///
/// # Errors
/// When the database fails.
pub async fn is_known(db: &Db, user: UserId, network: Network, now: Timestamp) -> Result<bool, Error> {
    let found = known_network::Entity::find()
        .filter(known_network::Column::UserId.eq(user))
        .filter(known_network::Column::Network.eq(key(user, network)))
        .filter(known_network::Column::LastSeenAt.gt(now - RETENTION))
        .count(db.read())
        .await?;
    Ok(found > 0)
}

/// Remembers that a person has signed in from this network.
///
/// # Errors
/// When the database fails.
pub async fn remember(tx: &Tx, user: UserId, network: Network) -> Outcome<()> {
    if network == Network::UNKNOWN {
        return Ok(());
    }
    let row = known_network::ActiveModel {
        user_id: Set(user),
        network: Set(key(user, network)),
        last_seen_at: Set(tx.now),
    };
    let again = OnConflict::columns([known_network::Column::UserId, known_network::Column::Network])
        .update_column(known_network::Column::LastSeenAt)
        .to_owned();
    known_network::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(&tx.conn)
        .await?;
    known_network::Entity::delete_many()
        .filter(known_network::Column::UserId.eq(user))
        .filter(known_network::Column::LastSeenAt.lte(tx.now - RETENTION))
        .exec(&tx.conn)
        .await?;
    Ok(())
}
