//! A paper can be read by everybody, and by programs.

use std::process::Command;

use paper::{Level, Paper, Table};

const PICTURE: &[u8] = include_bytes!("../../../samples/crops/01-il.jpg");

fn paper() -> Paper {
    let mut paper = Paper::new("Evidence 26-E-0412", "Ashford Falls Police Department");
    paper.text("Booked by Núñez-Łukasiewicz, badge 417.\nA second line.");
    paper.heading(Level::Section, "Reads");
    paper.table(Table {
        head: vec![("Read".into(), 1.0), ("Plate".into(), 2.0)],
        rows: (1..=90)
            .map(|n| vec![n.to_string(), format!("DK48213 at Elm Street, number {n}")])
            .collect(),
    });
    paper.heading(Level::Part, "Read 1");
    paper.picture(PICTURE.to_vec(), "Close-up of a plate read as KHF392");
    paper.text("A character that no font has: \u{4eac}. A word that is much wider than the page is broken up: ".repeat(3).as_str());
    paper.text(&"W".repeat(400));
    paper
}

#[test]
fn its_text_is_found_in_it_word_by_word_and_it_says_how_it_is_built() {
    let pdf = paper().to_pdf().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("paper.pdf");
    std::fs::write(&path, &pdf).unwrap();
    if let Some(to) = std::env::var_os("LICTOR_TEST_PAPER") {
        std::fs::write(to, &pdf).unwrap();
    }
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .arg(&path)
            .args((program == "pdftotext").then_some("-"))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let text = run("pdftotext", &["-layout"]);
    assert!(text.contains("Núñez-Łukasiewicz, badge 417."), "{text}");
    assert!(text.contains("number 90"), "a table goes on over pages");
    assert!(text.contains("page 2 of"), "{text}");
    let structure = run("pdfinfo", &["-struct-text"]);
    for part in ["H1", "H2", "H3", "Table", "TH", "TD", "Figure"] {
        assert!(structure.contains(part), "{part} of {structure}");
    }
    let about = run("pdfinfo", &[]);
    assert!(about.contains("Tagged:          yes"), "{about}");
    assert!(about.contains("Evidence 26-E-0412"), "{about}");
    let fonts = run("pdffonts", &[]);
    let embedded = fonts
        .lines()
        .skip(2)
        .filter(|line| line.contains(" yes yes yes "));
    assert_eq!(
        embedded.count(),
        2,
        "embedded, subset, with a Unicode map: {fonts}"
    );
}

#[test]
fn the_same_paper_is_the_same_bytes() {
    assert_eq!(paper().to_pdf().unwrap(), paper().to_pdf().unwrap());
}

#[test]
fn a_picture_that_is_none_is_named() {
    let mut paper = Paper::new("Evidence", "Ashford Falls");
    paper.picture(b"no picture".to_vec(), "nothing");
    assert!(
        paper
            .to_pdf()
            .unwrap_err()
            .to_string()
            .contains("a picture")
    );
}
