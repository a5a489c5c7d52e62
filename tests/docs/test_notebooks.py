"""The notebooks run from top to bottom in a kernel of their own, and show what they say that they show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import modelparity as mp
from modelparity.errors import Unavailable

from ..sampling import WHOLE

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

FOLDER = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(params=["as it is here", "without networks"])
def networks(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the kernel finds madmom's networks; that it does without them is tried by `make test-whole`."""
    if request.param == "without networks":
        if not WHOLE:
            pytest.skip("MODELPARITY_WHOLE runs it")
        monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path / "empty"))
        return False
    try:
        mp.pipeline("madmom/onsets_brnn").members("activations")
    except Unavailable:
        return False
    return True


def executed(name: str, folder: Path) -> str:
    """All that a notebook's cells show, in order, as plain text and HTML; what a cell raises is raised here."""
    notebook = nbformat.read(FOLDER / name, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    shown: list[str] = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data: dict[str, Any] = output.get("data", {})
            shown += [output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")]
    return "\n".join(shown)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.name)
def test_what_is_kept_is_valid_and_holds_no_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert not any(cell.outputs or cell.execution_count for cell in code)


def test_pipelines_listens_looks_and_judges(networks: bool, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    shown = executed("pipelines.ipynb", folder)
    assert list(folder.iterdir()) == []  # it leaves nothing behind
    assert "<audio" in shown
    pictures = set(re.findall(r"<title>madmom/onsets_brnn, (\w+)", shown))
    assert "madmom/onsets_brnn: spectrum is wrong, expected rounding" in shown
    passed = len(re.findall(r"madmom/onsets_brnn( \(window='hann-periodic'\))?: ok, ", shown))
    if not networks:
        assert "The networks are not here, so it ends with the features." in shown
        assert "modelparity fetch madmom" in shown
        assert pictures == {"spectrum", "features"}
        assert passed >= 2  # the guess, and the port with madmom's window
        return
    found, true = (
        [float(time) for time in text.split()]
        for text in re.findall(r"^(?:found|true): +\[(.*)\]", shown, re.M)
    )
    assert found == pytest.approx(true, abs=0.025)
    assert pictures == {"spectrum", "features", "activations", "events"}
    assert passed >= 3  # and the ONNX files
    assert "8 networks: " in shown
