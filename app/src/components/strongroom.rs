//! The dialog in which a secret is handed over: first the choices, then the strongroom's frame.
//!
//! The frame is sandboxed without scripts and without our origin, so nothing in here can read it, and nothing in
//! here may try. The frame is gone from the document when the dialog is, and when the page is left.

use leptos::{html, prelude::*};
use wire::{ClaimId, ClaimStatus, ClaimView, FieldError, Network, Overlap, Timestamp, TokenView};

use super::breaks::{Breaks, Used};
use super::claim;
use super::dialog::Modal;
use super::field::{Errors, TextField, focus_field};
use super::icon::{Icon, icon};
use super::problem::Refusal;
use crate::dom::{Dom, after, view};
use crate::format;
use crate::text::t;

/// Where the new secret comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Claim,
    Generate,
    Import,
}

impl Mode {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Generate => "generate",
            Self::Import => "import",
        }
    }
}

/// The overlaps that are offered, in seconds.
const OVERLAPS: [i64; 5] = [0, 3600, 86_400, 604_800, 2_592_000];

fn overlap_words(seconds: i64) -> &'static str {
    match seconds {
        3600 => t!(handover.overlap_hour),
        86_400 => t!(handover.overlap_day),
        604_800 => t!(handover.overlap_week),
        2_592_000 => t!(handover.overlap_month),
        _ => t!(handover.overlap_now),
    }
}

/// The dialog.
#[component]
pub(crate) fn Strongroom(
    token: TokenView,
    /// Opens the strongroom once; nothing until it was asked for.
    ticket: Signal<Option<String>>,
    busy: Signal<bool>,
    refusal: Signal<Option<String>>,
    /// What stops at once where the present secret does.
    used: Signal<Used>,
    /// The latest claim of the token: until there is a ticket, that of before.
    claim: Signal<Option<ClaimView>>,
    /// Asks for a ticket.
    on_ask: Callback<()>,
    /// Asks where the claim stands.
    on_look: Callback<()>,
    /// Cancels the claim.
    on_withdraw: Callback<()>,
    /// The dialog is to be taken away; whether the secret was stored.
    on_close: Callback<bool>,
) -> impl IntoView {
    let overlap = RwSignal::new(0_i64);
    let mode = RwSignal::new(Mode::Claim);
    let network = RwSignal::new(String::new());
    let errors = Errors::new(Vec::new());
    let leaving = RwSignal::new(false);
    let replaces = !token.secrets.is_empty();
    let open = move || ticket.with(Option::is_some);

    let left = window_event_listener_untyped("pagehide", move |_| on_close.run(false));
    on_cleanup(move || left.remove());

    let leave = move || {
        // A command that nobody has run yet goes on without the dialog.
        if open() && mode.get_untracked() != Mode::Claim {
            leaving.set(true);
        } else {
            on_close.run(false);
        }
    };
    let title = if replaces {
        t!(handover.replace_title, name = token.name)
    } else {
        t!(handover.title, name = token.name)
    };
    let action = format!("/strongroom/{}", token.id);
    let frame_title = t!(handover.frame, name = token.name);
    let previous = token.secrets.len() > 1;
    let choices = move || {
        view! {
            <section>
                {replaces.then(|| view! { <Overlaps overlap previous used /> })}
                <fieldset class="form">
                    <legend>{t!(handover.how)}</legend>
                    <div class="ways">
                        {[
                            (Mode::Claim, Icon::Key, t!(handover.claim), t!(handover.claim_help)),
                            (Mode::Generate, Icon::Shield, t!(handover.generate), t!(handover.generate_help)),
                            (Mode::Import, Icon::Pencil, t!(handover.import), t!(handover.import_help)),
                        ]
                            .map(|(way, sign, label, help)| {
                                let help_id = format!("way-{}", way.as_str());
                                view! {
                                    <div class="way">
                                        <button
                                            type="button"
                                            class="btn"
                                            class:first={way == Mode::Claim}
                                            aria-describedby=help_id.clone()
                                            aria-busy=move || busy.get().to_string()
                                            on:click=move |_| {
                                                if !busy.get_untracked() && fits(way, network, errors) {
                                                    mode.set(way);
                                                    on_ask.run(());
                                                }
                                            }
                                        >
                                            {icon(sign)}
                                            {label}
                                        </button>
                                        <p class="hint" id=help_id>{help}</p>
                                        {(way == Mode::Claim)
                                            .then(|| {
                                                view! {
                                                    <TextField
                                                        field="network"
                                                        label=t!(handover.network)
                                                        value=network
                                                        on_input=move |text| network.set(text)
                                                        errors
                                                        hint=t!(handover.network_help)
                                                        optional=true
                                                        class="mono"
                                                    />
                                                }
                                            })}
                                    </div>
                                }
                            })
                            .into_iter()
                            .collect::<Vec<_>>()}
                    </div>
                </fieldset>
                <Refusal text=refusal />
            </section>
            <footer>
                <button type="button" class="btn quiet" on:click=move |_| on_close.run(false)>
                    {t!(common.cancel)}
                </button>
            </footer>
        }
    };
    view! {
        <Modal labelled_by="strongroom-title" on_cancel=move |()| leave()>
            <header>
                <h2 id="strongroom-title">{title}</h2>
                <p>
                    {move || {
                        match mode.get_untracked() {
                            Mode::Import if open() => t!(handover.lead_import),
                            Mode::Claim if open() => t!(handover.lead_claim),
                            _ => t!(handover.lead),
                        }
                    }}
                </p>
            </header>
            {move || match ticket.get() {
                None => choices(),
                Some(ticket) => {
                    view! {
                        <Frame
                            action=action.clone()
                            title=frame_title.clone()
                            ticket
                            mode=mode.get_untracked()
                            overlap=overlap.get_untracked()
                            network=network.get_untracked()
                            leaving
                            on_close
                        >
                            {(mode.get_untracked() == Mode::Claim)
                                .then(|| view! { <Fetching claim on_look on_withdraw on_close /> })}
                        </Frame>
                    }
                        .into_any()
                }
            }}
        </Modal>
    }
}

