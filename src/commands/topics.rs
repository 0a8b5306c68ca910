//! `/topics`: what the bank holds.

use super::{Command, Invocation, Spec};
use crate::{
    app::App,
    error::Result,
    text::{self, Words, practice},
    ui::Reply,
};
use async_trait::async_trait;

pub(super) struct TopicsCommand;

#[async_trait]
impl Command for TopicsCommand {
    fn name(&self) -> &'static str {
        "topics"
    }

    fn spec(&self) -> Spec {
        Spec {
            name: self.name(),
            description: "",
            options: Vec::new(),
            manage_server: false,
            direct_messages: true,
        }
    }

    fn words(&self) -> Words {
        text::topics::COMMAND
    }

    async fn run(&self, app: &App, _invocation: &Invocation) -> Result<Reply> {
        Ok(practice::topics(&app.topic_counts(), app.level_counts()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::{app::testing::ADA, commands::testing::Desk};

    #[tokio::test]
    async fn the_topics_that_have_questions_are_counted() {
        insta::assert_snapshot!(Desk::empty().ask_directly(ADA, "topics", &[]).await, @"
        │ 4 questions by topic
        │ 2 beginner · 1 intermediate · 1 advanced. A question may have several topics.
        │ APIs: How programs talk to each other
        │ 1 beginner · 1 advanced
        │ Databases: Keeping data and finding it again
        │ 1 intermediate
        │ Queues: Work that waits its turn
        │ 1 beginner · 1 advanced
        ");
    }
}
