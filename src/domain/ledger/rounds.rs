//! What follows once a round's message is out.

use super::{DailyChange, Plan};
use crate::domain::{
    daily::{Claim, Daily},
    round::{Post, Round, Step, Tally},
};

/// What is stored when the message of a claimed round is known.
#[derive(Clone, Debug)]
pub struct Confirming {
    /// The daily; `None` if there is none of that id.
    pub daily: Option<Daily>,
    /// The daily's newest round, if it has one.
    pub newest: Option<Round>,
    /// The round of the number that is confirmed, if it is there already.
    pub existing: Option<Round>,
}

/// Opens the claimed round of that number, and closes the one before it. Gives the round; `None`
/// where nothing of that number is claimed or posted. Asked twice, it answers twice and changes
/// nothing the second time.
pub fn confirm(stored: Confirming, number: u32, post: Post) -> (Option<Round>, Plan) {
    let Confirming { daily: Some(before), newest, existing } = stored else {
        return (None, Plan::default());
    };
    let Some(claim) = before.claim.clone().filter(|claim| claim.number == number) else {
        return (existing, Plan::default());
    };
    let closed = newest.map(|mut newest| {
        newest.close(post.at);
        newest
    });
    let round = opened(&before, &claim, post);
    let mut after = before.clone();
    after.confirm(claim);
    let plan = Plan {
        dailies: vec![DailyChange { before: Some(before), after }],
        rounds: closed.into_iter().chain([round.clone()]).collect(),
        ..Plan::default()
    };
    (Some(round), plan)
}

fn opened(daily: &Daily, claim: &Claim, post: Post) -> Round {
    let settings = &daily.settings;
    // In a forum the post is a thread already, and its first message cannot be pinned in a channel.
    let in_forum = post.channel != claim.channel;
    Round {
        daily: daily.id,
        number: claim.number,
        question: claim.question.clone(),
        date: claim.date,
        zone: settings.schedule.zone.clone(),
        extra: claim.extra,
        post,
        thread_id: in_forum.then_some(post.channel),
        thread: Step::wanted(settings.thread && !in_forum),
        pin: Step::wanted(settings.pin && !in_forum),
        results: Step::NotWanted,
        unpin: Step::NotWanted,
        closed_at: None,
        tally: Tally::default(),
        shown: 0,
    }
}
