//! Sites: everything of one origin that its pages lead to, fetched politely and with limits.
//!
//! Politely: at most two requests at a time and ten a second, as a program that says what it is; what `robots.txt` asks
//! to leave alone is left alone and said. Within the origin: a link or a redirect to another one is not followed. Nothing
//! is sent that the site did not write itself, no cookies and no credentials.

use std::collections::{HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Client, StatusCode, Url, redirect};
use texting_robots::Robot;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout_at};

use crate::address::{Guarded, NotPublic, Reach};
use crate::coding::{Decoded, decode};
use crate::content::{Budget, Content, Limits};
use crate::links::{Format, Link, links};
use crate::mask::{mask, masked};
use crate::report::{Gathering, Place};
use crate::search::Searcher;

/// What the crawler says it is.
const AGENT: &str = concat!("daypass-scan/", env!("CARGO_PKG_VERSION"));
/// Requests at a time.
const AT_A_TIME: usize = 2;
/// The longest pause between requests that a site may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The longest that a site may ask to be waited for before it is left.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How often an address is asked for whose site asks to wait.
const TRIES: u8 = 3;
/// The most bytes of `robots.txt` that are read.
const ROBOTS: usize = 512 * 1024;

/// How a site is searched.
#[derive(Debug, Clone, Copy)]
pub struct Crawl {
    /// Addresses that are fetched at most.
    pub pages: usize,
    /// Bytes that are fetched at most, in all; out of the archives among them as many again are unpacked.
    pub bytes: u64,
    /// Bytes of one file.
    pub file_bytes: usize,
    /// Links from the first page.
    pub depth: usize,
    /// The whole time.
    pub time: Duration,
    /// Time for one request.
    pub request_time: Duration,
    /// Between two requests.
    pub pause: Duration,
    /// Whether `robots.txt` is heeded; somebody may look at all of the own site.
    pub heed_robots: bool,
    /// Where connections may go.
    pub reach: Reach,
}

impl Default for Crawl {
    fn default() -> Self {
        Self {
            pages: 2000,
            bytes: 1024 * 1024 * 1024,
            file_bytes: 32 * 1024 * 1024,
            depth: 20,
            time: Duration::from_mins(15),
            request_time: Duration::from_secs(30),
            pause: Duration::from_millis(100),
            heed_robots: true,
            reach: Reach::Public,
        }
    }
}

/// Why a site could not be searched at all.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// Not an address of a site.
    #[error("an address starts with http:// or https:// and has no name or password in it")]
    Address,
    /// It cannot be reached, or may not be.
    #[error("{0}")]
    Unreachable(String),
    /// It answers, but not with a page.
    #[error("the site answers {0}")]
    Status(StatusCode),
    /// Its first page sends visitors to another origin.
    #[error("the site sends its visitors to {0}; search that")]
    Elsewhere(String),
    /// `robots.txt` has the page where the search would begin among those to be left alone.
    #[error("robots.txt asks to leave this page alone")]
    Robots,
    /// Nobody knows what is to be left alone, which means all (RFC 9309, section 2.3.1.4).
    #[error("robots.txt is answered by {0}, which asks to leave all of the site alone")]
    NoRobots(StatusCode),
    /// Its first page sends visitors in a circle, or to where nothing is fetched; or the limits ended before a page.
    #[error("no page of the site could be read")]
    NoPage,
    /// Something of the own machine.
    #[error("{0}")]
    Internal(String),
}

/// What came back.
struct Fetched {
    url: Url,
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    cut: bool,
}

/// Reads a start address.
///
/// # Errors
/// When it is none.
pub fn parse_site(text: &str) -> Result<Url, SiteError> {
    let url = Url::parse(text).map_err(|_| SiteError::Address)?;
    let fine = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none();
    fine.then_some(url).ok_or(SiteError::Address)
}

/// The reach that somebody at a terminal means: a site of the own network by naming it, and otherwise public ones.
pub async fn reach_of(start: &Url) -> Reach {
    let host = start.host_str().unwrap_or_default();
    let inner = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => !crate::address::is_public(address),
        Err(_) => tokio::net::lookup_host((host, 0))
            .await
            .is_ok_and(|mut all| all.any(|a| !crate::address::is_public(a.ip()))),
    };
    if inner { Reach::Everywhere } else { Reach::Public }
}

