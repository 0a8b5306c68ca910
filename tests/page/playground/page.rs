//! A playground, and a page that asks it for things.

use discord_sim::Clock;
use reqwest::{Client, Response, StatusCode, header};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use whetstone::playground::{Options, Playground};

/// A Thursday, 14:05 in Berlin.
pub const START: &str = "2026-11-12T13:05:00Z";

pub struct Page {
    pub playground: Playground,
    pub client: Client,
    pub ada: String,
    pub bruno: String,
    pub mona: String,
    pub channel: String,
}

impl Page {
    pub async fn open() -> Self {
        Self::open_with(None, Vec::new()).await
    }

    pub async fn open_in(keep: Option<&Path>) -> Self {
        Self::open_with(keep, Vec::new()).await
    }

    pub async fn open_with(keep: Option<&Path>, bank: Vec<PathBuf>) -> Self {
        let options = Options {
            address: "127.0.0.1:0".parse().unwrap(),
            keep: keep.map(PathBuf::from),
            bank,
        };
        let clock = Clock::frozen(START.parse().unwrap());
        let playground = Playground::start_at(options, clock, "Europe/Berlin").await.unwrap();
        let mut page = Self {
            playground,
            client: Client::new(),
            ada: String::new(),
            bruno: String::new(),
            mona: String::new(),
            channel: String::new(),
        };
        let state = page.state("").await;
        let id = |list: &str, name: &str| {
            let one = state[list].as_array().unwrap().iter().find(|one| one["name"] == name);
            one.unwrap()["id"].as_str().unwrap().to_owned()
        };
        page.ada = id("people", "Ada");
        page.bruno = id("people", "Bruno");
        page.mona = id("people", "Mona");
        page.channel = id("channels", "questions");
        page
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.playground.address)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    pub async fn state(&self, query: &str) -> Value {
        json_of(self.get(&format!("/api/state{query}")).await).await
    }

    /// The messages of the questions' channel as somebody sees them.
    pub async fn seen_by(&self, viewer: &str) -> Vec<Value> {
        let query = format!("?viewer={viewer}&channel={}", self.channel);
        self.state(&query).await["open"]["messages"].as_array().unwrap().clone()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        let request = self.client.post(self.url(path)).body(body.to_string());
        request.header(header::CONTENT_TYPE, "application/json").send().await.unwrap()
    }

    pub async fn act(&self, viewer: &str, act: &str, more: Value) -> Value {
        let mut body = json!({ "viewer": viewer, "channel": self.channel, "act": act });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let response = self.post("/api/act", &body).await;
        let status = response.status();
        let answer = json_of(response).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    pub async fn command(&self, viewer: &str, name: &str, options: Value) -> Value {
        self.act(viewer, "command", json!({ "name": name, "options": options })).await
    }

    pub async fn step(&self, step: &str) -> Value {
        json_of(self.post("/api/time", &json!({ "step": step })).await).await
    }

    /// Lets time pass as the body says, and gives where that led.
    pub async fn time(&self, body: Value) -> Value {
        let response = self.post("/api/time", &body).await;
        let status = response.status();
        let answer = json_of(response).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["now"].clone()
    }

    /// Makes trouble, and gives what trouble there is then.
    pub async fn trouble(&self, trouble: &str, more: Value) -> Value {
        let mut body = json!({ "trouble": trouble });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let response = self.post("/api/trouble", &body).await;
        let status = response.status();
        let answer = json_of(response).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// What is refused with a reason.
    pub async fn refused(&self, path: &str, body: Value) -> String {
        let response = self.post(path, &body).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        json_of(response).await["error"].as_str().unwrap().to_owned()
    }

    /// Asks for the state until it is as wanted.
    pub async fn state_when(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..3000 {
            let state = self.state("").await;
            if wanted(&state) {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("in vain: {what}");
    }

    /// The id of one of the people.
    pub async fn person(&self, name: &str) -> String {
        let state = self.state("").await;
        let people = state["people"].as_array().unwrap();
        people.iter().find(|one| one["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// A field of a member's `/streak`.
    pub async fn streak(&self, viewer: &str, field: &str) -> String {
        let told = self.command(viewer, "streak", json!({})).await;
        let fields = told["message"]["embeds"][0]["fields"].as_array().unwrap();
        let found = fields.iter().find(|one| one["name"] == field);
        found.unwrap_or_else(|| panic!("{told}"))["value"].as_str().unwrap().to_owned()
    }

    /// Clicks on a button of the newest round.
    pub async fn press(&self, viewer: &str, label: &str) -> Value {
        let round = self.round().await;
        let buttons = round["components"][0]["components"].as_array().unwrap();
        let id = &buttons.iter().find(|button| button["label"] == label).unwrap()["custom_id"];
        self.act(viewer, "click", json!({ "message": round["id"], "custom_id": id })).await
    }

    /// What the inspector shows after that entry, and the number of the newest.
    pub async fn inspector(&self, after: u64) -> (Vec<Value>, u64) {
        let seen = json_of(self.get(&format!("/api/inspector?after={after}")).await).await;
        (seen["entries"].as_array().unwrap().clone(), seen["last"].as_u64().unwrap())
    }

    /// The rounds' messages, the oldest first.
    pub async fn rounds(&self) -> Vec<Value> {
        let mut messages = self.seen_by(&self.ada).await;
        messages.retain(|message| {
            message["embeds"][0]["footer"]["text"]
                .as_str()
                .is_some_and(|text| text.starts_with('#'))
        });
        messages
    }

    /// The newest round's message.
    pub async fn round(&self) -> Value {
        self.rounds().await.pop().expect("a round")
    }

    /// Opens the newest round's form as Ada and sends it off.
    pub async fn answer(&self, text: &str) -> Value {
        let round = self.round().await;
        let button = &round["components"][0]["components"][0];
        assert_eq!(button["label"], "Answer");
        let click = json!({ "message": round["id"], "custom_id": button["custom_id"] });
        let form = self.act(&self.ada, "click", click).await;
        assert_eq!(form["type"], "modal", "{form}");
        assert_eq!(form["inputs"][0]["label"], "Your answer");
        let input = form["inputs"][0]["custom_id"].as_str().unwrap();
        let submit = json!({ "interaction": form["interaction"], "values": { input: text } });
        self.act(&self.ada, "submit", submit).await
    }
}

pub async fn json_of(response: Response) -> Value {
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}
