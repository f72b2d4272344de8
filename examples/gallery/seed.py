#!/usr/bin/env python3
"""Fills a fresh Daypass with the gallery's data, over the same HTTP contract that every program can use.

    DAYPASS_URL=… DAYPASS_BIN=… DAYPASS_DATA_DIR=… seed.py ENV_FILE

It makes an administrator, the two interfaces and a few tokens, and takes over the gallery's permanent token from the
strongroom into ENV_FILE (mode 0600). It prints the administrator's name and password, never a token.
"""

import html
import http.client
import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode, urlsplit

ADMINISTRATOR = "ingrid"

INTERFACES = [
    {"name": "Open archive", "description": "Photographs that anybody may see.", "public": True},
    {"name": "Press photos", "description": "For newsrooms and partners, after signing in.", "public": False},
]


def grant(interface, *permissions):
    return {"interface": interface, "permissions": list(permissions)}


GALLERY = {"name": "Gallery website", "grants": [grant("Open archive", "read"), grant("Press photos", "read")]}

# Company for it in the list, as an administrator knows it. Their secrets are not made: nobody is there to take them.
OTHERS = [
    {
        "name": "Field photographers’ app",
        "grants": [grant("Press photos", "read", "upload", "edit")],
        "temporary_lifetime": 3600,
    },
    {
        "name": "Newsroom search",
        "grants": [grant("Open archive", "read", "download"), grant("Press photos", "read")],
        "temporary_lifetime": 300,
    },
    {"name": "Old FTP bridge"},
]


class Administrator:
    """One signed-in administrator, as a program."""

    def __init__(self, url):
        self.url = url
        self.host = urlsplit(url).netloc
        self.cookie = None

    def send(self, method, path, body, content_type):
        # A request that changes something names Daypass's own origin; a browser does the same by itself.
        headers = {"Origin": self.url, "Content-Type": content_type, "Accept": "application/json, text/html"}
        if self.cookie:
            # The cookie is Secure, and cookie jars keep such a one from plain http, so it is carried by hand. That
            # is right on this machine's own loopback address only.
            headers["Cookie"] = self.cookie
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()

    def form(self, path, fields, expected):
        answer, text = self.send("POST", path, urlencode(fields), "application/x-www-form-urlencoded")
        if answer.status != expected:
            # Never the text: a document of the strongroom could be in it.
            sys.exit(f"seed: POST {path.split('/')[1]} answered {answer.status}, not {expected}")
        return answer, text

    def sign_in(self, name, password):
        answer, _ = self.form("/login", {"name": name, "password": password}, 303)
        for cookie in answer.headers.get_all("Set-Cookie", []):
            if cookie.startswith("__Host-daypass="):
                self.cookie = cookie.partition(";")[0]
                return
        sys.exit("seed: signing in brought no session")

    def api(self, method, path, body):
        answer, text = self.send(method, "/api/admin/v1" + path, json.dumps(body), "application/json")
        if not 200 <= answer.status < 300:
            sys.exit(f"seed: {method} {path} answered {answer.status}: {text}")
        return json.loads(text) if text else None

    def take_secret(self, token_id):
        """The one moment in which the permanent token is visible: the strongroom's document, once per ticket."""
        ticket = self.api("POST", f"/tokens/{token_id}/handover", {})["ticket"]
        _, document = self.form(f"/strongroom/{token_id}", {"ticket": ticket, "mode": "generate", "overlap": "0"}, 200)
        found = re.search(r'<code\b[^>]*\bid="secret"[^>]*>([^<]+)</code>', document)
        if not found:
            sys.exit("seed: the strongroom's document holds no secret")
        return html.unescape(found.group(1)).strip()


def main():
    env_file = Path(sys.argv[1])
    password = secrets.token_urlsafe(12)
    made = subprocess.run(
        [os.environ["DAYPASS_BIN"], "admin", "create", "--name", ADMINISTRATOR, "--password-stdin"],
        input=password.encode() + b"\n",
        stdout=subprocess.DEVNULL,
        env={k: v for k, v in os.environ.items() if k not in ("DAYPASS_URL", "DAYPASS_BIN")},
    )
    if made.returncode != 0:
        sys.exit("seed: the administrator could not be made")

    administrator = Administrator(os.environ["DAYPASS_URL"])
    administrator.sign_in(ADMINISTRATOR, password)
    for interface in INTERFACES:
        administrator.api("POST", "/interfaces", interface)
    for token in OTHERS:
        administrator.api("POST", "/tokens", token)
    gallery = administrator.api("POST", "/tokens", GALLERY)

    env_file.unlink(missing_ok=True)
    descriptor = os.open(env_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"DAYPASS_TOKEN={administrator.take_secret(gallery['id'])}\n")

    print(f"{ADMINISTRATOR}, password {password}")


if __name__ == "__main__":
    main()
