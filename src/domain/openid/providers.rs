//! What is known of identity providers: their discovery documents and keys, read when needed and kept for a while.
//!
//! Strangers can cause requests to a provider, so these are bounded: a document and a key set are read at most once in
//! ten minutes, keys again for an unknown `kid` at most once a minute, and after a failure nothing for ten seconds. One
//! request at a time goes to a provider; others wait for its answer.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use entity::Timestamp;
use hyper::HeaderMap;
use hyper::header::CACHE_CONTROL;
use lru::LruCache;
use url::Url;

use super::jwt::{Refused, Token};
use super::keys::Keys;
use super::metadata::{self, Metadata};
use crate::egress::Egress;

/// Maximum number of issuers that are remembered.
const MAX_ISSUERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99);
/// Maximum size of a document, in bytes.
const MAX_DOCUMENT: usize = 256 << 10;
/// How long a document is kept at least and at most, whatever its `Cache-Control` says.
const KEPT: (TimeDelta, TimeDelta) = (TimeDelta::minutes(10), TimeDelta::hours(24));
/// How long no request is sent after a failed one.
const PAUSE: TimeDelta = TimeDelta::seconds(10);
/// How long keys are not read again for an unknown `kid`.
const UNKNOWN_KEY: TimeDelta = TimeDelta::seconds(60);

/// Why something of a provider is not there; for administrators and for the log.
pub type Unusable = String;

/// See the module.
pub struct Providers {
    /// Sends the requests.
    pub egress: Egress,
    known: Mutex<LruCache<String, Arc<tokio::sync::Mutex<Known>>>>,
}

/// What is known of one issuer.
#[derive(Default)]
struct Known {
    metadata: Option<Kept<Metadata>>,
    keys: Option<Kept<Keys>>,
    /// When the last request failed, and why.
    failed: Option<(Timestamp, Unusable)>,
}

struct Kept<T> {
    value: Arc<T>,
    read_at: Timestamp,
    fresh_until: Timestamp,
}

impl Providers {
    /// Knows nothing yet.
    pub fn new(egress: Egress) -> Self {
        Self {
            egress,
            known: Mutex::new(LruCache::new(MAX_ISSUERS)),
        }
    }

    /// Returns the discovery document of an issuer.
    ///
    /// # Errors
    /// If it can't be read, or is not that of the issuer.
    pub async fn metadata(&self, issuer: &str, now: Timestamp) -> Result<Arc<Metadata>, Unusable> {
        let known = self.known(issuer);
        let mut known = known.lock().await;
        self.read_metadata(&mut known, issuer, now).await
    }

    /// Forgets what is known of an issuer, so that it is read anew.
    pub fn forget(&self, issuer: &str) {
        self.lock().pop(issuer);
    }

    /// Verifies the signature of a token with the keys of its issuer; an algorithm that the issuer doesn't announce is
    /// refused.
    ///
    /// # Errors
    /// Why the token is not accepted.
    pub async fn verify(&self, issuer: &str, token: &Token<'_>, now: Timestamp) -> Result<(), Refused> {
        let keys = {
            let known = self.known(issuer);
            let mut known = known.lock().await;
            let metadata = self.read_metadata(&mut known, issuer, now).await;
            let metadata = metadata.map_err(|_| "the issuer can't be reached")?;
            if !metadata.algorithms.contains(&token.algorithm) {
                return Err("the issuer doesn't announce the algorithm of the token");
            }
            let keys = self.read_keys(&mut known, &metadata.jwks_uri, token.key_id.as_deref(), now);
            keys.await.map_err(|_| "the keys of the issuer can't be read")?
        };
        match keys.have_signed(token) {
            true => Ok(()),
            false => Err("the token is not signed by its issuer"),
        }
    }

    async fn read_metadata(
        &self,
        known: &mut Known,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, Unusable> {
        if let Some(kept) = known.metadata.as_ref().filter(|kept| now < kept.fresh_until) {
            return Ok(Arc::clone(&kept.value));
        }
        let address = metadata::address(issuer);
        let url = Url::parse(&address).map_err(|_| "the issuer is no URL".to_owned())?;
        let read = |body: &[u8]| Metadata::read(body, issuer);
        let kept = self.read(&mut known.failed, &url, read, now).await;
        let kept = kept.map_err(|why| format!("the discovery document at {address} can't be used: {why}"))?;
        Ok(Arc::clone(&known.metadata.insert(kept).value))
    }

    async fn read_keys(
        &self,
        known: &mut Known,
        url: &Url,
        id: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<Keys>, Unusable> {
        let usable = known.keys.as_ref().filter(|kept| {
            now < kept.fresh_until && (kept.value.knows(id) || now < kept.read_at + UNKNOWN_KEY)
        });
        if let Some(kept) = usable {
            return Ok(Arc::clone(&kept.value));
        }
        let kept = self.read(&mut known.failed, url, Keys::read, now).await?;
        Ok(Arc::clone(&known.keys.insert(kept).value))
    }

    async fn read<T>(
        &self,
        failed: &mut Option<(Timestamp, Unusable)>,
        url: &Url,
        read: impl FnOnce(&[u8]) -> Result<T, &'static str>,
        now: Timestamp,
    ) -> Result<Kept<T>, Unusable> {
        if let Some((at, why)) = failed
            && now < *at + PAUSE
        {
            return Err(why.clone());
        }
        let fetched = async {
            let answer = self.egress.get(url, MAX_DOCUMENT).await;
            let answer = answer.map_err(|why| why.to_string())?;
            if answer.status != 200 || !answer.is_complete {
                return Err(format!("status {}, or too large", answer.status));
            }
            let value = read(&answer.body)?;
            Ok(Kept {
                value: Arc::new(value),
                read_at: now,
                fresh_until: now + lifetime(&answer.headers),
            })
        };
        let fetched = fetched.await;
        *failed = fetched.as_ref().err().map(|why: &Unusable| (now, why.clone()));
        if let Err(why) = &fetched {
            tracing::warn!(%url, why, "an identity provider can't be used");
        }
        fetched
    }

    fn known(&self, issuer: &str) -> Arc<tokio::sync::Mutex<Known>> {
        let mut known = self.lock();
        Arc::clone(known.get_or_insert(issuer.to_owned(), Arc::default))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<String, Arc<tokio::sync::Mutex<Known>>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns how long an answer is kept.
fn lifetime(headers: &HeaderMap) -> TimeDelta {
    let values = headers.get_all(CACHE_CONTROL).iter();
    let directives = values.filter_map(|value| value.to_str().ok());
    let ages = directives
        .flat_map(|line| line.split(','))
        .filter_map(|directive| {
            let (name, value) = directive.trim().split_once('=')?;
            let age: u32 = value.trim_matches('"').parse().ok()?;
            name.eq_ignore_ascii_case("max-age").then(|| i64::from(age))
        });
    let age = ages.min().unwrap_or_default();
    TimeDelta::seconds(age).clamp(KEPT.0, KEPT.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_kept_for_ten_minutes_to_a_day() {
        for (value, seconds) in [
            ("no-store", 600),
            ("public, max-age=3600", 3_600),
            ("MAX-AGE=\"7200\"", 7_200),
            ("max-age=0", 600),
            ("max-age=99999999", 86_400),
            ("max-age=x", 600),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CACHE_CONTROL, value.parse().unwrap());
            assert_eq!(lifetime(&headers).num_seconds(), seconds, "{value}");
        }
        assert_eq!(lifetime(&HeaderMap::new()).num_seconds(), 600);
    }
}