/// Fetches and searches a site.
///
/// # Errors
/// When not even its first page can be had. Everything else is noted in the report.
pub async fn search_site(start: &Url, crawl: Crawl, gathering: &Arc<Gathering>) -> Result<(), SiteError> {
    let plain = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
    let client = Client::builder()
        .user_agent(AGENT)
        .default_headers(plain)
        .redirect(redirect::Policy::none())
        .dns_resolver(Guarded(crawl.reach))
        // A proxy would be asked in our place, and resolve names in its own way.
        .no_proxy()
        .referer(false)
        .timeout(crawl.request_time)
        .build()
        .map_err(|error| SiteError::Internal(explain(&error)))?;
    let mut crawler = Crawler {
        crawl,
        client,
        gathering: gathering.clone(),
        start: start.clone(),
        budget: Budget::new(Limits {
            bytes: crawl.bytes,
            ..Limits::default()
        }),
        queue: VecDeque::new(),
        seen: HashSet::new(),
        robot: None,
        left_out: 0,
        fetched: 0,
        read: 0,
        bytes: 0,
        full: false,
        too_deep: false,
        too_many: false,
        waits_until: Instant::now(),
    };
    crawler.run().await
}

/// An address that is to be fetched.
struct Next {
    url: Url,
    /// Links from the first page.
    depth: usize,
    /// The first page, or where it sends its visitors: without it there is nothing.
    is_first: bool,
    /// How often the site asked to wait for it.
    waited: u8,
}

struct Crawler {
    crawl: Crawl,
    client: Client,
    gathering: Arc<Gathering>,
    start: Url,
    /// What may be unpacked, of all files together.
    budget: Budget,
    /// Files at the front, pages at the back.
    queue: VecDeque<Next>,
    seen: HashSet<String>,
    robot: Option<Robot>,
    /// Addresses that `robots.txt` asks to leave alone.
    left_out: usize,
    fetched: usize,
    /// Answers that were pages or files of the site.
    read: usize,
    bytes: u64,
    /// A limit was reached.
    full: bool,
    /// It was said that a page is too many links away.
    too_deep: bool,
    /// It was said that there are too many addresses.
    too_many: bool,
    /// Until when the site asked to be left alone.
    waits_until: Instant,
}

impl Crawler {
    fn note(&self, url: &Url, text: impl Into<String>) {
        self.gathering.note(&Place::new(url.as_str()), text);
    }

    async fn run(&mut self) -> Result<(), SiteError> {
        let ends = Instant::now() + self.crawl.time;
        if self.crawl.heed_robots {
            self.read_robots().await?;
        }
        if !self.allows(&self.start) {
            return Err(SiteError::Robots);
        }
        let asked = self.robot.as_ref().and_then(|r| r.delay);
        let pause = asked.map_or(self.crawl.pause, |seconds| {
            Duration::try_from_secs_f32(seconds)
                .unwrap_or(LONGEST_PAUSE)
                .clamp(self.crawl.pause, LONGEST_PAUSE)
        });
        let mut ticks = interval(pause.max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut running = JoinSet::new();
        self.seen.insert(self.start.as_str().to_owned());
        self.queue.push_back(Next {
            url: self.start.clone(),
            depth: 0,
            is_first: true,
            waited: 0,
        });
        loop {
            // A timeout alone is not enough: it looks at the time only while there is nothing to read.
            if Instant::now() >= ends {
                self.stop("the time is over; the rest was not searched");
                break;
            }
            while running.len() < AT_A_TIME {
                let Some(next) = self.queue.pop_front() else {
                    break;
                };
                if self.fetched >= self.crawl.pages || self.bytes >= self.crawl.bytes {
                    self.stop("the limit of addresses or bytes is reached; the rest was not searched");
                    break;
                }
                self.fetched += 1;
                sleep_until(self.waits_until.min(ends)).await;
                ticks.tick().await;
                let (client, crawl) = (self.client.clone(), self.crawl);
                running.spawn(async move {
                    let fetched = fetch(&client, next.url.clone(), &crawl).await;
                    (next, fetched)
                });
            }
            let Ok(done) = timeout_at(ends, running.join_next()).await else {
                self.stop("the time is over; the rest was not searched");
                break;
            };
            let Some(done) = done else { break };
            let (next, fetched) = done.map_err(|e| SiteError::Internal(e.to_string()))?;
            match fetched {
                Ok(fetched) => self.read(fetched, next).await?,
                Err(error) if next.is_first => return Err(SiteError::Unreachable(error)),
                Err(error) => self.note(&next.url, error),
            }
        }
        if self.left_out > 0 {
            let text = format!("{} addresses were left out, as robots.txt asks", self.left_out);
            self.note(&self.start, text);
        }
        if self.read == 0 {
            return Err(SiteError::NoPage);
        }
        Ok(())
    }

    fn stop(&mut self, why: &str) {
        self.queue.clear();
        if !std::mem::replace(&mut self.full, true) {
            self.note(&self.start, why);
        }
    }

    async fn read_robots(&mut self) -> Result<(), SiteError> {
        let Ok(url) = self.start.join("/robots.txt") else {
            return Ok(());
        };
        let crawl = Crawl {
            file_bytes: ROBOTS,
            ..self.crawl
        };
        let fetched = fetch(&self.client, url, &crawl).await;
        let fetched = fetched.map_err(SiteError::Unreachable)?;
        if fetched.status.is_server_error() {
            return Err(SiteError::NoRobots(fetched.status));
        }
        // None forbids nothing.
        if fetched.status.is_success() {
            let Decoded { body, .. } = decode(&fetched.headers, fetched.body, ROBOTS, &self.budget);
            self.robot = Robot::new("daypass-scan", &body).ok();
        }
        Ok(())
    }

    fn allows(&self, url: &Url) -> bool {
        self.robot
            .as_ref()
            .is_none_or(|robot| robot.allowed(url.as_str()))
    }

    /// Whether an address is to be asked for again, later, because the site asks to wait. One that asks for long is left.
    fn waits(&mut self, status: StatusCode, headers: &HeaderMap, next: &Next) -> bool {
        let is_busy = matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        );
        let Some(asked) = headers.get(RETRY_AFTER).filter(|_| is_busy) else {
            return false;
        };
        // A date is far enough away, as is what cannot be read.
        let seconds = asked
            .to_str()
            .ok()
            .and_then(|text| text.trim().parse::<u64>().ok());
        let wait = seconds.map_or(Duration::MAX, Duration::from_secs);
        if wait > LONGEST_WAIT {
            self.stop("the site asks to come back later; the rest was not searched");
            return false;
        }
        self.waits_until = self.waits_until.max(Instant::now() + wait);
        next.waited < TRIES
    }

