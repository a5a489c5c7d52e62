"""What the models are trained for: order of pairs, likeness of one piece's performances, scores, invariance; and, of
symbolic encoders before that, masked words, links of score graphs, masked frames and the use of codes."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

#: Labels that are closer than this say nothing of the order, as float32 has it.
AMBIGUOUS = 0.05
#: The label of a word that is not masked.
UNMASKED = -100


def ranking_loss(
    logits: Tensor,
    labels_a: Tensor,
    labels_b: Tensor,
    *,
    ambiguous: float = AMBIGUOUS,
    smoothing: float = 0.0,
) -> Tensor:
    """Mean binary cross entropy of logits (batch, label), above 0 where a is above b, over what is not ambiguous.

    ``smoothing`` moves targets to one half. 0 where all is ambiguous. The original's ``margin`` was stored and never
    used.
    """
    counted = _ordered(labels_a, labels_b, ambiguous)
    if not counted.any():
        return logits.sum() * 0
    wanted = (labels_a > labels_b).to(logits.dtype) * (1 - smoothing) + 0.5 * smoothing
    return F.binary_cross_entropy_with_logits(logits[counted], wanted[counted])


def contrastive_loss(projections: Tensor, pieces: Tensor, *, temperature: float = 0.07) -> Tensor:
    """Mean over all pairs of one piece of -log(e^s / (e^s + sum of e^t)): s is theirs, t those of other pieces.

    projections (batch, width), pieces (batch,) -> (). s and t are cosines over temperature. Other pairs of the same
    piece are not in the sum, and each pair counts once from each side. 0 without pairs, and without other pieces.
    van den Oord, Li, Vinyals, "Representation learning with contrastive predictive coding", 2018.
    """
    rows = F.normalize(projections, dim=-1, eps=1e-8)
    cosines = rows @ rows.T / temperature
    same = pieces[:, None] == pieces[None]
    pairs = same & ~torch.eye(len(pieces), dtype=torch.bool, device=pieces.device)
    if not pairs.any() or same.all():
        return projections.sum() * 0
    others = cosines.masked_fill(same, float("-inf")).logsumexp(dim=-1, keepdim=True)
    return F.softplus(others - cosines)[pairs].mean()


def regression_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Mean squared error."""
    return F.mse_loss(scores, labels)


def invariance_loss(clean: Tensor, augmented: Tensor) -> Tensor:
    """Mean squared difference of what a performance was encoded as, and of the same augmented."""
    return F.mse_loss(clean, augmented)


def pairwise_accuracy(
    logits: Tensor, labels_a: Tensor, labels_b: Tensor, *, ambiguous: float = AMBIGUOUS
) -> float:
    """The share of what is not ambiguous whose order is right; a logit of 0 says that b is above. 0.5 of nothing."""
    counted = _ordered(labels_a, labels_b, ambiguous)
    if not counted.any():
        return 0.5
    right = (logits > 0) == (labels_a > labels_b)
    return float(right[counted].float().mean())


def masked_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross entropy of words: logits (batch, token, word), labels (batch, token), `UNMASKED` where nothing was
    masked. 0 where nothing was."""
    if (labels == UNMASKED).all():
        return logits.sum() * 0
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=UNMASKED)


def link_loss(present: Tensor, absent: Tensor) -> Tensor:
    """Mean binary cross entropy of logits (pair,) of edges that are there, and of pairs that are none."""
    logits = torch.cat((present, absent))
    wanted = torch.cat((torch.ones_like(present), torch.zeros_like(absent)))
    return F.binary_cross_entropy_with_logits(logits, wanted)


def frame_loss(found: Tensor, codes: Tensor, masked: Tensor, *, temperature: float = 0.1) -> Tensor:
    """Mean cross entropy of each masked frame finding its own code among those of all masked frames of the batch.

    found (batch, frame, width) is what the network makes of masked frames, codes (batch, frame, width) of the true
    ones, masked (batch, frame) bool. Logits are cosines over temperature. 0 where nothing is masked.
    Baevski et al., "wav2vec 2.0", 2020, equation 3, with all other masked frames in place of drawn ones.
    """
    rows, targets = F.normalize(found[masked], dim=-1), F.normalize(codes[masked], dim=-1)
    if not len(rows):
        return found.sum() * 0
    return F.cross_entropy(rows @ targets.T / temperature, torch.arange(len(rows), device=rows.device))


def code_entropy(chosen: Tensor) -> Tensor:
    """Entropy in nats of how often each code is chosen, mean over groups; chosen (batch, frame, group, code) is ones.

    What trains codes to be used subtracts it, as wav2vec 2.0 does (equation 4). The original added it, which makes
    all frames fall on few codes.
    """
    shares = chosen.flatten(0, 1).mean(dim=0)
    entropy: Tensor = torch.special.entr(shares).sum(dim=-1).mean()
    return entropy


def _ordered(labels_a: Tensor, labels_b: Tensor, ambiguous: float) -> Tensor:
    return (labels_a - labels_b).abs() >= ambiguous
