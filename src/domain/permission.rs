//! What the bot may need to be allowed in a channel.

/// A permission of a channel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Permission {
    ViewChannel,
    SendMessages,
    EmbedLinks,
    ReadMessageHistory,
    CreatePublicThreads,
    SendMessagesInThreads,
    PinMessages,
    /// Needed to ping a role that not everyone may mention.
    MentionEveryone,
}
