//! A PostgreSQL database of a test's own, on the server that `cargo xtask postgres` runs.

#![allow(dead_code, reason = "shared by tests")]

use std::process::Command;

/// The folder of the tests' server's socket, and a database of this test's own on it.
pub(crate) struct Database {
    server: String,
    pub(crate) name: String,
}

impl Database {
    pub(crate) fn create() -> Self {
        let server = match std::env::var("LICTOR_TEST_POSTGRES") {
            Ok(address) => {
                let host = address
                    .split_whitespace()
                    .find_map(|part| part.strip_prefix("host="));
                host.unwrap_or_else(|| panic!("{address}")).to_owned()
            }
            Err(_) => std::env::temp_dir()
                .join("lictor-postgres")
                .display()
                .to_string(),
        };
        let name = format!("lictor_{}", std::process::id());
        let made = Self { server, name };
        made.run("createdb", &[]);
        made
    }

    pub(crate) fn address(&self) -> String {
        format!("host={} user=postgres dbname={}", self.server, self.name)
    }

    /// Has the server drop every connection to it, as when the network between them is cut.
    pub(crate) fn cut_off(&self) {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        self.run("psql", &["-q", "-o", "/dev/null", "-c", cut, "-d"]);
    }

    /// Copies it as it stands, by the server's own means; nobody may be connected.
    pub(crate) fn keep(&self) {
        let before = format!("{}_before", self.name);
        self.run_on(&before, "createdb", &["-T", &self.name]);
    }

    /// Sets it back to that copy.
    pub(crate) fn set_back(&self) {
        self.run("dropdb", &["--force"]);
        let before = format!("{}_before", self.name);
        self.run("createdb", &["-T", &before]);
        self.run_on(&before, "dropdb", &[]);
    }

    /// What the server answers.
    pub(crate) fn ask(&self, sql: &str) -> String {
        let output = Command::new("psql")
            .args([
                "-h",
                &self.server,
                "-U",
                "postgres",
                "-qtAc",
                sql,
                &self.name,
            ])
            .output();
        match output {
            Ok(output) if output.status.success() => {
                String::from_utf8_lossy(&output.stdout).trim().to_owned()
            }
            other => panic!("{sql}: {other:?}"),
        }
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        self.run_on(&self.name, program, arguments);
    }

    fn run_on(&self, database: &str, program: &str, arguments: &[&str]) {
        let status = Command::new(program)
            .args(["-h", &self.server, "-U", "postgres"])
            .args(arguments)
            .arg(database)
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "no PostgreSQL for the tests: run `cargo xtask postgres` beside them, or `cargo xtask test`"
        );
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.run("dropdb", &["--force"]);
    }
}
