//! What members decide about their own data, and what becomes of a guild's data once the bot has
//! been removed. What is left is looked for in the store's files, with sled itself and without a
//! line of the bot's: every key and every value of every table.

use crate::support::{
    Stage,
    acts::{Journal, rows, told},
    eventually, said,
};
use discord_sim::{ChannelKind, Fault, Id, MessageView, Rule};
use serde_json::{Value, json};

const MANAGE_GUILD: u64 = 1 << 5;

/// What a member types, which must be found nowhere.
const WORDS: &str = "Nobody else may read these words of mine";

/// A second guild of the same people, with a daily of its own at 10:00 UTC.
struct Second {
    guild: Id,
    channel: Id,
}

impl Second {
    async fn on(stage: &Stage) -> Self {
        let sim = &stage.sim;
        let guild = sim.add_guild("Second", sim.add_user("otto", "Otto"));
        let managers = sim.add_role(guild, "Managers", MANAGE_GUILD);
        sim.add_member(guild, stage.mona, &[managers]);
        for user in [stage.ada, stage.bob, stage.cleo] {
            sim.add_member(guild, user, &[]);
        }
        let channel = sim.add_channel(guild, "questions", ChannelKind::Text);
        let options = [
            ("channel", json!(channel)),
            ("time", json!("10:00")),
            ("zone", json!("UTC")),
            ("name", json!("second")),
        ];
        let set = stage.actor(stage.mona).command(channel, "daily set", &options).await;
        assert!(said(&set.unwrap()).contains("is set up"));
        Self { guild, channel }
    }

    /// Reveals and grades in the newest round.
    async fn takes_part(&self, stage: &Stage, user: Id) {
        stage.minute();
        let actor = stage.actor(user);
        let round = stage.rounds_in(self.channel).pop().unwrap();
        let shown = actor.click_label(self.channel, round.id, "Reveal").await.unwrap();
        let shown = shown.message().unwrap().clone();
        stage.minute();
        actor.click_label(self.channel, shown.id, "Missed").await.unwrap();
    }

    async fn board(&self, stage: &Stage, user: Id) -> String {
        let kind = [("kind", json!("all"))];
        said(&stage.actor(user).command(self.channel, "leaderboard", &kind).await.unwrap())
    }
}

/// A stage with the daily at 09:30 UTC. The log is kept, in all tests of the process alike.
async fn first(at: &str) -> Stage {
    Journal::keep();
    let stage = Stage::at(at).await;
    stage.set_daily("09:30", "UTC", &[]).await;
    stage
}

/// The same with a second guild.
async fn stage(at: &str) -> (Stage, Second) {
    let stage = first(at).await;
    let second = Second::on(&stage).await;
    (stage, second)
}

/// Whether an id or a text is anywhere in the store of a bot that does not run: in a key or a
/// value, as eight bytes or in digits; with the names of the tables in which it is.
fn found(stage: &Stage, id: Id) -> Vec<String> {
    let (bytes, digits) = (id.0.to_be_bytes().to_vec(), id.to_string().into_bytes());
    let db = sled::open(stage.folder.path()).unwrap();
    let mut tables = Vec::new();
    for name in db.tree_names() {
        let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
        let tree = db.open_tree(&name).unwrap();
        let any = tree.iter().map(Result::unwrap).any(|(key, value)| {
            [key, value].iter().any(|part| holds(part, &bytes) || holds(part, &digits))
        });
        if any {
            tables.push(String::from_utf8_lossy(&name).into_owned());
        }
    }
    tables.sort();
    tables
}

/// The file that `/privacy export` gives a member in a channel.
async fn exported(stage: &Stage, user: Id, channel: Id) -> (MessageView, Value) {
    let answer = stage.actor(user).command(channel, "privacy export", &[]).await.unwrap();
    let message = answer.message().unwrap_or_else(|| panic!("{answer:?}")).clone();
    assert!(message.ephemeral, "{message:?}");
    let [file] = message.attachments.as_slice() else { panic!("{message:?}") };
    assert_eq!(file.filename, "whetstone-my-data.json");
    let (_, bytes) = stage.sim.file(&file.path).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains(WORDS), "{text}");
    (message, serde_json::from_str(&text).unwrap())
}

