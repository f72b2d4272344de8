//! What lists cost: run by hand, `cargo test --release -p server --test http lists -- --ignored --nocapture --test-threads 1`.
//! `DAYPASS_TOKENS` says how many tokens (100,000 by default).

#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

use std::time::Instant;

use server::demo::{Demo, fill};

use crate::harness::{Server, on_postgres, on_sqlite};

/// Every sort and filter, a search that finds few and one that finds many, late pages, and the overview.
const ASKED: [&str; 27] = [
    "/tokens",
    "/tokens?sort=-name",
    "/tokens?sort=created_at",
    "/tokens?sort=-created_at",
    "/tokens?sort=last_used_at",
    "/tokens?sort=-last_used_at",
    "/tokens?sort=secret_created_at",
    "/tokens?status=active",
    "/tokens?status=awaiting_secret",
    "/tokens?status=inactive",
    "/tokens?status=expired",
    "/tokens?kind=public",
    "/tokens?interface=Press%20photos",
    "/tokens?permission=upload",
    "/tokens?permission=read&interface=Press%20photos",
    "/tokens?attention=any",
    "/tokens?attention=exposed",
    "/tokens?attention=expires_soon",
    "/tokens?attention=rotation_due",
    "/tokens?attention=never_used",
    "/tokens?attention=unused",
    "/tokens?attention=broad_rights",
    "/tokens?q=press",
    "/tokens?q=nothing%20has%20this",
    "/tokens?page=LATE",
    "/tokens?sort=-created_at&page=LATE",
    "/overview",
];

const ROUNDS: usize = 7;

async fn measure(server: Server) {
    let wanted = std::env::var("DAYPASS_TOKENS").map_or(100_000, |n| n.parse().unwrap());
    let app = &server.app;
    let crowd = Demo::Crowd(wanted);
    fill(
        &app.store,
        &app.keyring,
        &app.passwords,
        &*app.entropy,
        app.now(),
        crowd,
    )
    .await
    .unwrap();
    let admin = server.admin().await;
    println!(
        "{wanted} tokens, {:?}: median of {ROUNDS}, total, bytes",
        app.store
    );
    for asked in ASKED {
        let late = (wanted * 9 / 10 / 50).max(1);
        let path = asked.replace("LATE", &late.to_string());
        let mut took = Vec::new();
        let mut answer = None;
        for _ in 0..ROUNDS {
            let started = Instant::now();
            answer = Some(admin.get(&path).await.is(200));
            took.push(started.elapsed());
        }
        took.sort();
        let answer = answer.unwrap();
        let total = answer.json()["total"].clone();
        println!(
            "{:9.1?} {total:>7} {:>6} {path}",
            took[ROUNDS / 2],
            answer.body.len()
        );
    }
}

#[tokio::test]
#[ignore = "measures, and takes long"]
async fn sqlite() {
    on_sqlite(measure).await;
}

#[tokio::test]
#[ignore = "measures, and takes long"]
async fn postgres() {
    on_postgres(measure).await;
}
