//! Time that passes at the page's wish.

use super::page::Page;
use jiff::Timestamp;
use serde_json::{Value, json};

fn ms(at: &str) -> i64 {
    at.parse::<Timestamp>().unwrap().as_millisecond()
}

fn at(message: &Value) -> Timestamp {
    message["timestamp"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn time_leads_to_a_date_and_each_question_comes_on_its_way() {
    let page = Page::open().await;
    // Noon in Berlin, on Tuesday.
    assert_eq!(page.time(json!({ "to": "2026-11-17T12:00" })).await, ms("2026-11-17T11:00:00Z"));
    let rounds = page.rounds().await;
    let posted: Vec<String> = rounds.iter().map(|round| at(round).to_string()).collect();
    assert_eq!(
        posted,
        [
            "2026-11-12T13:05:00Z",
            "2026-11-13T08:30:00Z",
            "2026-11-16T08:30:00Z",
            "2026-11-17T08:30:00Z"
        ]
    );
    let state = page.state("").await;
    assert_eq!(
        state["dailies"],
        json!([{
            "name": "daily", "channel": page.channel, "zone": "Europe/Berlin",
            "due": ms("2026-11-18T08:30:00Z"), "paused": false,
        }])
    );
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_makes_no_sense_is_refused() {
    let page = Page::open().await;
    for (body, why) in [
        (json!({ "to": "2026-11-12T14:05" }), "here it is 2026-11-12 14:05 already"),
        (json!({ "to": "2020-01-01T00:00" }), "forwards only"),
        (json!({ "to": "2027-11-13T00:00" }), "a year"),
        (json!({ "to": "tomorrow" }), "year"),
        (json!({ "to": "2026-12-24T09:00", "step": "day" }), "either step or to"),
        (json!({}), "either step or to"),
        (json!({ "year": 1 }), "unknown field"),
    ] {
        let error = page.refused("/api/time", body).await;
        assert!(error.contains(why), "{error}");
    }
    assert_eq!(page.state("").await["now"], ms("2026-11-12T13:05:00Z"));
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_hangs_holds_up_neither_the_page_nor_time_for_good() {
    let page = Page::open().await;
    page.trouble("slow", json!({ "delay_ms": 10_000 })).await;
    let step = async { page.step("round").await };
    let look = async {
        // The page answers while time is under way.
        let claimed = |state: &Value| state["dailies"][0]["due"].is_null();
        page.state_when("the round is claimed", claimed).await;
        page.state("").await
    };
    let (told, _) = tokio::join!(step, look);
    assert_eq!(told["now"], ms("2026-11-13T08:31:00Z"));
    page.playground.stop().await.unwrap();
}
