//! The Unix socket in the data folder on which commands reach the running server: mode 0600, and for the server's own
//! user alone, whatever the folder's mode is; and for root, who can read the master key anyway.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{UnixListener, UnixStream};

/// Where it is.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("daypass.sock")
}

/// Root's id.
const ROOT: u32 = 0;

/// Accepts connections of the user whose the socket is, and of root.
pub(super) struct SameUser {
    listener: UnixListener,
    user: u32,
}

impl SameUser {
    fn admits(&self, stream: &UnixStream) -> bool {
        stream
            .peer_cred()
            .is_ok_and(|peer| may_ask(peer.uid(), self.user))
    }
}

const fn may_ask(asking: u32, owner: u32) -> bool {
    asking == owner || asking == ROOT
}

impl Listener for SameUser {
    type Io = UnixStream;
    type Addr = ();

    async fn accept(&mut self) -> (UnixStream, ()) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) if self.admits(&stream) => return (stream, ()),
                Ok(_) => tracing::warn!("another user's command was refused"),
                Err(error) => {
                    tracing::warn!(error = %error, "a command could not reach the server");
                    // Out of file descriptors, most likely: a moment later there may be one.
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Listens, for whoever holds the folder's lock: a socket that is there already is a dead server's. Where none can be
/// made the server serves without; commands then say that they cannot reach it.
pub(super) fn listen(folder: &Path) -> Option<SameUser> {
    let path = path(folder);
    let listener = || -> io::Result<SameUser> {
        take_away(folder);
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        let user = fs::symlink_metadata(&path)?.uid();
        Ok(SameUser { listener, user })
    };
    listener()
        .inspect_err(|error| {
            tracing::warn!(error = %error, path = %path.display(), "commands will not reach this server: no socket");
        })
        .ok()
}

/// Takes it away; one that is not there is fine.
pub(super) fn take_away(folder: &Path) {
    let _ = fs::remove_file(path(folder));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_and_root_may_ask() {
        assert!(may_ask(1000, 1000) && may_ask(ROOT, 1000) && may_ask(ROOT, ROOT));
        assert!(!may_ask(1001, 1000) && !may_ask(1000, ROOT));
    }
}
