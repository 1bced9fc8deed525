//! The discovery document of an identity provider (OpenID Connect Discovery 1.0, section 3).

use jsonwebtoken::Algorithm;
use serde_json::Value;
use url::Url;

/// What is appended to an issuer.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// How a client with a secret authenticates at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// `client_secret_basic`: in the `Authorization` header.
    Basic,
    /// `client_secret_post`: in the body.
    Post,
}

/// What is used of a discovery document.
#[derive(Debug, Clone)]
pub struct Metadata {
    /// Where people are sent.
    pub authorization_endpoint: Url,
    /// Where a code is exchanged for tokens.
    pub token_endpoint: Url,
    /// Where the keys are.
    pub jwks_uri: Url,
    /// Where the provider tells more of a person.
    pub userinfo_endpoint: Option<Url>,
    /// Where people are sent to sign out of the provider too.
    pub end_session_endpoint: Option<Url>,
    /// How ID tokens may be signed.
    pub algorithms: Vec<Algorithm>,
    /// How the client authenticates.
    pub authentication: ClientAuthentication,
    /// Whether the provider names itself when it sends a person back (RFC 9207).
    pub names_itself: bool,
}

/// Returns the address of the discovery document of an issuer.
pub fn address(issuer: &str) -> String {
    format!("{}{WELL_KNOWN}", issuer.trim_end_matches('/'))
}

impl Metadata {
    /// Reads a discovery document, which has to name this issuer exactly.
    ///
    /// # Errors
    /// What is wrong with it, for the administrator.
    pub fn read(body: &[u8], issuer: &str) -> Result<Self, &'static str> {
        let document: Value = serde_json::from_slice(body).map_err(|_| "it is not JSON")?;
        if document["issuer"].as_str() != Some(issuer) {
            return Err("it names another issuer: enter that one exactly");
        }
        let url = |name: &str| document[name].as_str().and_then(endpoint);
        let list = |name: &str| match &document[name] {
            Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>()),
            _ => None,
        };
        let algorithms = list("id_token_signing_alg_values_supported").unwrap_or_else(|| vec!["RS256"]);
        let algorithms: Vec<Algorithm> = algorithms.into_iter().filter_map(supported).collect();
        if algorithms.is_empty() {
            return Err("its ID tokens are signed by none of RS256, PS256, ES256 and EdDSA");
        }
        let methods = list("token_endpoint_auth_methods_supported");
        let has = |name: &str| methods.as_ref().is_some_and(|methods| methods.contains(&name));
        let authentication = match (has("client_secret_basic"), has("client_secret_post")) {
            (false, true) => ClientAuthentication::Post,
            _ => ClientAuthentication::Basic,
        };
        Ok(Self {
            authorization_endpoint: url("authorization_endpoint")
                .ok_or("it has no valid authorization_endpoint")?,
            token_endpoint: url("token_endpoint").ok_or("it has no valid token_endpoint")?,
            jwks_uri: url("jwks_uri").ok_or("it has no valid jwks_uri")?,
            userinfo_endpoint: url("userinfo_endpoint"),
            end_session_endpoint: url("end_session_endpoint"),
            algorithms,
            authentication,
            names_itself: document["authorization_response_iss_parameter_supported"] == true,
        })
    }
}

fn endpoint(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let fits = matches!(url.scheme(), "https" | "http")
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    fits.then_some(url)
}

fn supported(name: &str) -> Option<Algorithm> {
    match name {
        "RS256" => Some(Algorithm::RS256),
        "PS256" => Some(Algorithm::PS256),
        "ES256" => Some(Algorithm::ES256),
        "EdDSA" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "issuer": "https://id.example", "authorization_endpoint": "https://id.example/a?x=1",
            "token_endpoint": "https://id.example/t", "jwks_uri": "https://id.example/k",
        })
    }

    #[test]
    fn a_document_names_its_issuer_exactly() {
        assert_eq!(
            address("https://id.example/a/"),
            "https://id.example/a/.well-known/openid-configuration"
        );
        let read = |document: &Value, issuer: &str| Metadata::read(document.to_string().as_bytes(), issuer);
        let found = read(&document(), "https://id.example").unwrap();
        assert_eq!(found.algorithms, [Algorithm::RS256]);
        assert_eq!(found.authentication, ClientAuthentication::Basic);
        assert!(!found.names_itself && found.end_session_endpoint.is_none());
        for issuer in ["https://id.example/", "https://ID.example", ""] {
            assert!(read(&document(), issuer).is_err(), "{issuer}");
        }
        for (name, value) in [
            ("issuer", json!(null)),
            ("token_endpoint", json!("file:///etc/passwd")),
            ("jwks_uri", json!("https://a:b@id.example/k")),
            ("authorization_endpoint", json!("javascript:alert(1)")),
            ("id_token_signing_alg_values_supported", json!(["none", "HS256"])),
        ] {
            let mut wrong = document();
            wrong[name] = value;
            assert!(read(&wrong, "https://id.example").is_err(), "{name}");
        }
        let mut other = document();
        other["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt", "client_secret_post"]);
        let found = read(&other, "https://id.example").unwrap();
        assert_eq!(found.authentication, ClientAuthentication::Post);
    }
}
