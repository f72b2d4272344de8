//! What every page finds around it: the session, the way to another page, the voice for results.
//!
//! Small and made once. Data of a page, and requests, do not belong here.

use leptos::prelude::*;
use wire::CurrentSession;

use crate::router::Router;
use crate::text::t;

/// Provided at the root; copied wherever it is needed.
#[derive(Clone, Copy)]
pub(crate) struct Around {
    /// Who is signed in; nothing until the first answer.
    pub(crate) session: RwSignal<Option<CurrentSession>>,
    /// The last result in words, for the live region.
    pub(crate) said: RwSignal<Option<(u32, String)>>,
    /// Whether a page was shown before this one: the first page leaves the focus alone.
    pub(crate) moved: StoredValue<bool>,
    pub(crate) router: Router,
}

impl Around {
    /// Makes it and provides it to everything below.
    pub(crate) fn provide() -> Self {
        let around = Self {
            session: RwSignal::new(None),
            said: RwSignal::new(None),
            moved: StoredValue::new(false),
            router: Router::start(),
        };
        provide_context(around);
        around
    }

    /// Goes to another page.
    pub(crate) fn go(self, path: &str) {
        self.router.go(path);
    }

    /// Writes another address for the same page, without an entry in the history.
    pub(crate) fn rewrite(self, path: &str) {
        self.router.rewrite(path);
    }

    /// Says a result: shown for a while, read out by screen readers.
    pub(crate) fn say(self, text: impl Into<String>) {
        let number = self
            .said
            .with_untracked(|said| said.as_ref().map_or(0, |(number, _)| number + 1));
        self.said.set(Some((number, text.into())));
    }

    /// The default lifetime of temporary tokens in seconds; a quarter of an hour until the server has said it.
    pub(crate) fn default_lifetime(self) -> i64 {
        self.session.with(|session| {
            session
                .as_ref()
                .map_or(900, |session| session.default_temporary_lifetime)
        })
    }
}

/// Writes the page's title for the tab.
pub(crate) fn title(page: &str) {
    document().set_title(&t!(shell.title, page = page));
}

/// What stands around the page that asks.
pub(crate) fn around() -> Around {
    expect_context()
}
