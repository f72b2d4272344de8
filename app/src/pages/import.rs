//! Tokens from a table: a file is chosen, the server says row by row what it would make of it, and then makes all
//! of it or nothing.
//!
//! The file goes to the server as it lies on the disk. Nothing in here reads it, so that a secret that stands in it
//! by mistake does not come into the app either.

use leptos::prelude::*;
use wire::{FieldError, IMPORT_COLUMNS, ImportResponse, ImportedRow};

use super::{Attempt, act};
use crate::api;
use crate::components::head::Head;
use crate::components::icon::{Icon, icon};
use crate::components::problem::{Refusal, field_words, words};
use crate::context::around;
use crate::dom::{Dom, view};
use crate::format;
use crate::text::t;

/// Rows that are shown of what is right; what is wrong is shown whole.
const SHOWN: usize = 100;

/// Two rows that say what belongs where.
const TEMPLATE: &str = "\
WordPress,secret,Press photos:read+download; Open archive:read,,,,192.0.2.0/24,,Pictures in articles,web@example.org,,
Audio guide,public,Open archive:read,,2027-12-31,https://www.example.org,,600/60,,,,
";

/// A link to a table without tokens.
fn template() -> String {
    let text = format!("{}\n{TEMPLATE}", IMPORT_COLUMNS.join(","));
    format!(
        "data:text/csv;charset=utf-8,{}",
        js_sys::encode_uri_component(&text)
    )
}

/// The page.
#[component]
pub(crate) fn ImportTokens() -> impl IntoView {
    let around = around();
    let file = RwSignal::new_local(None::<web_sys::File>);
    let preview = RwSignal::new(None::<ImportResponse>);
    let attempt = Attempt::new();
    let send = move |dry_run: bool| {
        let Some(chosen) = file.get_untracked() else {
            return;
        };
        attempt.start();
        act(async move {
            match api::tokens::import_tokens(chosen, dry_run).await {
                Ok(answer) if answer.applied => {
                    attempt.end(None);
                    around.say(t!(import.done, count = format::count(answer.rows.len() as u64)));
                    around.go("/tokens?sort=-created_at");
                }
                Ok(answer) => {
                    // A table that was right a moment ago may not be so now: a name is taken meanwhile.
                    attempt.end((!dry_run).then(|| t!(import.moved).to_owned()));
                    let _ = preview.try_set(Some(answer));
                }
                Err(error) => {
                    attempt.end(Some(words(&error)));
                    let _ = preview.try_set(None);
                }
            }
        });
    };
    let choose = move |input: web_sys::HtmlInputElement| {
        preview.set(None);
        attempt.reset();
        file.set(input.files().and_then(|files| files.get(0)));
        // The same file can be chosen again once it has been mended.
        input.set_value("");
        send(true);
    };
    let name = move || file.with(|file| file.as_ref().map(|file| view! { <strong>{file.name()}</strong> }));
    let looking = move || {
        (attempt.busy.get() && preview.with(Option::is_none))
            .then(|| view! { <p class="hint">{t!(import.looking)}</p> })
    };
    view! {
        <Head title=t!(import.title) lead=t!(import.lead) />
        <section class="card" aria-labelledby="import-file">
            <header><h2 id="import-file">{t!(import.file)}</h2></header>
            <div class="pad">
                <div class="row">
                    <label class="btn file">
                        {icon(Icon::Upload)}
                        {t!(import.choose)}
                        <input
                            type="file"
                            accept=".csv,text/csv"
                            class="sr"
                            on:change:target=move |event| choose(event.target())
                        />
                    </label>
                    <a class="btn quiet" href=template() download="tokens.csv">
                        {icon(Icon::Download)}
                        {t!(import.template)}
                    </a>
                    {name}
                </div>
                <details class="more">
                    <summary>{t!(import.columns)}</summary>
                    <div class="form"><dl class="facts">{IMPORT_COLUMNS.map(column).into_iter().collect::<Vec<_>>()}</dl></div>
                </details>
                <p class="hint">{t!(import.secrets)}</p>
            </div>
        </section>
        <Refusal text=attempt.refusal />
        <div class="stack" aria-live="polite" aria-busy=move || attempt.busy.get().to_string()>
            {looking}
            {move || preview.get().map(|preview| show(preview, attempt, Callback::new(move |()| send(false))))}
        </div>
    }
}