    async fn read(&mut self, fetched: Fetched, next: Next) -> Result<(), SiteError> {
        self.bytes += fetched.body.len() as u64;
        if fetched.cut {
            let text = format!(
                "larger than {} bytes; the rest was not searched",
                self.crawl.file_bytes
            );
            self.note(&fetched.url, text);
        }
        let (url, status, headers) = (fetched.url.clone(), fetched.status, fetched.headers.clone());
        // A redirect or a refusal is a text of the site too: what stands in it is out.
        let links = self.search(fetched).await?;
        if status.is_redirection() {
            return self.follow(&url, &headers, &next);
        }
        if self.waits(status, &headers, &next) {
            self.queue.push_front(Next {
                waited: next.waited + 1,
                ..next
            });
            return Ok(());
        }
        let is_failure = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        if is_failure && !next.is_first {
            self.note(&url, format!("the site answers {status}"));
        }
        if !status.is_success() {
            return if next.is_first {
                Err(SiteError::Status(status))
            } else {
                Ok(())
            };
        }
        self.read += 1;
        let map = ["sourcemap", "x-sourcemap"]
            .into_iter()
            .find_map(|name| headers.get(name)?.to_str().ok());
        let map = map.and_then(|map| url.join(map).ok());
        let map = map.map(|url| Link { url, is_page: false });
        for link in links.into_iter().chain(map) {
            self.add(link, next.depth + 1, false);
        }
        Ok(())
    }

    /// Searches an answer, and answers its links.
    async fn search(&mut self, fetched: Fetched) -> Result<Vec<Link>, SiteError> {
        let (gathering, budget) = (self.gathering.clone(), self.budget.clone());
        let most = self.crawl.file_bytes;
        let searched = tokio::task::spawn_blocking(move || {
            let searcher = Searcher::new().map_err(|e| e.to_string())?;
            let Fetched {
                url, headers, body, ..
            } = fetched;
            let mut content = Content::new(searcher, budget.limits(), &gathering);
            let place = Place::new(url.as_str());
            let decoded = decode(&headers, body, most, &budget);
            if let Some(note) = decoded.note {
                gathering.note(&place, note);
            }
            // The name of what was packed on its way may be that of the packed file.
            let name = if decoded.was_packed { "" } else { url.path() };
            let body = decoded.body;
            content.bytes_within(&place, name, &body, &budget);
            for (_, value) in &headers {
                content.header(&place, value.as_bytes());
            }
            let kind = headers.get(CONTENT_TYPE).and_then(|k| k.to_str().ok());
            let format = Format::of(kind.unwrap_or_default(), url.path(), &body);
            let links = format.map(|f| links(f, &url, &body)).unwrap_or_default();
            for link in &links {
                content.link(&place, link.url.as_str());
            }
            Ok::<_, String>((links, budget))
        });
        let (links, budget) = searched
            .await
            .map_err(|e| SiteError::Internal(e.to_string()))?
            .map_err(SiteError::Internal)?;
        self.budget = budget;
        Ok(links)
    }

    fn follow(&mut self, url: &Url, headers: &HeaderMap, next: &Next) -> Result<(), SiteError> {
        let to = headers.get(LOCATION).and_then(|l| l.to_str().ok());
        let Some(to) = to.and_then(|to| url.join(to).ok()) else {
            return Ok(());
        };
        if to.origin() == self.start.origin() {
            let link = Link {
                url: to,
                is_page: false,
            };
            self.add(link, next.depth, next.is_first);
        } else if next.is_first {
            let to = to.origin().ascii_serialization();
            return Err(SiteError::Elsewhere(masked(to)));
        }
        Ok(())
    }

