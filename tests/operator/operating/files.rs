//! The files in docs/operating/ and the Dockerfile: each metric, path, flag and variable that they
//! name exists.

use super::{
    Served,
    support::{
        Stage,
        process::{output, texts, whetstone},
    },
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use whetstone::{config, telemetry::metrics};
use yaml_rust2::{Yaml, YamlLoader};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new("docs/operating").join(name)).unwrap()
}

fn yaml(name: &str) -> Yaml {
    YamlLoader::load_from_str(&read(name)).unwrap().pop().unwrap()
}

/// A metric with its labels, as a scrape shows it or as an expression selects it.
type Series = (String, BTreeMap<String, String>);

fn labels(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(key, value)| (key.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        .collect()
}

/// The series of a scrape.
fn scraped(text: &str) -> Vec<Series> {
    let samples = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    samples
        .map(|line| {
            let (series, _) = line.rsplit_once(' ').unwrap();
            let (name, rest) = series.split_once('{').unwrap_or((series, ""));
            (name.to_owned(), labels(rest.trim_end_matches('}')))
        })
        .collect()
}

/// The series that an expression selects: every word of it that names a metric.
fn selected(expression: &str) -> Vec<Series> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(word) {
        rest = &rest[start..];
        let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let braces = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        // No function and no label of ours begins so.
        let served = name.starts_with("whetstone_") || name.starts_with("process_");
        if served || braces.is_some() {
            found.push((name.to_owned(), labels(braces.map_or("", |(inside, _)| inside))));
        }
        rest = braces.map_or(after, |(_, after)| after);
    }
    found
}

/// What is selected and does not exist. `up` is Prometheus' own.
fn missing(expressions: &[String], there: &[Series]) -> Vec<Series> {
    let exists = |(name, wanted): &Series| {
        let fits = |labels: &BTreeMap<_, _>| {
            // The job's name is Prometheus' own to give.
            wanted.iter().all(|(key, value)| key == "job" || labels.get(key) == Some(value))
        };
        name == "up" || there.iter().any(|(found, labels)| found == name && fits(labels))
    };
    let all = expressions.iter().flat_map(|expression| selected(expression));
    all.filter(|series| !exists(series)).collect()
}

/// Every expression of the dashboard.
fn dashboard() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&read("dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().unwrap().clone());
    targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect()
}

/// The rules by the names of their alerts.
fn alerts() -> BTreeMap<String, Yaml> {
    let rules = yaml("alerts.yml")["groups"][0]["rules"].clone();
    let rules = rules.as_vec().unwrap().iter();
    rules.map(|rule| (rule["alert"].as_str().unwrap().to_owned(), rule.clone())).collect()
}

