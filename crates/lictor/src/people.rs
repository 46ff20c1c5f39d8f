//! `lictor member`, `training`, `authorisation`, `case`: what the station's pages do, asked over HTTP
//! in the session that `lictor login` began. There is no other way in.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Subcommand as Subcommands;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{Complaint, login, say};

#[derive(Subcommands)]
pub(crate) enum MemberCommand {
    /// Enrol a member
    Add {
        /// The login: a person's, never used before, never shared
        login: String,
        /// The name
        #[arg(long)]
        name: String,
        /// The badge
        #[arg(long)]
        badge: String,
        /// The first role, such as `officer`
        #[arg(long)]
        role: String,
    },
    /// Issue a code with which a member sets password and authenticator anew; what they have is gone
    NewCode {
        /// The member's login
        login: String,
    },
    /// End every session of a member, at once
    EndSessions {
        /// The member's login
        login: String,
    },
    /// Who is enrolled
    List,
    /// A member leaves: the account closes for good, and every role ends
    End(Reasoned),
    /// Close an account for a time
    Suspend(Reasoned),
    /// Open an account again
    Reinstate(Reasoned),
    /// Give a member a role
    Appoint {
        /// The member's login
        login: String,
        /// Which role
        #[arg(long)]
        role: String,
        /// The last day, such as 2027-03-14, if there is one
        #[arg(long, default_value = "")]
        until: String,
        /// Why
        #[arg(long)]
        why: String,
    },
    /// End a role that a member holds
    Dismiss {
        /// The member's login
        login: String,
        /// Which role
        #[arg(long)]
        role: String,
        /// Why
        #[arg(long)]
        why: String,
    },
}

#[derive(clap::Args)]
pub(crate) struct Reasoned {
    /// The member's login
    login: String,
    /// Why
    #[arg(long)]
    why: String,
}

#[derive(Subcommands)]
pub(crate) enum TrainingCommand {
    /// Approve a course in one version
    Course {
        /// The course
        course: String,
        /// Its version
        #[arg(long)]
        version: String,
        /// How long its completion is in force, in months
        #[arg(long, default_value = "12")]
        months: String,
    },
    /// Record that a member completed a course
    Record {
        /// The member's login
        login: String,
        /// The course
        #[arg(long)]
        course: String,
        /// Its version
        #[arg(long)]
        version: String,
        /// When, such as 2026-11-20
        #[arg(long)]
        completed: String,
        /// The last day it is in force, if it is less than the course allows
        #[arg(long, default_value = "")]
        expires: String,
        /// The certificate: a PDF, JPEG or PNG
        #[arg(long)]
        proof: Option<PathBuf>,
    },
    /// Who completed which course
    List,
}

#[derive(Subcommands)]
pub(crate) enum AuthorisationCommand {
    /// Grant a member sight of a class of confidential data
    Grant {
        /// The member's login
        login: String,
        /// Which class, such as `state`
        #[arg(long)]
        class: String,
        /// The last day, such as 2027-03-14
        #[arg(long)]
        until: String,
        /// Why
        #[arg(long)]
        why: String,
    },
    /// End an authorisation
    End {
        /// The member's login
        login: String,
        /// Which class
        #[arg(long)]
        class: String,
        /// Why
        #[arg(long)]
        why: String,
    },
    /// Who may see confidential data
    List,
}

#[derive(Subcommands)]
pub(crate) enum CaseCommand {
    /// Put a list of cases in the place of the one before
    Import {
        /// A CSV file with the columns `number` and `state` (`open` or `closed`)
        file: PathBuf,
    },
    /// The list of cases
    List,
}

/// What was done, and what is shown only now.
#[derive(Deserialize)]
pub(crate) struct Done {
    done: String,
    shown_once: Vec<Shown>,
}

#[derive(Deserialize)]
struct Shown {
    name: String,
    value: String,
}

pub(crate) fn member(command: MemberCommand) -> Result<ExitCode, Complaint> {
    match command {
        MemberCommand::Add {
            login,
            name,
            badge,
            role,
        } => {
            let new = json!({ "login": login, "name": name, "badge": badge, "role": role });
            tell("/api/members", &new)
        }
        MemberCommand::List => list(
            "/api/members",
            &["login", "name", "badge", "roles", "training", "status"],
        ),
        MemberCommand::NewCode { login } => {
            tell("/api/members/enrolment-code", &json!({ "login": login }))
        }
        MemberCommand::EndSessions { login } => {
            tell("/api/members/sessions/end", &json!({ "login": login }))
        }
        MemberCommand::End(of) => change(&of, "end"),
        MemberCommand::Suspend(of) => change(&of, "suspend"),
        MemberCommand::Reinstate(of) => change(&of, "reinstate"),
        MemberCommand::Appoint {
            login,
            role,
            until,
            why,
        } => tell(
            &format!("/api/members/{login}/roles"),
            &json!({ "role": role, "until": until, "why": why }),
        ),
        MemberCommand::Dismiss { login, role, why } => tell(
            &format!("/api/members/{login}/roles/end"),
            &json!({ "role": role, "why": why }),
        ),
    }
}

