//! `/daily` as an admin sees it, and what others are told.

use super::buttons::DailyButton;
use crate::{
    app::messenger::Recipient,
    app::testing::{ADA, BOB, GUILD, MONA, QUESTIONS, QUIET, RUST, VOICE},
    commands::{
        invocation::Value,
        testing::{Desk, text},
    },
    domain::{
        daily::{Daily, Declared, Pause},
        ids::{ChannelId, RoleId},
        round::Step,
    },
    store::testing::settings,
    ui::Meaning,
};

/// `/daily set` with what must be given, and more.
fn set(channel: ChannelId, more: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut options = vec![
        ("channel", Value::Channel(channel)),
        text("time", "9:30"),
        text("zone", "Europe/Berlin"),
    ];
    options.extend_from_slice(more);
    options
}

async fn stored(desk: &Desk) -> Daily {
    desk.app.dailies(GUILD).await.unwrap().pop().unwrap()
}

#[tokio::test]
async fn only_those_who_manage_the_server_may() {
    let desk = Desk::empty();
    insta::assert_snapshot!(desk.ask(ADA, "daily set", &set(QUESTIONS, &[])).await, @"This needs the permission **Manage Server**. Ask somebody who has it.");
    insta::assert_snapshot!(desk.ask_directly(MONA, "daily show", &[]).await, @"This works in a server only.");
    assert_eq!(desk.suggested(ADA, "daily set", "zone", "berlin").await, "");
    let daily = desk.daily("daily", QUESTIONS).await;
    let told = desk.act(ADA, DailyButton::Remove(daily.id).action()).await.to_string();
    assert!(told.contains("Manage Server"), "{told}");
    assert!(desk.app.store.daily(daily.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_daily_is_set_up_and_changed() {
    let desk = Desk::empty();
    insta::assert_snapshot!(desk.ask(MONA, "daily set", &set(QUESTIONS, &[])).await, @"
    **daily** is set up.
    <#10> · Monday to Friday at **09:30** in Europe/Berlin
    It draws from 4 questions.
    Next: <t:1772526600:F> (<t:1772526600:R>)
    `/daily post-now` posts the first one at once.
    ");
    let more = [
        text("days", "tue, thu"),
        text("levels", "beginner, advanced"),
        text("topics", "queues, APIs"),
        ("role", Value::Role(RoleId(77))),
        ("pin", Value::Boolean(true)),
    ];
    insta::assert_snapshot!(desk.ask(MONA, "daily set", &set(RUST, &more)).await, @"
    **daily** is changed.
    <#11> · tue, thu at **09:30** in Europe/Berlin
    It draws from 3 questions.
    Next: <t:1772526600:F> (<t:1772526600:R>)
    ");
    insta::assert_snapshot!(desk.ask(MONA, "daily show", &[]).await, @"
    │ daily
    │ <#11> · tue, thu at **09:30** in Europe/Berlin
    │ Next: <t:1772526600:F> (<t:1772526600:R>)
    │ Rounds posted: 0
    │ Questions: 3 match, 0 used in this cycle
    │ Levels: beginner, advanced
    │ Topics: apis, queues
    │ Thread · pin: yes · yes
    │ Pings: <@&77>
    ");
    // What is not given stays; @everyone, whose role has the guild's id, is never pinged.
    let everyone = [("role", Value::Role(RoleId(GUILD.0))), text("levels", "all")];
    desk.ask(MONA, "daily set", &set(RUST, &everyone)).await;
    let settings = stored(&desk).await.settings;
    assert_eq!((settings.role, settings.pin, settings.filter.topics.len()), (None, true, 2));
    assert!(settings.filter.levels.is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_says_what_to_write() {
    let desk = Desk::empty();
    let told = async |name, value: &str| {
        let mut options = set(QUESTIONS, &[]);
        options.retain(|(option, _)| *option != name);
        options.push(text(name, value));
        desk.ask(MONA, "daily set", &options).await.to_string()
    };
    insta::assert_snapshot!(told("time", "half past nine").await, @"`time`: `half past nine` is no time of day; write hours and minutes of a 24-hour clock, such as 9:30 or 17:05.");
    insta::assert_snapshot!(told("zone", "Berlin").await, @"`zone`: `Berlin` is no time zone; did you mean Europe/Berlin or America/Belize?");
    insta::assert_snapshot!(told("days", "weekdays, foo").await, @"`days`: `foo` names no days; write for example mon-fri, or mon,wed,fri, or weekdays, or daily.");
    insta::assert_snapshot!(told("levels", "hard").await, @"`levels`: `hard` is no level; the levels are beginner, intermediate and advanced.");
    insta::assert_snapshot!(told("topics", "queues, cooking").await, @"No topic is called “cooking”. `/topics` lists them.");
    insta::assert_snapshot!(told("topics", "security").await, @"No question matches that. `/topics` shows what the bank holds.");
    insta::assert_snapshot!(told("name", "the *best* one").await, @r"“the \*best\* one” cannot be a daily's name: use 1 to 32 letters, digits, spaces, `-` or `_`.");
    assert_eq!(desk.app.dailies(GUILD).await.unwrap(), []);
}

#[tokio::test]
async fn a_channel_that_does_not_suit_is_refused() {
    let desk = Desk::empty();
    insta::assert_snapshot!(desk.ask(MONA, "daily set", &set(VOICE, &[])).await, @"Nothing was saved: <#12> is not a text, announcement or forum channel.");
    insta::assert_snapshot!(desk.ask(MONA, "daily set", &set(QUIET, &[])).await, @"
    Nothing was saved.
    ❌ In <#13> the bot lacks: **Send Messages**, **Embed Links**. Open the channel's settings → Permissions, choose the bot's role, and allow them.
    Then run the command again.
    ");
    insta::assert_snapshot!(desk.ask(MONA, "daily set", &set(ChannelId(99), &[])).await, @"Nothing was saved: the bot cannot see <#99>. Allow it **View Channel** there, then run the command again.");
    assert_eq!(desk.app.dailies(GUILD).await.unwrap(), []);
}

#[tokio::test]
async fn several_dailies_are_told_apart_by_name() {
    let desk = Desk::empty();
    insta::assert_snapshot!(desk.ask(MONA, "daily show", &[]).await, @"There is no daily question here yet. Somebody with Manage Server sets one up with `/daily set`; `/question any` gives a question right now.");
    for name in ["backend", "rust"] {
        desk.ask(MONA, "daily set", &set(QUESTIONS, &[text("name", name)])).await;
    }
    insta::assert_snapshot!(desk.ask(MONA, "daily set", &set(QUESTIONS, &[])).await, @"There are several dailies here, so name the one you mean: **backend**, **rust**.");
    insta::assert_snapshot!(desk.ask(MONA, "daily pause", &[]).await, @"There are several dailies here, so name the one you mean: **backend**, **rust**.");
    let told = desk.ask(MONA, "daily pause", &[text("daily", "rust")]).await;
    insta::assert_snapshot!(told, @"**rust** is paused. `/daily resume` starts it again; no streak is broken meanwhile.");
    insta::assert_snapshot!(desk.ask(MONA, "daily show", &[text("daily", "rust")]).await, @"
    │ rust
    │ <#10> · Monday to Friday at **09:30** in Europe/Berlin
    │ ⏸️ **Paused:** by <@100>. `/daily resume` starts it again.
    │ Rounds posted: 0
    │ Questions: 4 match, 0 used in this cycle
    │ Levels: all
    │ Topics: all
    │ Thread · pin: yes · no
    ");
    for number in 3..=25 {
        let name = format!("daily {number}");
        desk.ask(MONA, "daily set", &set(QUESTIONS, &[text("name", &name)])).await;
    }
    let one_more = set(QUESTIONS, &[text("name", "one more")]);
    insta::assert_snapshot!(desk.ask(MONA, "daily set", &one_more).await, @"A server can have 25 dailies. Remove one first, with `/daily remove`.");
    let all = desk.ask(MONA, "daily show", &[]).await.to_string();
    insta::assert_snapshot!(all.lines().next().unwrap(), @"22 more; name one to see it.");
}

#[tokio::test]
async fn the_next_questions_are_foretold() {
    let (mut desk, daily) = Desk::with_rounds(0).await;
    let foretold = desk.ask(MONA, "daily preview", &[]).await.to_string();
    insta::assert_snapshot!(foretold, @"
    **Next in daily**, for your eyes only:
    <t:1772530200:f> — What is a queue? (`queue`, beginner)
    <t:1772616600:f> — What does an index cost? (`index`, intermediate)
    <t:1772703000:f> — What is an API endpoint? (`endpoint`, beginner)
    <t:1772789400:f> — What if a queue is full? (`full-queue`, advanced)
    <t:1773048600:f> — What does an index cost? (`index`, intermediate)
    <t:1773135000:f> — What is an API endpoint? (`endpoint`, beginner)
    <t:1773221400:f> — What is a queue? (`queue`, beginner)
    ");
    for line in foretold.lines().skip(1).take(3) {
        let number = desk.post(daily.id).await;
        let title = desk.chat.message(daily.id, number).reply.embeds[0].title.clone();
        assert!(line.contains(&title), "{line}: {title}");
    }
    desk.ask(MONA, "daily pause", &[]).await;
    let paused = desk.ask(MONA, "daily preview", &[]).await.to_string();
    insta::assert_snapshot!(paused.lines().last().unwrap(), @"The daily is paused; dates count from its resumption.");
}

#[tokio::test]
async fn a_question_is_asked_next_or_never() {
    let (mut desk, daily) = Desk::with_rounds(0).await;
    let index = [text("question", "index")];
    insta::assert_snapshot!(desk.ask(MONA, "daily queue", &index).await, @"“What does an index cost?” comes next in **daily**.");
    let number = desk.post(daily.id).await;
    let title = desk.chat.message(daily.id, number).reply.embeds[0].title.clone();
    assert_eq!(title, "What does an index cost?");
    insta::assert_snapshot!(desk.ask(MONA, "daily ban", &index).await, @"“What does an index cost?” will never come in **daily**. The same command allows it again.");
    insta::assert_snapshot!(desk.ask(MONA, "daily queue", &index).await, @"This daily does not ask `index`: it is banned, or its level and topics are not among those that were set.");
    let shown = desk.ask(MONA, "daily show", &[]).await.to_string();
    assert!(shown.contains("Banned: `index`"), "{shown}");
    insta::assert_snapshot!(desk.ask(MONA, "daily ban", &index).await, @"“What does an index cost?” may come in **daily** again.");
    insta::assert_snapshot!(desk.ask(MONA, "daily ban", &[text("question", "nope")]).await, @"No question is called “nope”. `/question find` searches the bank.");
    insta::assert_snapshot!(desk.suggested(MONA, "daily queue", "question", "end").await, @"What is an API endpoint? = endpoint");
}

/// It is Monday, the second of March; the daily posts from Monday to Friday.
#[tokio::test]
async fn dates_are_skipped() {
    let (mut desk, daily) = Desk::with_rounds(0).await;
    insta::assert_snapshot!(desk.ask(MONA, "daily skip", &[text("date", "tomorrow")]).await, @"**daily**: Tue 3 Mar 2026 will be skipped. Streaks are not touched.");
    let more = [text("date", "2026-03-04"), text("until", "2026-03-05")];
    insta::assert_snapshot!(desk.ask(MONA, "daily skip", &more).await, @"**daily**: Wed 4 Mar 2026 to Thu 5 Mar 2026 will be skipped. Streaks are not touched.");
    desk.post(daily.id).await;
    assert_eq!(desk.now.to_string(), "2026-03-06T09:30:00Z");
    let again = [text("date", "2026-03-09")];
    desk.ask(MONA, "daily skip", &again).await;
    insta::assert_snapshot!(desk.ask(MONA, "daily skip", &again).await, @"**daily**: Mon 9 Mar 2026 will not be skipped any more. Streaks are not touched.");
    assert!(stored(&desk).await.settings.schedule.skips.is_empty());
    let told = async |date: &str, until: &str| {
        let options = [text("date", date), text("until", until)];
        desk.ask(MONA, "daily skip", &options).await.to_string()
    };
    insta::assert_snapshot!(told("christmas", "tomorrow").await, @"`date`: write a date as year, month, day, such as 2026-03-06, or `tomorrow`.");
    insta::assert_snapshot!(told("2026-03-01", "tomorrow").await, @"`date`: 2026-03-01 has passed; today is 2026-03-06 there.");
    insta::assert_snapshot!(told("2026-03-12", "2026-03-11").await, @"`until`: 2026-03-11 is before 2026-03-12.");
    insta::assert_snapshot!(told("tomorrow", "2027-01-01").await, @"`until`: at most 92 days at once; `/daily pause` stops it for longer.");
}

#[tokio::test]
async fn a_daily_pauses_and_resumes() {
    let (desk, _) = Desk::with_rounds(1).await;
    insta::assert_snapshot!(desk.ask(MONA, "daily resume", &[]).await, @"**daily** is not paused.");
    insta::assert_snapshot!(desk.ask(MONA, "daily pause", &[]).await, @"**daily** is paused. `/daily resume` starts it again; no streak is broken meanwhile.");
    insta::assert_snapshot!(desk.ask(MONA, "daily pause", &[]).await, @"**daily** is paused. `/daily resume` starts it again.");
    insta::assert_snapshot!(desk.ask(MONA, "daily post-now", &[]).await, @"**daily** is paused. `/daily resume` starts it again.");
    let shown = desk.ask(MONA, "daily show", &[]).await.to_string();
    insta::assert_snapshot!(shown.lines().nth(2).unwrap(), @"│ ⏸️ **Paused:** by <@100>. `/daily resume` starts it again.");
    insta::assert_snapshot!(desk.ask(MONA, "daily resume", &[]).await, @"**daily** is running again. Next: <t:1772616600:F> (<t:1772616600:R>)");
}

#[tokio::test]
async fn the_days_post_is_brought_forward_and_an_extra_one_is_asked_for() {
    let (mut desk, daily) = Desk::with_rounds(0).await;
    insta::assert_snapshot!(desk.ask(MONA, "daily post-now", &[]).await, @"Round #1 is out: https://discord.com/channels/1/10/1000");
    let asked = desk.ask(MONA, "daily post-now", &[]).await;
    insta::assert_snapshot!(asked, @"
    Today's round is out already. Post an extra one? It counts as a round of its own, and the open one closes.
    [Post an extra round!]
    ");
    insta::assert_snapshot!(desk.click(MONA, &asked, "Post an extra round").await, @"
    (in place of the message)
    Round #2 is out: https://discord.com/channels/1/10/1001
    ");
    insta::assert_snapshot!(desk.click(MONA, &asked, "Post an extra round").await, @"Round #2 was posted meanwhile, so nothing more was posted now.");
    assert_eq!(stored(&desk).await.rounds, 2);
    // The next scheduled one comes on the next day, as if nothing had been brought forward.
    desk.post(daily.id).await;
    assert_eq!(desk.now.to_string(), "2026-03-03T09:30:00Z");
}

#[tokio::test]
async fn a_post_that_discord_does_not_take_is_told() {
    let (desk, daily) = Desk::with_rounds(1).await;
    desk.chat.world().down = true;
    insta::assert_snapshot!(desk.ask(MONA, "daily check", &[]).await, @"
    ❌ Can't reach Discord: Discord could not be reached or had a fault: 503 Service Unavailable.
    **daily**
    ❌ <#10>: Discord could not be reached or had a fault: 503 Service Unavailable.
    ✅ 4 questions to draw from.
    Next: <t:1772616600:F> (<t:1772616600:R>)
    ");
    desk.chat.world().down = false;
    desk.chat.world().channels.remove(&QUESTIONS);
    desk.ask(MONA, "daily post-now", &[]).await;
    let asked = desk.ask(MONA, "daily post-now", &[]).await;
    insta::assert_snapshot!(desk.click(MONA, &asked, "Post an extra round").await, @"Discord did not take it: the channel is gone. So the daily is paused. `/daily check` says what is missing; then `/daily resume` and `/daily post-now`.");
    insta::assert_snapshot!(desk.ask(MONA, "daily show", &[]).await, @"
    │ daily
    │ <#10> · Monday to Friday at **09:30** in UTC
    │ ⏸️ **Paused:** The channel is gone. Mend that (`/daily check` says what is missing), then `/daily resume`.
    │ Rounds posted: 1
    │ Questions: 4 match, 1 used in this cycle
    │ Levels: all
    │ Topics: all
    │ Thread · pin: yes · yes
    ");
    insta::assert_snapshot!(desk.ask(MONA, "daily check", &[]).await, @"
    ✅ The bot's token and intents are in order.
    **daily**
    ❌ <#10>: the bot lacks **View Channel** there, or is no longer in the server. Open the channel's settings → Permissions, choose the bot's role, and allow it.
    ✅ 4 questions to draw from.
    ⏸️ **Paused:** The channel is gone. Mend that (`/daily check` says what is missing), then `/daily resume`.
    ");
    assert_eq!(desk.app.store.daily(daily.id).await.unwrap().unwrap().rounds, 1);
}

#[tokio::test]
async fn a_post_is_on_its_way_while_discord_is_down() {
    let (desk, daily) = Desk::with_rounds(0).await;
    desk.chat.world().down = true;
    insta::assert_snapshot!(desk.ask(MONA, "daily post-now", &[]).await, @"Discord has a fault just now. The round is on its way and will be posted once, as soon as Discord takes it.");
    insta::assert_snapshot!(desk.ask(MONA, "daily post-now", &[]).await, @"A round of this daily is on its way already. It goes out as soon as Discord takes it.");
    let shown = desk.ask(MONA, "daily show", &[]).await.to_string();
    insta::assert_snapshot!(shown.lines().nth(3).unwrap(), @"│ ⏳ Round #1 has been waiting to be posted since <t:1772452800:f>; it goes out as soon as Discord takes it.");
    desk.chat.world().down = false;
    desk.settle().await;
    desk.chat.message(daily.id, 1);
    assert_eq!(stored(&desk).await.rounds, 1);
}

#[tokio::test]
async fn a_check_says_what_is_missing() {
    let (desk, daily) = Desk::with_rounds(0).await;
    insta::assert_snapshot!(desk.ask(MONA, "daily check", &[]).await, @"
    ✅ The bot's token and intents are in order.
    **daily**
    ✅ All permissions that it needs in <#10> are there.
    ✅ 4 questions to draw from.
    Next: <t:1772530200:F> (<t:1772530200:R>)
    ");
    let change = |change: fn(&mut Daily)| {
        desk.app.store.update_daily(daily.id, move |daily| {
            change(daily);
            Ok(())
        })
    };
    change(|daily| {
        daily.settings.channel = QUIET;
        daily.settings.filter.topics = vec!["security".into()];
        daily.pause = Some(Pause::NoQuestions);
    })
    .await
    .unwrap();
    insta::assert_snapshot!(desk.ask(MONA, "daily check", &[]).await, @"
    ✅ The bot's token and intents are in order.
    **daily**
    ❌ In <#13> the bot lacks: **Send Messages**, **Embed Links**. Open the channel's settings → Permissions, choose the bot's role, and allow them.
    ❌ No question matches its levels and topics.
    ⏸️ **Paused:** No question matches its levels and topics. Widen them, then `/daily resume`.
    ");
    change(|daily| daily.settings.channel = VOICE).await.unwrap();
    let told = desk.ask(MONA, "daily check", &[]).await.to_string();
    insta::assert_snapshot!(told.lines().nth(2).unwrap(), @"❌ <#12> is not a text, announcement or forum channel.");
}

#[tokio::test]
async fn a_step_that_was_given_up_is_told() {
    let (desk, daily) = Desk::with_rounds(1).await;
    let give_up = |round: &mut crate::domain::round::Round| {
        round.pin = Step::GaveUp("the bot lacks a permission in the channel".to_owned());
    };
    desk.app.store.update_round(daily.id, 1, give_up).await.unwrap();
    let shown = desk.ask(MONA, "daily show", &[]).await.to_string();
    insta::assert_snapshot!(shown.lines().nth(3).unwrap(), @"│ ⚠️ The pin of the newest round: the bot lacks a permission in the channel.");
}

#[tokio::test]
async fn a_round_is_credited_and_taken_back() {
    let (desk, daily) = Desk::with_rounds(2).await;
    let bob = ("member", Value::User(BOB));
    let back = ("take-back", Value::Boolean(true));
    let newest = [bob.clone()];
    insta::assert_snapshot!(desk.ask(MONA, "daily credit", &newest).await, @"<@102> is credited for round #2.");
    insta::assert_snapshot!(desk.ask(MONA, "daily credit", &newest).await, @"They took part in that round already.");
    let first = [bob.clone(), ("round", Value::Integer(1))];
    desk.ask(MONA, "daily credit", &first).await;
    assert_eq!(desk.app.streak(daily, BOB, BOB).await.unwrap().standing.current, 2);
    insta::assert_snapshot!(desk.ask(MONA, "daily credit", &[bob.clone(), back.clone()]).await, @"The credit of <@102> for round #2 is taken back.");
    insta::assert_snapshot!(desk.ask(MONA, "daily credit", &[bob.clone(), back]).await, @"They have no credit for that round.");
    let unknown = [bob.clone(), ("round", Value::Integer(9))];
    insta::assert_snapshot!(desk.ask(MONA, "daily credit", &unknown).await, @"There is no round #9.");
    let (desk, _) = Desk::with_rounds(0).await;
    insta::assert_snapshot!(desk.ask(MONA, "daily credit", &[bob]).await, @"**daily** has not posted a question yet. `/question any` gives one right now.");
}

#[tokio::test]
async fn a_daily_is_removed_once_that_is_confirmed() {
    let (desk, daily) = Desk::with_rounds(2).await;
    let asked = desk.ask(MONA, "daily remove", &[]).await;
    insta::assert_snapshot!(asked, @"
    Remove **daily** with its 2 rounds, streaks and boards? This cannot be undone. Messages in the channel stay.
    [Remove it for good (danger)]
    ");
    assert!(desk.app.store.daily(daily.id).await.unwrap().is_some());
    insta::assert_snapshot!(desk.click(MONA, &asked, "Remove it for good").await, @"
    (in place of the message)
    **daily** is removed.
    ");
    assert_eq!(desk.app.dailies(GUILD).await.unwrap(), []);
    insta::assert_snapshot!(desk.click(MONA, &asked, "Remove it for good").await, @"What this belonged to is not here any more. `/question today` shows the open round, `/help` what I can do.");
}

#[tokio::test]
async fn the_file_governs_a_declared_daily() {
    let desk = Desk::empty();
    let settings = settings("declared", QUESTIONS);
    let declared = vec![Declared { guild: GUILD, settings }];
    desk.app.declare(declared, desk.now).await.unwrap();
    let named = [text("name", "declared")];
    insta::assert_snapshot!(desk.ask(MONA, "daily set", &set(RUST, &named)).await, @"The configuration file governs **declared**. Whoever runs the bot can change it there.");
    insta::assert_snapshot!(desk.ask(MONA, "daily remove", &[]).await, @"The configuration file governs **declared**. Whoever runs the bot can change it there.");
    let shown = desk.ask(MONA, "daily show", &[]).await.to_string();
    insta::assert_snapshot!(shown.lines().nth(3).unwrap(), @"│ **The configuration file governs this daily**; change it there.");
    desk.app.declare(Vec::new(), desk.now).await.unwrap();
    let shown = desk.ask(MONA, "daily show", &[]).await.to_string();
    insta::assert_snapshot!(shown.lines().nth(2).unwrap(), @"│ ⏸️ **Paused:** It is no longer in the configuration file. `/daily resume` makes it an ordinary daily; `/daily remove` removes it.");
}

#[tokio::test]
async fn what_is_typed_is_completed() {
    let desk = Desk::empty();
    insta::assert_snapshot!(desk.suggested(MONA, "daily set", "zone", "kath").await, @"Asia/Kathmandu = Asia/Kathmandu");
    insta::assert_snapshot!(desk.suggested(MONA, "daily set", "topics", "queues, data").await, @"queues,databases = queues,databases");
    let zones = desk.suggested(MONA, "daily set", "zone", "").await;
    assert_eq!(zones.lines().count(), 25);
}

#[tokio::test]
async fn a_guild_chooses_where_notices_go() {
    let desk = Desk::empty();
    let chosen = [("channel", Value::Channel(RUST))];
    let direct = [("direct", Value::Boolean(true))];
    insta::assert_snapshot!(desk.ask(ADA, "daily notices", &chosen).await, @"This needs the permission **Manage Server**. Ask somebody who has it.");
    insta::assert_snapshot!(desk.ask(MONA, "daily notices", &[]).await, @"When a daily starts failing, the one who set it up is told once, by direct message. `/daily notices channel` chooses a channel instead.");
    insta::assert_snapshot!(desk.ask(MONA, "daily notices", &chosen).await, @"When a daily starts failing, <#11> is told once. `/daily notices direct:True` lets the one who set the daily up be told instead.");
    let both = [chosen[0].clone(), direct[0].clone()];
    insta::assert_snapshot!(desk.ask(MONA, "daily notices", &both).await, @"`direct`: either a channel is told or a member, not both.");
    assert_eq!(desk.app.notices(GUILD).await.unwrap(), Some(RUST));
    insta::assert_snapshot!(desk.ask(MONA, "daily notices", &direct).await, @"When a daily starts failing, the one who set it up is told once, by direct message, from now on. `/daily notices channel` chooses a channel instead.");
    assert_eq!(desk.app.notices(GUILD).await.unwrap(), None);
}

#[tokio::test]
async fn a_daily_that_runs_out_of_questions_is_told_once() {
    let (mut desk, daily) = Desk::with_rounds(1).await;
    desk.ask(MONA, "daily notices", &[("channel", Value::Channel(RUST))]).await;
    let starve = |daily: &mut Daily| {
        daily.settings.filter.topics = vec!["security".into()];
        Ok(())
    };
    desk.app.store.update_daily(daily.id, starve).await.unwrap();
    for _ in 0..2 {
        let due = stored(&desk).await.next_due.unwrap();
        desk.at(due.at);
        desk.app.claim_due(daily.id, desk.now).await.unwrap();
        desk.settle().await;
    }
    let told = desk.chat.world().notices.clone();
    let [(to, notice)] = told.as_slice() else { panic!("one notice, not {told:?}") };
    assert_eq!(*to, Recipient::Channel(RUST));
    insta::assert_snapshot!(notice, @"
    (to the channel)
    ⚠️ **daily** in <#10> does not post any more, since <t:1772616600:f>.
    The post: no question matches its levels and topics.
    It is paused; once that is mended, `/daily resume` starts it again.
    This is told once, and again only if it works and then fails anew.
    [Check!]
    ");
}
