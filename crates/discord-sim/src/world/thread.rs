//! Threads and forum posts.

use std::collections::BTreeSet;

use serde_json::json;

use super::message::HAS_THREAD;
use super::post::Origin;
use super::{Channel, ChannelKind, Draft, Reference, ThreadState, World};
use crate::id::Id;
use crate::record::Change;
use crate::wire;

/// What a request said about a thread to be made.
pub struct NewThread {
    pub parent: Id,
    pub name: String,
    pub kind: ChannelKind,
    pub auto_archive_minutes: u64,
    pub owner: Id,
    pub applied_tags: Vec<Id>,
}

impl World {
    /// Makes a thread with the id `id`: a fresh one, or its first message's.
    fn insert_thread(&mut self, id: Id, new: NewThread) {
        let now = self.now();
        let guild = self.channels.get(&new.parent).and_then(|parent| parent.guild);
        let mut channel = Channel::new(id, new.kind, guild, &new.name);
        channel.parent = Some(new.parent);
        channel.thread = Some(ThreadState {
            owner: new.owner,
            archived: false,
            locked: false,
            auto_archive_minutes: new.auto_archive_minutes,
            archive_timestamp: now,
            created: now,
            members: BTreeSet::from([new.owner]),
            sent: 0,
            applied_tags: new.applied_tags,
        });
        self.channels.insert(id, channel);
    }

    fn thread_created(&mut self, id: Id) {
        let Some(state) = self.channels.get(&id) else { return };
        let mut data = wire::channel(self, state);
        data["newly_created"] = json!(true);
        if let Some(guild) = state.guild {
            self.tell_guild(guild, "THREAD_CREATE", &data);
        }
        self.tell(Change::Channel { channel: id });
    }

    /// Makes a thread that hangs on a message; it takes over the message's id.
    pub fn thread_on_message(&mut self, message: Id, new: NewThread) -> Id {
        let (parent, owner) = (new.parent, new.owner);
        self.insert_thread(message, new);
        if let Some(mut first) = self.message(parent, message).cloned() {
            first.thread = Some(message);
            first.flags |= HAS_THREAD;
            self.replace_message(first);
        }
        self.thread_created(message);
        let reference = Some(Reference { channel: parent, message: Some(message) });
        let origin = Origin { kind: 21, reference, ..Origin::default() };
        self.post(message, owner, Draft::default(), origin);
        message
    }

    /// Makes a thread that hangs on no message; public ones are announced in the parent.
    pub fn thread_alone(&mut self, new: NewThread) -> Id {
        let id = self.new_id();
        let (parent, owner, name) = (new.parent, new.owner, new.name.clone());
        let public = new.kind != ChannelKind::PrivateThread;
        self.insert_thread(id, new);
        self.thread_created(id);
        if public {
            let reference = Some(Reference { channel: id, message: None });
            let origin = Origin { kind: 18, reference, ..Origin::default() };
            self.post(parent, owner, Draft::text(&name), origin);
        }
        id
    }

    /// Makes a forum's post: a thread whose first message has the thread's id.
    pub fn forum_post(&mut self, new: NewThread, draft: Draft) -> Id {
        let id = self.new_id();
        let owner = new.owner;
        self.insert_thread(id, new);
        self.thread_created(id);
        self.post(id, owner, draft, Origin { id: Some(id), ..Origin::default() });
        id
    }

    /// Wakes an archived thread, as a new message in it does.
    pub fn unarchive(&mut self, id: Id) {
        self.set_archived(id, false);
    }

    /// Puts a thread away, as time does.
    pub fn archive(&mut self, id: Id) {
        self.set_archived(id, true);
    }

    fn set_archived(&mut self, id: Id, archived: bool) {
        let now = self.now();
        let Some(thread) = self.channels.get_mut(&id).and_then(|c| c.thread.as_mut()) else {
            return;
        };
        if thread.archived != archived {
            thread.archived = archived;
            thread.archive_timestamp = now;
            self.channel_event("THREAD_UPDATE", id);
        }
    }
}
