"""Repositories: what is sent to a hub, what is got from one, and what is said where that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelparity.errors import Unavailable
from modelparity_families.hub import got, is_folder, listed, sent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file, and a file in a folder."""
    own = tmp_path / "own"
    (own / "weights").mkdir(parents=True)
    (own / "README.md").write_text("a page\n", "utf-8")
    (own / "weights" / "a.bin").write_bytes(b"\0\1\2")
    return own


def test_what_is_sent_is_what_is_there(hub: Any, folder: Path) -> None:
    address = sent(folder, "someone/drums", family="demo", kind="space", owned=("weights",))
    assert address == f"{hub.address}/spaces/someone/drums"
    assert hub.made[0]["type"] == "space"
    assert hub.made[0]["sdk"] == "gradio"
    files = hub.files["spaces/someone/drums"]
    assert files == {"README.md": b"a page\n", "weights/a.bin": b"\0\1\2"}
    files |= {"weights/old.bin": b"", "notes.txt": b"somebody's own"}
    (folder / "weights" / "a.bin").write_bytes(b"\3")
    sent(folder, "someone/drums", family="demo", kind="space", owned=("weights",))
    assert files == {"README.md": b"a page\n", "weights/a.bin": b"\3", "notes.txt": b"somebody's own"}


def test_files_are_got_into_one_folder(hub: Any) -> None:
    hub.files["someone/net"] = {"a.bin": b"weights", "config.json": b"{}"}
    found = got("someone/net", ["a.bin", "config.json", "b.bin"], family="demo")
    assert {name: path.read_bytes() for name, path in found.items() if path.is_file()} == {
        "a.bin": b"weights",
        "config.json": b"{}",
    }
    assert found["a.bin"].parent == found["config.json"].parent


def test_a_connection_that_is_lost_is_told(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors of HTTP clients share no class with the hub's own, nor with those of the system."""

    def lost(*_: Any, **__: Any) -> None:
        raise type("ReadError", (Exception,), {})("peer closed connection")

    monkeypatch.setattr("huggingface_hub.file_download.http_get", lost)
    hub.files["someone/net"] = {"a.bin": b"weights"}
    with pytest.raises(Unavailable, match=r"not to be had[\s\S]*peer closed connection"):
        got("someone/net", ["a.bin"], family="demo")


def test_where_huggingface_hub_lacks_it_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    for attempt in (
        lambda: got("someone/net", ["a"], family="demo"),
        lambda: sent(folder, "someone/net", family="demo"),
    ):
        with pytest.raises(Unavailable, match=r"modelparity\[demo\]"):
            attempt()


def test_folders_are_told_from_repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    assert [one for one in ("here", "./a", "~/a", "/a", "a/", "a", "a/b") if is_folder(one)] == [
        "here",
        "./a",
        "~/a",
        "/a",
        "a/",
    ]


def test_what_would_go_is_listed(folder: Path) -> None:
    lines = list(listed([folder / "README.md", folder / "weights" / "a.bin"], folder))
    assert [line.split() for line in lines] == [
        ["README.md", "7", "bytes", "sha256", "c6b4252942d0b2ac"],
        ["weights/a.bin", "3", "bytes", "sha256", "ae4b3280e56e2faf"],
    ]