/// Has all about a member deleted from a channel, and gives what they are told.
async fn deletes(stage: &Stage, user: Id, channel: Id) -> String {
    let actor = stage.actor(user);
    let asked = actor.command(channel, "privacy delete", &[]).await.unwrap();
    let asked = asked.message().unwrap().clone();
    assert!(asked.ephemeral && asked.text().contains("It cannot be undone"), "{asked:?}");
    actor.click_label(channel, asked.id, "Delete it all").await.unwrap();
    let now = || actor.look(channel, asked.id).unwrap();
    eventually("it says that it is done", || now().labels().is_empty()).await;
    now().text()
}

/// Two rounds in the first guild and one in the second. All three take part in the first, Ada and
/// Bob in the second; Ada alone in the second guild's.
async fn two_days(stage: &mut Stage, second: &Second) {
    stage.travel("2026-03-02T11:00:00Z").await;
    stage.minute();
    let answered = stage.answer(stage.ada, WORDS).await;
    stage.grades(stage.ada, &answered, "Got it").await;
    let ada = stage.actor(stage.ada);
    let shared = ada.click_label(stage.channel, answered.id, "Share in thread").await.unwrap();
    assert!(said(&shared).contains("in the round's thread"));
    stage.takes_quiz(stage.bob, true).await;
    let revealed = stage.reveals(stage.cleo).await;
    stage.grades(stage.cleo, &revealed, "Partly").await;
    second.takes_part(stage, stage.ada).await;
    stage.travel("2026-03-03T09:45:00Z").await;
    stage.takes_quiz(stage.ada, true).await;
    stage.answers(stage.bob).await;
    stage.travel("2026-03-03T11:00:00Z").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_has_all_that_is_stored_of_them() {
    let (mut stage, second) = stage("2026-03-02T08:00:00Z").await;
    two_days(&mut stage, &second).await;
    let (message, file) = exported(&stage, stage.ada, stage.channel).await;
    assert!(message.text().contains("what you did in 3 rounds"), "{}", message.text());
    assert_eq!(file["member"], json!(stage.ada.to_string()));
    let servers = file["servers"].as_array().unwrap();
    let names = servers.iter().map(|server| server["server"].as_str().unwrap().to_owned());
    let guilds = [stage.guild, second.guild].map(|guild| guild.to_string());
    assert_eq!(names.collect::<Vec<_>>(), guilds);
    let first = &servers[0]["dailies"][0];
    assert_eq!(first["daily"], "daily");
    let [one, two] = first["rounds"].as_array().unwrap().as_slice() else { panic!("{first}") };
    assert_eq!(one["answered"], "2026-03-02T11:01:00Z");
    assert_eq!((&one["grade"], &one["graded"]), (&json!("got_it"), &json!("2026-03-02T11:02:00Z")));
    assert_eq!((&one["shared"], &one["quiz"]), (&json!("2026-03-02T11:02:00Z"), &Value::Null));
    assert_eq!((&two["round"], &two["quiz_right"]), (&json!(2), &json!(true)));
    assert_eq!((&two["took_part_on"], &two["date"]), (&json!("2026-03-03"), &json!("2026-03-03")));
    assert_eq!(first["streak"], json!({ "current": 2, "best": 2, "freezes": 1, "last": 2 }));
    let boards = first["boards"].as_array().unwrap();
    let boards =
        boards.iter().map(|b| (b["board"].as_str().unwrap(), b["score"].as_u64().unwrap()));
    let expected = [("month", 2), ("streak", 2), ("best", 2), ("all", 2), ("quiz", 1)];
    assert_eq!(boards.collect::<Vec<_>>(), expected);
    assert_eq!(servers[1]["dailies"][0]["rounds"][0]["grade"], "missed");

    // The same in a direct message; another member's is another; who did nothing in a round has none,
    // and who set a daily up has that.
    let dm = stage.actor(stage.ada).dm();
    assert_eq!(exported(&stage, stage.ada, dm).await.1["servers"], file["servers"]);
    let (_, bob) = exported(&stage, stage.bob, stage.channel).await;
    assert_eq!(bob["servers"].as_array().unwrap().len(), 1);
    let (_, cleo) = exported(&stage, stage.cleo, stage.channel).await;
    assert_eq!(cleo["servers"][0]["dailies"][0]["set_by_you"], false);
    let (_, mona) = exported(&stage, stage.mona, stage.channel).await;
    assert_eq!(mona["servers"][0]["dailies"][0]["rounds"], json!([]));
    assert_eq!(mona["servers"][0]["dailies"][0]["set_by_you"], true);
    assert_eq!(mona["servers"][0]["dailies"][0]["paused_by_you"], false);
    stage.daily("pause", &[]).await;
    let (_, mona) = exported(&stage, stage.mona, stage.channel).await;
    assert_eq!(mona["servers"][0]["dailies"][0]["paused_by_you"], true);
    assert!(stage.finish().await.of("LateAnswer") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_member_has_deleted_is_nowhere() {
    let (mut stage, second) = stage("2026-03-02T08:00:00Z").await;
    two_days(&mut stage, &second).await;
    stage.actor(stage.ada).command(stage.channel, "settings", &[]).await.unwrap();
    assert_eq!(stage.board("all").await, rows(&[(1, "Ada", 2), (1, "Bob", 2), (3, "Cleo", 1)]));
    assert_eq!(stage.board("quiz").await, rows(&[(1, "Bob", 1), (1, "Ada", 1)]));
    let [closed, open] = <[MessageView; 2]>::try_from(stage.rounds()).unwrap();
    assert!(closed.text().contains("Took part\n3 members"), "{}", closed.text());
    eventually("both are counted", || counted(&stage).contains("**2** people")).await;

    let text = deletes(&stage, stage.ada, stage.channel).await;
    assert!(text.contains("what you did in 3 rounds"), "{text}");
    assert!(text.contains("Backups from before still hold it for up to **7 days**"), "{text}");
    assert_eq!(stage.board("all").await, rows(&[(1, "Bob", 2), (2, "Cleo", 1)]));
    assert_eq!(stage.board("month").await, rows(&[(1, "Bob", 2), (2, "Cleo", 1)]));
    assert_eq!(stage.board("streak").await, rows(&[(1, "Bob", 2), (2, "Cleo", 1)]));
    assert_eq!(stage.board("best").await, rows(&[(1, "Bob", 2), (2, "Cleo", 1)]));
    assert_eq!(stage.board("quiz").await, rows(&[(1, "Bob", 1)]));
    assert!(second.board(&stage, stage.ada).await.contains("Nobody is here yet"));
    assert_eq!(stage.record(stage.ada).await, told(0, 0, 1, 0));
    assert_eq!(exported(&stage, stage.ada, stage.channel).await.1["servers"], json!([]));

    // The open round counts those who are left; the closed one stays as it was published.
    stage.travel("2026-03-03T11:10:00Z").await;
    eventually("Bob alone is counted", || counted(&stage).contains("**1** person")).await;
    assert!(stage.rounds()[0].text().contains("Took part\n3 members"));
    assert_eq!(stage.rounds()[1].id, open.id);

    stage.stop_bot().await;
    assert_eq!(found(&stage, stage.ada), Vec::<String>::new());
    let everywhere = ["members", "parts", "ranking", "scores"];
    assert_eq!(found(&stage, stage.bob), everywhere, "the search finds what is there");

    // Who takes part again begins anew, and a second click deletes that, too.
    stage.start_bot().await;
    stage.answers(stage.ada).await;
    assert_eq!(stage.record(stage.ada).await, told(1, 1, 1, 1));
    let dm = stage.actor(stage.ada).dm();
    assert!(deletes(&stage, stage.ada, dm).await.contains("what you did in 1 round"));
    assert!(deletes(&stage, stage.ada, dm).await.contains("I keep nothing of you now"));
    stage.stop_bot().await;
    assert_eq!(found(&stage, stage.ada), Vec::<String>::new());
    assert!(stage.finish().await.of("Callback 6") > 0);
}

fn counted(stage: &Stage) -> String {
    stage.newest_round().text()
}

/// A daily stays paused, and does not say by whom.
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_is_forgotten_as_well() {
    let mut stage = first("2026-03-02T08:00:00Z").await;
    stage.daily("pause", &[]).await;
    let shown = stage.daily("show", &[]).await;
    assert!(shown.contains(&format!("by <@{}>", stage.mona)), "{shown}");
    deletes(&stage, stage.mona, stage.channel).await;
    let shown = stage.daily("show", &[]).await;
    assert!(shown.contains("by an admin. `/daily resume` starts it again"), "{shown}");
    stage.stop_bot().await;
    assert_eq!(found(&stage, stage.mona), Vec::<String>::new());
    stage.start_bot().await;
    assert!(stage.daily("resume", &[]).await.contains("running again"));
    stage.finish().await;
}

/// Hides a member, or shows them again, by the button of `/settings`.
async fn sets(stage: &Stage, user: Id, channel: Id, label: &str) -> String {
    let actor = stage.actor(user);
    let shown = actor.command(channel, "settings", &[]).await.unwrap();
    let shown = shown.message().unwrap().clone();
    assert!(shown.ephemeral, "{shown:?}");
    said(&actor.click_label(channel, shown.id, label).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_hides_is_shown_to_nobody_but_themselves() {
    let (mut stage, second) = stage("2026-03-02T08:00:00Z").await;
    two_days(&mut stage, &second).await;
    let dm = stage.actor(stage.ada).dm();
    let set = sets(&stage, stage.ada, dm, "Hide me from boards").await;
    assert!(set.contains("**Hidden.**"), "{set}");
    // Nobody's rank tells of her: Bob, who stood beside her, and Cleo move up.
    for kind in ["all", "month", "best", "streak"] {
        assert_eq!(stage.board(kind).await, rows(&[(1, "Bob", 2), (2, "Cleo", 1)]), "{kind}");
    }
    let all = [("kind", json!("all"))];
    let own = stage.ask(stage.ada, "leaderboard", &all).await;
    assert!(own.contains("You: 1st — **2** rounds · hidden from everybody else"), "{own}");
    assert!(own.contains("2 members") && !own.contains(&stage.ada.to_string()), "{own}");
    let others = second.board(&stage, stage.bob).await;
    assert!(others.contains("Nobody is here yet") && others.contains("0 members"), "{others}");
    assert!(second.board(&stage, stage.ada).await.contains("You: 1st — **1** round · hidden"));
    let member = [("member", json!(stage.ada))];
    let asked = stage.ask(stage.bob, "streak", &member).await;
    assert_eq!(asked, "This member keeps their rounds to themselves.");
    assert_eq!(stage.record(stage.ada).await, told(2, 2, 1, 2));

    // What she does while she hides counts, and after a restart she hides still.
    stage.travel("2026-03-04T11:00:00Z").await;
    stage.answers(stage.ada).await;
    stage.answers(stage.cleo).await;
    stage.stop_bot().await;
    stage.start_bot().await;
    assert_eq!(stage.board("all").await, rows(&[(1, "Bob", 2), (1, "Cleo", 2)]));
    let own = stage.ask(stage.ada, "leaderboard", &all).await;
    assert!(own.contains("You: 1st — **3** rounds · hidden"), "{own}");
    let (_, file) = exported(&stage, stage.ada, stage.channel).await;
    assert_eq!(file["settings"], json!({ "hidden": true }));

    let set = sets(&stage, stage.ada, stage.channel, "Show me on boards").await;
    assert!(set.contains("**Shown**"), "{set}");
    let all = rows(&[(1, "Ada", 3), (2, "Bob", 2), (2, "Cleo", 2)]);
    assert_eq!(stage.board("all").await, all);
    assert!(second.board(&stage, stage.bob).await.contains(&format!("<@{}>", stage.ada)));

    // To hide leaves a row; to be forgotten leaves none.
    sets(&stage, stage.ada, stage.channel, "Hide me from boards").await;
    deletes(&stage, stage.ada, stage.channel).await;
    stage.stop_bot().await;
    assert_eq!(found(&stage, stage.ada), Vec::<String>::new());
    stage.finish().await;
}

/// Waits until the bot has noted of a guild what these words say. No two tests may have a guild of
/// the same id, and so each begins on a day of its own.
async fn noted(words: &str, guild: Id) {
    eventually(words, || is_noted(words, guild)).await;
}

fn is_noted(words: &str, guild: Id) -> bool {
    !Journal::keep().lines(&[words, &format!("guild={guild}")]).is_empty()
}

const GONE: &str = "no longer in this guild";
const BACK: &str = "back in this guild";
const DELETED: &str = "the guild's data is deleted";

/// One round in each guild, in which Ada takes part. Then the first guild's daily is paused, for
/// its posts would but take the tests' time.
async fn one_day(stage: &mut Stage, second: &Second, day: &str) {
    stage.travel(&format!("{day}T11:00:00Z")).await;
    stage.answers(stage.ada).await;
    second.takes_part(stage, stage.ada).await;
    stage.daily("pause", &[]).await;
    stage.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_of_a_guild_goes_thirty_days_after_the_bot() {
    let (mut stage, second) = stage("2026-04-06T08:00:00Z").await;
    one_day(&mut stage, &second, "2026-04-06").await;
    let channel = second.channel;
    stage.clock.set("2026-04-06T20:00:00Z".parse().unwrap());
    stage.sim.kick_bot(second.guild);
    noted(GONE, second.guild).await;
    // A fault of Discord's at that moment is no answer, and an hour later it is asked again.
    stage.travel("2026-05-06T19:00:00Z").await;
    let fault = Fault::Status { status: 500, body: json!({ "code": 0, "message": "" }) };
    let down = stage.sim.faults().add(Rule::new("GET /guilds/*", fault));
    stage.travel("2026-05-06T20:30:00Z").await;
    stage.stop_bot().await;
    let places = ["dailies", "daily_names", "departures", "leaving"];
    assert_eq!(found(&stage, second.guild), places);
    assert!(!found(&stage, channel).is_empty());
    stage.start_bot().await;
    assert!(!is_noted(DELETED, second.guild));
    down.release();
    stage.travel("2026-05-06T21:30:00Z").await;
    noted(DELETED, second.guild).await;

    // The other guild has lost nothing, and who was in both has what they did there.
    let ada = rows(&[(1, "Ada", 1)]);
    assert_eq!(stage.board("all").await, ada);
    let (_, file) = exported(&stage, stage.ada, stage.channel).await;
    assert_eq!(file["servers"].as_array().unwrap().len(), 1);
    stage.stop_bot().await;
    assert_eq!(found(&stage, second.guild), Vec::<String>::new());
    assert_eq!(found(&stage, channel), Vec::<String>::new());
    assert_eq!(found(&stage, stage.guild), ["dailies", "daily_names"]);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guild_that_invites_the_bot_again_within_thirty_days_keeps_all() {
    let (mut stage, second) = stage("2026-06-01T08:00:00Z").await;
    one_day(&mut stage, &second, "2026-06-01").await;
    stage.sim.kick_bot(second.guild);
    noted(GONE, second.guild).await;
    stage.travel("2026-06-30T12:00:00Z").await;
    stage.sim.add_bot(second.guild);
    noted(BACK, second.guild).await;
    stage.travel("2026-07-02T11:00:00Z").await;
    assert!(second.board(&stage, stage.bob).await.contains(&format!("<@{}>", stage.ada)));
    // The post of the day after the removal was refused; now the daily goes on by itself.
    let rounds = stage.posted_in(second.channel);
    let (first, later) = rounds.split_first().unwrap();
    assert_eq!(first, &(1, "2026-06-01T10:00:00Z".to_owned()));
    let days = ["2026-07-01T10:00:00Z", "2026-07-02T10:00:00Z"].map(str::to_owned);
    assert_eq!(later.iter().map(|(_, at)| at.clone()).collect::<Vec<_>>(), days);
    stage.stop_bot().await;
    assert_eq!(found(&stage, second.guild), ["dailies", "daily_names"]);
    stage.finish().await;
}

/// Nobody tells the bot of what happens while it does not run.
#[tokio::test(flavor = "multi_thread")]
async fn a_removal_while_the_bot_is_away_is_noticed_when_it_comes_back() {
    let (mut stage, second) = stage("2026-08-03T08:00:00Z").await;
    one_day(&mut stage, &second, "2026-08-03").await;
    stage.stop_bot().await;
    stage.sim.kick_bot(second.guild);
    stage.clock.set("2026-08-05T20:00:00Z".parse().unwrap());
    stage.start_bot().await;
    noted(GONE, second.guild).await;
    // Thirty days from when it was noticed, not from when it happened; a restart changes nothing.
    stage.travel("2026-09-03T20:00:00Z").await;
    stage.stop_bot().await;
    assert_eq!(found(&stage, second.guild), ["dailies", "daily_names", "departures", "leaving"]);
    stage.start_bot().await;
    stage.travel("2026-09-04T20:30:00Z").await;
    noted(DELETED, second.guild).await;
    stage.stop_bot().await;
    assert_eq!(found(&stage, second.guild), Vec::<String>::new());
    stage.finish().await;
}

/// The time comes before the gateway has said anything: Discord is asked first.
#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_while_the_bot_is_away_keeps_all_however_late_it_comes_back() {
    let (mut stage, second) = stage("2026-10-05T08:00:00Z").await;
    one_day(&mut stage, &second, "2026-10-05").await;
    stage.sim.kick_bot(second.guild);
    noted(GONE, second.guild).await;
    stage.stop_bot().await;
    stage.sim.add_bot(second.guild);
    stage.clock.set("2026-12-01T20:00:00Z".parse().unwrap());
    stage.start_bot().await;
    noted(BACK, second.guild).await;
    stage.settle().await;
    assert!(second.board(&stage, stage.bob).await.contains(&format!("<@{}>", stage.ada)));
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_a_guild_is_no_removal() {
    let (mut stage, second) = stage("2027-01-04T08:00:00Z").await;
    one_day(&mut stage, &second, "2027-01-04").await;
    stage.sim.set_outage(second.guild, true);
    stage.travel("2027-01-05T20:00:00Z").await;
    // Neither is one that goes on while the bot starts.
    stage.stop_bot().await;
    stage.start_bot().await;
    stage.travel("2027-01-06T20:00:00Z").await;
    stage.stop_bot().await;
    assert!(!is_noted(GONE, second.guild));
    assert_eq!(found(&stage, second.guild), ["dailies", "daily_names"]);
    stage.start_bot().await;
    stage.sim.set_outage(second.guild, false);
    assert!(second.board(&stage, stage.bob).await.contains(&format!("<@{}>", stage.ada)));
    stage.finish().await;
}
