//! The shortest whole story: a daily is set up, a question is posted, a member answers.

use crate::support::Stage;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_posted_and_answered() {
    let mut stage = Stage::at("2026-03-06T14:00:00Z").await;
    let told = stage.set_daily("09:30", "America/New_York", &[("pin", json!(true))]).await;
    assert!(told.contains("**daily** is set up"), "{told}");
    assert!(stage.rounds().is_empty());

    // 09:30 in New York is 14:30 UTC while it is winter there.
    stage.travel("2026-03-06T15:00:00Z").await;
    let round = stage.newest_round();
    assert_eq!(round.timestamp, "2026-03-06T14:30:00.000000+00:00");
    assert!(round.pinned && round.thread.is_some(), "{round:?}");

    let seen = stage.answer(stage.ada, "It depends.").await;
    assert!(seen.ephemeral);
    let text = seen.text();
    assert!(text.contains("Your streak stands at **1** round"), "{text}");
    assert!(text.contains("It depends.") && text.contains("Model answer"), "{text}");
    let labels = seen.labels();
    let (on, own) = labels.split_at(labels.len() - 4);
    assert_eq!(on[0], "Full answer");
    assert_eq!(own, ["Missed", "Partly", "Got it", "Share in thread"]);
    let streak = stage.ask(stage.ada, "streak", &[]).await;
    assert!(streak.contains("Streak\n1 round"), "{streak}");
    assert!(stage.finish().await.of("Callback 9") > 0);
}
