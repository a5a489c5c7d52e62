"""Training from settings to weights, on performances that nobody played; and data that is not what it should be."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelparity.errors import ArtefactError, InputError
from modelparity_families.sousa.data import DataSet
from modelparity_families.sousa.models import locate, model
from modelparity_families.sousa.networks import Sizes, read
from modelparity_families.sousa.synthetic import write
from modelparity_families.sousa.training.settings import composed, groups

from .conftest import ANCHORS

for needed in ("torch", "pytorch_lightning", "torchmetrics", "pyarrow", "hydra"):
    pytest.importorskip(needed)
fitting = pytest.importorskip("modelparity_families.sousa.training.fitting")

SOME = ("single-stroke-four", "flam", "five-stroke-roll", "single-paradiddle")
#: A small network, and a training that takes a second.
SMALL = (
    "data=folder",
    "model.d_model=16",
    "model.nhead=2",
    "model.num_layers=1",
    "model.dim_feedforward=16",
    "training.batch=8",
    "training.threads=1",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight players, of whom one validates and one tests."""
    return write(
        tmp_path_factory.mktemp("sousa") / "set", players=8, tempi=1, cycles=2, rudiments=SOME, midi=False
    ).root


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Callable[..., Any]:
    """``run("rudiments", "training.epochs=2")``: into folders of this test's."""

    def trained(task: str, *overrides: str, data: Path = folder) -> Any:
        places = (f"to={tmp_path / 'run'}", f"weights={tmp_path / 'weights'}", f"data.folder={data}")
        return fitting.train(task, (*SMALL, *places, *overrides))

    return trained


