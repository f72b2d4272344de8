//! What every page finds around it: the session, the way to another page, the voice for results.
//!
//! Small and made once. Data of a page, and requests, do not belong here.

use std::rc::Rc;

use leptos::prelude::*;
use wire::CurrentSession;

use crate::router::Router;
use crate::text::t;

/// Something that was done and can be taken back.
#[derive(Clone)]
pub(crate) struct Offer {
    pub(crate) number: u32,
    /// What was done, and what taking it back does not bring back.
    pub(crate) text: String,
    pub(crate) undo: Rc<dyn Fn()>,
}

/// Offers that stand side by side; the oldest makes room for a newer one.
const OFFERS: usize = 4;

/// Provided at the root; copied wherever it is needed.
#[derive(Clone, Copy)]
pub(crate) struct Around {
    /// Who is signed in; nothing until the first answer.
    pub(crate) session: RwSignal<Option<CurrentSession>>,
    /// The last result in words, for the live region.
    pub(crate) said: RwSignal<Option<(u32, String)>>,
    /// What can be taken back, the latest last. They outlive the page that made them.
    pub(crate) offers: RwSignal<Vec<Offer>, LocalStorage>,
    made: StoredValue<u32>,
    /// Counts changes that did not come from the page that is open: it loads anew.
    pub(crate) changed: RwSignal<u32>,
    /// Counts alarms: a page that shows how tokens are loads anew, one in which somebody types does not.
    pub(crate) alarmed: RwSignal<u32>,
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
            offers: RwSignal::new_local(Vec::new()),
            made: StoredValue::new(0),
            changed: RwSignal::new(0),
            alarmed: RwSignal::new(0),
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

    /// Writes another address for the same page, which Back leads away from.
    pub(crate) fn step(self, path: &str) {
        self.router.step(path);
    }

    /// Offers for a minute to take back what was just done, and says that it was done. `undo` must not hold
    /// anything of the page, which may be gone by then; afterwards it calls [`Around::change`].
    pub(crate) fn offer_undo(self, text: impl Into<String>, undo: impl Fn() + 'static) {
        let (text, undo) = (text.into(), Rc::new(undo));
        // Never the same again: a timer may still be running for one that was taken.
        let number = self.made.get_value() + 1;
        self.made.set_value(number);
        self.offers.update(|offers| {
            if offers.len() == OFFERS {
                offers.remove(0);
            }
            offers.push(Offer { number, text, undo });
        });
    }

    /// Takes an offer away, and back what it is about if that is wanted.
    pub(crate) fn end_offer(self, number: u32, undo: bool) {
        let mut ended = None;
        self.offers.update(|offers| {
            if let Some(at) = offers.iter().position(|offer| offer.number == number) {
                ended = Some(offers.remove(at));
            }
        });
        if let Some(offer) = ended.filter(|_| undo) {
            (offer.undo)();
        }
    }

    /// Something has changed behind the back of the page that is open.
    pub(crate) fn change(self) {
        self.changed.update(|times| *times += 1);
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
