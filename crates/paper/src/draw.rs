//! From what is laid out to PDF, with its structure.

use std::num::NonZeroU16;

use krilla::configure::{Accessibility, ConfigurationBuilder, Validator};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Size, Transform};
use krilla::image::Image;
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node as TagNode, SpanTag, TableHeaderScope,
    Tag, TagGroup, TagTree,
};
use krilla::text::TextDirection;
use krilla::{Document, SerializeSettings};

use crate::font::Fonts;
use crate::layout::{Laid, MARGIN, Mark, Node, PAGE, Row, What, picture_size};
use crate::{Block, Level, Paper, PaperError};

/// The papers' language.
const LANGUAGE: &str = "en-US";
const FOOT: f32 = 7.5;

pub(crate) fn draw(paper: &Paper, laid: Laid, fonts: &Fonts) -> Result<Vec<u8>, PaperError> {
    let broken = |e: &dyn std::fmt::Debug| PaperError(format!("{e:?}"));
    let configuration = ConfigurationBuilder::new()
        .set_validator(Validator::Ua(Accessibility::UA1))
        .finish()
        .map_err(|e| broken(&e))?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    let mut drawn: Vec<Option<Identifier>> = Vec::new();
    drawn.resize_with(laid.marks.len(), || None);
    let settings = PageSettings::from_wh(PAGE.0, PAGE.1)
        .ok_or_else(|| PaperError("the page has no size".to_owned()))?;
    for number in 0..laid.pages {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        for (mark, drawn) in laid.marks.iter().zip(&mut drawn) {
            if mark.page == number {
                *drawn = draw_mark(&mut surface, paper, mark, fonts)?;
            }
        }
        foot(&mut surface, paper, number, laid.pages, fonts);
        surface.finish();
        page.finish();
    }
    document.set_outline(outline(&laid));
    document.set_metadata(
        Metadata::new()
            .title(paper.title.clone())
            .language(LANGUAGE.to_owned())
            .creator("Lictor".to_owned()),
    );
    document.set_tag_tree(structure(laid.nodes, &mut drawn));
    document.finish().map_err(|e| broken(&e))
}

fn draw_mark(
    surface: &mut Surface<'_>,
    paper: &Paper,
    mark: &Mark,
    fonts: &Fonts,
) -> Result<Option<Identifier>, PaperError> {
    match &mark.what {
        What::Line { text, size, bold } => {
            let drawn = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            let at = Point::from_xy(mark.x, mark.y);
            let font = fonts.font(*bold);
            surface.draw_text(at, font, *size, text, false, TextDirection::LeftToRight);
            surface.end_tagged();
            Ok(Some(drawn))
        }
        What::Picture { block } => {
            let Some(Block::Picture { bytes, .. }) = paper.blocks.get(*block) else {
                return Ok(None);
            };
            let image = if bytes.starts_with(b"\x89PNG") {
                Image::from_png(bytes.clone().into(), true)
            } else {
                Image::from_jpeg(bytes.clone().into(), true)
            };
            let image = image.map_err(|e| PaperError(format!("a picture: {e}")))?;
            let (width, height) = picture_size(image.size());
            let size = Size::from_wh(width, height)
                .ok_or_else(|| PaperError("a picture has no size".to_owned()))?;
            let drawn = surface.start_tagged(ContentTag::Other);
            surface.push_transform(&Transform::from_translate(mark.x, mark.y));
            surface.draw_image(image, size);
            surface.pop();
            surface.end_tagged();
            Ok(Some(drawn))
        }
        What::Rule => {
            let mut path = PathBuilder::new();
            path.move_to(MARGIN, mark.y);
            path.line_to(PAGE.0 - MARGIN, mark.y);
            path.line_to(PAGE.0 - MARGIN, mark.y + 0.5);
            path.line_to(MARGIN, mark.y + 0.5);
            path.close();
            if let Some(path) = path.finish() {
                let layout = Artifact::with_kind(ArtifactType::Layout);
                surface.start_tagged(ContentTag::Artifact(layout));
                surface.draw_path(&path);
                surface.end_tagged();
            }
            Ok(None)
        }
    }
}

fn foot(surface: &mut Surface<'_>, paper: &Paper, page: usize, pages: usize, fonts: &Fonts) {
    let text = format!("{} · page {} of {pages}", paper.foot, page + 1);
    let lines = fonts.lines(&text, false, FOOT, PAGE.0 - 2.0 * MARGIN);
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(
        ArtifactType::Footer,
    )));
    if let Some(line) = lines.first() {
        let at = Point::from_xy(MARGIN, PAGE.1 - MARGIN + 12.0);
        let (font, direction) = (fonts.font(false), TextDirection::LeftToRight);
        surface.draw_text(at, font, FOOT, line, false, direction);
    }
    surface.end_tagged();
}

fn outline(laid: &Laid) -> Outline {
    let mut outline = Outline::new();
    for node in &laid.nodes {
        let Node::Heading { level, text, marks } = node else {
            continue;
        };
        if *level == Level::Part {
            continue;
        }
        if let Some(mark) = marks.first().map(|&mark| &laid.marks[mark]) {
            let at = XyzDestination::new(mark.page, Point::from_xy(0.0, (mark.y - 20.0).max(0.0)));
            outline.push_child(OutlineNode::new(text.clone(), at));
        }
    }
    outline
}

fn structure(nodes: Vec<Node>, drawn: &mut [Option<Identifier>]) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(LANGUAGE.to_owned()));
    for node in nodes {
        let group = match node {
            Node::Heading { level, text, marks } => {
                let level = match level {
                    Level::Title => NonZeroU16::MIN,
                    Level::Section => NonZeroU16::MIN.saturating_add(1),
                    Level::Part => NonZeroU16::MIN.saturating_add(2),
                };
                TagGroup::with_children(Tag::Hn(level, Some(text)), take(marks, drawn))
            }
            Node::Text(marks) => TagGroup::with_children(Tag::P, take(marks, drawn)),
            Node::Table(rows) => table(rows, drawn),
            Node::Picture { says, mark } => {
                TagGroup::with_children(Tag::Figure(Some(says)), take(vec![mark], drawn))
            }
        };
        tree.push(group);
    }
    tree
}

fn table(rows: Vec<Row>, drawn: &mut [Option<Identifier>]) -> TagGroup {
    let mut head = TagGroup::new(Tag::THead);
    let mut body = TagGroup::new(Tag::TBody);
    for row in rows {
        let mut group = TagGroup::new(Tag::TR);
        for (column, marks) in row.cells.into_iter().enumerate() {
            let children = take(marks, drawn);
            group.push(match (row.is_head, column) {
                (true, _) => TagGroup::with_children(Tag::TH(TableHeaderScope::Column), children),
                (false, 0) => TagGroup::with_children(Tag::TH(TableHeaderScope::Row), children),
                (false, _) => TagGroup::with_children(Tag::TD, children),
            });
        }
        if row.is_head {
            head.push(group);
        } else {
            body.push(group);
        }
    }
    TagGroup::with_children(Tag::Table, vec![head.into(), body.into()])
}

fn take(marks: Vec<usize>, drawn: &mut [Option<Identifier>]) -> Vec<TagNode> {
    let marks = marks.into_iter();
    marks
        .filter_map(|mark| drawn.get_mut(mark)?.take())
        .map(TagNode::from)
        .collect()
}
