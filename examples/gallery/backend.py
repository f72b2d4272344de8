#!/usr/bin/env python3
"""The web developer's backend: it keeps the permanent token, and gives the page a day pass.

One file, Python's standard library only. It serves the page (site/) and one JSON end point, POST /day-pass, which asks
Daypass for a temporary token: for two interfaces, for reading only, for this page's origin only.

The permanent token is read from the environment once. It travels to Daypass and nowhere else: not into an answer, not
into a log line, not into an error message.
"""

import http.client
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

INTERFACES = ["Open archive", "Press photos"]
SITE = Path(__file__).resolve().parent / "site"

# Only what stands here is served, so a path can never lead out of the folder.
PAGES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/gallery.css": ("gallery.css", "text/css; charset=utf-8"),
    "/gallery.js": ("gallery.js", "text/javascript; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    # A day pass is bound to an origin, and an <img> names its origin only in the Referer. So the page must send one:
    # with `no-referrer` no picture would come. The path stays at home when a picture is on another host.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Refused(Exception):
    """No day pass, and why, in words that a visitor may read."""

    def __init__(self, status, code, title, detail, retry_after=None, missing=None):
        super().__init__(code)
        self.status = status
        self.retry_after = retry_after
        self.problem = {"status": status, "code": code, "title": title, "detail": detail}
        if missing is not None:
            self.problem["missing"] = missing


class Daypass:
    """The one call that this backend makes."""

    def __init__(self, url, permanent_token, page_origin, lifetime):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            sys.exit("backend: DAYPASS_URL must look like http://127.0.0.1:8080")
        # http.client would quote a malformed header in its error, so a malformed token ends here, unquoted.
        if not permanent_token or not all("!" <= c <= "~" for c in permanent_token):
            sys.exit("backend: DAYPASS_TOKEN is empty or holds characters that no token has")
        self._connection = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port = parts.hostname, parts.port
        self._authorization = f"Bearer {permanent_token}"
        wish = {
            "grants": [{"interface": name, "permissions": ["read"]} for name in INTERFACES],
            "origins": [page_origin],
        }
        if lifetime is not None:
            wish["lifetime"] = lifetime
        self._wish = json.dumps(wish)

    def day_pass(self):
        """The temporary token and what the page needs to know about it."""
        connection = self._connection(self._host, self._port, timeout=5)
        try:
            # http.client follows no redirect, so the token cannot be led to another host.
            connection.request(
                "POST",
                "/api/GetTemporaryToken",
                self._wish,
                {"Authorization": self._authorization, "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            body = answer.read(65536)
        except (OSError, http.client.HTTPException):
            raise Refused(
                503, "unreachable", "Daypass does not answer", "The gallery's backend could not reach Daypass."
            ) from None
        finally:
            connection.close()

        try:
            said = json.loads(body)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            said = {}
        if answer.status != 200:
            # The visitor did nothing wrong, so a 401 of ours is not a 401 of theirs: 502, and the code says why.
            raise Refused(
                429 if answer.status == 429 else 502,
                str(said.get("code", "unexpected")),
                str(said.get("title", "Daypass refused")),
                str(said.get("detail", f"Daypass answered with status {answer.status}.")),
                retry_after=answer.getheader("Retry-After"),
                missing=said.get("missing"),
            )
        if "token" not in said:
            raise Refused(502, "unexpected", "Daypass was not understood", "Its answer held no temporary token.")
        # Field by field: what else Daypass may ever say to a server stays on the server.
        return {key: said.get(key) for key in ("token", "expires_in", "expires_at", "grants", "origins")}


class Handler(BaseHTTPRequestHandler):
    """Two kinds of request: a file of the page, and a day pass for it."""

    protocol_version = "HTTP/1.1"
    server_version = "gallery"
    sys_version = ""
    timeout = 30
    daypass = None
    page_origin = None

    def do_GET(self):
        page = PAGES.get(urlsplit(self.path).path)
        if page is None:
            self.answer(404, "text/plain; charset=utf-8", b"There is nothing here.\n")
        else:
            self.answer(200, page[1], (SITE / page[0]).read_bytes())

    do_HEAD = do_GET

    def do_POST(self):
        # A body is not needed. One that comes anyhow is not read, so the connection cannot be used further.
        if self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers:
            self.close_connection = True
        if self.path != "/day-pass":
            self.answer(404, "text/plain; charset=utf-8", b"There is nothing here.\n")
            return
        try:
            # Only our own page asks. A real site also looks here whether the visitor has signed in.
            if self.headers.get("Origin") != self.page_origin:
                raise Refused(403, "forbidden", "Not for this page", f"Day passes are given to {self.page_origin} only.")
            status, said, retry_after = 200, self.daypass.day_pass(), None
        except Refused as refusal:
            status, said, retry_after = refusal.status, refusal.problem, refusal.retry_after
            self.log_error("no day pass: %s", said["code"])
        kind = "application/json" if status == 200 else "application/problem+json"
        self.answer(status, kind, json.dumps(said).encode(), {"Retry-After": retry_after} if retry_after else {})

    def answer(self, status, kind, body, more=None):
        self.send_response(status)
        for name, value in {**SECURITY_HEADERS, **(more or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        """nginx logs requests, without what stands after a question mark."""

    def log_message(self, format, *args):
        sys.stderr.write("backend: " + format % args + "\n")


def main():
    """Reads the environment, then serves until it is stopped."""
    env = os.environ
    lifetime = env.get("GALLERY_PASS_SECONDS")
    if lifetime is not None and not (lifetime.isascii() and lifetime.isdecimal() and int(lifetime) > 0):
        sys.exit("backend: GALLERY_PASS_SECONDS must be a whole number of seconds")
    Handler.page_origin = env.get("GALLERY_ORIGIN", "http://localhost:8090")
    Handler.daypass = Daypass(
        env.get("DAYPASS_URL", "http://127.0.0.1:8080"),
        # Taken out of the environment, so that no later child process inherits it.
        env.pop("DAYPASS_TOKEN", ""),
        Handler.page_origin,
        int(lifetime) if lifetime else None,
    )
    server = ThreadingHTTPServer(("127.0.0.1", int(env.get("GALLERY_BACKEND_PORT", "8091"))), Handler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
