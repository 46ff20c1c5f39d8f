//! `lictor`: licence plate recognition for police departments, under the law.

mod approvals;
mod audits;
mod backup;
mod catch_up;
mod client;
mod conformity;
mod cosigning;
mod delivering;
mod demo;
mod drawing;
mod eval;
mod evidence_commands;
mod feeding;
mod hotlist_commands;
mod ingest;
mod init;
mod key;
mod ledger_commands;
mod login;
mod media_commands;
mod people;
mod pictures;
mod policy;
mod proposals;
mod questions;
mod read;
mod reports;
mod requests;
mod restore;
mod searching;
mod secret;
mod serve;
mod sign_on;
mod status;
mod witness;

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use crypt::SystemRandom;
use govern::SystemClock;
use station::Surroundings;

#[derive(Parser)]
#[command(name = "lictor", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read the plates in pictures and videos
    Read(read::Arguments),
    /// Decode the video on standard input: `lictor read` has this done by a process of its own
    #[command(name = pictures::video::COMMAND, hide = true)]
    DecodeVideo,
    /// Measure how well labelled pictures are read
    Eval(eval::Arguments),
    /// Show a station at work on sample pictures of an invented town
    Demo(demo::Arguments),
    /// Found a station in a new folder
    Init(init::Arguments),
    /// Run a station
    Serve(serve::Arguments),
    /// How a running station stands; the exit code is 1 when something must be looked into
    Status(status::Arguments),
    /// Copy a whole station, sealed, while it runs
    Backup(backup::Arguments),
    /// Make a station out of a backup
    Restore(restore::Arguments),
    /// Bring a database that was set back, by hand or by its server's means, up to the ledger
    CatchUp(catch_up::Arguments),
    /// Hand a folder of pictures to a running station, as a camera
    Ingest(ingest::Arguments),
    /// Log in at a running station, for the commands that follow
    Login(login::Arguments),
    /// Forget the session that `lictor login` began
    Logout,
    /// Find the reads of a plate, or of part of one
    Search(searching::Arguments),
    /// Who is a member, and in which roles
    #[command(subcommand)]
    Member(people::MemberCommand),
    /// Courses, and who completed them
    #[command(subcommand)]
    Training(people::TrainingCommand),
    /// Who may see confidential data
    #[command(subcommand)]
    Authorisation(people::AuthorisationCommand),
    /// What tripwires noticed, for reviewers outside the chain of command
    #[command(subcommand)]
    Question(questions::Command),
    /// Samples of what members did with the data, judged by reviewers outside the chain of command
    #[command(subcommand)]
    Audit(audits::Command),
    /// What needs a supervisor: a member asks, a supervisor approves for some hours
    #[command(subcommand)]
    Approval(approvals::Command),
    /// What takes two people: one proposes it, another confirms it in time
    #[command(subcommand)]
    Proposal(proposals::Command),
    /// Who can see data today, on what basis, and until when
    Access,
    /// Requests for data, and lawful demands
    #[command(subcommand)]
    Request(requests::Command),
    /// The agency's list of cases
    #[command(subcommand)]
    Case(people::CaseCommand),
    /// Numbers counted from the ledger, and counted again
    #[command(subcommand)]
    Report(reports::Command),
    /// Book reads into evidence, and verify what was booked
    #[command(subcommand)]
    Evidence(evidence_commands::Command),
    /// Media that evidence may be written onto in the clear: encrypted, and registered here
    #[command(subcommand)]
    Media(media_commands::Command),
    /// Bring in hotlists, and tell which there are
    #[command(subcommand)]
    Hotlist(hotlist_commands::Command),
    /// Prove the ledger, or ask what it says
    #[command(subcommand)]
    Ledger(ledger_commands::Command),
    /// Run a witness of other stations' ledgers
    #[command(subcommand)]
    Witness(witness::Command),
    /// Ask a running station whether it does what the policy says, clause by clause
    Conformity(conformity::Arguments),
    /// Check the rules
    #[command(subcommand)]
    Policy(policy::Command),
    /// Recover a station whose passphrase is lost
    #[command(subcommand)]
    Key(key::Command),
}

/// Why a command failed, in words.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Complaint {
    /// In this program's own words.
    #[error("{0}")]
    Words(String),
    /// The station's.
    #[error(transparent)]
    Station(#[from] station::StationError),
    /// The system's.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

impl Complaint {
    pub(crate) fn of(error: impl Display) -> Self {
        Self::Words(error.to_string())
    }
}

fn main() -> ExitCode {
    // The one provider of TLS; installing it twice is the only way to fail, and harmless.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let done = match Arguments::parse().command {
        Command::Read(arguments) => return read::run(&arguments),
        Command::DecodeVideo => return pictures::video::decode(),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Init(arguments) => init::run(arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::Restore(arguments) => restore::run(&arguments),
        Command::CatchUp(arguments) => catch_up::run(&arguments),
        Command::Ingest(arguments) => ingest::run(&arguments),
        Command::Login(arguments) => login::run(&arguments),
        Command::Logout => login::leave(),
        Command::Member(command) => people::member(command),
        Command::Training(command) => people::training(command),
        Command::Authorisation(command) => people::authorisation(command),
        Command::Question(command) => questions::run(command),
        Command::Audit(command) => audits::run(&command),
        Command::Search(arguments) => searching::run(&arguments),
        Command::Approval(command) => approvals::run(command),
        Command::Proposal(command) => proposals::run(command),
        Command::Access => requests::access(),
        Command::Request(command) => requests::run(command),
        Command::Case(command) => people::case(command),
        Command::Report(command) => reports::run(command),
        Command::Evidence(command) => evidence_commands::run(&command),
        Command::Media(command) => media_commands::run(&command),
        Command::Hotlist(command) => hotlist_commands::run(&command),
        Command::Ledger(command) => ledger_commands::run(&command),
        Command::Conformity(arguments) => conformity::run(&arguments),
        Command::Witness(command) => witness::run(&command),
        Command::Policy(command) => policy::run(&command),
        Command::Key(command) => key::run(&command),
    };
    match done {
        Ok(code) => code,
        Err(complaint) => {
            complain(&complaint.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Says on standard error what went wrong, and to what.
#[expect(
    clippy::print_stderr,
    reason = "this is the command line's one way to complain"
)]
fn complain(what: &str) {
    eprintln!("lictor: {what}");
}

/// Says something on standard output, at once: others may be reading it line by line.
fn say(what: impl Display) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}")?;
    out.flush()
}

fn surroundings() -> Surroundings {
    Surroundings {
        clock: Arc::new(SystemClock::new()),
        random: Arc::new(SystemRandom),
    }
}
