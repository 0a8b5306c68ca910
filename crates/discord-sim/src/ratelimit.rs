//! Rate limits: a bucket for each route and its major parameter, and the global one
//! (<https://discord.com/developers/docs/topics/rate-limits>). Windows run in real time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::clock::real_now;

/// How tight the limits are.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests a second for the whole bot; none: no global limit.
    pub global: Option<u32>,
    /// Requests in a window for routes that `routes` does not name; none: no limit.
    pub default: Option<(u32, Duration)>,
    /// Requests in a window for single routes, by `METHOD template`, as in
    /// `POST /channels/{channel}/messages`.
    pub routes: HashMap<String, (u32, Duration)>,
}

impl Default for Limits {
    /// About as Discord is.
    fn default() -> Self {
        let second = Duration::from_secs(1);
        let routes = [
            ("POST /channels/{channel}/messages", 5, 5),
            ("PATCH /channels/{channel}/messages/{message}", 5, 5),
            ("DELETE /channels/{channel}/messages/{message}", 5, 1),
            ("PUT /channels/{channel}/pins/{message}", 5, 4),
            ("PUT /channels/{channel}/messages/pins/{message}", 5, 4),
            ("POST /webhooks/{application}/{token}", 5, 2),
            ("PATCH /webhooks/{application}/{token}/messages/{message}", 5, 2),
        ];
        let routes = routes.map(|(route, count, secs)| (route.to_owned(), (count, second * secs)));
        Self { global: Some(50), default: Some((10, second)), routes: routes.into() }
    }
}

impl Limits {
    /// No limits at all.
    pub fn none() -> Self {
        Self { global: None, default: None, routes: HashMap::new() }
    }

    fn of(&self, route: &str) -> Option<(u32, Duration)> {
        self.routes.get(route).copied().or(self.default)
    }
}

#[derive(Debug)]
struct Bucket {
    used: u32,
    until: Instant,
}

/// What the limits say of one request.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It may pass; its headers.
    Pass(Vec<(&'static str, String)>),
    /// It may not: how long to wait, whether globally, and its headers.
    Wait { retry_after: Duration, global: bool, headers: Vec<(&'static str, String)> },
}

/// Counts the requests.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Limits,
    buckets: HashMap<String, Bucket>,
    global: (u32, Instant),
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, buckets: HashMap::new(), global: (0, Instant::now()) }
    }

    pub(crate) fn set(&mut self, limits: Limits) {
        *self = Self::new(limits);
    }

    /// Counts a request of `route` (`METHOD template`) with its major parameter.
    pub(crate) fn count(&mut self, route: &str, major: &str, exempt_globally: bool) -> Verdict {
        let now = Instant::now();
        if let Some(wait) = self.global_wait(now).filter(|_| !exempt_globally) {
            let headers = vec![
                ("x-ratelimit-global", "true".to_owned()),
                ("x-ratelimit-scope", "global".to_owned()),
            ];
            return Verdict::Wait { retry_after: wait, global: true, headers };
        }
        let Some((limit, window)) = self.limits.of(route) else { return Verdict::Pass(Vec::new()) };
        self.forget(now);
        let bucket = self.buckets.entry(format!("{route} {major}"));
        let bucket = bucket.or_insert_with(|| Bucket { used: 0, until: now + window });
        let full = bucket.used >= limit;
        bucket.used += u32::from(!full);
        let left = bucket.until - now;
        let headers = headers(route, limit, limit - bucket.used, left, full);
        if full {
            Verdict::Wait { retry_after: left, global: false, headers }
        } else {
            Verdict::Pass(headers)
        }
    }

    fn global_wait(&mut self, now: Instant) -> Option<Duration> {
        let limit = self.limits.global?;
        let second = Duration::from_secs(1);
        if now.duration_since(self.global.1) >= second {
            self.global = (0, now);
        }
        if self.global.0 >= limit {
            return Some(self.global.1 + second - now);
        }
        self.global.0 += 1;
        None
    }

    /// Windows that have passed begin anew with the next request.
    fn forget(&mut self, now: Instant) {
        self.buckets.retain(|_, bucket| bucket.until > now);
    }
}

fn headers(
    route: &str,
    limit: u32,
    remaining: u32,
    left: Duration,
    full: bool,
) -> Vec<(&'static str, String)> {
    let now = Duration::try_from(real_now().as_duration()).unwrap_or_default();
    let reset = now + left;
    let mut headers = vec![
        ("x-ratelimit-limit", limit.to_string()),
        ("x-ratelimit-remaining", remaining.to_string()),
        ("x-ratelimit-reset", format!("{:.3}", reset.as_secs_f64())),
        ("x-ratelimit-reset-after", format!("{:.3}", left.as_secs_f64())),
        ("x-ratelimit-bucket", bucket_name(route)),
    ];
    if full {
        headers.push(("x-ratelimit-scope", "user".to_owned()));
    }
    headers
}

/// An opaque name (FNV-1a), as Discord's are.
fn bucket_name(route: &str) -> String {
    let hash = route.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}{:016x}", hash.rotate_left(31))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_belongs_to_a_route_and_its_major_parameter() {
        let mut limits = Limits::none();
        limits.default = Some((1, Duration::from_secs(60)));
        let mut limiter = Limiter::new(limits);
        let mut passes =
            |route, major| matches!(limiter.count(route, major, false), Verdict::Pass(_));
        assert!(passes("GET /a", "1"));
        assert!(!passes("GET /a", "1"));
        assert!(passes("GET /a", "2"));
        assert!(passes("GET /b", "1"));
    }

    #[test]
    fn the_global_limit_spares_the_exempt() {
        let mut limits = Limits::none();
        limits.global = Some(1);
        let mut limiter = Limiter::new(limits);
        assert!(matches!(limiter.count("GET /a", "", false), Verdict::Pass(_)));
        let verdict = limiter.count("GET /b", "", false);
        assert!(matches!(verdict, Verdict::Wait { global: true, .. }));
        assert!(matches!(limiter.count("GET /c", "", true), Verdict::Pass(_)));
    }
}
