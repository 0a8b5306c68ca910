//! The files in docs/operating/ as the programs read them that they are for: Prometheus' own checker
//! and its tests of alert rules, systemd's, and Docker Compose's. Where one is missing, its test says
//! that it is skipped, except in CI.

use super::support::process::{output, texts};
use std::{fs, path::Path, process::Command};

const OPERATING: &str = "docs/operating";

/// Runs a program, which must succeed, and returns what it says. None where it is missing.
fn tool(program: &str, args: &[&str]) -> Option<String> {
    if Command::new(program).arg("--version").output().is_err() {
        assert!(
            std::env::var_os("CI").is_none(),
            "nothing is skipped in CI, but {program} is not here"
        );
        eprintln!("SKIPPED: {program} is not here");
        return None;
    }
    let output = output(Command::new(program).args(args));
    let (out, err) = texts(&output);
    assert!(output.status.success(), "{program} {args:?}:\n{out}{err}");
    Some(out + &err)
}

#[test]
fn prometheus_takes_the_alert_rules_and_they_fire_when_they_should() {
    let rules = format!("{OPERATING}/alerts.yml");
    let Some(told) = tool("promtool", &["check", "rules", &rules]) else { return };
    assert!(told.contains("SUCCESS"), "{told}");
    tool("promtool", &["test", "rules", "tests/operator/operating/alerts_test.yml"]);
}

#[test]
fn systemd_takes_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let mut units = Vec::new();
    for entry in fs::read_dir(OPERATING).unwrap() {
        let path = entry.unwrap().path();
        if !path.extension().is_some_and(|end| end == "service" || end == "timer") {
            continue;
        }
        // It sees that each program is there; here they lie elsewhere, or nowhere.
        let unit = fs::read_to_string(&path).unwrap();
        let unit = unit.replace("/usr/local/bin/whetstone", env!("CARGO_BIN_EXE_whetstone"));
        let unit = unit.replace("/usr/bin/restic", "/bin/true");
        let copy = folder.path().join(path.file_name().unwrap());
        fs::write(&copy, unit).unwrap();
        units.push(copy.to_str().unwrap().to_owned());
    }
    assert_eq!(units.len(), 3, "{units:?}");
    let args: Vec<&str> = ["verify"].into_iter().chain(units.iter().map(String::as_str)).collect();
    let Some(told) = tool("systemd-analyze", &args) else { return };
    // A key that it does not know is no error to it.
    assert!(!told.contains(folder.path().to_str().unwrap()), "{told}");
}

#[test]
fn docker_compose_takes_the_compose_file() {
    let file = format!("{OPERATING}/compose.yaml");
    assert!(Path::new(&file).exists());
    let Some(told) = tool("docker-compose", &["--file", &file, "config"]) else { return };
    for words in ["max-size: 10m", "nofile: 16384", "BUILD_COMMIT: unknown"] {
        assert!(told.contains(words), "{told}");
    }
}
