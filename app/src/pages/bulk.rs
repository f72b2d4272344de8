//! One act on many tokens: the dialog that shows what will happen to each of them, and does exactly that.
//!
//! What is shown comes from the server's dry run, and the act carries the versions that the dry run saw: where
//! something has changed in between, nothing is done and the new preview is shown.

use leptos::prelude::*;
use wire::{
    BulkAction, BulkEffect, BulkOutcome, BulkRequest, BulkResponse, BulkToken, ErrorCode, InterfaceName,
    InterfaceView, Permission, Permissions, Reason, TokenId,
};

use super::token_acts::not_undone;
use super::{Attempt, act};
use crate::api;
use crate::components::changes::Changes;
use crate::components::dialog::Modal;
use crate::components::load::Loaded;
use crate::components::problem::{Refusal, words};
use crate::context::{Around, around};
use crate::dom::{Dom, after, view};
use crate::format;
use crate::text::t;

/// Milliseconds after the last key before the preview is made.
const PAUSE: u64 = 250;

/// Tokens that are listed in the preview, those that matter most first; the rest is counted.
const LISTED: usize = 200;

/// What can be done to many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BulkAct {
    Deactivate,
    Activate,
    SetExpiry,
    AddInterface,
    RemoveInterface,
    Delete,
}

impl BulkAct {
    pub(crate) const ALL: [Self; 6] = [
        Self::Deactivate,
        Self::Activate,
        Self::SetExpiry,
        Self::AddInterface,
        Self::RemoveInterface,
        Self::Delete,
    ];

    /// What its button says.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Deactivate => t!(bulk.deactivate),
            Self::Activate => t!(bulk.activate),
            Self::SetExpiry => t!(bulk.set_expiry),
            Self::AddInterface => t!(bulk.add_interface),
            Self::RemoveInterface => t!(bulk.remove_interface),
            Self::Delete => t!(bulk.delete),
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Deactivate => t!(bulk.deactivate_title),
            Self::Activate => t!(bulk.activate_title),
            Self::SetExpiry => t!(bulk.set_expiry_title),
            Self::AddInterface => t!(bulk.add_interface_title),
            Self::RemoveInterface => t!(bulk.remove_interface_title),
            Self::Delete => t!(bulk.delete_title),
        }
    }

    fn lead(self) -> &'static str {
        match self {
            Self::Deactivate => t!(bulk.deactivate_lead),
            Self::Activate => t!(bulk.activate_lead),
            Self::SetExpiry => t!(bulk.set_expiry_lead),
            Self::AddInterface => t!(bulk.add_interface_lead),
            Self::RemoveInterface => t!(bulk.remove_interface_lead),
            Self::Delete => t!(bulk.delete_lead),
        }
    }

    /// Whether what uses a token may fail after it.
    const fn breaks(self) -> bool {
        matches!(
            self,
            Self::Deactivate | Self::SetExpiry | Self::RemoveInterface | Self::Delete
        )
    }
}

/// What is typed and ticked.
#[derive(Clone, Copy)]
struct Draft {
    expires: RwSignal<String>,
    endless: RwSignal<bool>,
    interface: RwSignal<String>,
    permissions: RwSignal<Permissions>,
    reason: RwSignal<String>,
}

impl Draft {
    fn new() -> Self {
        Self {
            expires: RwSignal::new(String::new()),
            endless: RwSignal::new(false),
            interface: RwSignal::new(String::new()),
            permissions: RwSignal::new(Permissions::default()),
            reason: RwSignal::new(String::new()),
        }
    }

