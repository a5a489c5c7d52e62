"""From a checkpoint to files for every runtime, each compared with the engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity_families.realtime.stack import stack
from modelparity_families.realtime.weights import seeded

torch = pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
pytest.importorskip("coremltools")


def saved(path: Path, name: str) -> Path:
    """A checkpoint as training leaves it, with a read-out that is not exported."""
    state = {f"network.{key}": torch.tensor(array) for key, array in seeded(stack(name), 9).items()}
    torch.save(
        {"state_dict": {**state, "readout.0.weight": torch.ones(2, 64)}, "hyper_parameters": {"model": name}},
        path,
    )
    return path


@pytest.mark.parametrize("name", ["EmotionRecognizer", "GroovePredictor"])
def test_a_checkpoint_becomes_files_that_compute_what_it_says(
    name: str, family_command, tmp_path: Path
) -> None:
    code, out, _ = family_command(
        "realtime",
        "export",
        "--model",
        name,
        "--checkpoint",
        saved(tmp_path / "best.ckpt", name),
        "--to",
        "out",
    )
    assert code == 0
    names = [f"{name}.json", f"{name}.mlpackage", f"{name}.onnx"]
    if name == "EmotionRecognizer":
        names += [f"{name}.step.mlpackage", f"{name}.step.onnx"]
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(names)
    lines = [line for line in out.splitlines() if "rounding" in line or "exact" in line]
    assert sum("frame by frame" in line for line in lines) >= 3
    assert sum("onnxruntime" in line for line in lines) == (3 if name == "EmotionRecognizer" else 2)
    assert "FAILED" not in out
    weight = seeded(stack(name), 9)["layers.0.weight"].T
    assert any(
        array.shape == weight.shape and np.array_equal(array.astype(np.float32), weight)
        for array in mp.load(Path("out") / f"{name}.json").constants.values()
    )


def test_specs_of_the_family_are_held_against_an_exported_file(family_command, tmp_path: Path) -> None:
    own = stack("HarmonyPredictor")
    from modelparity_families.realtime.graph import graph_of

    path = mp.convert(graph_of(own, seeded(own)), tmp_path / "HarmonyPredictor.json")
    code, out, _ = family_command("inspect", path, "--check-specs", "realtime")
    assert code == 1
    assert "74,048" in out
    assert "74,176" in out
    assert "they part by -128" in out


def test_a_checkpoint_of_another_model_leaves_nothing(family_command, tmp_path: Path) -> None:
    path = saved(tmp_path / "best.ckpt", "GroovePredictor")
    code, _, err = family_command(
        "realtime", "export", "--model", "DynamicsEngine", "--checkpoint", path, "--to", "out"
    )
    assert code == 2
    assert "another model" in err
    assert not Path("out").exists()


def test_other_families_are_not_exported(family_command) -> None:
    code, _, err = family_command("madmom", "export", "--model", "x", "--to", "out")
    assert code == 2
    assert "the family 'madmom' has no commands of its own" in err
