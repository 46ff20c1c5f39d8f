//! Recovery shares: three pieces of paper, any two of which are enough.
//!
//! The secret is the exclusive or of three random components (a way of combining keys that NIST SP
//! 800-133r2, section 6.3, approves); each share holds two of them and lacks the one with its own number.
//! So one share tells nothing of the secret, any two make it whole, and because two shares have one
//! component in common, two that do not belong together are found out.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::master::MasterKeyError;
use crate::{Key, Random};

/// How many shares there are.
pub(crate) const SHARES: usize = 3;
/// Of a component, and of the secret: 128 bits.
const SECRET: usize = 16;
const USAGE: &str = "recovery";

type Component = [u8; SECRET];

/// One of three; two of them open the station. Written as groups of letters and digits.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryShare(String);

/// A share as a number knows it: which component it lacks, and the other two in their order.
struct Read {
    lacks: usize,
    has: Zeroizing<[Component; SHARES - 1]>,
}

/// A new recovery key, and its shares.
pub(crate) fn deal(random: &dyn Random) -> Result<(Key, [RecoveryShare; SHARES]), MasterKeyError> {
    let mut components = Zeroizing::new([[0; SECRET]; SHARES]);
    for component in components.iter_mut() {
        random.fill(component);
    }
    let [a, b, c] = &*components;
    let shares = [
        RecoveryShare::write(1, [b, c]),
        RecoveryShare::write(2, [a, c]),
        RecoveryShare::write(3, [a, b]),
    ];
    Ok((key(&[*a, *b, *c])?, shares))
}

/// The recovery key that two shares make.
pub(crate) fn recover(shares: &[RecoveryShare; 2]) -> Result<Key, MasterKeyError> {
    let [one, other] = shares;
    let (one, other) = (one.read()?, other.read()?);
    let (missing, known) = (one.component(other.lacks), other.component(one.lacks));
    let common = (1..=SHARES).find(|n| *n != one.lacks && *n != other.lacks);
    let common = common.ok_or(MasterKeyError::WrongShares)?;
    match (
        missing,
        known,
        one.component(common),
        other.component(common),
    ) {
        (Some(a), Some(b), Some(c), Some(same)) if c == same => key(&[a, b, c]),
        _ => Err(MasterKeyError::WrongShares),
    }
}

fn key(components: &[Component; SHARES]) -> Result<Key, MasterKeyError> {
    let mut secret = Zeroizing::new([0; SECRET]);
    for component in components {
        for (byte, other) in secret.iter_mut().zip(component) {
            *byte ^= other;
        }
    }
    Ok(Key::from_secret(&*secret, USAGE)?)
}

impl RecoveryShare {
    /// A share as a person copied it; spaces and case do not matter.
    pub fn typed(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The share as it is to be copied, in groups of four.
    pub fn text(&self) -> &str {
        &self.0
    }

    fn write(number: u8, components: [&Component; SHARES - 1]) -> Self {
        let bytes = std::iter::once(&number).chain(components.into_iter().flatten());
        let hex: Vec<char> = bytes
            .flat_map(|byte| format!("{byte:02X}").chars().collect::<Vec<_>>())
            .collect();
        let groups: Vec<String> = hex.chunks(4).map(String::from_iter).collect();
        Self(groups.join("-"))
    }

    fn read(&self) -> Result<Read, MasterKeyError> {
        let digits: Vec<u8> = self.0.bytes().filter(u8::is_ascii_alphanumeric).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Zeroizing<Vec<u8>>> = digits
            .chunks(2)
            .map(byte)
            .collect::<Option<Vec<_>>>()
            .map(Zeroizing::new);
        let bytes = bytes.ok_or(MasterKeyError::WrongShares)?;
        let (number, components) = bytes.split_first().ok_or(MasterKeyError::WrongShares)?;
        let (first, second) = components
            .split_at_checked(SECRET)
            .ok_or(MasterKeyError::WrongShares)?;
        match (first.try_into(), second.try_into()) {
            (Ok(first), Ok(second)) if (1..=SHARES).contains(&usize::from(*number)) => Ok(Read {
                lacks: usize::from(*number),
                has: Zeroizing::new([first, second]),
            }),
            _ => Err(MasterKeyError::WrongShares),
        }
    }
}

impl Read {
    /// The component of this number, unless it is the one that the share lacks.
    fn component(&self, number: usize) -> Option<Component> {
        let held = (1..=SHARES).filter(|n| *n != self.lacks);
        let mut held = held.zip(self.has.iter());
        held.find(|(n, _)| *n == number)
            .map(|(_, component)| *component)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    #[test]
    fn any_two_shares_in_any_order_make_the_key() {
        let (key, shares) = deal(&SystemRandom).unwrap();
        for (one, other) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
            let pair = [shares[one].clone(), shares[other].clone()];
            assert!(recover(&pair).unwrap() == key, "{one} and {other}");
        }
    }

    #[test]
    fn a_share_is_taken_in_small_letters_and_with_spaces() {
        let (key, [a, b, _]) = deal(&SystemRandom).unwrap();
        let a = RecoveryShare::typed(&a.text().to_lowercase().replace('-', " "));
        assert!(recover(&[a, b]).unwrap() == key);
    }

    #[test]
    fn one_share_twice_one_of_another_station_and_one_that_was_mistyped_make_none() {
        let (_, [a, b, _]) = deal(&SystemRandom).unwrap();
        let (_, [_, other, _]) = deal(&SystemRandom).unwrap();
        let last = b.text().chars().last().unwrap();
        let mistyped = format!(
            "{}{}",
            b.text().strip_suffix(last).unwrap(),
            if last == '0' { '1' } else { '0' }
        );
        let text = b.text().to_owned();
        for wrong in [a.clone(), other, RecoveryShare::typed(&mistyped)] {
            assert!(matches!(
                recover(&[a.clone(), wrong]),
                Err(MasterKeyError::WrongShares)
            ));
        }
        for wrong in [
            "",
            "1",
            "04",
            "not a share",
            &text[..text.len() - 2],
            &format!("{text}-00"),
        ] {
            assert!(
                matches!(
                    recover(&[a.clone(), RecoveryShare::typed(wrong)]),
                    Err(MasterKeyError::WrongShares)
                ),
                "{wrong:?}"
            );
        }
    }
}
