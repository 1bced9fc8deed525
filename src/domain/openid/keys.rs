//! The keys of an identity provider: a JSON Web Key Set (RFC 7517).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use super::jwt::Token;

/// Maximum number of keys that are kept.
const MAX_KEYS: usize = 100;
/// Maximum number of keys that are tried for a token without a `kid`.
const MAX_TRIES: usize = 5;
/// Size of the modulus of an RSA key, in bytes: 2048 to 8192 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
/// Size of a coordinate, and of an Ed25519 key, in bytes.
const COORDINATE: usize = 32;

/// A public key.
struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    verifying: DecodingKey,
}

/// The usable keys of a provider.
pub struct Keys(Vec<Key>);

impl Keys {
    /// Reads a key set. Keys of other kinds or for other uses, and keys that can't be read, are skipped one by one.
    ///
    /// # Errors
    /// If it is no key set at all.
    pub fn read(body: &[u8]) -> Result<Self, &'static str> {
        let set: Value = serde_json::from_slice(body).map_err(|_| "the keys are not JSON")?;
        let keys = set["keys"].as_array().ok_or("the keys are no JSON Web Key Set")?;
        Ok(Self(keys.iter().filter_map(read_key).take(MAX_KEYS).collect()))
    }

    /// Returns whether a key has this id; true for no id if there is any key.
    pub fn knows(&self, id: Option<&str>) -> bool {
        self.0.iter().any(|key| id.is_none() || key.id.as_deref() == id)
    }

    /// Returns whether one of the keys that the token means has signed it.
    pub fn have_signed(&self, token: &Token<'_>) -> bool {
        let wanted = token.key_id.as_deref();
        let meant = self.0.iter().filter(|key| {
            (wanted.is_none() || key.id.as_deref() == wanted) && key.algorithms.contains(&token.algorithm)
        });
        meant.take(MAX_TRIES).any(|key| {
            let message = token.message.as_bytes();
            jsonwebtoken::crypto::verify(token.signature, message, &key.verifying, token.algorithm)
                .is_ok_and(|right| right)
        })
    }
}

fn read_key(key: &Value) -> Option<Key> {
    let bytes = |name: &str| BASE64_URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok();
    let is_for_signatures = match (&key["use"], &key["key_ops"]) {
        (Value::Null, Value::Null) => true,
        (Value::Null, Value::Array(all)) => all.iter().any(|name| name == "verify"),
        (usage, _) => usage == "sig",
    };
    if !is_for_signatures {
        return None;
    }
    let (algorithms, verifying) = match (key["kty"].as_str()?, key["crv"].as_str()) {
        ("RSA", _) => {
            let modulus = bytes("n")?;
            let modulus: Vec<u8> = modulus.into_iter().skip_while(|byte| *byte == 0).collect();
            if !MODULUS.contains(&modulus.len()) {
                return None;
            }
            let key = DecodingKey::from_rsa_raw_components(&modulus, &bytes("e")?);
            (vec![Algorithm::RS256, Algorithm::PS256], key)
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes("x")?, bytes("y")?);
            if x.len() != COORDINATE || y.len() != COORDINATE {
                return None;
            }
            // An uncompressed point (SEC 1, section 2.3.3).
            let point = [&[4], x.as_slice(), y.as_slice()].concat();
            (vec![Algorithm::ES256], DecodingKey::from_ec_der(&point))
        }
        ("OKP", Some("Ed25519")) => {
            let point = bytes("x").filter(|point| point.len() == COORDINATE)?;
            (vec![Algorithm::EdDSA], DecodingKey::from_ed_der(&point))
        }
        _ => return None,
    };
    let algorithms = match key["alg"].as_str() {
        None => algorithms,
        Some(name) => {
            let only: Algorithm = name.parse().ok()?;
            algorithms.into_iter().filter(|known| *known == only).collect()
        }
    };
    Some(Key {
        id: key["kid"].as_str().map(str::to_owned),
        algorithms,
        verifying,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unusable_keys_are_skipped_one_by_one() {
        let x = BASE64_URL_SAFE_NO_PAD.encode([9; 32]);
        let short = BASE64_URL_SAFE_NO_PAD.encode([9; 128]);
        let keys = json!({ "keys": [
            null, 1, {}, { "kty": "oct", "k": x, "kid": "shared" },
            { "kty": "RSA", "n": short, "e": "AQAB", "kid": "short" },
            { "kty": "RSA", "n": "%", "e": "AQAB", "kid": "unreadable" },
            { "kty": "EC", "crv": "P-521", "x": x, "y": x, "kid": "curve" },
            { "kty": "OKP", "crv": "Ed25519", "x": x, "use": "enc", "kid": "encryption" },
            { "kty": "OKP", "crv": "Ed25519", "x": x, "key_ops": ["sign"], "kid": "signing" },
            { "kty": "OKP", "crv": "Ed25519", "x": x, "alg": "HS256", "kid": "none" },
            { "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "right" },
        ]});
        let keys = Keys::read(keys.to_string().as_bytes()).unwrap();
        assert!(keys.knows(Some("right")) && keys.knows(None));
        for skipped in ["shared", "short", "unreadable", "curve", "encryption", "signing"] {
            assert!(!keys.knows(Some(skipped)), "{skipped}");
        }
        for odd in ["", "[]", "{}", r#"{"keys":{}}"#] {
            assert!(Keys::read(odd.as_bytes()).is_err(), "{odd}");
        }
    }
}
