//! A newcomer's first minutes, from the first look to the second round.

use super::support::stage;
use thirtyfour::prelude::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_minute_of_a_newcomer() {
    let stage = stage!();
    for text in
        ["Welcome to #questions", "Nobody has taken part yet.", "You are looking at the real bot"]
    {
        stage.sees(text).await;
    }

    // A hint, for her alone, and gone again at her wish.
    stage.press("Hint").await;
    stage.sees("Only you can see this").await;
    stage.press("Dismiss message").await;
    stage.sees_no_more("Only you can see this").await;

    // The form refuses to be sent empty, counts, and then shows her answer beside the model answer.
    stage.press("Answer").await;
    stage.sees("0 of 1500 characters").await;
    stage.press("Submit").await;
    stage.until_js("document.querySelector('dialog[open] textarea:invalid')").await;
    stage.keys("It keeps state in one place.").await;
    stage.sees("28 of 1500 characters").await;
    stage.press("Submit").await;
    for text in [
        "You are in. Your streak stands at 1 round.",
        "It keeps state in one place.",
        "Model answer",
        "Did the answer mention",
    ] {
        stage.sees(text).await;
    }
    stage.sees("1 person has taken part.").await;
    stage.press("Got it").await;
    stage.sees("You graded yourself: got it.").await;

    // The answer goes into the thread at her click alone, and the thread opens beside the channel.
    stage.press("Share in thread").await;
    stage.sees("1 message ›").await;
    stage.click(By::Css(".thread-link")).await;
    stage.until_js("document.querySelector('#thread-messages').innerText.includes('It keeps state in one place.')").await;
    stage.find(By::Id("thread-box")).await.send_keys("So it does." + Key::Enter).await.unwrap();
    stage
        .until_js("document.querySelector('#thread-messages').innerText.includes('So it does.')")
        .await;
    stage.keys(Key::Escape).await;
    stage.until_js("document.querySelector('#thread').hidden").await;

    // The quiz has one try.
    stage.command("question any").await;
    stage.sees("Practice ·").await;
    stage.press("Quiz").await;
    stage.press("A").await;
    stage.until_js("/Right|Not quite|right choice|is right/i.test(document.querySelector('#messages').innerText)").await;

    // The next round closes this one.
    stage.press("Next round").await;
    stage.sees("#2 · open until the next question").await;
    stage.sees("#1 · closed").await;
    stage.command("streak").await;
    stage.sees("1 round").await;
    stage.close().await;
}
