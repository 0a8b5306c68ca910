//! Time that passes at the page's wish: to a date, and a month with the simulated members in it.

use super::page::{Page, json_of};
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
    // By itself nobody takes part.
    assert!(rounds.iter().all(|round| !round.to_string().contains("member")));
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
        (json!({ "to": "2026-12-24T09:00", "month": true }), "one of step, to and month"),
        (json!({ "month": false }), "one of step, to and month"),
        (json!({}), "one of step, to and month"),
        (json!({ "year": 1 }), "unknown field"),
    ] {
        let error = page.refused("/api/time", body).await;
        assert!(error.contains(why), "{error}");
    }
    assert_eq!(page.state("").await["now"], ms("2026-11-12T13:05:00Z"));
    page.playground.stop().await.unwrap();
}

// From Thursday 12 November 14:05 to Saturday 12 December 14:05 in Berlin 22 rounds are posted, the
// one that greets a newcomer included:
//
//   week 46  Thu 12 – Fri 13 Nov   #1  to #2
//   week 47  Mon 16 – Fri 20       #3  to #7
//   week 48  Mon 23 – Fri 27       #8  to #12
//   week 49  Mon 30 – Fri  4 Dec   #13 to #17
//   week 50  Mon  7 – Fri 11       #18 to #22
#[tokio::test(flavor = "multi_thread")]
async fn a_month_passes_and_each_simulated_member_keeps_to_their_habits() {
    let page = Page::open().await;
    assert_eq!(page.time(json!({ "month": true })).await, ms("2026-12-12T13:05:00Z"));
    let rounds = page.rounds().await;
    assert_eq!(rounds.len(), 22);

    // Dana takes every quiz. Emil skips Fridays: his first freeze covers #2, and the one that he
    // earns with #6, his fifth in a row, covers #7. There is none for #12, so that a streak of nine
    // (#1, #3 to #6, #8 to #11) ends, nor for #17, after which four rounds follow.
    // Farah takes part in weeks 46, 48 and 50; no freezes cover a week.
    let expected = [
        ("Dana", "22 rounds", "22 rounds", "22"),
        ("Emil", "4 rounds", "9 rounds", "17"),
        ("Farah", "5 rounds", "5 rounds", "12"),
    ];
    for (name, streak, best, all) in expected {
        let id = page.person(name).await;
        let told = [
            page.streak(&id, "Streak").await,
            page.streak(&id, "Best").await,
            page.streak(&id, "Rounds in all").await,
        ];
        assert_eq!(told, [streak, best, all], "{name}");
    }
    the_boards(&page).await;
    the_hours(&page, &rounds).await;
    what_the_others_see(&rounds);
    page.playground.stop().await.unwrap();
}

/// A board's rows: name and score.
async fn board(page: &Page, kind: &str) -> Vec<(String, u32)> {
    let told = page.command(&page.mona, "leaderboard", json!({ "kind": kind })).await;
    let state = page.state("").await;
    let text = told["message"]["embeds"][0]["description"].as_str().unwrap();
    let row = |line: &str| {
        let (_, rest) = line.split_once("<@")?;
        let (id, rest) = rest.split_once("> — **")?;
        let name = state["members"].as_array()?.iter().find(|one| one["id"] == id)?;
        let score = rest.split_once("**")?.0.parse().ok()?;
        Some((name["name"].as_str()?.to_owned(), score))
    };
    text.lines().filter_map(row).collect()
}

/// #14 to #22 are December's.
async fn the_boards(page: &Page) {
    let rows = |rows: [(&str, u32); 3]| rows.map(|(name, score)| (name.to_owned(), score));
    assert_eq!(board(page, "month").await, rows([("Dana", 9), ("Emil", 7), ("Farah", 5)]));
    assert_eq!(board(page, "all").await, rows([("Dana", 22), ("Emil", 17), ("Farah", 12)]));
    assert_eq!(board(page, "streak").await, rows([("Dana", 22), ("Farah", 5), ("Emil", 4)]));
    // Of nine quizzes one or two go wrong, one of each five in a row.
    let quiz = board(page, "quiz").await;
    assert!(quiz == [("Dana".to_owned(), 7)] || quiz == [("Dana".to_owned(), 8)], "{quiz:?}");
}

/// Dana's quizzes, which she alone sees, came 20 to 40 minutes after the questions.
async fn the_hours(page: &Page, rounds: &[Value]) {
    let dana = page.person("Dana").await;
    let seen = page.seen_by(&dana).await;
    let quizzes = seen.iter().filter(|message| message["embeds"][0]["title"] == "Quiz");
    let minutes: Vec<i64> = quizzes
        .zip(rounds)
        .map(|(quiz, round)| at(quiz).duration_since(at(round)).as_mins())
        .collect();
    assert_eq!(minutes.len(), 22);
    assert!(minutes.iter().all(|minutes| (20..=40).contains(minutes)), "{minutes:?}");
    assert!(minutes.iter().any(|minute| *minute != minutes[0]), "{minutes:?}");
}

/// A closed round counts those who took part, and in each of Farah's weeks one answer is shared.
fn what_the_others_see(rounds: &[Value]) {
    let took_part = |round: &Value| {
        let fields = round["embeds"][0]["fields"].as_array().unwrap();
        let found = fields.iter().find(|field| field["name"] == "Took part").unwrap();
        found["value"].as_str().unwrap().to_owned()
    };
    // Thursday with Farah, Friday with her and without Emil, Monday without her.
    let counts: Vec<String> = rounds[..3].iter().map(took_part).collect();
    assert_eq!(counts, ["3 members", "2 members", "2 members"]);
    let shared = |range: std::ops::Range<usize>| -> u64 {
        rounds[range].iter().map(|round| round["thread"]["messages"].as_u64().unwrap()).sum()
    };
    let weeks = [shared(0..2), shared(2..7), shared(7..12), shared(12..17), shared(17..22)];
    assert_eq!(weeks, [1, 0, 1, 0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_month_goes_on_where_the_last_one_ended() {
    let page = Page::open().await;
    page.time(json!({ "to": "2026-12-24T20:00" })).await;
    let before = page.rounds().await.len();
    page.time(json!({ "month": true })).await;
    page.time(json!({ "month": true })).await;
    let dana = page.person("Dana").await;
    let rounds = page.state("").await["dailies"][0].clone();
    assert_eq!(rounds["due"], ms("2027-02-25T08:30:00Z"));
    // From the open round of the 24th of December to that of the 24th of February.
    assert_eq!(page.streak(&dana, "Streak").await, "45 rounds");
    assert_eq!(before, 31);
    page.playground.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_passes_whatever_the_bot_does() {
    let page = Page::open().await;
    page.trouble("kill", json!({})).await;
    assert_eq!(page.time(json!({ "month": true })).await, ms("2026-12-12T13:05:00Z"));
    assert_eq!(page.rounds().await.len(), 1);
    page.trouble("start", json!({})).await;
    page.trouble("posting", json!({ "denied": true })).await;
    assert_eq!(page.time(json!({ "month": true })).await, ms("2027-01-12T13:05:00Z"));
    assert_eq!(page.rounds().await.len(), 1);
    // The one open round was there to be answered all the time.
    let dana = page.person("Dana").await;
    assert_eq!(page.streak(&dana, "Streak").await, "1 round");
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
        json_of(page.get("/api/bank").await).await
    };
    let (told, _) = tokio::join!(step, look);
    assert_eq!(told["now"], ms("2026-11-13T08:31:00Z"));
    page.playground.stop().await.unwrap();
}
