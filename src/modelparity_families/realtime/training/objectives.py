"""What each of the five is trained for, and the figures that say how well it does. All of it minds the mask."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from modelparity_families.training.objective import Objective, Sums, mean, squared

#: Probabilities are kept this far from 0 before their logarithm.
LEAST = 1e-7


# -- concordance ---------------------------------------------------------------------------------------


def moments(given: Tensor, wanted: Tensor, mask: Tensor) -> Sums:
    """Sums for the concordance of each target, in float64."""
    g, w, m = (one.double().flatten(0, -2) for one in (given, wanted, mask))
    parts = {"n": m, "g": g * m, "w": w * m, "gg": g * g * m, "ww": w * w * m, "gw": g * w * m}
    return {name: one.sum(0) for name, one in parts.items()}


def concordance(sums: Mapping[str, Tensor]) -> Tensor:
    """Lin's coefficient (1989) of each target: 2 cov / (var + var + (difference of means)^2)."""
    n = sums["n"].clamp(min=1)
    g, w = sums["g"] / n, sums["w"] / n
    cov = sums["gw"] / n - g * w
    spread = sums["gg"] / n - g * g + sums["ww"] / n - w * w + (g - w) ** 2
    return 2 * cov / spread.clamp(min=1e-12)


def _emotion_loss(given: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    """Squared error, and what is missing to full concordance, in equal parts."""
    return squared(given, wanted, mask) + 1 - concordance(moments(given, wanted, mask)).mean().to(given.dtype)


def _emotion_figures(sums: Mapping[str, Tensor]) -> dict[str, float]:
    valence, arousal = concordance(sums).tolist()
    error = (sums["gg"] - 2 * sums["gw"] + sums["ww"]).sum() / sums["n"].sum().clamp(min=1)
    return {"ccc_valence": valence, "ccc_arousal": arousal, "rmse": max(float(error), 0.0) ** 0.5}


# -- probabilities -------------------------------------------------------------------------------------


def _pitch_loss(given: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    """Binary cross entropy of each pitch."""
    p = given.clamp(LEAST, 1 - LEAST)
    return mean(-(wanted * p.log() + (1 - wanted) * (1 - p).log()), mask)


def _pitch_tally(given: Tensor, wanted: Tensor, mask: Tensor) -> Sums:
    said, true = (given > 0.5) * mask, wanted * mask
    nll = _pitch_loss(given, wanted, mask) * mask.sum()
    return {
        "hit": (said * true).sum(),
        "said": said.sum(),
        "true": true.sum(),
        "nll": nll,
        "frames": mask.amax(-1).sum(),
    }


def _pitch_figures(sums: Mapping[str, Tensor]) -> dict[str, float]:
    hit, said, true = (float(sums[name]) for name in ("hit", "said", "true"))
    return {
        "f1": 2 * hit / max(said + true, 1.0),
        "precision": hit / max(said, 1.0),
        "recall": hit / max(true, 1.0),
        "nll": float(sums["nll"]) / max(float(sums["frames"]), 1.0),
    }


def _chord_loss(given: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    """Negative log likelihood of the right chord."""
    nll = -(given.clamp(min=LEAST).log() * wanted).sum(-1)
    return mean(nll, mask[..., 0])


def _chord_tally(given: Tensor, wanted: Tensor, mask: Tensor) -> Sums:
    known, right = mask[..., 0], wanted.argmax(-1)
    near = (given.topk(3).indices == right[..., None]).any(-1)
    return {
        "right": ((given.argmax(-1) == right) * known).sum(),
        "near": (near * known).sum(),
        "n": known.sum(),
        "nll": _chord_loss(given, wanted, mask) * known.sum(),
    }


def _chord_figures(sums: Mapping[str, Tensor]) -> dict[str, float]:
    n = max(float(sums["n"]), 1.0)
    return {
        "accuracy": float(sums["right"]) / n,
        "top3": float(sums["near"]) / n,
        "nll": float(sums["nll"]) / n,
    }


# -- levels --------------------------------------------------------------------------------------------


def _level_tally(given: Tensor, wanted: Tensor, mask: Tensor) -> Sums:
    pooled = moments(*(one.flatten()[:, None] for one in (given, wanted, mask)))
    return {**pooled, "off": ((given - wanted).abs() * mask).sum()}


def _level_figures(sums: Mapping[str, Tensor]) -> dict[str, float]:
    return {
        "mae": float(sums["off"]) / max(float(sums["n"].sum()), 1.0),
        "ccc": float(concordance(sums).mean()),
    }


def _groove_tally(given: Tensor, wanted: Tensor, mask: Tensor) -> Sums:
    off = (given - wanted).abs() * mask
    half = off.shape[-1] // 2
    return {"late": off[..., :half].sum(), "loud": off[..., half:].sum(), "n": mask[..., :half].sum()}


def _groove_figures(sums: Mapping[str, Tensor]) -> dict[str, float]:
    n = max(float(sums["n"]), 1.0)
    # Of a half step and of half the range of velocity, as the outputs are scaled.
    return {"mae_steps": float(sums["late"]) / n / 2, "mae_velocity": float(sums["loud"]) / n * 63.5}


OBJECTIVES = {
    "EmotionRecognizer": Objective(_emotion_loss, moments, _emotion_figures, readout=2),
    "MelodyTransformer": Objective(_pitch_loss, _pitch_tally, _pitch_figures),
    "HarmonyPredictor": Objective(_chord_loss, _chord_tally, _chord_figures),
    "DynamicsEngine": Objective(squared, _level_tally, _level_figures),
    "GroovePredictor": Objective(squared, _groove_tally, _groove_figures),
}
