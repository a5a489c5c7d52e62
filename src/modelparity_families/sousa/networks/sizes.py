"""What a network is made of: its sizes, read from its weights, and the weights that it has of these sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from modelparity.errors import ArtefactError, near
from modelparity.graph import Array

from ..names import FEATURES, ONSETS

#: The last layer of each, by which a file of weights is recognised.
HEADS = {ONSETS: "classifier", FEATURES: "output_proj"}
#: What the original calls a network's inputs and outputs in its settings.
WORDS = {ONSETS: ("feature_dim", "num_classes"), FEATURES: ("input_dim", "output_dim")}
#: Settings of both, as the original calls them.
SHARED = {
    "d_model": "width",
    "nhead": "heads",
    "num_layers": "layers",
    "dim_feedforward": "inner",
    "max_seq_len": "strokes",
    "dropout": "dropout",
}
#: Settings that the original takes and makes no use of.
IGNORED = ("pretrained",)
_NO_SIZES = ("network", "dropout", "final_norm")
_LAYER = re.compile(r"encoder\.layers\.(\d+)\.")
#: A file that claims more layers than this is damaged.
MOST_LAYERS = 1000


@dataclass(frozen=True)
class Sizes:
    """A network: which of the two, and how large. Defaults are the original's.

    ``input`` and ``output`` are numbers a stroke (or classes), ``width`` is the model's, ``inner`` that of the
    feed-forward layers, ``strokes`` the most that it has positions for. ``final_norm`` is whether a layer
    normalisation stands before the last layer: `FEATURES` came without one first, `ONSETS` always has it.
    """

    network: str
    input: int
    output: int
    width: int = 64
    heads: int = 4
    layers: int = 3
    inner: int = 128
    strokes: int = 256
    dropout: float = 0.1
    final_norm: bool = True

    def __post_init__(self) -> None:
        sizes = {name: value for name, value in asdict(self).items() if name not in _NO_SIZES}
        for name, value in sizes.items():
            if type(value) is not int or value < 1:
                raise ArtefactError(
                    f"{name} is no size",
                    where=self.network,
                    found=repr(value),
                    expected="a whole number from 1",
                )
        if self.width % self.heads:
            raise ArtefactError(
                "the width is no multiple of the heads",
                where=self.network,
                found=f"{self.width} and {self.heads}",
            )

    @classmethod
    def default(cls, network: str, *, final_norm: bool = True) -> Sizes:
        """What the original trains: 12 features -> 40 rudiments, or 3 numbers a stroke -> 12 features."""
        inputs, outputs = {ONSETS: (12, 40), FEATURES: (3, 12)}[network]
        return cls(network, inputs, outputs, final_norm=final_norm)

    @classmethod
    def of(cls, weights: Mapping[str, Array], *, heads: int = 4, where: object = None) -> Sizes:
        """The sizes of these weights, which do not say how many ``heads`` there are.

        Raises `ArtefactError` for weights of neither network, and where they are not all there or do not fit.
        """
        found = [network for network, head in HEADS.items() if f"{head}.weight" in weights]
        if len(found) != 1:
            raise ArtefactError(
                "these weights are of neither network",
                where=where,
                found=", ".join(sorted(weights)[:4]) or "nothing",
                expected=" or ".join(f"{head}.weight ({network})" for network, head in HEADS.items()),
            )
        (network,) = found
        layers = [int(match[1]) for match in map(_LAYER.match, weights) if match]
        if max(layers, default=0) >= MOST_LAYERS:
            raise ArtefactError("a number of a layer is absurd", where=where, found=max(layers))
        rows = {name: _matrix(weights, name, where) for name in _SIZED} | {
            "head": _matrix(weights, f"{HEADS[network]}.weight", where)
        }
        own = cls(
            network,
            input=rows["input_proj.weight"][1],
            output=rows["head"][0],
            width=rows["input_proj.weight"][0],
            heads=heads,
            layers=max(layers, default=-1) + 1,
            inner=rows["encoder.layers.0.linear1.weight"][0],
            strokes=rows["pos_embedding.weight"][0],
            final_norm=network == ONSETS or any(name.startswith("layer_norm.") for name in weights),
        )
        own.check(weights, where)
        return own

    @classmethod
    def from_config(cls, network: str, config: Mapping[str, Any], *, final_norm: bool = True) -> Sizes:
        """The sizes that a configuration of the original means; what it leaves out has the default.

        Raises `ArtefactError` for a setting that is unknown or no size.
        """
        words = dict(zip(WORDS[network], ("input", "output"), strict=True)) | SHARED
        unknown = [name for name in config if name not in words and name not in IGNORED]
        if unknown:
            raise ArtefactError(
                f"unknown setting {unknown[0]!r}", where=network, expected=near(unknown[0], words)
            )
        given = {words[name]: value for name, value in config.items() if name in words}
        return replace(cls.default(network, final_norm=final_norm), **given)

    @property
    def config(self) -> dict[str, Any]:
        """The sizes as the original's configuration has them."""
        inputs, outputs = WORDS[self.network]
        own = {inputs: self.input, outputs: self.output}
        every = asdict(self)
        return own | {name: every[mine] for name, mine in SHARED.items()}

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """{name: shape} of every weight, in the order of the module."""
        w, inner = self.width, self.inner
        found: dict[str, tuple[int, ...]] = {
            **_linear("input_proj", self.input, w),
            "pos_embedding.weight": (self.strokes, w),
        }
        for layer in range(self.layers):
            own = {
                "self_attn.in_proj_weight": (3 * w, w),
                "self_attn.in_proj_bias": (3 * w,),
                **_linear("self_attn.out_proj", w, w),
                **_linear("linear1", w, inner),
                **_linear("linear2", inner, w),
                **_norm("norm1", w),
                **_norm("norm2", w),
            }
            found |= {f"encoder.layers.{layer}.{name}": shape for name, shape in own.items()}
        if self.final_norm:
            found |= _norm("layer_norm", w)
        return found | _linear(HEADS[self.network], w, self.output)

    def check(self, weights: Mapping[str, Array], where: object = None) -> None:
        """Raise `ArtefactError` unless ``weights`` are those of a network of these sizes, all and no others."""
        shapes = self.shapes
        for name, shape in shapes.items():
            if name not in weights:
                raise ArtefactError(f"weight {name!r} is missing", where=where, fix=self._other(weights))
            if weights[name].shape != shape:
                raise ArtefactError(
                    f"weight {name!r} has another shape",
                    where=where,
                    found=weights[name].shape,
                    expected=shape,
                    fix=self._other(weights),
                )
        beyond = [name for name in weights if name not in shapes]
        if beyond:
            raise ArtefactError(
                f"{self.network} has no weight {beyond[0]!r}",
                where=where,
                found=f"{len(beyond)} such: {', '.join(beyond[:3])}",
                fix=self._other(weights),
            )

    def _other(self, weights: Mapping[str, Array]) -> str | None:
        """What to do where the weights are those of another network or form."""
        if (other := next((n for n, head in HEADS.items() if f"{head}.weight" in weights), None)) is None:
            return None
        if other != self.network:
            return f"these are weights of {other}"
        form = any(name.startswith("layer_norm.") for name in weights)
        return None if form == self.final_norm else f"these weights want final_norm={form}"


_SIZED = ("input_proj.weight", "pos_embedding.weight", "encoder.layers.0.linear1.weight")


def _matrix(weights: Mapping[str, Array], name: str, where: object) -> tuple[int, int]:
    if name not in weights:
        raise ArtefactError(f"weight {name!r} is missing", where=where)
    shape = weights[name].shape
    if len(shape) != 2:
        raise ArtefactError(f"weight {name!r} is no matrix", where=where, found=shape)
    return int(shape[0]), int(shape[1])


def _linear(name: str, source: int, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (width, source), f"{name}.bias": (width,)}


def _norm(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}