    /// What is to be done, or nothing while something is missing.
    fn action(self, act: BulkAct) -> Option<BulkAction> {
        let interface = || InterfaceName::parse(&self.interface.read()).ok();
        Some(match act {
            BulkAct::Deactivate => BulkAction::Deactivate,
            BulkAct::Activate => BulkAction::Activate,
            BulkAct::Delete => BulkAction::Delete,
            BulkAct::SetExpiry => BulkAction::SetExpiry {
                expires_at: if self.endless.get() {
                    None
                } else {
                    Some(format::from_local(&self.expires.read())?)
                },
            },
            BulkAct::AddInterface => {
                let permissions = self.permissions.get();
                let write_reason = Reason::parse(&self.reason.read()).ok()?;
                let unexplained = permissions.any_write() && write_reason.as_str().is_empty();
                BulkAction::AddInterface {
                    interface: interface()?,
                    permissions: Some(permissions).filter(|set| !set.is_empty() && !unexplained)?,
                    write_reason,
                }
            }
            BulkAct::RemoveInterface => BulkAction::RemoveInterface {
                interface: interface()?,
            },
        })
    }
}

/// A preview, and what it is a preview of.
#[derive(Clone)]
struct Preview {
    action: BulkAction,
    effects: Vec<BulkEffect>,
}

impl Preview {
    fn count(&self, outcome: BulkOutcome) -> usize {
        self.effects
            .iter()
            .filter(|effect| effect.outcome == outcome)
            .count()
    }

    fn changed(&self) -> Vec<BulkToken> {
        let changed = self
            .effects
            .iter()
            .filter(|effect| effect.outcome == BulkOutcome::Changed);
        changed.map(as_token).collect()
    }
}

fn as_token(effect: &BulkEffect) -> BulkToken {
    BulkToken {
        id: effect.id.clone(),
        version: effect.version,
    }
}

/// The state of the dialog.
#[derive(Clone, Copy)]
struct Bulk {
    act: BulkAct,
    draft: Draft,
    tokens: RwSignal<Vec<BulkToken>>,
    preview: RwSignal<Option<Preview>>,
    /// Something was different from what the list, or the preview before, had shown.
    moved: RwSignal<bool>,
    /// Counts previews; one that was overtaken is not shown.
    turn: StoredValue<u32>,
    attempt: Attempt,
    around: Around,
    on_close: Callback<bool>,
}

impl Bulk {
    /// Asks what would happen.
    fn look(self, action: BulkAction) {
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        act(async move {
            // Twice at most: the second time with the versions that the first has told.
            for again in [true, false] {
                let Some(tokens) = self.tokens.try_get_untracked() else {
                    return;
                };
                let answer = self.send(action.clone(), tokens, true).await;
                if self.turn.try_get_value() != Some(turn) {
                    return;
                }
                match answer {
                    Ok(BulkResponse { effects, .. }) if again && self.adopt(&effects) => self.moved.set(true),
                    Ok(BulkResponse { effects, .. }) => {
                        self.attempt.end(None);
                        return self.preview.set(Some(Preview { action, effects }));
                    }
                    Err(error) => return self.attempt.end(Some(words(&error))),
                }
            }
        });
    }

    async fn send(
        self,
        act: BulkAction,
        tokens: Vec<BulkToken>,
        dry_run: bool,
    ) -> Result<BulkResponse, api::ApiError> {
        api::tokens::act_on_tokens(BulkRequest { act, tokens, dry_run }).await
    }

    /// Takes over the versions of tokens that somebody else has changed; whether there are any.
    fn adopt(self, effects: &[BulkEffect]) -> bool {
        let mut stale = false;
        self.tokens.update_untracked(|tokens| {
            for token in tokens {
                let now = effects.iter().find(|effect| effect.id == token.id);
                if let Some(now) = now.filter(|now| now.version != token.version) {
                    token.version = now.version;
                    stale = true;
                }
            }
        });
        stale
    }

    /// Leaves out what cannot be done.
    fn leave_out(self, preview: &Preview) {
        let refused = |id: &TokenId| {
            let mut effects = preview.effects.iter();
            effects.any(|effect| effect.id == *id && effect.outcome == BulkOutcome::Refused)
        };
        self.tokens
            .update(|tokens| tokens.retain(|token| !refused(&token.id)));
    }

