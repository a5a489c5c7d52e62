"""Training from a folder to a checkpoint: what is learned, written, stopped, resumed and refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity_families.realtime import FAMILY
from modelparity_families.realtime.corpora import Example, Piece, open_corpus
from modelparity_families.realtime.corpora.corpus import SERVES
from modelparity_families.realtime.training.settings import DEFAULTS, configured

torch = pytest.importorskip("torch")
pytest.importorskip("pytorch_lightning")


def config(path: Path, **training: Any) -> Path:
    """A file of settings that suit tests."""
    own = {"epochs": 2, "threads": 1, **training}
    path.write_text("[training]\n" + "".join(f"{key} = {value!r}\n" for key, value in own.items()))
    return path


@pytest.mark.parametrize("model", SERVES)
def test_each_model_is_trained_from_end_to_end(model: str, data, family_command, tmp_path: Path) -> None:
    code, out, _ = family_command(
        "realtime",
        "train",
        "--model",
        model,
        "--data",
        data(SERVES[model][0]),
        "--config",
        config(tmp_path / "c.toml"),
    )
    assert code == 0
    to = Path("realtime") / model
    assert sorted(path.name for path in to.iterdir()) == [
        "best.ckpt",
        "config.toml",
        "last.ckpt",
        "log.csv",
        "result.json",
    ]
    assert f"{to / 'best.ckpt'}: best of 2 epochs" in out
    result = json.loads((to / "result.json").read_text())
    assert result["model"] == model
    assert all(np.isfinite(list(result["figures"].values())))
    assert {"validation_loss", "test_loss"} <= set(result["figures"])
    with (to / "log.csv").open() as file:
        log = list(csv.DictReader(file))
    assert [row["epoch"] for row in log] == ["0", "1"]
    assert all(float(row["train_loss"]) > 0 and float(row["validation_loss"]) > 0 for row in log)


def test_drummers_timing_is_learned(data, tmp_path: Path) -> None:
    """Every off-beat is played 0.04 beats late (0.32 of half a step), every beat accented: the loss must show it."""
    from . import datasets

    folder = datasets.groove(tmp_path / "groove", bars=8, beats=4)
    (tmp_path / "c.toml").write_text(
        "[training]\nepochs = 30\nthreads = 1\nlearning_rate = 0.005\n[GroovePredictor.training]\nbatch = 4\n"
    )
    result = FAMILY.training.train("GroovePredictor", folder, config=tmp_path / "c.toml", to=tmp_path / "run")
    held = [piece.make() for piece in open_corpus(folder, "GroovePredictor").part("test")]
    untold = sum((one.y**2 * one.mask).sum() for one in held) / sum(one.mask.sum() for one in held)
    assert untold > 0.05  # what a network that always says 0 would lose
    assert result.figures["test_loss"] < 0.002
    assert result.figures["test_mae_steps"] < 0.02
    assert result.figures["test_mae_velocity"] < 2


def test_a_recurrent_model_learns_what_only_the_past_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Valence is what arousal was a frame before, and each frame shows arousal alone."""
    from modelparity_families.realtime.corpora import Corpus
    from modelparity_families.realtime.training import fitting

    def song(number: int) -> Example:
        level = np.random.default_rng(number).uniform(-0.8, 0.8, 41)
        x = np.outer(level[1:], np.linspace(-1, 1, 128))
        y = np.stack([level[:-1], level[1:]], axis=1)
        mask = np.ones_like(y)
        mask[0, 0] = 0  # nobody can know
        return Example(*(array.astype(np.float32) for array in (x, y, mask)))

    parts = ["train"] * 16 + ["validation", "validation", "test", "test"]
    pieces = tuple(Piece(str(k), lambda k=k: song(k), part) for k, part in enumerate(parts))
    corpus = Corpus("deam", "DEAM", tmp_path, pieces)
    monkeypatch.setattr(fitting, "open_corpus", lambda *args, **kwargs: corpus)
    settings = configured("EmotionRecognizer", None, epochs=20, threads=1, batch=4, learning_rate=0.003)
    result = fitting.fit("EmotionRecognizer", tmp_path, settings, tmp_path / "run")
    # Without a memory, valence cannot be told at all: a concordance of 0, and a loss of at least a half.
    assert result.figures["test_ccc_arousal"] > 0.95
    assert result.figures["test_ccc_valence"] > 0.8
    assert result.figures["test_loss"] < 0.2


