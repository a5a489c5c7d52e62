"""Losses and steps of the symbolic encoders against what the original recorded: before labels, and with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from modelparity_families.performance import seeded
from modelparity_families.performance.symbolic import models
from modelparity_families.performance.symbolic.encoders.graph_sizes import GraphSizes

torch = pytest.importorskip("torch")
encoders = pytest.importorskip("modelparity_families.performance.symbolic.encoders.modules")
graphs = pytest.importorskip("modelparity_families.performance.symbolic.encoders.graph_modules")
losses = pytest.importorskip("modelparity_families.performance.training.losses")
Load = Callable[[str], Any]
LIMIT = 2e-5


def without_dropout(module: Any) -> Any:
    """In training, as the original's steps were recorded."""
    for part in module.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
        elif isinstance(part, torch.nn.MultiheadAttention):
            part.dropout = 0.0
    return module.train()


def made(key: str) -> Any:
    """The module with the weights that the original was run with."""
    if key == "s2":
        sizes = GraphSizes(6, 16, 2, 4)
        return graphs.module_of(sizes, seeded.weights(sizes.shapes, 1))
    return encoders.module_of(models.small(key), models.drawn(models.small(key), 1))


def told(key: str, recorded: Load) -> tuple[dict[str, Any], Any]:
    """Inputs as tensors, and what was recorded of losses."""
    own = recorded(f"{key}_small")
    return {
        name[3:]: torch.from_numpy(one) for name, one in own.arrays.items() if name[:3] == "in_"
    }, own.told


def finetuned(key: str, module: Any, own: dict[str, Any]) -> dict[str, Any]:
    """Parts of the loss of pairs with labels."""
    if key == "s2":
        encoded = [
            module.encode(own[f"x_{side}"], own[f"edge_index_{side}"], own[f"batch_{side}"]) for side in "ab"
        ]
    else:
        takes = module.sizes.TAKES
        encoded = [module.encode(own[f"{takes}_{side}"], own[f"mask_{side}"]) for side in "ab"]
    labels = own["labels_a"], own["labels_b"]
    squared = [
        losses.regression_loss(module.regression_head(z), one) for z, one in zip(encoded, labels, strict=True)
    ]
    pieces = torch.cat((own["piece_ids_a"], own["piece_ids_b"]))
    parts = {
        "rank_loss": losses.ranking_loss(module.compare(*encoded), *labels),
        "contrast_loss": losses.contrastive_loss(module.contrastive_proj(torch.cat(encoded)), pieces),
        "reg_loss": sum(squared) / 2,
    }
    return {**parts, "loss": parts["rank_loss"] + 0.3 * parts["contrast_loss"] + 0.5 * parts["reg_loss"]}


def curve(module: Any, loss: Callable[[], Any]) -> Iterator[float]:
    """The loss before each of six steps of AdamW."""
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-3, weight_decay=1e-5)
    for _ in range(6):
        found = loss()
        yield found.item()
        optimizer.zero_grad()
        found.backward()
        optimizer.step()


@pytest.mark.parametrize("key", ["s1", "s2", "s3"])
def test_pairs_with_labels(key: str, recorded: Load) -> None:
    own, wanted = told(key, recorded)
    found = finetuned(key, made(key), own)
    for name, value in wanted["finetune_losses_eval"].items():
        np.testing.assert_allclose(found[name.removeprefix("train_")].item(), value, atol=LIMIT, err_msg=name)
    module = without_dropout(made(key))
    steps = list(curve(module, lambda: finetuned(key, module, own)["loss"]))
    np.testing.assert_allclose(steps, wanted["finetune_curve_lr1e-3_dropout0"]["losses"], atol=LIMIT)


def test_masked_words(recorded: Load) -> None:
    own, wanted = told("s1", recorded)
    module = without_dropout(made("s1"))
    steps = list(
        curve(
            module,
            lambda: losses.masked_loss(module.masked(own["masked_ids"], own["mask_a"]), own["mlm_labels"]),
        )
    )
    np.testing.assert_allclose(steps[0], wanted["pretrain_losses_eval"]["train_mlm_loss"], atol=LIMIT)
    np.testing.assert_allclose(steps, wanted["pretrain_curve_lr1e-3_dropout0"]["losses"], atol=LIMIT)
    nothing = torch.full((2, 3), losses.UNMASKED)
    assert losses.masked_loss(torch.ones(2, 3, 5), nothing) == 0


def test_links(recorded: Load) -> None:
    own, wanted = told("s2", recorded)
    module = without_dropout(made("s2"))

    def loss() -> Any:
        pairs = torch.cat((own["pos_edges"], own["neg_edges"]), dim=1)
        logits = module.links(own["x_a"], own["edge_index_a"], pairs)
        return losses.link_loss(*logits.split((own["pos_edges"].shape[1], own["neg_edges"].shape[1])))

    steps = list(curve(module, loss))
    np.testing.assert_allclose(steps[0], wanted["pretrain_losses_eval"]["train_link_loss"], atol=LIMIT)
    np.testing.assert_allclose(steps, wanted["pretrain_curve_lr1e-3_dropout0"]["losses"], atol=LIMIT)


def test_masked_frames_and_codes(recorded: Load) -> None:
    own, wanted = told("s3", recorded)
    module, masked = made("s3"), own["masked_positions"]
    context = module.contrastive_head(module.encoded(own["masked_features"], own["mask_a"]))
    with torch.no_grad():
        codes, chosen = module.codebook(module.encoded(own["features_a"], own["mask_a"]))
    found, entropy = losses.frame_loss(context, codes, masked), losses.code_entropy(chosen)
    parts = wanted["pretrain_losses_eval"]
    np.testing.assert_allclose(found.item(), parts["train_contrastive_loss"], atol=LIMIT)
    np.testing.assert_allclose(entropy.item(), parts["train_diversity_loss"], atol=LIMIT)
    np.testing.assert_allclose((found + 0.1 * entropy).item(), parts["train_loss"], atol=LIMIT)
    nothing = losses.frame_loss(context, codes, torch.zeros_like(masked))
    assert nothing == wanted["pretrain_losses_eval_nothing_masked"]["train_contrastive_loss"]


def test_entropy_is_largest_where_all_codes_are_used() -> None:
    even = torch.eye(4).expand(3, 4, 4).unsqueeze(2)
    np.testing.assert_allclose(losses.code_entropy(even).item(), np.log(4), rtol=1e-6)
    one = torch.zeros(3, 4, 2, 4)
    one[..., 1] = 1
    assert losses.code_entropy(one) == 0
    learnt = torch.full((1, 1, 1, 4), 0.25) + torch.tensor([0.1, -0.1, 0.0, 0.0])
    learnt.requires_grad_()
    losses.code_entropy(learnt).backward()
    assert learnt.grad is not None
    assert learnt.grad[0, 0, 0, 0] < learnt.grad[0, 0, 0, 1]  # more of what is rare, less of what is common
