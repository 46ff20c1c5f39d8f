//! The letters of a plate.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the 36 characters that the reader knows: `0`-`9` and `A`-`Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Character(u8);

/// A character that no plate of the reader's alphabet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPlateCharacter(pub char);

impl fmt::Display for NotAPlateCharacter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is neither a letter A-Z nor a digit 0-9", self.0)
    }
}

impl std::error::Error for NotAPlateCharacter {}

impl Character {
    /// How many characters there are.
    pub const COUNT: usize = 36;

    const ALPHABET: &'static [u8; Self::COUNT] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// The character of this index, in the order `0`-`9`, `A`-`Z`.
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALPHABET.get(index).copied().map(Self)
    }

    /// The letter O, which plates are compared without.
    pub(crate) const O: usize = 24;

    /// Its index, in the order `0`-`9`, `A`-`Z`.
    pub fn index(self) -> usize {
        usize::from(match self.0 {
            digit @ b'0'..=b'9' => digit - b'0',
            letter => letter - b'A' + 10,
        })
    }

    /// Every character, in that order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALPHABET.iter().copied().map(Self)
    }

    /// The letter O as the digit 0, any other as it is.
    #[must_use]
    pub fn folded(self) -> Self {
        if self.0 == b'O' { Self(b'0') } else { self }
    }

    /// As a Rust character, upper case.
    pub fn as_char(self) -> char {
        char::from(self.0)
    }
}

impl TryFrom<char> for Character {
    type Error = NotAPlateCharacter;

    /// Accepts either case.
    fn try_from(c: char) -> Result<Self, Self::Error> {
        match c.to_ascii_uppercase() {
            c @ ('0'..='9' | 'A'..='Z') => Ok(Self(c as u8)),
            _ => Err(NotAPlateCharacter(c)),
        }
    }
}

impl fmt::Debug for Character {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_char())
    }
}

impl fmt::Display for Character {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_char())
    }
}

/// The text of a plate: 1 to 12 characters, without spaces or separators.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlateText(Vec<Character>);

/// Why a text is no plate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlateTextError {
    /// Nothing is left once spaces and hyphens are taken out.
    Empty,
    /// More than [`PlateText::MAX`] characters.
    TooLong(usize),
    /// A character that plates do not carry.
    Character(NotAPlateCharacter),
}

impl fmt::Display for PlateTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the plate is empty: enter its letters and digits"),
            Self::TooLong(n) => write!(
                f,
                "{n} characters are too many for a plate: at most {} fit",
                PlateText::MAX
            ),
            Self::Character(c) => write!(f, "{c}: enter letters and digits only"),
        }
    }
}

impl std::error::Error for PlateTextError {}

impl PlateText {
    /// The longest text accepted.
    pub const MAX: usize = 12;

    /// Checks the length.
    ///
    /// # Errors
    /// [`PlateTextError::Empty`] and [`PlateTextError::TooLong`].
    pub fn new(characters: Vec<Character>) -> Result<Self, PlateTextError> {
        match characters.len() {
            0 => Err(PlateTextError::Empty),
            n if n > Self::MAX => Err(PlateTextError::TooLong(n)),
            _ => Ok(Self(characters)),
        }
    }

    /// A text whose length was checked where it was made.
    pub(crate) fn trusted(characters: Vec<Character>) -> Self {
        debug_assert!((1..=Self::MAX).contains(&characters.len()));
        Self(characters)
    }

    /// Its characters, in order.
    pub fn characters(&self) -> &[Character] {
        &self.0
    }

    /// The same text with every letter O written as the digit 0: the form under which plates are
    /// compared and found, since the dies of many states draw the two alike.
    pub fn folded(&self) -> Self {
        Self(self.0.iter().map(|c| c.folded()).collect())
    }
}

impl FromStr for PlateText {
    type Err = PlateTextError;

    /// Accepts either case; spaces, hyphens and dots, which people type and plates do not need,
    /// are dropped.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '\u{b7}'))
            // One more than fits is enough to say "too long"; the rest of a hostile text is unread.
            .take(Self::MAX + 1)
            .map(|c| Character::try_from(c).map_err(PlateTextError::Character))
            .collect::<Result<Vec<_>, _>>()
            .and_then(Self::new)
    }
}

impl TryFrom<String> for PlateText {
    type Error = PlateTextError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PlateText> for String {
    fn from(text: PlateText) -> Self {
        text.to_string()
    }
}

impl fmt::Display for PlateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|c| write!(f, "{c}"))
    }
}

impl fmt::Debug for PlateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plate_is_typed_with_or_without_separators_in_either_case() {
        let plain: PlateText = "AB12345".parse().unwrap();
        for typed in ["ab 12345", "AB-12345", " a b·1.2345 "] {
            assert_eq!(typed.parse::<PlateText>().unwrap(), plain, "{typed}");
        }
    }

    #[test]
    fn a_character_is_found_by_its_index() {
        for index in 0..Character::COUNT {
            assert_eq!(Character::from_index(index).unwrap().index(), index);
        }
        assert_eq!(Character::try_from('O').unwrap().index(), Character::O);
    }

    #[test]
    fn what_no_plate_carries_is_refused_with_a_reason() {
        assert_eq!(" - ".parse::<PlateText>(), Err(PlateTextError::Empty));
        assert_eq!(
            "AB*".parse::<PlateText>(),
            Err(PlateTextError::Character(NotAPlateCharacter('*')))
        );
        assert!(matches!(
            "A".repeat(9_999).parse::<PlateText>(),
            Err(PlateTextError::TooLong(_))
        ));
    }

    #[test]
    fn o_and_0_are_compared_as_one() {
        let o: PlateText = "BO0K".parse().unwrap();
        assert_eq!(o.folded().to_string(), "B00K");
        assert_eq!(o.to_string(), "BO0K");
    }
}
