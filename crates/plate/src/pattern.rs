//! Part of a plate, as a witness gives it: `7K?48*`, `[AB]12345`.

use std::fmt;
use std::str::FromStr;

use crate::{Character, PlateText};

/// Which plates are meant: some characters known, some not. Compared with O as 0, as plates are
/// everywhere ([`PlateText::folded`]).
///
/// Written with letters and digits for themselves, `?` for one unknown character, `*` for any number
/// of them, none included, and `[AB3]` or `[A-F]` for one of these. Spaces, hyphens outside brackets
/// and dots are dropped, as in a plate.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    parts: Vec<Part>,
    /// For each character's index: the parts, as bits, that it can stand at.
    stands_at: [u32; Character::COUNT],
    /// The parts, as bits, that are `*`.
    any: u32,
}

/// A part of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    /// One character of these.
    One(OneOf),
    /// Any number of characters.
    Any,
}

/// Characters of which one stands at a place, O and 0 counted as one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OneOf(u64);

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// Nothing is left once spaces and hyphens are taken out.
    Empty,
    /// More characters than a plate has.
    TooLong,
    /// Every plate would fit.
    Everything,
    /// A `[` without its `]`, or the other way about, or one inside another.
    Brackets,
    /// `[]`, or a range that is none, such as `[F-A]`.
    EmptyBrackets,
    /// A character that plates do not carry.
    Character(char),
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(
                f,
                "the plate is empty: enter its letters and digits, ? for one unknown, * for any number"
            ),
            Self::TooLong => write!(
                f,
                "this is more than a plate has room for: at most {} characters",
                PlateText::MAX
            ),
            Self::Everything => write!(
                f,
                "every plate would fit: enter the characters that are known"
            ),
            Self::Brackets => write!(
                f,
                "a bracket has no partner: one of several characters is written [AB]"
            ),
            Self::EmptyBrackets => {
                write!(f, "the brackets hold no characters: write [AB] or [A-F]")
            }
            Self::Character(c) => write!(
                f,
                "{c:?} stands on no plate: enter letters, digits, ?, * and [AB]"
            ),
        }
    }
}

impl std::error::Error for PatternError {}

impl OneOf {
    const EVERY: Self = Self((1 << Character::COUNT) - 1).folded();

    /// That character alone.
    pub fn character(c: Character) -> Self {
        Self(1 << c.index()).folded()
    }

    const fn folded(self) -> Self {
        let o = 1 << Character::O;
        if self.0 & o == 0 {
            self
        } else {
            Self(self.0 & !o | 1)
        }
    }

    /// The characters, in the order `0`-`9`, `A`-`Z`; O is never among them, 0 stands for it.
    pub fn characters(self) -> impl Iterator<Item = Character> {
        (0..Character::COUNT)
            .filter(move |i| self.0 >> i & 1 == 1)
            .filter_map(Character::from_index)
    }

    /// The character, where there is just one.
    pub fn only(self) -> Option<Character> {
        Character::from_index(self.0.trailing_zeros() as usize).filter(|_| self.0.is_power_of_two())
    }

    fn is_every(self) -> bool {
        self == Self::EVERY
    }
}

impl Pattern {
    /// The plate and no other.
    pub fn exactly(plate: &PlateText) -> Self {
        let one = |&c: &Character| Part::One(OneOf::character(c));
        Self::of(plate.characters().iter().map(one).collect())
    }

    /// At most [`PlateText::MAX`] places and a `*` before, between and after them: the bits of a
    /// `u32` are enough for every state.
    fn of(parts: Vec<Part>) -> Self {
        let mut stands_at = [0; Character::COUNT];
        let mut any = 0;
        for (bit, part) in parts.iter().enumerate() {
            match part {
                Part::Any => any |= 1 << bit,
                Part::One(these) => these.characters().for_each(|c| {
                    stands_at[c.index()] |= 1 << bit;
                }),
            }
        }
        stands_at[Character::O] = stands_at[0];
        Self {
            parts,
            stands_at,
            any,
        }
    }