def test_a_network_learns_rudiments_and_its_weights_are_those_of_the_model(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From nothing to every performance of players that it never heard, told by its own files."""
    result = run("rudiments", "training.epochs=15", "training.learning_rate=0.02")
    assert result.figures["test_acc"] == 1
    assert result.figures["validation_loss"] < 0.5
    assert result.problems == {}

    loss = f"{result.figures['validation_loss']:.4f}"
    assert result.checkpoint.name.startswith("best-epoch=")
    assert result.checkpoint.name.endswith(f"-val_loss={loss}.ckpt")
    assert len(list(result.checkpoint.parent.glob("best-*.ckpt"))) == 1
    rows = (tmp_path / "run" / "log.csv").read_text().splitlines()
    assert len(rows) == result.epochs + 1
    assert "val/loss" in rows[0]
    told = json.loads((tmp_path / "run" / "result.json").read_text())
    assert told["performances"] == {"train": 24, "validation": 4, "test": 4}
    assert told["figures"] == result.figures

    sizes, weights = read(result.weights)
    assert (sizes.network, sizes.width, sizes.heads) == ("onset_transformer", 16, 2)
    assert list(weights) == list(sizes.shapes)
    monkeypatch.setenv("MODELPARITY_SOUSA", str(tmp_path / "weights"))
    assert locate("onset_transformer") == result.weights
    assert list(model("onset_transformer").load().outputs) == ["logits"]


def test_a_training_goes_on_where_it_ended_and_is_not_begun_twice(run: Callable[..., Any]) -> None:
    first = run("features", "training.epochs=2")
    with pytest.raises(InputError, match="a training is here already"):
        run("features")
    second = run("features", "training.epochs=4", "resume=true")
    assert (first.epochs, second.epochs) == (2, 4)
    assert second.figures["validation_loss"] < first.figures["validation_loss"]
    with pytest.raises(InputError, match=r"(?s)not a training of this model.*feature_inference"):
        run("rudiments", "resume=true")


def test_the_same_seed_learns_the_same(folder: Path, tmp_path: Path) -> None:
    """Order, augmentation and first weights follow from the seed."""

    def weights(name: str, *overrides: str) -> dict[str, Any]:
        places = (f"to={tmp_path / name}", f"weights={tmp_path / name}", f"data.folder={folder}")
        return read(fitting.train("features", (*SMALL, *places, "training.epochs=1", *overrides)).weights)[1]

    first, again, other = weights("a"), weights("b"), weights("c", "training.seed=1")
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["input_proj.weight"], other["input_proj.weight"])


def test_training_ends_when_nothing_gets_better(run: Callable[..., Any]) -> None:
    result = run(
        "rudiments",
        "training.epochs=50",
        "training.patience=2",
        "training.least=100",
        "training.watch=val/f1_macro",
    )
    assert result.epochs == 3
    assert "-val_f1_macro=" in result.checkpoint.name


def test_the_first_form_is_exported_and_not_taken_for_the_other(run: Callable[..., Any]) -> None:
    result = run("features", "model=feature_inference_first", "training.epochs=1")
    sizes, weights = read(result.weights)
    assert not sizes.final_norm
    from modelparity_families.sousa.networks.modules import module_of

    module_of(sizes, weights)
    other = Sizes.from_config("feature_inference", sizes.config)
    with pytest.raises(ArtefactError, match=r"(?s)'layer_norm.weight' is missing.*final_norm=False"):
        module_of(other, weights)


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["training.epoch=3"], r"(?s)no settings of this training.*training\.epochs"),
        (["training.epochs=many"], "(?s)no settings.*'many'.*Integer"),
        (["training.epochs=0"], "training.epochs is out of range"),
        (["training.learning_rate=nan"], "training.learning_rate is out of range"),
        (["training=slow"], "(?s)Could not find 'training/slow'.*original"),
        (["+training.more=1"], "(?s)no settings.*more"),
        (["epochs 3"], "no settings"),
        (["~training"], "(?s)no settings.*training"),
        (["data=folder"], r"data\.folder is needed"),
        (["training.device=tpu"], "training.device is unknown"),
        (["model=feature_inference"], "(?s)not what is trained.*model=onset_transformer"),
        (["data.strokes=300"], "(?s)longer than the network takes.*256"),
        (["data.tempo_range=[60]"], "data.tempo_range is no range"),
        (["model.nhead=3"], "no multiple of the heads"),
        (["training.watch=train/loss"], "(?s)no figure of validation.*val/acc"),
    ],
)
def test_settings_that_are_wrong_are_named(overrides: list[str], said: str, tmp_path: Path) -> None:
    with pytest.raises((InputError, ArtefactError), match=said):
        fitting.train("rudiments", [f"to={tmp_path / 'run'}", *overrides])
    assert not (tmp_path / "run").exists()


def test_groups_are_chosen_and_their_values_overridden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings are composed without a trace in the folder where that is done, or in Hydra's own state."""
    from hydra.core.global_hydra import GlobalHydra

    monkeypatch.chdir(tmp_path)
    own = composed("features", ["training=original", "training.epochs=7", "augmentation=none"])
    assert (own.training.epochs, own.training.batch, own.training.accumulate) == (7, 4, 8)
    assert own.spoilt is None
    assert composed("features").spoilt is not None
    assert groups()["training"] == ["original", "quick"]
    assert not list(tmp_path.iterdir())
    assert not GlobalHydra.instance().is_initialized()
    with pytest.raises(InputError, match=r"(?s)no training 'rudiment'.*rudiments"):
        composed("rudiment")


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    import shutil

    return shutil.copytree(folder, tmp_path / "copied")


def _changed(folder: Path, change: Callable[[Any], Any], name: str = "strokes") -> None:
    import pyarrow.parquet as pq

    path = folder / "labels" / f"{name}.parquet"
    pq.write_table(change(pq.read_table(path)), path)


def _replaced(table: Any, name: str, values: Any) -> Any:
    return table.set_column(table.column_names.index(name), name, values)


def test_strokes_in_any_order_and_columns_without_values_are_the_same_data(
    copied: Path, folder: Path
) -> None:
    """Rows are sorted by time, and a column that is null everywhere, of whatever type, is one without values."""
    import pyarrow as pa

    def shuffled(table: Any) -> Any:
        order = np.random.RandomState(0).permutation(table.num_rows)
        return _replaced(table.take(order), "buzz_count", pa.nulls(table.num_rows))

    _changed(copied, shuffled)
    mine, theirs = DataSet.open(copied), DataSet.open(folder)
    for one in mine.performances:
        left, right = mine.strokes(one), theirs.strokes(one)
        assert left is not None
        assert right is not None
        for name in ("time", "velocity", "kind", "hand", "spacing", "bounces"):
            np.testing.assert_array_equal(vars(left)[name], vars(right)[name])


def _nan(table: Any) -> Any:
    import pyarrow as pa

    values = table["actual_velocity"].to_numpy().astype(float)
    values[5] = np.nan
    return _replaced(table, "actual_velocity", pa.array(values))


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        (lambda table: table.drop_columns("hand"), "strokes", r"(?s)strokes\.parquet.*no column 'hand'"),
        (_nan, "strokes", "'actual_velocity' is not finite"),
        (lambda table: table.drop_columns("profile_id"), "samples", "no column 'profile_id'"),
        (lambda table: table.slice(0, 0), "strokes", "no performance for train"),
    ],
)
def test_tables_that_are_wrong_leave_no_training(
    change: Callable[[Any], Any],
    name: str,
    said: str,
    run: Callable[..., Any],
    copied: Path,
    tmp_path: Path,
) -> None:
    _changed(copied, change, name)
    with pytest.raises(InputError, match=said):
        run("rudiments", "training.epochs=1", data=copied)
    assert not (tmp_path / "run").exists()


