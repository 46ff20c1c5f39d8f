//! Where everything stands: pages of lines and pictures, and the structure that they are parts of.

use crate::font::Fonts;
use crate::{Block, Level, Paper, Table};

/// Letter, in points.
pub(crate) const PAGE: (f32, f32) = (612.0, 792.0);
pub(crate) const MARGIN: f32 = 54.0;
const BOTTOM: f32 = PAGE.1 - MARGIN - 12.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
const BODY: f32 = 9.5;
const CELL: f32 = 8.0;
/// Between two columns.
const GAP: f32 = 6.0;
const LEADING: f32 = 1.35;
/// A picture is no higher.
const HIGHEST: f32 = 110.0;
const WIDEST: f32 = 260.0;

/// What is drawn on a page.
pub(crate) struct Mark {
    pub(crate) page: usize,
    pub(crate) x: f32,
    /// A line's base, a picture's top.
    pub(crate) y: f32,
    pub(crate) what: What,
}

pub(crate) enum What {
    Line {
        text: String,
        size: f32,
        bold: bool,
    },
    /// Of the block with this number; as high and wide as there is room for.
    Picture {
        block: usize,
    },
    /// Under a table's head.
    Rule,
}

/// A part of the paper's structure.
pub(crate) enum Node {
    Heading {
        level: Level,
        text: String,
        marks: Vec<usize>,
    },
    Text(Vec<usize>),
    Table(Vec<Row>),
    Picture {
        says: String,
        mark: usize,
    },
}

pub(crate) struct Row {
    pub(crate) is_head: bool,
    pub(crate) cells: Vec<Vec<usize>>,
}

#[derive(Default)]
pub(crate) struct Laid {
    pub(crate) pages: usize,
    pub(crate) marks: Vec<Mark>,
    pub(crate) nodes: Vec<Node>,
}

pub(crate) fn lay_out(paper: &Paper, fonts: &Fonts) -> Laid {
    let mut setter = Setter {
        fonts,
        laid: Laid::default(),
        page: 0,
        y: MARGIN,
    };
    for (number, block) in paper.blocks.iter().enumerate() {
        match block {
            Block::Heading(level, text) => setter.heading(*level, text),
            Block::Text(text) => {
                let marks = setter.lines(text, BODY, false);
                setter.y += BODY * 0.5;
                setter.laid.nodes.push(Node::Text(marks));
            }
            Block::Table(table) => setter.table(table),
            Block::Picture { says, .. } => setter.picture(number, says),
        }
    }
    setter.laid.pages = setter.page + 1;
    setter.laid
}

/// The room that a picture gets, which has so many pixels.
pub(crate) fn picture_size((width, height): (u32, u32)) -> (f32, f32) {
    let (width, height) = (width.max(1) as f32, height.max(1) as f32);
    let scale = (WIDEST / width).min(HIGHEST / height);
    (width * scale, height * scale)
}

struct Setter<'a> {
    fonts: &'a Fonts,
    laid: Laid,
    page: usize,
    y: f32,
}

impl Setter<'_> {
    fn heading(&mut self, level: Level, text: &str) {
        let (size, before) = match level {
            Level::Title => (17.0, 0.0),
            Level::Section => (12.5, 10.0),
            Level::Part => (10.0, 6.0),
        };
        if self.y > MARGIN {
            self.y += before;
        }
        // Never the last line of a page.
        self.room(size * LEADING + 3.0 * BODY * LEADING);
        let marks = self.lines(text, size, true);
        self.y += size * 0.3;
        let text = text.to_owned();
        self.laid.nodes.push(Node::Heading { level, text, marks });
    }

    fn lines(&mut self, text: &str, size: f32, bold: bool) -> Vec<usize> {
        let lines = self.fonts.lines(text, bold, size, WIDTH);
        let mut marks = Vec::new();
        for text in lines {
            self.room(size * LEADING);
            self.y += size * LEADING;
            if !text.is_empty() {
                marks.push(self.mark(MARGIN, What::Line { text, size, bold }));
            }
        }
        marks
    }

    fn table(&mut self, table: &Table) {
        let all: f32 = table.head.iter().map(|(_, share)| share).sum();
        let widths: Vec<f32> = table
            .head
            .iter()
            .map(|(_, share)| WIDTH * share / all)
            .collect();
        let head: Vec<String> = table.head.iter().map(|(name, _)| name.clone()).collect();
        let mut rows = vec![self.row(&head, &widths, true)];
        let y = self.y + CELL * 0.35;
        self.y = y;
        self.mark(MARGIN, What::Rule);
        for row in &table.rows {
            rows.push(self.row(row, &widths, false));
        }
        self.y += BODY * 0.7;
        self.laid.nodes.push(Node::Table(rows));
    }

    fn row(&mut self, cells: &[String], widths: &[f32], is_head: bool) -> Row {
        let lines: Vec<Vec<String>> = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| self.fonts.lines(cell, is_head, CELL, width - GAP))
            .collect();
        let highest = lines.iter().map(Vec::len).max().unwrap_or_default();
        // A row is kept together where it fits on a page at all.
        self.room((highest as f32 * CELL * LEADING).min(BOTTOM - MARGIN));
        self.y += CELL * 0.25;
        let mut row = Row {
            is_head,
            cells: vec![Vec::new(); cells.len()],
        };
        for n in 0..highest {
            self.room(CELL * LEADING);
            self.y += CELL * LEADING;
            let mut x = MARGIN;
            for (column, width) in widths.iter().enumerate() {
                if let Some(text) = lines.get(column).and_then(|lines| lines.get(n))
                    && !text.is_empty()
                {
                    let text = text.clone();
                    let line = What::Line {
                        text,
                        size: CELL,
                        bold: is_head,
                    };
                    let mark = self.mark(x, line);
                    row.cells[column].push(mark);
                }
                x += width;
            }
        }
        row
    }

    fn picture(&mut self, block: usize, says: &str) {
        self.room(HIGHEST + BODY);
        let mark = self.mark(MARGIN, What::Picture { block });
        self.y += HIGHEST + BODY;
        let says = says.to_owned();
        self.laid.nodes.push(Node::Picture { says, mark });
    }

    fn mark(&mut self, x: f32, what: What) -> usize {
        let (page, y) = (self.page, self.y);
        self.laid.marks.push(Mark { page, x, y, what });
        self.laid.marks.len() - 1
    }

    /// Goes on to the next page where there is no room for so much.
    fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > MARGIN {
            self.page += 1;
            self.y = MARGIN;
        }
    }
}