    fn add(&mut self, link: Link, depth: usize, is_first: bool) {
        let Link { mut url, is_page } = link;
        url.set_fragment(None);
        if self.full || url.origin() != self.start.origin() || self.seen.contains(url.as_str()) {
            return;
        }
        // What was found once need not be sent around, not even to the site that wrote it.
        if mask(url.as_str()).is_some() {
            return;
        }
        // Each may be fetched, and each but one of a calendar without an end waits.
        if self.seen.len() >= self.crawl.pages.saturating_mul(10) {
            if !std::mem::replace(&mut self.too_many, true) {
                self.note(
                    &self.start,
                    "it has more addresses than are remembered; not all were fetched",
                );
            }
            return;
        }
        if !self.allows(&url) {
            self.seen.insert(url.into());
            self.left_out += 1;
            return;
        }
        // Another way to it may be shorter.
        if depth > self.crawl.depth {
            if !std::mem::replace(&mut self.too_deep, true) {
                let text = format!("pages more than {} links away were not fetched", self.crawl.depth);
                self.note(&self.start, text);
            }
            return;
        }
        self.seen.insert(url.as_str().to_owned());
        let next = Next {
            url,
            depth,
            is_first,
            waited: 0,
        };
        if is_page {
            self.queue.push_back(next);
        } else {
            self.queue.push_front(next);
        }
    }
}

async fn fetch(client: &Client, url: Url, crawl: &Crawl) -> Result<Fetched, String> {
    // A name is looked at when it is resolved; a number never is.
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if let Ok(address) = host.parse::<IpAddr>()
        && !crawl.reach.allows(address)
    {
        return Err(NotPublic.to_string());
    }
    let mut response = client.get(url.clone()).send().await.map_err(|e| explain(&e))?;
    let mut body = Vec::new();
    let mut cut = false;
    while let Some(chunk) = response.chunk().await.map_err(|e| explain(&e))? {
        let room = crawl.file_bytes - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            cut = true;
            break;
        }
    }
    Ok(Fetched {
        url,
        status: response.status(),
        headers: response.headers().clone(),
        body,
        cut,
    })
}

