//! Each kind of trouble, and what members then see.

use super::page::Page;
use serde_json::{Value, json};

const NONE: &str = r#"{"posting_denied":false,"failing":0,"delay_ms":0,"offline":false,
    "bot":"running","connected":true}"#;

fn none() -> Value {
    serde_json::from_str(NONE).unwrap()
}

fn footer(round: &Value) -> &str {
    round["embeds"][0]["footer"]["text"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_permission_nothing_is_posted_and_the_daily_says_why() {
    let page = Page::open().await;
    assert_eq!(page.state("").await["trouble"], none());
    let standing = page.trouble("posting", json!({ "denied": true })).await;
    assert_eq!(standing["posting_denied"], true);
    page.step("round").await;
    assert_eq!(page.rounds().await.len(), 1);
    let state = page.state("").await;
    assert_eq!(
        (&state["dailies"][0]["paused"], &state["dailies"][0]["due"]),
        (&json!(true), &Value::Null)
    );
    let shown = page.command(&page.mona, "daily show", json!({})).await;
    let shown = shown["message"]["embeds"][0].to_string();
    assert!(shown.contains("lacks a permission"), "{shown}");
    // What was posted before works all the same.
    assert_eq!(page.press(&page.ada, "Hint").await["type"], "message");

    assert_eq!(page.trouble("posting", json!({ "denied": false })).await, none());
    page.command(&page.mona, "daily resume", json!({})).await;
    page.step("round").await;
    assert_eq!(footer(&page.round().await), "#2 · open until the next question");
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_fail_are_sent_again() {
    let page = Page::open().await;
    let (_, before) = page.inspector(0).await;
    assert_eq!(page.trouble("fail", json!({ "times": 2 })).await["failing"], 2);
    assert_eq!(page.press(&page.ada, "Hint").await["type"], "message");
    assert_eq!(page.state("").await["trouble"]["failing"], 0);
    let (entries, _) = page.inspector(before).await;
    let statuses: Vec<_> = entries
        .iter()
        .filter(|entry| entry["label"].as_str().unwrap().ends_with("/callback"))
        .map(|entry| entry["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [500, 500, 204]);
    // What has not failed yet is forgiven.
    page.trouble("fail", json!({ "times": 100 })).await;
    assert_eq!(page.trouble("fail", json!({ "times": 0 })).await, none());
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_too_long_fails_the_click() {
    let page = Page::open().await;
    assert_eq!(page.trouble("slow", json!({ "delay_ms": 4000 })).await["delay_ms"], 4000);
    assert_eq!(page.press(&page.ada, "Hint").await, json!({ "type": "failed" }));
    // While all is slow, some can fail.
    assert_eq!(page.trouble("fail", json!({ "times": 1 })).await["delay_ms"], 4000);
    assert_eq!(page.press(&page.ada, "Hint").await, json!({ "type": "failed" }));
    assert_eq!(page.state("").await["trouble"]["failing"], 0);
    assert_eq!(page.trouble("slow", json!({ "delay_ms": 0 })).await, none());
    assert_eq!(page.press(&page.ada, "Hint").await["type"], "message");
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_was_cut_comes_back_by_itself() {
    let page = Page::open().await;
    let (_, before) = page.inspector(0).await;
    page.trouble("gateway", json!({})).await;
    page.state_when("it is back", |state| state["trouble"]["connected"] == true).await;
    let (entries, _) = page.inspector(before).await;
    let back = |entry: &Value| entry["label"] == "RESUMED" || entry["label"] == "READY";
    assert_eq!(entries.iter().filter(|entry| back(entry)).count(), 1);
    assert_eq!(page.press(&page.ada, "Hint").await["type"], "message");
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_gateway_is_away_clicks_fail_and_questions_are_posted() {
    let page = Page::open().await;
    let standing = page.trouble("offline", json!({ "on": true })).await;
    assert_eq!((&standing["offline"], &standing["connected"]), (&json!(true), &json!(false)));
    assert_eq!(page.press(&page.ada, "Hint").await, json!({ "type": "failed" }));
    page.step("round").await;
    assert_eq!(footer(&page.round().await), "#2 · open until the next question");
    assert_eq!(page.trouble("offline", json!({ "on": false })).await["offline"], false);
    page.state_when("it is back", |state| state["trouble"] == none()).await;
    assert_eq!(page.press(&page.ada, "Hint").await["type"], "message");
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_was_killed_is_missed_and_knows_everything_when_it_is_back() {
    let page = Page::open().await;
    page.answer("It depends.").await;
    let standing = page.trouble("kill", json!({})).await;
    assert_eq!((&standing["bot"], &standing["connected"]), (&json!("stopped"), &json!(false)));
    assert_eq!(page.press(&page.ada, "Hint").await, json!({ "type": "failed" }));
    let due = page.state("").await["dailies"][0]["due"].clone();
    assert!(due.is_i64());
    // Friday's question is not posted at 09:30; time goes by all the same.
    page.time(json!({ "to": "2026-11-13T12:00" })).await;
    assert_eq!(page.rounds().await.len(), 1);
    assert_eq!(page.state("").await["dailies"][0]["due"], due);
    assert_eq!(page.trouble("kill", json!({})).await["bot"], "stopped");

    assert_eq!(page.trouble("start", json!({})).await, none());
    let is_out = |state: &Value| state["dailies"][0]["due"].as_i64() > due.as_i64();
    page.state_when("the late question is out", is_out).await;
    let late = page.round().await;
    assert_eq!(footer(&late), "#2 · open until the next question");
    assert_eq!(late["timestamp"], "2026-11-13T11:00:00.000000+00:00");
    assert_eq!(page.streak(&page.ada, "Streak").await, "1 round");
    page.answer("It still depends.").await;
    assert_eq!(page.streak(&page.ada, "Streak").await, "2 rounds");
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_streaks_and_old_buttons() {
    let page = Page::open().await;
    page.answer("It depends.").await;
    for _ in 0..3 {
        assert_eq!(page.trouble("restart", json!({})).await, none());
        assert_eq!(page.streak(&page.ada, "Streak").await, "1 round");
        assert_eq!(page.press(&page.bruno, "Hint").await["type"], "message");
    }
    assert_eq!(page.trouble("start", json!({})).await, none());
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_during_which_the_bot_was_killed_goes_out_once() {
    let page = Page::open().await;
    page.trouble("slow", json!({ "delay_ms": 2000 })).await;
    let step = async { page.step("round").await };
    let kill = async {
        let claimed = |state: &Value| state["dailies"][0]["due"].is_null();
        page.state_when("the round is claimed", claimed).await;
        page.trouble("kill", json!({})).await
    };
    let (told, standing) = tokio::join!(step, kill);
    assert!(told["now"].is_i64(), "{told}");
    assert_eq!(standing["bot"], "stopped");
    assert_eq!(page.trouble("end", json!({})).await, none());
    page.state_when("it is out", |state| state["dailies"][0]["due"].is_i64()).await;
    let rounds = page.rounds().await;
    assert_eq!(rounds.len(), 2);
    assert_eq!(footer(&rounds[1]), "#2 · open until the next question");
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_all_trouble_is_the_end_of_each() {
    let page = Page::open().await;
    page.trouble("posting", json!({ "denied": true })).await;
    page.trouble("fail", json!({ "times": 1000 })).await;
    page.trouble("slow", json!({ "delay_ms": 10000 })).await;
    page.trouble("offline", json!({ "on": true })).await;
    page.trouble("kill", json!({})).await;
    let all = json!({
        "posting_denied": true, "failing": 1000, "delay_ms": 10000, "offline": true,
        "bot": "stopped", "connected": false,
    });
    assert_eq!(page.state("").await["trouble"], all);
    assert_eq!(page.trouble("end", json!({})).await, none());
    assert_eq!(page.press(&page.ada, "Hint").await["type"], "message");
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_refused_and_changes_nothing() {
    let page = Page::open().await;
    for (body, why) in [
        (json!({ "trouble": "flood" }), "unknown variant"),
        (json!({ "trouble": "fail" }), "missing field"),
        (json!({ "trouble": "fail", "times": -1 }), "invalid value"),
        (json!({ "trouble": "fail", "times": 1001 }), "at most 1000"),
        (json!({ "trouble": "slow", "delay_ms": 10001 }), "10000 ms"),
        (json!({ "trouble": "offline", "on": "yes" }), "invalid type"),
        (json!({}), "missing field"),
    ] {
        let error = page.refused("/api/trouble", body).await;
        assert!(error.contains(why), "{error}");
    }
    assert_eq!(page.state("").await["trouble"], none());
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playground_whose_bot_is_gone_can_be_stopped() {
    let page = Page::open().await;
    page.trouble("kill", json!({})).await;
    page.playground.stop().await.unwrap();
}
