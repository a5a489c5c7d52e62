"""A small server in the place of huggingface.co: as much of its interface as publishing and getting a model takes."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
HASHED = hashlib.sha256


@dataclass
class Hub:
    """What was asked of the server, and what its repositories hold.

    ``files``: {OWNER/NAME, or spaces/OWNER/NAME: {file: content}}. ``asked``: (method, path, token or ``None``) of
    every request, in order. ``made``: what was said of each repository that was made.
    With ``token`` only its bearer may write. ``full`` lets large files be refused.
    """

    address: str = ""
    token: str | None = None
    full: bool = False
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def served() -> Iterator[Hub]:
    """A server on a free port of this machine, closed afterwards."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"hub": hub}))
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    """Repositories are made, files go in by commits (large ones before, by git LFS), and come out by name."""

    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""

    def do_HEAD(self) -> None:
        """What a file is, without its content."""
        self._file(content=False)

    def do_GET(self) -> None:
        """A file of a repository, or what files it has."""
        path = unquote(urlsplit(self.path).path)
        if not path.startswith("/api/"):
            return self._file(content=True)
        self._asked()
        name, verb = _named(path)
        if name not in self.hub.files:
            return self._answer(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
        own = self.hub.files[name]
        if verb == "tree":
            return self._answer(
                200, [{"type": "file", "path": one, "size": len(own[one]), "oid": COMMIT} for one in own]
            )
        files = [{"rfilename": one} for one in own]
        return self._answer(200, {"id": name.removeprefix("spaces/"), "sha": COMMIT, "siblings": files})

    def do_PUT(self) -> None:
        """A large file, before the commit that names it."""
        content = self._asked()
        if self.hub.full:
            return self._answer(507, {"error": "no room"})
        oid = urlsplit(self.path).path.rpartition("/")[2]
        assert oid == HASHED(content).hexdigest()
        self.hub.large[oid] = content
        return self._answer(200, {})

    def do_POST(self) -> None:
        """Everything that writes."""
        content = self._asked()
        if self.hub.token is not None and self.hub.asked[-1][2] != self.hub.token:
            return self._answer(401, {"error": "Invalid username or password."})
        path = urlsplit(self.path).path
        if path == "/api/repos/create":
            said = json.loads(content)
            name = f"{said.get('organization') or 'me'}/{said['name']}"
            name = f"spaces/{name}" if said.get("type") == "space" else name
            self.hub.made.append(said)
            self.hub.files.setdefault(name, {})
            return self._answer(200, {"url": f"{self.hub.address}/{name}"})
        if path == "/api/validate-yaml":
            return self._answer(200, {"errors": [], "warnings": []})
        if path.endswith("/objects/batch"):
            said = json.loads(content)
            return self._answer(200, {"objects": [self._large(one) for one in said["objects"]]})
        name, verb = _named(unquote(path))
        own = self.hub.files[name]
        if verb == "preupload":
            return self._answer(200, {"files": [_mode(one) for one in json.loads(content)["files"]]})
        assert verb == "commit"
        for line in content.splitlines():
            said = json.loads(line)
            value = said["value"]
            if said["key"] == "file":
                own[value["path"]] = base64.b64decode(value["content"])
            elif said["key"] == "lfsFile":
                own[value["path"]] = self.hub.large[value["oid"]]
            elif said["key"] == "deletedFile":
                del own[value["path"]]
        where = f"{self.hub.address}/{name}/commit/{COMMIT}"
        return self._answer(
            200, {"commitUrl": where, "commitOid": COMMIT, "pullRequestUrl": None, "success": True}
        )

    def _large(self, one: dict[str, Any]) -> dict[str, Any]:
        href = f"{self.hub.address}/large/{one['oid']}"
        return {**one, "actions": {"upload": {"href": href, "header": {}}}}

    def _file(self, *, content: bool) -> None:
        self._asked()
        owner, name, verb, *rest = [*urlsplit(self.path).path.strip("/").split("/"), ""]
        own = self.hub.files.get(f"{owner}/{name}")
        if own is None:
            return self._answer(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
        if verb != "resolve" or rest[1] not in own:
            return self._answer(404, {"error": "Entry not found"}, {"X-Error-Code": "EntryNotFound"})
        held = own[rest[1]]
        more = {"ETag": f'"{HASHED(held).hexdigest()}"', "X-Repo-Commit": COMMIT}
        return self._send(200, held, more, content=content)

    def _asked(self) -> bytes:
        sent = self.headers.get("Authorization")
        token = sent.removeprefix("Bearer ") if sent else None
        self.hub.asked.append((self.command, urlsplit(self.path).path, token))
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, code: int, said: object, more: dict[str, str] | None = None) -> None:
        self._send(code, json.dumps(said).encode(), more or {}, content=self.command != "HEAD")

    def _send(self, code: int, body: bytes, more: dict[str, str], *, content: bool) -> None:
        self.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        if content:
            self.wfile.write(body)


def _named(path: str) -> tuple[str, str]:
    """``/api/spaces/OWNER/NAME/commit/main`` -> (``spaces/OWNER/NAME``, ``commit``); models have no prefix."""
    kind, owner, name, verb = [*path.removeprefix("/api/").split("/"), ""][:4]
    return f"{owner}/{name}" if kind == "models" else f"{kind}/{owner}/{name}", verb


def _mode(one: dict[str, Any]) -> dict[str, Any]:
    large = one["path"].endswith(".safetensors")
    return {"path": one["path"], "uploadMode": "lfs" if large else "regular", "shouldIgnore": False}
