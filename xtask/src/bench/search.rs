//! What searches cost over many reads.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Bar, Figure, build, measured, named};
use crate::command::{Failure, program, root, works};
use crate::postgres::Server;

/// Reads of a month of fifty cameras.
const READS_IN_SQLITE: u64 = 10_000_000;
/// Reads of ten months.
const READS_IN_POSTGRES: u64 = 100_000_000;
/// Questions that are asked of a store that was just opened, with nothing of it in memory.
const COLD: u32 = 40;

/// Where the reads lie.
pub(super) enum Place {
    Sqlite,
    Postgres,
}

impl Place {
    fn reads(&self) -> u64 {
        match self {
            Self::Sqlite => READS_IN_SQLITE,
            Self::Postgres => READS_IN_POSTGRES,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "pg",
        }
    }

    /// The bar for a shape of question, in milliseconds.
    fn bar(&self, shape: &str) -> Option<f64> {
        match (self, shape) {
            (Self::Sqlite, "exact") => Some(5.0),
            (Self::Sqlite, "partial") => Some(20.0),
            (Self::Sqlite, "canvass") => Some(50.0),
            (Self::Postgres, "exact") => Some(10.0),
            (Self::Postgres, "partial") => Some(50.0),
            _ => None,
        }
    }
}

/// The folder of a data set: made once, and gone on with where that broke off.
pub(super) fn data_set(place: &Place, reads: Option<u64>) -> PathBuf {
    let name = format!("{}-{}", place.name(), reads.unwrap_or(place.reads()));
    match place {
        Place::Sqlite => root().join("target/bench/reads").join(name),
        // Whoever the server runs as reaches this one.
        Place::Postgres => Path::new("/var/tmp/lictor-bench-reads").join(name),
    }
}

/// Fills a store, which takes a quarter of an hour for ten million reads, or goes on with the one that an
/// earlier run filled; asks a thousand questions of it, and some with nothing of it in memory.
pub(super) fn figures(place: Place, reads: Option<u64>) -> Result<Vec<Figure>, Failure> {
    let bench = build("store", "search", "")?;
    let folder = data_set(&place, reads);
    fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
    let server = match place {
        Place::Sqlite => None,
        Place::Postgres => Some(kept(&folder.join("server"))?),
    };
    let wanted = reads.unwrap_or(place.reads());
    let ask = |what: &str, more: &[String]| {
        let address = server.as_ref().map(|server| server.address());
        let mut command = program(&bench, &[what]);
        command
            .arg(&folder)
            .arg(address.unwrap_or("-".to_owned()))
            .arg(wanted.to_string())
            .args(more);
        measured(&mut command)
    };
    let mut printed = ask("fill", &[])?;
    printed.extend(ask("warm", &[])?);
    for n in 0..COLD {
        forget(&folder, server.as_ref())?;
        printed.extend(ask("cold", &[n.to_string()])?);
    }
    Ok(told(&place, wanted, &printed))
}

/// Every figure that was printed, named after database and size.
fn told(place: &Place, reads: u64, printed: &[(String, f64)]) -> Vec<Figure> {
    let (database, size) = (place.name(), size(reads));
    let figure = |name: &str, unit, bar, values: Vec<f64>| {
        Figure::of(
            format!("search.{database}_{size}_{name}"),
            unit,
            bar,
            values,
        )
    };
    let mut figures = Vec::new();
    for shape in ["exact", "partial", "floating", "canvass"] {
        // A bar is one for the size that it was set for.
        let bar = place.bar(shape).filter(|_| reads == place.reads());
        let bar = bar.map_or(Bar::Limit, Bar::AtMost);
        let one = |what: &str| named(printed, &format!("{shape}_{what}"));
        let name = |what: &str| format!("{shape}_{what}");
        figures.push(figure(&name("ms_p99"), "ms", bar, one("ms_p99")));
        figures.push(figure(&name("ms_p50"), "ms", Bar::Limit, one("ms_p50")));
        let cold = one("cold_ms");
        figures.push(figure(
            &name("cold_ms_p99"),
            "ms",
            Bar::Limit,
            vec![slowest_of_a_hundred(&cold)],
        ));
        figures.push(figure(&name("cold_ms"), "ms", Bar::Limit, cold));
        figures.push(figure(&name("found"), "", Bar::Limit, one("found")));
        figures.push(figure(&name("too_many"), "", Bar::Limit, one("too_many")));
    }
    let bytes = named(printed, "bytes_per_read");
    figures.push(figure("bytes_per_read", "B", Bar::Limit, bytes));
    let built = named(printed, "build_s");
    if !built.is_empty() {
        figures.push(figure("build_s", "s", Bar::Limit, built));
    }
    figures
}

/// Of fewer than a hundred, the slowest.
fn slowest_of_a_hundred(took: &[f64]) -> f64 {
    let mut took = took.to_vec();
    took.sort_by(f64::total_cmp);
    let place = (took.len() * 99 / 100).min(took.len().saturating_sub(1));
    took.get(place).copied().unwrap_or(f64::NAN)
}

/// `1e7`; what is no power of ten is written out.
fn size(reads: u64) -> String {
    let power = reads.max(1).ilog10();
    if reads == 10_u64.pow(power) {
        format!("1e{power}")
    } else {
        reads.to_string()
    }
}

fn kept(folder: &Path) -> Result<Server, Failure> {
    Server::kept(folder).map_err(|what| Failure::Missing {
        what: format!("No PostgreSQL to measure: {what}"),
        advice: "Run `cargo xtask setup`.".to_owned(),
    })
}

/// Has the machine forget what it holds of the data in memory.
fn forget(folder: &Path, server: Option<&Server>) -> Result<(), Failure> {
    if let Some(server) = server {
        server.stop();
    }
    let each = ["-type", "f", "-exec", "dd", "if={}", "iflag=nocache"];
    let mut find = program("find", &[]);
    find.arg(folder)
        .args(each)
        .args(["count=0", "status=none", ";"]);
    // What was not written yet would stay in memory.
    if !works(&mut program("sync", &[])) || !works(&mut find) {
        return Err(Failure::Missing {
            what: format!("The data in {} stay in memory.", folder.display()),
            advice: "This wants `sync`, `find` and GNU's `dd`.".to_owned(),
        });
    }
    match server.map(Server::go_on) {
        Some(Err(what)) => Err(Failure::Missing {
            what: format!("The database server did not come back: {what}"),
            advice: "Its log lies in the data set's folder.".to_owned(),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_named_after_database_and_size_and_have_the_bar_of_their_size_alone() {
        let printed = [("partial_ms_p99".to_owned(), 12.0)];
        let named = |place: Place, reads| {
            let told = told(&place, reads, &printed).into_iter();
            let mut shown = told.filter(|figure| figure.value == 12.0);
            shown.next().map(|figure| (figure.name, figure.bar))
        };
        assert_eq!(
            named(Place::Sqlite, 10_000_000),
            Some(("search.sqlite_1e7_partial_ms_p99".to_owned(), Some(20.0)))
        );
        assert_eq!(
            named(Place::Postgres, 100_000_000),
            Some(("search.pg_1e8_partial_ms_p99".to_owned(), Some(50.0)))
        );
        assert_eq!(
            named(Place::Postgres, 2_500_000),
            Some(("search.pg_2500000_partial_ms_p99".to_owned(), None))
        );
    }
}