    /// Does what the preview shows.
    fn apply(self, preview: Preview) {
        self.attempt.start();
        self.moved.set(false);
        act(async move {
            let tokens = preview.effects.iter().map(as_token).collect();
            match self.send(preview.action.clone(), tokens, false).await {
                Ok(BulkResponse {
                    applied: true,
                    effects,
                }) => {
                    self.attempt.end(None);
                    let done = Preview { effects, ..preview };
                    self.say(&done);
                    self.on_close.run(true);
                }
                Ok(BulkResponse { effects, .. }) => {
                    // Nothing was done. What the server says now is the new preview.
                    self.adopt(&effects);
                    let _ = self.moved.try_set(true);
                    self.look(preview.action);
                }
                Err(error) => self.attempt.end(Some(words(&error))),
            }
        });
    }

    /// Says what was done; switching off can be taken back.
    fn say(self, done: &Preview) {
        let tokens = done.changed();
        let count = format::count(tokens.len() as u64);
        let around = self.around;
        if self.act != BulkAct::Deactivate {
            return around.say(t!(bulk.done, count = count));
        }
        around.offer_undo(t!(bulk.deactivated, count = count), move || {
            let request = BulkRequest {
                act: BulkAction::Activate,
                tokens: tokens.clone(),
                dry_run: false,
            };
            act(async move {
                let said = match api::tokens::act_on_tokens(request).await {
                    Ok(answer) if answer.applied => t!(bulk.undone).to_owned(),
                    Ok(_) => t!(tokens.undo_conflict).to_owned(),
                    Err(error) => not_undone(&error),
                };
                around.say(said);
                around.change();
            });
        });
    }
}

/// The dialog.
#[component]
pub(crate) fn BulkDialog(
    act: BulkAct,
    tokens: Vec<BulkToken>,
    interfaces: Loaded<Vec<InterfaceView>>,
    /// The dialog is to be taken away; whether something was done.
    #[prop(into)]
    on_close: Callback<bool>,
) -> impl IntoView {
    let draft = Draft::new();
    let bulk = Bulk {
        act,
        draft,
        tokens: RwSignal::new(tokens),
        preview: RwSignal::new(None),
        moved: RwSignal::new(false),
        turn: StoredValue::new(0),
        attempt: Attempt::new(),
        around: around(),
        on_close,
    };
    let later = StoredValue::new_local(None::<TimeoutHandle>);
    after(move || {
        bulk.tokens.track();
        let action = draft.action(act);
        if let Some(Some(handle)) = later.try_get_value() {
            handle.clear();
        }
        // What was shown before is about something else now.
        bulk.turn.update_value(|turn| *turn += 1);
        bulk.preview.set(None);
        let Some(action) = action.filter(|_| !bulk.tokens.with_untracked(Vec::is_empty)) else {
            return;
        };
        if matches!(act, BulkAct::Deactivate | BulkAct::Activate | BulkAct::Delete) {
            return bulk.look(action);
        }
        let handle = set_timeout_with_handle(
            move || {
                if bulk.turn.try_get_value().is_some() {
                    bulk.look(action.clone());
                }
            },
            std::time::Duration::from_millis(PAUSE),
        );
        later.set_value(handle.ok());
    });
    let ready = move || {
        bulk.preview.with(|preview| {
            let preview = preview.as_ref()?;
            let changed = preview.count(BulkOutcome::Changed);
            (changed > 0 && preview.count(BulkOutcome::Refused) == 0).then_some(changed)
        })
    };
    let apply = move |_| {
        let preview = bulk.preview.get_untracked();
        if let (Some(preview), Some(_), false) = (preview, untrack(ready), bulk.attempt.busy.get_untracked())
        {
            bulk.apply(preview);
        }
    };
    let moved = Signal::derive(move || bulk.moved.get().then(|| t!(bulk.moved).to_owned()));
    view! {
        <Modal labelled_by="bulk-title" on_cancel=move |()| on_close.run(false)>
            <header>
                <h2 id="bulk-title">{act.title()}</h2>
                <p>{act.lead()}</p>
            </header>
            <section>
                {fields(&bulk, interfaces)}
                <Refusal text=moved />
                <Refusal text=bulk.attempt.refusal />
                <div class="stack close" aria-live="polite">
                    {move || match bulk.preview.get() {
                        Some(preview) => show(preview, &bulk),
                        None if draft.action(act).is_none() => {
                            view! { <p class="hint">{t!(bulk.incomplete)}</p> }
                        }
                        None => view! { <p class="hint">{t!(bulk.looking)}</p> },
                    }}
                </div>
            </section>
            <footer>
                <button
                    type="button"
                    class="btn quiet"
                    autofocus={!matches!(act, BulkAct::SetExpiry | BulkAct::AddInterface | BulkAct::RemoveInterface)}
                    on:click=move |_| on_close.run(false)
                >
                    {t!(common.cancel)}
                </button>
                <button
                    type="button"
                    class="btn grave"
                    aria-busy=move || bulk.attempt.busy.get().to_string()
                    aria-disabled=move || ready().is_none().then_some("true")
                    on:click=apply
                >
                    {move || match ready() {
                        Some(count) => t!(bulk.apply, count = format::count(count as u64)),
                        None => t!(bulk.apply_none).to_owned(),
                    }}
                </button>
            </footer>
        </Modal>
    }
}