fn column(name: &'static str) -> Dom {
    let words = match name {
        "name" => t!(import.col_name),
        "kind" => t!(import.col_kind),
        "grants" => t!(import.col_grants),
        "temporary_lifetime" => t!(import.col_lifetime),
        "expires_at" => t!(import.col_expires),
        "allowed_origins" => t!(import.col_origins),
        "allowed_networks" => t!(import.col_networks),
        "rate_limit" => t!(import.col_rate),
        "note" => t!(import.col_note),
        "contact" => t!(import.col_contact),
        "write_reason" => t!(import.col_reason),
        _ => t!(import.col_digest),
    };
    view! {
        <dt><code>{name}</code></dt>
        <dd>{words}</dd>
    }
}

fn show(preview: ImportResponse, attempt: Attempt, on_import: Callback<()>) -> Dom {
    let wrong = preview.rows.iter().filter(|row| !row.errors.is_empty()).count();
    let count = preview.rows.len();
    let title = match (count, wrong) {
        (0, _) => t!(import.nothing).to_owned(),
        (_, 0) => t!(import.right, count = format::count(count as u64)),
        _ => t!(
            import.wrong,
            wrong = format::count(wrong as u64),
            count = format::count(count as u64)
        ),
    };
    let ready = wrong == 0 && count > 0;
    let (bad, good): (Vec<_>, Vec<_>) = preview.rows.into_iter().partition(|row| !row.errors.is_empty());
    let more = good.len().saturating_sub(SHOWN);
    let rows = bad.into_iter().chain(good.into_iter().take(SHOWN)).map(row);
    view! {
        <section class="card" aria-labelledby="import-rows">
            <header>
                <h2 id="import-rows">{title}</h2>
                {ready
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn first"
                                aria-busy=move || attempt.busy.get().to_string()
                                on:click=move |_| {
                                    if !attempt.busy.get_untracked() {
                                        on_import.run(());
                                    }
                                }
                            >
                                {t!(import.act, count = format::count(count as u64))}
                            </button>
                        }
                    })}
                {(wrong > 0).then(|| view! { <p>{t!(import.all_or_nothing)}</p> })}
            </header>
            {(count > 0)
                .then(|| {
                    view! {
                        <table class="list cards">
                            <caption class="sr">{t!(import.rows)}</caption>
                            <thead>
                                <tr>
                                    <th scope="col">{t!(import.line)}</th>
                                    <th scope="col">{t!(tokens.col_name)}</th>
                                    <th scope="col">{t!(tokens.col_rights)}</th>
                                    <th scope="col">{t!(import.secret)}</th>
                                    <th scope="col" class="wide">{t!(import.check)}</th>
                                </tr>
                            </thead>
                            <tbody>{rows.collect::<Vec<_>>()}</tbody>
                        </table>
                    }
                })}
            {(more > 0)
                .then(|| view! { <p class="pad hint">{t!(common.more, count = format::count(more as u64))}</p> })}
        </section>
    }
}

fn row(row: ImportedRow) -> Dom {
    let secret = if row.has_digest {
        t!(import.by_digest)
    } else {
        t!(import.by_strongroom)
    };
    let check = if row.errors.is_empty() {
        view! { <span class="state active">{t!(import.fine)}</span> }
    } else {
        let errors = row.errors.iter().map(error);
        view! { <ul class="stack close">{errors.collect::<Vec<_>>()}</ul> }
    };
    view! {
        <tr>
            <td data-label=t!(import.line)>{row.line.to_string()}</td>
            <th scope="row">{row.name}</th>
            <td data-label=t!(tokens.col_rights)>{row.grants}</td>
            <td data-label=t!(import.secret)>{secret}</td>
            <td data-label=t!(import.check)>{check}</td>
        </tr>
    }
}

fn error(error: &FieldError) -> Dom {
    view! { <li class="error"><span><code>{error.field.clone()}</code> " " {field_words(error, "")}</span></li> }
}
