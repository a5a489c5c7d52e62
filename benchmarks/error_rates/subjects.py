"""What the error rates are measured on: networks that are known to be sound, with inputs and who runs them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

import modelparity as mp
from modelparity.family import add_folder
from modelparity.inputs import LENGTHS, make, recipes
from modelparity.runtimes.onnxruntime import OnnxRuntime
from modelparity.runtimes.torch import Torch

Feeds = Mapping[str, np.ndarray]
#: Outputs in the order of the graph's.
Run = Callable[[Feeds], Sequence[np.ndarray]]
ROOT = Path(__file__).parents[2]


@dataclass
class Subject:
    """One network: ``graph`` is the reference, ``inputs`` makes its inputs of a seed, ``sound`` runs it in float32.

    ``wrong`` makes runs of candidates that are known to be wrong, all of which must be seen; ``seeds`` says how many
    inputs there are, ``more`` on how many others sound runs alone are judged, which costs little. ``weights`` is
    false where a weight times (1 + 1e-3) would be no fault. ``jumps``: what may go either way often goes the same way
    in all runs, so the floor over their errors means nothing.
    """

    group: str
    name: str
    graph: mp.Graph
    inputs: Callable[[int], Feeds]
    sound: dict[str, Run]
    wrong: Callable[[], dict[str, Run]] = dict
    seeds: int = 1
    more: int = 0
    weights: bool = True
    jumps: bool = False

    @cached_property
    def runs(self) -> dict[str, Run]:
        """The sound runs, and the engine's own in float32."""
        return {"engine": engine(self.graph), **self.sound}


@dataclass
class Module:
    """A torch module and its inputs by name, as the makers of this package give them."""

    group: str
    name: str
    module: Any
    inputs: Callable[[int], Feeds]
    others: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    seeds: int = 4
    more: int = 0
    export: bool = True
    weights: bool = True
    jumps: bool = False


def engine(graph: mp.Graph) -> Run:
    return lambda feeds: list(mp.run(graph, feeds, arithmetic="float32").values())


def torch_run(module: Any) -> Run:
    return lambda feeds: list(Torch().run(module, feeds).values())


def onnx_run(source: object, optimise: str = "all") -> Run:
    runtime = OnnxRuntime(threads=1, optimise=optimise)
    return lambda feeds: list(runtime.run(source, feeds).values())


def of_module(one: Module, folder: Path) -> Subject:
    """A module as a subject: read by modelparity, exported to ONNX by PyTorch where that can be."""
    example = one.inputs(0)
    graph = mp.load(one.module, example=example)
    sound = {"torch": torch_run(one.module)}
    if one.export and (path := exported(one, example, folder)):
        sound |= {f"onnxruntime, {level}": onnx_run(path, level) for level in ("all", "none")}
    sound |= {name: torch_run(other) for name, other in one.others.items()}
    wrong = {name: torch_run(other) for name, other in one.wrong.items()}
    return Subject(
        one.group,
        one.name,
        graph,
        one.inputs,
        sound,
        lambda: wrong,
        one.seeds,
        one.more,
        one.weights,
        one.jumps,
    )


def exported(one: Module, example: Feeds, folder: Path) -> Path | None:
    import torch

    path = folder / f"{abs(hash((one.group, one.name)))}.onnx"
    tensors = tuple(torch.from_numpy(a) for a in example.values())
    try:
        torch.onnx.export(
            one.module, tensors, str(path), dynamo=False, opset_version=17, input_names=list(example)
        )
    except Exception as error:  # the exporter has gaps; what it cannot write is not run by onnxruntime
        print(f"not exported: {one.name}: {type(error).__name__}", file=sys.stderr)
        return None
    return path


def families(whole: bool, folder: Path, groups: Sequence[str]) -> Iterator[Callable[[], Subject]]:
    """madmom's networks and the fixtures: all on every recipe, or one of each kind on two."""
    add_folder("fixtures", ROOT / "fixtures", alone=("crf",))
    for family in [name for name in ("madmom", "fixtures") if name in groups]:
        kinds = set()
        for model in mp.families()[family].models():
            kind = model.key.rstrip("0123456789")
            if not {"onnxruntime", "torch"} <= set(model.candidates) or (not whole and kind in kinds):
                continue
            kinds.add(kind)
            yield lambda model=model, family=family: _of_model(model, family, whole, folder)


def _of_model(model: Any, family: str, whole: bool, folder: Path) -> Subject:
    graph = model.load()
    names = recipes() if whole else ("noise", "features")
    own = [name for name in names if name not in LENGTHS or name == "noise"]
    path = mp.convert(graph, folder / f"{graph.hash}.onnx")
    module = mp.convert(graph, format="torch")
    length = None if whole else 60

    def inputs(seed: int) -> Feeds:
        if seed >= len(names):  # short ones, which cost little
            return make(graph, own[seed % len(own)], seed=seed, length=60)
        return make(graph, names[seed % len(names)], seed=seed, length=length if seed < 2 else None)

    sound = {"torch": torch_run(module), "onnxruntime, all": onnx_run(path)}
    return Subject(family, model.key, graph, inputs, sound, seeds=len(names), more=len(own))


def conformance(whole: bool) -> Iterator[Callable[[], Subject]]:
    """The architectures of the conformance tests: with eight sets of inputs, or a few with two."""
    from tests.conformance.torch.architectures import (
        ALL,  # found from the project's root, where this is started
    )

    for place, (name, one) in enumerate(ALL.items()):
        if whole or place % 6 == 0:
            yield lambda name=name, one=one: _of_architecture(name, one, 8 if whole else 2)


def _of_architecture(name: str, one: Any, seeds: int) -> Subject:
    module = one.make()
    example = {key: tensor.numpy() for key, tensor in one.example().items()}
    graph = mp.load(module, example=example)

    def inputs(seed: int) -> Feeds:
        if not seed:
            return example
        rng = np.random.default_rng(seed)
        return {
            key: rng.standard_normal(a.shape).astype(a.dtype) if a.dtype.kind == "f" and a.size > 1 else a
            for key, a in example.items()
        }

    return Subject("conformance", name, graph, inputs, {"torch": torch_run(module)}, seeds=seeds, more=16)
