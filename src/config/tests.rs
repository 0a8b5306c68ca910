use super::*;
use crate::{
    domain::{
        daily::Daily,
        ids::{ChannelId, GuildId, RoleId},
        question::Filter,
        schedule::Day,
    },
    store::{self, testing},
    telemetry::LogFormat,
};
use jiff::{Timestamp, tz::TimeZoneDatabase};
use proptest::prelude::*;
use std::fs;

/// The default file as it is shipped.
const DEFAULT: &str = include_str!("../../config/whetstone.toml");

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, Faults> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whetstone.toml");
    fs::write(&path, text).unwrap();
    Config::load(Some(&path), |name| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

/// The faults as `line:column message (hint)`.
fn faults(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let faults = load(text, variables).unwrap_err().list;
    let show = |f: Fault| {
        format!("{}:{} {} ({})", f.line, f.column, f.message, f.hint.unwrap_or_default())
    };
    faults.into_iter().map(show).collect()
}

#[test]
fn variables_that_are_no_settings_are_found() {
    let names = [
        "HOME",
        "WHETSTONE_CONFIG",
        "WHETSTONE_STORE_PATH",
        "WHETSTONE_STORE_PAHT",
        "WHETSTONE_LIMIT_GUILD_PER_MINUTE",
        "WHETSTONE_SERVICE_HOST",
        "WHETSTONE_BACKUP_KEEP",
    ];
    let found = unknown_variables(names.map(str::to_owned));
    let found: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.meant.as_deref())).collect();
    let expected = [
        ("WHETSTONE_STORE_PAHT", Some("WHETSTONE_STORE_PATH")),
        ("WHETSTONE_LIMIT_GUILD_PER_MINUTE", Some("WHETSTONE_LIMITS_GUILD_PER_MINUTE")),
        ("WHETSTONE_SERVICE_HOST", None),
    ];
    assert_eq!(found, expected);
}

/// A daily with the keys that it needs, and those given.
fn daily(more: &str) -> String {
    format!(
        "[[daily]]\nname = 'a'\nguild = 1\nchannel = '2'\ntime = '9:30'\nzone = 'UTC'\n{more}\n"
    )
}

/// Every variable that is looked for.
fn variables() -> Vec<String> {
    let asked = RefCell::new(Vec::new());
    let none = |name: &str| {
        asked.borrow_mut().push(name.to_owned());
        None
    };
    Config::load(None, none).unwrap();
    asked.into_inner()
}

#[test]
fn nothing_given_means_the_defaults() {
    assert_eq!(Config::load(None, |_| None).unwrap(), Config::default());
    assert_eq!(load("", &[]).unwrap(), Config::default());
}

#[test]
fn the_default_file_holds_the_defaults() {
    let text = load(DEFAULT, &[]).map_err(|faults| faults.to_string());
    assert_eq!(text, Ok(Config::default()));
}

#[test]
fn the_default_file_documents_every_setting_and_its_variable() {
    let variables = variables();
    assert_eq!(variables.len(), 13, "{variables:?}");
    for variable in variables {
        let (_, setting) = variable.split_once('_').unwrap();
        let (section, key) = setting.split_once('_').unwrap();
        let (_, rest) = DEFAULT.split_once(&format!("[{}]\n", section.to_lowercase())).unwrap();
        let here = rest.split("\n[").next().unwrap();
        let key = format!("{} = ", key.to_lowercase());
        let written = |line: &str| line.trim_start_matches('#').starts_with(&key);
        let name = here.lines().position(|line| line == format!("# {variable}"));
        let line = here.lines().position(written);
        assert_eq!(name.unwrap() + 1, line.unwrap(), "{variable}");
    }
}

#[test]
fn the_examples_of_the_default_file_are_good() {
    let uncommented = |line: &str| {
        let bare = line.strip_prefix('#').filter(|rest| !rest.starts_with(' '));
        format!("{}\n", bare.unwrap_or(line))
    };
    let config = load(&DEFAULT.lines().map(uncommented).collect::<String>(), &[]).unwrap();
    assert_eq!(config.discord.api_url.as_deref(), Some("http://127.0.0.1:8080"));
    assert_eq!(config.ops.listen, Some("127.0.0.1:9464".parse().unwrap()));
    let Declared { guild, settings } = &config.daily[0];
    let (channel, role) = (ChannelId(100000000000000002), Some(RoleId(100000000000000003)));
    assert_eq!((*guild, settings.channel), (GuildId(100000000000000001), channel));
    assert_eq!((settings.role, settings.thread, settings.pin), (role, true, false));
    assert_eq!(settings.schedule.zone.iana_name(), Some("Europe/Berlin"));
}

