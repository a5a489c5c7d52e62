"""The room that families train in, used by a family that is not here: a slope to be learned from CSV files."""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, InputError
from modelparity.family import Command, Training
from modelparity_families.training.commands import export_command, train_command
from modelparity_families.training.configuration import Configuration, Defaults
from modelparity_families.training.csv_tables import number, rows
from modelparity_families.training.folders import Layout, opened
from modelparity_families.training.pieces import Example, Piece, example

torch = pytest.importorskip("torch")
pytest.importorskip("pytorch_lightning")

DEFAULTS = """
[data]
layout = "auto"    # slopes
limit = 0          # pieces of each part; 0: all
excerpt = 8        # frames of an example
memory = 16        # megabytes
workers = 0        # processes

[made]
gain = 1.0         # of the input

[training]
epochs = 60
batch = 4
learning_rate = 0.05
weight_decay = 0.0
clip = 0.0
patience = 60
least = 0.0
seed = 0
device = "cpu"
threads = 1

[Steep.training]
batch = 2
"""


def slopes(folder: Path, model: str, gain: float) -> list[Piece]:
    """A piece a file: two columns, x and y."""

    def make(path: Path) -> Example:
        found = rows(path, ("x", "y"))
        x, y = (np.array([[number(row, name, path)] for row in found]) for name in ("x", "y"))
        return example(gain * x, y)

    return [Piece(path.name, partial(make, path)) for path in sorted(folder.glob("*.csv"))]


LAYOUTS = {
    "slopes": Layout("Slopes", "Slopes: *.csv with x and y", lambda at: any(at.glob("*.csv")), slopes),
    "hills": Layout("Hills", "Hills: hills.txt", lambda at: (at / "hills.txt").exists(), slopes),
}


class Lines(Training):
    """y = 3 x - 1, by a network of one weight and one bias."""

    def __init__(self, defaults: Path) -> None:
        self.defaults = Defaults(defaults, self.models())

    def models(self) -> tuple[str, ...]:
        return "Steep", "Flat"

    def settings(self) -> str:
        return self.defaults.text()

    def train(
        self, model, data, *, config=None, to=None, resume=False, seed=None, epochs=None, progress=None
    ):
        from modelparity_families.training.fitting import fit
        from modelparity_families.training.learner import Learner
        from modelparity_families.training.objective import Objective, squared

        own: Configuration = self.defaults.configured(model, config, seed=seed, epochs=epochs)
        objective = Objective(
            squared,
            lambda given, wanted, mask: {"off": ((given - wanted).abs() * mask).sum(), "n": mask.sum()},
            lambda sums: {"mae": float(sums["off"] / sums["n"])},
        )
        return fit(
            model,
            lambda: opened(data, model, LAYOUTS, ["slopes"], own.sections["made"]["gain"]),
            lambda: Learner(
                model,
                torch.nn.Linear(1, 1),
                objective,
                width=1,
                learning_rate=own.training["learning_rate"],
                weight_decay=own.training["weight_decay"],
                epochs=own.training["epochs"],
            ),
            own,
            to or Path("lines") / model,
            resume=resume,
            progress=progress,
        )


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lines:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "defaults.toml").write_text(DEFAULTS)
    return Lines(tmp_path / "defaults.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten pieces of twenty frames."""
    (tmp_path / "data").mkdir()
    for piece in range(10):
        x = np.random.default_rng(piece).uniform(-1, 1, 20)
        text = "".join(f"{one},{3 * one - 1}\n" for one in x)
        (tmp_path / "data" / f"{piece}.csv").write_text("x,y\n" + text)
    return tmp_path / "data"


def run(command: Command, *words: object) -> int:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.run(parser.parse_args([str(word) for word in words]))


def test_it_learns_and_says_what(lines: Lines, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(train_command("lines", lines), "--model", "Steep", "--data", folder) == 0
    assert "mae" in capsys.readouterr().out
    result = json.loads(Path("lines/Steep/result.json").read_text())
    assert result["data"] == "Slopes"
    assert result["pieces"] == {"train": 8, "validation": 1, "test": 1}
    assert result["figures"]["test_mae"] < 0.02
    kept = torch.load("lines/Steep/best.ckpt", weights_only=True)["state_dict"]
    assert float(kept["network.weight"]) == pytest.approx(3, abs=0.05)
    assert float(kept["network.bias"]) == pytest.approx(-1, abs=0.05)


def test_its_own_settings_are_checked_like_the_shared_ones(lines: Lines, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[made]\ngain = 2\n[training]\nepochs = 3\n")
    own = lines.defaults.configured("Steep", path)
    assert own.sections["made"]["gain"] == 2.0
    assert (own.training["epochs"], own.training["batch"]) == (3, 2)
    assert lines.defaults.configured("Flat", path).training["batch"] == 4
    assert "[made]\ngain = 2.0" in own.text()
    path.write_text("[made]\ngian = 2\n")
    with pytest.raises(InputError, match=r"(?s)unknown key 'gian'.*gain"):
        lines.defaults.configured("Steep", path)


def test_a_folder_of_another_kind_is_told(lines: Lines, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "hills.txt").write_text("")
    with pytest.raises(InputError, match=r"(?s)Steep does not learn from Hills.*Slopes: \*\.csv"):
        lines.train("Steep", tmp_path / "other")


def test_its_checkpoint_is_read_safely_and_exported(
    lines: Lines, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime")
    from modelparity_families.training.checkpoints import trained
    from modelparity_families.training.exporting import Export, Form, export

    shapes = {"weight": (1, 1), "bias": (1,)}
    best = lines.train("Flat", folder, epochs=1).checkpoint
    with pytest.raises(ArtefactError, match=r"(?s)another model.*Flat.*Steep"):
        trained(best, "Steep", shapes)

    def written(model: str, to: Path, checkpoint: Path | None) -> Export:
        assert checkpoint is not None
        own = trained(checkpoint, model, shapes)
        graph = mp.Graph(
            model,
            (mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 1))),),
            ("y",),
            (mp.Node("dense", "dense", ("x", "w", "b"), ("y",)),),
            {"w": own["weight"].T, "b": own["bias"]},
        )
        module = torch.nn.Linear(1, 1)
        module.load_state_dict({name: torch.tensor(array) for name, array in own.items()})
        return export([Form(graph, (".onnx",), module.eval())], to)

    command = export_command(lines.models(), written)
    assert run(command, "--model", "Flat", "--checkpoint", best, "--to", "out") == 0
    said = capsys.readouterr().out
    assert [path.name for path in Path("out").iterdir()] == ["Flat.onnx"]
    assert said.count("frame by frame") == 2
    assert "FAILED" not in said


def test_listing_what_is_trained_imports_no_pytorch() -> None:
    import subprocess
    import sys

    code = (
        "import sys, modelparity_families.training.commands, modelparity_families.training.configuration;"
        "print([name for name in ('torch', 'numpy', 'pytorch_lightning') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