    /// Its parts, in order; never two `*` side by side.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The one plate that is meant, with O as 0, where every character is known.
    pub fn plate(&self) -> Option<PlateText> {
        let known = self.parts.iter().map(|part| match part {
            Part::One(one) => one.only(),
            Part::Any => None,
        });
        PlateText::new(known.collect::<Option<Vec<_>>>()?).ok()
    }

    /// How many characters are known, or known to be one of a few.
    pub fn known(&self) -> usize {
        let known = |part: &&Part| matches!(part, Part::One(one) if !one.is_every());
        self.parts.iter().filter(known).count()
    }

    /// Whether the plate fits.
    pub fn fits(&self, plate: &PlateText) -> bool {
        let end = plate
            .characters()
            .iter()
            .fold(self.start(), |reached, &c| self.step(reached, c));
        self.is_end(end)
    }

    /// The parts, as bits, at which a plate's first character may stand; the bit after the last part
    /// says that nothing more is needed.
    pub(crate) fn start(&self) -> u32 {
        self.past_any(1)
    }

    /// The parts at which the next character may stand, once `c` stood at one of `reached`.
    pub(crate) fn step(&self, reached: u32, c: Character) -> u32 {
        let moved = (reached & self.stands_at[c.index()]) << 1;
        self.past_any(moved | reached & self.any)
    }

    pub(crate) fn is_end(&self, reached: u32) -> bool {
        reached >> self.parts.len() & 1 == 1
    }

    /// A `*` may stand for nothing. There are no two side by side, so that one step is enough.
    fn past_any(&self, reached: u32) -> u32 {
        reached | (reached & self.any) << 1
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    /// Accepts either case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = Vec::new();
        let mut places = 0;
        let mut letters = text.chars();
        while let Some(c) = letters.next() {
            let part = match c {
                '?' => Part::One(OneOf::EVERY),
                '*' => Part::Any,
                '[' => Part::One(in_brackets(&mut letters)?),
                ']' => return Err(PatternError::Brackets),
                c if c.is_whitespace() || matches!(c, '-' | '.' | '\u{b7}') => continue,
                c => Part::One(OneOf::character(character(c)?)),
            };
            match part {
                Part::Any if parts.last() == Some(&Part::Any) => continue,
                Part::Any => {}
                Part::One(_) => places += 1,
            }
            if places > PlateText::MAX {
                // The rest of a hostile text is unread.
                return Err(PatternError::TooLong);
            }
            parts.push(part);
        }
        if parts.is_empty() {
            return Err(PatternError::Empty);
        }
        let pattern = Self::of(parts);
        if pattern.known() == 0 {
            return Err(PatternError::Everything);
        }
        Ok(pattern)
    }
}

fn character(c: char) -> Result<Character, PatternError> {
    Character::try_from(c).map_err(|_| PatternError::Character(c))
}

/// What stands between `[` and `]`.
fn in_brackets(letters: &mut std::str::Chars<'_>) -> Result<OneOf, PatternError> {
    let mut these = 0_u64;
    let mut before: Option<Character> = None;
    loop {
        match letters.next().ok_or(PatternError::Brackets)? {
            ']' => break,
            '[' => return Err(PatternError::Brackets),
            '-' => {
                let from = before.take().ok_or(PatternError::EmptyBrackets)?.index();
                let to = character(letters.next().ok_or(PatternError::Brackets)?)?.index();
                if from > to {
                    return Err(PatternError::EmptyBrackets);
                }
                these |= (from..=to).fold(0, |these, i| these | 1 << i);
            }
            c if c.is_whitespace() || c == ',' => {}
            c => {
                let c = character(c)?;
                these |= 1 << c.index();
                before = Some(c);
            }
        }
    }
    if these == 0 {
        return Err(PatternError::EmptyBrackets);
    }
    Ok(OneOf(these).folded())
}

