//! Slash commands with the keyboard alone.

use super::support::stage;
use thirtyfour::prelude::*;

/// The label of what has the focus.
const FOCUSED: &str =
    "return document.activeElement.labels?.[0]?.innerText ?? document.activeElement.id";

#[tokio::test(flavor = "multi_thread")]
async fn a_slash_command_is_typed_without_a_pointer() {
    let stage = stage!();
    // From the top of the page to the box, as the skip link offers.
    stage.eval("document.activeElement.blur(); window.focus()").await;
    stage.keys(Key::Tab + Key::Enter + Key::Tab).await;
    assert_eq!(stage.eval("return document.activeElement.id").await, "main-box");

    // The menu narrows while one types; arrows move in it, Escape closes it, and it comes back.
    stage.keys("/").await;
    stage.until_js("document.querySelectorAll('#main-composer [role=option]').length > 8").await;
    stage.keys("question").await;
    stage.until_js("document.querySelectorAll('#main-composer [role=option]').length === 7").await;
    stage.keys(Key::Escape).await;
    stage.until_js("document.querySelector('#main-composer .suggestions').hidden").await;
    stage.keys(Key::Down).await;
    let marked = "document.querySelector('#main-composer [aria-selected=true] b')?.textContent";
    stage.until_js(&format!("{marked} === '/question beginner'")).await;
    stage.keys(Key::Down + Key::Down).await;
    stage.until_js(&format!("{marked} === '/question advanced'")).await;
    assert_eq!(
        stage.eval("return document.activeElement.getAttribute('aria-activedescendant')").await,
        stage.eval("return document.querySelector('[aria-selected=true]').id").await
    );
    stage.keys(Key::Enter).await;

    // The topic completes as one types; Tab takes it and goes on to the next option.
    stage.sees("Only questions of this topic").await;
    assert!(stage.eval(FOCUSED).await.as_str().unwrap().starts_with("topic"));
    stage.keys("concurr").await;
    stage.until_js(&format!("{marked} === 'Concurrency'")).await;
    stage.keys(Key::Tab).await;
    assert!(stage.eval(FOCUSED).await.as_str().unwrap().starts_with("private"));
    stage.keys("tr").await;
    stage.until_js(&format!("{marked} === 'True'")).await;
    stage.keys(Key::Enter + Key::Enter).await;
    stage.sees("Practice ·").await;
    stage
        .until_js("/Advanced · .*Concurrency/.test(document.querySelector('#messages').innerText)")
        .await;
    stage.sees("Only you can see this").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn required_options_and_foreign_values_are_held_back() {
    let stage = stage!();
    stage.find(By::Id("main-box")).await.send_keys("/question find").await.unwrap();
    stage.keys(Key::Enter).await;
    stage.sees("Search the bank").await;
    stage.keys(Key::Enter).await;
    stage.until_js("document.querySelector('#main-composer input:invalid')").await;
    assert_eq!(stage.eval("return document.querySelectorAll('.message').length").await, 1);
    stage.keys(Key::Escape).await;
    stage.until_js("document.activeElement.id === 'main-box'").await;

    // A choice that is none is held back, too, and said to be none.
    stage.find(By::Id("main-box")).await.send_keys("/leaderboard").await.unwrap();
    stage.keys(Key::Enter + "nonsense" + Key::Enter).await;
    stage.until_js("document.querySelector('#main-composer input:invalid')").await;
    stage.close().await;
}