/// The innermost reason of an error: what a person can do something about.
pub(crate) fn explain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text = inner.to_string();
        source = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::Mutex;
    use std::thread;

    use wire::Kind;

    use super::*;
    use crate::finish;
    use crate::report::Report;
    use crate::testing::{Written, value, write};

    /// A site: what it answers by path, and which paths it was asked for.
    struct Site {
        origin: String,
        asked: Arc<Mutex<Vec<String>>>,
    }

    impl Site {
        fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let origin = format!("http://{}", listener.local_addr().unwrap());
            let asked = Arc::<Mutex<Vec<String>>>::default();
            let heard = asked.clone();
            thread::spawn(move || {
                for stream in listener.incoming() {
                    let mut stream = stream.unwrap();
                    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                    let first = lines.next().unwrap().unwrap_or_default();
                    lines
                        .map_while(Result::ok)
                        .take_while(|l| !l.is_empty())
                        .for_each(drop);
                    let Some(path) = first.split(' ').nth(1) else {
                        continue;
                    };
                    heard.lock().unwrap().push(path.to_owned());
                    let answer = answer(path);
                    // Whoever has read enough hangs up.
                    let _ = stream.write_all(&answer);
                }
            });
            Self { origin, asked }
        }

        fn asked(&self) -> BTreeSet<String> {
            self.asked.lock().unwrap().iter().cloned().collect()
        }

        async fn search(&self, crawl: Crawl) -> (Result<(), SiteError>, Report) {
            let gathering = Arc::new(Gathering::default());
            let start = parse_site(&self.origin).unwrap();
            let done = search_site(&start, crawl, &gathering).await;
            (done, finish(gathering))
        }
    }

    fn quick() -> Crawl {
        Crawl {
            pause: Duration::ZERO,
            reach: Reach::Everywhere,
            ..Crawl::default()
        }
    }

    fn gone() -> Vec<u8> {
        b"HTTP/1.1 404 Not Found\r\n\r\n".to_vec()
    }

    fn ok(kind: &str, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{body}").into_bytes()
    }

    #[tokio::test]
    async fn what_a_site_leads_to_is_searched_and_nothing_else() {
        let values: Vec<String> = (0..5).map(|_| value(Kind::Secret, 40)).collect();
        let planted = values.clone();
        let site = Site::serve(move |path| match path {
            "/robots.txt" => ok("text/plain", "User-agent: *\nDisallow: /private/\n"),
            "/" => ok(
                "text/html",
                "<script src=app.js></script><a href=/next>x</a><a href=/private/x>x</a>\
                 <a href=https://other.example/>x</a><a href=/moved>x</a><a href=/away>x</a><a href=/gone>x</a>",
            ),
            "/app.js" => ok(
                "text/javascript",
                &format!("k='{}'\n//# sourceMappingURL=app.js.map", planted[0]),
            ),
            "/app.js.map" => ok("application/json", &format!("\n{}", planted[1])),
            "/next" => ok(
                "text/html",
                &format!("<a href=/>x</a><a href='/?k={}'>x</a>", planted[2]),
            ),
            "/moved" => b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n".to_vec(),
            "/there" => format!("HTTP/1.1 200 OK\r\nX-Key: {}\r\n\r\n", planted[3]).into_bytes(),
            "/away" => b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:1/\r\n\r\n".to_vec(),
            "/private/x" => ok("text/html", &planted[4]),
            _ => gone(),
        });
        let (done, report) = site.search(quick()).await;
        done.unwrap();
        let places: Vec<_> = report
            .findings
            .iter()
            .map(|f| (f.place.to_string().replace(&site.origin, ""), f.line))
            .collect();
        let place = |path: &str, line| (path.to_owned(), line);
        assert_eq!(
            places,
            [
                place("/app.js", 1),
                place("/app.js.map", 2),
                place("/next", 1),
                place("/there!(header)", 0)
            ]
        );
        let asked: BTreeSet<_> = [
            "/",
            "/app.js",
            "/app.js.map",
            "/away",
            "/gone",
            "/moved",
            "/next",
            "/robots.txt",
            "/there",
        ]
        .map(str::to_owned)
        .into();
        assert_eq!(
            site.asked(),
            asked,
            "each once, and no address with a value in it"
        );
        assert_eq!(site.asked.lock().unwrap().len(), asked.len());
        assert_eq!(report.notes.len(), 1);
        assert!(
            report.notes[0].text.contains("1 addresses were left out"),
            "{:?}",
            report.notes
        );
        // The own site may be looked at as a whole.
        let all = Crawl {
            heed_robots: false,
            ..quick()
        };
        assert_eq!(site.search(all).await.1.findings.len(), 5);
    }

    /// However a value is written in a link, it is found there and sent nowhere.
    #[tokio::test]
    async fn no_link_with_a_value_in_it_is_followed() {
        let values: Vec<String> = (0..3).map(|_| value(Kind::Secret, 40)).collect();
        let (escaped, cut) = (values[0].replace('_', "%5F"), values[1].split_at(20));
        let base64 = String::from_utf8(write(&values[2], Written::Base64(0))).unwrap();
        let page = format!(
            // A browser takes the line break out of the second, so that only the link has the value.
            "<a href='/x?k={escaped}'>x</a><a href='/y?k={}\n{}'>x</a><img src='/z/{base64}'>",
            cut.0, cut.1
        );
        let site = Site::serve(move |path| match path {
            "/" => ok("text/html", &page),
            _ => gone(),
        });
        let (done, report) = site.search(quick()).await;
        done.unwrap();
        let asked: BTreeSet<_> = ["/", "/robots.txt"].map(str::to_owned).into();
        assert_eq!(site.asked(), asked);
        let found: Vec<_> = report
            .findings
            .iter()
            .map(|f| (f.place.members.concat(), f.hint.clone()))
            .collect();
        let expected = [("", 0), ("", 2), ("(link)", 1)];
        assert_eq!(
            found,
            expected.map(|(at, n)| (at.to_owned(), crate::form::hint(&values[n])))
        );
    }

    #[tokio::test]
    async fn a_site_without_an_end_ends() {
        let site = Site::serve(|path| {
            let number: u64 = path.trim_start_matches('/').parse().unwrap_or(0);
            ok(
                "text/html",
                &format!(
                    "<a href=/{}>x</a><a href=/{}>x</a>",
                    number * 2 + 1,
                    number * 2 + 2
                ),
            )
        });
        let said = |report: &Report, what: &str| {
            assert!(report.notes.iter().any(|n| n.text.contains(what)), "{report:?}");
        };
        let few = Crawl { pages: 30, ..quick() };
        let (_, report) = site.search(few).await;
        said(&report, "limit of addresses");
        assert!(site.asked.lock().unwrap().len() <= 31);
        let shallow = Crawl { depth: 3, ..quick() };
        let (_, report) = site.search(shallow).await;
        assert_eq!(report.files, 15);
        said(&report, "more than 3 links away");
        assert_eq!(report.notes.len(), 1, "once: {:?}", report.notes);
        let wide = Site::serve(|_| {
            let links: Vec<String> = (0..500).map(|n| format!("<a href=/{n}>x</a>")).collect();
            ok("text/html", &links.concat())
        });
        let (_, report) = wide.search(Crawl { pages: 20, ..quick() }).await;
        said(&report, "more addresses than are remembered");
        let huge = Site::serve(|_| ok("text/html", &"x".repeat(300_000)));
        let (_, report) = huge
            .search(Crawl {
                file_bytes: 1000,
                ..quick()
            })
            .await;
        said(&report, "larger than 1000 bytes");
        assert_eq!(report.bytes, 1000);
        let slow = Site::serve(|path| {
            if path != "/robots.txt" {
                thread::sleep(Duration::from_secs(2));
            }
            gone()
        });
        let (done, report) = slow
            .search(Crawl {
                time: Duration::from_millis(100),
                ..quick()
            })
            .await;
        said(&report, "time is over");
        assert!(matches!(done, Err(SiteError::NoPage)));
    }

    /// A site whose next answer is always there already leaves no moment to wait, and so none for a timeout.
    #[tokio::test]
    async fn the_time_ends_while_there_is_always_something_to_read() {
        let body = "x".repeat(2_000_000);
        let busy = Site::serve(move |path| {
            let number: u64 = path.trim_start_matches('/').parse().unwrap_or(0);
            let (a, b) = (number * 2 + 1, number * 2 + 2);
            ok(
                "text/html",
                &format!("<a href=/{a}>x</a><a href=/{b}>x</a>{body}"),
            )
        });
        let crawl = Crawl {
            time: Duration::from_secs(1),
            ..quick()
        };
        let started = std::time::Instant::now();
        let (_, report) = busy.search(crawl).await;
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{:?}",
            started.elapsed()
        );
        assert!(report.notes.iter().any(|n| n.text.contains("time is over")));
    }

    /// What is unpacked is counted over all files of a site.
    #[tokio::test]
    async fn many_small_bombs_are_one_large_one() {
        let mut zeros = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        zeros.write_all(&vec![0; 1_000_000]).unwrap();
        let bomb = zeros.finish().unwrap();
        let site = Site::serve(move |path| {
            if path == "/" {
                let links: Vec<String> = (0..10).map(|n| format!("<a href=/{n}.gz>x</a>")).collect();
                return ok("text/html", &links.concat());
            }
            [&b"HTTP/1.1 200 OK\r\n\r\n"[..], &bomb].concat()
        });
        let crawl = Crawl {
            bytes: 3_000_000,
            ..quick()
        };
        let (done, report) = site.search(crawl).await;
        done.unwrap();
        assert!(report.bytes < 4_000_000, "{}", report.bytes);
        let said = report
            .notes
            .iter()
            .filter(|n| n.text.contains("limit of 3000000 bytes"));
        assert_eq!(said.count(), 7, "{:?}", report.notes);
    }

    fn packed(coding: &str, text: &str) -> Vec<u8> {
        let bytes = text.as_bytes();
        match coding {
            "gzip" => {
                let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                out.write_all(bytes).unwrap();
                out.finish().unwrap()
            }
            "deflate" => {
                let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
                out.write_all(bytes).unwrap();
                out.finish().unwrap()
            }
            "br" => {
                let mut out = Vec::new();
                let how = brotli::enc::BrotliEncoderParams::default();
                brotli::BrotliCompress(&mut &*bytes, &mut out, &how).unwrap();
                out
            }
            "zstd" => {
                let level = ruzstd::encoding::CompressionLevel::Fastest;
                ruzstd::encoding::compress_to_vec(bytes, level)
            }
            _ => bytes.to_vec(),
        }
    }

    fn packed_page(coding: &str, text: &str) -> Vec<u8> {
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\n\r\n");
        let coding = coding.trim_start_matches("identity, ").to_ascii_lowercase();
        [head.into_bytes(), packed(&coding, text)].concat()
    }

    /// Files that lie packed in a store of objects are sent so, whatever was asked for.
    #[tokio::test]
    async fn what_a_site_packs_is_unpacked() {
        for coding in ["gzip", "br", "zstd", "deflate", "identity, GZIP"] {
            let value = value(Kind::Secret, 40);
            let planted = value.clone();
            let site = Site::serve(move |path| match path {
                "/" => packed_page(coding, "<a href=/next>x</a>"),
                "/next" => packed_page(coding, &format!("k='{planted}'")),
                _ => gone(),
            });
            let (done, report) = site.search(quick()).await;
            done.unwrap();
            assert_eq!(report.findings.len(), 1, "{coding}: {:?}", report.notes);
            assert!(report.notes.is_empty(), "{coding}: {:?}", report.notes);
        }
    }

    /// The name of a file is in the path of its address, and says nothing once it was unpacked on its way.
    #[tokio::test]
    async fn a_packed_file_is_known_by_its_path() {
        let value = value(Kind::Secret, 40);
        let planted = value.clone();
        let site = Site::serve(move |path| match path {
            "/" => ok("text/html", "<img src='/app.js.br?v=1'><img src='/b.js.br'>"),
            "/app.js.br?v=1" => [&b"HTTP/1.1 200 OK\r\n\r\n"[..], &packed("br", &planted)].concat(),
            "/b.js.br" => packed_page("br", &planted),
            _ => gone(),
        });
        let (done, report) = site.search(quick()).await;
        done.unwrap();
        assert_eq!(
            (report.findings.len(), report.notes.len()),
            (2, 0),
            "{:?}",
            report.notes
        );
    }

    #[tokio::test]
    async fn what_cannot_be_unpacked_is_said() {
        let value = value(Kind::Secret, 40);
        let planted = value.clone();
        let site = Site::serve(move |path| match path {
            "/" => ok(
                "text/html",
                "<a href=/new>x</a><a href=/not>x</a><a href=/large>x</a>",
            ),
            "/new" => packed_page("rot13", "x"),
            // It says so, and is none.
            "/not" => [
                &b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"[..],
                planted.as_bytes(),
            ]
            .concat(),
            "/large" => packed_page("br", &"x".repeat(100_000)),
            _ => gone(),
        });
        let crawl = Crawl {
            file_bytes: 10_000,
            ..quick()
        };
        let (done, report) = site.search(crawl).await;
        done.unwrap();
        assert_eq!(report.findings.len(), 1);
        let said: Vec<_> = report.notes.iter().map(|n| n.text.as_str()).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        for what in [
            "packed as rot13",
            "packed as gzip, and not to its end",
            "larger than 10000 bytes",
        ] {
            assert!(said.iter().any(|text| text.contains(what)), "{what}: {said:?}");
        }
    }

    #[tokio::test]
    async fn redirects_and_refusals_are_searched_too() {
        let values: Vec<String> = (0..4).map(|_| value(Kind::Secret, 40)).collect();
        let planted = values.clone();
        let site = Site::serve(move |path| match path {
            "/" => ok(
                "text/html",
                "<img src=/photo><a href=/moved>x</a><a href=/gone>x</a><a href=/secret>x</a>",
            ),
            "/photo" => {
                let to = format!("https://api.example/x.jpg?token={}", planted[0]);
                format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n").into_bytes()
            }
            "/moved" => {
                let body = format!("<a href='/x?k={}'>moved</a>", planted[1]);
                format!("HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n{body}").into_bytes()
            }
            "/gone" => format!("HTTP/1.1 404 Not Found\r\n\r\n{}", planted[2]).into_bytes(),
            "/secret" => format!("HTTP/1.1 403 Forbidden\r\nX-Key: {}\r\n\r\n", planted[3]).into_bytes(),
            _ => gone(),
        });
        let (done, report) = site.search(quick()).await;
        done.unwrap();
        let places: Vec<_> = report
            .findings
            .iter()
            .map(|f| f.place.to_string().replace(&site.origin, ""))
            .collect();
        assert_eq!(places, ["/gone", "/moved", "/photo!(header)", "/secret!(header)"]);
    }

    #[tokio::test]
    async fn a_site_that_was_not_searched_is_none_without_findings() {
        fn to(address: &str) -> Vec<u8> {
            format!("HTTP/1.1 302 Found\r\nLocation: {address}\r\n\r\n").into_bytes()
        }
        let refused = Site::serve(|path| match path {
            "/" => to("/en/"),
            _ => b"HTTP/1.1 403 Forbidden\r\n\r\n".to_vec(),
        });
        let done = refused.search(quick()).await.0;
        assert!(
            matches!(done, Err(SiteError::Status(StatusCode::FORBIDDEN))),
            "{done:?}"
        );
        let away = Site::serve(|path| match path {
            "/" => to("/login"),
            "/login" => to("https://accounts.example/sso?back=1"),
            _ => gone(),
        });
        let done = away.search(quick()).await.0;
        assert!(
            matches!(&done, Err(SiteError::Elsewhere(to)) if to == "https://accounts.example"),
            "{done:?}"
        );
        let circle = Site::serve(|_| to("/"));
        let done = circle.search(quick()).await.0;
        assert!(matches!(done, Err(SiteError::NoPage)), "{done:?}");
        let private = Site::serve(|path| match path {
            "/robots.txt" => ok("text/plain", "User-agent: *\nDisallow: /en/\n"),
            "/" => to("/en/"),
            _ => ok("text/html", "x"),
        });
        let done = private.search(quick()).await.0;
        assert!(matches!(done, Err(SiteError::NoPage)), "{done:?}");
        // Where the first page leads to a page, that is the site.
        let moved = Site::serve(|path| match path {
            "/" => to("/en/"),
            "/en/" => ok("text/html", "<a href=/next>x</a>"),
            "/next" => to("https://other.example/"),
            _ => gone(),
        });
        moved.search(quick()).await.0.unwrap();
        assert!(moved.asked().contains("/next"));
    }

    #[tokio::test]
    async fn what_a_site_asks_of_programs_is_heeded_from_the_first_page_on() {
        let closed = Site::serve(|path| match path {
            "/robots.txt" => ok("text/plain", "User-agent: *\nDisallow: /\n"),
            _ => ok("text/html", "x"),
        });
        let done = closed.search(quick()).await.0;
        assert!(matches!(done, Err(SiteError::Robots)), "{done:?}");
        assert_eq!(closed.asked(), ["/robots.txt".to_owned()].into());
        let own = Crawl {
            heed_robots: false,
            ..quick()
        };
        closed.search(own).await.0.unwrap();
        // Where it cannot be had, all is to be left alone.
        let broken = Site::serve(|path| match path {
            "/robots.txt" => b"HTTP/1.1 500 Internal Server Error\r\n\r\n".to_vec(),
            _ => ok("text/html", "x"),
        });
        let done = broken.search(quick()).await.0;
        assert!(matches!(done, Err(SiteError::NoRobots(_))), "{done:?}");
        assert_eq!(broken.asked(), ["/robots.txt".to_owned()].into());
    }

    #[tokio::test]
    async fn a_site_that_asks_to_wait_is_waited_for_or_left() {
        let value = value(Kind::Secret, 40);
        let planted = value.clone();
        let busy = |code: &str, wait: &str| {
            format!("HTTP/1.1 {code} Busy\r\nRetry-After: {wait}\r\n\r\n").into_bytes()
        };
        let first = Mutex::new(HashSet::new());
        let site = Site::serve(move |path| match path {
            "/robots.txt" => gone(),
            _ if first.lock().unwrap().insert(path.to_owned()) => busy("429", "0"),
            "/" => ok("text/html", "<a href=/a>x</a>"),
            _ => ok("text/html", &planted),
        });
        let (done, report) = site.search(quick()).await;
        done.unwrap();
        assert_eq!(
            (report.findings.len(), report.notes.len()),
            (1, 0),
            "{:?}",
            report.notes
        );
        for wait in ["86400", "Fri, 31 Dec 1999 23:59:59 GMT"] {
            let closed = Site::serve(move |path| match path {
                "/" => ok(
                    "text/html",
                    "<script src=a.js></script><a href=/b>x</a><a href=/c>x</a><a href=/d>x</a>",
                ),
                "/a.js" => busy("503", wait),
                _ => gone(),
            });
            let (done, report) = closed.search(quick()).await;
            done.unwrap();
            assert!(
                report
                    .notes
                    .iter()
                    .any(|n| n.text.contains("the rest was not searched")),
                "{:?}",
                report.notes
            );
            // What was under way was.
            assert!(!closed.asked().contains("/d"), "{:?}", closed.asked());
        }
        // One that is always busy is not asked for ever.
        let never = Site::serve(move |_| busy("503", "0"));
        let own = Crawl {
            heed_robots: false,
            ..quick()
        };
        let done = never.search(own).await.0;
        assert!(matches!(done, Err(SiteError::Status(_))), "{done:?}");
        assert_eq!(never.asked.lock().unwrap().len(), usize::from(TRIES) + 1);
    }

    #[tokio::test]
    async fn a_page_without_a_type_leads_on() {
        let site = Site::serve(|path| match path {
            "/" => b"HTTP/1.1 200 OK\r\n\r\n\xef\xbb\xbf\n <!doctype html><a href=/next>x</a>".to_vec(),
            _ => gone(),
        });
        site.search(quick()).await.0.unwrap();
        assert!(site.asked().contains("/next"));
    }

    #[tokio::test]
    async fn private_addresses_are_out_of_reach() {
        let site = Site::serve(|_| ok("text/html", "inside"));
        let public = Crawl {
            reach: Reach::Public,
            ..quick()
        };
        let (done, report) = site.search(public).await;
        assert!(matches!(done, Err(SiteError::Unreachable(text)) if text.contains("not a public one")));
        assert_eq!(report.files, 0);
        // By a name too.
        let gathering = Arc::new(Gathering::default());
        let named = parse_site(&site.origin.replace("127.0.0.1", "localhost")).unwrap();
        let done = search_site(&named, public, &gathering).await;
        assert!(matches!(done, Err(SiteError::Unreachable(text)) if text.contains("not a public one")));
        assert!(site.asked().is_empty());
        assert_eq!(
            reach_of(&named).await,
            Reach::Everywhere,
            "who names it at a terminal means it"
        );
        // A redirect of the first page leads nowhere else.
        let away =
            Site::serve(|_| b"HTTP/1.1 301 Moved\r\nLocation: http://169.254.169.254/\r\n\r\n".to_vec());
        assert!(matches!(
            away.search(quick()).await.0,
            Err(SiteError::Elsewhere(_))
        ));
    }

    #[test]
    fn addresses_of_sites() {
        assert!(parse_site("https://a.example/x").is_ok());
        for wrong in [
            "a.example",
            "ftp://a.example",
            "https://u:p@a.example",
            "https://",
            "file:///etc",
        ] {
            assert!(parse_site(wrong).is_err(), "{wrong}");
        }
    }
}
