//! Public keys of integrations: SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7), given in PEM (RFC 7468, section 13).

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::PublicEncryptingKey;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::domain::auth::secret::hex_digest;

/// Names of the algorithms with which an integration can sign, of all kinds of keys.
pub const ALGORITHMS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
/// Maximum length of a PEM text, in bytes: an RSA key of 8192 bits has about 1,500.
const MAX_LENGTH: usize = 4096;

/// The AlgorithmIdentifier `rsaEncryption` (RFC 8017, appendix A.1), after the four bytes that begin a long sequence.
const RSA: [u8; 15] = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
const RSA_AT: usize = 4;
/// What precedes an uncompressed point of P-256 (RFC 5480, section 2).
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3,
    1, 7, 3, 0x42, 0,
];
/// What precedes the 32 bytes of an Ed25519 key (RFC 8410, section 4).
const EDWARDS: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

/// The base point of P-256, uncompressed (NIST SP 800-186, section 3.2.1.3).
const P256_POINT: [u8; 65] = [
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
    0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f,
    0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce,
    0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    Ed25519,
}

/// A valid public key: RSA with 2048 to 8192 bits, EC P-256 or Ed25519.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: Kind,
    der: Vec<u8>,
}

impl PublicKey {
    /// Reads a key in PEM.
    ///
    /// # Errors
    /// Why it is refused, for the person who gave it.
    pub fn from_pem(text: &str) -> Result<Self, &'static str> {
        if text.contains("PRIVATE KEY") {
            return Err("this is a private key, which must stay with the program: give its public key");
        }
        let body = text
            .trim()
            .strip_prefix(BEGIN)
            .and_then(|rest| rest.strip_suffix(END));
        let body = body.filter(|_| text.len() <= MAX_LENGTH);
        let base64: String = body
            .ok_or("expected a public key in PEM, -----BEGIN PUBLIC KEY-----")?
            .split_ascii_whitespace()
            .collect();
        let der = BASE64_STANDARD.decode(base64).ok();
        der.and_then(Self::from_der).ok_or(
            "expected an RSA key of 2048 to 8192 bits, an EC key on P-256 (uncompressed), or an Ed25519 key",
        )
    }

    /// Reads the text of [`Self::stored`]; `None` for any other.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::from_der(BASE64_STANDARD.decode(text).ok()?)
    }

    /// Returns the text for the database.
    pub fn stored(&self) -> String {
        BASE64_STANDARD.encode(&self.der)
    }

    /// Returns the SHA-256 of the key in DER, in hexadecimal: that of
    /// `openssl pkey -pubin -outform der | sha256sum`.
    pub fn fingerprint(&self) -> String {
        hex_digest(&self.der)
    }

    /// Returns the algorithms (RFC 7518, RFC 8037) of signatures that this key verifies.
    pub fn algorithms(&self) -> &'static [Algorithm] {
        match self.kind {
            Kind::Rsa => &[Algorithm::RS256, Algorithm::PS256],
            Kind::P256 => &[Algorithm::ES256],
            Kind::Ed25519 => &[Algorithm::EdDSA],
        }
    }

    /// Returns the key that verifies signatures.
    pub fn verifying(&self) -> DecodingKey {
        match self.kind {
            Kind::Rsa => DecodingKey::from_rsa_der(&self.der),
            Kind::P256 => DecodingKey::from_ec_der(&self.der[P256.len()..]),
            Kind::Ed25519 => DecodingKey::from_ed_der(&self.der[EDWARDS.len()..]),
        }
    }

    fn from_der(der: Vec<u8>) -> Option<Self> {
        let kind = if der.get(RSA_AT..RSA_AT + RSA.len()) == Some(&RSA) {
            // Accepts 2048 to 8192 bits. Comparing with its own encoding refuses anything that follows the key.
            let key = PublicEncryptingKey::from_der(&der).ok()?;
            let own: PublicKeyX509Der<'_> = key.as_der().ok()?;
            (own.as_ref() == der).then_some(Kind::Rsa)?
        } else if der.starts_with(&P256) && der.len() == P256.len() + P256_POINT.len() {
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &der).ok()?;
            Kind::P256
        } else if der.starts_with(&EDWARDS) && der.len() == EDWARDS.len() + 32 {
            ParsedPublicKey::new(&ED25519, &der).ok()?;
            Kind::Ed25519
        } else {
            return None;
        };
        Some(Self { kind, der })
    }
}

/// Returns a key whose private part nobody has, for an algorithm of [`ALGORITHMS`]: a client without a fitting key is
/// refused after the same work as one with a wrong signature.
pub fn decoy(algorithm: Algorithm) -> Option<DecodingKey> {
    match algorithm {
        Algorithm::RS256 | Algorithm::PS256 => {
            Some(DecodingKey::from_rsa_raw_components(&[0xff; 256], &[1, 0, 1]))
        }
        Algorithm::ES256 => Some(DecodingKey::from_ec_der(&P256_POINT)),
        // The base point (RFC 8032, section 5.1).
        Algorithm::EdDSA => {
            let mut point = [0x66; 32];
            point[0] = 0x58;
            Some(DecodingKey::from_ed_der(&point))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};

    use super::*;

    fn pem(der: &[u8]) -> String {
        format!("{BEGIN}\n{}\n{END}\n", BASE64_STANDARD.encode(der))
    }

    #[test]
    fn keys_of_each_kind_survive_being_stored() {
        let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let ed = Ed25519KeyPair::generate().unwrap();
        let ec: PublicKeyX509Der<'_> = ec.public_key().as_der().unwrap();
        let ed: PublicKeyX509Der<'_> = ed.public_key().as_der().unwrap();
        for (der, algorithm) in [(ec.as_ref(), Algorithm::ES256), (ed.as_ref(), Algorithm::EdDSA)] {
            let key = PublicKey::from_pem(&pem(der)).unwrap();
            assert_eq!(key.algorithms(), [algorithm]);
            assert_eq!(PublicKey::from_stored(&key.stored()), Some(key.clone()));
            assert_eq!(key.fingerprint().len(), 64);
            let (mut longer, shorter) = (der.to_vec(), &der[..der.len() - 1]);
            longer.push(0);
            assert!(
                PublicKey::from_pem(&pem(&longer)).is_err() && PublicKey::from_pem(&pem(shorter)).is_err()
            );
        }
        let mut elsewhere = ec.as_ref().to_vec();
        elsewhere[40] ^= 1;
        assert!(PublicKey::from_pem(&pem(&elsewhere)).is_err(), "not on the curve");
    }

    #[test]
    fn other_texts_are_refused() {
        let private = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----";
        assert!(PublicKey::from_pem(private).unwrap_err().contains("private key"));
        for text in [
            "",
            "x",
            &pem(&[]),
            &pem(&[0; 44]),
            &format!("{BEGIN} ü {END}"),
            BEGIN,
        ] {
            assert!(PublicKey::from_pem(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_algorithm_has_a_decoy() {
        for name in ALGORITHMS {
            assert!(decoy(name.parse().unwrap()).is_some(), "{name}");
        }
        assert!(decoy(Algorithm::HS256).is_none());
    }
}
