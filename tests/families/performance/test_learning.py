"""Losses, steps, stages and thawing of the audio models against what the original recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity_families.performance import seeded
from modelparity_families.performance.audio.encoders import Sizes

torch = pytest.importorskip("torch")
lightning = pytest.importorskip("pytorch_lightning")
learners = pytest.importorskip("modelparity_families.performance.training.learners")
losses = pytest.importorskip("modelparity_families.performance.training.losses")
thawing = pytest.importorskip("modelparity_families.performance.training.thawing")
Load = Callable[[str], Any]
LIMIT = 2e-5


def sizes_of(own: Any, *, layers: int = 0, dropout: float = 0.0) -> Sizes:
    config = own.told["config"]
    names = ("input_dim", "hidden_dim", "projection_dim", "num_labels")
    return Sizes(*(config[name] for name in names), layers=layers, dropout=dropout)


def batch_of(inputs: Any, *, augmented: bool = False) -> dict[str, Any]:
    names = (*learners.PAIRS, "mask_a", "mask_b", *(("embeddings_aug_a",) if augmented else ()))
    return {name: torch.from_numpy(inputs[f"in_{name}"]) for name in names}


def alone(inputs: Any) -> dict[str, Any]:
    words = {
        "embeddings_clean": "embeddings_a",
        "embeddings_augmented": "embeddings_aug_a",
        "mask": "mask_a",
        "piece_ids": "piece_ids_a",
    }
    return {name: torch.from_numpy(inputs[f"in_{word}"]) for name, word in words.items()}


def started(learner: Any) -> Any:
    """With the weights that the original was run with."""
    found = seeded.weights(learner.network.sizes.shapes, 1)
    learner.network.load_state_dict({name: torch.from_numpy(one) for name, one in found.items()})
    return learner


def curve(learner: Any, batch: Any, steps: int) -> Iterator[float]:
    """The loss before each step of its own optimizer."""
    optimizer = learner.configure_optimizers()["optimizer"]
    for _ in range(steps):
        loss = learner.losses(batch)["loss"]
        yield loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def recorded_losses(told: Any) -> dict[str, float]:
    return {name.removeprefix("train_"): value for name, value in told.items()}


def same(found: Any, told: Any) -> None:
    for name, value in recorded_losses(told).items():
        np.testing.assert_allclose(
            float(found.get(name, torch.zeros(())).detach()), value, atol=LIMIT, err_msg=name
        )


def test_ranking_loss(recorded: Load) -> None:
    own = recorded("losses")
    told = own.told["ranking_loss"]
    given = [torch.from_numpy(own.arrays[name]) for name in ("logits", "labels_a", "labels_b")]
    for name, settings in (
        ("default", {}),
        ("smooth_0.1", {"smoothing": 0.1}),
        ("threshold_0", {"ambiguous": 0.0}),
        ("threshold_0.3", {"ambiguous": 0.3}),
        ("threshold_2_all_ambiguous", {"ambiguous": 2.0}),
    ):
        np.testing.assert_allclose(losses.ranking_loss(*given, **settings), told[name], atol=1e-5)
    assert told["margin_9"] == told["default"]


def test_contrastive_loss(recorded: Load) -> None:
    own = recorded("losses")
    rows = torch.from_numpy(own.arrays["embeddings"])
    told = own.told["infonce"]
    assert losses.contrastive_loss(rows[:1], torch.tensor([0])).item() == told.pop("batch_of_one")
    assert len(told) == 5
    for case in told.values():
        pieces = torch.tensor(case["piece_ids"])
        got = losses.contrastive_loss(rows, pieces, temperature=case["temperature"])
        np.testing.assert_allclose(got, case["loss"], rtol=1e-6, atol=1e-5)


def test_losses_of_nothing_still_have_a_gradient() -> None:
    rows = torch.ones(3, 2, requires_grad=True)
    losses.contrastive_loss(rows, torch.arange(3)).backward()
    labels = torch.zeros(3, 2)
    losses.ranking_loss(rows, labels, labels).backward()
    assert rows.grad is not None
    assert not rows.grad.any()
    assert losses.pairwise_accuracy(rows, labels, labels) == 0.5


def test_pairs(recorded: Load) -> None:
    own = recorded("a1_small")
    told, learner = own.told, started(learners.PairLearner(sizes_of(own))).eval()
    batch = batch_of(own.arrays)
    same(learner.losses(batch), told["losses_eval"])
    same(learner.losses(batch_of(own.arrays, augmented=True)), told["losses_eval_with_aug"])
    loss, accuracy = learner.judged(batch)
    np.testing.assert_allclose(loss.item(), told["validation"]["val_loss"], atol=LIMIT)
    np.testing.assert_allclose(accuracy, told["validation"]["val_pairwise_acc"], atol=1e-7)
    assert learner.hparams["max_epochs"] == told["max_epochs_default"]


def test_steps_of_pairs(recorded: Load) -> None:
    own = recorded("a1_small")
    learner = started(learners.PairLearner(sizes_of(own), learning_rate=1e-3))
    told = own.told["train_curve_lr1e-3_dropout0"]["losses"]
    np.testing.assert_allclose(list(curve(learner, batch_of(own.arrays), len(told))), told, atol=LIMIT)


def test_the_rate_falls_along_a_cosine_and_rises_behind_it(recorded: Load) -> None:
    told = recorded("a1_small").told["lr_by_epoch_max_epochs_8"]
    made = learners.PairLearner(Sizes(4, 4, 2, 2), max_epochs=8).configure_optimizers()
    rates = []
    for _ in told:
        rates.append(made["optimizer"].param_groups[0]["lr"])
        made["optimizer"].step()
        made["lr_scheduler"].step()
    np.testing.assert_allclose(rates, told, rtol=1e-9)


def test_two_stages(recorded: Load) -> None:
    own, inputs = recorded("a2_small"), recorded("a1_small").arrays
    told = own.told
    learner = started(learners.TwoStageLearner(sizes_of(own), learning_rate=1e-3)).eval()
    first = alone(inputs)
    same(learner.losses(first), told["stage1_losses_eval"])
    loss = (
        learner.validation_step(first, 0)
        if learner._trainer
        else losses.invariance_loss(*learner._both(first))
    )
    np.testing.assert_allclose(loss.item(), told["stage1_validation"]["val_loss"], atol=LIMIT)
    with pytest.raises(InputError, match="the batch has no 'embeddings_clean'"):
        learner.losses(batch_of(inputs))
    learner.switch_to_supervised()
    found = learner.losses(batch_of(inputs, augmented=True))
    same(found, told["stage2_losses_eval"])
    assert "inv_loss" not in found
    with pytest.raises(InputError, match="the batch has no 'embeddings_a'"):
        learner.losses(first)


def test_steps_of_the_first_stage(recorded: Load) -> None:
    own = recorded("a2_small")
    learner = started(learners.TwoStageLearner(sizes_of(own), learning_rate=1e-3))
    told = own.told["stage1_train_curve_lr1e-3_dropout0"]["losses"]
    got = list(curve(learner, alone(recorded("a1_small").arrays), len(told)))
    np.testing.assert_allclose(got, told, atol=LIMIT)


def thawer(own: Any, unfreeze: Any, **settings: Any) -> Any:
    return started(thawing.ThawingLearner(sizes_of(own, layers=3), unfreeze_schedule=unfreeze, **settings))


def test_thawing(recorded: Load) -> None:
    """Numbers of layers count from 1 here; the original's, from 0, drop what they do not have."""
    own = recorded("a3_small")
    learner = thawer(own, {0: [3], 1: [2], 2: [1]})
    same(learner.eval().losses(batch_of(recorded("a1_small").arrays)), own.told["losses_eval"])
    for step in own.told["unfreeze_trace"][:3]:
        learner.thaw(step["epoch"])
        unfrozen = [layer + 1 for layer in step["unfrozen"]]
        assert list(learner.thawed(step["epoch"])) == unfrozen
        learning = [
            n for n, layer in enumerate(learner.layers, 1) if all(p.requires_grad for p in layer.parameters())
        ]
        assert learning == unfrozen
    groups = {group["name"]: group for group in learner.configure_optimizers()["optimizer"].param_groups}
    for name, rate, count in own.told["unfreeze_trace"][2]["groups_if_rebuilt"]:
        ours = f"layer{int(name.rpartition('_')[2]) + 1}" if name != "heads" else name
        np.testing.assert_allclose(groups[ours]["initial_lr"], rate, rtol=1e-12)
        assert sum(one.numel() for one in groups[ours]["params"]) == count
    assert len(groups) == 4


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ({0: [3], 3: [5]}, "layer 5"),
        ({0: [0]}, "layer 0"),
        ({0: [3], 1: [3]}, "layer 3 twice"),
        ({-1: [3]}, "below 0"),
    ],
)
def test_schedules_that_match_nothing_are_refused(schedule: Any, said: str, recorded: Load) -> None:
    with pytest.raises(InputError, match=rf"(?s)no such schedule.*{said}.*layers 1 to 3"):
        thawer(recorded("a3_small"), schedule)


