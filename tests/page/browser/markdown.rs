//! Discord's Markdown as it is shown, and the small things of a chat.

use super::support::stage;
use thirtyfour::prelude::*;

/// How many elements there are in the newest message.
fn in_newest(selector: &str) -> String {
    format!(
        "[...document.querySelectorAll('#messages .message')].at(-1).querySelectorAll('{selector}').length"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spoiler_shows_at_a_click_and_at_a_key() {
    let stage = stage!();
    stage.say("The butler: ||it was **he**||, and ||she||").await;
    stage.until_js("document.querySelectorAll('.spoiler').length === 2").await;
    let hidden = stage.text().await;
    assert!(hidden.contains("The butler") && !hidden.contains("it was he"), "{hidden}");
    stage.click(By::Css(".spoiler:first-of-type")).await;
    stage.sees("it was he").await;
    assert!(!stage.text().await.contains("she"));
    stage.eval("document.querySelector('.spoiler:not(.shown)').focus()").await;
    stage.keys(Key::Enter).await;
    stage.sees(", and she").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn markdown_is_shown_as_discord_shows_it() {
    let stage = stage!();
    for (text, selector) in [
        ("**bold**", "strong"),
        ("*italic* and _italic_", "em"),
        ("__under__", "u"),
        ("~~gone~~", "s"),
        ("# Large", "h4"),
        ("### Small", "h6"),
        ("- a point", "ul > li"),
        ("3. a number", "ol[start=\"3\"] > li"),
        ("> said", "blockquote"),
        ("`code`", "p > code"),
        ("```sql SELECT```", "pre > code"),
        ("[words](https://example.com)", "a[href=\"https://example.com\"]"),
        ("<t:1700000000:R>", "time.moment"),
        ("<#1>", "span.mention"),
        ("-# small print", ".subtext"),
    ] {
        stage.say(text).await;
        stage.until_js(&format!("{} > 0", in_newest(selector))).await;
    }
    // A name that one types becomes a mention, and a channel's name leads there.
    stage.say("See #general, @Bruno").await;
    stage.until_js(&format!("{} === 2", in_newest(".mention"))).await;
    stage.click(By::Css("button.mention")).await;
    stage.sees("Welcome to #general").await;
    stage.sees("Type / below to see what Whetstone can do.").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_is_coloured() {
    let stage = stage!();
    // A box of one line takes no line ends, so the page's own code is asked.
    let shown = stage
        .eval(
            "return import('/markdown.js').then(({ markdown }) => {
               const box = document.createElement('div');
               box.append(...markdown('```sql\\nSELECT 1 -- one\\nFROM \"t\"\\n```', {}));
               return [...box.querySelectorAll('span')].map((s) => [s.className, s.textContent].join(' '));
             })",
        )
        .await;
    let wanted = [
        "code-keyword SELECT",
        "code-number 1",
        "code-comment -- one",
        "code-keyword FROM",
        "code-string \"t\"",
    ];
    assert_eq!(shown, serde_json::json!(wanted));
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pins_replies_and_edits_are_told() {
    let stage = stage!();
    stage.become_person("Mona").await;
    // A daily that pins its rounds.
    stage.find(By::Id("main-box")).await.send_keys("/daily set").await.unwrap();
    stage.until_js("document.querySelector('#main-composer [aria-selected=true]')").await;
    stage.keys(Key::Enter).await;
    for (option, value) in
        [("channel", "#questions"), ("time", "09:30"), ("zone", "Europe/Berlin"), ("pin", "True")]
    {
        let field = By::XPath(format!(
            "//label[starts-with(normalize-space(.),'{option}')]/following-sibling::input"
        ));
        let field = stage.find(field).await;
        field.send_keys(value).await.unwrap();
        stage.until_js("document.querySelector('#main-composer [aria-selected=true]') || document.activeElement.value === '09:30'").await;
        field.send_keys(Key::Tab).await.unwrap();
    }
    stage.press("Send").await;
    stage.sees("daily is changed.").await;
    stage.press("Next round").await;
    stage.sees("pinned a message.").await;
    stage.sees("⚑ Pinned").await;
    stage.press("Pins").await;
    stage.sees("Pinned messages").await;
    stage.press("Jump").await;
    stage.until_js("document.activeElement.matches('.message.pinned')").await;
    stage.close().await;
}
