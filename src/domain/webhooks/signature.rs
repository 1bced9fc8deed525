//! Secrets and signatures of the [Standard Webhooks](https://www.standardwebhooks.com) specification, 1.0.0.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use entity::Timestamp;
use entity::webhook::Model as Webhook;

use crate::domain::auth::secret::random_bytes;
use crate::error::Error;

/// Prefix of a secret.
const PREFIX: &str = "whsec_";

/// Returns a new secret of 256 random bits.
///
/// # Errors
/// When the system has no randomness to give.
pub fn new_secret() -> Result<String, Error> {
    Ok(format!(
        "{PREFIX}{}",
        BASE64_STANDARD.encode(random_bytes::<32>()?)
    ))
}

/// Returns the value of the header `webhook-signature`: a signature by the secret and, for a time after a rotation, one
/// by the secret before.
///
/// # Errors
/// If a stored secret can't be read.
pub fn signatures(webhook: &Webhook, id: &str, at: Timestamp, body: &str) -> Result<String, Error> {
    let previous = webhook.previous_secret.as_deref();
    let previous = previous.filter(|_| webhook.previous_secret_until.is_some_and(|until| until > at));
    let secrets = [Some(webhook.secret.as_str()), previous];
    let signed: Result<Vec<String>, Error> = secrets
        .into_iter()
        .flatten()
        .map(|secret| sign(secret, id, at, body))
        .collect();
    Ok(signed?.join(" "))
}

fn sign(secret: &str, id: &str, at: Timestamp, body: &str) -> Result<String, Error> {
    let key = secret
        .strip_prefix(PREFIX)
        .and_then(|key| BASE64_STANDARD.decode(key).ok())
        .ok_or_else(|| Error::internal("a stored secret of a webhook can't be read"))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let content = format!("{id}.{}.{body}", at.timestamp());
    let signature = hmac::sign(&key, content.as_bytes());
    Ok(format!("v1,{}", BASE64_STANDARD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn signs_as_the_reference_libraries_do() {
        let at = Timestamp::from_timestamp(1_614_265_330, 0).unwrap();
        let signed = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            at,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
