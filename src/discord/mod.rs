//! The one place that knows serenity: gateway and REST, replies and commands to Discord's types
//! and back, the codec of custom ids, Discord's limits. It implements the messenger.

mod account;
mod cause;
mod client;
pub mod custom_id;
pub mod endpoint;
mod failure;
pub mod fuzz;
pub mod gateway;
mod interactions;
pub mod limits;
pub mod messenger;
pub mod permissions;
mod receive;
mod register;
mod render;
pub mod snowflake;

/// A reply as the JSON that Discord is sent for it, for a page that shows replies as they are:
/// `content`, `embeds` and `components`.
pub fn preview(reply: &crate::ui::Reply) -> serde_json::Value {
    render::preview(reply)
}
