//! A person's device, as a browser's virtual authenticator plays one: it makes passkeys and signs.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by tests"
)]

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub enum Pair {
    Es256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

/// What it says can be changed, to lie.
pub struct Device {
    pub pair: Pair,
    pub id: Vec<u8>,
    pub host: String,
    pub origin: String,
    pub counter: u32,
    pub counts: bool,
    pub flags: u8,
    pub user: String,
    pub cross_origin: bool,
}

/// Somebody was there, and the device knows who.
pub const VERIFIED: u8 = 0x05;
const ATTESTED: u8 = 0x40;

impl Device {
    pub fn es256(host: &str, origin: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Self::with(Pair::Es256(pair), host, origin)
    }

    pub fn ed25519(host: &str, origin: &str) -> Self {
        Self::with(
            Pair::Ed25519(Ed25519KeyPair::generate().unwrap()),
            host,
            origin,
        )
    }

    pub fn rs256(host: &str, origin: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        Self::with(Pair::Rs256(pair), host, origin)
    }

    fn with(pair: Pair, host: &str, origin: &str) -> Self {
        let public = match &pair {
            Pair::Es256(pair) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
            Pair::Rs256(pair) => pair.public_key().as_ref(),
        };
        Self {
            id: digest(&SHA256, public).as_ref()[..20].to_vec(),
            pair,
            host: host.to_owned(),
            origin: origin.to_owned(),
            counter: 0,
            counts: true,
            flags: VERIFIED,
            user: String::new(),
            cross_origin: false,
        }
    }

    /// Makes a passkey, as a page wants it.
    pub fn make(&mut self, wanted: &str) -> String {
        let wanted: Value = serde_json::from_str(wanted).unwrap();
        self.user = wanted["user"].as_str().unwrap().to_owned();
        let mut data = self.says(self.flags | ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose());
        // {"fmt": "none", "attStmt": {}, "authData": bytes}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(data);
        json!({
            "id": text(&self.id),
            "clientDataJSON": text(self.client("webauthn.create", &wanted).as_bytes()),
            "attestationObject": text(&object),
        })
        .to_string()
    }

    /// Signs, as a page wants it.
    pub fn sign(&mut self, wanted: &str) -> String {
        let wanted: Value = serde_json::from_str(wanted).unwrap();
        self.counter += u32::from(self.counts);
        let client = self.client("webauthn.get", &wanted);
        let data = self.says(self.flags);
        let message = [&data[..], digest(&SHA256, client.as_bytes()).as_ref()].concat();
        let signature = match &self.pair {
            Pair::Es256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), &message).unwrap();
                signature.as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(&message).as_ref().to_vec(),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let random = SystemRandom::new();
                pair.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature)
                    .unwrap();
                signature
            }
        };
        json!({
            "id": text(&self.id),
            "clientDataJSON": text(client.as_bytes()),
            "authenticatorData": text(&data),
            "signature": text(&signature),
            "userHandle": self.user,
        })
        .to_string()
    }

    fn client(&self, kind: &str, wanted: &Value) -> String {
        json!({
            "type": kind,
            "challenge": wanted["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        })
        .to_string()
    }

    fn says(&self, flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.host.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn cose(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Es256(pair) => {
                let point = pair.public_key().as_ref();
                let mut key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
                key.extend(&point[1..33]);
                key.extend(b"\x22\x58\x20");
                key.extend(&point[33..]);
                key
            }
            Pair::Ed25519(pair) => {
                let mut key = b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20".to_vec();
                key.extend(pair.public_key().as_ref());
                key
            }
            Pair::Rs256(pair) => {
                // RSAPublicKey: a sequence of the modulus, with a leading zero, and the exponent.
                let modulus = &pair.public_key().as_ref()[9..265];
                let mut key = b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00".to_vec();
                key.extend(modulus);
                key.extend(b"\x21\x43\x01\x00\x01");
                key
            }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
