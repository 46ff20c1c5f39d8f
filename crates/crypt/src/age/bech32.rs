//! Keys as age writes them: Bech32 (BIP 173), without its limit of length.

const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// 32 bytes under a name, in small letters.
pub(super) fn encode(name: &str, bytes: &[u8; 32]) -> String {
    let mut values = regroup(bytes, 8, 5, true).unwrap_or_default();
    let sum = checksum(name, &values) ^ 1;
    values.extend((0..6).map(|n| ((sum >> (5 * (5 - n))) & 31) as u8));
    let letters = values
        .iter()
        .map(|value| char::from(LETTERS[usize::from(*value)]));
    format!("{name}1{}", letters.collect::<String>())
}

/// The 32 bytes of a text under this name, if it is one in small letters and its checksum is right.
pub(super) fn decode(name: &str, text: &str) -> Option<[u8; 32]> {
    let letters = text.strip_prefix(name)?.strip_prefix('1')?;
    let value = |letter: u8| LETTERS.iter().position(|one| *one == letter);
    let values = letters.bytes().map(|letter| value(letter).map(|n| n as u8));
    let values: Vec<u8> = values.collect::<Option<_>>()?;
    if values.len() < 6 || checksum_of_all(name, &values) != 1 {
        return None;
    }
    regroup(&values[..values.len() - 6], 5, 8, false)?
        .try_into()
        .ok()
}

/// The checksum of values that six zeros stand after.
fn checksum(name: &str, values: &[u8]) -> u32 {
    checksum_of_all(name, &[values, &[0; 6]].concat())
}

fn checksum_of_all(name: &str, values: &[u8]) -> u32 {
    const TERMS: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let high = name.bytes().map(|byte| byte >> 5);
    let low = name.bytes().map(|byte| byte & 31);
    let all = high.chain([0]).chain(low).chain(values.iter().copied());
    all.fold(1, |sum: u32, value| {
        let top = sum >> 25;
        let sum = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        let terms = TERMS.iter().enumerate();
        terms.fold(
            sum,
            |sum, (n, term)| if top >> n & 1 == 1 { sum ^ term } else { sum },
        )
    })
}

/// The same bits in groups of another size; bits left over are zeros, and there when `pad`.
fn regroup(values: &[u8], from: u32, to: u32, pad: bool) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for value in values {
        held = held << from | u32::from(*value);
        bits += from;
        while bits >= to {
            bits -= to;
            out.push((held >> bits & ((1 << to) - 1)) as u8);
        }
        held &= (1 << bits) - 1;
    }
    if pad && bits > 0 {
        out.push((held << (to - bits) & ((1 << to) - 1)) as u8);
    } else if !pad && (bits >= from || held != 0) {
        return None;
    }
    Some(out)
}
