//! Killing a database server, and bringing it up again.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::server::Server;

/// SIGKILL for the server in this folder and all its processes, as when a machine dies.
pub(crate) fn kill(folder: &Path) {
    let pid_file = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    let server = pid_file.lines().next().unwrap().trim();
    let children = Command::new("ps")
        .args(["-o", "pid=", "--ppid", server])
        .output()
        .unwrap();
    let children = String::from_utf8(children.stdout).unwrap();
    let all = std::iter::once(server).chain(children.split_whitespace());
    let killed = Command::new("kill").arg("-9").args(all).status().unwrap();
    assert!(killed.success());
}

/// Starts the server again; the last of its processes may take a moment to let its memory go.
pub(crate) fn revive(server: &Server) {
    let started = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(100));
        server.go_on().is_ok()
    });
    assert!(started, "the killed server starts again");
}
