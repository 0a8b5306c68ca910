//! When rounds are posted and what is asked, with the troubles that come between: over the
//! simulated Discord, with a clock that stands still until it is moved.

use crate::support::{
    Stage,
    acts::{Journal, number_of, question_of, rounds_at},
    eventually, said,
};
use discord_sim::{ChannelKind, Fault, Id, Limits, MessageView, Rule, permissions};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A stage without rate limits, which run in real time, while days go by in seconds here.
async fn stage_at(at: &str) -> Stage {
    Journal::keep();
    let stage = Stage::at(at).await;
    stage.sim.set_limits(Limits::none());
    stage
}

/// Sets a daily of that name up.
async fn set(stage: &Stage, name: &str, channel: Id, time: &str, zone: &str) -> String {
    let options = [
        ("name", json!(name)),
        ("channel", json!(channel)),
        ("time", json!(time)),
        ("zone", json!(zone)),
        ("days", json!("daily")),
    ];
    let told = stage.daily("set", &options).await;
    assert!(told.contains("is set up") || told.contains("is changed"), "{told}");
    told
}

fn named(name: &str) -> [(&'static str, Value); 1] {
    [("daily", json!(name))]
}

/// What `/daily preview` foretells: instants and ids.
async fn previewed(stage: &Stage, name: &str) -> Vec<(Timestamp, String)> {
    let text = stage.daily("preview", &named(name)).await;
    let upcoming = text.lines().filter_map(|line| line.strip_prefix("<t:"));
    upcoming
        .map(|line| {
            let (seconds, rest) = line.split_once(":f> — ").unwrap();
            let id = rest.rsplit_once(" (`").unwrap().1.split_once('`').unwrap().0;
            (Timestamp::from_second(seconds.parse().unwrap()).unwrap(), id.to_owned())
        })
        .collect()
}

async fn previewed_ids(stage: &Stage, name: &str) -> Vec<String> {
    previewed(stage, name).await.into_iter().map(|(_, id)| id).collect()
}

/// The ids of the questions that were asked in a channel.
fn asked(stage: &Stage, channel: Id) -> Vec<String> {
    stage.rounds_in(channel).iter().map(|round| question_of(round).id.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_channel_delays_no_other_and_recovers_by_itself() {
    let mut stage = stage_at("2026-03-02T12:00:00Z").await;
    let other = stage.sim.add_channel(stage.guild, "other", ChannelKind::Text);
    set(&stage, "good", stage.channel, "09:30", "America/New_York").await;
    set(&stage, "bad", other, "09:30", "America/New_York").await;
    stage.wakes_at("2026-03-02T14:30:00Z").await;
    let body = json!({ "message": "500: Internal Server Error", "code": 0 });
    let failing = Fault::Status { status: 500, body };
    let rule = Rule::new(&format!("POST /channels/{other}/messages"), failing);
    let rule = stage.sim.faults().add(rule);

    stage.travel("2026-03-02T15:00:00Z").await;
    assert_eq!(stage.posted(), rounds_at(&[(1, "2026-03-02T14:30:00Z")]));
    assert_eq!(stage.posted_in(other), []);
    // Each wait is about twice the one before, 5 s at first: 5 + 10 + … + 640 s are 21 minutes.
    assert!((7..=11).contains(&rule.hits()), "{} tries in half an hour", rule.hits());

    rule.release();
    stage.travel("2026-03-02T15:30:00Z").await;
    let late = stage.rounds_in(other);
    assert_eq!(late.iter().map(number_of).collect::<Vec<_>>(), [1]);
    // No two tries are further apart than 15 minutes and a quarter.
    let at = late[0].id.timestamp();
    assert!(at <= "2026-03-02T15:18:45Z".parse().unwrap(), "{at}");
    stage.travel("2026-03-03T15:00:00Z").await;
    let second = rounds_at(&[(2, "2026-03-03T14:30:00Z")]);
    assert_eq!((&stage.posted()[1..], &stage.posted_in(other)[1..]), (&second[..], &second[..]));
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_channel_delays_no_other_and_costs_no_later_day() {
    let mut stage = stage_at("2026-03-02T12:00:00Z").await;
    let other = stage.sim.add_channel(stage.guild, "other", ChannelKind::Text);
    set(&stage, "good", stage.channel, "09:30", "America/New_York").await;
    set(&stage, "bad", other, "09:30", "America/New_York").await;
    stage.wakes_at("2026-03-02T14:30:00Z").await;
    let rule = Rule::new(&format!("POST /channels/{other}/messages"), Fault::HoldBefore);
    let rule = stage.sim.faults().add(rule);

    for (count, due) in [(1, "2026-03-02T14:30:00Z"), (2, "2026-03-03T14:30:00Z")] {
        stage.clock.set(due.parse().unwrap());
        eventually("the other is posted", || stage.posted().len() == count).await;
    }
    let both = rounds_at(&[(1, "2026-03-02T14:30:00Z"), (2, "2026-03-03T14:30:00Z")]);
    assert_eq!(stage.posted(), both);
    rule.hit().await;
    assert_eq!((rule.hits(), stage.posted_in(other)), (1, vec![]));

    // Monday's post hung for a day, which is longer than the catch-up window: it is missed. But
    // Tuesday's is due just now.
    rule.cut();
    stage.travel("2026-03-03T15:00:00Z").await;
    let late = stage.rounds_in(other);
    assert_eq!(late.iter().map(number_of).collect::<Vec<_>>(), [1]);
    let at = late[0].id.timestamp();
    assert!(at < "2026-03-03T14:31:00Z".parse().unwrap(), "{at}");
    let shown = stage.daily("show", &named("bad")).await;
    assert!(shown.contains("Missed: Mon 2 Mar 2026"), "{shown}");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daily_that_may_not_post_pauses_and_loses_no_question() {
    let mut stage = stage_at("2026-03-02T12:00:00Z").await;
    let muted = stage.sim.add_channel(stage.guild, "muted", ChannelKind::Text);
    let gone = stage.sim.add_channel(stage.guild, "gone", ChannelKind::Text);
    for (name, channel) in [("good", stage.channel), ("muted", muted), ("gone", gone)] {
        set(&stage, name, channel, "09:30", "America/New_York").await;
    }
    stage.wakes_at("2026-03-02T14:30:00Z").await;
    let (in_muted, in_gone) =
        (previewed_ids(&stage, "muted").await, previewed_ids(&stage, "gone").await);
    stage.sim.deny_bot(muted, permissions::SEND_MESSAGES);
    stage.sim.remove_channel(gone);

    stage.travel("2026-03-04T15:00:00Z").await;
    assert_eq!(stage.posted().len(), 3);
    assert_eq!(stage.posted_in(muted), []);
    let shown = stage.daily("show", &named("muted")).await;
    assert!(shown.contains("**Paused:** The bot lacks a permission in the channel"), "{shown}");
    let shown = stage.daily("show", &named("gone")).await;
    assert!(shown.contains("**Paused:** The channel is gone"), "{shown}");
    let shown = stage.daily("show", &named("good")).await;
    assert!(!shown.contains("Paused"), "{shown}");
    let checked = stage.daily("check", &named("muted")).await;
    assert!(checked.contains("Send Messages"), "{checked}");
    // It was tried once, not each day, and not again and again.
    let path = format!("/channels/{muted}/messages");
    let tries = stage.sim.requests().into_iter().filter(|r| r.method == "POST" && r.path == path);
    assert_eq!(tries.map(|request| request.error).collect::<Vec<_>>(), [Some(50013)]);

    stage.sim.deny_bot(muted, 0);
    let resumed = stage.daily("resume", &named("muted")).await;
    assert!(resumed.contains("**muted** is running again"), "{resumed}");
    let found = stage.sim.add_channel(stage.guild, "found", ChannelKind::Text);
    set(&stage, "gone", found, "09:30", "America/New_York").await;
    stage.travel("2026-03-06T15:00:00Z").await;
    let both = rounds_at(&[(1, "2026-03-05T14:30:00Z"), (2, "2026-03-06T14:30:00Z")]);
    assert_eq!((stage.posted_in(muted), stage.posted_in(found)), (both.clone(), both));
    assert_eq!(asked(&stage, muted), in_muted[..2]);
    assert_eq!(asked(&stage, found), in_gone[..2]);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_later_than_the_window_is_skipped_and_told() {
    let journal = Journal::keep();
    let mut stage = stage_at("2026-05-04T12:00:00Z").await;
    set(&stage, "daily", stage.channel, "09:30", "America/New_York").await;
    // 09:30 is 13:30 UTC in May. On Monday the bot is back exactly six hours later, on Tuesday
    // one minute too late.
    for (away, back) in [
        ("2026-05-04T13:00:00Z", "2026-05-04T19:30:00Z"),
        ("2026-05-05T13:00:00Z", "2026-05-05T19:31:00Z"),
    ] {
        stage.travel(away).await;
        stage.stop_bot().await;
        stage.clock.set(back.parse().unwrap());
        stage.start_bot().await;
    }
    assert_eq!(stage.posted(), rounds_at(&[(1, "2026-05-04T19:30:00Z")]));
    assert_eq!(journal.lines(&["missed", "date=2026-05-04"]), Vec::<String>::new());
    assert_eq!(journal.lines(&["WARN", "missed", "date=2026-05-05"]).len(), 1);
    let shown = stage.daily("show", &[]).await;
    assert!(shown.contains("Missed: Tue 5 May 2026"), "{shown}");
    stage.travel("2026-05-06T14:00:00Z").await;
    assert_eq!(stage.posted()[1..], rounds_at(&[(2, "2026-05-06T13:30:00Z")]));
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn post_now_brings_the_day_forward_and_asks_before_an_extra_round() {
    let mut stage = stage_at("2026-03-02T12:00:00Z").await;
    set(&stage, "daily", stage.channel, "09:30", "America/New_York").await;
    let told = stage.daily("post-now", &[]).await;
    let first = stage.newest_round();
    let link = format!("/channels/{}/{}/{}", stage.guild, stage.channel, first.id);
    assert!(told.contains("Round #1 is out") && told.contains(&link), "{told}");
    stage.wakes_at("2026-03-03T14:30:00Z").await;
    stage.travel("2026-03-02T15:00:00Z").await;
    // Set at 12:01, asked for at 12:02; nothing more came at 14:30.
    assert_eq!(stage.posted(), rounds_at(&[(1, "2026-03-02T12:02:00Z")]));

    let mona = stage.actor(stage.mona);
    let ask = || async {
        let asked = mona.command(stage.channel, "daily post-now", &[]).await.unwrap();
        asked.message().unwrap().clone()
    };
    let (one, two): (MessageView, MessageView) = (ask().await, ask().await);
    assert!(one.text().contains("Today's round is out already"), "{}", one.text());
    assert_eq!(stage.posted().len(), 1);
    assert_eq!(one.labels(), ["Post an extra round"]);
    mona.click_label(stage.channel, one.id, "Post an extra round").await.unwrap();
    let seen = || mona.look(stage.channel, one.id).unwrap();
    eventually("the extra round is told of", || seen().text().contains("Round #2 is out")).await;
    assert!(seen().labels().is_empty());
    // The other question was asked before #2, and its button posts no third round.
    mona.click_label(stage.channel, two.id, "Post an extra round").await.unwrap();
    let told = || mona.look(stage.channel, two.id).unwrap().text();
    eventually("the other button is answered", || !told().contains("out already")).await;
    stage.travel("2026-03-03T15:00:00Z").await;
    let expected = rounds_at(&[(2, "2026-03-02T15:00:00Z"), (3, "2026-03-03T14:30:00Z")]);
    assert_eq!(stage.posted()[1..], expected);
    // Also of the rounds that were asked for, each thread was started once.
    let route = Some("/channels/{channel}/messages/{message}/threads");
    let requests = stage.sim.requests();
    let started: Vec<_> = requests.iter().filter(|r| r.route == route).map(|r| &r.path).collect();
    let messages: BTreeSet<_> = started.iter().collect();
    assert_eq!((started.len(), messages.len()), (3, 3), "{started:?}");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_is_what_is_then_posted() {
    let mut stage = stage_at("2026-03-05T12:00:00Z").await;
    set(&stage, "daily", stage.channel, "09:30", "America/New_York").await;
    stage.daily("skip", &[("date", json!("2026-03-07"))]).await;
    let foretold = previewed(&stage, "daily").await;
    // Seven days from the 5th on without the 7th, over the change of clocks on the 8th.
    stage.travel("2026-03-12T15:00:00Z").await;
    let rounds = stage.rounds();
    let posted: Vec<_> = rounds
        .iter()
        .map(|round| (round.id.timestamp(), question_of(round).id.to_string()))
        .collect();
    assert_eq!(foretold.len(), 7);
    assert_eq!(posted, foretold);
    let first: Timestamp = "2026-03-05T14:30:00Z".parse().unwrap();
    let last: Timestamp = "2026-03-12T13:30:00Z".parse().unwrap();
    assert_eq!((posted[0].0, posted[6].0), (first, last));
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_queue_a_question_and_ban_another() {
    let mut stage = stage_at("2026-03-02T12:00:00Z").await;
    set(&stage, "daily", stage.channel, "09:30", "America/New_York").await;
    let foretold = previewed_ids(&stage, "daily").await;
    let (first, wanted) = (json!(foretold[0]), json!(foretold[4]));
    let banned = stage.daily("ban", &[("question", first.clone())]).await;
    assert!(banned.contains("will never come"), "{banned}");
    assert!(!previewed_ids(&stage, "daily").await.contains(&foretold[0]));
    let refused = stage.daily("queue", &[("question", first.clone())]).await;
    assert!(refused.contains("This daily does not ask") && refused.contains("banned"), "{refused}");
    let queued = stage.daily("queue", &[("question", wanted.clone())]).await;
    assert!(queued.contains("comes next"), "{queued}");
    let shown = stage.daily("show", &[]).await;
    assert!(shown.contains(&format!("Queued\n`{}`", foretold[4])), "{shown}");
    assert!(shown.contains(&format!("Banned\n`{}`", foretold[0])), "{shown}");

    let foretold_now = previewed_ids(&stage, "daily").await;
    assert_eq!(foretold_now[0], foretold[4]);
    stage.travel("2026-03-04T15:00:00Z").await;
    // The queued one, and then on in the deck, without it and without the banned one.
    assert_eq!(asked(&stage, stage.channel), foretold_now[..3]);
    assert!(!foretold_now[1..].contains(&foretold[4]));

    // A ban takes a question out of the queue; the second ban allows it again.
    let next = json!(previewed_ids(&stage, "daily").await[3]);
    stage.daily("queue", &[("question", next.clone())]).await;
    stage.daily("ban", &[("question", next.clone())]).await;
    assert!(!previewed_ids(&stage, "daily").await.iter().any(|id| next == **id));
    let allowed = stage.daily("ban", &[("question", first)]).await;
    assert!(allowed.contains("may come in **daily** again"), "{allowed}");
    stage.finish().await;
}

/// The forum's posts, the oldest first.
fn posts_in(stage: &Stage, forum: Id) -> Vec<(Id, String)> {
    let channels = stage.sim.channels().into_iter();
    let mut posts: Vec<_> = channels
        .filter(|channel| channel.parent == Some(forum))
        .map(|channel| (channel.id, channel.name))
        .collect();
    posts.sort();
    posts
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_forum_each_round_is_a_post_of_its_own() {
    let mut stage = stage_at("2026-03-02T12:00:00Z").await;
    let forum = stage.sim.add_channel(stage.guild, "forum", ChannelKind::Forum);
    set(&stage, "daily", forum, "09:30", "America/New_York").await;
    stage.travel("2026-03-02T15:00:00Z").await;
    let posts = posts_in(&stage, forum);
    let [(post, name)] = posts.as_slice() else { panic!("one post, not {posts:?}") };
    assert_eq!(stage.posted_in(*post), rounds_at(&[(1, "2026-03-02T14:30:00Z")]));
    let round = &stage.rounds_in(*post)[0];
    assert!(name.starts_with("#1 · ") && round.id == *post, "{name}");

    let ada = stage.actor(stage.ada);
    let form = ada.click_label(*post, round.id, "Answer").await.unwrap();
    let seen = ada.submit(form.modal().unwrap(), &[("text", "My answer.")]).await.unwrap();
    let seen = seen.message().unwrap();
    assert!(seen.text().contains("Your streak stands at **1** round"), "{}", seen.text());
    ada.click_label(*post, seen.id, "Share in thread").await.unwrap();
    let is_shared = |message: &MessageView| !message.ephemeral && message.id != *post;
    let shared = || stage.sim.messages(*post).into_iter().find(is_shared);
    eventually("the answer is shared", || shared().is_some()).await;
    assert!(shared().unwrap().text().contains("My answer."));

    // Over a quiet weekend Discord archives the post, and in an archived thread nothing can be
    // edited; the results are to be shown there all the same.
    stage.sim.archive_thread(*post);
    stage.travel("2026-03-03T15:00:00Z").await;
    let posts = posts_in(&stage, forum);
    assert_eq!(posts.len(), 2);
    assert_eq!(stage.posted_in(posts[1].0), rounds_at(&[(2, "2026-03-03T14:30:00Z")]));
    let closed = stage.rounds_in(*post)[0].text();
    assert!(closed.contains("#1 · closed") && closed.contains("Took part\n1 member"), "{closed}");
    let shown = stage.daily("show", &[]).await;
    assert!(!shown.contains("⚠️"), "{shown}");
    let sent = stage.finish().await;
    assert_eq!((sent.of("Post"), sent.of("OpenAgain")), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_is_edited_in_at_most_every_thirty_seconds() {
    let mut stage = stage_at("2026-03-02T12:00:00Z").await;
    set(&stage, "daily", stage.channel, "09:30", "America/New_York").await;
    let crowd: Vec<Id> = (1..=12)
        .map(|number| {
            let user = stage.sim.add_user(&format!("m{number}"), &format!("m{number}"));
            stage.sim.add_member(stage.guild, user, &[]);
            user
        })
        .collect();
    stage.travel("2026-03-02T15:00:00Z").await;
    let round = stage.newest_round();
    assert!(round.text().contains("Nobody has taken part yet."));
    // One answers every five seconds, from 15:00:00 to 15:00:55. The first shows at once; what
    // comes in the next half minute shows together at its end, and so on: 0, 30 and 60 s.
    for user in &crowd {
        stage.answer(*user, "It depends.").await;
        let next = stage.clock.now() + SignedDuration::from_secs(5);
        stage.travel_to(next).await;
    }
    stage.travel("2026-03-02T15:10:00Z").await;
    let path = format!("/channels/{}/messages/{}", stage.channel, round.id);
    let edits = stage.sim.requests().into_iter().filter(|r| r.method == "PATCH" && r.path == path);
    let edits: Vec<Timestamp> = edits.map(|request| request.at).collect();
    let gaps = edits.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs());
    assert!(gaps.clone().all(|gap| gap >= 30), "{edits:?}");
    assert_eq!(edits.len(), 3, "{edits:?}");
    assert!(stage.newest_round().text().contains("**12** people have taken part."));
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_round_shows_its_results() {
    let mut stage = stage_at("2026-03-02T12:00:00Z").await;
    stage.set_daily("09:30", "America/New_York", &[("pin", json!(true))]).await;
    stage.travel("2026-03-02T15:00:00Z").await;
    let shown = stage.answers(stage.ada).await;
    stage.grades(stage.ada, &shown, "Partly").await;
    stage.takes_quiz(stage.ada, true).await;
    stage.takes_quiz(stage.bob, true).await;
    let shown = stage.reveals(stage.bob).await;
    stage.grades(stage.bob, &shown, "Got it").await;
    stage.takes_quiz(stage.cleo, false).await;
    assert!(stage.newest_round().pinned);
    stage.travel("2026-03-03T15:00:00Z").await;
    let closed = &stage.rounds()[0];
    let text = closed.text();
    // Three took part. Two of three quiz answers were right: 66.7 %.
    assert!(text.contains("Took part\n3 members"), "{text}");
    assert!(text.contains("got it **1** · partly **1** · missed **0**"), "{text}");
    assert!(text.contains("**67 %** right (2 of 3)"), "{text}");
    assert!(text.contains("#1 · closed") && !closed.pinned, "{text}");
    assert!(stage.newest_round().pinned);
    stage.finish().await;
}

// Lord Howe Island is at UTC+10:30, in summer at UTC+11: half an hour, not one. Nepal is at
// UTC+5:45 all year.
#[tokio::test(flavor = "multi_thread")]
async fn odd_clocks_in_spring() {
    let mut stage = stage_at("2026-10-02T00:00:00Z").await;
    let other = stage.sim.add_channel(stage.guild, "other", ChannelKind::Text);
    set(&stage, "island", stage.channel, "02:15", "Australia/Lord_Howe").await;
    set(&stage, "mountain", other, "09:30", "Asia/Kathmandu").await;
    stage.wakes_at("2026-10-02T03:45:00Z").await;
    stage.travel("2026-10-05T16:00:00Z").await;
    let island = [
        (1, "2026-10-02T15:45:00Z"), // the 3rd, 02:15 at +10:30
        (2, "2026-10-03T15:30:00Z"), // the 4th: 02:00 is followed by 02:30, which is at +11
        (3, "2026-10-04T15:15:00Z"), // the 5th, 02:15 at +11
        (4, "2026-10-05T15:15:00Z"),
    ];
    assert_eq!(stage.posted(), rounds_at(&island));
    let mountain = [
        (1, "2026-10-02T03:45:00Z"),
        (2, "2026-10-03T03:45:00Z"),
        (3, "2026-10-04T03:45:00Z"),
        (4, "2026-10-05T03:45:00Z"),
    ];
    assert_eq!(stage.posted_in(other), rounds_at(&mountain));
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_clocks_in_autumn() {
    let mut stage = stage_at("2026-04-03T12:00:00Z").await;
    let told = set(&stage, "island", stage.channel, "01:45", "Australia/Lord_Howe").await;
    assert!(told.contains("every day at **01:45** in Australia/Lord_Howe"), "{told}");
    stage.wakes_at("2026-04-03T14:45:00Z").await;
    stage.travel("2026-04-05T16:00:00Z").await;
    let island = [
        (1, "2026-04-03T14:45:00Z"), // the 4th, 01:45 at +11
        (2, "2026-04-04T14:45:00Z"), // the 5th: 01:45 comes twice, and the first is at +11
        (3, "2026-04-05T15:15:00Z"), // the 6th, 01:45 at +10:30
    ];
    assert_eq!(stage.posted(), rounds_at(&island));
    let shown =
        said(&stage.actor(stage.mona).command(stage.channel, "daily show", &[]).await.unwrap());
    assert!(shown.contains("Rounds posted\n3"), "{shown}");
    stage.finish().await;
}