/// What the act needs to know.
fn fields(bulk: &Bulk, interfaces: Loaded<Vec<InterfaceView>>) -> Option<Dom> {
    let draft = bulk.draft;
    Some(match bulk.act {
        BulkAct::Deactivate | BulkAct::Activate | BulkAct::Delete => return None,
        BulkAct::SetExpiry => view! {
            <div class="field">
                <label for="bulk-expires">{t!(bulk.expires)}</label>
                <div class="beside">
                    <input
                        id="bulk-expires"
                        class="input middle"
                        type="datetime-local"
                        autofocus=true
                        prop:value=move || draft.expires.get()
                        disabled=move || draft.endless.get()
                        on:input:target=move |event| draft.expires.set(event.target().value())
                    />
                    <label class="check">
                        <input
                            type="checkbox"
                            prop:checked=move || draft.endless.get()
                            on:change:target=move |event| draft.endless.set(event.target().checked())
                        />
                        {t!(bulk.endless)}
                    </label>
                </div>
            </div>
        },
        BulkAct::RemoveInterface => interface_field(draft, interfaces),
        BulkAct::AddInterface => view! {
            {interface_field(draft, interfaces)}
            <fieldset>
                <legend>{t!(bulk.permissions)}</legend>
                <div class="choices across">{Permission::ALL.map(|right| tick(right, draft)).into_iter().collect::<Vec<_>>()}</div>
            </fieldset>
            <div class="field" hidden=move || !draft.permissions.get().any_write()>
                <label for="bulk-reason">{t!(bulk.reason)}</label>
                <input
                    id="bulk-reason"
                    class="input"
                    maxlength=Reason::MAX.to_string()
                    aria-describedby="bulk-reason-hint"
                    prop:value=move || draft.reason.get()
                    on:input:target=move |event| draft.reason.set(event.target().value())
                />
                <p class="hint" id="bulk-reason-hint">{t!(bulk.reason_help)}</p>
            </div>
        },
    })
}

fn interface_field(draft: Draft, interfaces: Loaded<Vec<InterfaceView>>) -> Dom {
    let options = move || {
        interfaces.with(|all| {
            let names = all.map(|all| all.iter().map(|one| one.name.clone()).collect());
            let names: Vec<String> = names.unwrap_or_default();
            names
                .into_iter()
                .map(|name| view! { <option value=name.clone()>{name}</option> })
                .collect::<Vec<_>>()
        })
    };
    view! {
        <div class="field">
            <label for="bulk-interface">{t!(tokens.interface)}</label>
            <select
                id="bulk-interface"
                class="input middle"
                autofocus=true
                on:change:target=move |event| draft.interface.set(event.target().value())
            >
                <option value="">{t!(bulk.choose)}</option>
                {options}
            </select>
        </div>
    }
}

