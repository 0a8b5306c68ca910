//! Trouble at a click, and what the members see of it.

use super::support::stage;
use thirtyfour::prelude::*;

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_nothing_is_posted_and_the_reason_is_told() {
    let stage = stage!();
    stage.become_person("Mona").await;
    stage.press("Trouble").await;
    stage.press("Take the permission to post away").await;
    stage.sees("Trouble: the bot may not post").await;
    stage.press("Next day").await;
    stage.command("daily check").await;
    stage.sees("Send Messages").await;
    assert!(!stage.text().await.contains("#2 · open"));
    stage.press("Give it back").await;
    stage.sees_no_more("Trouble:").await;
    stage.command("daily resume").await;
    stage.press("Next round").await;
    stage.sees("#2 · open until the next question").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_gets_no_first_answer_says_so_and_is_there_with_the_next_news() {
    let stage = stage!();
    stage.block(&["*/api/state*"]).await;
    stage.driver.refresh().await.unwrap();
    stage.sees("The playground does not answer.").await;
    let acting = "return document.querySelectorAll('#main-composer:not([inert]), [data-step]:not([inert] *), [data-panel]:not([inert] *)').length";
    assert_eq!(stage.eval(acting).await, 0);
    stage.block(&[]).await;
    let sim = stage.playground.sim();
    let channel = sim.channels().into_iter().find(|channel| channel.name == "questions").unwrap();
    let bruno = sim.users().into_iter().find(|user| user.name == "Bruno").unwrap();
    sim.user(bruno.id).say(channel.id, "Are you there?").unwrap();
    stage.sees("Are you there?").await;
    stage.sees_no_more("The playground does not answer.").await;
    stage.press("Hint").await;
    stage.sees("Only you can see this").await;
    assert!(stage.eval(acting).await.as_u64().unwrap() > 5);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_requests_are_tried_again_and_seen_in_the_inspector() {
    let stage = stage!();
    stage.press("Trouble").await;
    stage.press("Fail 1 request").await;
    stage.sees("Trouble: the next 1 request will fail").await;
    // One failure is tried again, and the member does not notice.
    stage.press("Hint").await;
    stage.sees("Only you can see this").await;
    stage.sees_no_more("Trouble:").await;
    stage.press("Fail 25 requests").await;
    stage.sees("requests will fail").await;
    stage.press("Reveal").await;
    stage.sees("This interaction failed").await;
    stage.press("End all trouble").await;
    stage.sees_no_more("Trouble:").await;
    stage.press("Reveal").await;
    stage.sees("Model answer").await;
    stage.sees_no_more("This interaction failed").await;

    stage.press("Inspector").await;
    stage.sees("500").await;
    stage.click(By::XPath("//summary[.//*[contains(@class,'bad')]]")).await;
    stage.sees("Answer").await;
    stage.find(By::Css(".filters input")).await.send_keys("INTERACTION_CREATE").await.unwrap();
    stage.until_js("[...document.querySelectorAll('.traffic li')].filter((row) => !row.hidden).every((row) => row.textContent.includes('INTERACTION_CREATE'))").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_discord_lets_buttons_think_and_then_fail() {
    let stage = stage!();
    stage.press("Trouble").await;
    stage.press("1.5 seconds").await;
    stage.sees("Trouble: Discord takes 1.5 s for each request").await;
    stage.press("Hint").await;
    stage.until_js("document.querySelector('.message .button[aria-busy]')").await;
    stage.sees("Only you can see this").await;
    stage.press("5 seconds").await;
    stage.sees("Discord takes 5 s").await;
    stage.press("Reveal").await;
    stage.sees("This interaction failed").await;
    stage.press("Not at all").await;
    stage.sees_no_more("Trouble:").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_cut_comes_back_and_one_kept_away_fails_clicks() {
    let stage = stage!();
    stage.press("Trouble").await;
    stage.press("Cut the gateway").await;
    stage
        .until("a click works again", async || {
            stage.press("Hint").await;
            stage.until_js("!document.querySelector('.message .button[aria-busy]')").await;
            stage.text().await.contains("Only you can see this")
        })
        .await;
    stage.press("Cut it and keep it away").await;
    stage.sees("Trouble: the gateway is kept away").await;
    stage.press("Reveal").await;
    stage.sees("This interaction failed").await;
    stage.press("Let it back in").await;
    stage.sees_no_more("Trouble:").await;
    stage.until_js("/The bot is connected/.test(document.querySelector('#panel').innerText)").await;
    stage.press("Reveal").await;
    stage.sees("Model answer").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_bot_answers_nothing_and_goes_on_where_it_was() {
    let stage = stage!();
    stage.press("Answer").await;
    stage.sees("0 of 1500 characters").await;
    stage.keys("Before the crash.").await;
    stage.press("Submit").await;
    stage.sees("Your streak stands at 1 round").await;
    stage.press("Trouble").await;
    stage.press("Kill the bot").await;
    stage.sees("Trouble: the bot is stopped").await;
    stage.command("streak").await;
    stage.sees("The application did not respond").await;
    stage.press("Dismiss message").await;
    stage.press("Next hour").await;
    stage.press("Start the bot").await;
    stage.sees_no_more("Trouble:").await;
    stage.command("streak").await;
    stage.sees("1 round").await;

    stage.press("Kill and restart").await;
    stage.until_js("!document.querySelector('#panel [aria-busy]')").await;
    stage.press("Quiz").await;
    stage.until_js("!document.querySelector('.message .button[aria-busy]')").await;
    assert!(!stage.text().await.contains("This interaction failed"));
    stage.press("Fail 25 requests").await;
    stage.press("End all trouble").await;
    stage.sees_no_more("Trouble:").await;
    stage.close().await;
}