#[test]
fn the_default_file_documents_every_key_of_a_daily() {
    let faults = load(&daily("nothing-like-it = 1"), &[]).unwrap_err().list;
    let hint = faults[0].hint.as_deref().unwrap();
    let keys: Vec<&str> = hint.strip_prefix("known are ").unwrap().split(", ").collect();
    assert_eq!(keys.len(), 11, "{keys:?}");
    for key in keys {
        assert!(DEFAULT.contains(&format!("\n#{key} = ")), "{key}");
    }
}

#[test]
fn the_environment_overrides_the_file() {
    let text = "[store]\npath = 'a'\ncache_mib = 8\n[log]\nformat = 'human'\n[bank]\nextra = ['x']";
    let variables = [
        ("WHETSTONE_STORE_PATH", "/b"),
        ("WHETSTONE_STORE_CACHE_MIB", ""),
        ("WHETSTONE_LOG_FORMAT", "json"),
        ("WHETSTONE_BANK_EXTRA", "one:/two"),
        ("WHETSTONE_SCHEDULE_CATCH_UP", "1h 30m"),
        ("WHETSTONE_DISCORD_API_URL", "http://localhost:9000/"),
        ("WHETSTONE_LIMITS_MEMBER_PER_MINUTE", "0"),
    ];
    let config = load(text, &variables).unwrap();
    assert_eq!(config.store, Store { path: "/b".into(), cache_mib: 8 });
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.bank.extra, [PathBuf::from("one"), PathBuf::from("/two")]);
    assert_eq!(config.schedule.catch_up, SignedDuration::from_mins(90));
    assert_eq!(config.discord.api_url.as_deref(), Some("http://localhost:9000"));
    assert_eq!(config.limits, Limits { member_per_minute: 0, ..Limits::default() });
}

#[test]
fn unknown_keys_are_shown_with_the_nearest_known_one() {
    let found = faults("[stroe]\n[log]\nformt = 'json'\n[health]\nmax_age = '1s'\nport = 1", &[]);
    assert_eq!(
        found,
        [
            "1:2 unknown key `stroe` (did you mean `store`?)",
            "3:1 unknown key `formt` in `log` (did you mean `format`?)",
            "6:1 unknown key `port` in `health` (known are max_age)",
        ]
    );
}

#[test]
fn every_bad_value_is_shown_at_once() {
    let text = "[store]\npath = ''\ncache_mib = 0\n[schedule]\ncatch_up = '-1h'\n[health]\n\
        max_age = '0s'\n[log]\nformat = 'xml'\nfilter = 'whetstone=loud'\n[bank]\nextra = 'x'\n\
        [ops]\nlisten = 'localhost'\n\
        [limits]\nmember_per_minute = -1\nguild_per_minute = 'few'\n";
    let found = faults(text, &[]);
    let places: Vec<&str> = found.iter().filter_map(|fault| fault.split(' ').next()).collect();
    assert_eq!(
        places,
        ["2:8", "3:13", "5:12", "7:11", "9:10", "10:10", "12:9", "14:10", "16:21", "17:20"],
        "{found:#?}"
    );
}

