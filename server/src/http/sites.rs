//! Searching watched sites: one at a time, daily where the settings say so, or at once when somebody asks. What is found
//! becomes exposures of the tokens whose values stand there.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use scan::{Crawl, Finding, Gathering, Report};
use tokio::sync::Semaphore;
use wire::{
    Door, Kind, Origin, SiteFinding, SiteId, SiteSearch, SiteView, Timestamp, TokenReference,
    mask_token_values,
};

use super::app::App;
use crate::domain::exposure::{ExposureCount, presentable};
use crate::secret::KeySha256;
use crate::store::StoreError;

/// Between two searches of a site, in seconds.
const EVERY: i64 = 86_400;
/// How often is looked whether all tokens were read.
const LOADING: Duration = Duration::from_millis(200);
/// The most findings that are kept of a search.
const MOST_FINDINGS: usize = 100;
/// The most places that are kept of those that were not searched.
const MOST_NOTES: usize = 20;

/// Sites that are being searched, or wait for it.
#[derive(Debug)]
pub(super) struct Searching {
    sites: Mutex<HashSet<SiteId>>,
    /// One at a time: a search has its own pace, and is in nobody's way.
    turn: Semaphore,
}

impl Default for Searching {
    fn default() -> Self {
        Self {
            sites: Mutex::default(),
            turn: Semaphore::new(1),
        }
    }
}

impl Searching {
    fn is(&self, id: &SiteId) -> bool {
        self.sites
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(id)
    }

    /// Takes a site for a search; `None` when somebody has.
    fn take(&self, id: &SiteId) -> Option<Taken<'_>> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        sites.insert(id.clone()).then(|| Taken(self, id.clone()))
    }
}

/// A site that is being searched; given back when this is dropped.
struct Taken<'s>(&'s Searching, SiteId);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut sites = self.0.sites.lock().unwrap_or_else(PoisonError::into_inner);
        sites.remove(&self.1);
    }
}

/// A value of ours that was found somewhere.
pub(super) struct Found {
    /// Whose.
    pub(super) token: TokenReference,
    /// Secret or public.
    pub(super) kind: Kind,
    /// What it exposes: nothing where the value may be public, or works no more.
    pub(super) exposure: Option<ExposureCount>,
}

impl App {
    /// Whose value has this SHA-256, and what it means that it stands at `place`; `None` for nobody's.
    pub(super) fn exposure_of(
        &self,
        sha256: &KeySha256,
        door: Door,
        origin: &str,
        place: &str,
        address: Option<IpAddr>,
    ) -> Option<Found> {
        let digest = self.keyring.pepper().digest_of_sha256(sha256);
        let state = self.index.by_digest(&digest)?.state();
        let secret = state.secrets.iter().find(|s| s.digest == digest)?;
        if state.deleted {
            return None;
        }
        let now = self.now();
        let exposure = (state.kind == Kind::Secret && state.works(secret, now)).then(|| ExposureCount {
            origin: origin.to_owned(),
            place: place.to_owned(),
            ..ExposureCount::once(&state, secret, door, address, now)
        });
        Some(Found {
            token: TokenReference {
                id: state.id.clone(),
                name: state.name.clone(),
            },
            kind: state.kind,
            exposure,
        })
    }

    /// A site as administrators see it.
    pub(super) fn site_view(&self, mut site: SiteView) -> SiteView {
        site.searching = self.searching.is(&site.id);
        site
    }

    /// Searches the sites that are due, one after the other; nothing while the setting is off.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_due_sites(&self) -> Result<(), StoreError> {
        if !self.index.settings().watch_sites {
            return Ok(());
        }
        for id in self.store.list_due_sites(self.now().plus_seconds(-EVERY)).await? {
            self.search_site(&id).await?;
        }
        Ok(())
    }

    /// Searches a site, unless somebody does so already. A long time: it is not for a request to wait for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_site(&self, id: &SiteId) -> Result<(), StoreError> {
        let Some(_taken) = self.searching.take(id) else {
            return Ok(());
        };
        let Ok(_turn) = self.searching.turn.acquire().await else {
            return Ok(());
        };
        let Some(site) = self.store.find_site(id).await? else {
            return Ok(());
        };
        self.store.begin_site_search(id).await?;
        let started_at = self.now();
        let gathering = Arc::<Gathering>::default();
        let crawl = Crawl {
            reach: self.site.sites_reach,
            ..Crawl::default()
        };
        let failure = match scan::parse_site(site.origin.as_str()) {
            Ok(start) => scan::search_site(&start, crawl, &gathering).await.err(),
            Err(error) => Some(error),
        };
        while !self.index.is_complete() {
            // The server has just begun: a token that is not read yet would be nobody's.
            tokio::time::sleep(LOADING).await;
        }
        let report = scan::finish(gathering);
        let failure = failure.map(|error| presentable(&error.to_string()));
        let (search, seen) = self.judge_site(&site.origin, &report, failure, started_at);
        tracing::info!(site.id = %id, files = report.files, found = seen.len(), "searched a site");
        if !seen.is_empty()
            && let Err(error) = self.store.record_exposures(&seen).await
        {
            // The site is not searched again for a day: what was found is kept, and written as soon as that can be.
            tracing::warn!(site.id = %id, error = %error, "what was found on a site waits to be written");
            self.exposures.put_back(seen);
        }
        self.store.record_site_search(id, &search).await
    }

    fn judge_site(
        &self,
        origin: &Origin,
        report: &Report,
        failure: Option<String>,
        started_at: Timestamp,
    ) -> (SiteSearch, Vec<ExposureCount>) {
        let mut seen = Vec::new();
        let mut findings = Vec::new();
        let mut total = report.more_findings;
        // A public token may stand in a page: that is what it is for.
        for finding in report.findings.iter().filter(|f| f.kind == Kind::Secret) {
            total += 1;
            let place = presentable(&finding.place.to_string());
            let sha256 = KeySha256::from_bytes(finding.sha256);
            let found = self.exposure_of(&sha256, Door::Site, origin.as_str(), &place, None);
            let (token, exposure) = found.map(|f| (f.token, f.exposure)).unzip();
            if findings.len() < MOST_FINDINGS {
                findings.push(site_finding(finding, place, token));
            }
            seen.extend(exposure.flatten());
        }
        let not_searched = report.notes.iter().take(MOST_NOTES);
        let search = SiteSearch {
            started_at,
            ended_at: self.now(),
            failure,
            files: report.files,
            bytes: report.bytes,
            findings,
            total,
            not_searched: not_searched
                .map(|note| {
                    format!(
                        "{}: {}",
                        presentable(&note.place.to_string()),
                        mask_token_values(&note.text)
                    )
                })
                .collect(),
        };
        (search, seen)
    }
}

fn site_finding(finding: &Finding, place: String, token: Option<TokenReference>) -> SiteFinding {
    SiteFinding {
        place,
        line: finding.line,
        kind: finding.kind,
        hint: finding.hint.clone(),
        token,
    }
}
