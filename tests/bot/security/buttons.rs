//! Buttons and forms that are not what they seem: of another member, of another guild, of another
//! program, of no message at all.

use super::{Elsewhere, STALE, forged_click, state, support::said, told, with_round};
use discord_sim::{Forgery, Response};

/// What belongs to one guild's daily.
const OF_A_GUILD: [&str; 9] = [
    "round1:answer:1:1",
    "round1:quiz:1:1",
    "round1:hint:1:1",
    "round1:reveal:1:1",
    "round1:pick:1:1:0",
    "round1:grade:1:1:2",
    "round1:share:1:1",
    "board1:all:1:-",
    "board1:month:1:2026-03:down:5:0:1",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_button_works_in_its_own_guild_only() {
    let stage = with_round().await;
    let there = Elsewhere::beside(&stage);
    let before = state(&stage).await;
    let eve = stage.actor(there.owner);
    let sent = eve.say(there.channel, "Hello").unwrap();
    for custom_id in OF_A_GUILD {
        let told = forged_click(&stage, there.owner, there.channel, sent, custom_id).await.text();
        assert!(told.contains(STALE), "{custom_id}: {told}");
    }
    let form = Forgery::Form {
        custom_id: "round1:form:1:1".to_owned(),
        input: ("text".to_owned(), "It depends.".to_owned()),
    };
    assert!(told(eve.forge(there.channel, form)).await.text().contains(STALE));
    assert_eq!(state(&stage).await, before);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rounds_button_is_of_no_use_in_a_direct_message() {
    let stage = with_round().await;
    let bob = stage.actor(stage.bob);
    let sent = bob.say(bob.dm(), "Hello").unwrap();
    for custom_id in OF_A_GUILD.into_iter().chain(["daily1:remove:1", "daily1:extra:1:1"]) {
        let told = forged_click(&stage, stage.bob, bob.dm(), sent, custom_id).await.text();
        assert!(told.contains("in a server only"), "{custom_id}: {told}");
    }
    stage.finish().await;
}

/// Ada alone sees her answer; Bob's program clicks on its buttons all the same.
#[tokio::test(flavor = "multi_thread")]
async fn the_buttons_of_anothers_ephemeral_message_do_nothing() {
    let stage = with_round().await;
    let own = stage.answer(stage.ada, "Ada's own words.").await;
    assert!(own.ephemeral && own.labels().contains(&"Share in thread"), "{:?}", own.labels());
    let before = state(&stage).await;
    let bob = stage.actor(stage.bob);
    for label in own.labels() {
        let custom_id = own.button(label).unwrap()["custom_id"].as_str().unwrap().to_owned();
        let forgery = Forgery::Click { message: own.id, custom_id };
        let told = told(bob.forge(stage.channel, forgery)).await.text();
        assert!(told.contains("somebody else's"), "{label}: {told}");
    }
    assert_eq!(state(&stage).await, before, "Bob has neither shared nor graded");
    let ada = stage.actor(stage.ada);
    let shared = ada.click_label(stage.channel, own.id, "Share in thread").await.unwrap();
    assert!(said(&shared).contains("in the round's thread"), "{}", said(&shared));
    stage.finish().await;
}

/// Custom ids that no program made that has run here.
fn foreign() -> Vec<String> {
    let mut foreign: Vec<String> = [
        "round0:answer:1:1",
        "round2:answer:1:1",
        "round1:answer:1",
        "round1:answer:1:1:1",
        "round1:answer:01:1",
        "round1:answer:-1:1",
        "round1:answer:1:zzzzzzzzzzzzzz",
        "round1:pick:1:1:99999",
        "round1:grade:1:1:3",
        "round1:Answer:1:1",
        " round1:answer:1:1",
        "round1:answer:1:1\n",
        "round1:answer:\u{661}:1",
        "practice1:quiz:../../etc/passwd",
        "practice1:quiz:<@1>",
        "practice1:form:",
        "board1:month:1:2026-13",
        "board1:month:1:2026-3",
        "daily1:remove",
        "poll:vote:1",
        "\u{202e}round1:answer:1:1",
        "{}",
        ":",
        " ",
    ]
    .map(str::to_owned)
    .into();
    foreign.extend([101, 5_000].map(|length| format!("practice1:quiz:{}", "a".repeat(length))));
    foreign
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_and_oversized_custom_ids_are_answered_and_do_nothing() {
    let stage = with_round().await;
    let before = state(&stage).await;
    let round = stage.newest_round().id;
    let bob = stage.actor(stage.bob);
    for custom_id in foreign() {
        let clicked = forged_click(&stage, stage.bob, stage.channel, round, &custom_id).await;
        assert!(clicked.text().contains(STALE), "{custom_id}: {}", clicked.text());
        let input = ("text".to_owned(), "It depends.".to_owned());
        let form = Forgery::Form { custom_id: custom_id.clone(), input };
        let sent = told(bob.forge(stage.channel, form)).await.text();
        assert!(sent.contains(STALE), "{custom_id}: {sent}");
    }
    assert_eq!(state(&stage).await, before);
    stage.finish().await;
}

/// Rounds and questions that there are not, or not any more; and a button of this daily that the
/// message clicked on does not have.
#[tokio::test(flavor = "multi_thread")]
async fn stale_buttons_are_answered_and_do_nothing() {
    let stage = with_round().await;
    let before = state(&stage).await;
    let round = stage.newest_round().id;
    for (custom_id, answer) in [
        ("round1:answer:1:2", "no round #2"),
        ("round1:reveal:1:1z141z3", "no round #4294967295"),
        ("round1:quiz:2:1", STALE),
        ("round1:pick:1:1:9", STALE),
        ("practice1:quiz:no-such-question", "has left the bank"),
        ("board1:all:2:-", STALE),
    ] {
        let told = forged_click(&stage, stage.bob, stage.channel, round, custom_id).await.text();
        assert!(told.contains(answer), "{custom_id}: {told}");
    }
    let bob = stage.actor(stage.bob);
    let hello = bob.say(stage.channel, "Hello").unwrap();
    for custom_id in ["round1:reveal:1:1", "round1:share:1:1", "practice1:hint:caching"] {
        let forgery = Forgery::Click { message: hello, custom_id: custom_id.to_owned() };
        let told = told(bob.forge(stage.channel, forgery)).await.text();
        assert!(told.contains(STALE), "{custom_id}: {told}");
    }
    stage.sim.remove_message(stage.channel, hello);
    assert_eq!(state(&stage).await, before);
    stage.finish().await;
}

/// Discord holds forms to the length that the bot has set; a forged one may be longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_too_much_or_nothing_in_it_is_answered() {
    let stage = with_round().await;
    let bob = stage.actor(stage.bob);
    for (input, text) in
        [("text", "y".repeat(4_000)), ("text", String::new()), ("other", "y".into())]
    {
        let custom_id = "round1:form:1:1".to_owned();
        let form = Forgery::Form { custom_id, input: (input.to_owned(), text) };
        let response = bob.forge(stage.channel, form).response().await;
        assert!(matches!(response, Response::Message { .. }), "{response:?}");
        assert!(said(&response).contains("Model answer"), "{}", said(&response));
    }
    stage.finish().await;
}