def test_same_seed_same_weights_and_another_seed_others(data, tmp_path: Path) -> None:
    def weights(name: str, seed: int) -> Any:
        FAMILY.training.train(
            "GroovePredictor",
            data("groove"),
            config=config(tmp_path / "c.toml"),
            to=tmp_path / name,
            seed=seed,
        )
        kept = torch.load(tmp_path / name / "last.ckpt", weights_only=True)["state_dict"]
        return kept["network.layers.0.weight"]

    one = weights("one", 3)
    assert torch.equal(one, weights("two", 3))
    assert not torch.equal(one, weights("three", 4))


def test_training_stops_when_nothing_gets_better(data, tmp_path: Path) -> None:
    path = config(tmp_path / "c.toml", epochs=50, patience=2, least=10.0)
    result = FAMILY.training.train("GroovePredictor", data("groove"), config=path, to=tmp_path / "run")
    assert result.epochs == 3


def test_a_training_goes_on_where_it_stopped(data, tmp_path: Path) -> None:
    path = config(tmp_path / "c.toml", epochs=2)
    FAMILY.training.train("GroovePredictor", data("groove"), config=path, to=tmp_path / "run")
    with pytest.raises(InputError, match=r"(?s)a training is here already.*--resume"):
        FAMILY.training.train("GroovePredictor", data("groove"), config=path, to=tmp_path / "run")
    result = FAMILY.training.train(
        "GroovePredictor", data("groove"), config=path, to=tmp_path / "run", resume=True, epochs=4
    )
    assert result.epochs == 4
    with (tmp_path / "run" / "log.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "1", "2", "3"]
    with pytest.raises(InputError, match=r"(?s)not a training of this model.*GroovePredictor"):
        FAMILY.training.train(
            "DynamicsEngine", data("maestro"), config=path, to=tmp_path / "run", resume=True
        )
    with pytest.raises(InputError, match="no training to resume"):
        FAMILY.training.train(
            "GroovePredictor", data("groove"), config=path, to=tmp_path / "new", resume=True
        )


def test_an_interrupted_training_leaves_what_can_be_resumed(data, tmp_path: Path) -> None:
    def interrupting(what: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    path = config(tmp_path / "c.toml", epochs=4)
    with pytest.raises(KeyboardInterrupt):
        FAMILY.training.train(
            "GroovePredictor", data("groove"), config=path, to=tmp_path / "run", progress=interrupting
        )
    assert (tmp_path / "run" / "last.ckpt").is_file()
    assert not list((tmp_path / "run").glob(".*"))
    result = FAMILY.training.train(
        "GroovePredictor", data("groove"), config=path, to=tmp_path / "run", resume=True
    )
    assert result.epochs == 4


def test_nothing_is_left_of_a_training_that_could_not_begin(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="not a data set"):
        FAMILY.training.train("GroovePredictor", tmp_path / "empty", to=tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_damaged_pieces_are_left_out_and_named(tmp_path: Path, family_command) -> None:
    from . import datasets

    folder = datasets.lakh(tmp_path / "lakh", songs=8)
    for piece in open_corpus(folder, "HarmonyPredictor").part("train")[:2]:
        (folder / piece.key).write_bytes(b"MThd damaged")
    code, out, _ = family_command(
        "realtime",
        "train",
        "--model",
        "HarmonyPredictor",
        "--data",
        folder,
        "--config",
        config(tmp_path / "c.toml"),
    )
    assert code == 0
    assert "2 pieces could not be read and were left out" in out


def test_a_data_set_that_cannot_be_read_at_all_is_refused(tmp_path: Path) -> None:
    from . import datasets

    folder = datasets.lakh(tmp_path / "lakh")
    for path in folder.rglob("*.mid"):
        path.write_bytes(b"MThd damaged")
    with pytest.raises(InputError, match=r"(?s)none of the first \d+ pieces can be read.*MIDI"):
        FAMILY.training.train("HarmonyPredictor", folder, to=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_training_that_diverges_leaves_no_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelparity_families.realtime.corpora import Corpus
    from modelparity_families.realtime.training import fitting

    endless = Example(
        *(np.full((5, width), np.inf, np.float32) for width in (64, 32)), np.ones((5, 32), np.float32)
    )
    pieces = tuple(Piece(part, lambda: endless, part) for part in ("train", "validation", "test"))
    monkeypatch.setattr(
        fitting, "open_corpus", lambda *args, **kwargs: Corpus("groove", "Groove MIDI", tmp_path, pieces)
    )
    settings = configured("GroovePredictor", None, epochs=3, threads=1)
    with pytest.raises(InputError, match=r"(?s)the loss is not finite.*learning_rate"):
        fitting.fit("GroovePredictor", tmp_path, settings, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_device_that_is_not_here_is_said(data, tmp_path: Path) -> None:
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("there is a GPU here")
    path = config(tmp_path / "c.toml", device="gpu")
    with pytest.raises(InputError, match=r"(?s)PyTorch Lightning refuses this.*device = .cpu."):
        FAMILY.training.train("GroovePredictor", data("groove"), config=path, to=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_place_that_cannot_be_written_is_said(data, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="not writable"):
        FAMILY.training.train(
            "GroovePredictor",
            data("groove"),
            config=config(tmp_path / "c.toml"),
            to=tmp_path / "file" / "run",
        )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[training]\nepoch = 3\n", "(?s)unknown key 'epoch'.*epochs"),
        ("[trainning]\n", "(?s)unknown section .trainning.*training"),
        ("[training]\nepochs = 'many'\n", "(?s)epochs is of another kind.*'many'.*int"),
        ("[training]\nepochs = 0\n", "epochs is out of range"),
        ("[training]\ndevice = 'tpu'\n", "unknown device"),
        ("[GroovePredictor]\nbatch = 3\n", "unknown section 'batch'"),
        ("epochs", "not TOML"),
    ],
)
def test_settings_that_are_wrong_are_named(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(InputError, match=said):
        configured("GroovePredictor", tmp_path / "c.toml")


def test_settings_of_one_model_come_last(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("[training]\nbatch = 5\nclip = 2\n[GroovePredictor.training]\nbatch = 7\n")
    assert configured("GroovePredictor", path).training["batch"] == 7
    assert configured("DynamicsEngine", path).training["batch"] == 5
    assert configured("DynamicsEngine", path).training["clip"] == 2.0
    assert configured("GroovePredictor").training["batch"] == 32


def test_every_default_is_explained(family_command) -> None:
    code, out, _ = family_command("realtime", "train", "--show-config")
    assert code == 0
    assert out == DEFAULTS.text()
    keys = [line for line in out.splitlines() if "=" in line and not line.startswith("#")]
    assert len(keys) > 15
    assert all("#" in line for line in keys)


def test_the_command_says_what_is_missing(family_command) -> None:
    code, _, err = family_command("realtime", "train", "--model", "GroovePredictor")
    assert code == 2
    assert "--model NAME --data FOLDER" in err
    code, _, err = family_command("train", "realtime", "--model", "GroovePredictor")
    assert code == 2
    assert "there is no command 'train'" in err
    assert "modelparity realtime train" in err


def test_concordance_is_lins() -> None:
    from modelparity_families.realtime.training.objectives import concordance, moments

    rng = np.random.default_rng(3)
    g, w = rng.normal(size=50), rng.normal(size=50)
    w = 0.7 * g + 0.3 * w + 0.2
    wanted = 2 * np.cov(g, w, bias=True)[0, 1] / (g.var() + w.var() + (g.mean() - w.mean()) ** 2)
    given, true = torch.tensor(g)[None, :, None], torch.tensor(w)[None, :, None]
    found = concordance(moments(given, true, torch.ones_like(given)))
    assert float(found) == pytest.approx(wanted, rel=1e-9)


def test_masked_frames_change_nothing() -> None:
    from modelparity_families.realtime.training.objectives import OBJECTIVES

    rng = torch.Generator().manual_seed(1)
    for name, own in OBJECTIVES.items():
        width = {"EmotionRecognizer": 2, "HarmonyPredictor": 64}.get(name, 8)
        given, wanted = torch.rand(1, 6, width, generator=rng), torch.rand(1, 6, width, generator=rng)
        mask = torch.ones(1, 6, width)
        mask[:, 4:] = 0
        for other in (given, given + (1 - mask) * 0.1):
            assert float(own.loss(other, wanted, mask)) == pytest.approx(
                float(own.loss(given[:, :4], wanted[:, :4], mask[:, :4])), rel=1e-5
            )