def test_unknown_rudiments_and_players_in_two_parts_are_refused(
    run: Callable[..., Any], copied: Path, tmp_path: Path
) -> None:
    splits = json.loads((copied / "splits.json").read_text())
    both = {**splits, "val_profile_ids": splits["train_profile_ids"][:1]}
    (copied / "splits.json").write_text(json.dumps(both))
    with pytest.raises(InputError, match="a player stands in two parts"):
        run("rudiments", data=copied)
    (copied / "splits.json").write_text(json.dumps(splits))

    def misspelt(table: Any) -> Any:
        import pyarrow as pa

        return _replaced(table, "rudiment_slug", pa.array(["flamm"] * table.num_rows))

    _changed(copied, misspelt, "samples")
    with pytest.raises(InputError, match=r"(?s)no rudiment 'flamm'.*flam"):
        run("rudiments", data=copied)
    assert not (tmp_path / "run").exists()


def test_a_part_without_performances_is_said_and_another_can_validate(
    run: Callable[..., Any], copied: Path, tmp_path: Path
) -> None:
    splits = json.loads((copied / "splits.json").read_text())
    moved = [*splits["train_profile_ids"], *splits["val_profile_ids"]]
    (copied / "splits.json").write_text(
        json.dumps({**splits, "train_profile_ids": moved, "val_profile_ids": []})
    )
    with pytest.raises(
        InputError, match=r"(?s)no performance for validation.*28 for train.*data\.validation=test"
    ):
        run("rudiments", data=copied)
    assert not (tmp_path / "run").exists()
    result = run("rudiments", "data.validation=test", "training.epochs=1", data=copied)
    assert result.figures["validation_loss"] == pytest.approx(result.figures["test_loss"])


def test_performances_without_strokes_are_left_out_by_name(run: Callable[..., Any], copied: Path) -> None:
    import pyarrow.compute as pc

    gone = DataSet.open(copied).part("train")[0].key
    _changed(copied, lambda table: table.filter(pc.field("sample_id") != gone))
    result = run("rudiments", "training.epochs=1", data=copied)
    assert result.problems == {gone: "it has no strokes"}


def test_a_loss_that_is_not_finite_leaves_nothing(run: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"(?s)the loss is not finite.*lower learning_rate"):
        run("rudiments", "training.learning_rate=1e30", "training.clip=0", "training.epochs=2")
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "weights").exists()


def test_the_command_trains_and_says_where_the_weights_are(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from modelparity import cli

    monkeypatch.chdir(tmp_path)
    line = ["sousa", "train", "rudiments"]
    assert cli.main([*line, "training.epochs=2", "--show-config"]) == 0
    shown = capsys.readouterr().out
    assert "epochs: 2" in shown
    assert "# training: original, quick" in shown
    assert not list(tmp_path.iterdir())
    assert cli.main([*line, *SMALL, f"data.folder={folder}", "training.epochs=1"]) == 0
    said = capsys.readouterr().out
    assert "f1_macro" in said
    assert "best-epoch=000-val_loss=" in said
    assert f"MODELPARITY_SOUSA={tmp_path / 'sousa'}" in said
    assert (tmp_path / "sousa" / "onset_transformer.safetensors").is_file()
    assert cli.main([*line, "training.epoch=1"]) == 2
    assert "training.epochs" in capsys.readouterr().err


@pytest.mark.skipif(not os.environ.get("MODELPARITY_WHOLE"), reason="MODELPARITY_WHOLE=1 trains for minutes")
def test_from_nothing_to_95_percent_of_unseen_players(tmp_path: Path) -> None:
    """All defaults: all rudiments, strokes as they are; then what was recorded of the data set's own generator."""
    import torch

    from modelparity_families.sousa.data import Examples
    from modelparity_families.sousa.networks.modules import module_of

    to = Path(os.environ.get("MODELPARITY_SOUSA_TO", tmp_path))
    result = fitting.train("rudiments", [f"to={to / 'rudiments'}", f"weights={to}"])
    assert result.figures["test_acc"] >= 0.95
    network, data = module_of(*read(result.weights)), DataSet.open(ANCHORS / "dataset")
    examples = Examples(data, data.performances)
    made = [examples.classifying(place) for place in range(len(examples))]
    x, mask = (
        torch.tensor(np.array([one[name] for one in made])) for name in ("onset_features", "attention_mask")
    )
    with torch.inference_mode():
        told = network(x, mask).argmax(-1)
    assert np.mean(told.numpy() == [one.label for one in data.performances]) >= 0.95
