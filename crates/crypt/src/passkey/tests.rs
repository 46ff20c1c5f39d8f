use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::SystemRandom;

#[path = "../../tests/support/device.rs"]
mod device;

use device::{Device, VERIFIED};

const HOST: &str = "plates.ashford-falls.example";
const ORIGIN: &str = "https://plates.ashford-falls.example:8420";

fn party() -> RelyingParty {
    RelyingParty {
        host: HOST.to_owned(),
        origin: ORIGIN.to_owned(),
    }
}

fn challenge() -> Challenge {
    Challenges::new(&SystemRandom).give("test", Duration::ZERO, &SystemRandom)
}

fn user() -> UserHandle {
    UserHandle([7; 16])
}

fn make(device: &mut Device) -> Result<Passkey, PasskeyError> {
    let challenge = challenge();
    let answer = device.make(&party().wanted(&challenge, Some(user())));
    party().made(&challenge, &answer)
}

fn sign(device: &mut Device, known: &Passkey) -> Result<Passkey, PasskeyError> {
    let challenge = challenge();
    let answer = device.sign(&party().wanted(&challenge, None));
    let assertion = Assertion::read(&answer)?;
    party().signed(&challenge, &assertion, known, user())
}

#[test]
fn a_passkey_that_was_made_signs() {
    for mut device in [
        Device::es256(HOST, ORIGIN),
        Device::ed25519(HOST, ORIGIN),
        Device::rs256(HOST, ORIGIN),
    ] {
        let passkey = make(&mut device).unwrap();
        assert_eq!(passkey.id, device.id);
        let next = sign(&mut device, &passkey).unwrap();
        assert_eq!(next.counter, 1);
        assert!(sign(&mut device, &next).is_ok());
    }
}

#[test]
fn another_host_address_act_or_member_is_refused() {
    let lies: [fn(&mut Device); 5] = [
        |device| device.host = "elsewhere.example".to_owned(),
        |device| device.origin = "https://elsewhere.example".to_owned(),
        |device| device.origin = format!("{ORIGIN}1"),
        |device| device.origin = ORIGIN.replace("https", "http"),
        |device| device.cross_origin = true,
    ];
    for lie in lies {
        let mut device = Device::es256(HOST, ORIGIN);
        let known = make(&mut device).unwrap();
        lie(&mut device);
        assert!(matches!(make(&mut device), Err(PasskeyError::Elsewhere(_))));
        assert!(matches!(
            sign(&mut device, &known),
            Err(PasskeyError::Elsewhere(_))
        ));
    }
    let mut device = Device::es256(HOST, ORIGIN);
    let known = make(&mut device).unwrap();
    device.user = Bytes::text(&[8; 16]);
    assert_eq!(
        sign(&mut device, &known),
        Err(PasskeyError::Elsewhere("another member"))
    );
    // What was signed when a passkey was made is no login.
    let challenge = challenge();
    let wanted = party().wanted(&challenge, Some(user()));
    let made = device.make(&wanted);
    assert!(Assertion::read(&made).is_err());
    let signed = device.sign(&wanted);
    assert!(party().made(&challenge, &signed).is_err());
}

#[test]
fn a_device_that_does_not_know_who_it_was_is_refused() {
    for flags in [0x00, 0x01, 0x04] {
        let mut device = Device::es256(HOST, ORIGIN);
        let known = make(&mut device).unwrap();
        device.flags = flags;
        assert_eq!(make(&mut device), Err(PasskeyError::NotVerified));
        assert_eq!(sign(&mut device, &known), Err(PasskeyError::NotVerified));
    }
}

#[test]
fn a_copy_that_was_not_announced_is_refused() {
    let mut device = Device::es256(HOST, ORIGIN);
    let known = make(&mut device).unwrap();
    device.flags = VERIFIED | 0x10;
    assert!(make(&mut device).is_err());
    assert!(sign(&mut device, &known).is_err());
    device.flags = VERIFIED | 0x18;
    assert!(make(&mut device).unwrap().copied);
    assert!(sign(&mut device, &known).is_err(), "it was another kind");
}

#[test]
fn a_counter_that_goes_back_or_stands_is_refused_unless_the_device_does_not_count() {
    let mut device = Device::es256(HOST, ORIGIN);
    let mut known = make(&mut device).unwrap();
    known.counter = 9;
    device.counter = 9;
    assert_eq!(sign(&mut device, &known).unwrap().counter, 10);
    for stands in [8, 3] {
        device.counter = stands;
        assert_eq!(sign(&mut device, &known), Err(PasskeyError::WentBack));
    }
    // A device that does not count always says 0.
    known.counter = 0;
    device.counts = false;
    device.counter = 0;
    assert_eq!(sign(&mut device, &known).unwrap().counter, 0);
}

#[test]
fn another_key_or_a_changed_bit_is_refused() {
    let mut device = Device::es256(HOST, ORIGIN);
    let mut other = Device::es256(HOST, ORIGIN);
    let known = make(&mut device).unwrap();
    let others = Passkey {
        key: make(&mut other).unwrap().key,
        ..known.clone()
    };
    assert_eq!(sign(&mut device, &others), Err(PasskeyError::Forged));
}

#[test]
fn a_challenge_is_good_once_for_what_it_was_given_and_five_minutes() {
    let challenges = Challenges::new(&SystemRandom);
    let at = Duration::from_secs;
    let give = || challenges.give("login", at(10), &SystemRandom);
    let one = give();
    assert!(!challenges.take("enrol", &one, at(11)), "another act");
    assert!(challenges.take("login", &one, at(309)));
    assert!(!challenges.take("login", &one, at(309)), "once");
    assert!(!challenges.take("login", &give(), at(310)), "too late");
    let elsewhere = Challenges::new(&SystemRandom).give("login", at(10), &SystemRandom);
    assert!(
        !challenges.take("login", &elsewhere, at(11)),
        "another run's"
    );
    assert!(challenges.take("login", &give(), at(1000 - 700)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn bytes_of_any_content_are_refused_and_bring_nothing_down(bytes: Vec<u8>) {
        let _ = AuthenticatorData::read(&bytes);
        let _ = parts::authenticator_data(&bytes);
        let _ = PublicKey::read(&bytes);
        let _ = ClientData::read(&bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        prop_assert!(party().made(&challenge(), &text).is_err());
        prop_assert!(Assertion::read(&text).is_err());
    }

    #[test]
    fn one_changed_byte_of_what_was_signed_is_refused(at: prop::sample::Index, to in 1u8..) {
        let mut device = Device::es256(HOST, ORIGIN);
        let known = make(&mut device).unwrap();
        let challenge = challenge();
        let answer = device.sign(&party().wanted(&challenge, None));
        let mut assertion = Assertion::read(&answer).unwrap();
        for part in 0..3 {
            let bytes = match part {
                0 => &mut assertion.0.client_data.0,
                1 => &mut assertion.0.authenticator_data.0,
                _ => &mut assertion.0.signature.0,
            };
            let at = at.index(bytes.len());
            bytes[at] ^= to;
            prop_assert!(party().signed(&challenge, &assertion, &known, user()).is_err());
            match part {
                0 => assertion.0.client_data.0[at] ^= to,
                1 => assertion.0.authenticator_data.0[at] ^= to,
                _ => assertion.0.signature.0[at] ^= to,
            }
        }
        prop_assert!(party().signed(&challenge, &assertion, &known, user()).is_ok());
    }
}