#[test]
fn backups_go_into_the_stores_folder_unless_another_is_named() {
    let config = load("[store]\npath = '/a'", &[]).unwrap();
    assert_eq!((config.backup_folder(), config.backup.keep), ("/a/backups".into(), 7));
    let config = load("[backup]\npath = 'b'\nkeep = 0", &[]).unwrap();
    assert_eq!((config.backup_folder(), config.backup.keep), ("b".into(), 0));
    let found = faults("[backup]\nkeep = 367\npath = ''", &[]);
    assert!(found[0].contains("`367` is no number of backups"), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_bad_variable_is_named() {
    let variables = [("WHETSTONE_LOG_FORMAT", "xml"), ("WHETSTONE_STORE_CACHE_MIB", "lots")];
    let faults = load("", &variables).unwrap_err();
    insta::assert_snapshot!(faults, @r#"
    error: WHETSTONE_LOG_FORMAT: `xml` is no format of the log
     --> $WHETSTONE_LOG_FORMAT:1:1
      |
    1 | xml
      | ^^^
      |
      = help: write "human" or "json"

    error: WHETSTONE_STORE_CACHE_MIB: `lots` is no size in MiB
     --> $WHETSTONE_STORE_CACHE_MIB:1:1
      |
    1 | lots
      | ^^^^
      |
      = help: write a whole number from 1 to 1048576

    2 faults found
    "#);
}

#[test]
fn only_the_address_of_a_server_is_one() {
    for good in ["http://127.0.0.1:8080", "https://proxy", "http://[::1]:8080/"] {
        assert!(parse::api_url(good).is_ok(), "{good}");
    }
    for bad in
        ["", "localhost:8080", "ftp://a", "http://", "http://a/api", "http://a?b", "http://u:p@a"]
    {
        assert!(parse::api_url(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_file_that_is_not_there_is_a_fault() {
    let faults = Config::load(Some(Path::new("no/such.toml")), |_| None).unwrap_err();
    assert!(faults.to_string().contains("no/such.toml"), "{faults}");
}

#[test]
fn a_daily_needs_little() {
    let config = load(&daily(""), &[]).unwrap();
    let declared = &config.daily[0].settings;
    assert_eq!(declared.schedule.time, jiff::civil::time(9, 30, 0, 0));
    assert_eq!(declared.schedule.days, Day::WORKING.into());
    assert_eq!((&declared.filter, declared.role), (&Filter::default(), None));
    assert_eq!((declared.thread, declared.pin), (true, false));
}

#[test]
fn each_key_of_a_daily_is_checked() {
    let text = "[[daily]]\nname = ' a'\nguild = 0\nchannel = 'x'\ntime = '24:00'\n\
        zone = 'Europe/Berln'\ndays = ['mon', 'mnday', 'mon']\nlevels = []\nrole = true\n\
        thread = 'yes'\nping = 1\n[[daily]]\n";
    insta::assert_snapshot!(faults(text, &[]).join("\n"), @r#"
    2:8 ` a` is no name for a daily (write 1 to 32 letters, digits, spaces, dashes and underscores)
    3:9 `0` is no id (copy the id from Discord: switch developer mode on, then "Copy ID")
    4:11 `x` is no id (copy the id from Discord: switch developer mode on, then "Copy ID")
    5:8 `24:00` is no time of day (write it as "09:30" or "17:05")
    6:8 `Europe/Berln` is no time zone (did you mean `Europe/Berlin`?)
    7:16 `mnday` is none of the days (known are mon, tue, wed, thu, fri, sat, sun)
    7:25 `mon` is named twice (leave it out here)
    8:10 `levels` is empty (name at least one of beginner, intermediate, advanced, or leave it out)
    9:8 `role` must be a whole number, or one in quotes, not a boolean (write it as "5")
    10:10 `thread` must be true or false, not a text (write it as true)
    11:1 unknown key `ping` in `daily` (did you mean `pin`?)
    12:1 `channel` is missing in `daily` (add `channel`; it may not be left out)
    12:1 `guild` is missing in `daily` (add `guild`; it may not be left out)
    12:1 `name` is missing in `daily` (add `name`; it may not be left out)
    12:1 `time` is missing in `daily` (add `time`; it may not be left out)
    12:1 `zone` is missing in `daily` (add `zone`; it may not be left out)
    "#);
}

#[test]
fn two_dailies_of_a_guild_have_two_names() {
    let twice = format!("{}{}", daily(""), daily(""));
    assert_eq!(
        faults(&twice, &[]),
        ["9:8 the guild has another daily named `a` (give one of the two another name)"]
    );
    assert!(
        load(&format!("{}{}", daily(""), daily("").replace("guild = 1", "guild = 3")), &[]).is_ok()
    );
}

#[test]
fn topics_are_compared_with_the_bank_later() {
    let config = load(&daily("topics = ['http', 'apsi']"), &[]).unwrap();
    assert_eq!(config.check_topics(["http", "apsi"]), Ok(()));
    let faults = config.check_topics(["http", "apis"]).unwrap_err().list;
    assert_eq!((faults.len(), faults[0].line, faults[0].column), (1, 7, 19));
    assert_eq!(faults[0].hint.as_deref(), Some("did you mean `apis`?"));
}

#[test]
fn a_guild_has_no_more_dailies_than_it_may_have() {
    let many: String =
        (1..=26).map(|number| daily("").replace("'a'", &format!("'a{number}'"))).collect();
    assert_eq!(
        faults(&many, &[]),
        ["177:8 the guild has more than 25 dailies from here on (leave some of them out)"]
    );
}

/// Stores what a text declares, if the configuration accepts it, and reads it back.
async fn is_read_back(store: &store::Store, text: &str) -> bool {
    let Ok(config) = Config::parse(Path::new("a.toml"), text.as_bytes(), |_| None) else {
        return false;
    };
    for Declared { guild, settings } in config.daily {
        let now = Timestamp::UNIX_EPOCH;
        let kept = testing::create(store, guild, settings.clone(), 1, now).await;
        assert_eq!(store.daily(kept.id).await.unwrap().unwrap().settings, settings);
        store.remove_daily(&kept).await.unwrap();
        // What is in a backup is read by the same rules.
        let row = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<Daily>(&row).unwrap(), kept);
    }
    true
}

#[tokio::test]
async fn every_time_zone_that_is_accepted_can_be_read_back() {
    let stored = testing::store();
    let (mut accepted, mut refused) = (0, Vec::new());
    for zone in TimeZoneDatabase::bundled().available() {
        match is_read_back(&stored.store, &daily("").replace("'UTC'", &format!("'{zone}'"))).await {
            true => accepted += 1,
            false => refused.push(zone.to_string()),
        }
    }
    assert!(accepted > 400, "{accepted}");
    assert_eq!(refused, ["Factory"]);
}

/// A value that a key may have, or nearly may.
fn value() -> impl Strategy<Value = String> {
    let likely = [
        "9:30",
        "09:30",
        "24:00",
        "7",
        "0",
        "mon",
        "Sunday",
        "beginner",
        "http",
        "UTC",
        "Factory",
        "europe/berlin",
        "Etc/Unknown",
        "+02:00",
        "true",
        "a",
        "a b",
        "\u{3164}",
        "\u{200b}",
        "\u{130}",
        "١",
        "x\u{301}",
    ];
    let one = prop_oneof![
        prop::sample::select(likely.to_vec()).prop_map(str::to_owned),
        "\\PC{0,34}",
        "[0-9]{1,2}:[0-9]{2}",
        "[\\w \\-]{1,33}",
    ];
    let quoted = one.prop_map(|text| toml::Value::String(text).to_string()).boxed();
    let list = prop::collection::vec(quoted.clone(), 0..4);
    prop_oneof![
        4 => quoted,
        1 => list.prop_map(|list| format!("[{}]", list.join(", "))),
        1 => any::<i64>().prop_map(|number| number.to_string()),
    ]
}

/// Some keys of a daily, each with another value.
fn changes() -> impl Strategy<Value = Vec<(String, String)>> {
    let key = "name|guild|channel|time|zone|days|levels|topics|role|thread|pin";
    prop::collection::vec((key, value()), 1..4)
}

#[test]
fn what_the_configuration_accepts_can_be_read_back() {
    let more = "days = ['mon']\nlevels = ['beginner']\ntopics = ['http']\nrole = 7\n\
                thread = true\npin = true";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stored = runtime.block_on(async { testing::store() });
    proptest!(|(changes in changes())| {
        let line = |line: &str| {
            let changed = changes.iter().find(|(key, _)| line.starts_with(&format!("{key} =")));
            changed.map_or_else(|| line.to_owned(), |(key, value)| format!("{key} = {value}"))
        };
        let text = daily(more).lines().map(line).collect::<Vec<_>>().join("\n");
        runtime.block_on(is_read_back(&stored.store, &text));
    });
}
