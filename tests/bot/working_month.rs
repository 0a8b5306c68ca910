//! A working month in New York, as three members and a moderator live it on the simulated Discord:
//! which rounds are posted, at which instants, and what becomes of streaks, freezes and boards.
//! Every number below is derived by hand from the rules of DESIGN.md, section 2.

use crate::support::{
    Stage,
    acts::{Journal, Row, number_of, rounds_at, rows, told},
    eventually, said,
};
use discord_sim::{Id, Limits};
use serde_json::json;

// The daily is due at 09:30 from Monday to Friday. New York is at UTC-5 until 02:00 on Sunday
// 8 March 2026 and at UTC-4 from then on, so 09:30 is first 14:30 and then 13:30 UTC.
//
// Who took part how (A answer, Q+ quiz right, Q- quiz wrong, RG revealed and then graded, · not):
//
//   date         round  posted UTC  Ada  Bob  Cleo
//   Mon  2 Mar    #1    14:30       A    Q+   RG
//   Tue  3        #2    14:30       Q+   A    ·    reveals only, and grades after the close
//   Wed  4        #3    14:30       A    A    Q-
//   Thu  5        #4    14:30       Q+   ·    (A)  credited by the moderator on the 6th
//   Fri  6        #5    14:30       A    ·    A
//   Sat  7, Sun 8        –                         weekend; clocks go forward on the 8th
//   Mon  9        #6    13:30       ·    A    Q+
//   Tue 10        #7    13:30       ·    A    ·
//   Wed 11         –                               on the skip list
//   Thu 12        #8    15:00       A    A    A    the bot was away from 13:00 to 15:00: late
//   Fri 13        #9    13:30       A    Q+   ·    Cleo answers on the 23rd: too late
//   Sat 14 – Sun 22      –                         paused from the 14th to the 21st
//   Mon 23       #10    13:30       A    A    A
//   Tue 24       #11    13:30       A    A    A
//   Wed 25         –                               away from Tue 20:00 to Thu 20:00: 30.5 h late
//   Thu 26         –                               6.5 h late, and the catch-up window is 6 h
//   Fri 27       #12    13:30       Q-   ·    A
//   Mon 30       #13    13:30       ·    A    ·    Bob's arrives after #14 is out
//   Tue 31       #14    13:30       A    A    A
//   Wed  1 Apr   #15    13:30       Q+   ·    A
//   Thu  2       #16    13:30       ·    ·    ·    open at the end
const POSTED: [(u32, &str); 16] = [
    (1, "2026-03-02T14:30:00Z"),
    (2, "2026-03-03T14:30:00Z"),
    (3, "2026-03-04T14:30:00Z"),
    (4, "2026-03-05T14:30:00Z"),
    (5, "2026-03-06T14:30:00Z"),
    (6, "2026-03-09T13:30:00Z"),
    (7, "2026-03-10T13:30:00Z"),
    (8, "2026-03-12T15:00:00Z"),
    (9, "2026-03-13T13:30:00Z"),
    (10, "2026-03-23T13:30:00Z"),
    (11, "2026-03-24T13:30:00Z"),
    (12, "2026-03-27T13:30:00Z"),
    (13, "2026-03-30T13:30:00Z"),
    (14, "2026-03-31T13:30:00Z"),
    (15, "2026-04-01T13:30:00Z"),
    (16, "2026-04-02T13:30:00Z"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_working_month_in_new_york() {
    let journal = Journal::keep();
    let mut stage = monday_morning().await;

    first_days(&mut stage).await;
    a_freeze_for_one_and_a_credit_for_another(&mut stage).await;
    after_the_clocks_went_forward(&mut stage).await;
    a_holiday_and_two_hours_away(&mut stage).await;
    a_paused_week(&mut stage).await;
    back_from_the_pause(&mut stage).await;
    two_days_away(&mut stage, &journal).await;
    a_click_that_is_processed_after_the_close(&mut stage).await;
    the_month_ends(&mut stage).await;
    a_credit_is_given_and_taken_back(&stage).await;

    assert_eq!(stage.posted(), rounds_at(&POSTED));
    stage.finish().await;
}

/// Before the first round, the daily set up.
async fn monday_morning() -> Stage {
    Journal::keep();
    let stage = Stage::at("2026-03-02T12:00:00Z").await;
    // Rate limits run in real time, and a month goes by in seconds here.
    stage.sim.set_limits(Limits::none());
    stage.set_daily("09:30", "America/New_York", &[]).await;
    stage.wakes_at("2026-03-02T14:30:00Z").await;
    stage
}

/// Rounds #1 to #3: what counts as taking part and what does not.
async fn first_days(stage: &mut Stage) {
    let (ada, bob, cleo) = (stage.ada, stage.bob, stage.cleo);
    stage.travel("2026-03-02T15:00:00Z").await;
    stage.answers(ada).await;
    stage.takes_quiz(bob, true).await;
    let shown = stage.reveals(cleo).await;
    // Revealing alone is not taking part: no round yet, and the freeze that everyone starts with.
    assert_eq!(stage.record(cleo).await, told(0, 0, 1, 0));
    stage.grades(cleo, &shown, "Got it").await;
    for member in [ada, bob, cleo] {
        assert_eq!(stage.record(member).await, told(1, 1, 1, 1));
    }

    stage.travel("2026-03-03T15:00:00Z").await;
    let (quiz, again) = (stage.opens_quiz(ada).await, stage.opens_quiz(ada).await);
    assert!(stage.picks(ada, &quiz, true).await.contains("**Right!**"));
    // A second try and a second answer change nothing.
    let second = stage.picks(ada, &again, false).await;
    assert!(second.contains("Your one try was right; it stands."), "{second}");
    stage.answers(bob).await;
    stage.answers(bob).await;
    for member in [ada, bob] {
        assert_eq!(stage.record(member).await, told(2, 2, 1, 2));
    }
    let shown = stage.reveals(cleo).await;

    stage.travel("2026-03-04T15:00:00Z").await;
    // Cleo grades herself on #2 only now that it has closed: #2 stays missed, and her one freeze
    // is what keeps her streak of 1.
    let late = stage.grades(cleo, &shown, "Got it").await;
    assert!(late.contains("Round #2 has closed"), "{late}");
    assert_eq!(stage.record(cleo).await, told(1, 1, 0, 1));
    // So in #2 two took part, Ada by the one quiz answer, and nobody graded themselves.
    let second = stage.rounds()[1].text();
    assert!(second.contains("Took part\n2 members"), "{second}");
    assert!(second.contains("**100 %** right (1 of 1)"), "{second}");
    assert!(!second.contains("graded themselves"), "{second}");
    stage.answers(ada).await;
    stage.answers(bob).await;
    // A wrong quiz answer is taking part. #2 is now paid for: the streak is 2, no freeze is left.
    assert!(stage.takes_quiz(cleo, false).await.contains("**Not quite.**"));
    assert_eq!(stage.record(cleo).await, told(2, 2, 0, 2));
}

/// Rounds #4 and #5.
async fn a_freeze_for_one_and_a_credit_for_another(stage: &mut Stage) {
    let (ada, bob, cleo) = (stage.ada, stage.bob, stage.cleo);
    stage.travel("2026-03-05T15:00:00Z").await;
    stage.takes_quiz(ada, true).await;
    stage.travel("2026-03-06T15:00:00Z").await;
    stage.answers(ada).await;
    stage.answers(cleo).await;
    // Cleo missed #4 without a freeze: her streak began again at 1. Best 2, three rounds in all.
    assert_eq!(stage.record(cleo).await, told(1, 2, 0, 3));
    let credit = [("member", json!(cleo)), ("round", json!(4))];
    let credited = stage.daily("credit", &credit).await;
    assert!(credited.contains("is credited for round #4"), "{credited}");
    let again = stage.daily("credit", &credit).await;
    assert!(again.contains("They took part in that round already"), "{again}");

    // With #4, Cleo has 1, (freeze), 3, 4, 5: a streak of 4 and no freeze.
    assert_eq!(stage.record(cleo).await, told(4, 4, 0, 4));
    // Ada has 1 to 5: the fifth in a row earned her a second freeze.
    assert_eq!(stage.record(ada).await, told(5, 5, 2, 5));
    // Bob has 1 to 3; his one freeze will pay for #4, which has closed; #5 is still open.
    assert_eq!(stage.record(bob).await, told(3, 3, 0, 3));
    let why = stage.ask(bob, "streak", &[]).await;
    assert!(why.contains("#4 missed; a freeze will cover it"), "{why}");

    let standing = [(1, "Ada", 5), (2, "Cleo", 4), (3, "Bob", 3)];
    // Right quiz answers: Ada's in #2 and #4, Bob's in #1. Cleo's in #3 was wrong.
    let quiz = [(1, "Ada", 2), (2, "Bob", 1)];
    boards(stage, [&standing, &standing, &standing, &standing, &quiz]).await;
}

/// Rounds #6 and #7, in summer time.
async fn after_the_clocks_went_forward(stage: &mut Stage) {
    let (bob, cleo) = (stage.bob, stage.cleo);
    stage.travel("2026-03-09T14:00:00Z").await;
    // Bob has missed #4 and #5 with one freeze: the streak is over and the freeze is not spent.
    assert_eq!(stage.record(bob).await, told(0, 3, 1, 3));
    stage.takes_quiz(cleo, true).await;
    // Cleo's fifth in a row, #1 #3 #4 #5 #6, earns a freeze.
    assert_eq!(stage.record(cleo).await, told(5, 5, 1, 5));
    // Ada reached 5 before her. Bob's streak is over and is not shown.
    assert_eq!(stage.board("streak").await, rows(&[(1, "Ada", 5), (1, "Cleo", 5)]));
    stage.answers(bob).await;
    assert_eq!(stage.record(bob).await, told(1, 3, 1, 4));
    let why = stage.ask(bob, "streak", &[]).await;
    assert!(why.contains("#4 to #5 missed: the streak ended at 3"), "{why}");

    stage.travel("2026-03-10T14:00:00Z").await;
    stage.answers(bob).await;
    assert_eq!(stage.record(bob).await, told(2, 3, 1, 5));
}

/// The 11th is skipped, and the bot is away when #8 is due; then #9.
async fn a_holiday_and_two_hours_away(stage: &mut Stage) {
    let (ada, bob, cleo) = (stage.ada, stage.bob, stage.cleo);
    let skipped = stage.daily("skip", &[("date", json!("2026-03-11"))]).await;
    assert!(skipped.contains("Wed 11 Mar 2026 will be skipped"), "{skipped}");
    stage.wakes_at("2026-03-12T13:30:00Z").await;
    stage.travel("2026-03-12T13:00:00Z").await;
    assert_eq!(stage.posted().len(), 7);
    away(stage, "2026-03-12T15:00:00Z").await;
    assert_eq!(stage.posted().len(), 8);

    for member in [ada, bob, cleo] {
        stage.answers(member).await;
    }
    // Ada missed #6 and #7: both freezes are spent. Five rounds and this one: 6.
    assert_eq!(stage.record(ada).await, told(6, 6, 0, 6));
    // Bob has #6 to #8.
    assert_eq!(stage.record(bob).await, told(3, 3, 1, 6));
    // Cleo missed #7, which the freeze that #6 earned pays for.
    assert_eq!(stage.record(cleo).await, told(6, 6, 0, 6));

    stage.travel("2026-03-13T14:00:00Z").await;
    stage.takes_quiz(bob, true).await;
    stage.answers(ada).await;
    records_of_the_thirteenth(stage).await;
    // Bob reached seven rounds a little before Ada. Right quiz answers: Ada's second was in #4,
    // Bob's in #9 (the first in #1), and Cleo's only one in #6.
    let rounds = [(1, "Bob", 7), (1, "Ada", 7), (3, "Cleo", 6)];
    let streaks = [(1, "Ada", 7), (2, "Cleo", 6), (3, "Bob", 4)];
    let quiz = [(1, "Ada", 2), (1, "Bob", 2), (3, "Cleo", 1)];
    boards(stage, [&rounds, &streaks, &streaks, &rounds, &quiz]).await;
}

/// Ada: five, #8 and #9. Bob: #6 to #9 after three earlier ones. Cleo: as after #8, for #9 is open.
async fn records_of_the_thirteenth(stage: &Stage) {
    assert_eq!(stage.record(stage.ada).await, told(7, 7, 0, 7));
    assert_eq!(stage.record(stage.bob).await, told(4, 4, 1, 7));
    assert_eq!(stage.record(stage.cleo).await, told(6, 6, 0, 6));
}

/// From the 14th to the 21st nothing is posted and nothing breaks.
async fn a_paused_week(stage: &mut Stage) {
    stage.travel("2026-03-14T12:00:00Z").await;
    let paused = stage.daily("pause", &[]).await;
    assert!(paused.contains("**daily** is paused"), "{paused}");
    stage.travel("2026-03-21T12:00:00Z").await;
    assert_eq!(stage.posted().len(), 9);
    records_of_the_thirteenth(stage).await;
    let resumed = stage.daily("resume", &[]).await;
    assert!(resumed.contains("is running again"), "{resumed}");
    stage.wakes_at("2026-03-23T13:30:00Z").await;
}

/// Rounds #10 and #11.
async fn back_from_the_pause(stage: &mut Stage) {
    let (ada, bob, cleo) = (stage.ada, stage.bob, stage.cleo);
    stage.travel("2026-03-23T14:00:00Z").await;
    let late = answers_round(stage, cleo, 9).await;
    assert!(late.contains("Round #9 has closed, so this is practice"), "{late}");
    // The late answer is none: Cleo missed #9 without a freeze.
    assert_eq!(stage.record(cleo).await, told(0, 6, 0, 6));
    for member in [ada, bob, cleo] {
        stage.answers(member).await;
    }
    assert_eq!(stage.record(ada).await, told(8, 8, 0, 8));
    // Bob's fifth in a row, #6 to #10, earns him a second freeze.
    assert_eq!(stage.record(bob).await, told(5, 5, 2, 8));
    assert_eq!(stage.record(cleo).await, told(1, 6, 0, 7));

    stage.travel("2026-03-24T14:00:00Z").await;
    for member in [ada, bob, cleo] {
        stage.answers(member).await;
    }
    assert_eq!(stage.record(ada).await, told(9, 9, 0, 9));
    assert_eq!(stage.record(bob).await, told(6, 6, 2, 9));
    assert_eq!(stage.record(cleo).await, told(2, 6, 0, 8));
}

/// Two days go by without the bot: they are skipped, and nothing breaks. Then #12.
async fn two_days_away(stage: &mut Stage, journal: &Journal) {
    let (ada, bob, cleo) = (stage.ada, stage.bob, stage.cleo);
    stage.travel("2026-03-24T20:00:00Z").await;
    away(stage, "2026-03-26T20:00:00Z").await;
    stage.wakes_at("2026-03-27T13:30:00Z").await;
    assert_eq!(stage.posted().len(), 11);
    for date in ["date=2026-03-25", "date=2026-03-26"] {
        let lines = journal.lines(&["WARN", "missed: the bot was away", date]);
        assert_eq!(lines.len(), 1, "{lines:?}");
    }
    let shown = stage.daily("show", &[]).await;
    assert!(shown.contains("Missed: Thu 26 Mar 2026"), "{shown}");
    assert_eq!(stage.record(bob).await, told(6, 6, 2, 9));

    stage.travel("2026-03-27T14:00:00Z").await;
    // Ada's tenth in a row (1-5, 8-12) earns a freeze, by a wrong quiz answer as by any other.
    stage.takes_quiz(ada, false).await;
    assert_eq!(stage.record(ada).await, told(10, 10, 1, 10));
    stage.answers(cleo).await;
    assert_eq!(stage.record(cleo).await, told(3, 6, 0, 9));
}

/// Bob answers #13 one minute before it closes, while the gateway is cut; the bot hears of it
/// after #14 is out. His snowflake decides.
async fn a_click_that_is_processed_after_the_close(stage: &mut Stage) {
    let (ada, bob, cleo) = (stage.ada, stage.bob, stage.cleo);
    stage.travel("2026-03-31T13:20:00Z").await;
    // #12 has closed without him, so one of his two freezes is spoken for.
    assert_eq!(stage.record(bob).await, told(6, 6, 1, 9));
    let round = stage.newest_round();
    assert_eq!(number_of(&round), 13);
    let opened = stage.actor(bob).click_label(stage.channel, round.id, "Answer").await.unwrap();
    stage.sim.gateway().stall(true);
    stage.sim.gateway().cut();
    eventually("the gateway is cut", || stage.sim.gateway().connected() == 0).await;
    stage.clock.set("2026-03-31T13:29:00Z".parse().unwrap());
    let sent = stage.actor(bob).start_submit(opened.modal().unwrap(), &[("text", "In time.")]);
    let sent = sent.unwrap();
    stage.travel("2026-03-31T14:00:00Z").await;
    assert_eq!(number_of(&stage.newest_round()), 14);
    assert!(stage.rounds()[12].text().contains("Took part\nnobody"));
    stage.sim.gateway().stall(false);
    let callback = format!("/interactions/{}/", sent.id());
    let is_answered = || stage.sim.requests().iter().any(|r| r.path.starts_with(&callback));
    eventually("the answer is processed", is_answered).await;
    assert_eq!(stage.sim.gateway().stats().resumes, 1);

    // With #13 his streak is 7, and the freeze for #12 is spent. Had it not counted, both freezes
    // would be spoken for and the streak would stand at 6. The results of #13 follow.
    assert_eq!(stage.record(bob).await, told(7, 7, 1, 10));
    let results = || stage.rounds()[12].text().contains("Took part\n1 member");
    eventually("the results of #13 follow", results).await;

    for member in [ada, bob, cleo] {
        stage.answers(member).await;
    }
    // Ada's freeze, earned in #12, pays for #13. Cleo had none: 3 ended, a new streak begins.
    assert_eq!(stage.record(ada).await, told(11, 11, 0, 11));
    assert_eq!(stage.record(bob).await, told(8, 8, 1, 11));
    assert_eq!(stage.record(cleo).await, told(1, 6, 0, 10));
    // All of #1 to #14 are March's. Ada and Bob reached eleven today, Ada first. The quiz board
    // is as on the 13th, for Ada's answer in #12 was wrong.
    let rounds = [(1, "Ada", 11), (1, "Bob", 11), (3, "Cleo", 10)];
    let streaks = [(1, "Ada", 11), (2, "Bob", 8), (3, "Cleo", 1)];
    let best = [(1, "Ada", 11), (2, "Bob", 8), (3, "Cleo", 6)];
    let quiz = [(1, "Ada", 2), (1, "Bob", 2), (3, "Cleo", 1)];
    boards(stage, [&rounds, &streaks, &best, &rounds, &quiz]).await;
}

/// April begins: the boards of the month start anew, all else goes on. Rounds #15 and #16.
async fn the_month_ends(stage: &mut Stage) {
    let (ada, bob, cleo) = (stage.ada, stage.bob, stage.cleo);
    stage.travel("2026-04-01T14:00:00Z").await;
    assert_eq!(stage.board("month").await, []);
    assert_eq!(stage.board("quiz").await, []);
    stage.answers(cleo).await;
    stage.takes_quiz(ada, true).await;
    stage.travel("2026-04-02T14:00:00Z").await;

    // Earned 1 to start with, in #5 and in #12; spent on #6, #7 and #13.
    assert_eq!(stage.record(ada).await, told(12, 12, 0, 12));
    // Two after #10, less #12 and, now that it has closed, #15.
    assert_eq!(stage.record(bob).await, told(8, 8, 0, 11));
    // #14 and #15. The best streak was #1 #3 #4 #5 #6 #8.
    assert_eq!(stage.record(cleo).await, told(2, 6, 0, 11));
    let why = stage.ask(ada, "streak", &[]).await;
    assert!(why.contains("#13 missed, covered by a freeze"), "{why}");
    let why = stage.ask(bob, "streak", &[]).await;
    assert!(why.contains("#15 missed; a freeze will cover it"), "{why}");
    let why = stage.ask(cleo, "streak", &[]).await;
    assert!(why.contains("#13 missed: the streak ended at 3"), "{why}");
    boards_at_the_end(stage).await;
}

/// In April Cleo took part in #15 a little before Ada, who alone got a quiz right. Bob's eleventh
/// round of all was #14, Cleo's #15.
async fn boards_at_the_end(stage: &Stage) {
    let month = [(1, "Cleo", 1), (1, "Ada", 1)];
    let streaks = [(1, "Ada", 12), (2, "Bob", 8), (3, "Cleo", 2)];
    let best = [(1, "Ada", 12), (2, "Bob", 8), (3, "Cleo", 6)];
    let all = [(1, "Ada", 12), (2, "Bob", 11), (2, "Cleo", 11)];
    boards(stage, [&month, &streaks, &best, &all, &[(1, "Ada", 1)]]).await;
}

/// A credit for a round long closed changes all that came after it, and taking it back undoes it.
async fn a_credit_is_given_and_taken_back(stage: &Stage) {
    let cleo = stage.cleo;
    let credit = [("member", json!(cleo)), ("round", json!(9))];
    stage.daily("credit", &credit).await;
    // 1 3 4 5 6 8 are six; 9 10 11 12 make ten and earn a freeze, which pays for #13; 14 and 15
    // make twelve. One round more than before in all.
    assert_eq!(stage.record(cleo).await, told(12, 12, 0, 12));
    let mut streaks = stage.board("streak").await;
    streaks.sort();
    assert_eq!(streaks, rows(&[(1, "Ada", 12), (1, "Cleo", 12), (3, "Bob", 8)]));
    let back = [credit[0].clone(), credit[1].clone(), ("take-back", json!(true))];
    let told_back = stage.daily("credit", &back).await;
    assert!(told_back.contains("is taken back"), "{told_back}");
    assert_eq!(stage.record(cleo).await, told(2, 6, 0, 11));
    boards_at_the_end(stage).await;
}

/// Checks the boards month, streak, best, all and quiz.
async fn boards(stage: &Stage, expected: [&[(u32, &str, u32)]; 5]) {
    for (kind, expected) in ["month", "streak", "best", "all", "quiz"].into_iter().zip(expected) {
        let board: Vec<Row> = stage.board(kind).await;
        assert_eq!(board, rows(expected), "{kind}");
    }
}

/// The bot is stopped as by SIGTERM and started again at that instant.
async fn away(stage: &mut Stage, until: &str) {
    stage.stop_bot().await;
    stage.clock.set(until.parse().unwrap());
    stage.start_bot().await;
}

/// A member answers a round by its message, however old.
async fn answers_round(stage: &Stage, user: Id, number: u32) -> String {
    let rounds = stage.rounds();
    let round = rounds.iter().find(|round| number_of(round) == number).unwrap();
    let actor = stage.actor(user);
    let opened = actor.click_label(stage.channel, round.id, "Answer").await.unwrap();
    said(&actor.submit(opened.modal().unwrap(), &[("text", "Late.")]).await.unwrap())
}

// Twelve members beside those of the stage, in one day with four rounds of which #4 is open:
//
//   round   who takes part, in this order                      right quiz answers
//   #1      m12 m11 m10 m9 m8 m7 m6 m5, then m2, m1            m1 m2
//   #2      m2 m3 m1                                           m1
//   #3      m4 m3 m2 m1                                        m3
//   #4      m3 m4 m1
//
//        rounds  reached in  streak                                        best  reached in
//   m1   4       #4          4                                             4     #4
//   m2   3       #3          3: #4 is open                                 3     #3
//   m3   3       #4          3                                             3     #4
//   m4   2       #4          2                                             2     #4
//   m5…  1       #1          over: #2 and #3 missed with one freeze        1     #1
//
// Ranks by rounds: 1, 2, 2, 4, and eight times 5, the first of whom was m12 and the last m5. Ten
// fit on a page, so m6 and m5 are on the second.
#[tokio::test(flavor = "multi_thread")]
async fn boards_are_paged_and_equal_scores_share_a_rank() {
    let mut stage = monday_morning().await;
    let crowd = Crowd::join(&stage);
    let turns: [(&[usize], &[usize]); 4] = [
        (&[12, 11, 10, 9, 8, 7, 6, 5], &[2, 1]),
        (&[2, 3], &[1]),
        (&[4], &[3, 2, 1]),
        (&[3, 4, 1], &[]),
    ];
    for (day, (answering, taking_quiz)) in (2..).zip(turns) {
        stage.travel(&format!("2026-03-0{day}T15:00:00Z")).await;
        for member in answering {
            stage.answers(crowd.0[member - 1]).await;
        }
        for member in taking_quiz {
            // In #3 only m3 is right.
            let right = day != 4 || *member == 3;
            stage.takes_quiz(crowd.0[member - 1], right).await;
        }
    }
    assert_eq!(number_of(&stage.newest_round()), 4);
    every_kind_of_board(&stage, &crowd).await;
    the_pages(&stage, &crowd).await;
    stage.finish().await;
}

async fn every_kind_of_board(stage: &Stage, crowd: &Crowd) {
    let m4 = crowd.0[3];
    let streak = crowd.reads(stage, m4, "streak").await;
    let expected = [
        "Current streaks",
        "🥇 m1 — **4** rounds",
        "🥈 m2 — **3** rounds",
        "🥈 m3 — **3** rounds",
        "**4.** m4 — **2** rounds",
        "",
        "You: 4th — **2** rounds",
        "daily · 4 members · rounds in a row, running now",
    ];
    assert_eq!(streak.lines().collect::<Vec<_>>(), expected);
    let quiz = crowd.reads(stage, m4, "quiz").await;
    // m4 got no quiz right and so has no place.
    let expected = [
        "Right quiz answers in March 2026",
        "🥇 m1 — **2** right",
        "🥈 m2 — **1** right",
        "🥈 m3 — **1** right",
        "daily · 3 members · first tries that were right this month",
    ];
    assert_eq!(quiz.lines().collect::<Vec<_>>(), expected);
    let first_page = [
        "🥇 m1 — **4** rounds",
        "🥈 m2 — **3** rounds",
        "🥈 m3 — **3** rounds",
        "**4.** m4 — **2** rounds",
        "**5.** m12 — **1** round",
        "**5.** m11 — **1** round",
        "**5.** m10 — **1** round",
        "**5.** m9 — **1** round",
        "**5.** m8 — **1** round",
        "**5.** m7 — **1** round",
        "",
        "You: 4th — **2** rounds",
    ];
    for (kind, title, footer) in [
        ("month", "Rounds in March 2026", "everyone starts at zero each month"),
        ("best", "Best streaks", "the longest run ever"),
        ("all", "Rounds of all time", "rounds taken part in since the start"),
    ] {
        let board = crowd.reads(stage, m4, kind).await;
        let footer = format!("daily · 12 members · {footer}");
        let expected = [&[title][..], &first_page, &[footer.as_str()]].concat();
        assert_eq!(board.lines().collect::<Vec<_>>(), expected, "{kind}");
    }
}

/// m5 stands last, sees so on the first page, and turns to the second and back.
async fn the_pages(stage: &Stage, crowd: &Crowd) {
    let m5 = stage.actor(crowd.0[4]);
    let first = m5.command(stage.channel, "leaderboard", &[]).await.unwrap();
    let first = first.message().unwrap().clone();
    assert!(first.ephemeral);
    assert_eq!(first.labels(), ["Lower ▶"]);
    let text = crowd.named(&first.text());
    assert!(text.contains("\n\nYou: 5th — **1** round\n") && !text.contains(" m5 "), "{text}");

    let second = m5.click_label(stage.channel, first.id, "Lower ▶").await.unwrap();
    let second = second.message().unwrap();
    assert_eq!(second.labels(), ["◀ Higher"]);
    let expected = [
        "Rounds in March 2026",
        "**5.** m6 — **1** round",
        "**5.** m5 — **1** round",
        "",
        "You: 5th — **1** round",
        "daily · 12 members · everyone starts at zero each month",
    ];
    assert_eq!(crowd.named(&second.text()).lines().collect::<Vec<_>>(), expected);

    let back = m5.click_label(stage.channel, second.id, "◀ Higher").await.unwrap();
    let back = back.message().unwrap();
    assert_eq!((back.text(), back.labels()), (first.text(), first.labels()));
    // Who never took part has no place to be shown.
    let mona = stage.ask(stage.mona, "leaderboard", &[]).await;
    assert!(!mona.contains("You:"), "{mona}");
}

/// The members m1 to m12.
struct Crowd([Id; 12]);

impl Crowd {
    fn join(stage: &Stage) -> Self {
        Self(std::array::from_fn(|place| {
            let name = format!("m{}", place + 1);
            let user = stage.sim.add_user(&name, &name);
            stage.sim.add_member(stage.guild, user, &[]);
            user
        }))
    }

    /// What a member reads on a board, with names for mentions.
    async fn reads(&self, stage: &Stage, user: Id, kind: &str) -> String {
        self.named(&stage.ask(user, "leaderboard", &[("kind", json!(kind))]).await)
    }

    fn named(&self, text: &str) -> String {
        let numbered = (1..).zip(self.0);
        numbered.fold(text.to_owned(), |text, (number, user)| {
            text.replace(&format!("<@{user}>"), &format!("m{number}"))
        })
    }
}
