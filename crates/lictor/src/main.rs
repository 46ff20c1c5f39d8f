//! `lictor`: licence plate recognition for police departments, under the law.

mod read;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "lictor", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read the plates in pictures
    Read(read::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Read(arguments) => read::run(&arguments),
    }
}

/// Says on standard error what went wrong, and to what.
#[expect(clippy::print_stderr, reason = "this is the command line's one way to complain")]
fn complain(what: &str) {
    eprintln!("lictor: {what}");
}
