//! The binary itself: it loses nothing under `kill -9`, and refuses to start where it would do harm.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use server::entropy::{Entropy, SystemEntropy};
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
        while made.load(Ordering::SeqCst) < before + 10 {
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
