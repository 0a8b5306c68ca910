//! The simulated time: steps, a jump, and a month in which three members take part.

use super::support::stage;
use thirtyfour::prelude::*;

#[tokio::test(flavor = "multi_thread")]
async fn steps_move_the_clock_and_bring_the_next_round() {
    let stage = stage!();
    stage.sees("Thu, 12 Nov 2026").await;
    stage.sees("Next Fri 09:30 Europe/Berlin").await;
    stage.press("Next hour").await;
    stage.sees("15:05").await;
    stage.press("Next round").await;
    stage.sees("#2 · open until the next question").await;
    stage.sees("Friday, 13 November 2026").await;
    // Over the weekend, to Monday's.
    stage.press("Next day").await;
    stage.sees("#3 · open until the next question").await;
    stage.sees("Mon, 16 Nov 2026").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_can_jump_to_a_date_but_not_back() {
    let stage = stage!();
    stage.press("Time").await;
    stage.sees("Jump to a date").await;
    let fill = |at: &str| {
        format!(
            "const field = document.querySelector('input[type=datetime-local]'); field.value = '{at}'; field.dispatchEvent(new Event('input'))"
        )
    };
    stage.eval(&fill("2026-11-18T12:00")).await;
    stage.press("Jump").await;
    stage.sees("It is Wednesday").await;
    stage.sees("Wed, 18 Nov 2026, 12:00").await;
    stage.sees("#5 · open until the next question").await;
    stage.eval(&fill("2026-11-01T12:00")).await;
    stage.press("Jump").await;
    stage.sees("time goes forwards only").await;
    stage.sees("Wed, 18 Nov 2026, 12:00").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_passes_and_the_boards_change() {
    let stage = stage!();
    stage.press("Time").await;
    stage.sees("Nobody has taken part yet.").await;
    stage.click(By::Css("button[data-travel=month]")).await;
    stage.sees("Sat, 12 Dec 2026").await;
    // 22 rounds came, and Dana missed none of them.
    let row = |name: &str| {
        format!(
            "[...document.querySelectorAll('#panel tbody tr')].find((row) => row.innerText.startsWith('{name}'))?.innerText.split('\\t')"
        )
    };
    stage.until_js(&row("Dana")).await;
    let row = async |name: &str| stage.eval(&format!("return {}", row(name))).await;
    let (dana, emil, farah) = (row("Dana").await, row("Emil").await, row("Farah").await);
    let rounds = |row: &serde_json::Value| row[4].as_str().unwrap().parse::<u32>().unwrap();
    assert_eq!(dana[1], dana[4], "Dana missed none: {dana}");
    assert!(
        rounds(&dana) > rounds(&emil) && rounds(&emil) > rounds(&farah),
        "{dana} {emil} {farah}"
    );
    stage.command("leaderboard").await;
    stage.until_js("/Dana[^]*Emil/.test(document.querySelector('#messages').innerText)").await;
    stage.close().await;
}
