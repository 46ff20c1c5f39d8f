//! Papers as PDF that everybody can read (PDF/UA-1): title, language, headings, tables with their
//! headers, alternative texts, reading order, and fonts that are embedded with what their glyphs mean.
//!
//! A paper is made of headings, paragraphs, tables and pictures, one below the other. The same paper is
//! the same bytes whenever it is made.

mod draw;
mod font;
mod layout;

use thiserror::Error;

/// A paper.
pub struct Paper {
    title: String,
    foot: String,
    blocks: Vec<Block>,
}

/// What a paper is made of.
enum Block {
    Heading(Level, String),
    Text(String),
    Table(Table),
    Picture { bytes: Vec<u8>, says: String },
}

/// How deep a heading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The paper's own.
    Title,
    /// A section's.
    Section,
    /// A part's of a section.
    Part,
}

/// A table: a head, and rows of as many cells.
pub struct Table {
    /// Each column's name, and its share of the width.
    pub head: Vec<(String, f32)>,
    /// The rows; the first cell of each is its name.
    pub rows: Vec<Vec<String>>,
}

/// Why there is no PDF.
#[derive(Debug, Error)]
#[error("the paper could not be made: {0}")]
pub struct PaperError(String);

impl Paper {
    /// A paper with this title, and this line at the foot of each page.
    pub fn new(title: &str, foot: &str) -> Self {
        Self {
            title: title.to_owned(),
            foot: foot.to_owned(),
            blocks: vec![Block::Heading(Level::Title, title.to_owned())],
        }
    }

    /// Begins a section, or a part of one.
    pub fn heading(&mut self, level: Level, text: &str) {
        self.blocks.push(Block::Heading(level, text.to_owned()));
    }

    /// A paragraph; a line break in it is kept.
    pub fn text(&mut self, text: &str) {
        self.blocks.push(Block::Text(text.to_owned()));
    }

    /// A table.
    pub fn table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    /// A picture (JPEG or PNG), and what it shows, for whoever does not see it.
    pub fn picture(&mut self, bytes: Vec<u8>, says: &str) {
        self.blocks.push(Block::Picture {
            bytes,
            says: says.to_owned(),
        });
    }

    /// The paper as PDF.
    ///
    /// # Errors
    /// For a picture that is none.
    pub fn to_pdf(&self) -> Result<Vec<u8>, PaperError> {
        let fonts = font::Fonts::new()?;
        let laid = layout::lay_out(self, &fonts);
        draw::draw(self, laid, &fonts)
    }
}
