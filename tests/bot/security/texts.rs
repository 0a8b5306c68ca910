//! Texts and names that members choose: none pings, none hides what is there, none poses as the bot.

use super::{
    BEFORE,
    support::{
        Stage,
        validate::{Kind, pings},
    },
    tour::Tour,
    with_round,
};
use serde_json::json;

/// All at once: mentions, Markdown, directions, characters of no width, links, invites, a wall.
const HOSTILE: &str = "@everyone @here <@&1> <@1> </daily remove:1>\n# Whetstone: your account\n\
    [log in here](https://evil.example/a) discord.gg/abc \u{202e}txet desrever\u{2066} a\u{200b}b\n\
    ```\n**Model answer**\u{200d}\n>>> ||spoiler||\n\n\n\n\n\n\n\nZ\u{300}\u{301}\u{302}\u{303}\u{304}";

/// What others see of it.
const TAMED: &str = "@everyone @here <@&1> <@1> </daily remove:1>\n# Whetstone: your account\n\
    [log in here] (https://evil.example/a) discord.gg/abc txet desrever ab\n\
    ```\n**Model answer**\n>>> ||spoiler||\n\nZ\u{300}\u{301}\u{302}";

const NAME: &str = "@everyone\u{202e} **Mo** <@&1> discord.gg/abc";

/// `finish` checks every request of every stage; here every text of a member is hostile.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_whole_tour_pings() {
    let stage = Stage::at(BEFORE).await;
    let mut tour = Tour::on(stage, None, HOSTILE.trim());
    tour.walk().await;
    let tally = tour.stage.finish().await;
    for sent in ["Callback 4", "Callback 7", "LateAnswer", "Message", "Edit", "Post"] {
        assert!(tally.of(sent) > 0, "no {sent} among {tally:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_answer_is_shown_as_what_it_is() {
    let stage = with_round().await;
    let own = stage.answer(stage.ada, HOSTILE).await;
    let ada = stage.actor(stage.ada);
    ada.click_label(stage.channel, own.id, "Share in thread").await.unwrap();
    let thread = stage.newest_round().thread.expect("a thread").id;
    let shared = stage.sim.messages(thread).pop().unwrap();
    assert_eq!(shared.content, format!("<@{}> answered:", stage.ada));
    let footer = json!({ "text": "A member's own answer" });
    assert_eq!(shared.embeds.len(), 1, "{:?}", shared.embeds);
    let embed = &shared.embeds[0];
    assert_eq!((&embed["description"], &embed["footer"]["text"]), (&json!(TAMED), &footer["text"]));
    for key in ["title", "author", "url", "image", "fields"] {
        let empty = embed[key].is_null() || embed[key] == json!([]);
        assert!(empty, "{key}: {embed}");
    }
    assert!(shared.pings.users.is_empty() && shared.pings.roles.is_empty(), "{:?}", shared.pings);
    assert!(!shared.pings.everyone && shared.labels().is_empty());
    stage.finish().await;
}

/// The bot names members by mentions alone, which Discord's client shows by itself.
#[tokio::test(flavor = "multi_thread")]
async fn no_name_of_a_member_is_part_of_a_text() {
    let stage = with_round().await;
    let user = stage.sim.add_user("mallory", NAME);
    stage.sim.add_member(stage.guild, user, &[]);
    let own = stage.answer(user, "It depends.").await;
    let actor = stage.actor(user);
    actor.click_label(stage.channel, own.id, "Share in thread").await.unwrap();
    for (command, options) in [
        ("streak", vec![]),
        ("leaderboard", vec![]),
        ("question today", vec![]),
        ("question any", vec![("private", json!(false))]),
    ] {
        stage.ask(user, command, &options).await;
    }
    stage.ask(stage.bob, "streak", &[("member", json!(user))]).await;
    stage.ask(stage.bob, "leaderboard", &[("kind", json!("all"))]).await;
    stage.ask(stage.mona, "daily credit", &[("member", json!(user))]).await;
    let requests = stage.sim.requests();
    assert!(requests.iter().any(|request| request.body.to_string().contains(&user.to_string())));
    for request in requests {
        let body = request.body.to_string();
        assert!(!body.contains("mallory") && !body.contains("**Mo**"), "{body}");
    }
    stage.finish().await;
}

/// Names are shown in bold and in lists, to admins and in footers.
#[tokio::test(flavor = "multi_thread")]
async fn a_dailys_name_hides_nothing() {
    let stage = Stage::at(BEFORE).await;
    for name in [
        "@everyone",
        "a\u{202e}b",
        "a\u{200b}b",
        "\u{3164}",
        "a\u{2800}b",
        "[a](https://evil.example)",
        "<@1>",
        "a\nb",
        "**a**",
        "discord.gg/a",
        " a",
        "a\u{200d}b",
    ] {
        let told = stage.set_daily("09:30", "Europe/Berlin", &[("name", json!(name))]).await;
        assert!(name == " a" || told.contains("cannot be a daily's name"), "{name:?}: {told}");
        assert!(!told.contains(['\u{202e}', '\u{200b}', '\u{200d}']), "{told:?}");
    }
    stage.finish().await;
}

/// What is typed is told back to whoever typed it, as it was typed, and without what is hidden.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_found_is_told_back_as_it_was_typed() {
    let stage = with_round().await;
    let typed = "[a](b) **c** \u{202e}<@1>\u{200b} @everyone";
    let shown = r"\[a\](b) \*\*c\*\* \<\@1\> \@everyone";
    for (command, option) in [
        ("question find", "text"),
        ("question show", "id"),
        ("question any", "topic"),
        ("reveal", "question"),
        ("streak", "daily"),
        ("leaderboard", "daily"),
    ] {
        let told = stage.ask(stage.bob, command, &[(option, json!(typed))]).await;
        assert!(told.contains(shown), "/{command}: {told}");
    }
    stage.finish().await;
}

#[test]
fn a_body_that_pings_is_found() {
    let found = |kind, body: serde_json::Value| pings::check(kind, &body).faults.len();
    let quiet = json!({ "parse": [], "users": [], "roles": [] });
    let good = json!({ "content": "@everyone", "allowed_mentions": quiet });
    assert_eq!(found(Kind::Message, good.clone()), 0);
    let role = json!({ "content": "<@&7>", "allowed_mentions": { "parse": [], "roles": ["7"] } });
    assert_eq!(found(Kind::Message, role), 0);
    for mentions in [
        json!(null),
        json!({}),
        json!({ "parse": ["everyone"] }),
        json!({ "parse": [], "users": ["7"] }),
        json!({ "parse": [], "roles": ["7"] }),
        json!({ "parse": [], "replied_user": true }),
    ] {
        let body = json!({ "content": "<@&7> hello", "allowed_mentions": mentions });
        for kind in [Kind::Message, Kind::Edit, Kind::LateAnswer] {
            assert_eq!(found(kind, body.clone()), 1, "{kind:?}: {body}");
        }
        assert_eq!(found(Kind::Post, json!({ "name": "n", "message": body })), 1);
        for kind in [4, 7] {
            assert_eq!(found(Kind::Callback, json!({ "type": kind, "data": body })), 1);
        }
    }
    assert_eq!(found(Kind::Callback, json!({ "type": 4, "data": good })), 0);
}
