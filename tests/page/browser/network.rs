//! The page asks nobody but the playground, for anything.

use super::support::{Stage, stage};
use serde_json::Value;

/// Every request that the browser has made for the page since it was last asked.
async fn requests(stage: &Stage) -> Vec<String> {
    let log = stage.driver.get_log("performance").await.unwrap();
    let events =
        log.into_iter().map(|entry| serde_json::from_str::<Value>(&entry.message).unwrap());
    let url = |event: Value| match event["message"]["method"].as_str()? {
        "Network.requestWillBeSent" => {
            Some(event["message"]["params"]["request"]["url"].as_str()?.to_owned())
        }
        "Network.webSocketCreated" => Some(event["message"]["params"]["url"].as_str()?.to_owned()),
        _ => None,
    };
    events.filter_map(url).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_of_anybody_else() {
    let stage = stage!();
    stage.press("Hint").await;
    stage.sees("Only you can see this").await;
    stage.say("![x](https://example.com/x.png) https://example.com <img src=https://example.com/y.png>").await;
    stage.sees("https://example.com/y.png").await;
    for panel in ["Pins", "Time", "Trouble", "Inspector"] {
        stage.press(panel).await;
    }
    stage.press("Next round").await;
    stage.sees("#2 ·").await;
    let mut all = requests(&stage).await;
    stage.visit("/bank").await;
    stage.sees("The model answer").await;
    all.extend(requests(&stage).await);

    // That the log is one: the page's own requests and its stream are in it.
    let address = stage.playground.address;
    for own in [
        format!("http://{address}/app.js"),
        format!("ws://{address}/api/changes"),
        format!("http://{address}/api/bank"),
    ] {
        assert!(all.contains(&own), "{own} is not among {all:#?}");
    }
    let own = [format!("http://{address}/"), format!("ws://{address}/"), "data:".to_owned()];
    let foreign: Vec<_> =
        all.iter().filter(|url| !own.iter().any(|own| url.starts_with(own.as_str()))).collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_holds_in_the_browser() {
    let stage = stage!();
    let refused = stage
        .eval(
            "return new Promise((done) => {
               document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective), { once: true });
               const script = document.createElement('script');
               script.textContent = 'window.ran = true';
               document.head.append(script);
             })",
        )
        .await;
    assert_eq!(refused, "script-src-elem");
    assert_eq!(stage.eval("return window.ran === undefined").await, true);
    stage.driver.quit().await.unwrap();
    stage.playground.stop().await.unwrap();
}
