"""``modelparity sousa demo`` and ``deploy``: whose weights, what would go, and what a hub then has."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, load_file, save_file

from modelparity.errors import ArtefactError
from modelparity_families.sousa.demo import serving
from modelparity_families.sousa.demo.weights import chosen, written

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, weights: Callable[..., dict[str, Any]]) -> Path:
    """A folder of weights, in the form that came first."""
    made = tmp_path / "weights"
    made.mkdir()
    save_file(weights("trained", "onset"), made / "onset_transformer.safetensors")
    first = weights("trained", "inference", final_norm=False)
    save_file(first, made / "feature_inference.safetensors")
    return made


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path | None, int | None]]:
    """(folder, port) of every page that would have been served."""
    pages: list[tuple[Path | None, int | None]] = []
    monkeypatch.setattr(serving, "serve", lambda folder, port=None: pages.append((folder, port)))
    return pages


def test_a_page_is_served_with_the_weights_that_are_named(
    family_command: Run, served: list[Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert family_command("sousa", "demo", "--weights", folder, "--port", 7001)[0] == 0
    assert family_command("sousa", "demo", "--untrained")[0] == 0
    monkeypatch.setenv("MODELPARITY_SOUSA", str(folder))
    assert family_command("sousa", "demo")[0] == 0
    assert served == [(folder, 7001), (None, None), (folder, None)]


def test_weights_that_lack_are_told(family_command: Run, served: list[Any], folder: Path) -> None:
    code, _, errors = family_command("sousa", "demo")
    assert code == 2
    assert "--weights zkeown/sousaphone" in errors
    (folder / "onset_transformer.safetensors").unlink()
    code, _, errors = family_command("sousa", "demo", "--weights", folder)
    assert code == 2
    assert "onset_transformer.safetensors or pytorch_model.bin" in errors
    code, _, errors = family_command("sousa", "demo", "--weights", "./nothing")
    assert code == 2
    assert "no such folder" in errors
    assert served == []


def test_a_space_is_listed_and_then_sent(
    family_command: Run, hub: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ("sousa", "deploy", "--to", "someone/drums", "--weights", folder)
    code, out, _ = family_command(*order, "--dry-run")
    assert code == 0
    assert hub.asked == []
    monkeypatch.setenv("HF_TOKEN", "hf_made_up")
    hub.token = "hf_made_up"
    *lines, last = out.splitlines()
    assert last == "nothing was sent; these would go to someone/drums"
    names = [line.split()[0] for line in lines]
    assert {"README.md", "app.py", "requirements.txt", "weights/onset_transformer.safetensors"} < {*names}
    hub.files["spaces/someone/drums"] = {"modelparity/old.py": b"", "weights/old.bin": b"", "mine.md": b""}
    code, out, _ = family_command(*order)
    assert code == 0
    assert out.splitlines()[-1] == f"{hub.address}/spaces/someone/drums"
    sent = hub.files["spaces/someone/drums"]
    assert sorted(sent) == sorted([*names, "mine.md"])
    assert (hub.made[0]["type"], hub.made[0]["sdk"]) == ("space", "gradio")
    assert sent["app.py"] == (Path(__file__).parents[3] / "spaces" / "sousa" / "app.py").read_bytes()
    own = load_file(folder / "feature_inference.safetensors")
    found = load(sent["weights/feature_inference.safetensors"])
    assert found.keys() == own.keys()
    assert all(np.array_equal(found[name], own[name]) for name in own)


def test_a_space_is_gathered_into_a_folder(family_command: Run, folder: Path, tmp_path: Path) -> None:
    code, out, _ = family_command("sousa", "deploy", "--to", "./space", "--weights", folder)
    assert code == 0
    assert out.splitlines()[-1] == "space"
    assert json.loads((tmp_path / "space/weights/onset_transformer_config.json").read_text())["nhead"] == 4
    code, _, errors = family_command("sousa", "deploy", "--to", "./space", "--weights", folder)
    assert code == 2
    assert "not empty" in errors


def test_weights_of_a_repository_as_the_original_is_published(
    hub: Any, weights: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    files = hub.files.setdefault("someone/net", {})
    for network, name in (("onset", "pytorch_model.bin"), ("inference", "feature_inference_model.bin")):
        state = {key: torch.from_numpy(one) for key, one in weights("trained", network).items()}
        torch.save(state, tmp_path / name)
        files[name] = (tmp_path / name).read_bytes()
    files["onset_transformer_config.json"] = b'{"nhead": 8}'
    found = chosen("someone/net", what="sousa demo")
    assert {path.name for path in found.iterdir()} == files.keys()
    written(found, tmp_path / "to")
    config = json.loads((tmp_path / "to/onset_transformer_config.json").read_text("utf-8"))
    assert config["nhead"] == 8
    del files["pytorch_model.bin"]
    shutil.rmtree(tmp_path / "kept")  # what huggingface_hub keeps
    with pytest.raises(ArtefactError, match="no weights of onset_transformer"):
        chosen("someone/net", what="sousa demo")