def test_a_backbone_is_needed_to_thaw() -> None:
    with pytest.raises(InputError, match="not one list of layers"):
        thawing.ThawingLearner(Sizes(4, 4, 2, 2), backbone=torch.nn.Identity(), unfreeze_schedule={0: [1]})
    with pytest.raises(InputError, match="there is no backbone"):
        thawing.ThawingLearner(Sizes(4, 4, 2, 2), unfreeze_schedule={0: [1]})


class Batches(torch.utils.data.Dataset):
    """One batch over again."""

    def __init__(self, batch: Any, count: int) -> None:
        self.batch, self.count = batch, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Any:
        return self.batch


def fitted(learner: Any, batch: Any, tmp_path: Any, **settings: Any) -> Any:
    trainer = lightning.Trainer(
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
        **settings,
    )
    loader = torch.utils.data.DataLoader(Batches(batch, 4), batch_size=None)
    trainer.fit(learner, loader, loader)
    return trainer


@pytest.mark.filterwarnings("ignore")
def test_layers_that_thaw_later_learn(recorded: Load, tmp_path: Any) -> None:
    """The original's optimizer was made once, without layers that thawed afterwards."""
    learner = thawer(recorded("a3_small"), {0: [3], 2: [1]}, learning_rate=1e-3)
    before = [{name: one.clone() for name, one in layer.state_dict().items()} for layer in learner.layers]
    trainer = fitted(learner, batch_of(recorded("a1_small").arrays), tmp_path, max_epochs=3)
    moved = [
        any(not torch.equal(one, old[name]) for name, one in layer.state_dict().items())
        for layer, old in zip(learner.layers, before, strict=True)
    ]
    assert moved == [True, False, True]
    assert trainer.callback_metrics["train_loss"] < 1.7
    assert {"val_loss", "val_pairwise_acc", "train_rank_loss"} <= set(trainer.callback_metrics)


@pytest.mark.filterwarnings("ignore")
def test_each_learns_a_small_set(recorded: Load, tmp_path: Any) -> None:
    own = recorded("a1_small")
    settings = {"learning_rate": 1e-2}
    pairs = learners.PairLearner(replace(sizes_of(own), dropout=0.1), **settings)
    trainer = fitted(pairs, batch_of(own.arrays, augmented=True), tmp_path, max_epochs=4)
    assert trainer.callback_metrics["train_loss"] < 1.2
    stages = learners.TwoStageLearner(sizes_of(own), **settings)
    trainer = fitted(stages, alone(own.arrays), tmp_path, max_epochs=2)
    assert trainer.callback_metrics["train_loss"] < 0.5
    held = trainer.optimizers[0]
    stages.switch_to_supervised()
    assert trainer.optimizers[0] is not held
    assert not trainer.optimizers[0].state
    trainer = fitted(stages, batch_of(own.arrays), tmp_path, max_epochs=4)
    assert trainer.callback_metrics["train_loss"] < 1.2