fn tick(right: Permission, draft: Draft) -> Dom {
    view! {
        <label class="choice">
            <input
                type="checkbox"
                prop:checked=move || draft.permissions.get().contains(right)
                on:change:target=move |event| {
                    let on = event.target().checked();
                    draft.permissions.update(|set| *set = if on { set.with(right) } else { set.without(right) });
                }
            />
            {format::permission(right)}
        </label>
    }
}

/// The preview: in sum, and token by token.
fn show(preview: Preview, bulk: &Bulk) -> Dom {
    let bulk = *bulk;
    let number = |outcome| preview.count(outcome);
    let (changed, unchanged, refused) = (
        number(BulkOutcome::Changed),
        number(BulkOutcome::Unchanged),
        number(BulkOutcome::Refused),
    );
    let words =
        |count: usize, fill: fn(String) -> String| (count > 0).then(|| fill(format::count(count as u64)));
    let sums: Vec<String> = [
        words(changed, |count| t!(bulk.sum_changed, count = count)),
        words(unchanged, |count| t!(bulk.sum_unchanged, count = count)),
        words(refused, |count| t!(bulk.sum_refused, count = count)),
    ]
    .into_iter()
    .flatten()
    .collect();
    // What cannot be done stands first, then what may break something.
    let effects: Vec<&BulkEffect> = [
        (BulkOutcome::Refused, None),
        (BulkOutcome::Changed, Some(true)),
        (BulkOutcome::Changed, Some(false)),
        (BulkOutcome::Unchanged, None),
    ]
    .into_iter()
    .flat_map(|(outcome, used)| {
        let mine = move |effect: &&BulkEffect| {
            effect.outcome == outcome && used.is_none_or(|used| used == (effect.requests > 0))
        };
        preview.effects.iter().filter(mine)
    })
    .collect();
    let more = effects.len().saturating_sub(LISTED);
    let breaks = bulk.act.breaks();
    let listed: Vec<Dom> = effects
        .into_iter()
        .take(LISTED)
        .map(|effect| effect_row(effect.clone(), breaks))
        .collect();
    view! {
        <p><strong>{sums.join(" · ")}</strong></p>
        {(refused > 0)
            .then(|| {
                view! {
                    <p class="row">
                        {t!(bulk.all_or_nothing)}
                        <button type="button" class="btn small" on:click=move |_| bulk.leave_out(&preview)>
                            {t!(bulk.leave_out)}
                        </button>
                    </p>
                }
            })}
        <ul class="effects" tabindex="0" role="list" aria-label=t!(bulk.effects)>
            {listed}
            {(more > 0).then(|| view! { <li>{t!(common.more, count = format::count(more as u64))}</li> })}
        </ul>
    }
}

fn effect_row(effect: BulkEffect, breaks: bool) -> Dom {
    let look = match effect.outcome {
        BulkOutcome::Refused => Some(("state due", t!(bulk.refused))),
        BulkOutcome::Unchanged => Some(("state inactive", t!(bulk.unchanged))),
        BulkOutcome::Changed => None,
    };
    let changed = look.is_none();
    let why = match effect.code {
        Some(ErrorCode::TokenNotInactive) => Some(t!(bulk.not_inactive).to_owned()),
        Some(ErrorCode::Conflict) => Some(t!(bulk.conflict).to_owned()),
        Some(ErrorCode::NotFound) => Some(t!(errors.not_found).to_owned()),
        _ => effect.detail,
    };
    let used = (breaks && changed && effect.requests > 0)
        .then(|| t!(bulk.requests, count = format::count(effect.requests)));
    view! {
        <li>
            <span class="row">
                <strong>{effect.name}</strong>
                {look.map(|(look, words)| view! { <span class=look>{words}</span> })}
                {used.map(|used| view! { <span class="state due">{used}</span> })}
            </span>
            {(!changed).then(|| why.map(|why| view! { <p>{why}</p> }))}
            <Changes changes=effect.changes />
        </li>
    }
}
