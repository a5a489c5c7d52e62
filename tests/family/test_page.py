"""The example of docs/extending/family.md, installed as a package of its own and used as its reader would."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

import modelparity as mp
from modelparity import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "extending" / "family.md").read_text("utf-8")
CODE, CONFTEST = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(TOML,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package, one of its two models, and the folder that holds it."""
    site, home = tmp_path / "site", tmp_path / "home"
    package, info = site / "my_models", site / "my_models-0.1.dist-info"
    for folder in (package, info, home / "my-models"):
        folder.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "parity.py").write_text(CODE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-models\nVersion: 0.1\n")
    group, name, target = re.findall(r'entry-points\."(.*)"\]\n(\S+) = "(\S+)"', TOML)[0]
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {target}\n")
    shutil.copy(ROOT / "fixtures" / "rnn.pkl", home / "my-models" / "drums_v1.pkl")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.syspath_prepend(str(site))
    for module in ("my_models", "my_models.parity"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    return home / "my-models"


def test_it_has_at_most_40_lines() -> None:
    assert len(CODE.splitlines()) <= 40


def test_its_models_are_listed(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "my-models"]) == 0
    rows = [line.split()[:2] for line in capsys.readouterr().out.splitlines()[2:]]
    assert rows == [["drums_v1", "yes"], ["drums_v2", "no"]]
    one, other = mp.families()["my-models"].models()
    assert one.load().hash == mp.load(ROOT / "fixtures" / "rnn.pkl").hash
    assert f"put it at {installed / 'drums_v2.pkl'}" in (other.missing() or "")


def test_its_command_runs(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["my-models", "sizes"]) == 0
    parameters = mp.load(ROOT / "fixtures" / "rnn.pkl").parameters
    assert capsys.readouterr().out == f"drums_v1 {parameters:,}\ndrums_v2 absent\n"


def test_its_notice_is_said(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fetch", "my-models"]) == 0
    said = capsys.readouterr().out
    assert "my-models: 2 models; nothing is to be fetched" in said
    assert "Ours alone" in said


def test_the_suite_runs_it(
    installed: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime")
    shutil.copytree(installed, pytester.path / "my-models")  # its processes are at home there
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(installed.parents[1] / "site"), *sys.path]))
    result = pytester.runpytest_subprocess(
        "-p",
        "no:cacheprovider",
        "--parity-family=my-models",
        "--parity-backend=onnxruntime",
        "--parity-recipe=one_frame",
    )
    result.assert_outcomes(passed=1, skipped=1)
    assert "drums_v2 is not here" in result.stdout.str()


def test_a_folder_is_a_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from modelparity import family

    monkeypatch.setattr(family, "_folders", {})
    (tmp_path / "models").mkdir()
    shutil.copy(ROOT / "fixtures" / "rnn.pkl", tmp_path / "models")
    exec(compile(CONFTEST, "conftest.py", "exec"), {"__file__": str(tmp_path / "conftest.py")})
    assert [model.key for model in mp.families()["my-models"].models()] == ["rnn"]
