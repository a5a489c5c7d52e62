"""The modules with their inputs, seeds and spoilt copies, as they are measured."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from .modules import Attention, Head, Loop, Products, Steady, Transform, Whole
from .subjects import Feeds, Module


def _normal(seed: int, *shape: int, scale: float = 1.0) -> np.ndarray:
    return (scale * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def _tone(seed: int, noise: float, samples: int = 8000) -> np.ndarray:
    """Two tones, and a little noise that decays: a plucked note."""
    t = np.arange(samples) / 16000
    low = 220 * 2 ** (seed % 12 / 12)
    tones = 0.3 * np.sin(2 * np.pi * low * t) + 0.2 * np.sin(2 * np.pi * 2.002 * low * t)
    return (tones + noise * np.exp(-8 * t) * np.random.default_rng(seed).standard_normal(samples))[
        None
    ].astype("f4")


def _silent(seed: int) -> np.ndarray:
    """Digital silence, then a sound that is symmetric in some frames and a whole number of periods in others."""
    x = _tone(seed, 0.0, 4096)
    x[:, :1024] = 0
    x[:, 1024:2048] = 0.5 * np.cos(2 * np.pi * np.arange(1024) * (8 + seed) / 512)
    return x


def _driven(seed: int) -> Feeds:
    """What drives a recurrent layer: by and by, hard, harder."""
    return {"x": _normal(seed, 1, 60, 6, scale=1 + 4.0 * (seed % 3))}


def _padded(seed: int, batch: int) -> Feeds:
    mask = np.ones((batch, 24), np.float32)
    mask[0, :6] = 0
    if batch > 2:
        mask[2, :11] = 0
    return {"x": _normal(seed, batch, 24, 16), "mask": mask}


def _constant_rows(seed: int, batch: int) -> Feeds:
    x = _normal(seed, batch, 12, 24)
    x[0, 3], x[-1, 0] = 0, 0
    return {"x": x}


def _faulty(module: nn.Module, *names: str) -> dict[str, nn.Module]:
    """The module with each of these weights 2 and 30 per cent too large."""
    found = {}
    for name in names:
        for share in (1.02, 1.3):
            bad = copy.deepcopy(module)
            with torch.no_grad():
                bad.get_parameter(name).mul_(share)
            found[f"{name} x {share}"] = bad
    return found


def networks(whole: bool) -> Iterator[Module]:
    """Every kind, with the seeds and sizes of a whole run or of a sample."""
    torch.manual_seed(0)
    many = 3 if whole else 1
    for classes in (1000, 6625, 30_000) if whole else (1000, 6625):
        for last in ("softmax", "log_softmax", "exp"):
            for deep, gain in ((0, 1.0), (0, 3.0), (2, 3.0), (4, 1.0)) if whole else ((0, 3.0), (2, 3.0)):
                shape = (1, 40, 64) if deep == 4 or classes > 10_000 else (16, 4, 64)
                yield Module(
                    "heads",
                    f"{last} over {classes:,}, {deep} blocks, gain {gain:g}",
                    Head(classes, last, deep, gain).eval(),
                    lambda seed, shape=shape: {"x": _normal(seed, *shape)},
                    seeds=2 * many,
                    more=6,
                )
    for kind in ("RNN", "GRU", "LSTM"):
        for gain in (3.0, 10.0, 100.0):
            for hidden in (4, 16, 64) if whole else (4, 16):
                yield Module(
                    "saturated",
                    f"{kind} of {hidden}, weights x {gain:g}",
                    Loop(kind, gain, hidden).eval(),
                    _driven,
                    seeds=3 * many,
                    more=9,
                )
    for then in ("power", "log", "magnitude", "angle", "sign"):
        for sound, inputs in (
            ("tones", lambda seed: {"x": _tone(seed, 0.01 if seed % 2 else 0.0)}),
            ("noise", lambda seed: {"x": _normal(seed, 1, 8000, scale=0.1)}),
            ("silence first", lambda seed: {"x": _silent(seed)}),
        ):
            products = Products(then).eval()
            # Exact zeros are no zeros to products: there the sign is another question.
            others = {"products": products} if then not in ("angle", "sign") else {}
            transform = Transform(then).eval()
            more = {"seeds": 4 * many, "more": 12, "weights": False, "jumps": then in ("angle", "sign")}
            yield Module("spectra", f"{then} of {sound}", transform, inputs, others, export=False, **more)
            # PyTorch's exporter writes another function for atan2, which has no angle at 0.
            yield Module(
                "spectra", f"{then} of {sound}, products", products, inputs, export=then != "angle", **more
            )
    for how, step in (("round", 1 / 64), ("round", 0.1), ("round", 0.3), ("floor", 0.1)):
        for shape in ((40, 16), (400, 16)) if whole else ((40, 16),):
            yield Module(
                "ties",
                f"{how} by {step:.3g}, {shape[0]} rows",
                Whole(how, step).eval(),
                lambda seed, shape=shape, step=step: {
                    "x": (np.random.default_rng(seed).integers(-60, 60, shape) * (step / 2)).astype(
                        np.float32
                    )
                },
                seeds=3 * many,
                more=9,
                weights=False,
                jumps=True,
            )
    for low in (-1e9, float(torch.finfo(torch.float32).min)):
        for batch in (1, 2, 4):
            for deep in (1, 2):
                module = Attention(low, deep).eval()
                yield Module(
                    "padded",
                    f"attention, mask {low:.0e}, batch of {batch}, {deep} deep",
                    module,
                    lambda seed, batch=batch: _padded(seed, batch),
                    wrong=_faulty(module, "v.0.weight", "k.0.weight"),
                    seeds=3 * many,
                    more=9,
                )
    for batch in (1, 2, 4):
        module = Steady().eval()
        yield Module(
            "padded",
            f"constant rows before a norm, batch of {batch}",
            module,
            lambda seed, batch=batch: _constant_rows(seed, batch),
            wrong=_faulty(module, "after.weight", "norm.weight"),
            seeds=3 * many,
            more=9,
        )


def other_weights() -> Iterator[Module]:
    """Recurrent layers in their stops and heads of many classes with other weights: sound runs alone."""
    for draw in range(1, 4):
        torch.manual_seed(draw)
        for kind in ("RNN", "GRU", "LSTM"):
            for gain in (3.0, 10.0, 100.0):
                for hidden in (4, 16):
                    name = f"{kind} of {hidden}, weights {draw} x {gain:g}"
                    module = Loop(kind, gain, hidden).eval()
                    yield Module("saturated", name, module, _driven, seeds=0, more=6)
        for last in ("softmax", "log_softmax", "exp"):
            for deep, gain in ((0, 3.0), (2, 3.0)):
                yield Module(
                    "heads",
                    f"{last} over 1,000, {deep} blocks, weights {draw}, gain {gain:g}",
                    Head(1000, last, deep, gain).eval(),
                    lambda seed: {"x": _normal(seed, 16, 4, 64)},
                    seeds=0,
                    more=4,
                )