impl fmt::Display for Pattern {
    /// As it is entered, in one spelling.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Any => write!(f, "*"),
            Part::One(one) if one.is_every() => write!(f, "?"),
            Part::One(one) => match one.only() {
                Some(c) => write!(f, "{c}"),
                None => {
                    write!(f, "[")?;
                    one.characters().try_for_each(|c| write!(f, "{c}"))?;
                    write!(f, "]")
                }
            },
        })
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for OneOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.characters()).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> Pattern {
        text.parse().unwrap()
    }

    fn fits(text: &str, plate: &str) -> bool {
        pattern(text).fits(&plate.parse().unwrap())
    }

    /// The slow reference: tries every way to share the characters out among the parts.
    fn slowly(parts: &[Part], text: &[Character]) -> bool {
        match parts.split_first() {
            None => text.is_empty(),
            Some((Part::Any, rest)) => (0..=text.len()).any(|n| slowly(rest, &text[n..])),
            Some((Part::One(one), rest)) => text.split_first().is_some_and(|(&c, after)| {
                let folded = if c.as_char() == 'O' { '0' } else { c.as_char() };
                one.characters().any(|known| known.as_char() == folded) && slowly(rest, after)
            }),
        }
    }

    #[test]
    fn a_witness_gives_what_they_saw() {
        assert!(fits("7K?48*", "7KX4821"));
        assert!(fits("7K?48*", "7KX48"));
        assert!(!fits("7K?48*", "7K4821"));
        assert!(fits("*821", "7KX4821"));
        assert!(fits("[AB]12345", "b12345") && !fits("[AB]12345", "C12345"));
        assert!(fits("[A-C, X] 123", "C123") && !fits("[A-CX]123", "D123"));
    }

    #[test]
    fn o_and_0_are_one_in_a_pattern_too() {
        assert!(fits("BO?K", "B0OK") && fits("[OX]1", "01") && fits("[0-3]1", "O1"));
        assert_eq!(pattern("bo[ox]k").to_string(), "B0[0X]K");
    }

    #[test]
    fn what_is_known_in_full_is_a_plate() {
        assert_eq!(pattern("ab-12 345").plate().unwrap().to_string(), "AB12345");
        assert_eq!(pattern("AB1?").plate(), None);
        let plate: PlateText = "BOOK".parse().unwrap();
        assert_eq!(Pattern::exactly(&plate), pattern("BOOK"));
        assert_eq!(pattern("7K?48*").known(), 4);
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_a_reason() {
        let refused = |text: &str| text.parse::<Pattern>().unwrap_err();
        assert_eq!(refused(" - "), PatternError::Empty);
        for everything in ["*", "?", "***", "??*?"] {
            assert_eq!(refused(everything), PatternError::Everything);
        }
        for brackets in ["[AB", "AB]", "[A[B]]", "[A-"] {
            assert_eq!(refused(brackets), PatternError::Brackets, "{brackets}");
        }
        for empty in ["A[]", "A[-B]", "A[F-A]"] {
            assert_eq!(refused(empty), PatternError::EmptyBrackets, "{empty}");
        }
        assert_eq!(refused("AB%"), PatternError::Character('%'));
        assert_eq!(refused(&"A".repeat(9_999)), PatternError::TooLong);
        assert_eq!(refused(&"*A?".repeat(7)), PatternError::TooLong);
    }

    proptest! {
        #[test]
        fn it_fits_what_trying_every_way_fits(
            text in "[AB0O?*]{1,4}(\\[[AB0O]{1,2}\\])?[AB?*]{0,3}",
            plate in "[AB0O]{1,6}",
        ) {
            prop_assume!(text.parse::<Pattern>().is_ok());
            let (pattern, plate) = (pattern(&text), plate.parse::<PlateText>().unwrap());
            prop_assert_eq!(pattern.fits(&plate), slowly(pattern.parts(), plate.characters()));
        }

        #[test]
        fn its_spelling_is_read_as_itself(text in "[A-F0O?*]{0,5}\\[[A-F0O-]{1,3}\\][A-F0O?*]{0,5}") {
            if let Ok(pattern) = text.parse::<Pattern>() {
                prop_assert_eq!(pattern.to_string().parse::<Pattern>().unwrap(), pattern);
            }
        }

        #[test]
        fn no_text_at_all_brings_it_down(text in "\\PC{0,40}") {
            let _: Result<Pattern, _> = text.parse();
        }
    }
}
