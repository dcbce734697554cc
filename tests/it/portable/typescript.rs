//! The client in TypeScript, by its own tests, before this binary.

use std::path::Path;
use std::process::Command;

#[test]
fn the_client_in_typescript_passes_its_tests_before_this_binary() {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/typescript");
    assert!(
        client.join("node_modules").exists(),
        "run `npm ci --prefix clients/typescript` once, as `.ci/run` does"
    );
    let output = Command::new("npm")
        .arg("test")
        .current_dir(&client)
        .env("STUNT_DOUBLE", env!("CARGO_BIN_EXE_stunt-double"))
        .output()
        .expect("npm runs");
    let (said, failed) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{failed}");
}
