"""Losses, figures and mixing of examples against what the original recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError

torch = pytest.importorskip("torch")
pytest.importorskip("torchmetrics")
losses = pytest.importorskip("modelparity_families.sousa.training.losses")
mixup = pytest.importorskip("modelparity_families.sousa.training.mixup")
scores = pytest.importorskip("modelparity_families.sousa.training.scores")
Load = Callable[..., Any]


@pytest.mark.parametrize("mask", ["full", "padded", "empty_row", "all_empty"])
def test_feature_loss_and_its_gradient(mask: str, recorded: Load) -> None:
    own = recorded("training")
    given = torch.tensor(own["feature_loss/pred"], requires_grad=True)
    wanted, kept = (torch.tensor(own[f"feature_loss/{name}"]) for name in ("target", f"{mask}/mask"))
    loss = losses.feature_loss(given, wanted, kept)
    loss.backward()
    key = f"feature_loss/{mask}"
    np.testing.assert_allclose(loss.item(), own[f"{key}/loss"], rtol=1e-6)
    np.testing.assert_allclose(given.grad, own[f"{key}/grad"], rtol=1e-5, atol=1e-8)
    part = losses.binary_loss(given.detach(), wanted, kept)
    np.testing.assert_allclose(part.item(), own[f"{key}/bce_part"], rtol=1e-6)
    assert mask != "all_empty" or loss.item() == 0


def test_classifier_loss_smooths_in_training_alone(recorded: Load) -> None:
    own = recorded("training")
    for batch in range(3):
        logits = torch.tensor(own["classifier/logits"][batch], requires_grad=True)
        labels = torch.tensor(own["classifier/labels"][batch])
        loss = losses.classifier_loss(logits, labels, smoothing=losses.SMOOTHING)
        loss.backward()
        np.testing.assert_allclose(loss.item(), own["classifier/train_loss"][batch], rtol=1e-6)
        np.testing.assert_allclose(logits.grad, own["classifier/train_grad"][batch], rtol=1e-4, atol=1e-8)
        plain = losses.classifier_loss(logits, labels).item()
        np.testing.assert_allclose(plain, own["classifier/val_loss"][batch], rtol=1e-6)


def test_figures_over_three_batches(recorded: Load) -> None:
    own, kept = recorded("training"), scores.Scores()
    for _ in range(2):
        for logits, labels in zip(own["classifier/logits"], own["classifier/labels"], strict=True):
            kept.add(torch.tensor(logits), torch.tensor(labels))
        found = kept.found()
        for name in ("acc", "f1_macro", "f1_per_class", "confusion"):
            np.testing.assert_allclose(found[name], own[f"classifier/val_{name}"], rtol=1e-6)
        told = kept.figures("val")
        kept.clear()
    occurred = own["classifier/val_f1_per_class"][own["classifier/val_confusion"].sum(1) > 0]
    best = [value for name, value in told.items() if name.startswith("val/f1_best/")]
    np.testing.assert_allclose(best, np.sort(occurred)[-5:], rtol=1e-6)
    assert len([name for name in told if name.startswith("val/f1_worst/")]) == 5
    assert all(told[name] == 0 for name in told if name.startswith("val/f1_worst/"))


def test_mixed_examples_and_their_loss(recorded: Load) -> None:
    own = recorded("training")
    x, labels = torch.tensor(own["mixup/audio"]), torch.tensor(own["mixup/label"])
    wanted = torch.tensor(own["mixup/mixed_audio"])
    share, partner = _blend(x, wanted)
    got, shares = mixup.mixed(x, labels, share, partner, classes=40)
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-6)
    np.testing.assert_allclose(shares, own["mixup/mixed_label"], rtol=0, atol=1e-6)
    loss = losses.classifier_loss(torch.tensor(own["mixup/logits"]), shares)
    np.testing.assert_allclose(loss.item(), own["mixup/train_loss"], rtol=1e-5)


def _blend(x: Any, wanted: Any) -> tuple[Any, Any]:
    """Which share of which partner makes each row, by least squares."""
    shares, partners = [], []
    for row, target in zip(x, wanted, strict=True):
        fits = []
        for place, other in enumerate(x):
            away = row - other
            share = (away @ (target - other) / (away @ away).clamp(min=1e-12)).item()
            fits.append((float((share * row + (1 - share) * other - target).abs().max()), place, share))
        _, place, share = min(fits)
        partners.append(place)
        shares.append(share)
    return torch.tensor(shares), torch.tensor(partners)


def test_blends_are_drawn_by_seed_and_one_example_is_its_own_partner() -> None:
    share, partner = mixup.drawn(6, 0.4, np.random.RandomState(1))
    again = mixup.drawn(6, 0.4, np.random.RandomState(1))
    assert torch.equal(share, again[0])
    assert sorted(partner.tolist()) == list(range(6))
    assert ((share >= 0) & (share <= 1)).all()
    x, label = torch.ones(1, 3), torch.tensor([2])
    got, shares = mixup.mixed(x, label, *mixup.drawn(1, 0.4, np.random.RandomState(0)), classes=4)
    assert torch.allclose(got, x)
    assert torch.allclose(shares, torch.tensor([[0.0, 0, 1, 0]]))
    with pytest.raises(InputError, match="alpha"):
        mixup.drawn(2, 0, np.random.RandomState(0))
