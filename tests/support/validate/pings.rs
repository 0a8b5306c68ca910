//! Nobody is pinged: every message says so itself, whatever its texts say, new ones and changed ones
//! alike. Only a round's message pings, and then the one role that is all of its text.
//! <https://discord.com/developers/docs/resources/message#allowed-mentions-object>

use super::{Findings, Kind, items};
use serde_json::{Value, json};

/// The types of callbacks that hold a message.
/// <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type>
const WITH_MESSAGE: [u64; 2] = [4, 7];

/// What pings, or could.
pub fn check(kind: Kind, body: &Value) -> Findings {
    let mut found = Findings::by("pings");
    let holds = body["type"].as_u64().is_some_and(|kind| WITH_MESSAGE.contains(&kind));
    match kind {
        Kind::Message | Kind::Edit | Kind::LateAnswer => message("", body, &mut found),
        Kind::Post => message("/message", &body["message"], &mut found),
        Kind::Callback if holds => message("/data", &body["data"], &mut found),
        Kind::Callback | Kind::Commands | Kind::Thread | Kind::OpenAgain | Kind::Direct => {}
    }
    found
}

fn message(at: &str, body: &Value, found: &mut Findings) {
    let mentions = &body["allowed_mentions"];
    let at = format!("{at}/allowed_mentions");
    // Without the list Discord pings all that the content mentions.
    if mentions["parse"] != json!([]) {
        found.add(format!("{at}/parse"), "an empty list belongs here");
    }
    if !items(&mentions["users"]).is_empty() || mentions["replied_user"] == true {
        found.add(&at, "a member is pinged");
    }
    let all = |role: &Value| body["content"] == format!("<@&{}>", role.as_str().unwrap_or("?"));
    if !items(&mentions["roles"]).iter().all(all) {
        found.add(format!("{at}/roles"), "a role is pinged that is not all of the text");
    }
}
