//! Keys for signing access tokens, stored in the database and shared by all processes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entity::{Timestamp, signing_key};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::error::{Error, Outcome};
use crate::store::db::{Db, Tx};
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// Lifetime of an access token.
pub const ACCESS_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// How long a process caches the keys: a rotation is noticed everywhere within this time.
const CACHE_LIFETIME: TimeDelta = TimeDelta::seconds(30);

/// How long clients may cache the public keys, in seconds.
pub const PUBLIC_MAX_AGE: i64 = 30;
/// Age at which a new key starts to sign: by then every process publishes it, and no client has older public keys
/// cached. The very first key signs at once.
const SIGNS_AFTER: TimeDelta = TimeDelta::seconds(60);
/// How long a key still verifies after its successor was created: until all tokens signed with it have expired.
const RETIRED_AFTER: TimeDelta = TimeDelta::seconds(60 + 30 + ACCESS_LIFETIME.num_seconds());

/// The cached keys, reloaded when they are too old or a token names an unknown one.
#[derive(Clone)]
pub struct KeyRing {
    db: Db,
    read: Arc<RwLock<Option<Arc<Keys>>>>,
}

struct Keys {
    read_at: Timestamp,
    signing: (String, EncodingKey),
    verifying: HashMap<String, DecodingKey>,
    public: Value,
}

impl KeyRing {
    /// Creates a ring that loads its keys on first use.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            read: Arc::default(),
        }
    }

    /// Returns the signing key, and its `kid`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signing(&self) -> Result<(String, EncodingKey), Error> {
        Ok(self.keys().await?.signing.clone())
    }

    /// Returns the key with this `kid`; `None` if there is none, or it was replaced longer ago than a token lives.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verifying(&self, kid: &str) -> Result<Option<DecodingKey>, Error> {
        let keys = self.keys().await?;
        if let Some(key) = keys.verifying.get(kid) {
            return Ok(Some(key.clone()));
        }
        // Another process may just have created the key; unknown `kid`s cause at most one read per second.
        if self.db.clock().now() - keys.read_at < TimeDelta::seconds(1) {
            return Ok(None);
        }
        Ok(self.reload().await?.verifying.get(kid).cloned())
    }

    /// Returns the public keys as a JSON Web Key Set (RFC 7517, RFC 8037).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn public(&self) -> Result<Value, Error> {
        Ok(self.keys().await?.public.clone())
    }

    async fn keys(&self) -> Result<Arc<Keys>, Error> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner).clone();
        match read {
            Some(keys) if self.db.clock().now() - keys.read_at < CACHE_LIFETIME => Ok(keys),
            _ => self.reload().await,
        }
    }

    async fn reload(&self) -> Result<Arc<Keys>, Error> {
        let now = self.db.clock().now();
        let mut rows = load(&self.db).await?;
        if rows.is_empty() {
            let first = self
                .db
                .write(|tx: Arc<Tx>| async move {
                    add_key(&tx, &Author::Program("handover serve"), "first").await
                })
                .await;
            first.map_err(|_| Error::Internal("failed to create the first signing key".to_owned()))?;
            rows = load(&self.db).await?;
        }
        let signing = rows
            .iter()
            .find(|row| row.created_at + SIGNS_AFTER <= now)
            .or(rows.last())
            .ok_or_else(|| Error::Internal("there is no signing key".to_owned()))?;
        let private = BASE64_URL_SAFE_NO_PAD
            .decode(&signing.private_key)
            .map_err(Error::internal)?;
        let mut verifying = HashMap::new();
        let mut public = Vec::new();
        let mut successor_since: Option<Timestamp> = None;
        for row in &rows {
            if successor_since.is_some_and(|since| since + RETIRED_AFTER < now) {
                break;
            }
            successor_since = Some(row.created_at);
            verifying.insert(
                row.kid.clone(),
                DecodingKey::from_ed_components(&row.public_key).map_err(Error::internal)?,
            );
            public.push(json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": row.kid, "x": row.public_key,
            }));
        }
        let keys = Arc::new(Keys {
            read_at: now,
            signing: (signing.kid.clone(), EncodingKey::from_ed_der(&private)),
            verifying,
            public: json!({ "keys": public }),
        });
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&keys));
        Ok(keys)
    }
}

async fn load(db: &Db) -> Result<Vec<signing_key::Model>, Error> {
    Ok(signing_key::Entity::find()
        .order_by_desc(signing_key::Column::CreatedAt)
        .all(db.read())
        .await?)
}

/// Creates a new signing key, used after a minute. The previous one still verifies until its tokens have expired; older
/// ones are deleted.
///
/// # Errors
/// When the database fails.
pub async fn rotate(db: &Db) -> Outcome<String> {
    db.write(move |tx: Arc<Tx>| async move {
        let tx = &*tx;
        let kid = super::secret::new_secret()?[..16].to_owned();
        add_key(tx, &Author::Program("handover keys rotate"), &kid).await?;
        let keys = signing_key::Entity::find()
            .order_by_desc(signing_key::Column::CreatedAt)
            .all(&tx.conn)
            .await?;
        let over = keys
            .windows(2)
            .filter(|w| w[0].created_at + RETIRED_AFTER < tx.now);
        signing_key::Entity::delete_many()
            .filter(signing_key::Column::Kid.is_in(over.map(|w| w[1].kid.clone())))
            .exec(&tx.conn)
            .await?;
        Ok(kid)
    })
    .await
}

/// Adds a key. Two processes that create the first one concurrently use the same `kid`, so one of them wins.
async fn add_key(tx: &Tx, author: &Author, kid: &str) -> Outcome<()> {
    let document = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new())
        .map_err(|_| Error::Internal("failed to generate a key".to_owned()))?;
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(Error::internal)?;
    let row = signing_key::ActiveModel {
        kid: Set(kid.to_owned()),
        private_key: Set(BASE64_URL_SAFE_NO_PAD.encode(document.as_ref())),
        public_key: Set(BASE64_URL_SAFE_NO_PAD.encode(pair.public_key().as_ref())),
        created_at: Set(tx.now),
    };
    let added = signing_key::Entity::insert(row)
        .on_conflict(
            OnConflict::column(signing_key::Column::Kid)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(&tx.conn)
        .await?;
    if added == 1 {
        journal::record(tx, author, Action::KeysRotated, None, json!({ "kid": kid })).await?;
    }
    Ok(())
}
