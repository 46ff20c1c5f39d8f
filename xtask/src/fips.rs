//! `cargo xtask fips`: the product on the module of aws-lc-rs that is validated under FIPS 140-3.

use crate::command::{Failure, cargo, on_path, run};

/// What the module is built with, beside a C compiler, and Debian's package of each.
const TOOLS: [(&str, &str); 2] = [("cmake", "cmake"), ("go", "golang")];

/// Builds it, in release.
pub(crate) fn build() -> Result<(), Failure> {
    let missing: Vec<_> = TOOLS.iter().filter(|(tool, _)| !on_path(tool)).collect();
    if !missing.is_empty() {
        let list = |of: fn(&(&'static str, &'static str)) -> &'static str| {
            let names: Vec<_> = missing.iter().map(|tool| of(tool)).collect();
            names.join(" ")
        };
        return Err(Failure::Missing {
            what: format!(
                "The validated module is built with what is not here: {}.",
                list(|tool| tool.0)
            ),
            advice: format!("Run `apt-get install {}`.", list(|tool| tool.1)),
        });
    }
    let arguments = [
        "build",
        "--release",
        "--locked",
        "--package",
        "lictor",
        "--features",
        "fips",
    ];
    run(
        &mut cargo(&arguments),
        "What the module's own build says stands above.",
    )
}