/// Whether a way can be gone: a claim with a network that is none cannot.
fn fits(way: Mode, network: RwSignal<String>, errors: Errors) -> bool {
    let typed = network.get_untracked();
    let wrong = (way == Mode::Claim && !typed.trim().is_empty())
        .then(|| Network::parse(&typed).err())
        .flatten();
    errors.set(
        wrong
            .into_iter()
            .map(|code| FieldError::new("network", code))
            .collect(),
    );
    if wrong.is_some() {
        focus_field("network");
    }
    wrong.is_none()
}

/// Whether a server has fetched the secret: asked for as long as this stands here.
#[component]
fn Fetching(
    claim: Signal<Option<ClaimView>>,
    on_look: Callback<()>,
    on_withdraw: Callback<()>,
    on_close: Callback<bool>,
) -> impl IntoView {
    let before: Option<ClaimId> = claim.with_untracked(|claim| claim.as_ref().map(|c| c.id.clone()));
    let before = StoredValue::new(before);
    let ours = move || {
        let now = claim.get();
        now.filter(|claim| before.with_value(|before| Some(&claim.id) != before.as_ref()))
    };
    let is_fetched = move || ours().is_some_and(|claim| claim.status == ClaimStatus::Fetched);
    claim::again_and_again(move || on_look.run(()));
    view! {
        <section role="status">
            {move || match ours() {
                None => view! { <p class="hint">{t!(claim.asking)}</p> },
                Some(claim) => claim::notice(&claim, on_withdraw),
            }}
        </section>
        <footer>
            <button
                type="button"
                class="btn first"
                on:click=move |_| on_close.run(is_fetched())
            >
                {t!(common.close)}
            </button>
        </footer>
    }
}

