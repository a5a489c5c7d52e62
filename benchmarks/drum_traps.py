"""Known mistakes in ports of SOUSA: how many are caught, placed and named.

Of pipelines: each mistake that a setting declares, for the recorded clips and tables of strokes (`benchmarks.traps`).
Of networks: PyTorch modules that compute something else, with the recorded weights, on the recorded performances.
Run it from the root of a checkout: ``python -m benchmarks.drum_traps [clips] [strokes] [onset] [inference]``.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_variable] = "1"

import argparse
import dataclasses
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from benchmarks.traps import measured, told
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional

import modelparity as mp
from modelparity_families.sousa import FAMILY
from modelparity_families.sousa.networks import Sizes, graph_of

ANCHORS = Path("tests/anchors/sousa")
CLIPS = ("buzz_roll_100_22050", "flam_accent_92_44100", "paradiddle_120_22050")
STAGES = ("onset_times", "onset_strengths", "tempo_bpm", "raw_onsets", "predicted_features")


@dataclasses.dataclass(frozen=True)
class Port:
    """What a port does otherwise than the original; as it stands here, nothing."""

    eps: float = 1e-5
    unbiased: bool = False
    norms: str = "own"  # "swapped": norm1 for norm2 and the other way round
    dropped: str = ""  # weights whose name ends so are 0, or 1 for gains
    positions: str = "from 0"
    activation: str = "relu"
    scale: float = 1 / 4
    norm_first: bool = False
    last_norm: str = "behind"
    pooled: str = "masked mean"
    mask: str = "padding"
    parts: str = "qkv"
    heads: str = "4 of 16"
    softmax_over: int = -1
    causal: bool = False
    layers: str = "in order"
    linear_biases: str = "own"
    weights: str = "float32"


#: {network: {mistake: (the port, faults of the catalogue that name it)}}
BOTH: dict[str, tuple[Port, tuple[str, ...]]] = {
    "epsilon 1e-6": (Port(eps=1e-6), ("epsilon-wrong",)),
    "epsilon 1e-12": (Port(eps=1e-12), ("epsilon-wrong",)),
    "epsilon 1e-3": (Port(eps=1e-3), ("epsilon-wrong",)),
    "unbiased variance": (Port(unbiased=True), ("norm-unbiased",)),
    "norm1 and norm2 swapped": (Port(norms="swapped"), ("weights-of-another-layer", "norm-swapped")),
    "in_proj bias dropped": (Port(dropped="in_proj_bias"), ("bias-dropped",)),
    "out_proj bias dropped": (Port(dropped="out_proj.bias"), ("bias-dropped",)),
    "gains dropped": (Port(dropped="norm1.weight"), ("norm-scale-or-shift-lost",)),
    "shifts dropped": (Port(dropped="norm2.bias"), ("norm-scale-or-shift-lost",)),
    "biases of another layer": (Port(linear_biases="of layer 0"), ("bias-of-another-layer",)),
    "positions left out": (Port(positions="none"), ("positions-dropped",)),
    "positions from 1": (Port(positions="from 1"), ("positions-shifted",)),
    "GELU for ReLU": (Port(activation="gelu"), ("activation-swapped",)),
    "scale 1/8": (Port(scale=1 / 8), ("attention-scale",)),
    "no scale": (Port(scale=1.0), ("attention-scale",)),
    "pre-norm": (Port(norm_first=True), ("pre-or-post-norm",)),
    "padding not shut": (Port(mask="none"), ("mask-dropped",)),
    "mask inverted": (Port(mask="inverted"), ("mask-inverted",)),
    "q and k swapped": (Port(parts="kqv"), ("query-key-value-permuted",)),
    "k and v swapped": (Port(parts="qvk"), ("query-key-value-permuted",)),
    "heads interleaved": (Port(heads="interleaved"), ("heads-interleaved",)),
    "one head of 64": (Port(heads="1 of 64"), ("head-count",)),
    "softmax over queries": (Port(softmax_over=-2), ("attention-over-queries",)),
    "causal": (Port(causal=True), ("causal-wrong",)),
    "layers reversed": (Port(layers="reversed"), ("layers-swapped",)),
    "last norm left out": (Port(last_norm="none"), ("norm-dropped",)),
    "float16 weights": (Port(weights="float16"), ()),
    "bfloat16 weights": (Port(weights="bfloat16"), ()),
}
CLASSIFIER: dict[str, tuple[Port, tuple[str, ...]]] = {
    "norm before pooling": (Port(last_norm="before"), ("norm-position", "pre-or-post-norm")),
    "mean of all positions": (Port(pooled="mean"), ("masked-mean-by-length",)),
    "first stroke pooled": (Port(pooled="first"), ("pooling-of-first",)),
    "largest pooled": (Port(pooled="largest"), ("reduction-swapped",)),
}


class Ported(nn.Module):
    """A network step by step, as a port writes it."""

    def __init__(self, port: Port, sizes: Sizes, weights: Mapping[str, Any]) -> None:
        super().__init__()
        self.port, self.sizes = port, sizes
        self.names = {name: name.replace(".", "_") for name in weights}
        for name, array in weights.items():
            value = torch.tensor(array)
            if port.dropped and name.endswith(port.dropped):
                value = torch.full_like(value, float(name.endswith("norm1.weight")))
            if port.weights != "float32":
                value = value.to(getattr(torch, port.weights)).float()
            self.register_buffer(self.names[name], value)

    def w(self, name: str) -> Tensor:
        found: Tensor = self.get_buffer(self.names[name])
        return found

    def encoded(self, x: Tensor, mask: Tensor) -> Tensor:
        port, count = self.port, x.shape[1]
        h = functional.linear(x, self.w("input_proj.weight"), self.w("input_proj.bias"))
        if port.positions != "none":
            first = int(port.positions == "from 1")
            h = h + self.w("pos_embedding.weight")[first : first + count]
        padding = mask == 0 if port.mask != "inverted" else mask != 0
        shut = padding[:, None, None, :]
        if port.mask == "none":
            shut = torch.zeros_like(shut)
        if port.causal:
            shut = shut | torch.ones(count, count, dtype=torch.bool).triu(1)
        order = range(self.sizes.layers)
        for layer in order if port.layers == "in order" else reversed(order):
            h = self.layer(h, shut, f"encoder.layers.{layer}")
        return h.masked_fill((mask == 0).unsqueeze(-1), 0.0) if port.pooled == "masked mean" else h

    def layer(self, h: Tensor, shut: Tensor, own: str) -> Tensor:
        first, second = ("norm1", "norm2") if self.port.norms == "own" else ("norm2", "norm1")
        if self.port.norm_first:
            h = h + self.attended(self.norm(h, f"{own}.{first}"), shut, own)
            return h + self.fed(self.norm(h, f"{own}.{second}"), own)
        h = self.norm(h + self.attended(h, shut, own), f"{own}.{first}")
        return self.norm(h + self.fed(h, own), f"{own}.{second}")

    def attended(self, h: Tensor, shut: Tensor, own: str) -> Tensor:
        port, width = self.port, self.sizes.width
        own = f"{own}.self_attn"
        packed = functional.linear(h, self.w(f"{own}.in_proj_weight"), self.w(f"{own}.in_proj_bias"))
        named = dict(zip(port.parts, packed.chunk(3, dim=-1), strict=True))
        heads = 1 if port.heads == "1 of 64" else self.sizes.heads
        q, k, v = (self.in_heads(named[one], heads) for one in "qkv")
        scores = (q @ k.transpose(-1, -2) * port.scale).masked_fill(shut, float("-inf"))
        mixed = scores.softmax(dim=port.softmax_over).nan_to_num() @ v
        if port.heads == "interleaved":
            mixed = mixed.permute(0, 2, 3, 1).reshape(*h.shape[:2], width)
        else:
            mixed = mixed.transpose(1, 2).reshape(*h.shape[:2], width)
        return functional.linear(mixed, self.w(f"{own}.out_proj.weight"), self.w(f"{own}.out_proj.bias"))

    def in_heads(self, x: Tensor, heads: int) -> Tensor:
        if self.port.heads == "interleaved":
            return x.reshape(*x.shape[:2], -1, heads).permute(0, 3, 1, 2)
        return x.reshape(*x.shape[:2], heads, -1).transpose(1, 2)

    def fed(self, h: Tensor, own: str) -> Tensor:
        biases = own if self.port.linear_biases == "own" else "encoder.layers.0"
        h = functional.linear(h, self.w(f"{own}.linear1.weight"), self.w(f"{biases}.linear1.bias"))
        h = functional.relu(h) if self.port.activation == "relu" else functional.gelu(h)
        return functional.linear(h, self.w(f"{own}.linear2.weight"), self.w(f"{biases}.linear2.bias"))

    def norm(self, h: Tensor, name: str) -> Tensor:
        gain, shift = self.w(f"{name}.weight"), self.w(f"{name}.bias")
        if not self.port.unbiased:
            return functional.layer_norm(h, (h.shape[-1],), gain, shift, self.port.eps)
        off = h - h.mean(-1, keepdim=True)
        variance = off.square().sum(-1, keepdim=True) / (h.shape[-1] - 1)
        return off / (variance + self.port.eps).sqrt() * gain + shift

    def last(self, h: Tensor) -> Tensor:
        return h if self.port.last_norm == "none" else self.norm(h, "layer_norm")


class Classifier(Ported):
    output_names = ("logits",)

    def forward(self, onset_features: Tensor, attention_mask: Tensor) -> Tensor:
        h, mask = self.encoded(onset_features, attention_mask), attention_mask.unsqueeze(-1)
        if self.port.last_norm == "before":
            h = self.norm(h, "layer_norm").masked_fill(mask == 0, 0.0)
        if self.port.pooled == "masked mean":
            h = (h * mask).sum(1) / mask.sum(1).clamp(min=1)
        else:
            h = {"mean": h.mean(1), "first": h[:, 0], "largest": h.amax(1)}[self.port.pooled]
        h = h if self.port.last_norm == "before" else self.last(h)
        return functional.linear(h, self.w("classifier.weight"), self.w("classifier.bias"))


class Inference(Ported):
    output_names = ("features",)

    def forward(self, raw_onsets: Tensor, attention_mask: Tensor) -> Tensor:
        h = self.last(self.encoded(raw_onsets, attention_mask))
        return functional.linear(h, self.w("output_proj.weight"), self.w("output_proj.bias"))


#: {recorded network: (the module of a port, its mistakes)}
PORTS: dict[str, tuple[type[Ported], dict[str, tuple[Port, tuple[str, ...]]]]] = {
    "onset": (Classifier, {**BOTH, **CLASSIFIER}),
    "inference": (Inference, BOTH),
}


def network(name: str, seconds: float) -> Counter[str]:
    """One network with every mistake: the verdict, and whether it is named."""
    count: Counter[str] = Counter()
    states, models = np.load(ANCHORS / "weights_trained.npz"), np.load(ANCHORS / "models.npz")
    kind, ports = PORTS[name]
    own = {key.partition("/")[2]: states[key] for key in states.files if key.startswith(f"{name}/")}
    sizes = Sizes.of(own)
    graph = graph_of(sizes, own)
    arrays = (models[f"{name}/real/input"], models[f"{name}/real/mask"])
    given = dict(zip((one.name for one in graph.inputs), arrays, strict=True))
    sound = mp.check(graph, kind(Port(), sizes, own), inputs=given)
    print(f"{name}: without a mistake {sound.band}, {sound.floors:.2g}", flush=True)
    for what, (port, faults) in ports.items():
        verdict = mp.check(graph, kind(port, sizes, own), inputs=given, explain=seconds)
        named = [cause.fault for cause in verdict.causes]
        count["made"] += 1
        if not faults:  # what rounding to fewer bits explains is "reduced", and has no cause
            count["caught"] += verdict.band == "reduced"
            count["named"] += (verdict.explained_by or "").startswith(port.weights)
        else:
            count["caught"] += verdict.band == "wrong"
            count["named"] += any(one in faults for one in named)
        count["placed"] += verdict.located is not None and verdict.located.known
        print(f"  {name} {what}: {verdict.band} {verdict.floors:.3g} {named}", flush=True)
    return count


def tables() -> Iterator[tuple[dict[str, Any], float]]:
    """The recorded tables of strokes, whose types are known, with their tempo."""
    recorded = np.load(ANCHORS / "encoding.npz")
    names = sorted({key.rpartition("/")[0] for key in recorded.files} - {"hand/unknown_type"})
    for name in names:
        own = {key.rpartition("/")[2]: recorded[key] for key in recorded.files if key.startswith(f"{name}/")}
        tempo = float(own.pop("tempo_bpm"))
        own.pop("features")
        yield own, tempo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help="clips, strokes, onset, inference; all without one")
    parser.add_argument("--explain", type=float, default=600.0)
    asked = parser.parse_args()
    parts = asked.parts or ["clips", "strokes", *PORTS]
    count: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        states = np.load(ANCHORS / "weights_trained.npz")
        for name, file in (("onset", "onset_transformer"), ("inference", "feature_inference")):
            own = {key.partition("/")[2]: states[key] for key in states.files if key.startswith(f"{name}/")}
            save_file(own, Path(folder) / f"{file}.safetensors")
        os.environ["MODELPARITY_SOUSA"] = folder
        if "clips" in parts:
            pipeline = FAMILY.pipelines()["rudiment"]
            for name in CLIPS:
                clip = np.load(ANCHORS / "clips" / f"{name}.npz")
                given = {"audio": clip["audio"], "rate": int(clip["sample_rate"])}
                for stage in STAGES:
                    measured(pipeline, given, stage, count, asked.explain)
            print(f"clips: {told(count)}", flush=True)
        if "strokes" in parts:
            count = Counter()
            pipeline = FAMILY.pipelines()["strokes"]
            for table, tempo in tables():
                measured(pipeline, {"strokes": table, "tempo": tempo}, "features", count, asked.explain)
            print(f"strokes: {told(count)}", flush=True)
        for name in PORTS:
            if name in parts:
                print(f"{name}: {told(network(name, asked.explain))}", flush=True)


if __name__ == "__main__":
    main()
