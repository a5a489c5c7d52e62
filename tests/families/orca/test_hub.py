"""Repositories by their names: published to a server in the place of the hub, and got from it again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from modelparity.errors import ArtefactError, InputError, Unavailable
from modelparity_families.orca import hub as repositories
from modelparity_families.orca.configuration import DEFAULTS
from modelparity_families.orca.hub import from_pretrained, prepared
from modelparity_families.orca.layers import Layers
from modelparity_families.orca.weights import seeded

pytest.importorskip("huggingface_hub")
Hub = Any
TOKEN = "hf_made_up"
NAME = "someone/orca"


@pytest.fixture
def files(small: Layers, tmp_path: Path) -> list[Path]:
    """A repository's files, with weights of a small network."""
    (tmp_path / "terms").write_text("a license\n", "utf-8")
    return prepared(seeded(small, 5), DEFAULTS, tmp_path / "terms", tmp_path / "repository")


def test_what_is_published_is_got_back(
    hub: Hub, files: list[Path], small: Layers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.token = TOKEN
    address = repositories.publish(files, NAME)
    assert address == f"{hub.address}/{NAME}"
    assert hub.files[NAME] == {path.name: path.read_bytes() for path in files}
    assert {token for method, _, token in hub.asked if method == "POST"} == {TOKEN}

    monkeypatch.delenv("HF_TOKEN")
    hub.asked.clear()
    got = from_pretrained(NAME, layers=small)
    wanted = seeded(small, 5)
    assert got.weights.keys() == wanted.keys()
    assert all(np.array_equal(got.weights[name], one) for name, one in wanted.items())
    assert got.settings == from_pretrained(files[0].parent, layers=small).settings
    assert {token for _, _, token in hub.asked} == {None}


def test_without_a_configuration_settings_are_the_defaults(hub: Hub, files: list[Path]) -> None:
    hub.files[NAME] = {path.name: path.read_bytes() for path in files if path.name != "config.json"}
    assert from_pretrained(NAME).settings == {}


def test_what_is_not_there_is_told(hub: Hub) -> None:
    with pytest.raises(Unavailable, match="the repository is not to be had"):
        from_pretrained("someone/nothing")
    hub.files[NAME] = {"config.json": DEFAULTS.read_bytes()}
    with pytest.raises(ArtefactError, match="there are no weights"):
        from_pretrained(NAME)
    with pytest.raises(InputError, match="neither a folder nor"):
        from_pretrained("no repository at all!")


def test_publishing_without_leave_is_told(hub: Hub, files: list[Path]) -> None:
    hub.token = TOKEN
    with pytest.raises(Unavailable, match="publishing failed") as raised:
        repositories.publish(files, NAME)
    assert "token" in str(raised.value.fix)
    assert hub.files == {}
    hub.token, hub.full = None, True
    with pytest.raises(Unavailable, match="publishing failed"):
        repositories.publish(files, NAME)
    assert "model.safetensors" not in hub.files[NAME]


def test_publishing_without_a_network_is_told(
    hub: Hub, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="publishing failed"):
        repositories.publish(files, NAME)


def test_the_command_sends_only_when_it_is_no_dry_run(
    hub: Hub, command, small: Layers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelparity_families.orca.reading.Layers", lambda: small)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.token = TOKEN
    save_file(seeded(small, 5), tmp_path / "w.safetensors")
    (tmp_path / "terms").write_text("a license\n", "utf-8")
    arguments = ("publish", "w.safetensors", "--to", NAME, "--license", "terms")
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "huggingface_hub", None)  # who reads tokens is not even there
        code, out, _ = command(*arguments, "--dry-run")
    assert code == 0
    assert "nothing was sent" in out
    assert hub.asked == []
    code, out, _ = command(*arguments)
    assert code == 0
    assert out.splitlines()[-1] == f"{hub.address}/{NAME}"
    assert sorted(hub.files[NAME]) == ["LICENSE", "README.md", "config.json", "model.safetensors"]
