//! Dailies that the configuration file declares: the file governs them, across restarts.

use crate::support::Stage;
use discord_sim::Clock;
use serde_json::json;
use std::collections::BTreeSet;
use whetstone::domain::{
    daily::{DailyName, Declared, Settings},
    ids::{ChannelId, GuildId},
    question::Filter,
    schedule::{Day, Schedule, parse_time, zone},
};

fn at(stage: &Stage, time: &str) -> Vec<Declared> {
    let settings = Settings {
        name: DailyName::parse("backend").unwrap(),
        channel: ChannelId(stage.channel.0),
        schedule: Schedule {
            time: parse_time(time).unwrap(),
            zone: zone("Europe/Berlin").unwrap(),
            days: Day::WORKING.into(),
            skips: BTreeSet::new(),
        },
        filter: Filter::default(),
        role: None,
        thread: true,
        pin: false,
    };
    vec![Declared { guild: GuildId(stage.guild.0), settings }]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_governs_what_it_declares() {
    let monday = "2026-03-02T06:00:00Z".parse().unwrap();
    let mut stage = Stage::without_bot(Clock::frozen(monday)).await;
    stage.declared = at(&stage, "09:30");
    stage.start_bot().await;
    // 09:30 in Berlin is 08:30 UTC in winter.
    stage.travel("2026-03-02T10:00:00Z").await;
    assert_eq!(stage.newest_round().timestamp, "2026-03-02T08:30:00.000000+00:00");
    let shown = stage.ask(stage.mona, "daily show", &[]).await;
    assert!(shown.contains("The configuration file governs this daily"), "{shown}");
    for refused in [
        stage.set_daily("10:00", "Europe/Berlin", &[("name", json!("backend"))]).await,
        stage.ask(stage.mona, "daily remove", &[]).await,
    ] {
        assert!(refused.contains("The configuration file governs **backend**"), "{refused}");
    }

    // Another time in the file, read at the next start. Today's round is out, so none comes twice;
    // a date that an admin skips stays skipped.
    stage.ask(stage.mona, "daily skip", &[("date", json!("2026-03-03"))]).await;
    stage.stop_bot().await;
    stage.declared = at(&stage, "16:00");
    stage.start_bot().await;
    stage.travel("2026-03-04T16:00:00Z").await;
    let posted: Vec<String> = stage.rounds().into_iter().map(|round| round.timestamp).collect();
    assert_eq!(posted, ["2026-03-02T08:30:00.000000+00:00", "2026-03-04T15:00:00.000000+00:00"]);

    // No longer in the file: paused, not lost.
    stage.stop_bot().await;
    stage.declared.clear();
    stage.start_bot().await;
    stage.travel("2026-03-05T16:00:00Z").await;
    assert_eq!(stage.rounds().len(), 2);
    let shown = stage.ask(stage.mona, "daily show", &[]).await;
    assert!(shown.to_lowercase().contains("no longer in the configuration file"), "{shown}");
    let resumed = stage.ask(stage.mona, "daily resume", &[]).await;
    assert!(resumed.contains("is running again"), "{resumed}");
    stage.travel("2026-03-06T16:00:00Z").await;
    assert_eq!(stage.rounds().len(), 3);
    stage.finish().await;
}
