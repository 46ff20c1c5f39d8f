//! The texts that a read may be, as an index looks for them.

use plate::{Character, PlateText, Position, Reading};

/// A text with O as 0 in 64 bits: base 37, the first character the most significant. Texts of
/// different lengths differ, for no digit is 0.
pub(crate) fn pack(text: &PlateText) -> u64 {
    text.characters()
        .iter()
        .fold(0, |packed, &c| push(packed, c))
}

fn push(packed: u64, character: Character) -> u64 {
    packed * 37 + 1 + folded(character) as u64
}

/// The character's index, O's that of 0.
fn folded(character: Character) -> usize {
    match character.as_char() {
        'O' => 0,
        c @ '0'..='9' => c as usize - '0' as usize,
        c => c as usize - 'A' as usize + 10,
    }
}

/// Every text, O as 0, that is at least as probable as `floor`, packed, with its probability. There
/// are no more than `1 / floor` of them.
pub(crate) fn probable(reading: &Reading, floor: f64) -> Vec<(u64, f64)> {
    let mut found = Vec::new();
    for (probability, positions) in reading.lengths() {
        let places: Vec<_> = positions.iter().map(|p| characters(p, floor)).collect();
        // What the places from here on can still contribute at best.
        let mut best = vec![1.0; places.len() + 1];
        for (i, place) in places.iter().enumerate().rev() {
            best[i] = best[i + 1] * place.first().map_or(0.0, |(_, p)| *p);
        }
        extend(&places, &best, floor, (0, probability), &mut found);
    }
    found
}

fn extend(
    places: &[Vec<(Character, f64)>],
    best: &[f64],
    floor: f64,
    (prefix, probability): (u64, f64),
    found: &mut Vec<(u64, f64)>,
) {
    if probability * best[0] < floor {
        return;
    }
    let Some((place, later)) = places.split_first() else {
        found.push((prefix, probability));
        return;
    };
    for &(character, p) in place {
        // Most probable first: once one is too little, so are the rest.
        if probability * p * best[1] < floor {
            break;
        }
        let longer = (push(prefix, character), probability * p);
        extend(later, &best[1..], floor, longer, found);
    }
}

/// The characters of a place that are at least as probable as `floor`, O and 0 as one, most probable
/// first.
fn characters(position: &Position, floor: f64) -> Vec<(Character, f64)> {
    let mut kept: Vec<(Character, f64)> = Vec::with_capacity(8);
    let mut left = 1.0;
    for (character, p) in position.characters() {
        kept.push((character, p));
        left -= p;
    }
    // An even share of what the kept ones leave over falls to each of the others.
    if left / (Character::COUNT - kept.len()).max(1) as f64 >= floor / 2.0 {
        let every = (0..Character::COUNT).filter_map(Character::from_index);
        kept = every.map(|c| (c, position.probability_of(c))).collect();
    }
    if let Some(o) = kept.iter().position(|(c, _)| c.as_char() == 'O') {
        let (letter, p) = kept.swap_remove(o);
        match kept.iter_mut().find(|(c, _)| c.as_char() == '0') {
            Some((_, zero)) => *zero += p,
            None => {
                // The digit itself has its share of what is left over.
                let zero = Character::from_index(0).map_or(0.0, |c| position.probability_of(c));
                kept.push((letter, p + zero));
            }
        }
    } else if let Some((_, zero)) = kept.iter_mut().find(|(c, _)| c.as_char() == '0')
        && let Ok(letter) = Character::try_from('O')
    {
        *zero += position.probability_of(letter);
    }
    kept.retain(|(_, p)| *p >= floor);
    kept.sort_by(|a, b| b.1.total_cmp(&a.1));
    kept
}