fn change(of: &Reasoned, change: &str) -> Result<ExitCode, Complaint> {
    tell(
        &format!("/api/members/{}/status", of.login),
        &json!({ "change": change, "why": of.why }),
    )
}

pub(crate) fn training(command: TrainingCommand) -> Result<ExitCode, Complaint> {
    match command {
        TrainingCommand::Course {
            course,
            version,
            months,
        } => tell(
            "/api/courses",
            &json!({ "course": course, "version": version, "months": months }),
        ),
        TrainingCommand::Record {
            login,
            course,
            version,
            completed,
            expires,
            proof,
        } => {
            let proof = proof.map(|path| {
                fs::read(&path).map_err(|e| Complaint::of(format!("{}: {e}", path.display())))
            });
            let proof = proof
                .transpose()?
                .map(|bytes| BASE64_STANDARD.encode(bytes));
            let new = json!({
                "login": login, "course": course, "version": version, "completed": completed,
                "expires": expires, "proof": proof.unwrap_or_default(),
            });
            tell("/api/training", &new)
        }
        TrainingCommand::List => list(
            "/api/training",
            &[
                "login",
                "course",
                "version",
                "completed",
                "expires",
                "recorded_by",
            ],
        ),
    }
}

pub(crate) fn authorisation(command: AuthorisationCommand) -> Result<ExitCode, Complaint> {
    match command {
        AuthorisationCommand::Grant {
            login,
            class,
            until,
            why,
        } => tell(
            "/api/authorisations",
            &json!({ "login": login, "class": class, "until": until, "why": why }),
        ),
        AuthorisationCommand::End { login, class, why } => tell(
            "/api/authorisations/end",
            &json!({ "login": login, "class": class, "why": why }),
        ),
        AuthorisationCommand::List => list(
            "/api/authorisations",
            &[
                "login",
                "class",
                "granted_by",
                "granted",
                "until",
                "in_force",
                "why",
            ],
        ),
    }
}

pub(crate) fn case(command: CaseCommand) -> Result<ExitCode, Complaint> {
    match command {
        CaseCommand::Import { file } => {
            let list =
                fs::read(&file).map_err(|e| Complaint::of(format!("{}: {e}", file.display())))?;
            tell(
                "/api/cases",
                &json!({ "file": BASE64_STANDARD.encode(list) }),
            )
        }
        CaseCommand::List => list("/api/cases", &["number", "open"]),
    }
}

/// Asks the station to do something, and says what it did.
pub(crate) fn tell(path: &str, what: &Value) -> Result<ExitCode, Complaint> {
    let done: Done = login::resume()?.post(path, what)?;
    say(done.done)?;
    for Shown { name, value } in done.shown_once {
        say(format!("  {name}, shown once: {value}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows a list of the station's as a table of these columns.
pub(crate) fn list(path: &str, columns: &[&str]) -> Result<ExitCode, Complaint> {
    let rows: Vec<Map<String, Value>> = login::resume()?.get(path, &[])?;
    table(&rows, columns)?;
    Ok(ExitCode::SUCCESS)
}

/// Shows what a station told as a table of these columns.
pub(crate) fn table(rows: &[Map<String, Value>], columns: &[&str]) -> Result<(), Complaint> {
    let cell = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(several) => {
            let texts: Vec<&str> = several.iter().filter_map(Value::as_str).collect();
            texts.join(", ")
        }
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let row = |row: &Map<String, Value>| -> Vec<String> {
        columns
            .iter()
            .map(|column| row.get(*column).map_or_else(String::new, cell))
            .collect()
    };
    let head = columns
        .iter()
        .map(|column| column.replace('_', " "))
        .collect();
    let table: Vec<Vec<String>> = std::iter::once(head).chain(rows.iter().map(row)).collect();
    let width = |n: usize| {
        table
            .iter()
            .map(|row| row[n].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    for row in &table {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        say(cells.join("  ").trim_end())?;
    }
    Ok(())
}
