//! A PostgreSQL of the tests' own: made in a new folder, gone when it is over.

mod server;

use std::path::Path;

use crate::command::{Failure, say};
pub(crate) use server::Server;

/// Where tests that were given no address look.
const USUAL: &str = "lictor-postgres";
/// Names the server to the tests.
pub(crate) const ADDRESS: &str = "LICTOR_TEST_POSTGRES";

/// Starts a server in `folder`, which is made anew.
pub(crate) fn start(folder: &Path) -> Result<Server, Failure> {
    Server::start(folder).map_err(|what| Failure::Missing {
        what: format!("No PostgreSQL for the tests: {what}"),
        advice: "Run `cargo xtask setup`.".to_owned(),
    })
}

/// `cargo xtask postgres`: one for tests that are run by hand, until Enter is pressed.
pub(crate) fn until_enter() -> Result<(), Failure> {
    let server = start(&std::env::temp_dir().join(USUAL))?;
    say(&format!("{ADDRESS}=\"{}\"", server.address()));
    say("Tests find it by themselves. Press Enter to stop it.");
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
    Ok(())
}

/// Whether this machine has it.
pub(crate) fn is_there() -> bool {
    server::programs().is_some()
}