#[component]
fn Overlaps(overlap: RwSignal<i64>, previous: bool, used: Signal<Used>) -> impl IntoView {
    view! {
        <fieldset class="field">
            <legend>{t!(handover.overlap)}</legend>
            <div class="choices across">
                {OVERLAPS
                    .map(|seconds| {
                        view! {
                            <label class="choice">
                                <input
                                    type="radio"
                                    name="overlap"
                                    prop:checked=move || overlap.get() == seconds
                                    on:change=move |_| overlap.set(seconds)
                                />
                                {overlap_words(seconds)}
                            </label>
                        }
                    })
                    .into_iter()
                    .collect::<Vec<_>>()}
            </div>
            <p class="hint" aria-live="polite">
                {move || match Overlap::from_seconds(overlap.get()).map(Overlap::seconds) {
                    None | Some(0) => t!(handover.overlap_now_text).to_owned(),
                    Some(seconds) => {
                        let until: Timestamp = format::now().plus_seconds(seconds);
                        t!(handover.overlap_text, when = format::moment(until))
                    }
                }}
                {previous.then(|| view! { " " {t!(handover.previous_still)} })}
            </p>
            <div hidden=move || overlap.get() != 0><Breaks used /></div>
        </fieldset>
    }
}

#[component]
fn Frame(
    action: String,
    title: String,
    ticket: String,
    mode: Mode,
    overlap: i64,
    network: String,
    leaving: RwSignal<bool>,
    on_close: Callback<bool>,
    /// What stands below the frame in place of the questions about what was shown.
    children: Children,
) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    // A native form, so that the answer goes into the frame and never through the app.
    let mut sent = false;
    after(move || {
        if let (Some(form), false) = (form.get(), sent) {
            sent = form.submit().is_ok();
        }
    });
    // The question takes the place of the button that had the focus, and going back gives the focus back.
    let (stay, stored) = (NodeRef::<html::Button>::new(), NodeRef::<html::Button>::new());
    let mut asked = false;
    after(move || {
        let button = if leaving.get() {
            asked = true;
            stay.get()
        } else if asked {
            stored.get()
        } else {
            None
        };
        if let Some(button) = button {
            let _ = button.focus();
        }
    });
    // Whether a key was sent is known in the frame only.
    let (leave_title, leave_text) = if mode == Mode::Import {
        (t!(handover.leave_import_title), t!(handover.leave_import))
    } else {
        (t!(handover.leave_title), t!(handover.leave_text))
    };
    view! {
        <section>
            <iframe class="strongroom" class:tall={mode == Mode::Claim} name="strongroom" sandbox="allow-forms" title=title></iframe>
            <form node_ref=form method="post" action=action target="strongroom" hidden>
                <input type="hidden" name="ticket" value=ticket />
                <input type="hidden" name="mode" value=mode.as_str() />
                <input type="hidden" name="overlap" value=overlap.to_string() />
                <input type="hidden" name="network" value=network />
            </form>
        </section>
        {children()}
        {move || {
            if mode == Mode::Claim {
                Dom::empty()
            } else if leaving.get() {
                view! {
                    <section role="alert">
                        <div class="alert warn">
                            {icon(Icon::Warn)}
                            <div>
                                <p><strong>{leave_title}</strong></p>
                                <p>{leave_text}</p>
                            </div>
                        </div>
                    </section>
                    <footer>
                        <button type="button" class="btn quiet" on:click=move |_| on_close.run(false)>
                            {t!(handover.leave)}
                        </button>
                        <button type="button" node_ref=stay class="btn first" on:click=move |_| leaving.set(false)>
                            {t!(handover.stay)}
                        </button>
                    </footer>
                }
                    .into_any()
            } else if mode == Mode::Import {
                // Whether the key was sent is known in the frame only; the page looks anew in any case.
                view! {
                    <footer>
                        <button type="button" class="btn" on:click=move |_| on_close.run(false)>
                            {t!(common.close)}
                        </button>
                    </footer>
                }
                    .into_any()
            } else {
                view! {
                    <footer>
                        <button type="button" class="btn quiet" on:click=move |_| leaving.set(true)>
                            {t!(handover.not_stored)}
                        </button>
                        <button type="button" node_ref=stored class="btn first" on:click=move |_| on_close.run(true)>
                            {t!(handover.stored)}
                        </button>
                    </footer>
                }
                    .into_any()
            }
        }}
    }
}
