//! `lictor init`: founding a station.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use govern::{Clock, Role, SystemClock};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use plate::Jurisdiction;
use station::{Founder, Founding, Server, Station};

use crate::{Complaint, say, secret, surroundings};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The new station's folder
    folder: PathBuf,
    /// The agency's name, such as "Ashford Falls Police Department"
    #[arg(long)]
    agency: String,
    /// The name under which browsers reach the station. Permanent: certificates and passkeys are
    /// bound to it. `localhost` serves this machine alone
    #[arg(long, default_value = "localhost")]
    host: String,
    /// The state that the agency is in, such as US-IL: requests from every other one need a declaration
    /// of affirmation. Its own laws go into the station's folder `policy/`
    #[arg(long, default_value = "US-IL")]
    state: Jurisdiction,
    /// The agency's time zone
    #[arg(long, default_value = "America/Chicago")]
    time_zone: String,
    /// The Deputy Chief, as login,name,badge
    #[arg(long, value_name = "LOGIN,NAME,BADGE")]
    deputy_chief: String,
    /// The second founder, an administrator, as login,name,badge
    #[arg(long, value_name = "LOGIN,NAME,BADGE")]
    administrator: String,
    /// A reviewer from outside the department, of the city or the county, as login,name,badge: answers
    /// what tripwires notice, the founders' own uses of the data too. Needs training like anybody
    #[arg(long, value_name = "LOGIN,NAME,BADGE")]
    reviewer: Option<String>,
    /// The approved course that each founder attests the other has completed
    #[arg(long, default_value = "Licence plate readers, initial course")]
    course: String,
    /// The day it was completed; today, if not given
    #[arg(long)]
    completed: Option<Date>,
    /// Keep what is not a picture in this PostgreSQL database (15 or newer), such as
    /// `postgres://lictor@/lictor?host=/run/postgresql`; else in the folder, in SQLite
    #[arg(long, value_name = "POSTGRES-ADDRESS")]
    store: Option<String>,
    /// You declare that the database server's disks are encrypted; else every page warns
    #[arg(long, requires = "store")]
    store_is_encrypted: bool,
    /// Keep the pictures, encrypted, in this bucket of an S3-compatible store; endpoint, region and
    /// credentials come from the environment (AWS_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, …). Else in
    /// the folder
    #[arg(long, value_name = "s3://BUCKET/PREFIX")]
    pictures: Option<String>,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Complaint> {
    let zone = TimeZone::get(&arguments.time_zone).map_err(Complaint::of)?;
    let today = zone.to_datetime(SystemClock::new().now()).date();
    let deputy_chief = person(&arguments.deputy_chief)?;
    let administrator = person(&arguments.administrator)?;
    let reviewer = arguments.reviewer.as_deref().map(person).transpose()?;
    let passphrase = secret::ask("Passphrase of the station, 16 characters or more")?;
    let founder = |(login, name, badge): (String, String, String), role: &str| Founder {
        login,
        name,
        badge,
        role: Role(role.to_owned()),
    };
    let founders = [
        founder(deputy_chief, "deputy-chief"),
        founder(administrator, "administrator"),
    ];
    let names = [founders[0].name.clone(), founders[1].name.clone()];
    let founding = Founding {
        agency: arguments.agency,
        host: arguments.host.clone(),
        state: Some(arguments.state),
        time_zone: arguments.time_zone,
        passphrase,
        founders,
        training: (arguments.course, arguments.completed.unwrap_or(today)),
        demonstration: false,
        server: arguments.store.map(|address| Server {
            address,
            encrypted: arguments.store_is_encrypted,
        }),
        bucket: arguments.pictures,
    };
    let founded = Station::found(&arguments.folder, founding, surroundings())?;
    let shown = founded.station.take_up_certificate(None)?;
    let authority = shown.map(|_| founded.station.authority_file());
    let reviewer = reviewer.map(|reviewer| founder(reviewer, "outside-reviewer"));
    let reviewer = reviewer
        .map(|reviewer| {
            let issued = founded.station.name_reviewer(&reviewer)?;
            Ok::<_, Complaint>((reviewer.name, issued))
        })
        .transpose()?;
    founded.station.close()?;
    let rules = founded.station.policy();

    let folder = arguments.folder.display();
    say(format!("The station in {folder} is founded.\n"))?;
    say(
        "Three recovery shares, shown once. Give them to three people; any two open the station when",
    )?;
    say("the passphrase is lost (lictor key recover).\n")?;
    for (n, share) in founded.shares.iter().enumerate() {
        say(format!("  share {}   {}", n + 1, share.text()))?;
    }
    say("\nThe founders' enrolment codes, shown once. With them each sets their own password and")?;
    say("authenticator in the browser, at First login; nobody else ever knows them:\n")?;
    let outside = reviewer.iter().map(|(name, issued)| (name, issued));
    for (name, issued) in names.iter().zip(&founded.enrolment_codes).chain(outside) {
        let until = zone.to_datetime(issued.good_until);
        say(format!(
            "  {name}\n    {}   good until {}",
            issued.code.text(),
            until.strftime("%Y-%m-%d %H:%M")
        ))?;
    }
    say("\nThe ledger's public key, for whoever will check the station; publish it:\n")?;
    say(format!("  {}\n", founded.ledger_key))?;
    if let Some(path) = authority {
        say(format!(
            "Browsers trust the station once they know its certificate authority: install {}.",
            path.display()
        ))?;
        say("On Windows: certutil -addstore Root authority.pem. On Debian: copy it to")?;
        say(
            "/usr/local/share/ca-certificates/lictor.crt and run update-ca-certificates. It can sign",
        )?;
        say(
            "for this host alone. To show the agency's own certificate instead, see lictor serve --help.\n",
        )?;
    }
    say(format!(
        "The agency is in {}. Rules are files in {folder}/policy: have counsel read prohibited/ and",
        arguments.state.name()
    ))?;
    let abbreviation = arguments.state.code().trim_start_matches("US-");
    let named = |id: &str| id.split('-').next() == Some(abbreviation);
    let presets: Vec<&str> = (rules.presets().iter())
        .map(|preset| preset.id.as_str())
        .filter(|id| named(id))
        .collect();
    say(match presets[..] {
        [] => "retention-presets.toml, which has nothing of that state. Nothing is destroyed before two people".to_owned(),
        _ => format!("retention-presets.toml ({}). Nothing is destroyed before two people", presets.join(", ")),
    })?;
    say("have set how long data are kept (page Proposals).\n")?;
    say(format!("Start it with: lictor serve {folder}"))?;
    Ok(ExitCode::SUCCESS)
}

fn person(text: &str) -> Result<(String, String, String), Complaint> {
    match text.split(',').map(str::trim).collect::<Vec<_>>()[..] {
        [login, name, badge] if ![login, name, badge].contains(&"") => {
            Ok((login.into(), name.into(), badge.into()))
        }
        _ => Err(Complaint::of(format!(
            "{text:?}: give a founder as login,name,badge"
        ))),
    }
}
