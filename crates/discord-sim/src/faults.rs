//! Faults on demand: rules that make chosen requests fail, wait, or lose their connection.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

/// What happens to a request that a rule matches.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Nothing is done; this is the answer.
    Status {
        /// The HTTP status.
        status: u16,
        /// The JSON body.
        body: Value,
    },
    /// Nothing is done; the answer is a 429 of this route.
    RouteLimit {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Nothing is done; the answer is a global 429.
    GlobalLimit {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The request is acted upon as usual, but only after this time.
    Delay(Duration),
    /// The connection drops, and nothing was done.
    CutBefore,
    /// The request is acted upon, then the connection drops without an answer.
    CutAfter,
    /// The request waits, not acted upon, until the rule is released.
    HoldBefore,
    /// The request is acted upon; its answer waits until the rule is released.
    HoldAfter,
    /// The request is acted upon, but the answer is no JSON.
    MalformedJson,
}

type Matches = Arc<dyn Fn(&Value) -> bool + Send + Sync>;

/// A rule to be: which requests, how many of them, and what happens to them.
#[derive(Clone)]
pub struct Rule {
    method: String,
    path: Vec<String>,
    body: Option<Matches>,
    skip: usize,
    times: Option<usize>,
    fault: Fault,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} /{} {:?}", self.method, self.path.join("/"), self.fault)
    }
}

impl Rule {
    /// A rule for requests like `POST /channels/*/messages` (below `/api/v10`), where `*` stands
    /// for one segment, a last `**` for any that follow, and `*` as the method for every method.
    pub fn new(pattern: &str, fault: Fault) -> Self {
        let (method, path) = pattern.split_once(' ').unwrap_or(("*", pattern));
        let path = path.trim_matches('/').split('/').map(str::to_owned).collect();
        Self { method: method.to_owned(), path, body: None, skip: 0, times: None, fault }
    }

    /// Lets the rule hold for the next `count` matches only.
    #[must_use]
    pub fn times(mut self, count: usize) -> Self {
        self.times = Some(count);
        self
    }

    /// Lets the rule hold for the next match only.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Lets the first `count` matches pass.
    #[must_use]
    pub fn skip(mut self, count: usize) -> Self {
        self.skip = count;
        self
    }

    /// Matches only requests whose JSON body is as asked.
    #[must_use]
    pub fn when(mut self, body: impl Fn(&Value) -> bool + Send + Sync + 'static) -> Self {
        self.body = Some(Arc::new(body));
        self
    }

    fn matches(&self, method: &str, path: &str, body: &Value) -> bool {
        let mut wanted = self.path.iter();
        let mut given = path.trim_matches('/').split('/');
        let path_fits = loop {
            match (wanted.next().map(String::as_str), given.next()) {
                (Some("**"), Some(_)) | (None, None) => break true,
                (Some("*"), Some(_)) => {}
                (Some(want), Some(is)) if want == is => {}
                _ => break false,
            }
        };
        path_fits
            && (self.method == "*" || self.method == method)
            && self.body.as_ref().is_none_or(|asked| asked(body))
    }
}

/// How a held request goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Shut,
    Open,
    Cut,
}

#[derive(Debug)]
struct Active {
    id: u64,
    rule: Mutex<Rule>,
    hits: watch::Sender<usize>,
    gate: watch::Sender<Gate>,
}

/// A rule that is in force. Dropping the handle leaves it in force.
#[derive(Clone, Debug)]
pub struct RuleHandle {
    active: Arc<Active>,
    faults: Faults,
}

impl RuleHandle {
    /// How many requests it has met.
    pub fn hits(&self) -> usize {
        *self.active.hits.borrow()
    }

    /// Waits until it has met a request: for the holding rules, until a request is being held.
    pub async fn hit(&self) {
        self.hit_times(1).await;
    }

    /// Waits until it has met `count` requests in all.
    pub async fn hit_times(&self, count: usize) {
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = self.active.hits.subscribe().wait_for(|hits| *hits >= count).await;
    }

    /// Ends the rule and lets the held requests go on, even if those who sent them have gone.
    pub fn release(&self) {
        self.end(Gate::Open);
    }

    /// Ends the rule and drops the held requests' connections. What was held before it was acted
    /// upon never happens.
    pub fn cut(&self) {
        self.end(Gate::Cut);
    }

    fn end(&self, gate: Gate) {
        self.faults.remove(self.active.id);
        self.active.gate.send_replace(gate);
    }
}

/// The rules in force.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    rules: Arc<Mutex<Vec<Arc<Active>>>>,
}

impl Faults {
    /// Puts a rule in force. The oldest rule that matches a request decides.
    pub fn add(&self, rule: Rule) -> RuleHandle {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let active = Arc::new(Active {
            id: NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
            rule: Mutex::new(rule),
            hits: watch::Sender::new(0),
            gate: watch::Sender::new(Gate::Shut),
        });
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&active));
        RuleHandle { active, faults: self.clone() }
    }

    /// Ends all rules and cuts what they hold.
    pub fn clear(&self) {
        let rules = std::mem::take(&mut *self.rules.lock().unwrap_or_else(PoisonError::into_inner));
        for active in rules {
            active.gate.send_replace(Gate::Cut);
        }
    }

    fn remove(&self, id: u64) {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.retain(|active| active.id != id);
    }

    /// The fault that a request meets, if any.
    pub(crate) fn meet(&self, method: &str, path: &str, body: &Value) -> Option<Met> {
        let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        for active in rules.iter() {
            let mut rule = active.rule.lock().unwrap_or_else(PoisonError::into_inner);
            if rule.times == Some(0) || !rule.matches(method, path, body) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.times = rule.times.map(|left| left - 1);
            return Some(Met { fault: rule.fault.clone(), active: Arc::clone(active) });
        }
        None
    }
}

/// A fault that a request has met.
pub(crate) struct Met {
    pub(crate) fault: Fault,
    active: Arc<Active>,
}

impl Met {
    /// Says that the fault is taking effect.
    pub(crate) fn note(&self) {
        self.active.hits.send_modify(|hits| *hits += 1);
    }

    /// Waits at the gate; false if the connection is to be cut.
    pub(crate) async fn held(&self) -> bool {
        self.note();
        let mut gate = self.active.gate.subscribe();
        let open = gate.wait_for(|gate| *gate != Gate::Shut).await;
        open.is_ok_and(|gate| *gate == Gate::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_by_segment() {
        let rule = Rule::new("POST /channels/*/messages", Fault::CutBefore);
        let matches = |method, path| rule.matches(method, path, &Value::Null);
        assert!(matches("POST", "/channels/1/messages"));
        assert!(!matches("GET", "/channels/1/messages"));
        assert!(!matches("POST", "/channels/1/messages/2"));
        let all = Rule::new("* /channels/**", Fault::CutBefore);
        assert!(all.matches("PUT", "/channels/1/pins/2", &Value::Null));
        assert!(!all.matches("PUT", "/guilds/1", &Value::Null));
    }

    #[test]
    fn a_rule_skips_and_ends_as_told() {
        let faults = Faults::default();
        faults.add(Rule::new("GET /x", Fault::CutAfter).skip(1).once());
        let met: Vec<bool> =
            (0..3).map(|_| faults.meet("GET", "/x", &Value::Null).is_some()).collect();
        assert_eq!(met, [false, true, false]);
    }
}
