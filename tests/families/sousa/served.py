"""A gathered Space in a process of its own, in which nothing is installed but what its requirements ask for."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import urllib.request
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

#: Seconds that the page may take to open: where librosa was never used, its loops are compiled first.
PATIENCE = 900


def linked(requirements: Iterable[str], to: Path) -> Path:
    """A folder of links to what these requirements install, and what they require, and to nothing else."""
    to.mkdir()
    for one in _required(requirements).values():
        for name in {file.parts[0] for file in one.files or () if file.parts[0] not in ("..", "__pycache__")}:
            if not name.endswith(".pth") and not (to / name).exists():
                (to / name).symlink_to(Path(str(one.locate_file(name))))
    return to


def _required(requirements: Iterable[str]) -> dict[str, Distribution]:
    """Distributions by name, those included that are required by others; what is not here is left out."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(line), "") for line in requirements]
    while waiting:
        one, extra = waiting.pop()
        if one.marker is not None and not one.marker.evaluate({"extra": extra}):
            continue
        try:
            installed = distribution(one.name)
        except PackageNotFoundError:
            continue
        assert one.specifier.contains(installed.version, prereleases=True), f"{one}: {installed.version}"
        new = installed.name not in found
        found[installed.name] = installed
        if new or one.extras:
            inner = [Requirement(line) for line in installed.requires or ()]
            waiting += [
                (each, wanted) for each in inner for wanted in ({"", *one.extras} if new else one.extras)
            ]
    return found


@dataclass(frozen=True)
class Served:
    """A page that is open at ``address``; ``folder`` is what its process runs in."""

    address: str
    folder: Path

    def classify(self, clip: bytes | None, name: str = "clip.wav") -> list[Any]:
        """What each part of the page shows of a sound file, asked for as the page does."""
        data = None
        if clip is not None:
            (path,) = self._upload(clip, name)
            data = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
        event = json.loads(self._post("call/classify", json.dumps({"data": [data]}).encode()))["event_id"]
        with urllib.request.urlopen(f"{self.address}gradio_api/call/classify/{event}", timeout=60) as answer:
            said = answer.read().decode()
        assert "event: complete" in said, said
        return list(json.loads(said.rpartition("data: ")[2]))

    def _upload(self, content: bytes, name: str) -> list[str]:
        mark = uuid.uuid4().hex
        head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        return list(json.loads(self._post("upload", body, f"multipart/form-data; boundary={mark}")))

    def _post(self, path: str, body: bytes, kind: str = "application/json") -> bytes:
        asked = urllib.request.Request(
            f"{self.address}gradio_api/{path}", data=body, headers={"Content-Type": kind}
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return bytes(answer.read())


@contextmanager
def served(folder: Path, environment: Path, home: Path) -> Iterator[Served]:
    """The Space of a gathered folder, running ``app.py`` as the hub does, with what ``environment`` has linked.

    Without ``-S`` this checkout would be found, which is installed where the tests run.
    """
    home.mkdir()
    names = {"PYTHONPATH": str(environment), "HOME": str(home), "PATH": "/usr/bin:/bin", "NO_PROXY": "*"}
    process = subprocess.Popen(
        [sys.executable, "-S", "app.py"],
        cwd=folder,
        env=names,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: queue.Queue[str | None] = queue.Queue()
    reading = threading.Thread(target=_read, args=(process, said))
    reading.start()
    lines: list[str] = []
    try:
        while not (lines and lines[-1].startswith("open ")):
            line = said.get(timeout=PATIENCE)
            assert line is not None, f"it ended: {''.join(lines)}"
            lines.append(line)
        yield Served(lines[-1].removeprefix("open ").strip(), folder)
    finally:
        process.terminate()
        process.wait(timeout=30)
        reading.join()


def _read(process: subprocess.Popen[str], said: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        said.put(line)
    said.put(None)
