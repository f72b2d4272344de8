//! Signing and checking of temporary tokens: JWS compact form (RFC 7515) with Ed25519 (RFC 8037).
//!
//! We are the only issuer, and a key's protected header is the same bytes every time. So a token's header is never
//! parsed: it is compared as a whole with the headers of the keys that we have. That pins `alg`, `typ` and `kid` in
//! one comparison and leaves nothing to confuse. Keys are parsed once; a well-known JWT library is the test oracle.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// The longest token that is looked at, in bytes.
pub const LONGEST_TOKEN: usize = 16_384;

/// Why a token or a key was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Not three parts of base64url, or too long.
    #[error("not a signed token")]
    Malformed,
    /// Its header is not that of a key of ours.
    #[error("signed by an unknown key or in another way")]
    UnknownKey,
    /// The signature does not fit.
    #[error("the signature is wrong")]
    Signature,
    /// The key's bytes are not an Ed25519 key.
    #[error("not an Ed25519 key")]
    Key,
}

/// A key that signs.
pub struct SigningKey {
    id: String,
    pair: Ed25519KeyPair,
    /// The protected header, encoded, with the dot after it.
    header: String,
}

impl SigningKey {
    /// Makes one from a seed of 32 random bytes.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn from_seed(id: &str, seed: &[u8]) -> Result<Self, JwtError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| JwtError::Key)?;
        Ok(Self {
            id: id.to_owned(),
            pair,
            header: header(id),
        })
    }

    /// The key's id (`kid`).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public half, 32 bytes.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        self.pair.public_key().as_ref().to_vec()
    }

    /// Signs claims.
    ///
    /// # Errors
    /// When the claims are not an object of JSON.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, JwtError> {
        let payload = serde_json::to_vec(claims).map_err(|_| JwtError::Malformed)?;
        let mut token = String::with_capacity(self.header.len() + payload.len() * 4 / 3 + 92);
        token.push_str(&self.header);
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.pair.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut token);
        Ok(token)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

fn header(id: &str) -> String {
    let header = json!({ "alg": "EdDSA", "kid": id, "typ": "at+jwt" });
    format!("{}.", URL_SAFE_NO_PAD.encode(header.to_string()))
}

struct VerifyingKey {
    id: String,
    header: String,
    bytes: Vec<u8>,
    parsed: ParsedPublicKey,
}

/// The public keys whose tokens are accepted.
#[derive(Default)]
pub struct VerifyingKeys(Vec<VerifyingKey>);

impl VerifyingKeys {
    /// Adds one.
    ///
    /// # Errors
    /// When the bytes are not an Ed25519 key.
    pub fn add(&mut self, id: &str, public_key: &[u8]) -> Result<(), JwtError> {
        let parsed = ParsedPublicKey::new(&ED25519, public_key).map_err(|_| JwtError::Key)?;
        self.0.push(VerifyingKey {
            id: id.to_owned(),
            header: header(id),
            bytes: public_key.to_vec(),
            parsed,
        });
        Ok(())
    }

    /// Whether every key of another set is here too.
    #[must_use]
    pub fn has_all_of(&self, others: &Self) -> bool {
        others
            .0
            .iter()
            .all(|k| self.0.iter().any(|own| own.header == k.header))
    }

    /// Checks the signature and gives the claims' part, still encoded.
    ///
    /// # Errors
    /// When it is not a token of one of these keys.
    pub fn check<'a>(&self, token: &'a str) -> Result<&'a str, JwtError> {
        if token.len() > LONGEST_TOKEN {
            return Err(JwtError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
        let dot = signed.find('.').ok_or(JwtError::Malformed)? + 1;
        let payload = &signed[dot..];
        if payload.contains('.') {
            return Err(JwtError::Malformed);
        }
        let key = self
            .0
            .iter()
            .find(|k| k.header == signed[..dot])
            .ok_or(JwtError::UnknownKey)?;
        // Ed25519 signatures have 64 bytes; the decoder wants room in whole quanta.
        let mut bytes = [0_u8; 66];
        let length = URL_SAFE_NO_PAD
            .decode_slice(signature, &mut bytes)
            .map_err(|_| JwtError::Malformed)?;
        key.parsed
            .verify_sig(signed.as_bytes(), &bytes[..length])
            .map_err(|_| JwtError::Signature)?;
        Ok(payload)
    }
}

impl fmt::Debug for VerifyingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|k| &k.id)).finish()
    }
}

/// Reads the claims of a checked token. Unknown and duplicate claims are refused by the type.
///
/// # Errors
/// When they are not claims of ours.
pub fn decode_payload<T: DeserializeOwned>(payload: &str) -> Result<T, JwtError> {
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| JwtError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| JwtError::Malformed)
}

