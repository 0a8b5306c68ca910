//! `/topics`: what the bank holds.

use super::{Command, Invocation, Spec};
use crate::{
    app::App,
    error::Result,
    text::{practice, reply::Reply},
};
use async_trait::async_trait;

pub(super) struct TopicsCommand;

#[async_trait]
impl Command for TopicsCommand {
    fn spec(&self) -> Spec {
        Spec {
            name: "topics",
            description: "The topics and levels, with how many questions each has",
            options: Vec::new(),
            manage_server: false,
            direct_messages: true,
        }
    }

    fn help(&self) -> &'static str {
        "topics and levels, with how many questions each has"
    }

    async fn run(&self, app: &App, _invocation: &Invocation) -> Result<Reply> {
        Ok(practice::topics(&app.topic_counts(), app.question_count()))
    }
}
