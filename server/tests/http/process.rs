//! The binary itself: it loses nothing under `kill -9`, and refuses to start where it would do harm.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;
use server::entropy::{Entropy, SystemEntropy};
use server::secret::PlainToken;
use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery";

/// The binary, away from the configuration of whoever runs the test.
fn daypass(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daypass"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DAYPASS_") {
            command.env_remove(name);
        }
    }
    command
        .current_dir(folder)
        .env("DAYPASS_DATA_DIR", folder.join("data"))
        .env("DAYPASS_LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running server; killed when the test is over.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    fn start(folder: &Path) -> Self {
        let mut command = daypass(folder);
        let mut child = command.arg("serve").stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first
            .strip_prefix("Daypass is at http://")
            .unwrap()
            .parse()
            .unwrap();
        // It must not stop at a full pipe.
        thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// The operating system ends it at once: no handler, no flush, no goodbye.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request on a connection of its own; `None` when the server went away before the whole answer was there.
fn ask(address: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer))
}

fn create_admin(folder: &Path) {
    let mut command = daypass(folder);
    let command = command.args(["admin", "create", "--name", "Ingrid", "--password-stdin"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn sign_in(address: SocketAddr) -> String {
    let form = "name=Ingrid&password=correct+horse+battery";
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    let (status, answer) = ask(address, "POST", "/login", headers, form).unwrap();
    assert_eq!(status, 303, "{answer}");
    let lower = "set-cookie: ";
    let line = answer
        .lines()
        .find(|l| l.to_ascii_lowercase().starts_with(lower))
        .unwrap();
    format!("Cookie: {}\r\n", line[lower.len()..].split(';').next().unwrap())
}

#[test]
fn an_acknowledged_change_survives_kill_9() {
    let folder = TempDir::new().unwrap();
    create_admin(folder.path());
    let acknowledged = Arc::new(Mutex::new(Vec::<String>::new()));
    let made = Arc::new(AtomicUsize::new(0));
    let mut cookie = None;
    for round in 0..4 {
        let server = Running::start(folder.path());
        let address = server.address;
        // The session is acknowledged too: nobody has to sign in again.
        let cookie = cookie.get_or_insert_with(|| sign_in(address)).clone();
        let before = made.load(Ordering::SeqCst);
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                let (acknowledged, made, cookie) = (acknowledged.clone(), made.clone(), cookie.clone());
                thread::spawn(move || {
                    for n in 0.. {
                        let name = format!("Token {round} {writer} {n}");
                        let body = format!("{{\"name\":\"{name}\"}}");
                        let Some((status, answer)) =
                            ask(address, "POST", "/api/admin/v1/tokens", &cookie, &body)
                        else {
                            return;
                        };
                        assert_eq!(status, 201, "{answer}");
                        acknowledged.lock().unwrap().push(name);
                        made.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        // At least some, and then at no moment in particular.
        while made.load(Ordering::SeqCst) < before + 10
            && !writers.iter().all(thread::JoinHandle::is_finished)
        {
            thread::sleep(Duration::from_millis(1));
        }
        let [random]: [u8; 1] = (&SystemEntropy as &dyn Entropy).bytes();
        thread::sleep(Duration::from_millis(u64::from(random)));
        server.kill();
        for writer in writers {
            writer.join().unwrap();
        }
        let server = Running::start(folder.path());
        for name in acknowledged.lock().unwrap().iter() {
            let path = format!("/api/admin/v1/tokens?q={}", name.replace(' ', "+"));
            let (status, answer) = ask(server.address, "GET", &path, &cookie, "").unwrap();
            assert_eq!(status, 200, "{answer}");
            assert!(
                answer.contains(&format!("\"name\":\"{name}\"")),
                "{name} is gone after round {round}"
            );
        }
        server.kill();
    }
}

/// What it says when it does not start.
#[track_caller]
/// Half a request, from somebody who never goes on, is no reason to go on serving nobody.
#[test]
fn half_a_request_keeps_no_server_from_stopping() {
    let folder = TempDir::new().unwrap();
    let mut server = Running::start(folder.path());
    let mut silent = TcpStream::connect(server.address).unwrap();
    write!(silent, "GET /health HTTP/1.1\r\nHost: x\r\n").unwrap();
    let (status, _) = ask(server.address, "GET", "/health", "", "").unwrap();
    assert_eq!(status, 200);
    let told = Instant::now();
    let id = server.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    let status = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status;
        }
        assert!(told.elapsed() < Duration::from_mins(1), "it still runs");
        thread::sleep(Duration::from_millis(50));
    };
    assert!(status.success(), "{status}");
}

fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success());
    assert!(
        output.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn it_refuses_to_start_where_it_would_do_harm() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    create_admin(at);
    let key = at.join("data/master.key");
    let right = fs::read_to_string(&key).unwrap();

    // A second server would publish changes to its own index only.
    let first = Running::start(at);
    let says = refusal(daypass(at).arg("serve"));
    assert!(says.contains("another Daypass already runs"), "{says}");
    first.kill();
    // The lock dies with the process.
    Running::start(at).kill();

    fs::remove_file(&key).unwrap();
    let says = refusal(daypass(at).arg("serve"));
    assert!(says.contains("is missing"), "{says}");
    assert!(!key.exists(), "no new key in its place");

    let other = TempDir::new().unwrap();
    create_admin(other.path());
    fs::copy(other.path().join("data/master.key"), &key).unwrap();
    let says = refusal(daypass(at).arg("serve"));
    assert!(says.contains("not the one"), "{says}");
    let says = refusal(daypass(at).arg("serve").env("DAYPASS_MASTER_KEY", "A".repeat(43)));
    assert!(says.contains("placeholder"), "{says}");

    fs::write(&key, &right).unwrap();
    fs::write(at.join("daypass.toml"), "lisen = \"127.0.0.1:0\"\n").unwrap();
    let says = refusal(daypass(at).arg("serve"));
    assert!(says.contains("lisen"), "{says}");
    fs::remove_file(at.join("daypass.toml")).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let says = refusal(daypass(at).arg("serve"));
    assert!(says.contains("chmod 600"), "{says}");
    assert!(!says.contains(right.trim()), "never the key itself");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    Running::start(at).kill();
}

/// What a command says, and whether it did what it was asked for.
struct Said {
    done: bool,
    out: String,
    err: String,
}

fn run(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        done: output.status.success(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The value of a variable in a file of variables.
fn variable(file: &Path, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap();
    let line = text.lines().find(|l| l.starts_with(&format!("{name}="))).unwrap();
    line[name.len() + 1..].to_owned()
}

fn who_am_i(address: SocketAddr, secret: &str) -> (u16, String) {
    let headers = format!("Authorization: Bearer {secret}\r\n");
    // A program: no origin.
    let mut stream = TcpStream::connect(address).unwrap();
    let request =
        format!("GET /api/WhoAmI HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

/// The whole life of a token by commands; beside a running server they act in its next request, without one on the
/// database itself.
fn a_tokens_life(at: &Path, server: Option<SocketAddr>) {
    let env = at.join(".env");
    fs::write(&env, "# ours\nA=1\n").unwrap();
    let token = |args: &[&str]| run(daypass(at).arg("token").args(args));
    let name = if server.is_some() { "Beside" } else { "Alone" };

    // Standard output is a pipe here: no place for a secret, so nothing is made.
    let said = token(&["create", name]);
    assert!(!said.done && said.err.contains("--write-env"), "{}", said.err);
    let said = token(&["create", name, "--write-env", ".env", "--name", "1X"]);
    assert!(!said.done && said.err.contains("--name"), "{}", said.err);
    let said = token(&["create", name, "--grant", "Nowhere:read", "--write-env", ".env"]);
    assert!(!said.done && said.err.contains("grants"), "{}", said.err);
    let said = token(&["list"]);
    assert!(said.done && !said.out.contains(name), "{}{}", said.out, said.err);

    let said = token(&[
        "create",
        name,
        "--note",
        "by a script",
        "--write-env",
        ".env",
        "--name",
        "PRESS",
    ]);
    assert!(said.done, "{}", said.err);
    let first = variable(&env, "PRESS");
    assert!(first.starts_with("dps_"), "{first}");
    assert_eq!(
        fs::read_to_string(&env).unwrap(),
        format!("# ours\nA=1\nPRESS={first}\n")
    );
    assert_eq!(mode(&env), 0o600);
    assert!(!said.out.contains(&first) && !said.err.contains(&first));
    let said = token(&["create", name, "--write-env", ".env"]);
    assert!(!said.done && said.err.contains("name"), "{}", said.err);

    let list = token(&["list", "--json"]);
    assert!(list.done && !list.out.contains(&first[8..40]), "{}", list.err);
    let tokens: serde_json::Value = serde_json::from_str(&list.out).unwrap();
    let made = tokens
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["name"] == name)
        .unwrap();
    assert_eq!(
        (&made["status"], &made["note"]),
        (&"active".into(), &"by a script".into())
    );

    let said = token(&[
        "replace",
        &name.to_lowercase(),
        "--overlap",
        "3600",
        "--write",
        "secret.txt",
    ]);
    assert!(said.done, "{}", said.err);
    let second = fs::read_to_string(at.join("secret.txt")).unwrap();
    assert!(second.starts_with("dps_") && second != first && !second.ends_with('\n'));
    assert_eq!(mode(&at.join("secret.txt")), 0o600);
    if let Some(address) = server {
        for secret in [&first, &second] {
            let (status, answer) = who_am_i(address, secret);
            assert_eq!(status, 200, "{answer}");
        }
    }
    let said = token(&["replace", "nobody", "--write", "secret.txt"]);
    assert!(!said.done && said.err.contains("no such token"), "{}", said.err);
    assert_eq!(
        fs::read_to_string(at.join("secret.txt")).unwrap(),
        second,
        "the file is as it was"
    );

    let said = token(&["deactivate", made["id"].as_str().unwrap()]);
    assert!(
        said.done && said.out.contains("inactive"),
        "{}{}",
        said.out,
        said.err
    );
    if let Some(address) = server {
        assert_eq!(who_am_i(address, &second).0, 401, "refused in the next request");
    }
    // Nothing is left of what was written on the way.
    let left: Vec<_> = fs::read_dir(at)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn commands_change_tokens_beside_a_server_and_without_one() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    create_admin(at);
    a_tokens_life(at, None);
    fs::remove_file(at.join(".env")).unwrap();
    fs::remove_file(at.join("secret.txt")).unwrap();
    let server = Running::start(at);
    let socket = at.join("data/daypass.sock");
    assert_eq!(mode(&socket), 0o600);
    a_tokens_life(at, Some(server.address));
    // A dead server's socket is no server.
    server.kill();
    assert!(socket.exists());
    let said = run(daypass(at).args(["token", "list"]));
    assert!(
        said.done && said.out.contains("Alone") && said.out.contains("Beside"),
        "{}",
        said.err
    );
    // What runs and does not answer is no reason to go around it.
    let server = Running::start(at);
    fs::remove_file(&socket).unwrap();
    let said = run(daypass(at).args(["token", "list"]));
    assert!(
        !said.done && said.err.contains("cannot be reached"),
        "{}",
        said.err
    );
    server.kill();
    let said = run(daypass(at)
        .env("DAYPASS_DATA_DIR", at.join("nowhere"))
        .args(["token", "list"]));
    assert!(!said.done && said.err.contains("no data folder"), "{}", said.err);
    assert!(!at.join("nowhere").exists());
}

/// The ids of the keys that a running server publishes.
fn published_keys(address: SocketAddr) -> BTreeSet<String> {
    let (status, answer) = ask(address, "GET", "/.well-known/jwks.json", "", "").unwrap();
    assert_eq!(status, 200, "{answer}");
    let set: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let keys = set["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

/// The ids of the keys that the command tells, the newest first.
#[track_caller]
fn rotated_keys(at: &Path, args: &[&str]) -> Vec<String> {
    let said = run(daypass(at).args(["keys", "rotate"]).args(args));
    assert!(said.done, "{}", said.err);
    let id = |line: &str| line.split_once(" signs from ").unwrap().0.to_owned();
    said.out.lines().map(id).collect()
}

#[test]
fn keys_are_rotated_by_command_before_the_server_runs_and_beside_it() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    create_admin(at);
    // The new one waits for its moment in the set, and no other one before that.
    let first = rotated_keys(at, &[]);
    assert_eq!(first.len(), 2, "{first:?}");
    let said = run(daypass(at).args(["keys", "rotate"]));
    assert!(!said.done && said.out.is_empty(), "{}", said.out);
    assert!(said.err.contains("waits"), "{}", said.err);
    let server = Running::start(at);
    assert_eq!(published_keys(server.address), first.iter().cloned().collect());
    // For one that somebody else may have: nothing of before is left.
    let second = rotated_keys(at, &["--at-once"]);
    assert_eq!(second.len(), 1, "{second:?}");
    assert!(!first.contains(&second[0]));
    server.kill();
    let server = Running::start(at);
    assert_eq!(published_keys(server.address), second.iter().cloned().collect());
    server.kill();
}

/// The document's command for a token, from a running server, and the code in it.
fn claim_command(address: SocketAddr, cookie: &str, id: &str) -> (String, String) {
    let path = format!("/api/admin/v1/tokens/{id}/handover");
    let (status, answer) = ask(address, "POST", &path, cookie, "").unwrap();
    assert_eq!(status, 201, "{answer}");
    let ticket = answer
        .split("\"ticket\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let headers = format!("{cookie}Content-Type: application/x-www-form-urlencoded\r\n");
    let form = format!("ticket={ticket}&mode=claim");
    let (status, answer) = ask(address, "POST", &format!("/strongroom/{id}"), &headers, &form).unwrap();
    assert_eq!(status, 200, "{answer}");
    let command = answer
        .split("id=\"claim\">")
        .nth(1)
        .unwrap()
        .split("</code>")
        .next()
        .unwrap();
    let code = command.split("code=").nth(1).unwrap().split(' ').next().unwrap();
    (command.to_owned(), code.to_owned())
}

#[test]
fn a_claim_is_fetched_by_the_command_of_the_document() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    create_admin(at);
    let server = Running::start(at);
    let (address, cookie) = (server.address, sign_in(server.address));
    let (status, answer) = ask(
        address,
        "POST",
        "/api/admin/v1/tokens",
        &cookie,
        "{\"name\":\"WordPress\"}",
    )
    .unwrap();
    assert_eq!(status, 201, "{answer}");
    let id = answer
        .split("\"id\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();

    // As it is shown, in a shell.
    let (command, _) = claim_command(address, &cookie, id);
    let said = run(Command::new("sh").arg("-c").arg(&command));
    assert!(said.done, "{command}: {}{}", said.out, said.err);
    let secret = said.out.strip_suffix('\n').unwrap();
    assert_eq!(who_am_i(address, secret).0, 200);
    // A second time it fails so that a script notices, and says why.
    let said = run(Command::new("sh").arg("-c").arg(&command));
    assert!(
        !said.done && said.out.contains("fetched with this code already"),
        "{}",
        said.out
    );

    // Our own program stores it and prints nothing of it.
    let url = format!("http://{address}");
    let nobody = format!(
        "http://{}",
        std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
    );
    let outside = TempDir::new().unwrap();
    let claim = |code: &str, args: &[&str]| {
        let mut command = daypass(outside.path());
        // The way to this machine leads through no proxy, whatever the environment says of one.
        for name in ["no_proxy", "NO_PROXY", "REQUEST_METHOD"] {
            command.env_remove(name);
        }
        for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env(name, &nobody);
        }
        let mut child = command
            .arg("claim")
            .args(args)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        // It may refuse before it reads.
        let _ = child.stdin.take().unwrap().write_all(code.as_bytes());
        let output = child.wait_with_output().unwrap();
        let all = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(all).unwrap())
    };
    let (_, code) = claim_command(address, &cookie, id);
    let env = outside.path().join(".env");
    for (args, why) in [
        (
            &["http://tokens.example.net", "--write-env", ".env"][..],
            "https only",
        ),
        (&[&url], "--write-env"),
        (&[&url, "--write-env", "missing/.env"], "cannot be written"),
        (&[&url, "--write-env", "."], "is no file"),
    ] {
        let (done, says) = claim(&code, args);
        assert!(!done && says.contains(why), "{args:?}: {says}");
        assert!(!says.contains(&code), "{says}");
    }
    fs::write(&env, "A=1\nDAYPASS_TOKEN=old\nB=2\n").unwrap();
    let (done, says) = claim(&format!("{code}\n"), &[&url, "--write-env", ".env"]);
    assert!(done, "{says}");
    let secret = variable(&env, "DAYPASS_TOKEN");
    assert_eq!(
        fs::read_to_string(&env).unwrap(),
        format!("A=1\nDAYPASS_TOKEN={secret}\nB=2\n")
    );
    assert_eq!((mode(&env), who_am_i(address, &secret).0), (0o600, 200));
    assert!(!says.contains(&secret) && !says.contains(&code), "{says}");
    let (done, says) = claim(&code, &[&url, "--write-env", ".env"]);
    assert!(!done && says.contains("already"), "{says}");
    assert_eq!(variable(&env, "DAYPASS_TOKEN"), secret, "the file is as it was");
    // From a file; and nobody there.
    let (_, code) = claim_command(address, &cookie, id);
    fs::write(outside.path().join("code"), &code).unwrap();
    let (done, says) = claim("", &[&url, "--write", "secret", "--code-file", "code"]);
    assert!(done, "{says}");
    assert_eq!(
        who_am_i(
            address,
            &fs::read_to_string(outside.path().join("secret")).unwrap()
        )
        .0,
        200
    );
    server.kill();
    let (done, says) = claim("code", &[&url, "--write", "secret"]);
    assert!(!done && says.contains("does not answer"), "{says}");
}

/// The server dies after the commit and before the answer: the secret is lost, the page says that it was fetched, and
/// another handover is as good as the first.
#[test]
fn a_claim_under_kill_9_is_fetched_or_open() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    create_admin(at);
    let mut server = Running::start(at);
    let cookie = sign_in(server.address);
    let (_, answer) = ask(
        server.address,
        "POST",
        "/api/admin/v1/tokens",
        &cookie,
        "{\"name\":\"WordPress\"}",
    )
    .unwrap();
    let id = answer
        .split("\"id\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    // Later and later, until the server was killed before it gave the secret out, and after.
    let (mut before, mut after) = (0, 0);
    for round in 0..200_u64 {
        if round >= 6 && before > 0 && after > 0 {
            break;
        }
        let (_, code) = claim_command(server.address, &cookie, &id);
        let address = server.address;
        let body = format!("code={code}");
        let asking = thread::spawn(move || {
            let mut stream = TcpStream::connect(address).ok()?;
            let length = body.len();
            let request = format!(
                "POST /claim HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            stream.write_all(request.as_bytes()).ok()?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).ok()?;
            let secret = answer.split("\r\n\r\n").nth(1)?.to_owned();
            secret.starts_with("dps_").then_some(secret)
        });
        thread::sleep(Duration::from_millis(round * 3));
        server.kill();
        let got = asking.join().unwrap();
        server = Running::start(at);
        let path = format!("/api/admin/v1/tokens/{id}/claim");
        let (status, answer) = ask(server.address, "GET", &path, &cookie, "").unwrap();
        assert_eq!(status, 200, "{answer}");
        let fetched = answer.contains("\"status\":\"fetched\"");
        assert!(fetched || answer.contains("\"status\":\"open\""), "{answer}");
        *if fetched { &mut after } else { &mut before } += 1;
        if let Some(secret) = got {
            assert!(fetched, "who has a secret is written down: {answer}");
            assert_eq!(who_am_i(server.address, &secret).0, 200);
        }
    }
    assert!(before > 0 && after > 0, "{before} before, {after} after");
    let (command, _) = claim_command(server.address, &cookie, &id);
    let said = run(Command::new("sh").arg("-c").arg(&command));
    assert!(said.done, "{}{}", said.out, said.err);
    assert_eq!(who_am_i(server.address, said.out.trim()).0, 200);
}

/// The command that searches files needs no server: it tells by its exit status, and never prints a value.
#[test]
fn scan_tells_by_its_exit_status() {
    let folder = TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let done = daypass(folder.path())
            .arg("scan")
            .args(arguments)
            .output()
            .unwrap();
        let out = String::from_utf8(done.stdout).unwrap();
        (done.status.code().unwrap(), out)
    };
    fs::create_dir(folder.path().join("site")).unwrap();
    let page = folder.path().join("site/index.html");
    fs::write(&page, "<!doctype html>").unwrap();
    assert_eq!(run(&["site"]).0, 0);
    assert_eq!(run(&["missing"]).0, 2);
    // A configuration that is wrong is none of its business.
    fs::write(folder.path().join("daypass.toml"), "nonsense = 1").unwrap();
    let value = PlainToken::generate(wire::Kind::Secret, 40, &SystemEntropy);
    fs::write(
        &page,
        format!("<script>\nlet key = '{}'", value.expose_in_strongroom()),
    )
    .unwrap();
    let (status, text) = run(&["site", "missing"]);
    assert_eq!(status, 1);
    assert!(
        text.contains(&format!("site/index.html:2: {} [secret]", value.hint())),
        "{text}"
    );
    assert!(text.contains("not searched: missing: "), "{text}");
    for format in ["text", "json", "sarif"] {
        let (status, text) = run(&["site", "--format", format]);
        assert_eq!(status, 1);
        assert!(text.contains(&value.hint()));
        assert!(!text.contains(value.expose_in_strongroom()));
    }
    assert_eq!(
        run(&["site", "--format", "json", "--output", "report.json"]),
        (1, String::new())
    );
    let report = fs::read_to_string(folder.path().join("report.json")).unwrap();
    assert!(report.contains(&value.hint()));
    assert_eq!(run(&["site", "--output", "no/such/folder"]).0, 2);
    // What cannot be searched is said before anything is: nothing was written by then.
    assert_eq!(
        run(&["site", "https://u:p@a.example", "--output", "report.json"]).0,
        2
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("report.json")).unwrap(),
        report
    );
    assert_eq!(run(&[]).0, 2);
}

/// Forwards connections to an address, and keeps what went through, both ways.
fn listen_in(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::<Mutex<Vec<u8>>>::default();
    let all = heard.clone();
    thread::spawn(move || {
        for near in listener.incoming() {
            let (near, far) = (near.unwrap(), TcpStream::connect(to).unwrap());
            let ways = [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)];
            for (mut from, mut to) in ways {
                let all = all.clone();
                thread::spawn(move || {
                    let mut buffer = [0; 4096];
                    while let Ok(n @ 1..) = from.read(&mut buffer) {
                        all.lock().unwrap().extend(&buffer[..n]);
                        if to.write_all(&buffer[..n]).is_err() {
                            break;
                        }
                    }
                    // It is closed already, or it is now.
                    let _ = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
    (address, heard)
}

/// The whole way of `daypass scan --server`: what works, what does not, what is nobody's; and what is sent for it.
#[test]
fn a_scan_asks_a_server_what_works_and_tells_it_no_value() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    create_admin(at);
    let make = |name: &str| {
        let said = run(daypass(at).args(["token", "create", name, "--write", name]));
        assert!(said.done, "{}", said.err);
        fs::read_to_string(at.join(name)).unwrap()
    };
    let (works, off) = (make("works"), make("off"));
    let said = run(daypass(at).args(["token", "deactivate", "off"]));
    assert!(said.done, "{}", said.err);
    let mut unknown = format!("dps_{}", "aB3xY9Qw".repeat(5));
    let sum = scan::form::checksum(unknown.as_bytes());
    unknown.push_str(std::str::from_utf8(&sum).unwrap());
    let files = TempDir::new().unwrap();
    for (name, value) in [("a", &works), ("b", &off), ("c", &unknown)] {
        fs::write(files.path().join(name), format!("key = {value}")).unwrap();
    }
    let scan = |server: &str| {
        let mut command = daypass(at);
        command.args(["scan", "--format", "json", "--server", server]);
        command.arg(files.path()).output().unwrap()
    };
    let states = |output: &Output| -> Vec<Value> {
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let all = report["findings"].as_array().unwrap().iter();
        all.map(|f| f["state"].clone()).collect()
    };

    let server = Running::start(at);
    let (address, heard) = listen_in(server.address);
    // Somebody's proxy, which has no business with what stays on this machine.
    let (proxy, proxied) = listen_in(server.address);
    let output = daypass(at)
        .args(["scan", "--format", "json", "--server"])
        .arg(format!("http://{address}"))
        .arg(files.path())
        .env("http_proxy", format!("http://{proxy}"))
        .env("all_proxy", format!("http://{proxy}"))
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(states(&output), ["live", "inactive", "unknown"]);
    assert!(proxied.lock().unwrap().is_empty());
    let heard = String::from_utf8_lossy(&heard.lock().unwrap()).into_owned();
    let questions = heard.split("GET ").skip(1);
    let asked: BTreeSet<_> = questions.filter_map(|q| q.split(" HTTP/").next()).collect();
    assert_eq!(asked.len(), 3);
    for value in [&works, &off, &unknown] {
        let digest = hex::encode(digest(&SHA256, value.as_bytes()).as_ref());
        let question = format!("/api/TokenDigests?range={}", &digest[..5]);
        assert!(asked.contains(&*question), "{asked:?}");
        // Neither the value, nor a part of it, nor more of its digest than the server itself tells.
        assert!(!heard.contains(&value[8..20]) && !heard.contains(&digest[..9]));
    }

    // What was found is told, and counts, when the server is away.
    server.kill();
    let output = scan(&format!("http://{address}"));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(states(&output), ["not_asked"; 3]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        report["not_asked"].as_str().unwrap().contains("cannot be asked"),
        "{report}"
    );
    // Nobody is asked where others could read along.
    let output = scan("http://daypass.example.org");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("https://"));
}