/// The JWK set (RFC 7517, RFC 8037) of the public keys.
#[must_use]
pub fn key_set(keys: &VerifyingKeys) -> serde_json::Value {
    let keys: Vec<_> = keys
        .0
        .iter()
        .map(|k| {
            json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                "kid": k.id, "x": URL_SAFE_NO_PAD.encode(&k.bytes),
            })
        })
        .collect();
    json!({ "keys": keys })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
    use serde_json::Value;

    fn keys() -> (SigningKey, VerifyingKeys) {
        let signing = SigningKey::from_seed("k1", &[7; 32]).unwrap();
        let mut verifying = VerifyingKeys::default();
        verifying.add("k1", &signing.public_key()).unwrap();
        (signing, verifying)
    }

    #[test]
    fn a_well_known_library_accepts_our_tokens() {
        let (signing, verifying) = keys();
        let token = signing
            .sign(&json!({ "iss": "me", "exp": 4_102_444_800_i64 }))
            .unwrap();
        let set = key_set(&verifying);
        let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(set["keys"][0].clone()).unwrap();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&["me"]);
        let read = jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation)
            .unwrap();
        assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(read.header.kid.as_deref(), Some("k1"));
        assert_eq!(
            decode_payload::<Value>(verifying.check(&token).unwrap()).unwrap(),
            read.claims
        );
    }

    #[test]
    fn other_algorithms_types_and_keys_are_refused() {
        let (signing, verifying) = keys();
        let claims = json!({ "iss": "me" });
        let forge = |header: &str| {
            let signed = format!(
                "{}.{}",
                URL_SAFE_NO_PAD.encode(header),
                URL_SAFE_NO_PAD.encode(claims.to_string())
            );
            let signature = signing.pair.sign(signed.as_bytes());
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
        };
        for header in [
            json!({ "alg": "none", "kid": "k1", "typ": "at+jwt" }),
            json!({ "alg": "EdDSA", "kid": "k1", "typ": "JWT" }),
            json!({ "alg": "EdDSA", "kid": "k2", "typ": "at+jwt" }),
            json!({ "alg": "EdDSA", "typ": "at+jwt" }),
        ] {
            assert_eq!(
                verifying.check(&forge(&header.to_string())),
                Err(JwtError::UnknownKey),
                "{header}"
            );
        }
        // Which of two a reader takes differs from library to library, and the order tells one from the other.
        let ours = r#"{"alg":"EdDSA","kid":"k1","typ":"at+jwt"}"#;
        assert!(verifying.check(&forge(ours)).is_ok());
        for twice in [
            r#"{"alg":"EdDSA","alg":"EdDSA","kid":"k1","typ":"at+jwt"}"#,
            r#"{"alg":"none","alg":"EdDSA","kid":"k1","typ":"at+jwt"}"#,
            r#"{"alg":"EdDSA","kid":"k1","typ":"at+jwt","alg":"none"}"#,
            r#"{"alg":"EdDSA","kid":"k2","kid":"k1","typ":"at+jwt"}"#,
            r#"{"alg":"EdDSA","kid":"k1","typ":"JWT","typ":"at+jwt"}"#,
        ] {
            assert_eq!(
                verifying.check(&forge(twice)),
                Err(JwtError::UnknownKey),
                "{twice}"
            );
        }
        let mut hs256 = Header::new(Algorithm::HS256);
        hs256.kid = Some("k1".to_owned());
        hs256.typ = Some("at+jwt".to_owned());
        let confused =
            jsonwebtoken::encode(&hs256, &claims, &EncodingKey::from_secret(&signing.public_key())).unwrap();
        assert_eq!(verifying.check(&confused), Err(JwtError::UnknownKey));
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let (signing, verifying) = keys();
        let token = signing.sign(&json!({ "iss": "me" })).unwrap();
        assert!(verifying.check(&token).is_ok());
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert!(
                verifying.check(&String::from_utf8(changed).unwrap()).is_err(),
                "{at}"
            );
        }
        for wrong in ["", "..", "a.b", "a.b.c.d", &token[1..]] {
            assert!(verifying.check(wrong).is_err());
        }
    }

    #[test]
    fn duplicate_and_unknown_claims_are_refused() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Claims {
            #[expect(dead_code, reason = "only read by serde")]
            iss: String,
        }
        for text in [r#"{"iss":"a","iss":"b"}"#, r#"{"iss":"a","admin":true}"#] {
            assert!(decode_payload::<Claims>(&URL_SAFE_NO_PAD.encode(text)).is_err());
        }
    }
}