fn alert_expressions() -> Vec<String> {
    alerts().values().map(|rule| rule["expr"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_that_is_named_is_served_by_a_running_bot() {
    let stage = Stage::for_processes().await;
    let served = Served::start(&stage, &mut stage.command()).await;
    let (status, text) = served.page("metrics").await;
    assert_eq!(status, 200);
    let there = scraped(&text);
    assert_eq!(missing(&dashboard(), &there), []);
    assert_eq!(missing(&alert_expressions(), &there), []);
    // Nothing is served that the dashboard does not show, and nothing that the README does not name.
    let shown: BTreeSet<String> =
        dashboard().iter().flat_map(|e| selected(e)).map(|(name, _)| name).collect();
    let readme = read("README.md");
    for metric in metrics::ALL {
        assert!(there.iter().any(|(name, _)| name.starts_with(metric.name)), "{}", metric.name);
        assert!(shown.iter().any(|name| name.starts_with(metric.name)), "{}", metric.name);
        let row = |line: &&str| line.starts_with(&format!("| `{}` |", metric.name));
        let row = readme.lines().find(row).unwrap_or_else(|| panic!("{}", metric.name));
        assert!(row.ends_with(&format!(" {} |", metric.help)), "{row}");
    }
    // A check that finds nothing would pass for ever.
    let made_up = |expression: &str| missing(&[expression.to_owned()], &there).len();
    assert_eq!(made_up("rate(whetstone_no_such_total[5m])"), 1);
    assert_eq!(made_up(r#"increase(whetstone_posts_total{outcome="lost"}[1h]) > 0"#), 1);
    assert_eq!(made_up(r#"sum(whetstone_posts_total{outcome="posted"})"#), 0);
    assert!(dashboard().len() > 20 && alerts().len() > 12);
    served.bot.stop().await;
    stage.finish().await;
}

#[test]
fn every_alert_has_its_place_in_the_runbook_and_no_place_is_without_one() {
    let readme = read("README.md");
    let (_, runbook) = readme.split_once("\n## When an alert fires\n").unwrap();
    let mut places = BTreeSet::new();
    for part in runbook.split("\n### ").skip(1) {
        let (name, text) = part.split_once('\n').unwrap();
        assert!(text.trim().len() > 40, "{name}");
        places.insert(name.to_owned());
    }
    let alerts = alerts();
    assert_eq!(places, alerts.keys().cloned().collect());
    for (name, rule) in &alerts {
        let runbook = format!("docs/operating/README.md#{}", name.to_lowercase());
        assert_eq!(rule["annotations"]["runbook"].as_str(), Some(runbook.as_str()));
        assert!(rule["annotations"]["summary"].as_str().is_some_and(|text| !text.is_empty()));
        assert!(
            matches!(rule["labels"]["severity"].as_str(), Some("warning" | "critical")),
            "{name}"
        );
    }
}

/// The variables that the program reads, as its default file documents them.
fn is_variable(name: &str) -> bool {
    let documented = fs::read_to_string("config/whetstone.toml").unwrap();
    let own = documented.lines().any(|line| line == format!("# {name}"));
    own || [config::TOKEN, config::TOKEN_FILE].contains(&name)
}

/// Runs the program with arguments from a file: clap, which exits with 2, must know them.
fn assert_understood(line: &[&str]) {
    assert_eq!(line[0], "/usr/local/bin/whetstone", "{line:?}");
    let mut command = whetstone(&line[1..]);
    // Nobody is there, so that it goes no further than its arguments.
    command.env("WHETSTONE_STORE_PATH", "/no/such/folder");
    let output = output(&mut command);
    assert_eq!(output.status.code(), Some(1), "{line:?}: {:?}", texts(&output));
}

/// The sections of the changelog by their versions, the newest first.
fn versions() -> Vec<(String, String)> {
    let changelog = fs::read_to_string("CHANGELOG.md").unwrap();
    let section = |part: &str| {
        let (title, text) = part.split_once('\n').unwrap();
        (title.split(' ').next().unwrap().to_owned(), text.to_owned())
    };
    changelog.split("\n## ").skip(1).map(section).collect()
}

#[test]
fn the_changelog_goes_by_versions_and_says_what_to_do() {
    let versions = versions();
    assert_eq!(versions[0].0, env!("CARGO_PKG_VERSION"), "the newest section is this version's");
    let numbers = |version: &str| -> Vec<u32> {
        version.split('.').map(|part| part.parse().unwrap()).collect()
    };
    for pair in versions.windows(2) {
        assert!(numbers(&pair[0].0) > numbers(&pair[1].0), "{} comes first", pair[1].0);
        assert!(pair[0].1.contains("\n### For whoever runs the bot\n- "), "{}", pair[0].0);
    }
    // Each version has its row in the table of stores, this one with the schema that it writes.
    let upgrading = read("upgrading.md");
    for (version, _) in &versions {
        assert!(upgrading.contains(&format!("\n| {version} | ")), "{version}");
    }
    let this = format!("\n| {} | {} |\n", versions[0].0, whetstone::store::SCHEMA);
    assert!(upgrading.contains(&this), "{this}");
}

#[test]
fn the_version_tells_commit_and_time_zone_rules() {
    let (told, _) = texts(&output(&mut whetstone(&["--version"])));
    let begins = concat!("whetstone ", env!("CARGO_PKG_VERSION"), " (commit ");
    assert!(told.starts_with(begins) && told.contains(", time zones 20"), "{told}");
}

#[test]
fn arguments_that_do_not_exist_are_not_understood() {
    let output = output(&mut whetstone(&["run", "--no-such-flag"]));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_unit_names_what_exists_and_gives_nothing_away() {
    let unit = read("whetstone.service");
    let lines = unit.lines().filter(|line| !line.starts_with(['#', '[']) && !line.is_empty());
    let settings: Vec<(&str, &str)> = lines.map(|line| line.split_once('=').unwrap()).collect();
    let all = |key: &str| -> Vec<&str> {
        settings.iter().filter(|(name, _)| *name == key).map(|(_, value)| *value).collect()
    };
    let start: Vec<&str> = all("ExecStart")[0].split(' ').collect();
    assert_understood(&start);
    let environment: BTreeMap<&str, &str> =
        all("Environment").into_iter().map(|pair| pair.split_once('=').unwrap()).collect();
    for name in environment.keys() {
        assert!(is_variable(name), "{name}");
    }
    let state = format!("/var/lib/{}", all("StateDirectory")[0]);
    assert_eq!(environment["WHETSTONE_STORE_PATH"], state);
    environment["WHETSTONE_OPS_LISTEN"].parse::<std::net::SocketAddr>().unwrap();
    let (credential, _) = all("LoadCredential")[0].split_once(':').unwrap();
    assert_eq!(environment[config::TOKEN_FILE], format!("%d/{credential}"));
    for (key, value) in [
        ("DynamicUser", "yes"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("CapabilityBoundingSet", ""),
        ("MemoryMax", "512M"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
    ] {
        assert_eq!(all(key), [value], "{key}");
    }
    // More than the pages' connections, and what the bot needs besides, ever come to.
    assert!(all("LimitNOFILE")[0].parse::<u32>().unwrap() >= 4096);
    // The README puts each file where the unit looks for it.
    let readme = read("README.md");
    for path in [
        "/usr/local/bin/whetstone",
        "/etc/whetstone/whetstone.toml",
        "/etc/whetstone/discord-token",
    ] {
        assert!(unit.contains(path) && readme.contains(path), "{path}");
    }
}

/// The instruction of a Dockerfile, in its last stage.
fn instruction(dockerfile: &str, name: &str) -> String {
    let (_, last) = dockerfile.rsplit_once("\nFROM ").unwrap();
    let joined = last.replace("\\\n", " ");
    let line = joined.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
    line[name.len() + 1..].to_owned()
}

fn texts_of(yaml: &Yaml) -> Vec<&str> {
    yaml.as_vec().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[test]
fn the_compose_file_agrees_with_the_image_and_gives_nothing_away() {
    let dockerfile = fs::read_to_string("Dockerfile").unwrap();
    let compose = yaml("compose.yaml");
    let service = &compose["services"]["whetstone"];
    let entry: Vec<String> = serde_json::from_str(&instruction(&dockerfile, "ENTRYPOINT")).unwrap();
    let command = [&[entry[0].as_str()], texts_of(&service["command"]).as_slice()].concat();
    assert_understood(&command);
    let health = texts_of(&service["healthcheck"]["test"]);
    // Whether Discord is there, no new start can help.
    assert_eq!(health, ["CMD", entry[0].as_str(), "health"]);
    assert_understood(&health[1..]);
    let rotation = &service["logging"]["options"];
    assert!(rotation["max-size"].as_str().is_some() && rotation["max-file"].as_str().is_some());
    let of_image = instruction(&dockerfile, "HEALTHCHECK");
    let (_, of_image) = of_image.split_once("CMD ").unwrap();
    let of_image: Vec<String> = serde_json::from_str(of_image).unwrap();
    assert_understood(&of_image.iter().map(String::as_str).collect::<Vec<_>>());

    let volume = instruction(&dockerfile, "VOLUME");
    assert_eq!(texts_of(&service["volumes"]), [format!("whetstone:{volume}")]);
    assert!(compose["volumes"].as_hash().unwrap().contains_key(&Yaml::from_str("whetstone")));
    for pair in instruction(&dockerfile, "ENV").split(' ') {
        let (name, value) = pair.split_once('=').unwrap();
        assert!(is_variable(name), "{name}");
        assert!(name != "WHETSTONE_STORE_PATH" || value == volume, "{pair}");
    }
    let environment = service["environment"].as_hash().unwrap();
    for name in environment.keys() {
        assert!(is_variable(name.as_str().unwrap()), "{name:?}");
    }
    let secret = texts_of(&service["secrets"])[0];
    let token = service["environment"][config::TOKEN_FILE].as_str().unwrap();
    assert_eq!(token, format!("/run/secrets/{secret}"));
    assert!(compose["secrets"][secret]["file"].as_str().is_some());

    assert_eq!(service["read_only"].as_bool(), Some(true));
    assert_eq!(texts_of(&service["cap_drop"]), ["ALL"]);
    assert_eq!(texts_of(&service["security_opt"]), ["no-new-privileges:true"]);
    assert_eq!(service["mem_limit"].as_str(), Some("512m"));
    // The pages are for this machine alone.
    let ports = texts_of(&service["ports"]);
    assert!(ports.iter().all(|port| port.starts_with("127.0.0.1:")), "{ports:?}");
}
