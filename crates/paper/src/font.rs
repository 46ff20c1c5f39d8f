//! The two fonts, and how wide a text is in them.

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

use crate::PaperError;

static PLAIN: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/DejaVuSans-Bold.ttf");

/// Stands for a character that the fonts do not have.
const UNKNOWN: char = '\u{FFFD}';

pub(crate) struct Fonts {
    plain: Face,
    bold: Face,
}

struct Face {
    font: Font,
    read: FontRef<'static>,
}

impl Face {
    fn new(bytes: &'static [u8]) -> Result<Self, PaperError> {
        let broken = || PaperError("a font is none".to_owned());
        Ok(Self {
            font: Font::new(bytes.into(), 0).ok_or_else(broken)?,
            read: FontRef::new(bytes).map_err(|_| broken())?,
        })
    }
}

impl Fonts {
    pub(crate) fn new() -> Result<Self, PaperError> {
        Ok(Self {
            plain: Face::new(PLAIN)?,
            bold: Face::new(BOLD)?,
        })
    }

    pub(crate) fn font(&self, bold: bool) -> Font {
        self.face(bold).font.clone()
    }

    fn face(&self, bold: bool) -> &Face {
        if bold { &self.bold } else { &self.plain }
    }

    /// The text in characters that the fonts have.
    pub(crate) fn shown(&self, text: &str) -> String {
        let known = self.plain.read.charmap();
        let shown = |c: char| match c {
            '\n' => Some('\n'),
            '\t' | '\u{a0}' => Some(' '),
            c if c.is_control() => None,
            c if known.map(c).is_some() => Some(c),
            _ => Some(UNKNOWN),
        };
        text.chars().filter_map(shown).collect()
    }

    /// The text in lines no wider than `width`, at spaces where there are any.
    pub(crate) fn lines(&self, text: &str, bold: bool, size: f32, width: f32) -> Vec<String> {
        let face = self.face(bold);
        let measure = Measure {
            face,
            metrics: face
                .read
                .glyph_metrics(Size::new(size), LocationRef::default()),
        };
        let shown = self.shown(text);
        let mut lines = Vec::new();
        for paragraph in shown.split('\n') {
            measure.break_up(paragraph, width, &mut lines);
        }
        lines
    }
}

struct Measure<'a> {
    face: &'a Face,
    metrics: GlyphMetrics<'a>,
}

impl Measure<'_> {
    fn width(&self, text: &str) -> f32 {
        let known = self.face.read.charmap();
        text.chars()
            .map(|c| {
                let glyph = known.map(c).unwrap_or_default();
                self.metrics.advance_width(glyph).unwrap_or_default()
            })
            .sum()
    }

    fn break_up(&self, paragraph: &str, width: f32, lines: &mut Vec<String>) {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let mut word = word.to_owned();
            if !line.is_empty() {
                if self.width(&format!("{line} {word}")) <= width {
                    line = format!("{line} {word}");
                    continue;
                }
                // The space stays at the line's end: whoever extracts the text finds the words apart.
                lines.push(format!("{line} "));
                line.clear();
            }
            while self.width(&word) > width {
                let fits = self.fitting(&word, width);
                let rest = word.split_off(fits);
                lines.push(std::mem::replace(&mut word, rest));
            }
            line = word;
        }
        lines.push(line);
    }

    /// How many bytes of a word fit, one character at least.
    fn fitting(&self, word: &str, width: f32) -> usize {
        let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
        let mut fits = word.chars().next().map_or(0, char::len_utf8);
        for end in ends {
            if self.width(&word[..end]) > width {
                break;
            }
            fits = end;
        }
        fits
    }
}
